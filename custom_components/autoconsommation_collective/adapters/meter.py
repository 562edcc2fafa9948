"""The entities of a meter: how they are referred to, and which can serve as an index.

A reference is an entity-registry id, so that a rename breaks nothing; an entity without
registry entry (YAML without unique_id) is referred to by its entity_id.
"""

from collections.abc import Collection
from typing import cast

from homeassistant.components.sensor import (
    ATTR_LAST_RESET,
    ATTR_STATE_CLASS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
    UnitOfEnergy,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import EnergyConverter

from ..const import DOMAIN
from .meter_tokens import DAILY_PLATFORMS, INDEX_ROLES, read_clue, tells_next_day

CUMULATIVE = frozenset(
    {None, SensorStateClass.TOTAL, SensorStateClass.TOTAL_INCREASING}
)
"""State classes of an index; home-made sensors often have none."""


@callback
def reference(hass: HomeAssistant, entity_id: str) -> str:
    """What to store for an entity, so that it is found again after a rename."""
    entry = er.async_get(hass).async_get(entity_id)
    return entity_id if entry is None else entry.id


@callback
def resolve(hass: HomeAssistant, ref: str) -> str | None:
    """The present entity_id of a reference; None when the entity is gone."""
    registry = er.async_get(hass)
    entity_id = er.async_resolve_entity_id(registry, ref)
    if entity_id is None or registry.async_get(entity_id):
        return entity_id
    return entity_id if hass.states.get(entity_id) else None


def index_wh(state: State) -> float | None:
    """What an index shows, in Wh; None while it shows no number, or no energy."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN) or not _is_energy_unit(unit):
        return None
    try:
        value = float(state.state)
    except ValueError:
        return None
    return EnergyConverter.convert(value, unit, UnitOfEnergy.WATT_HOUR)


@callback
def index_problem(
    hass: HomeAssistant, ref: str, *, used: Collection[str] = ()
) -> str | None:
    """Why an entity cannot be an index, as a translation key; None when it can.

    One of not_found, own_entity, disabled, d_plus_1, not_energy, not_cumulative and
    already_used; used holds the references that other entries count already.
    """
    if ":" in ref:  # an external statistic: hours of yesterday, not an entity
        return "d_plus_1"
    if (entity_id := resolve(hass, ref)) is None:
        return "not_found"
    entry = er.async_get(hass).async_get(entity_id)
    if entry is not None and (problem := _registry_problem(entry)):
        return problem
    if not _measures_energy(hass, entity_id, entry):
        return "not_energy"
    if _attribute(hass, entity_id, entry, ATTR_STATE_CLASS) not in CUMULATIVE:
        return "not_cumulative"
    return "already_used" if reference(hass, entity_id) in used else None


@callback
def resets_daily(hass: HomeAssistant, ref: str) -> bool:
    """Whether an index restarts from zero, as counters of a day do."""
    if (entity_id := resolve(hass, ref)) is None:
        return False
    entry = er.async_get(hass).async_get(entity_id)
    if entry is not None and entry.platform in DAILY_PLATFORMS:
        return True
    state = hass.states.get(entity_id)
    return state is not None and state.attributes.get(ATTR_LAST_RESET) is not None


def _registry_problem(entry: er.RegistryEntry) -> str | None:
    if entry.platform == DOMAIN:
        return "own_entity"
    if entry.disabled:
        return "disabled"
    return "d_plus_1" if tells_next_day(entry.platform, entry.unique_id) else None


def _measures_energy(
    hass: HomeAssistant, entity_id: str, entry: er.RegistryEntry | None
) -> bool:
    """Whether it is a sensor of energy; the unit typed for a label of power is not."""
    if not entity_id.startswith(f"{Platform.SENSOR}."):
        return False
    if entry is not None:
        clue = read_clue(entry.platform, entry.unique_id, entry.original_name)
        if clue is not None and not clue.generic and clue.role not in INDEX_ROLES:
            return False
    device_class = _attribute(hass, entity_id, entry, ATTR_DEVICE_CLASS)
    unit = _attribute(hass, entity_id, entry, ATTR_UNIT_OF_MEASUREMENT)
    return device_class in (None, SensorDeviceClass.ENERGY) and _is_energy_unit(unit)


def _is_energy_unit(unit: str | None) -> bool:
    return unit in EnergyConverter.VALID_UNITS


def _attribute(
    hass: HomeAssistant, entity_id: str, entry: er.RegistryEntry | None, name: str
) -> str | None:
    """An attribute as the state shows it, or as the registry remembers it."""
    state = hass.states.get(entity_id)
    if state is not None and name in state.attributes:
        return cast("str | None", state.attributes[name])
    if entry is None:
        return None
    remembered = {
        ATTR_DEVICE_CLASS: entry.device_class or entry.original_device_class,
        ATTR_UNIT_OF_MEASUREMENT: entry.unit_of_measurement,
        ATTR_STATE_CLASS: (entry.capabilities or {}).get(ATTR_STATE_CLASS),
    }
    return remembered[name]
