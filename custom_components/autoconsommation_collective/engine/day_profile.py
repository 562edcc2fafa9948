"""Off-peak hours in the profile of the next day, the one schedule that the meter tells.

PJOURF+1 (Enedis-NOI-CPT_54E): blocks of a time and an action, of which the last four bits are the
supplier's index from then on.
"""

from datetime import time
import re

from .hours import OFF_PEAK_CLASS
from .tariffs import Period

_BLOCK = re.compile(r"\b([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{4})\b", re.IGNORECASE)
_LAST_INDEX = 10
"""Above it, and at 0, the index stays as it is."""
_NIGHT = time(3)
"""Off-peak in every calendar."""


def profile_hours(profile: str) -> tuple[Period, ...] | None:
    """The ranges in which the night's index is in force; None where the text tells none."""
    changes = _changes(profile)
    if not changes or changes[0][0] != time(0):
        return None
    before_night = [index for at, index in changes if at <= _NIGHT]
    off_peak = before_night[-1]
    indexes = [index for _, index in changes]
    if set(indexes) == {off_peak}:
        return None
    ends = [at for at, _ in changes[1:]] + [time(0)]
    ranges = [
        [at, end]
        for (at, index), end in zip(changes, ends, strict=True)
        if index == off_peak
    ]
    if len(ranges) > 1 and ranges[-1][1] == ranges[0][0]:  # over midnight
        ranges[0][0] = ranges.pop()[0]
    return tuple(Period(OFF_PEAK_CLASS, start, end) for start, end in ranges)


def _changes(profile: str) -> list[tuple[time, int]]:
    """When the index changes during the day, and to which; the midnight before included."""
    found: list[tuple[time, int]] = []
    for hours, minutes, action in _BLOCK.findall(profile):
        index = int(action, 16) & 0xF
        at = _time(hours, minutes)
        if at is None or (found and at <= found[-1][0]):
            return []
        if 0 < index <= _LAST_INDEX and (not found or index != found[-1][1]):
            found.append((at, index))
    return found


def _time(hours: str, minutes: str) -> time | None:
    """A time in decimal digits, or in hexadecimal ones as some meters write it."""
    for base in (10, 16):
        try:
            return time(int(hours, base), int(minutes, base))
        except ValueError:
            continue
    return None
