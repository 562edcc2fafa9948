"""The entities as people see them: names, units, states, in both languages."""

from collections.abc import Generator
from datetime import timedelta
import json
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from syrupy.assertion import SnapshotAssertion

from custom_components.autoconsommation_collective.binary_sensor import BINARY_SENSORS
from custom_components.autoconsommation_collective.calendar import GOOD_WINDOWS
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.event import SIGNAL_EVENT
from custom_components.autoconsommation_collective.tables.membership_sensors import (
    AHEAD,
    ESTIMATES,
    SETTLED,
)

from .feed import Organiser
from .house import NOW, Linky, live, member_entry, set_up, settle_down

pytestmark = pytest.mark.freeze_time(NOW)

COMPONENT = Path(__file__).parents[2] / "custom_components" / DOMAIN


@pytest.fixture(
    params=[Platform.SENSOR, Platform.BINARY_SENSOR, Platform.CALENDAR, Platform.EVENT]
)
def platform(request: pytest.FixtureRequest) -> Generator[Platform]:
    """The only platform that is loaded."""
    with patch(f"custom_components.{DOMAIN}.PLATFORMS", [request.param]):
        yield request.param


async def test_entities(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    platform: Platform,
    all_enabled: None,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """A member who also produces has them all."""
    organiser.role = "prosumer"
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 30)
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)


async def test_entities_in_french(
    hass: HomeAssistant, organiser: Organiser, snapshot: SnapshotAssertion
) -> None:
    """A French house has French names and entity ids."""
    hass.config.language = "fr"
    organiser.months = []
    organiser.role = "prosumer"
    entry = member_entry(organiser)
    await set_up(hass, entry)
    named = {
        entity.translation_key: (entity.entity_id, entity.original_name)
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }
    assert named == snapshot


@pytest.mark.parametrize(
    ("platform_key", "key"),
    [
        (name, description.key)
        for name, descriptions in (
            ("sensor", SETTLED + ESTIMATES + AHEAD),
            ("binary_sensor", BINARY_SENSORS),
            ("calendar", (GOOD_WINDOWS,)),
            ("event", (SIGNAL_EVENT,)),
        )
        for description in descriptions
    ],
)
def test_each_entity_has_name_and_icon(platform_key: str, key: str) -> None:
    """An icon of its own, or the one of its device class."""
    names = json.loads((COMPONENT / "translations/en.json").read_text())["entity"]
    icons = json.loads((COMPONENT / "icons.json").read_text())["entity"]
    assert names[platform_key][key]["name"]
    all_described = (
        *SETTLED,
        *ESTIMATES,
        *AHEAD,
        *BINARY_SENSORS,
        GOOD_WINDOWS,
        SIGNAL_EVENT,
    )
    described = {d.key: d for d in all_described}[key]
    assert described.device_class or key in icons[platform_key]
