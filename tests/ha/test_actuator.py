"""Devices of every kind, switched by Home Assistant's own actions and read back."""

from typing import Any

from homeassistant.components.demo.water_heater import DemoWaterHeater
from homeassistant.const import Platform, UnitOfTemperature
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import setup_test_component_platform

from custom_components.autoconsommation_collective.adapters.actuator import (
    OTHER,
    Actuator,
)
from custom_components.autoconsommation_collective.adapters.loads import (
    ActuatorSettings,
    Means,
)
from custom_components.autoconsommation_collective.engine.wanted import OFF, ON

HELPERS: dict[str, Any] = {
    "input_boolean": {"relay": {}},
    "input_select": {"mode": {"options": ["auto", "on", "off"], "initial": "auto"}},
    "input_number": {
        "level": {"min": 0, "max": 100, "initial": 50},
        "current": {"min": 6, "max": 32, "initial": 6},
    },
    "script": {"start": {"sequence": [{"event": "started"}]}},
}
ON_OFF = ActuatorSettings(means=Means.ON_OFF, ref="input_boolean.relay")
OPTION = ActuatorSettings(
    means=Means.OPTION, ref="input_select.mode", on="on", off="off", rest="auto"
)
VALUE = ActuatorSettings(
    means=Means.VALUE, ref="input_number.level", on=100.0, off=10.0
)
HEAT_PUMP = ActuatorSettings(
    means=Means.TEMPERATURE, ref="water_heater.tank", on=60.0, off=50.0
)
OPERATION = ActuatorSettings(
    means=Means.MODE, ref="water_heater.tank", on="performance", off="eco"
)
THERMOSTAT = ActuatorSettings(
    means=Means.MODE, ref="climate.room", on="heat", off="off"
)
CAR = ActuatorSettings(
    means=Means.ON_OFF, ref="input_boolean.relay", current_ref="input_number.current"
)


@pytest.fixture(autouse=True)
async def house(hass: HomeAssistant) -> None:
    """Helpers, a thermostat, and the water heater of the core's own demonstration."""
    for domain, config in HELPERS.items():
        assert await async_setup_component(hass, domain, {domain: config})
    tank = DemoWaterHeater(
        "tank", "Tank", 45, UnitOfTemperature.CELSIUS, False, "eco", 1
    )
    setup_test_component_platform(hass, Platform.WATER_HEATER, [tank])
    config = {Platform.WATER_HEATER: {"platform": "test"}}
    assert await async_setup_component(hass, Platform.WATER_HEATER, config)
    hass.states.async_set("sensor.room", "18", {"unit_of_measurement": "°C"})
    thermostat = {
        "platform": "generic_thermostat",
        "name": "Room",
        "heater": "input_boolean.relay",
        "target_sensor": "sensor.room",
    }
    assert await async_setup_component(hass, "climate", {"climate": thermostat})
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(ON_OFF, id="relay"),
        pytest.param(OPTION, id="contactor with modes"),
        pytest.param(VALUE, id="dimmer"),
        pytest.param(HEAT_PUMP, id="heat pump by temperature"),
        pytest.param(OPERATION, id="heat pump by mode"),
        pytest.param(THERMOSTAT, id="thermostat"),
    ],
)
async def test_on_and_off(hass: HomeAssistant, told: ActuatorSettings) -> None:
    """What it is told it shows."""
    actuator = Actuator(hass, told)
    for setting in (ON, OFF, ON):
        await actuator.async_apply(setting)
        await hass.async_block_till_done()
        assert actuator.shown() == setting
    assert not actuator.is_missing


async def test_current_of_a_car(hass: HomeAssistant) -> None:
    """In amperes while it is on."""
    actuator = Actuator(hass, CAR)
    assert actuator.shown() == OFF
    await actuator.async_apply(13.0)
    await hass.async_block_till_done()
    assert actuator.shown() == 13.0
    await actuator.async_apply(OFF)
    await hass.async_block_till_done()
    assert actuator.shown() == OFF


async def test_handed_back(hass: HomeAssistant) -> None:
    """To its own mode where it has one, else as it is left; or it stays as it is."""
    modes, relay = Actuator(hass, OPTION), Actuator(hass, ON_OFF)
    await modes.async_apply(OFF)
    await modes.async_hand_back(ON)
    await relay.async_hand_back(ON)
    await hass.async_block_till_done()
    assert (modes.shown(), relay.shown()) == (OTHER, ON)
    await relay.async_hand_back(None)
    await hass.async_block_till_done()
    assert relay.shown() == ON


async def test_script_and_own_actions(hass: HomeAssistant) -> None:
    """What can not be read back is thought to be as it was set."""
    seen: list[str] = []

    async def note(call: ServiceCall) -> None:
        seen.append(call.data["what"])

    hass.services.async_register("test", "note", note)
    hass.bus.async_listen("started", lambda _: seen.append("started"))
    script = Actuator(hass, ActuatorSettings(means=Means.RUN, ref="script.start"))
    own = Actuator(
        hass,
        ActuatorSettings(
            means=Means.ACTIONS,
            on_actions=(
                {"delay": "00:00:00"},
                {"action": "test.note", "data": {"what": "{{ 'o' ~ 'n' }}"}},
            ),
            off_actions=({"action": "test.note", "data": {"what": "off"}},),
        ),
    )
    for actuator in (script, own):
        assert actuator.shown() == OFF
        await actuator.async_apply(ON)
        await hass.async_block_till_done()
        assert actuator.shown() == ON
    await own.async_apply(OFF)
    await hass.async_block_till_done()
    assert seen == ["started", "on", "off"]


async def test_what_fails_is_told_once(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """A device that refuses is asked again by who asked; the log is not filled."""
    actuator = Actuator(hass, ON_OFF)
    hass.services.async_remove("input_boolean", "turn_on")
    for _ in range(3):
        await actuator.async_apply(ON)
    assert caplog.text.count("could not be switched") == 1
    assert actuator.shown() == OFF


async def test_gone_and_unavailable(hass: HomeAssistant) -> None:
    """Nothing is shown; one that is gone is missing."""
    gone = Actuator(hass, ActuatorSettings(means=Means.ON_OFF, ref="switch.gone"))
    assert gone.shown() is None and gone.is_missing
    await gone.async_apply(ON)
    hass.states.async_set("input_boolean.relay", "unavailable")
    assert Actuator(hass, ON_OFF).shown() is None
