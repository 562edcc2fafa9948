"""The bench of the share ahead, small: the bars hold loosely, and nothing looks ahead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from script.benchmarks.forecast import (
    WEEKS,
    Scores,
    by_estimator,
    picked_homes,
    print_scores,
    score,
    scored_days,
)
from script.benchmarks.walk.estimates import (
    BINNED,
    CONSTANT,
    ENGINE,
    ENGINE_SEEN,
    ESTIMATORS,
    SUPPOSED,
    own_load,
)
from script.benchmarks.walk.scores import mean_of
from script.benchmarks.walk.world import see_world

FEW_WEEKS: Sequence[date] = (WEEKS["April"], WEEKS["July"], WEEKS["October"])
SCORES: dict[str, Scores] = {}
BOTH = pytest.mark.parametrize("operation", ["A", "B"])


def scores(operation: str) -> Scores:
    """Two homes over three weeks, worked out once."""
    if operation not in SCORES:
        homes = picked_homes(operation, 2)
        SCORES[operation] = by_estimator(
            score(operation, FEW_WEEKS, home) for home in homes
        )
    return SCORES[operation]


@BOTH
def test_better_than_plainer_ways(operation: str) -> None:
    """Of a day's energy, of the chance and of the coverage; better still with the light seen."""
    found = scores(operation)

    def ratio(name: str, other: str, figure: str) -> float:
        return mean_of(found[name], figure) / mean_of(found[other], figure)

    assert ratio(ENGINE, CONSTANT, "daily_error") < 0.9
    assert ratio(ENGINE, CONSTANT, "daily_error_known") < 0.75
    assert ratio(ENGINE, CONSTANT, "brier") < 0.7
    assert ratio(ENGINE, BINNED, "brier") < 1.05
    assert ratio(ENGINE, BINNED, "coverage_error") < 1
    assert ratio(ENGINE_SEEN, ENGINE, "daily_error_known") < 0.8


@BOTH
def test_no_large_bias(operation: str) -> None:
    """Of the weeks together, with the own load known."""
    assert abs(mean_of(scores(operation)[ENGINE], "month_bias")) < 0.15


@BOTH
def test_scores_are_printed(operation: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each estimator and each bar."""
    print_scores(operation, scores(operation))
    told = capsys.readouterr().out
    assert all(f"\n{name} " in told for name in ESTIMATORS)
    assert "\nmonths' total" in told and "called good" in told


@pytest.mark.parametrize("name", [CONSTANT, BINNED, ENGINE, ENGINE_SEEN, SUPPOSED])
def test_nothing_is_known_before_its_time(name: str) -> None:
    """What is told of June is the same whatever comes later or is not settled yet."""
    world = see_world("B")
    home = int(world.scored_homes[0])
    asked = (world.month == 6) & (world.labels.minute == 12 * 60)
    later = replace(
        world,
        allocated_wh=np.where((world.month > 4)[:, None], 0.0, world.allocated_wh),
        drawn_wh=np.where((world.month > 6)[:, None], 1.0, world.drawn_wh),
    )
    one, other = (ESTIMATORS[name](each, home, 6, asked) for each in (world, later))
    assert one.mean == pytest.approx(other.mean)
    assert one.probability == pytest.approx(other.probability)


def test_own_load_is_foretold_from_days_before() -> None:
    """What is drawn from that day on changes nothing."""
    world = see_world("A")
    days = np.arange(world.year.days.n_days) == 150
    steps = world.year.days.day_of_step
    later = replace(
        world, drawn_wh=np.where((steps >= 150)[:, None], 9e9, world.drawn_wh)
    )
    one, other = (own_load(each, 3, days) for each in (world, later))
    assert other == pytest.approx(one, nan_ok=True)
    assert (np.isfinite(one) == (steps == 150)).all()


def test_scored_days() -> None:
    """April to December, or whole weeks."""
    world = see_world("A")
    assert scored_days(world, weeks=None).sum() == 275
    assert scored_days(world, weeks=tuple(WEEKS.values())).sum() == 28
