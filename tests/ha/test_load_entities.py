"""The entities of loads, as they are shown: names, units, categories."""

from collections.abc import AsyncGenerator
from pathlib import Path
from unittest.mock import patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from syrupy.assertion import SnapshotAssertion

from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import PARIS
from .house import NOW, member_entry, set_up
from .steered import CAR, OPTIONS, TANK, WASHER, have_device, load, tank
from .village import PLANT, under

pytestmark = pytest.mark.freeze_time(NOW)


@pytest.fixture
async def devices(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[None]:
    """A house in the village with a relay, a charging point and a plug."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    for name in (TANK, CAR, WASHER):
        await have_device(hass, name)
    async with under(NOW):
        yield


@pytest.mark.parametrize(
    "platform",
    [
        Platform.BUTTON,
        Platform.NUMBER,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.TIME,
    ],
)
async def test_entities(
    hass: HomeAssistant,
    devices: None,
    all_enabled: None,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """Of a home with a tank, a car and a washing machine, and a live meter."""
    entry = member_entry(
        options=OPTIONS
        | {"live_power": ["sensor.live_power"], "subscribed_power_kva": 6.0},
        plants=(
            PLANT,
            tank(),
            load(CAR, "car", actuator=f"input_boolean.{CAR}", kwh_per_day=5.0),
            load(WASHER, "washing_machine", actuator=f"input_boolean.{WASHER}"),
        ),
    )
    with patch(f"custom_components.{DOMAIN}.PLATFORMS", [platform]):
        await set_up(hass, entry)
        await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)
