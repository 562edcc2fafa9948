"""How good the live estimates had been, once settled."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.estimate_check import (
    estimate_check,
)
from custom_components.autoconsommation_collective.engine.months import month_bounds

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
START, _ = month_bounds("2026-09", PARIS)


def test_days_are_compared() -> None:
    """One too high by 240 Wh, one too low by 480, one half measured, one not settled."""
    estimated = np.full(96, 100.0)
    estimated[60] = np.nan
    own = Block(START, HOUR, {Quantity.ESTIMATED_ALLOCATED: estimated})
    settled = Block(
        START, HOUR, {Quantity.ALLOCATED: np.repeat([90.0, 120.0, 100.0], 24)}
    )
    found = estimate_check([settled], [own], PARIS)
    assert found is not None
    assert (found.n_days, found.estimated_wh, found.settled_wh) == (2, 4800, 5040)
    assert found.daily_error_wh == pytest.approx(360)


def test_of_a_sum_only_the_sum_is_compared() -> None:
    """Its days are no official ones."""
    told = {Quantity.ALLOCATED: np.full(48, 90.0)}
    own = Block(START, HOUR, {Quantity.ESTIMATED_ALLOCATED: np.full(48, 100.0)})
    found = estimate_check([Block(START, HOUR, told, is_spread=True)], [own], PARIS)
    assert found is not None
    assert (found.estimated_wh, found.settled_wh) == (4800, 4320)
    assert found.daily_error_wh is None


def test_nothing_to_compare() -> None:
    """Without a day of which both are known."""
    told = Block(START, HOUR, {Quantity.ALLOCATED: np.full(48, 90.0)})
    assert estimate_check([told], [], PARIS) is None
