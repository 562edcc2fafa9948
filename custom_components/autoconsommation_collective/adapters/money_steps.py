"""What a member tells of money beside the contract: refunds, packs, the price of the surplus."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers import selector
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import (
    CONF_BOUGHT_ON,
    CONF_EUR,
    CONF_KWH,
    CONF_MAXIMUM_KWH,
    CONF_NEXT_EUR,
    CONF_NEXT_KWH,
    CONF_PACKS,
    CONF_PREPAID,
    CONF_RECEIVED,
    CONF_REFUNDS,
    CONF_REMOVE,
    CONF_SINCE,
    CONF_SURPLUS,
    CONF_SURPLUS_PRICE,
    CONF_WARN_BELOW,
)
from .contract import DEAREST_KWH
from .reason import number_text

DATE = selector.DateSelector()


def _number(unit: str, most: float | None = None) -> selector.NumberSelector:
    config = selector.NumberSelectorConfig(
        min=0,
        step="any",
        unit_of_measurement=unit,
        mode=selector.NumberSelectorMode.BOX,
    )
    if most is not None:
        config["max"] = most
    return selector.NumberSelector(config)


def _listed(labels: Sequence[str]) -> selector.SelectSelector:
    """What was told before, to choose what is to be removed."""
    return selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=[
                selector.SelectOptionDict(value=str(n), label=label)
                for n, label in enumerate(labels)
            ],
            multiple=True,
            mode=selector.SelectSelectorMode.LIST,
        )
    )


REMOVE = {vol.Optional(CONF_REMOVE): _listed(())}
REFUNDS_SCHEMA = vol.Schema(
    {vol.Optional(CONF_RECEIVED): DATE, vol.Optional(CONF_EUR): _number("€")} | REMOVE
)
PREPAID_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_BOUGHT_ON): DATE,
        vol.Optional(CONF_KWH): _number("kWh"),
        vol.Optional(CONF_EUR): _number("€"),
        vol.Optional(CONF_NEXT_KWH): _number("kWh"),
        vol.Optional(CONF_NEXT_EUR): _number("€"),
        vol.Optional(CONF_MAXIMUM_KWH): _number("kWh"),
        vol.Optional(CONF_WARN_BELOW): _number("kWh"),
    }
    | REMOVE
)
SURPLUS_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_SINCE): DATE,
        vol.Optional(CONF_SURPLUS_PRICE): _number("€/kWh", DEAREST_KWH),
    }
    | REMOVE
)
LASTING = (CONF_NEXT_KWH, CONF_NEXT_EUR, CONF_MAXIMUM_KWH, CONF_WARN_BELOW)
"""What is told of packs once, and shown again."""


class MoneySteps(ConfigEntryBaseFlow):
    """Lists that a member adds to: one more at a time, and any of them removed."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """Options of the entry."""

    @abstractmethod
    async def _async_money_told(self, told: dict[str, Any]) -> ConfigFlowResult:
        """Go on with these options in place of those of the same names."""

    async def async_step_refunds(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What the supplier gave back."""
        held = list(self._entry_options.get(CONF_REFUNDS, ()))
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._errors(user_input, CONF_RECEIVED, CONF_EUR)
            if not errors:
                refunds = _changed(held, user_input, CONF_RECEIVED, CONF_EUR)
                return await self._async_money_told({CONF_REFUNDS: refunds})
        labels = [self._label(each, CONF_RECEIVED, CONF_EUR, "€") for each in held]
        return self._form("refunds", REFUNDS_SCHEMA, labels, user_input or {}, errors)

    async def async_step_prepaid(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Packs of kWh bought in advance."""
        told = self._entry_options.get(CONF_PREPAID, {})
        held = list(told.get(CONF_PACKS, ()))
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._errors(user_input, CONF_BOUGHT_ON, CONF_KWH, CONF_EUR)
            if (CONF_NEXT_KWH in user_input) is not (CONF_NEXT_EUR in user_input):
                errors[CONF_NEXT_KWH] = "pack_incomplete"
            if not errors:
                packs = _changed(held, user_input, CONF_BOUGHT_ON, CONF_KWH, CONF_EUR)
                lasting = {f: user_input[f] for f in LASTING if f in user_input}
                return await self._async_money_told(
                    {CONF_PREPAID: {CONF_PACKS: packs} | lasting}
                )
        labels = [self._label(each, CONF_BOUGHT_ON, CONF_KWH, "kWh") for each in held]
        shown = user_input or {f: told[f] for f in LASTING if f in told}
        return self._form("prepaid", PREPAID_SCHEMA, labels, shown, errors)

    async def async_step_surplus(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What the buyer of a producer's surplus pays, and since when."""
        held = list(self._entry_options.get(CONF_SURPLUS, ()))
        errors: dict[str, str] = {}
        if user_input is not None:
            fields = (CONF_SINCE, CONF_SURPLUS_PRICE)
            if any(f in user_input for f in fields):
                errors = {f: "value_missing" for f in fields if f not in user_input}
            if not errors:
                # Of two prices since one day, the last that was told counts.
                others = [
                    each
                    for each in _kept(held, user_input)
                    if each[CONF_SINCE] != user_input.get(CONF_SINCE)
                ]
                prices = _changed(others, user_input | {CONF_REMOVE: []}, *fields)
                return await self._async_money_told({CONF_SURPLUS: prices})
        labels = [
            self._label(each, CONF_SINCE, CONF_SURPLUS_PRICE, "€/kWh") for each in held
        ]
        return self._form("surplus", SURPLUS_SCHEMA, labels, user_input or {}, errors)

    def _errors(
        self, user_input: Mapping[str, Any], day: str, *amounts: str
    ) -> dict[str, str]:
        """What is wrong with one more, by field; nothing where none is told."""
        errors: dict[str, str] = {}
        if not any(field in user_input for field in (day, *amounts)):
            return errors
        for field in (day, *amounts):
            if field not in user_input:
                errors[field] = "value_missing"
        for field in amounts:
            if user_input.get(field, 1) <= 0:
                errors[field] = "not_positive"
        if user_input.get(day, "") > dt_util.now().date().isoformat():
            errors[day] = "day_to_come"
        return errors

    def _label(self, told: Mapping[str, Any], day: str, amount: str, unit: str) -> str:
        """One that was told before, in a line."""
        value = told[amount]
        if unit == "€/kWh":
            return f"{told[day]}: {value} {unit}"
        return f"{told[day]}: {number_text(value, self.hass.config.language)} {unit}"

    def _form(
        self,
        step_id: str,
        schema: vol.Schema,
        labels: Sequence[str],
        shown: Mapping[str, Any],
        errors: dict[str, str],
    ) -> ConfigFlowResult:
        """The form, with what may be removed where there is anything."""
        fields = {
            field: _listed(labels) if field == CONF_REMOVE else asked
            for field, asked in schema.schema.items()
            if field != CONF_REMOVE or labels
        }
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), shown),
            errors=errors,
        )


def _kept(
    held: Sequence[Mapping[str, Any]], user_input: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """What was told before, less what is to be removed."""
    removed = set(user_input.get(CONF_REMOVE, ()))
    return [each for n, each in enumerate(held) if str(n) not in removed]


def _changed(
    held: Sequence[Mapping[str, Any]], user_input: Mapping[str, Any], *fields: str
) -> list[Mapping[str, Any]]:
    """The list with one more, where one is told, by its first field: its day."""
    more = [{f: user_input[f] for f in fields}] if fields[0] in user_input else []
    return sorted(
        [*_kept(held, user_input), *more], key=lambda each: str(each[fields[0]])
    )
