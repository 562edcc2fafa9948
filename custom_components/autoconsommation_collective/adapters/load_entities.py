"""The entities of a load: kept by reference, shown by name, and which of them will not do."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import (
    CONF_ACTUATOR,
    CONF_CHARGE,
    CONF_CURRENT,
    CONF_ENERGY_SENSOR,
    CONF_OWN_ACTIONS,
    CONF_PLUGGED,
    CONF_POWER_SENSOR,
    CONF_STOP,
    CONF_WATER_SENSOR,
    DOMAIN,
    SUBENTRY_LOAD,
)
from .load_means import can_stop, means_of
from .meter import reference, resolve

SWITCHING: Final = frozenset({CONF_ACTUATOR, CONF_CURRENT})
"""Fields with an entity that one load alone may switch."""
ENTITIES: Final = SWITCHING | {
    CONF_STOP,
    CONF_POWER_SENSOR,
    CONF_ENERGY_SENSOR,
    CONF_WATER_SENSOR,
    CONF_PLUGGED,
    CONF_CHARGE,
}
"""Fields with an entity."""


@callback
def referred(hass: HomeAssistant, told: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as they are kept: entities by reference."""
    return {
        field: reference(hass, value) if field in ENTITIES else value
        for field, value in told.items()
    }


@callback
def resolved(hass: HomeAssistant, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept as it is shown: entities by their present names, without those that are gone."""
    shown = {
        field: resolve(hass, value) if field in ENTITIES else value
        for field, value in kept.items()
    }
    return {field: value for field, value in shown.items() if value is not None}


@callback
def entities_gone(hass: HomeAssistant, kept: Mapping[str, Any]) -> dict[str, str]:
    """Fields of the first form whose entity is gone since it was kept, each with the error."""
    gone = ENTITIES & kept.keys() - resolved(hass, kept).keys() - {CONF_STOP}
    return dict.fromkeys(gone, "entity_gone")


@callback
def switched_by(hass: HomeAssistant, but: str | None) -> dict[str, str]:
    """Loads of any delivery point by the entities that switch them, without that subentry."""
    return {
        entity_id: load.title
        for entry in hass.config_entries.async_entries(DOMAIN)
        for load in entry.get_subentries_of_type(SUBENTRY_LOAD)
        if load.subentry_id != but
        for field in SWITCHING & load.data.keys()
        if (entity_id := resolve(hass, load.data[field])) is not None
    }


@callback
def entity_errors(
    hass: HomeAssistant, told: Mapping[str, Any], used: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong with the chosen entities, by field; `used` are switched by other loads."""
    errors: dict[str, str] = {}
    for field in ENTITIES & told.keys():
        if resolve(hass, told[field]) is None:
            errors[field] = "entity_gone"
    for field in SWITCHING & told.keys() - errors.keys():
        entry = er.async_get(hass).async_get(told[field])
        if entry is not None and entry.platform == DOMAIN:
            errors[field] = "own_entity"
        elif told[field] in used:
            errors[field] = "already_used"
        elif not means_of(hass, told[field]):
            errors[field] = "not_settable"
    if CONF_CURRENT in told and not errors and not _stops(hass, told):
        errors[CONF_CURRENT] = "cannot_stop"
    return errors


def _stops(hass: HomeAssistant, told: Mapping[str, Any]) -> bool:
    """Whether a charging point can be stopped: by its switch, or by a current of nothing."""
    is_switched = CONF_ACTUATOR in told or told.get(CONF_OWN_ACTIONS, False)
    return is_switched or can_stop(hass, told[CONF_CURRENT])
