"""The question whose loads a producer's surplus is for first, with what each answer means."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import CONF_OWN_FIRST
from ..engine.indicators import WH_PER_KWH
from ..engine.model import Price
from ..engine.producer_choice import ProducerChoice, Stakes, stakes
from .contract import contract_of

COMMUNITY_FIRST, OWN_FIRST = "community_first", "own_first"

OWN_FIRST_SCHEMA = vol.Schema(
    {
        # Optional, and refused when empty: of a required choice the frontend takes the first.
        vol.Optional(CONF_OWN_FIRST): selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=[COMMUNITY_FIRST, OWN_FIRST],
                mode=selector.SelectSelectorMode.LIST,
                translation_key="own_first",
            )
        )
    }
)


class ProducerSteps(ConfigEntryBaseFlow):
    """Own loads first, or the neighbours alike."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """Options of the entry."""

    @abstractmethod
    async def _async_settled_choice(
        self,
    ) -> tuple[ProducerChoice | None, tuple[Price, ...]]:
        """What the settled months let expect, and the operation's prices in force."""

    @abstractmethod
    async def _async_own_first_told(self, own_first: bool) -> ConfigFlowResult:
        """Go on with the choice."""

    async def async_step_own_first(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """With what each choice means in kWh and in €, as far as that is known."""
        choice, prices = await self._async_settled_choice()
        contract = contract_of(self._entry_options)
        if choice is None:
            return await self._async_ask("own_first_unsettled", user_input, {})
        if contract is None:
            return await self._async_ask(
                "own_first_unpriced", user_input, _energies(choice)
            )
        money = stakes(choice, contract, prices)
        return await self._async_ask(
            "own_first", user_input, _energies(choice) | _euros(money)
        )

    async def async_step_own_first_unpriced(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """In kWh alone, while the contract is not told."""
        return await self.async_step_own_first(user_input)

    async def async_step_own_first_unsettled(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """In words, while nothing is settled."""
        return await self.async_step_own_first(user_input)

    async def _async_ask(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        placeholders: dict[str, str],
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            if CONF_OWN_FIRST in user_input:
                return await self._async_own_first_told(
                    user_input[CONF_OWN_FIRST] == OWN_FIRST
                )
            errors[CONF_OWN_FIRST] = "own_first_missing"
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                OWN_FIRST_SCHEMA, self._chosen()
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    def _chosen(self) -> dict[str, str]:
        """The choice as it was made; nothing before."""
        told = self._entry_options.get(CONF_OWN_FIRST)
        if told is None:
            return {}
        return {CONF_OWN_FIRST: OWN_FIRST if told else COMMUNITY_FIRST}


def _energies(choice: ProducerChoice) -> dict[str, str]:
    """In whole kWh, which every language writes alike."""
    return {
        "months": str(choice.n_months),
        "injected": _whole(choice.injected_wh / WH_PER_KWH),
        "left_over": _whole(choice.left_over_wh / WH_PER_KWH),
        "kept": _whole(choice.kept_wh / WH_PER_KWH),
        "lacked": _whole(choice.lacked_wh / WH_PER_KWH),
    }


def _euros(money: Stakes) -> dict[str, str]:
    return {
        "producer_eur": _whole(money.producer_eur),
        "neighbours_eur": _whole(money.neighbours_eur),
    }


def _whole(value: float) -> str:
    return str(round(value))
