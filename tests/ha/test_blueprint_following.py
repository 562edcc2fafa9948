"""The blueprints that follow: a car the share, a light the signal."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.light import LIGHT_TURN_ON_SCHEMA
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.services import SERVICE_FORECAST

from .automations import ours, show
from .blueprints import LANGUAGES, at, leave, use
from .feed import Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, wait

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("automations_end"),
]


@pytest.fixture
async def rising(hass: HomeAssistant, plenty: Organiser) -> MockConfigEntry:
    """A member whose part of the surplus grows from noon to midnight, to about 4 A."""
    plenty.injection_wh, plenty.rise_wh = 0, 125
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def unloaded(hass: HomeAssistant, rising: MockConfigEntry) -> None:
    """It is no good time, and nobody but the test tells otherwise."""
    await leave(hass, rising)


# A car


async def car(hass: HomeAssistant, language: str = "en", **inputs: Any) -> None:
    """A car whose charging point takes 6 to 16 A."""
    number = {"min": 0, "max": 32, "initial": 0}
    for domain, name, config in (
        ("input_number", "current", number),
        ("input_boolean", "charging", {"initial": False}),
    ):
        assert await async_setup_component(hass, domain, {domain: {name: config}})
    given = {
        "good_time": ours(hass, "good_time", "binary_sensor"),
        "current": "input_number.current",
        "charging": "input_boolean.charging",
    }
    await use(hass, "car_current", language, given | inputs)


def charges_at(hass: HomeAssistant) -> float:
    """The current that the car charges at, in A."""
    state = hass.states.get("input_number.current")
    assert state is not None
    return (
        float(state.state)
        if hass.states.is_state("input_boolean.charging", "on")
        else 0
    )


async def share_a(hass: HomeAssistant) -> float:
    """The home's part of the surplus in the half hour in progress, in A of one phase."""
    answer = await hass.services.async_call(
        DOMAIN, SERVICE_FORECAST, {"hours": 1}, blocking=True, return_response=True
    )
    claim: Any = answer["steps"][0]["claim_kwh"]
    return float(claim) * 1000 / 0.5 / 230


@LANGUAGES
async def test_a_car_follows_the_share(
    hass: HomeAssistant,
    rising: MockConfigEntry,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    language: str,
) -> None:
    """Step by step, never above it; nothing when the window ends."""
    await car(hass, language, lowest=1)
    followed = []
    for _ in range(5):
        await wait(hass, freezer, timedelta(hours=2, minutes=5))
        followed.append(charges_at(hass))
        assert followed[-1] == await share_a(hass) // 1
    assert followed == [0, 1, 2, 3, 3]
    plenty.rise_wh = 0
    await rising.runtime_data.settlement.async_refresh()
    await wait(hass, freezer, timedelta(minutes=31))
    assert charges_at(hass) == 0


@pytest.mark.usefixtures("rising")
@pytest.mark.parametrize(
    ("inputs", "amperes"),
    [
        pytest.param({}, 0, id="waits"),
        pytest.param({"small_share": True}, 6, id="asked to charge"),
        pytest.param({"lowest": 1}, 3, id="follows"),
        pytest.param({"lowest": 1, "highest": 2}, 2, id="no more than the highest"),
        pytest.param({"lowest": 1, "phases": 3}, 1, id="a third in each phase"),
    ],
)
async def test_what_a_charging_point_takes(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inputs: dict[str, Any],
    amperes: int,
) -> None:
    """A share of between three and four amperes, within its limits."""
    await car(hass, **inputs)
    await wait(hass, freezer, timedelta(hours=9))
    assert 3 < await share_a(hass) < 4
    assert charges_at(hass) == amperes


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("inputs", "amperes"),
    [
        pytest.param({}, 16, id="in any case"),
        pytest.param({"fallback_until": "02:00:00"}, 0, id="never"),
    ],
)
async def test_a_car_that_found_no_window(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    inputs: dict[str, str],
    amperes: int,
) -> None:
    """Charges in the hours that were chosen, if any, and stops after them."""
    await car(hass, **inputs)
    await at(hass, freezer, "02:00", 1)
    assert charges_at(hass) == amperes
    await at(hass, freezer, "06:00", 1)
    assert charges_at(hass) == 0


# A light


async def light(
    hass: HomeAssistant, language: str = "en", **inputs: Any
) -> list[ServiceCall]:
    """What a light is told, in order; as lights take it."""
    schema = cv.make_entity_service_schema(LIGHT_TURN_ON_SCHEMA)
    calls = async_mock_service(hass, "light", "turn_on", schema)
    hass.services.async_register("light", "turn_off", calls.append)
    given = {"signal": ours(hass, "signal"), "light": "light.strip"}
    await use(hass, "signal_light", language, given | inputs)
    return calls


def seen(call: ServiceCall) -> tuple[float, tuple[int, ...]] | None:
    """Brightness and colour of a light; None: off."""
    if call.service == "turn_off":
        return None
    return call.data["brightness_pct"], tuple(call.data["rgb_color"])


@pytest.mark.usefixtures("unloaded")
@LANGUAGES
async def test_a_light_takes_the_colour(hass: HomeAssistant, language: str) -> None:
    """Another colour and another brightness for each level; off while nothing is known."""
    await show(hass, ours(hass, "signal"), "unknown")
    calls = await light(hass, language, colour_good=[1, 2, 3])
    for level in ("avoid", "neutral", "good", "excellent", "unknown", "unavailable"):
        await show(hass, ours(hass, "signal"), level)
    assert [seen(call) for call in calls] == [
        (8, (213, 94, 0)),
        (25, (255, 240, 220)),
        (60, (1, 2, 3)),
        (100, (0, 158, 115)),
        None,
        None,
    ]
    assert calls[0].data["entity_id"] == ["light.strip"]


@pytest.mark.usefixtures("unloaded")
async def test_a_light_is_off_at_night(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """From the hours that were chosen; it shows the level again in the morning."""
    await show(hass, ours(hass, "signal"), "avoid")
    calls = await light(hass, **{"from": "08:00:00"})
    await at(hass, freezer, "22:00")
    await show(hass, ours(hass, "signal"), "good")
    await at(hass, freezer, "08:00", 1)
    assert [seen(call) for call in calls] == [None, None, (60, (86, 180, 233))]


@pytest.mark.usefixtures("unloaded")
async def test_a_lamp_that_is_only_on_or_off(hass: HomeAssistant) -> None:
    """Is on while the time is good; and is told again what it missed."""
    await show(hass, ours(hass, "signal"), "avoid")
    calls = await light(hass, only_good=True)
    for level in ("neutral", "good", "excellent", "neutral"):
        await show(hass, ours(hass, "signal"), level)
    assert [call.service for call in calls] == ["turn_off", "turn_on", "turn_on", "turn_off"]  # fmt: skip
    calls.clear()
    await show(hass, "light.strip", "unavailable")
    await show(hass, "light.strip", "on")
    assert [call.service for call in calls] == ["turn_off"]
