"""A settlement from a file, in the options: handed in, looked at, kept."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigFlowResult
import voluptuous as vol

from ..engine.delivery import Delivery
from ..engine.delivery_unread import Refusal
from ..engine.import_report import ImportReport
from ..engine.reconcile import Source
from .file_steps import FileSteps
from .import_words import async_import_texts, delivery_sentences, import_sentences


class ImportSteps(FileSteps):
    """Which file, and whether its totals are right."""

    _file_step = "import_file"
    _delivery: Delivery
    _source: Source

    @property
    @abstractmethod
    def _importing(self) -> Any:
        """What reads and keeps deliveries for the entry."""

    @property
    @abstractmethod
    def _entry_options(self) -> Mapping[str, Any]:
        """The entry's options as they are."""

    @property
    @override
    def _reading(self) -> Any:
        return self._importing.reading

    async def async_step_import_file(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which file?"""
        return await self._async_ask_file(user_input)

    @override
    async def _async_delivered(self, delivery: Delivery) -> ConfigFlowResult | Refusal:
        return await self._async_preview(delivery, Source.FILE)

    async def _async_preview(
        self, delivery: Delivery, source: Source
    ) -> ConfigFlowResult | Refusal:
        """Show what would change."""
        self._delivery, self._source = delivery, source
        report = await self._importing.async_preview(delivery, source)
        if isinstance(report, Refusal):
            return report
        return self.async_show_form(
            step_id="import_confirm",
            data_schema=vol.Schema({}),
            description_placeholders={"report": await self._async_said(report)},
        )

    async def async_step_import_confirm(
        self, _user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Keep it."""
        report = await self._importing.async_import(self._delivery, self._source)
        return self.async_abort(
            reason="imported",
            description_placeholders={"report": await self._async_said(report)},
        )

    async def _async_said(self, report: ImportReport) -> str:
        """The report as a list."""
        language = self.hass.config.language
        texts = await async_import_texts(self.hass, language)
        time_zone = self._importing.settlement.time_zone
        sentences = import_sentences(texts, report, time_zone, language)
        sentences += delivery_sentences(texts, self._delivery)
        return "\n".join(f"- {sentence}" for sentence in sentences)
