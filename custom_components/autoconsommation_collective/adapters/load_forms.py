"""The questions about a load: what is asked of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import (
    CONF_NAME,
    PERCENTAGE,
    Platform,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
    UnitOfVolume,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_ACTUATOR,
    CONF_ALLOWED_HOURS,
    CONF_CAPACITY,
    CONF_CHARGE,
    CONF_CURRENT,
    CONF_DAILY_KWH,
    CONF_ENERGY_SENSOR,
    CONF_FULL_HEAT,
    CONF_GROUP,
    CONF_HIGHEST_A,
    CONF_HOURS_A_DAY,
    CONF_IN_PARTS,
    CONF_LOAD_POWER,
    CONF_LOWEST_A,
    CONF_LOWEST_C,
    CONF_MIN_OFF,
    CONF_MIN_ON,
    CONF_MORE,
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
    CONF_TARGET,
    CONF_VOLUME,
    CONF_WATER_SENSOR,
    CONF_WHEN_DOWN,
    CONF_WIRING,
    CONF_WORTH,
)
from ..engine.loads import LoadKind, WhenDown, Wiring
from .load_means import ACTUATORS, NUMBERS, number_box
from .load_templates import TEMPLATES


def _sensor(device_class: SensorDeviceClass) -> selector.EntitySelector:
    return selector.EntitySelector(
        selector.EntitySelectorConfig(
            filter=[{"domain": Platform.SENSOR, "device_class": device_class}]
        )
    )


def _entity(domains: Sequence[str]) -> selector.EntitySelector:
    return selector.EntitySelector(selector.EntitySelectorConfig(domain=[*domains]))


def _choice(options: Sequence[str], translation_key: str) -> selector.SelectSelector:
    return selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=[*options],
            translation_key=translation_key,
            mode=selector.SelectSelectorMode.LIST,
        )
    )


SENSOR_OF_CHARGE = selector.EntitySelector(
    selector.EntitySelectorConfig(
        filter=[
            {"domain": Platform.SENSOR, "device_class": SensorDeviceClass.BATTERY},
            {"domain": Platform.SENSOR, "unit_of_measurement": [PERCENTAGE]},
        ]
    )
)
PRICE = number_box("€/kWh")
TEXT = selector.TextSelector()
YES = selector.BooleanSelector()

SELECTORS: Final[Mapping[str, selector.Selector[Any]]] = {
    CONF_NAME: TEXT,
    CONF_ACTUATOR: _entity(ACTUATORS),
    CONF_CURRENT: _entity(NUMBERS),
    CONF_POWER_SENSOR: _sensor(SensorDeviceClass.POWER),
    CONF_ENERGY_SENSOR: _sensor(SensorDeviceClass.ENERGY),
    CONF_WATER_SENSOR: _sensor(SensorDeviceClass.TEMPERATURE),
    CONF_PLUGGED: _entity([Platform.BINARY_SENSOR]),
    CONF_CHARGE: SENSOR_OF_CHARGE,
    CONF_OWN_ACTIONS: YES,
    CONF_LOAD_POWER: number_box(UnitOfPower.WATT),
    CONF_VOLUME: number_box(UnitOfVolume.LITERS),
    CONF_DAILY_KWH: number_box(UnitOfEnergy.KILO_WATT_HOUR),
    CONF_RUN_KWH: number_box(UnitOfEnergy.KILO_WATT_HOUR),
    CONF_CAPACITY: number_box(UnitOfEnergy.KILO_WATT_HOUR),
    CONF_TARGET: number_box(PERCENTAGE),
    CONF_RUNS_FOR: selector.DurationSelector(
        selector.DurationSelectorConfig(enable_second=False)
    ),
    CONF_HOURS_A_DAY: number_box(UnitOfTime.HOURS),
    CONF_READY_BY: selector.TimeSelector(),
    CONF_FULL_HEAT: number_box(UnitOfTime.HOURS),
    CONF_LOWEST_C: number_box(UnitOfTemperature.CELSIUS),
    CONF_PHASES: _choice(["1", "3"], "phases"),
    CONF_LOWEST_A: number_box(UnitOfElectricCurrent.AMPERE),
    CONF_HIGHEST_A: number_box(UnitOfElectricCurrent.AMPERE),
    CONF_STEP_A: number_box(UnitOfElectricCurrent.AMPERE),
    CONF_WORTH: PRICE,
    CONF_MIN_ON: number_box(UnitOfTime.MINUTES),
    CONF_MIN_OFF: number_box(UnitOfTime.MINUTES),
    CONF_STARTS: number_box(),
    CONF_ALLOWED_HOURS: TEXT,
    CONF_PRIORITY: selector.NumberSelector(
        selector.NumberSelectorConfig(min=1, max=10, step=1)
    ),
    CONF_GROUP: TEXT,
    CONF_IN_PARTS: YES,
}
FIRST: Final = {
    LoadKind.WATER_HEATER: (
        CONF_NAME,
        CONF_ACTUATOR,
        CONF_POWER_SENSOR,
        CONF_LOAD_POWER,
        CONF_VOLUME,
        CONF_READY_BY,
    ),
    LoadKind.CAR: (
        CONF_NAME,
        CONF_ACTUATOR,
        CONF_CURRENT,
        CONF_PHASES,
        CONF_DAILY_KWH,
        CONF_READY_BY,
        CONF_PLUGGED,
    ),
    LoadKind.APPLIANCE: (
        CONF_NAME,
        CONF_ACTUATOR,
        CONF_RUN_KWH,
        CONF_RUNS_FOR,
        CONF_READY_BY,
    ),
    LoadKind.DEFERRABLE: (
        CONF_NAME,
        CONF_ACTUATOR,
        CONF_LOAD_POWER,
        CONF_HOURS_A_DAY,
        CONF_READY_BY,
    ),
    LoadKind.SURPLUS: (
        CONF_NAME,
        CONF_ACTUATOR,
        CONF_LOAD_POWER,
        CONF_WORTH,
        CONF_DAILY_KWH,
    ),
}
"""What is asked of each kind before all else."""
_WHEN = (CONF_ALLOWED_HOURS, CONF_PRIORITY, CONF_GROUP)
_SWITCHED = (CONF_MIN_ON, CONF_MIN_OFF, CONF_STARTS)
_MEASURED = (CONF_POWER_SENSOR, CONF_ENERGY_SENSOR)
MORE: Final = {
    LoadKind.WATER_HEATER: (
        CONF_DAILY_KWH,
        CONF_FULL_HEAT,
        CONF_ENERGY_SENSOR,
        CONF_WATER_SENSOR,
        CONF_LOWEST_C,
        *_WHEN,
        CONF_WORTH,
        *_SWITCHED,
        CONF_IN_PARTS,
        CONF_OWN_ACTIONS,
    ),
    LoadKind.CAR: (
        CONF_CHARGE,
        CONF_CAPACITY,
        CONF_TARGET,
        CONF_LOWEST_A,
        CONF_HIGHEST_A,
        CONF_STEP_A,
        *_MEASURED,
        *_WHEN,
        CONF_WORTH,
        *_SWITCHED,
        CONF_OWN_ACTIONS,
    ),
    # It runs as a whole, as soon as it may: nothing is to be switched in between.
    LoadKind.APPLIANCE: (*_MEASURED, *_WHEN, CONF_WORTH, CONF_OWN_ACTIONS),
    LoadKind.DEFERRABLE: (
        *_MEASURED,
        *_WHEN,
        CONF_WORTH,
        *_SWITCHED,
        CONF_IN_PARTS,
        CONF_OWN_ACTIONS,
    ),
    LoadKind.SURPLUS: (
        *_MEASURED,
        *_WHEN,
        *_SWITCHED,
        CONF_IN_PARTS,
        CONF_OWN_ACTIONS,
    ),
}
"""What is asked of each kind in the section that is closed at first."""

BOARD_SCHEMA = vol.Schema(
    {
        # Optional, and refused when empty: of a required choice the frontend takes the first.
        vol.Optional(CONF_WIRING): _choice([*Wiring], CONF_WIRING),
        vol.Optional(CONF_WHEN_DOWN): _choice([*WhenDown], CONF_WHEN_DOWN),
        vol.Required(CONF_SHARED, default=False): YES,
    }
)


def load_schema(template: str, *, collapsed: bool = True) -> vol.Schema:
    """The form of a template, filled with its usual answers."""
    kind, usual = TEMPLATES[template].kind, TEMPLATES[template].usual
    selectors = dict(SELECTORS)
    if kind is LoadKind.CAR:
        # A number sets its current, which is asked for apart.
        others = [domain for domain in ACTUATORS if domain not in NUMBERS]
        selectors[CONF_ACTUATOR] = _entity(others)

    def questions(fields: Sequence[str]) -> dict[vol.Marker, Any]:
        return {_marker(field, usual): selectors[field] for field in fields}

    more = section(vol.Schema(questions(MORE[kind])), {"collapsed": collapsed})
    return vol.Schema(questions(FIRST[kind]) | {vol.Required(CONF_MORE): more})


def _marker(field: str, usual: Mapping[str, Any]) -> vol.Marker:
    if field in usual:
        return vol.Required(field, default=usual[field])
    return vol.Required(field) if field == CONF_NAME else vol.Optional(field)
