"""TIC mode historique: the frames a Linky writes on its customer port.

Source: Enedis-NOI-CPT_54E v3. A frame is STX, groups, ETX; a group is
`LF LABEL SP VALUE SP CHECKSUM CR`.
"""

from collections.abc import Mapping

STX, ETX = b"\x02", b"\x03"


def frame(labels: Mapping[str, str]) -> bytes:
    """One whole frame, its groups in the order of the labels."""
    groups = (_group(label, value) for label, value in labels.items())
    return STX + b"".join(groups) + ETX


def _group(label: str, value: str) -> bytes:
    """One group with its checksum."""
    body = f"{label} {value}".encode("ascii")
    return b"\n" + body + b" " + checksum(body) + b"\r"


def checksum(body: bytes) -> bytes:
    """Six low bits of the sum over label, space and value, moved to printable characters.

    The separator before the checksum does not count in mode historique.
    """
    return bytes([(sum(body) & 0x3F) + 0x20])
