"""Our triggers in real automations."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import automation
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.trigger import async_validate_trigger_config
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
import voluptuous as vol

from custom_components.autoconsommation_collective.const import DOMAIN

from .automations import automate, device, ours, show
from .feed import Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, settle_down, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)

MINUTE = timedelta(minutes=1)
LATER = timedelta(minutes=31)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, until: datetime
) -> None:
    """Let time pass without our coordinators, whose entities the tests set."""
    freezer.move_to(until)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


@pytest.fixture
async def unloaded(hass: HomeAssistant, plenty: Organiser) -> None:
    """Our entities are registered, and nobody but the test sets their states."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)


@pytest.mark.parametrize("target", ["entity", "device"])
async def test_a_window_ends_and_another_begins(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    target: str,
) -> None:
    """Found by the entity or by its device; the signal itself turns."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    good_time = ours(hass, "good_time", "binary_sensor")
    found = {"entity_id": good_time} if target == "entity" else {"device_id": device(hass)}  # fmt: skip
    ended = await automate(
        hass, {"trigger": f"{DOMAIN}.good_window_ended", "target": found}
    )
    plenty.injection_wh = 100
    await entry.runtime_data.settlement.async_refresh()
    await wait(hass, freezer, LATER)
    assert shown(hass, "good_time", "binary_sensor").state == "off"
    assert [call.data["entity_id"] for call in ended] == [good_time]
    await wait(hass, freezer, MINUTE)
    assert len(ended) == 1


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("name", "states", "runs"),
    [
        pytest.param("started", ["off", "on", "on", "off", "on"], 2, id="each beginning"),
        pytest.param("ended", ["off", "on", "off", "on"], 1, id="each end"),
        pytest.param("started", [STATE_UNKNOWN, "on"], 0, id="found out at a start"),
        pytest.param("started", [STATE_UNAVAILABLE, "on"], 0, id="back again"),
        pytest.param("ended", ["on", STATE_UNKNOWN], 0, id="no longer known"),
    ],
)  # fmt: skip
async def test_changes_of_the_signal(
    hass: HomeAssistant, name: str, states: list[str], runs: int
) -> None:
    """What only becomes known is no change."""
    entity_id = ours(hass, "good_time", "binary_sensor")
    trigger = {
        "trigger": f"{DOMAIN}.good_window_{name}",
        "target": {"entity_id": entity_id},
    }
    await show(hass, entity_id, states[0])
    calls = await automate(hass, trigger)
    for state in states[1:]:
        await show(hass, entity_id, state)
    assert len(calls) == runs


@pytest.mark.usefixtures("unloaded")
async def test_only_our_own_entities(hass: HomeAssistant) -> None:
    """Whatever else stands in the target is left out."""
    namesake = er.async_get(hass).async_get_or_create(
        "binary_sensor", "other", "1", translation_key="good_time"
    )
    targets = [
        namesake.entity_id,
        "binary_sensor.window",
        ours(hass, "good_windows", "calendar"),
    ]
    for entity_id in targets:
        await show(hass, entity_id, "off")
    trigger = {
        "trigger": f"{DOMAIN}.good_window_started",
        "target": {"entity_id": targets},
    }
    calls = await automate(hass, trigger)
    for entity_id in targets:
        await show(hass, entity_id, "on")
    assert calls == []


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("shows", "runs"),
    [
        pytest.param(["900 W", "1100 W", "1200 W", "800 W", "1001 W"], 2, id="each crossing upward"),
        pytest.param(["900 W", "1000 W"], 0, id="not above yet"),
        pytest.param(["0.9 kW", "1.1 kW"], 1, id="in the unit its owner chose"),
        pytest.param([f"{STATE_UNKNOWN} W", "1100 W"], 0, id="found out at a start"),
        pytest.param(["900 W", "1100 h"], 0, id="no power"),
        pytest.param(["900 W", "1100"], 0, id="no unit"),
    ],
)  # fmt: skip
async def test_surplus_rises_above(
    hass: HomeAssistant, shows: list[str], runs: int
) -> None:
    """Of the sensor of the community's surplus."""
    entity_id = ours(hass, "estimated_community_surplus")
    trigger = {
        "trigger": f"{DOMAIN}.surplus_above",
        "target": {"entity_id": entity_id},
        "options": {"power": 1000},
    }
    await show(hass, entity_id, *shows[0].split())
    calls = await automate(hass, trigger)
    for value in shows[1:]:
        await show(hass, entity_id, *value.split())
    assert len(calls) == runs


