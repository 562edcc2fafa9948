"""Times as spreadsheets and exports write them: days, hours of a day, instants in local time."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
import re
from zoneinfo import ZoneInfo


def read_day(text: str) -> date | None:
    """A local day, `2026-01-31`, `31/01/2026` or with dashes or points; None where it is none."""
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


def is_time(text: str) -> bool:
    """Whether a cell reads as a day, a time of the day, or both.

    Of the numbers of workbooks only those with a fraction: postal codes have none.
    """
    return (
        read_moment(text) is not None
        or read_clock(text) is not None
        or (not text.isdecimal() and read_serial(text) is not None)
    )


def read_moment(text: str) -> datetime | None:
    """A time with its day; with an offset if it has one. None where it is none.

    The end of a day is `24:00` too.
    """
    text = _year_first(text)
    if not _MOMENT.fullmatch(text):
        return None
    of_day = _END_OF_DAY.sub(r"\g<1>00:00", text)
    try:
        moment = datetime.fromisoformat(_SHORT_HOUR.sub(r"\g<1>0\2:", of_day))
    except ValueError:
        return None
    return moment if of_day == text else moment + _DAY_LONG


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


def label(moment: datetime, time_zone: tzinfo) -> tuple[int, int] | None:
    """Seconds since 1970, UTC, of a time whose neighbours are not known yet; None where skipped.

    With them, by how much local clocks go back: 0 but in the time that they repeat, of which
    the seconds are then those of its first occurrence. It is negative for the time at which
    they skip some, which is the end of a step and the beginning of none.
    """
    if moment.tzinfo is not None:
        return int(moment.timestamp()), 0
    first = moment.replace(tzinfo=time_zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before is None or after is None:
        return None
    seconds, back = int(first.timestamp()), before - after
    if back >= timedelta(0):
        return seconds, int(back.total_seconds())
    is_beginning = datetime.fromtimestamp(seconds - 1, time_zone).replace(
        tzinfo=None
    ) == moment - timedelta(seconds=1)
    return (seconds, int(back.total_seconds())) if is_beginning else None


def read_serial(text: str) -> datetime | None:
    """A local time as workbooks count it, in days since 1900; None where it is none.

    Day and time of the day may be two numbers.
    """
    if not _SERIAL.fullmatch(text):
        return None
    days = sum(float(part) for part in text.replace(",", ".").split())
    moment = _SERIAL_ZERO + timedelta(seconds=round(days * 86400))
    return moment if 2000 <= moment.year < 2100 else None


_SERIAL = re.compile(
    r"[0-9]{5}(?:[.,][0-9]{1,20})?(?: [01]?(?:[.,][0-9]{1,20}(?:E-[0-9]{1,2})?)?)?"
)
_SERIAL_ZERO = datetime(1899, 12, 30)
"""Spreadsheets count a day that 1900 did not have."""

_FRENCH_DAY = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2(20[0-9]{2})(?![0-9])")
"""What spreadsheets make of a day in French."""
_DAY_LONG = timedelta(days=1)
_END_OF_DAY = re.compile(r"([T ])24:00")
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
    match = _FRENCH_DAY.match(text)
    return f"{_iso_day(match)}{text[match.end() :]}" if match else text


def _iso_day(match: re.Match[str]) -> str:
    day, _, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"
