"""The Energy dashboard set up in the options: said first, done on confirmation, undone."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import EnergyManager, async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters import energy_setup
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Organiser
from .flows import at_option
from .house import BASE_CONTRACT, KEY, Linky, member_entry, set_up, settle_down

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
pytestmark = pytest.mark.freeze_time(START)

GAS = {
    "type": "gas",
    "stat_energy_from": "sensor.gas",
    "stat_cost": None,
    "entity_energy_price": None,
    "number_energy_price": 0.1,
}
SOLAR = {
    "type": "solar",
    "stat_energy_from": "sensor.roof",
    "config_entry_solar_forecast": None,
}


def ours(suffix: str) -> str:
    """Id of one of our statistics for the dashboard."""
    return f"{DOMAIN}:{KEY}_dashboard_{suffix}"


def grid(imported: str, **others: Any) -> dict[str, Any]:
    """A grid connection as the dashboard's own form saves it."""
    return {
        "type": "grid",
        "stat_energy_from": imported,
        "stat_energy_to": None,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0.0,
    } | others


@pytest.fixture
def linky(hass: HomeAssistant) -> Linky:
    """The home's meter."""
    return Linky(hass)


@pytest.fixture
async def manager(hass: HomeAssistant) -> EnergyManager:
    """What keeps the preferences of the dashboard."""
    assert await async_setup_component(hass, "energy", {})
    return await async_get_manager(hass)


