"""A real HTTP server on loopback that answers as each test wants: well, or badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
import ssl
import zlib

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.client import (
    TIMEOUT,
    FeedClient,
    Fetched,
)
from custom_components.autoconsommation_collective.pmo.invitation import Invitation

from .conftest import TOKEN

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    answer: Answer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[TestServer]:
    """Serve one answer at every address; `make_url("/feed/")` tells where."""
    app = web.Application()
    app.router.add_route("*", "/{name:.*}", answer)
    async with _started(app, tls) as server:
        yield server


async def fetch(
    session: ClientSession,
    answer: Answer,
    name: str = names.OPERATION,
    etag: str | None = None,
    timeout: timedelta = TIMEOUT,
    digest: str | None = None,
) -> Fetched:
    """What the client makes of that answer."""
    async with serving(answer) as server:
        invitation = Invitation(str(server.make_url("/feed/")), TOKEN)
        client = FeedClient(session, invitation, timeout)
        return await client.fetch(name, etag, digest=digest)


@asynccontextmanager
async def serving_folder(folder: Path) -> AsyncIterator[TestServer]:
    """Serve a folder as a static host does."""
    app = web.Application()
    app.router.add_static("/", folder)
    async with _started(app, None) as server:
        yield server


@asynccontextmanager
async def _started(
    app: web.Application, tls: ssl.SSLContext | None
) -> AsyncIterator[TestServer]:
    server = TestServer(app, scheme="https" if tls else "http")
    # Its own log of addresses is not under test.
    await server.start_server(ssl=tls, access_log=None)
    try:
        yield server
    finally:
        await server.close()


def answering(status: int = 200, **response: object) -> Answer:
    """The same answer to everybody."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, **response)  # type: ignore[arg-type]

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Promise a thousand bytes, send ten and hang up."""
    response = web.StreamResponse()
    response.content_length = 1000
    await response.prepare(request)
    await response.write(b"0123456789")
    assert request.transport is not None
    request.transport.close()
    return response


async def hung_up(request: web.Request) -> web.StreamResponse:
    """Reset the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def garbage(request: web.Request) -> web.StreamResponse:
    """Say something that is no HTTP."""
    assert request.transport is not None
    request.transport.write(b"\x00\x01\x02 what?\r\n\r\n")
    request.transport.close()
    return web.Response()


async def endless(request: web.Request) -> web.StreamResponse:
    """Send as much as anybody takes, without telling how much it will be."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b" " * 2**20)
    return response


async def trickling(request: web.Request) -> web.StreamResponse:
    """Send a little, then nothing more, and never end."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"{")
    await asyncio.Event().wait()
    return response


async def silent(_: web.Request) -> web.StreamResponse:
    """Take the question and never answer."""
    await asyncio.Event().wait()
    return web.Response()


async def bomb(_: web.Request) -> web.StreamResponse:
    """Send 40 kB that unpack to 40 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(2**20)) for _ in range(40)) + packer.flush()
    return web.Response(body=body, headers={"Content-Encoding": "gzip"})


def redirecting(hops: int) -> Answer:
    """Send on so many times, each time to the next address, before answering."""

    async def answer(request: web.Request) -> web.StreamResponse:
        hop = int(request.query.get("hop", "0"))
        if hop < hops:
            raise web.HTTPFound(f"?hop={hop + 1}")
        return web.Response(body=b"there")

    return answer


def certificate(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A self-signed certificate: a server that shows it and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    names = [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
