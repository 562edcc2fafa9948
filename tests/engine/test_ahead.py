"""A few numbers of what is ahead: whole local days, and nothing made up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.ahead import (
    Ahead,
    ahead_of,
    days_ahead,
    on_whole_days,
)
from custom_components.autoconsommation_collective.engine.contract import (
    CostsMissing,
    StepCosts,
)
from custom_components.autoconsommation_collective.engine.coverage import (
    unknown_coverage,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.outlook import Outlook
from custom_components.autoconsommation_collective.engine.own_share import OwnShare
from custom_components.autoconsommation_collective.engine.profile import Expected
from custom_components.autoconsommation_collective.engine.signal import (
    Judged,
    Level,
    Window,
)

type Floats = npt.NDArray[np.float64]

PARIS = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=30)
SUMMER = datetime(2026, 6, 8, 22, tzinfo=UTC)
"""Midnight of Tuesday, 9 June in Paris."""
NOON = datetime(2026, 6, 9, 10, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 23, tzinfo=UTC)
"""Midnight of the day of 23 hours."""
AUTUMN = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""Midnight of the day of 25 hours."""
NAN = float("nan")


def outlook(
    start: datetime = SUMMER,
    n_steps: int = 144,
    *,
    surplus_wh: float | Floats = 1000.0,
    expected: float | Floats = 0.1,
    good: tuple[tuple[int, int], ...] = (),
) -> Outlook:
    """An outlook with 100 Wh to claim in each step, good in these."""
    grid = Grid(start, STEP, n_steps)
    ones = np.ones(n_steps)
    found = [Level.NEUTRAL] * n_steps
    for first, after in good:
        found[first:after] = [Level.GOOD] * (after - first)
    return Outlook(
        grid=grid,
        production_wh=ones,
        level_wh=ones,
        withdrawal_wh=ones,
        surplus_wh=surplus_wh * ones,
        own=None,
        coverage=unknown_coverage(n_steps),
        allocated=Expected(ones, ones, ones),
        claim_wh=100 * ones,
        own_surplus_wh=None,
        share=OwnShare(100 * ones[None], ones[None]),
        costs=CostsMissing.NO_CONTRACT,
        judged=Judged(
            claim_w=200 * ones,
            probability=ones,
            n_cases=ones,
            supplier=ones,
            expected=expected * ones,
            default=ones,
            production_wh=ones,
        ),
        levels=tuple(found),
        windows=tuple(window(start, first, after) for first, after in good),
        degraded=frozenset(),
        bias=1.0,
    )


def window(start: datetime, first: int, after: int) -> Window:
    """The window of those steps."""
    return Window(start + first * STEP, start + after * STEP, 1.0, 0.9, 0.1)


def ramp(n_steps: int) -> Floats:
    """No two steps alike."""
    return np.arange(n_steps, dtype=np.float64)


# Laws


@given(st.integers(0, 143), st.integers(0, 143), st.integers(1, 40))
def test_claim_of_today_only_shrinks_and_tomorrow_stays(
    now: int, first: int, length: int
) -> None:
    """As good steps pass; the two days never count the same step."""
    told = outlook(good=((first, min(144, first + length)),))
    found = ahead_of(told, SUMMER + now * STEP, PARIS)
    day = now // 48
    good = set(range(first, min(144, first + length)))
    today = good & set(range(now, 48 * (day + 1)))
    tomorrow = good & set(range(48 * (day + 1), 48 * (day + 2)))
    assert found.claimable_today_wh == pytest.approx(100.0 * len(today))
    if day < 2:
        assert found.claimable_tomorrow_wh == pytest.approx(100.0 * len(tomorrow))
    else:
        assert found.claimable_tomorrow_wh is None


@pytest.mark.parametrize(
    ("start", "n_steps"),
    [
        pytest.param(SUMMER, 48, id="24 hours"),
        pytest.param(SPRING, 46, id="23 hours"),
        pytest.param(AUTUMN, 50, id="25 hours"),
    ],
)
def test_days_are_local_however_long(start: datetime, n_steps: int) -> None:
    """From the first minute to the last, and the day after begins where this one ends."""
    wh = ramp(n_steps + 96)
    told = outlook(start, n_steps + 96, surplus_wh=wh)
    today, tomorrow = wh[:n_steps].sum(), wh[n_steps : n_steps + 48].sum()
    last = start + n_steps * STEP - timedelta(minutes=1)
    for now in (start, start + timedelta(hours=12), last):
        found = ahead_of(told, now, PARIS)
        assert found.surplus_today_wh == pytest.approx(today)
        assert found.surplus_tomorrow_wh == pytest.approx(tomorrow)
    found = ahead_of(told, start + n_steps * STEP, PARIS)
    assert found.surplus_today_wh == pytest.approx(tomorrow)


