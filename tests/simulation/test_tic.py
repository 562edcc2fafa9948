"""The frames, held to the rule and to the decoder that Home Assistant's teleinfo uses."""

from hypothesis import given, strategies as st
import pytest
from teleinfo import decode

from script.simulation import tic

LABELS = st.from_regex(r"[A-Z][A-Z0-9]{1,7}", fullmatch=True)
VALUES = st.from_regex(r"[0-9A-Z.]{1,12}", fullmatch=True)


@given(st.dictionaries(LABELS, VALUES, min_size=1, max_size=12))
def test_decoder_reads_back_what_was_framed(labels: dict[str, str]) -> None:
    """Any labels and values survive framing."""
    assert decode(tic.frame(labels)) == labels


@given(LABELS, VALUES)
def test_checksum_is_printable_and_ignores_order_of_characters(
    label: str, value: str
) -> None:
    """The checksum stays in 0x20..0x5F; it is a sum, so reversing changes nothing."""
    body = f"{label} {value}".encode()
    assert 0x20 <= tic.checksum(body)[0] <= 0x5F
    assert tic.checksum(body) == tic.checksum(body[::-1])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # 80 + 65 + 80 + 80 + 32 + 4 * 48 + 49 = 578 = 9 * 64 + 2; 2 + 32 is a quotation mark.
        pytest.param(b"PAPP 00010", b'"', id="10 VA"),
        # 66 + 65 + 83 + 69 + 32 + 9 * 48 = 747 = 11 * 64 + 43; 43 + 32 is K.
        pytest.param(b"BASE 000000000", b"K", id="new meter"),
    ],
)
def test_checksum_by_hand(body: bytes, expected: bytes) -> None:
    """Sums worked out by hand."""
    assert tic.checksum(body) == expected


def test_frame_byte_for_byte() -> None:
    """Separators stand where a meter puts them."""
    assert tic.frame({"PAPP": "00010"}) == b'\x02\nPAPP 00010 "\r\x03'
