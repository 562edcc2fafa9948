"""Usual days: what is left without steered loads, and what they let expect."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import (
    Grid,
    LocalSteps,
    local_steps,
)
from custom_components.autoconsommation_collective.engine.model import UsualDay
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.usual import (
    FEWEST_DAYS,
    base_withdrawal,
    usual_days,
    usual_errors,
    usual_on,
)

PARIS = ZoneInfo("Europe/Paris")
HALF = timedelta(minutes=30)
DAY = timedelta(days=1)
BASE, INJECTED = Quantity.BASE_WITHDRAWAL, Quantity.SHARED_INJECTION


def of_day(n_steps: int) -> LocalSteps:
    """Labels of one day."""
    return LocalSteps(
        np.full(n_steps, date(2026, 10, 5).toordinal()), np.arange(n_steps) * 30
    )


def month_of(month: str, step: timedelta = HALF) -> Grid:
    """Its steps."""
    start, end = month_bounds(month, PARIS)
    return Grid(start, step, (end - start) // step)


def by_clock(grid: Grid) -> np.ndarray:
    """An energy that depends on the time of the day and on the kind of day alone."""
    labels = local_steps(grid, PARIS)
    wh: np.ndarray = 1000.0 + labels.minute + 500.0 * labels.is_weekend
    return wh


# What followers steer is taken off


@given(
    drawn=st.lists(st.integers(0, 3000), min_size=8, max_size=8),
    steered=st.integers(0, 9000),
)
def test_what_is_taken_off_is_what_was_steered(drawn: list[int], steered: int) -> None:
    """Or all there was; never below nothing, and the highest steps first."""
    consumption = np.array([drawn], dtype=float).T
    base = base_withdrawal(consumption, np.ones(8), [True], steered, of_day(8))
    assert consumption.sum() - base.sum() == pytest.approx(min(steered, sum(drawn)))
    assert (base >= 0).all()
    assert (base <= consumption[:, 0]).all()
    cut = base < consumption[:, 0] - 1e-9
    if cut.any():
        assert base[cut] == pytest.approx(base[cut].max())
        assert (base[~cut] <= base[cut].max() + 1e-9).all()


def test_only_followers_are_shaved_and_only_in_the_light() -> None:
    """Who steers nothing has nothing taken off; at night nobody steers into the sun."""
    consumption = np.array([[3000.0, 500.0], [2500.0, 2500.0], [900.0, 900.0]])
    lit = np.array([0.0, 10.0, 10.0])
    base = base_withdrawal(consumption, lit, [True, False], 2000, of_day(3))
    assert base.tolist() == [3500.0, 700.0 + 2500.0, 700.0 + 900.0]


# What they are


@pytest.mark.parametrize("month", ["2026-03", "2026-10", "2026-11"])
def test_what_depends_on_the_clock_alone_comes_back(month: str) -> None:
    """Also over the change of the clock."""
    grid = month_of(month)
    wh = by_clock(grid)
    days = usual_days([Block(grid.start, HALF, {BASE: wh})], PARIS)
    assert [(day.month, day.is_weekend) for day in days] == [
        (int(month[-2:]), False),
        (int(month[-2:]), True),
    ]
    assert usual_on(grid, days, PARIS) == pytest.approx(wh)


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
def test_other_steps_have_the_same_energy(minutes: int) -> None:
    """A member's steps may be others than the organiser's."""
    grid = month_of("2026-11")
    days = usual_days([Block(grid.start, HALF, {BASE: by_clock(grid)})], PARIS)
    other = month_of("2026-11", timedelta(minutes=minutes))
    assert usual_on(other, days, PARIS).sum() == pytest.approx(by_clock(grid).sum())


def test_holes_are_no_energy() -> None:
    """The mean is of what is known; of too few days there is none."""
    grid = month_of("2026-11")
    wh = by_clock(grid)
    holed = wh.copy()
    holed[: 48 * 7] = np.nan
    (weekday, weekend) = usual_days([Block(grid.start, HALF, {BASE: holed})], PARIS)
    assert weekday.base_withdrawal_wh[0] == 1000
    assert weekend.base_withdrawal_wh[0] == 1500
    few = Block(grid.start, HALF, {BASE: wh[: 48 * FEWEST_DAYS]})
    assert usual_days([few], PARIS) == ()  # a Sunday, and one weekday too few


def flat(month: int, wh: int, *, is_weekend: bool = False) -> UsualDay:
    """The same at all times."""
    return UsualDay(month, is_weekend, HALF, (wh,) * 48)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 4), 110.0),
        (date(2026, 10, 7), 110.0),
        (date(2027, 1, 6), 120.0),
        (date(2027, 2, 3), 120.0),
        (date(2026, 6, 3), np.nan),
    ],
    ids=["its own", "a month off", "over the new year", "two off", "too far off"],
)
def test_the_nearest_month_stands_in(day: date, expected: float) -> None:
    """A year has no end; what lies too far off says nothing."""
    days = (flat(11, 110), flat(12, 120))
    grid = Grid(datetime(day.year, day.month, day.day, tzinfo=UTC), HALF, 40)
    found = usual_on(grid, days, PARIS)
    assert found == pytest.approx(np.full(40, expected), nan_ok=True)


def test_a_kind_of_day_that_is_not_known_stays_open() -> None:
    """A weekend is no weekday."""
    saturday = Grid(datetime(2026, 11, 7, tzinfo=UTC), HALF, 4)
    assert np.isnan(usual_on(saturday, (flat(11, 110),), PARIS)).all()


# How sure they are


def test_errors_hold_what_was_measured_and_the_weather() -> None:
    """By level: what the neighbours drew otherwise, and a quarter of the sun."""
    grid = month_of("2026-11")
    days = usual_days([Block(grid.start, HALF, {BASE: by_clock(grid)})], PARIS)
    injected = np.tile([0.0, 400.0], grid.n_steps // 2)
    more = np.where(injected > 0, 50.0, 0.0)
    seen = Block(grid.start, HALF, {INJECTED: injected, BASE: by_clock(grid) + more})
    (error,) = usual_errors(days, [seen], PARIS)
    # 50 Wh in half an hour; a quarter of 800 W, as what was drawn did not vary.
    assert (error.above_w, error.mean_w) == (0.0, -100.0)
    assert error.deviation_w == pytest.approx(200.0)


def test_without_settled_months_nothing_is_said() -> None:
    """No error is better than one of nothing."""
    assert usual_errors((), (), PARIS) == ()
