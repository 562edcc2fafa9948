"""Why it is a good time, or not, in one sentence of the house's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..engine.indicators import WH_PER_KWH
from ..engine.signal import Reason, Signal, Window

CATEGORY = "common"
FRENCH = "fr"

SUREST = 0.95
"""Above, no number of past cases tells one chance from another."""

WITHOUT_WINDOW = {
    Reason.COVERED: Reason.NOT_CHEAPER,
    Reason.LATER: Reason.NOT_ENOUGH,
}
"""What is said instead where the sentence would name a window that is no more."""

type Texts = Mapping[str, str]
"""Sentences by reason, with placeholders."""


async def async_reason_texts(hass: HomeAssistant, language: str | None = None) -> Texts:
    """The sentences in a language, or else in the house's."""
    return await async_texts(hass, "reason_", language or hass.config.language)


async def async_texts(hass: HomeAssistant, kind: str, language: str) -> Texts:
    """Our common texts of one kind in a language, by what comes after the kind."""
    found = await async_get_translations(hass, language, CATEGORY, {DOMAIN})
    prefix = f"component.{DOMAIN}.{CATEGORY}.{kind}"
    return {
        key.removeprefix(prefix): text
        for key, text in found.items()
        if key.startswith(prefix)
    }


def reason_sentence(
    texts: Texts, signal: Signal, now: datetime, time_zone: tzinfo, language: str
) -> str:
    """The sentence of a signal, with energy, times and chance as people write them."""
    key: str = signal.reason
    if signal.window is None:
        key = WITHOUT_WINDOW.get(signal.reason, key)
    values = {}
    if (window := signal.window) is not None:
        values = {
            "kwh": number_text(window.energy_wh / WH_PER_KWH, language),
            "start": time_text(window.start, now, time_zone, language),
            "end": time_text(window.end, now, time_zone, language),
            "chance": _chance(window.probability),
        }
    return texts.get(key, key).format_map(values)


def _chance(probability: float) -> str:
    """In percent; never certain, as no estimate is."""
    return "> 95" if probability > SUREST else str(round(100 * probability))


def number_text(value: float, language: str) -> str:
    """To a tenth, with the language's decimal sign."""
    text = f"{value:.1f}"
    return text.replace(".", ",") if language == FRENCH else text


def time_text(at: datetime, now: datetime, time_zone: tzinfo, language: str) -> str:
    """Local time; with the date where it is another day."""
    local = at.astimezone(time_zone)
    is_today = local.date() == now.astimezone(time_zone).date()
    clock = clock_text(local, language)
    if is_today:
        return clock
    return f"{clock} {'le' if language == FRENCH else 'on'} {local:%d/%m}"


def clock_text(local: datetime, language: str) -> str:
    """A time as the clock on the wall shows it."""
    if language != FRENCH:
        return f"{local:%H:%M}"
    return f"{local.hour} h {local.minute:02}" if local.minute else f"{local.hour} h"


@dataclass(frozen=True, slots=True)
class WindowEvent:
    """A good window, in words."""

    start: datetime
    end: datetime
    summary: str
    description: str


def window_event(texts: Texts, window: Window, language: str) -> WindowEvent:
    """A window with its energy, chance and cost as people write them."""
    values = {
        "kwh": number_text(window.energy_wh / WH_PER_KWH, language),
        "chance": _chance(window.probability),
        "cents": number_text(100 * window.eur_per_kwh, language),
    }
    return WindowEvent(
        window.start,
        window.end,
        texts.get("window", "{kwh} kWh").format_map(values),
        texts.get("window_details", "").format_map(values),
    )
