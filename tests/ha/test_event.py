"""What has happened: told when it changes, and never because Home Assistant starts."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from .feed import Month, Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, settle_down, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)

HALF_HOUR = timedelta(minutes=31)


@pytest.fixture
async def member(hass: HomeAssistant, plenty: Organiser) -> MockConfigEntry:
    """A member in the middle of a good window."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert shown(hass, "good_time", "binary_sensor").state == "on"
    return entry


def event(hass: HomeAssistant) -> State:
    """The event entity."""
    return shown(hass, "signal_event", "event")


async def forecast(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    member: MockConfigEntry,
    organiser: Organiser,
    injection_wh: int,
) -> None:
    """Another forecast is published, and half an hour passes."""
    organiser.injection_wh = injection_wh
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    await wait(hass, freezer, HALF_HOUR)


async def test_a_start_in_a_good_window_tells_nothing(
    hass: HomeAssistant, member: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Nor do the minutes in which it goes on, nor a reload."""
    assert event(hass).state == STATE_UNKNOWN
    await wait(hass, freezer, timedelta(minutes=10))
    await hass.config_entries.async_reload(member.entry_id)
    await settle_down(hass)
    await wait(hass, freezer, timedelta(minutes=10))
    assert shown(hass, "good_time", "binary_sensor").state == "on"
    assert event(hass).state == STATE_UNKNOWN


async def test_a_window_ends_and_another_begins(
    hass: HomeAssistant,
    member: MockConfigEntry,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """At the moment the signal turns; with why, and what there is to take."""
    await forecast(hass, freezer, member, plenty, 100)
    ended = event(hass)
    assert ended.attributes["event_type"] == "good_window_ended"
    assert datetime.fromisoformat(ended.state) >= NOW + HALF_HOUR
    assert "end" not in ended.attributes
    await forecast(hass, freezer, member, plenty, 6000)
    started = event(hass)
    assert started.attributes["event_type"] == "good_window_started"
    assert started.attributes["reason"].startswith("About ")
    assert started.attributes["energy_kwh"] > 0
    assert started.attributes["probability"] == 1.0
    now = NOW + 2 * HALF_HOUR
    assert datetime.fromisoformat(started.attributes["end"]) > now
    assert datetime.fromisoformat(started.state) >= now
    await wait(hass, freezer, timedelta(minutes=2))
    assert event(hass).state == started.state


async def test_while_home_assistant_starts_nothing_has_happened(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """What is worked out until it runs is where changes are counted from."""
    hass.set_state(CoreState.starting)
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await forecast(hass, freezer, entry, plenty, 100)
    assert shown(hass, "good_time", "binary_sensor").state == "off"
    assert event(hass).state == STATE_UNKNOWN
    hass.set_state(CoreState.running)
    await wait(hass, freezer, timedelta(minutes=1))
    assert event(hass).state == STATE_UNKNOWN
    await forecast(hass, freezer, entry, plenty, 6000)
    assert event(hass).attributes["event_type"] == "good_window_started"


async def test_a_restored_event_keeps_its_time(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """The last one is still the last one."""
    at = "2026-11-19T12:00:00.000+00:00"
    told = {"last_event_type": "good_window_ended", "last_event_attributes": None}
    name = "event.soleil_du_boischaut_good_windows_and_settlements"
    mock_restore_cache_with_extra_data(hass, [(State(name, at), told)])
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    assert event(hass).entity_id == name
    assert event(hass).state == at


async def test_a_settled_month_arrives(
    hass: HomeAssistant,
    member: MockConfigEntry,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A later one; a correction of one that is known is none, nor is a provisional one."""
    plenty.months = [Month("2026-09")]
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    first = event(hass)
    assert first.attributes["event_type"] == "settlement_received"
    assert first.attributes["month"] == "2026-09"
    month = Month("2026-09")
    allocated, consumed = sum(month.allocated_wh), sum(month.consumption_wh)
    assert first.attributes["allocated_kwh"] == allocated / 1000
    assert first.attributes["complement_kwh"] == (consumed - allocated) / 1000
    assert first.attributes["self_production_rate"] == round(allocated / consumed, 3)
    assert "production_kwh" not in first.attributes
    plenty.months = [Month("2026-09", revision=2), Month("2026-10", quality="provisional")]  # fmt: skip
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    assert event(hass).state == first.state
    plenty.months = [Month("2026-09", revision=2), Month("2026-10", revision=2)]
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    assert event(hass).attributes["month"] == "2026-10"


async def test_settled_before_is_no_news(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """What the first look at the organiser's documents finds was there already."""
    await set_up(hass, member_entry(organiser, options=BASE_CONTRACT))
    assert shown(hass, "settled_until").state == "2026-10-01"
    assert event(hass).state == STATE_UNKNOWN
