"""Diagnostics: enough to help, and nobody named."""

from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import ExtendedJSONEncoder
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.pmo.sealing import member_path

from .feed import AGREEMENT, NAME, TOKEN, Organiser
from .house import ADCO, KEY, NOW, PRM, Linky, live, member_entry, set_up

pytestmark = pytest.mark.freeze_time(NOW)


async def downloaded(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """What a person downloads, encoded as Home Assistant does."""
    told = await async_get_config_entry_diagnostics(hass, entry)
    return json.loads(json.dumps(told, cls=ExtendedJSONEncoder))


async def test_diagnostics(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
) -> None:
    """What was told and what is shown; not who, nor where, nor by which meter."""
    linky = Linky(hass)
    home_made = f"sensor.teleinfo_{ADCO}_base"
    hass.states.async_set(home_made, "0", {"unit_of_measurement": "Wh"})
    entry = member_entry(organiser, imports=(linky.ref,), exports=(home_made,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 30)
    told = await downloaded(hass, entry)
    text = json.dumps(told)
    for secret in (
        PRM,
        TOKEN,
        member_path(TOKEN),
        ADCO,
        KEY,
        NAME,
        AGREEMENT,
        organiser.url,
    ):
        assert secret not in text
    assert told == snapshot(exclude=props("entry_id", "created_at", "modified_at"))


async def test_diagnostics_without_a_feed(hass: HomeAssistant, disk: Path) -> None:
    """Nothing told, nothing wrong."""
    entry = member_entry()
    await set_up(hass, entry)
    told = await downloaded(hass, entry)
    assert told["feed"]["operation"] is None
    assert told["snapshot"]["live"]["missing"] == "no_feed"
