"""The client against a real server that answers as it should."""

from datetime import timedelta
from pathlib import Path
from typing import override

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.client import FeedClient, Fetched
from custom_components.autoconsommation_collective.pmo.errors import (
    AccessRefused,
    DocumentError,
    FeedUnavailable,
    Problem,
)
from custom_components.autoconsommation_collective.pmo.fields import MAX_BYTES
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    seal,
    unseal,
)

from .conftest import TOKEN
from .feed_server import (
    Answer,
    answering,
    certificate,
    fetch,
    redirecting,
    serving,
    silent,
)

PUBLIC_NAMES = [names.OPERATION, names.AGGREGATES, names.aggregates_month("2026-10")]
SEALED_NAMES = [names.MEMBER, names.member_month("2026-10")]


@pytest.mark.parametrize("name", PUBLIC_NAMES)
async def test_public_document_lies_at_its_name(
    session: ClientSession, name: str
) -> None:
    """Under the base, by its file name."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    assert (await fetch(session, answer, name)).body == f"/feed/{name}".encode()


@pytest.mark.parametrize("name", SEALED_NAMES)
async def test_own_document_lies_in_the_members_folder_and_comes_unsealed(
    session: ClientSession, name: str
) -> None:
    """Under the path of the token; the caller sees plain JSON."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=seal(TOKEN, name, request.path.encode()))

    path = f"/feed/members/{member_path(TOKEN)}/{name}"
    assert (await fetch(session, answer, name)).body == path.encode()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("aggregates-2026-10.json", "aggregates-2026-10.0123456789abcdef.json"),
        ("2026-10.acc", "2026-10.0123456789abcdef.acc"),
    ],
)
async def test_a_month_with_a_digest_lies_under_it(
    session: ClientSession, name: str, file: str
) -> None:
    """And is sealed under its plain name."""

    async def answer(request: web.Request) -> web.Response:
        found = request.path.rpartition("/")[2].encode()
        return web.Response(body=seal(TOKEN, name, found) if "acc" in name else found)

    found = await fetch(session, answer, name, digest="0123456789abcdef")
    assert found.body == file.encode()


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
    """The ETag goes out as it came, and 304 gives no body."""
    assert await fetch(session, unchanged_since, etag=etag) == fetched


async def test_compressed_document_is_unpacked(session: ClientSession) -> None:
    """A static host may compress what it sends."""

    async def answer(_: web.Request) -> web.Response:
        response = web.Response(body=b"{}" * 1000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert (await fetch(session, answer)).body == b"{}" * 1000


async def test_document_of_the_largest_size_is_taken(session: ClientSession) -> None:
    """10 MiB are allowed, one byte more is not."""
    answer = answering(body=bytes(MAX_BYTES))
    body = (await fetch(session, answer)).body
    assert body is not None
    assert len(body) == MAX_BYTES


# A token that is refused


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_refused_index_means_the_token_is_refused(
    session: ClientSession, status: int
) -> None:
    """All four answers a host may give to a path that is gone."""
    with pytest.raises(AccessRefused) as caught:
        await fetch(session, answering(status), names.MEMBER)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403, 404, 410])
@pytest.mark.parametrize("name", [*PUBLIC_NAMES, SEALED_NAMES[1]])
async def test_other_document_refused_says_nothing_of_the_token(
    session: ClientSession, status: int, name: str
) -> None:
    """A page not yet uploaded must not ask for a new invitation."""
    with pytest.raises(DocumentError) as caught:
        await fetch(session, answering(status), name)
    assert (caught.value.document, caught.value.problem) == (name, Problem.NOT_THERE)


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
    """Then the document is sent whole each time."""
    answer = answering(body=b"{}", headers={"ETag": etag})
    assert await fetch(session, answer) == Fetched(b"{}", None)


# Redirects and TLS


async def test_five_redirects_are_followed(session: ClientSession) -> None:
    """As many as the contract promises."""
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


@pytest.mark.usefixtures("socket_enabled")
async def test_redirect_from_afar_into_the_home_is_refused(tmp_path: Path) -> None:
    """A feed must not make the home ask its own services."""
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
    """TLS is verified, on loopback too."""
    shown, _ = certificate("127.0.0.1", tmp_path)
    async with serving(answering(body=b"{}"), shown) as server:
        client = FeedClient(session, Invitation(str(server.make_url("/")), TOKEN))
        with pytest.raises(FeedUnavailable, match="ClientConnectorCertificateError"):
            await client.fetch(names.OPERATION)


# What a home hands in

NEED = b'{"document":"need"}'


async def handed_in(session: ClientSession, answer: Answer) -> None:
    """What the client makes of that answer to a need."""
    async with serving(answer) as server:
        invitation = Invitation(str(server.make_url("/feed/")), TOKEN)
        await FeedClient(session, invitation, timedelta(seconds=1)).hand_in(
            names.NEED, NEED
        )


async def test_a_need_is_handed_in_sealed(session: ClientSession) -> None:
    """At the member's own place; whoever reads along learns nothing."""
    told: list[tuple[str, str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        told.append((request.method, request.path, await request.read()))
        return web.Response(status=204)

    await handed_in(session, take)
    ((method, path, body),) = told
    assert (method, path) == ("PUT", f"/feed/members/{member_path(TOKEN)}/need.acc")
    assert unseal(TOKEN, names.NEED, body) == NEED
    assert b"need" not in body


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        *(
            pytest.param(answering(status), f"HTTP {status}", id=str(status))
            for status in (200, 401, 404, 405, 413, 429, 503)
        ),
        pytest.param(redirecting(1), "HTTP 302", id="elsewhere"),
        pytest.param(silent, "TimeoutError", id="silence"),
    ],
)
async def test_a_need_that_is_not_taken(
    session: ClientSession, answer: Answer, why: str
) -> None:
    """Said in a typed error, without the member's path; no redirect is followed."""
    with pytest.raises(FeedUnavailable) as caught:
        await handed_in(session, answer)
    assert str(caught.value) == f"need.acc: {why}"
    assert caught.value.__context__ is None
