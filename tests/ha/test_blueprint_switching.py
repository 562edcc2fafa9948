"""The blueprints that switch on and off: an appliance, a water heater."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from .automations import ours, show
from .blueprints import LANGUAGES, at, leave, tell, use
from .feed import Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, wait

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("unloaded"),
]


@pytest.fixture
async def unloaded(
    hass: HomeAssistant, plenty: Organiser, automations_end: None
) -> None:
    """It is no good time, nobody but the test tells otherwise, and all toggles are off."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await leave(hass, entry)
    names = ("plug", "waiting", "heater", "hot")
    off = {name: {"initial": False} for name in names}
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": off})


def is_on(hass: HomeAssistant, name: str) -> bool:
    """Whether a helper is on."""
    return hass.states.is_state(f"input_boolean.{name}", "on")


async def turn(hass: HomeAssistant, name: str, *, on: bool = True) -> None:
    """Switch a helper as a person does."""
    await hass.services.async_call(
        "input_boolean",
        "turn_on" if on else "turn_off",
        {"entity_id": f"input_boolean.{name}"},
        blocking=True,
    )
    await hass.async_block_till_done()


# An appliance


async def appliance(
    hass: HomeAssistant, language: str = "en", appliance: str = "input_boolean.plug"
) -> None:
    """An appliance that is started at 18:00 at the latest."""
    inputs = {
        "good_time": ours(hass, "good_time", "binary_sensor"),
        "appliance": appliance,
        "waiting": "input_boolean.waiting",
    }
    await use(hass, "appliance_in_good_window", language, inputs)


@LANGUAGES
async def test_an_appliance_starts_in_the_window(
    hass: HomeAssistant, language: str
) -> None:
    """Once for each time that it was loaded, and only then; it is not stopped by the end."""
    await appliance(hass, language)
    await tell(hass, "on")
    assert not is_on(hass, "plug")
    await tell(hass, "off")
    await turn(hass, "waiting")
    assert not is_on(hass, "plug")
    await tell(hass, "on")
    assert (is_on(hass, "plug"), is_on(hass, "waiting")) == (True, False)
    await tell(hass, "off")
    assert is_on(hass, "plug")
    await turn(hass, "plug", on=False)
    await tell(hass, "on")
    assert not is_on(hass, "plug")


@pytest.mark.parametrize(
    "before", [pytest.param("on", id="in a window"), pytest.param("unknown", id="found out at a start")]
)  # fmt: skip
async def test_an_appliance_is_loaded_late(hass: HomeAssistant, before: str) -> None:
    """In a window it starts at once; in one that a start finds out, then."""
    await tell(hass, before)
    await appliance(hass)
    await turn(hass, "waiting")
    await tell(hass, "on")
    assert is_on(hass, "plug")


@LANGUAGES
async def test_an_appliance_that_found_no_window(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, language: str
) -> None:
    """Starts at its deadline, whatever is known by then."""
    await appliance(hass, language)
    await turn(hass, "waiting")
    await tell(hass, "unknown")
    await at(hass, freezer, "17:59")
    assert not is_on(hass, "plug")
    await at(hass, freezer, "18:00")
    assert (is_on(hass, "plug"), is_on(hass, "waiting")) == (True, False)


