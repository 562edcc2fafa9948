"""What the card is told over a real websocket: a day, months, the operation; never who it is of."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import json
import logging
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.adapters.supplier import Supplier
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import OutlookCoordinator
from custom_components.autoconsommation_collective.engine.checklist import (
    Checklist,
    Duty,
)
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import Quality
from custom_components.autoconsommation_collective.organiser.settings import Settings
from tests.engine.organised_cases import random_curves

from .feed import NAME, PARIS, Month, Organiser
from .house import (
    BASE_CONTRACT,
    KEY,
    NOW,
    PRM,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    wait,
)
from .organised import books_of, home, organise
from .steered import OPTIONS, TANK, control, have_device, press, tank
from .village import PLANT, Sky, under

pytestmark = pytest.mark.freeze_time(NOW)

PARTS = {"now", "ahead", "past", "loads"}


@pytest.fixture(autouse=True)
def patient_socket() -> Iterator[None]:
    """A websocket that does not take a jump of the clock for a page that fell silent."""

    with patch.object(web.WebSocketResponse, "_reset_heartbeat"):
        yield


@pytest.fixture
async def client(
    hass: HomeAssistant, organiser: Organiser, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """A page that is open; nothing is set up but what registers the commands."""
    assert await async_setup_component(hass, DOMAIN, {})
    return await hass_ws_client(hass)


async def ask(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """The answer to a command."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **fields})
    answer = await client.receive_json()
    assert answer["success"], answer
    return answer["result"]


async def refusal(client: MockHAClientWebSocket, command: str, **fields: Any) -> str:
    """How a command is refused."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **fields})
    answer = await client.receive_json()
    assert not answer["success"]
    code: str = answer["error"]["code"]
    return code


async def follow(
    client: MockHAClientWebSocket, entry: MockConfigEntry, language: str = "fr"
) -> dict[str, Any]:
    """Follow a day; what is told at once."""
    await ask(client, "subscribe_day", config_entry=entry.entry_id, language=language)
    return await told(client)


async def told(client: MockHAClientWebSocket) -> dict[str, Any]:
    """What is told next."""
    message = await client.receive_json()
    assert message["type"] == "event"
    event: dict[str, Any] = message["event"]
    return event


# Memberships


async def test_no_membership(client: MockHAClientWebSocket) -> None:
    """As before the first is set up."""
    assert await ask(client, "memberships") == []


async def test_memberships(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """By its name, with the device whose entities show it; one that is not loaded, too."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    device = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    expected = {
        "config_entry": entry.entry_id,
        "title": NAME,
        "loaded": True,
        "device_id": device[0].id,
        "organises": False,
    }
    assert await ask(client, "memberships") == [expected]
    await hass.config_entries.async_unload(entry.entry_id)
    assert await ask(client, "memberships") == [expected | {"loaded": False}]


# A day


async def test_a_day_at_once(
    hass: HomeAssistant, client: MockHAClientWebSocket, plenty: Organiser
) -> None:
    """All parts; each step of today and tomorrow, from midnight to midnight."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    day = await follow(client, entry)
    assert day.keys() == PARTS | {"loaded"}
    assert day["loaded"] is True
    ahead, now = day["ahead"], day["now"]
    steps = ahead["steps"]
    assert len(steps) == 96
    assert steps[0]["start"] == ahead["today"] == "2026-11-20T00:00:00+01:00"
    assert steps[-1]["end"] == ahead["end"] == "2026-11-22T00:00:00+01:00"
    assert all(one["end"] == two["start"] for one, two in pairwise(steps))
    assert ahead["tomorrow"] == "2026-11-21T00:00:00+01:00"
    assert (ahead["step_minutes"], ahead["time_zone"]) == (30, "Europe/Paris")
    assert now["at"] == "2026-11-20T12:00:00+01:00"
    assert now["level"] is not None
    assert len(day["past"]["consumption_kwh"]) == 24
    assert day["loads"] == {}


@pytest.mark.parametrize(
    ("at", "n_steps"),
    [
        pytest.param(datetime(2026, 10, 25, 11, tzinfo=UTC), 98, id="25 hours"),
        pytest.param(datetime(2027, 3, 28, 11, tzinfo=UTC), 94, id="23 hours"),
    ],
)
async def test_days_of_other_lengths(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    at: datetime,
    n_steps: int,
) -> None:
    """Both local days whole, when the clocks change."""
    freezer.move_to(at)
    organiser.now = at
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    steps = (await follow(client, entry))["ahead"]["steps"]
    assert len(steps) == n_steps
    starts = [datetime.fromisoformat(steps[n]["start"]) for n in (0, -1)]
    assert [start.astimezone(PARIS).strftime("%H:%M") for start in starts] == [
        "00:00",
        "23:30",
    ]


@pytest.mark.parametrize(
    ("language", "word"),
    [
        pytest.param("fr", "estimation", id="French"),
        pytest.param("fr-CA", "estimation", id="French of elsewhere"),
        pytest.param("en-GB", "estimate", id="English"),
        pytest.param("de", "estimate", id="neither"),
    ],
)
async def test_in_the_language_of_who_looks(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    plenty: Organiser,
    language: str,
    word: str,
) -> None:
    """Which need not be the house's."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert word in (await follow(client, entry, language))["now"]["reason"]


