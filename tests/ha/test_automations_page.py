"""The examples of docs/AUTOMATIONS.md, loaded as they stand there."""

from datetime import datetime, timedelta
from pathlib import Path
import re

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import automation
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.autoconsommation_collective.services import FORECAST_SCHEMA

from .automations import ours
from .feed import Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)

PAGE = (Path(__file__).parents[2] / "docs" / "AUTOMATIONS.md").read_text("utf-8")
ANNOUNCING, SWITCHING = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


async def use(hass: HomeAssistant, blueprint: str, inputs: dict[str, str]) -> None:
    """Save an example as a blueprint and make an automation of it."""
    folder = Path(hass.config.path("blueprints", "automation"))
    folder.mkdir(parents=True)
    (folder / "example.yaml").write_text(blueprint, "utf-8")
    use_it = {"use_blueprint": {"path": "example.yaml", "input": inputs}}
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: use_it}
    )
    await hass.async_block_till_done()
    assert [state.state for state in hass.states.async_all(automation.DOMAIN)] == ["on"]


async def test_a_window_is_announced(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Half an hour before, with its time."""
    plenty.injection_wh, plenty.rise_wh = 1000, 60
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    messages = async_mock_service(hass, "notify", "send_message")
    inputs = {"window_start": ours(hass, "window_start"), "phone": "notify.phone"}
    await use(hass, ANNOUNCING, inputs)
    start = datetime.fromisoformat(shown(hass, "window_start").state)
    await wait(hass, freezer, start - timedelta(minutes=31))
    assert messages == []
    await wait(hass, freezer, start - timedelta(minutes=29))
    (message,) = messages
    assert message.data["entity_id"] == ["notify.phone"]
    assert re.search(r"from \d\d:\d\d on", message.data["message"])


async def test_a_plug_follows_the_signal(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Off when the window ends."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    switched_on = async_mock_service(hass, "switch", "turn_on")
    switched_off = async_mock_service(hass, "switch", "turn_off")
    good_time = ours(hass, "good_time", "binary_sensor")
    await use(hass, SWITCHING, {"good_time": good_time, "plug": "switch.plug"})
    for injection_wh in (100, 6000):
        plenty.injection_wh = injection_wh
        await entry.runtime_data.settlement.async_refresh()
        await wait(hass, freezer, timedelta(minutes=31))
    assert shown(hass, "good_time", "binary_sensor").state == "on"
    assert (len(switched_off), len(switched_on)) == (1, 1)


def test_the_action_is_told_as_it_is() -> None:
    """Each field of the action stands on the page."""
    for field in map(str, FORECAST_SCHEMA.schema):
        assert f"| `{field}` |" in PAGE
