"""What a member may tell later: subscribed power, leaving, contract, operation, own-first."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_CONTRACT,
    CONF_FEED_URL,
    CONF_LEFT_ON,
    CONF_OPERATION,
    CONF_OWN_FIRST,
    CONF_SUBSCRIBED_KVA,
)
from ..engine.model import Price
from ..engine.producer_choice import ProducerChoice
from .contract_steps import ContractSteps
from .described_steps import OperationSteps
from .producer_steps import ProducerSteps

OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_SUBSCRIBED_KVA): selector.NumberSelector(
            selector.NumberSelectorConfig(
                min=3,
                max=250,
                step=0.1,
                unit_of_measurement="kVA",
                mode=selector.NumberSelectorMode.BOX,
            )
        ),
        vol.Optional(CONF_LEFT_ON): selector.DateSelector(),
    }
)


class AccOptionsFlow(ContractSteps, OperationSteps, ProducerSteps, OptionsFlow):
    """What may be told later."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What is to be told?"""
        entry = self.config_entry
        is_loaded = entry.state is ConfigEntryState.LOADED
        impossible = {
            "operation": CONF_FEED_URL in entry.data,
            "own_first": not (
                is_loaded and entry.runtime_data.settlement.shape.produces
            ),
        }
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                way
                for way in ["membership", "contract", "operation", "own_first"]
                if not impossible.get(way)
            ],
        )

    async def async_step_membership(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Subscribed power, and the day of leaving."""
        if user_input is not None:
            asked = set(map(str, OPTIONS_SCHEMA.schema))
            kept = {k: v for k, v in self._entry_options.items() if k not in asked}
            return self.async_create_entry(data=kept | user_input)
        return self.async_show_form(
            step_id="membership",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self._entry_options
            ),
        )

    @property
    @override
    def _entry_data(self) -> Mapping[str, Any]:
        return self.config_entry.data

    @property
    @override
    def _entry_options(self) -> Mapping[str, Any]:
        return self.config_entry.options

    @override
    async def _async_contract_told(self, contract: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(
            data={**self._entry_options, CONF_CONTRACT: contract}
        )

    @override
    async def _async_operation_told(
        self, operation: dict[str, Any]
    ) -> ConfigFlowResult:
        return self.async_create_entry(
            data={**self._entry_options, CONF_OPERATION: operation}
        )

    @override
    async def _async_settled_choice(
        self,
    ) -> tuple[ProducerChoice | None, tuple[Price, ...]]:
        settlement = self.config_entry.runtime_data.settlement
        return await settlement.async_producer_choice(), settlement.prices

    @override
    async def _async_own_first_told(self, own_first: bool) -> ConfigFlowResult:
        return self.async_create_entry(
            data={**self._entry_options, CONF_OWN_FIRST: own_first}
        )
