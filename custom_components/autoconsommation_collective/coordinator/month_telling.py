"""Months of the home and of its operation as the card draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..adapters.home_meter import Direction
from ..adapters.slot_log import SlotLog
from ..adapters.supplier import Supplier
from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.contract import Contract
from ..engine.indicators import Tally
from ..engine.model import Price
from ..engine.months import (
    MAX_MONTHS,
    HomeMonth,
    community_tally,
    community_year,
    estimated_month,
    month_after,
    month_bounds,
    published_month,
    saved_eur,
    year_of,
)
from ..engine.settlement import MonthTotals
from .settlement import SettlementCoordinator
from .telling import RATE_DECIMALS, told_kwh

EUR_DECIMALS = 2


@dataclass(slots=True)
class MonthTelling:
    """Sums up months when they are asked for; what was published once is priced once."""

    hass: HomeAssistant
    settlement: SettlementCoordinator
    supplier: Supplier
    log: SlotLog
    _priced: dict[str, tuple[MonthPage, object, HomeMonth]] = field(
        default_factory=dict
    )
    """By month the page, by what it was priced, and what came of it."""

    async def async_told(self) -> JsonObjectType:
        """Each month that anything is known of, the oldest first, and the year."""
        pages = self.settlement.data.pages
        now, time_zone = dt_util.utcnow(), self.settlement.time_zone
        current = f"{now.astimezone(time_zone):%Y-%m}"
        wanted = _span(month_after(current, 1 - MAX_MONTHS), current)
        # By UTC the first hours of a local month lie in the file of the month before.
        missing = next((month for month in wanted if month not in pages), current)
        own = {
            direction: await self.log.async_blocks(direction, month_after(missing, -1))
            for direction in Direction
        }
        months = await self.hass.async_add_executor_job(
            self._months, wanted, pages, own, now, self.supplier.contract
        )
        year, community = year_of(months), self.settlement.data.community
        whole = community_year(community, year.last if year else None)
        return {
            "produces": self.settlement.shape.produces,
            "months": [
                {
                    "month": month.month,
                    "basis": month.basis.value,
                    "known_part": round(month.known_part, RATE_DECIMALS),
                    **_told(month.totals, month.saved_eur),
                    "operation": told_tally(
                        community_tally(page)
                        if (page := community.get(month.month))
                        else None
                    ),
                }
                for month in months
            ],
            "year": {
                "first": year.first,
                "last": year.last,
                "n_months": year.n_months,
                **_told(year.totals, year.saved_eur),
                "operation": told_tally(whole.tally if whole else None),
            }
            if year
            else None,
        }

    def _months(
        self,
        wanted: Sequence[str],
        pages: Mapping[str, MonthPage],
        own: dict[Direction, tuple[Block, ...]],
        now: datetime,
        contract: Contract | None,
    ) -> list[HomeMonth]:
        """The months of which anything is known; runs in another thread."""
        found = [
            self._published(page, contract)
            if (page := pages.get(month)) and page.blocks
            else self._estimated(month, own, now, contract)
            for month in wanted
        ]
        return [month for month in found if month.known_part > 0]

    def _published(self, page: MonthPage, contract: Contract | None) -> HomeMonth:
        held = self._priced.get(page.month)
        priced_by = contract, self._prices
        if held is not None and held[0] is page and held[1] == priced_by:
            return held[2]
        saved = self._saved_eur(page.blocks, Quantity.ALLOCATED, contract)
        month = published_month(page, saved, self.settlement.time_zone)
        self._priced[page.month] = page, priced_by, month
        return month

    def _estimated(
        self,
        month: str,
        own: dict[Direction, tuple[Block, ...]],
        now: datetime,
        contract: Contract | None,
    ) -> HomeMonth:
        time_zone = self.settlement.time_zone
        start, end = month_bounds(month, time_zone)
        drawn, injected = (
            [part for block in own[direction] if (part := block.cut(start, end))]
            for direction in (Direction.IMPORT, Direction.EXPORT)
        )
        saved = self._saved_eur(drawn, Quantity.ESTIMATED_ALLOCATED, contract)
        return estimated_month(month, drawn, injected, saved, now, time_zone)

    def _saved_eur(
        self, blocks: Sequence[Block], allocated: Quantity, contract: Contract | None
    ) -> float | None:
        time_zone = self.settlement.time_zone
        return saved_eur(blocks, allocated, contract, self._prices, time_zone)

    @property
    def _prices(self) -> tuple[Price, ...]:
        """What the operation asks for an allocated kWh, of all times."""
        operation = self.settlement.data.operation
        return operation.prices if operation else ()


def told_operation(settlement: SettlementCoordinator) -> JsonObjectType:
    """The neighbourhood in numbers: who takes part, and what they shared each month."""
    told, counts = settlement.data, settlement.counts(settlement.today)
    months: list[JsonValueType] = [
        {
            "month": month,
            "basis": page.quality.value,
            **(told_tally(community_tally(page)) or {}),
        }
        for month, page in sorted(told.community.items())[-MAX_MONTHS:]
        if community_tally(page)
    ]
    year = community_year(told.community)
    return {
        "name": told.operation.name if told.operation else None,
        "members": counts.members if counts else None,
        "household_plants": counts.household_producers if counts else None,
        "other_plants": counts.non_household_plants if counts else None,
        "months": months,
        "year": {
            "first": year.first,
            "last": year.last,
            "n_months": year.n_months,
            **(told_tally(year.tally) or {}),
        }
        if year
        else None,
    }


def _told(totals: MonthTotals, saved: float | None) -> JsonObjectType:
    """Energies of a home, its rate beside them, and what was saved."""
    return {
        "consumption_kwh": told_kwh(totals.consumption_wh),
        "allocated_kwh": told_kwh(totals.allocated_wh),
        "supplier_kwh": told_kwh(totals.complement_wh),
        "self_production_rate": _rate(totals.self_production_rate),
        "injected_kwh": told_kwh(totals.production_wh),
        "surplus_kwh": told_kwh(totals.surplus_wh),
        "saved_eur": None if saved is None else round(saved, EUR_DECIMALS),
    }


def told_tally(tally: Tally | None) -> JsonObjectType | None:
    """Energies of an operation and its rate; None where they are not told."""
    if tally is None:
        return None
    return {
        "production_kwh": told_kwh(tally.production_wh),
        "shared_kwh": told_kwh(tally.allocated_wh),
        "surplus_kwh": told_kwh(tally.surplus_wh),
        "self_consumption_rate": _rate(tally.self_consumption_rate),
    }


def _rate(rate: float | None) -> float | None:
    return None if rate is None else round(rate, RATE_DECIMALS)


def _span(first: str, last: str) -> list[str]:
    """All months from the one to the other."""
    months = [first]
    while months[-1] < last:
        months.append(month_after(months[-1]))
    return months
