"""Small studies with all that makes months and steps hard, and their outcome by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
import numpy as np

from custom_components.autoconsommation_collective.engine.costs import (
    fixed_eur,
    saving,
    step_prices,
)
from custom_components.autoconsommation_collective.engine.income import (
    income,
    selling_prices,
)
from custom_components.autoconsommation_collective.engine.keys import Cube, Matrix
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.repartition import (
    allocate,
    allocated_by_pair,
)
from custom_components.autoconsommation_collective.engine.simulation import (
    Outcome,
    PeriodOutcome,
    simulate,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Consumer,
    Curves,
    Producer,
    Scenario,
    Study,
    repartition_key,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    Tariff,
)
from custom_components.autoconsommation_collective.engine.terms import (
    AccFormula,
    ConsumerTerms,
    Fee,
    ProducerTerms,
    Rate,
    yearly_eur,
)

KEYS = (
    "prorata",
    "equal",
    "static",
    "investment",
    "fair",
    "fair_investment",
    "priority",
    "priority_fair",
    "equal_then_prorata",
    "static_then_equal",
    "investment_then_static_then_equal",
)
"""One name of each way of sharing; `dynamic` needs coefficients."""
EXHAUSTING = ("prorata", "fair", "priority", "priority_fair", "equal_then_prorata")
"""Those that leave no production where anybody lacks some."""

PARIS = ZoneInfo("Europe/Paris")
ZONES = (PARIS, ZoneInfo("Indian/Reunion"), ZoneInfo("America/Martinique"))

STARTS = tuple(
    datetime.fromisoformat(text).astimezone(UTC)
    for text in (
        "2025-03-30T00:00+01:00",
        "2025-10-26T00:00+02:00",
        "2025-01-31T21:00+01:00",
        "2025-12-31T20:30+01:00",
        "2024-02-29T18:15+01:00",
    )
)
"""Before both changes of clock, the end of a month, of a year, and of a leap February."""
GAPS = tuple(timedelta(hours=hours) for hours in (0, 0, 1, 30))
MINUTES = (15, 30, 60)
JANUARY = datetime(2025, 1, 13, 23, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)

ALWAYS = Validity(date(2020, 1, 1))
BEFORE_APRIL = Validity(date(2020, 1, 1), date(2025, 3, 31))
SINCE_APRIL = Validity(date(2025, 4, 1))
NIGHT = Calendar((Period("HC", time(22), time(6)), Period("HP")))


def tariff(off_peak: float, peak: float, validity: Validity = ALWAYS) -> Tariff:
    """Two classes."""
    return Tariff("any", NIGHT, {"HC": off_peak, "HP": peak}, validity)


HOME = ConsumerTerms(
    supplier=(tariff(0.16, 0.21, BEFORE_APRIL), tariff(0.15, 0.19, SINCE_APRIL)),
    network=(tariff(0.03, 0.05),),
    excise=(Rate(0.02, BEFORE_APRIL), Rate(0.03, SINCE_APRIL)),
    vat=(Rate(0.2, ALWAYS),),
    prices=(Price(PriceModel.SALE, 0.1, ALWAYS),),
    fees=(Fee(3650.0, ALWAYS),),
)
"""With fees that nobody overlooks."""
SHOP = ConsumerTerms(
    supplier=HOME.supplier,
    network=HOME.network,
    excise=HOME.excise,
    vat=HOME.vat,
    prices=(Price(PriceModel.GIFT, 0.0, ALWAYS),),
    acc_formula=AccFormula(
        (tariff(0.01, 0.02),), (tariff(0.04, 0.07),), (Fee(1000.0, ALWAYS),)
    ),
)
ROOF = ProducerTerms(
    prices=(Price(PriceModel.SALE, 0.1, ALWAYS),),
    surplus_prices=(Rate(0.04, BEFORE_APRIL), Rate(0.05, SINCE_APRIL)),
    fees=(Fee(730.0, ALWAYS),),
)


@st.composite
def studies(
    draw: st.DrawFn, *, holes: bool = True, behind: bool = True, candidates: bool = True
) -> Study:
    """One to four consumers, up to three plants, one to three blocks of curves."""
    n_consumers, n_producers = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    # A site of the same name on either side is another participant.
    names = [f"site {i}" for i in range(4)]
    parts = draw(
        st.lists(st.integers(0, 9), min_size=n_consumers, max_size=n_consumers)
    )
    whole = max(1, sum(parts) + draw(st.integers(0, 3)))
    consumers = tuple(
        Consumer(
            id=names[i],
            coefficient=parts[i] / whole,
            rank=draw(st.integers(1, 2)),
            investment=float(draw(st.integers(0, 3))),
            plan=draw(st.sampled_from((None, "home", "shop"))),
            candidate=candidates and draw(st.booleans()),
        )
        for i in range(n_consumers)
    )
    producers = tuple(
        Producer(
            id=names[i],
            peak_power_kw=draw(st.sampled_from((None, 3.0, 9.0))),
            behind=draw(st.sampled_from((None, *names[:n_consumers])))
            if behind
            else None,
            plan=draw(st.sampled_from((None, "roof"))),
            candidate=candidates and draw(st.booleans()),
        )
        for i in range(n_producers)
    )
    return Study(
        time_zone=draw(st.sampled_from(ZONES)),
        consumers=consumers,
        producers=producers,
        curves=draw(_blocks(n_consumers, n_producers, holes)),
        consumer_terms={"home": HOME, "shop": SHOP},
        producer_terms={"roof": ROOF},
    )


@st.composite
def _blocks(
    draw: st.DrawFn, n_consumers: int, n_producers: int, holes: bool
) -> tuple[Curves, ...]:
    """Of any step, with or without time between them; at least one step is known."""
    blocks: list[Curves] = []
    end = draw(st.sampled_from(STARTS))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    shape = draw(st.sampled_from((None, (), (n_producers,))))
    for _ in range(draw(st.integers(1, 3))):
        start = end + draw(st.sampled_from(GAPS))
        step = timedelta(minutes=draw(st.sampled_from(MINUTES)))
        n_steps = draw(st.integers(1, 12))
        coefficients = None
        if shape is not None:
            weights = rng.integers(0, 9, (n_steps, *shape, n_consumers)).astype(float)
            slack = rng.integers(1, 9, (n_steps, *shape, 1))
            coefficients = weights / (weights.sum(axis=-1, keepdims=True) + slack)
        blocks.append(
            Curves(
                start,
                step,
                _energies(rng, n_steps, n_consumers, holes and bool(blocks)),
                _energies(rng, n_steps, n_producers, holes and bool(blocks)),
                coefficients,
            )
        )
        if holes and blocks[1:] and coefficients is not None:
            coefficients[rng.random(coefficients.shape) < 0.02] = np.nan
        end = start + n_steps * step
    return tuple(blocks)


def _energies(rng: np.random.Generator, n_steps: int, n: int, holes: bool) -> Matrix:
    """Whole Wh, often none, now and then a hole."""
    energies = rng.integers(-1000, 3000, (n_steps, n)).clip(0).astype(float)
    if holes:
        energies[rng.random((n_steps, n)) < 0.05] = np.nan
    return energies


def scenarios(study: Study) -> st.SearchStrategy[Scenario]:
    """Any factors on any participants."""
    factors = st.sampled_from((0.0, 0.5, 1.0, 2.0))

    def some(people: Sequence[Consumer | Producer]) -> st.SearchStrategy:
        if not people:
            return st.just({})
        return st.dictionaries(st.sampled_from([p.id for p in people]), factors)

    return st.builds(
        Scenario,
        name=st.just("changed"),
        consumers=some(study.consumers),
        producers=some(study.producers),
    )


def names_of_keys(study: Study) -> tuple[str, ...]:
    """All that can be tried out."""
    return (*KEYS, "dynamic") if study.curves[0].coefficients is not None else KEYS


def local_month(study: Study, step: datetime) -> str:
    """Of the clock on the wall."""
    return step.astimezone(study.time_zone).isoformat()[:7]


def known_rows(curves: Curves) -> list[int]:
    """Rows without any hole."""

    def row_of(i: int) -> list[float]:
        tables = [curves.consumption, curves.production]
        if curves.coefficients is not None:
            tables.append(curves.coefficients)
        return [number for table in tables for number in table[i].ravel().tolist()]

    return [
        i
        for i in range(len(curves.consumption))
        if all(number == number for number in row_of(i))  # noqa: PLR0124
    ]


def known_steps(study: Study) -> list[datetime]:
    """Starts of the steps that count."""
    return [c.start + i * c.step for c in study.curves for i in known_rows(c)]


def by_hand(
    study: Study,
    choice: str,
    scenario: Scenario,
    period: Callable[[datetime], str],
) -> dict[str, PeriodOutcome]:
    """The energies shared all at once, then summed by the period a step belongs to."""
    takes = _taking_part(study.consumers, scenario.consumers)
    gives = _taking_part(study.producers, scenario.producers)
    consumers = [study.consumers[i] for i in takes]
    producers = [study.producers[i] for i in gives]
    # Who leaves the operation goes on living: behind its meter nothing changes.
    withdrawal = _known(study, "consumption").copy()
    for column, factor in takes.items():
        withdrawal[:, column] *= factor
    injection = _known(study, "production")[:, list(gives)] * list(gives.values())
    own_use = np.zeros_like(withdrawal)
    for i, consumer in enumerate(study.consumers):
        plants = [p for p, plant in enumerate(producers) if plant.behind == consumer.id]
        for row in range(len(withdrawal)):
            total = injection[row, plants].sum()
            own_use[row, i] = min(withdrawal[row, i], total)
            if total:
                injection[row, plants] *= 1 - own_use[row, i] / total
    withdrawal = (withdrawal - own_use)[:, list(takes)]
    own_use = own_use[:, list(takes)]
    coefficients = None
    if study.curves[0].coefficients is not None:
        coefficients = _known(study, "coefficients")[..., list(takes)]
        if coefficients.ndim == 3:
            coefficients = coefficients[:, list(gives), :]
    key = repartition_key(choice, consumers, coefficients)
    shared = allocate(injection, withdrawal, key)
    pairs = allocated_by_pair(injection, withdrawal, key)

    starts = known_steps(study)
    lengths = [c.step for c in study.curves for _ in known_rows(c)]
    outcomes = {}
    for name in dict.fromkeys(map(period, starts)):
        rows = [i for i, start in enumerate(starts) if period(start) == name]
        steps, zone = [starts[i] for i in rows], study.time_zone
        days = sorted({step.astimezone(zone).date() for step in steps})
        savings, incomes = [], []
        for i, consumer in enumerate(consumers):
            if not (terms := study.consumer_terms.get(consumer.plan or "")):
                savings.append(np.nan)
                continue
            saved = saving(
                step_prices(terms, steps, zone),
                shared.allocated[rows, i],
                shared.complement[rows, i],
                fixed_eur(terms, days),
            )
            savings.append(saved.saving_eur)
        for i, producer in enumerate(producers):
            if not (sold := study.producer_terms.get(producer.plan or "")):
                incomes.append(np.nan)
                continue
            earned = income(
                selling_prices(sold, steps, zone),
                pairs[rows, i].sum(axis=1),
                shared.surplus[rows, i],
                yearly_eur(sold.fees, days),
            )
            incomes.append(earned.income_eur)
        outcomes[name] = PeriodOutcome(
            n_steps=len(rows),
            duration=sum((lengths[i] for i in rows), timedelta(0)),
            consumption_wh=withdrawal[rows].sum(axis=0),
            allocated_wh=shared.allocated[rows].sum(axis=0),
            own_use_wh=own_use[rows].sum(axis=0),
            saving_eur=np.array(savings),
            production_wh=injection[rows].sum(axis=0),
            surplus_wh=shared.surplus[rows].sum(axis=0),
            income_eur=np.array(incomes),
            pairs_wh=pairs[rows].sum(axis=0),
        )
    return outcomes


def _taking_part(
    people: Sequence[Consumer | Producer], factors: Mapping[str, float]
) -> dict[int, float]:
    """Column and factor of each that takes part."""
    at = {}
    for i, person in enumerate(people):
        factor = factors.get(person.id, 0 if person.candidate else 1)
        if factor > 0:
            at[i] = factor
    return at


def _known(study: Study, table: str) -> Matrix | Cube:
    """The known rows of one table of all blocks."""
    return np.concatenate([getattr(c, table)[known_rows(c)] for c in study.curves])


def outcome(study: Study, key: str, scenario: Scenario = AS_IT_IS) -> Outcome:
    """The only one."""
    (only,) = simulate(study, [key], [scenario])
    return only


def picked(study: Study, takes: list[int], gives: list[int]) -> Study:
    """The study with these consumers and producers, in this order."""

    def of(curves: Curves) -> Curves:
        shares = curves.coefficients
        if shares is not None:
            shares = shares[..., takes]
            shares = shares[:, gives] if shares.ndim == 3 else shares
        return replace(
            curves,
            consumption=curves.consumption[:, takes],
            production=curves.production[:, gives],
            coefficients=shares,
        )

    consumers = tuple(study.consumers[i] for i in takes)
    there = {consumer.id for consumer in consumers}
    producers = tuple(study.producers[i] for i in gives)
    return replace(
        study,
        consumers=consumers,
        producers=tuple(
            p if p.behind in there else replace(p, behind=None) for p in producers
        ),
        curves=tuple(map(of, study.curves)),
    )


def small(
    consumption: Any,
    production: Any,
    *,
    start: datetime = JANUARY,
    behind: str | None = None,
    coefficients: Any = None,
    **terms: Any,
) -> Study:
    """Half hours of a few sites; the first plant stands behind that meter."""
    used, made = np.array(consumption, float), np.array(production, float)
    return Study(
        time_zone=PARIS,
        consumers=tuple(
            Consumer(f"site {i}", plan="home" if terms else None)
            for i in range(used.shape[1])
        ),
        producers=tuple(
            Producer(f"site {i}", behind=None if i else behind)
            for i in range(made.shape[1])
        ),
        curves=(Curves(start, HALF_HOUR, used, made, coefficients),),
        **terms,
    )
