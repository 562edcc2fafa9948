"""Forecasts that cannot be: of another day, dark, negative, an hour beside the sun."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.forecast_check import (
    ForecastProblem,
    looks_wrong,
)
from script.simulation.sun import Orientation, clear_sky_kw_per_kwp, sun_at

P = Quantity.PRODUCTION
HOUR = timedelta(hours=1)
NOW = datetime(2026, 6, 20, 9, tzinfo=UTC)
CHATEAUROUX = 1.69

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
)
LONGITUDES = st.floats(-61, 56)
"""From the Antilles to Réunion."""
LATITUDES = st.floats(-21, 51)
STEPS = st.sampled_from([15, 30, 60])
CLOUDS = st.lists(st.floats(0.2, 1), min_size=3, max_size=3)


def equation_of_time(day: np.ndarray) -> np.ndarray:
    """Hours that the sun is early (Spencer 1971, the long form)."""
    b = 2 * np.pi * (day - 1) / 365
    return (24 / 2 / np.pi) * (
        0.000075 + 0.001868 * np.cos(b) - 0.032077 * np.sin(b)
        - 0.014615 * np.cos(2 * b) - 0.040849 * np.sin(2 * b)
    )  # fmt: skip


def forecast(
    now: datetime = NOW,
    *,
    minutes: int = 15,
    latitude: float = 46.8,
    longitude: float = CHATEAUROUX,
    tilt: float = 30.0,
    azimuth: float = 0.0,
    days: tuple[int, int] = (-1, 3),
    clouds: list[float] | None = None,
) -> Block:
    """Production of one kWp under a clear sky, each 8 h under other clouds."""
    start = now.replace(hour=0) + days[0] * timedelta(days=1)
    fine = np.arange((days[1] - days[0]) * 288)
    hours = (fine + 0.5) / 12
    day = start.timetuple().tm_yday + hours // 24
    sun = sun_at(day, hours + equation_of_time(day), longitude)
    kw = clear_sky_kw_per_kwp(sun, latitude, Orientation(tilt, azimuth))
    if clouds is not None:
        kw = kw * np.resize(np.repeat(clouds, 96), len(kw))
    wh = kw.reshape(-1, minutes // 5).mean(axis=1) * 1000 * minutes / 60
    return Block(start, timedelta(minutes=minutes), {P: wh})


def moved(block: Block, by: timedelta) -> Block:
    """The same energies at another time."""
    return Block(block.start + by, block.step, block.energies)


def scaled(block: Block, factor: float) -> Block:
    """The same curve, higher or lower."""
    return Block(block.start, block.step, {P: block.energies[P] * factor})


# Laws


@given(
    INSTANTS, STEPS, LATITUDES, LONGITUDES, st.floats(0, 60), st.floats(-90, 90), CLOUDS
)
def test_good_forecast_is_believed(
    now: datetime,
    minutes: int,
    latitude: float,
    longitude: float,
    tilt: float,
    azimuth: float,
    clouds: list[float],
) -> None:
    """Wherever, whenever, wherever the panels look and whatever the clouds."""
    block = forecast(
        now, minutes=minutes, latitude=latitude, longitude=longitude, tilt=tilt,
        azimuth=azimuth, clouds=clouds,
    )  # fmt: skip
    assert looks_wrong([block], now, longitude) is None


@given(
    INSTANTS, STEPS, st.floats(41, 51), st.floats(-5, 9), st.floats(0, 40),
    st.sampled_from([-1, 1]),
)  # fmt: skip
def test_hour_of_slip_is_seen(
    now: datetime,
    minutes: int,
    latitude: float,
    longitude: float,
    tilt: float,
    hours: int,
) -> None:
    """Either way, under a clear sky, with panels that look south."""
    block = forecast(
        now, minutes=minutes, latitude=latitude, longitude=longitude, tilt=tilt
    )
    found = looks_wrong([moved(block, hours * HOUR)], now, longitude)
    assert found is ForecastProblem.SHIFTED


@given(INSTANTS, st.integers(2, 400), LONGITUDES)
def test_old_forecast_is_of_another_day(
    now: datetime, days: int, longitude: float
) -> None:
    """Whose last day is over."""
    old = forecast(now - days * timedelta(days=1), longitude=longitude, days=(-1, 2))
    assert looks_wrong([old], now, longitude) is ForecastProblem.WRONG_DAY


# Vectors


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        pytest.param(forecast(), None, id="good"),
        pytest.param(scaled(forecast(), 0), ForecastProblem.ALL_ZERO, id="zeros"),
        pytest.param(scaled(forecast(), -1), ForecastProblem.NEGATIVE, id="negative"),
        pytest.param(scaled(forecast(), math.nan), ForecastProblem.WRONG_DAY, id="holes"),
        pytest.param(
            moved(forecast(), timedelta(days=-4)), ForecastProblem.WRONG_DAY, id="past"
        ),
        pytest.param(
            moved(forecast(), timedelta(days=9)), ForecastProblem.WRONG_DAY, id="future"
        ),
        pytest.param(moved(forecast(), HOUR), ForecastProblem.SHIFTED, id="an hour late"),
        pytest.param(
            moved(forecast(), 12 * HOUR), ForecastProblem.ALL_ZERO, id="night for day"
        ),
        pytest.param(moved(forecast(), timedelta(minutes=15)), None, id="a quarter late"),
        pytest.param(
            forecast(tilt=60, azimuth=-90, minutes=60), None, id="steep, to the east"
        ),
    ],
)  # fmt: skip
def test_problem(block: Block, problem: ForecastProblem | None) -> None:
    """On a morning in June."""
    assert looks_wrong([block], NOW, CHATEAUROUX) is problem


def test_no_forecast_is_of_no_day() -> None:
    """Nothing at all, and another quantity."""
    assert looks_wrong([], NOW, CHATEAUROUX) is ForecastProblem.WRONG_DAY
    other = looks_wrong([forecast()], NOW, CHATEAUROUX, Quantity.SHARED_INJECTION)
    assert other is ForecastProblem.WRONG_DAY


def test_other_quantity_is_looked_at() -> None:
    """Blocks that lack it are passed over."""
    injected = Block(NOW, HOUR, {Quantity.SHARED_INJECTION: np.zeros(48)})
    found = looks_wrong(
        [forecast(), injected], NOW, CHATEAUROUX, Quantity.SHARED_INJECTION
    )
    assert found is ForecastProblem.ALL_ZERO


def test_standby_of_the_inverter_is_no_production() -> None:
    """A few W at night."""
    block = forecast()
    wh = np.where(block.energies[P] == 0, -0.5, block.energies[P])
    assert (
        looks_wrong([Block(block.start, block.step, {P: wh})], NOW, CHATEAUROUX) is None
    )


def test_what_is_left_of_the_day_may_be_dark() -> None:
    """Known only from two hours after noon: nothing is said of the sun."""
    block = Block(NOW + 5 * HOUR, HOUR, {P: np.zeros(12)})
    assert looks_wrong([block], NOW, CHATEAUROUX) is None


def test_day_cut_by_now_is_not_held_for_shifted() -> None:
    """A forecast that begins at noon has its light in the afternoon."""
    block = forecast(days=(0, 1)).cut(NOW + 3 * HOUR, NOW + 15 * HOUR)
    assert block is not None
    assert looks_wrong([block], NOW, CHATEAUROUX) is None
