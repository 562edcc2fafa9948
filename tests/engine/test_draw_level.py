"""How much a home draws these weeks: only what is known by then, and no night."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.draw_level import (
    DRAW_LIMITS,
    DRAW_POWER,
    draw_factor,
    recent_draw,
)

N_DAYS = 80
DAYS = np.repeat(np.arange(700_000, 700_000 + N_DAYS), 24)
HOUR = np.tile(np.arange(24) + 0.5, N_DAYS)
SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(0, N_DAYS - 1))
def test_what_comes_later_says_nothing(seed: int, day: int) -> None:
    """And what was five weeks before neither."""
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(0, 500, len(DAYS))
    other = rng.uniform(0, 500, len(DAYS))
    n = DAYS - DAYS[0]
    within = (n <= day) & (n > day - 28)
    found = recent_draw(DAYS, HOUR, drawn)[n == day]
    same = recent_draw(DAYS, HOUR, np.where(within, drawn, other))[n == day]
    assert same == pytest.approx(found)
    in_day = (HOUR > 7) & (HOUR < 21)
    assert found == pytest.approx(drawn[within & in_day].mean())


@given(SEEDS)
def test_night_and_holes_are_left_out(seed: int) -> None:
    """A steady home draws the same, whatever is missing."""
    rng = np.random.default_rng(seed)
    drawn = np.where((HOUR < 7) | (HOUR > 21), 2000.0, 150.0)
    drawn[rng.random(len(drawn)) < 0.3] = np.nan
    assert recent_draw(DAYS, HOUR, drawn) == pytest.approx(150.0)


def test_weeks_of_silence_are_not_known() -> None:
    """Then production counts as it is."""
    n = DAYS - DAYS[0]
    drawn = np.where(n > 9, np.nan, 150.0)
    found = recent_draw(DAYS, HOUR, drawn)
    assert np.isnan(found[n >= 38]).all()
    assert found[n < 37] == pytest.approx(150.0)
    assert (draw_factor(found, 150.0) == 1).all()


@pytest.mark.parametrize(
    ("recent_wh", "usual_wh", "against"),
    [
        pytest.param(100, 100, 1, id="as usual"),
        pytest.param(130, 100, 1.3, id="winter"),
        pytest.param(80, 100, 0.8, id="summer"),
        pytest.param(900, 100, DRAW_LIMITS[1], id="something new"),
        pytest.param(1, 100, DRAW_LIMITS[0], id="nobody at home"),
        pytest.param(np.nan, 100, 1, id="not known"),
        pytest.param(100, np.nan, 1, id="usual not known"),
        pytest.param(100, 0, 1, id="never drew"),
    ],
)
def test_factor(recent_wh: float, usual_wh: float, against: float) -> None:
    """Damped, within limits."""
    found = draw_factor(np.array([recent_wh], dtype=float), usual_wh)
    assert found == pytest.approx([against**DRAW_POWER])
