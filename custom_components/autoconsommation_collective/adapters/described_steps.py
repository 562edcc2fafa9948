"""The questions about an operation that nobody publishes, at set-up and later."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    ConfigEntryBaseFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE, CONF_NAME
from homeassistant.core import HomeAssistant

from ..const import CHANGED, CONF_OPERATION, CONF_PLACE
from .described import (
    OPERATION_SCHEMA,
    PLANT_SCHEMA,
    operation_errors,
    plant_errors,
    plant_subentry,
)


class OperationSteps(ConfigEntryBaseFlow):
    """How the operation shares, and at what price."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """Options of the entry, or what is known of them so far."""

    @abstractmethod
    async def _async_operation_told(
        self, operation: dict[str, Any]
    ) -> ConfigFlowResult:
        """Go on with what the member has told."""

    async def async_step_operation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Key, members, price, and since when."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = operation_errors(user_input)
            if not errors:
                return await self._async_operation_told(user_input)
        return self.async_show_form(
            step_id="operation",
            data_schema=self.add_suggested_values_to_schema(
                OPERATION_SCHEMA, user_input or self._entry_options.get(CONF_OPERATION)
            ),
            errors=errors,
        )


class DescriptionSteps(OperationSteps):
    """At set-up: the operation, then its first plant."""

    @abstractmethod
    async def _async_plant_told(self, plant: ConfigSubentryData) -> ConfigFlowResult:
        """Go on with the plant."""

    async def async_step_plant(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The first plant; others are added to the entry."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = plant_errors(user_input)
            if not errors:
                return await self._async_plant_told(plant_subentry(user_input))
        return self.async_show_form(
            step_id="plant",
            data_schema=self.add_suggested_values_to_schema(
                PLANT_SCHEMA, user_input or _here(self.hass)
            ),
            errors=errors,
        )


class PlantSubentryFlow(ConfigSubentryFlow):
    """A plant of an operation that nobody publishes."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """One more plant."""
        errors = plant_errors(user_input) if user_input is not None else {}
        if user_input is not None and not errors:
            plant = plant_subentry(user_input)
            return self.async_create_entry(title=plant["title"], data=plant["data"])
        return self._show("user", user_input or _here(self.hass), errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Something else is true of a plant; the entry's listener reloads it."""
        subentry = self._get_reconfigure_subentry()
        errors = plant_errors(user_input) if user_input is not None else {}
        if user_input is not None and not errors:
            plant = plant_subentry(user_input)
            return self.async_update_and_abort(
                self._get_entry(),
                subentry,
                title=plant["title"],
                data=plant["data"],
                reason=CHANGED,
            )
        told = {CONF_NAME: subentry.title, **subentry.data}
        return self._show("reconfigure", user_input or told, errors)

    def _show(
        self, step_id: str, suggested: Mapping[str, Any], errors: dict[str, str]
    ) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(PLANT_SCHEMA, suggested),
            errors=errors,
        )


def _here(hass: HomeAssistant) -> dict[str, Any]:
    """A place to start from: plants of an operation are near the house."""
    return {
        CONF_PLACE: {
            CONF_LATITUDE: hass.config.latitude,
            CONF_LONGITUDE: hass.config.longitude,
        }
    }
