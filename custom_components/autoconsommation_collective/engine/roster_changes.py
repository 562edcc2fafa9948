"""How an organiser's list changes: what holds from a day on, who comes back, a table taken in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from .model import Price, Validity, in_force
from .roster import AgreedKey, KeyPart, Participant, Roster, members_on

DAY = timedelta(days=1)


def from_then_on[T: (AgreedKey, KeyPart, Price)](
    items: Iterable[T], new: T
) -> tuple[T, ...]:
    """The items with a new one that holds from its first day on; what held then ends before."""
    first = new.validity.first_day
    kept: list[T] = []
    for one in items:
        if one.validity.first_day < first:
            ended = _ended(one.validity, first - DAY)
            kept.append(replace(one, validity=ended))
    kept.append(new)
    return tuple(kept)


def with_stretch(spans: Sequence[Validity], new: Validity) -> tuple[Validity, ...]:
    """The stretches with a new one: of who comes back it is one more, else it is the last, changed."""
    *earlier, last = spans or (new,)
    comes_back = last.last_day is not None and last.last_day < new.first_day
    if comes_back:
        return (*earlier, last, new)
    kept = [span for span in earlier if _ends_before(span, new.first_day)]
    return (*kept, new)


@dataclass(frozen=True, slots=True)
class TableTaken:
    """What a table of participants would change."""

    new: tuple[Participant, ...]
    changed: tuple[Participant, ...]
    gone: tuple[Participant, ...]
    """Those the table does not have; they are kept."""
    participants: tuple[Participant, ...]
    """All of them afterwards, in the order they had, the new ones at the end."""


def table_taken(
    before: Sequence[Participant], table: Sequence[Participant]
) -> TableTaken:
    """What a table changes; those known have the same id in it."""
    told = {one.id: one for one in table}
    known = {one.id for one in before}
    new = tuple(one for one in table if one.id not in known)
    return TableTaken(
        new,
        tuple(told[one.id] for one in before if one.id in told and told[one.id] != one),
        tuple(one for one in before if one.id not in told),
        (*(told.get(one.id, one) for one in before), *new),
    )


def shares_otherwise(before: Roster, after: Roster, days: Iterable[date]) -> bool:
    """Whether a change of the list may change who got what on any of these local days."""
    if before.step != after.step:
        return True
    return any(_rules(before, day) != _rules(after, day) for day in days)


def _rules(roster: Roster, day: date) -> tuple[object, ...]:
    """All that the sharing of a day goes by."""
    return (
        [
            (key.choice, key.solidarity, key.donated)
            for key in in_force(roster.keys, day)
        ],
        [_for_sharing(one, day) for one in members_on(roster.participants, day)],
    )


def _for_sharing(one: Participant, day: date) -> tuple[object, ...]:
    """A participant without what has no part in the sharing of that day."""
    part = one.key_part(day)
    return (
        *(one.id, one.point, one.role, one.is_household, one.follows),
        part and replace(part, validity=Validity(day)),
    )


def _ended(span: Validity, last: date) -> Validity:
    if span.last_day is not None and span.last_day <= last:
        return span
    return replace(span, last_day=last)


def _ends_before(span: Validity, day: date) -> bool:
    return span.last_day is not None and span.last_day < day
