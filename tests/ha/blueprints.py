"""Our blueprints as people use them: installed by the action, and one made into an automation."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import automation
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.services import SERVICE_INSTALL

from .automations import ours
from .feed import PARIS
from .house import settle_down, wait

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])

REASON = "About 1.4 kWh to take until 14:30 (estimate; 85 % chance of being covered)"


async def install(hass: HomeAssistant, language: str | None = None) -> Any:
    """Call the action; its answer."""
    return await hass.services.async_call(
        DOMAIN,
        SERVICE_INSTALL,
        {} if language is None else {"language": language},
        blocking=True,
        return_response=True,
    )


async def use(
    hass: HomeAssistant, name: str, language: str, inputs: dict[str, Any]
) -> None:
    """Install the blueprints in a language and make an automation of one, in the village's time."""
    await hass.config.async_set_time_zone(PARIS.key)
    await install(hass, language)
    used = {"use_blueprint": {"path": f"{DOMAIN}/{name}.yaml", "input": inputs}}
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: used}
    )
    await hass.async_block_till_done()
    assert [state.state for state in hass.states.async_all(automation.DOMAIN)] == ["on"]


async def tell(hass: HomeAssistant, state: str, reason: str = REASON) -> None:
    """Have our binary sensor tell whether it is a good time, and why."""
    entity_id = ours(hass, "good_time", "binary_sensor")
    hass.states.async_set(entity_id, state, {"reason": reason})
    await hass.async_block_till_done()


async def leave(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unload a member: from now on nobody but the test tells, and it is no good time."""
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)
    await tell(hass, "off")


async def at(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, clock: str, days: int = 0
) -> None:
    """Let it be that time in the village, on the first day or so many days later."""
    moment = datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=PARIS)
    await wait(hass, freezer, moment.astimezone(UTC) + timedelta(days=days))
