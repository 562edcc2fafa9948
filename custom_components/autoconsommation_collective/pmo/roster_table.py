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
from .roster_kept import changed
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
        changed(held[point], joined(lines), has)
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
