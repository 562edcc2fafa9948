"""An organiser that is away, refuses, says goodbye, or changes its mind."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import CONF_LEFT_ON, DOMAIN

from .feed import NEW_TOKEN, Month, Organiser
from .house import (
    KEY,
    NOW,
    Linky,
    coordinator,
    member_entry,
    set_up,
    shown,
    value,
    wait,
)
from .kept import assert_statistics

pytestmark = pytest.mark.freeze_time(NOW)

NEXT_POLL = timedelta(hours=1)
OCTOBER = Month("2026-10")


@pytest.fixture
async def entry(hass: HomeAssistant, organiser: Organiser) -> MockConfigEntry:
    """An entry that has heard the organiser once."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    organiser.asked.clear()
    return entry


# An organiser that is away


async def test_organiser_away_is_asked_less_and_less_often(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """5, 10, 20 minutes; what is known is shown meanwhile."""
    organiser.answers["*"] = web.Response(status=503)
    await wait(hass, freezer, NEXT_POLL)
    asked = []
    for _ in range(36):
        organiser.asked.clear()
        await wait(hass, freezer, timedelta(minutes=1))
        asked.append(bool(organiser.asked))
    times = [minute for minute, was_asked in enumerate(asked, start=1) if was_asked]
    assert times == [
        pytest.approx(5, abs=1),
        pytest.approx(15, abs=1),
        pytest.approx(35, abs=1),
    ]
    assert value(hass, "settled_allocated_month") > 0
    organiser.answers.clear()
    await wait(hass, freezer, timedelta(minutes=41))
    assert coordinator(entry).last_update_success


async def test_retry_after_is_honoured(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Not a question before the two hours the server asked for."""
    organiser.answers["*"] = web.Response(status=503, headers={"Retry-After": "7200"})
    await wait(hass, freezer, NEXT_POLL)
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(minutes=118))
    assert organiser.asked == []
    await wait(hass, freezer, timedelta(minutes=10))
    assert organiser.asked == ["operation.json"]


@pytest.mark.parametrize(
    "lacking", ["2026-09.acc", "aggregates.json", "aggregates-2026-10.json"]
)
async def test_document_that_is_not_there_holds_up_nothing(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    lacking: str,
) -> None:
    """However long it is missing: forecasts and new months keep coming."""
    organiser.answers[lacking] = web.Response(status=404)
    organiser.months = [Month("2026-09"), replace(OCTOBER, revision=2)]
    await wait(hass, freezer, NEXT_POLL)
    organiser.months.append(Month("2026-11"))
    organiser.injection_wh = 2000
    await wait(hass, freezer, timedelta(hours=6))
    assert value(hass, "estimated_community_production") == 4000
    assert shown(hass, "settled_until").state == "2026-11-01"


# Refused


async def test_refused_token_asks_once_for_another(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Meanwhile it goes on with what everybody may read, and asks ever more rarely."""
    organiser.answers["index.acc"] = web.Response(status=401)
    await wait(hass, freezer, NEXT_POLL)
    assert len(hass.config_entries.flow.async_progress()) == 1
    organiser.injection_wh = 2000
    organiser.asked.clear()
    for _ in range(24):
        await wait(hass, freezer, timedelta(hours=1))
    assert 4 <= organiser.asked.count("index.acc") <= 12
    assert len(hass.config_entries.flow.async_progress()) == 1
    assert value(hass, "estimated_community_production") == 4000


async def test_index_that_was_gone_for_a_moment(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """As while a web space is filled anew: the question is withdrawn by itself."""
    organiser.answers["index.acc"] = web.Response(status=404)
    await wait(hass, freezer, NEXT_POLL)
    assert len(hass.config_entries.flow.async_progress()) == 1
    organiser.answers.clear()
    organiser.months.append(Month("2026-11"))
    await wait(hass, freezer, timedelta(hours=2))
    assert hass.config_entries.flow.async_progress() == []
    assert shown(hass, "settled_until").state == "2026-11-01"


async def test_member_who_left_is_not_asked_for_a_token(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Late settlements come as long as the token holds; then all is quiet."""
    linky = Linky(hass)
    entry = member_entry(
        organiser, imports=(linky.ref,), options={CONF_LEFT_ON: "2026-11-10"}
    )
    await set_up(hass, entry)
    assert shown(hass, "estimate_status").state == "not_member"
    organiser.months.append(Month("2026-11"))
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_until").state == "2026-11-01"

    organiser.token = NEW_TOKEN
    await wait(hass, freezer, NEXT_POLL)
    assert hass.config_entries.flow.async_progress() == []
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(days=4))
    assert organiser.asked == []
    assert shown(hass, "estimate_status").state == "not_member"


async def test_member_whose_feed_says_so_has_left(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Membership ends in the feed: no estimate, late settlements, and no new token."""
    await set_up(hass, member_entry(organiser))
    assert shown(hass, "estimate_status").state == "no_meter"
    organiser.last_day = date(2026, 11, 19)
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "estimate_status").state == "not_member"
    assert shown(hass, "good_time", "binary_sensor").state == "unknown"

    november = Month("2026-11")
    organiser.months.append(november)
    await wait(hass, freezer, NEXT_POLL)
    await assert_statistics(hass, [OCTOBER, november], [OCTOBER, november])
    organiser.answers["index.acc"] = web.Response(status=410)
    await wait(hass, freezer, NEXT_POLL)
    assert hass.config_entries.flow.async_progress() == []


async def test_last_day_is_a_day_of_membership(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """It ends at the local midnight after it, wherever the house thinks it is."""
    organiser.last_day = date(2026, 11, 20)
    await set_up(hass, member_entry(organiser))
    await wait(hass, freezer, datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    assert shown(hass, "estimate_status").state == "no_meter"
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 1, tzinfo=UTC))
    assert shown(hass, "estimate_status").state == "not_member"


async def test_what_was_read_before_the_refusal_is_kept(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The operation comes before the index: a new key holds at once."""
    entry = member_entry(organiser, options={CONF_LEFT_ON: "2026-11-10"})
    await set_up(hass, entry)
    organiser.key = "full_dynamic"
    organiser.answers["index.acc"] = web.Response(status=410)
    await wait(hass, freezer, NEXT_POLL)
    operation = coordinator(entry).data.operation
    assert operation is not None
    assert [key.type for key in operation.keys] == ["full_dynamic"]


# What decides the shape of the entry


async def test_change_of_step_reloads(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The meter's steps follow the operation's."""
    before = entry.runtime_data
    organiser.step_minutes = 15
    await wait(hass, freezer, NEXT_POLL)
    assert entry.runtime_data is not before
    assert coordinator(entry).shape.step == timedelta(minutes=15)


async def test_new_producer_gets_entities(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A consumer has no production; a member who becomes producer has."""
    key = f"{KEY}_settled_production_month"
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, key) is None
    organiser.role = "prosumer"
    organiser.months.append(Month("2026-11"))
    await wait(hass, freezer, NEXT_POLL)
    assert value(hass, "settled_production_month") == pytest.approx(48 * 0.2)
    assert value(hass, "settled_surplus_month") == pytest.approx(48 * 0.03)
