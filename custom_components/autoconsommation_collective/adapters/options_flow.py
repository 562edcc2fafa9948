"""What a member may tell later: a settlement in a file, contract, money, power, operation, own-first, leaving, Energy."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.const import Platform
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_ARCHIVE_PASSWORD,
    CONF_CONTRACT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_LEFT_ON,
    CONF_LIVE_POWER,
    CONF_OPERATION,
    CONF_OWN_FIRST,
    CONF_PREPAID,
    CONF_SUBSCRIBED_KVA,
    CONF_TELL_NEED,
    CONF_WATCH_FOLDER,
)
from ..engine.model import Price, PriceModel
from ..engine.producer_choice import ProducerChoice
from .acc_steps import AccSteps
from .bill_steps import BillSteps
from .contract_steps import ContractSteps
from .described_steps import OperationSteps
from .energy_steps import EnergySteps
from .meter import reference, resolve
from .meter_detection import async_detect_meters
from .money_steps import MoneySteps
from .power_meter import live_power_problem
from .producer_steps import ProducerSteps
from .watched_folder import folder_of

MEMBERSHIP_SCHEMA = vol.Schema({vol.Optional(CONF_LEFT_ON): selector.DateSelector()})
FOLDER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_WATCH_FOLDER, default=False): selector.BooleanSelector(),
        vol.Optional(CONF_ARCHIVE_PASSWORD): selector.TextSelector(
            selector.TextSelectorConfig(type=selector.TextSelectorType.PASSWORD)
        ),
    }
)
NEED_SCHEMA = vol.Schema(
    {vol.Required(CONF_TELL_NEED, default=False): selector.BooleanSelector()}
)
POWER_SCHEMA = vol.Schema(
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
        vol.Optional(CONF_LIVE_POWER): selector.EntitySelector(
            selector.EntitySelectorConfig(domain=Platform.SENSOR, multiple=True)
        ),
    }
)


class AccOptionsFlow(
    AccSteps,
    BillSteps,
    ContractSteps,
    EnergySteps,
    MoneySteps,
    OperationSteps,
    ProducerSteps,
    OptionsFlow,
):
    """What may be told later."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What is to be told?"""
        entry = self.config_entry
        is_loaded = entry.state is ConfigEntryState.LOADED
        settlement = entry.runtime_data.settlement if is_loaded else None
        produces = settlement is not None and settlement.shape.produces
        is_prepaid = CONF_PREPAID in entry.options or (
            settlement is not None
            and any(price.model is PriceModel.PREPAID for price in settlement.prices)
        )
        impossible = {
            "import_file": not is_loaded,
            "import_hand": not is_loaded,
            "import_remove": not is_loaded or not self._typed_months,
            "import_folder": not is_loaded,
            "acc_api": not is_loaded,
            "prepaid": not is_prepaid,
            "surplus": not produces,
            "operation": CONF_FEED_URL in entry.data,
            "own_first": not produces,
            # Who lets its home tell it can always take that back.
            "tell_need": not (settlement and settlement.takes_needs)
            and not entry.options.get(CONF_TELL_NEED),
        }
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                way
                for way in [
                    "import_file",
                    "import_hand",
                    "import_remove",
                    "import_folder",
                    "acc_api",
                    "contract",
                    "refunds",
                    "prepaid",
                    "surplus",
                    "power",
                    "operation",
                    "own_first",
                    "tell_need",
                    "membership",
                    "energy",
                ]
                if not impossible.get(way)
            ],
        )

    async def async_step_import_folder(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Is a folder to be looked into?"""
        if user_input is not None:
            if user_input[CONF_WATCH_FOLDER]:
                user_input = self._kept(CONF_ARCHIVE_PASSWORD) | user_input
            else:
                user_input.pop(CONF_ARCHIVE_PASSWORD, None)
            return self._told(FOLDER_SCHEMA, user_input)
        return self.async_show_form(
            step_id="import_folder",
            data_schema=self.add_suggested_values_to_schema(
                FOLDER_SCHEMA, self._kept(CONF_WATCH_FOLDER)
            ),
            description_placeholders={
                "folder": str(folder_of(self.hass, self.config_entry))
            },
        )

    def _kept(self, conf: str) -> dict[str, Any]:
        """An option as it is, where it was told."""
        return {k: v for k, v in self._entry_options.items() if k == conf}

    async def async_step_membership(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The day of leaving."""
        if user_input is not None:
            return self._told(MEMBERSHIP_SCHEMA, user_input)
        return self.async_show_form(
            step_id="membership",
            data_schema=self.add_suggested_values_to_schema(
                MEMBERSHIP_SCHEMA, self._entry_options
            ),
        )

    async def async_step_tell_need(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """May the home tell its organiser how much its loads will need?"""
        if user_input is not None:
            return self._told(NEED_SCHEMA, user_input)
        return self.async_show_form(
            step_id="tell_need",
            data_schema=self.add_suggested_values_to_schema(
                NEED_SCHEMA, self._kept(CONF_TELL_NEED)
            ),
        )

    async def async_step_power(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Subscribed power, and the sensors that tell what the home draws now."""
        errors: dict[str, str] = {}
        if user_input is not None:
            entity_ids = user_input.get(CONF_LIVE_POWER, [])
            if problem := live_power_problem(self.hass, entity_ids):
                errors[CONF_LIVE_POWER] = problem
            elif entity_ids and CONF_SUBSCRIBED_KVA not in user_input:
                errors[CONF_SUBSCRIBED_KVA] = "subscribed_power_needed"
            else:
                refs = [reference(self.hass, entity_id) for entity_id in entity_ids]
                live = {CONF_LIVE_POWER: refs} if refs else {}
                return self._told(POWER_SCHEMA, user_input | live)
        return self.async_show_form(
            step_id="power",
            data_schema=self.add_suggested_values_to_schema(
                POWER_SCHEMA, user_input or await self._async_suggested_power()
            ),
            errors=errors,
        )

    async def _async_suggested_power(self) -> dict[str, Any]:
        """As told, else as the meter tells."""
        told = {
            conf: self._entry_options[conf]
            for conf in (CONF_SUBSCRIBED_KVA, CONF_LIVE_POWER)
            if conf in self._entry_options
        }
        imports = self._entry_data.get(CONF_IMPORT, ())
        for meter in await async_detect_meters(self.hass):
            if not set(meter.import_refs).isdisjoint(imports):
                told.setdefault(CONF_SUBSCRIBED_KVA, meter.subscribed_kva)
                told.setdefault(CONF_LIVE_POWER, meter.live_power_refs)
        refs = told.get(CONF_LIVE_POWER, ())
        told[CONF_LIVE_POWER] = [e for ref in refs if (e := resolve(self.hass, ref))]
        return {conf: value for conf, value in told.items() if value}

    def _told(self, schema: vol.Schema, told: dict[str, Any]) -> ConfigFlowResult:
        """The options with what was told in a form, and without what was emptied in it."""
        asked = set(map(str, schema.schema))
        kept = {k: v for k, v in self._entry_options.items() if k not in asked}
        return self.async_create_entry(data=kept | told)

    @property
    @override
    def _entry_data(self) -> Mapping[str, Any]:
        return self.config_entry.data

    @property
    @override
    def _entry_options(self) -> Mapping[str, Any]:
        return self.config_entry.options

    @property
    @override
    def _importing(self) -> Any:
        return self.config_entry.runtime_data.importing

    @property
    @override
    def _acc_api(self) -> Any:
        return self.config_entry.runtime_data.acc_api

    @override
    async def _async_contract_told(self, contract: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(
            data={**self._entry_options, CONF_CONTRACT: contract}
        )

    @override
    async def _async_money_told(self, told: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self._entry_options, **told})

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
