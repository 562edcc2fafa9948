"""Simulations: what they give is what the engine gives by hand, on the right steps and days."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import assume, given, settings, strategies as st
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.simulation import (
    Outcome,
    PeriodOutcome,
    simulate,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Scenario,
    Study,
    StudyError,
)
from custom_components.autoconsommation_collective.engine.study_steps import (
    PIECE_CELLS,
    Gaps,
    gaps,
)

from .study_cases import (
    HOME,
    ROOF,
    SHOP,
    by_hand,
    known_steps,
    local_month,
    names_of_keys,
    outcome,
    picked,
    scenarios,
    small,
    studies,
)


def assert_same(found: PeriodOutcome, expected: PeriodOutcome) -> None:
    """But for rounding; NaN where NaN is expected."""
    assert found.duration == expected.duration
    for field in fields(PeriodOutcome):
        if field.name == "duration":
            continue
        npt.assert_allclose(
            getattr(found, field.name),
            getattr(expected, field.name),
            rtol=1e-9,
            atol=1e-6,
            err_msg=field.name,
        )


def assert_same_months(found: Outcome, expected: Outcome) -> None:
    """The same months, and in each the same but for rounding."""
    assert list(found.months) == list(expected.months)
    for month, period in found.months.items():
        assert_same(period, expected.months[month])


@st.composite
def changed(draw: st.DrawFn, **kinds: bool) -> tuple[Study, str, Scenario]:
    """A study, a key and a scenario."""
    study = draw(studies(**kinds))
    key = draw(st.sampled_from(names_of_keys(study)))
    return study, key, draw(scenarios(study))


# What a simulation gives


@settings(max_examples=150)
@given(changed())
def test_outcome_is_what_allocate_gives_on_the_whole_arrays(
    case: tuple[Study, str, Scenario],
) -> None:
    """By consumer, producer and pair, in Wh and in €, in each local month and in all."""
    study, key, scenario = case
    found = outcome(study, key, scenario)
    expected = by_hand(study, key, scenario, lambda step: local_month(study, step))
    assert list(found.months) == list(expected)
    assert list(expected) == sorted(expected)
    for month, period in found.months.items():
        assert_same(period, expected[month])
    assert_same(found.total, by_hand(study, key, scenario, lambda _: "all")["all"])


@settings(max_examples=30)
@given(studies(), st.data())
def test_outcomes_of_all_keys_and_scenarios_count_the_same_steps(
    study: Study, data: st.DataObject
) -> None:
    """Steps without any hole, candidates' included; scenario by scenario, key by key."""
    tried = [AS_IT_IS, data.draw(scenarios(study)), Scenario("again")]
    keys = names_of_keys(study)
    outcomes = list(simulate(study, keys, tried))
    assert [(o.scenario, o.key) for o in outcomes] == [
        (scenario.name, key) for scenario in tried for key in keys
    ]
    n_known = len(known_steps(study))
    assert {o.total.n_steps for o in outcomes} == {n_known}


@settings(max_examples=60)
@given(studies())
def test_gaps_are_the_steps_between_first_and_last_that_are_not_known(
    study: Study,
) -> None:
    """Each of them counted once, however many curves lack it."""
    between = sum(
        (after.start - (before.start + len(before.consumption) * before.step))
        // before.step
        for before, after in pairwise(study.curves)
    )
    n_steps = sum(len(curves.consumption) for curves in study.curves) + between
    missing = gaps(study)
    assert missing.n_steps == n_steps - len(known_steps(study))
    assert all(0 < n <= missing.n_steps for n in missing.by_participant.values())


def test_gaps_name_who_lacks_how_much() -> None:
    """A site that consumes and produces lacks a step once, whichever curve has no value."""
    study = small(
        consumption=[[1, 1], [np.nan, 1], [np.nan, np.nan], [1, 1]],
        production=[[1], [np.nan], [1], [np.nan]],
    )
    assert gaps(study) == Gaps(3, {"site 0": 3, "site 1": 1})


@given(changed())
def test_pairs_add_up_on_both_sides(case: tuple[Study, str, Scenario]) -> None:
    """To what consumers are allocated, and to what producers do not have left."""
    total = outcome(*case).total
    taken = total.production_wh - total.surplus_wh
    if total.production_wh.size:
        npt.assert_allclose(total.pairs_wh.sum(axis=0), total.allocated_wh, atol=1e-6)
    npt.assert_allclose(total.pairs_wh.sum(axis=1), taken, atol=1e-6)
    tally = total.tally
    assert tally.production_wh == pytest.approx(float(total.production_wh.sum()))
    assert tally.consumption_wh == pytest.approx(float(total.consumption_wh.sum()))
    assert tally.allocated_wh == pytest.approx(float(total.allocated_wh.sum()))
    assert tally.own_use_wh == pytest.approx(float(total.own_use_wh.sum()))


