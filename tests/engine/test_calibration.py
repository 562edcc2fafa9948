"""The calibration: what is wrong by hour comes out right, the sooner the more days."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.calibration import (
    GREATEST_FACTOR,
    LEAST_FACTOR,
    Calibration,
    calibrate,
    calibrated,
)

START = datetime(2026, 6, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
HALF_HOUR = timedelta(minutes=30)
P, S = Quantity.PRODUCTION, Quantity.SHARED_INJECTION
NAN = math.nan

FACTORS = st.lists(st.floats(LEAST_FACTOR, GREATEST_FACTOR), min_size=24, max_size=24)


def day_curve(n_days: int, step: timedelta = HALF_HOUR) -> np.ndarray:
    """Modelled Wh of some days, light from 4 to 20 h, every day another."""
    per_day = timedelta(days=1) // step
    hours = np.arange(n_days * per_day) % per_day * (step / timedelta(hours=1))
    light = np.maximum(np.sin((hours - 4) / 16 * np.pi), 0) * (hours < 20)
    sky = 0.3 + 0.7 * ((np.arange(n_days) * 7) % 5 / 4)
    return light * np.repeat(sky, per_day) * 1000


def model(
    wh: np.ndarray, step: timedelta = HALF_HOUR, start: datetime = START
) -> Block:
    """What the sun was modelled to give."""
    return Block(start, step, {P: wh})


def settled(
    wh: np.ndarray, step: timedelta = HALF_HOUR, start: datetime = START
) -> Block:
    """What was settled as shared injection."""
    return Block(start, step, {S: wh})


def by_hour(factors: list[float], n_days: int) -> np.ndarray:
    """A factor for each half hour."""
    return np.tile(np.repeat(factors, 2), n_days)


# Laws


@given(FACTORS)
def test_what_is_wrong_by_hour_comes_out_right_with_many_days(
    wrong: list[float],
) -> None:
    """Of a year, within two percent of the range."""
    wh = day_curve(365)
    found = calibrate([model(wh)], [settled(wh * by_hour(wrong, 365))], S)
    assert found.n_days == 365
    assert found.factors[4:20] == pytest.approx(wrong[4:20], abs=0.02)


@given(st.floats(LEAST_FACTOR, GREATEST_FACTOR), st.integers(1, 60))
def test_few_days_move_it_little_and_more_days_more(real: float, n_days: int) -> None:
    """Always between what was assumed and what was seen."""
    first, second = (
        calibrate([model(day_curve(n))], [settled(day_curve(n) * real)], S).factors[12]
        for n in (n_days, n_days + 1)
    )
    low, high = sorted((1.0, real))
    assert low - 1e-9 <= first <= high + 1e-9
    assert abs(second - real) <= abs(first - real) + 1e-9


@given(FACTORS, st.integers(0, 40), st.integers(0, 1000))
def test_factors_are_always_sane(
    real: list[float], n_days: int, exaggeration: int
) -> None:
    """Whatever was settled."""
    wh = day_curve(n_days)
    other = settled(wh * by_hour(real, n_days) * exaggeration + exaggeration)
    found = calibrate([model(wh)], [other], S)
    assert all(LEAST_FACTOR <= factor <= GREATEST_FACTOR for factor in found.factors)


@given(st.lists(st.integers(0, 30 * 48 - 1), max_size=200))
def test_holes_count_for_nothing(holes: list[int]) -> None:
    """On either side, where the rest is consistent."""
    wh = day_curve(30)
    modelled, real = wh.copy(), wh * 0.8
    modelled[holes[::2]] = NAN
    real[holes[1::2]] = NAN
    found = calibrate([model(modelled)], [settled(real)], S)
    whole = calibrate([model(wh)], [settled(wh * 0.8)], S)
    assert found.factors == pytest.approx(whole.factors, abs=0.02)


# Vectors


@pytest.mark.parametrize(
    ("modelled", "real"),
    [
        pytest.param([], [], id="no blocks"),
        pytest.param([model(day_curve(3))], [], id="nothing settled"),
        pytest.param([], [settled(day_curve(3))], id="nothing modelled"),
        pytest.param(
            [model(day_curve(3))],
            [settled(day_curve(3), start=START + timedelta(days=9))],
            id="other days",
        ),
        pytest.param([model(np.zeros(48))], [settled(np.ones(48))], id="no light"),
        pytest.param(
            [model(np.full(48, NAN))], [settled(np.ones(48))], id="only holes"
        ),
        pytest.param(
            [model(day_curve(3))], [model(day_curve(3))], id="other quantity settled"
        ),
    ],
)
def test_nothing_known_changes_nothing(
    modelled: list[Block], real: list[Block]
) -> None:
    """Factor 1, resting on no day."""
    assert calibrate(modelled, real, S) == Calibration((1.0,) * 24, 0)


def test_one_hour_worked_by_hand() -> None:
    """Two days at a half: the whole (2 x 0.5 + 3 x 1) / 5, the hour nearer by the same."""
    noon = START + timedelta(hours=12)
    modelled = [
        model(np.array([100.0]), HALF_HOUR, noon + n * timedelta(days=1))
        for n in (0, 1)
    ]
    real = [
        settled(np.array([50.0]), HALF_HOUR, noon + n * timedelta(days=1))
        for n in (0, 1)
    ]
    found = calibrate(modelled, real, S)
    assert found.n_days == 2
    assert found.factors[11] == pytest.approx(0.8)
    assert found.factors[12] == pytest.approx((2 * 0.5 + 3 * 0.8) / 5)


def test_hour_without_light_takes_the_factor_of_the_day() -> None:
    """As at the end of a winter, for the first hour of the summer's mornings."""
    found = calibrate([model(day_curve(90))], [settled(day_curve(90) * 0.5)], S)
    assert found.factors[0] == found.factors[23] == pytest.approx(0.5, abs=0.02)


