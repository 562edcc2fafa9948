"""How a member's documents are sealed and where they lie (`docs/PMO_FEED.md`, "Sealing").

A static host checks nobody, so the bytes themselves are safe anywhere: path and keys derive
from the member's token, which never leaves the organiser and the home.
"""

import base64
from dataclasses import dataclass, field
from functools import lru_cache
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import DocumentError, Problem
from .names import is_sealed

MAGIC = b"ACC1"
_TOKEN_BYTES = 32
_NONCE_BYTES = 12
"""The nonce length every AES-GCM library takes."""


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """What a token gives: one derivation per use, so that none tells about another.

    An organiser keeps these and not the token: they suffice to publish, and to nothing else.
    """

    path: str
    """Folder of the member's documents under `members/`, 32 hexadecimal digits."""
    key: bytes = field(repr=False)
    nonce_key: bytes = field(repr=False)

    def seal(self, name: str, plaintext: bytes) -> bytes:
        """Seal a document under its name, such as `index.acc`.

        The same plaintext gives the same bytes, so publishing again changes nothing on the host.
        """
        bound = _bound(name)
        nonce = hmac.digest(self.nonce_key, bound + plaintext, hashlib.sha256)[
            :_NONCE_BYTES
        ]
        return MAGIC + nonce + AESGCM(self.key).encrypt(nonce, plaintext, bound)

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """Open a sealed document; DocumentError when token, name or any byte is not right."""
        start = len(MAGIC) + _NONCE_BYTES
        nonce = sealed[len(MAGIC) : start]
        if not sealed.startswith(MAGIC) or len(nonce) < _NONCE_BYTES:
            raise DocumentError(name, Problem.CANNOT_UNSEAL)
        try:
            return AESGCM(self.key).decrypt(nonce, sealed[start:], _bound(name))
        except InvalidTag:
            raise DocumentError(name, Problem.CANNOT_UNSEAL) from None


def new_token() -> str:
    """A fresh member token: 32 random bytes, base64url, 43 characters."""
    return _encode(secrets.token_bytes(_TOKEN_BYTES))


def is_token(text: str) -> bool:
    """Whether the text is a whole token in its one canonical spelling."""
    try:
        decoded = _decode(text)
    except ValueError:
        return False
    return len(decoded) == _TOKEN_BYTES and _encode(decoded) == text


def member_path(token: str) -> str:
    """Folder of the member's documents under `members/`, 32 hexadecimal digits."""
    return member_keys(token).path


def seal(token: str, name: str, plaintext: bytes) -> bytes:
    """Seal a document for the member with that token."""
    return member_keys(token).seal(name, plaintext)


def unseal(token: str, name: str, sealed: bytes) -> bytes:
    """Open a document of the member with that token; raises as `MemberKeys.unseal`."""
    return member_keys(token).unseal(name, sealed)


@lru_cache(maxsize=8)
def member_keys(token: str) -> MemberKeys:
    """Derive path and keys; kept, because each page of a home asks for the same."""
    secret = _decode(token)
    return MemberKeys(
        path=_derive(secret, "path", 16).hex(),
        key=_derive(secret, "key", 32),
        nonce_key=_derive(secret, "nonce", 32),
    )


def _bound(name: str) -> bytes:
    """What the seal also covers, so that a host cannot swap two files of one member.

    No such text is the beginning of another: joined with a plaintext it stays unambiguous.
    """
    if not is_sealed(name):
        raise ValueError(f"not the name of a sealed document: {name}")
    return f"acc-feed 1 {name}\n".encode()


def _derive(secret: bytes, use: str, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869) without salt."""
    return HKDF(SHA256(), length, salt=None, info=f"acc-feed 1 {use}".encode()).derive(
        secret
    )


def _encode(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _decode(token: str) -> bytes:
    return base64.b64decode(f"{token}=", altchars=b"-_", validate=True)
