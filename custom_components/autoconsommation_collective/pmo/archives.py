"""Unpack archives: their files one by one, with limits, and nothing ever written anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
import io
import struct
from typing import IO, Final, override
import zipfile
import zlib

from .delivery_errors import DeliveryError, DeliveryProblem

MAX_BYTES: Final = 50_000_000
"""Of a file, and of any part that is read as a whole."""
MAX_UNPACKED: Final = 500_000_000
"""Of all parts together: tables of text are read line by line."""
MOST_UNPACKED: Final = 40
"""Times the size of the whole: curves give 5 to 15, archives made to do harm a thousand."""
ALWAYS_UNPACKED: Final = 10_000_000
"""What a small archive may give whatever its size."""
MAX_DEPTH: Final = 3
"""Archives within archives: mails have two."""

_MAX_DIRECTORY = 500_000
"""Bytes of an archive's list of parts: some thousand of them."""
_ENCRYPTED = 0x1
_STRONGLY = 0x40
_AES = 99


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive."""

    name: str
    """Without its folder."""
    path: str
    """As the archive has it."""
    size: int
    """Of its content, in bytes."""
    open: Callable[[], IO[bytes]]
    """Opens the content; reading raises DeliveryError."""


class Limit:
    """How much may still be unpacked of one file, archives in archives included."""

    def __init__(self, file: str, n_bytes: int) -> None:
        """Begin with what a file of that size may hold."""
        self.file = file
        self.left = min(MAX_UNPACKED, max(ALWAYS_UNPACKED, MOST_UNPACKED * n_bytes))

    def take(self, n_bytes: int) -> None:
        """Count a part; raise DeliveryError where that is more than may be."""
        self.left -= n_bytes
        if self.left < 0:
            raise DeliveryError(DeliveryProblem.UNPACKS_TOO_LARGE, file=self.file)


def is_archive(body: bytes) -> bool:
    """Whether the bytes begin as an archive does; a workbook is one too."""
    return body.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def parts(file: str, body: bytes, password: str | None, limit: Limit) -> list[Part]:
    """The files of an archive, in its order. Raises DeliveryError, also as they are read."""
    if _directory_bytes(body) > _MAX_DIRECTORY:
        raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=file)
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
    except NotImplementedError:
        # By a version of the format that the library does not know.
        raise DeliveryError(DeliveryProblem.PACKED_OTHERWISE, file=file) from None
    except _BROKEN:
        raise DeliveryError(DeliveryProblem.NOT_AN_ARCHIVE, file=file) from None
    return list(_parts(file, archive, password, limit))


def opened(part: Part) -> IO[bytes]:
    """The content of a part that is no table of text. Raises DeliveryError, also as it is read."""
    if part.size > MAX_BYTES:
        raise DeliveryError(DeliveryProblem.TOO_LARGE, file=part.name)
    return part.open()


def whole(part: Part) -> bytes:
    """The content of a part that has to be read as a whole. Raises DeliveryError."""
    with opened(part) as stream:
        return stream.read()


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, struct.error)
"""What the library raises on bytes that are no archive, or are damaged."""


def _directory_bytes(body: bytes) -> int:
    """The size of the list of parts, which is read before anything else."""
    at = len(body) - 22
    if body[at : at + 4] != b"PK\x05\x06" or body[-2:] != b"\0\0":
        at = body.rfind(b"PK\x05\x06")
    if at < 0 or len(body) < at + 16:
        return 0
    if body[max(at - 20, 0) : at].startswith(b"PK\x06\x07"):
        # The form for archives of more than 4 GB tells the size elsewhere.
        return _MAX_DIRECTORY + 1
    return int.from_bytes(body[at + 12 : at + 16], "little")


def _parts(
    file: str, archive: zipfile.ZipFile, password: str | None, limit: Limit
) -> Iterator[Part]:
    for info in archive.infolist():
        path = info.filename.replace("\\", "/")
        folders = path.split("/")
        if ".." in folders or path.startswith("/") or ":" in folders[0]:
            raise DeliveryError(DeliveryProblem.NAME_UNSAFE, file=file, found=path)
        name = folders[-1]
        if not name or name.startswith(".") or folders[0] == "__MACOSX":
            continue
        if info.flag_bits & _STRONGLY or info.compress_type == _AES:
            raise DeliveryError(DeliveryProblem.LOCKED_BY_AES, file=file)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DeliveryError(DeliveryProblem.PACKED_OTHERWISE, file=file)
        if info.flag_bits & _ENCRYPTED and not password:
            raise DeliveryError(DeliveryProblem.PASSWORD_NEEDED, file=file)
        # What a part tells to be its size is the most that is ever unpacked of it.
        limit.take(info.file_size)
        yield Part(name, path, info.file_size, _opener(file, archive, info, password))


def _opener(
    file: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: str | None
) -> Callable[[], IO[bytes]]:
    is_locked = bool(info.flag_bits & _ENCRYPTED)

    def open_part() -> IO[bytes]:
        try:
            stream = archive.open(info, pwd=password.encode() if password else None)
        except NotImplementedError:
            # As patches are packed. The library's error is a RuntimeError, too.
            raise DeliveryError(DeliveryProblem.PACKED_OTHERWISE, file=file) from None
        except RuntimeError:
            raise DeliveryError(DeliveryProblem.PASSWORD_WRONG, file=file) from None
        except _BROKEN:
            raise DeliveryError(DeliveryProblem.NOT_AN_ARCHIVE, file=file) from None
        return io.BufferedReader(_Unpacking(file, stream, is_locked=is_locked))

    return open_part


class _Unpacking(io.RawIOBase):
    """The content of a part, whose faults are told in our types."""

    def __init__(self, file: str, stream: IO[bytes], *, is_locked: bool) -> None:
        self._stream = stream
        # One wrong password in 256 is only noticed by what comes out.
        self._problem = (
            DeliveryProblem.PASSWORD_WRONG
            if is_locked
            else DeliveryProblem.NOT_AN_ARCHIVE
        )
        self._file = file

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            content = self._stream.read(len(view))
        except _BROKEN:
            raise DeliveryError(self._problem, file=self._file) from None
        view[: len(content)] = content
        return len(content)
