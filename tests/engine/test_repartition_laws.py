"""What every key holds to, for any energies; and the same results from a plain reference.

Results are compared to a billionth of the step's production: all that is allocated or left is
a part of it, so that this is what binary fractions may lose.
"""

from fractions import Fraction
import itertools

from hypothesis import assume, given, settings, strategies as st
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.keys import (
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    TwoSidedKey,
)
from custom_components.autoconsommation_collective.engine.repartition import (
    allocate,
    allocated_by_pair,
)
from script.plain_repartition import allocate_step

from .repartition_cases import (
    POOLED_KEYS,
    Case,
    Size,
    assert_near,
    cases,
    exhausts,
    of_step,
    permuted,
    rounding,
    side_is_clear,
    static_keys,
)

many_examples = settings(max_examples=200)
"""For laws of all keys: twenty-five examples of each."""


# Laws of every key


@many_examples
@given(cases())
def test_production_is_allocated_plus_surplus(case: Case) -> None:
    """PROD = ΣAUTOCONS + SURPLUS at each step."""
    shared = allocate(*case)
    handed_out = shared.allocated.sum(axis=1) + shared.surplus.sum(axis=1)
    assert_near(handed_out, case.supply, rounding(case))


@many_examples
@given(cases())
def test_consumption_is_allocated_plus_complement(case: Case) -> None:
    """CONS = AUTOCONS + COMPLEMENT for each consumer at each step."""
    shared = allocate(*case)
    npt.assert_allclose(
        shared.allocated + shared.complement, case.consumption, rtol=1e-12, atol=1e-300
    )


@many_examples
@given(cases())
def test_nobody_gets_more_than_it_consumes_or_keeps_more_than_it_produces(
    case: Case,
) -> None:
    """0 <= AUTOCONS <= CONS, 0 <= SURPLUS <= PROD, and no NaN, which fails any bound."""
    shared = allocate(*case)
    assert (shared.allocated >= 0).all()
    assert (shared.allocated <= case.consumption).all()
    assert (shared.complement >= 0).all()
    assert (shared.surplus >= 0).all()
    assert (shared.surplus <= case.production).all()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ProRataKey(), id="pro rata"),
        pytest.param(StaticKey((0.3, 0.6, 0.1 + 1e-10)), id="static"),
        pytest.param(FairKey((0.3, 0.6, 0.1)), id="fair"),
        pytest.param(PriorityKey((1, 1, 2)), id="priority"),
        pytest.param(PriorityKey((1, 1, 2), FairKey()), id="priority, fair"),
        pytest.param(IterativeKey((ProRataKey(),) * 3, (0.7, 0.2, 0.1)), id="rounds"),
        pytest.param(
            IterativeKey((StaticKey((0.7, 0.3 + 1e-10, 0.0)), ProRataKey())),
            id="hybrid",
        ),
        pytest.param(
            FullDynamicKey(np.array([[0.3, 0.6, 0.1 + 1e-10], [0.7, 0.2, 0.1]])),
            id="full dynamic",
        ),
        pytest.param(TwoSidedKey(ProRataKey(), ProRataKey()), id="two sides, pro rata"),
        pytest.param(TwoSidedKey(FairKey(), PriorityKey((1, 2))), id="two sides"),
        pytest.param(
            TwoSidedKey(ProRataKey(), StaticKey((1 + 1e-10, 0.0))),
            id="two sides, static",
        ),
    ],
)
def test_no_rounding_crosses_a_bound(key: RepartitionKey) -> None:
    """Thousands of sums of tenths, many of which pass the whole by their last digit.

    So do coefficients whose sum is above 1 by less than what is refused.
    """
    tenths = np.random.default_rng(1).integers(0, 300, (5000, 5)) / 10
    production, consumption = tenths[:, :2], tenths[:, 2:]
    shared = allocate(production, consumption, key)
    assert (shared.allocated >= 0).all()
    assert (shared.allocated <= consumption).all()
    assert (shared.surplus >= 0).all()
    assert (shared.surplus <= production).all()


