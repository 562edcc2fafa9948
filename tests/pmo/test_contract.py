"""What docs/PMO_FEED.md tells outsiders is what the code does."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
import re

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from jsonschema import Draft202012Validator
import pytest

from custom_components.autoconsommation_collective.pmo.errors import Problem
from custom_components.autoconsommation_collective.pmo.invitation import (
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.sealing import member_path, seal

from .conftest import TOKEN, read

CONTRACT = (Path(__file__).parents[2] / "docs" / "PMO_FEED.md").read_text()
EXAMPLES = {
    json.loads(text)["document"]: text
    for text in re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL)
}
VECTOR = dict(
    re.findall(r"^(\w+(?: key|\.acc)?) +([0-9a-f]{32,})$", CONTRACT, re.MULTILINE)
)


def test_every_kind_of_document_has_its_example() -> None:
    """An outsider can begin by copying."""
    assert list(EXAMPLES) == [
        "operation",
        "aggregates",
        "aggregates_month",
        "forecast",
        "member",
        "member_month",
        "need",
    ]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_example_is_read_and_passes_schema(
    kind: str, schema: Draft202012Validator
) -> None:
    """The examples are held to the contract they explain."""
    document = json.loads(EXAMPLES[kind])
    schema.validate(document)
    read(f"{kind}.{document.get('month', '')}", EXAMPLES[kind].encode())


@pytest.mark.parametrize("problem", Problem)
def test_every_refusal_is_explained(problem: Problem) -> None:
    """Each word a member may be shown stands in the table."""
    assert f"\n| `{problem}` | " in CONTRACT


def test_invitation_of_the_contract_is_understood() -> None:
    """The line shown is one that works."""
    text = next(
        line for line in CONTRACT.splitlines() if line.endswith(f"#acc={TOKEN}")
    )
    assert parse_invitation(text).token == TOKEN


def test_vectors_of_the_contract_are_what_the_code_gives() -> None:
    """Another implementation can test itself against them."""
    assert VECTOR["path"] == member_path(TOKEN)
    assert VECTOR["index.acc"] == seal(TOKEN, "index.acc", b"{}").hex()


def hkdf(secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256 and no salt, for at most one block."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)[:length]


def test_vectors_follow_from_the_words_of_the_contract_alone() -> None:
    """A second implementation, written from the table, agrees."""
    secret = base64.urlsafe_b64decode(TOKEN + "=")
    key, nonce_key = (
        hkdf(secret, b"acc-feed 1 key", 32),
        hkdf(secret, b"acc-feed 1 nonce", 32),
    )
    bound = b"acc-feed 1 index.acc\n"
    nonce = hmac.digest(nonce_key, bound + b"{}", hashlib.sha256)[:12]
    sealed = b"ACC1" + nonce + AESGCM(key).encrypt(nonce, b"{}", bound)
    assert {
        "path": hkdf(secret, b"acc-feed 1 path", 16).hex(),
        "key": key.hex(),
        "nonce key": nonce_key.hex(),
        "index.acc": sealed.hex(),
    } == VECTOR
