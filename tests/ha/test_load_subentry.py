"""Loads that are steered: what is asked of each, refused, kept, changed, taken away."""

from collections.abc import Mapping
from datetime import time, timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.autoconsommation_collective.adapters.loads import (
    ActuatorSettings,
    LoadSensors,
    Means,
    actuator_settings,
    load_sensors,
    load_settings,
)
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.loads import (
    Charging,
    Hours,
    LoadKind,
    LoadSettings,
    NoControl,
    Switching,
    Tank,
    WhenDown,
    Wiring,
)

from .feed import Organiser
from .flows import assert_done, at_load, pick, prefilled, questions, suggested, tell
from .house import NOW, member_entry, set_up, settle_down

pytestmark = pytest.mark.freeze_time(NOW)

TEMPLATES = [
    "water_heater",
    "car",
    "washing_machine",
    "dishwasher",
    "deferrable",
    "surplus",
]
QUARTER = timedelta(minutes=15)
RELAY = Switching(min_on=QUARTER, min_off=QUARTER)
SAFE = {"wiring": "replaces", "when_down": "on"}
"""A board in which the tank is hot without Home Assistant."""


@pytest.fixture
def entry(hass: HomeAssistant) -> ConfigEntry:
    """A delivery point; nothing of it runs."""
    entry = member_entry()
    entry.add_to_hass(hass)
    return entry


@pytest.fixture(autouse=True)
def devices(hass: HomeAssistant) -> None:
    """What stands in the house."""
    shown: dict[str, Mapping[str, Any]] = {
        "switch.relay": {},
        "switch.other_relay": {},
        "light.lamp": {},
        "input_boolean.pump": {},
        "fan.fan": {},
        "humidifier.dryer": {},
        "sensor.power": {"device_class": "power"},
        "sensor.energy": {"device_class": "energy"},
        "sensor.water": {"device_class": "temperature"},
        "sensor.battery": {"device_class": "battery"},
        "binary_sensor.plug": {},
        "select.router": {"options": ["off", "forced", "auto"]},
        "input_select.router": {"options": ["off", "forced", "auto"]},
        "select.silent": {},
        "number.watts": {"min": 0, "max": 3000, "unit_of_measurement": "W"},
        "input_number.watts": {},
        "number.amps": {"min": 0, "max": 32},
        "number.stiff_amps": {"min": 6, "max": 32},
        "button.start": {},
        "button.stop": {},
        "script.start": {},
        "water_heater.tank": {
            "supported_features": 3,
            "operation_list": ["eco", "performance"],
            "min_temp": 40,
            "max_temp": 65,
        },
        "water_heater.simple": {"supported_features": 2, "operation_list": ["a", "b"]},
        "water_heater.bare": {"supported_features": 0},
        "climate.heating": {
            "supported_features": 17,
            "hvac_modes": ["heat", "off"],
            "preset_modes": ["comfort", "away"],
            "min_temp": 7,
            "max_temp": 30,
        },
    }
    for entity_id, attributes in shown.items():
        hass.states.async_set(entity_id, "off", attributes)


def only_load(entry: ConfigEntry) -> ConfigSubentry:
    """The one load of an entry; what is kept of it survives JSON."""
    (load,) = entry.get_subentries_of_type("load")
    assert json.loads(json.dumps(dict(load.data))) == load.data
    return load


def kept(result: SubentryFlowResult, entry: ConfigEntry) -> ConfigSubentry:
    """The load that was made."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    return only_load(entry)


def asks(result: SubentryFlowResult, step_id: str) -> None:
    """The form is the next one, and finds nothing wrong."""
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step_id)
    assert not result["errors"]


# What is asked, and what comes of it


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Water heater"), ("fr", "Chauffe-eau")]
)
async def test_the_first_is_named_after_what_it_is(
    hass: HomeAssistant, entry: ConfigEntry, language: str, name: str
) -> None:
    """In the house's language; a second one needs a name of its own."""
    hass.config.language = language
    result = await at_load(hass, entry, "water_heater")
    assert suggested(result)["name"] == name
    await tell(hass, result)
    assert "name" not in suggested(await at_load(hass, entry, "water_heater"))
    assert "name" not in suggested(await at_load(hass, entry, "surplus"))


async def test_what_it_may_be(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Six templates, the most common first."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "load"), context={"source": "user"}
    )
    assert result["menu_options"] == TEMPLATES


EXPECTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "water_heater": (
        {},
        {
            "kind": LoadKind.WATER_HEATER,
            "power_w": 2200.0,
            "switching": RELAY,
            "ready_by": (time(18),),
            "energy_wh": 5600.0,
            "tank": Tank(200.0, Wiring.REPLACES, WhenDown.UNKNOWN),
        },
    ),
    "car": (
        {"kwh_per_day": 7.0},
        {
            "kind": LoadKind.CAR,
            "power_w": 7360.0,
            "switching": RELAY,
            "ready_by": (time(7),),
            "energy_wh": 7000.0,
            "charging": Charging(is_modulated=False),
        },
    ),
    "washing_machine": (
        {},
        {
            "kind": LoadKind.APPLIANCE,
            "power_w": 400.0,
            "ready_by": (time(19),),
            "energy_wh": 800.0,
            "runs_for": timedelta(hours=2),
        },
    ),
    "dishwasher": (
        {},
        {
            "kind": LoadKind.APPLIANCE,
            "power_w": 400.0,
            "ready_by": (time(19),),
            "energy_wh": 1000.0,
            "runs_for": timedelta(hours=2, minutes=30),
        },
    ),
    "deferrable": (
        {},
        {
            "kind": LoadKind.DEFERRABLE,
            "power_w": 750.0,
            "switching": RELAY,
            "ready_by": (time(20),),
            "runs_for": timedelta(hours=8),
        },
    ),
    "surplus": (
        {"worth_eur_per_kwh": 0.12},
        {
            "kind": LoadKind.SURPLUS,
            "power_w": 1000.0,
            "switching": RELAY,
            "worth_eur_per_kwh": 0.12,
        },
    ),
}
"""By template: what must be answered beside the name, and what comes of it."""


@pytest.mark.parametrize("template", TEMPLATES)
async def test_a_name_is_nearly_enough(
    hass: HomeAssistant, entry: ConfigEntry, template: str
) -> None:
    """Everything else has a usual answer; without anything that switches it, it is advised."""
    needed, expected = EXPECTED[template]
    result = await at_load(hass, entry, template)
    load = kept(await tell(hass, result, name="Mine", **needed), entry)
    assert load.title == "Mine"
    assert load.data["template"] == template
    assert "name" not in load.data
    assert "more" not in load.data
    settings = load_settings(load)
    assert settings == LoadSettings(
        id=load.subentry_id, name="Mine", has_actuator=False, **expected
    )
    assert settings.no_control is NoControl.NO_ACTUATOR
    assert actuator_settings(load) is None
    assert load_sensors(load) == LoadSensors()


SHARED_ANSWERS: dict[str, Any] = {
    "actuator": "switch.relay",
    "power_sensor": "sensor.power",
    "energy_sensor": "sensor.energy",
    "allowed_hours": "10h-17h; 22:00-06:00",
    "priority": 8.0,
    "group": "heat",
    "worth_eur_per_kwh": 0.15,
}
SWITCHED: dict[str, Any] = {
    "min_on_minutes": 30.0,
    "min_off_minutes": 20.0,
    "starts_per_day": 3.0,
}
TOLD: dict[str, Any] = {
    "has_actuator": True,
    "windows": (Hours(time(10), time(17)), Hours(time(22), time(6))),
    "priority": 8,
    "group": "heat",
    "worth_eur_per_kwh": 0.15,
}
THIRTY_TWENTY = Switching(
    min_on=timedelta(minutes=30), min_off=timedelta(minutes=20), starts_per_day=3
)
IN_PARTS = Switching(
    min_on=timedelta(minutes=30),
    min_off=timedelta(minutes=20),
    starts_per_day=3,
    in_parts=True,
)
EVERYTHING: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "water_heater": (
        SWITCHED
        | {
            "in_parts": True,
            "power_w": 1800.0,
            "volume_l": 150.0,
            "ready_by": "06:30:00",
            "kwh_per_day": 4.5,
            "full_heat_hours": 36.0,
            "temperature_sensor": "sensor.water",
            "lowest_c": 45.0,
        },
        {
            "kind": LoadKind.WATER_HEATER,
            "power_w": 1800.0,
            "switching": IN_PARTS,
            "ready_by": (time(6, 30),),
            "energy_wh": 4500.0,
            "tank": Tank(
                150.0,
                Wiring.SERIES,
                WhenDown.CONTACTOR,
                full_heat_every=timedelta(hours=36),
                lowest_c=45.0,
                has_power_sensor=True,
                has_temperature_sensor=True,
            ),
        },
    ),
    "car": (
        SWITCHED
        | {
            "current_entity": "number.stiff_amps",
            "phases": "3",
            "plugged_sensor": "binary_sensor.plug",
            "charge_sensor": "sensor.battery",
            "capacity_kwh": 52.0,
            "target_percent": 80.0,
            "lowest_a": 8.0,
            "highest_a": 20.0,
            "step_a": 2.0,
            "ready_by": "08:00:00",
        },
        {
            "kind": LoadKind.CAR,
            "power_w": 13_800.0,
            "switching": THIRTY_TWENTY,
            "ready_by": (time(8),),
            "charging": Charging(3, 8.0, 20.0, 2.0, True, 52.0, 0.8),
        },
    ),
    "washing_machine": (
        {"kwh_per_run": 0.5, "runs_for": {"hours": 1, "minutes": 15}},
        {
            "kind": LoadKind.APPLIANCE,
            "power_w": 400.0,
            "ready_by": (time(19),),
            "energy_wh": 500.0,
            "runs_for": timedelta(minutes=75),
        },
    ),
    "deferrable": (
        SWITCHED
        | {
            "in_parts": True,
            "power_w": 1100.0,
            "hours_per_day": 6.5,
            "ready_by": "00:00:00",
        },
        {
            "kind": LoadKind.DEFERRABLE,
            "power_w": 1100.0,
            "switching": IN_PARTS,
            "ready_by": (time(0),),
            "runs_for": timedelta(hours=6, minutes=30),
        },
    ),
    "surplus": (
        SWITCHED | {"in_parts": True, "power_w": 2000.0, "kwh_per_day": 10.0},
        {
            "kind": LoadKind.SURPLUS,
            "power_w": 2000.0,
            "switching": IN_PARTS,
            "energy_wh": 10_000.0,
        },
    ),
}
"""By template: every question answered otherwise, and what comes of it."""


