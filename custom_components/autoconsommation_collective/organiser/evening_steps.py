"""What is done for members each evening."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from .steps import BookSteps

CONF_REFRESH: Final = "refreshes_forecast"
EVENING_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_REFRESH, default=False): selector.BooleanSelector()}
)


class EveningSteps(BookSteps):
    """The forecast of the coming days."""

    async def async_step_evening(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Is it to be made?"""
        errors: dict[str, str] = {}
        settings = self._books.settings
        if user_input is not None:
            if user_input[CONF_REFRESH] and self._books.publishing.at is None:
                errors[CONF_REFRESH] = "nothing_published"
            else:
                after = replace(settings, refreshes_forecast=user_input[CONF_REFRESH])
                await self._books.async_set_settings(after)
                self._coordinator.evening.async_look()
                return self._changed()
        told = {CONF_REFRESH: settings.refreshes_forecast}
        return self.async_show_form(
            step_id="evening",
            data_schema=self.add_suggested_values_to_schema(
                EVENING_SCHEMA, user_input or told
            ),
            errors=errors,
        )
