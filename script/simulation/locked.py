"""An archive with a password, as the grid operator sends a month: the older kind, ZipCrypto.

Python opens such archives and writes none. It protects nobody: it is here to be read.
"""

import io
import struct
from typing import Final
import zipfile
import zlib

BEGIN: Final = b"\x01" * 11
"""Stands before what is locked; another program draws it at random."""
_ALL: Final = 0xFFFFFFFF


class _Keys:
    """The three keys of ZipCrypto, as PKWARE's note on the format has them."""

    def __init__(self, password: str) -> None:
        self.keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password.encode():
            self._update(byte)

    def _update(self, byte: int) -> None:
        first, second, third = self.keys
        first = _crc(first, byte)
        second = (second + (first & 0xFF)) * 134775813 + 1 & _ALL
        self.keys = [first, second, _crc(third, second >> 24)]

    def lock(self, content: bytes) -> bytes:
        """The content as it stands in the archive."""
        locked = bytearray()
        for byte in content:
            mask = self.keys[2] | 2
            locked.append(byte ^ (mask * (mask ^ 1) >> 8 & 0xFF))
            self._update(byte)
        return bytes(locked)


def _crc(crc: int, byte: int) -> int:
    """CRC-32 of one more byte, without the turning of bits before and after."""
    return zlib.crc32(bytes([byte]), crc ^ _ALL) ^ _ALL


def locked(name: str, content: bytes, password: str) -> bytes:
    """An archive of one file, locked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, content)
    plain = file.getvalue()
    info = zipfile.ZipFile(io.BytesIO(plain)).getinfo(name)
    data = _Keys(password).lock(BEGIN + struct.pack("<B", info.CRC >> 24) + content)
    at = plain.index(content)
    after = bytearray(plain[at + len(content) :])
    head = bytearray(plain[:at])
    for header, flags, size in ((head, 6, 18), (after, 8, 20)):
        struct.pack_into("<H", header, flags, 1)
        struct.pack_into("<L", header, size, len(data))
    struct.pack_into("<L", after, len(after) - 6, len(head) + len(data))
    return bytes(head + data + after)
