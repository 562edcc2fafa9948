"""What is told of a home's coverage before it comes: by the engine, and by plainer means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.claim import OwnNeed
from custom_components.autoconsommation_collective.engine.coverage import (
    COVERED_FROM,
    Situations,
    learn_coverage,
)
from custom_components.autoconsommation_collective.engine.draw_level import (
    draw_factor,
    recent_draw,
)
from custom_components.autoconsommation_collective.engine.known import Known
from custom_components.autoconsommation_collective.engine.model import KeyType
from custom_components.autoconsommation_collective.engine.outlook import look_ahead
from custom_components.autoconsommation_collective.engine.profile import learn_profile
from custom_components.autoconsommation_collective.engine.share import ShareRule
from script.simulation.local_days import Flags, Numbers
from script.simulation.sun import Series

from .world import SETTLED_AFTER, World

DECILES: Final = 10
SLOT_HOURS: Final = 3
KNOWN_DAYS_BEFORE: Final = 0
"""Days between the last one whose own load is known and the one foretold: none, as in the
study, where each day is foretold when it begins. The evening before it is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Coverage as told beforehand, shape (n_steps,); NaN in what is not told."""

    mean: Series
    probability: Series
    """That at least 0.9 of a withdrawal is covered."""
    n_cases: Series


type Estimator = Callable[[World, int, int, Flags], Told]
"""Given the world, the home, the month and the steps of it that are asked; shape (n_asked,)."""


def learned(world: World, home: int, month: int, asked: Flags) -> Told:
    """By the engine, the evening before, from the home's own settled months."""
    return _by_engine(world, world.foreseen, home, month, asked)


def learned_of_seen(world: World, home: int, month: int, asked: Flags) -> Told:
    """By the engine, afterwards: what is told of days that are over and not yet settled."""
    return _by_engine(world, world.seen, home, month, asked)


def _by_engine(
    world: World, now: Situations, home: int, month: int, asked: Flags
) -> Told:
    """What the table of the settled cases says."""
    past = world.settled_in(month)
    drawn, days = world.drawn_wh[:, home], world.labels.day
    recent = recent_draw(days, now.hour, drawn)
    factor = draw_factor(recent, float(recent[past].mean()))
    known = factor[np.maximum(np.searchsorted(days, days - KNOWN_DAYS_BEFORE) - 1, 0)]
    table = learn_coverage(
        _taken(now, past, factor),
        drawn[past],
        world.allocated_wh[past, home],
        days[past],
    )
    if table is None:
        return _nothing(asked)
    found = table.at(_taken(now, asked, known))
    return Told(found.mean, found.probability, found.n_cases)


def supposed(world: World, home: int, month: int, asked: Flags) -> Told:
    """By the engine where nothing is ever settled: as if each home drew what this one does."""
    year, drawn = world.year, world.drawn_wh[:, home]
    first, last = np.flatnonzero(world.month == month)[[0, -1]].tolist()
    profile = learn_profile(world.grid_between(0, first), drawn[:first], year.time_zone)
    if profile is None:
        return _nothing(asked)
    grid = world.grid_between(first, last + 1)
    known = Known(
        grid=grid,
        time_zone=year.time_zone,
        rule=ShareRule(KeyType.DEFAULT_DYNAMIC),
        production_wh=year.plant_forecast_wh[first : last + 1].sum(axis=1),
        withdrawal_wh=np.full(grid.n_steps, np.nan),
        homes_alike=year.n_homes,
        own=profile.expected(grid, year.time_zone),
        need=OwnNeed(0.0, 0.0),
        place=0.0,
    )
    found, part = look_ahead(known).coverage, asked[first : last + 1]
    return Told(found.mean[part], found.probability[part], found.n_cases[part])


