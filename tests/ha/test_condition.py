"""Our conditions in real automations."""

from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.const import DOMAIN

from .automations import automate, device, ours, show
from .feed import Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, settle_down

pytestmark = pytest.mark.freeze_time(NOW)


async def runs(hass: HomeAssistant, condition: dict[str, Any]) -> bool:
    """Whether an automation with that condition goes on."""
    trigger = {"trigger": "event", "event_type": "asked"}
    calls = await automate(hass, trigger, condition)
    hass.bus.async_fire("asked")
    await hass.async_block_till_done()
    return bool(calls)


@pytest.mark.parametrize(
    ("injection_wh", "passes"),
    [pytest.param(6000, True, id="plenty"), pytest.param(100, False, id="little")],
)
async def test_is_good_time(
    hass: HomeAssistant, plenty: Organiser, injection_wh: int, passes: bool
) -> None:
    """Found by the device of the membership."""
    plenty.injection_wh = injection_wh
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    target = {"device_id": device(hass)}
    assert await runs(hass, {"condition": f"{DOMAIN}.is_good_time", "target": target}) is passes  # fmt: skip


@pytest.mark.parametrize(
    ("power", "passes"),
    [
        # 3000 Wh more than is withdrawn, in half an hour
        pytest.param(5999, True, id="above"),
        pytest.param(6000, False, id="not above"),
    ],
)
async def test_surplus_above(
    hass: HomeAssistant, plenty: Organiser, power: float, passes: bool
) -> None:
    """By what is expected to be left in the community now."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    condition = {
        "condition": f"{DOMAIN}.surplus_above",
        "target": {"device_id": device(hass)},
        "options": {"power": power},
    }
    assert await runs(hass, condition) is passes


@pytest.mark.parametrize(
    ("name", "key", "platform", "value", "unit"),
    [
        pytest.param("is_good_time", "good_time", "binary_sensor", STATE_UNKNOWN, None, id="signal not known"),
        pytest.param("surplus_above", "estimated_community_surplus", "sensor", STATE_UNKNOWN, "W", id="surplus not known"),
        pytest.param("surplus_above", "estimated_community_surplus", "sensor", "9000", None, id="no unit"),
        pytest.param("surplus_above", "estimated_community_surplus", "sensor", "9000", "h", id="no power"),
        pytest.param("surplus_above", "estimated_community_production", "sensor", "9000", "W", id="another of our sensors"),
    ],
)  # fmt: skip
async def test_not_known_is_no(
    hass: HomeAssistant,
    plenty: Organiser,
    name: str,
    key: str,
    platform: str,
    value: str,
    unit: str | None,
) -> None:
    """What is not known passes no condition, nor does another entity."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)
    entity_id = ours(hass, key, platform)
    await show(hass, entity_id, value, unit)
    options = {"options": {"power": 1000}} if name == "surplus_above" else {}
    condition = {
        "condition": f"{DOMAIN}.{name}",
        "target": {"entity_id": entity_id},
        **options,
    }
    assert not await runs(hass, condition)


async def test_kilowatts_are_watts(hass: HomeAssistant, plenty: Organiser) -> None:
    """The unit is the one that its owner chose to be shown."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)
    entity_id = ours(hass, "estimated_community_surplus")
    await show(hass, entity_id, "1.1", "kW")
    condition = {
        "condition": f"{DOMAIN}.surplus_above",
        "target": {"entity_id": entity_id},
        "options": {"power": 1000},
    }
    assert await runs(hass, condition)