async def test_nothing_to_start_at_the_deadline(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What is loaded after it waits for the next one."""
    await appliance(hass)
    await at(hass, freezer, "18:00")
    await turn(hass, "waiting")
    await at(hass, freezer, "17:30", 1)
    assert not is_on(hass, "plug")
    await at(hass, freezer, "18:00", 1)
    assert is_on(hass, "plug")


@pytest.mark.parametrize(
    ("clock", "starts"),
    [
        pytest.param("19:59", True, id="within two hours"),
        pytest.param("20:01", False, id="too late"),
        pytest.param("12:30", False, id="before"),
    ],
)
@pytest.mark.parametrize("away", ["appliance", "Home Assistant"])
async def test_away_at_the_deadline(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    away: str,
    clock: str,
    starts: bool,
) -> None:
    """Who comes back soon after it catches up; nothing is marked as done that was not."""
    calls = async_mock_service(hass, "switch", "turn_on")
    if away == "Home Assistant":
        await show(hass, "switch.plug", "off")
        await turn(hass, "waiting")
        await at(hass, freezer, clock)
        hass.set_state(CoreState.starting)
        await appliance(hass, appliance="switch.plug")
        hass.set_state(CoreState.running)
        hass.bus.async_fire("homeassistant_started")
    else:
        await show(hass, "switch.plug", "unavailable")
        await appliance(hass, appliance="switch.plug")
        await turn(hass, "waiting")
        await at(hass, freezer, "18:00")
        assert is_on(hass, "waiting")
        await at(hass, freezer, clock)
        await show(hass, "switch.plug", "off")
    await hass.async_block_till_done()
    assert bool(calls) is starts
    assert is_on(hass, "waiting") is not starts


@pytest.mark.parametrize(
    ("entity_id", "action"),
    [
        ("switch.plug", "turn_on"),
        ("script.start", "turn_on"),
        ("button.start", "press"),
        ("input_button.start", "press"),
    ],
)
async def test_what_starts_an_appliance(
    hass: HomeAssistant, entity_id: str, action: str
) -> None:
    """Each is started in its own way."""
    calls = async_mock_service(hass, entity_id.partition(".")[0], action)
    await show(hass, entity_id, "unknown")
    await appliance(hass, appliance=entity_id)
    await turn(hass, "waiting")
    await tell(hass, "on")
    assert [call.data for call in calls] == [{"entity_id": [entity_id]}]


# A water heater


async def water_heater(hass: HomeAssistant, language: str = "en") -> None:
    """A tank that is hot after three hours, and may heat from two to six."""
    inputs = {
        "good_time": ours(hass, "good_time", "binary_sensor"),
        "heater": "input_boolean.heater",
        "hot": "input_boolean.hot",
    }
    await use(hass, "water_heater", language, inputs)


@LANGUAGES
async def test_a_tank_heats_in_the_window(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, language: str
) -> None:
    """Long enough, and it is let be at night; the next night asks anew."""
    await water_heater(hass, language)
    await tell(hass, "on")
    assert is_on(hass, "heater")
    await wait(hass, freezer, timedelta(hours=3, seconds=1))
    assert (is_on(hass, "heater"), is_on(hass, "hot")) == (True, True)
    await tell(hass, "off")
    assert not is_on(hass, "heater")
    await at(hass, freezer, "02:00", 1)
    assert not is_on(hass, "heater")
    await at(hass, freezer, "06:00", 1)
    assert not is_on(hass, "hot")
    await at(hass, freezer, "02:00", 2)
    assert is_on(hass, "heater")


async def test_a_tank_that_found_no_window(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Heats at night until it is hot, also where nothing is known of windows."""
    await water_heater(hass)
    await tell(hass, "unavailable")
    await at(hass, freezer, "02:00", 1)
    assert is_on(hass, "heater")
    await wait(hass, freezer, timedelta(hours=3, seconds=1))
    assert (is_on(hass, "heater"), is_on(hass, "hot")) == (False, True)


async def test_a_short_window_does_not_heat_a_tank(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """The night does, to its end."""
    await water_heater(hass)
    await tell(hass, "on")
    await wait(hass, freezer, timedelta(hours=2))
    await tell(hass, "off")
    await at(hass, freezer, "04:00", 1)
    await tell(hass, "unknown")
    assert is_on(hass, "heater")
    await at(hass, freezer, "06:00", 1)
    assert (is_on(hass, "heater"), is_on(hass, "hot")) == (False, False)


async def test_a_start_asks_a_tank_anew(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Who was away in the morning may take a tank for hot that was hot the day before."""
    await turn(hass, "hot")
    await at(hass, freezer, "03:00", 1)
    hass.set_state(CoreState.starting)
    await water_heater(hass)
    assert (is_on(hass, "heater"), is_on(hass, "hot")) == (False, True)
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await hass.async_block_till_done()
    assert (is_on(hass, "heater"), is_on(hass, "hot")) == (True, False)
