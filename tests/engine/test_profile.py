"""What a home will draw: habits come back, holes are left out, the spread holds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.profile import (
    ConsumptionProfile,
    base_consumption,
    learn_profile,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 1, 4, 23, tzinfo=UTC)
"""Midnight of Monday, 5 January in Paris."""
STEP = timedelta(minutes=30)
PER_DAY = 48


def days(n_days: int, start: datetime = MONDAY) -> Grid:
    """That many days of half hours."""
    return Grid(start, STEP, PER_DAY * n_days)


def habit(
    grid: Grid, weekday_wh: float = 100.0, weekend_wh: float = 300.0
) -> npt.NDArray[np.float64]:
    """The same all day long, another at the weekend."""
    return np.where(local_steps(grid, PARIS).is_weekend, weekend_wh, weekday_wh)


def learned(grid: Grid, wh: npt.NDArray[np.float64]) -> ConsumptionProfile:
    """The profile, which is known."""
    profile = learn_profile(grid, wh, PARIS)
    assert profile is not None
    return profile


@given(st.integers(14, 60), st.floats(10, 2000), st.floats(10, 2000))
@settings(max_examples=25)
def test_a_habit_comes_back(n_days: int, weekday_wh: float, weekend_wh: float) -> None:
    """Who always lives alike is forecast exactly, weekends apart, whatever the clock does."""
    grid = days(n_days)
    profile = learned(grid, habit(grid, weekday_wh, weekend_wh))
    ahead = Grid(grid.end, STEP, 2 * PER_DAY)
    expected = profile.expected(ahead, PARIS)
    usual = habit(ahead, weekday_wh, weekend_wh)
    for values in (expected.low, expected.mean, expected.high):
        assert values == pytest.approx(usual)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_low_mean_high_are_in_order_and_twice_is_twice(seed: int) -> None:
    """The spread encloses, and a home twice as large is forecast twice as large."""
    grid = days(40)
    wh = np.random.default_rng(seed).gamma(2.0, 100.0, grid.n_steps)
    once = learned(grid, wh).expected(days(2, grid.end), PARIS)
    twice = learned(grid, 2 * wh).expected(days(2, grid.end), PARIS)
    assert (once.low <= once.high).all()
    assert (once.low <= once.mean * 1.2).all()
    assert twice.mean == pytest.approx(2 * once.mean)
    assert twice.high == pytest.approx(2 * once.high)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.5))
@settings(max_examples=20)
def test_holes_are_left_out(seed: int, part: float) -> None:
    """A habit is known from the steps that are."""
    grid = days(30)
    wh = habit(grid)
    wh[np.random.default_rng(seed).random(grid.n_steps) < part] = np.nan
    ahead = days(2, grid.end)
    assert learned(grid, wh).expected(ahead, PARIS).mean == pytest.approx(habit(ahead))


def test_spread_holds_what_it_says() -> None:
    """Between low and high lie eight steps in ten of a home without habits."""
    rng = np.random.default_rng(4)
    grid = days(56)
    wh = rng.lognormal(5, 0.5, grid.n_steps)
    ahead = days(200, grid.end)
    expected = learned(grid, wh).expected(ahead, PARIS)
    scale = expected.mean.mean() / wh.mean()
    came = scale * rng.lognormal(5, 0.5, ahead.n_steps)
    assert np.mean(came < expected.low) == pytest.approx(0.08, abs=0.03)
    assert np.mean(came > expected.high) == pytest.approx(0.08, abs=0.03)


def test_yesterday_raises_tomorrow_but_not_all_the_way() -> None:
    """A day twice as large as usual says something of the next, damped."""
    grid = days(31)
    wh = habit(grid, 100, 100)
    wh[-PER_DAY:] = 200
    mean = learned(grid, wh).expected(days(1, grid.end), PARIS).mean
    assert 115 < mean.mean() < 145


def test_what_is_steered_is_no_habit() -> None:
    """A heater that this integration moves is not part of the base."""
    grid = days(1)
    own = np.full(PER_DAY, 100.0)
    heater = np.zeros(PER_DAY)
    heater[24:28] = 1100
    block = Block(
        MONDAY, STEP, {Quantity.CONSUMPTION: own + heater, Quantity.STEERED: heater}
    )
    assert base_consumption(grid, [block]).tolist() == own.tolist()


def test_without_a_record_of_steering_all_is_base() -> None:
    """And never less than nothing."""
    block = Block(MONDAY, STEP, {Quantity.CONSUMPTION: np.array([100.0, np.nan])})
    base = base_consumption(Grid(MONDAY, STEP, 2), [block])
    assert base.tolist() == pytest.approx([100.0, np.nan], nan_ok=True)
    more = Block(
        MONDAY,
        STEP,
        {Quantity.CONSUMPTION: np.array([10.0]), Quantity.STEERED: np.array([12.0])},
    )
    assert base_consumption(Grid(MONDAY, STEP, 1), [more]).tolist() == [0.0]


def test_nothing_known_no_profile() -> None:
    """No habit is invented."""
    grid = days(3)
    assert learn_profile(grid, np.full(grid.n_steps, np.nan), PARIS) is None


def test_two_days_serve_both_kinds_of_day() -> None:
    """Before the first weekend, a weekend is forecast as the days that are known."""
    grid = days(2)
    profile = learned(grid, habit(grid))
    assert profile.n_days == 2
    assert profile.expected(days(7, grid.end), PARIS).mean == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("start", "n_steps"),
    [
        pytest.param(datetime(2026, 3, 28, 23, tzinfo=UTC), 46, id="23 hours"),
        pytest.param(datetime(2026, 10, 24, 22, tzinfo=UTC), 50, id="25 hours"),
    ],
)
def test_days_when_the_clock_changes(start: datetime, n_steps: int) -> None:
    """Habits follow the clock on the wall, however many steps the day has."""
    past = days(21, start - timedelta(days=21))
    labels = local_steps(past, PARIS)
    profile = learned(past, np.where(labels.minute < 12 * 60, 50.0, 400.0))
    ahead = Grid(start, STEP, n_steps)
    mean = profile.expected(ahead, PARIS).mean
    morning = local_steps(ahead, PARIS).minute < 12 * 60
    assert mean[morning] == pytest.approx(50.0)
    assert mean[~morning] == pytest.approx(400.0)


def test_another_step_keeps_the_energy() -> None:
    """Learned by half hours, told by quarters."""
    grid = days(14)
    profile = learned(grid, habit(grid, 100, 100))
    quarters = Grid(grid.end, STEP / 2, 2 * PER_DAY)
    assert profile.expected(quarters, PARIS).mean == pytest.approx(50.0)


def test_a_time_never_seen_is_as_the_rest() -> None:
    """A home that is measured from morning to evening only."""
    grid = days(14)
    wh = np.where(local_steps(grid, PARIS).minute < 6 * 60, np.nan, 200.0)
    mean = learned(grid, wh).expected(days(1, grid.end), PARIS).mean
    assert mean == pytest.approx(200.0)
