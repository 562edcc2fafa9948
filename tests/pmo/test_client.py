"""The client against a real server that behaves well, and badly in every way we know."""

from collections.abc import AsyncIterator
from datetime import timedelta
import logging
from pathlib import Path
import traceback
from typing import override

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.client import (
    TIMEOUT,
    FeedClient,
    Fetched,
)
from custom_components.autoconsommation_collective.pmo.errors import (
    AccessRefused,
    DocumentError,
    FeedError,
    FeedUnavailable,
)
from custom_components.autoconsommation_collective.pmo.fields import MAX_BYTES
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path, seal

from .conftest import TOKEN
from .feed_server import (
    Answer,
    answering,
    bomb,
    certificate,
    cut_off,
    endless,
    garbage,
    hung_up,
    redirecting,
    serving,
    silent,
    trickling,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

PUBLIC_NAMES = [names.OPERATION, names.AGGREGATES, names.aggregates_month("2026-10")]
SEALED_NAMES = [names.MEMBER, names.member_month("2026-10")]
SHORTLY = timedelta(seconds=0.1)
MONTH = names.member_month("2026-10")


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """A session like the one Home Assistant shares."""
    async with ClientSession() as session:
        yield session


async def fetch(
    session: ClientSession,
    answer: Answer,
    name: str = names.OPERATION,
    etag: str | None = None,
    timeout: timedelta = TIMEOUT,
) -> Fetched:
    """What the client makes of that answer."""
    async with serving(answer) as server:
        invitation = Invitation(str(server.make_url("/feed/")), TOKEN)
        return await FeedClient(session, invitation, timeout).fetch(name, etag)


# A server that behaves


@pytest.mark.parametrize("name", PUBLIC_NAMES)
async def test_public_document_lies_at_its_name(
    session: ClientSession, name: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    assert (await fetch(session, answer, name)).body == f"/feed/{name}".encode()


@pytest.mark.parametrize("name", SEALED_NAMES)
async def test_own_document_lies_in_the_members_folder_and_comes_unsealed(
    session: ClientSession, name: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=seal(TOKEN, name, request.path.encode()))

    path = f"/feed/members/{member_path(TOKEN)}/{name}"
    assert (await fetch(session, answer, name)).body == path.encode()


async def unchanged_since(request: web.Request) -> web.Response:
    """Answer as a static host does to a document that never changes."""
    if request.headers.get("If-None-Match") == '"v1"':
        return web.Response(status=304)
    return web.Response(body=b"{}", headers={"ETag": '"v1"'})


@pytest.mark.parametrize(
    ("etag", "fetched"),
    [
        pytest.param(None, Fetched(b"{}", '"v1"'), id="first time"),
        pytest.param('"v1"', Fetched(None, '"v1"'), id="unchanged"),
        pytest.param('"v0"', Fetched(b"{}", '"v1"'), id="changed"),
    ],
)
async def test_unchanged_document_is_not_sent_again(
    session: ClientSession, etag: str | None, fetched: Fetched
) -> None:
    assert await fetch(session, unchanged_since, etag=etag) == fetched


async def test_compressed_document_is_unpacked(session: ClientSession) -> None:
    async def answer(_: web.Request) -> web.Response:
        response = web.Response(body=b"{}" * 1000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert (await fetch(session, answer)).body == b"{}" * 1000


async def test_document_of_the_largest_size_is_taken(session: ClientSession) -> None:
    answer = answering(body=bytes(MAX_BYTES))
    body = (await fetch(session, answer)).body
    assert body is not None
    assert len(body) == MAX_BYTES


# A token that is refused


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_refused_index_means_the_token_is_refused(
    session: ClientSession, status: int
) -> None:
    with pytest.raises(AccessRefused) as caught:
        await fetch(session, answering(status), names.MEMBER)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403, 404, 410])
@pytest.mark.parametrize("name", [*PUBLIC_NAMES, MONTH])
async def test_other_document_refused_says_nothing_of_the_token(
    session: ClientSession, status: int, name: str
) -> None:
    with pytest.raises(FeedUnavailable, match=f"{name}: HTTP {status}"):
        await fetch(session, answering(status), name)


# A server that misbehaves


@pytest.mark.parametrize("name", [names.OPERATION, names.MEMBER, MONTH])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(answering(500), "HTTP 500", id="500"),
        pytest.param(answering(204), "HTTP 204", id="no content"),
        pytest.param(answering(206), "HTTP 206", id="a part"),
        pytest.param(answering(304), "HTTP 304", id="unchanged, but never had"),
        pytest.param(answering(400), "HTTP 400", id="400"),
        pytest.param(cut_off, "ClientPayloadError", id="cut off"),
        pytest.param(hung_up, "ServerDisconnectedError", id="hung up"),
        pytest.param(garbage, "ClientResponseError", id="no HTTP"),
        pytest.param(
            answering(headers={"Content-Encoding": "gzip"}, body=b"no gzip"),
            "ClientPayloadError",
            id="not the compression it says",
        ),
        pytest.param(redirecting(6), "too many redirects", id="six redirects"),
        pytest.param(redirecting(10**6), "too many redirects", id="redirects for ever"),
        pytest.param(answering(302), "redirect refused", id="redirect to nowhere"),
        pytest.param(
            answering(301, headers={"Location": "http://pmo.example/"}),
            "redirect refused",
            id="redirect to http",
        ),
        pytest.param(
            answering(308, headers={"Location": "file:///etc/passwd"}),
            "redirect refused",
            id="redirect to a file",
        ),
        pytest.param(
            answering(307, headers={"Location": "https://[/"}),
            "ValueError",
            id="redirect to no address",
        ),
    ],
)
async def test_misbehaving_server_is_unavailable(
    session: ClientSession,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    reason: str,
    name: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FeedUnavailable) as caught:
        await fetch(session, answer, name)
    assert str(caught.value) == f"{name}: {reason}"
    assert caught.value.retry_after is None
    assert_keeps_the_secret(caught.value, caplog.text)