@many_examples
@given(cases())
def test_result_has_a_column_for_each_participant(case: Case) -> None:
    """Even of an operation without steps, producers or consumers."""
    shared = allocate(*case)
    assert shared.allocated.shape == shared.complement.shape == case.consumption.shape
    assert shared.surplus.shape == case.production.shape


@many_examples
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_participants_is_irrelevant(
    case: Case, random: st.random.Random
) -> None:
    """Whoever is listed first gets no more for it."""
    assume(side_is_clear(case))
    production, consumption, key = case
    producers = random.sample(range(production.shape[1]), production.shape[1])
    consumers = random.sample(range(consumption.shape[1]), consumption.shape[1])
    shared = allocate(*case)
    shuffled = allocate(
        production[:, producers],
        consumption[:, consumers],
        permuted(key, producers, consumers),
    )
    assert_near(shuffled.allocated, shared.allocated[:, consumers], rounding(case))
    assert_near(shuffled.surplus, shared.surplus[:, producers], rounding(case))


@many_examples
@given(cases(), st.sampled_from([0.0, 0.001, 0.5, 3.0, 1000.0]))
def test_sharing_is_linear_in_the_unit(case: Case, scale: float) -> None:
    """What is shared in Wh is shared in kWh alike."""
    assume(side_is_clear(case))
    production, consumption, key = case
    shared = allocate(*case)
    scaled = allocate(production * scale, consumption * scale, key)
    room = rounding(case) * max(scale, 1)
    assert_near(scaled.allocated, shared.allocated * scale, room)
    assert_near(scaled.surplus, shared.surplus * scale, room)


@many_examples
@given(cases())
def test_each_step_is_shared_on_its_own(case: Case) -> None:
    """Nothing is carried from one step to the next."""
    production, consumption, key = case
    together = allocate(*case)
    for step in range(len(production)):
        alone = Case(production[[step]], consumption[[step]], of_step(key, step))
        shared = allocate(*alone)
        assert_near(shared.allocated, together.allocated[[step]], rounding(alone))
        assert_near(shared.surplus, together.surplus[[step]], rounding(alone))


@many_examples
@given(cases())
def test_no_more_than_production_and_consumption_allow(case: Case) -> None:
    """ΣAUTOCONS <= min(PROD, ΣCONS), and just that with a key that exhausts."""
    most = np.minimum(case.supply, case.demand)
    total = allocate(*case).allocated.sum(axis=1)
    assert (total <= most + rounding(case)).all()
    if exhausts(case.key):
        assert_near(total, most, rounding(case))


@many_examples
@given(cases())
def test_energies_given_are_left_as_they_were(case: Case) -> None:
    """Sharing has no side effect on the caller's arrays."""
    production, consumption = case.production.copy(), case.consumption.copy()
    allocate(*case)
    allocated_by_pair(*case)
    npt.assert_array_equal(case.production, production)
    npt.assert_array_equal(case.consumption, consumption)


@given(cases())
def test_whole_numbers_are_shared_in_fractions(case: Case) -> None:
    """An array of integers is what a spreadsheet of whole Wh gives."""
    whole = case._replace(
        production=np.floor(case.production), consumption=np.floor(case.consumption)
    )
    counted = whole._replace(
        production=whole.production.astype(np.int64),
        consumption=whole.consumption.astype(np.int64),
    )
    for found, expected in (
        (allocate(*counted).allocated, allocate(*whole).allocated),
        (allocate(*counted).surplus, allocate(*whole).surplus),
        (allocated_by_pair(*counted), allocated_by_pair(*whole)),
    ):
        npt.assert_array_equal(found, expected)


@many_examples
@given(cases())
def test_pairs_add_up_to_what_each_side_gave_and_got(case: Case) -> None:
    """Who owes whom: over producers AUTOCONS, over consumers PROD - SURPLUS."""
    shared, pairs = allocate(*case), allocated_by_pair(*case)
    assert (pairs >= 0).all()
    assert_near(pairs.sum(axis=1), shared.allocated, rounding(case))
    assert_near(pairs.sum(axis=2), case.production - shared.surplus, rounding(case))


