"""A member's months side by side: settled where they are, estimated where not, and a year.

A single month misleads: a small plant covers much in July and nothing in January. The year is
therefore the twelve months up to the last settled one, and counts settlements alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from .account import block_saving
from .blocks import Block, MonthPage, Quantity
from .contract import Contract, CostsMissing, paid_prices
from .costs import Saving
from .grid import Grid
from .indicators import Tally
from .model import Price, Quality
from .settlement import MonthTotals, month_totals
from .slots import midnight_of, sum_between

MONTHS_IN_YEAR: Final = 12
MAX_MONTHS: Final = 25
"""Two years and the month in progress: each month has the same of the year before beside it."""


class Basis(StrEnum):
    """How sure the numbers of a month are."""

    SETTLED = "settled"
    BILL = "bill"
    """Settled, of some days as a sum alone: as a bill tells it."""
    PROVISIONAL = "provisional"
    """Published by the organiser, and may still change."""
    ESTIMATED = "estimated"
    """By this home, from its own meter."""


OFFICIAL: Final = frozenset({Basis.SETTLED, Basis.BILL})
"""Those whose sums no longer change."""


@dataclass(frozen=True, slots=True)
class HomeMonth:
    """What is known of a month of the home."""

    totals: MonthTotals
    basis: Basis
    saved_eur: float | None
    """By what was allocated, at the prices of its days; None where one is not known."""
    known_part: float
    """Part of the month, as far as it has passed, that the numbers are the sum of, in [0, 1]."""

    @property
    def month(self) -> str:
        """Local calendar month, YYYY-MM."""
        return self.totals.month


@dataclass(frozen=True, slots=True)
class HomeYear:
    """Consecutive months of a home added up."""

    first: str
    last: str
    n_months: int
    """How many of them are known."""
    totals: MonthTotals
    """None where not one of them knows the energy."""
    saved_eur: float | None
    """None where it is not known of one of them."""


@dataclass(frozen=True, slots=True)
class CommunityYear:
    """Consecutive months of an operation added up."""

    first: str
    last: str
    n_months: int
    """How many of them are known."""
    tally: Tally


def published_month(
    page: MonthPage, saved_eur: float | None, time_zone: tzinfo
) -> HomeMonth:
    """A month as the organiser published it."""
    settled = Basis.BILL if page.is_spread else Basis.SETTLED
    is_settled = page.quality is Quality.SETTLED
    return HomeMonth(
        totals=month_totals(page),
        basis=settled if is_settled else Basis.PROVISIONAL,
        saved_eur=saved_eur,
        known_part=_known_part(page.blocks, *month_bounds(page.month, time_zone)),
    )


def estimated_month(
    month: str,
    drawn: Sequence[Block],
    injected: Sequence[Block],
    saved_eur: float | None,
    now: datetime,
    time_zone: tzinfo,
) -> HomeMonth:
    """A month by the home's own meter, as far as it has passed."""
    start, end = month_bounds(month, time_zone)
    totals = MonthTotals(
        month=month,
        consumption_wh=sum_between(drawn, Quantity.CONSUMPTION, start, end),
        allocated_wh=sum_between(drawn, Quantity.ESTIMATED_ALLOCATED, start, end),
        production_wh=sum_between(injected, Quantity.PRODUCTION, start, end),
        surplus_wh=None,
    )
    within = [part for block in drawn if (part := block.cut(start, end))]
    return HomeMonth(
        totals=totals,
        basis=Basis.ESTIMATED,
        saved_eur=saved_eur,
        known_part=_known_part(within, start, min(end, now)),
    )


def saved_eur(
    blocks: Iterable[Block],
    allocated: Quantity,
    contract: Contract | None,
    prices: Sequence[Price],
    time_zone: ZoneInfo,
) -> float | None:
    """What allocated energy cost less than the supplier's; None where a price is not known."""
    if contract is None:
        return None
    found: Saving | None = None
    for block in blocks:
        if allocated not in block.energies:
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        saved = block_saving(
            block.energies[allocated], paid_prices(contract, prices, grid, time_zone)
        )
        if isinstance(saved, CostsMissing):
            return None
        found = saved if found is None else found + saved
    return None if found is None else found.saving_eur


