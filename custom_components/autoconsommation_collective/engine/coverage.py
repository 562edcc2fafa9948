"""How much of a withdrawal is covered at each step: learned from what was settled before.

Under pro rata the covered part r = allocated / withdrawn is the same for all members, so a
member's own settled months show it for the whole operation, and nobody else's data is needed.
It depends on what was expected to be produced and on the time of day; steps that were alike in
both tell what to expect, and how surely. The same holds for any key that gives by rules rather
than by fixed coefficients.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Energies

COVERED_FROM: Final = 0.9
"""A step counts as covered from this part on: the rest is rounding and whims."""
LEVEL_WIDTH: Final = 0.15
"""How far apart, in the logarithm of the expected production, steps are still alike: a class
of production is about a seventh wide."""
HOURS_WIDTH: Final = 1.0
"""The same in hours of the day: with the steps around it, a slot of three hours."""
SEASON_WIDTH_DAYS: Final = 45.0
"""The same in days of the year: habits and heating change with the season."""
FAR_SEASON: Final = 0.15
"""What a step of another season is still worth, so that a first summer has cases at all."""
OTHER_DAY_KIND: Final = 0.6
"""What a working day tells of a weekend, and the other way round."""
SMALLEST_W: Final = 20.0
"""Of production by member: below, everything is night."""
PRIOR_CASES: Final = 0.5
"""How many cases the mean of all is worth beside those that are alike."""
MIN_CASES: Final = 30
"""Past cases that a probability must rest on before anything is said on it."""

Z_90: Final = 1.2816
"""Quantile of the standard normal distribution at 90 %."""
QUANTILES: Final = (0.1, 0.9)
"""Low and high: between them lie eight cases in ten."""
GROWTH: Final = 1.5
"""The power of production that the covered part grows with, from a case to a step that is
not quite like it. More than in proportion, as producers take their own use first: twice the
sun leaves more than twice as much to share."""
FULL_FROM: Final = 0.999
"""All was covered, nobody knows by how much: with less sun it is still taken as full."""
PERCENT: Final = 100
"""Low and high are told to the hundredth."""

type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Situations:
    """What is known of steps before they come; arrays of shape (n_steps,)."""

    level_w: Energies
    """Expected production by member, as mean power; NaN where nothing is expected."""
    hour: Energies
    """Local, by the clock, the middle of the step."""
    is_weekend: Flags
    day_of_year: Energies


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What part of a withdrawal is expected to be allocated; arrays of shape (n_steps,)."""

    mean: Energies
    """In [0, 1]; NaN where it is not known."""
    probability: Energies
    """That at least 0.9 of a withdrawal is allocated; NaN where it is not known."""
    n_cases: Energies
    """Past cases that it rests on, in effect, and the fewer the less they are alike; 0 for a
    formula."""
    low: Energies
    """One time in ten it is less."""
    high: Energies
    """One time in ten it is more."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverageTable:
    """Settled steps, each with its situation and the part that was covered."""

    situations: Situations
    ratio: Energies
    weight: Energies
    """What each step counts, above 0: a home that draws little shows the part only roughly."""
    n_days: int
    """Local days that the cases are of."""
    draw: float = 1.0
    """What a production ahead is to be divided by, as the home draws more now than usual."""

    def at(self, asked: Situations) -> Coverage:
        """What the cases say of steps ahead; night, as expected, covers nothing."""
        lit = asked.level_w >= SMALLEST_W
        laid = _dark(asked.level_w)
        if not lit.any():
            return laid
        steps = _taken(asked, lit)
        steps = replace(steps, level_w=steps.level_w / self.draw)
        found = joined(
            [_of_lit(self, _taken(steps, part)) for part in _chunks(int(lit.sum()))]
        )
        laid.mean[lit], laid.probability[lit] = found.mean, found.probability
        laid.low[lit], laid.high[lit] = found.low, found.high
        laid.n_cases[lit] = found.n_cases
        return laid


def learn_coverage(
    situations: Situations,
    consumption_wh: Energies,
    allocated_wh: Energies,
    days: npt.NDArray[np.int64],
) -> CoverageTable | None:
    """The settled steps as cases; None where none has production and a withdrawal.

    Arrays of shape (n_steps,); days number the local day of each step. Holes are left out.
    """
    usable = (
        (situations.level_w >= SMALLEST_W)
        & (consumption_wh > 0)
        & ~np.isnan(allocated_wh)
    )
    if not usable.any():
        return None
    drawn = consumption_wh[usable]
    return CoverageTable(
        situations=_taken(situations, usable),
        ratio=np.clip(allocated_wh[usable] / drawn, 0.0, 1.0),
        # A settled Wh is a whole one: 3 of 4 Wh may be any part from 0.6 to 0.9.
        weight=np.minimum(1.0, drawn / np.median(drawn)),
        n_days=len(np.unique(days[usable])),
    )


def formula_coverage(
    production_wh: Energies,
    withdrawal_wh: Energies,
    mean_error_wh: Energies,
    deviation_wh: Energies,
) -> Coverage:
    """What follows from an expected production and withdrawal under pro rata.

    The error of production less withdrawal is taken as normal, with the mean and deviation
    that the organiser measured. Arrays in Wh, shape (n_steps,).
    """
    dark, nobody = production_wh == 0, withdrawal_wh == 0
    known = ~(np.isnan(production_wh) | np.isnan(withdrawal_wh))
    corrected = np.maximum(production_wh + mean_error_wh, 0.0)
    deviation = np.maximum(deviation_wh, 1e-9)
    drawn = np.where(nobody, 1.0, withdrawal_wh)
    spare = corrected - COVERED_FROM * withdrawal_wh

    def laid(values: Energies) -> Energies:
        lit = np.where(nobody, 1.0, values)
        return np.where(known, np.where(dark, 0.0, lit), np.nan)

    mean = laid(_mean_within(corrected, deviation, drawn) / drawn)
    low, high = (
        laid(np.clip((corrected + z * deviation) / drawn, 0.0, 1.0))
        for z in (-Z_90, Z_90)
    )
    return Coverage(
        mean=mean,
        probability=laid(_normal_cdf(spare / deviation)),
        n_cases=np.zeros_like(production_wh),
        low=np.minimum(low, mean),
        high=np.maximum(high, mean),
    )


def unknown_coverage(n_steps: int) -> Coverage:
    """Nothing known, at that many steps."""
    nan = np.full(n_steps, np.nan)
    return Coverage(nan, nan, np.zeros(n_steps), nan, nan)


def joined(parts: Sequence[Coverage]) -> Coverage:
    """Consecutive parts as one."""
    return Coverage(
        mean=np.concatenate([part.mean for part in parts]),
        probability=np.concatenate([part.probability for part in parts]),
        n_cases=np.concatenate([part.n_cases for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        high=np.concatenate([part.high for part in parts]),
    )


def _chunks(n_steps: int, size: int = 32) -> list[slice]:
    """Parts of a long question: each is compared with all cases at once."""
    return [slice(n, n + size) for n in range(0, n_steps, size)]


def _dark(level_w: Energies) -> Coverage:
    """Nothing covered, which is sure, wherever a level is known."""
    unknown = np.isnan(level_w)
    mean, probability, low, high = np.tile(np.where(unknown, np.nan, 0.0), (4, 1))
    n_cases = np.where(unknown, 0.0, float(MIN_CASES))
    return Coverage(mean, probability, n_cases, low, high)


def _of_lit(table: CoverageTable, asked: Situations) -> Coverage:
    """What the cases say of steps with production.

    Each case is taken to the production that is asked for. Means are drawn a little toward
    the usual where alike cases are few.
    """
    level = np.log(asked.level_w)[:, None] - np.log(table.situations.level_w)
    likeness, nearest = _likeness(table.situations, asked, level)
    likeness *= table.weight
    total = likeness.sum(axis=1)
    n_alike = total**2 / np.einsum("ij,ij->i", likeness, likeness)
    trust = n_alike / (n_alike + PRIOR_CASES)
    is_full = table.ratio >= FULL_FROM
    ratio = np.minimum(
        np.where(is_full, np.inf, table.ratio) * np.exp(GROWTH * level), 1
    )
    mean, probability = (
        np.clip(
            trust * np.einsum("ij,ij->i", likeness, values) / total
            + (1 - trust) * np.average(usual, weights=table.weight),
            0.0,
            1.0,
        )
        for values, usual in (
            (ratio, table.ratio),
            (ratio >= COVERED_FROM, table.ratio >= COVERED_FROM),
        )
    )
    low, high = _quantiles(ratio, likeness, total)
    return Coverage(
        mean=mean,
        probability=probability,
        n_cases=n_alike * nearest,
        low=np.minimum(low, mean),
        high=np.maximum(high, mean),
    )


def _likeness(
    cases: Situations, asked: Situations, level: Energies
) -> tuple[Energies, Energies]:
    """How far each case is like each step asked, and how far the nearest is, in (0, 1].

    The first, of shape (n_asked, n_cases), is told beside the nearest case: where no case is
    alike the nearest still say most. `level` is by how much more is expected than in the case,
    as a logarithm.
    """
    hours = asked.hour[:, None] - cases.hour
    far = -0.5 * ((level / LEVEL_WIDTH) ** 2 + (hours / HOURS_WIDTH) ** 2)
    nearest = far.max(axis=1)
    likeness: Energies = np.exp(far - nearest[:, None])
    # A chunk has a few days only, each many times.
    dates, row = np.unique(asked.day_of_year, return_inverse=True)
    days = np.abs(dates[:, None] - cases.day_of_year)
    days = np.minimum(days, 365.25 - days) / SEASON_WIDTH_DAYS
    season = FAR_SEASON + (1 - FAR_SEASON) * np.exp(-0.5 * days**2)
    likeness *= season[row]
    likeness *= np.where(
        asked.is_weekend[:, None] == cases.is_weekend, 1.0, OTHER_DAY_KIND
    )
    return likeness, np.exp(nearest)


def _quantiles(
    ratio: Energies, likeness: Energies, total: Energies
) -> tuple[Energies, Energies]:
    """Low and high of each row of parts, weighed by likeness, to the hundredth."""
    hundredths = np.rint(ratio * PERCENT).astype(np.int64)
    hundredths += np.arange(len(ratio))[:, None] * (PERCENT + 1)
    weights = np.bincount(
        hundredths.ravel(), likeness.ravel(), len(ratio) * (PERCENT + 1)
    )
    reached = np.cumsum(weights.reshape(len(ratio), -1), axis=1)
    low, high = (
        (reached < part * total[:, None]).sum(axis=1) / PERCENT for part in QUANTILES
    )
    return low, high


def _taken(
    situations: Situations, which: Flags | slice | npt.NDArray[np.int64]
) -> Situations:
    """The situations of some of the steps, in that order."""
    return Situations(
        situations.level_w[which],
        situations.hour[which],
        situations.is_weekend[which],
        situations.day_of_year[which],
    )


def _normal_cdf(z: Energies) -> Energies:
    """Probability that a standard normal value is below z."""
    return np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in z])


def _mean_within(mean: Energies, deviation: Energies, most: Energies) -> Energies:
    """Mean of normal values that are cut to [0, most].

    Where the mean is about the most, what is above it is lost and what is below is not: the
    mean is then less than either.
    """
    low, high = -mean / deviation, (most - mean) / deviation
    below, reached = _normal_cdf(low), _normal_cdf(high)
    density = np.exp(-0.5 * high**2) - np.exp(-0.5 * low**2)
    inside: Energies = (
        mean * (reached - below)
        - deviation * density / math.sqrt(2 * math.pi)
        + most * (1 - reached)
    )
    return np.clip(inside, 0.0, most)
