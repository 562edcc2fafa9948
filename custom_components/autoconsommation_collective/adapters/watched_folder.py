"""A folder that files of settlements are put into: what lies in it, read with care; blocking."""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import os
from pathlib import Path
import stat
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from .delivered_file import MAX_READ

ID_LENGTH: Final = 8
"""Characters of an entry's id that are random enough to tell a house's entries apart."""
TEMPORARY: Final = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart")
"""How names end while a file is on its way."""

type Mark = tuple[int, int, int]
"""Inode, size and time of the last change: a file that keeps them stood still."""


def folder_of(hass: HomeAssistant, entry: ConfigEntry) -> Path:
    """The folder of an entry; its name tells nobody's delivery point."""
    return Path(hass.config.path(DOMAIN, entry.entry_id[-ID_LENGTH:].lower()))


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that stood still, as it was read."""

    name: str
    mark: Mark
    body: bytes = b""
    digest: str = ""
    """Of its content; empty where it is refused unread."""
    problem: str | None = None
    """Key of the sentence that says why it is refused unread."""


@dataclass(frozen=True, slots=True)
class Look:
    """What lies in the folder; nothing of it is read, whose files may be many and large."""

    marks: Mapping[str, Mark]
    still: tuple[str, ...]
    """Names of those that stood still since the last look and have not been seen to, in order."""


def look(folder: Path, before: Mapping[str, Mark], done: Mapping[str, Mark]) -> Look:
    """Look into the folder. Raises OSError where it cannot be read.

    `before` is what the last look saw, `done` which files need no further reading.
    """
    marks = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_on_its_way(entry.name):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone in between
                continue
            if stat.S_ISREG(status.st_mode):
                marks[entry.name] = _mark(status)
    still = (n for n, m in sorted(marks.items()) if before.get(n) == m != done.get(n))
    return Look(marks, tuple(still))


def _is_on_its_way(name: str) -> bool:
    """Whether it is hidden, or named as what is written just now."""
    return (
        name.startswith((".", "~$"))
        or name.endswith("~")
        or name.lower().endswith(TEMPORARY)
    )


def _mark(found: os.stat_result) -> Mark:
    return found.st_ino, found.st_size, found.st_mtime_ns


def read_still(path: Path, mark: Mark) -> FoundFile | None:
    """The file, where it is still the one that was looked at when it has been read; else None."""
    if mark[1] >= MAX_READ:
        return FoundFile(path.name, mark, problem="too_large")
    try:
        # A link, or a pipe, that took its place is neither followed nor waited for.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as stream:
            if _mark(os.fstat(number)) != mark:
                return None
            body = stream.read(MAX_READ)
            if _mark(os.fstat(number)) != mark or len(body) != mark[1]:
                return None
    except FileNotFoundError:
        return None
    except OSError:
        return FoundFile(path.name, mark, problem="not_readable")
    return FoundFile(path.name, mark, body, hashlib.sha256(body).hexdigest())