def year_of(months: Iterable[HomeMonth]) -> HomeYear | None:
    """The twelve months up to the last settled one; None before the first settlement."""
    settled = sorted(
        (month for month in months if month.basis in OFFICIAL),
        key=lambda month: month.month,
    )
    if not settled:
        return None
    last = settled[-1].month
    first = month_after(last, 1 - MONTHS_IN_YEAR)
    year = [month for month in settled if month.month >= first]
    each = [month.totals for month in year]
    saved = [month.saved_eur for month in year]
    return HomeYear(
        first=first,
        last=last,
        n_months=len(year),
        totals=MonthTotals(
            month=last,
            consumption_wh=_sum(total.consumption_wh for total in each),
            allocated_wh=_sum(total.allocated_wh for total in each),
            production_wh=_sum(total.production_wh for total in each),
            surplus_wh=_sum(total.surplus_wh for total in each),
        ),
        saved_eur=None if None in saved else _sum(saved),
    )


def community_tally(page: MonthPage) -> Tally | None:
    """What all members shared in a month, over the steps of which all that is told is known.

    None where the organiser does not tell it; NaN for what was drawn where that alone is not told.
    """
    told = (Quantity.SHARED_INJECTION, Quantity.TOTAL_WITHDRAWAL, Quantity.ALLOCATED)
    sums = np.zeros(len(told))
    n_known = 0
    for block in page.blocks:
        nothing = np.full(block.n_steps, np.nan)
        tables = [block.energies.get(quantity, nothing) for quantity in told]
        injected, drawn, allocated = tables
        known = ~np.isnan(injected + allocated)
        if not np.isnan(drawn).all():
            known &= ~np.isnan(drawn)
        n_known += int(known.sum())
        sums += [wh[known].sum() for wh in tables]
    return Tally(*sums.tolist()) if n_known else None


def community_year(
    pages: Mapping[str, MonthPage], last: str | None = None
) -> CommunityYear | None:
    """The twelve settled months up to that one, else up to the last; None where none is known."""
    tallies = {
        month: tally
        for month, page in sorted(pages.items())
        if page.quality is Quality.SETTLED and (tally := community_tally(page))
    }
    if not tallies:
        return None
    end = last or max(tallies)
    first = month_after(end, 1 - MONTHS_IN_YEAR)
    year = [tally for month, tally in tallies.items() if first <= month <= end]
    if not year:
        return None
    return CommunityYear(first, end, len(year), sum(year[1:], year[0]))


def month_bounds(month: str, time_zone: tzinfo) -> tuple[datetime, datetime]:
    """Start and end of a local month, UTC."""
    first = date.fromisoformat(f"{month}-01")
    after = date.fromisoformat(f"{month_after(month)}-01")
    return midnight_of(first, time_zone), midnight_of(after, time_zone)


def month_after(month: str, n: int = 1) -> str:
    """The month so many months later; earlier where negative."""
    year, number = map(int, month.split("-"))
    year, number = divmod(MONTHS_IN_YEAR * year + number - 1 + n, MONTHS_IN_YEAR)
    return f"{year}-{number + 1:02}"


def _known_part(blocks: Iterable[Block], start: datetime, end: datetime) -> float:
    """Part of a span of which the consumption, or else the production, is known."""
    known = timedelta(0)
    for block in blocks:
        told = block.energies.get(
            Quantity.CONSUMPTION, block.energies.get(Quantity.PRODUCTION)
        )
        if told is not None:
            known += int((~np.isnan(told)).sum()) * block.step
    return min(1.0, known / (end - start)) if end > start else 0.0


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
