"""A participant as a form shows it, and as the list keeps it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
import re
from typing import Any, Final

from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE, CONF_NAME
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_BEARING,
    CONF_COEFFICIENT,
    CONF_PEAK_POWER,
    CONF_PLACE,
    CONF_TILT,
)
from ..engine.model import PlantKind, Role, Validity
from ..engine.perimeter import DENSITY_CLASSES, Body
from ..engine.roster import AgreedKey, KeyPart, Panels, Participant, Place, Roster
from ..engine.roster_changes import from_then_on, with_stretch
from ..engine.study import THEN, Sharing
from .facts import choice, number

CONF_POINT: Final = "point"
CONF_ROLE: Final = "role"
CONF_FIRST: Final = "first_day"
CONF_LAST: Final = "last_day"
CONF_PENDING: Final = "pending"
CONF_CONSENT_FIRST: Final = "consent_first_day"
CONF_CONSENT_LAST: Final = "consent_last_day"
CONF_RANK: Final = "rank"
CONF_INVESTMENT: Final = "investment"
CONF_PART_SINCE: Final = "part_since"
CONF_HOUSEHOLD: Final = "is_household"
CONF_FOLLOWS: Final = "follows"
CONF_SOLIDARITY: Final = "is_solidarity"
CONF_MORE_ASKED: Final = "tell_place"
CONF_REMOVE: Final = "remove"
CONF_COMMUNE: Final = "commune"
CONF_DENSITY: Final = "density_class"
CONF_EPCI: Final = "epci"
CONF_BODY: Final = "body"

POINT: Final = re.compile(r"[0-9]{14}|[0-9]{18}")
SOUTH_DEG: Final = 180
PERCENT_DIGITS: Final = 9
"""What is shown and left alone is the same part afterwards."""
DATE: Final = selector.DateSelector()
YES_OR_NO: Final = selector.BooleanSelector()

PART_OF: Final = {
    Sharing.STATIC: CONF_COEFFICIENT,
    Sharing.INVESTMENT: CONF_INVESTMENT,
    Sharing.FAIR_INVESTMENT: CONF_INVESTMENT,
    Sharing.PRIORITY: CONF_RANK,
    Sharing.PRIORITY_FAIR: CONF_RANK,
}
"""What a key goes by."""
PARTS: Final = {
    CONF_COEFFICIENT: number("%", least=0),
    CONF_INVESTMENT: number("", least=0),
    CONF_RANK: number("", least=1),
}
_FACTS: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_NAME): selector.TextSelector(),
    vol.Required(CONF_POINT): selector.TextSelector(),
    vol.Required(CONF_ROLE, default=Role.CONSUMER.value): choice(
        [role.value for role in Role], "participant_role"
    ),
    vol.Required(CONF_FIRST): DATE,
    vol.Optional(CONF_LAST): DATE,
    vol.Required(CONF_PENDING, default=False): YES_OR_NO,
    vol.Optional(CONF_CONSENT_FIRST): DATE,
    vol.Optional(CONF_CONSENT_LAST): DATE,
}
_MORE: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_SOLIDARITY, default=False): YES_OR_NO,
    vol.Optional(CONF_PART_SINCE): DATE,
    vol.Required(CONF_HOUSEHOLD, default=True): YES_OR_NO,
    vol.Required(CONF_FOLLOWS, default=False): YES_OR_NO,
    vol.Required(CONF_MORE_ASKED, default=False): YES_OR_NO,
}
PARTICIPANT_FIELDS: Final = (
    *map(str, _FACTS),
    *PARTS,
    *map(str, _MORE),
    CONF_REMOVE,
)
"""All that may be asked; of the parts, those that a key goes by, and of somebody in the list
whether it was entered by mistake."""
PLACE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_PLACE): selector.LocationSelector(),
        vol.Optional(CONF_COMMUNE): selector.TextSelector(),
        vol.Optional(CONF_DENSITY): choice(
            [str(one) for one in DENSITY_CLASSES], "density_class"
        ),
        vol.Optional(CONF_EPCI): selector.TextSelector(),
        vol.Required(CONF_BODY, default=Body.OTHER.value): choice(
            [body.value for body in Body], "body"
        ),
        vol.Optional(CONF_PEAK_POWER): number("kWp"),
        vol.Optional(CONF_TILT): number("°"),
        vol.Optional(CONF_BEARING): number("°"),
    }
)


def asked_parts(keys: Iterable[AgreedKey], today: date) -> list[str]:
    """What consumers are asked for, under the keys of today and of later days."""
    names = {
        name
        for key in keys
        if key.validity.last_day is None or key.validity.last_day >= today
        for name in key.choice.split(THEN)
    }
    asked = {PART_OF[Sharing(name)] for name in names if name in PART_OF}
    return [field for field in PARTS if field in asked]


def participant_schema(roster: Roster, today: date, *, is_new: bool) -> vol.Schema:
    """The questions about a participant."""
    parts: dict[vol.Marker, Any] = {
        vol.Optional(field): PARTS[field] for field in asked_parts(roster.keys, today)
    }
    mistake: dict[vol.Marker, Any] = (
        {} if is_new else {vol.Required(CONF_REMOVE, default=False): YES_OR_NO}
    )
    return vol.Schema(_FACTS | parts | _MORE | mistake)


def shown(one: Participant, today: date) -> dict[str, Any]:
    """A participant as the form is filled: its last stretches."""
    told: dict[str, Any] = {
        CONF_NAME: one.name,
        CONF_POINT: one.point,
        CONF_ROLE: one.role.value,
        CONF_FIRST: one.membership[-1].first_day,
        CONF_LAST: one.membership[-1].last_day,
        CONF_PENDING: one.membership[-1].pending,
        CONF_HOUSEHOLD: one.is_household,
        CONF_FOLLOWS: one.follows,
        CONF_SOLIDARITY: one.in_solidarity(today),
    }
    if one.consent:
        told[CONF_CONSENT_FIRST] = one.consent[-1].first_day
        told[CONF_CONSENT_LAST] = one.consent[-1].last_day
    if (part := one.key_part(today)) is not None:
        told[CONF_RANK], told[CONF_INVESTMENT] = part.rank, part.investment
        if part.coefficient is not None:
            told[CONF_COEFFICIENT] = round(100 * part.coefficient, PERCENT_DIGITS)
    return {
        field: value.isoformat() if isinstance(value, date) else value
        for field, value in told.items()
        if value is not None
    }


def participant_errors(
    told: Mapping[str, Any], others: Iterable[Participant]
) -> dict[str, str]:
    """What is wrong with the answers, by field."""
    errors: dict[str, str] = {}
    point = _point(told)
    if not POINT.fullmatch(point):
        errors[CONF_POINT] = "invalid_delivery_point"
    elif point in {one.point for one in others}:
        errors[CONF_POINT] = "point_taken"
    if not told[CONF_NAME].strip():
        errors[CONF_NAME] = "name_missing"
    if _day(told, CONF_LAST, date.max) < _day(told, CONF_FIRST, date.min):
        errors[CONF_LAST] = "ends_before"
    if CONF_CONSENT_LAST in told:
        if CONF_CONSENT_FIRST not in told:
            errors[CONF_CONSENT_FIRST] = "consent_begins_when"
        elif told[CONF_CONSENT_LAST] < told[CONF_CONSENT_FIRST]:
            errors[CONF_CONSENT_LAST] = "ends_before"
    if told.get(CONF_COEFFICIENT, 0) > 100:
        errors[CONF_COEFFICIENT] = "coefficient_not_percent"
    return errors


def edited(
    before: Participant | None,
    told: Mapping[str, Any],
    keys: Iterable[AgreedKey],
    id_: str,
    today: date,
) -> Participant:
    """The participant with the answers; of whom nothing is known, a new one of that id."""
    span = Validity(
        _day(told, CONF_FIRST, today),
        _last(told, CONF_LAST),
        pending=told[CONF_PENDING],
    )
    one = before or Participant(id_, "", "", Role.CONSUMER, ())
    consent = one.consent if CONF_CONSENT_FIRST in told else ()
    if CONF_CONSENT_FIRST in told:
        agreed = Validity(
            _day(told, CONF_CONSENT_FIRST, today), _last(told, CONF_CONSENT_LAST)
        )
        consent = with_stretch(consent, agreed)
    return replace(
        one,
        name=" ".join(told[CONF_NAME].split()),
        point=_point(told),
        role=Role(told[CONF_ROLE]),
        membership=with_stretch(one.membership, span),
        consent=consent,
        key_parts=_key_parts(
            one,
            told,
            asked_parts(keys, today),
            span.first_day if before is None else today,
        ),
        is_household=told[CONF_HOUSEHOLD],
        follows=told[CONF_FOLLOWS],
    )


def _key_parts(
    one: Participant, told: Mapping[str, Any], asked: Collection[str], day: date
) -> tuple[KeyPart, ...]:
    """The parts of the key; what is told anew counts from its day on."""
    since = _day(told, CONF_PART_SINCE, day)
    held = one.key_part(since) or KeyPart(Validity(since))
    answers: dict[str, Any] = {}
    if CONF_COEFFICIENT in asked:
        percent = told.get(CONF_COEFFICIENT)
        answers["coefficient"] = None if percent is None else percent / 100
    if CONF_RANK in asked:
        rank = told.get(CONF_RANK)
        answers["rank"] = None if rank is None else int(rank)
    if CONF_INVESTMENT in asked:
        answers["investment"] = told.get(CONF_INVESTMENT)
    new = replace(held, is_solidarity=told[CONF_SOLIDARITY], **answers)
    if new == held:
        return one.key_parts
    return from_then_on(one.key_parts, replace(new, validity=Validity(since)))


def place_shown(one: Participant) -> dict[str, Any]:
    """Where a participant is and what its panels are, as the form is filled."""
    told: dict[str, Any] = {}
    if (place := one.place) is not None:
        told |= {
            CONF_PLACE: {
                CONF_LATITUDE: place.latitude_deg,
                CONF_LONGITUDE: place.longitude_deg,
            },
            CONF_COMMUNE: place.commune,
            CONF_DENSITY: str(place.density_class),
            CONF_EPCI: place.epci,
            CONF_BODY: place.body.value,
        }
    if (panels := one.panels) is not None:
        told |= {CONF_PEAK_POWER: panels.peak_power_kw, CONF_TILT: panels.tilt_deg}
        if panels.azimuth_deg is not None:
            told[CONF_BEARING] = panels.azimuth_deg + SOUTH_DEG
    return {field: value for field, value in told.items() if value is not None}


def place_errors(told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the answers, by field; without a commune no place is told."""
    errors: dict[str, str] = {}
    if told.get(CONF_COMMUNE):
        if CONF_PLACE not in told:
            errors[CONF_PLACE] = "place_missing"
        if CONF_DENSITY not in told:
            errors[CONF_DENSITY] = "density_missing"
    if told.get(CONF_PEAK_POWER, 1) <= 0:
        errors[CONF_PEAK_POWER] = "power_not_positive"
    if not 0 <= told.get(CONF_TILT, 0) <= 90:
        errors[CONF_TILT] = "tilt_out_of_range"
    if not 0 <= told.get(CONF_BEARING, 0) <= 360:
        errors[CONF_BEARING] = "bearing_out_of_range"
    return errors


def placed(one: Participant, told: Mapping[str, Any]) -> Participant:
    """The participant with its place and panels, where they were told."""
    place = None
    if told.get(CONF_COMMUNE):
        place = Place(
            told[CONF_PLACE][CONF_LATITUDE],
            told[CONF_PLACE][CONF_LONGITUDE],
            told[CONF_COMMUNE].strip(),
            int(told[CONF_DENSITY]),
            told.get(CONF_EPCI),
            Body(told[CONF_BODY]),
        )
    panels = None
    if CONF_PEAK_POWER in told:
        bearing = told.get(CONF_BEARING)
        panels = Panels(
            one.panels.kind if one.panels else PlantKind.SOLAR,
            told[CONF_PEAK_POWER],
            told.get(CONF_TILT),
            None if bearing is None else bearing - SOUTH_DEG,
        )
    return replace(one, place=place, panels=panels)


def _point(told: Mapping[str, Any]) -> str:
    return re.sub(r"[\s.-]", "", told[CONF_POINT])


def _last(told: Mapping[str, Any], field: str) -> date | None:
    return date.fromisoformat(told[field]) if field in told else None


def _day(told: Mapping[str, Any], field: str, otherwise: date) -> date:
    return _last(told, field) or otherwise
