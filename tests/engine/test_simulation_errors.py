"""What cannot be simulated is refused, naming who, when and what."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.simulation import simulate
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Consumer,
    Producer,
    Scenario,
    Study,
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.engine.terms import Fee, Rate

from .study_cases import (
    ALWAYS,
    HALF_HOUR,
    HOME,
    JANUARY,
    ROOF,
    SHOP,
    outcome,
    small,
    tariff,
)

TWO_SITES = small([[100.0, 200.0]] * 4, [[50.0, 60.0]] * 4)
NAN = float("nan")
STEP_3 = (JANUARY + 3 * HALF_HOUR).isoformat()


def refused(
    study: Study, keys: Sequence[str] = ("prorata",), *scenarios: Scenario
) -> StudyError:
    """Why there is no outcome at all."""
    with pytest.raises(StudyError) as raised:
        next(simulate(study, keys, scenarios or (AS_IT_IS,)))
    return raised.value


def with_energies(side: str, energies: Any, **changes: Any) -> Study:
    """Two sites with other energies on one side."""
    (curves,) = TWO_SITES.curves
    curves = replace(curves, **{side: np.array(energies, float)})
    return replace(TWO_SITES, curves=(curves,), **changes)


# Who


@pytest.mark.parametrize(
    "twice",
    [
        {"consumers": (Consumer("site 0"), Consumer("site 0"))},
        {"producers": (Producer("site 0"), Producer("site 0"))},
    ],
    ids=["consumers", "producers"],
)
def test_same_name_twice_is_refused(twice: dict[str, Any]) -> None:
    """On one side; a site that consumes and produces has one name."""
    error = refused(replace(TWO_SITES, **twice))
    assert error.problem is StudyProblem.PARTICIPANT_TWICE
    assert error.participant == "site 0"


@pytest.mark.parametrize(
    "factors",
    [{"consumers": {"site 9": 1}}, {"producers": {"site 1": 1, "site 9": 0}}],
    ids=["consumer", "producer"],
)
def test_stranger_in_a_scenario_is_refused(factors: dict[str, Any]) -> None:
    """Also in a scenario that is not the first."""
    error = refused(TWO_SITES, ["prorata"], AS_IT_IS, Scenario("more", **factors))
    assert error.problem is StudyProblem.PARTICIPANT_UNKNOWN
    assert (error.participant, error.field) == ("site 9", "more")


def test_plant_behind_a_stranger_s_meter_is_refused() -> None:
    """Nor is a producer a consumer."""
    plants = (Producer("roof"), Producer("site 1", behind="roof"))
    error = refused(replace(TWO_SITES, producers=plants))
    assert error.problem is StudyProblem.PARTICIPANT_UNKNOWN
    assert error.participant == "roof"


@pytest.mark.parametrize("factor", [-1.0, NAN, float("inf")])
@pytest.mark.parametrize("side", ["consumers", "producers"])
def test_factor_that_is_none_is_refused(side: str, factor: float) -> None:
    """Below nothing, or no number."""
    scenario = Scenario("odd", **{side: {"site 1": factor}})
    error = refused(TWO_SITES, ["prorata"], scenario)
    assert error.problem is StudyProblem.BAD_VALUE
    assert (error.participant, error.field) == ("site 1", "odd")
    assert error.found == str(factor)


@pytest.mark.parametrize("side", ["consumers", "producers"])
def test_unknown_plan_is_refused(side: str) -> None:
    """Each side has its own plans."""
    people = getattr(TWO_SITES, side)
    named = (people[0], replace(people[1], plan="gold"))
    plans = {"consumer_terms": {"gold": HOME}, "producer_terms": {"gold": ROOF}}
    del plans[side.removesuffix("s") + "_terms"]
    error = refused(replace(TWO_SITES, **{side: named}, **plans))
    assert error.problem is StudyProblem.PRICE_MISSING
    assert (error.participant, error.field) == ("site 1", "gold")


# Which key


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("democracy", StudyProblem.KEY_UNKNOWN),
        ("fair_then_prorata", StudyProblem.KEY_UNKNOWN),
        ("_then_".join(["prorata"] * 4), AllocationProblem.ROUNDS_NOT_KNOWN),
    ],
)
def test_wrong_name_of_a_key_is_told_before_the_first_outcome(
    key: str, problem: StudyProblem
) -> None:
    """Not after a long run of the keys before it."""
    assert refused(TWO_SITES, ["prorata", key]).problem is problem


@pytest.mark.parametrize("key", ["static", "priority", "investment"])
def test_consumer_without_what_the_key_goes_by_is_named(key: str) -> None:
    """Unless it takes no part."""
    given = replace(TWO_SITES.consumers[0], coefficient=0.5, rank=1, investment=1.0)
    candidate = replace(TWO_SITES.consumers[1], candidate=True)
    study = replace(TWO_SITES, consumers=(given, candidate))
    assert outcome(study, key).consumers == ("site 0",)
    error = refused(study, [key], Scenario("more", consumers={"site 1": 1}))
    assert error.problem is StudyProblem.VALUE_MISSING
    assert (error.participant, error.field) == ("site 1", key)


@pytest.mark.parametrize(
    ("coefficients", "scenario", "problem", "participant"),
    [
        pytest.param(
            [[0.5, 0.4], [0.5, 0.4], [0.9, 0.4]],
            AS_IT_IS,
            AllocationProblem.COEFFICIENTS_ABOVE_ONE,
            "",
            id="sum of a step",
        ),
        pytest.param(
            [[0.5, 0.4], [0.5, 0.4], [0.9, -0.4]],
            Scenario("alone", consumers={"site 0": 0}),
            AllocationProblem.COEFFICIENT_OUT_OF_RANGE,
            "site 1",
            id="consumer",
        ),
        pytest.param(
            [[[0.5, 0.5], [0.2, 0.2]]] * 2 + [[[0.5, 0.5], [0.9, 0.2]]],
            Scenario("one roof", producers={"site 0": 0}),
            AllocationProblem.COEFFICIENTS_ABOVE_ONE,
            "site 1",
            id="sum of a producer",
        ),
        pytest.param(
            [[[0.5, 0.5], [0.2, 0.2]]] * 2 + [[[0.5, 0.5], [0.9, -0.2]]],
            AS_IT_IS,
            AllocationProblem.COEFFICIENT_OUT_OF_RANGE,
            "site 1",
            id="pair",
        ),
    ],
)
def test_wrong_coefficient_names_who_and_when(
    coefficients: Any,
    scenario: Scenario,
    problem: AllocationProblem,
    participant: str,
) -> None:
    """By name, time and scenario, though a hole and an absent site come before."""
    (curves,) = TWO_SITES.curves
    consumption = curves.consumption.copy()
    consumption[1] = NAN
    shares = np.array([coefficients[0], *coefficients], float)
    study = with_energies("coefficients", shares)
    study = replace(study, curves=(replace(study.curves[0], consumption=consumption),))
    error = refused(study, ["dynamic"], scenario)
    assert error.problem is problem
    changed = () if scenario is AS_IT_IS else (scenario.name,)
    assert (error.participant, error.field) == (
        participant,
        ", ".join(("dynamic", *changed)),
    )
    assert error.step == STEP_3


# Which curves


@pytest.mark.parametrize("side", ["consumption", "production"])
@pytest.mark.parametrize("wrong", [-1.0, float("inf")])
@pytest.mark.parametrize("behind", [None, "site 1"])
@pytest.mark.parametrize("candidate", [False, True])
def test_what_is_no_energy_names_whose_and_when(
    side: str, wrong: float, *, behind: str | None, candidate: bool
) -> None:
    """Nothing hides it: no own use, no absence."""
    plants = (Producer("site 0"), Producer("site 1", behind=behind))
    homes = (Consumer("site 0"), Consumer("site 1", candidate=candidate))
    energies = [[1.0, NAN], [1.0, 1.0], [1.0, 1.0], [1.0, wrong]]
    study = with_energies(side, energies, producers=plants, consumers=homes)
    error = refused(study)
    assert error.problem is AllocationProblem.NOT_AN_ENERGY
    assert (error.participant, error.field, error.step) == ("site 1", side, STEP_3)
    assert error.found == str(wrong)


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        ("consumption", (4, 3)),
        ("consumption", (3, 2)),
        ("production", (4, 1)),
        ("production", (5, 2)),
        ("coefficients", (4, 3)),
        ("coefficients", (4, 2, 1)),
        ("coefficients", (2, 2)),
    ],
)
def test_table_of_another_shape_is_refused(table: str, shape: tuple[int, ...]) -> None:
    """Nothing is aligned or cut off by guessing."""
    error = refused(with_energies(table, np.zeros(shape)))
    assert error.problem is AllocationProblem.WRONG_SHAPE
    assert error.step == JANUARY.isoformat()
    if shape != (3, 2):
        assert (error.field, error.found) == (table, str(shape))


def test_curves_that_overlap_are_refused() -> None:
    """A step would be shared twice; curves that touch are fine."""
    (first,) = TWO_SITES.curves
    touching = replace(first, start=first.start + 4 * HALF_HOUR)
    study = replace(TWO_SITES, curves=(first, touching))
    assert outcome(study, "prorata").total.n_steps == 8
    for start in (first.start + 3 * HALF_HOUR, first.start - 9 * HALF_HOUR):
        error = refused(replace(study, curves=(first, replace(first, start=start))))
        assert error.problem is StudyProblem.STEPS_IRREGULAR
        assert error.step == start.isoformat()


@pytest.mark.parametrize("n_steps", [0, 2])
def test_study_without_a_known_step_is_refused(n_steps: int) -> None:
    """Each step has a hole somewhere, or there is none."""
    holes = np.array([[1.0, NAN], [NAN, 1.0]])[:n_steps]
    study = small(holes, np.ones((n_steps, 1)), coefficients=holes / 2)
    assert refused(study).problem is StudyProblem.NOTHING_KNOWN
    assert refused(replace(study, curves=())).problem is StudyProblem.NOTHING_KNOWN


# At which price


SINCE_16 = Validity(date(2025, 1, 16))
UNTIL_15 = Validity(date(2020, 1, 1), date(2025, 1, 15))
TWO_DAYS = small(
    np.ones((96, 1)),
    np.ones((96, 1)),
    start=JANUARY,
    consumer_terms={"home": HOME},
    producer_terms={"roof": ROOF},
)
GIFT = Price(PriceModel.GIFT, 0.1, SINCE_16)
SALE = Price(PriceModel.SALE, 0.1, SINCE_16)
FORMULA = SHOP.acc_formula


@pytest.mark.parametrize(
    ("plan", "terms", "problem", "what"),
    [
        ("home", replace(HOME, vat=(Rate(0.2, UNTIL_15),)), "missing", "home: vat"),
        (
            "home",
            replace(HOME, prices=(*HOME.prices, SALE)),
            "twice",
            "home: prices",
        ),
        (
            "home",
            replace(HOME, supplier=(tariff(0.1, 0.2, UNTIL_15),)),
            "missing",
            "home: any",
        ),
        (
            "home",
            replace(HOME, network=(*HOME.network, tariff(0.1, 0.2, SINCE_16))),
            "twice",
            "home: any, any",
        ),
        (
            "home",
            replace(SHOP, acc_formula=replace(FORMULA, extra=(Fee(9, UNTIL_15),))),
            "missing",
            "home: extra",
        ),
        (
            "home",
            replace(HOME, prices=(Price(PriceModel.SALE, 0.1, UNTIL_15), GIFT)),
            "bad",
            "home: prices",
        ),
        (
            "roof",
            replace(ROOF, surplus_prices=(Rate(0.04, UNTIL_15),)),
            "missing",
            "roof: surplus_prices",
        ),
        (
            "roof",
            replace(ROOF, prices=(*ROOF.prices, SALE)),
            "twice",
            "roof: prices",
        ),
        (
            "roof",
            replace(ROOF, fees=(Fee(NAN, SINCE_16), Fee(1, ALWAYS))),
            "missing",
            "roof: fees",
        ),
    ],
)
def test_price_that_is_missing_or_there_twice_names_plan_and_day(
    plan: str, terms: Any, problem: str, what: str
) -> None:
    """The first such day: of steps in the order of time, of fees too."""
    side = "consumer_terms" if plan == "home" else "producer_terms"
    longer = replace(
        TWO_DAYS.curves[0], consumption=np.ones((480, 1)), production=np.ones((480, 1))
    )
    error = refused(replace(TWO_DAYS, curves=(longer,), **{side: {plan: terms}}))
    assert (
        error.problem
        is {
            "missing": StudyProblem.PRICE_MISSING,
            "twice": StudyProblem.PRICE_TWICE,
            "bad": StudyProblem.BAD_VALUE,
        }[problem]
    )
    assert (error.field, error.step) == (what, "2025-01-16")
