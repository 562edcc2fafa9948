"""Off-peak hours learned from the class that the meter tells, and whether they have changed.

Hours move from home to home: a reform brings hours around midday and two seasons. What the meter
itself tells is right; what was typed from a bill may have become wrong.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from .contract import PriceClass
from .hours import OFF_PEAK_CLASS, PEAK_CLASS, off_peak_calendar
from .model import Validity
from .tariffs import Calendar, Period, Tariff, TariffError, price_class_at

SLOT = timedelta(minutes=5)
"""Off-peak hours begin at any minute, as 22:34; settlement steps are too coarse to see it."""
N_SLOTS = timedelta(days=1) // SLOT

KEPT_DAYS = 14
LEARNING_DAYS = 3
"""Days alike that make hours: a weekend with hours of its own is only two."""
CHANGED_DAYS = 2
"""Days in a row that say otherwise: one may be a meter being reprogrammed."""

WHOLE = 3 / 4
"""Part of a day that must have been seen for the day to count."""
TOLERANCE = timedelta(minutes=45)
"""Of a day: four changes of class, each told up to ten minutes late. A reform moves hours."""

NIGHT = slice(timedelta(hours=2) // SLOT, timedelta(hours=4) // SLOT)
"""Off-peak in every calendar: at least five hours in a row between 23:00 and 07:00 (CRE)."""

NOT_SEEN = "."
_OFF_PEAK, _PEAK = "C", "P"
_INDEXES = {str(n): code for n, code in enumerate("123456789A", start=1)}
"""The supplier's indexes, NTARF, by number; what they mean is learned."""
_CODES = {*_INDEXES.values(), _OFF_PEAK, _PEAK, NOT_SEEN}


@dataclass(frozen=True, slots=True)
class OffPeakLog:
    """What the meter told in the last days, by local slot."""

    days: Mapping[date, str] = field(default_factory=dict)
    """A code for each slot, the oldest day first. In the hour that a change of clocks
    repeats, the first time counts; the hour it skips is not seen."""


def observed(
    log: OffPeakLog, at: datetime, told: str, time_zone: ZoneInfo
) -> OffPeakLog:
    """The log with what the meter tells at an instant: a class, or the number of an index.

    To be called every few minutes: what a slot begins with counts. A class without hours,
    as BASE, is not noted.
    """
    code = _code(told)
    local = at.astimezone(time_zone)
    day, slot = local.date(), timedelta(hours=local.hour, minutes=local.minute) // SLOT
    slots = log.days.get(day, NOT_SEEN * N_SLOTS)
    if code is None or slots[slot] != NOT_SEEN:
        return log
    since = day - timedelta(days=KEPT_DAYS - 1)
    days = {known: log.days[known] for known in log.days if known >= since}
    days[day] = slots[:slot] + code + slots[slot + 1 :]
    return OffPeakLog(dict(sorted(days.items())))


def index_classes(log: OffPeakLog) -> dict[str, PriceClass]:
    """What each of two index numbers means; empty where the log does not tell.

    The one in force deep in the night is off-peak.
    """
    off_peak = _off_peak_code(log)
    seen = set("".join(log.days.values())) - {NOT_SEEN}
    if off_peak is None or off_peak == _OFF_PEAK or len(seen) != 2:
        return {}
    return {
        number: PriceClass.HC if code == off_peak else PriceClass.HP
        for number, code in _INDEXES.items()
        if code in seen
    }


def learned_hours(log: OffPeakLog) -> Calendar | None:
    """The hours of the newest days in a row that are alike; None while there are too few.

    One season: what comes in another one cannot be seen.
    """
    days = list(_whole_days(log).values())[::-1]
    for newest in range(len(days) - LEARNING_DAYS + 1):
        alike = days[newest : newest + LEARNING_DAYS]
        if all(_unlike(one, other) <= TOLERANCE for one, other in pairwise(alike)):
            hours = _ranges([_majority(slot) for slot in zip(*alike, strict=True)])
            return off_peak_calendar(hours) if hours else None
    return None


def disagrees(log: OffPeakLog, calendar: Calendar, time_zone: ZoneInfo) -> int:
    """How many of the newest days in a row say otherwise than a calendar of HP and HC.

    Days that were not seen as a whole are passed over.
    """
    n_days = 0
    for day, slots in reversed(_whole_days(log).items()):
        if _unlike(slots, _slots_of(calendar, day, time_zone)) <= TOLERANCE:
            break
        n_days += 1
    return n_days


