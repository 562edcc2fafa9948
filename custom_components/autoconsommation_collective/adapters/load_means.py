"""What stands for on and off with the entity that switches a load, or in place of one."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.climate import (
    ATTR_HVAC_MODES,
    ATTR_MAX_TEMP,
    ATTR_MIN_TEMP,
    ATTR_PRESET_MODE,
    ATTR_PRESET_MODES,
    ClimateEntityFeature,
)
from homeassistant.components.number import ATTR_MAX, ATTR_MIN
from homeassistant.components.select import ATTR_OPTIONS
from homeassistant.components.water_heater import (
    ATTR_OPERATION_LIST,
    WaterHeaterEntityFeature,
)
from homeassistant.const import (
    ATTR_SUPPORTED_FEATURES,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.helpers import config_validation as cv, selector
import voluptuous as vol

from ..const import (
    CONF_FOR_OFF,
    CONF_FOR_ON,
    CONF_FOR_REST,
    CONF_OFF_ACTIONS,
    CONF_ON_ACTIONS,
    CONF_STOP,
)
from .loads import Means

NUMBERS: Final = (Platform.NUMBER, "input_number")
STARTERS: Final = (Platform.BUTTON, "script")
MEANS: Final = {
    Platform.SWITCH: Means.ON_OFF,
    "input_boolean": Means.ON_OFF,
    Platform.LIGHT: Means.ON_OFF,
    Platform.FAN: Means.ON_OFF,
    Platform.HUMIDIFIER: Means.ON_OFF,
    Platform.SELECT: Means.OPTION,
    "input_select": Means.OPTION,
    **dict.fromkeys(NUMBERS, Means.VALUE),
    **dict.fromkeys(STARTERS, Means.RUN),
}
"""By domain of the entity; what is not here can be set in more than one way."""
ACTUATORS: Final = (*MEANS, Platform.CLIMATE, Platform.WATER_HEATER)
"""Domains of the entities that can switch a load."""

CHOICES: Final = {
    Means.OPTION: (ATTR_OPTIONS,),
    Means.MODE: (ATTR_HVAC_MODES, ATTR_OPERATION_LIST),
    Means.PRESET: (ATTR_PRESET_MODES,),
}
"""Attributes in which an entity tells what it can be set to."""
REACH: Final = {
    Means.VALUE: (ATTR_MIN, ATTR_MAX),
    Means.TEMPERATURE: (ATTR_MIN_TEMP, ATTR_MAX_TEMP),
}
"""Attributes in which it tells the limits."""

TEMPERED: Final = {
    Platform.CLIMATE: ClimateEntityFeature.TARGET_TEMPERATURE,
    Platform.WATER_HEATER: WaterHeaterEntityFeature.TARGET_TEMPERATURE,
}


STOP = selector.EntitySelector(selector.EntitySelectorConfig(domain=[*STARTERS]))


def number_box(unit: str | None = None) -> selector.NumberSelector:
    """A number in a box; its limits are checked afterwards, so that the reason can be told."""
    config = selector.NumberSelectorConfig(
        step="any", mode=selector.NumberSelectorMode.BOX
    )
    if unit:
        config["unit_of_measurement"] = unit
    return selector.NumberSelector(config)


def means_of(hass: HomeAssistant, entity_id: str) -> list[Means]:
    """The ways in which an entity can switch a load, as it tells now; none: it cannot."""
    domain = split_entity_id(entity_id)[0]
    if domain not in TEMPERED:
        means = MEANS[domain]
        can = means not in CHOICES or bool(_choices(hass, entity_id, means))
        return [means] if can else []
    features = _attributes(hass, entity_id).get(ATTR_SUPPORTED_FEATURES, 0)
    found = [Means.TEMPERATURE] if features & TEMPERED[Platform(domain)] else []
    return found + [
        means
        for means in (Means.MODE, Means.PRESET)
        if _choices(hass, entity_id, means)
    ]


def means_schema(
    hass: HomeAssistant, means: Means, entity_id: str | None
) -> vol.Schema:
    """The form of what stands for on and off; the entity is None with actions alone."""
    if means is Means.ACTIONS:
        actions = selector.ActionSelector()
        return vol.Schema(
            {
                vol.Required(CONF_ON_ACTIONS): actions,
                vol.Optional(CONF_OFF_ACTIONS): actions,
            }
        )
    if means is Means.RUN:
        return vol.Schema({vol.Optional(CONF_STOP): STOP})
    assert entity_id is not None
    value: selector.Selector[Any]
    if means in REACH:
        unit = (
            hass.config.units.temperature_unit
            if means is Means.TEMPERATURE
            else _attributes(hass, entity_id).get(ATTR_UNIT_OF_MEASUREMENT)
        )
        value = number_box(unit)
    else:
        value = _state(entity_id, ATTR_PRESET_MODE if means is Means.PRESET else None)
    schema: dict[vol.Marker, selector.Selector[Any]] = {
        vol.Required(CONF_FOR_ON): value,
        vol.Required(CONF_FOR_OFF): value,
    }
    if means is Means.OPTION:
        schema[vol.Optional(CONF_FOR_REST)] = value
    return vol.Schema(schema)


def means_errors(
    hass: HomeAssistant,
    means: Means,
    entity_id: str | None,
    told: Mapping[str, Any],
) -> dict[str, str]:
    """What is wrong with what stands for on and off, by field."""
    errors: dict[str, str] = {}
    if means is Means.ACTIONS:
        for field in (CONF_ON_ACTIONS, CONF_OFF_ACTIONS):
            try:
                cv.SCRIPT_SCHEMA(told.get(field))
            except vol.Invalid:
                errors[field] = "actions_not_understood"
        if not told[CONF_ON_ACTIONS]:
            errors[CONF_ON_ACTIONS] = "actions_missing"
        return errors
    assert entity_id is not None
    if means is Means.RUN:
        if told.get(CONF_STOP) == entity_id:
            errors[CONF_STOP] = "same_on_and_off"
        return errors
    for field, value in told.items():
        if means in CHOICES and value not in _choices(hass, entity_id, means):
            errors[field] = "choice_gone"
        elif means in REACH and not _reaches(hass, entity_id, means, value):
            errors[field] = "out_of_reach"
    if not errors and told[CONF_FOR_ON] == told[CONF_FOR_OFF]:
        errors[CONF_FOR_OFF] = "same_on_and_off"
    return errors


def can_stop(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether a number that sets a current can be set to nothing."""
    return _reaches(hass, entity_id, Means.VALUE, 0)


def _choices(hass: HomeAssistant, entity_id: str, means: Means) -> list[str]:
    attributes = _attributes(hass, entity_id)
    return [
        choice
        for attribute in CHOICES[means]
        for choice in attributes.get(attribute) or ()
    ]


def _reaches(hass: HomeAssistant, entity_id: str, means: Means, value: float) -> bool:
    """Whether a number lies within the limits; where they are not told, it does."""
    attributes = _attributes(hass, entity_id)
    lowest, highest = (attributes.get(attribute) for attribute in REACH[means])
    return (lowest is None or value >= lowest) and (highest is None or value <= highest)


def _attributes(hass: HomeAssistant, entity_id: str) -> Mapping[str, Any]:
    state = hass.states.get(entity_id)
    return state.attributes if state else {}


def _state(entity_id: str, attribute: str | None) -> selector.StateSelector:
    """One of what an entity can be set to, in the words in which it is shown everywhere."""
    config = selector.StateSelectorConfig(
        entity_id=entity_id, hide_states=[STATE_UNAVAILABLE, STATE_UNKNOWN]
    )
    if attribute:
        config["attribute"] = attribute
    return selector.StateSelector(config)
