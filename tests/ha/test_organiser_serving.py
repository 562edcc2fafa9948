"""The feed handed out by Home Assistant, over real HTTP: to members, and to anybody else."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
import gzip
import json
import logging
import os
from pathlib import Path
import re
import shutil
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    CONF_INVITATION,
    DOMAIN,
)
from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.organiser.token_bucket import (
    BURST,
    MOST_ADDRESSES,
    TokenBuckets,
)
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    new_token,
)
from tests.engine.organised_cases import MONTH, random_curves

from .flows import answer, begin, finished
from .house import NOW, settle_down, wait
from .organised import at, books_of, coordinator_of, feed, home, organise, serve

pytestmark = pytest.mark.usefixtures("disk", "socket_enabled")
"""A server whose clock stands still closes connections at random, so that it stands still only
where days matter."""

HOMES = tuple(home(n) for n in range(12))

type Client = TestClient[Any, Any]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / DOMAIN / "feed"


@pytest.fixture
async def entry(hass: HomeAssistant, folder: Path) -> MockConfigEntry:
    """Twelve homes, a month, and a folder that Home Assistant hands out."""
    entry = await organise(hass, *HOMES)
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    await serve(entry, folder)
    return entry


@pytest.fixture
async def client(
    entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    """Somebody whom this Home Assistant does not know."""
    return await hass_client_no_auth()


@pytest.fixture
async def token(entry: MockConfigEntry, hass: HomeAssistant) -> str:
    """What opens the documents of the second home, published."""
    token = await books_of(entry).async_invite("id1")
    await coordinator_of(entry).async_publish()
    return token


def index(token: str) -> str:
    """A member's own index."""
    return f"members/{member_path(token)}/index.acc"


# Members


