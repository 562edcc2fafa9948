"""Which sums over which days a delivery tells of a delivery point that has no curve in it.

Not established: whether the last day of a period counts, where a source tells days. It does, unless
the next period begins with it or the period ends on the same day of a month as it began.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from .blocks import Quantity
from .delivery import PeriodTotal
from .delivery_pages import NotMine
from .slots import midnight_of

DAY: Final = timedelta(days=1)
NOON: Final = timedelta(hours=12)
"""An index read before it is of the midnight before, one read after it of the next."""

type ByClass = Mapping[str | None, float]
"""Energies in Wh by price class; None: of all classes together."""


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """What a bill tells of some days."""

    start: datetime
    """Local midnight, UTC."""
    end: datetime
    """Local midnight after the last day, UTC."""
    allocated_wh: ByClass
    consumption_wh: float | None = None
    """None where it is not told."""


def period_sums(
    totals: Iterable[PeriodTotal], point: str, time_zone: tzinfo
) -> tuple[PeriodSums, ...] | NotMine:
    """The sums of a point that tell what was allocated, in order of time, without overlap.

    Of days that are in several periods, the shortest counts. A complement makes up for what
    is missing of consumption and allocated.
    """
    held = list(totals)
    mine = [one for one in held if one.point in {point, None}]
    if not mine:
        return NotMine.OTHER_POINTS if held else NotMine.NO_CURVE
    by_days: defaultdict[tuple[date, date], dict[Quantity, dict[str | None, float]]]
    by_days = defaultdict(lambda: defaultdict(dict))
    for one in mine:
        if days := _days(one, mine, time_zone):
            by_days[days][one.quantity][one.price_class] = one.energy_wh
    found: list[PeriodSums] = []
    for (first, after), told in sorted(
        by_days.items(), key=lambda item: (item[0][1] - item[0][0], item[0])
    ):
        start, end = midnight_of(first, time_zone), midnight_of(after, time_zone)
        allocated, consumption = _allocated(told), _sum(told, Quantity.CONSUMPTION)
        if allocated is None or any(p.start < end and start < p.end for p in found):
            continue
        if consumption is None:
            rest = _sum(told, Quantity.COMPLEMENT)
            consumption = None if rest is None else rest + sum(allocated.values())
        found.append(PeriodSums(start, end, allocated, consumption))
    if not found:
        return _why_none(mine, has_days=bool(by_days))
    return tuple(sorted(found, key=lambda sums: sums.start))


def _why_none(mine: Sequence[PeriodTotal], *, has_days: bool) -> NotMine:
    if not has_days:
        return NotMine.NO_DAYS
    told = {one.quantity for one in mine}
    is_producer = bool(told & {Quantity.PRODUCTION, Quantity.SURPLUS})
    return NotMine.NO_CURVE if is_producer else NotMine.NOT_SETTLED


def _days(
    one: PeriodTotal, others: Sequence[PeriodTotal], time_zone: tzinfo
) -> tuple[date, date] | None:
    """The first day of a total and the one after its last; None where it has none."""
    first, last = one.first, one.last
    if first is None or last is None:
        return None
    if isinstance(last, datetime):
        days = _day(first, time_zone), _nearest(last, time_zone)
    else:
        first = _day(first, time_zone)
        goes_on = any(o.first == last != o.last for o in others)
        is_round = first < last and first.day == last.day
        days = first, last if is_round or (goes_on and first < last) else last + DAY
    return days if days[0] < days[1] else None


def _day(at: date, time_zone: tzinfo) -> date:
    """A day as it is, an instant as the day that begins nearest to it."""
    return _nearest(at, time_zone) if isinstance(at, datetime) else at


def _nearest(at: datetime, time_zone: tzinfo) -> date:
    """The day that begins nearest to an instant."""
    return (at.astimezone(time_zone).replace(tzinfo=None) + NOON).date()


def _allocated(told: Mapping[Quantity, ByClass]) -> ByClass | None:
    """By class; a sum that is told beside its classes stands alone, it is sure."""
    if by_class := told.get(Quantity.ALLOCATED):
        return {None: by_class[None]} if None in by_class else by_class
    whole, rest = _sum(told, Quantity.CONSUMPTION), _sum(told, Quantity.COMPLEMENT)
    return None if whole is None or rest is None else {None: max(0.0, whole - rest)}


def _sum(told: Mapping[Quantity, ByClass], quantity: Quantity) -> float | None:
    by_class = told.get(quantity)
    if not by_class:
        return None
    return by_class.get(None, sum(by_class.values()))
