"""How good the share ahead is: a year told month by month, beside plainer ways and the study.

Operations A (twenty homes, one large roof) and B (thirty homes, seventeen small plants). In
each month only what was settled two months before is known. `--weeks` scores four weeks only.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
import time
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.coverage import MIN_CASES
from script.simulation.local_days import Flags

from . import print_table
from .walk.estimates import BINNED, CONSTANT, ENGINE, ENGINE_SEEN, YESTERDAY
from .walk.scores import (
    SURE_FROM,
    HomeScore,
    good_steps,
    mean_of,
    reliability,
    score_home,
)
from .walk.world import FIRST_SCORED, World, see_world

WEEK_HOMES: Final = 3
"""Scored of each operation over four weeks, evenly picked; over a year all consumers are."""
PROCESSES: Final = 2
"""At once; a home is worked out by one."""
WEEKS: Final[Mapping[str, date]] = {
    "April": date(2025, 4, 14),
    "July": date(2025, 7, 14),
    "October": date(2025, 10, 13),
    "December": date(2025, 12, 8),
}
"""First days: little learned yet, much sun, little, next to none."""
STUDY: Final[Mapping[str, Mapping[str, tuple[float, float, float]]]] = {
    "A": {
        CONSTANT: (0.57, 0.42, 0.49),
        YESTERDAY: (0.10, 0.12, 0.37),
        BINNED: (0.11, 0.13, 0.35),
    },
    "B": {
        CONSTANT: (0.34, 1.04, 0.87),
        YESTERDAY: (0.19, 0.53, 0.73),
        BINNED: (0.17, 0.45, 0.57),
    },
}
"""Of a study of two other operations of these kinds: error of the coverage in daylight, of a
day's energy with the own load known, and foretold."""
STUDY_BRIER: Final[Mapping[str, tuple[float, float]]] = {
    "A": (0.090, 0.217),
    "B": (0.117, 0.160),
}
"""Of its table, and of climatology."""
STUDY_CAME: Final[Mapping[str, tuple[float, ...]]] = {
    "A": (0.12, 0.36, 0.59, 0.79, 0.97),
    "B": (0.08, 0.49, 0.64, 0.65, 0.78),
}
"""How often it came, by class of its table."""
STUDY_BIAS: Final[Mapping[str, float]] = {"A": -0.01, "B": -0.12}
"""Of the months' totals."""


@dataclass(frozen=True, slots=True)
class Bars:
    """What must hold."""

    daily_gain: float
    """Of a day's energy, own load foretold: error below that of a constant ratio."""
    brier_gain: float
    """Below climatology."""
    class_gap: float
    """Most between told and come in classes of enough cases."""
    month: float
    """Most that the months' total is off."""
    right: float = SURE_FROM
    """Least part of the steps called good that must be covered."""


BARS: Final[Mapping[str, Bars]] = {
    "A": Bars(0.25, 0.50, 0.10, 0.03),
    "B": Bars(0.25, 0.30, 0.15, 0.08),
}

type Scores = Mapping[str, Sequence[HomeScore]]
"""By estimator, one for each home."""
type HomeScores = Mapping[str, HomeScore]
"""Of one home, by estimator."""


@dataclass(frozen=True, slots=True)
class Check:
    """A bar, and what was measured."""

    name: str
    measured: float
    bar: float
    is_least: bool = False
    """Whether the bar is the least, not the most."""

    @property
    def holds(self) -> bool:
        """Whether the bar is met; with nothing measured, it is."""
        if np.isnan(self.measured):
            return True
        if self.is_least:
            return self.measured >= self.bar
        return self.measured <= self.bar

    @property
    def row(self) -> tuple[str, ...]:
        """A row of the table of bars."""
        if np.isnan(self.measured):
            return (self.name, "none", f"{self.bar:.0%}", "")
        relation = "at least" if self.is_least else "at most"
        verdict = "" if self.holds else "missed"
        return (
            self.name,
            f"{self.measured:.1%}",
            f"{relation} {self.bar:.0%}",
            verdict,
        )


def scored_days(world: World, *, weeks: Sequence[date] | None) -> Flags:
    """The days from April on, or those of the weeks, flagged by number, shape (n_days,)."""
    first_steps = world.year.days.midnights[:-1]
    if weeks is None:
        return world.month[first_steps] >= FIRST_SCORED
    ordinals = world.labels.day[first_steps]
    starts = np.array([day.toordinal() for day in weeks])[:, None]
    within: Flags = ((ordinals >= starts) & (ordinals < starts + 7)).sum(axis=0) > 0
    return within


