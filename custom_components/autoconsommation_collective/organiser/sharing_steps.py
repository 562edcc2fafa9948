"""How the operation shares and at what price, from a day on; its name and its derogation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..adapters.described import price_errors
from ..const import (
    CONF_ACC_PRICE,
    CONF_AGREEMENT,
    CONF_KEY,
    CONF_OPERATION_NAME,
    CONF_PRICE_MODEL,
    CONF_SINCE,
    CONF_STEP,
)
from ..engine.blocks import MINUTE
from ..engine.model import Price, Validity, in_force
from ..engine.perimeter import (
    Derogation,
    DistanceDerogation,
    PerimeterError,
    PublicServiceDerogation,
    distance_limit,
)
from ..engine.roster import AgreedKey, Roster, Solidarity
from ..engine.roster_changes import from_then_on
from ..pmo.acc_client import AGREEMENT
from .facts import (
    EUR_PER_KWH,
    KEY,
    PRICE_MODEL,
    STEP,
    agreement_of,
    choice,
    number,
    price_of,
)
from .steps import BookSteps
from .view import key_problem
from .words import as_list, async_words

CONF_SERVED_FIRST: Final = "solidarity"
CONF_DONATED: Final = "donated_percent"
CONF_DEROGATION: Final = "derogation"
CONF_OWN_KM: Final = "own_km"
CONF_COMMUNES: Final = "communes"
CONF_EPCI: Final = "epci"
NONE, BY_DISTANCE, OF_PUBLIC_SERVICE = "none", "distance", "public_service"

NAMED_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPERATION_NAME): selector.TextSelector(),
        vol.Optional(CONF_AGREEMENT): selector.TextSelector(),
        vol.Required(CONF_STEP): STEP,
    }
)
KEY_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_KEY): KEY,
        vol.Required(CONF_SERVED_FIRST, default=NONE): choice(
            [NONE, *(one.value for one in Solidarity)], "solidarity"
        ),
        vol.Optional(CONF_DONATED): number("%"),
        vol.Required(CONF_SINCE): selector.DateSelector(),
    }
)
PRICE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PRICE_MODEL): PRICE_MODEL,
        vol.Optional(CONF_ACC_PRICE): EUR_PER_KWH,
        vol.Required(CONF_SINCE): selector.DateSelector(),
    }
)
DEROGATION_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_DEROGATION, default=NONE): choice(
            [NONE, BY_DISTANCE, OF_PUBLIC_SERVICE], "derogation"
        ),
        vol.Optional(CONF_OWN_KM): number("km"),
        vol.Optional(CONF_COMMUNES): selector.TextSelector(
            selector.TextSelectorConfig(multiple=True)
        ),
        vol.Optional(CONF_EPCI): selector.TextSelector(),
    }
)


class SharingSteps(BookSteps):
    """What the operation has agreed on."""

    async def async_step_sharing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What has been agreed on, or has changed?"""
        return self.async_show_menu(
            step_id="sharing",
            menu_options=["key", "price", "derogation", "named", "organiser"],
        )

    async def async_step_named(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Its name, the agreement, and the step."""
        roster = self._books.roster
        errors: dict[str, str] = {}
        if user_input is not None:
            agreement = agreement_of(user_input)
            if agreement is not None and not AGREEMENT.fullmatch(agreement):
                errors[CONF_AGREEMENT] = "agreement_not_one"
            if not (name := " ".join(user_input[CONF_OPERATION_NAME].split())):
                errors[CONF_OPERATION_NAME] = "name_missing"
            if not errors:
                named = partial(
                    replace,
                    name=name,
                    agreement=agreement,
                    step=int(user_input[CONF_STEP]) * MINUTE,
                )
                await self._books.async_change(named)
                return self._changed()
        told = {
            CONF_OPERATION_NAME: roster.name,
            CONF_AGREEMENT: roster.agreement,
            CONF_STEP: str(roster.step // MINUTE),
        }
        return self.async_show_form(
            step_id="named",
            data_schema=self.add_suggested_values_to_schema(
                NAMED_SCHEMA, user_input or told
            ),
            errors=errors,
        )

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """By which key, from when on?"""
        roster, today = self._books.roster, self._coordinator.today
        words = await async_words(self.hass)
        errors: dict[str, str] = {}
        problem = ""
        if user_input is not None:
            donated = user_input.get(CONF_DONATED, 0)
            is_donated = user_input[CONF_SERVED_FIRST] == Solidarity.DONATED
            if is_donated and not 0 < donated < 100:
                errors[CONF_DONATED] = "donated_not_a_part"
            else:
                with_key = partial(_with_key, _key(user_input))
                since = date.fromisoformat(user_input[CONF_SINCE])
                found = key_problem(with_key(roster), max(since, today))
                # What is missing of a participant can be told later; two rules cannot both be.
                if found is not None and user_input[CONF_SERVED_FIRST] != NONE:
                    errors["base"] = "key_not_possible"
                    problem = words.key_problem(found)
                else:
                    await self._books.async_change(with_key)
                    return self._changed()
        return self.async_show_form(
            step_id="key",
            data_schema=self.add_suggested_values_to_schema(
                KEY_SCHEMA, user_input or _key_told(in_force(roster.keys, today))
            ),
            errors=errors,
            description_placeholders={
                "list": as_list(map(words.key, roster.keys)),
                "problem": problem,
            },
        )

    async def async_step_price(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """At what price, from when on?"""
        roster = self._books.roster
        errors = price_errors(user_input) if user_input is not None else {}
        if user_input is not None and not errors:
            await self._books.async_change(partial(_with_price, price_of(user_input)))
            return self._changed()
        words = await async_words(self.hass)
        return self.async_show_form(
            step_id="price",
            data_schema=self.add_suggested_values_to_schema(PRICE_SCHEMA, user_input),
            errors=errors,
            description_placeholders={"list": as_list(map(words.price, roster.prices))},
        )

    async def async_step_derogation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Was a longer distance granted?"""
        roster = self._books.roster
        errors: dict[str, str] = {}
        if user_input is not None:
            granted = _derogation(user_input)
            if isinstance(granted, PublicServiceDerogation) and not granted.epci:
                errors[CONF_EPCI] = "epci_missing"
            else:
                try:
                    distance_limit((), granted, self._coordinator.today)
                except PerimeterError:
                    errors[CONF_OWN_KM] = "own_km_not_possible"
            if not errors:
                await self._books.async_change(partial(replace, derogation=granted))
                return self._changed()
        return self.async_show_form(
            step_id="derogation",
            data_schema=self.add_suggested_values_to_schema(
                DEROGATION_SCHEMA, user_input or _derogation_told(roster.derogation)
            ),
            errors=errors,
        )


def _with_key(key: AgreedKey, roster: Roster) -> Roster:
    return replace(roster, keys=from_then_on(roster.keys, key))


def _with_price(price: Price, roster: Roster) -> Roster:
    return replace(roster, prices=from_then_on(roster.prices, price))


def _key(told: Mapping[str, Any]) -> AgreedKey:
    served = told[CONF_SERVED_FIRST]
    solidarity = None if served == NONE else Solidarity(served)
    is_donated = solidarity is Solidarity.DONATED
    return AgreedKey(
        told[CONF_KEY],
        Validity(date.fromisoformat(told[CONF_SINCE])),
        solidarity,
        told[CONF_DONATED] / 100 if is_donated else 0.0,
    )


def _key_told(keys: tuple[AgreedKey, ...]) -> dict[str, Any]:
    """The key of today, as the form is filled."""
    for key in keys:
        told = {
            CONF_KEY: key.choice,
            CONF_SERVED_FIRST: key.solidarity.value if key.solidarity else NONE,
        }
        return told | ({CONF_DONATED: 100 * key.donated} if key.donated else {})
    return {}


def _derogation(told: Mapping[str, Any]) -> Derogation:
    match told[CONF_DEROGATION]:
        case "distance":
            communes = (one.strip() for one in told.get(CONF_COMMUNES, ()))
            return DistanceDerogation(
                told.get(CONF_OWN_KM), frozenset(filter(None, communes))
            )
        case "public_service":
            return PublicServiceDerogation(told.get(CONF_EPCI, "").strip())
    return None


def _derogation_told(derogation: Derogation) -> dict[str, Any]:
    match derogation:
        case DistanceDerogation(own_km, communes):
            told = {CONF_DEROGATION: BY_DISTANCE, CONF_COMMUNES: sorted(communes)}
            return told if own_km is None else told | {CONF_OWN_KM: own_km}
        case PublicServiceDerogation(epci):
            return {CONF_DEROGATION: OF_PUBLIC_SERVICE, CONF_EPCI: epci}
    return {}
