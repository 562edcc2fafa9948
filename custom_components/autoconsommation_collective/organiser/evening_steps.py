"""What is done for members each evening."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..engine.told_needs import ToldNeeds
from ..pmo.organised_forecast import whole_sites
from .steps import BookSteps
from .words import DAY, async_words

CONF_REFRESH: Final = "refreshes_forecast"
CONF_TAKE_NEEDS: Final = "takes_needs"
EVENING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_REFRESH, default=False): selector.BooleanSelector(),
        vol.Required(CONF_TAKE_NEEDS, default=False): selector.BooleanSelector(),
    }
)


class EveningSteps(BookSteps):
    """The forecast of the coming days, and what homes tell for it."""

    async def async_step_evening(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Is it to be made, and may homes tell for it what they need?"""
        errors: dict[str, str] = {}
        coordinator, books = self._coordinator, self._books
        settings = books.settings
        if user_input is not None:
            after = replace(
                settings,
                refreshes_forecast=user_input[CONF_REFRESH],
                takes_needs=user_input[CONF_TAKE_NEEDS],
            )
            if after.refreshes_forecast and books.publishing.at is None:
                errors[CONF_REFRESH] = "nothing_published"
            if after.takes_needs and not after.refreshes_forecast:
                errors[CONF_TAKE_NEEDS] = "needs_without_forecast"
            elif after.takes_needs and not coordinator.hands_out_itself:
                errors[CONF_TAKE_NEEDS] = "needs_not_served"
            if not errors:
                await books.async_set_settings(after)
                if not after.takes_needs:
                    books.set_needs(ToldNeeds())
                await coordinator.async_keep_up()
                coordinator.evening.async_look()
                return self._changed()
        told = {
            CONF_REFRESH: settings.refreshes_forecast,
            CONF_TAKE_NEEDS: settings.takes_needs,
        }
        words, tomorrow = await async_words(self.hass), coordinator.today + DAY
        is_known = bool(whole_sites(books.roster, tomorrow))
        weather = words.texts["weather_of_all" if is_known else "weather_not_of_all"]
        return self.async_show_form(
            step_id="evening",
            data_schema=self.add_suggested_values_to_schema(
                EVENING_SCHEMA, user_input or told
            ),
            errors=errors,
            description_placeholders={"weather": weather},
        )
