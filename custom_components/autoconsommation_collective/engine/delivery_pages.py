"""The month pages of one delivery point, from what a file or an answer told of several."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from enum import StrEnum
from typing import Final

import numpy as np

from .blocks import Block, Energies, MonthPage, Quantity
from .delivery import Curve, Delivery
from .grid import Grid, energies_on
from .model import Quality
from .months import month_after, month_bounds
from .reconcile import PAIRS
from .slots import local_midnight, midnight_of

COMPLEMENT: Final = Quantity.COMPLEMENT
DAY: Final = timedelta(days=1)
CONSUMER, PRODUCER = PAIRS
NEGATIVE_WH: Final = 1.0
"""By which a difference of rounded energies may fall below nothing."""


class NotMine(StrEnum):
    """Why a delivery tells nothing of a delivery point."""

    OTHER_POINTS = "other_points"
    """It names others, and not this one."""
    SEVERAL = "several"
    """It names none of several curves: nobody knows which is this home's."""
    NO_CURVE = "no_curve"
    """It has sums over periods alone, of what was injected."""
    NO_DAYS = "no_days"
    """It has sums, and does not tell over which days."""
    NOT_SETTLED = "not_settled"
    """It has what was drawn or injected, and nothing of what was allocated or left."""


@dataclass(frozen=True, slots=True, eq=False)
class DeliveredMonths:
    """The months of a delivery point."""

    pages: tuple[MonthPage, ...]
    complement: tuple[Block, ...]
    """COMPLEMENT, where the source told it beside."""


def delivered_months(
    delivery: Delivery, point: str, time_zone: tzinfo
) -> DeliveredMonths | NotMine:
    """The settled pages of a point, by local month; whole local days, holes as NaN.

    A pair of which one is missing is completed where the complement tells it: CONS = AUTOCONS
    + COMPLEMENT, PROD = AUTOPROD + SURPLUS.
    """
    curves = _curves_of(delivery.curves, point)
    if isinstance(curves, NotMine):
        return curves
    blocks = [block for curve in curves for block in curve.blocks]
    by_month: defaultdict[str, list[Block]] = defaultdict(list)
    for step in sorted({block.step for block in blocks}):
        alike = [block for block in blocks if block.step == step]
        for month, block in _by_month(alike, step, time_zone):
            by_month[month].append(block)
    pages = tuple(
        MonthPage(month, 1, Quality.SETTLED, _in_order(found))
        for month, found in sorted(by_month.items())
    )
    if not pages:
        return NotMine.NOT_SETTLED
    complement = tuple(
        Block(b.start, b.step, {COMPLEMENT: b.energies[COMPLEMENT]})
        for b in blocks
        if COMPLEMENT in b.energies
    )
    return DeliveredMonths(pages, complement)


def _curves_of(curves: Sequence[Curve], point: str) -> list[Curve] | NotMine:
    """Those of the point; those that name none, where all of them may be one home's."""
    if not curves:
        return NotMine.NO_CURVE
    mine = [curve for curve in curves if curve.point == point]
    if mine:
        return mine
    unnamed = [curve for curve in curves if curve.point is None]
    if not unnamed:
        return NotMine.OTHER_POINTS
    told = [q for curve in unnamed for block in curve.blocks for q in block.energies]
    starts = {
        (block.start, q) for c in unnamed for block in c.blocks for q in block.energies
    }
    return unnamed if len(told) == len(starts) else NotMine.SEVERAL


def _by_month(
    blocks: Sequence[Block], step: timedelta, time_zone: tzinfo
) -> Iterator[tuple[str, Block]]:
    """Blocks of steps of one length as one of each month, of whole local days."""
    months = {
        f"{at.astimezone(time_zone):%Y-%m}"
        for block in blocks
        for at in (block.start, block.end - step)
    }
    month = min(months)
    while month <= max(months):
        begin, end = month_bounds(month, time_zone)
        parts = [part for block in blocks if (part := block.cut(begin, end))]
        if parts:
            first = local_midnight(min(part.start for part in parts), time_zone)
            last = max(part.end for part in parts) - step
            after = midnight_of(last.astimezone(time_zone).date() + DAY, time_zone)
            grid = Grid(first, step, (after - first) // step)
            if energies := _settled_on(grid, parts):
                yield month, Block(first, step, energies)
        month = month_after(month)


def _settled_on(grid: Grid, blocks: Sequence[Block]) -> dict[Quantity, Energies]:
    """The pairs that are known, or can be completed; holes of a pair together."""
    told = {q: energies_on(grid, blocks, q) for q in (*CONSUMER, *PRODUCER, COMPLEMENT)}
    drawn, allocated, rest = told[CONSUMER[0]], told[CONSUMER[1]], told[COMPLEMENT]
    drawn = np.where(np.isnan(drawn), allocated + rest, drawn)
    allocated = np.where(np.isnan(allocated), _less(drawn, rest), allocated)
    found: dict[Quantity, Energies] = {}
    for pair, energies in (
        (CONSUMER, (drawn, allocated)),
        (PRODUCER, (told[PRODUCER[0]], told[PRODUCER[1]])),
    ):
        hole = np.isnan(energies[0] + energies[1])
        if not hole.all():
            for quantity, wh in zip(pair, energies, strict=True):
                found[quantity] = np.where(hole, np.nan, wh)
    return found


def _less(whole: Energies, part: Energies) -> Energies:
    """A difference that rounding alone may push below nothing."""
    left = whole - part
    cleared: Energies = np.where(
        np.abs(left) <= NEGATIVE_WH, np.maximum(left, 0.0), left
    )
    return cleared


def _in_order(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(sorted(blocks, key=lambda block: block.start))