@settings(max_examples=60)
@given(changed(), st.randoms(use_true_random=False))
def test_order_of_participants_is_irrelevant(
    case: tuple[Study, str, Scenario], random: st.random.Random
) -> None:
    """Whoever is listed first gets no more for it."""
    study, key, scenario = case
    takes = random.sample(range(len(study.consumers)), len(study.consumers))
    gives = random.sample(range(len(study.producers)), len(study.producers))
    there, shuffled = (
        outcome(*case),
        outcome(picked(study, takes, gives), key, scenario),
    )
    assert sorted(shuffled.consumers) == sorted(there.consumers)
    at = [shuffled.consumers.index(name) for name in there.consumers]
    of = [shuffled.producers.index(name) for name in there.producers]
    for name in ("consumption_wh", "allocated_wh", "own_use_wh", "saving_eur"):
        expected = getattr(there.total, name)
        npt.assert_allclose(getattr(shuffled.total, name)[at], expected, atol=1e-6)
    for name in ("production_wh", "surplus_wh", "income_eur"):
        expected = getattr(there.total, name)
        npt.assert_allclose(getattr(shuffled.total, name)[of], expected, atol=1e-6)
    pairs = shuffled.total.pairs_wh[of][:, at]
    npt.assert_allclose(pairs, there.total.pairs_wh, atol=1e-6)


# What a scenario changes


@settings(max_examples=60)
@given(changed(holes=False, behind=False))
def test_who_is_left_out_might_as_well_not_be_in_the_study(
    case: tuple[Study, str, Scenario],
) -> None:
    """Factor 0, or candidate without a factor, of those without a plant behind the meter."""
    study, key, scenario = case
    found = outcome(study, key, scenario)
    takes = [
        i
        for i, c in enumerate(study.consumers)
        if scenario.consumers.get(c.id, not c.candidate)
    ]
    gives = [
        i
        for i, p in enumerate(study.producers)
        if scenario.producers.get(p.id, not p.candidate)
    ]
    assert found.consumers == tuple(study.consumers[i].id for i in takes)
    assert found.producers == tuple(study.producers[i].id for i in gives)
    rest = picked(study, takes, gives)
    of_rest = Scenario(
        "rest",
        {c.id: scenario.consumers.get(c.id, 1) for c in rest.consumers},
        {p.id: scenario.producers.get(p.id, 1) for p in rest.producers},
    )
    assert_same_months(found, outcome(rest, key, of_rest))


@settings(max_examples=60)
@given(studies(), st.data())
def test_candidate_with_factor_1_is_a_member(study: Study, data: st.DataObject) -> None:
    """With all that it brings; without a scenario it is absent."""
    key = data.draw(st.sampled_from(names_of_keys(study)))
    all_in = Scenario(
        "all in",
        {c.id: 1 for c in study.consumers},
        {p.id: 1 for p in study.producers},
    )
    members = replace(
        study,
        consumers=tuple(replace(c, candidate=False) for c in study.consumers),
        producers=tuple(replace(p, candidate=False) for p in study.producers),
    )
    found, expected = outcome(study, key, all_in), outcome(members, key)
    assert_same_months(found, expected)
    assert found.peak_power_kw == expected.peak_power_kw
    as_it_is = outcome(study, key)
    assert as_it_is.consumers == tuple(c.id for c in study.consumers if not c.candidate)
    assert as_it_is.producers == tuple(p.id for p in study.producers if not p.candidate)


@settings(max_examples=60)
@given(studies(candidates=False), st.data())
def test_factor_2_is_a_plant_twice_as_large(study: Study, data: st.DataObject) -> None:
    """Its curve and its peak power, and nobody else's."""
    assume(study.producers)
    key = data.draw(st.sampled_from(names_of_keys(study)))
    at = data.draw(st.integers(0, len(study.producers) - 1))
    factor = np.where(np.arange(len(study.producers)) == at, 2.0, 1.0)
    twice = replace(
        study,
        producers=tuple(
            replace(p, peak_power_kw=p.peak_power_kw and p.peak_power_kw * times)
            for p, times in zip(study.producers, factor.tolist(), strict=True)
        ),
        curves=tuple(
            replace(c, production=c.production * factor) for c in study.curves
        ),
    )
    scenario = Scenario("twice", producers={study.producers[at].id: 2})
    found, expected = outcome(study, key, scenario), outcome(twice, key)
    assert_same_months(found, expected)
    assert found.peak_power_kw == expected.peak_power_kw
    powers = [p.peak_power_kw for p in twice.producers]
    assert found.peak_power_kw == (None if None in powers else sum(powers))


