"""The bench of the closed loop, small: hot water, the car, the breaker, and faults."""

import numpy as np
import pytest

from script.benchmarks.control import all_faults, by_name, print_bars, print_driven
from script.benchmarks.driven.drive import Faults, drive
from script.benchmarks.driven.engine import MOST_STARTS, ByEngine
from script.benchmarks.driven.home import Home, live_in
from script.benchmarks.driven.tank import FULL_WH, Tank, wanted_by_hour
from script.benchmarks.sharing.days import four_weeks

N_DAYS = 6


@pytest.fixture(scope="module")
def home() -> Home:
    """A home in January."""
    return live_in(span=four_weeks("A"))


def test_without_and_with_faults(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hot, charged, below the subscribed power, few starts; and a row for each."""
    found = by_name(home, N_DAYS, all_faults(N_DAYS))
    for name in ("engine", "engine, with faults"):
        one = found[name]
        assert not one.cold_days and not one.late_days and not one.trips
        assert max(one.starts.values()) <= MOST_STARTS
        assert one.loads_wh.sum() > N_DAYS * 10_000
    print_driven(home, found)
    print_bars(found)
    told = capsys.readouterr().out
    assert all(f"\n{name} " in told for name in found)


def test_blind_for_days(home: Home) -> None:
    """Without any forecast all is ready all the same."""
    faults = Faults(blind_days=frozenset(range(N_DAYS)))
    one = drive(home, ByEngine(home, faults), N_DAYS, faults)
    assert not one.cold_days and not one.late_days


def test_a_tank_conserves_energy() -> None:
    """What it took is what it held more, gave, and lost; its thermostat ends it."""
    tank, hours = Tank(held_wh=5000.0), 0.5
    before = tank.held_wh
    took = tank.live(hours, 2200.0, 400.0) * hours
    lost = before * 0.005 * hours
    assert tank.held_wh == pytest.approx(before - lost - 400 + took)
    for _ in range(40):
        tank.live(hours, 2200.0, 0.0)
    assert tank.held_wh <= FULL_WH
    assert not tank.is_closed


def test_a_day_of_hot_water() -> None:
    """All of it, spread over the day."""
    assert np.isclose(wanted_by_hour(5000.0).sum(), 5000.0)
