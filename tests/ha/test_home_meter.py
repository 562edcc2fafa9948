"""The home's own meter: followed through restarts, silence, new names and its end."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.home_meter import (
    ClosedStep,
    Direction,
    HomeMeter,
)
from custom_components.autoconsommation_collective.adapters.slot_log import SlotLog
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import Quantity

from .feed import Organiser
from .house import (
    KEY,
    NOW,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait,
)
from .kept import kept_steps, statistics_of

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def linky(hass: HomeAssistant) -> Linky:
    """The home's meter."""
    return Linky(hass)


@pytest.fixture
async def entry(
    hass: HomeAssistant, organiser: Organiser, linky: Linky
) -> MockConfigEntry:
    """An entry that follows the meter."""
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    return entry


async def test_counter_of_a_day_restarts(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """At midnight it begins again from zero, and nothing of it is lost."""
    counter = Linky(hass, wh=1000)
    entry = member_entry(organiser, imports=(counter.ref,), daily=(counter.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, counter, NOW + HALF_HOUR, 30)
    counter.wh = 0
    await live(hass, freezer, counter, NOW + timedelta(minutes=65), 30)
    kept = await kept_steps(hass, entry)
    assert [wh for wh, _ in kept.values()] == [180, 180]


async def following(
    hass: HomeAssistant,
    log: SlotLog,
    refs: dict[Direction, str],
    subscribed_kva: float | None = None,
    step: timedelta = HALF_HOUR,
) -> HomeMeter:
    """A meter with one index by direction, followed from now on."""
    indexes = {direction: (ref,) for direction, ref in refs.items()}
    meter = HomeMeter(hass, log, step, indexes, (), subscribed_kva)
    await meter.async_load()
    meter.async_start()
    return meter


@pytest.mark.parametrize(
    ("subscribed_kva", "watts"),
    [
        pytest.param(3, 5000, id="panels of a small home"),
        pytest.param(250, 100_000, id="panels of a school"),
    ],
)
async def test_panels_feed_in_more_than_is_subscribed(
    hass: HomeAssistant,
    disk: Path,
    freezer: FrozenDateTimeFactory,
    subscribed_kva: float,
    watts: int,
) -> None:
    """What was subscribed limits what is drawn, not what is fed in."""
    panels = Linky(hass, "EAIT")
    refs = {Direction.EXPORT: panels.ref}
    meter = await following(hass, SlotLog(Stores(hass, KEY)), refs, subscribed_kva)
    await live(hass, freezer, panels, NOW + HALF_HOUR, watts // 12)
    assert list(meter.tick(NOW + HALF_HOUR)) == [
        ClosedStep(Direction.EXPORT, NOW, 6 * (watts // 12))
    ]
    await meter.async_stop()


# Restarts


async def test_a_reload_loses_nothing(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """In the middle of a step; what was drawn meanwhile is counted."""
    await live(hass, freezer, linky, NOW + timedelta(minutes=40), 30)
    before = value(hass, "estimated_allocated_today")
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert value(hass, "estimated_allocated_today") == pytest.approx(before, abs=0.031)
    await live(hass, freezer, linky, NOW + timedelta(minutes=65), 30)
    kept = await kept_steps(hass, entry)
    assert [wh for wh, _ in kept.values()] == [180, 180]


async def test_a_long_absence_is_a_hole(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody knows when it was drawn, so it is counted nowhere."""
    await live(hass, freezer, linky, NOW + HOUR, 30)
    await hass.config_entries.async_unload(entry.entry_id)
    linky.wh += 5000
    freezer.tick(timedelta(hours=4))
    linky.draw(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await live(hass, freezer, linky, NOW + timedelta(hours=6), 30)
    assert (
        sum(wh for wh, _ in (await kept_steps(hass, entry)).values() if wh > 0) < 1000
    )
    allocated = await statistics_of(hass, "dashboard_complement")
    assert NOW in allocated
    assert NOW + timedelta(hours=2) not in allocated


async def test_a_stop_before_the_hour_makes_no_hole(
    hass: HomeAssistant, disk: Path, linky: Linky, freezer: FrozenDateTimeFactory
) -> None:
    """What is to be saved once Home Assistant stops is saved, although nothing closed."""
    log = SlotLog(Stores(hass, KEY))
    meter = await following(hass, log, {Direction.IMPORT: linky.ref}, step=HOUR)
    await live(hass, freezer, linky, NOW + HOUR, 30)
    for step in meter.tick(NOW + HOUR):
        log.append(step.direction, step.start, HOUR, {Quantity.CONSUMPTION: step.wh})
    meter.save_later()
    await wait(hass, freezer, HALF_HOUR)  # written, and nothing waits any more
    await live(hass, freezer, linky, NOW + timedelta(minutes=115), 30)

    hass.set_state(CoreState.stopping)
    meter.save_later()
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle_down(hass)
    hass.set_state(CoreState.running)

    log = SlotLog(Stores(hass, KEY))
    freezer.move_to(NOW + timedelta(minutes=123))
    linky.draw(40)
    again = await following(hass, log, {Direction.IMPORT: linky.ref}, step=HOUR)
    await live(hass, freezer, linky, NOW + 3 * HOUR, 30)
    kept = {step.start: step.wh for step in again.tick(NOW + 3 * HOUR)}
    assert kept == {NOW + HOUR: 175, NOW + 2 * HOUR: 357}
    await meter.async_stop()
    await again.async_stop()


# What happens to a meter


async def test_silent_meter(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Unavailable: no estimate, and the reason; back soon: nothing is lost."""
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 30)
    linky.fall_silent()
    await wait(hass, freezer, timedelta(minutes=15))
    assert shown(hass, "estimate_status").state == "meter_silent"
    assert shown(hass, "estimated_allocated_power").state == "unknown"
    linky.wh += 90
    await live(hass, freezer, linky, NOW + HOUR, 30)
    kept = await kept_steps(hass, entry)
    assert sum(wh for wh, _ in kept.values()) == pytest.approx(360, abs=31)


async def test_a_home_that_draws_nothing(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The index stands still and is reported all the same: that is no silence."""
    await live(hass, freezer, linky, NOW + timedelta(minutes=30), 0)
    assert shown(hass, "estimate_status").state == "estimated"
    assert value(hass, "estimated_allocated_power") == 0
    assert shown(hass, "estimated_coverage").state == "unknown"


async def test_a_meter_whose_integration_hangs(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its last index is shown for ever: after half a day that is no reading any more."""
    await live(hass, freezer, linky, NOW + HOUR, 30)
    for _ in range(23):
        await wait(hass, freezer, HALF_HOUR)
    assert shown(hass, "estimate_status").state == "estimated"
    for _ in range(4):
        await wait(hass, freezer, HALF_HOUR)
    assert shown(hass, "estimate_status").state == "meter_silent"
    linky.draw(5000)
    await wait(hass, freezer, HALF_HOUR)
    linky.draw(0)
    kept = await kept_steps(hass, entry)
    assert sum(wh for wh, _ in kept.values()) == 360
    assert max(kept) < NOW + 13 * HOUR


async def test_panels_rest_in_a_winter_night(
    hass: HomeAssistant, disk: Path, linky: Linky, freezer: FrozenDateTimeFactory
) -> None:
    """While the home draws, its meter is heard: what it feeds in is zero, not unknown."""
    panels = Linky(hass, "EAIT")
    refs = {Direction.IMPORT: linky.ref, Direction.EXPORT: panels.ref}
    meter = await following(hass, SlotLog(Stores(hass, KEY)), refs)
    fed_in = []
    for n in range(1, 33):
        freezer.tick(HALF_HOUR)
        linky.draw(100)
        await hass.async_block_till_done()
        steps = meter.tick(NOW + n * HALF_HOUR)
        fed_in += [step.wh for step in steps if step.direction is Direction.EXPORT]
    assert fed_in == [0] * 30
    await meter.async_stop()


async def test_renamed_meter_is_followed(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Renaming moves the state; the registry id stays."""
    await live(hass, freezer, linky, NOW + timedelta(minutes=15), 30)
    old = linky.entity_id
    er.async_get(hass).async_update_entity(old, new_entity_id="sensor.compteur")
    hass.states.async_remove(old)
    await live(hass, freezer, linky, NOW + HOUR, 30)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"meter_{entry.entry_id}") is None
    assert shown(hass, "estimate_status").state == "estimated"
    assert [wh for wh, _ in (await kept_steps(hass, entry)).values()] == [180, 180]


async def test_removed_meter(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A repair issue says so, and nothing is counted as drawn: not even zero."""
    await live(hass, freezer, linky, NOW + HALF_HOUR, 30)
    er.async_get(hass).async_remove(linky.entity_id)
    for _ in range(8):
        await wait(hass, freezer, HALF_HOUR)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"meter_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "meter_missing"
    assert shown(hass, "estimate_status").state == "meter_silent"
    assert [wh for wh, _ in (await kept_steps(hass, entry)).values()] == [180]


async def test_meter_that_is_added_again(
    hass: HomeAssistant,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant gives it the id that it had: followed again, without a reload."""
    await live(hass, freezer, linky, NOW + HALF_HOUR, 30)
    er.async_get(hass).async_remove(linky.entity_id)
    hass.states.async_remove("sensor.linky_base")
    await wait(hass, freezer, timedelta(minutes=10))
    assert shown(hass, "estimate_status").state == "meter_silent"
    again = Linky(hass, wh=linky.wh + 60)
    assert again.ref == linky.ref
    await live(hass, freezer, again, NOW + HOUR, 30)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"meter_{entry.entry_id}") is None
    assert shown(hass, "estimate_status").state == "estimated"
    assert [wh for wh, _ in (await kept_steps(hass, entry)).values()] == [180, 180]


@pytest.mark.parametrize("wait_for_it", [True, False], ids=["late", "in time"])
async def test_meter_without_registry_entry(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    wait_for_it: bool,
) -> None:
    """As of YAML without unique id, perhaps made after us: followed, and no false alarm."""
    attributes = {"unit_of_measurement": "kWh", "device_class": "energy"}

    async def read(kwh: float) -> None:
        hass.states.async_set("sensor.p1", str(kwh), attributes)
        await wait(hass, freezer, timedelta(minutes=5))

    if not wait_for_it:
        hass.states.async_set("sensor.p1", "10", attributes)
    entry = member_entry(organiser, imports=("sensor.p1",))
    await set_up(hass, entry)
    for n in range(4):
        await read(10 + n * 0.05)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"meter_{entry.entry_id}") is None
    assert value(hass, "estimated_allocated_power") == pytest.approx(300)


async def test_a_meter_in_kwh_is_read_in_wh(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """And a value that is no number is not taken for one."""
    states: list[tuple[str, dict[str, Any]]] = [
        ("10.0", {"unit_of_measurement": "kWh"}),
        ("10.1", {"unit_of_measurement": "kWh"}),
        ("broken", {"unit_of_measurement": "kWh"}),
        ("99999", {"unit_of_measurement": "VA"}),
        ("10.2", {"unit_of_measurement": "kWh"}),
        ("10.3", {"unit_of_measurement": "kWh"}),
        ("10.4", {"unit_of_measurement": "kWh"}),
    ]
    hass.states.async_set("sensor.p1", *states[0])
    entry = member_entry(organiser, imports=("sensor.p1",))
    await set_up(hass, entry)
    for state in states[1:]:
        await wait(hass, freezer, timedelta(minutes=5))
        hass.states.async_set("sensor.p1", *state)
    await wait(hass, freezer, timedelta(minutes=2))
    assert (await kept_steps(hass, entry))[NOW] == (400, 193.5)
