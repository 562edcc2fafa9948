"""What the house keeps of its energies: statistics and own steps."""

from datetime import UTC, datetime

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.slot_log import SlotLog
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Quantity,
    steps,
)
from custom_components.autoconsommation_collective.engine.hour_costs import (
    PARTS_PER_EUR,
)

from .feed import Month, hours_of
from .house import KEY


async def statistics_of(hass: HomeAssistant, suffix: str) -> dict[datetime, int]:
    """Energy in Wh of each hour of one of the home's statistics, sums checked."""
    return await _amounts(hass, suffix, 1000)


async def costs_of(hass: HomeAssistant, suffix: str) -> dict[datetime, int]:
    """Cost of each hour in hundred-thousandths of a euro, sums checked."""
    return await _amounts(hass, suffix, PARTS_PER_EUR)


async def _amounts(hass: HomeAssistant, suffix: str, parts: int) -> dict[datetime, int]:
    statistic_id = f"{DOMAIN}:{KEY}_{suffix}"
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2020, 1, 1, tzinfo=UTC),
        None,
        {statistic_id},
        "hour",
        None,
        {"state", "sum"},
    )
    amounts: dict[datetime, int] = {}
    for row in found.get(statistic_id, []):
        at = datetime.fromtimestamp(row["start"], UTC)
        amounts[at] = round((row["state"] or 0) * parts)
        assert round((row["sum"] or 0) * parts) == sum(amounts.values())
    return amounts


async def kept_steps(
    hass: HomeAssistant, entry: MockConfigEntry, direction: str = "import"
) -> dict[datetime, tuple[float, ...]]:
    """What lies on the disk after unloading: energies in Wh by step, in order of quantity."""
    await hass.config_entries.async_unload(entry.entry_id)
    log = SlotLog(Stores(hass, KEY))
    await log.async_load()
    return {
        start: energies
        for block in log.blocks(direction)
        for start, energies in zip(steps(block), _rows(block), strict=True)
    }


def _rows(block: Block) -> list[tuple[float, ...]]:
    order = [quantity for quantity in Quantity if quantity in block.energies]
    return list(zip(*(block.energies[q].tolist() for q in order), strict=True))


async def assert_statistics(
    hass: HomeAssistant, settled: list[Month], dashboard: list[Month]
) -> None:
    """Both pairs hold exactly these months, to the Wh, and add up to the consumption."""
    for prefix, months in (("", settled), ("dashboard_", dashboard)):
        hours = hours_of(months)
        allocated = await statistics_of(hass, f"{prefix}allocated")
        complement = await statistics_of(hass, f"{prefix}complement")
        assert allocated == {hour: a for hour, (_, a) in hours.items()}
        assert complement == {hour: c - a for hour, (c, a) in hours.items()}
