"""The four long-term statistics of a home: what was settled, and the pair for the dashboard.

The settled pair holds nothing but settlements. The dashboard pair is written each hour from
the meter and the estimate, and takes each settled hour when it comes: without it the Energy
dashboard would show no consumption for weeks.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.blocks import HOUR, MonthPage, Quantity, sum_by_hour
from ..engine.model import Quality
from .statistics import HourlyStatistic
from .store import Stores

SETTLED = ("allocated", "complement")
DASHBOARD = ("dashboard_allocated", "dashboard_complement")


class Imported(TypedDict):
    """What was last imported of a month, as stored."""

    revision: int
    settled: list[str] | None
    """First and last settled hour; None where nothing was settled."""


def _hours(imported: Imported | None) -> Iterator[datetime]:
    """The hours from the first to the last that was settled."""
    if imported is None or imported["settled"] is None:
        return
    hour, last = map(datetime.fromisoformat, imported["settled"])
    while hour <= last:
        yield hour
        hour += HOUR


class Importer:
    """Writes hours of consumption and allocation into the statistics of one home."""

    def __init__(
        self,
        hass: HomeAssistant,
        stores: Stores,
        statistics: Mapping[str, HourlyStatistic],
    ) -> None:
        """Use async_importer."""
        self._hass = hass
        self._stores = stores
        self._statistics = statistics
        self._imported: dict[str, Imported] = {}

    async def async_load(self) -> None:
        """Continue from what was imported before."""
        stored = await self._stores.async_load("statistics") or {}
        self._imported = stored.get("imported", {})

    async def async_heal(self) -> None:
        """Finish what a stop interrupted, and forget what the recorder has lost.

        A database that was damaged, or restored from a backup, lacks hours that were
        imported: all pages are then imported again, which writes only what differs.
        """
        ends = [
            month["settled"][1] for month in self._imported.values() if month["settled"]
        ]
        for statistic in self._statistics.values():
            await statistic.async_heal()
            last = await statistic.async_last_hour()
            if ends and (last is None or last < datetime.fromisoformat(max(ends))):
                self._imported = {}

    async def async_import(self, page: MonthPage) -> None:
        """Make the hours of a page stand, unless this revision of it does already.

        Hours that an earlier revision settled and this one does not are taken back, to zero.
        """
        before = self._imported.get(page.month)
        if before is not None and before["revision"] == page.revision:
            return
        hours = await self._hass.async_add_executor_job(
            sum_by_hour, page.blocks, Quantity.CONSUMPTION, Quantity.ALLOCATED
        )
        settled = hours if page.quality is Quality.SETTLED else {}
        taken_back = dict.fromkeys(_hours(before), (0.0, 0.0))
        await self._async_write(SETTLED, taken_back | settled)
        await self._async_write(DASHBOARD, hours)
        self._imported[page.month] = {
            "revision": page.revision,
            "settled": [h.isoformat() for h in (min(settled), max(settled))]
            if settled
            else None,
        }
        await self._stores.async_save("statistics", {"imported": self._imported})

    async def async_estimate(self, hours: Mapping[datetime, tuple[float, ...]]) -> None:
        """Make estimated hours stand in the dashboard pair."""
        await self._async_write(DASHBOARD, hours)

    async def _async_write(
        self, pair: tuple[str, str], hours: Mapping[datetime, tuple[float, ...]]
    ) -> None:
        """Write hours of (consumption, allocated) in Wh as allocated and complement.

        In whole Wh, rounded once, so that the two add up to the consumption.
        """
        if not hours:
            return
        whole = {hour: (round(c), round(a)) for hour, (c, a) in hours.items()}
        allocated, complement = (self._statistics[suffix] for suffix in pair)
        await allocated.async_write({hour: a for hour, (_, a) in whole.items()})
        await complement.async_write({hour: c - a for hour, (c, a) in whole.items()})


async def async_importer(hass: HomeAssistant, key: str, stores: Stores) -> Importer:
    """The importer of a home; its statistics are named in the language of the house."""
    texts = await async_get_translations(
        hass, hass.config.language, "common", integrations=[DOMAIN]
    )
    importer = Importer(
        hass,
        stores,
        {
            suffix: HourlyStatistic(
                hass,
                key,
                suffix,
                texts[f"component.{DOMAIN}.common.statistic_{suffix}"],
                stores.open(f"journal.{suffix}"),
            )
            for suffix in SETTLED + DASHBOARD
        },
    )
    await importer.async_load()
    return importer
