"""Who takes part in an operation and how it shares, dated: what its organiser keeps.

Participants, their parts of the key and the key itself come and go in the middle of a month,
by day. Who is still *en attente d'Enedis* counts no kWh.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from .errors import AccError
from .keys import (
    FairKey,
    IterativeKey,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
)
from .model import (
    Key,
    KeyType,
    Operation,
    Plant,
    PlantKind,
    Price,
    Role,
    Validity,
    in_force,
)
from .perimeter import Body, Derogation
from .study import Consumer, Sharing, repartition_key


@dataclass(frozen=True, slots=True)
class KeyPart:
    """What a consumer's part of the production goes by, on some days."""

    validity: Validity
    coefficient: float | None = None
    """Of a static key, in [0, 1]."""
    rank: int | None = None
    """Of a priority key, from 1; the lowest is served first."""
    investment: float | None = None
    is_solidarity: bool = field(default=False, repr=False)
    """Whether it is among those served first. In nobody else's documents."""

    @property
    def says_something(self) -> bool:
        """Whether a key goes by any of it."""
        told = (self.coefficient, self.rank, self.investment)
        return self.is_solidarity or told != (None, None, None)


@dataclass(frozen=True, slots=True)
class Panels:
    """The plant of a producer, as far as a forecast needs it."""

    kind: PlantKind
    peak_power_kw: float
    tilt_deg: float | None = None
    azimuth_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery point lies, as the rule of the perimeter asks."""

    latitude_deg: float
    longitude_deg: float
    commune: str
    density_class: int
    """INSEE's, 1 to 7, of the commune."""
    epci: str | None = None
    body: Body = Body.OTHER


@dataclass(frozen=True, slots=True)
class Participant:
    """A delivery point of the operation. Who it is stays with the organiser."""

    id: str
    """Drawn by the organiser's Home Assistant; tells nothing of anybody."""
    name: str = field(repr=False)
    point: str = field(repr=False)
    """PRM, or EAN in Belgium."""
    role: Role
    membership: tuple[Validity, ...]
    consent: tuple[Validity, ...] = ()
    """Days on which it agrees that its own documents are published for it."""
    key_parts: tuple[KeyPart, ...] = ()
    panels: Panels | None = None
    is_household: bool = True
    place: Place | None = field(default=None, repr=False)
    follows: bool = False
    """Whether its home steers loads by the signal."""
    turn: float | None = None
    """Its place in the order of turns, in [0, 1)."""

    @property
    def consumes(self) -> bool:
        """Whether anything is allocated to it."""
        return self.role is not Role.PRODUCER

    def is_member(self, day: date) -> bool:
        """Whether it takes part on a local day."""
        return any(span.covers(day) for span in self.membership)

    def agrees(self, day: date) -> bool:
        """Whether its documents may be published on a local day."""
        return any(span.covers(day) for span in self.consent)

    def key_part(self, day: date) -> KeyPart | None:
        """What its part goes by on a local day."""
        return next(iter(in_force(self.key_parts, day)), None)

    def in_solidarity(self, day: date) -> bool:
        """Whether it is among those served first on a local day."""
        part = self.key_part(day)
        return part is not None and part.is_solidarity


class Solidarity(StrEnum):
    """How those in need are served before the others."""

    FIRST = "first"
    """They are rank 0: all they consume, as far as the production goes."""
    DONATED = "donated"
    """A part of the production is shared equally among them; what they leave is everybody's."""


@dataclass(frozen=True, slots=True)
class AgreedKey:
    """How the operation shares, on some days."""

    choice: str
    """One of `Sharing`, or rounds joined by `_then_`, as a simulation names them."""
    validity: Validity
    solidarity: Solidarity | None = None
    donated: float = 0.0
    """Part of the production that is given first, in (0, 1)."""

    @property
    def type(self) -> KeyType:
        """What the grid operator calls it (Code de l'énergie D315-6)."""
        if self.choice == Sharing.DYNAMIC:
            return KeyType.OTHER
        if self.choice in _STATIC and self.solidarity is not Solidarity.FIRST:
            return KeyType.STATIC
        if self.choice == Sharing.PRORATA and self.solidarity is None:
            return KeyType.DEFAULT_DYNAMIC
        return KeyType.SIMPLE_DYNAMIC


_STATIC: Final = frozenset({Sharing.EQUAL, Sharing.STATIC, Sharing.INVESTMENT})


class RosterProblem(StrEnum):
    """Why an operation cannot be shared as it is described."""

    NO_KEY = "no_key"
    """None in force on the day."""
    TWO_KEYS = "two_keys"
    SOLIDARITY_NOT_POSSIBLE = "solidarity_not_possible"
    """Under that key nobody can be served first."""
    NOT_COMPUTED = "not_computed"
    """Under that key only the grid operator can tell who gets what."""
    PART_MISSING = "part_missing"
    """A consumer has not been given what the key goes by."""
    PARTS_NOT_POSSIBLE = "parts_not_possible"
    """Parts that give away more than there is."""


