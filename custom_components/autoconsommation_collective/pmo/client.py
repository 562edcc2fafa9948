"""Fetch the documents of a feed over HTTP: bytes, never their meaning."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession
from aiohttp.hdrs import ETAG, IF_NONE_MATCH, LOCATION

from . import names
from .errors import AccessRefused, DocumentError, FeedUnavailable, Problem
from .fields import MAX_BYTES
from .invitation import Invitation, is_loopback, is_secure
from .polling import retry_after
from .sealing import member_path, seal, unseal

TIMEOUT = timedelta(seconds=30)
"""For one document, redirects included: a slow static host needs a few seconds."""

MAX_REDIRECTS = 5
"""To TLS, to the bare name, to www, to a storage host; a fifth to spare."""

_MAX_ETAG = 256
"""A longer one is not kept; the document is then sent whole each time."""

_REFUSALS = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""What a host answers for what it does not have or hand out, so also for the index of a member
whose token was revoked; a static host knows 404 alone, an object store 403."""

_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class Fetched(NamedTuple):
    """A document as it is now."""

    body: bytes | None
    """Unsealed; None where it is still the one the given ETag stands for."""
    etag: str | None
    """To give with the next fetch, so that an unchanged document is not sent again."""


class FeedClient:
    """Fetches the documents of one feed for one member."""

    def __init__(
        self,
        session: ClientSession,
        invitation: Invitation,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        """Take a session that verifies certificates, as sessions do unless told not to."""
        self._session = session
        self._invitation = invitation
        self._timeout = timeout

    async def fetch(
        self, name: str, etag: str | None = None, *, digest: str | None = None
    ) -> Fetched:
        """Fetch a document by its name, and its digest where it lies under that as well.

        A member's own comes unsealed.

        Raises AccessRefused where the member's index is refused, FeedUnavailable where a
        later try may succeed, DocumentError where the answer is too large or not sealed
        for this member.
        """
        url = self._address(name, digest)
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                fetched = await self._follow(name, url, etag)
        except (ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
        else:
            if fetched.body is None or not names.is_sealed(name):
                return fetched
            return fetched._replace(
                body=unseal(self._invitation.token, name, fetched.body)
            )
        # Out of the handler: the cause holds the address, and with it the member's path.
        raise FeedUnavailable(name, reason)

    async def hand_in(self, name: str, document: bytes) -> None:
        """Give the organiser a document of this member's, sealed under its name.

        To the feed's own address and nowhere else. Raises FeedUnavailable unless it is taken.
        """
        try:
            async with (
                asyncio.timeout(self._timeout.total_seconds()),
                self._session.put(
                    self._address(name, None),
                    data=seal(self._invitation.token, name, document),
                    allow_redirects=False,
                ) as response,
            ):
                if response.status == HTTPStatus.NO_CONTENT:
                    return
                reason = f"HTTP {response.status}"
        except (ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
        # Out of the handler: the cause holds the address, and with it the member's path.
        raise FeedUnavailable(name, reason)

    def _address(self, name: str, digest: str | None) -> str:
        """Where a document lies."""
        token = self._invitation.token
        home = member_path(token) if names.is_sealed(name) else None
        return f"{self._invitation.base_url}{names.lies_at(name, digest, home)}"

    async def _follow(self, name: str, url: str, etag: str | None) -> Fetched:
        """Ask, and ask again wherever the answer sends us."""
        headers = {IF_NONE_MATCH: etag} if etag else {}
        for _ in range(MAX_REDIRECTS + 1):
            async with self._session.get(
                url, headers=headers, allow_redirects=False
            ) as response:
                if response.status not in _REDIRECTS:
                    return await _read(response, name, etag)
                url = _redirected(name, url, response.headers.get(LOCATION, ""))
        raise FeedUnavailable(name, "too many redirects")


async def _read(response: ClientResponse, name: str, etag: str | None) -> Fetched:
    """Take the answer, or say in a typed error what it was instead."""
    if response.status == HTTPStatus.NOT_MODIFIED and etag:
        return Fetched(None, etag)
    if response.status in _REFUSALS:
        if name == names.MEMBER:
            raise AccessRefused(response.status)
        raise DocumentError(name, Problem.NOT_THERE)
    if response.status != HTTPStatus.OK:
        raise FeedUnavailable(
            name, f"HTTP {response.status}", retry_after(response.headers)
        )
    body = bytearray()
    # Counted as it arrives, after decompression: no header is believed.
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise DocumentError(name, Problem.TOO_LARGE)
    return Fetched(bytes(body), _usable(response.headers.get(ETAG)))


def _redirected(name: str, url: str, location: str) -> str:
    """Next address; never to one that others can read along, nor from afar into the home."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    host = parts.hostname or ""
    inward = is_loopback(host) and not is_loopback(urlsplit(url).hostname or "")
    if not location or not is_secure(parts.scheme, host) or inward:
        raise FeedUnavailable(name, "redirect refused")
    return target


def _usable(etag: str | None) -> str | None:
    """An ETag that can be sent back as it came."""
    if etag and len(etag) <= _MAX_ETAG and etag.isascii() and etag.isprintable():
        return etag
    return None
