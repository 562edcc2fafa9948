"""Needs that homes tell their organiser, over real HTTP: what is taken, and all that is not."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
import json
import logging
from pathlib import Path
from time import perf_counter
from typing import Any
import zlib

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.json import ExtendedJSONEncoder
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.engine.told_needs import (
    MOST_NEED_WH,
    ToldNeed,
    ToldNeeds,
)
from custom_components.autoconsommation_collective.organiser.token_bucket import BURST
from custom_components.autoconsommation_collective.pmo.documents import read_operation
from custom_components.autoconsommation_collective.pmo.needs import (
    MOST_BYTES,
    written_need,
)
from custom_components.autoconsommation_collective.pmo.pages import read_forecast
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    new_token,
    seal,
)
from script.feed_check import check

from .feed import PARIS
from .house import NOW, settle_down, wait
from .organised import (
    FIRST,
    at,
    books_of,
    coordinator_of,
    feed,
    home,
    next_step,
    organise,
    serve,
)

pytestmark = pytest.mark.usefixtures("disk", "socket_enabled")
"""A server whose clock stands still closes connections at random, so that it stands still only
where days matter."""

HOMES = tuple(home(n, follows=n < 11) for n in range(12))
EVENING = NOW.replace(hour=19, minute=30)
"""Half past eight in the village."""

type Client = TestClient[Any, Any]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / DOMAIN / "feed"


@pytest.fixture
async def entry(hass: HomeAssistant, folder: Path) -> MockConfigEntry:
    """Twelve homes, eleven of them following, whose organiser takes their needs."""
    entry = await organise(hass, *HOMES)
    address = f"https://pmo.example{feed(entry)}"
    evening = {"refreshes_forecast": True, "takes_needs": True}
    await serve(entry, folder, address=address, **evening)
    await coordinator_of(entry).async_publish()
    return entry


@pytest.fixture
async def client(
    entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    """Somebody whom this Home Assistant does not know."""
    return await hass_client_no_auth()


@pytest.fixture
async def token(entry: MockConfigEntry) -> str:
    """What the second home was given."""
    return await books_of(entry).async_invite("id1")


def place(token: str) -> str:
    """Where a home tells its need."""
    return f"members/{member_path(token)}/need.acc"


def today() -> date:
    """The village's local day."""
    return datetime.now(PARIS).date()


def need(days: int = 1, energy_wh: int = 7000, minutes: int = 0) -> bytes:
    """What a home says, so many minutes after noon."""
    noon = datetime.combine(today(), time(12), PARIS)
    day, told_at = today() + timedelta(days=days), noon + timedelta(minutes=minutes)
    return written_need(ToldNeed(day, energy_wh, told_at), PARIS)


async def put(
    client: Client, entry: MockConfigEntry, path: str, body: bytes
) -> ClientResponse:
    """Hand it in, and read the answer."""
    response = await client.put(feed(entry, path), data=body)
    assert await response.read() == b""
    return response


async def tell(
    client: Client,
    entry: MockConfigEntry,
    token: str,
    document: bytes,
    name: str = "need.acc",
) -> int:
    """Tell it as a home does; the answer."""
    body = seal(token, name, document)
    return (await put(client, entry, place(token), body)).status


def told(entry: MockConfigEntry) -> dict[str, int]:
    """What is known of tomorrow."""
    return books_of(entry).needs.told_wh(today() + timedelta(days=1))


# What is taken


