"""What switches a load: what it shows, and the actions that set it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.climate import ATTR_PRESET_MODE
from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_TEMPERATURE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script, async_validate_actions_config
import voluptuous as vol

from ..const import DOMAIN, LOGGER
from ..engine.actuation import Setting
from ..engine.wanted import OFF, ON
from .loads import ActuatorSettings, Means
from .meter import resolve

OTHER: Final[Setting] = -1.0
"""Neither on nor off: left to itself, or set by somebody to something else."""

TOLERANCE: Final = 0.25
"""Between numbers that are the same: thermostats and chargers round what they are told."""
NUMBER_ACTION: Final = "set_value"
OPTION_ACTION: Final = "select_option"


class Actuator:
    """The device of a load. What can not be read back is thought to be as it was last set."""

    def __init__(self, hass: HomeAssistant, told: ActuatorSettings) -> None:
        """Know nothing of the device yet."""
        self._hass = hass
        self._told = told
        self._assumed: Setting = OFF
        self._has_failed = False

    @property
    def refs(self) -> tuple[str, ...]:
        """References of the entities to follow."""
        told = self._told
        return tuple(ref for ref in (told.ref, told.current_ref) if ref is not None)

    @property
    def is_missing(self) -> bool:
        """Whether an entity of it is gone."""
        return any(resolve(self._hass, ref) is None for ref in self.refs)

    @property
    def is_by_user(self) -> bool:
        """Whether what it shows is known to have been set by a person."""
        states = (self._state(ref) for ref in self.refs)
        return any(state is not None and state.context.user_id for state in states)

    @callback
    def shown(self) -> Setting | None:
        """What it is set to; None while it shows nothing."""
        told = self._told
        is_on: Setting | None = ON
        if told.means in {Means.RUN, Means.ACTIONS}:
            return self._assumed
        if told.means is not None:
            is_on = self._shown_by(told.means)
        if told.current_ref is None or is_on is None or is_on == OFF:
            return is_on
        state = self._state(told.current_ref)
        return None if state is None else _number(state.state)

    def _shown_by(self, means: Means) -> Setting | None:
        state = self._state(self._told.ref)
        if state is None:
            return None
        if means is Means.ON_OFF:
            if state.state == STATE_ON:
                return ON
            return OFF if state.state == STATE_OFF else OTHER
        attributes = state.attributes
        shows: Any = {
            Means.TEMPERATURE: attributes.get(ATTR_TEMPERATURE),
            Means.PRESET: attributes.get(ATTR_PRESET_MODE),
        }.get(means, state.state)
        for setting, value in ((ON, self._told.on), (OFF, self._told.off)):
            if _is_same(shows, value):
                return setting
        return OTHER

    def _state(self, ref: str | None) -> State | None:
        """A state that tells something."""
        entity_id = None if ref is None else resolve(self._hass, ref)
        state = self._hass.states.get(entity_id) if entity_id else None
        silent = {STATE_UNAVAILABLE, STATE_UNKNOWN}
        return None if state is None or state.state in silent else state

    async def async_apply(self, setting: Setting) -> None:
        """Set it so; what fails is sent again by who asked."""
        try:
            await self._async_apply(setting)
        except (HomeAssistantError, vol.Invalid) as error:
            if not self._has_failed:
                LOGGER.warning("A load could not be switched: %s", error)
            self._has_failed = True
        else:
            self._has_failed = False

    async def async_hand_back(self, setting: Setting | None) -> None:
        """Leave it to itself where it has such an option; else set it so; None: not at all."""
        if self._told.rest is not None:
            await self.async_apply(OTHER)
        elif setting is not None:
            await self.async_apply(setting)

    async def _async_apply(self, setting: Setting) -> None:
        told, is_on = self._told, setting != OFF
        if setting == OTHER:
            await self._async_call(told.ref, OPTION_ACTION, {"option": told.rest})
            return
        self._assumed = setting
        if told.current_ref is not None and (is_on or told.means is None):
            await self._async_call(told.current_ref, NUMBER_ACTION, {"value": setting})
        match told.means:
            case None:
                return
            case Means.ACTIONS:
                await self._async_run(told.on_actions if is_on else told.off_actions)
            case Means.RUN:
                ref = told.ref if is_on else told.stop_ref
                await self._async_call(ref, _run_action(self._hass, ref), {})
            case Means.ON_OFF:
                action = SERVICE_TURN_ON if is_on else SERVICE_TURN_OFF
                await self._async_call(told.ref, action, {})
            case means:
                action, field = _FIELDS[means]
                if means is Means.MODE and self._is_water_heater:
                    action, field = "set_operation_mode", "operation_mode"
                value = told.on if is_on else told.off
                await self._async_call(told.ref, action, {field: value})

    @property
    def _is_water_heater(self) -> bool:
        entity_id = resolve(self._hass, self._told.ref or "") or ""
        return entity_id.partition(".")[0] == Platform.WATER_HEATER

    async def _async_call(
        self, ref: str | None, action: str, data: Mapping[str, Any]
    ) -> None:
        """Call an action of the entity's own domain, and wait for it."""
        entity_id = None if ref is None else resolve(self._hass, ref)
        if entity_id is None:
            return
        await self._hass.services.async_call(
            entity_id.partition(".")[0],
            action,
            {ATTR_ENTITY_ID: entity_id, **data},
            blocking=True,
            context=Context(),
        )

    async def _async_run(self, actions: tuple[Mapping[str, Any], ...]) -> None:
        """Run the user's own actions."""
        if not actions:
            return
        typed = cv.SCRIPT_SCHEMA([dict(action) for action in actions])
        steps = await async_validate_actions_config(self._hass, typed)
        await Script(self._hass, steps, "load", DOMAIN).async_run(context=Context())


_FIELDS: Final = {
    Means.OPTION: (OPTION_ACTION, "option"),
    Means.VALUE: (NUMBER_ACTION, "value"),
    Means.TEMPERATURE: ("set_temperature", ATTR_TEMPERATURE),
    Means.MODE: ("set_hvac_mode", "hvac_mode"),
    Means.PRESET: ("set_preset_mode", ATTR_PRESET_MODE),
}


def _run_action(hass: HomeAssistant, ref: str | None) -> str:
    entity_id = resolve(hass, ref or "") or ""
    is_button = entity_id.partition(".")[0] in {Platform.BUTTON, "input_button"}
    return "press" if is_button else SERVICE_TURN_ON


def _number(text: Any) -> Setting | None:
    try:
        number: float = float(text)
    except TypeError, ValueError:
        return None
    return number


def _is_same(shows: Any, value: str | float | None) -> bool:
    """Whether a state shows what was told: as text, or as a number."""
    if isinstance(value, str) or value is None:
        return value is not None and shows == value
    number = _number(shows)
    return number is not None and abs(number - value) <= TOLERANCE