def binned(world: World, home: int, month: int, asked: Flags) -> Told:
    """The mean of each class of production and slot of the day; of the class where empty."""
    now, past = world.foreseen, _known(world, home, month)
    edges = np.quantile(now.level_w[past], np.arange(1, DECILES) / DECILES)
    level = np.searchsorted(edges, now.level_w, side="right")
    n_slots = 24 // SLOT_HOURS
    cell = level * n_slots + (now.hour // SLOT_HOURS).astype(np.int64)

    def means(values: Series) -> Series:
        by_cell, by_level = (
            _means(numbers[past], values[past], size)
            for numbers, size in ((cell, DECILES * n_slots), (level, DECILES))
        )
        found = np.where(np.isnan(by_cell[cell]), by_level[level], by_cell[cell])
        return np.where(world.is_daylight, found, 0.0)[asked]

    n_cases = np.bincount(cell[past], minlength=DECILES * n_slots)[cell]
    return Told(
        means(world.ratio(home)),
        means(world.covered(home)),
        n_cases[asked].astype(np.float64),
    )


def constant(world: World, home: int, month: int, asked: Flags) -> Told:
    """The last settled month's ratio at every step; how often it was covered in daylight."""
    last = world.month == month - SETTLED_AFTER
    ratio = world.allocated_wh[last, home].sum() / world.drawn_wh[last, home].sum()
    past = _known(world, home, month)
    often = float(world.covered(home)[past].mean())
    n = int(asked.sum())
    return Told(np.full(n, ratio), np.full(n, often), np.full(n, float(past.sum())))


def persistent(world: World, home: int, _month: int, asked: Flags) -> Told:
    """As at the same time yesterday, which only who settles would know."""
    steps_per_day = 48
    ratio = np.roll(np.nan_to_num(world.ratio(home)), steps_per_day)[asked]
    covered = (ratio >= COVERED_FROM).astype(np.float64)
    return Told(ratio, covered, np.ones(len(ratio)))


CONSTANT, YESTERDAY, BINNED = "constant ratio", "yesterday", "binned table"
ENGINE, ENGINE_SEEN = "engine", "engine, light seen"
SUPPOSED = "engine, nothing settled"
ESTIMATORS: Final[Mapping[str, Estimator]] = {
    CONSTANT: constant,
    YESTERDAY: persistent,
    BINNED: binned,
    ENGINE: learned,
    ENGINE_SEEN: learned_of_seen,
    SUPPOSED: supposed,
}


def own_load(world: World, home: int, days: Flags) -> Series:
    """A home's withdrawal as its habits let expect, from the days before, on those days.

    In Wh, shape (n_steps,); NaN on other days. Days are flagged by number, shape (n_days,).
    """
    year, drawn = world.year, world.drawn_wh[:, home]
    midnights = year.days.midnights
    expected = np.full(year.grid.n_steps, np.nan)
    for day in np.flatnonzero(days).tolist():
        n_known = int(midnights[day - KNOWN_DAYS_BEFORE])
        profile = learn_profile(
            world.grid_between(0, n_known), drawn[:n_known], year.time_zone
        )
        first, after = int(midnights[day]), int(midnights[day + 1])
        if profile is not None:
            grid = world.grid_between(first, after)
            expected[first:after] = profile.expected(grid, year.time_zone).mean
    return expected


def _known(world: World, home: int, month: int) -> Flags:
    """Settled steps of daylight in which the home drew something."""
    is_known = world.settled_in(month) & world.is_daylight
    return is_known & (world.drawn_wh[:, home] > 0)


def _means(numbers: Numbers, values: Series, size: int) -> Series:
    """Mean by number, NaN where there is none."""
    counts = np.bincount(numbers, minlength=size)
    sums = np.bincount(numbers, values, size)
    means = np.full(size, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _taken(situations: Situations, which: Flags, factor: Series) -> Situations:
    """The situations of some steps, as for a home that draws as usual."""
    return replace(
        situations,
        level_w=(situations.level_w / factor)[which],
        hour=situations.hour[which],
        is_weekend=situations.is_weekend[which],
        day_of_year=situations.day_of_year[which],
    )


def _nothing(asked: Flags) -> Told:
    """Nothing is known."""
    nan = np.full(int(asked.sum()), np.nan)
    return Told(nan, nan, nan)
