"""What earlier versions wrote is read by this one: entries, settlements, own steps, loads.

Each folder of `earlier/` holds the files as a version wrote them, and its config entry.
"""

import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.engine.blocks import Quantity

from .house import KEY, NOW, Linky, set_up, shown
from .kept import kept_steps
from .steered import TANK, WASHER, have_device, load_state

pytestmark = pytest.mark.freeze_time(NOW)

EARLIER = Path(__file__).parent / "earlier"
VERSIONS = sorted(folder.name for folder in EARLIER.iterdir())


def moved_in(version: str, disk: Path) -> MockConfigEntry:
    """The files of a version where Home Assistant keeps them, and its entry."""
    for path in (EARLIER / version).glob("*.json"):
        if path.name != "entry.json":
            name = path.name.removesuffix(".json")
            (disk / f"{DOMAIN}.{KEY}.{name}").write_bytes(path.read_bytes())
    told: dict[str, Any] = json.loads((EARLIER / version / "entry.json").read_text())
    subentries = [ConfigSubentryDataWithId(**data) for data in told.pop("subentries")]
    return MockConfigEntry(domain=DOMAIN, **told, subentries_data=subentries)


@pytest.fixture
async def house(socket_enabled: None, hass: HomeAssistant, disk: Path) -> None:
    """The meter and the relay are there; the organiser does not answer."""
    Linky(hass)
    await have_device(hass, TANK)


@pytest.mark.parametrize("version", VERSIONS)
async def test_goes_on_with_what_it_kept(
    hass: HomeAssistant,
    house: None,
    disk: Path,
    version: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The settled month, the own steps, and nothing in the log but that nobody answers."""
    entry = moved_in(version, disk)
    await set_up(hass, entry)
    assert float(shown(hass, "settled_allocated_month").state) > 0
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["feed"]["months"]["2026-10"]["quality"] == "settled"
    steps = await kept_steps(hass, entry)
    assert sum(wh for (wh, *_) in steps.values()) > 1000
    loud = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert all(message.startswith("Error fetching") for message in loud), loud


async def test_loads_go_on(hass: HomeAssistant, house: None, disk: Path) -> None:
    """Who follows the plan does so, what was loaded is still loaded, the ledger is there."""
    entry = moved_in("loads", disk)
    await set_up(hass, entry)
    assert load_state(hass, TANK, "control", "switch").state == "on"
    assert load_state(hass, WASHER, "load_status").state != "not_armed"
    kept = json.loads((EARLIER / "loads" / "ledger.json").read_text())["data"]
    assert kept[TANK]["entries"] or kept[TANK]["open"]
    drawn = entry.runtime_data.outlook.drawn(entry.runtime_data.settlement.shape.step)
    energies = [b.energies[Quantity.CONSUMPTION] for blocks in drawn for b in blocks]
    assert sum(np.nansum(wh) for wh in energies) > 0
