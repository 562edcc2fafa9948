"""A load as a member described it: as it is kept, as the engine and its switch use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from ..const import (
    CONF_ACTUATOR,
    CONF_ALLOWED_HOURS,
    CONF_CAPACITY,
    CONF_CHARGE,
    CONF_CURRENT,
    CONF_DAILY_KWH,
    CONF_ENERGY_SENSOR,
    CONF_FOR_OFF,
    CONF_FOR_ON,
    CONF_FOR_REST,
    CONF_FULL_HEAT,
    CONF_GROUP,
    CONF_HIGHEST_A,
    CONF_HOURS_A_DAY,
    CONF_IN_PARTS,
    CONF_LOAD_POWER,
    CONF_LOWEST_A,
    CONF_LOWEST_C,
    CONF_MEANS,
    CONF_MIN_OFF,
    CONF_MIN_ON,
    CONF_OFF_ACTIONS,
    CONF_ON_ACTIONS,
    CONF_OWN_ACTIONS,
    CONF_PHASES,
    CONF_PLUGGED,
    CONF_POWER_SENSOR,
    CONF_PRIORITY,
    CONF_READY_BY,
    CONF_RUN_KWH,
    CONF_RUNS_FOR,
    CONF_SHARED,
    CONF_STARTS,
    CONF_STEP_A,
    CONF_STOP,
    CONF_TARGET,
    CONF_TEMPLATE,
    CONF_VOLUME,
    CONF_WATER_SENSOR,
    CONF_WHEN_DOWN,
    CONF_WIRING,
    CONF_WORTH,
)
from ..engine.blocks import HOUR
from ..engine.hot_water import usual_need_wh
from ..engine.hours import parse_hours
from ..engine.indicators import WH_PER_KWH
from ..engine.loads import (
    Charging,
    Hours,
    LoadKind,
    LoadSettings,
    Switching,
    Tank,
    WhenDown,
    Wiring,
)
from .load_templates import TEMPLATES

USUAL_HIGHEST_A: Final = {1: 32.0, 3: 16.0}
"""By phases, where nothing is told: charging points of 7.4 and 11 kW."""


class Means(StrEnum):
    """How a load is switched."""

    ON_OFF = "on_off"
    """An entity that is on or off."""
    OPTION = "option"
    VALUE = "value"
    TEMPERATURE = "temperature"
    MODE = "mode"
    """Operation of a water heater, mode of a thermostat."""
    PRESET = "preset"
    RUN = "run"
    """A button or a script: what it did cannot be read back."""
    ACTIONS = "actions"
    """The user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActuatorSettings:
    """What switches a load, and how. Entities by reference."""

    means: Means | None
    """None of a car whose current alone is set: zero stops it."""
    ref: str | None = None
    """None with own actions."""
    on: str | float | None = None
    """What stands for on: an option, a number, a temperature, a mode; None: on itself."""
    off: str | float | None = None
    rest: str | None = None
    """Option that leaves the device to itself; None: it is left as it was found."""
    stop_ref: str | None = None
    """Button or script that stops it; None: it stops by itself."""
    on_actions: tuple[Mapping[str, Any], ...] = ()
    """Steps of a script as they were typed: to be validated before they run."""
    off_actions: tuple[Mapping[str, Any], ...] = ()
    current_ref: str | None = None
    """Number that sets a car's current, in A of each phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSensors:
    """What is measured of a load. Entities by reference; None: nothing measures it."""

    power_ref: str | None = None
    energy_ref: str | None = None
    water_ref: str | None = None
    """Temperature of a tank."""
    plugged_ref: str | None = None
    charge_ref: str | None = None
    """State of charge of a car, in %."""


def has_actuator(told: Mapping[str, Any]) -> bool:
    """Whether anything was named that switches the load."""
    return (
        CONF_ACTUATOR in told
        or CONF_CURRENT in told
        or bool(told.get(CONF_OWN_ACTIONS, False))
    )


def actuator_settings(subentry: ConfigSubentry) -> ActuatorSettings | None:
    """What switches a load; None where only advice is given."""
    told = subentry.data
    if not has_actuator(told):
        return None
    means = told.get(CONF_MEANS, Means.ON_OFF if CONF_ACTUATOR in told else None)
    return ActuatorSettings(
        means=Means(means) if means else None,
        ref=told.get(CONF_ACTUATOR),
        on=told.get(CONF_FOR_ON),
        off=told.get(CONF_FOR_OFF),
        rest=told.get(CONF_FOR_REST),
        stop_ref=told.get(CONF_STOP),
        on_actions=tuple(told.get(CONF_ON_ACTIONS, ())),
        off_actions=tuple(told.get(CONF_OFF_ACTIONS, ())),
        current_ref=told.get(CONF_CURRENT),
    )


def load_sensors(subentry: ConfigSubentry) -> LoadSensors:
    """What is measured of a load."""
    told = subentry.data
    return LoadSensors(
        power_ref=told.get(CONF_POWER_SENSOR),
        energy_ref=told.get(CONF_ENERGY_SENSOR),
        water_ref=told.get(CONF_WATER_SENSOR),
        plugged_ref=told.get(CONF_PLUGGED),
        charge_ref=told.get(CONF_CHARGE),
    )


def load_settings(subentry: ConfigSubentry) -> LoadSettings:
    """A load as the engine takes it; what was not asked yet when it was told is as usual."""
    template = TEMPLATES[subentry.data[CONF_TEMPLATE]]
    told = {**template.usual, **subentry.data}
    kind = template.kind
    charging = _charging(told) if kind is LoadKind.CAR else None
    energy_wh = _energy_wh(kind, told)
    runs_for = _runs_for(kind, told)
    if charging:
        power_w = charging.power_w(charging.highest_a)
    elif kind is LoadKind.APPLIANCE:
        assert energy_wh is not None and runs_for is not None
        power_w = energy_wh / (runs_for / HOUR)
    else:
        power_w = told[CONF_LOAD_POWER]
    return LoadSettings(
        id=subentry.subentry_id,
        name=subentry.title,
        kind=kind,
        power_w=power_w,
        has_actuator=has_actuator(told),
        switching=_switching(told),
        windows=_windows(told),
        ready_by=_ready_by(told),
        energy_wh=energy_wh,
        runs_for=runs_for,
        worth_eur_per_kwh=told.get(CONF_WORTH),
        priority=int(told[CONF_PRIORITY]),
        group=told.get(CONF_GROUP),
        tank=_tank(told) if kind is LoadKind.WATER_HEATER else None,
        charging=charging,
    )


def _energy_wh(kind: LoadKind, told: Mapping[str, Any]) -> float | None:
    """Told; else, of a tank that nothing measures, what is usual: it cannot be learned."""
    field = CONF_RUN_KWH if kind is LoadKind.APPLIANCE else CONF_DAILY_KWH
    if field in told:
        return float(told[field] * WH_PER_KWH)
    if kind is LoadKind.WATER_HEATER and not _measures_draw(told):
        return usual_need_wh(told[CONF_VOLUME])
    return None


def _measures_draw(told: Mapping[str, Any]) -> bool:
    return CONF_POWER_SENSOR in told or CONF_ENERGY_SENSOR in told


def _runs_for(kind: LoadKind, told: Mapping[str, Any]) -> timedelta | None:
    match kind:
        case LoadKind.APPLIANCE:
            return timedelta(**told[CONF_RUNS_FOR])
        case LoadKind.DEFERRABLE:
            return timedelta(hours=told[CONF_HOURS_A_DAY])
        case _:
            return None


def _switching(told: Mapping[str, Any]) -> Switching:
    starts = told.get(CONF_STARTS)
    return Switching(
        min_on=timedelta(minutes=told.get(CONF_MIN_ON, 0)),
        min_off=timedelta(minutes=told.get(CONF_MIN_OFF, 0)),
        starts_per_day=None if starts is None else int(starts),
        in_parts=told.get(CONF_IN_PARTS, False),
    )


def _windows(told: Mapping[str, Any]) -> tuple[Hours, ...]:
    if CONF_ALLOWED_HOURS not in told:
        return ()
    return tuple(Hours(p.start, p.end) for p in parse_hours(told[CONF_ALLOWED_HOURS]))


def _ready_by(told: Mapping[str, Any]) -> tuple[time, ...]:
    if CONF_READY_BY not in told:
        return ()
    return (time.fromisoformat(told[CONF_READY_BY]),)


def _tank(told: Mapping[str, Any]) -> Tank:
    """Without an actuator nothing was asked of the board, and nothing is switched."""
    return Tank(
        volume_l=told[CONF_VOLUME],
        wiring=Wiring(told.get(CONF_WIRING, Wiring.REPLACES)),
        when_down=WhenDown(told.get(CONF_WHEN_DOWN, WhenDown.UNKNOWN)),
        is_shared=told.get(CONF_SHARED, False),
        full_heat_every=timedelta(hours=told[CONF_FULL_HEAT]),
        lowest_c=told.get(CONF_LOWEST_C),
        has_power_sensor=_measures_draw(told),
        has_temperature_sensor=CONF_WATER_SENSOR in told,
    )


def _charging(told: Mapping[str, Any]) -> Charging:
    phases = int(told[CONF_PHASES])
    target = told.get(CONF_TARGET)
    return Charging(
        phases=phases,
        lowest_a=told[CONF_LOWEST_A],
        highest_a=told.get(CONF_HIGHEST_A, USUAL_HIGHEST_A[phases]),
        step_a=told[CONF_STEP_A],
        is_modulated=CONF_CURRENT in told,
        capacity_kwh=told.get(CONF_CAPACITY),
        target_soc=None if target is None else target / 100,
    )
