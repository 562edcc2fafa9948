"""The client of the grid operator's interface, against a server that speaks as it does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
import logging
import traceback

from aiohttp import ClientSession, web
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.pmo.acc_client import (
    MAX_BYTES,
    AccClient,
    AccKey,
)
from custom_components.autoconsommation_collective.pmo.acc_errors import (
    AccApiError,
    AccProblem,
)
from custom_components.autoconsommation_collective.pmo.acc_unknown import (
    PRODUCTION,
    SANDBOX,
    AccHosts,
)

from .acc_server import AGREEMENT, CLIENT_ID, PRM, SECRET, AccServer, acc_serving

SEPTEMBER = datetime(2026, 8, 31, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)
KEY = AccKey(AGREEMENT, CLIENT_ID, SECRET)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[AccServer]:
    """September is settled."""
    async with acc_serving() as server:
        server.months["2026-09"] = {"cons": 300.0, "autocons": 60.0}
        yield server


@pytest.fixture
def client(session: ClientSession, server: AccServer) -> AccClient:
    """With the right key."""
    return AccClient(session, KEY, server.hosts)


async def refused(client: AccClient, prm: str = PRM) -> AccApiError:
    """Why there is no answer."""
    with pytest.raises(AccApiError) as error:
        await client.settled(prm, *SEPTEMBER)
    return error.value


async def test_sums_of_a_month(client: AccClient, server: AccServer) -> None:
    """By quantity and class; one token serves for several questions."""
    delivery = await client.settled(PRM, *SEPTEMBER)
    sums = {(one.quantity, one.price_class): one.energy_wh for one in delivery.totals}
    assert sums[Quantity.ALLOCATED, "HPB"] == 45_000
    assert sums[Quantity.CONSUMPTION, "HCB"] == 75_000
    assert {one.point for one in delivery.totals} == {PRM}
    await client.settled(PRM, *SEPTEMBER)
    assert server.token_asked == {"first": 1}


async def test_the_other_host_for_tokens_is_tried(
    client: AccClient, server: AccServer
) -> None:
    """Where the first does not know what is asked of it."""
    server.first_host = web.Response(status=404)
    assert (await client.settled(PRM, *SEPTEMBER)).totals
    assert server.token_asked == {"first": 1, "second": 1}


@pytest.mark.parametrize("lasts", [30, 0, "45"])
async def test_a_token_is_not_used_beyond_its_time(
    client: AccClient, server: AccServer, lasts: object
) -> None:
    """A new one is asked for."""
    server.lasts = lasts
    for _ in range(2):
        await client.settled(PRM, *SEPTEMBER)
    assert server.token_asked == {"first": 2}


@pytest.mark.parametrize("lasts", [None, "soon", -5, 10**30, "²"])
async def test_a_token_that_does_not_tell_how_long_it_lasts(
    client: AccClient, server: AccServer, lasts: object
) -> None:
    """Serves for the usual time, and never for ever."""
    server.lasts = lasts
    for _ in range(2):
        await client.settled(PRM, *SEPTEMBER)
    assert server.token_asked == {"first": 1}


async def test_a_token_that_was_taken_back(
    client: AccClient, server: AccServer
) -> None:
    """Is asked for again, once."""
    await client.settled(PRM, *SEPTEMBER)
    server.token = "token-2"
    assert (await client.settled(PRM, *SEPTEMBER)).totals
    assert server.token_asked == {"first": 2}
    server.answer = web.Response(status=401)
    assert (await refused(client)).problem is AccProblem.REFUSED
    assert server.token_asked == {"first": 3}


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (403, AccProblem.REFUSED),
        (404, AccProblem.NOT_THERE),
        (204, AccProblem.NOT_THERE),
        (429, AccProblem.TOO_OFTEN),
        (400, AccProblem.UNAVAILABLE),
        (302, AccProblem.UNAVAILABLE),
        (500, AccProblem.UNAVAILABLE),
        (503, AccProblem.UNAVAILABLE),
    ],
)
async def test_what_statuses_mean(
    client: AccClient, server: AccServer, status: int, problem: AccProblem
) -> None:
    """And how long to wait."""
    server.answer = web.Response(
        status=status, headers={"Retry-After": "120", "Location": "/elsewhere"}
    )
    error = await refused(client)
    assert error.problem is problem
    waits = problem in {AccProblem.TOO_OFTEN, AccProblem.UNAVAILABLE}
    assert error.retry_after == (timedelta(seconds=120) if waits else None)
    assert error.is_answer is not waits


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_what_is_answered_to_one_question(
    client: AccClient, server: AccServer, status: int
) -> None:
    """Others may be answered otherwise; without a token, or a host, none is."""
    server.answer = web.Response(status=status)
    assert (await refused(client)).is_answer
    server.answer = web.Response(status=429)
    assert not (await refused(client)).is_answer


async def test_what_no_question_was_answered_by(
    session: ClientSession, client: AccClient, server: AccServer
) -> None:
    """A token that is refused, or not as it is documented; a host that is not there."""
    stranger = AccKey(AGREEMENT, CLIENT_ID, "wrong")
    assert not (await refused(AccClient(session, stranger, server.hosts))).is_answer
    away = AccHosts("http://127.0.0.1:1", server.hosts.tokens)
    assert not (await refused(AccClient(session, KEY, away))).is_answer
    server.token = "two words"
    assert not (await refused(client)).is_answer


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b"<html>", AccProblem.UNREADABLE, id="a page"),
        pytest.param(b"", AccProblem.UNREADABLE, id="nothing"),
        pytest.param(b"[]", AccProblem.UNREADABLE, id="no object"),
        pytest.param(b'{"a": 1}', AccProblem.UNREADABLE, id="another document"),
        pytest.param(b'{"quantities": 1}', AccProblem.UNREADABLE, id="no fields"),
        pytest.param(b" " * (MAX_BYTES + 1), AccProblem.UNREADABLE, id="too large"),
        pytest.param(
            b'{"cons_id": "1", "unit": "kWh", "start": "2026-09-01", '
            b'"end": "2026-09-30", "quantities": []}',
            AccProblem.NOT_THERE,
            id="nothing in it",
        ),
    ],
)
async def test_what_is_no_answer(
    client: AccClient, server: AccServer, body: bytes, problem: AccProblem
) -> None:
    """Is never half read."""
    server.answer = body
    assert (await refused(client)).problem is problem


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"access_token": "a\\nb"}'])
async def test_what_is_no_token(
    session: ClientSession, server: AccServer, body: bytes
) -> None:
    """And no host hands one out."""
    server.first_host = web.Response(body=body)
    hosts = AccHosts(server.hosts.api, server.hosts.tokens[:1])
    error = await refused(AccClient(session, KEY, hosts))
    assert error.problem is AccProblem.UNREADABLE


async def test_a_refused_key_says_more_than_a_silent_host(
    session: ClientSession, server: AccServer
) -> None:
    """Whichever was asked first; of a host that lacks the page nothing is concluded."""
    server.first_host = web.Response(status=503)
    wrong = AccKey(AGREEMENT, CLIENT_ID, "wrong")
    error = await refused(AccClient(session, wrong, server.hosts))
    assert error.problem is AccProblem.REFUSED
    server.first_host = web.Response(status=404)
    hosts = AccHosts(server.hosts.api, server.hosts.tokens[:1])
    error = await refused(AccClient(session, KEY, hosts))
    assert error.problem is AccProblem.UNAVAILABLE


async def test_a_server_that_is_silent_or_not_there(
    session: ClientSession, socket_enabled: None
) -> None:
    """Is not waited for."""

    async def say_nothing(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await _reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        at = f"http://127.0.0.1:{port}"
        client = AccClient(session, KEY, AccHosts(at, (at,)), timedelta(seconds=0.1))
        assert (await refused(client)).problem is AccProblem.UNAVAILABLE
        silent.close()
        silent.close_clients()
    assert (await refused(client)).problem is AccProblem.UNAVAILABLE


async def test_nothing_secret_is_told(
    client: AccClient, server: AccServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in an error with all its causes, nor in the log."""
    caplog.set_level(logging.DEBUG)
    for answer in (web.Response(status=500), b"no"):
        server.answer = answer
        error = await refused(client)
        # The server of the test writes down what it is asked.
        log = [r.getMessage() for r in caplog.records if r.name != "aiohttp.access"]
        text = "".join([*traceback.format_exception(error), repr(KEY), *log])
        for secret in (PRM, SECRET, CLIENT_ID, server.token):
            assert secret not in text


def test_production_is_asked_over_tls() -> None:
    """Whatever is configured."""
    for hosts in (PRODUCTION, SANDBOX):
        assert all(at.startswith("https://") for at in (hosts.api, *hosts.tokens))
