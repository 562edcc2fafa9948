"""The bench of the guard, small: a quick meter spares the breaker, a slow one does not."""

import numpy as np
import pytest

from script.benchmarks.guard import (
    EVENING_S,
    SUBSCRIBED_VA,
    by_refresh,
    evening,
    print_outcomes,
    trips,
)

N_EVENINGS = 12


def test_a_quick_meter_spares_the_breaker(capsys: pytest.CaptureFixture[str]) -> None:
    """None of the evenings trips that would not have tripped without the loads."""
    found = by_refresh(N_EVENINGS)
    tripped = {name: sum(o.tripped for o in them) for name, them in found.items()}
    assert tripped["without the loads"] == tripped["guarded, told every 10 s"] == 0
    assert tripped["nobody guards"] > N_EVENINGS / 2
    above = [sum(one.above_s for one in outcomes) for outcomes in found.values()]
    assert above[0] < above[2] < above[3] < above[4] < above[1]
    assert all(one.served > 0.5 for outcomes in found.values() for one in outcomes)
    print_outcomes(found)
    assert capsys.readouterr().out.count(f"of {N_EVENINGS}") == len(found)


def test_a_breaker_forgives_what_is_short() -> None:
    """A kettle above the limit for a minute does not trip it, the same for long does."""
    drawn = np.full(EVENING_S, 0.5 * SUBSCRIBED_VA)
    drawn[:60] = 1.2 * SUBSCRIBED_VA
    assert not trips(drawn)
    drawn[:900] = 1.2 * SUBSCRIBED_VA
    assert trips(drawn)


def test_the_same_evening_each_time() -> None:
    """From the same dice."""
    one, other = (evening(np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, other)
    assert one.min() > 0