async def test_a_home_tells_its_need(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client, token: str
) -> None:
    """The later of a day replaces the earlier; it outlives a restart, and no more than its day."""
    assert await tell(client, entry, token, need()) == 204
    assert told(entry) == {"id1": 7000}
    assert await tell(client, entry, token, need(energy_wh=0, minutes=3)) == 204
    assert told(entry) == {"id1": 0}
    assert (
        await tell(client, entry, token, need(energy_wh=MOST_NEED_WH, minutes=9)) == 204
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert told(entry) == {"id1": MOST_NEED_WH}


@pytest.mark.freeze_time(NOW)
async def test_gone_when_its_day_is_over(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Also from the disk, and whether or not anybody tells another."""
    assert await tell(client, entry, token, need()) == 204
    for day, n_kept in ((21, 1), (22, 0)):
        midnight = datetime(2026, 11, day - 1, 23, 1, tzinfo=UTC)
        await wait(hass, freezer, midnight)
        assert len(books_of(entry).needs) == n_kept
    await hass.config_entries.async_unload(entry.entry_id)
    (kept,) = Path(hass.config.path(".storage")).glob("*.needs")
    assert json.loads(kept.read_bytes())["data"] == {}


@pytest.mark.freeze_time(NOW)
@pytest.mark.parametrize(
    ("n_telling", "energy_wh"),
    [
        pytest.param(9, 11 * 6000, id="nine: a usual need of each"),
        pytest.param(
            10, 10 * 1000 + 6000, id="ten: what they told, and the other's usual"
        ),
    ],
)
async def test_the_forecast_counts_them(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    folder: Path,
    freezer: FrozenDateTimeFactory,
    n_telling: int,
    energy_wh: int,
) -> None:
    """From ten on, once an evening; what comes later changes nothing that evening."""
    books = books_of(entry)
    tokens = [await books.async_invite(f"id{n}") for n in range(12)]
    for token in (*tokens[:n_telling], tokens[11]):
        status = await tell(client, entry, token, need(energy_wh=1000))
        assert status == (204 if token != tokens[11] else 401)
    await wait(hass, freezer, EVENING)
    found = read_forecast((folder / "forecast.json").read_bytes())
    assert [(n.day.day, n.energy_wh, n.homes) for n in found.flexible] == [
        (21, energy_wh, 11),
        (22, 66_000, 11),
    ]
    assert not any((await check(str(folder), None, EVENING)).values())
    before = (folder / "forecast.json").read_bytes()
    assert (
        await tell(client, entry, tokens[0], need(energy_wh=90_000, minutes=600)) == 204
    )
    assert (
        await tell(client, entry, tokens[10], need(energy_wh=90_000, minutes=600))
        == 204
    )
    await wait(hass, freezer, EVENING + timedelta(hours=1))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert (folder / "forecast.json").read_bytes() == before


# What is not


def padded(document: bytes, length: int) -> bytes:
    """The same, so long once it is sealed."""
    text = document[:-1] + b',"x":"' + b"x" * length
    sealed = 4 + 12 + 16
    return text[: length - sealed - 2] + b'"}'


async def test_no_longer_than_it_may_be(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """To the byte; whatever the length it says, and packed or not."""
    most = seal(token, "need.acc", padded(need(), MOST_BYTES))
    assert len(most) == MOST_BYTES
    assert (await put(client, entry, place(token), most)).status == 204
    more = seal(token, "need.acc", padded(need(energy_wh=1, minutes=1), MOST_BYTES + 1))
    assert (await put(client, entry, place(token), more)).status == 413

    async def in_pieces() -> AsyncGenerator[bytes]:
        for _ in range(40):
            yield bytes(100)

    address = feed(entry, place(token))
    assert (await client.put(address, data=in_pieces())).status == 413
    packed = {"Content-Encoding": "deflate"}
    for body, status in ((zlib.compress(bytes(100_000)), 413), (b"not packed", 400)):
        response = await client.put(address, data=body, headers=packed)
        assert response.status == status
    assert told(entry) == {"id1": 7000}


async def test_of_what_is_too_long_nothing_more_is_read(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Answered before it is there."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = f"PUT {feed(entry, place(token))} HTTP/1.1\r\nHost: x\r\n"
    writer.write(f"{head}Content-Length: 1000000000\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 413 " in answer.splitlines()[0]
    writer.close()


async def test_sealed_by_its_own_home_under_its_own_name(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Not another member's, not what the organiser sealed, nothing damaged or in the open."""
    other = await books_of(entry).async_invite("id2")
    good = seal(token, "need.acc", need())
    damaged = good[:-1] + bytes([good[-1] ^ 1])
    for body in (
        seal(other, "need.acc", need()),
        seal(new_token(), "need.acc", need()),
        seal(token, "index.acc", need()),
        damaged,
        good[:20],
        need(),
        b"",
    ):
        assert (await put(client, entry, place(token), body)).status == 400
    assert told(entry) == {}
    assert (await put(client, entry, place(token), good)).status == 204
    assert (await put(client, entry, place(other), good)).status == 400
    assert told(entry) == {"id1": 7000}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(lambda: need(days=0), id="of today"),
        pytest.param(lambda: need(days=2), id="of the day after"),
        pytest.param(lambda: need(days=-30), id="of long ago"),
        pytest.param(lambda: need(energy_wh=-1), id="less than nothing"),
        pytest.param(
            lambda: need(energy_wh=MOST_NEED_WH + 1), id="more than a home needs"
        ),
        pytest.param(
            lambda: need().replace(b'"need"', b'"forecast"'), id="another document"
        ),
        pytest.param(lambda: need().replace(b"7000", b"7e3"), id="not whole"),
        pytest.param(lambda: b"[]", id="no document"),
        pytest.param(lambda: b"", id="nothing"),
    ],
)
async def test_a_need_of_tomorrow(
    entry: MockConfigEntry, client: Client, token: str, document: Callable[[], bytes]
) -> None:
    """Sealed rightly, and yet none: nothing is kept, and nothing is an error."""
    assert await tell(client, entry, token, document()) == 400
    assert len(books_of(entry).needs) == 0


