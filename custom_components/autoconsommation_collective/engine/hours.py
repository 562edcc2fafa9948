"""Off-peak hours as a bill, a letter or a meter writes them, and as calendars of price classes."""

from collections.abc import Sequence
from datetime import time
from enum import StrEnum
import re
from typing import override

from .errors import AccError
from .tariffs import Calendar, Period

OFF_PEAK_CLASS, PEAK_CLASS = "HC", "HP"
"""Heures creuses, heures pleines."""

ALL_MONTHS = frozenset(range(1, 13))
MINUTES_PER_DAY = 24 * 60

_TIME = r"(\d{1,2})\s*(?:[h:]\s*(\d{2})?)"
_RANGE = re.compile(rf"{_TIME}\s*(?:-|–|—|/|à|a\b|to\b)\s*{_TIME}", re.IGNORECASE)
_BETWEEN = re.compile(r"hc|heures? creuses?|de|et|from|and|[\s;,.:()&+]", re.IGNORECASE)
"""What may stand between the ranges without saying anything."""


class HoursProblem(StrEnum):
    """Why a text tells no hours."""

    EMPTY = "empty"
    NOT_UNDERSTOOD = "not_understood"
    """Something in it is no range of times."""
    NO_TIME = "no_time"
    """A time that no clock shows, as 25:00 or 22:75."""
    NO_LENGTH = "no_length"
    """A range that ends where it begins."""
    OVERLAP = "overlap"
    """Two ranges share a minute."""


class HoursError(AccError):
    """A text that tells no hours."""

    def __init__(self, problem: HoursProblem, found: str) -> None:
        """Name what is wrong and where."""
        super().__init__(problem, found)
        self.problem = problem
        self.found = found

    @override
    def __str__(self) -> str:
        """One line, as `no_time: 25h00`."""
        return f"{self.problem.value}: {self.found}"


def parse_hours(text: str, *, price_class: str = OFF_PEAK_CLASS) -> tuple[Period, ...]:
    """The ranges of a text, in its order, as periods of all months: `22h30-6h30; 12:30-14:30`.

    Also as on a bill, `HC (1H30-8H00;12H30-14H30)`, and in words, `de 23h à 7h et de 12h à
    14h`. Raises HoursError.
    """
    if not text.strip():
        raise HoursError(HoursProblem.EMPTY, text)
    if strange := _BETWEEN.sub("", _RANGE.sub(" ", text)):
        raise HoursError(HoursProblem.NOT_UNDERSTOOD, strange)
    periods = tuple(
        Period(price_class, _time(*found[:2]), _time(*found[2:]))
        for found in _RANGE.findall(text)
    )
    if not periods:
        raise HoursError(HoursProblem.NOT_UNDERSTOOD, text)
    taken: set[int] = set()
    for period in periods:
        if period.start == period.end:
            raise HoursError(HoursProblem.NO_LENGTH, hours_text([period]))
        minutes = _minutes(period)
        if not taken.isdisjoint(minutes):
            raise HoursError(HoursProblem.OVERLAP, hours_text([period]))
        taken |= minutes
    return periods


def hours_text(periods: Sequence[Period]) -> str:
    """The ranges in one notation, which `parse_hours` reads back: `22:30-06:30; 12:30-14:30`."""
    return "; ".join(f"{p.start:%H:%M}-{p.end:%H:%M}" for p in periods)


def off_peak_calendar(
    hours: Sequence[Period],
    summer_hours: Sequence[Period] = (),
    summer_months: frozenset[int] = frozenset(),
) -> Calendar:
    """HC in these hours and HP in all others, with hours of their own in the summer months.

    Without hours nothing is known: the calendar covers no instant.
    """
    if not hours:
        return Calendar(())
    if not summer_hours:
        summer_months = frozenset()
    off_peak = [
        Period(OFF_PEAK_CLASS, period.start, period.end, months=months)
        for ranges, months in (
            (hours, ALL_MONTHS - summer_months if summer_months else None),
            (summer_hours, summer_months),
        )
        for period in ranges
    ]
    return Calendar((*off_peak, Period(PEAK_CLASS)))


def months_between(first: int, last: int) -> frozenset[int]:
    """The months from the first to the last, both included, past the year's end if need be."""
    n_months = (last - first) % 12 + 1
    return frozenset((first - 1 + n) % 12 + 1 for n in range(n_months))


def _time(hour: str, minute: str) -> time:
    """A time of day; 24:00 is the midnight that ends it."""
    found = int(hour), int(minute or 0)
    if found == (24, 0):
        return time(0)
    try:
        return time(*found)
    except ValueError:
        raise HoursError(HoursProblem.NO_TIME, f"{hour}:{minute or '00'}") from None


def _minutes(period: Period) -> set[int]:
    """Minutes of the day that a period covers."""
    start = period.start.hour * 60 + period.start.minute
    end = period.end.hour * 60 + period.end.minute
    return {
        (start + n) % MINUTES_PER_DAY for n in range((end - start) % MINUTES_PER_DAY)
    }
