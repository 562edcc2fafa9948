"""The seal: opens with the right token and name only, and says nothing else."""

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.pmo.errors import (
    DocumentError,
    Problem,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    MAGIC,
    is_token,
    member_path,
    new_token,
    seal,
    unseal,
)

from .conftest import TOKEN

NAMES = st.sampled_from(["index.acc", "2026-10.acc", "2026-11.acc"])


@given(name=NAMES, plaintext=st.binary(max_size=500))
def test_unseal_gives_back_what_was_sealed(name: str, plaintext: bytes) -> None:
    """For every name and content."""
    assert unseal(TOKEN, name, seal(TOKEN, name, plaintext)) == plaintext


@given(name=NAMES, plaintext=st.binary(max_size=500))
def test_sealing_again_gives_the_same_bytes(name: str, plaintext: bytes) -> None:
    """So that publishing again changes nothing on the host."""
    assert seal(TOKEN, name, plaintext) == seal(TOKEN, name, plaintext)


@given(st.lists(st.tuples(NAMES, st.binary(max_size=20)), unique=True))
def test_no_nonce_serves_two_documents(documents: list[tuple[str, bytes]]) -> None:
    """The one thing AES-GCM does not forgive."""
    nonces = {seal(TOKEN, *document)[len(MAGIC) :][:12] for document in documents}
    assert len(nonces) == len(documents)


def test_changing_any_byte_breaks_the_seal() -> None:
    """Magic, nonce, content and tag alike."""
    sealed = seal(TOKEN, "index.acc", b'{"role": "consumer"}')
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(DocumentError, match="cannot_unseal: index.acc"):
            unseal(TOKEN, "index.acc", bytes(changed))


def test_cutting_off_breaks_the_seal() -> None:
    """At any length."""
    sealed = seal(TOKEN, "index.acc", b'{"role": "consumer"}')
    for length in range(len(sealed)):
        with pytest.raises(DocumentError) as caught:
            unseal(TOKEN, "index.acc", sealed[:length])
        assert caught.value.problem is Problem.CANNOT_UNSEAL


@pytest.mark.parametrize(
    ("token", "name"),
    [
        pytest.param(TOKEN, "2026-09.acc", id="file swapped"),
        pytest.param(new_token(), "2026-10.acc", id="other member"),
    ],
)
def test_seal_opens_for_one_member_and_one_name(token: str, name: str) -> None:
    """A host cannot swap files."""
    sealed = seal(TOKEN, "2026-10.acc", b"{}")
    with pytest.raises(DocumentError, match="cannot_unseal"):
        unseal(token, name, sealed)


def test_public_document_is_never_sealed() -> None:
    """A wrong name is the publisher's mistake, told at once."""
    with pytest.raises(ValueError, match="not the name of a sealed document"):
        seal(TOKEN, "operation.json", b"{}")


def test_new_tokens_are_whole_and_differ() -> None:
    """And so do the paths they lead to."""
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == len({member_path(token) for token in tokens}) == 100
    assert all(is_token(token) for token in tokens)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(TOKEN[:-1], id="a character short"),
        pytest.param(TOKEN + "A", id="a character long"),
        pytest.param(TOKEN + "=", id="padded"),
        pytest.param(TOKEN[:-1] + "9", id="bits beyond the last byte"),
        pytest.param("+" + TOKEN[1:], id="of the other base64"),
        pytest.param("é" + TOKEN[1:], id="a letter with accent"),
    ],
)
def test_token_has_one_spelling(text: str) -> None:
    """So a slip of one character is noticed."""
    assert is_token(TOKEN)
    assert not is_token(text)