# Laws of one key


@given(cases(*POOLED_KEYS))
def test_pooled_surplus_is_split_pro_rata_of_production(case: Case) -> None:
    """Every producer keeps the same part of what it injected."""
    surplus = allocate(*case).surplus
    pool = np.where(case.supply > 0, case.supply, 1.0)
    part = surplus.sum(axis=1) / pool
    assert_near(surplus, case.production * part[:, None], rounding(case))


@given(cases(ProRataKey))
def test_pro_rata_covers_the_same_part_of_everybody(case: Case) -> None:
    """AUTOCONS_i / CONS_i is one number for all consumers of a step."""
    allocated = allocate(*case).allocated
    demand = np.where(case.demand > 0, case.demand, 1.0)
    part = allocated.sum(axis=1) / demand
    assert_near(allocated, case.consumption * part[:, None], rounding(case))


@given(cases(StaticKey, DynamicKey))
def test_coefficient_of_the_pool_within_the_consumption(case: Case) -> None:
    """AUTOCONS_i = min(CONS_i, k_i · PROD), as D315-4 to D315-6 say it."""
    parts = np.broadcast_to(case.key.coefficients, case.consumption.shape)
    allocated = allocate(*case).allocated
    for step, consumer in np.ndindex(*case.consumption.shape):
        assert allocated[step, consumer] == pytest.approx(
            min(
                case.consumption[step, consumer],
                parts[step, consumer] * case.supply[step],
            ),
            rel=1e-9,
            abs=1e-300,
        )


@given(cases(FullDynamicKey))
def test_no_pair_gets_more_than_its_coefficient(case: Case) -> None:
    """Energy of a producer for a consumer <= k · PROD of that producer."""
    offered = case.production[:, :, None] * case.key.coefficients
    assert (allocated_by_pair(*case) <= offered * (1 + 1e-12)).all()


@given(cases(FairKey))
def test_nobody_could_get_more_from_someone_better_off(case: Case) -> None:
    """Max-min fair: whoever is not covered is by weight no worse off than anybody."""
    n_consumers = case.consumption.shape[1]
    weights = case.key.weights or (1.0,) * n_consumers
    shared = allocate(*case)
    assert not shared.allocated[:, np.array(weights, float) == 0].any()
    for step, room in enumerate(rounding(case)):
        had, lacking = shared.allocated[step], shared.complement[step]
        for poor, rich in itertools.permutations(np.flatnonzero(weights), 2):
            equal = had[rich] * (weights[poor] / weights[rich])
            assert lacking[poor] <= room or had[poor] >= equal - room


@given(cases(PriorityKey))
def test_lower_rank_is_served_once_those_before_are_covered(case: Case) -> None:
    """A cascade; who weighs nothing is never covered and holds up nobody."""
    ranks, within = case.key.ranks, case.key.within
    weights = getattr(within, "weights", None) or (1.0,) * len(ranks)
    shared = allocate(*case)
    for step, room in enumerate(rounding(case)):
        had, lacking = shared.allocated[step], shared.complement[step]
        for first, later in itertools.permutations(range(len(ranks)), 2):
            if ranks[first] < ranks[later] and weights[first] > 0:
                assert lacking[first] <= room or had[later] <= room


@given(cases(IterativeKey), st.data())
def test_one_more_round_takes_nothing_from_anybody(
    case: Case, data: st.DataObject
) -> None:
    """A round shares what is left, so that more rounds give each consumer as much or more."""
    size = Size(*case.production.shape, case.consumption.shape[1])
    rounds = case.key.rounds[:2]
    further = data.draw(st.just(ProRataKey()) | static_keys(size))
    before = allocate(case.production, case.consumption, IterativeKey(rounds))
    after = allocate(
        case.production, case.consumption, IterativeKey((*rounds, further))
    )
    assert (after.allocated >= before.allocated - rounding(case)[:, None]).all()