@pytest.mark.parametrize("template", EVERYTHING)
async def test_every_answer_counts(
    hass: HomeAssistant, entry: ConfigEntry, template: str
) -> None:
    """Each question is answered otherwise than usual, and each answer is found again."""
    answers, expected = EVERYTHING[template]
    answers = SHARED_ANSWERS | answers
    result = await at_load(hass, entry, template)
    unanswered = questions(result).keys() - answers.keys()
    assert unanswered <= {"name", "own_actions", "ready_by", "kwh_per_day"}
    result = await tell(hass, result, name="Mine", **answers)
    if template == "water_heater":
        asks(result, "board")
        result = await tell(hass, result, wiring="series", when_down="contactor")
    load = kept(result, entry)
    assert load_settings(load) == LoadSettings(
        id=load.subentry_id, name="Mine", **(TOLD | expected)
    )
    assert load_settings(load).no_control is None
    assert actuator_settings(load) == ActuatorSettings(
        means=Means.ON_OFF,
        ref="switch.relay",
        current_ref=answers.get("current_entity"),
    )
    assert load_sensors(load) == LoadSensors(
        power_ref="sensor.power",
        energy_ref="sensor.energy",
        water_ref=answers.get("temperature_sensor"),
        plugged_ref=answers.get("plugged_sensor"),
        charge_ref=answers.get("charge_sensor"),
    )


