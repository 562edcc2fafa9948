"""The paper guide: the season's usual hours, and no stampede of those who read them."""

from collections import Counter
from datetime import timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.weekly_sheet import (
    UsualSurplus,
    season_of,
    usual_surplus,
)

from .organised_cases import END, PARIS, START

surpluses = st.lists(st.integers(0, 5000), min_size=24, max_size=24).filter(any)


def usual(wh: list[int]) -> UsualSurplus:
    """Of weekdays."""
    return UsualSurplus(False, tuple(map(float, wh)), 20)


@given(surpluses, st.integers(1, 60))
def test_homes_are_spread_as_the_surplus_is(wh: list[int], n_homes: int) -> None:
    """Evenly placed homes: in no good hour more than its part of the surplus, and one."""
    found = usual(wh)
    assert found.good_hours
    first, after = found.good_hours
    hours = Counter(found.hour_of(n / n_homes) for n in range(n_homes))
    for hour, count in hours.items():
        assert hour is not None
        assert first <= hour < after
        assert abs(count - n_homes * wh[hour] / sum(wh[first:after])) <= 1 + 1e-9


@given(surpluses)
def test_good_hours_hold_the_best(wh: list[int]) -> None:
    """All of them leave at least half as much, and the ones beside them less."""
    found = usual(wh).good_hours
    assert found is not None
    first, after = found
    best = max(wh)
    assert best in wh[first:after]
    assert all(2 * each >= best for each in wh[first:after])
    assert first == 0 or 2 * wh[first - 1] < best
    assert after == 24 or 2 * wh[after] < best


def test_without_surplus_no_hour_is_better_than_another() -> None:
    """And none is suggested."""
    nothing = usual([0] * 24)
    assert nothing.good_hours is None
    assert nothing.hour_of(0.3) is None


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_the_mean_of_each_hour_by_the_clock(minutes: int) -> None:
    """In energy of an hour, whatever the step, also in the month of 25 hours."""
    step = timedelta(minutes=minutes)
    grid = Grid(START, step, (END - START) // step)
    labels = local_steps(grid, PARIS)
    left = (100.0 * (labels.minute // 60) + 7 * labels.is_weekend) * minutes / 60
    energies = {
        Quantity.SHARED_INJECTION: left + 50.0,
        Quantity.ALLOCATED: np.full(grid.n_steps, 50.0),
    }
    weekday, weekend = usual_surplus([Block(START, step, energies)], PARIS)
    assert weekday.wh == pytest.approx([100.0 * hour for hour in range(24)])
    assert weekend.wh == pytest.approx([100.0 * hour + 7 for hour in range(24)])
    assert (weekday.n_days, weekend.n_days) == (22, 9)


def test_holes_say_nothing() -> None:
    """Nor does a month without the sums it takes."""
    step = timedelta(hours=1)
    wh = np.full(24, np.nan)
    energies = {Quantity.SHARED_INJECTION: wh, Quantity.ALLOCATED: wh}
    assert usual_surplus([Block(START, step, energies)], PARIS) == ()
    alone = {Quantity.SHARED_INJECTION: np.ones(24)}
    assert usual_surplus([Block(START, step, alone)], PARIS) == ()


@pytest.mark.parametrize(
    ("known", "season"),
    [
        pytest.param(
            ["2025-10", "2025-11", "2025-12", "2026-10"],
            ("2025-10", "2025-11", "2025-12"),
            id="last year",
        ),
        pytest.param(["2025-12", "2026-10"], ("2025-12",), id="a part of it"),
        pytest.param(
            ["2026-06", "2026-07", "2026-08", "2026-09"],
            ("2026-07", "2026-08", "2026-09"),
            id="the latest",
        ),
        pytest.param([], (), id="none"),
    ],
)
def test_the_season_is_last_years(known: list[str], season: tuple[str, ...]) -> None:
    """Of November: October to December."""
    assert season_of(known, "2026-11") == season
