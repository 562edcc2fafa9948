"""The folder that an organiser publishes: brought up to date without a reader seeing it half done.

Months have names of their own and are written before the indexes that name them; each file is
replaced in one step. Losing power at any moment leaves a feed that is whole, the old or the
new. Only files that a feed can have are ever deleted. Everything here blocks.
"""

from collections.abc import Iterator, Mapping, Set as AbstractSet
from contextlib import suppress
from datetime import datetime, timedelta
import gzip
import os
from pathlib import Path
import re
from typing import Final

from ..engine.errors import AccError

KEPT_FOR: Final = timedelta(days=1)
"""How long a month stays that no index names any more: homes read an index once an hour, and
a cache on the way may keep it for some more."""
MEMBERS: Final = "members"
PACKED: Final = ".gz"
"""Beside each document that everybody may read: a web server hands it out as it lies there."""
DRAFT: Final = ".draft"

_OURS: Final = re.compile(
    r"(?:operation|aggregates|forecast|aggregates-20\d\d-\d\d(?:\.[0-9a-f]{16})?)\.json(?:\.gz)?"
    r"|members/[0-9a-f]{32}/(?:index|20\d\d-\d\d(?:\.[0-9a-f]{16})?)\.acc"
)
"""Paths under the folder that a feed can have."""


class FolderError(AccError):
    """A folder that cannot be published into, in the words of the system."""


def publish_into(
    folder: Path,
    written: Mapping[str, bytes],
    paths: AbstractSet[str],
    replaced: AbstractSet[str],
    now: datetime,
) -> None:
    """Write these files, then delete what is not of the feed's paths any more.

    What a member had who has none any more goes at once; a month that was replaced, after
    KEPT_FOR. Raises FolderError.
    """
    try:
        for path in _packed_too(replaced):
            # A file's time says from then on when it was replaced, not when it was written.
            with suppress(FileNotFoundError):
                os.utime(folder / path, (now.timestamp(),) * 2, follow_symlinks=False)
        for path, body in written.items():
            _write(folder, path, body)
            if path.endswith(".json"):
                # Without a time in it: the same content packs into the same bytes.
                _write(folder, f"{path}{PACKED}", gzip.compress(body, mtime=0))
        _tidy(folder, paths, now)
    except OSError as error:
        raise _refused(error) from error


def lost_from(folder: Path, paths: AbstractSet[str]) -> frozenset[str]:
    """Which of these paths do not lie in the folder. Raises FolderError."""
    try:
        there = set(_ours(folder)) if folder.is_dir() else set()
    except OSError as error:
        raise _refused(error) from error
    return frozenset(paths - there)


def clear(folder: Path, now: datetime) -> None:
    """Delete all of a feed that lies in a folder. Raises FolderError."""
    if folder.is_dir():
        publish_into(folder, {}, frozenset(), frozenset(), now)


def _refused(error: OSError) -> FolderError:
    return FolderError(error.strerror or type(error).__name__)


def _write(folder: Path, path: str, body: bytes) -> None:
    """Replace in one step: a reader meets the old content or the new, never a part."""
    target = folder / path
    _make_folders(folder, target.parent)
    draft = target.with_name(f".{target.name}{DRAFT}")
    draft.unlink(missing_ok=True)
    # Made anew and never followed: whoever could lay a link here would choose what is written.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(target)


def _make_folders(folder: Path, wanted: Path) -> None:
    """Make the folders down to that one; refuse to go through a link."""
    for part in (
        *reversed(wanted.relative_to(folder).parents),
        wanted.relative_to(folder),
    ):
        each = folder / part
        if each != folder and each.is_symlink():
            raise NotADirectoryError(0, "a link stands where a folder should")
        each.mkdir(exist_ok=True, parents=each == folder)


def _packed_too(paths: AbstractSet[str]) -> AbstractSet[str]:
    """These, and what lies packed beside them."""
    return paths | {f"{path}{PACKED}" for path in paths if path.endswith(".json")}


def _tidy(folder: Path, paths: AbstractSet[str], now: datetime) -> None:
    wanted = _packed_too(paths)
    homes = {path.rpartition("/")[0] for path in paths}
    for path in list(_ours(folder)):
        if path in wanted:
            continue
        home, _, name = path.rpartition("/")
        age = now.timestamp() - (folder / path).lstat().st_mtime
        is_draft = name.endswith(DRAFT)
        if is_draft or home not in homes or age > KEPT_FOR.total_seconds():
            (folder / path).unlink()
    members = folder / MEMBERS
    for place in _folders(members):
        if f"{MEMBERS}/{place.name}" not in homes and not any(place.iterdir()):
            place.rmdir()
    if members in _folders(folder) and not any(members.iterdir()):
        members.rmdir()


def _ours(folder: Path) -> Iterator[str]:
    """Paths of the files that a feed can have, and of their drafts; links are none."""
    for place in (folder, *_folders(folder / MEMBERS)):
        for file in place.iterdir():
            meant = file
            if file.name.startswith(".") and file.name.endswith(DRAFT):
                meant = file.with_name(file.name[1:].removesuffix(DRAFT))
            is_ours = _OURS.fullmatch(meant.relative_to(folder).as_posix())
            if is_ours and not file.is_symlink() and file.is_file():
                yield file.relative_to(folder).as_posix()


def _folders(members: Path) -> list[Path]:
    if not members.is_dir() or members.is_symlink():
        return []
    return [one for one in members.iterdir() if one.is_dir() and not one.is_symlink()]