@pytest.mark.parametrize("answer", [silent, trickling])
async def test_server_that_never_ends_is_unavailable(
    session: ClientSession, answer: Answer
) -> None:
    with pytest.raises(FeedUnavailable, match=r"index\.acc: TimeoutError") as caught:
        await fetch(session, answer, names.MEMBER, timeout=SHORTLY)
    assert_keeps_the_secret(caught.value, "")


def assert_keeps_the_secret(error: FeedError, log: str) -> None:
    """Neither token nor path, wherever the error or its causes may be printed."""
    printed = "".join(traceback.format_exception(error)) + repr(error) + log
    assert error.__context__ is None
    assert TOKEN not in printed
    assert member_path(TOKEN) not in printed


async def test_unreachable_server_is_unavailable(session: ClientSession) -> None:
    async with serving(silent) as server:
        invitation = Invitation(str(server.make_url("/")), TOKEN)
    with pytest.raises(FeedUnavailable, match="ClientConnectorError") as caught:
        await FeedClient(session, invitation).fetch(names.MEMBER)
    assert_keeps_the_secret(caught.value, "")


async def test_host_that_is_no_name_is_unavailable(session: ClientSession) -> None:
    invitation = Invitation(f"https://{'a' * 64}.example/", TOKEN)
    with pytest.raises(FeedUnavailable):
        await FeedClient(session, invitation).fetch(names.OPERATION)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Retry-After": "90"}, id="seconds"),
        pytest.param(
            {
                "Retry-After": "Fri, 20 Nov 2026 06:01:30 GMT",
                "Date": "Fri, 20 Nov 2026 06:00:00 GMT",
            },
            id="date",
        ),
    ],
)
async def test_server_that_asks_for_patience_is_heard(
    session: ClientSession, status: int, headers: dict[str, str]
) -> None:
    with pytest.raises(FeedUnavailable, match=f"HTTP {status}") as caught:
        await fetch(session, answering(status, headers=headers))
    assert caught.value.retry_after == timedelta(seconds=90)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answering(body=bytes(MAX_BYTES + 1)), id="a byte too much"),
        pytest.param(endless, id="endless"),
        pytest.param(bomb, id="compressed"),
    ],
)
async def test_oversized_document_is_refused(
    session: ClientSession, answer: Answer
) -> None:
    with pytest.raises(DocumentError, match=r"too_large: operation\.json"):
        await fetch(session, answer)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!doctype html>", id="web page"),
        pytest.param(seal(TOKEN, MONTH, b"{}"), id="other document"),
    ],
)
async def test_own_document_that_does_not_unseal_is_refused(
    session: ClientSession, body: bytes
) -> None:
    with pytest.raises(DocumentError, match=r"cannot_unseal: index\.acc"):
        await fetch(session, answering(body=body), names.MEMBER)


@pytest.mark.parametrize(
    "etag",
    [
        pytest.param('"é"', id="not ASCII"),
        pytest.param('"' + "x" * 300 + '"', id="very long"),
        pytest.param("", id="empty"),
    ],
)
async def test_etag_that_cannot_be_sent_back_is_dropped(
    session: ClientSession, etag: str
) -> None:
    answer = answering(body=b"{}", headers={"ETag": etag})
    assert await fetch(session, answer) == Fetched(b"{}", None)


# Redirects and TLS


async def test_five_redirects_are_followed(session: ClientSession) -> None:
    assert (await fetch(session, redirecting(5))).body == b"there"


class Loopback(AbstractResolver):
    """Resolves every name to this machine."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: int = 0
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0
            )
        ]

    @override
    async def close(self) -> None:
        pass


async def test_redirect_from_afar_into_the_home_is_refused(tmp_path: Path) -> None:
    shown, trusted = certificate("pmo.example", tmp_path)
    connector = TCPConnector(resolver=Loopback(), ssl=trusted)
    async with (
        serving(answering(body=b"at home")) as home,
        serving(
            answering(302, headers={"Location": str(home.make_url("/"))}), shown
        ) as far,
        ClientSession(connector=connector) as session,
    ):
        client = FeedClient(
            session, Invitation(f"https://pmo.example:{far.port}/", TOKEN)
        )
        with pytest.raises(FeedUnavailable, match="redirect refused"):
            await client.fetch(names.OPERATION)


async def test_certificate_nobody_vouches_for_is_refused(
    session: ClientSession, tmp_path: Path
) -> None:
    shown, _ = certificate("127.0.0.1", tmp_path)
    async with serving(answering(body=b"{}"), shown) as server:
        client = FeedClient(session, Invitation(str(server.make_url("/")), TOKEN))
        with pytest.raises(FeedUnavailable, match="ClientConnectorCertificateError"):
            await client.fetch(names.OPERATION)
