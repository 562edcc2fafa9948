"""Is it a good time, why, and until when: as a member sees it."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from unittest.mock import PropertyMock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import OutlookCoordinator

from .feed import Organiser
from .house import (
    BASE_CONTRACT,
    KEY,
    NOW,
    OFF_PEAK_CONTRACT,
    Linky,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait,
)

pytestmark = pytest.mark.freeze_time(NOW)


def good(hass: HomeAssistant) -> tuple[str, str]:
    """State and reason of the binary sensor."""
    state = shown(hass, "good_time", "binary_sensor")
    return state.state, state.attributes["reason_key"]


async def test_plenty_is_a_good_time(hass: HomeAssistant, plenty: Organiser) -> None:
    """With the energy, until when, and how surely; no live meter is needed."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    state = shown(hass, "good_time", "binary_sensor")
    assert good(hass) == ("on", "covered")
    assert state.attributes["reason"].startswith("About ")
    assert "> 95 % chance" in state.attributes["reason"]
    assert shown(hass, "signal").state == "excellent"
    assert value(hass, "price_now") == pytest.approx(0.058)
    assert value(hass, "claimable_today") > 0
    assert value(hass, "surplus_today") == pytest.approx(48 * 3.0)


async def test_in_a_french_house(hass: HomeAssistant, plenty: Organiser) -> None:
    """Decimal comma and hours as they are written in French."""
    hass.config.language = "fr"
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    reason = shown(hass, "good_time", "binary_sensor").attributes["reason"]
    assert reason.startswith("Environ ")
    assert " kWh à prendre d'ici " in reason
    assert "," in reason.partition("kWh")[0]


@pytest.mark.parametrize(
    ("injection_wh", "deviation_w", "options", "expected"),
    [
        pytest.param(6000, None, BASE_CONTRACT, ("off", "not_sure_yet"), id="never measured"),
        pytest.param(6000, 50, {}, ("off", "no_contract"), id="no contract told"),
        pytest.param(3000, 50, BASE_CONTRACT, ("off", "not_enough"), id="all of it used"),
        pytest.param(0, 50, BASE_CONTRACT, ("off", "no_production"), id="dark"),
    ],
)  # fmt: skip
async def test_not_a_good_time(
    hass: HomeAssistant,
    plenty: Organiser,
    injection_wh: int,
    deviation_w: int | None,
    options: dict[str, object],
    expected: tuple[str, str],
) -> None:
    """Each reason has its sentence."""
    plenty.injection_wh, plenty.deviation_w = injection_wh, deviation_w
    await set_up(hass, member_entry(plenty, options=options))
    assert good(hass) == expected
    reason = shown(hass, "good_time", "binary_sensor").attributes["reason"]
    assert reason != expected[1]
    assert "{" not in reason


async def test_restart_shows_the_last_signal_with_its_age(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """It has been a good time since before the restart."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    since = shown(hass, "good_time", "binary_sensor").attributes["since"]
    await wait(hass, freezer, timedelta(minutes=10))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert good(hass) == ("on", "covered")
    assert shown(hass, "good_time", "binary_sensor").attributes["since"] == since


async def test_a_cloud_does_not_end_a_good_time_at_once(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Half an hour at least; then the new forecast counts."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    plenty.injection_wh = 100
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    assert good(hass)[0] == "on"
    await wait(hass, freezer, timedelta(minutes=31))
    assert good(hass)[0] == "off"


async def test_windows_stand_in_the_calendar(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """With this home's energy in each; found by span as other calendars."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    calendar = shown(hass, "good_windows", "calendar")
    assert calendar.state == "on"
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": calendar.entity_id,
            "start_date_time": NOW.isoformat(),
            "end_date_time": (NOW + timedelta(hours=1)).isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    (event,) = answer[calendar.entity_id]["events"]
    assert event["summary"].startswith("Good time to consume: about ")
    assert datetime.fromisoformat(event["end"]) > NOW


async def test_old_forecast_is_not_trusted(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """After two days without news the outlook says so, and nothing is promised."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    plenty.answers["*"] = b"{"
    await wait(hass, freezer, timedelta(hours=49))
    assert shown(hass, "outlook_status").state == "no_forecast"
    assert "stale" in shown(hass, "outlook_status").attributes["missing"]
    assert good(hass)[0] == "off"


async def test_meter_that_shows_the_price_class(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Peak now and off-peak at night: the covered kWh is the cheapest of all."""
    hass.states.async_set("sensor.ptec", "peak")
    plenty.injection_wh = 1000
    await set_up(hass, member_entry(plenty, options=OFF_PEAK_CONTRACT))
    assert shown(hass, "signal").state == "avoid"
    assert value(hass, "price_now") == pytest.approx(0.2065)
    hass.states.async_set("sensor.ptec", "off_peak")
    await wait(hass, freezer, timedelta(minutes=2))
    assert value(hass, "price_now") == pytest.approx(0.1579)


async def test_an_evening_writes_the_diary(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """What is forecast of tomorrow is kept once, as it was made."""
    linky = Linky(hass)
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    for hour in (19, 20, 21):
        await wait(hass, freezer, datetime(2026, 11, 20, hour, 0, tzinfo=UTC))
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)
    document = (disk / f"{DOMAIN}.{KEY}.diary.2026-11").read_text()
    assert document.count("made_at") == 1
    assert "2026-11-20T23:00:00" in document


async def test_a_damaged_page_of_the_diary_is_left_out(
    hass: HomeAssistant, plenty: Organiser, disk: Path
) -> None:
    """The entry loads all the same."""
    name = f"{DOMAIN}.{KEY}.diary.2026-11"
    page = {
        "version": 1,
        "minor_version": 1,
        "key": name,
        "data": {"days": [{}, {"start": 3}]},
    }
    (disk / name).write_text(json.dumps(page))
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert good(hass) == ("on", "covered")


async def test_what_was_said_holds_until_the_weather_is_known(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """A start of Home Assistant turns nothing off for want of an answer."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    plenty.injection_wh = 100
    await entry.runtime_data.settlement.async_refresh()
    with patch.object(
        OutlookCoordinator, "is_waiting", new_callable=PropertyMock, return_value=True
    ):
        await wait(hass, freezer, timedelta(minutes=31))
        assert good(hass)[0] == "on"
    await wait(hass, freezer, timedelta(minutes=1))
    assert good(hass)[0] == "off"