async def test_what_is_cleared_is_not_told(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """A text that is emptied in the section comes as such."""
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Pump", allowed_hours="", group="")
    assert load_settings(kept(result, entry)).windows == ()
    assert "group" not in only_load(entry).data


@pytest.mark.parametrize("sensor", ["power_sensor", "energy_sensor"])
async def test_a_measured_tank_learns(
    hass: HomeAssistant, entry: ConfigEntry, sensor: str
) -> None:
    """Its need is not fixed by its volume."""
    result = await at_load(hass, entry, "water_heater")
    measured = {sensor: f"sensor.{sensor.partition('_')[0]}"}
    settings = load_settings(
        kept(await tell(hass, result, name="Tank", **measured), entry)
    )
    assert settings.energy_wh is None
    assert settings.tank is not None
    assert settings.tank.is_verified


@pytest.mark.parametrize(("phases", "watt"), [("1", 32 * 230.0), ("3", 3 * 16 * 230.0)])
async def test_the_highest_current_follows_the_phases(
    hass: HomeAssistant, entry: ConfigEntry, phases: str, watt: float
) -> None:
    """Where nobody tells it."""
    result = await at_load(hass, entry, "car")
    result = await tell(hass, result, name="Zoé", phases=phases, kwh_per_day=7.0)
    assert load_settings(kept(result, entry)).power_w == watt


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_an_older_version_did_not_ask(template: str) -> None:
    """It is as usual."""
    load = ConfigSubentry(
        data={"template": template},  # type: ignore[arg-type]
        subentry_type="load",
        title="Mine",
        unique_id=None,
    )
    _, expected = EXPECTED[template]
    told = {"energy_wh": None, "worth_eur_per_kwh": None} if template == "car" else {}
    if template == "surplus":
        told = {"worth_eur_per_kwh": None}
    assert load_settings(load) == LoadSettings(
        id=load.subentry_id, name="Mine", has_actuator=False, **(expected | told)
    )


def test_how_it_was_switched_before_it_was_asked() -> None:
    """An entity is on or off, and a current alone stops at zero."""

    def switch(**data: Any) -> ActuatorSettings | None:
        return actuator_settings(
            ConfigSubentry(
                data={"template": "car", **data},  # type: ignore[arg-type]
                subentry_type="load",
                title="Mine",
                unique_id=None,
            )
        )

    assert switch(actuator="switch.a") == ActuatorSettings(
        means=Means.ON_OFF, ref="switch.a"
    )
    assert switch(current_entity="number.a") == ActuatorSettings(
        means=None, current_ref="number.a"
    )


# What stands for on and off


@pytest.mark.parametrize(
    "actuator",
    [
        "switch.relay",
        "input_boolean.pump",
        "light.lamp",
        "fan.fan",
        "humidifier.dryer",
    ],
)
async def test_on_and_off_need_no_words(
    hass: HomeAssistant, entry: ConfigEntry, actuator: str
) -> None:
    """Nothing more is asked."""
    result = await at_load(hass, entry, "deferrable")
    load = kept(await tell(hass, result, name="Pump", actuator=actuator), entry)
    assert actuator_settings(load) == ActuatorSettings(means=Means.ON_OFF, ref=actuator)


@pytest.mark.parametrize(
    ("actuator", "step", "wrong", "errors", "right", "expected"),
    [
        pytest.param(
            actuator,
            "option",
            wrong,
            errors,
            {"for_on": "forced", "for_off": "off", "for_rest": "auto"},
            {
                "means": Means.OPTION,
                "on": "forced",
                "off": "off",
                "rest": "auto",
            },
            id=actuator,
        )
        for actuator, wrong, errors in (
            (
                "select.router",
                {"for_on": "off", "for_off": "off"},
                {"for_off": "same_on_and_off"},
            ),
            (
                "input_select.router",
                {"for_on": "boost", "for_off": "off"},
                {"for_on": "choice_gone"},
            ),
        )
    ]
    + [
        pytest.param(
            "number.watts",
            "value",
            {"for_on": 3500.0, "for_off": -1.0},
            {"for_on": "out_of_reach", "for_off": "out_of_reach"},
            {"for_on": 3000.0, "for_off": 0.0},
            {"means": Means.VALUE, "on": 3000.0, "off": 0.0},
            id="number.watts",
        ),
        pytest.param(
            "input_number.watts",
            "value",
            {"for_on": 1.0, "for_off": 1.0},
            {"for_off": "same_on_and_off"},
            {"for_on": 1.0, "for_off": 0.0},
            {"means": Means.VALUE, "on": 1.0, "off": 0.0},
            id="input_number without limits",
        ),
        pytest.param(
            "water_heater.simple",
            "mode",
            {"for_on": "a", "for_off": "a"},
            {"for_off": "same_on_and_off"},
            {"for_on": "a", "for_off": "b"},
            {"means": Means.MODE, "on": "a", "off": "b"},
            id="water heater with one way",
        ),
        pytest.param(
            "button.start",
            "run",
            {"stop_entity": "button.start"},
            {"stop_entity": "same_on_and_off"},
            {"stop_entity": "button.stop"},
            {"means": Means.RUN, "stop_ref": "button.stop"},
            id="button",
        ),
        pytest.param(
            "script.start",
            "run",
            {"stop_entity": "script.nobody"},
            {"stop_entity": "entity_gone"},
            {"stop_entity": None},
            {"means": Means.RUN},
            id="script that stops by itself",
        ),
    ],
)
async def test_what_stands_for_on_and_off(
    hass: HomeAssistant,
    entry: ConfigEntry,
    actuator: str,
    step: str,
    wrong: dict[str, Any],
    errors: dict[str, str],
    right: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """It is asked where it does not go without saying; a wrong answer is told."""
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Pump", actuator=actuator)
    asks(result, step)
    result = await tell(hass, result, **wrong)
    assert result["errors"] == errors
    assert prefilled(result) == wrong
    load = kept(await tell(hass, result, **right), entry)
    assert actuator_settings(load) == ActuatorSettings(ref=actuator, **expected)


@pytest.mark.parametrize(
    ("actuator", "ways", "way", "wrong", "right"),
    [
        pytest.param(
            "water_heater.tank",
            ["temperature", "mode"],
            "temperature",
            (55.0, 30.0),
            (60.0, 45.0),
            id="water heater by temperature",
        ),
        pytest.param(
            "water_heater.tank",
            ["temperature", "mode"],
            "mode",
            ("boost", "eco"),
            ("performance", "eco"),
            id="water heater by operation",
        ),
        pytest.param(
            "climate.heating",
            ["temperature", "mode", "preset"],
            "mode",
            ("comfort", "off"),
            ("heat", "off"),
            id="thermostat by mode",
        ),
        pytest.param(
            "climate.heating",
            ["temperature", "mode", "preset"],
            "preset",
            ("heat", "away"),
            ("comfort", "away"),
            id="thermostat by preset",
        ),
    ],
)
async def test_several_ways(
    hass: HomeAssistant,
    entry: ConfigEntry,
    actuator: str,
    ways: list[str],
    way: str,
    wrong: tuple[Any, Any],
    right: tuple[Any, Any],
) -> None:
    """What can be set in several ways is asked for one; then what it offers can be chosen."""
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Heating", actuator=actuator)
    assert (result["step_id"], result["menu_options"]) == ("ways", ways)
    result = await pick(hass, result, way)
    asks(result, way)
    result = await tell(hass, result, for_on=wrong[0], for_off=wrong[1])
    assert set(result["errors"].values()) <= {"choice_gone", "out_of_reach"}
    assert len(result["errors"]) == 1
    result = await tell(hass, result, for_on=right[0], for_off=right[1])
    assert actuator_settings(kept(result, entry)) == ActuatorSettings(
        means=Means(way), ref=actuator, on=right[0], off=right[1]
    )


HEAT = [{"action": "switch.turn_on", "target": {"entity_id": "switch.relay"}}]
REST = [{"delay": "00:00:05"}, {"action": "switch.turn_off"}]


async def test_own_actions(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """They stand in for an entity; what cannot run is told, and they are kept as typed."""
    result = await at_load(hass, entry, "surplus")
    result = await tell(
        hass,
        result,
        name="Boiler",
        worth_eur_per_kwh=0.1,
        own_actions=True,
        actuator="switch.relay",
    )
    assert result["errors"] == {"actuator": "actuator_and_actions"}
    result = await tell(hass, result, actuator=None)
    asks(result, "actions")
    result = await tell(hass, result, on_actions=[])
    assert result["errors"] == {"on_actions": "actions_missing"}
    result = await tell(hass, result, on_actions=HEAT, off_actions=[{"beep": 1}])
    assert result["errors"] == {"off_actions": "actions_not_understood"}
    result = await tell(hass, result, off_actions=REST)
    load = kept(result, entry)
    assert actuator_settings(load) == ActuatorSettings(
        means=Means.ACTIONS, on_actions=tuple(HEAT), off_actions=tuple(REST)
    )
    assert load_settings(load).has_actuator


async def test_a_car_by_its_current_alone(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """It must be possible to set it to nothing, or to stop charging otherwise."""
    result = await at_load(hass, entry, "car")
    answers = {"name": "Zoé", "kwh_per_day": 7.0}
    result = await tell(hass, result, **answers, current_entity="number.stiff_amps")
    assert result["errors"] == {"current_entity": "cannot_stop"}
    load = kept(await tell(hass, result, current_entity="number.amps"), entry)
    assert actuator_settings(load) == ActuatorSettings(
        means=None, current_ref="number.amps"
    )
    charging = load_settings(load).charging
    assert charging is not None
    assert charging.is_modulated


async def test_a_current_is_no_switch(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """A number of a car is asked for apart."""
    result = await at_load(hass, entry, "car")
    with pytest.raises(InvalidData) as refused:
        await tell(hass, result, name="Zoé", kwh_per_day=7.0, actuator="number.amps")
    assert refused.value.path == ["actuator"]


async def test_a_current_that_own_actions_stop(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """The current is set by its number, start and stop by the actions."""
    result = await at_load(hass, entry, "car")
    result = await tell(
        hass,
        result,
        name="Zoé",
        kwh_per_day=7.0,
        current_entity="number.stiff_amps",
        own_actions=True,
    )
    load = kept(await tell(hass, result, on_actions=HEAT), entry)
    assert actuator_settings(load) == ActuatorSettings(
        means=Means.ACTIONS,
        on_actions=tuple(HEAT),
        current_ref="number.stiff_amps",
    )


# The board, and what must not be switched


async def at_board(
    hass: HomeAssistant, entry: ConfigEntry, **answers: Any
) -> SubentryFlowResult:
    """Come as far as the board."""
    result = await at_load(hass, entry, "water_heater")
    answers = {"name": "Tank", "actuator": "switch.relay"} | answers
    result = await tell(hass, result, **answers)
    asks(result, "board")
    return result


async def test_the_board_must_be_known(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Nothing is chosen beforehand, and nothing may stay open."""
    result = await at_board(hass, entry)
    assert prefilled(result) == {"shared": False}
    result = await tell(hass, result)
    assert result["errors"] == {
        "wiring": "wiring_missing",
        "when_down": "when_down_missing",
    }
    result = await tell(hass, result, wiring="replaces")
    assert result["errors"] == {"when_down": "when_down_missing"}
    result = await tell(hass, result, when_down="on")
    assert load_settings(kept(result, entry)).no_control is None


async def test_actions_of_a_tank_too(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Whatever switches it, the board is asked for."""
    result = await at_load(hass, entry, "water_heater")
    result = await tell(hass, result, name="Tank", own_actions=True)
    result = await tell(hass, result, on_actions=HEAT)
    asks(result, "board")
    assert load_settings(kept(await tell(hass, result, **SAFE), entry)).has_actuator


REFUSED = {
    "could_stay_cold": ({}, SAFE | {"when_down": "keeps"}),
    "too_large": ({"volume_l": 400.0}, SAFE),
    "shared": ({}, SAFE | {"shared": True}),
}


@pytest.mark.parametrize("reason", REFUSED)
async def test_what_must_not_be_switched(
    hass: HomeAssistant, entry: ConfigEntry, reason: str
) -> None:
    """It is told why, and kept for advice if the user wishes."""
    told, board = REFUSED[reason]
    result = await at_board(hass, entry, **told)
    result = await tell(hass, result, **board)
    assert (result["type"], result["step_id"]) == (
        FlowResultType.MENU,
        f"refused_{reason}",
    )
    assert not entry.subentries
    load = kept(await pick(hass, result, "keep"), entry)
    assert load_settings(load).no_control is NoControl(reason)
    assert load.data["actuator"] == "switch.relay"


async def test_going_back(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """All answers are there, and another one may let it be switched."""
    result = await at_board(hass, entry, volume_l=150.0, group="heat")
    result = await tell(hass, result, wiring="series", when_down="unknown")
    result = await pick(hass, result, "go_back")
    asks(result, "water_heater")
    shown = prefilled(result)
    assert (shown["name"], shown["volume_l"]) == ("Tank", 150)
    assert shown["actuator"] == "switch.relay"
    assert shown["more"]["group"] == "heat"
    result = await tell(hass, result, group=None)
    assert prefilled(result) == {
        "wiring": "series",
        "when_down": "unknown",
        "shared": False,
    }
    load = kept(await tell(hass, result, when_down="contactor"), entry)
    assert load_settings(load).no_control is None
    assert "group" not in load.data


async def test_going_back_to_another_device(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """What stood for on and off with the first is asked anew."""
    result = await at_load(hass, entry, "water_heater")
    result = await tell(hass, result, name="Tank", actuator="select.router")
    result = await tell(hass, result, for_on="forced", for_off="off")
    result = await tell(hass, result, wiring="replaces", when_down="off")
    result = await pick(hass, result, "go_back")
    result = await tell(hass, result, actuator="select.router")
    assert prefilled(result) == {"for_on": "forced", "for_off": "off"}
    result = await tell(hass, result)
    result = await tell(hass, result)
    result = await pick(hass, result, "go_back")
    result = await tell(hass, result, actuator="input_select.router")
    assert prefilled(result) == {}
    result = await tell(hass, result, for_on="auto", for_off="off")
    load = kept(await tell(hass, result, when_down="on"), entry)
    assert actuator_settings(load) == ActuatorSettings(
        means=Means.OPTION, ref="input_select.router", on="auto", off="off"
    )


async def test_a_page_may_be_loaded_again(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """The frontend asks for a step that is shown, as after a lost connection."""
    configure = hass.config_entries.subentries.async_configure
    result = await at_load(hass, entry, "dishwasher")
    assert (await configure(result["flow_id"]))["step_id"] == "appliance"
    result = await at_board(hass, entry)
    assert (await configure(result["flow_id"]))["step_id"] == "board"
    result = await tell(hass, result, **SAFE | {"shared": True})
    assert (await configure(result["flow_id"]))["step_id"] == "refused_shared"
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Heating", actuator="climate.heating")
    assert (await configure(result["flow_id"]))["step_id"] == "ways"


# What is refused


@pytest.mark.parametrize(
    ("template", "answers", "errors"),
    [
        pytest.param(
            "water_heater",
            {"power_w": 2.2},
            {"power_w": "power_w_out_of_range"},
            id="kW for W",
        ),
        pytest.param(
            "deferrable",
            {"power_w": 0.0, "hours_per_day": 25.0},
            {
                "power_w": "power_w_out_of_range",
                "hours_per_day": "hours_per_day_out_of_range",
            },
            id="two fields at once",
        ),
        pytest.param(
            "water_heater",
            {"full_heat_hours": 96.0},
            {"more": "full_heat_hours_out_of_range"},
            id="lukewarm for too long",
        ),
        pytest.param(
            "deferrable",
            {"allowed_hours": "in the afternoon"},
            {"more": "hours_not_understood"},
            id="hours in words",
        ),
        pytest.param(
            "deferrable",
            {"allowed_hours": "10h-25h"},
            {"more": "hours_no_time"},
            id="hours of no clock",
        ),
        pytest.param(
            "surplus",
            {
                "worth_eur_per_kwh": 0.1,
                "allowed_hours": "12:00-12:10; 14:00-14:10",
            },
            {"more": "hours_below_min_on"},
            id="on for longer than allowed",
        ),
        pytest.param(
            "washing_machine",
            {"allowed_hours": "12:00-13:59"},
            {"more": "hours_below_run"},
            id="a wash longer than allowed",
        ),
        pytest.param(
            "deferrable",
            {"allowed_hours": "22:00-06:00", "hours_per_day": 8.5},
            {"more": "hours_below_need"},
            id="more hours than allowed",
        ),
        pytest.param(
            "washing_machine",
            {"runs_for": {"hours": 0, "minutes": 0}},
            {"runs_for": "runs_for_out_of_range"},
            id="a wash without length",
        ),
        pytest.param(
            "surplus", {}, {"worth_eur_per_kwh": "worth_missing"}, id="no worth"
        ),
        pytest.param(
            "surplus",
            {"worth_eur_per_kwh": 12.0},
            {"worth_eur_per_kwh": "worth_eur_per_kwh_out_of_range"},
            id="cents for euros",
        ),
        pytest.param(
            "car", {}, {"kwh_per_day": "need_missing"}, id="a car without need"
        ),
        pytest.param(
            "car",
            {"kwh_per_day": 7.0, "charge_sensor": "sensor.battery"},
            {"more": "charge_incomplete"},
            id="a charge without target",
        ),
        pytest.param(
            "car",
            {"kwh_per_day": 7.0, "phases": "3", "lowest_a": 17.0},
            {"more": "currents_crossed"},
            id="below the usual highest current",
        ),
        pytest.param(
            "car",
            {"kwh_per_day": 7.0, "lowest_a": 10.0, "highest_a": 8.0},
            {"more": "currents_crossed"},
            id="crossed currents",
        ),
        pytest.param(
            "deferrable",
            {"actuator": "switch.nobody"},
            {"actuator": "entity_gone"},
            id="no such entity",
        ),
        pytest.param(
            "water_heater",
            {"temperature_sensor": "sensor.nobody"},
            {"more": "entity_gone"},
            id="no such sensor",
        ),
        pytest.param(
            "deferrable",
            {"actuator": "water_heater.bare"},
            {"actuator": "not_settable"},
            id="a heater that cannot be set",
        ),
        pytest.param(
            "deferrable",
            {"actuator": "select.silent"},
            {"actuator": "not_settable"},
            id="a list without options",
        ),
    ],
)
async def test_what_cannot_be(
    hass: HomeAssistant,
    entry: ConfigEntry,
    template: str,
    answers: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """It is told, what was typed stays, the section opens on an error, and nothing is kept."""
    result = await at_load(hass, entry, template)
    before = prefilled(result)
    assert result["data_schema"] is not None
    assert result["data_schema"].schema["more"].options["collapsed"]
    result = await tell(hass, result, name="Mine", **answers)
    assert result["errors"] == errors
    assert not entry.subentries
    typed = prefilled(result)
    assert answers.items() <= (typed | typed["more"]).items()
    section = result["data_schema"].schema["more"]
    assert section.options["collapsed"] is ("more" not in errors)
    needed, _ = EXPECTED[template]
    back = {field: (before | before["more"]).get(field) for field in answers} | needed
    kept(await tell(hass, result, **back), entry)


async def test_our_own_entities_switch_no_load(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """They would wait for each other."""
    own = er.async_get(hass).async_get_or_create("switch", DOMAIN, "control")
    hass.states.async_set(own.entity_id, "off")
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Pump", actuator=own.entity_id)
    assert result["errors"] == {"actuator": "own_entity"}


async def test_no_two_loads_by_one_switch(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """Also of another delivery point; it is told which load it is."""
    other = member_entry()
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(other, unique_id="another")
    result = await at_load(hass, other, "car")
    await tell(
        hass,
        result,
        name="Zoé",
        kwh_per_day=7.0,
        actuator="switch.relay",
        current_entity="number.amps",
    )
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Pump", actuator="switch.relay")
    assert result["errors"] == {"actuator": "already_used"}
    assert result["description_placeholders"] == {"load": "Zoé"}
    result = await tell(hass, result, actuator="number.amps")
    assert result["errors"] == {"actuator": "already_used"}
    result = await tell(hass, result, actuator="switch.other_relay")
    assert kept(result, entry).data["actuator"] == "switch.other_relay"


# Later


@pytest.mark.parametrize("template", TEMPLATES)
async def test_nothing_changes_by_looking(
    hass: HomeAssistant, entry: ConfigEntry, template: str
) -> None:
    """All forms show what is kept, so that sending them again keeps it."""
    needed, _ = EXPECTED[template]
    actuator = {"actuator": "select.router", "allowed_hours": "8h-20h"}
    result = await at_load(hass, entry, template)
    result = await tell(hass, result, name="Mine", **needed, **actuator)
    result = await tell(hass, result, for_on="forced", for_off="off", for_rest="auto")
    if template == "water_heater":
        result = await tell(hass, result, **SAFE)
    load = kept(result, entry)
    data = dict(load.data)
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    while result["type"] is FlowResultType.FORM:
        assert not result["errors"]
        result = await tell(hass, result)
    assert_done(result, "reconfigure_successful")
    assert only_load(entry).data == data
    assert only_load(entry).title == "Mine"


async def test_something_changes(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Its own switch stays its own; what no longer holds is forgotten."""
    result = await at_board(hass, entry)
    load = kept(await tell(hass, result, **SAFE), entry)
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    asks(result, "water_heater")
    result = await tell(hass, result, power_w=1.0)
    assert result["errors"] == {"power_w": "power_w_out_of_range"}
    result = await tell(hass, result, power_w=1500.0, name="Boiler")
    asks(result, "board")
    result = await tell(hass, result)
    assert_done(result, "reconfigure_successful")
    changed = only_load(entry)
    assert changed.subentry_id == load.subentry_id
    assert (changed.title, changed.data["power_w"]) == ("Boiler", 1500)
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    result = await tell(hass, result, actuator=None)
    assert_done(result, "reconfigure_successful")
    data = only_load(entry).data
    assert not data.keys() & {"actuator", "means", "wiring", "when_down", "shared"}


async def test_a_renamed_switch(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """It is found again, also by another load that wants it."""
    registry = er.async_get(hass)
    relay = registry.async_get_or_create("switch", "shelly", "1", object_id_base="new")
    hass.states.async_set(relay.entity_id, "off")
    result = await at_load(hass, entry, "deferrable")
    load = kept(await tell(hass, result, name="Pump", actuator="switch.new"), entry)
    assert load.data["actuator"] == relay.id
    registry.async_update_entity("switch.new", new_entity_id="switch.renamed")
    hass.states.async_set("switch.renamed", "off")
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    assert prefilled(result)["actuator"] == "switch.renamed"
    result = await at_load(hass, entry, "deferrable")
    result = await tell(hass, result, name="Fan", actuator="switch.renamed")
    assert result["errors"] == {"actuator": "already_used"}


async def test_a_switch_that_is_gone(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """It is told at once: left empty, the load would silently be advised only."""
    result = await at_load(hass, entry, "deferrable")
    answers = {"actuator": "switch.relay", "power_sensor": "sensor.power"}
    load = kept(await tell(hass, result, name="Pump", **answers), entry)
    hass.states.async_remove("switch.relay")
    hass.states.async_remove("sensor.power")
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    assert result["errors"] == {"actuator": "entity_gone", "more": "entity_gone"}
    assert "actuator" not in prefilled(result)
    result = await tell(hass, result, actuator="switch.other_relay")
    assert_done(result, "reconfigure_successful")
    assert only_load(entry).data["actuator"] == "switch.other_relay"


async def test_the_entry_takes_it_into_account(hass: HomeAssistant) -> None:
    """A load that is added, changed or taken away reloads its delivery point."""
    entry = member_entry()
    await set_up(hass, entry)

    async def reloaded(before: object) -> object:
        await settle_down(hass)
        assert entry.runtime_data is not before
        return entry.runtime_data

    result = await at_load(hass, entry, "deferrable")
    load = kept(await tell(hass, result, name="Pump"), entry)
    data = await reloaded(None)
    result = await entry.start_subentry_reconfigure_flow(hass, load.subentry_id)
    await tell(hass, result, hours_per_day=4.0)
    data = await reloaded(data)
    hass.config_entries.async_remove_subentry(entry, load.subentry_id)
    await reloaded(data)
    assert not entry.subentries


async def test_loads_whoever_describes_the_operation(
    hass: HomeAssistant, entry: ConfigEntry, organiser: Organiser
) -> None:
    """An organiser that publishes tells its plants, and no loads."""
    fed = member_entry(organiser)
    fed.add_to_hass(hass)
    assert set(entry.supported_subentry_types) == {"load", "plant"}
    assert set(fed.supported_subentry_types) == {"load"}
