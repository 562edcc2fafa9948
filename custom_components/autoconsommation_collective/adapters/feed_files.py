"""Files of a published folder, read without ever following a link. Everything here blocks."""

from dataclasses import dataclass
import os
from pathlib import Path
import stat
from typing import Final

MAX_BYTES: Final = 16 * 1024 * 1024
"""Somewhat more than a home reads of a document: a larger file is none of a feed."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A file as it lies there."""

    body: bytes
    etag: str
    """Changes whenever the file does."""


def read_feed_file(folder: Path, path: str) -> FeedFile | None:
    """A regular file below the folder; None where there is none, or only behind a link."""
    *parents, name = path.split("/")
    opened: list[int] = []
    try:
        opened.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
        for parent in parents:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            opened.append(os.open(parent, flags, dir_fd=opened[-1]))
        # A pipe would be waited for when it is opened.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        opened.append(os.open(name, flags, dir_fd=opened[-1]))
        found = os.fstat(opened[-1])
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
            return None
        with os.fdopen(opened.pop(), "rb") as stream:
            body = stream.read(MAX_BYTES)
        return FeedFile(body, f'"{found.st_mtime_ns:x}-{found.st_size:x}"')
    except OSError:
        return None
    finally:
        for handle in opened:
            os.close(handle)
