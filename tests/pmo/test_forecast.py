"""A forecast that follows another: what was said of the time before stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.live import community_between
from custom_components.autoconsommation_collective.engine.model import (
    FlexibleNeed,
    ForecastError,
)
from custom_components.autoconsommation_collective.engine.share import Missing
from custom_components.autoconsommation_collective.pmo.pages import Forecast

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = date(2026, 6, 20)
TOMORROW = TODAY + DAY
ERRORS = (ForecastError(above_w=0, mean_w=0, deviation_w=500),)


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


def needs(first: date, *energies_wh: int) -> tuple[FlexibleNeed, ...]:
    """What the followers need on the days from that day on."""
    return tuple(
        FlexibleNeed(first + n * DAY, energy_wh, homes=14)
        for n, energy_wh in enumerate(energies_wh)
    )


@pytest.mark.parametrize(
    ("earlier", "later", "both"),
    [
        pytest.param(
            needs(TODAY, 10, 20),
            needs(TOMORROW, 25, 35),
            needs(TODAY, 10, 25, 35),
            id="the day in progress stays",
        ),
        pytest.param(
            needs(TODAY, 10, 20), needs(TODAY, 15), needs(TODAY, 15), id="told anew"
        ),
        pytest.param(
            needs(TODAY - DAY, 1, 10),
            needs(TOMORROW, 20),
            needs(TODAY, 10, 20),
            id="not the day before",
        ),
        pytest.param(needs(TODAY, 10), (), needs(TODAY, 10), id="nothing told anew"),
        pytest.param((), needs(TODAY, 10), needs(TODAY, 10), id="nothing told before"),
    ],
)
def test_needs_follow_day_by_day(
    earlier: tuple[FlexibleNeed, ...],
    later: tuple[FlexibleNeed, ...],
    both: tuple[FlexibleNeed, ...],
) -> None:
    """With energies of the coming steps or without."""
    before = replace(forecast(NOON, 10), flexible=earlier)
    for now in (forecast(NOON, 20), forecast(NOON)):
        assert replace(now, flexible=later).following(before).flexible == both


@given(st.integers(-3, 3), st.integers(0, 4), st.integers(0, 4))
def test_no_day_is_told_twice(shift: int, n_earlier: int, n_later: int) -> None:
    """Each day once and in order, and what is told now is told as it is."""
    earlier = replace(forecast(NOON), flexible=needs(TODAY, *range(n_earlier)))
    told = needs(TODAY + shift * DAY, *range(100, 100 + n_later))
    both = replace(forecast(NOON), flexible=told).following(earlier).flexible
    days = [need.day for need in both]
    assert days == sorted(set(days))
    assert both[len(both) - len(told) :] == told


def test_errors_belong_to_the_energies_they_came_with() -> None:
    """Those of an earlier forecast say nothing about another."""
    earlier = replace(forecast(NOON, 10), errors=ERRORS)
    assert forecast(NOON, 20).following(earlier).errors == ()
    assert forecast(NOON).following(earlier).errors == ERRORS
    assert earlier.following(forecast(NOON, 20)).errors == ERRORS


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