# By hand


@pytest.mark.parametrize(
    ("start", "n_steps", "months"),
    [
        pytest.param("2025-03-01T00:00+01:00", 1486, ["2025-03"], id="743 hours"),
        pytest.param("2025-10-01T00:00+02:00", 1490, ["2025-10"], id="745 hours"),
        pytest.param(
            "2025-03-31T23:30+02:00", 2, ["2025-03", "2025-04"], id="summer midnight"
        ),
        pytest.param(
            "2025-12-31T23:30+01:00", 2, ["2025-12", "2026-01"], id="new year"
        ),
        pytest.param("2025-12-31T23:45+01:00", 1, ["2025-12"], id="by the start"),
    ],
)
def test_month_is_the_local_one(start: str, n_steps: int, months: list[str]) -> None:
    """The last step of it is in, the next one out."""
    ones = np.ones((n_steps, 1))
    began = datetime.fromisoformat(start).astimezone(UTC)
    assert [*outcome(small(ones, ones, start=began), "prorata").months] == months
    if len(months) == 1 and n_steps > 1:
        ones = np.ones((n_steps + 1, 1))
        one_more = outcome(small(ones, ones, start=began), "prorata").months
        assert [period.n_steps for period in one_more.values()] == [n_steps, 1]


@pytest.mark.parametrize("key", ["prorata", "static_then_equal", "dynamic"])
def test_operation_too_large_for_one_piece_is_shared_as_a_whole(key: str) -> None:
    """Cut in the middle of days, of which none pays its fees twice."""
    n_steps, n_sites = 1500, 40
    assert n_steps * n_sites**2 > 2 * PIECE_CELLS
    rng = np.random.default_rng(3)
    used, made = rng.random((2, n_steps, n_sites)) * 1000
    used[rng.random(used.shape) < 0.002] = np.nan
    coefficients = rng.random(used.shape) / n_sites
    wide = small(used, made, coefficients=coefficients)
    study = replace(
        wide,
        consumers=tuple(
            replace(c, plan="home" if i % 2 else "shop", coefficient=i / n_sites**2)
            for i, c in enumerate(wide.consumers)
        ),
        producers=tuple(replace(p, plan="roof") for p in wide.producers),
        consumer_terms={"home": HOME, "shop": SHOP},
        producer_terms={"roof": ROOF},
    )
    found = outcome(study, key)
    expected = by_hand(study, key, AS_IT_IS, lambda step: local_month(study, step))
    assert 600 < found.total.n_steps < 1500
    for month, period in expected.items():
        assert_same(found.months[month], period)


def test_who_leaves_goes_on_using_its_own_plant() -> None:
    """The school's roof serves the school first, whether or not the school is a member."""
    study = small(consumption=[[800, 1000]], production=[[1000]], behind="site 0")
    left = Scenario("without the school", consumers={"site 0": 0})
    total = outcome(study, "prorata", left).total
    npt.assert_allclose(total.production_wh, [200])
    npt.assert_allclose(total.allocated_wh, [200])
    npt.assert_allclose(total.own_use_wh, [0])


def test_duration_is_that_of_the_known_steps_whatever_their_length() -> None:
    """Half hours, then quarter-hours; a step with a hole lasts for nobody."""
    halves = small(consumption=[[1], [np.nan]], production=[[1], [1]])
    quarters = replace(
        halves.curves[0],
        start=halves.curves[0].start + timedelta(hours=1),
        step=timedelta(minutes=15),
        consumption=np.ones((2, 1)),
    )
    study = replace(halves, curves=(*halves.curves, quarters))
    assert outcome(study, "prorata", AS_IT_IS).total.duration == timedelta(hours=1)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        pytest.param(AS_IT_IS, "static", id="as it is"),
        pytest.param(
            Scenario("second roof", {"site 1": 2}), "static, second roof", id="changed"
        ),
    ],
)
def test_key_that_cannot_be_is_told_with_its_scenario_before_any_outcome(
    scenario: Scenario, said: str
) -> None:
    """Coefficients of 1.2 in all: nothing of the first key is computed in vain."""
    study = small(consumption=[[1, 1]], production=[[1]])
    consumers = tuple(replace(c, coefficient=0.6) for c in study.consumers)
    with pytest.raises(StudyError) as refused:
        next(
            simulate(
                replace(study, consumers=consumers), ("prorata", "static"), [scenario]
            )
        )
    assert refused.value.problem is AllocationProblem.COEFFICIENTS_ABOVE_ONE
    assert (refused.value.field, refused.value.found) == (said, "1.2")
