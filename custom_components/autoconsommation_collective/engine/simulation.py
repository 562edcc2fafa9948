"""What another key, another plant or other members would give, on the same load curves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
import operator
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .costs import StepPrices, fixed_eur, saving, step_prices
from .errors import AllocationError, AllocationProblem
from .income import SellingPrices, income, selling_prices
from .indicators import Tally
from .keys import Cube, Matrix
from .participation import behind_the_meter
from .repartition import AllocationResult, allocate, allocated_by_pair, check_energies
from .study import (
    Consumer,
    Curves,
    Producer,
    Scenario,
    Study,
    StudyError,
    StudyProblem,
    repartition_key,
)
from .tariffs import TariffError, TariffProblem
from .terms import CostError, CostProblem, local_days, yearly_eur


@dataclass(frozen=True, slots=True, eq=False)
class PeriodOutcome:
    """A period under one key; each array has a place for each participant taking part.

    Energies in Wh. Euros are NaN for who has no plan, and do not count the value of what is
    used behind a meter.
    """

    n_steps: int
    """With every curve known: the others are left out."""
    consumption_wh: Energies
    allocated_wh: Energies
    own_use_wh: Energies
    """Of each consumer, from plants behind its meter."""
    saving_eur: Energies
    """Of each consumer, against buying all that it withdraws from the supplier."""
    production_wh: Energies
    """Of each producer, injected."""
    surplus_wh: Energies
    income_eur: Energies
    """Of each producer, for what is allocated and what is left."""
    pairs_wh: Matrix
    """Allocated, shape (n_producers, n_consumers): who owes whom."""

    @property
    def tally(self) -> Tally:
        """The operation's energies, whose rates compare keys."""
        return Tally(
            production_wh=float(self.production_wh.sum()),
            consumption_wh=float(self.consumption_wh.sum()),
            allocated_wh=float(self.allocated_wh.sum()),
            own_use_wh=float(self.own_use_wh.sum()),
        )

    def __add__(self, other: PeriodOutcome) -> PeriodOutcome:
        """Both periods together."""
        return PeriodOutcome(
            n_steps=self.n_steps + other.n_steps,
            consumption_wh=self.consumption_wh + other.consumption_wh,
            allocated_wh=self.allocated_wh + other.allocated_wh,
            own_use_wh=self.own_use_wh + other.own_use_wh,
            saving_eur=self.saving_eur + other.saving_eur,
            production_wh=self.production_wh + other.production_wh,
            surplus_wh=self.surplus_wh + other.surplus_wh,
            income_eur=self.income_eur + other.income_eur,
            pairs_wh=self.pairs_wh + other.pairs_wh,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one key gives in one scenario."""

    scenario: str
    key: str
    consumers: tuple[str, ...]
    """Ids of those that take part, in the order of the study."""
    producers: tuple[str, ...]
    peak_power_kw: float | None
    """Of all plants that take part; None where one's is not known."""
    months: Mapping[str, PeriodOutcome]
    """By local month, YYYY-MM, in order."""

    @property
    def total(self) -> PeriodOutcome:
        """All months together."""
        return reduce(operator.add, self.months.values())


def simulate(
    study: Study, keys: Sequence[str], scenarios: Sequence[Scenario]
) -> Iterator[Outcome]:
    """Share the study's energies under every key in every scenario, one outcome after another.

    Keys are named as `study.repartition_key` says. Outcomes come scenario by scenario, as
    many as keys times scenarios, each when it is asked for. A step with a hole in any curve
    is left out of all of them, so that they compare. Raises StudyError.
    """
    _check(study, scenarios)
    for key in keys:
        # Without consumers only the name can be wrong: better told before the long run.
        repartition_key(key, (), np.empty((0, 0)))
    pieces = tuple(_pieces(study))
    if not pieces:
        raise StudyError(StudyProblem.NOTHING_KNOWN)
    for scenario in scenarios:
        scenes = tuple(_scene(study, scenario, piece) for piece in pieces)
        for key in keys:
            yield _outcome(scenario, key, scenes)


def sizes(producer: Producer, peak_powers_kw: Sequence[float]) -> tuple[Scenario, ...]:
    """A scenario for each size of a plant, in kW (kWc), its curve scaled in proportion.

    Raises StudyError where the power that its curve stands for is not known.
    """
    if not producer.peak_power_kw:
        raise StudyError(
            StudyProblem.VALUE_MISSING, participant=producer.id, field="kwc"
        )
    return tuple(
        Scenario(
            f"{producer.id} {kw:g} kWc",
            producers={producer.id: kw / producer.peak_power_kw},
        )
        for kw in peak_powers_kw
    )


PIECE_CELLS = 1_000_000
"""Steps times producers times consumers shared at once: 8 MB of pairs, so that a large
operation does not fill the memory. In pieces of a quarter, all takes twice as long."""


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Known steps of one local month, all participants and candidates."""

    month: str
    steps: tuple[datetime, ...]
    """Start of each, UTC."""
    consumption: Matrix
    production: Matrix
    coefficients: Matrix | Cube | None
    buying: Mapping[str, _Buying]
    selling: Mapping[str, _Selling]
    """Both by plan."""


@dataclass(frozen=True, slots=True, eq=False)
class _Buying:
    """What a consumer pays in a piece."""

    prices: StepPrices
    fees_eur: float


@dataclass(frozen=True, slots=True, eq=False)
class _Selling:
    """What a producer gets in a piece."""

    prices: SellingPrices
    fees_eur: float


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A piece as a scenario changes it: what crosses the delivery points."""

    consumers: tuple[Consumer, ...]
    producers: tuple[Producer, ...]
    piece: _Piece
    withdrawal: Matrix
    injection: Matrix
    own_use: Matrix
    """Of each consumer."""
    coefficients: Matrix | Cube | None


def _check(study: Study, scenarios: Sequence[Scenario]) -> None:
    """Refuse ids that are not unique, and scenarios and plants that name strangers."""
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


def _pieces(study: Study) -> Iterator[_Piece]:
    """The known steps of the study, month by month."""
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
) -> _Piece:
    """These rows with their prices; fees of the days before have been counted."""
    zone = study.time_zone
    steps = tuple(curves.start + int(row) * curves.step for row in rows)
    consumption, production = curves.consumption[rows], curves.production[rows]
    try:
        # Before own use is settled, which would hide what is no energy.
        check_energies("consumption", consumption)
        check_energies("production", production)
    except AllocationError as error:
        raise _named(error, study.consumers, study.producers, steps, "") from error
    days = sorted({day for day in local_days(steps, zone) if day >= fees_from})
    buying: dict[str, _Buying] = {}
    selling: dict[str, _Selling] = {}
    plan = ""
    try:
        for plan, wanted in study.consumer_terms.items():
            buying[plan] = _Buying(
                step_prices(wanted, steps, zone), fixed_eur(wanted, days)
            )
        for plan, offered in study.producer_terms.items():
            selling[plan] = _Selling(
                selling_prices(offered, steps, zone), yearly_eur(offered.fees, days)
            )
    except (CostError, TariffError) as error:
        raise _priced(error, plan) from error
    return _Piece(
        month=month,
        steps=steps,
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


def _scene(study: Study, scenario: Scenario, piece: _Piece) -> _Scene:
    """Who takes part, and what of its curves reaches the grid."""
    takes = _factors(study.consumers, scenario.consumers)
    gives = _factors(study.producers, scenario.producers)
    load = piece.consumption[:, list(takes)] * list(takes.values())
    produced = piece.production[:, list(gives)] * list(gives.values())
    consumers = tuple(study.consumers[i] for i in takes)
    producers = tuple(study.producers[i] for i in gives)
    withdrawal, injection = load.copy(), produced.copy()
    own_use = np.zeros_like(load)
    for i, consumer in enumerate(consumers):
        plants = [n for n, p in enumerate(producers) if p.behind == consumer.id]
        if plants:
            meter = behind_the_meter(load[:, [i]], produced[:, plants])
            withdrawal[:, [i]] = meter.withdrawal
            injection[:, plants] = meter.injection
            own_use[:, i] = meter.own_use.sum(axis=1)
    coefficients = piece.coefficients
    if coefficients is not None:
        if coefficients.ndim == 3:
            coefficients = coefficients[:, list(gives)]
        coefficients = coefficients[..., list(takes)]
    return _Scene(
        consumers, producers, piece, withdrawal, injection, own_use, coefficients
    )


def _factors(
    people: Sequence[Consumer | Producer], changed: Mapping[str, float]
) -> dict[int, float]:
    """The factor on each curve that takes part, by its column."""
    factors = {
        i: changed.get(person.id, 0.0 if person.candidate else 1.0)
        for i, person in enumerate(people)
    }
    return {i: factor for i, factor in factors.items() if factor}


def _outcome(scenario: Scenario, key: str, scenes: Sequence[_Scene]) -> Outcome:
    months: dict[str, PeriodOutcome] = {}
    for scene in scenes:
        period = _period(scene, key)
        month = scene.piece.month
        months[month] = months[month] + period if month in months else period
    producers = scenes[0].producers
    powers = [
        p.peak_power_kw * scenario.producers.get(p.id, 1.0)
        for p in producers
        if p.peak_power_kw is not None
    ]
    return Outcome(
        scenario=scenario.name,
        key=key,
        consumers=tuple(consumer.id for consumer in scenes[0].consumers),
        producers=tuple(producer.id for producer in producers),
        peak_power_kw=sum(powers) if len(powers) == len(producers) else None,
        months=months,
    )


def _period(scene: _Scene, choice: str) -> PeriodOutcome:
    """Share a scene under one key and sum it up."""
    try:
        key = repartition_key(choice, scene.consumers, scene.coefficients)
        shared = allocate(scene.injection, scene.withdrawal, key)
        pairs = allocated_by_pair(scene.injection, scene.withdrawal, key)
    except AllocationError as error:
        raise _named(
            error, scene.consumers, scene.producers, scene.piece.steps, choice
        ) from error
    return PeriodOutcome(
        n_steps=len(scene.piece.steps),
        consumption_wh=scene.withdrawal.sum(axis=0),
        allocated_wh=shared.allocated.sum(axis=0),
        own_use_wh=scene.own_use.sum(axis=0),
        saving_eur=_savings(scene, shared),
        production_wh=scene.injection.sum(axis=0),
        surplus_wh=shared.surplus.sum(axis=0),
        income_eur=_incomes(scene, shared),
        pairs_wh=pairs.sum(axis=0),
    )


def _savings(scene: _Scene, shared: AllocationResult) -> Energies:
    """What each consumer saves, in €; NaN without a plan."""
    savings = np.full(len(scene.consumers), np.nan)
    for i, consumer in enumerate(scene.consumers):
        if consumer.plan is not None:
            plan = scene.piece.buying[consumer.plan]
            savings[i] = saving(
                plan.prices,
                shared.allocated[:, i],
                shared.complement[:, i],
                plan.fees_eur,
            ).saving_eur
    return savings


def _incomes(scene: _Scene, shared: AllocationResult) -> Energies:
    """What each producer earns, in €; NaN without a plan."""
    incomes = np.full(len(scene.producers), np.nan)
    for i, producer in enumerate(scene.producers):
        if producer.plan is not None:
            plan = scene.piece.selling[producer.plan]
            surplus = shared.surplus[:, i]
            incomes[i] = income(
                plan.prices, scene.injection[:, i] - surplus, surplus, plan.fees_eur
            ).income_eur
    return incomes


def _named(
    error: AllocationError,
    consumers: Sequence[Consumer],
    producers: Sequence[Producer],
    steps: Sequence[datetime],
    choice: str,
) -> StudyError:
    """The error with the participant's name and the step's time."""
    of_producer = (
        error.table == "production"
        or error.problem is AllocationProblem.COEFFICIENTS_ABOVE_ONE
    )
    people: Sequence[Consumer | Producer] = producers if of_producer else consumers
    of_curve = error.table in ("production", "consumption")
    return StudyError(
        error.problem,
        participant="" if error.participant is None else people[error.participant].id,
        field=error.table if of_curve else choice,
        step="" if error.step is None else steps[error.step].isoformat(),
        found=error.found,
    )
