"""By which day of the month each thing is done, and what is done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..engine.checklist import Checklist, Duty, Item, Standing
from .steps import BookSteps
from .view import month_before
from .words import as_list, async_words

CONF_DONE: Final = "done"
BY_HAND: Final = (Duty.CHECK, Duty.COEFFICIENTS, Duty.BILLS)
"""What does not show by itself, or not always."""
DAY: Final = selector.NumberSelector(
    selector.NumberSelectorConfig(
        min=1, max=31, step=1, mode=selector.NumberSelectorMode.BOX
    )
)


def day_field(duty: Duty) -> str:
    """The field that holds the day of a duty."""
    return f"{duty.value}_by"


CHECKLIST_FIELDS: Final = (CONF_DONE, *map(day_field, Duty))
"""All that may be asked; nothing can be ticked where nothing is left to tick."""


class ChecklistSteps(BookSteps):
    """What is to be done for each month."""

    async def async_step_checklist(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What is done, and by when is it to be?"""
        view, settings = self._coordinator.data, self._books.settings
        if user_input is not None:
            checklist = _told(settings.checklist, user_input, month_before(view.today))
            await self._books.async_set_settings(replace(settings, checklist=checklist))
            return self._changed()
        words = await async_words(self.hass)
        left = [one for one in view.items if _can_be_ticked(one)]
        fields: dict[vol.Marker, Any] = {}
        if left:
            fields[vol.Optional(CONF_DONE)] = selector.SelectSelector(
                selector.SelectSelectorConfig(
                    options=[
                        selector.SelectOptionDict(
                            value=f"{one.month} {one.duty.value}", label=words.item(one)
                        )
                        for one in left
                    ],
                    multiple=True,
                    mode=selector.SelectSelectorMode.LIST,
                )
            )
        fields |= {vol.Optional(day_field(duty)): DAY for duty in Duty}
        days = {day_field(d): day for d, day in settings.checklist.days.items()}
        return self.async_show_form(
            step_id="checklist",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), days),
            description_placeholders={
                "list": as_list(map(words.item, view.items)) or words.texts["no_items"]
            },
        )


def _can_be_ticked(one: Item) -> bool:
    return one.duty in BY_HAND and one.standing is not Standing.DONE


def _told(before: Checklist, told: Mapping[str, Any], month: str) -> Checklist:
    """The list with what was told: it begins with the month that is over."""
    days = {
        duty: int(told[day_field(duty)]) for duty in Duty if day_field(duty) in told
    }
    ticked = dict(before.ticked)
    for text in told.get(CONF_DONE, ()):
        of_month, _, duty = text.partition(" ")
        ticked[of_month] = ticked.get(of_month, frozenset()) | {Duty(duty)}
    since = (before.since or month) if days else None
    return Checklist(days, since, ticked)
