"""The known steps of a study, month by month, with what a kWh costs in them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .costs import StepPrices, fixed_eur, step_prices
from .errors import AllocationError, AllocationProblem
from .income import SellingPrices, selling_prices
from .keys import Cube, Matrix
from .repartition import check_energies
from .study import Consumer, Curves, Producer, Scenario, Study, StudyError, StudyProblem
from .tariffs import TariffError, TariffProblem
from .terms import CostError, CostProblem, local_days, yearly_eur

PIECE_CELLS = 1_000_000
"""Steps times producers times consumers shared at once: 8 MB of pairs, so that a large
operation does not fill the memory. In pieces of a quarter, all takes twice as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Known steps of one local month, all participants and candidates."""

    month: str
    steps: tuple[datetime, ...]
    """Start of each, UTC."""
    step: timedelta
    consumption: Matrix
    production: Matrix
    coefficients: Matrix | Cube | None
    buying: Mapping[str, Buying]
    selling: Mapping[str, Selling]
    """Both by plan."""

    @property
    def duration(self) -> timedelta:
        """Of these steps together."""
        return len(self.steps) * self.step

    def rows(self, rows: slice) -> Piece:
        """Some of its steps; prices stay those of all."""
        return replace(
            self,
            steps=self.steps[rows],
            consumption=self.consumption[rows],
            production=self.production[rows],
            coefficients=None if self.coefficients is None else self.coefficients[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Buying:
    """What a consumer pays in a piece."""

    prices: StepPrices
    fees_eur: float


@dataclass(frozen=True, slots=True, eq=False)
class Selling:
    """What a producer gets in a piece."""

    prices: SellingPrices
    fees_eur: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a study lacks."""

    n_steps: int
    """Left out: a curve has no value, or none has a line, between first and last step."""
    by_participant: Mapping[str, int]
    """Steps without a value of each participant that lacks any, most first."""


def check_study(study: Study, scenarios: Sequence[Scenario]) -> None:
    """Refuse ids that are not unique, strangers, curves that do not fit. Raises StudyError."""
    for people in (study.consumers, study.producers):
        ids = [person.id for person in people]
        for name in ids:
            if ids.count(name) > 1:
                raise StudyError(StudyProblem.PARTICIPANT_TWICE, participant=name)
    consumers = {consumer.id for consumer in study.consumers}
    producers = {producer.id for producer in study.producers}
    for producer in study.producers:
        if producer.behind is not None and producer.behind not in consumers:
            raise StudyError(
                StudyProblem.PARTICIPANT_UNKNOWN, participant=producer.behind
            )
    for people, plans in (
        (study.consumers, study.consumer_terms),
        (study.producers, study.producer_terms),
    ):
        for person in people:
            if person.plan is not None and person.plan not in plans:
                raise StudyError(
                    StudyProblem.PRICE_MISSING,
                    participant=person.id,
                    field=person.plan,
                )
    _check_curves(study)
    for scenario in scenarios:
        strangers = (scenario.consumers.keys() - consumers) | (
            scenario.producers.keys() - producers
        )
        if strangers:
            raise StudyError(
                StudyProblem.PARTICIPANT_UNKNOWN,
                participant=min(strangers),
                field=scenario.name,
            )
        for factors in (scenario.consumers, scenario.producers):
            for name, factor in factors.items():
                if not 0 <= factor < np.inf:
                    raise StudyError(
                        StudyProblem.BAD_VALUE,
                        participant=name,
                        field=scenario.name,
                        found=factor,
                    )