def picked_homes(operation: str, n_homes: int | None) -> list[int]:
    """So many of the homes that are scored, evenly picked; None: all."""
    homes = _world(operation).scored_homes
    n_homes = len(homes) if n_homes is None else min(n_homes, len(homes))
    picked: list[int] = homes[np.arange(n_homes) * len(homes) // n_homes].tolist()
    return picked


def score(operation: str, weeks: Sequence[date] | None, home: int) -> HomeScores:
    """One home of an operation, by all estimators."""
    world = _world(operation)
    return score_home(world, home, scored_days(world, weeks=weeks))


def by_estimator(homes: Iterable[HomeScores]) -> Scores:
    """The scores of homes, by estimator first."""
    found = list(homes)
    return {name: [of_home[name] for of_home in found] for name in found[0]}


@cache
def _world(operation: str) -> World:
    """Seen once by each process."""
    return see_world(operation)


def checks(operation: str, scores: Scores) -> list[Check]:
    """The bars of an operation."""
    bars, engine, constant = BARS[operation], scores[ENGINE], scores[CONSTANT]
    daily = mean_of(engine, "daily_error") / mean_of(constant, "daily_error")
    brier = mean_of(engine, "brier")
    gaps = [c.gap for c in reliability(engine) if c.n_cases >= MIN_CASES]
    return [
        Check(
            "a day's kWh, own load foretold: error below a constant ratio's",
            1 - daily,
            bars.daily_gain,
            is_least=True,
        ),
        Check(
            "Brier score below climatology's, known beforehand",
            1 - brier / mean_of(constant, "brier"),
            bars.brier_gain,
            is_least=True,
        ),
        Check(
            "Brier score below climatology's, of the days themselves",
            1 - brier / mean_of(engine, "often_brier"),
            bars.brier_gain,
            is_least=True,
        ),
        Check(
            f"largest gap of a class with {MIN_CASES} cases",
            max(gaps),
            bars.class_gap,
        ),
        Check(
            "months' total, load known: off by, all months together",
            abs(mean_of(engine, "month_bias")),
            bars.month,
        ),
        Check(
            "months' total, load known: off by, mean month",
            mean_of(engine, "month_error"),
            bars.month,
        ),
        Check(
            "months' total, load known, light seen: off by, mean month",
            mean_of(scores[ENGINE_SEEN], "month_error"),
            bars.month,
        ),
        Check(
            f"covered where called good ({SURE_FROM:.0%}, {MIN_CASES} cases)",
            good_steps(engine, MIN_CASES)[1],
            bars.right,
            is_least=True,
        ),
    ]


def print_scores(operation: str, scores: Scores) -> None:
    """All tables of an operation."""
    print(f"Operation {operation}, {len(scores[ENGINE])} homes; study in brackets")
    print_table([_HEADING, *(_row(operation, name, scores[name]) for name in scores)])
    often = mean_of(scores[ENGINE], "often_brier")
    study_brier, study_often = STUDY_BRIER[operation]
    print(
        f"Brier of climatology, known beforehand: {mean_of(scores[CONSTANT], 'brier'):.3f};"
        f" of the days themselves: {often:.3f}"
        f" (study: {study_often:.3f}, its table {study_brier:.3f})"
    )
    print()
    print_table(
        [
            (
                "chance told by the engine",
                "cases by home",
                "told",
                "came",
                "study came",
            ),
            *(
                (
                    f"from {c.above:.1f}",
                    f"{c.n_cases:.0f}",
                    f"{c.forecast:.2f}",
                    f"{c.came:.2f}",
                    f"{STUDY_CAME[operation][round(5 * c.above)]:.2f}",
                )
                for c in reliability(scores[ENGINE])
            ),
        ]
    )
    n_good, right = good_steps(scores[ENGINE], MIN_CASES)
    print(f"called good: {n_good:.0f} steps by home, {right:.1%} of them covered")
    print()
    print_table(
        [
            ("bar", "measured", "bar", ""),
            *(check.row for check in checks(operation, scores)),
        ]
    )
    print()


_HEADING: Final = (
    "",
    "coverage error",
    "Brier",
    "day, load known",
    "day, load foretold",
    "months' bias",
    "a month's error",
)


def _row(operation: str, name: str, scores: Sequence[HomeScore]) -> tuple[str, ...]:
    """An estimator's row, the study's figures in brackets."""
    study = STUDY[operation].get(name)
    marks = (
        (f" ({study[0]:.2f})", f" ({study[1]:.0%})", f" ({study[2]:.0%})")
        if study
        else ("", "", "")
    )
    bias = f" ({STUDY_BIAS[operation]:+.0%})" if name == BINNED else ""
    return (
        name,
        f"{mean_of(scores, 'coverage_error'):.3f}{marks[0]}",
        f"{mean_of(scores, 'brier'):.3f}",
        f"{mean_of(scores, 'daily_error_known'):.1%}{marks[1]}",
        f"{mean_of(scores, 'daily_error'):.1%}{marks[2]}",
        f"{mean_of(scores, 'month_bias'):+.1%}{bias}",
        f"{mean_of(scores, 'month_error'):.1%}",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench forecast", description=__doc__)
    parser.add_argument(
        "--weeks", action="store_true", help=f"only weeks of {', '.join(WEEKS)}"
    )
    weeks = tuple(WEEKS.values()) if parser.parse_args().weeks else None
    n_homes = None if weeks is None else WEEK_HOMES
    if weeks:
        print(
            "The bars are for the whole year: four weeks of few homes swing around them"
        )
    start = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = {
            operation: pool.map(
                partial(score, operation, weeks), picked_homes(operation, n_homes)
            )
            for operation in BARS
        }
        for operation, homes in found.items():
            print_scores(operation, by_estimator(homes))
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
