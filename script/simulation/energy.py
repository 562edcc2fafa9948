"""The Energy dashboard of the demonstration: set up in the options, as the member would."""

import asyncio
import os
from pathlib import Path
from typing import Final

from playwright.async_api import Error

from .errors import DemoError
from .resident import Resident
from .screenshot import SETTLE_MS, logged_in_page

OPTIONS_FLOW: Final = "/api/config/config_entries/options/flow"
YEAR: Final = (
    "localStorage.setItem('energy-default-period-_energy_dashboard', 'now-12m');"
)
"""The last twelve months: today, the demonstration has only begun."""
PAGE: Final = "/energy/electricity"
COSTS: Final = ("_dashboard_allocated_cost", "_dashboard_complement_cost")
IMPORT_LIMIT_S: Final = 180
"""Home Assistant writes statistics row by row: some seconds for each month."""
CHART: Final = "hui-energy-usage-graph-card canvas"


async def set_up(resident: Resident, entry_id: str) -> None:
    """Confirm what the options offer; DemoError where nothing was set up."""
    await _wait_for_costs(resident)
    step = await resident.request(OPTIONS_FLOW, {"handler": entry_id})
    for given in ({"next_step_id": "energy"}, {}):
        step = await resident.request(f"{OPTIONS_FLOW}/{step['flow_id']}", given)
    if step.get("reason") != "energy_is_set_up":
        raise DemoError(f"the Energy dashboard was not set up: {step}")
    prefs = await resident.ask("energy/get_prefs")
    sources = [each for each in prefs["energy_sources"] if each["type"] == "grid"]
    if len(sources) != 2 or not all(each["stat_cost"] for each in sources):
        raise DemoError(f"not both parts with their costs: {sources}")


async def _wait_for_costs(resident: Resident) -> None:
    """Return when the first hours stand with what they cost."""
    try:
        async with asyncio.timeout(IMPORT_LIMIT_S):
            while True:
                listed = await resident.ask("recorder/list_statistic_ids")
                ids = [each["statistic_id"] for each in listed]
                if all(any(one.endswith(cost) for one in ids) for cost in COSTS):
                    return
                await asyncio.sleep(1)
    except TimeoutError:
        raise DemoError("no hour has a cost") from None


async def picture(resident: Resident, language: str, path: Path) -> None:
    """The year on Home Assistant's own Energy dashboard, community and supplier side by side."""
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        raise DemoError("no Energy dashboard: there is no Chromium on this machine")
    try:
        async with logged_in_page(resident, language, chromium) as page:
            await page.add_init_script(YEAR)
            await page.goto(f"{resident.address}{PAGE}")
            await page.locator(CHART).first.wait_for()
            await page.wait_for_timeout(SETTLE_MS)
            await page.screenshot(path=path)
    except Error as err:
        raise DemoError(f"no Energy dashboard: {err.message.splitlines()[0]}") from err
