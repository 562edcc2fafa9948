"""Times as spreadsheets and exports write them: days, hours of a day, instants in local time."""

from datetime import UTC, date, datetime, time
import re
from zoneinfo import ZoneInfo


def read_day(text: str) -> date | None:
    """A local day, `2026-01-31` or `31/01/2026`; None where it is none."""
    text = _year_first(text)
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def read_clock(text: str) -> time | None:
    """A time of the day, `06:30` or `6h30`, midnight also as `24:00`; None where it is none."""
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if (hour, minute) == (24, 0):
        return time()
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_moment(text: str) -> datetime | None:
    """A time with its day; with an offset if it has one. None where it is none."""
    text = _year_first(text)
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(_SHORT_HOUR.sub(r"\g<1>0\2:", text))
    except ValueError:
        return None


def instant(
    moment: datetime, time_zone: ZoneInfo, previous: datetime | None
) -> datetime | None:
    """The instant, UTC, of a time that follows another one; None where local clocks skip it.

    The hour that they repeat in October is told apart by its order: a time in it is its
    first occurrence, unless the one before is as late.
    """
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    first = moment.replace(tzinfo=time_zone)
    second = first.replace(fold=1)
    # Before a change the offset is the larger one where an hour is repeated, and the
    # smaller one where it is skipped.
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before < after:
        return None
    if before == after or previous is None or first.astimezone(UTC) > previous:
        return first.astimezone(UTC)
    return second.astimezone(UTC)


_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/(20[0-9]{2})(?![0-9])")
"""What spreadsheets make of a day in French."""
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""The century keeps every sum of times within what a calendar can hold."""
_MOMENT = re.compile(
    rf"{_DAY.pattern}"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SHORT_HOUR = re.compile(r"([T ])([0-9]):")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:hH]([0-9]{2})(?::00)?|[hH])")


def _year_first(text: str) -> str:
    """The text with its day as ISO 8601 writes it, where it was in French."""
    return _FRENCH_DAY.sub(_iso_day, text, count=1)


def _iso_day(match: re.Match[str]) -> str:
    day, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"
