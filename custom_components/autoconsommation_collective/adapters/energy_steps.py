"""The Energy dashboard in the options: what would change, said before it does; and back again."""

from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryBaseFlow,
    ConfigFlowResult,
)
import voluptuous as vol

from ..engine.energy_sources import Way
from .energy_setup import (
    EnergyProblem,
    EnergySetup,
    Offer,
    async_energy_setup,
    source_name,
)
from .reason import Texts, async_texts

KIND: Final = "energy_"


class EnergySteps(ConfigEntryBaseFlow):
    """Set up, and undo."""

    config_entry: ConfigEntry
    _setup: EnergySetup
    _offered: Offer

    async def async_step_energy(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What can be done? Where ours stand already, it can be undone, too."""
        found = await async_energy_setup(self.hass, self.config_entry)
        if isinstance(found, EnergyProblem):
            return self.async_abort(reason=found)
        self._setup = found
        offer = await found.async_offer()
        if await found.async_can_undo():
            return self.async_show_menu(
                step_id="energy",
                menu_options=["energy_set_up", "energy_undo"]
                if isinstance(offer, Offer)
                else ["energy_undo"],
            )
        if isinstance(offer, EnergyProblem):
            return self.async_abort(reason=offer)
        return await self._async_show_offer(offer)

    async def async_step_energy_set_up(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Nothing is changed before it was said: not even where the dashboard changed since."""
        offer = await self._setup.async_offer()
        if isinstance(offer, EnergyProblem):
            return self.async_abort(reason=offer)
        if user_input is None or offer != self._offered:
            return await self._async_show_offer(offer)
        problem = await self._setup.async_set_up(offer)
        return self.async_abort(reason=problem or "energy_is_set_up")

    async def async_step_energy_undo(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Shall what was replaced come back?"""
        if user_input is None:
            return self.async_show_form(
                step_id="energy_undo", data_schema=vol.Schema({})
            )
        problem = await self._setup.async_undo()
        return self.async_abort(reason=problem or "energy_is_undone")

    async def _async_show_offer(self, offer: Offer) -> ConfigFlowResult:
        self._offered = offer
        texts = await async_texts(self.hass, KIND, self.hass.config.language)
        ways = [
            (texts["cost"], offer.ours.community),
            (texts["cost"], offer.ours.supplier),
            (texts["income"], offer.ours.shared),
            (texts["income"], offer.ours.surplus),
        ]
        replaced = [source_name(self.hass, each.source) for each in offer.replaced]
        others = [source_name(self.hass, source) for source in offer.others]
        return self.async_show_form(
            step_id="energy_set_up",
            data_schema=vol.Schema({}),
            description_placeholders={
                "added": "\n".join(
                    f"- {_said(texts, offer, money, way)}" for money, way in ways if way
                ),
                "replaced": texts["replaced"].format(names=", ".join(replaced))
                if replaced
                else texts["nothing_replaced"],
                "others": texts["others"].format(names=", ".join(others))
                if others
                else "",
            },
        )


def _said(texts: Texts, offer: Offer, money: str, way: Way) -> str:
    """A statistic, and whether its money is shown with it."""
    return f"{offer.names[way.energy]}, {money if way.money else texts['no_price']}"
