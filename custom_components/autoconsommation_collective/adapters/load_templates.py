"""What a load may be described as, each with usual answers to start from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..const import (
    CONF_FULL_HEAT,
    CONF_HOURS_A_DAY,
    CONF_IN_PARTS,
    CONF_LOAD_POWER,
    CONF_LOWEST_A,
    CONF_MIN_OFF,
    CONF_MIN_ON,
    CONF_PHASES,
    CONF_PRIORITY,
    CONF_READY_BY,
    CONF_RUN_KWH,
    CONF_RUNS_FOR,
    CONF_STEP_A,
    CONF_VOLUME,
)
from ..engine.blocks import HOUR
from ..engine.loads import SMALLEST_CURRENT_A, USUAL_FULL_HEAT_EVERY, LoadKind


@dataclass(frozen=True, slots=True)
class Template:
    """What a load may be described as."""

    kind: LoadKind
    usual: Mapping[str, Any]
    """Answers to start from; also to what an older version did not ask."""


_ALWAYS = {CONF_PRIORITY: 5.0}
_RELAY = {CONF_MIN_ON: 15.0, CONF_MIN_OFF: 15.0, CONF_IN_PARTS: False}
"""A quarter of an hour is the settlement step planned by CRE 2023-206: to follow the steps, no
relay need switch more often."""

TEMPLATES: Final = {
    # The most common tank (makers' tables), hot for the evening's baths.
    "water_heater": Template(
        LoadKind.WATER_HEATER,
        _ALWAYS
        | _RELAY
        | {
            CONF_LOAD_POWER: 2200.0,
            CONF_VOLUME: 200.0,
            CONF_READY_BY: "18:00:00",
            CONF_FULL_HEAT: USUAL_FULL_HEAT_EVERY / HOUR,
        },
    ),
    "car": Template(
        LoadKind.CAR,
        _ALWAYS
        | {
            CONF_MIN_ON: 15.0,
            CONF_MIN_OFF: 15.0,
            CONF_PHASES: "1",
            CONF_LOWEST_A: SMALLEST_CURRENT_A,
            CONF_STEP_A: 1.0,
            CONF_READY_BY: "07:00:00",
        },
    ),
    # As the label of a full-size machine of class E tells for the Eco programme (82 and 92 kWh
    # in 100 runs, EPREL, by (EU) 2019/2014 and 2019/2017), in the shorter time of a daily one.
    "washing_machine": Template(
        LoadKind.APPLIANCE,
        _ALWAYS
        | {
            CONF_RUN_KWH: 0.8,
            CONF_RUNS_FOR: {"hours": 2, "minutes": 0},
            CONF_READY_BY: "19:00:00",
        },
    ),
    "dishwasher": Template(
        LoadKind.APPLIANCE,
        _ALWAYS
        | {
            CONF_RUN_KWH: 1.0,
            CONF_RUNS_FOR: {"hours": 2, "minutes": 30},
            CONF_READY_BY: "19:00:00",
        },
    ),
    # The pump of a private pool, for as many hours as half the degrees of its water.
    "deferrable": Template(
        LoadKind.DEFERRABLE,
        _ALWAYS
        | _RELAY
        | {CONF_LOAD_POWER: 750.0, CONF_HOURS_A_DAY: 8.0, CONF_READY_BY: "20:00:00"},
    ),
    "surplus": Template(LoadKind.SURPLUS, _ALWAYS | _RELAY | {CONF_LOAD_POWER: 1000.0}),
}
"""By the word that is kept, in the order in which they are offered."""