@pytest.mark.freeze_time(NOW)
async def test_a_replay_changes_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Neither the same evening nor on any other."""
    first = seal(token, "need.acc", need(energy_wh=1000))
    second = seal(token, "need.acc", need(energy_wh=2000, minutes=1))
    statuses = [
        (await put(client, entry, place(token), body)).status
        for body in (first, first, second, first, second)
    ]
    assert statuses == [204, 204, 204, 400, 204]
    assert told(entry) == {"id1": 2000}
    await wait(hass, freezer, timedelta(days=1))
    assert (await put(client, entry, place(token), second)).status == 400
    assert told(entry) == {}
    assert books_of(entry).needs.told_wh(today()) == {"id1": 2000}


async def test_only_of_homes_that_may(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """A stranger's, one that follows nothing, one that agrees no more, one that was revoked."""
    books = books_of(entry)
    body = seal(token, "need.acc", need())
    idle = await books.async_invite("id11")
    for where in (
        place(new_token()),
        place(idle),
        f"members/{member_path(token).upper()}/need.acc",
        f"members/{member_path(token)}//need.acc",
        f"members/{member_path(token)}/../need.acc",
        "members/need.acc",
        "members//need.acc",
    ):
        assert (await put(client, entry, where, body)).status in {401, 405}, where
    assert await tell(client, entry, idle, need()) == 401
    ended = replace(HOMES[1], consent=(Validity(FIRST, today() - timedelta(days=1)),))
    await books.async_change(lambda known: known.with_participant(ended))
    assert await tell(client, entry, token, need()) == 401
    again = replace(ended, consent=(*ended.consent, Validity(today())))
    await books.async_change(lambda known: known.with_participant(again))
    assert await tell(client, entry, token, need()) == 204
    await books.async_revoke("id1")
    assert await tell(client, entry, token, need(minutes=1)) == 401


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"takes_needs": False}, id="not wanted"),
        pytest.param({"is_served": False}, id="not handed out"),
        pytest.param(
            {"address": "https://pmo.example/feed/"}, id="handed out by another"
        ),
        pytest.param({"address": None}, id="nobody is invited"),
    ],
)
async def test_only_where_it_is_wanted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    folder: Path,
    token: str,
    settings: dict[str, Any],
) -> None:
    """And then only homes are told to."""
    operation = folder / "operation.json"
    assert read_operation(operation.read_bytes()).takes_needs
    books = books_of(entry)
    await books.async_set_settings(replace(books.settings, **settings))
    assert await tell(client, entry, token, need()) == 401
    await coordinator_of(entry).async_publish()
    assert b"takes_needs" not in operation.read_bytes()
    await hass.config_entries.async_unload(entry.entry_id)
    assert await tell(client, entry, token, need()) == 401
    nobody = f"/api/{DOMAIN}/feed/01ABC/{place(token)}"
    assert (await client.put(nobody, data=b"x")).status == 401


