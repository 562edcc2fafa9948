"""What the organiser settled: which page counts, its hours, and the sums a member looks at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .blocks import Block, MonthPage, Quantity
from .indicators import self_production_rate
from .model import MonthReference, Quality


class Revised(Protocol):
    """Anything that was published under a revision number."""

    @property
    def revision(self) -> int:
        """Number of the publication; a later one has a higher number."""
        ...


def supersedes(published: MonthReference, held: Revised | None) -> bool:
    """Whether a published page replaces the one held: the higher revision always does.

    Quality does not decide: a later revision may well withdraw a settlement. An older
    revision, as from a web space restored from a backup, changes nothing.
    """
    return held is None or published.revision > held.revision


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """A member's month in Wh; None for what it does not do, or of which no step is known."""

    month: str
    consumption_wh: float | None
    allocated_wh: float | None
    production_wh: float | None
    surplus_wh: float | None

    @property
    def complement_wh(self) -> float | None:
        """What the supplier delivered."""
        if self.consumption_wh is None or self.allocated_wh is None:
            return None
        return self.consumption_wh - self.allocated_wh

    @property
    def self_production_rate(self) -> float | None:
        """Taux d'autoproduction of the home, in [0, 1]; None without consumption."""
        if self.consumption_wh is None or self.allocated_wh is None:
            return None
        return self_production_rate(self.allocated_wh, self.consumption_wh)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a member knows for certain."""

    last: MonthTotals | None
    """The latest settled month."""
    allocated_wh: float | None
    """Sum over all settled months held; None before the first that has any."""
    until: date | None
    """Last local day that is settled, None before the first settlement."""


def official_blocks(pages: Iterable[MonthPage]) -> tuple[Block, ...]:
    """The blocks whose sums are settled, in order of time: provisional pages may still change."""
    settled = (page for page in pages if page.quality is Quality.SETTLED)
    in_order = sorted(settled, key=lambda page: page.month)
    return tuple(block for page in in_order for block in page.blocks)


def settled_blocks(pages: Iterable[MonthPage]) -> tuple[Block, ...]:
    """The blocks whose steps are settled, in order of time: of a sum that was spread, none is."""
    return tuple(block for block in official_blocks(pages) if not block.is_spread)


def month_totals(page: MonthPage) -> MonthTotals:
    """Sums of a page over the steps that are known, in Wh."""
    return MonthTotals(
        month=page.month,
        consumption_wh=page.total_wh(Quantity.CONSUMPTION),
        allocated_wh=page.total_wh(Quantity.ALLOCATED),
        production_wh=page.total_wh(Quantity.PRODUCTION),
        surplus_wh=page.total_wh(Quantity.SURPLUS),
    )


def summarise(pages: Iterable[MonthPage], time_zone: ZoneInfo) -> Settled:
    """The sums over the settled pages; provisional ones do not count."""
    settled = sorted(
        (page for page in pages if page.quality is Quality.SETTLED and page.blocks),
        key=lambda page: page.month,
    )
    totals = [month_totals(page) for page in settled]
    allocated = [t.allocated_wh for t in totals if t.allocated_wh is not None]
    return Settled(
        last=totals[-1] if totals else None,
        allocated_wh=sum(allocated) if allocated else None,
        until=_last_day(settled[-1], time_zone) if settled else None,
    )


def _last_day(page: MonthPage, time_zone: ZoneInfo) -> date:
    """The local day of the page's last step."""
    last_instant = page.blocks[-1].end - timedelta(microseconds=1)
    return last_instant.astimezone(time_zone).date()