def pieces(study: Study) -> Iterator[Piece]:
    """The known steps of the study, month by month.

    Raises StudyError on what is no energy, and on a step without a price.
    """
    pairs = max(1, len(study.consumers) * len(study.producers))
    fees_from = date.min
    for curves in study.curves:
        known = _known(curves)
        for month, first, last in _by_month(curves, study.time_zone):
            rows = first + np.flatnonzero(known[first:last])
            for part in np.array_split(rows, len(rows) * pairs // PIECE_CELLS + 1):
                if part.size:
                    yield (piece := _piece(study, curves, month, part, fees_from))
                    last_day = piece.steps[-1].astimezone(study.time_zone).date()
                    fees_from = last_day + timedelta(days=1)


def gaps(study: Study) -> Gaps:
    """How many steps are left out, and which curves lack how many of them."""
    names = [consumer.id for consumer in study.consumers]
    names += [producer.id for producer in study.producers]
    lacks: Counter[str] = Counter()
    n_known = 0
    for curves in study.curves:
        n_known += int(_known(curves).sum())
        missing = np.isnan(np.hstack((curves.consumption, curves.production)))
        for name in set(names):
            own = [column for column, other in enumerate(names) if other == name]
            lacks[name] += int(missing[:, own].any(axis=1).sum())
    n_steps = sum(len(curves.consumption) for curves in study.curves)
    between = sum(
        (after.start - before.start) // before.step - len(before.consumption)
        for before, after in pairwise(study.curves)
    )
    return Gaps(
        n_steps=n_steps + between - n_known,
        by_participant={
            name: n for name, n in sorted(lacks.items(), key=_most_first) if n
        },
    )


def named(
    error: AllocationError,
    consumers: Sequence[Consumer],
    producers: Sequence[Producer],
    steps: Sequence[datetime],
    choice: str = "",
    scenario: str = "",
) -> StudyError:
    """The error with the participant's name, the step's time and the key that was chosen."""
    of_producer = (
        error.table == "production"
        or error.problem is AllocationProblem.COEFFICIENTS_ABOVE_ONE
    )
    people: Sequence[Consumer | Producer] = producers if of_producer else consumers
    of_curve = error.table in ("production", "consumption")
    return StudyError(
        error.problem,
        participant="" if error.participant is None else people[error.participant].id,
        field=error.table if of_curve else ", ".join(filter(None, (choice, scenario))),
        step="" if error.step is None else steps[error.step].isoformat(),
        found=error.found,
    )


def _most_first(lack: tuple[str, int]) -> tuple[int, str]:
    """Order of participants by what they lack, then by name."""
    return -lack[1], lack[0]


def _check_curves(study: Study) -> None:
    """Refuse curves that do not fit the participants, or do not follow one another."""
    n_consumers, n_producers = len(study.consumers), len(study.producers)
    end: datetime | None = None
    for curves in study.curves:
        n_steps = len(curves.consumption)
        of_consumers = (n_steps, n_consumers)
        of_producers = (n_steps, n_producers)
        of_pairs = (n_steps, n_producers, n_consumers)
        for table, numbers, *shapes in (
            ("consumption", curves.consumption, of_consumers),
            ("production", curves.production, of_producers),
            ("coefficients", curves.coefficients, of_consumers, of_pairs),
        ):
            if numbers is not None and numbers.shape not in shapes:
                raise StudyError(
                    AllocationProblem.WRONG_SHAPE,
                    field=table,
                    step=curves.start.isoformat(),
                    found=numbers.shape,
                )
        if end is not None and curves.start < end:
            raise StudyError(
                StudyProblem.STEPS_IRREGULAR, step=curves.start.isoformat()
            )
        end = curves.start + n_steps * curves.step


def _known(curves: Curves) -> npt.NDArray[np.bool_]:
    """Which steps have a value in every curve, candidates' included."""
    known = np.full(len(curves.consumption), True)
    for numbers in (curves.consumption, curves.production, curves.coefficients):
        if numbers is not None:
            known &= ~np.isnan(numbers).any(axis=tuple(range(1, numbers.ndim)))
    return known


def _by_month(curves: Curves, time_zone: ZoneInfo) -> Iterator[tuple[str, int, int]]:
    """Each local month with its first row and the row after its last."""
    n_steps = len(curves.consumption)
    first = 0
    while first < n_steps:
        local = (curves.start + first * curves.step).astimezone(time_zone)
        year, month = divmod(local.year * 12 + local.month, 12)
        end = datetime(year, month + 1, 1, tzinfo=time_zone).astimezone(UTC)
        last = min(n_steps, -((curves.start - end) // curves.step))
        yield f"{local:%Y-%m}", first, last
        first = last


def _piece(
    study: Study,
    curves: Curves,
    month: str,
    rows: npt.NDArray[np.intp],
    fees_from: date,
) -> Piece:
    """These rows with their prices; fees of the days before have been counted."""
    zone = study.time_zone
    steps = tuple(curves.start + int(row) * curves.step for row in rows)
    consumption, production = curves.consumption[rows], curves.production[rows]
    try:
        # Before own use is settled, which would hide what is no energy.
        check_energies("consumption", consumption)
        check_energies("production", production)
    except AllocationError as error:
        raise named(error, study.consumers, study.producers, steps) from error
    days = sorted({day for day in local_days(steps, zone) if day >= fees_from})
    buying: dict[str, Buying] = {}
    selling: dict[str, Selling] = {}
    plan = ""
    try:
        for plan, wanted in study.consumer_terms.items():
            buying[plan] = Buying(
                step_prices(wanted, steps, zone), fixed_eur(wanted, days)
            )
        for plan, offered in study.producer_terms.items():
            selling[plan] = Selling(
                selling_prices(offered, steps, zone), yearly_eur(offered.fees, days)
            )
    except (CostError, TariffError) as error:
        raise _priced(error, plan) from error
    return Piece(
        month=month,
        steps=steps,
        step=curves.step,
        consumption=consumption,
        production=production,
        coefficients=None if curves.coefficients is None else curves.coefficients[rows],
        buying=buying,
        selling=selling,
    )


def _priced(error: CostError | TariffError, plan: str) -> StudyError:
    """The error with the name of the plan and the day."""
    match error.problem:
        case CostProblem.TWO_IN_FORCE | TariffProblem.TWO_TARIFFS:
            problem = StudyProblem.PRICE_TWICE
        case CostProblem.GIFT_WITH_PRICE:
            problem = StudyProblem.BAD_VALUE
        case _:
            problem = StudyProblem.PRICE_MISSING
    what = error.what if isinstance(error, CostError) else error.tariffs
    return StudyError(
        problem,
        field=": ".join(filter(None, (plan, what))),
        step=str(error.day or ""),
        found=error,
    )
