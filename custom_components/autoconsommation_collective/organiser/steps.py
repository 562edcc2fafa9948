"""What all questions to an organiser share: the books, and how a question ends."""

from abc import abstractmethod
from typing import Any

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers import selector

from .books import Books
from .coordinator import OrganiserCoordinator
from .words import LAST_DIGITS

CONF_PARTICIPANT = "participant"


class BookSteps(ConfigEntryBaseFlow):
    """Questions whose answers are kept in the books, and not in the entry's options."""

    @property
    @abstractmethod
    def _coordinator(self) -> OrganiserCoordinator:
        """What the entry shows."""

    @abstractmethod
    async def async_step_organiser(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The organiser's menu."""

    @property
    def _books(self) -> Books:
        return self._coordinator.books

    @callback
    def _changed(self) -> ConfigFlowResult:
        """It is kept."""
        return self.async_abort(reason="changed")

    def _choose(self, ids: set[str] | None = None) -> selector.SelectSelector:
        """One of the participants, or of those."""
        return selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=[
                    selector.SelectOptionDict(
                        value=one.id, label=f"{one.name} (…{one.point[-LAST_DIGITS:]})"
                    )
                    for one in self._books.roster.participants
                    if ids is None or one.id in ids
                ],
                mode=selector.SelectSelectorMode.DROPDOWN,
            )
        )
