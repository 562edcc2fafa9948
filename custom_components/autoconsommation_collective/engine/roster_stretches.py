"""A participant by stretches of days on which nothing about it changes, and put together again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from .model import Validity
from .roster import KeyPart, Participant

DAY: Final = timedelta(days=1)


def stretches(one: Participant) -> list[Participant]:
    """The participant as one line of a table each tells it: with one membership, and one part.

    A line begins where a membership or a part of the key does, and where it agrees anew. Each
    consent stands on the first line that it concerns, and nowhere else, so that whoever ends it
    has one place to do so.
    """
    found: list[Participant] = []
    consents = list(one.consent)
    for span in one.membership:
        for days in _cut(span, _changes(one, span)):
            part = one.key_part(days.first_day)
            consent = next((each for each in consents if _meet(each, days)), None)
            if consent:
                consents.remove(consent)
            found.append(
                replace(
                    one,
                    membership=(days,),
                    consent=(consent,) if consent else (),
                    key_parts=(replace(part, validity=_days(days)),)
                    if part and part.says_something
                    else (),
                )
            )
    return found


def joined(lines: Sequence[Participant]) -> Participant:
    """One participant of its lines; what is not dated is as the first of them has it.

    Stretches that follow each other and say the same are one; the last part of the key is open.
    """
    ordered = sorted(lines, key=lambda line: line.membership[0].first_day)
    parts: list[KeyPart] = []
    for part in (part for line in ordered for part in line.key_parts):
        if parts and _continues(parts[-1], part):
            longer = replace(parts[-1].validity, last_day=part.validity.last_day)
            parts[-1] = replace(parts[-1], validity=longer)
        else:
            parts.append(part)
    membership = _together(span for line in ordered for span in line.membership)
    if parts and parts[-1].validity.last_day == membership[-1].last_day:
        # Whoever stays longer after all keeps its part.
        parts[-1] = replace(parts[-1], validity=Validity(parts[-1].validity.first_day))
    return replace(
        lines[0],
        membership=membership,
        consent=tuple(dict.fromkeys(span for line in ordered for span in line.consent)),
        key_parts=tuple(parts),
    )


def overlap(lines: Sequence[Participant]) -> Participant | None:
    """The first line with a day that an earlier one has, too."""
    for n, line in enumerate(lines):
        if any(_meet(line.membership[0], each.membership[0]) for each in lines[:n]):
            return line
    return None


def _changes(one: Participant, span: Validity) -> list[date]:
    """Days within a membership on which something else begins to hold."""
    days = {part.validity.first_day for part in one.key_parts}
    days |= {
        part.validity.last_day + DAY for part in one.key_parts if part.validity.last_day
    }
    agreed = [consent for consent in one.consent if _meet(consent, span)]
    days |= {consent.first_day for consent in agreed[1:]}
    last = span.last_day or date.max
    return sorted(day for day in days if span.first_day < day <= last)


def _cut(span: Validity, days: Sequence[date]) -> list[Validity]:
    """The span in pieces, each but the first of which begins on one of the days."""
    firsts = [span.first_day, *days]
    lasts = [*(day - DAY for day in days), span.last_day]
    pairs = zip(firsts, lasts, strict=True)
    return [replace(span, first_day=first, last_day=last) for first, last in pairs]


def _together(spans: Iterable[Validity]) -> tuple[Validity, ...]:
    found: list[Validity] = []
    for span in spans:
        if found and _adjoin(found[-1], span) and found[-1].pending == span.pending:
            found[-1] = replace(found[-1], last_day=span.last_day)
        else:
            found.append(span)
    return tuple(found)


def _continues(earlier: KeyPart, part: KeyPart) -> bool:
    same = replace(earlier, validity=part.validity) == part
    return same and _adjoin(earlier.validity, part.validity)


def _adjoin(earlier: Validity, later: Validity) -> bool:
    return earlier.last_day is not None and earlier.last_day + DAY == later.first_day


def _meet(one: Validity, other: Validity) -> bool:
    """Whether a day of the one is a day of the other."""
    return one.first_day <= (other.last_day or date.max) and other.first_day <= (
        one.last_day or date.max
    )


def _days(span: Validity) -> Validity:
    return Validity(span.first_day, span.last_day)
