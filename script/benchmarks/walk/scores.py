"""How far what was told is from what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.diary import CLASS_EDGES
from script.simulation.local_days import Flags, Numbers
from script.simulation.sun import Series

from .estimates import ESTIMATORS, Told, own_load
from .world import FIRST_SCORED, LAST_MONTH, World

SURE_FROM: Final = 0.8
"""A chance from which a step is called good."""


@dataclass(frozen=True, slots=True, eq=False)
class HomeScore:
    """One home, one estimator, over the days scored."""

    coverage_error: float
    """Mean absolute, in daylight."""
    brier: float
    """Of the chance of being covered, in daylight."""
    often_brier: float
    """The same of who knows how often it will come over all the days."""
    daily_error_known: float
    """Mean absolute error of a day's allocated energy by the mean day; own load known."""
    daily_error: float
    """The same with the own load foretold."""
    month_bias: float
    """Of all days together, own load known: what is estimated until the settlement comes."""
    month_error: float
    """Mean absolute error of a month by the mean month; own load known."""
    told: Told
    """In daylight."""
    came: Series
    """1 where it was covered, in daylight."""


def score_home(world: World, home: int, days: Flags) -> dict[str, HomeScore]:
    """All estimators on the same days, flagged by number, shape (n_days,)."""
    load = own_load(world, home, days)
    return {
        name: _scored(world, home, days, _told(world, home, days, name), load)
        for name in ESTIMATORS
    }


def _told(world: World, home: int, days: Flags, name: str) -> Told:
    """What is told of those days, month by month."""
    n = world.year.grid.n_steps
    told = Told(*(np.full(n, np.nan) for _ in range(3)))
    asked = days[world.year.days.day_of_step]
    for month in range(FIRST_SCORED, LAST_MONTH + 1):
        now = asked & (world.month == month)
        if now.any():
            found = ESTIMATORS[name](world, home, month, now)
            told.mean[now], told.probability[now] = found.mean, found.probability
            told.n_cases[now] = found.n_cases
    return told


def _scored(
    world: World, home: int, days: Flags, told: Told, load_wh: Series
) -> HomeScore:
    """One estimator's score."""
    day_of_step = world.year.days.day_of_step
    asked = days[day_of_step]
    allocated = world.allocated_wh[asked, home]
    ratio, covered = world.ratio(home), world.covered(home)
    light = asked & world.is_daylight & ~np.isnan(ratio)
    known = (told.mean * world.drawn_wh[:, home])[asked]
    foretold = (told.mean * load_wh)[asked]
    in_light = Told(told.mean[light], told.probability[light], told.n_cases[light])
    return HomeScore(
        coverage_error=float(np.abs(told.mean - ratio)[light].mean()),
        brier=float(((in_light.probability - covered[light]) ** 2).mean()),
        often_brier=float(covered[light].var()),
        daily_error_known=_error(known, allocated, day_of_step[asked]),
        daily_error=_error(foretold, allocated, day_of_step[asked]),
        month_bias=float(known.sum() / allocated.sum() - 1),
        month_error=_error(known, allocated, world.month[asked]),
        told=in_light,
        came=covered[light],
    )


def _error(told: Series, came: Series, part: Numbers) -> float:
    """Mean absolute error of the sums over each part of the time, by the mean of what came."""
    difference = np.bincount(part, told - came)
    return float(np.abs(difference).sum() / came.sum())


@dataclass(frozen=True, slots=True)
class Reliability:
    """A class of chances, over several homes."""

    above: float
    n_cases: float
    """By home: the coverage is the same for all, and so are most cases."""
    forecast: float
    came: float

    @property
    def gap(self) -> float:
        """By how much what came differs from what was told, in [0, 1]."""
        return abs(self.forecast - self.came)


def reliability(scores: Sequence[HomeScore]) -> list[Reliability]:
    """Each class that has cases."""
    told = np.concatenate([score.told.probability for score in scores])
    came = np.concatenate([score.came for score in scores])
    number = np.searchsorted(CLASS_EDGES, told, side="right") - 1
    return [
        Reliability(
            above=edge,
            n_cases=float((number == n).sum() / len(scores)),
            forecast=float(told[number == n].mean()),
            came=float(came[number == n].mean()),
        )
        for n, edge in enumerate(CLASS_EDGES)
        if (number == n).any()
    ]


def good_steps(scores: Sequence[HomeScore], min_cases: int) -> tuple[float, float]:
    """Steps by home that may be called good, and the part of them that was covered.

    NaN where there is none.
    """
    told = np.concatenate([score.told.probability for score in scores])
    n_cases = np.concatenate([score.told.n_cases for score in scores])
    came = np.concatenate([score.came for score in scores])
    good = (told >= SURE_FROM) & (n_cases >= min_cases)
    right = float(came[good].mean()) if good.any() else float("nan")
    return float(good.sum() / len(scores)), right


def mean_of(scores: Sequence[HomeScore], name: str) -> float:
    """A figure's mean over the homes."""
    return float(np.mean([getattr(score, name) for score in scores]))
