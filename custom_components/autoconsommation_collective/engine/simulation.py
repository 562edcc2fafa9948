"""What another key, another plant or other members would give, on the same load curves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
import operator

import numpy as np

from .blocks import Energies
from .costs import saving
from .errors import AllocationError
from .income import income
from .indicators import Tally
from .keys import Cube, Matrix
from .participation import behind_the_meter
from .repartition import AllocationResult, allocate, allocated_by_pair
from .study import (
    AS_IT_IS,
    Consumer,
    Producer,
    Scenario,
    Study,
    StudyError,
    StudyProblem,
    repartition_key,
)
from .study_steps import Piece, check_study, named, pieces


@dataclass(frozen=True, slots=True, eq=False)
class PeriodOutcome:
    """A period under one key; each array has a place for each participant taking part.

    Energies in Wh. Euros are NaN for who has no plan, and do not count the value of what is
    used behind a meter.
    """

    n_steps: int
    """With every curve known: the others are left out."""
    duration: timedelta
    """Of these steps together."""
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
            duration=self.duration + other.duration,
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
    is left out of all of them, so that they compare. Raises StudyError: what is wrong with a
    key in any scenario, before the first outcome.
    """
    check_study(study, scenarios)
    known = tuple(pieces(study))
    if not known:
        raise StudyError(StudyProblem.NOTHING_KNOWN)
    no_steps = known[0].rows(slice(0))
    for scenario in scenarios:
        for key in keys:
            _share(_scene(study, scenario, no_steps), key)
    for scenario in scenarios:
        scenes = tuple(_scene(study, scenario, piece) for piece in known)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A piece as a scenario changes it: what crosses the delivery points."""

    scenario: str
    consumers: tuple[Consumer, ...]
    producers: tuple[Producer, ...]
    piece: Piece
    withdrawal: Matrix
    injection: Matrix
    own_use: Matrix
    """Of each consumer."""
    coefficients: Matrix | Cube | None


def _scene(study: Study, scenario: Scenario, piece: Piece) -> _Scene:
    """Who takes part, and what of its curves reaches the grid."""
    takes = _factors(study.consumers, scenario.consumers)
    gives = _factors(study.producers, scenario.producers)
    # A building goes on using its own plant when its owner leaves the operation.
    load = piece.consumption * [takes.get(i, 1.0) for i in range(len(study.consumers))]
    produced = piece.production[:, list(gives)] * list(gives.values())
    producers = tuple(study.producers[i] for i in gives)
    withdrawal, injection = load.copy(), produced.copy()
    own_use = np.zeros_like(load)
    for i, consumer in enumerate(study.consumers):
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
        scenario=scenario.name,
        consumers=tuple(study.consumers[i] for i in takes),
        producers=producers,
        piece=piece,
        withdrawal=withdrawal[:, list(takes)],
        injection=injection,
        own_use=own_use[:, list(takes)],
        coefficients=coefficients,
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
    shared, pairs = _share(scene, choice)
    return PeriodOutcome(
        n_steps=len(scene.piece.steps),
        duration=scene.piece.duration,
        consumption_wh=scene.withdrawal.sum(axis=0),
        allocated_wh=shared.allocated.sum(axis=0),
        own_use_wh=scene.own_use.sum(axis=0),
        saving_eur=_savings(scene, shared),
        production_wh=scene.injection.sum(axis=0),
        surplus_wh=shared.surplus.sum(axis=0),
        income_eur=_incomes(scene, shared),
        pairs_wh=pairs.sum(axis=0),
    )


def _share(scene: _Scene, choice: str) -> tuple[AllocationResult, Cube]:
    """Share a scene under one key, and who has what from whom."""
    try:
        key = repartition_key(choice, scene.consumers, scene.coefficients)
        return (
            allocate(scene.injection, scene.withdrawal, key),
            allocated_by_pair(scene.injection, scene.withdrawal, key),
        )
    except AllocationError as error:
        raise named(
            error,
            scene.consumers,
            scene.producers,
            scene.piece.steps,
            choice,
            "" if scene.scenario == AS_IT_IS.name else scene.scenario,
        ) from error


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
