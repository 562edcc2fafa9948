"""The sentences of the signal: every reason has one, in both languages, whatever is known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.adapters.reason import (
    async_reason_texts,
    reason_sentence,
    window_event,
)
from custom_components.autoconsommation_collective.engine.signal import (
    Level,
    Reason,
    Signal,
    Window,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
"""Noon in the village."""
SOON = Window(
    NOW + timedelta(minutes=60), NOW + timedelta(minutes=150), 1437.0, 0.849, 0.0625
)
TOMORROW = Window(
    NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2), 40.0, 0.999, 0.1
)


async def said(
    hass: HomeAssistant, language: str, reason: Reason, window: Window | None
) -> str:
    """The sentence in a house of that language."""
    hass.config.language = language
    texts = await async_reason_texts(hass)
    signal = Signal(Level.NEUTRAL, reason, NOW, window)
    return reason_sentence(texts, signal, NOW, PARIS, language)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("window", [None, SOON], ids=["no window", "window"])
@pytest.mark.parametrize("language", ["en", "fr", "de"])
async def test_each_reason_is_a_sentence(
    hass: HomeAssistant, language: str, reason: Reason, window: Window | None
) -> None:
    """Without a placeholder left, or the name of the reason; English where we have no other."""
    text = await said(hass, language, reason, window)
    assert " " in text
    assert "{" not in text
    assert text != reason.value


@pytest.mark.parametrize(
    ("language", "reason", "window", "parts"),
    [
        pytest.param("en", Reason.COVERED, SOON, ["1.4 kWh", "14:30", "85 %"], id="en"),
        pytest.param("fr", Reason.COVERED, SOON, ["1,4 kWh", "14 h 30", "85 %"], id="fr"),
        pytest.param("fr", Reason.LATER, SOON, ["13 h", "14 h 30"], id="fr, full hour"),
        pytest.param("en", Reason.LATER, TOMORROW, ["12:00 on 21/11", "0.0 kWh"], id="en, another day"),
        pytest.param("fr", Reason.LATER, TOMORROW, ["12 h le 21/11", "0,0 kWh"], id="fr, another day"),
        pytest.param("en", Reason.COVERED, TOMORROW, ["> 95 %"], id="never certain"),
    ],
)  # fmt: skip
async def test_numbers_as_people_write_them(
    hass: HomeAssistant, language: str, reason: Reason, window: Window, parts: list[str]
) -> None:
    """Decimal sign, hours and day of the language."""
    text = await said(hass, language, reason, window)
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize(
    ("language", "summary", "cents"),
    [
        pytest.param("en", "1.4 kWh", "6.2 cents", id="en"),
        pytest.param("fr", "1,4 kWh", "6,2 centime", id="fr"),
    ],
)
async def test_window_in_the_calendar(
    hass: HomeAssistant, language: str, summary: str, cents: str
) -> None:
    """With its energy in the title, and what it costs beside it."""
    hass.config.language = language
    event = window_event(await async_reason_texts(hass), SOON, language)
    assert (event.start, event.end) == (SOON.start, SOON.end)
    assert summary in event.summary
    assert "85 %" in event.description
    assert cents in event.description


def test_without_sentences_nothing_raises() -> None:
    """As when the translations cannot be read."""
    signal = Signal(Level.GOOD, Reason.COVERED, NOW, SOON)
    assert reason_sentence({}, signal, NOW, PARIS, "en") == "covered"
    assert window_event({}, SOON, "en").summary == "1.4 kWh"
