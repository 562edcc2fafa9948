"""Loads held back near the subscribed power, by what a live meter tells."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.autoconsommation_collective.adapters.power_meter import (
    PowerMeter,
)
from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import PARIS
from .house import KEY, NOW, member_entry, set_up, settle_down, shown, wait
from .steered import OPTIONS, TANK, control, have_device, load_state, tank
from .village import PLANT, under

pytestmark = pytest.mark.freeze_time(NOW)

TANK_VA = 2200
POLL = timedelta(seconds=10)
EVENING = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""After the tank had to be hot, before the cheap hours."""
KNOWN_AFTER = 37
"""Reports until the meter is known to be quick, at the minute after."""


@dataclass(frozen=True, slots=True)
class LiveMeter:
    """Tells what the home draws, the tank included while it is on; on three phases, on each."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    n_phases: int = 1
    tank_phase: int = 0

    @property
    def entity_ids(self) -> list[str]:
        """Its sensors."""
        return [f"sensor.live_{n}" for n in range(self.n_phases)]

    async def tell(
        self, *base_va: float, times: int = 1, every: timedelta = POLL
    ) -> None:
        """Report that often, also where nothing changes."""
        for _ in range(times):
            self.freezer.tick(every)
            for n, entity_id in enumerate(self.entity_ids):
                drawn = TANK_VA * (is_on(self.hass) and n == self.tank_phase)
                self.hass.states.async_set(
                    entity_id, str(base_va[n] + drawn), {"unit_of_measurement": "VA"}
                )
            async_fire_time_changed(self.hass)
            await settle_down(self.hass)


@pytest.fixture
async def relay(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[str]:
    """A relay in a house of the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    async with under(NOW):
        yield await have_device(hass, TANK)


@pytest.fixture
async def meter(
    hass: HomeAssistant, relay: str, freezer: FrozenDateTimeFactory
) -> LiveMeter:
    """A meter that is told every ten seconds, and a tank that is being heated."""
    meter = LiveMeter(hass, freezer)
    await be_guarded_by(meter)
    return meter


async def be_guarded_by(meter: LiveMeter, kva: float = 6.0) -> MockConfigEntry:
    """Set up a home with a tank that follows the plan, and this meter."""
    live = {"live_power": meter.entity_ids, "subscribed_power_kva": kva}
    entry = member_entry(options=OPTIONS | live, plants=(PLANT, tank()))
    await set_up(meter.hass, entry)
    await control(meter.hass, TANK)
    await settle_down(meter.hass)
    assert is_on(meter.hass)
    return entry


def is_on(hass: HomeAssistant) -> bool:
    """Whether the relay is."""
    state = hass.states.get(f"input_boolean.{TANK}")
    assert state is not None
    return state.state == "on"


async def turn_guard(hass: HomeAssistant, *, on: bool = True) -> None:
    """The user wants it, or no longer."""
    await hass.services.async_call(
        "switch",
        "turn_on" if on else "turn_off",
        {"entity_id": shown(hass, "power_guard", "switch").entity_id},
        blocking=True,
    )
    await settle_down(hass)


async def test_held_back_and_given_back(hass: HomeAssistant, meter: LiveMeter) -> None:
    """A hob and an oven: the tank waits for them, and says so."""
    await meter.tell(800, times=KNOWN_AFTER)
    assert float(shown(hass, "power_refresh").state) == 10
    await turn_guard(hass)
    await meter.tell(800)
    assert is_on(hass)
    await meter.tell(4500)
    assert not is_on(hass)
    assert load_state(hass, TANK, "load_status").state == "shed"
    assert "subscribed power" in load_state(hass, TANK, "load_reason").state
    await meter.tell(4500, times=65)
    assert not is_on(hass)
    await meter.tell(800)
    assert is_on(hass)
    assert load_state(hass, TANK, "load_status").state == "running"


async def test_not_unless_it_is_wanted(hass: HomeAssistant, meter: LiveMeter) -> None:
    """Off at first; switched off again, all is let go."""
    await meter.tell(800, times=KNOWN_AFTER)
    await meter.tell(4500, times=3)
    assert is_on(hass)
    await turn_guard(hass)
    assert not is_on(hass)
    await turn_guard(hass, on=False)
    assert is_on(hass)


async def test_a_slow_meter_is_no_guard(hass: HomeAssistant, meter: LiveMeter) -> None:
    """Of one minute it is not offered, nor does it hold anything back any more."""
    assert shown(hass, "power_guard", "switch").state == STATE_UNAVAILABLE
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    await meter.tell(800, times=20, every=timedelta(minutes=1))
    assert float(shown(hass, "power_refresh").state) == 60
    assert shown(hass, "power_guard", "switch").state == STATE_UNAVAILABLE
    await meter.tell(4500)
    assert is_on(hass)


