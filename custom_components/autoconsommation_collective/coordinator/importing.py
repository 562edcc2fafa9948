"""Taking in what a file or an answer told: the home's own months, kept, counted and reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..adapters.home_meter import Direction
from ..adapters.slot_log import SlotLog
from ..adapters.store import Stores
from ..adapters.supplier import Supplier
from ..const import CONF_DELIVERY_POINT
from ..engine.blocks import Block
from ..engine.contract import off_peak_steps
from ..engine.delivery import Delivery
from ..engine.delivery_pages import DeliveredMonths, NotMine, delivered_months
from ..engine.delivery_unread import Refusal
from ..engine.grid import Grid
from ..engine.import_report import ImportReport, KeyInForce, import_report
from ..engine.indicators import WH_PER_KWH
from ..engine.known import static_coefficient
from ..engine.model import KeyType
from ..engine.months import month_after, month_bounds
from ..engine.period_sums import PeriodSums, period_sums
from ..engine.reconcile import Source
from ..engine.share import ShareRule
from ..engine.spread_pages import (
    Home,
    Mask,
    NotSpread,
    SpreadBy,
    SpreadPages,
    spread_pages,
)
from ..engine.told_bill import BillProblem, told_bill
from .delivery_reading import DeliveryReading
from .outlook import OutlookCoordinator
from .settlement import SettlementCoordinator

NOT_MINE: Final = "not_mine_"
"""Begins the keys of why a delivery tells nothing of this home."""
NOT_SPREAD: Final = "spread_"
"""Begins those of why a sum is not laid on its days."""
NO_BILL: Final = "bill_"
"""Begins those of why what was typed is no bill."""
MOST_DAYS: Final = 3
"""Days that are named in a refusal."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports for one delivery point."""

    hass: HomeAssistant
    entry: ConfigEntry
    settlement: SettlementCoordinator
    outlook: OutlookCoordinator
    supplier: Supplier
    log: SlotLog
    stores: Stores

    @property
    def reading(self) -> DeliveryReading:
        """What reads the files."""
        return DeliveryReading(self.hass, self.stores, self.settlement.time_zone)

    def bill(
        self,
        first: date,
        last: date,
        allocated_kwh: float | None,
        by_class_kwh: Mapping[str, float],
        consumption_kwh: float | None,
    ) -> Delivery | Refusal:
        """A bill of the days from the first to the last, as somebody typed it."""
        found = told_bill(
            self.entry.data[CONF_DELIVERY_POINT],
            first,
            last,
            allocated_kwh,
            by_class_kwh,
            consumption_kwh,
            today=self.settlement.today,
            time_zone=self.settlement.time_zone,
        )
        if isinstance(found, BillProblem):
            return Refusal(f"{NO_BILL}{found.value}")
        return found

    async def async_preview(
        self, delivery: Delivery, source: Source
    ) -> ImportReport | Refusal:
        """What an import would change."""
        return await self._async_taken_in(delivery, source, is_kept=False)

    async def async_import(
        self, delivery: Delivery, source: Source
    ) -> ImportReport | Refusal:
        """Keep the home's months of a delivery, and tell what that changed."""
        return await self._async_taken_in(delivery, source, is_kept=True)

    async def _async_taken_in(
        self, delivery: Delivery, source: Source, *, is_kept: bool
    ) -> ImportReport | Refusal:
        settlement, job = self.settlement, self.hass.async_add_executor_job
        point = self.entry.data[CONF_DELIVERY_POINT]
        by: frozenset[SpreadBy] = frozenset()
        months = await job(delivered_months, delivery, point, settlement.time_zone)
        if months is NotMine.NO_CURVE:
            spread = await self._async_spread(
                period_sums(delivery.totals, point, settlement.time_zone), source
            )
            if isinstance(spread, Refusal):
                return spread
            months, by = DeliveredMonths(spread.pages, ()), spread.by
        if isinstance(months, NotMine):
            return Refusal(f"{NOT_MINE}{months.value}")
        before = dict(settlement.data.pages)
        after = settlement.previewed(source, months.pages)
        counted_from = settlement.counted_from(source, months.pages)
        if is_kept:
            await settlement.async_import(source, months.pages)
        own = await self._async_own(months.pages[0].month)
        keys = {page.month: self._key(page.month) for page in months.pages}
        return await job(
            partial(
                import_report,
                months.pages,
                months.complement,
                before,
                after,
                dict(settlement.data.community),
                own,
                keys.__getitem__,
                settlement.time_zone,
                source=source,
                counted_from=counted_from,
                by=by,
            )
        )

    async def _async_own(self, month: str) -> tuple[Block, ...]:
        """What the home's meter recorded since a local month began.

        By UTC its first hours lie in the file of the month before.
        """
        return await self.log.async_blocks(Direction.IMPORT, month_after(month, -1))

    async def _async_spread(
        self, sums: tuple[PeriodSums, ...] | NotMine, source: Source
    ) -> SpreadPages | Refusal:
        """The months of sums over periods, laid on this home's steps."""
        if isinstance(sums, NotMine):
            return Refusal(f"{NOT_MINE}{sums.value}")
        time_zone, learned = self.settlement.time_zone, self.outlook.learned
        home = Home(
            own=await self._async_own(f"{sums[0].start.astimezone(time_zone):%Y-%m}"),
            profile=learned.profile if learned else None,
            off_peak=self._off_peak,
            step=self.settlement.shape.step,
            time_zone=time_zone,
            held=self.settlement.held(source),
        )
        found = await self.hass.async_add_executor_job(spread_pages, sums, home)
        return _refused(found) if isinstance(found, NotSpread) else found

    def _off_peak(self, grid: Grid) -> Mask | None:
        """Which steps lie in the home's off-peak hours, where its contract tells them."""
        if (contract := self.supplier.contract) is None:
            return None
        return off_peak_steps(contract.supplier, grid, self.settlement.time_zone)

    def _key(self, month: str) -> KeyInForce:
        """The key of a month, where one holds from its first day to its last."""
        time_zone = self.settlement.time_zone
        start, end = month_bounds(month, time_zone)
        rules = [
            self.settlement.rule(at) for at in (start, end - self.settlement.shape.step)
        ]
        if rules[0] != rules[1] or not isinstance(rule := rules[0], ShareRule):
            return KeyInForce()
        return KeyInForce(static_coefficient(rule), rule.key is KeyType.DEFAULT_DYNAMIC)


def _refused(found: NotSpread) -> Refusal:
    """Why a sum is not taken in, with its days and energies."""
    days = ", ".join(f"{day:%d/%m/%Y}" for day in found.days[:MOST_DAYS])
    return Refusal(
        f"{NOT_SPREAD}{found.problem.value}",
        {
            "first": f"{found.days[0]:%d/%m/%Y}",
            "last": f"{found.days[-1]:%d/%m/%Y}",
            "days": days if len(found.days) <= MOST_DAYS else f"{days} …",
            "allocated": str(round(found.allocated_wh / WH_PER_KWH)),
            "consumption": str(round(found.consumption_wh / WH_PER_KWH)),
        },
    )