def hours_changed(log: OffPeakLog, calendar: Calendar, time_zone: ZoneInfo) -> bool:
    """Whether the off-peak hours are no longer those of the calendar."""
    return disagrees(log, calendar, time_zone) >= CHANGED_DAYS


def log_document(log: OffPeakLog) -> dict[str, Any]:
    """The log as JSON."""
    return {"days": {day.isoformat(): slots for day, slots in log.days.items()}}


def log_of(document: Mapping[str, Any] | None) -> OffPeakLog:
    """The log of a document; days that do not fit are left out."""
    days = document.get("days") if document else None
    return OffPeakLog(dict(_days_of(days)) if isinstance(days, dict) else {})


def _days_of(days: dict[Any, Any]) -> Iterator[tuple[date, str]]:
    """Those that can be a day of the log, the oldest first."""
    for day, slots in sorted(days.items()):
        if (
            isinstance(slots, str)
            and len(slots) == N_SLOTS
            and _CODES.issuperset(slots)
        ):
            try:
                yield date.fromisoformat(day), slots
            except ValueError:
                continue


def _code(told: str) -> str | None:
    """How a class or an index number is noted."""
    if told[:2] in (OFF_PEAK_CLASS, PEAK_CLASS):
        return _OFF_PEAK if told[:2] == OFF_PEAK_CLASS else _PEAK
    return _INDEXES.get(told)


type _Slots = tuple[bool | None, ...]
"""Whether each slot of a day is off-peak; None: not seen."""


def _off_peak_code(log: OffPeakLog) -> str | None:
    """The code that means off-peak: the class, else the index of the night."""
    seen = "".join(log.days.values())
    if _OFF_PEAK in seen or _PEAK in seen:
        return _OFF_PEAK
    night = set("".join(slots[NIGHT] for slots in log.days.values())) - {NOT_SEEN}
    return night.pop() if len(night) == 1 else None


def _whole_days(log: OffPeakLog) -> dict[date, _Slots]:
    """Days of which enough was seen, the oldest first; none where off-peak is not told."""
    off_peak = _off_peak_code(log)
    read = {_OFF_PEAK, _PEAK} if off_peak == _OFF_PEAK else {*_INDEXES.values()}
    days = {
        day: tuple(code == off_peak if code in read else None for code in slots)
        for day, slots in log.days.items()
        if off_peak is not None
    }
    return {
        day: slots
        for day, slots in days.items()
        if slots.count(None) <= (1 - WHOLE) * N_SLOTS
    }


def _unlike(one: _Slots, other: _Slots) -> timedelta:
    """How long two days differ, as far as both were seen."""
    seen = ((a, b) for a, b in zip(one, other, strict=True) if None not in (a, b))
    return SLOT * sum(a != b for a, b in seen)


def _majority(seen: tuple[bool | None, ...]) -> bool | None:
    """What most days saw in a slot."""
    counts = Counter(each for each in seen if each is not None)
    return counts.most_common(1)[0][0] if counts else None


def _ranges(slots: list[bool | None]) -> list[Period]:
    """The off-peak ranges of a day; a slot that was never seen goes with the one before."""
    filled: list[bool | None] = []
    before = next((slot for slot in reversed(slots) if slot is not None), None)
    for slot in slots:
        before = before if slot is None else slot
        filled.append(before)
    starts = [n for n in range(N_SLOTS) if filled[n] and not filled[n - 1]]
    ends = [n for n in range(N_SLOTS) if filled[n - 1] and not filled[n]]
    if len(ends) > 1 and ends[0] <= starts[0]:
        ends = [*ends[1:], ends[0]]
    return [
        Period(OFF_PEAK_CLASS, _time(start), _time(end))
        for start, end in zip(starts, ends, strict=True)
    ]


def _slots_of(calendar: Calendar, day: date, time_zone: ZoneInfo) -> _Slots:
    """A day as a calendar has it, None where it does not tell."""
    tariff = Tariff("", calendar, {}, Validity(date.min))

    def off_peak(slot: int) -> bool | None:
        at = datetime.combine(day, _time(slot), time_zone)
        try:
            return price_class_at([tariff], at, time_zone) == OFF_PEAK_CLASS
        except TariffError:
            return None

    return tuple(off_peak(slot) for slot in range(N_SLOTS))


def _time(slot: int) -> time:
    """When a slot begins."""
    minutes = slot * (SLOT // timedelta(minutes=1))
    return time(minutes // 60, minutes % 60)