async def test_other_ways_and_places(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """It cannot be read again, and nothing else can be written."""
    assert await tell(client, entry, token, need()) == 204
    assert (await client.get(feed(entry, place(token)))).status == 401
    assert (await client.head(feed(entry, place(token)))).status == 401
    for method in ("post", "delete", "patch"):
        asked = getattr(client, method)(feed(entry, place(token)), data=b"x")
        assert (await asked).status == 405
    for path in (
        "forecast.json",
        "need.acc",
        f"members/{member_path(token)}/index.acc",
        f"members/{member_path(token)}/need.acc.gz",
    ):
        response = await put(client, entry, path, seal(token, "need.acc", need()))
        assert response.status == 405
        assert response.headers["Allow"] == "GET, HEAD"


async def test_ten_thousand_wrong_ones(
    entry: MockConfigEntry,
    client: Client,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asked for patience after some, told once and without a path; members are still heard."""
    for name in ("homeassistant.helpers.http", "aiohttp.access"):
        caplog.set_level(logging.WARNING, name)
    wrong = seal(new_token(), "need.acc", need())
    before = perf_counter()
    statuses = await pipelined(client, feed(entry, place(token)), wrong, 10_000)
    took_s = perf_counter() - before
    assert statuses[400] < 2 * BURST
    assert statuses[400] + statuses[429] == 10_000
    assert took_s < 60, "as for ten thousand wrong paths"
    said = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len([text for text in said if "asks too often" in text]) == 1
    assert not [text for text in said if "members/" in text]
    assert await tell(client, entry, token, need()) == 204


async def pipelined(
    client: Client, path: str, body: bytes, n_times: int
) -> Counter[int]:
    """How often each status is answered to the same, over one connection without waiting."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    statuses: Counter[int] = Counter()
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"

    async def ask() -> None:
        for _ in range(n_times):
            writer.write(head.encode() + body)
            await writer.drain()

    asking = asyncio.create_task(ask())
    for _ in range(n_times):
        answer = await reader.readuntil(b"\r\n\r\n")
        statuses[int(answer.split(b" ", 2)[1])] += 1
    await asking
    writer.close()
    await writer.wait_closed()
    return statuses


async def test_told_to_nobody(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in a log, nor in what is published, nor in diagnostics but as a count."""
    caplog.set_level(logging.DEBUG)
    assert await tell(client, entry, token, need(energy_wh=73_519)) == 204
    assert await tell(client, entry, token, need(energy_wh=73_520, days=2)) == 400
    await coordinator_of(entry).async_publish()
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    assert diagnostics["evening"]["told_needs"] == 1
    ours = [r.getMessage() for r in caplog.records if DOMAIN in r.name]
    published = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    for number in ("73519", "73520"):
        assert number not in json.dumps(diagnostics, cls=ExtendedJSONEncoder)
        assert not [
            text for text in ours if number in text or member_path(token) in text
        ]
        assert not [body for body in published if number.encode() in body]


# What is wanted


async def test_wanted_in_the_menu(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
    folder: Path,
) -> None:
    """Only with the forecast, and where homes come to this very house; switched off, all is gone."""
    assert await tell(client, entry, token, need()) == 204
    both = {"refreshes_forecast": True, "takes_needs": True}
    result = await at(hass, entry, "evening")
    result = await next_step(hass, result, both | {"refreshes_forecast": False})
    assert result["errors"] == {"takes_needs": "needs_without_forecast"}
    books = books_of(entry)
    before = books.settings
    for settings in ({"is_served": False}, {"address": "https://pmo.example/feed/"}):
        await books.async_set_settings(replace(before, **settings))
        result = await next_step(hass, result, both)
        assert result["errors"] == {"takes_needs": "needs_not_served"}
    await books.async_set_settings(before)
    result = await next_step(hass, result, both | {"takes_needs": False})
    assert result["type"] is FlowResultType.ABORT
    assert books.needs == ToldNeeds()
    assert b"takes_needs" not in (folder / "operation.json").read_bytes()
    result = await at(hass, entry, "evening")
    await next_step(hass, result, both)
    assert read_operation((folder / "operation.json").read_bytes()).takes_needs
    await hass.config_entries.async_reload(entry.entry_id)
    assert books_of(entry).settings == before
