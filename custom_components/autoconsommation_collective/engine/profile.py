"""What this home will draw: learned from its own past, by kind of day and time of day.

Exponential smoothing by (working day or weekend) and step, times yesterday's level: the best
ranked of the simple methods on fifty real homes by half hour. One home stays hard to tell at
half an hour, so every forecast comes with a low and a high value.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, MINUTE, Block, Energies, Quantity
from .grid import Grid, energies_on, local_steps

SMOOTHING: Final = 0.1
"""Weight of a new day of its kind; 0.1 to 0.2 are equally good."""
LEVEL_POWER: Final = 0.3
"""How far yesterday's level reaches into tomorrow: the power that ranks best."""
LEVEL_LIMITS: Final = (0.5, 2.0)
"""Of yesterday's level before the power: an empty house or a feast is no new habit."""
QUANTILE_DAYS: Final = 56
"""Days that the spread is read from: eight weekends, and no other season yet."""
LOW, HIGH = 0.07, 0.93
"""Quantiles read for 10 and 90 %: past spread is three points too narrow for the future."""
FEWEST_DAYS: Final = 3
"""Of one kind; below, both kinds of day are taken together."""

type Table = npt.NDArray[np.float64]
"""Shape (2, steps_per_day): working days, weekends; by the clock on the wall."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Energies that are expected by step, with what they may well be; Wh, shape (n_steps,)."""

    low: Energies
    """One time in ten it is less."""
    mean: Energies
    high: Energies
    """One time in ten it is more."""


@dataclass(frozen=True, slots=True, eq=False)
class ConsumptionProfile:
    """What a home usually draws from the grid."""

    step: timedelta
    mean_wh: Table
    low_wh: Table
    high_wh: Table
    level: float
    """What the last known day is to be multiplied in by: its total over what was expected of
    it, damped."""
    n_days: int
    """Days with known energies that it rests on."""

    def expected(self, grid: Grid, time_zone: tzinfo) -> Expected:
        """What the home will draw at each step of a grid, of any step."""
        labels = local_steps(grid, time_zone)
        rows = labels.is_weekend.astype(np.int64)
        columns = labels.minute // (self.step // MINUTE)
        scale = self.level * (grid.step / self.step)
        low, mean, high = (
            scale * table[rows, columns]
            for table in (self.low_wh, self.mean_wh, self.high_wh)
        )
        return Expected(low, mean, high)


def base_consumption(grid: Grid, blocks: Iterable[Block]) -> Energies:
    """Consumption in Wh of the steps of a grid, without what this integration steers.

    A plan made from a consumption that holds the steered loads would follow its own shadow.
    """
    held = tuple(blocks)
    consumption = energies_on(grid, held, Quantity.CONSUMPTION)
    steered = energies_on(grid, held, Quantity.STEERED)
    base: Energies = np.maximum(consumption - np.nan_to_num(steered), 0.0)
    return base


def learn_profile(
    grid: Grid, base_wh: Energies, time_zone: tzinfo
) -> ConsumptionProfile | None:
    """The habits of a home from its base consumption on a grid; None where none is known.

    Holes are left out. The grid's step divides a day.
    """
    days, kinds = _by_day(grid, base_wh, time_zone)
    known = ~np.isnan(days).all(axis=1)
    days, kinds = days[known], kinds[known]
    if not len(days):
        return None
    smoothed = np.stack([_smoothed(_of_kind(days, kinds, kind)) for kind in (0, 1)])
    recent, recent_kinds = days[-QUANTILE_DAYS:], kinds[-QUANTILE_DAYS:]
    spread = [_of_kind(recent, recent_kinds, kind) for kind in (0, 1)]
    low, high = (
        np.stack([_quantile(part, quantile) for part in spread])
        for quantile in (LOW, HIGH)
    )
    return ConsumptionProfile(
        step=grid.step,
        mean_wh=smoothed,
        # The mean is smoothed, the spread is not: on few days they may cross.
        low_wh=np.minimum(low, smoothed),
        high_wh=np.maximum(high, smoothed),
        level=_level(days[-1], smoothed[kinds[-1]]),
        n_days=len(days),
    )


def _by_day(
    grid: Grid, base_wh: Energies, time_zone: tzinfo
) -> tuple[Table, npt.NDArray[np.int64]]:
    """Energies as one row for each local day, and the kind of each day (1: weekend).

    An hour that the clock repeats is taken as it was the second time, one that it leaves out
    is a hole.
    """
    labels = local_steps(grid, time_zone)
    numbers, rows = np.unique(labels.day, return_inverse=True)
    columns = labels.minute // (grid.step // MINUTE)
    days = np.full((len(numbers), int(24 * HOUR / grid.step)), np.nan)
    days[rows, columns] = base_wh
    kinds = np.zeros(len(numbers), dtype=np.int64)
    kinds[rows] = labels.is_weekend
    return days, kinds


def _of_kind(days: Table, kinds: npt.NDArray[np.int64], kind: int) -> Table:
    """The days of a kind; all days where there are too few of it."""
    own = days[kinds == kind]
    return own if len(own) >= FEWEST_DAYS else days


def _smoothed(days: Table) -> Energies:
    """Exponential smoothing down the days of one kind, holes left out.

    The first days count alike, so that a habit is known after a week.
    """
    mean = np.zeros(days.shape[1])
    n_known = np.zeros(days.shape[1])
    for day in days:
        known = ~np.isnan(day)
        n_known += known
        weight = np.maximum(SMOOTHING, 1 / np.maximum(n_known, 1))
        mean += np.where(known, weight * (np.nan_to_num(day) - mean), 0.0)
    if (n_known == 0).any():
        # A time of day never seen: as the rest of the day.
        usual = mean[n_known > 0].mean()
        mean = np.where(n_known > 0, mean, usual)
    return mean


def _quantile(days: Table, part: float) -> Energies:
    """Quantile of each step together with its neighbours, which are as likely."""
    around = np.concatenate(
        (np.roll(days, 1, axis=1), days, np.roll(days, -1, axis=1)), axis=0
    )
    seen = ~np.isnan(around).all(axis=0)
    filled = np.where(seen, around, np.nanmean(days))
    quantile: Energies = np.nanquantile(filled, part, axis=0)
    return quantile


def _level(day: Energies, usual_wh: Energies) -> float:
    """What the last day says of the next, from the steps of it that are known."""
    known = ~np.isnan(day)
    expected = usual_wh[known].sum()
    if expected <= 0:
        return 1.0
    low, high = LEVEL_LIMITS
    ratio = min(max(float(day[known].sum() / expected), low), high)
    return float(ratio**LEVEL_POWER)
