"""The nouns of an operation: who takes part, with what, under which rules, and since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol


class Quality(StrEnum):
    """How final a published energy is."""

    PROVISIONAL = "provisional"
    SETTLED = "settled"


class KeyType(StrEnum):
    """Repartition keys of the French rules (Code de l'énergie D315-6)."""

    STATIC = "static"
    DEFAULT_DYNAMIC = "default_dynamic"
    SIMPLE_DYNAMIC = "simple_dynamic"
    FULL_DYNAMIC = "full_dynamic"
    OTHER = "other"


class PriceModel(StrEnum):
    """How a member pays for an allocated kWh."""

    GIFT = "gift"
    SALE = "sale"
    PREPAID = "prepaid"


class PlantKind(StrEnum):
    """What a plant runs on."""

    SOLAR = "solar"
    WIND = "wind"
    HYDRO = "hydro"
    BIOMASS = "biomass"
    OTHER = "other"


class Role(StrEnum):
    """What a delivery point does in the operation."""

    CONSUMER = "consumer"
    PRODUCER = "producer"
    PROSUMER = "prosumer"

    @property
    def produces(self) -> bool:
        """Whether the delivery point injects for the operation."""
        return self is not Role.CONSUMER


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which something is in force, first and last day included."""

    first_day: date
    last_day: date | None = None
    pending: bool = False
    """Still "en attente d'Enedis": dated, but it counts no kWh yet."""

    def covers(self, day: date) -> bool:
        """Whether it is in force on that local day."""
        return (
            not self.pending
            and self.first_day <= day
            and (self.last_day is None or day <= self.last_day)
        )


def consecutive(first_days: Sequence[date]) -> list[Validity]:
    """Validities of things that follow each other: each until the next begins, the last open."""
    lasts = [first - timedelta(days=1) for first in first_days[1:]]
    return [
        Validity(first, last)
        for first, last in zip(
            first_days, [*lasts, None][: len(first_days)], strict=True
        )
    ]


class Dated(Protocol):
    """Anything that is in force on some days only."""

    @property
    def validity(self) -> Validity:
        """The days on which it is in force."""
        ...


def in_force[T: Dated](items: Iterable[T], day: date) -> tuple[T, ...]:
    """Those of the items that are in force on that local day, in their order."""
    return tuple(item for item in items if item.validity.covers(day))


@dataclass(frozen=True, slots=True)
class Key:
    """The repartition key the organiser agreed with the grid operator."""

    type: KeyType
    validity: Validity


@dataclass(frozen=True, slots=True)
class Price:
    """What an allocated kWh costs the member, all taxes included, without network fees."""

    model: PriceModel
    eur_per_kwh: float
    validity: Validity


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant, or the household plants of one commune taken together."""

    kind: PlantKind
    peak_power_kw: float
    commune: str
    validity: Validity
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    tilt_deg: float | None = None
    """0 is flat, 90 upright."""
    azimuth_deg: float | None = None
    """0 is south, -90 east, 90 west."""
    households: int | None = None
    """How many household plants stand behind this group; None for a plant on its own."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What everybody may know of an operation."""

    id: str | None
    """Agreement number, ACC and eight digits, where there is one."""
    name: str
    time_zone: str
    step: timedelta
    keys: tuple[Key, ...]
    prices: tuple[Price, ...]
    plants: tuple[Plant, ...]
    takes_needs: bool = False
    """Whether homes may tell each evening what their loads that can wait will need."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many take part: what decides which aggregates may be public."""

    members: int
    household_producers: int
    non_household_plants: int
    validity: Validity
    followers: int | None = None
    """Members that steer loads by the signal; None where the organiser does not tell."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """The part of the production that a static key gives this member, in [0, 1]."""

    value: float
    validity: Validity


@dataclass(frozen=True, slots=True)
class MonthReference:
    """A published month page: enough to know whether it must be read again."""

    month: str
    """Local calendar month, YYYY-MM."""
    revision: int
    quality: Quality
    digest: str | None = None
    """Of the file's content, where it is part of the file's name."""


@dataclass(frozen=True, slots=True)
class Member:
    """What the organiser tells one member about its delivery point."""

    role: Role
    membership: tuple[Validity, ...]
    coefficients: tuple[Coefficient, ...]
    months: tuple[MonthReference, ...]
    place: float | None = None
    """In the order of turns, in [0, 1), so that homes that switch whole steps switch apart."""

    def has_left(self, day: date) -> bool:
        """Whether every membership has ended before that local day."""
        last_days = [period.last_day for period in self.membership]
        return bool(last_days) and all(last and last < day for last in last_days)


@dataclass(frozen=True, slots=True)
class FlexibleNeed:
    """What the steered loads of all followers together need on one day."""

    day: date
    """Of the operation's time zone."""
    energy_wh: int
    homes: int
    """How many followers stand behind it."""


@dataclass(frozen=True, slots=True)
class ForecastError:
    """How far the surplus, injection less base withdrawal, was from its forecast.

    Of the steps whose expected injection lies above a level and not above that of the next
    class. All are mean powers of a step, so they hold for steps of any length.
    """

    above_w: float
    mean_w: float
    """Measured less expected."""
    deviation_w: float
    """Standard deviation around the mean."""


@dataclass(frozen=True, slots=True)
class UsualDay:
    """What all members usually draw on such a day, without steered loads."""

    month: int
    """1 to 12: the calendar month it was seen in."""
    is_weekend: bool
    step: timedelta
    base_withdrawal_wh: tuple[int, ...]
    """Mean energy of each step by the clock, from midnight to midnight."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What suffices to look ahead where the organiser publishes once a month."""

    days: tuple[UsualDay, ...]
    errors: tuple[ForecastError, ...] = ()
    """How far the surplus was from what these days let expect."""


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Index of what the organiser publishes about all members together."""

    counts: tuple[Counts, ...]
    months: tuple[MonthReference, ...]
    usual: Usual | None = None
