"""When a prepaid balance is used up: laws, and a year by hand."""

from datetime import UTC, date, datetime, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    Block,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.run_out import (
    FARTHEST,
    daily_kwh,
    expected_use,
    open_estimates,
    run_out_day,
)

TODAY = date(2026, 11, 20)
balances = st.floats(-100, 3000)
uses = st.floats(0.1, 30)


@given(balances, uses)
def test_a_constant_use(balance: float, use: float) -> None:
    """Lasts as many days as it divides by, the day in progress counted."""
    found = run_out_day(balance, TODAY, lambda day: use)
    days = max(0, math.ceil(balance / use - 1e-9))
    if days > FARTHEST.days:
        assert found is None
    else:
        assert found is not None
        assert abs((found - TODAY).days - days) <= 1  # sums of floats


@given(balances, st.floats(0, 500), uses, st.integers(0, 6))
def test_more_lasts_longer(balance: float, more: float, use: float, n: int) -> None:
    """And a day later with the same use it ends on the same day, or later."""
    weekly = lambda day: use * (1 + (day.weekday() == n))  # noqa: E731
    first = run_out_day(balance, TODAY, weekly) or date.max
    assert (run_out_day(balance + more, TODAY, weekly) or date.max) >= first


@given(st.dictionaries(st.dates(date(2025, 1, 1), TODAY), st.floats(0, 20), min_size=1))
def test_expects_what_was(settled: dict[date, float]) -> None:
    """Never more nor less than has been on some day."""
    use = expected_use(settled)
    assert use is not None
    for n in (0, 100, 400, 700):
        expected = use(TODAY + timedelta(days=n))
        assert min(settled.values()) - 1e-9 <= expected <= max(settled.values()) + 1e-9


def test_by_the_season() -> None:
    """10 kWh a day in summer, 1 in winter: 100 kWh bought in November last until spring."""
    settled = {
        day: 10.0 if 4 <= day.month <= 9 else 1.0
        for n in range(400)
        if (day := TODAY - timedelta(days=n + 1))
    }
    use = expected_use(settled)
    assert use is not None
    assert (use(date(2027, 1, 15)), use(date(2027, 7, 15))) == (1.0, 10.0)
    ends = run_out_day(100.0, TODAY, use)
    assert ends is not None
    assert date(2027, 2, 20) <= ends <= date(2027, 3, 5)


def test_without_last_year() -> None:
    """As in the last settled days; older ones do not count."""
    settled = {TODAY - timedelta(days=n): 2.0 if n < 60 else 9.0 for n in range(90)}
    use = expected_use(settled)
    assert use is not None
    assert use(TODAY + timedelta(days=30)) == 2.0
    assert expected_use({}) is None


def test_only_open_steps_are_estimated() -> None:
    """Of a bill, too; a hole between settlements is open."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    own = Block(start, HOUR, {Quantity.ESTIMATED_ALLOCATED: np.full(6, 100.0)})
    curve = Block(start, HOUR, {Quantity.ALLOCATED: np.array([1.0, math.nan])})
    bill = Block(
        start + 4 * HOUR, HOUR, {Quantity.ALLOCATED: np.ones(1)}, is_spread=True
    )
    (left,) = open_estimates([own], [curve, bill])
    known = ~np.isnan(left.energies[Quantity.ESTIMATED_ALLOCATED])
    assert known.tolist() == [False, True, True, True, False, True]


def test_days_of_the_local_calendar() -> None:
    """Holes are left out; a day without anything known is not there."""
    start = datetime(2026, 1, 30, 22, tzinfo=UTC)  # 23:00 in Paris
    energies = {Quantity.ALLOCATED: np.array([500.0, 1000.0, math.nan])}
    found = daily_kwh(
        [Block(start, HOUR, energies)], Quantity.ALLOCATED, ZoneInfo("Europe/Paris")
    )
    assert found == {
        date(2026, 1, 30): pytest.approx(0.5),
        date(2026, 1, 31): pytest.approx(1.0),
    }
