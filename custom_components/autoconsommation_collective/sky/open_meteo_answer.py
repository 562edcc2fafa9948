"""Answers of Open-Meteo, from bytes to the weather they tell."""

from datetime import UTC, datetime, timedelta
import json
import math
from typing import Never

import numpy as np

from ..engine.blocks import HOUR
from ..engine.solar import Series, Weather
from .errors import WeatherError, WeatherProblem

IRRADIANCE = "global_tilted_irradiance"
TEMPERATURE = "temperature_2m"

_UNITS = {"time": "unixtime", IRRADIANCE: "W/m²", TEMPERATURE: "°C"}

_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
"""Bounds every sum of dates."""


def read_forecast(body: bytes) -> Weather:
    """The weather of a forecast's answer. Raises WeatherError where it cannot be read."""
    return _weather(body, "minutely_15", temperature=True)


def read_observed(body: bytes) -> Weather:
    """What satellites saw, all temperatures holes. Raises WeatherError."""
    return _weather(body, "hourly", temperature=False)


def _weather(body: bytes, section: str, *, temperature: bool) -> Weather:
    """The weather of one section, from labels at the end of steps to starts.

    The light is the mean of the step that ends at its label; the temperature is that of the
    label, which a quarter of an hour changes by less than the model can use.
    """
    answer = _answer(body)
    values = _object(answer, section)
    units = _object(answer, f"{section}_units") if f"{section}_units" in answer else {}
    columns = {}
    for name in ("time", IRRADIANCE, *([TEMPERATURE] if temperature else [])):
        field = f"{section}.{name}"
        columns[name] = _column(values, name, field)
        if units.get(name, _UNITS[name]) != _UNITS[name]:
            raise WeatherError(WeatherProblem.WRONG_UNIT, field)
        if len(columns[name]) != len(columns["time"]):
            raise WeatherError(WeatherProblem.ARRAYS_DIFFER_IN_LENGTH, field)
    first_end, step = _steps(columns["time"], f"{section}.time")
    light = columns[IRRADIANCE]
    return Weather(
        start=first_end - step,
        step=step,
        # Night comes out a little below zero at times.
        irradiance_w_m2=np.maximum(light, 0.0),
        temperature_c=columns.get(TEMPERATURE, np.full(len(light), math.nan)),
    )


def _answer(body: bytes) -> dict[str, object]:
    """The answer as JSON values."""
    try:
        answer = json.loads(body.decode(), parse_constant=_no_number)
    except ValueError, RecursionError:
        raise WeatherError(WeatherProblem.NOT_JSON) from None
    if type(answer) is not dict:
        raise WeatherError(WeatherProblem.WRONG_TYPE)
    if answer.get("error"):
        # Some refusals come with a status of success; the reason may repeat the place.
        raise WeatherError(WeatherProblem.REFUSED)
    return answer


def _no_number(_: str) -> Never:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise WeatherError(WeatherProblem.NOT_A_NUMBER)


def _object(answer: dict[str, object], field: str) -> dict[str, object]:
    """The object in a field of the answer."""
    if field not in answer:
        raise WeatherError(WeatherProblem.MISSING_FIELD, field)
    value = answer[field]
    if type(value) is not dict:
        raise WeatherError(WeatherProblem.WRONG_TYPE, field)
    return value


def _column(values: dict[str, object], name: str, field: str) -> Series:
    """Numbers of a section's array; nulls are holes."""
    if name not in values:
        raise WeatherError(WeatherProblem.MISSING_FIELD, field)
    items = values[name]
    if type(items) is not list:
        raise WeatherError(WeatherProblem.WRONG_TYPE, field)
    # A boolean passes for a number in Python.
    if not all(item is None or type(item) in {int, float} for item in items):
        raise WeatherError(WeatherProblem.WRONG_TYPE, field)
    try:
        column = np.array(
            [math.nan if item is None else item for item in items], dtype=np.float64
        )
    except OverflowError:
        raise WeatherError(WeatherProblem.NOT_A_NUMBER, field) from None
    if np.isinf(column).any():
        raise WeatherError(WeatherProblem.NOT_A_NUMBER, field)
    return column


def _steps(times: Series, field: str) -> tuple[datetime, timedelta]:
    """End of the first step and the length of all."""
    if len(times) < 2 or not ((times > 0) & (times < _LATEST)).all():
        raise WeatherError(WeatherProblem.IRREGULAR_TIMES, field)
    seconds = float(times[1] - times[0])
    if not (0 < seconds <= HOUR.total_seconds() and (np.diff(times) == seconds).all()):
        raise WeatherError(WeatherProblem.IRREGULAR_TIMES, field)
    return datetime.fromtimestamp(times[0], UTC), timedelta(seconds=seconds)
