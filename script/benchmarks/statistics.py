"""What importing and correcting hourly statistics costs, beside Home Assistant's bare import.

Real Home Assistant core and recorder, a fresh SQLite file for each import. Bare and ours take
turns, in an order that changes each round, and the best of each counts: what else the machine
does only ever adds time.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import attrgetter
import random
from tempfile import TemporaryDirectory
import time

from homeassistant.components.recorder import DOMAIN as RECORDER, get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.autoconsommation_collective.adapters.statistics import (
    Changes,
    HourlyStatistic,
)
from custom_components.autoconsommation_collective.const import DOMAIN

from . import LoopLoad, print_table, watched

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR_HOURS = 8760
QUICK_HOURS = 2190
"""A quarter: three months still show what a month more costs."""
BAR = 1.1
"""Ours may take so many times the bare import of the same rows."""
ROUNDS = 4
IDLE_S = 5.0

type Energies = dict[datetime, int]


@dataclass(frozen=True)
class Measure:
    """One line of the table."""

    seconds: float
    cpu_seconds: float
    """All threads of the process: unlike seconds, it does not count what else the machine does."""
    load: LoopLoad
    changes: Changes | None = None

    def cells(self) -> tuple[str, ...]:
        """Columns after the name."""
        written, shifted = (
            (str(self.changes.written), str(self.changes.shifted))
            if self.changes
            else ("", "")
        )
        callback, gap = f"{self.load.callback_ms:.1f}", f"{self.load.gap_ms:.1f}"
        return (
            f"{self.seconds:.2f}",
            f"{self.cpu_seconds:.2f}",
            written,
            shifted,
            callback,
            gap,
        )


@asynccontextmanager
async def recording() -> AsyncIterator[HomeAssistant]:
    """A running Home Assistant whose recorder writes to a new SQLite file."""
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            recorder_helper.async_initialize_recorder(hass)
            config = {RECORDER: {"db_url": f"sqlite:///{folder}/home-assistant_v2.db"}}
            assert await async_setup_component(hass, RECORDER, config)
            await hass.async_block_till_done()
            await everything_stored(hass)
            try:
                yield hass
            finally:
                await hass.async_stop(force=True)


async def everything_stored(hass: HomeAssistant) -> None:
    """Wait until the recorder has done what it was given."""
    done: asyncio.Future[None] = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


async def measured(
    hass: HomeAssistant, work: Coroutine[None, None, Changes | None]
) -> Measure:
    """Time some work and the load of the event loop meanwhile."""
    with watched(hass.loop) as load:
        start, cpu_start = time.perf_counter(), time.process_time()
        changes = await hass.loop.create_task(
            work
        )  # a task, so that its first step counts too
        seconds, cpu_seconds = (
            time.perf_counter() - start,
            time.process_time() - cpu_start,
        )
        return Measure(seconds, cpu_seconds, load, changes)


async def import_bare(hass: HomeAssistant, energies: Energies) -> None:
    """Give the whole series to Home Assistant in one call."""
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name="bare",
        source=DOMAIN,
        statistic_id=f"{DOMAIN}:bench_bare",
        unit_class="energy",
        unit_of_measurement="kWh",
    )
    sums = accumulate(energies.values())
    rows = [
        StatisticData(start=hour, state=wh / 1000, sum=sum_wh / 1000)
        for (hour, wh), sum_wh in zip(energies.items(), sums, strict=True)
    ]
    async_add_external_statistics(hass, metadata, rows)
    await everything_stored(hass)


async def import_ours(hass: HomeAssistant, energies: Energies) -> Changes:
    """Write the series month by month."""
    return await statistic(hass).async_write(energies)


def statistic(hass: HomeAssistant) -> HourlyStatistic:
    """Our statistic, as an entry has it."""
    journal = Store[list[str]](hass, 1, f"{DOMAIN}.bench", atomic_writes=True)
    return HourlyStatistic(hass, "bench", "ours", "ours", journal)


IMPORTS = {"bare import": import_bare, "our import": import_ours}


async def best_imports(energies: Energies, rounds: int) -> dict[str, Measure]:
    """The quickest of all rounds of each import, each into a fresh database."""
    best: dict[str, Measure] = {}
    order = list(IMPORTS)
    for _ in range(rounds):
        for name in order:
            async with recording() as hass:
                measure = await measured(hass, IMPORTS[name](hass, energies))
            best[name] = min(
                best.get(name, measure), measure, key=attrgetter("seconds")
            )
        order.reverse()
    return {name: best[name] for name in IMPORTS}


def corrections(energies: Energies) -> dict[str, Energies]:
    """What a revised settlement may change, by name."""
    dice = random.Random(8760)
    hours = list(energies)
    first_month = [hour for hour in hours if hour.month == START.month]
    return {
        "correct 30 hours of the first month": {
            hour: energies[hour] + (50 if hour in chosen else 0)
            for chosen in [set(dice.sample(first_month, 30))]
            for hour in first_month
        },
        "correct 30 hours anywhere": {
            hour: energies[hour] + 70 for hour in dice.sample(hours, 30)
        },
        "correct the whole first month": {
            hour: energies[hour] + 90 for hour in first_month
        },
        "the same month again": {hour: energies[hour] + 90 for hour in first_month},
    }


async def corrected(energies: Energies) -> dict[str, Measure]:
    """Measure an idle Home Assistant, then each correction of one series."""
    async with recording() as hass:
        ours = statistic(hass)
        await ours.async_write(energies)
        measures = {"idle": await measured(hass, asyncio.sleep(IDLE_S))}
        for name, hours in corrections(energies).items():
            measures[name] = await measured(hass, ours.async_write(hours))
        return measures


async def bench(n_hours: int, rounds: int) -> None:
    """Measure everything and print it."""
    dice = random.Random(2025)
    energies = {
        START + timedelta(hours=n): dice.randrange(2000) for n in range(n_hours)
    }
    imports = await best_imports(energies, rounds)
    others = await corrected(energies)
    print(f"Hourly statistics: {n_hours} rows, imports the best of {rounds}")
    print_table(
        [
            ("", "s", "CPU s", "rows", "shifts", "callback ms", "gap ms"),
            *((name, *each.cells()) for name, each in (imports | others).items()),
        ]
    )
    bare, ours = imports.values()
    print(
        f"ours / bare: {ours.seconds / bare.seconds:.3f} (bar {BAR}),"
        f" of CPU time {ours.cpu_seconds / bare.cpu_seconds:.3f}"
    )


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a quarter of a year, one round"
    )
    quick = parser.parse_args().quick
    asyncio.run(bench(QUICK_HOURS if quick else YEAR_HOURS, 1 if quick else ROUNDS))


if __name__ == "__main__":
    main()
