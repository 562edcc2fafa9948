"""What importing 13 months of one member costs the recorder, beside a bare import of the same rows.

Real Home Assistant core and recorder, a fresh SQLite file for each. Ours is all that a home
writes: allocated and complement, both for the dashboard, and what these cost.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
import time
from typing import Final, override
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant
import numpy as np

from custom_components.autoconsommation_collective.adapters.contract import contract_of
from custom_components.autoconsommation_collective.adapters.importer import (
    WITHDRAWN,
    Importer,
)
from custom_components.autoconsommation_collective.adapters.statistics import (
    EUR,
    KWH,
    HourlyStatistic,
    Unit,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
    sum_by_hour,
)
from custom_components.autoconsommation_collective.engine.hour_costs import (
    HomePrices,
    hour_costs,
)
from custom_components.autoconsommation_collective.engine.model import Quality

from . import print_table, watched
from .statistics import everything_stored, recording

ZONE: Final = ZoneInfo("Europe/Paris")
QUARTER: Final = timedelta(minutes=15)
MONTHS: Final = 13
QUICK_MONTHS: Final = 2
BAR: Final = 1.1
BAR_MS: Final = 20.0
OPTIONS: Final = {
    "contract": {
        "contract_kind": "off_peak",
        "price_hp": 0.2065,
        "price_hc": 0.1579,
        "off_peak_hours": "22:30-06:30",
        "summer_first_month": "4",
        "summer_last_month": "10",
        "network_cost": 0.0593,
    }
}
PRICES: Final = HomePrices(contract_of(OPTIONS), (), (), ZONE)


@dataclass(frozen=True)
class Measure:
    """What an import took."""

    seconds: float
    thread_seconds: float
    """Of the recorder's thread, which alone writes."""
    callback_ms: float

    def cells(self) -> tuple[str, ...]:
        """Columns after the name."""
        return (
            f"{self.seconds:.1f}",
            f"{self.thread_seconds:.2f}",
            f"{self.callback_ms:.1f}",
        )


@dataclass
class ThreadTime(RecorderTask):
    """Tells how long the recorder's thread has worked."""

    told: asyncio.Future[float]

    @override
    def run(self, instance: Recorder) -> None:
        """In that thread."""
        instance.hass.loop.call_soon_threadsafe(
            self.told.set_result, time.thread_time()
        )


def pages(n_months: int) -> Iterator[MonthPage]:
    """Consecutive months of quarter-hours, no two hours alike."""
    dice = np.random.default_rng(13)
    first = datetime(2025, 10, 1, tzinfo=ZONE)
    for n in range(n_months):
        begin = _month(first, n)
        n_steps = int((_month(first, n + 1) - begin) / QUARTER)
        consumption = dice.integers(20, 900, n_steps).astype(np.float64)
        energies = {
            Quantity.CONSUMPTION: consumption,
            Quantity.ALLOCATED: np.floor(consumption * dice.random(n_steps)),
        }
        block = Block(begin, QUARTER, energies)
        month = f"{begin.astimezone(ZONE):%Y-%m}"
        yield MonthPage(month, 1, Quality.SETTLED, (block,))


def _month(first: datetime, n: int) -> datetime:
    """Local midnight so many months later, UTC."""
    year, month = divmod(first.month - 1 + n, 12)
    return first.replace(year=first.year + year, month=month + 1).astimezone(UTC)


async def import_ours(hass: HomeAssistant, months: list[MonthPage]) -> None:
    """All that a home writes, month by month."""
    stores = Stores(hass, "bench")
    importer = Importer(
        hass,
        stores,
        {
            suffix: HourlyStatistic(
                hass,
                "bench",
                suffix,
                suffix,
                stores.open(f"journal.{suffix}"),
                EUR if suffix in WITHDRAWN.money else KWH,
            )
            for suffix in WITHDRAWN.statistics
        },
    )
    for page in months:
        await importer.async_import(page, PRICES)


async def import_bare(
    hass: HomeAssistant, series: Mapping[str, tuple[Unit, Mapping[datetime, int]]]
) -> None:
    """The same rows, each series in one call."""
    for suffix, (unit, amounts) in series.items():
        metadata = StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=suffix,
            source=DOMAIN,
            statistic_id=f"{DOMAIN}:bare_{suffix}",
            unit_class=unit.unit_class,
            unit_of_measurement=unit.name,
        )
        rows = [
            StatisticData(start=hour, state=amount / unit.parts, sum=total / unit.parts)
            for (hour, amount), total in zip(
                amounts.items(), accumulate(amounts.values()), strict=True
            )
        ]
        async_add_external_statistics(hass, metadata, rows)
    await everything_stored(hass)


def series(
    months: list[MonthPage],
) -> dict[str, tuple[Unit, dict[datetime, int]]]:
    """What a home writes of these months."""
    blocks = [block for page in months for block in page.blocks]
    hours = sum_by_hour(blocks, WITHDRAWN.whole, WITHDRAWN.part)
    pricing = PRICES.pricing(WITHDRAWN.whole)
    costs = hour_costs(blocks, WITHDRAWN.whole, WITHDRAWN.part, pricing)
    part = {hour: round(allocated) for hour, (_, allocated) in hours.items()}
    rest = {hour: round(whole) - part[hour] for hour, (whole, _) in hours.items()}
    found = {
        suffix: (KWH, amounts)
        for pair in (WITHDRAWN.settled, WITHDRAWN.dashboard)
        for suffix, amounts in zip(pair, (part, rest), strict=True)
    }
    for number, suffix in enumerate(WITHDRAWN.money):
        known = {
            hour: cost
            for hour, both in costs.items()
            if (cost := both[number]) is not None
        }
        if known:
            found[suffix] = (EUR, known)
    return found


async def thread_time(hass: HomeAssistant) -> float:
    """Seconds that the recorder's thread has worked so far."""
    told: asyncio.Future[float] = hass.loop.create_future()
    get_instance(hass).queue_task(ThreadTime(told))
    return await told


async def measured(months: list[MonthPage], *, is_ours: bool) -> Measure:
    """One import into a database of its own."""
    rows = series(months)
    async with recording() as hass:
        before, start = await thread_time(hass), time.perf_counter()
        with watched(hass.loop) as load:
            work = import_ours(hass, months) if is_ours else import_bare(hass, rows)
            await hass.loop.create_task(work)
        seconds = time.perf_counter() - start
        return Measure(seconds, await thread_time(hass) - before, load.callback_ms)


async def bench(n_months: int) -> None:
    """Measure both, and print them beside the bars, which stop nothing."""
    months = list(pages(n_months))
    bare = await measured(months, is_ours=False)
    ours = await measured(months, is_ours=True)
    n_rows = sum(len(amounts) for _, amounts in series(months).values())
    print(f"{n_months} months of one member into the recorder: {n_rows} rows")
    print_table(
        [
            ("", "s", "recorder thread s", "callback ms"),
            ("bare import", *bare.cells()),
            ("our importer", *ours.cells()),
        ]
    )
    ratio = ours.thread_seconds / bare.thread_seconds
    print(f"ours / bare, recorder thread: {ratio:.3f} (bar {BAR})")
    print(f"our longest callback: {ours.callback_ms:.1f} ms (bar {BAR_MS:.0f})")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two months")
    quick = parser.parse_args().quick
    asyncio.run(bench(QUICK_MONTHS if quick else MONTHS))


if __name__ == "__main__":
    main()
