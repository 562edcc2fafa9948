"""The nouns of a simulation: who takes part, with which curves, and what is tried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import override
from zoneinfo import ZoneInfo

from .errors import AccError, AllocationProblem
from .keys import (
    MAX_ROUNDS,
    ConsumerKey,
    Cube,
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    Matrix,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    coefficients_in_proportion,
    equal_coefficients,
)
from .model import PlantKind
from .terms import ConsumerTerms, ProducerTerms


class StudyProblem(StrEnum):
    """Why something cannot be simulated."""

    NOT_ALLOWED = "not_allowed"
    """A folder that Home Assistant may not read."""
    NOT_THERE = "not_there"
    """A file that is needed and cannot be read."""
    FILE_TWICE = "file_twice"
    """Under its French name and under its English one."""
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    COLUMN_MISSING = "column_missing"
    COLUMN_UNKNOWN = "column_unknown"
    COLUMN_TWICE = "column_twice"
    BAD_NUMBER = "bad_number"
    BAD_TIME = "bad_time"
    BAD_VALUE = "bad_value"
    STEPS_IRREGULAR = "steps_irregular"
    """Steps out of order, twice, or of changing length."""
    NOTHING_KNOWN = "nothing_known"
    """No step for which every curve has a value."""
    PARTICIPANT_TWICE = "participant_twice"
    PARTICIPANT_UNKNOWN = "participant_unknown"
    """Named by a scenario or a plant, but without a curve."""
    VALUE_MISSING = "value_missing"
    """A key needs a number that this consumer has not been given."""
    KEY_UNKNOWN = "key_unknown"
    PRICE_MISSING = "price_missing"
    """No price is known for a day of the study."""
    PRICE_TWICE = "price_twice"
    """Two are in force on the same day."""


class StudyError(AccError):
    """A study that cannot be simulated, in words a volunteer can act on."""

    def __init__(
        self,
        problem: StudyProblem | AllocationProblem,
        *,
        file: str = "",
        participant: str = "",
        field: str = "",
        step: str = "",
        found: object = "",
    ) -> None:
        """Name what is wrong; what does not apply stays empty."""
        super().__init__(problem, file, participant, field, step, found)
        self.problem = problem
        self.file = file
        """Name of the file, without its folder."""
        self.participant = participant
        self.field = field
        """Column, key or scenario."""
        self.step = step
        """Line of a file, or start of a step."""
        self.found = str(found)

    @property
    def placeholders(self) -> dict[str, str]:
        """What the translated texts of a problem name; a dash where there is nothing."""
        named = {
            "file": self.file,
            "participant": self.participant,
            "field": self.field,
            "step": self.step,
            "found": self.found,
        }
        return {name: value or "–" for name, value in named.items()}

    @override
    def __str__(self) -> str:
        """One line."""
        where = [self.file, self.step, self.participant, self.field, self.found]
        return f"{self.problem.value}: {', '.join(filter(None, where))}"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A delivery point that consumes."""

    id: str
    coefficient: float | None = None
    """Of a static key, in [0, 1]."""
    rank: int | None = None
    """Of a priority key; the lowest is served first."""
    investment: float | None = None
    """What the member put in, in any unit that is the same for all."""
    plan: str | None = None
    """Which of the study's terms it pays by."""
    candidate: bool = False
    """Not a member yet: takes part only where a scenario adds it."""


@dataclass(frozen=True, slots=True)
class Producer:
    """A plant."""

    id: str
    kind: PlantKind = PlantKind.SOLAR
    peak_power_kw: float | None = None
    behind: str | None = None
    """The consumer behind whose meter it stands; both their curves are then gross."""
    plan: str | None = None
    candidate: bool = False
    """Not built or not a member yet: takes part only where a scenario adds it."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Energies in Wh of consecutive steps; NaN is a hole."""

    start: datetime
    """Start of the first step, UTC."""
    step: timedelta
    consumption: Matrix
    """Shape (n_steps, n_consumers), in the order of the study's consumers."""
    production: Matrix
    """Shape (n_steps, n_producers), in the order of the study's producers."""
    coefficients: Matrix | Cube | None = None
    """As an organiser gave them for these steps: (n_steps, n_consumers) for the pooled
    production, or (n_steps, n_producers, n_consumers)."""