class RosterError(AccError):
    """A day on which nobody can tell who gets what."""

    def __init__(self, problem: RosterProblem, day: date | None = None) -> None:
        """Name what is wrong, and the local day."""
        super().__init__(problem, day)
        self.problem = problem
        self.day = day


def members_on(participants: Iterable[Participant], day: date) -> list[Participant]:
    """Those who take part on a local day, in their order."""
    return [one for one in participants if one.is_member(day)]


def agreed_key(keys: Sequence[AgreedKey], day: date) -> AgreedKey:
    """The one key of a local day. Raises RosterError where there is none, or more."""
    match in_force(keys, day):
        case (key,):
            return key
        case ():
            raise RosterError(RosterProblem.NO_KEY, day)
        case _:
            raise RosterError(RosterProblem.TWO_KEYS, day)


def key_of(
    agreed: AgreedKey, consumers: Sequence[Participant], day: date
) -> RepartitionKey:
    """The key as the engine shares by it, for these consumers in their order.

    Raises StudyError where a consumer lacks what the key goes by, RosterError where the key
    leaves no room for solidarity or cannot be computed here.
    """
    if agreed.choice == Sharing.DYNAMIC:
        raise RosterError(RosterProblem.NOT_COMPUTED, day)
    key = repartition_key(agreed.choice, [_consumer(one, day) for one in consumers])
    in_need = [one.in_solidarity(day) for one in consumers]
    if agreed.solidarity is None or not any(in_need):
        return key
    if agreed.solidarity is Solidarity.FIRST:
        return _served_first(key, in_need, day)
    return _donated(key, in_need, agreed.donated, day)


def _consumer(one: Participant, day: date) -> Consumer:
    part = one.key_part(day)
    if part is None:
        return Consumer(one.name)
    return Consumer(one.name, part.coefficient, part.rank, part.investment)


def _served_first(
    key: RepartitionKey, in_need: Sequence[bool], day: date
) -> RepartitionKey:
    """Those in need before rank 1, the others as the key has them."""
    match key:
        case ProRataKey():
            return PriorityKey(tuple(int(not needs) for needs in in_need), key)
        case FairKey(weights=None):
            return PriorityKey(tuple(int(not needs) for needs in in_need), key)
        case PriorityKey(ranks, within):
            first = min(ranks) - 1
            ranked = zip(ranks, in_need, strict=True)
            return PriorityKey(
                tuple(first if needs else rank for rank, needs in ranked), within
            )
        case _:
            raise RosterError(RosterProblem.SOLIDARITY_NOT_POSSIBLE, day)


def _donated(
    key: RepartitionKey, in_need: Sequence[bool], part: float, day: date
) -> RepartitionKey:
    """A part for those in need, equally; the rest, and what they leave, as the key has it."""
    equal = tuple(needs / sum(in_need) for needs in in_need)
    match key:
        case ProRataKey():
            return IterativeKey((StaticKey(equal), key), (part, 1 - part))
        case StaticKey(coefficients):
            both = zip(coefficients, equal, strict=True)
            return StaticKey(
                tuple((1 - part) * own + part * gift for own, gift in both)
            )
        case _:
            raise RosterError(RosterProblem.SOLIDARITY_NOT_POSSIBLE, day)


@dataclass(frozen=True, slots=True)
class Roster:
    """All that an organiser keeps of its operation, but for the energies."""

    name: str
    agreement: str | None
    """ACC and eight digits, where there is one."""
    time_zone: str
    step: timedelta
    keys: tuple[AgreedKey, ...] = ()
    prices: tuple[Price, ...] = ()
    derogation: Derogation = None
    participants: tuple[Participant, ...] = ()

    def participant(self, id_: str) -> Participant | None:
        """The one with that id."""
        return next((one for one in self.participants if one.id == id_), None)

    def with_participant(self, one: Participant) -> Roster:
        """The list with that one in the place of the one with its id, or at its end."""
        ids = [each.id for each in self.participants]
        if one.id not in ids:
            return replace(self, participants=(*self.participants, one))
        changed = [one if each.id == one.id else each for each in self.participants]
        return replace(self, participants=tuple(changed))

    def without(self, id_: str) -> Roster:
        """The list without the one with that id."""
        left = tuple(one for one in self.participants if one.id != id_)
        return replace(self, participants=left)

    def operation(self, plants: tuple[Plant, ...]) -> Operation:
        """What everybody may know of it, with the plants as everybody may know them."""
        return Operation(
            self.agreement,
            self.name,
            self.time_zone,
            self.step,
            tuple(Key(key.type, key.validity) for key in self.keys),
            self.prices,
            plants,
        )
