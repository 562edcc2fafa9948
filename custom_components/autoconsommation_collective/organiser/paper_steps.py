"""What can be printed and saved, as links that expire."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
import voluptuous as vol

from ..adapters.import_words import month_text
from .paper_view import async_paper_paths
from .steps import BookSteps
from .words import as_list, async_words

MOST_MONTHS: Final = 13
"""Of a year and the month in progress; older ones are in what was saved then."""


class PaperSteps(BookSteps):
    """Sheets for members without a screen, statements, who owes whom, coefficients."""

    async def async_step_papers(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which is to be opened?"""
        if user_input is not None:
            return await self.async_step_organiser()
        words = await async_words(self.hass)
        paths = await async_paper_paths(
            self.hass, self._coordinator.config_entry.entry_id
        )
        months = [
            words.said(
                "papers_of_month",
                month=month_text(month),
                statements=statements,
                owed=paths.owed[month],
                coefficients=paths.coefficients[month],
            )
            for month, statements in list(paths.statements.items())[:MOST_MONTHS]
        ]
        return self.async_show_form(
            step_id="papers",
            data_schema=vol.Schema({}),
            description_placeholders={
                "weekly": paths.weekly,
                "indicators": paths.indicators,
                "months": as_list(months) or words.texts["no_months"],
            },
        )