@pytest.mark.freeze_time(NOW)
async def test_a_member_of_this_very_house_reads_what_is_published(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Through the flow, by the invitation, over HTTP: its month is there."""
    address = str(client.make_url(feed(entry)))
    result = await begin(hass, "invitation")
    invitation = Invitation(address, token).text
    result = await answer(hass, result, {CONF_INVITATION: invitation})
    assert not result["errors"]
    result = await answer(hass, result, {CONF_DELIVERY_POINT: HOMES[1].point})
    result = await answer(hass, result, {})
    result = await answer(hass, result, {"next_step_id": "finish"})
    member = await finished(hass, result)
    await settle_down(hass)
    pages = member.runtime_data.settlement.data.pages
    month = await books_of(entry).async_month(MONTH)
    assert month is not None
    for quantity in (Quantity.CONSUMPTION, Quantity.ALLOCATED):
        assert pages[MONTH].total_wh(quantity) == month.pages["id1"].total_wh(quantity)
    aggregates = member.runtime_data.settlement.data.aggregates
    assert aggregates.counts[0].members == 12


async def test_what_is_asked_again_is_not_sent_again(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """By ETag; a list of them, weak ones too."""
    first = await client.get(feed(entry, index(token)))
    assert first.status == 200
    assert first.headers["Cache-Control"] == "no-cache"
    etag = first.headers["ETag"]
    for told in (etag, f'"other", W/{etag}'):
        again = await client.get(
            feed(entry, index(token)), headers={"If-None-Match": told}
        )
        assert (again.status, await again.read()) == (304, b"")
    other = await client.get(
        feed(entry, index(token)), headers={"If-None-Match": '"other"'}
    )
    assert other.status == 200


async def test_months_may_be_kept_for_ever(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Their names tell their content."""
    for path in coordinator_of(entry).paths:
        response = await client.get(feed(entry, path))
        assert response.status == 200, path
        is_month = MONTH in path
        assert ("immutable" in response.headers["Cache-Control"]) is is_month, path
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_month_that_was_replaced_is_there_for_a_while(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
) -> None:
    """For who has read the index just before; not for whom everything was taken away."""
    books = books_of(entry)
    before = coordinator_of(entry).paths
    await books.async_take_in(Delivery(tuple(random_curves(HOMES, 1))))
    await coordinator_of(entry).async_publish()
    after = coordinator_of(entry).paths
    (old,) = (p for p in before if MONTH in p and p.startswith("members/"))
    (new,) = (p for p in after - before if p.startswith("members/"))
    for path in (old, new):
        assert (await client.get(feed(entry, path))).status == 200
    await books.async_revoke("id1")
    await coordinator_of(entry).async_publish()
    for path in (old, new, index(token)):
        assert (await client.get(feed(entry, path))).status == 401


async def test_packed_for_those_who_take_it(
    entry: MockConfigEntry, client: Client, token: str, folder: Path
) -> None:
    """As it lies there; with an ETag of its own."""
    async with client.get(
        feed(entry, "operation.json"),
        headers={"Accept-Encoding": "gzip"},
        auto_decompress=False,
    ) as packed:
        body = await packed.read()
        assert packed.headers["Content-Encoding"] == "gzip"
    plain = await client.get(
        feed(entry, "operation.json"), headers={"Accept-Encoding": "identity"}
    )
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(body) == await plain.read()
    assert json.loads(gzip.decompress(body))["document"] == "operation"


async def test_head_and_other_methods(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """A question about a file is answered; nothing can be sent."""
    path = feed(entry, index(token))
    whole, head = await client.get(path), await client.head(path)
    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    for method in ("post", "put", "delete", "patch"):
        assert (await getattr(client, method)(path)).status == 405


# Everybody else


def wrong_paths(token: str) -> dict[str, int]:
    """What is asked for in vain, and how it is refused."""
    own = member_path(token)
    return {
        index(new_token()): 401,
        f"members/{own}/2026-10.acc": 401,
        f"members/{own}/": 401,
        f"members/{own[:-1]}/index.acc": 401,
        f"members/{own.upper()}/index.acc": 401,
        "members": 404,
        "index.acc": 404,
        "aggregates-2026-10.json": 404,
        "operation.json.gz": 404,
        "operation.json/": 404,
        "/operation.json": 404,
        "%2Foperation.json": 404,
        "members%2F..%2Foperation.json": 401,
        "..%2F..%2Fsecrets.yaml": 404,
        "%2e%2e%2fsecrets.yaml": 404,
        "%252e%252e%252fsecrets.yaml": 404,
        "..%5Csecrets.yaml": 404,
        "operation.json%00": 404,
        "operation.json%0a": 404,
        "%E2%80%AE.json": 404,
        "a" * 4000: 404,
    }


async def test_wrong_paths(
    entry: MockConfigEntry,
    client: Client,
    token: str,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is refused, none is an error, and no login of Home Assistant has failed."""
    (folder.parent / "secrets.yaml").write_text("password: x")
    (folder / "secret.json").write_text("{}")
    for path, status in {**wrong_paths(token), "secret.json": 404}.items():
        asked = client.make_url("/").with_path(feed(entry) + path, encoded=True)
        response = await client.session.get(asked)
        # Core's own filter refuses some of them before they come here.
        assert response.status in {status, 400}, path
        assert "password" not in await response.text()
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "Login attempt" not in caplog.text


async def test_another_members_token_opens_its_own_only(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Documents lie by path, sealed with the token they belong to."""
    other = await books_of(entry).async_invite("id2")
    await coordinator_of(entry).async_publish()
    bodies = {
        which: await (await client.get(feed(entry, index(which)))).read()
        for which in (token, other)
    }
    assert bodies[token] != bodies[other]
    for body in bodies.values():
        assert HOMES[1].point.encode() not in body
        assert b"member" not in body


async def test_nothing_is_handed_out_unless_that_was_told(
    entry: MockConfigEntry, hass: HomeAssistant, client: Client, token: str
) -> None:
    """Nor of an entry that is not loaded, of a member, or of nobody."""
    books = books_of(entry)
    await books.async_set_settings(replace(books.settings, is_served=False))
    assert (await client.get(feed(entry, "operation.json"))).status == 404
    assert (await client.get(feed(entry, index(token)))).status == 401
    await books.async_set_settings(replace(books.settings, is_served=True))
    assert (await client.get(feed(entry, "operation.json"))).status == 200
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await client.get(feed(entry, "operation.json"))).status == 404
    nobody = f"/api/{DOMAIN}/feed/01ABC/operation.json"
    assert (await client.get(nobody)).status == 404


async def test_no_link_is_followed(
    entry: MockConfigEntry, client: Client, token: str, folder: Path
) -> None:
    """Whoever can write into the folder chooses no file of the house."""
    secret = folder.parent / "secrets.yaml"
    secret.write_text("password: x")
    (folder / "operation.json").unlink()
    (folder / "operation.json").symlink_to(secret)
    own = folder / "members" / member_path(token)
    elsewhere = folder.parent / "elsewhere"
    own.rename(elsewhere)
    own.symlink_to(elsewhere)
    plain = {"Accept-Encoding": "identity"}
    response = await client.get(feed(entry, "operation.json"), headers=plain)
    assert response.status == 404
    assert (await client.get(feed(entry, index(token)))).status == 401
    (folder / "aggregates.json").unlink()
    os.mkfifo(folder / "aggregates.json")
    response = await client.get(feed(entry, "aggregates.json"), headers=plain)
    assert response.status == 404


async def test_a_huge_header_is_no_trouble(
    entry: MockConfigEntry, client: Client, token: str
) -> None:
    """Thousands of ETags, or a single one without end."""
    many = ", ".join(f'"{n:x}"' for n in range(1000))
    for told in (many, '"' + "x" * 7000, "," * 7000, "W/" * 3000):
        response = await client.get(
            feed(entry, "operation.json"), headers={"If-None-Match": told}
        )
        assert response.status == 200
    response = await client.get(
        feed(entry, "operation.json"), headers={"If-None-Match": "x" * 100_000}
    )
    assert response.status == 400


async def pipelined(client: Client, paths: list[str]) -> Counter[int]:
    """How often each status is answered, asked over one connection without waiting."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    statuses: Counter[int] = Counter()

    async def ask() -> None:
        for path in paths:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            await writer.drain()

    asking = asyncio.create_task(ask())
    for _ in paths:
        head = await reader.readuntil(b"\r\n\r\n")
        statuses[status := int(head.split(b" ", 2)[1])] += 1
        headers = dict(
            line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2]
        )
        assert status != 429 or int(headers[b"retry-after"]) >= 1
        await reader.readexactly(int(headers.get(b"content-length", 0)))
    await asking
    writer.close()
    await writer.wait_closed()
    return statuses


async def test_ten_thousand_wrong_paths(
    entry: MockConfigEntry,
    client: Client,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Asked for patience after some; told once, without a path; members are still answered."""
    for name in ("homeassistant.helpers.http", "aiohttp.access"):
        caplog.set_level(logging.WARNING, name)
    statuses = await pipelined(
        client, [feed(entry, f"members/{n:032x}/index.acc") for n in range(10_000)]
    )
    assert statuses[401] < 2 * BURST
    assert statuses[401] + statuses[429] == 10_000
    told = [r for r in caplog.records if "asks too often" in r.getMessage()]
    assert len(told) == 1
    assert "members/" not in told[0].getMessage()
    assert (await client.get(feed(entry, index(token)))).status == 200


def test_patience() -> None:
    """A token comes back with time; addresses that are silent are forgotten."""
    buckets = TokenBuckets()
    assert not any(buckets.wait_s("a", 0.0) for _ in range(BURST))
    wait_s = buckets.wait_s("a", 0.0)
    assert wait_s > 0
    assert buckets.wait_s("b", 0.0) == 0
    assert buckets.is_first("a")
    assert not buckets.is_first("a")
    assert buckets.wait_s("a", wait_s) == 0
    for n in range(MOST_ADDRESSES):
        buckets.wait_s(f"{n}", wait_s)
    assert buckets.wait_s("a", wait_s) == 0, "a is forgotten, so its bucket is full"
    assert len(buckets._buckets) == MOST_ADDRESSES  # noqa: SLF001


# The list


async def test_the_list_is_for_administrators(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    hass_admin_user: MockUser,
) -> None:
    """By a link that somebody was shown, and to nobody without it."""
    assert await async_setup_component(hass, "config", {})
    bare = f"/api/{DOMAIN}/participants/{entry.entry_id}"
    result = await at(hass, entry, "participants", "participants_download")
    address = (result["description_placeholders"] or {})["address"]
    assert address.startswith(bare)
    stranger = await hass_client_no_auth()
    assert (await stranger.get(bare)).status == 401
    known = await hass_client()
    response = await known.get(bare)
    assert response.status == 200
    text = await response.text("utf-8-sig")
    assert text.splitlines()[0].startswith("name;point;")
    assert HOMES[3].point in text
    assert response.headers["Cache-Control"] == "no-store"
    flow = "/api/config/config_entries/options/flow"
    result = await (await known.post(flow, json={"handler": entry.entry_id})).json()
    for way in ("participants", "participants_download"):
        asked = await known.post(
            f"{flow}/{result['flow_id']}", json={"next_step_id": way}
        )
        result = await asked.json()
    link = result["description_placeholders"]["address"]
    assert (await stranger.get(link)).status == 200
    assert (await stranger.get(link.replace(entry.entry_id, "other"))).status == 401
    hass_admin_user.groups = []
    assert (await known.get(bare)).status == 403


async def test_papers_are_opened_from_the_menu(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """By links that open in a new tab of the administrator's browser."""
    assert await async_setup_component(hass, "config", {})
    known, stranger = await hass_client(), await hass_client_no_auth()
    flow = "/api/config/config_entries/options/flow"
    result = await (await known.post(flow, json={"handler": entry.entry_id})).json()
    step = f"{flow}/{result['flow_id']}"
    asked = await known.post(step, json={"next_step_id": "papers"})
    told = (await asked.json())["description_placeholders"]
    links = re.findall(r"\((/api/[^)]+)\)", told["months"])
    assert len(links) == 3
    for link in (told["weekly"], told["indicators"], *links):
        assert (await stranger.get(link)).status == 200
    assert (await (await known.post(step, json={})).json())["type"] == "menu"


@pytest.mark.freeze_time(NOW)
async def test_midnight_publishes_who_left_and_no_month_that_waits(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    token: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A consent that ends takes its documents away; what was not published is not."""
    books = books_of(entry)
    (block,) = next(iter(random_curves(HOMES))).blocks
    curve = next(iter(random_curves(HOMES)))
    halved = {q: wh / 2 for q, wh in block.energies.items()}
    curve = replace(curve, blocks=(replace(block, energies=halved),))
    await books.async_take_in(Delivery((curve,)))
    assert books.publishing.due == {MONTH}
    ended = replace(HOMES[1], consent=(Validity(date(2025, 1, 1), date(2026, 11, 20)),))
    await books.async_change(lambda known: known.with_participant(ended))
    assert (await client.get(feed(entry, index(token)))).status == 200
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 1, tzinfo=UTC))
    assert (await client.get(feed(entry, index(token)))).status == 401
    assert books.publishing.due == {MONTH}
    assert "id1" not in books.publishing.stamps.documents


ENDS = date(2026, 11, 20)


@pytest.fixture
async def ending(entry: MockConfigEntry, token: str) -> str:
    """Token of a home that has not agreed for longer than that day."""
    ended = replace(HOMES[1], consent=(Validity(date(2025, 1, 1), ENDS),))
    await books_of(entry).async_change(lambda known: known.with_participant(ended))
    return token


@pytest.mark.freeze_time(NOW)
async def test_a_consent_that_ends_while_the_house_is_off(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    ending: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What it had is taken away at the next start."""
    own = folder / "members" / member_path(ending)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.move_to(datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert own.is_dir()
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not own.exists()


@pytest.mark.freeze_time(NOW)
async def test_a_folder_that_refuses_at_midnight_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Client,
    folder: Path,
    ending: str,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every hour, and said once; meanwhile nobody is handed what still lies there."""
    own = folder / "members" / member_path(ending)
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("not a folder")
    for hour in (23, 0, 1):
        day = 20 if hour == 23 else 21
        await wait(hass, freezer, datetime(2026, 11, day, hour, 2, tzinfo=UTC))
    assert caplog.text.count("was not published") == 1
    folder.unlink()
    away.rename(folder)
    assert own.is_dir()
    assert (await client.get(feed(entry, index(ending)))).status == 401
    await wait(hass, freezer, datetime(2026, 11, 21, 2, 3, tzinfo=UTC))
    assert not own.exists()
    caplog.clear()


async def test_a_folder_that_was_lost_is_written_again(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, token: str
) -> None:
    """Such as one that no backup holds: with the revisions that homes know."""
    books = books_of(entry)
    before = books.publishing.stamps
    (folder / "aggregates.json").unlink()
    shutil.rmtree(folder / "members")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    books = books_of(entry)
    assert books.publishing.stamps.months == before.months
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert coordinator_of(entry).paths <= there
    assert books.publishing.due == frozenset()
