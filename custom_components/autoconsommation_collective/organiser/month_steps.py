"""A month: the grid operator's file taken in, looked at, kept, and published if wanted."""

from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import selector
import voluptuous as vol

from ..adapters.file_steps import FileSteps
from ..adapters.import_words import async_import_texts, delivery_sentences
from ..engine.blocks import MINUTE
from ..engine.delivery import Delivery
from ..engine.delivery_unread import Refusal
from ..engine.organised_report import MonthReport
from .steps import BookSteps
from .words import as_list, async_words

CONF_PUBLISH: Final = "publish_now"
PUBLISH_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_PUBLISH, default=False): selector.BooleanSelector()}
)
NO_CURVES: Final = "no_curves"
OTHER_STEPS: Final = "other_steps"


def unfit(delivery: Delivery, step: timedelta) -> Refusal | None:
    """Why nothing in a file can be laid on the operation's steps; None where anything can."""
    steps = {block.step for curve in delivery.curves for block in curve.blocks}
    if not steps or any(step % one == timedelta(0) for one in steps):
        return None
    told = {"told": str(step // MINUTE), "found": str(min(steps) // MINUTE)}
    return Refusal(OTHER_STEPS, told)


class MonthSteps(FileSteps, BookSteps):
    """Which file, whether it is right, and whether its months are published now."""

    _file_step = "month"
    _delivery: Delivery

    @property
    @override
    def _reading(self) -> Any:
        return self._coordinator.reading

    async def async_step_month(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which file?"""
        return await self._async_ask_file(user_input)

    @override
    async def _async_delivered(self, delivery: Delivery) -> ConfigFlowResult | Refusal:
        """Show what its months come to."""
        self._delivery = delivery
        if (refusal := unfit(delivery, self._books.roster.step)) is not None:
            return refusal
        reports = await self._books.async_preview(delivery)
        if not reports:
            return Refusal(NO_CURVES)
        return self.async_show_form(
            step_id="month_confirm",
            data_schema=PUBLISH_SCHEMA,
            description_placeholders={"report": await self._async_told(reports)},
        )

    async def async_step_month_confirm(
        self, user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Keep it, and publish it if that is wanted."""
        try:
            reports = await self._books.async_take_in(self._delivery)
        except OSError:
            return self.async_abort(reason="not_kept")
        report = await self._async_told(reports)
        if user_input[CONF_PUBLISH]:
            try:
                await self._coordinator.async_publish()
            except HomeAssistantError as error:
                return self.async_abort(
                    reason="kept_not_published",
                    description_placeholders={"report": report, "problem": str(error)},
                )
        return self.async_abort(
            reason="imported", description_placeholders={"report": report}
        )

    async def _async_told(self, reports: tuple[MonthReport, ...]) -> str:
        """The months as a list, and what was put right in the file."""
        words, roster = await async_words(self.hass), self._books.roster
        texts = await async_import_texts(self.hass, words.language)
        told = [
            sentence
            for one in reports
            for sentence in words.report(one, roster, self._books.time_zone)
        ]
        told += words.strangers(self._delivery, roster)
        return as_list(told + delivery_sentences(texts, self._delivery))
