"""What a voice assistant answers, in the language of the question."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from homeassistant.core import HomeAssistant

from ..engine.indicators import WH_PER_KWH
from ..engine.learning import Confidence
from ..engine.signal import Signal, Window
from .reason import (
    SUREST,
    Texts,
    async_reason_texts,
    async_texts,
    clock_text,
    number_text,
    reason_sentence,
)


class Asked(StrEnum):
    """What people ask."""

    GOOD_TIME = "good_time"
    """Whether now is a good time."""
    NEXT_WINDOW = "next_window"
    """When a good time comes."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of a language."""

    language: str
    texts: Texts
    reasons: Texts

    def answer(
        self,
        asked: Asked,
        signal: Signal | None,
        window: Window | None,
        confidence: Confidence | None,
        now: datetime,
        time_zone: tzinfo,
    ) -> str:
        """When, how much, how surely; without a window to name, why there is none.

        The window is the one in progress, else the next.
        """
        if signal is None:
            return self.texts["unknown"]
        values: Mapping[str, str] = {}
        if window is not None:
            values = self._values(window, now, time_zone)
        if signal.level.is_good:
            known = "now" if window and window.start <= now else "still"
            said = [self.texts[f"{asked}_{known}"].format_map(values)]
        elif window is not None and window.start > now:
            said = [self.texts[f"{asked}_later"].format_map(values)]
        else:
            why = reason_sentence(self.reasons, signal, now, time_zone, self.language)
            said = [self.texts[f"{asked}_none"], f"{why}."]
        if confidence is not None:
            said.append(self.texts[f"confidence_{confidence}"])
        answer = " ".join(said)
        return answer[0].upper() + answer[1:]

    def _values(
        self, window: Window, now: datetime, time_zone: tzinfo
    ) -> Mapping[str, str]:
        """A window as people say it."""
        start, end = (
            window.start.astimezone(time_zone),
            window.end.astimezone(time_zone),
        )
        today = now.astimezone(time_zone).date()
        days = {today: "today", today + timedelta(days=1): "tomorrow"}
        when = self.texts[f"when_{days.get(start.date(), 'later')}"]
        end_text = clock_text(end, self.language)
        return {
            "kwh": number_text(window.energy_wh / WH_PER_KWH, self.language),
            "chance": self.texts["surest"]
            if window.probability > SUREST
            else str(round(100 * window.probability)),
            "end": end_text,
            "when": when.format(
                start=clock_text(start, self.language),
                end=end_text,
                date=f"{start:%d/%m}",
            ),
        }


async def async_spoken(hass: HomeAssistant, language: str) -> Spoken:
    """The words of a language, whatever country it is spoken in; English where there are none."""
    language = language.partition("-")[0]
    return Spoken(
        language,
        await async_texts(hass, "spoken_", language),
        await async_reason_texts(hass, language),
    )
