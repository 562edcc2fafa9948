"""What an organiser does: months, participants, publishing; the entry's options stay as they are."""

from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow

from .checklist_steps import ChecklistSteps
from .coordinator import OrganiserCoordinator
from .evening_steps import EveningSteps
from .month_steps import MonthSteps
from .paper_steps import PaperSteps
from .participant_steps import ParticipantSteps
from .publishing_steps import PublishingSteps
from .sharing_steps import SharingSteps
from .words import as_list, async_words


class OrganiserOptionsFlow(
    MonthSteps,
    PaperSteps,
    ParticipantSteps,
    SharingSteps,
    PublishingSteps,
    EveningSteps,
    ChecklistSteps,
    OptionsFlow,
):
    """The organiser's menu."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What is to be done?"""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        return await self.async_step_organiser()

    @override
    async def async_step_organiser(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What is to be done, in the order of the month."""
        words = await async_words(self.hass)
        items = [words.item(one) for one in self._coordinator.data.items[-10:]]
        return self.async_show_menu(
            step_id="organiser",
            menu_options=[
                "month",
                "checklist",
                "participants",
                "invite",
                "revoke",
                "sharing",
                "publishing",
                "evening",
                "papers",
            ],
            description_placeholders={
                "list": as_list(items) or words.texts["no_items"]
            },
        )

    @property
    @override
    def _coordinator(self) -> OrganiserCoordinator:
        found: OrganiserCoordinator = self.config_entry.runtime_data.coordinator
        return found