async def test_only_what_is_new(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A minute later the time; after a step all that it changed."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await follow(client, entry)
    await wait(hass, freezer, timedelta(minutes=1))
    assert (await told(client)).keys() == {"loaded", "now"}
    await wait(hass, freezer, timedelta(minutes=29))
    parts: set[str] = set()
    while "ahead" not in parts:
        parts |= (await told(client)).keys()
    assert "past" in parts


async def test_what_was_drawn(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Step by step since midnight; before the meter was read it is not known."""
    linky = Linky(hass)
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=95), 50)
    past = (await follow(client, entry))["past"]
    assert past["consumption_kwh"][:24] == [None] * 24
    assert past["consumption_kwh"][25] == 0.3
    assert past["allocated_kwh"][25] == 0.3  # twice as much is injected as drawn


async def test_midnight(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The day that begins is told at once, before its steps are worked out anew."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await follow(client, entry)
    with patch.object(OutlookCoordinator, "async_refresh_soon"):
        await wait(hass, freezer, datetime(2026, 11, 20, 23, 0, tzinfo=UTC))
    ahead = (await told(client))["ahead"]
    assert ahead["today"] == "2026-11-21T00:00:00+01:00"
    assert ahead["steps"][0]["start"] == ahead["today"]


async def test_an_entry_that_is_loaded_anew(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """It is said to be away, and then everything is told again."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await follow(client, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert await told(client) == {"loaded": False}
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    assert (await told(client)).keys() == PARTS | {"loaded"}


async def test_an_entry_that_is_not_loaded_yet(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """As while Home Assistant starts: told as soon as it is."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    entry.add_to_hass(hass)
    assert await follow(client, entry) == {"loaded": False}
    await set_up(hass, entry)
    assert (await told(client)).keys() == PARTS | {"loaded"}


async def test_no_longer_followed(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is told any more, and nothing is left behind."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    share = entry.runtime_data.share
    before = len(share._listeners)  # noqa: SLF001
    await follow(client, entry)
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": 1})
    assert (await client.receive_json())["success"]
    assert len(share._listeners) == before  # noqa: SLF001
    await wait(hass, freezer, timedelta(minutes=1))
    assert await ask(client, "memberships")


async def test_unknown_membership(
    hass: HomeAssistant, client: MockHAClientWebSocket
) -> None:
    """Another integration's entry is none of ours."""
    other = MockConfigEntry(domain="other", state=ConfigEntryState.LOADED)
    other.add_to_hass(hass)
    for entry_id in ("nowhere", other.entry_id):
        asked = {"config_entry": entry_id}
        day = await refusal(client, "subscribe_day", **asked, language="fr")
        assert day == await refusal(client, "months", **asked) == "not_found"


# Loads


@pytest.fixture
async def sky(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Sky]:
    """The weather, and a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    async with under(NOW) as sky:
        yield sky


@pytest.mark.usefixtures("sky")
async def test_loads(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What each is planned to do and may be asked; told at once when it was asked."""
    await have_device(hass, "tank")
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    client = await hass_ws_client(hass)
    loads = (await follow(client, entry))["loads"]
    assert loads.keys() == {TANK}
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, TANK), config_entry_id=entry.entry_id
    )
    assert device is not None
    assert loads[TANK]["device_id"] == device.id
    assert (loads[TANK]["kind"], loads[TANK]["is_controlled"]) == (
        "water_heater",
        False,
    )
    assert loads[TANK]["ready_by"] == "18:00"
    assert loads[TANK]["runs"] and loads[TANK]["ran"] == []
    await control(hass, TANK)
    await settle_down(hass)
    news = await told(client)
    while "loads" not in news:
        news = await told(client)
    assert news["loads"][TANK]["is_controlled"] is True
    await press(hass, TANK, "run_now")
    await settle_down(hass)
    while news["loads"][TANK]["reason_key"] != "by_hand":
        news |= await told(client)
    for _ in range(13):
        await wait(hass, freezer, timedelta(minutes=5))
    while not news["loads"][TANK]["ran"]:
        news |= await told(client)
    assert news["loads"][TANK]["ran"][0]["kwh"] > 0.5


# Months


async def test_months(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """Each with its energies, its rates beside the kWh, and what it saved."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    answer = await ask(client, "months", config_entry=entry.entry_id)
    (month,) = answer["months"]
    page = organiser.months[0]
    drawn, allocated = sum(page.consumption_wh), sum(page.allocated_wh)
    assert month == {
        "month": "2026-10",
        "basis": "settled",
        "known_part": round(1 / (31 + 1 / 24), 3),
        "consumption_kwh": drawn / 1000,
        "allocated_kwh": allocated / 1000,
        "supplier_kwh": (drawn - allocated) / 1000,
        "self_production_rate": round(allocated / drawn, 3),
        "injected_kwh": None,
        "surplus_kwh": None,
        "saved_eur": round(allocated / 1000 * (0.194 - 0.058), 2),
        "operation": {
            "production_kwh": 192.0,
            "shared_kwh": 144.0,
            "surplus_kwh": 48.0,
            "self_consumption_rate": 0.75,
        },
    }
    assert answer["produces"] is False
    year = answer["year"]
    assert (year["first"], year["last"], year["n_months"]) == ("2025-11", "2026-10", 1)
    same = month.keys() - {"month", "basis", "known_part"}
    assert {key: year[key] for key in same} == {key: month[key] for key in same}


async def test_the_year_is_of_settled_months(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """The last twelve; what is provisional does not count, nor what is older."""
    names = [f"2025-{n:02}" for n in range(8, 13)] + [
        f"2026-{n:02}" for n in range(1, 10)
    ]
    organiser.months = [
        *(Month(name, allocated_each_wh=n + 1) for n, name in enumerate(names)),
        Month("2026-10", quality=Quality.PROVISIONAL),
    ]
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    answer = await ask(client, "months", config_entry=entry.entry_id)
    assert [month["month"] for month in answer["months"]] == [*names, "2026-10"]
    assert answer["months"][-1]["basis"] == "provisional"
    year = answer["year"]
    assert (year["first"], year["last"], year["n_months"]) == ("2025-10", "2026-09", 12)
    settled = answer["months"][2:-1]
    total = sum(month["allocated_kwh"] for month in settled)
    assert year["allocated_kwh"] == pytest.approx(total)
    drawn = sum(month["consumption_kwh"] for month in settled)
    assert year["self_production_rate"] == pytest.approx(total / drawn, abs=0.001)
    assert year["operation"]["production_kwh"] == pytest.approx(12 * 192)


@pytest.mark.usefixtures("nothing_settled")
async def test_a_month_by_the_own_meter(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Estimated, as far as it was read; there is no year yet."""
    linky = Linky(hass)
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert (await ask(client, "months", config_entry=entry.entry_id))["months"] == []
    await live(hass, freezer, linky, NOW + timedelta(minutes=125), 50)
    answer = await ask(client, "months", config_entry=entry.entry_id)
    (month,) = answer["months"]
    assert (month["month"], month["basis"]) == ("2026-11", "estimated")
    assert month["consumption_kwh"] == pytest.approx(1.2, abs=0.35)
    assert month["allocated_kwh"] == pytest.approx(month["consumption_kwh"], abs=0.35)
    assert month["saved_eur"] == pytest.approx(
        month["allocated_kwh"] * (0.194 - 0.058), abs=0.01
    )
    assert 0 < month["known_part"] < 0.01
    assert month["operation"] is None
    assert answer["year"] is None


async def test_another_contract(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """Off-peak hours that were learned meanwhile: what was priced once is priced again."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    before = await ask(client, "months", config_entry=entry.entry_id)
    dearer = BASE_CONTRACT["contract"] | {"price_base": 0.294}
    months = entry.runtime_data.months
    months.supplier = Supplier(hass, {"contract": dearer}, Stores(hass, KEY))
    after = await ask(client, "months", config_entry=entry.entry_id)
    allocated = after["months"][0]["allocated_kwh"]
    saved = [answer["months"][0]["saved_eur"] for answer in (before, after)]
    assert saved[1] - saved[0] == pytest.approx(0.1 * allocated, abs=0.01)


async def test_nothing_saved_is_claimed_without_prices(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """Not known is not nothing."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    answer = await ask(client, "months", config_entry=entry.entry_id)
    assert answer["months"][0]["saved_eur"] is None
    assert answer["year"]["saved_eur"] is None


async def test_a_producer(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """What it injected, and what of it nobody took."""
    organiser.role = "prosumer"
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    answer = await ask(client, "months", config_entry=entry.entry_id)
    assert answer["produces"] is True
    month = answer["months"][0]
    assert (month["injected_kwh"], month["surplus_kwh"]) == (9.6, 1.44)


# The operation


async def test_operation(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """In counts and sums; nobody is named."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    shared = {
        "production_kwh": 192.0,
        "shared_kwh": 144.0,
        "surplus_kwh": 48.0,
        "self_consumption_rate": 0.75,
    }
    assert await ask(client, "operation", config_entry=entry.entry_id) == {
        "name": NAME,
        "members": 10,
        "household_plants": 17,
        "other_plants": 0,
        "months": [{"month": "2026-10", "basis": "settled", **shared}],
        "year": {"first": "2025-11", "last": "2026-10", "n_months": 1, **shared},
    }


async def test_nothing_published(
    hass: HomeAssistant, client: MockHAClientWebSocket
) -> None:
    """A member without a feed: the same questions, and nothing known."""
    entry = member_entry()
    await set_up(hass, entry)
    operation = await ask(client, "operation", config_entry=entry.entry_id)
    assert operation["months"] == [] and operation["year"] is None
    months = await ask(client, "months", config_entry=entry.entry_id)
    assert months == {"produces": False, "months": [], "year": None}
    assert (await follow(client, entry))["now"]["level"] is None


@pytest.mark.parametrize("command", ["months", "operation"])
async def test_asked_before_it_is_loaded(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    organiser: Organiser,
    caplog: pytest.LogCaptureFixture,
    command: str,
) -> None:
    """Refused, so that the card asks again; the log is silent about it."""
    entry = member_entry(organiser)
    entry.add_to_hass(hass)
    asked = {"config_entry": entry.entry_id}
    assert await refusal(client, command, **asked) == "not_found"
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_no_secret(
    hass: HomeAssistant, client: MockHAClientWebSocket, organiser: Organiser
) -> None:
    """Neither the delivery point nor what opens the documents, in any answer."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    answers = [
        await ask(client, "memberships"),
        await ask(client, "months", config_entry=entry.entry_id),
        await ask(client, "operation", config_entry=entry.entry_id),
        await follow(client, entry),
    ]
    text = json.dumps(answers)
    assert NAME in text
    for secret in (PRM, organiser.token, organiser.url):
        assert secret not in text


# An operation that is organised here


@pytest.fixture
async def operation(
    hass: HomeAssistant, client: MockHAClientWebSocket
) -> MockConfigEntry:
    """Ten homes, of which the first has panels; October is to be published."""
    entry = await organise(hass, *(home(n) for n in range(10)))
    books = books_of(entry)
    duties = {Duty.TAKE_IN: 5, Duty.CHECK: 10, Duty.PUBLISH: 25}
    settings = Settings("/feed", checklist=Checklist(duties, "2026-09"))
    await books.async_set_settings(settings)
    await books.async_take_in(Delivery(tuple(random_curves(books.roster.participants))))
    await settle_down(hass)
    return entry


async def follow_organised(
    client: MockHAClientWebSocket, entry: MockConfigEntry
) -> dict[str, Any]:
    """Follow what is organised; what is told at once."""
    await ask(client, "subscribe_organised", config_entry=entry.entry_id)
    return await told(client)


async def test_an_operation_to_its_organiser(
    client: MockHAClientWebSocket, operation: MockConfigEntry
) -> None:
    """Counts, the month with its rate, what is late, what comes next, what waits."""
    answer = await follow_organised(client, operation)
    assert answer.keys() == {"loaded", "organised"}
    shown = answer["organised"]
    counted = {key: shown[key] for key in ("members", "consumers", "producers")}
    assert counted == {"members": 10, "consumers": 10, "producers": 1}
    (month,) = shown["months"]
    assert (month["month"], month["basis"]) == ("2026-10", "provisional")
    assert 0 < month["shared_kwh"] <= month["production_kwh"]
    rate = month["shared_kwh"] / month["production_kwh"]
    assert month["self_consumption_rate"] == pytest.approx(rate, abs=0.001)
    assert [(one["month"], one["duty"]) for one in shown["late"]] == [
        ("2026-09", "take_in"),
        ("2026-09", "check"),
        ("2026-09", "publish"),
    ]
    assert shown["next"] == {"month": "2026-10", "duty": "publish", "due": "2026-11-25"}
    assert shown["unpublished"] == ["2026-10"]
    assert shown["has_deadlines"] and shown["is_published"]


async def test_news_for_the_organiser(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    operation: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Told when the books change and when a day begins, and not otherwise."""
    await follow_organised(client, operation)
    books = books_of(operation)
    await books.async_change(lambda known: replace(known, name="Pré"))
    assert (await told(client))["organised"]["name"] == "Pré"
    books.changed()
    await wait(hass, freezer, datetime(2026, 11, 25, 23, 1, tzinfo=UTC))
    late = (await told(client))["organised"]["late"]
    assert late[-1] == {"month": "2026-10", "duty": "publish", "due": "2026-11-25"}
    await books.async_set_settings(Settings())
    shown = (await told(client))["organised"]
    assert (shown["is_published"], shown["unpublished"]) == (False, [])
    assert (shown["has_deadlines"], shown["next"], shown["late"]) == (False, None, [])


async def test_members_come_before_operations(
    hass: HomeAssistant,
    client: MockHAClientWebSocket,
    operation: MockConfigEntry,
    organiser: Organiser,
) -> None:
    """Whichever was there first; each question is answered about its own kind only."""
    member = member_entry(organiser)
    await set_up(hass, member)
    entries = await ask(client, "memberships")
    assert [(one["config_entry"], one["organises"]) for one in entries] == [
        (member.entry_id, False),
        (operation.entry_id, True),
    ]
    assert all(one["device_id"] for one in entries)
    organised = {"config_entry": operation.entry_id}
    assert await refusal(client, "operation", **organised) == "not_found"
    day = await refusal(client, "subscribe_day", **organised, language="fr")
    assert day == "not_found"
    for other in (member.entry_id, "nowhere"):
        asked = {"config_entry": other}
        assert await refusal(client, "subscribe_organised", **asked) == "not_found"


async def test_the_organiser_is_told_nobody(
    client: MockHAClientWebSocket, operation: MockConfigEntry
) -> None:
    """Neither a name, nor a point, nor what stands for a participant."""
    text = json.dumps([await follow_organised(client, operation)])
    assert "Foyer" not in text and "id0" not in text and "3000123" not in text


async def test_an_operation_that_is_loaded_anew(
    hass: HomeAssistant, client: MockHAClientWebSocket, operation: MockConfigEntry
) -> None:
    """It is said to be away, and then everything is told again."""
    first = await follow_organised(client, operation)
    await hass.config_entries.async_unload(operation.entry_id)
    assert await told(client) == {"loaded": False}
    await hass.config_entries.async_setup(operation.entry_id)
    await settle_down(hass)
    assert await told(client) == first
