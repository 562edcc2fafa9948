"""Answers of Open-Meteo: labels at the end, nulls, negatives, and what cannot be read."""

from datetime import UTC, datetime, timedelta
import json
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.solar import Weather
from custom_components.autoconsommation_collective.sky.errors import (
    WeatherError,
    WeatherProblem,
)
from custom_components.autoconsommation_collective.sky.open_meteo_answer import (
    read_forecast,
    read_observed,
)

NAN = math.nan
FIRST = datetime(2026, 10, 25, tzinfo=UTC)
"""The day of 25 hours in France: nothing of it may show in UTC."""
LIGHT, WARMTH = "global_tilted_irradiance", "temperature_2m"


def answer(
    light: list[Any], warmth: list[Any] | None = None, *, minutes: int = 15
) -> dict[str, Any]:
    """A forecast as the service gives it, labelled at the end of steps."""
    first = int(FIRST.timestamp())
    section = {
        "time": [first + n * minutes * 60 for n in range(len(light))],
        LIGHT: light,
        WARMTH: [10.0] * len(light) if warmth is None else warmth,
    }
    return {
        "latitude": 46.56,
        "longitude": 1.16,
        "generationtime_ms": 0.2,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "minutely_15_units": {"time": "unixtime", LIGHT: "W/m²", WARMTH: "°C"},
        "minutely_15": section,
    }


def observed(light: list[Any], *, minutes: int = 10) -> dict[str, Any]:
    """What satellites saw, as the service gives it."""
    section = answer(light, minutes=minutes)["minutely_15"]
    del section[WARMTH]
    return {"hourly_units": {"time": "unixtime", LIGHT: "W/m²"}, "hourly": section}


def read(values: dict[str, Any]) -> Weather:
    """The forecast in that answer."""
    return read_forecast(json.dumps(values).encode())


# What is read


def test_label_at_the_end_becomes_a_start() -> None:
    """The light labelled 0:00 fell from 23:45 on."""
    weather = read(answer([100, 200.5], [9, 10.5]))
    assert weather.start == FIRST - timedelta(minutes=15)
    assert weather.step == timedelta(minutes=15)
    assert weather.irradiance_w_m2.tolist() == [100, 200.5]
    assert weather.temperature_c.tolist() == [9, 10.5]


def test_satellite_has_its_own_step_and_no_temperature() -> None:
    """Ten minutes over France; what it has not seen yet is a hole."""
    body = json.dumps(observed([0, 150, 160, None])).encode()
    weather = read_observed(body)
    assert weather.start == FIRST - timedelta(minutes=10)
    assert weather.step == timedelta(minutes=10)
    assert weather.irradiance_w_m2.tolist() == pytest.approx(
        [0, 150, 160, NAN], nan_ok=True
    )
    assert all(math.isnan(value) for value in weather.temperature_c)


@given(
    st.lists(st.none() | st.floats(-50, 1500), min_size=2, max_size=30),
    st.sampled_from([10, 15, 30, 60]),
)
def test_light_is_never_negative_and_holes_stay(
    light: list[float | None], minutes: int
) -> None:
    """A null is a hole, a little below zero is night, all else as it came."""
    found = read(answer(light, minutes=minutes)).irradiance_w_m2.tolist()
    assert found == pytest.approx(
        [NAN if value is None else max(value, 0.0) for value in light], nan_ok=True
    )


def test_temperature_may_be_below_zero_or_unknown() -> None:
    """Unlike the light."""
    weather = read(answer([0, 0, 0], [-12.5, None, 3]))
    assert weather.temperature_c.tolist() == pytest.approx([-12.5, NAN, 3], nan_ok=True)


def test_units_need_not_be_told() -> None:
    """They were asked for."""
    values = answer([1, 2])
    del values["minutely_15_units"]
    assert read(values).irradiance_w_m2.tolist() == [1, 2]


# What cannot be read


def altered(path: str, value: Any) -> dict[str, Any]:
    """A good answer with one thing replaced, or taken out where the value is ...."""
    values = answer([100, 200, 300, 400])
    *above, last = path.split(".")
    inner = values
    for name in above:
        inner = inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return values


T = int(FIRST.timestamp())
M = "minutely_15"


