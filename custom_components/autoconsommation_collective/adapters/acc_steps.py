"""The organiser's key to the grid operator's interface, told in the options and tried at once."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_ACC_API,
    CONF_AGREEMENT,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_SANDBOX,
)

ACC_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_AGREEMENT): selector.TextSelector(),
        vol.Optional(CONF_CLIENT_ID): selector.TextSelector(),
        vol.Optional(CONF_CLIENT_SECRET): selector.TextSelector(
            selector.TextSelectorConfig(type=selector.TextSelectorType.PASSWORD)
        ),
        vol.Required(CONF_SANDBOX, default=False): selector.BooleanSelector(),
    }
)
KEYS: Final = (CONF_AGREEMENT, CONF_CLIENT_ID, CONF_CLIENT_SECRET)


class AccSteps(ConfigEntryBaseFlow):
    """Which key, and whether it is good."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """The entry's options as they are."""

    @property
    @abstractmethod
    def _acc_api(self) -> Any:
        """What asks the interface for the entry."""

    async def async_step_acc_api(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which key? None at all asks no longer."""
        kept = self._entry_options.get(CONF_ACC_API, {})
        errors: dict[str, str] = {}
        if user_input is not None:
            others = {k: v for k, v in self._entry_options.items() if k != CONF_ACC_API}
            if not user_input.get(CONF_AGREEMENT):
                return self.async_create_entry(data=others)
            told = _tidy(kept, user_input)
            if not all(told.get(key) for key in KEYS):
                errors["base"] = "acc_incomplete"
            elif problem := await self._acc_api.async_problem(told):
                errors["base"] = problem
            else:
                return self.async_create_entry(data=others | {CONF_ACC_API: told})
        shown = user_input or kept
        return self.async_show_form(
            step_id="acc_api",
            data_schema=self.add_suggested_values_to_schema(
                ACC_SCHEMA, {k: v for k, v in shown.items() if k != CONF_CLIENT_SECRET}
            ),
            errors=errors,
        )


def _tidy(kept: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told; a secret that was left empty is the one that is kept."""
    found = {key: told.get(key, "").strip() for key in KEYS}
    found[CONF_AGREEMENT] = found[CONF_AGREEMENT].upper()
    if not found[CONF_CLIENT_SECRET]:
        found[CONF_CLIENT_SECRET] = kept.get(CONF_CLIENT_SECRET, "")
    return found | {CONF_SANDBOX: told[CONF_SANDBOX]}
