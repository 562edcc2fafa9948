"""Conditions of automations, on entities of ours; as thin as the triggers."""

from typing import override

from homeassistant.const import CONF_OPTIONS, STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
import voluptuous as vol

from .entity import of_kind, power_w

CONF_POWER = "power"

SURPLUS_SCHEMA = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
    {vol.Required(CONF_OPTIONS): {vol.Required(CONF_POWER): vol.Coerce(float)}}
)


class IsGoodTime(EntityConditionBase):
    """Whether it is a good time to consume."""

    _domain_specs = {"binary_sensor": DomainSpec()}

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return of_kind(self._hass, entities, "good_time")

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        return entity_state.state == STATE_ON


class SurplusAbove(EntityConditionBase):
    """Whether the estimated surplus of the community is above a power."""

    _domain_specs = {"sensor": DomainSpec()}
    _schema = SURPLUS_SCHEMA

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the power in W."""
        super().__init__(hass, config)
        assert config.options is not None
        self._power_w: float = config.options[CONF_POWER]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return of_kind(self._hass, entities, "estimated_community_surplus")

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        shown = power_w(entity_state)
        return shown is not None and shown > self._power_w


CONDITIONS: dict[str, type[Condition]] = {
    "is_good_time": IsGoodTime,
    "surplus_above": SurplusAbove,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """The conditions, by their names."""
    return CONDITIONS