@pytest.mark.parametrize(
    ("path", "value", "problem", "field"),
    [
        pytest.param(M, ..., "missing_field", M, id="no section"),
        pytest.param(M, [], "wrong_type", M, id="section is a list"),
        pytest.param(M, None, "wrong_type", M, id="section is null"),
        pytest.param(f"{M}_units", "W", "wrong_type", f"{M}_units", id="units are text"),
        pytest.param(f"{M}.time", ..., "missing_field", f"{M}.time", id="no times"),
        pytest.param(f"{M}.{LIGHT}", ..., "missing_field", f"{M}.{LIGHT}", id="no light"),
        pytest.param(f"{M}.{WARMTH}", ..., "missing_field", f"{M}.{WARMTH}", id="no warmth"),
        pytest.param(f"{M}.{LIGHT}", 3, "wrong_type", f"{M}.{LIGHT}", id="light is a number"),
        pytest.param(f"{M}.{LIGHT}", ["1"] * 4, "wrong_type", f"{M}.{LIGHT}", id="text"),
        pytest.param(f"{M}.{LIGHT}", [True] * 4, "wrong_type", f"{M}.{LIGHT}", id="booleans"),
        pytest.param(f"{M}.{LIGHT}", [[1]] * 4, "wrong_type", f"{M}.{LIGHT}", id="lists"),
        pytest.param(f"{M}.{LIGHT}", [1] * 3, "arrays_differ_in_length", f"{M}.{LIGHT}", id="light too short"),
        pytest.param(f"{M}.{WARMTH}", [1] * 5, "arrays_differ_in_length", f"{M}.{WARMTH}", id="warmth too long"),
        pytest.param(f"{M}.{LIGHT}", [10**400] * 4, "not_a_number", f"{M}.{LIGHT}", id="beyond floats"),
        pytest.param(f"{M}_units.{LIGHT}", "MJ/m²", "wrong_unit", f"{M}.{LIGHT}", id="other unit"),
        pytest.param(f"{M}_units.{WARMTH}", "°F", "wrong_unit", f"{M}.{WARMTH}", id="Fahrenheit"),
        pytest.param(f"{M}_units.time", "iso8601", "wrong_unit", f"{M}.time", id="times as text"),
        pytest.param(f"{M}.time", [T, T + 900, T + 1800, T + 3600], "irregular_times", f"{M}.time", id="a step left out"),
        pytest.param(f"{M}.time", [T] * 4, "irregular_times", f"{M}.time", id="time stands still"),
        pytest.param(f"{M}.time", [T - n * 900 for n in range(4)], "irregular_times", f"{M}.time", id="backwards"),
        pytest.param(f"{M}.time", [T + n * 86400 for n in range(4)], "irregular_times", f"{M}.time", id="days"),
        pytest.param(f"{M}.time", [None] * 4, "irregular_times", f"{M}.time", id="times are null"),
        pytest.param(f"{M}.time", [10**17 + n * 900 for n in range(4)], "irregular_times", f"{M}.time", id="in milliseconds or worse"),
        pytest.param("error", True, "refused", "", id="refused with success"),
    ],
)  # fmt: skip
def test_answer_that_breaks_the_contract(
    path: str, value: Any, problem: str, field: str
) -> None:
    """Told by its field."""
    with pytest.raises(WeatherError) as caught:
        read(altered(path, value))
    assert (caught.value.problem.value, caught.value.field) == (problem, field)
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    "light", [pytest.param([], id="none"), pytest.param([5], id="one")]
)
def test_too_few_steps_to_know_their_length(light: list[int]) -> None:
    """No step can be told from one label."""
    with pytest.raises(WeatherError) as caught:
        read(answer(light))
    assert caught.value.problem is WeatherProblem.IRREGULAR_TIMES


GOOD = json.dumps(answer([100, 200])).encode()


@pytest.mark.parametrize("length", range(0, len(GOOD), 7))
def test_truncated_answer_is_refused(length: int) -> None:
    """Wherever it was cut."""
    with pytest.raises(WeatherError) as caught:
        read_forecast(GOOD[:length])
    assert caught.value.problem is WeatherProblem.NOT_JSON


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b"<html>", WeatherProblem.NOT_JSON, id="a web page"),
        pytest.param(b"\xff\xfe{\x00}\x00", WeatherProblem.NOT_JSON, id="UTF-16"),
        pytest.param(b"[" * 100_000, WeatherProblem.NOT_JSON, id="nested without end"),
        pytest.param(b"9" * 9_999, WeatherProblem.NOT_JSON, id="thousands of digits"),
        pytest.param(b"[]", WeatherProblem.WRONG_TYPE, id="a list"),
        pytest.param(
            GOOD.replace(b"100", b"NaN"), WeatherProblem.NOT_A_NUMBER, id="NaN"
        ),
        pytest.param(
            GOOD.replace(b"100", b"1e999"), WeatherProblem.NOT_A_NUMBER, id="infinite"
        ),
    ],
)
def test_no_answer_at_all(body: bytes, problem: WeatherProblem) -> None:
    """Bytes of any kind."""
    with pytest.raises(WeatherError) as caught:
        read_forecast(body)
    assert caught.value.problem is problem


@given(st.binary(max_size=200))
def test_any_bytes_give_the_typed_error(body: bytes) -> None:
    """And nothing else."""
    with pytest.raises(WeatherError):
        read_forecast(body)
    with pytest.raises(WeatherError):
        read_observed(body)
