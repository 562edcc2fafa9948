"""The long-term statistics of a home: what was settled, and what the Energy dashboard shows.

The settled ones hold nothing but settlements. Those for the dashboard are written each hour
from the meter and the estimate, and take each settled hour when it comes: without them the
Energy dashboard would show no consumption for weeks. Beside each of these stands what its
energy cost or earned, as far as prices are known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import numpy as np

from ..const import DOMAIN
from ..engine.blocks import HOUR, Block, MonthPage, Quantity, sum_by_hour
from ..engine.hour_costs import HomePrices, HourCost, hour_costs
from ..engine.metering import EPOCH
from ..engine.model import Quality
from .home_meter import Direction
from .statistics import EUR, KWH, HourlyStatistic, StatisticsError
from .store import Stores

REPRICING: Final = timedelta(hours=1)
"""The least time between two runs over all months for prices that changed: hours that are
still being learned may change often, and a month is some thousand steps."""

STORE: Final = "statistics"


@dataclass(frozen=True, slots=True)
class Flow:
    """What passes the meter one way, a part of it and the rest: two statistics of each kind."""

    direction: Direction
    whole: Quantity
    part: Quantity
    settled: tuple[str, str]
    """Of the part and of the rest, as in all that follow."""
    dashboard: tuple[str, str]
    money: tuple[str, str]
    total: str | None = None
    """Settled, of the whole."""

    @property
    def energies(self) -> tuple[str, ...]:
        """Its statistics of energies."""
        return (*self.settled, *self.dashboard, *((self.total,) if self.total else ()))

    @property
    def statistics(self) -> tuple[str, ...]:
        """All its statistics."""
        return (*self.energies, *self.money)


WITHDRAWN: Final = Flow(
    Direction.IMPORT,
    Quantity.CONSUMPTION,
    Quantity.ALLOCATED,
    settled=("allocated", "complement"),
    dashboard=("dashboard_allocated", "dashboard_complement"),
    money=("dashboard_allocated_cost", "dashboard_complement_cost"),
)
INJECTED: Final = Flow(
    Direction.EXPORT,
    Quantity.PRODUCTION,
    Quantity.SURPLUS,
    settled=("surplus", "shared"),
    dashboard=("dashboard_surplus", "dashboard_shared"),
    money=("dashboard_surplus_income", "dashboard_shared_income"),
    total="injected",
)
FLOWS: Final = (WITHDRAWN, INJECTED)


class Imported(TypedDict):
    """What was last imported of a month, as stored."""

    digest: str
    """Of the page; several sources of a month may each have a first revision."""
    settled: dict[str, list[str]]
    """First and last settled hour, by direction; none where nothing was settled."""
    priced: str
    """Fingerprint of the prices by which its hours were priced."""


class Importer:
    """Writes hours of energy and money into the statistics of one home."""

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
        self._seen: dict[str, MonthPage] = {}
        """Pages that are known to stand: the same stays the same page."""
        self._estimates_priced = ""
        """Fingerprint of the prices by which all estimated hours were priced."""
        self._repriced_at: datetime | None = None

    async def async_load(self) -> None:
        """Continue from what was imported before."""
        stored = await self._stores.async_load(STORE) or {}
        self._imported = {
            month: _restored(each) for month, each in stored.get("imported", {}).items()
        }
        self._estimates_priced = stored.get("estimates_priced", "")

    async def async_heal(self) -> None:
        """Finish what a stop interrupted, and forget what the recorder has lost.

        A database that was damaged, or restored from a backup, lacks hours that were
        imported: all pages are then imported again, which writes only what differs.
        """
        for statistic in self._statistics.values():
            await statistic.async_heal()
        for flow in FLOWS:
            spans = [each["settled"].get(flow.direction) for each in self._months()]
            ends = [datetime.fromisoformat(span[1]) for span in spans if span]
            for suffix in flow.energies if ends else ():
                last = await self._statistics[suffix].async_last_hour()
                if last is None or last < max(ends):
                    self._imported, self._estimates_priced = {}, ""
                    self._seen = {}

    async def async_import(self, page: MonthPage, prices: HomePrices) -> None:
        """Make the hours of a page stand, unless they do already.

        Hours that an earlier page settled and this one does not are taken back, to zero.
        """
        if self._seen.get(page.month) is page:
            return
        before = self._imported.get(page.month)
        digest = await self._hass.async_add_executor_job(_digest, page)
        if before is not None and before["digest"] == digest:
            self._seen[page.month] = page
            return
        settled: dict[str, list[str]] = {}
        for flow in FLOWS:
            hours = await self._async_hours(flow, page.blocks)
            certain = hours if page.quality is Quality.SETTLED else {}
            held = before["settled"].get(flow.direction) if before else None
            taken_back = dict.fromkeys(_span(held), (0, 0))
            await self._async_write(flow.settled, taken_back | certain)
            if flow.total and (taken_back or certain):
                whole = {h: part + rest for h, (part, rest) in certain.items()}
                await self._statistics[flow.total].async_write(
                    dict.fromkeys(taken_back, 0) | whole
                )
            await self._async_write(flow.dashboard, hours)
            await self._async_price(flow, page.blocks, prices)
            if certain:
                settled[flow.direction] = [
                    hour.isoformat() for hour in (min(certain), max(certain))
                ]
        self._imported[page.month] = {
            "digest": digest,
            "settled": settled,
            "priced": _fingerprint(prices),
        }
        await self._async_keep()
        self._seen[page.month] = page

    async def async_since(self, flow: Flow, usual: datetime) -> datetime:
        """From when on estimated hours are to be looked at.

        Later than the last one that stands nothing was written: the recorder may have been
        away for longer than the usual span.
        """
        last = await self._statistics[flow.dashboard[0]].async_last_hour()
        return min(usual, EPOCH if last is None else last + HOUR)

    async def async_estimate(
        self, flow: Flow, blocks: Sequence[Block], prices: HomePrices
    ) -> None:
        """Make the hours of own steps stand for the dashboard, with what they cost."""
        await self._async_write(flow.dashboard, await self._async_hours(flow, blocks))
        try:
            await self._async_price(flow, blocks, prices)
        except StatisticsError:
            # These hours stand, and will not all be looked at again for their energies.
            self._estimates_priced = ""
            raise

    def is_priced_otherwise(self, prices: HomePrices) -> bool:
        """Whether hours stand that were priced by other prices, and it is time to look."""
        now = dt_util.utcnow()
        if self._repriced_at is not None and now - self._repriced_at < REPRICING:
            return False
        priced = {each["priced"] for each in self._months()} | {self._estimates_priced}
        return priced != {_fingerprint(prices)}

    async def async_reprice(
        self,
        pages: Iterable[MonthPage],
        estimates: Mapping[Flow, Sequence[Block]],
        prices: HomePrices,
    ) -> None:
        """Price again the months that were priced otherwise, and all estimated hours."""
        self._repriced_at = dt_util.utcnow()
        for page in pages:
            imported = self._imported.get(page.month)
            if imported is None or imported["priced"] == _fingerprint(prices):
                continue
            for flow in FLOWS:
                await self._async_price(flow, page.blocks, prices)
            imported["priced"] = _fingerprint(prices)
        for flow, blocks in estimates.items():
            await self._async_price(flow, blocks, prices)
        self._estimates_priced = _fingerprint(prices)
        await self._async_keep()

    async def _async_hours(
        self, flow: Flow, blocks: Sequence[Block]
    ) -> dict[datetime, tuple[int, int]]:
        """The part and the rest of each hour in whole Wh.

        Rounded once, so that the two add up to the whole.
        """

        def hours() -> dict[datetime, tuple[int, int]]:
            found = sum_by_hour(blocks, flow.whole, flow.part).items()
            rounded = ((hour, round(w), round(p)) for hour, (w, p) in found)
            return {hour: (part, whole - part) for hour, whole, part in rounded}

        return await self._hass.async_add_executor_job(hours)

    async def _async_price(
        self, flow: Flow, blocks: Sequence[Block], prices: HomePrices
    ) -> None:
        """Make stand what the energies of these steps cost, or earn."""
        costs = await self._hass.async_add_executor_job(
            hour_costs, blocks, flow.whole, flow.part, prices.pricing(flow.whole)
        )
        await self._async_write(flow.money, costs)

    async def _async_write(
        self, pair: tuple[str, str], hours: Mapping[datetime, HourCost]
    ) -> None:
        """Write the part and the rest of each hour."""
        for number, suffix in enumerate(pair):
            if amounts := {hour: both[number] for hour, both in hours.items()}:
                await self._statistics[suffix].async_write(amounts)

    def _months(self) -> Iterable[Imported]:
        return self._imported.values()

    async def _async_keep(self) -> None:
        document = {
            "imported": self._imported,
            "estimates_priced": self._estimates_priced,
        }
        await self._stores.async_save(STORE, document)


def _digest(page: MonthPage) -> str:
    """Differs where a page tells anything else, whatever its revision."""
    found = sha256(page.quality.value.encode())
    for block in page.blocks:
        found.update(f"{block.start} {block.step} {block.is_spread}".encode())
        for quantity in sorted(block.energies):
            found.update(quantity.encode())
            found.update(np.ascontiguousarray(block.energies[quantity]).tobytes())
    return found.hexdigest()[:16]


def _fingerprint(prices: HomePrices) -> str:
    """Differs where a price does: what was priced by another one is priced again."""
    return sha256(repr(prices).encode()).hexdigest()[:16]


def _restored(stored: Mapping[str, Any]) -> Imported:
    """What was imported of a month.

    Earlier versions knew no injection and no prices: what they imported is looked at again.
    """
    settled = stored["settled"]
    if "priced" in stored:
        return {
            "digest": stored.get("digest", ""),
            "settled": settled,
            "priced": stored["priced"],
        }
    spans = {WITHDRAWN.direction.value: settled} if settled else {}
    return {"digest": "", "settled": spans, "priced": ""}


def _span(ends: Sequence[str] | None) -> Iterator[datetime]:
    """The hours from the first to the last."""
    if ends is None:
        return
    hour, last = map(datetime.fromisoformat, ends)
    while hour <= last:
        yield hour
        hour += HOUR


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
                EUR if suffix in flow.money else KWH,
            )
            for flow in FLOWS
            for suffix in flow.statistics
        },
    )
    await importer.async_load()
    return importer
