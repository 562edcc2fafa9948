"""Automations as people write them, whose runs are counted."""

from typing import Any

from homeassistant.components import automation
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.autoconsommation_collective.const import DOMAIN

from .house import KEY


def ours(hass: HomeAssistant, key: str, platform: str = "sensor") -> str:
    """What one of our entities is called here."""
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{KEY}_{key}")
    assert found is not None
    return found


def device(hass: HomeAssistant) -> str:
    """The device of the membership."""
    entity = er.async_get(hass).async_get(ours(hass, "good_time", "binary_sensor"))
    assert entity is not None
    assert entity.device_id is not None
    return entity.device_id


async def automate(
    hass: HomeAssistant, trigger: dict[str, Any], *conditions: dict[str, Any]
) -> list[ServiceCall]:
    """Load an automation; the calls that it makes from now on."""
    calls = async_mock_service(hass, "test", "run")
    assert await async_setup_component(
        hass,
        automation.DOMAIN,
        {
            automation.DOMAIN: {
                "triggers": [trigger],
                "conditions": list(conditions),
                "actions": {
                    "action": "test.run",
                    "data": {
                        "entity_id": "{{ trigger.entity_id | default }}",
                        "start": "{{ trigger.start | default }}",
                    },
                },
            }
        },
    )
    await hass.async_block_till_done()
    states = hass.states.async_all(automation.DOMAIN)
    assert [state.state for state in states] == ["on"]
    return calls


async def show(
    hass: HomeAssistant, entity_id: str, value: str, unit: str | None = None
) -> None:
    """Have an entity show a value, as if its coordinator had told it."""
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    hass.states.async_set(entity_id, value, attributes)
    await hass.async_block_till_done()
