"""The questions of who organises an operation, when it is added."""

from abc import abstractmethod
from typing import Any
from zoneinfo import available_timezones

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult

from ..adapters.described import price_errors
from ..const import CONF_AGREEMENT, CONF_OPERATION_NAME, CONF_TIME_ZONE
from ..pmo.acc_client import AGREEMENT
from .facts import ORGANISE_SCHEMA, agreement_of


class OrganiseSteps(ConfigEntryBaseFlow):
    """Name, agreement, key, price: all of it can be changed later."""

    @abstractmethod
    async def _async_organised(
        self, told: dict[str, Any], agreement: str | None
    ) -> ConfigFlowResult:
        """Go on with the operation."""

    async def async_step_organise(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which operation?"""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = price_errors(user_input)
            agreement = agreement_of(user_input)
            if agreement is not None and not AGREEMENT.fullmatch(agreement):
                errors[CONF_AGREEMENT] = "agreement_not_one"
            if not user_input[CONF_OPERATION_NAME].strip():
                errors[CONF_OPERATION_NAME] = "name_missing"
            zones = await self.hass.async_add_executor_job(available_timezones)
            if user_input[CONF_TIME_ZONE] not in zones:
                errors[CONF_TIME_ZONE] = "time_zone_unknown"
            if not errors:
                return await self._async_organised(user_input, agreement)
        return self.async_show_form(
            step_id="organise",
            data_schema=self.add_suggested_values_to_schema(
                ORGANISE_SCHEMA,
                user_input or {CONF_TIME_ZONE: self.hass.config.time_zone},
            ),
            errors=errors,
        )
