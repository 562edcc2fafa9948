"""A forecast that follows another: what was said of the time before stays."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.live import community_between
from custom_components.autoconsommation_collective.engine.share import Missing
from custom_components.autoconsommation_collective.pmo.pages import Forecast

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


def forecast(start: datetime, *injection_wh: float) -> Forecast:
    """What is expected in the half-hours from that time on."""
    energies = {Quantity.SHARED_INJECTION: np.array(injection_wh, dtype=np.float64)}
    blocks = (Block(start, HALF_HOUR, energies),) if injection_wh else ()
    return Forecast(start, blocks)


def injected(expected: Forecast, start: datetime) -> float | None:
    """What is expected in the half-hour from that time on."""
    step = community_between(expected.blocks, start, start + HALF_HOUR)
    return None if isinstance(step, Missing) else step.shared_injection_wh


def test_step_in_progress_keeps_its_forecast() -> None:
    """A meter closes its steps late, when the organiser already tells of the time to come."""
    earlier = forecast(NOON - HOUR, 10, 20, 30, 40)
    now = forecast(NOON, 35, 45).following(earlier)
    told = [injected(now, NOON + n * HALF_HOUR) for n in range(-2, 3)]
    assert told == [10, 20, 35, 45, None]


def test_nothing_published_anew() -> None:
    """An empty forecast takes nothing back."""
    earlier = forecast(NOON, 10)
    assert forecast(NOON).following(earlier) == earlier


@given(st.integers(-200, 200), st.integers(1, 300), st.integers(1, 300))
def test_later_forecast_counts_and_no_time_is_told_twice(
    shift: int, n_earlier: int, n_later: int
) -> None:
    """In order, without overlap, and not further back than a day."""
    earlier = forecast(NOON, *range(n_earlier))
    later = forecast(NOON + shift * HALF_HOUR, *range(n_later))
    both = later.following(earlier)
    assert both.blocks[-1] is later.blocks[0]
    for before, after in zip(both.blocks, both.blocks[1:], strict=False):
        assert before.end <= after.start
    assert both.blocks[0].start >= later.blocks[0].start - timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        pytest.param(NOON, NOON + HOUR, [1, 2], id="all of it"),
        pytest.param(NOON - HOUR, NOON + HALF_HOUR, [1], id="its beginning"),
        pytest.param(NOON + HALF_HOUR / 2, NOON + HOUR, [2], id="no part of a step"),
        pytest.param(NOON, NOON + HALF_HOUR * 1.5, [1], id="no part at the end"),
        pytest.param(NOON + HOUR, NOON + 2 * HOUR, None, id="after it"),
        pytest.param(NOON - HOUR, NOON, None, id="before it"),
    ],
)
def test_cut(start: datetime, end: datetime, kept: list[float] | None) -> None:
    """Whole steps only."""
    (block,) = forecast(NOON, 1, 2).blocks
    part = block.cut(start, end)
    assert kept == (part and part.energies[Quantity.SHARED_INJECTION].tolist())
