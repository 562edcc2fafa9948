"""What a table of participants leaves as it was: all for which it has no column, and no line."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import replace
from typing import Final

from ..engine.model import Validity
from ..engine.roster import KeyPart, Panels, Participant, Place
from ..engine.roster_stretches import joined, stretches

_OF_PART: Final = {
    "coefficient": "coefficient",
    "rank": "rank",
    "investment": "investment",
    "solidarity": "is_solidarity",
}
_OF_PANELS: Final = {"kind": "kind", "tilt": "tilt_deg", "azimuth": "azimuth_deg"}
_OF_PLACE: Final = {"epci": "epci", "body": "body"}
"""Names of what columns tell, by column."""


def changed(
    before: Participant, told: Participant, has: AbstractSet[str]
) -> Participant:
    """A known participant with what a table that `has` these columns tells of it."""
    told = _completed(replace(told, id=before.id, turn=before.turn), before, has)
    written = joined(stretches(before))
    if told == written:
        return before
    # Consents of days on which it was no member stand on no line.
    unwritten = [span for span in before.consent if span not in written.consent]
    agreed = sorted({*unwritten, *told.consent}, key=lambda span: span.first_day)
    return replace(told, consent=tuple(agreed))


def _completed(
    told: Participant, before: Participant, has: AbstractSet[str]
) -> Participant:
    """What the table tells, with all for which it has no column as it was before."""
    if "household" not in has:
        told = replace(told, is_household=before.is_household)
    if "follows" not in has:
        told = replace(told, follows=before.follows)
    panels, place = before.panels, before.place
    if "kwc" in has and told.panels and panels:
        panels = _kept(told.panels, panels, _OF_PANELS, has)
    elif "kwc" in has:
        panels = told.panels
    if "latitude" in has and told.place and place:
        place = _kept(told.place, place, _OF_PLACE, has)
    elif "latitude" in has:
        place = told.place
    told = replace(
        told, membership=_membership(told, before, has), panels=panels, place=place
    )
    # The table has days of its own on which the part changes.
    lines = stretches(replace(told, key_parts=(*told.key_parts, *before.key_parts)))
    parts = [_part_kept(told, before, line.membership[0], has) for line in lines]
    told = joined(
        [
            replace(line, key_parts=(part,) if part.says_something else ())
            for line, part in zip(lines, parts, strict=True)
        ]
    )
    return told if "consent_from" in has else replace(told, consent=before.consent)


def _membership(
    told: Participant, before: Participant, has: AbstractSet[str]
) -> tuple[Validity, ...]:
    """Its stretches, with the ends and the status that they had where these are not told."""
    held = {span.first_day: span for span in before.membership}
    if "valid_to" not in has and any(
        span.first_day in held for span in told.membership
    ):
        return before.membership
    if "status" in has:
        return told.membership
    return tuple(
        replace(span, pending=held.get(span.first_day, span).pending)
        for span in told.membership
    )


def _part_kept(
    told: Participant, before: Participant, span: Validity, has: AbstractSet[str]
) -> KeyPart:
    nothing = KeyPart(Validity(span.first_day, span.last_day))
    new, old = (one.key_part(span.first_day) or nothing for one in (told, before))
    return replace(_kept(new, old, _OF_PART, has), validity=nothing.validity)


def _kept[T: (KeyPart, Panels, Place)](
    told: T, before: T, names: Mapping[str, str], has: AbstractSet[str]
) -> T:
    """What is told, with what the table has no column for as it was before."""
    kept = {
        name: getattr(before, name)
        for column, name in names.items()
        if column not in has
    }
    return replace(told, **kept)
