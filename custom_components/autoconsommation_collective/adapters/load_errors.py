"""What is wrong with what was told of a load."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from ..const import (
    CONF_ACTUATOR,
    CONF_ALLOWED_HOURS,
    CONF_CAPACITY,
    CONF_CHARGE,
    CONF_DAILY_KWH,
    CONF_FULL_HEAT,
    CONF_HIGHEST_A,
    CONF_HOURS_A_DAY,
    CONF_LOAD_POWER,
    CONF_LOWEST_A,
    CONF_LOWEST_C,
    CONF_MIN_OFF,
    CONF_MIN_ON,
    CONF_OWN_ACTIONS,
    CONF_PHASES,
    CONF_RUN_KWH,
    CONF_RUNS_FOR,
    CONF_STARTS,
    CONF_STEP_A,
    CONF_TARGET,
    CONF_VOLUME,
    CONF_WHEN_DOWN,
    CONF_WIRING,
    CONF_WORTH,
)
from ..engine.blocks import HOUR, MINUTE
from ..engine.hours import HoursError, parse_hours
from ..engine.loads import SMALLEST_CURRENT_A, LoadKind
from ..engine.tariffs import Period
from .contract import DEAREST_KWH
from .loads import USUAL_HIGHEST_A

DAY: Final = timedelta(days=1)

LIMITS: Final = {
    # From a pump to three phases of 60 A: beyond, kW and W were taken for each other.
    CONF_LOAD_POWER: (20, 40_000),
    CONF_VOLUME: (10, 3_000),
    CONF_DAILY_KWH: (0.1, 200),
    CONF_RUN_KWH: (0.05, 20),
    CONF_HOURS_A_DAY: (0.1, 24),
    # Three days at most: lukewarm water lets bacteria grow.
    CONF_FULL_HEAT: (12, 72),
    CONF_LOWEST_C: (20, 65),
    CONF_WORTH: (0.001, DEAREST_KWH),
    CONF_MIN_ON: (0, 720),
    CONF_MIN_OFF: (0, 720),
    CONF_STARTS: (1, 100),
    CONF_LOWEST_A: (SMALLEST_CURRENT_A, 80),
    CONF_HIGHEST_A: (SMALLEST_CURRENT_A, 80),
    CONF_STEP_A: (0.1, 32),
    CONF_CAPACITY: (5, 250),
    CONF_TARGET: (10, 100),
}
"""Of the numbers; outside, the error is named after the field."""


def load_errors(kind: LoadKind, told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the answers about a load, by field."""
    errors = {
        field: f"{field}_out_of_range"
        for field, (lowest, highest) in LIMITS.items()
        if field in told and not lowest <= told[field] <= highest
    }
    if CONF_ACTUATOR in told and told.get(CONF_OWN_ACTIONS):
        errors[CONF_ACTUATOR] = "actuator_and_actions"
    if kind is LoadKind.APPLIANCE and not MINUTE <= _run(told) <= DAY:
        errors[CONF_RUNS_FOR] = "runs_for_out_of_range"
    if kind is LoadKind.SURPLUS and CONF_WORTH not in told:
        errors[CONF_WORTH] = "worth_missing"
    if kind is LoadKind.CAR:
        errors |= _car_errors(told)
    if not errors and CONF_ALLOWED_HOURS in told:
        errors |= _hours_errors(kind, told)
    return errors


def _car_errors(told: Mapping[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    n_told = sum(field in told for field in (CONF_CHARGE, CONF_CAPACITY, CONF_TARGET))
    if n_told in (1, 2):
        errors[CONF_CHARGE] = "charge_incomplete"
    elif not n_told and CONF_DAILY_KWH not in told:
        errors[CONF_DAILY_KWH] = "need_missing"
    usual = USUAL_HIGHEST_A[int(told[CONF_PHASES])]
    if told.get(CONF_HIGHEST_A, usual) < told[CONF_LOWEST_A]:
        errors[CONF_HIGHEST_A] = "currents_crossed"
    return errors


def _hours_errors(kind: LoadKind, told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the hours, also with what must fit into them."""
    errors: dict[str, str] = {}
    try:
        hours = [_length(period) for period in parse_hours(told[CONF_ALLOWED_HOURS])]
    except HoursError as err:
        return {CONF_ALLOWED_HOURS: f"hours_{err.problem}"}
    if told.get(CONF_MIN_ON, 0) * MINUTE > max(hours):
        errors[CONF_ALLOWED_HOURS] = "hours_below_min_on"
    if kind is LoadKind.APPLIANCE and _run(told) > max(hours):
        errors[CONF_ALLOWED_HOURS] = "hours_below_run"
    if kind is LoadKind.DEFERRABLE and told[CONF_HOURS_A_DAY] * HOUR > sum(
        hours, timedelta(0)
    ):
        errors[CONF_ALLOWED_HOURS] = "hours_below_need"
    return errors


def board_errors(told: Mapping[str, Any]) -> dict[str, str]:
    """What was not answered about the board."""
    return {
        field: f"{field}_missing"
        for field in (CONF_WIRING, CONF_WHEN_DOWN)
        if field not in told
    }


def _run(told: Mapping[str, Any]) -> timedelta:
    return timedelta(**told[CONF_RUNS_FOR])


def _length(period: Period) -> timedelta:
    """Of a part of the day, the one that ends past midnight too."""
    start, end = (
        timedelta(hours=at.hour, minutes=at.minute) for at in (period.start, period.end)
    )
    return (end - start) % DAY
