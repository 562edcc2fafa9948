"""Read the documents that describe: the operation, and the member's index."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
import math
import re
from zoneinfo import ZoneInfo

from ..engine.model import (
    Coefficient,
    Dated,
    Key,
    KeyType,
    Member,
    MonthReference,
    Operation,
    Plant,
    PlantKind,
    Price,
    PriceModel,
    Quality,
    Role,
    Validity,
)
from . import names
from .errors import Problem
from .fields import Fields, open_document

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
STEP_MINUTES = (10, 15, 30, 60)
MAX_COUNT = 1_000_000
"""Bound of counts and revisions: keeps them within what every store can hold."""

_LAST_PLACE = math.nextafter(1, 0)
"""Place 1 would be place 0 again."""
_DIGEST = re.compile(r"[0-9a-f]{16}")
"""Goes into an address, so nothing else may stand there."""
_AGREEMENT = re.compile(r"ACC[0-9]{8}")
_MAX_PRICE_EUR_PER_KWH = 10.0
"""Twenty times a usual price: what lies above was meant in cents."""
_MAX_PEAK_POWER_KW = 100_000.0
"""An operation may reach 5 MW, by exception 10 MW; what lies above was meant in watts."""


class _Status(StrEnum):
    """Whether something counts already, or waits for the grid operator."""

    ACTIVE = "active"
    PENDING = "pending"


def read_operation(body: bytes) -> Operation:
    """What everybody may know of the operation; DocumentError names what is wrong."""
    document = open_document(body, names.OPERATION, "operation")
    document.instant("published_at")
    operation = document.object("operation")
    return Operation(
        id=operation.optional(operation.matching, "id", _AGREEMENT),
        name=operation.text("name"),
        time_zone=_time_zone(operation, "time_zone"),
        step=read_step(operation, "settlement_step_minutes"),
        keys=read_one_at_a_time(document, "keys", _key),
        prices=read_one_at_a_time(document, "prices", _price),
        plants=tuple(_plant(plant) for plant in document.objects("plants")),
        takes_needs=operation.optional(operation.flag, "takes_needs") or False,
    )


def read_member(body: bytes) -> Member:
    """A member's own index, already unsealed; DocumentError names what is wrong."""
    document = open_document(body, names.MEMBER, "member")
    document.instant("published_at")
    return Member(
        role=document.choice("role", Role),
        membership=tuple(
            read_validity(period) for period in document.objects("membership")
        ),
        coefficients=read_one_at_a_time(document, "coefficients", _coefficient),
        months=read_months(document),
        place=document.optional(document.number, "place", 0, _LAST_PLACE),
    )


def read_step(fields: Fields, field: str) -> timedelta:
    """Length of a step, one of those the grid operators use."""
    minutes = fields.require(field, int)
    if minutes not in STEP_MINUTES:
        raise fields.fault(Problem.BAD_VALUE, field)
    return timedelta(minutes=minutes)


def read_revision(fields: Fields) -> int:
    """Number of a publication of a month, from 1; a higher one replaces a lower one."""
    return fields.whole("revision", 1, MAX_COUNT)


def _key(fields: Fields) -> Key:
    """A key; a type this version does not know is kept as one that cannot be computed."""
    word = fields.text("type")
    known = KeyType(word) if word in KeyType else KeyType.OTHER
    return Key(known, read_validity(fields))


def _price(fields: Fields) -> Price:
    price = fields.number("price_eur_per_kwh", 0, _MAX_PRICE_EUR_PER_KWH)
    return Price(fields.choice("model", PriceModel), price, read_validity(fields))


def _plant(fields: Fields) -> Plant:
    """A plant; a kind this version does not know is kept as one without a forecast."""
    word = fields.text("kind")
    return Plant(
        kind=PlantKind(word) if word in PlantKind else PlantKind.OTHER,
        peak_power_kw=fields.number("peak_power_kw", 0, _MAX_PEAK_POWER_KW),
        commune=fields.text("commune"),
        validity=read_validity(fields),
        latitude_deg=fields.optional(fields.number, "latitude_deg", -90, 90),
        longitude_deg=fields.optional(fields.number, "longitude_deg", -180, 180),
        tilt_deg=fields.optional(fields.number, "tilt_deg", 0, 90),
        azimuth_deg=fields.optional(fields.number, "azimuth_deg", -180, 180),
        households=fields.optional(fields.whole, "households", 1, MAX_COUNT),
    )


def _coefficient(fields: Fields) -> Coefficient:
    return Coefficient(fields.number("value", 0, 1), read_validity(fields))


def read_validity(fields: Fields) -> Validity:
    """Days in force; without a status it counts."""
    first = fields.day("valid_from")
    last = fields.optional(fields.day, "valid_to")
    if last is not None and last < first:
        raise fields.fault(Problem.BAD_VALUE, "valid_to")
    status = fields.optional(fields.choice, "status", _Status)
    return Validity(first, last, pending=status is _Status.PENDING)


def read_months(document: Fields) -> tuple[MonthReference, ...]:
    """Published months, each once."""
    months: dict[str, MonthReference] = {}
    for fields in document.objects("months"):
        month = fields.matching("month", MONTH)
        if month in months:
            raise fields.fault(Problem.PERIODS_OVERLAP, "month")
        quality = fields.choice("quality", Quality)
        digest = fields.optional(fields.matching, "digest", _DIGEST)
        months[month] = MonthReference(month, read_revision(fields), quality, digest)
    return tuple(months.values())


def read_one_at_a_time[T: Dated](
    document: Fields, field: str, read: Callable[[Fields], T]
) -> tuple[T, ...]:
    """Items of which at most one counts on any day: two keys at once contradict each other."""
    found = [(fields, read(fields)) for fields in document.objects(field)]
    counting = [
        (item.validity, fields) for fields, item in found if not item.validity.pending
    ]
    counting.sort(key=lambda pair: pair[0].first_day)
    for (earlier, _), (later, fields) in pairwise(counting):
        if earlier.last_day is None or later.first_day <= earlier.last_day:
            raise fields.fault(Problem.PERIODS_OVERLAP, "valid_from")
    return tuple(item for _, item in found)


def _time_zone(fields: Fields, field: str) -> str:
    """Name of a zone of the IANA database."""
    name = fields.text(field)
    try:
        return ZoneInfo(name).key
    except KeyError, ValueError, OSError:
        raise fields.fault(Problem.UNKNOWN_TIME_ZONE, field) from None
