"""What a static key gives each participant, on which days: as its own documents tell it."""

from collections.abc import Iterable
from datetime import date, timedelta

from .keys import StaticKey
from .model import Coefficient, Validity
from .roster import Roster, RosterError, agreed_key, key_of, members_on
from .study import StudyError

DAY = timedelta(days=1)


def coefficients(roster: Roster) -> dict[str, tuple[Coefficient, ...]]:
    """By consumer's id its parts of the production, by stretches of days in order.

    Days on which no static key holds, or on which the key cannot be told, have none.
    """
    found: dict[str, list[Coefficient]] = {}
    days = _changes(roster)
    for day, after in zip(days, [*days[1:], None], strict=True):
        span = Validity(day, after - DAY if after else None)
        for consumer, value in _on(roster, day):
            held = found.setdefault(consumer, [])
            if held and held[-1].value == value and _follows(held[-1].validity, day):
                held[-1] = Coefficient(
                    value, Validity(held[-1].validity.first_day, span.last_day)
                )
            else:
                held.append(Coefficient(value, span))
    return {consumer: tuple(parts) for consumer, parts in found.items()}


def _on(roster: Roster, day: date) -> Iterable[tuple[str, float]]:
    consumers = [one for one in members_on(roster.participants, day) if one.consumes]
    try:
        key = key_of(agreed_key(roster.keys, day), consumers, day)
    except RosterError, StudyError:
        return ()
    if not isinstance(key, StaticKey):
        return ()
    ids = (one.id for one in consumers)
    return list(zip(ids, key.coefficients, strict=True))


def _changes(roster: Roster) -> list[date]:
    """Days on which anything begins or has just ended, in order."""
    spans = [key.validity for key in roster.keys]
    for one in roster.participants:
        spans += [*one.membership, *(part.validity for part in one.key_parts)]
    begins = {span.first_day for span in spans}
    ends = {span.last_day + DAY for span in spans if span.last_day is not None}
    return sorted(begins | ends)


def _follows(earlier: Validity, day: date) -> bool:
    return earlier.last_day is not None and earlier.last_day + DAY == day
