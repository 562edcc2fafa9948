"""Read and write the participants of an operation as a table: for a spreadsheet, and to move.

A line for each participant and stretch of days: whoever leaves and comes back, agrees anew, or
whose part of the key changes, has several lines with the same point. Columns in French or in
English.
"""

from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
import csv
from dataclasses import replace
import io
import re
from typing import Final

from ..engine.model import PlantKind, Role, Validity
from ..engine.perimeter import DENSITY_CLASSES, Body
from ..engine.roster import KeyPart, Panels, Participant, Place
from ..engine.roster_stretches import joined, overlap, stretches
from ..engine.study import StudyProblem
from .study_people import KINDS, YES_OR_NO
from .tables import Record, open_table, records
from .times import read_day

FRENCH: Final = {
    "nom": "name",
    "prm": "point",
    "ean": "point",
    "du": "valid_from",
    "au": "valid_to",
    "statut": "status",
    "accord_du": "consent_from",
    "accord_au": "consent_to",
    "priorite": "rank",
    "investissement": "investment",
    "type": "kind",
    "inclinaison": "tilt",
    "azimut": "azimuth",
    "foyer": "household",
    "densite": "density",
    "organisme": "body",
    "suit": "follows",
    "solidarite": "solidarity",
}
COLUMNS: Final = (
    "name", "point", "role", "valid_from", "valid_to", "status", "consent_from",
    "consent_to", "coefficient", "rank", "investment", "kwc", "kind", "tilt", "azimuth",
    "household", "latitude", "longitude", "commune", "density", "epci", "body",
    "follows", "solidarity",
)  # fmt: skip
_OF_PART: Final = {
    "coefficient": "coefficient",
    "rank": "rank",
    "investment": "investment",
    "solidarity": "is_solidarity",
}
_OF_PANELS: Final = {"kind": "kind", "tilt": "tilt_deg", "azimuth": "azimuth_deg"}
_OF_PLACE: Final = {"epci": "epci", "body": "body"}
"""Names of what columns tell, by column."""
_REQUIRED: Final = {"name", "point", "role", "valid_from"}
_ROLES: Final = {role.value: role for role in Role} | {
    "consommateur": Role.CONSUMER,
    "producteur": Role.PRODUCER,
    "consommateur_et_producteur": Role.PROSUMER,
    "les_deux": Role.PROSUMER,
}
_PENDING: Final = {
    "active": False,
    "actif": False,
    "pending": True,
    "en_attente": True,
}
_BODIES: Final = {body.value: body for body in Body} | {
    "collectivite": Body.LOCAL_AUTHORITY,
    "service_public": Body.PUBLIC_SERVICE,
    "autre": Body.OTHER,
}
_POINT: Final = re.compile(r"[0-9]{14}|[0-9]{18}")
"""A PRM, or an EAN in Belgium."""
_WHOLE: Final = re.compile(r"[0-9]{1,6}")


def read_participants(
    file: str,
    body: bytes,
    known: Iterable[Participant],
    new_id: Callable[[], str],
) -> tuple[Participant, ...]:
    """The participants of a table, in its order; those known by their point keep their id.

    What a table does not have, as the turns that were handed out or a column that was left out,
    stays as it was; a table as it was written changes nothing. Raises StudyError, which never
    repeats a whole point.
    """
    held = {one.point: one for one in known}
    found: dict[str, list[Participant]] = {}
    has: AbstractSet[str] = frozenset()
    for record in records(
        open_table(file, body), frozenset(COLUMNS), FRENCH, _REQUIRED
    ):
        has = record.columns.keys()
        line = _line_read(record)
        lines = found.setdefault(line.point, [])
        lines.append(line)
        if overlap(lines):
            raise record.fault(StudyProblem.PARTICIPANT_TWICE, "valid_from")
    return tuple(
        _changed(held[point], joined(lines), has)
        if point in held
        else replace(joined(lines), id=new_id())
        for point, lines in found.items()
    )


