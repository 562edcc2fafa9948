"""What the meter tells of the tariff: the class in force, colours of days, off-peak hours.

The dry contact is not the tariff: either may be on without the other.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
import re
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

from ..engine.contract import (
    COLOUR_LETTERS,
    ContractKind,
    DayKind,
    PriceClass,
    day_kind_of,
    tempo_day,
)
from ..engine.day_profile import profile_hours
from ..engine.hours import HoursError, hours_text, parse_hours
from .meter import resolve
from .meter_tokens import NEXT_DAY_PLATFORMS, MeterRole, read_clue

ALL_HOURS = frozenset({"TH", "ALL HOURS"})
"""PTEC of a meter in mode historique without classes. Newer contracts look like this, too,
whatever their classes: it proves no contract."""

_OFF_PEAK = re.compile(r"\bHC|CREUS|\bOFF PEAK")
_PEAK = re.compile(r"\bHP|PLEIN|^PEAK")
_COLOURS = {
    DayKind.BLUE: re.compile(r"\b(BLEU|BLUE)|JB\b"),
    DayKind.WHITE: re.compile(r"\b(BLANC?|WHITE)\b|JW\b"),
    DayKind.RED: re.compile(r"\b(ROUGE?|RED)\b|JR\b"),
}
_INDEX = re.compile(r"(?:(?:ENERGIE )?INDEX )?0?([1-9]|10)")
_TOMORROW = {
    "teleinfo": r"_DEMAIN$",
    "linkytic": r"_(demain|couleur_lendemain_contrat_tempo)$",
    "mqtt": r"(^|_)(demain|tomorrow_color|myelectricaldata_tempo_tomorrow)(_|$)",
    "esphome": r"(^|[-_])demain$",
    "rtetempo": r"_next_color$",
}
"""Which entities tell the colour of the next day, by what reads them; the meter's own first."""
_CONTRACT = re.compile(
    r"(?:^|[_-])(?:optarif|ngtf|current_tarif)(?:_|$)", re.IGNORECASE
)
"""Entities that name the contract, in the same words as the class in force: HC, BASE."""
OFF_PEAK_ATTRIBUTE = "offpeak hours"
"""Where an integration of the grid operator's cloud shows the hours of the contract."""


def tariff_class(
    text: str, indexes: Mapping[str, PriceClass] | None = None
) -> PriceClass | None:
    """The price class that a state tells; None where it tells none.

    As LTARF or PTEC writes it, as the core integration calls it, or the number of a supplier's
    index (NTARF) whose meaning is known.
    """
    words = _words(text)
    if words == "BASE" or words in ALL_HOURS:
        return PriceClass.BASE
    off_peak, peak = _OFF_PEAK.search(words), _PEAK.search(words)
    if not off_peak and not peak:
        return (indexes or {}).get(_index(words) or "")
    kind = day_kind(text)
    colour = f"J{COLOUR_LETTERS[kind]}" if kind else ""
    return PriceClass(f"{'HC' if off_peak else 'HP'}{colour}")


def tariff_told(text: str) -> str | None:
    """What is to be learned from: the price class, else the number of an index."""
    return tariff_class(text) or _index(_words(text))


def proven_kind(text: str) -> ContractKind | None:
    """The contract that a state proves; None where it is ambiguous, or says nothing."""
    match tariff_class(text):
        case None:
            return None
        case PriceClass.BASE:
            return None if _words(text) in ALL_HOURS else ContractKind.BASE
        case PriceClass.HP | PriceClass.HC:
            return ContractKind.OFF_PEAK
        case _:
            return ContractKind.TEMPO


def day_kind(text: str) -> DayKind | None:
    """The colour of a Tempo day, in French or English, alone or in a class."""
    words = _words(text)
    return next((k for k, said in _COLOURS.items() if said.search(words)), None)


def day_kinds_told(
    now: datetime,
    time_zone: ZoneInfo,
    class_now: str | None,
    tomorrow: DayKind | None,
) -> dict[date, str]:
    """The colours that are known: today's by the class in force, tomorrow's if it is told."""
    today = tempo_day(now, time_zone)
    told = {
        today: day_kind_of(class_now or ""),
        today + timedelta(days=1): tomorrow,
    }
    return {day: kind for day, kind in told.items() if kind is not None}


@callback
def shown_text(hass: HomeAssistant, ref: str | None) -> str | None:
    """The state of an entity; None while there is none."""
    entity_id = resolve(hass, ref) if ref else None
    state = hass.states.get(entity_id) if entity_id else None
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return state.state


@callback
def tariff_problem(hass: HomeAssistant, ref: str) -> str | None:
    """Why an entity cannot tell the tariff, as a translation key; None when it can.

    One that shows nothing now may do later.
    """
    entry = er.async_get(hass).async_get(resolve(hass, ref) or "")
    clue = entry and read_clue(entry.platform, entry.unique_id, entry.original_name)
    if clue and clue.role is MeterRole.CONTACT:
        return "is_contact"
    if entry and _CONTRACT.search(entry.unique_id):
        return "not_understood"
    text = shown_text(hass, ref)
    understood = text is None or tariff_told(text) is not None
    return None if understood else "not_understood"


@callback
def tomorrow_problem(hass: HomeAssistant, ref: str) -> str | None:
    """Why an entity cannot tell tomorrow's colour, as a translation key; None when it can.

    None of the colours may mean that it is not decided yet: only a number is refused.
    """
    text = shown_text(hass, ref) or ""
    return "not_understood" if re.fullmatch(r"-?[\d.]+", text) else None


@callback
def find_tomorrow(hass: HomeAssistant) -> str | None:
    """Reference of the entity that tells tomorrow's colour, if there is one."""
    ranks = {platform: rank for rank, platform in enumerate(_TOMORROW)}
    found = [
        entry
        for entry in er.async_get(hass).entities.values()
        if entry.domain == Platform.SENSOR
        and not entry.disabled
        and (pattern := _TOMORROW.get(entry.platform))
        and re.search(pattern, entry.unique_id)
    ]
    best = min(found, key=lambda entry: ranks[entry.platform], default=None)
    return None if best is None else best.id


@callback
def find_hours(hass: HomeAssistant, schedule_ref: str | None) -> str | None:
    """The off-peak hours that can be read: of the meter's next day, or of its cloud."""
    if hours := profile_hours(shown_text(hass, schedule_ref) or ""):
        return hours_text(hours)
    for entry in er.async_get(hass).entities.values():
        state = hass.states.get(entry.entity_id)
        if entry.platform in NEXT_DAY_PLATFORMS and state is not None:
            with suppress(HoursError):
                return hours_text(parse_hours(_attribute(state)))
    return None


def _attribute(state: State) -> str:
    hours: Any = state.attributes.get(OFF_PEAK_ATTRIBUTE)
    return str(hours or "")


def _words(text: str) -> str:
    """In capitals, with one space for whatever stands between."""
    return " ".join(re.findall(r"[A-Z0-9À-Ý]+", text.upper()))


def _index(words: str) -> str | None:
    found = _INDEX.fullmatch(words)
    return found[1] if found else None