@pytest.mark.parametrize(
    ("start", "n_steps"),
    [
        pytest.param(SUMMER, 48, id="24 hours"),
        pytest.param(SPRING, 46, id="23 hours"),
        pytest.param(AUTUMN, 50, id="25 hours"),
    ],
)
def test_edges_of_whole_days(start: datetime, n_steps: int) -> None:
    """UTC midnights of the house, from any instant of the day."""
    for now in (start, start + n_steps * STEP - timedelta(seconds=1)):
        assert days_ahead(now, STEP, PARIS, 1) == Grid(start, STEP, n_steps)
        assert days_ahead(now, STEP, PARIS, 3) == Grid(start, STEP, n_steps + 96)
        assert days_ahead(now, STEP, PARIS, 3).start.tzinfo is UTC


# Vectors


def test_cost_is_that_of_the_step_in_progress() -> None:
    """Begun a minute or twenty-nine ago."""
    told = outlook(expected=ramp(144) / 1000)
    for minutes in (0, 1, 29):
        now = NOON + timedelta(minutes=minutes)
        assert ahead_of(told, now, PARIS).eur_per_kwh == pytest.approx(0.024)
    assert ahead_of(told, NOON + STEP, PARIS).eur_per_kwh == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("now", "number"),
    [
        pytest.param(19, 0, id="before the first"),
        pytest.param(20, 0, id="in it"),
        pytest.param(23.9, 0, id="in its last minutes"),
        pytest.param(24, 1, id="over: the next"),
        pytest.param(70, 1, id="in the second"),
        pytest.param(72, None, id="none any more"),
    ],
)
def test_window_in_progress_else_the_next(now: float, number: int | None) -> None:
    """Its end excluded."""
    told = outlook(good=((20, 24), (68, 72)))
    found = ahead_of(told, SUMMER + now * STEP, PARIS).window
    assert found == (None if number is None else told.windows[number])


def test_nothing_priced_is_not_known() -> None:
    """Not zero: nobody has told the contract; the surplus is known all the same."""
    found = ahead_of(outlook(expected=NAN, good=((0, 144),)), NOON, PARIS)
    assert found.eur_per_kwh is None
    assert (found.claimable_today_wh, found.claimable_tomorrow_wh) == (None, None)
    assert found.surplus_today_wh == pytest.approx(48_000)


def test_prices_of_tomorrow_are_not_known_yet() -> None:
    """As of a Tempo day without colour."""
    expected = np.where(ramp(144) < 48, 0.1, NAN)
    found = ahead_of(outlook(expected=expected, good=((40, 60),)), NOON, PARIS)
    assert found.claimable_today_wh == pytest.approx(800)
    assert found.claimable_tomorrow_wh is None


def test_surplus_of_what_is_known() -> None:
    """Holes are left out; a day of holes is not known."""
    wh = np.where(ramp(144) < 24, NAN, 10.0)
    wh[48:96] = NAN
    found = ahead_of(outlook(surplus_wh=wh), NOON, PARIS)
    assert found.surplus_today_wh == pytest.approx(240)
    assert found.surplus_tomorrow_wh is None


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(SUMMER - timedelta(seconds=1), id="the clock was put back"),
        pytest.param(SUMMER + timedelta(days=3), id="nothing was worked out for days"),
    ],
)
def test_of_another_time_nothing_is_told(now: datetime) -> None:
    """Neither the first step nor the last stands for it."""
    told = outlook(good=((0, 144),))
    assert ahead_of(told, now, PARIS) == Ahead(None, None, None, None, None, None)


def test_last_day_of_the_grid() -> None:
    """It has no tomorrow."""
    found = ahead_of(outlook(), SUMMER + timedelta(days=2, hours=12), PARIS)
    assert found.surplus_today_wh == pytest.approx(48_000)
    assert found.surplus_tomorrow_wh is None


# Costs on whole days


def test_costs_stand_after_the_steps_that_are_past() -> None:
    """Which are not known any more."""
    costs = StepCosts(*(np.full(4, price) for price in (0.2, 0.1, 0.15)))
    found = on_whole_days(costs, 2)
    assert isinstance(found, StepCosts)
    for values, price in (
        (found.supplier, 0.2),
        (found.allocated, 0.1),
        (found.default, 0.15),
    ):
        assert values.tolist() == pytest.approx([NAN, NAN] + [price] * 4, nan_ok=True)


def test_costs_from_midnight_on_are_whole_already() -> None:
    """As is what is missing."""
    costs = StepCosts(*(np.full(4, price) for price in (0.2, 0.1, 0.15)))
    assert on_whole_days(costs, 0) is costs
    assert on_whole_days(CostsMissing.NO_CONTRACT, 3) is CostsMissing.NO_CONTRACT


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.integers(0, 8))
def test_off_peak_hours_stand_after_the_steps_that_are_past(
    off_peak: list[bool], n_past: int
) -> None:
    """In the past no contactor closes."""
    ones = np.ones(len(off_peak))
    told = StepCosts(ones, ones, ones, np.array(off_peak))
    found = on_whole_days(told, n_past)
    assert isinstance(found, StepCosts)
    assert found.off_peak is not None
    assert found.off_peak.dtype == np.bool_
    assert found.off_peak.tolist() == [False] * n_past + off_peak
    unknown = on_whole_days(StepCosts(ones, ones, ones), n_past)
    assert isinstance(unknown, StepCosts)
    assert unknown.off_peak is None