def written_participants(participants: Iterable[Participant]) -> str:
    """The table that `read_participants` reads, with decimal points and in English words."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    table.writeheader()
    for one in participants:
        table.writerows(map(_line_written, stretches(one)))
    return text.getvalue()


def _changed(
    before: Participant, told: Participant, has: AbstractSet[str]
) -> Participant:
    """A known participant with what the columns of a table tell of it."""
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


def _line_read(record: Record) -> Participant:
    """The participant as one line tells it."""
    point = record.needed("point", record.parsed("point", _matching(_POINT)))
    span = _span(record, "valid_from", "valid_to")
    if span is None:
        raise record.fault(StudyProblem.BAD_TIME, "valid_from")
    pending = record.choice("status", _PENDING) or False
    consent = _span(record, "consent_from", "consent_to")
    part = KeyPart(
        span,
        coefficient=record.part("coefficient"),
        rank=record.parsed("rank", _whole, StudyProblem.BAD_NUMBER),
        investment=record.amount("investment"),
        is_solidarity=record.choice("solidarity", YES_OR_NO) or False,
    )
    household = record.choice("household", YES_OR_NO)
    return Participant(
        id="",
        name=record.needed("name", record.text("name") or None),
        point=point,
        role=record.needed("role", record.choice("role", _ROLES)),
        membership=(replace(span, pending=pending),),
        consent=(consent,) if consent else (),
        key_parts=(part,) if part.says_something else (),
        panels=_panels(record),
        is_household=True if household is None else household,
        place=_place(record),
        follows=record.choice("follows", YES_OR_NO) or False,
    )


def _span(record: Record, first: str, last: str) -> Validity | None:
    """Days from the one to the other; None where neither is told."""
    days = [
        record.parsed(field, read_day, StudyProblem.BAD_TIME) for field in (first, last)
    ]
    if days[0] is None:
        if days[1] is not None:
            raise record.fault(StudyProblem.BAD_TIME, first)
        return None
    if days[1] is not None and days[1] < days[0]:
        raise record.fault(StudyProblem.BAD_TIME, last)
    return Validity(days[0], days[1])


def _panels(record: Record) -> Panels | None:
    power = record.amount("kwc")
    if power is None:
        return None
    kind = record.choice("kind", KINDS) or PlantKind.SOLAR
    return Panels(
        kind, power, _degrees(record, "tilt", 90), _degrees(record, "azimuth", 180)
    )


def _place(record: Record) -> Place | None:
    """Where it is, where all of it is told."""
    latitude = _degrees(record, "latitude", 90)
    longitude = _degrees(record, "longitude", 180)
    if latitude is None or longitude is None:
        return None
    density = record.needed(
        "density", record.parsed("density", _whole, StudyProblem.BAD_NUMBER)
    )
    if density not in DENSITY_CLASSES:
        raise record.fault(StudyProblem.BAD_NUMBER, "density")
    return Place(
        latitude,
        longitude,
        record.needed("commune", record.text("commune") or None),
        density,
        record.text("epci") or None,
        record.choice("body", _BODIES) or Body.OTHER,
    )


def _degrees(record: Record, field: str, most: float) -> float | None:
    value = record.signed(field)
    if value is not None and abs(value) > most:
        raise record.fault(StudyProblem.BAD_NUMBER, field)
    return value


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    """What stands there without spaces, where it is such a thing."""

    def parse(text: str) -> str | None:
        packed = text.replace(" ", "")
        return packed if pattern.fullmatch(packed) else None

    return parse


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _line_written(one: Participant) -> Mapping[str, object]:
    """The cells of one stretch of a participant."""
    (span,), panels, place = one.membership, one.panels, one.place
    told: dict[str, object] = {
        "name": one.name,
        "point": one.point,
        "role": one.role.value,
        "valid_from": span.first_day,
        "valid_to": span.last_day,
        "status": "pending" if span.pending else "active",
        "household": _yes_or_no(one.is_household),
        "follows": _yes_or_no(one.follows),
    }
    for consent in one.consent:
        told |= {"consent_from": consent.first_day, "consent_to": consent.last_day}
    for part in one.key_parts:
        told |= {
            "solidarity": _yes_or_no(part.is_solidarity),
            "coefficient": part.coefficient,
            "rank": part.rank,
            "investment": part.investment,
        }
    if panels:
        told |= {
            "kwc": panels.peak_power_kw,
            "kind": panels.kind.value,
            "tilt": panels.tilt_deg,
            "azimuth": panels.azimuth_deg,
        }
    if place:
        told |= {
            "latitude": place.latitude_deg,
            "longitude": place.longitude_deg,
            "commune": place.commune,
            "density": place.density_class,
            "epci": place.epci,
            "body": place.body.value,
        }
    return {name: "" if value is None else value for name, value in told.items()}


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