@pytest.fixture
async def member(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
) -> MockConfigEntry:
    """A member of whom a month is settled, and the contract known."""
    organiser.now = START
    entry = member_entry(organiser, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    return entry


async def submit(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Confirm what is shown."""
    options = hass.config_entries.options
    result = await options.async_configure(result["flow_id"], {})
    await settle_down(hass)
    return result


async def pick(
    hass: HomeAssistant, entry: MockConfigEntry, choice: str
) -> ConfigFlowResult:
    """Open what can be done with a dashboard that is set up, and choose."""
    options = hass.config_entries.options
    result = await at_option(hass, entry, "energy")
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["energy_set_up", "energy_undo"]
    return await options.async_configure(result["flow_id"], {"next_step_id": choice})


async def assert_no_issues(hass: HomeAssistant) -> None:
    """Home Assistant finds nothing wrong with what we set up."""
    found = (await async_validate(hass)).as_dict()
    assert found["energy_sources"]
    assert not any(found["energy_sources"]), found


async def test_set_up_and_back(
    hass: HomeAssistant,
    linky: Linky,
    manager: EnergyManager,
    member: MockConfigEntry,
) -> None:
    """Our two connections in the place of the meter, with their costs; then as before."""
    before = [
        SOLAR,
        grid(linky.entity_id, number_energy_price=0.2, name="Linky"),
        GAS,
        grid("sensor.shed"),
    ]
    devices = [{"stat_consumption": "sensor.boiler", "name": "Ballon"}]
    await manager.async_update(
        {"energy_sources": deepcopy(before), "device_consumption": devices}  # type: ignore[typeddict-item]
    )
    result = await at_option(hass, member, "energy")
    assert result["step_id"] == "energy_set_up"
    said = result["description_placeholders"]
    assert said is not None
    assert said["added"].count("with its cost") == 2
    assert "Linky" in said["replaced"]
    assert "sensor.shed" in said["others"]
    assert manager.data is not None
    assert manager.data["energy_sources"] == before

    result = await submit(hass, result)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "energy_is_set_up",
    )
    supplier = grid(ours("complement"), stat_cost=ours("complement_cost"), name="Linky")
    community = grid(ours("allocated"), stat_cost=ours("allocated_cost"))
    assert manager.data["energy_sources"] == [
        SOLAR,
        supplier,
        community,
        GAS,
        grid("sensor.shed"),
    ]
    assert manager.data["device_consumption"] == devices

    result = await submit(hass, await pick(hass, member, "energy_undo"))
    assert result["reason"] == "energy_is_undone"
    assert manager.data["energy_sources"] == before
    assert manager.data["device_consumption"] == devices


async def test_home_assistant_finds_no_fault(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """All that we add is known to the recorder, in units it accepts."""
    await submit(hass, await at_option(hass, member, "energy"))
    await assert_no_issues(hass)


async def test_costs_that_become_known_are_added(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    manager: EnergyManager,
) -> None:
    """Without a contract there is no cost; told later, one more click adds it."""
    organiser.now = START
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    result = await at_option(hass, entry, "energy")
    said = result["description_placeholders"]
    assert said is not None
    assert said["added"].count("without money") == 2
    await submit(hass, result)
    assert manager.data is not None
    assert [s["stat_cost"] for s in manager.data["energy_sources"]] == [None, None]

    hass.config_entries.async_update_entry(entry, options=BASE_CONTRACT)
    await settle_down(hass)
    await submit(hass, await pick(hass, entry, "energy_set_up"))
    assert [s["stat_cost"] for s in manager.data["energy_sources"]] == [
        ours("complement_cost"),
        ours("allocated_cost"),
    ]
    await assert_no_issues(hass)
    await submit(hass, await pick(hass, entry, "energy_undo"))
    assert manager.data["energy_sources"] == []


async def test_a_dashboard_that_changed_meanwhile_is_shown_again(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """What is done is what was said."""
    result = await at_option(hass, member, "energy")
    meter = grid(linky.entity_id)
    await manager.async_update({"energy_sources": [meter]})  # type: ignore[typeddict-item]
    result = await submit(hass, result)
    assert result["step_id"] == "energy_set_up"
    assert manager.data is not None
    assert manager.data["energy_sources"] == [meter]
    result = await submit(hass, result)
    assert result["reason"] == "energy_is_set_up"


async def test_producer(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    manager: EnergyManager,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is injected is returned to the grid twice: to the community, and beyond it."""
    organiser.now, organiser.role = START, "prosumer"
    injected = Linky(hass, "EAIT", wh=500)
    entry = member_entry(
        organiser,
        imports=(linky.ref,),
        exports=(injected.ref,),
        options=BASE_CONTRACT,
    )
    await set_up(hass, entry)
    before = [grid(linky.entity_id, stat_energy_to=injected.entity_id)]
    await manager.async_update({"energy_sources": deepcopy(before)})  # type: ignore[typeddict-item]
    await submit(hass, await at_option(hass, entry, "energy"))
    assert manager.data is not None
    assert manager.data["energy_sources"] == [
        grid(
            ours("complement"),
            stat_cost=ours("complement_cost"),
            stat_energy_to=ours("surplus"),
        ),
        grid(
            ours("allocated"),
            stat_cost=ours("allocated_cost"),
            stat_energy_to=ours("shared"),
            stat_compensation=ours("shared_income"),
        ),
    ]
    await assert_no_issues(hass)
    await submit(hass, await pick(hass, entry, "energy_undo"))
    assert manager.data["energy_sources"] == before


async def test_without_dashboard(hass: HomeAssistant, member: MockConfigEntry) -> None:
    """Said in words."""
    result = await at_option(hass, member, "energy")
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "energy_not_loaded",
    )


@pytest.mark.usefixtures("nothing_settled")
async def test_without_a_single_hour(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """The dashboard would complain of statistics that nobody knows."""
    result = await at_option(hass, member, "energy")
    assert result["reason"] == "energy_nothing_yet"


async def test_meter_put_back_by_hand(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """Beside ours: put back once more it would stand twice, which is refused."""
    meter = grid(linky.entity_id)
    await manager.async_update({"energy_sources": [deepcopy(meter)]})  # type: ignore[typeddict-item]
    await submit(hass, await at_option(hass, member, "energy"))
    assert manager.data is not None
    by_hand = [*manager.data["energy_sources"], meter]
    await manager.async_update({"energy_sources": deepcopy(by_hand)})  # type: ignore[typeddict-item]
    result = await submit(hass, await pick(hass, member, "energy_undo"))
    assert result["reason"] == "energy_refused"
    assert manager.data["energy_sources"] == by_hand


@pytest.mark.parametrize("is_faulty", [False, True])
async def test_removed_with_the_entry(
    hass: HomeAssistant,
    linky: Linky,
    manager: EnergyManager,
    member: MockConfigEntry,
    disk: Path,
    is_faulty: bool,
) -> None:
    """What ours replaced comes back; where it cannot, the entry is removed all the same."""
    before = [grid(linky.entity_id, number_energy_price=0.2), GAS]
    await manager.async_update({"energy_sources": deepcopy(before)})  # type: ignore[typeddict-item]
    await submit(hass, await at_option(hass, member, "energy"))
    fault = OSError if is_faulty else None
    with patch.object(manager, "async_update", wraps=manager.async_update) as update:
        update.side_effect = fault
        await hass.config_entries.async_remove(member.entry_id)
    await settle_down(hass)
    assert manager.data is not None
    assert (manager.data["energy_sources"] == before) is not is_faulty
    assert not hass.config_entries.async_entries(DOMAIN)
    assert not list(disk.glob(f"{DOMAIN}.*"))


async def test_a_dashboard_of_others_is_left_when_the_entry_is_removed(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """Nothing was set up: nothing is written."""
    with patch.object(manager, "async_update") as update:
        await hass.config_entries.async_remove(member.entry_id)
    await settle_down(hass)
    assert not update.called


async def test_taken_out_where_our_statistics_are_gone(
    hass: HomeAssistant, linky: Linky, manager: EnergyManager, member: MockConfigEntry
) -> None:
    """As after somebody deleted them in the developer tools, or a new database."""
    before = [grid(linky.entity_id, number_energy_price=0.2)]
    await manager.async_update({"energy_sources": deepcopy(before)})  # type: ignore[typeddict-item]
    await submit(hass, await at_option(hass, member, "energy"))
    with patch.object(energy_setup, "get_metadata", return_value={}):
        result = await at_option(hass, member, "energy")
        assert result["menu_options"] == ["energy_undo"]
        options = hass.config_entries.options
        undo = {"next_step_id": "energy_undo"}
        result = await options.async_configure(result["flow_id"], undo)
        result = await submit(hass, result)
        assert result["reason"] == "energy_is_undone"
        assert manager.data is not None
        assert manager.data["energy_sources"] == before
        result = await at_option(hass, member, "energy")
        assert result["reason"] == "energy_nothing_yet"


@pytest.mark.parametrize("is_kept", [False, True])
async def test_either_is_enough_to_undo(
    hass: HomeAssistant,
    linky: Linky,
    manager: EnergyManager,
    member: MockConfigEntry,
    is_kept: bool,
) -> None:
    """Ours in the dashboard, or what they replaced in the store."""
    meter = grid(linky.entity_id)
    await manager.async_update({"energy_sources": [deepcopy(meter)]})  # type: ignore[typeddict-item]
    await submit(hass, await at_option(hass, member, "energy"))
    if is_kept:
        await manager.async_update({"energy_sources": []})  # type: ignore[typeddict-item]
    else:
        stores = Stores(hass, KEY)
        await stores.async_load(energy_setup.STORE)
        await stores.async_remove(energy_setup.STORE)
    result = await submit(hass, await pick(hass, member, "energy_undo"))
    assert result["reason"] == "energy_is_undone"
    assert manager.data is not None
    assert manager.data["energy_sources"] == ([meter] if is_kept else [])
