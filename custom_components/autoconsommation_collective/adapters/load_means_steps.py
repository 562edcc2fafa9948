"""The questions what stands for on and off with the entity that switches a load."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult

from ..const import CONF_MEANS
from .load_entities import entity_errors, referred, resolved
from .load_means import means_errors, means_of, means_schema
from .loads import Means


class MeansSteps(ConfigSubentryFlow):
    """One form for each way in which a load may be switched."""

    @property
    @abstractmethod
    def _actuator(self) -> str | None:
        """Present name of the entity that switches it; None with actions alone."""

    @property
    @abstractmethod
    def _known_means(self) -> Mapping[str, Any]:
        """What was told of it before."""

    @abstractmethod
    async def _async_means_told(self, switch: dict[str, Any]) -> SubentryFlowResult:
        """Go on with what the user has told."""

    async def async_step_ways(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """By a temperature, a mode or a preset, as far as the device has them."""
        assert self._actuator is not None
        ways = means_of(self.hass, self._actuator)
        return self.async_show_menu(step_id="ways", menu_options=[*ways])

    async def async_step_option(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Options of a list."""
        return await self._async_ask_means(Means.OPTION, user_input)

    async def async_step_value(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Numbers."""
        return await self._async_ask_means(Means.VALUE, user_input)

    async def async_step_temperature(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Temperatures that are aimed at."""
        return await self._async_ask_means(Means.TEMPERATURE, user_input)

    async def async_step_mode(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Modes of a thermostat, operations of a water heater."""
        return await self._async_ask_means(Means.MODE, user_input)

    async def async_step_preset(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Presets of a thermostat."""
        return await self._async_ask_means(Means.PRESET, user_input)

    async def async_step_run(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """A button or a script starts it: does another stop it?"""
        return await self._async_ask_means(Means.RUN, user_input)

    async def async_step_actions(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Actions of the user's own."""
        return await self._async_ask_means(Means.ACTIONS, user_input)

    async def _async_ask_means(
        self, means: Means, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        suggested = user_input
        if user_input is not None:
            errors = entity_errors(self.hass, user_input, {})
            errors |= means_errors(self.hass, means, self._actuator, user_input)
            if not errors:
                kept = referred(self.hass, user_input)
                return await self._async_means_told({CONF_MEANS: means.value} | kept)
        elif self._known_means.get(CONF_MEANS) == means:
            suggested = resolved(self.hass, self._known_means)
        return self.async_show_form(
            step_id=means.value,
            data_schema=self.add_suggested_values_to_schema(
                means_schema(self.hass, means, self._actuator), suggested
            ),
            errors=errors,
        )
