"""Read and write the participants of an operation as a table: for a spreadsheet, and to move.

A line for each participant and stretch of days: whoever leaves and comes back, or whose part of
the key changes, has several lines with the same point. Columns in French or in English.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
import csv
from dataclasses import replace
import io
import re
from typing import Final

from ..engine.model import PlantKind, Role, Validity
from ..engine.perimeter import DENSITY_CLASSES, Body
from ..engine.roster import KeyPart, Panels, Participant, Place
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

    What a table does not have, as the turns that were handed out, stays as it was. Raises
    StudyError, which never repeats a whole point.
    """
    held = {one.point: one for one in known}
    found: dict[str, Participant] = {}
    for record in records(
        open_table(file, body), frozenset(COLUMNS), FRENCH, _REQUIRED
    ):
        one = _participant(record)
        earlier = found.get(one.point)
        if earlier is None:
            before = held.get(one.point)
            found[one.point] = replace(
                one,
                id=before.id if before else new_id(),
                turn=before.turn if before else None,
            )
        elif _overlaps(earlier, one):
            raise record.fault(StudyProblem.PARTICIPANT_TWICE, "valid_from")
        else:
            found[one.point] = replace(
                earlier,
                membership=(*earlier.membership, *one.membership),
                consent=tuple(dict.fromkeys((*earlier.consent, *one.consent))),
                key_parts=(*earlier.key_parts, *one.key_parts),
            )
    return tuple(found.values())


def written_participants(participants: Iterable[Participant]) -> str:
    """The table that `read_participants` reads, with decimal points and in English words."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    table.writeheader()
    for one in participants:
        for n, span in enumerate(one.membership):
            table.writerow(_line(one, span, n))
    return text.getvalue()


def _participant(record: Record) -> Participant:
    point = record.needed("point", record.parsed("point", _matching(_POINT)))
    span = _span(record, "valid_from", "valid_to")
    if span is None:
        raise record.fault(StudyProblem.BAD_TIME, "valid_from")
    pending = record.choice("status", _PENDING) or False
    membership = replace(span, pending=pending)
    consent = _span(record, "consent_from", "consent_to")
    part = KeyPart(
        Validity(span.first_day, span.last_day),
        coefficient=record.part("coefficient"),
        rank=record.parsed("rank", _whole, StudyProblem.BAD_NUMBER),
        investment=record.amount("investment"),
    )
    has_part = (part.coefficient, part.rank, part.investment) != (None,) * 3
    household = record.choice("household", YES_OR_NO)
    return Participant(
        id="",
        name=record.needed("name", record.text("name") or None),
        point=point,
        role=record.needed("role", record.choice("role", _ROLES)),
        membership=(membership,),
        consent=(consent,) if consent else (),
        key_parts=(part,) if has_part else (),
        panels=_panels(record),
        is_household=True if household is None else household,
        place=_place(record),
        follows=record.choice("follows", YES_OR_NO) or False,
        is_solidarity=record.choice("solidarity", YES_OR_NO) or False,
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


def _overlaps(earlier: Participant, one: Participant) -> bool:
    """Whether a day of the one is a day of the other."""
    new = one.membership[0]
    return any(
        (span.last_day is None or new.first_day <= span.last_day)
        and (new.last_day is None or span.first_day <= new.last_day)
        for span in earlier.membership
    )


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    """What stands there without spaces, where it is such a thing."""

    def parse(text: str) -> str | None:
        packed = text.replace(" ", "")
        return packed if pattern.fullmatch(packed) else None

    return parse


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _line(one: Participant, span: Validity, n: int) -> Mapping[str, object]:
    part = one.key_part(span.first_day)
    consent: Sequence[Validity] = one.consent[n : n + 1] or one.consent[-1:]
    panels, place = one.panels, one.place
    told: dict[str, object] = {
        "name": one.name,
        "point": one.point,
        "role": one.role.value,
        "valid_from": span.first_day,
        "valid_to": span.last_day,
        "status": "pending" if span.pending else "active",
        "household": _yes_or_no(one.is_household),
        "follows": _yes_or_no(one.follows),
        "solidarity": _yes_or_no(one.is_solidarity),
    }
    if consent:
        told |= {
            "consent_from": consent[0].first_day,
            "consent_to": consent[0].last_day,
        }
    if part:
        told |= {
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
