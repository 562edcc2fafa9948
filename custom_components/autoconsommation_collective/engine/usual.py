"""What all members usually draw: made of settled months, and used where no forecast is published.

An organiser who publishes once a month cannot foresee the days. It tells what a weekday and a
day of the weekend are usually like in each month; each member adds the weather itself.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta, tzinfo
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, MINUTE, Block, Energies, Quantity
from .coverage_ahead import UNMEASURED_DEVIATION
from .forecast_error import errors_by_level
from .grid import Grid, LocalSteps, energies_on, local_steps
from .keys import Matrix
from .model import ForecastError, UsualDay

MINUTES_PER_DAY: Final = 1440
MONTHS_PER_YEAR: Final = 12
SUB_STEP: Final = timedelta(minutes=5)
"""Divides every length of a step."""
FEWEST_DAYS: Final = 4
"""Of one kind in a month: one alone may be a holiday."""
LONGEST_AWAY: Final = 2
"""Months by which a usual day may lie off: what is drawn follows the season."""


def base_withdrawal(
    consumption_wh: Matrix,
    lit: Energies,
    follows: Sequence[bool],
    steered_wh: float,
    labels: LocalSteps,
) -> Energies:
    """What all members drew without what followers steered, of steps whose curves are all known.

    Nobody measures what a home steers. Its followers put it where the sun is, so the energy of a
    day is taken off the highest steps in the light, as far down as it reaches: never below
    nothing, and never more than what was drawn there.
    """
    base = consumption_wh.copy()
    for column in np.flatnonzero(np.asarray(follows, dtype=bool)).tolist():
        for day in np.unique(labels.day):
            steps = np.flatnonzero((labels.day == day) & (lit > 0))
            if steps.size:
                base[steps, column] = _shaved(base[steps, column], steered_wh)
    total: Energies = base.sum(axis=1)
    return total


def _shaved(energies: Energies, taken_wh: float) -> Energies:
    """Energies cut at the one level at which that much is taken off; all, where it is more."""
    if np.isnan(energies).any():
        return energies
    ordered = np.sort(energies)[::-1]
    # Down to each step's height: what is taken off those above it.
    above = np.cumsum(ordered) - ordered * np.arange(1, len(ordered) + 1)
    n = int(np.searchsorted(above, taken_wh, side="right"))
    level = (ordered[:n].sum() - taken_wh) / n
    return np.minimum(energies, max(0.0, level))


def usual_days(blocks: Iterable[Block], time_zone: tzinfo) -> tuple[UsualDay, ...]:
    """The mean of each kind of day in each month, of BASE_WITHDRAWAL of whole local days.

    Where steps of two lengths meet in a month, those of the later block stand. Kinds of which
    too few days are known are left out.
    """
    found: dict[tuple[int, bool], UsualDay] = {}
    for block in sorted(blocks, key=lambda block: block.start):
        if Quantity.BASE_WITHDRAWAL not in block.energies:
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        energies = block.energies[Quantity.BASE_WITHDRAWAL]
        labels = local_steps(grid, time_zone)
        months = np.array([at.astimezone(time_zone).month for at in grid.starts])
        for month in np.unique(months).tolist():
            for is_weekend in (False, True):
                those = (months == month) & (labels.is_weekend == is_weekend)
                mean = _mean_by_clock(energies, labels, those, block.step)
                if mean is not None:
                    found[month, is_weekend] = UsualDay(
                        month, is_weekend, block.step, mean
                    )
    return tuple(found[kind] for kind in sorted(found))


def _mean_by_clock(
    energies: Energies,
    labels: LocalSteps,
    those: npt.NDArray[np.bool_],
    step: timedelta,
) -> tuple[int, ...] | None:
    """Of those steps the mean for each time of the day; None where any is known too seldom."""
    n_steps = timedelta(minutes=MINUTES_PER_DAY) // step
    known = those & ~np.isnan(energies)
    place = labels.minute[known] // int(step / MINUTE)
    times = np.bincount(place, minlength=n_steps)
    if times.min() < FEWEST_DAYS:
        return None
    sums = np.bincount(place, weights=energies[known], minlength=n_steps)
    return tuple(np.rint(sums / times).astype(int).tolist())


def usual_on(grid: Grid, days: Sequence[UsualDay], time_zone: tzinfo) -> Energies:
    """BASE_WITHDRAWAL in Wh of the steps of a grid; NaN where no usual day is near enough."""
    labels = local_steps(grid, time_zone)
    months = np.array([at.astimezone(time_zone).month for at in grid.starts])
    energies = np.full(grid.n_steps, np.nan)
    for month in np.unique(months).tolist():
        for is_weekend in (False, True):
            if near := _nearest(days, month, is_weekend):
                those = (months == month) & (labels.is_weekend == is_weekend)
                energies[those] = _on_steps(near, labels.minute[those], grid.step)
    return energies


def _nearest(days: Iterable[UsualDay], month: int, is_weekend: bool) -> UsualDay | None:
    """The usual day of the month, or of the one that lies least off."""

    def away(day: UsualDay) -> int:
        months = abs(day.month - month)
        return min(months, MONTHS_PER_YEAR - months)

    alike = [day for day in days if day.is_weekend == is_weekend]
    near = min(alike, key=away, default=None)
    return near if near and away(near) <= LONGEST_AWAY else None


def _on_steps(
    day: UsualDay, minutes: npt.NDArray[np.int64], step: timedelta
) -> Energies:
    """Energy of steps that begin at these minutes of the day, whatever the day's own steps."""
    power = np.asarray(day.base_withdrawal_wh) / (day.step / HOUR)
    parts = np.arange(step // SUB_STEP) * int(SUB_STEP / MINUTE)
    at = (minutes[:, None] + parts) % MINUTES_PER_DAY
    mean: Energies = power[at // int(day.step / MINUTE)].mean(axis=1)
    return mean * (step / HOUR)


def usual_errors(
    days: Sequence[UsualDay], blocks: Iterable[Block], time_zone: tzinfo
) -> tuple[ForecastError, ...]:
    """How far the surplus of settled days was from what usual days and the weather let expect.

    Blocks with SHARED_INJECTION and BASE_WITHDRAWAL. The withdrawal's part is measured. Which
    weather was forecast then, no organiser keeps: for it the usual error of such a forecast is
    added.
    """
    injected, errors = [], []
    for block in blocks:
        grid = Grid(block.start, block.step, block.n_steps)
        hours = block.step / HOUR
        drawn = energies_on(grid, [block], Quantity.BASE_WITHDRAWAL)
        injected.append(energies_on(grid, [block], Quantity.SHARED_INJECTION) / hours)
        errors.append((usual_on(grid, days, time_zone) - drawn) / hours)
    if not injected:
        return ()
    injected_w = np.concatenate(injected)
    found = errors_by_level(injected_w, np.concatenate(errors))
    levels = [error.above_w for error in found] + [math.inf]
    return tuple(
        ForecastError(
            error.above_w,
            error.mean_w,
            math.hypot(
                error.deviation_w,
                UNMEASURED_DEVIATION * _mean_within(injected_w, error.above_w, above),
            ),
        )
        for error, above in zip(found, levels[1:], strict=True)
    )


def _mean_within(powers_w: Energies, above_w: float, to_w: float) -> float:
    """Mean of the powers of a class."""
    those = (powers_w > above_w) & (powers_w <= to_w)
    return float(powers_w[those].mean()) if those.any() else 0.0
