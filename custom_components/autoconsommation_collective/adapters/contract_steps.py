"""The questions about the supplier's contract, asked at set-up and in the options alike."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CONTRACT,
    CONF_CONTRACT_KIND,
    CONF_DELIVERY_POINT,
    CONF_EARLIER,
    CONF_IMPORT,
    CONF_OFF_PEAK_HOURS,
    CONF_PRICE_ENTITY,
    CONF_PRICES_SINCE,
    CONF_SUBSCRIBED_KVA,
    CONF_SUMMER_HOURS,
    CONF_TARIFF,
    CONF_TOMORROW,
    OFF_PEAK_STORE,
)
from ..engine.contract import ContractKind
from ..engine.hours import HoursError, hours_text, parse_hours
from ..engine.off_peak import learned_hours, log_of
from .contract import (
    CLASSES,
    CONTRACT_SCHEMA,
    SCHEMAS,
    TEMPO_HOURS,
    earlier_than,
    price_field,
    suggested_prices,
    suggested_since,
)
from .energy_dashboard import async_energy_dashboard
from .identity import async_delivery_point_key
from .meter import reference, resolve
from .meter_detection import MeterCandidate, async_detect_meters
from .price_entity import price_problem
from .store import Stores
from .tariff import (
    find_hours,
    find_tomorrow,
    proven_kind,
    shown_text,
    tariff_problem,
    tomorrow_problem,
)

ENTITIES = {
    CONF_TARIFF: tariff_problem,
    CONF_TOMORROW: tomorrow_problem,
    CONF_PRICE_ENTITY: price_problem,
}
"""Fields that name an entity, and what tells why one will not do."""


class ContractSteps(ConfigEntryBaseFlow):
    """Which contract, then its prices and hours, each to be confirmed from the bill."""

    @property
    @abstractmethod
    def _entry_data(self) -> Mapping[str, Any]:
        """Data of the entry, or what is known of it so far."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """Options of the entry, or what is known of them so far."""

    @abstractmethod
    async def _async_contract_told(self, contract: dict[str, Any]) -> ConfigFlowResult:
        """Go on with what the member has told."""

    async def async_step_contract(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What do the supplier's prices depend on?"""
        if user_input is not None:
            kind = ContractKind(user_input[CONF_CONTRACT_KIND])
            if kind is ContractKind.UNKNOWN:
                return await self._async_contract_told(user_input)
            return await self._async_ask_contract(kind, None)
        return self.async_show_form(
            step_id="contract",
            data_schema=self.add_suggested_values_to_schema(
                CONTRACT_SCHEMA, {CONF_CONTRACT_KIND: await self._async_kind()}
            ),
        )

    async def async_step_contract_base(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """One price at all hours."""
        return await self._async_ask_contract(ContractKind.BASE, user_input)

    async def async_step_contract_off_peak(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Two prices, by hours that may differ in summer."""
        return await self._async_ask_contract(ContractKind.OFF_PEAK, user_input)

    async def async_step_contract_tempo(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Six prices, by hours and by the colour of the day."""
        return await self._async_ask_contract(ContractKind.TEMPO, user_input)

    async def _async_ask_contract(
        self, kind: ContractKind, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._contract_errors(kind, user_input)
            if not errors:
                return await self._async_contract_told(self._contract(kind, user_input))
        return self.async_show_form(
            step_id=f"contract_{kind}",
            data_schema=self.add_suggested_values_to_schema(
                SCHEMAS[kind], user_input or await self._async_suggested(kind)
            ),
            errors=errors,
        )

    def _contract_errors(
        self, kind: ContractKind, user_input: Mapping[str, Any]
    ) -> dict[str, str]:
        """What is wrong with the answers, by field."""
        errors: dict[str, str] = {}
        classes = CLASSES[kind]
        for peak, off_peak in zip(classes[::2], classes[1::2], strict=False):
            field = price_field(off_peak)
            if user_input[field] > user_input[price_field(peak)]:
                errors[field] = "off_peak_dearer"
        for field in (CONF_OFF_PEAK_HOURS, CONF_SUMMER_HOURS):
            try:
                parse_hours(user_input[field])
            except KeyError:
                continue
            except HoursError as err:
                errors[field] = f"hours_{err.problem}"
        if CONF_SUMMER_HOURS in user_input and CONF_OFF_PEAK_HOURS not in user_input:
            errors[CONF_OFF_PEAK_HOURS] = "hours_empty"
        for field, problem_of in ENTITIES.items():
            if field in user_input:
                ref = reference(self.hass, user_input[field])
                if problem := problem_of(self.hass, ref):
                    errors[field] = f"tariff_{problem}"
        return errors

    def _contract(
        self, kind: ContractKind, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answers as they are kept: entities by reference."""
        references = {
            field: reference(self.hass, user_input[field])
            for field in ENTITIES
            if field in user_input
        }
        before = self._entry_options.get(CONF_CONTRACT, {})
        earlier = earlier_than(before, user_input[CONF_PRICES_SINCE])
        return (
            {CONF_CONTRACT_KIND: kind.value}
            | dict(user_input)
            | references
            | ({CONF_EARLIER: earlier} if earlier else {})
        )

    async def _async_kind(self) -> ContractKind:
        """The contract as it was told, or as the meter proves it.

        Without a suggestion the frontend would choose the first by itself.
        """
        told = self._entry_options.get(CONF_CONTRACT)
        if told is not None:
            return ContractKind(told[CONF_CONTRACT_KIND])
        meter = await self._async_meter()
        text = shown_text(self.hass, meter.tariff_ref) if meter else None
        return proven_kind(text or "") or ContractKind.UNKNOWN

    async def _async_suggested(self, kind: ContractKind) -> dict[str, Any]:
        """The contract as it was told, or what can be known of one to start from."""
        told = self._entry_options.get(CONF_CONTRACT, {})
        if told.get(CONF_CONTRACT_KIND) == kind:
            suggested: dict[str, Any] = dict(told)
            # What is told anew is new from today on, unless the member says otherwise.
            suggested[CONF_PRICES_SINCE] = dt_util.now().date().isoformat()
        else:
            kva = self._entry_options.get(CONF_SUBSCRIBED_KVA)
            suggested = {**suggested_prices(kind, kva)}
            suggested[CONF_PRICES_SINCE] = suggested_since(kind)
            meter = await self._async_meter()
            suggested[CONF_TARIFF] = meter.tariff_ref if meter else None
            suggested[CONF_TOMORROW] = find_tomorrow(self.hass)
            suggested[CONF_OFF_PEAK_HOURS] = (
                TEMPO_HOURS
                if kind is ContractKind.TEMPO
                else await self._async_hours(meter)
            )
        if not suggested.get(CONF_PRICE_ENTITY):
            dashboard = await async_energy_dashboard(self.hass)
            suggested[CONF_PRICE_ENTITY] = next(iter(dashboard.price_refs), None)
        for field in ENTITIES:
            suggested[field] = resolve(self.hass, suggested.get(field) or "")
        return {
            field: value
            for field, value in suggested.items()
            if value is not None and field != CONF_EARLIER
        }

    async def _async_hours(self, meter: MeterCandidate | None) -> str | None:
        """Off-peak hours, as they were learned or as they can be read."""
        key = await async_delivery_point_key(
            self.hass, self._entry_data[CONF_DELIVERY_POINT]
        )
        log = log_of(await Stores(self.hass, key).async_load(OFF_PEAK_STORE))
        if learned := learned_hours(log):
            return hours_text(learned.periods[:-1])
        return find_hours(self.hass, meter.schedule_ref if meter else None)

    async def _async_meter(self) -> MeterCandidate | None:
        """The meter that the member has chosen, with all that it tells."""
        chosen = set(self._entry_data.get(CONF_IMPORT, ()))
        for meter in await async_detect_meters(self.hass):
            if not chosen.isdisjoint(meter.import_refs):
                return meter
        return None
