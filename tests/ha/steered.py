"""Loads of a home, as the flow keeps them, and devices that can be switched."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.autoconsommation_collective.const import DOMAIN

from .house import OFF_PEAK_CONTRACT
from .village import OPERATION

TANK, WASHER, CAR = "tank", "washer", "car"
OPTIONS: dict[str, Any] = OFF_PEAK_CONTRACT | {"operation": OPERATION}
"""Cheap nights, and a tenth of the sun from ten to four."""


def load(load_id: str, template: str, **data: Any) -> ConfigSubentryDataWithId:
    """A load as the flow keeps it."""
    return ConfigSubentryDataWithId(
        data={"template": template, **data},
        subentry_id=load_id,
        subentry_type="load",
        title=load_id,
        unique_id=None,
    )


def tank(**data: Any) -> ConfigSubentryDataWithId:
    """A water heater of 200 l whose relay lets it heat where all else fails."""
    usual = {
        "actuator": "input_boolean.tank",
        "wiring": "replaces",
        "when_down": "on",
        "power_w": 2200.0,
    }
    return load(TANK, "water_heater", **(usual | data))


async def have_device(hass: HomeAssistant, name: str, *, is_on: bool = False) -> str:
    """A device that is on or off; its entity."""
    config = {"input_boolean": {name: {"initial": is_on}}}
    assert await async_setup_component(hass, "input_boolean", config)
    await hass.async_block_till_done()
    return f"input_boolean.{name}"


def entity_id(hass: HomeAssistant, load_id: str, key: str, platform: str) -> str:
    """An entity of a load's device."""
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{load_id}_{key}")
    assert found is not None, key
    return found


def load_state(
    hass: HomeAssistant, load_id: str, key: str, platform: str = "sensor"
) -> State:
    """What an entity of a load's device shows."""
    state = hass.states.get(entity_id(hass, load_id, key, platform))
    assert state is not None, key
    return state


async def press(hass: HomeAssistant, load_id: str, key: str) -> None:
    """Press a button of a load's device."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, load_id, key, "button")},
        blocking=True,
    )


async def control(hass: HomeAssistant, load_id: str, *, is_on: bool = True) -> None:
    """Let the plan switch a load, or no longer."""
    await hass.services.async_call(
        "switch",
        "turn_on" if is_on else "turn_off",
        {"entity_id": entity_id(hass, load_id, "control", "switch")},
        blocking=True,
    )