async def test_a_meter_that_falls_silent_lets_go(
    hass: HomeAssistant, meter: LiveMeter, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody showers cold because a dongle was unplugged."""
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    await meter.tell(4500)
    assert not is_on(hass)
    hass.states.async_set(meter.entity_ids[0], STATE_UNAVAILABLE)
    for _ in range(11):
        await wait(hass, freezer, timedelta(minutes=1))
    assert is_on(hass)


async def test_what_was_switched_by_hand_stays(
    hass: HomeAssistant, meter: LiveMeter, freezer: FrozenDateTimeFactory
) -> None:
    """Who holds the switch decides."""
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    await hass.services.async_call(
        "input_boolean",
        "turn_on",
        {"entity_id": f"input_boolean.{TANK}"},
        blocking=True,
    )
    await settle_down(hass)
    await meter.tell(4500, times=3)
    assert load_state(hass, TANK, "load_status").state == "by_hand"
    assert is_on(hass)


@pytest.mark.parametrize("looks", [0, 3], ids=["at once", "once it was seen off"])
async def test_handed_back_while_it_is_held_back(
    hass: HomeAssistant, meter: LiveMeter, looks: int
) -> None:
    """Only observed again, nothing is commanded, and our own hand is not taken for the user's."""
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    await meter.tell(4500, times=1 + looks)
    assert not is_on(hass)
    await control(hass, TANK, is_on=False)
    await settle_down(hass)
    assert is_on(hass)
    await meter.tell(4500, times=12)
    assert is_on(hass)
    assert load_state(hass, TANK, "load_status").state != "by_hand"


@pytest.mark.parametrize(
    ("value", "unit", "home_va"),
    [
        ("800", "VA", (800.0,)),
        ("0.8", "kW", (800.0,)),
        ("-300", "W", (0.0,)),
        ("nan", "VA", None),
        ("inf", "VA", None),
        ("unknown", "VA", None),
        ("800", "Wh", None),
    ],
)
async def test_what_a_meter_tells(
    hass: HomeAssistant, value: str, unit: str, home_va: tuple[float, ...] | None
) -> None:
    """A power in VA or W; no number is not nothing."""
    hass.states.async_set("sensor.live", value, {"unit_of_measurement": unit})
    assert PowerMeter(hass, ["sensor.live"]).home_va(NOW) == home_va


async def test_another_meter_is_measured_anew(
    hass: HomeAssistant, meter: LiveMeter
) -> None:
    """Of how often the old one told, nothing is known of the new one."""
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    options = {**entry.options, "live_power": ["sensor.another"]}
    hass.config_entries.async_update_entry(entry, options=options)
    await settle_down(hass)
    assert shown(hass, "power_guard", "switch").state == STATE_UNAVAILABLE
    assert shown(hass, "power_refresh").state == "unknown"


async def test_known_again_after_a_restart(
    hass: HomeAssistant, meter: LiveMeter
) -> None:
    """At the first look, not after minutes."""
    await meter.tell(800, times=KNOWN_AFTER)
    await turn_guard(hass)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert shown(hass, "power_guard", "switch").state == "on"
    await meter.tell(4500)
    assert not is_on(hass)


@pytest.mark.parametrize(
    ("base_va", "is_held"),
    [
        pytest.param((200, 2900, 2900), True, id="a phase may hold it"),
        pytest.param((200, 200, 200), False, id="none is full"),
    ],
)
async def test_of_three_phases_each_counts(
    hass: HomeAssistant,
    relay: str,
    freezer: FrozenDateTimeFactory,
    base_va: tuple[float, ...],
    is_held: bool,
) -> None:
    """On which the tank is, nobody told: it may be any."""
    meter = LiveMeter(hass, freezer, n_phases=3)
    await be_guarded_by(meter, kva=9.0)
    await meter.tell(100, 100, 100, times=KNOWN_AFTER)
    await turn_guard(hass)
    await meter.tell(*base_va)
    assert is_on(hass) is not is_held


@pytest.mark.parametrize("missing", ["live_power", "subscribed_power_kva"])
async def test_not_there_without_meter_or_limit(
    hass: HomeAssistant, relay: str, missing: str
) -> None:
    """Nothing to guard by, or nothing to guard."""
    live = {"live_power": ["sensor.live_0"], "subscribed_power_kva": 6.0}
    del live[missing]
    await set_up(hass, member_entry(options=OPTIONS | live, plants=(PLANT, tank())))
    registry = er.async_get(hass)
    for platform, key in (("switch", "power_guard"), ("sensor", "power_refresh")):
        assert not registry.async_get_entity_id(platform, DOMAIN, f"{KEY}_{key}")