@dataclass(frozen=True, slots=True)
class Study:
    """An operation as it is or as it might be, with its load curves."""

    time_zone: ZoneInfo
    consumers: tuple[Consumer, ...]
    producers: tuple[Producer, ...]
    curves: tuple[Curves, ...]
    """In order of time, without overlap."""
    consumer_terms: Mapping[str, ConsumerTerms] = field(default_factory=dict)
    """What consumers pay by, by the name of the plan."""
    producer_terms: Mapping[str, ProducerTerms] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is changed, as factors on the curves of some; the others stay as they are.

    0 leaves a participant out, 1 takes a candidate in, 2 doubles a plant.
    """

    name: str
    consumers: Mapping[str, float] = field(default_factory=dict)
    producers: Mapping[str, float] = field(default_factory=dict)


AS_IT_IS = Scenario("as_it_is")
"""Members without candidates, plants of today."""


class Sharing(StrEnum):
    """A way of sharing that can be tried out; rounds are joined by `_then_`."""

    PRORATA = "prorata"
    """*Dynamique par défaut*, *prorata*."""
    EQUAL = "equal"
    """*Fixe égalitaire*."""
    STATIC = "static"
    """*Statique*, *fixe spécifique*: by each consumer's coefficient."""
    INVESTMENT = "investment"
    """Static, in proportion to what each invested."""
    FAIR = "fair"
    """Equal shares, what one cannot use going to the others."""
    FAIR_INVESTMENT = "fair_investment"
    """The same, by what each invested."""
    PRIORITY = "priority"
    """Rank by rank, pro rata within a rank."""
    PRIORITY_FAIR = "priority_fair"
    """Rank by rank, equal shares within a rank."""
    DYNAMIC = "dynamic"
    """*Dynamique simple* or *full dynamique*: by the coefficients given for each step."""


THEN = "_then_"
"""Between the rounds of an iterated key: a word that is also allowed in translation keys."""


def repartition_key(
    choice: str,
    consumers: Sequence[Consumer],
    coefficients: Matrix | Cube | None = None,
) -> RepartitionKey:
    """The key of that name for these consumers, in their order.

    A choice is one of `Sharing`, or up to three of prorata, equal, static and investment
    joined by `_then_` for as many rounds, as `equal_then_prorata`. Raises StudyError on a name that
    is none, on too many rounds, and where a consumer lacks what the key goes by.
    """
    rounds = choice.split(THEN)
    if len(rounds) == 1:
        return _one_round(choice, consumers, coefficients)
    if len(rounds) > MAX_ROUNDS:
        raise StudyError(
            AllocationProblem.ROUNDS_NOT_KNOWN, field=choice, found=len(rounds)
        )
    keys = [_one_round(name, consumers, coefficients) for name in rounds]
    fixed_or_prorata = tuple(k for k in keys if isinstance(k, StaticKey | ProRataKey))
    if len(fixed_or_prorata) < len(keys):
        raise StudyError(StudyProblem.KEY_UNKNOWN, field=choice)
    return IterativeKey(fixed_or_prorata)


def _one_round(
    name: str, consumers: Sequence[Consumer], coefficients: Matrix | Cube | None
) -> ConsumerKey | FullDynamicKey:
    match name:
        case Sharing.PRORATA:
            return ProRataKey()
        case Sharing.EQUAL:
            return StaticKey(equal_coefficients(len(consumers)))
        case Sharing.STATIC:
            return StaticKey(
                _given(name, consumers, [c.coefficient for c in consumers])
            )
        case Sharing.INVESTMENT:
            return StaticKey(coefficients_in_proportion(_invested(name, consumers)))
        case Sharing.FAIR:
            return FairKey()
        case Sharing.FAIR_INVESTMENT:
            return FairKey(_invested(name, consumers))
        case Sharing.PRIORITY:
            return PriorityKey(_given(name, consumers, [c.rank for c in consumers]))
        case Sharing.PRIORITY_FAIR:
            return PriorityKey(
                _given(name, consumers, [c.rank for c in consumers]), FairKey()
            )
        case Sharing.DYNAMIC if coefficients is not None:
            if coefficients.ndim == 3:
                return FullDynamicKey(coefficients)
            return DynamicKey(coefficients)
        case Sharing.DYNAMIC:
            raise StudyError(StudyProblem.VALUE_MISSING, field=name)
        case _:
            raise StudyError(StudyProblem.KEY_UNKNOWN, field=name)


def _invested(name: str, consumers: Sequence[Consumer]) -> tuple[float, ...]:
    """What each put in; refuse what is no amount, which would distort all other parts."""
    amounts = _given(name, consumers, [c.investment for c in consumers])
    for consumer, amount in zip(consumers, amounts, strict=True):
        if not 0 <= amount < math.inf:
            raise StudyError(
                StudyProblem.BAD_VALUE,
                participant=consumer.id,
                field=name,
                found=amount,
            )
    return amounts


def _given[T](
    name: str, consumers: Sequence[Consumer], values: Sequence[T | None]
) -> tuple[T, ...]:
    """The value of each consumer; refuse a consumer without."""
    for consumer, value in zip(consumers, values, strict=True):
        if value is None:
            raise StudyError(
                StudyProblem.VALUE_MISSING, participant=consumer.id, field=name
            )
    return tuple(value for value in values if value is not None)