@given(cases(IterativeKey))
def test_rounds_share_what_is_left_among_what_is_still_wanted(case: Case) -> None:
    """A key of rounds is each rule on the surplus and the complement of the one before."""
    production, consumption = case.production, case.consumption
    rounds = case.key.rounds
    together = allocate(production, consumption, IterativeKey(rounds))
    got = np.zeros_like(consumption)
    for rule in rounds:
        shared = allocate(production, consumption, rule)
        got += shared.allocated
        production, consumption = shared.surplus, shared.complement
    assert_near(together.allocated, got, rounding(case))
    assert_near(together.surplus, production, rounding(case))


@given(cases(TwoSidedKey))
def test_consumers_rule_in_scarcity_and_all_covered_in_plenty(case: Case) -> None:
    """Creos: where production is below consumption, only the consumers' rule counts."""
    shared = allocate(*case)
    by_consumers = allocate(case.production, case.consumption, case.key.consumers)
    scarce = case.supply < case.demand
    room = rounding(case)[scarce]
    assert_near(shared.allocated[scarce], by_consumers.allocated[scarce], room)
    assert_near(shared.surplus[scarce], by_consumers.surplus[scarce], room)
    npt.assert_array_equal(shared.allocated[~scarce], case.consumption[~scarce])


@given(cases(TwoSidedKey))
def test_producers_rule_in_plenty(case: Case) -> None:
    """Each producer gives at least what its rule takes; just that where the rule exhausts."""
    shared = allocate(*case)
    mirrored = allocate(case.consumption, case.production, case.key.producers)
    plenty = case.supply >= case.demand
    room = rounding(case)[plenty]
    kept, most = shared.surplus[plenty], mirrored.complement[plenty]
    assert (kept <= most + room[:, None]).all()
    if exhausts(case.key.producers):
        assert_near(kept, most, room)


# The plain reference


def in_fractions(energies: Energies) -> list[Fraction]:
    """The same energies without any rounding to come."""
    return [Fraction(energy) for energy in energies.tolist()]


@many_examples
@given(cases())
def test_engine_gives_what_the_plain_reference_gives(case: Case) -> None:
    """Two ways to the same kWh, the plain one without rounding."""
    assume(side_is_clear(case))
    shared = allocate(*case)
    for step in range(len(case.production)):
        allocated, surplus = allocate_step(
            in_fractions(case.production[step]),
            in_fractions(case.consumption[step]),
            case.key,
            step,
        )
        room = np.full(1, rounding(case)[step])
        assert_near(shared.allocated[[step]], np.array([allocated], float), room)
        assert_near(shared.surplus[[step]], np.array([surplus], float), room)


@many_examples
@given(cases())
def test_plain_reference_is_as_right_in_floats(case: Case) -> None:
    """As it is timed against the engine."""
    assume(side_is_clear(case))
    for step in range(len(case.production)):
        production, consumption = case.production[step], case.consumption[step]
        exact = allocate_step(
            in_fractions(production), in_fractions(consumption), case.key, step
        )
        rounded = allocate_step(
            production.tolist(), consumption.tolist(), case.key, step
        )
        for found, expected in zip(rounded, exact, strict=True):
            room = np.full(len(found), rounding(case)[step])
            assert_near(np.array(found, float), np.array(expected, float), room)


@many_examples
@given(cases())
def test_plain_reference_loses_nothing(case: Case) -> None:
    """PROD = ΣAUTOCONS + SURPLUS to the last digit.

    But for coefficients, which are floats: their sum itself may pass 1 by a rounding.
    """
    without_coefficients = isinstance(case.key, ProRataKey | FairKey | PriorityKey)
    for step in range(len(case.production)):
        production = in_fractions(case.production[step])
        consumption = in_fractions(case.consumption[step])
        allocated, surplus = allocate_step(production, consumption, case.key, step)
        lost = abs(sum(production) - sum(allocated) - sum(surplus))
        assert lost <= (0 if without_coefficients else sum(production) / 10**15)
        assert all(
            0 <= got <= own for got, own in zip(allocated, consumption, strict=True)
        )