def test_steps_may_differ() -> None:
    """The model in quarters of an hour, the settlement in half hours."""
    fine = day_curve(10, QUARTER)
    coarse = fine.reshape(-1, 2).sum(axis=1)
    found = calibrate([model(fine, QUARTER)], [settled(coarse)], S)
    assert found.n_days == 10
    assert found.factors == pytest.approx([1.0] * 24)


def test_clock_change_moves_nothing() -> None:
    """Shade at 8 UTC is at 8 UTC after the last Sunday of October too."""
    start = datetime(2026, 10, 20, tzinfo=UTC)
    shade = [1.0] * 24
    shade[8] = 0.2
    wh = day_curve(200)
    found = calibrate(
        [model(wh, start=start)], [settled(wh * by_hour(shade, 200), start=start)], S
    )
    assert found.factors[8] < 0.25
    assert min(found.factors[7], found.factors[9]) > 0.95


def test_applied_by_the_hour_of_each_step() -> None:
    """From a start within the hour, across midnight; holes stay."""
    factors = tuple(float(hour) / 12 for hour in range(24))
    start = START + timedelta(hours=22, minutes=30)
    wh = np.array([120.0, 120.0, NAN, 120.0, 120.0])
    found = calibrated(Calibration(factors, 9), model(wh, start=start), S)
    assert (found.start, found.step) == (start, HALF_HOUR)
    assert found.energies[S].tolist() == pytest.approx(
        [220, 230, NAN, 0, 0], nan_ok=True
    )


def test_calibrated_model_is_what_was_settled() -> None:
    """Applied to the days it was made from."""
    wrong = [0.6 + 0.02 * hour for hour in range(24)]
    wh = day_curve(365)
    real = wh * by_hour(wrong, 365)
    found = calibrated(calibrate([model(wh)], [settled(real)], S), model(wh), S)
    assert found.energies[S].sum() == pytest.approx(real.sum(), rel=0.01)


def test_what_rounding_leaves_of_the_night_is_no_light() -> None:
    """Nor are days without light days that the factors rest on."""
    dark = np.full(48, 1e-9)
    assert calibrate([model(dark)], [settled(np.ones(48))], S) == Calibration()
