"""Whether a settlement is of the same meter as the home's own record, at the same hours.

Two records of one meter differ by what the clocks and the readings lose at the edges of steps.
More is a sign: of another time zone or stamps at the end of steps, of apparent power taken for
energy, or of another delivery point altogether.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import StrEnum
import math
from typing import Final

import numpy as np

from .blocks import HOUR, Block, Energies, Quantity
from .grid import Grid, energies_on, local_steps

MOST_SHIFT: Final = 2 * HOUR
"""Paris lies up to two hours from UTC; stamps at the end shift by a step."""
SAME_METER: Final = 0.9
"""Least correlation of two records of one meter. Homes that heat their tanks in the same hours
reach 0.8."""
BETTER_BY: Final = 0.03
"""By which a shift must correlate better: an evening is like the hour after it."""
SAME_AMOUNT: Final = 0.03
"""Part by which the sums of one meter may differ: its index is read in whole Wh, now and then
late. The difference of VA and Wh is more."""
FEWEST_STEPS: Final = 96
"""Two days of half hours, a day of quarters: less tells nothing."""
LEAST_SPREAD_WH: Final = 10.0
"""An empty home draws the same at all hours, and so does every other."""


class Mismatch(StrEnum):
    """What speaks against one and the same meter."""

    SHIFTED = "shifted"
    """The same, some time earlier or later."""
    SCALED = "scaled"
    """The same in shape, another amount."""
    OTHER_METER = "other_meter"


@dataclass(frozen=True, slots=True)
class MeterMatch:
    """What a comparison tells."""

    n_steps: int
    """Compared."""
    settled_wh: float
    measured_wh: float
    """Over the same steps."""
    missing_days: tuple[date, ...]
    """Local days that are settled and of which the home has no record."""
    mismatch: Mismatch | None = None
    shift: timedelta = timedelta(0)
    """By which the settlement is later than the meter."""

    @property
    def difference_wh(self) -> float:
        """Settled less measured."""
        return self.settled_wh - self.measured_wh


def meter_match(
    settled: Iterable[Block], own: Iterable[Block], time_zone: tzinfo
) -> MeterMatch | None:
    """The consumption that was settled against what the home measured; None: too few steps.

    A mismatch is told only where there is one beyond doubt.
    """
    blocks = [b for b in settled if Quantity.CONSUMPTION in b.energies]
    if not blocks:
        return None
    step = max(block.step for block in blocks)
    first = min(block.start for block in blocks)
    n_steps = math.ceil((max(block.end for block in blocks) - first) / step)
    grid = Grid(first, step, n_steps)
    told = energies_on(grid, blocks, Quantity.CONSUMPTION)
    measured = energies_on(grid, own, Quantity.CONSUMPTION)
    known = ~np.isnan(told) & ~np.isnan(measured)
    if known.sum() < FEWEST_STEPS:
        return None
    mismatch, shift = _mismatch(told, measured, step)
    return MeterMatch(
        n_steps=int(known.sum()),
        settled_wh=float(told[known].sum()),
        measured_wh=float(measured[known].sum()),
        missing_days=_missing_days(told, measured, grid, time_zone),
        mismatch=mismatch,
        shift=shift * step,
    )


def _mismatch(
    told: Energies, measured: Energies, step: timedelta
) -> tuple[Mismatch | None, int]:
    """What is wrong, and by how many steps the settlement is late."""
    most = MOST_SHIFT // step
    by_shift = {n: _likeness(told, measured, n) for n in range(-most, most + 1)}
    if by_shift[0] is None:
        return None, 0
    likeness = {n: found for n, found in by_shift.items() if found is not None}
    best = max(likeness, key=lambda n: (likeness[n], -abs(n)))
    if likeness[best] < SAME_METER:
        return Mismatch.OTHER_METER, 0
    if likeness[best] > likeness[0] + BETTER_BY:
        return Mismatch.SHIFTED, best
    known = ~np.isnan(told) & ~np.isnan(measured)
    ratio = told[known].sum() / measured[known].sum()
    return (Mismatch.SCALED if abs(ratio - 1) > SAME_AMOUNT else None), 0


def _likeness(told: Energies, measured: Energies, shift: int) -> float | None:
    """Correlation, had the settlement come so many steps earlier; None: all hours are alike."""
    n = len(told)
    late, early = max(shift, 0), max(-shift, 0)
    a, b = told[late : n - early], measured[early : n - late]
    known = ~np.isnan(a) & ~np.isnan(b)
    a, b = a[known], b[known]
    if len(a) < FEWEST_STEPS or min(a.std(), b.std()) < LEAST_SPREAD_WH:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def _missing_days(
    told: Energies, measured: Energies, grid: Grid, time_zone: tzinfo
) -> tuple[date, ...]:
    days = local_steps(grid, time_zone).day
    settled = set(days[~np.isnan(told)].tolist())
    recorded = set(days[~np.isnan(measured)].tolist())
    return tuple(date.fromordinal(day) for day in sorted(settled - recorded))
