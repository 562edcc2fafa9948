"""The client against a real server that misbehaves in every way we know."""

from datetime import timedelta
import logging
import traceback

from aiohttp import ClientSession
import pytest

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.client import FeedClient
from custom_components.autoconsommation_collective.pmo.errors import (
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
    cut_off,
    endless,
    fetch,
    garbage,
    hung_up,
    redirecting,
    serving,
    silent,
    trickling,
)

MONTH = names.member_month("2026-10")
SHORTLY = timedelta(seconds=0.1)


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
    """A typed error that names the document and keeps the secret."""
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
    """The timeout spans the whole answer, not each piece."""
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
    """Nobody listens there any more."""
    async with serving(silent) as server:
        invitation = Invitation(str(server.make_url("/")), TOKEN)
    with pytest.raises(FeedUnavailable, match="ClientConnectorError") as caught:
        await FeedClient(session, invitation).fetch(names.MEMBER)
    assert_keeps_the_secret(caught.value, "")


async def test_host_that_is_no_name_is_unavailable(session: ClientSession) -> None:
    """Some hosts fail before anything is sent."""
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
    """In both forms of Retry-After."""
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
    """Counted as it arrives and after unpacking."""
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
    """A host may answer anything with 200."""
    with pytest.raises(DocumentError, match=r"cannot_unseal: index\.acc"):
        await fetch(session, answering(body=body), names.MEMBER)