async def starts_in(hass: HomeAssistant, shown_start: str, minutes: int = 30) -> Any:
    """An automation before the next window, whose start is shown."""
    entity_id = ours(hass, "window_start")
    await show(hass, entity_id, shown_start)
    trigger = {
        "trigger": f"{DOMAIN}.good_window_starts_in",
        "target": {"entity_id": entity_id},
        "options": {"minutes": minutes},
    }
    return await automate(hass, trigger)


def at(minutes: int) -> str:
    """So many minutes from the beginning, as a sensor shows it."""
    return (NOW + minutes * MINUTE).isoformat()


type Move = tuple[int, str]
"""When the sensor changes, in minutes from the beginning, and to what."""


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("first", "moves", "runs"),
    [
        pytest.param(at(60), [], [(30, 60)], id="half an hour before"),
        pytest.param(at(60), [(10, at(90))], [(60, 90)], id="moved before it was told"),
        pytest.param(at(60), [(40, at(75))], [(30, 60)], id="moved a little after it was told"),
        pytest.param(at(60), [(40, at(120))], [(30, 60), (90, 120)], id="put off after it was told"),
        pytest.param(at(60), [(20, STATE_UNKNOWN)], [], id="gone before it was told"),
        pytest.param(at(60), [(65, at(100))], [(30, 60), (70, 100)], id="one after the other"),
        pytest.param(at(-5), [(20, at(40))], [(20, 40)], id="sooner than that after another"),
        pytest.param(at(90), [(50, at(65))], [(50, 65)], id="brought forward"),
        pytest.param(at(-5), [(20, at(10))], [], id="begun before it was known"),
        pytest.param(at(10), [], [], id="close when the automation is loaded"),
        pytest.param(at(10), [(5, at(12))], [], id="close when loaded, then moved"),
        pytest.param(STATE_UNKNOWN, [(5, at(10))], [], id="close when Home Assistant starts"),
        pytest.param(STATE_UNKNOWN, [(5, at(60))], [(30, 60)], id="known after a start"),
        pytest.param(at(-5), [], [], id="in a window"),
    ],
)  # fmt: skip
async def test_a_window_starts_in_half_an_hour(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    first: str,
    moves: list[Move],
    runs: list[tuple[int, int]],
) -> None:
    """Once for each window: when it ran, and of which start."""
    calls = await starts_in(hass, first)
    seen: list[tuple[int, int]] = []
    changes = dict(moves)
    for minute in range(0, 130, 5):
        await pass_time(hass, freezer, NOW + minute * MINUTE)
        if minute in changes:
            await show(hass, ours(hass, "window_start"), changes[minute])
        for call in calls:
            start = datetime.fromisoformat(call.data["start"])
            seen.append((minute, (start - NOW) // MINUTE))
        calls.clear()
    assert seen == runs


@pytest.mark.usefixtures("unloaded")
async def test_switched_off_and_on_it_announces_once(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What was planned is given up with the automation."""
    calls = await starts_in(hass, at(60))
    for service in ("turn_off", "turn_on"):
        await hass.services.async_call(
            automation.DOMAIN, service, {"entity_id": "all"}, blocking=True
        )
    await pass_time(hass, freezer, NOW + 31 * MINUTE)
    assert len(calls) == 1


async def test_the_next_window_of_the_outlook(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """All the way from a forecast: the morning's window is told half an hour before."""
    plenty.injection_wh, plenty.rise_wh = 1000, 60
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    start = datetime.fromisoformat(shown(hass, "window_start").state)
    assert start > NOW + 2 * LATER
    trigger = {
        "trigger": f"{DOMAIN}.good_window_starts_in",
        "target": {"device_id": device(hass)},
        "options": {"minutes": 30},
    }
    calls = await automate(hass, trigger)
    await wait(hass, freezer, start - LATER)
    assert calls == []
    await wait(hass, freezer, start - LATER + 2 * MINUTE)
    assert [call.data["entity_id"] for call in calls] == [ours(hass, "window_start")]


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param("good_window_starts_in", {}, id="no minutes"),
        pytest.param("good_window_starts_in", {"minutes": 0}, id="no time before"),
        pytest.param("good_window_starts_in", {"minutes": 1441}, id="more than a day"),
        pytest.param("surplus_above", {}, id="no power"),
        pytest.param("surplus_above", {"power": "much"}, id="not a number"),
    ],
)
async def test_what_is_refused(
    hass: HomeAssistant, name: str, options: dict[str, Any]
) -> None:
    """An automation with such a trigger is not loaded."""
    trigger = {
        "platform": f"{DOMAIN}.{name}",
        "target": {"entity_id": ours(hass, "window_start")},
        "options": options,
    }
    with pytest.raises(vol.Invalid):
        await async_validate_trigger_config(hass, [trigger])
