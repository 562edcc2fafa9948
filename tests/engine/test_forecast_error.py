"""Errors by level: every step in one class, holes in none."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.claim import error_by_step
from custom_components.autoconsommation_collective.engine.forecast_error import (
    errors_by_level,
)

POWERS = st.lists(st.integers(0, 40_000).map(float), min_size=1, max_size=200)


@given(POWERS, st.floats(-500, 500))
def test_a_constant_error_is_found_in_each_class(
    expected: list[float], error: float
) -> None:
    """And told again for each step, whatever its level."""
    power = np.array(expected)
    found = errors_by_level(power, np.full(len(power), error))
    assert bool(found) is bool((power > 0).any())
    assert [e.mean_w for e in found] == pytest.approx([error] * len(found), abs=1e-6)
    assert all(e.deviation_w == pytest.approx(0, abs=1e-6) for e in found)
    mean, _ = error_by_step(power, found, 1.0)
    if found:
        assert mean == pytest.approx(error, abs=1e-6)


@given(POWERS)
def test_classes_ascend_from_zero(expected: list[float]) -> None:
    """At most five of them."""
    found = errors_by_level(np.array(expected), np.zeros(len(expected)))
    levels = [error.above_w for error in found]
    assert levels == sorted(set(levels))
    assert len(levels) <= 5


def test_holes_are_left_out() -> None:
    """On either side."""
    power = np.array([100.0, 100.0, np.nan, 100.0])
    error = np.array([10.0, np.nan, 999.0, 30.0])
    (found,) = [e for e in errors_by_level(power, error) if e.deviation_w]
    assert (found.mean_w, found.deviation_w) == (20.0, 10.0)
