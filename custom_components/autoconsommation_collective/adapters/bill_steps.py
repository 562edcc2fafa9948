"""A bill typed in the options: its days, what was allocated, and what was consumed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import CONF_CONTRACT, CONF_CONTRACT_KIND, MOST_KWH
from ..engine.contract import ContractKind, PriceClass
from ..engine.delivery_unread import Refusal
from ..engine.reconcile import Source
from .contract import CLASSES
from .delivered_file import async_delivery_texts, why_not
from .import_steps import ImportSteps

CONF_FIRST: Final = "first_day"
CONF_LAST: Final = "last_day"
CONF_MONTH: Final = "month"
CONF_ALLOCATED: Final = "allocated_kwh"
CONF_CONSUMPTION: Final = "consumption_kwh"
KWH: Final = selector.NumberSelector(
    selector.NumberSelectorConfig(
        min=0,
        max=MOST_KWH,
        step="any",
        unit_of_measurement="kWh",
        mode=selector.NumberSelectorMode.BOX,
    )
)


def allocated_field(price_class: str) -> str:
    """The field that holds what was allocated in a price class."""
    return f"allocated_{price_class.lower()}"


BILL_FIELDS: Final = (
    CONF_FIRST,
    CONF_LAST,
    CONF_ALLOCATED,
    *(allocated_field(c) for c in PriceClass if c is not PriceClass.BASE),
    CONF_CONSUMPTION,
)
"""All that may be asked; of the classes, those of the contract."""


def classes_of(options: Mapping[str, Any]) -> tuple[PriceClass, ...]:
    """The price classes of the contract that was told; none where there is one price."""
    kind = options.get(CONF_CONTRACT, {}).get(CONF_CONTRACT_KIND, ContractKind.UNKNOWN)
    classes = CLASSES.get(ContractKind(kind), ())
    return classes if len(classes) > 1 else ()


def _schema(classes: tuple[PriceClass, ...]) -> vol.Schema:
    first, last = vol.Required(CONF_FIRST), vol.Required(CONF_LAST)
    fields: dict[vol.Marker, selector.Selector[Any]] = {
        first: selector.DateSelector(),
        last: selector.DateSelector(),
        (vol.Optional if classes else vol.Required)(CONF_ALLOCATED): KWH,
    }
    fields |= {vol.Optional(allocated_field(c)): KWH for c in classes}
    return vol.Schema(fields | {vol.Optional(CONF_CONSUMPTION): KWH})


class BillSteps(ImportSteps):
    """What the bill says, and whether that is right; and taken back again."""

    _month: str

    async def async_step_import_hand(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What does the bill say?"""
        if user_input is None:
            return self._ask_bill({}, "")
        classes = classes_of(self._entry_options)
        delivery = self._importing.bill(
            date.fromisoformat(user_input[CONF_FIRST]),
            date.fromisoformat(user_input[CONF_LAST]),
            user_input.get(CONF_ALLOCATED),
            {
                str(c): user_input[field]
                for c in classes
                if (field := allocated_field(c)) in user_input
            },
            user_input.get(CONF_CONSUMPTION),
        )
        if not isinstance(delivery, Refusal):
            shown = await self._async_preview(delivery, Source.HAND)
            if not isinstance(shown, Refusal):
                return shown
            delivery = shown
        texts = await async_delivery_texts(self.hass, self.hass.config.language)
        return self._ask_bill(user_input, why_not(texts, delivery))

    async def async_step_import_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Of which month is what was typed to be taken back?"""
        if user_input is not None:
            self._month = user_input[CONF_MONTH]
            return self.async_show_form(
                step_id="import_remove_confirm",
                data_schema=vol.Schema({}),
                description_placeholders={"month": self._month},
            )
        months = selector.SelectSelectorConfig(options=self._typed_months)
        schema = {vol.Required(CONF_MONTH): selector.SelectSelector(months)}
        return self.async_show_form(
            step_id="import_remove", data_schema=vol.Schema(schema)
        )

    async def async_step_import_remove_confirm(
        self, _user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Take it back."""
        await self._importing.settlement.async_withdraw(Source.HAND, self._month)
        return self.async_abort(
            reason="import_removed", description_placeholders={"month": self._month}
        )

    @property
    def _typed_months(self) -> list[str]:
        """The months that have sums typed by hand, the last one first."""
        settlement = self._importing.settlement
        typed = settlement.held(Source.HAND)
        starts = (block.start.astimezone(settlement.time_zone) for block in typed)
        return sorted({f"{start:%Y-%m}" for start in starts}, reverse=True)

    def _ask_bill(self, told: dict[str, Any], problem: str) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="import_hand",
            data_schema=self.add_suggested_values_to_schema(
                _schema(classes_of(self._entry_options)), told
            ),
            errors={"base": "bill_not_taken"} if problem else {},
            description_placeholders={"problem": problem},
        )
