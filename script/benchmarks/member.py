"""What a member's entry costs Home Assistant: at start, and with each reading of the meter.

Real core and recorder. The entry has a store of twelve settled months and no organiser to
ask, so that no network counts.
"""

import asyncio
from datetime import timedelta
import subprocess
import sys
import time

from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.autoconsommation_collective.adapters.identity import (
    async_delivery_point_key,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    CONF_IMPORT,
    CONF_KIND,
    DOMAIN,
    KIND_MEMBER,
)
from custom_components.autoconsommation_collective.engine.blocks import stored_page
from custom_components.autoconsommation_collective.pmo.pages import read_member_month

from . import print_table, watched
from .pages import TIME_ZONE, months, page
from .statistics import everything_stored, recording

METER = "sensor.linky"
DELIVERY_POINT = "00000000000000"
N_READINGS = 5000
BAR_SETUP_S = 0.5
BAR_READING_MS = 1.0
"""Of the event loop, for one reading."""

IMPORTS = """
import time
import homeassistant.components.sensor, homeassistant.components.binary_sensor
import homeassistant.components.recorder.statistics, homeassistant.components.energy.data
import homeassistant.components.diagnostics, homeassistant.helpers.update_coordinator
import homeassistant.helpers.aiohttp_client, homeassistant.helpers.selector
start = time.perf_counter()
import custom_components.autoconsommation_collective as ours
import custom_components.autoconsommation_collective.sensor
import custom_components.autoconsommation_collective.binary_sensor
import custom_components.autoconsommation_collective.config_flow
print(time.perf_counter() - start)
"""
"""What Home Assistant has loaded anyway, then what it loads for us, numpy included."""


def import_seconds() -> float:
    """Time to import the integration into a Home Assistant, best of three processes."""
    runs = (
        subprocess.run(
            [sys.executable, "-c", IMPORTS], check=True, capture_output=True, text=True
        )
        for _ in range(3)
    )
    return min(float(run.stdout) for run in runs)


def write_index(hass: HomeAssistant, wh: int) -> None:
    """A reading of the meter, as an integration reports it."""
    hass.states.async_set(
        METER,
        str(wh),
        {
            "unit_of_measurement": "Wh",
            "device_class": "energy",
            "state_class": "total_increasing",
        },
    )


async def fill_store(hass: HomeAssistant) -> None:
    """Twelve settled months, as left by earlier runs."""
    key = await async_delivery_point_key(hass, DELIVERY_POINT)
    stores = Stores(hass, key)
    for month in months():
        settled = read_member_month(page(month), month, TIME_ZONE)
        await stores.async_save(f"settled.{month}", stored_page(settled))


async def measured_readings(hass: HomeAssistant, first_wh: int) -> float:
    """Milliseconds of the loop for one reading, everything that follows from it included."""
    start = time.thread_time()
    for n in range(N_READINGS):
        write_index(hass, first_wh + n)
        if n % 50 == 0:
            await asyncio.sleep(0)
    await hass.async_block_till_done()
    return (time.thread_time() - start) * 1000 / N_READINGS


async def bench() -> None:
    """Measure and print."""
    async with recording() as hass:
        # As in a house: by default the test core looks for no custom integration.
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        await hass.config.async_set_time_zone("Europe/Paris")
        write_index(hass, 10_000_000)
        bare_ms = await measured_readings(hass, 10_000_000)
        await fill_store(hass)
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="Bench",
            unique_id=await async_delivery_point_key(hass, DELIVERY_POINT),
            data={
                CONF_KIND: KIND_MEMBER,
                CONF_DELIVERY_POINT: DELIVERY_POINT,
                CONF_IMPORT: [METER],
            },
        )
        entry.add_to_hass(hass)
        start = time.perf_counter()
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        setup_s = time.perf_counter() - start
        await hass.async_block_till_done(wait_background_tasks=True)
        ours_ms = await measured_readings(hass, 20_000_000)
        with watched(hass.loop) as load:
            async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
            await hass.async_block_till_done()
        await everything_stored(hass)
    imports_s = import_seconds()
    print("A member's entry in Home Assistant")
    print_table(
        [
            ("", "measured", "bar"),
            ("import of the code, s", f"{imports_s:.3f}", ""),
            ("set-up with 12 months in store, s", f"{setup_s:.3f}", ""),
            ("added to the start, s", f"{imports_s + setup_s:.3f}", f"{BAR_SETUP_S}"),
            ("a reading without the entry, ms", f"{bare_ms:.3f}", ""),
            ("a reading with the entry, ms", f"{ours_ms:.3f}", ""),
            ("cost of a reading, ms", f"{ours_ms - bare_ms:.3f}", f"{BAR_READING_MS}"),
            (
                "longest callback of a minute's turn, ms",
                f"{load.callback_ms:.1f}",
                "20",
            ),
        ]
    )


def main() -> None:
    """Run the bench."""
    asyncio.run(bench())


if __name__ == "__main__":
    main()
