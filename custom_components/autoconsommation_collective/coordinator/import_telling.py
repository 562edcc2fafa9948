"""An import as an answer: what it changed, in numbers and in sentences."""

from collections.abc import Mapping
from datetime import date

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType

from ..adapters.delivered_file import async_on_disk, async_refused
from ..adapters.import_words import (
    async_import_texts,
    delivery_sentences,
    import_sentences,
)
from ..engine.delivery import Delivery
from ..engine.delivery_unread import Refusal, TableUnsure
from ..engine.import_report import MonthReport
from ..engine.reconcile import Source
from ..pmo.cells import shown
from .importing import Importing
from .telling import told_kwh


async def async_import_from(
    hass: HomeAssistant, importing: Importing, file: str, password: str | None
) -> JsonObjectType:
    """Take in a file that Home Assistant may read. Raises ServiceValidationError."""
    name, body = await async_on_disk(hass, file)
    delivery = await importing.reading.async_read(name, body, password)
    if isinstance(delivery, TableUnsure):
        raise await async_refused(hass, Refusal("needs_mapping", {"file": shown(name)}))
    if isinstance(delivery, Refusal):
        raise await async_refused(hass, delivery)
    return await _async_imported(hass, importing, delivery, Source.FILE)


async def async_import_bill(
    hass: HomeAssistant,
    importing: Importing,
    first: date,
    last: date,
    allocated_kwh: float | None,
    by_class_kwh: Mapping[str, float],
    consumption_kwh: float | None,
) -> JsonObjectType:
    """Take in what a bill says. Raises ServiceValidationError."""
    told = importing.bill(first, last, allocated_kwh, by_class_kwh, consumption_kwh)
    if isinstance(told, Refusal):
        raise await async_refused(hass, told)
    return await _async_imported(hass, importing, told, Source.HAND)


async def _async_imported(
    hass: HomeAssistant, importing: Importing, delivery: Delivery, source: Source
) -> JsonObjectType:
    """Take in what was handed over, and tell it. Raises ServiceValidationError."""
    found = await importing.async_import(delivery, source)
    if isinstance(found, Refusal):
        raise await async_refused(hass, found)
    language = hass.config.language
    texts = await async_import_texts(hass, language)
    time_zone = importing.settlement.time_zone
    return {
        "changed": found.changes_anything,
        "report": [
            *import_sentences(texts, found, time_zone, language),
            *delivery_sentences(texts, delivery),
        ],
        "months": [_told_month(month) for month in found.months],
        "repairs": {repair.value: n for repair, n in delivery.repairs.items()},
        "left": list(delivery.left),
    }


def _told_month(one: MonthReport) -> JsonObjectType:
    whole, part = (
        ("injected_kwh", "surplus_kwh")
        if one.is_producer
        else ("consumption_kwh", "allocated_kwh")
    )
    return {
        "month": one.month,
        whole: told_kwh(one.whole_wh),
        part: told_kwh(one.part_wh),
        "new": one.changes.new,
        "corrected": one.changes.corrected,
        "identical": one.changes.identical,
        "missing": one.changes.missing,
        "source": one.source.value,
        "only_sums": one.is_spread,
        "flaws": {flawed.flaw.value: flawed.n_steps for flawed in one.flaws},
    }
