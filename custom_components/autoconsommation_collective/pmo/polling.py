"""When to ask the organiser's server: spread over the homes, patient with failures."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
import hashlib

from aiohttp.hdrs import DATE, RETRY_AFTER

FIRST_RETRY = timedelta(minutes=5)
"""Long enough for a web server to be restarted."""

LONGEST_RETRY = timedelta(hours=6)
"""However long it was away, a feed is seen again the same day."""

LONGEST_RETRY_AFTER = timedelta(days=1)
"""What a server may ask for: beyond that a slip of its clock would silence the home."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def phase_of(identity: str) -> float:
    """Place of a home between two polls, in [0, 1): the same at every restart."""
    digest = hashlib.sha256(identity.encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def next_poll(now: datetime, interval: timedelta, phase: float) -> datetime:
    """First poll after `now` on the home's own grid, UTC.

    Homes share the interval but not the phase, so that they never all ask at once.
    """
    first = _EPOCH + phase * interval
    return first + ((now - first) // interval + 1) * interval


def backoff(
    failures: int, asked: timedelta | None = None, phase: float = 0.0
) -> timedelta:
    """How long to wait after that many failures in a row, at least 1.

    Doubles from FIRST_RETRY to LONGEST_RETRY; never shorter than what the server asked
    for, and then spread by the phase, because it asked every home for the same.
    """
    # No more doublings than reach the longest: a timedelta overflows after some forty.
    doublings = min(failures - 1, (LONGEST_RETRY // FIRST_RETRY).bit_length())
    wait = min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
    if asked is None:
        return wait
    return max(wait, min(asked, LONGEST_RETRY_AFTER) + phase * FIRST_RETRY)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long an answer asks to wait (RFC 9110 §10.2.3): seconds, or a date.

    A date is counted from the answer's own date, so that no two clocks are compared.
    """
    value = headers.get(RETRY_AFTER, "").strip()
    try:
        if value.isdecimal():
            return timedelta(seconds=int(value))
        until = parsedate_to_datetime(value)
        wait = until - parsedate_to_datetime(headers.get(DATE, ""))
    except TypeError, ValueError, OverflowError:
        return None
    return max(wait, timedelta())
