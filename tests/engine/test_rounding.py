"""Whole watt-hours: no Wh appears or is lost, whatever the key; then ties worked by hand."""

from collections.abc import Sequence
from itertools import product

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationError,
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.keys import (
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    Matrix,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    TwoSidedKey,
)
from custom_components.autoconsommation_collective.engine.repartition import (
    AllocationResult,
    allocate,
)
from custom_components.autoconsommation_collective.engine.rounding import (
    WholeAllocation,
    round_allocation,
)

type Case = tuple[Matrix, Matrix, RepartitionKey, list[str], list[str]]
"""Production, consumption, key, ids of producers, ids of consumers."""

ENERGIES = st.one_of(
    st.integers(0, 3), st.integers(0, 3000), st.integers(0, 100_000_000)
).map(float)
"""So little that ties are the rule; what a home draws; up to 100 MWh in a step."""

IDS = st.text("ab019", max_size=3)


@st.composite
def parts(draw: st.DrawFn, n_participants: int) -> tuple[float, ...]:
    """Coefficients of at most 1 in all, often equal."""
    weights = draw(
        st.lists(st.integers(0, 6), min_size=n_participants, max_size=n_participants)
    )
    whole = max(sum(weights), 1) + draw(st.sampled_from([0, 0, 1, 7]))
    return tuple(weight / whole for weight in weights)


@st.composite
def consumer_keys(draw: st.DrawFn, n_steps: int, n_consumers: int) -> RepartitionKey:
    """Any key that shares a pool."""
    coefficients = parts(n_consumers)
    ranks = st.lists(st.integers(1, 3), min_size=n_consumers, max_size=n_consumers)
    rounds = st.lists(
        st.just(ProRataKey()) | coefficients.map(StaticKey), min_size=1, max_size=3
    )
    by_step = st.tuples(*[coefficients] * n_steps)
    return draw(
        st.one_of(
            st.just(ProRataKey()),
            coefficients.map(StaticKey),
            by_step.map(
                lambda rows: DynamicKey(np.reshape(rows, (n_steps, n_consumers)))
            ),
            (coefficients | st.none()).map(FairKey),
            st.builds(
                PriorityKey,
                ranks.map(tuple),
                st.sampled_from([ProRataKey(), FairKey()]),
            ),
            rounds.map(tuple).map(IterativeKey),
        )
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """An operation of any size, whole energies, any key, ids in any order."""
    n_steps, n_producers, n_consumers = (
        draw(st.integers(0, most)) for most in (3, 4, 6)
    )
    match draw(st.sampled_from(["pool", "pool", "pairs", "two sides"])):
        case "pairs":
            rows = [
                draw(parts(n_consumers))
                for _ in product(range(n_steps), range(n_producers))
            ]
            shape = (n_steps, n_producers, n_consumers)
            key: RepartitionKey = FullDynamicKey(np.reshape(rows, shape))
        case "two sides":
            key = TwoSidedKey(
                draw(consumer_keys(n_steps, n_consumers)),
                draw(consumer_keys(n_steps, n_producers)),
            )
        case _:
            key = draw(consumer_keys(n_steps, n_consumers))
    return (
        draw(arrays(np.float64, (n_steps, n_producers), elements=ENERGIES)),
        draw(arrays(np.float64, (n_steps, n_consumers), elements=ENERGIES)),
        key,
        *(
            draw(st.lists(IDS, min_size=number, max_size=number, unique=True))
            for number in (n_producers, n_consumers)
        ),
    )


def shared_and_rounded(case: Case) -> tuple[AllocationResult, WholeAllocation]:
    """The allocation as the key gives it, and in whole Wh."""
    production, consumption, key, producer_ids, consumer_ids = case
    shared = allocate(production, consumption, key)
    return shared, round_allocation(
        production, consumption, shared, producer_ids, consumer_ids
    )


def reordered(
    key: RepartitionKey, producers: list[int], consumers: list[int]
) -> RepartitionKey:
    """The same key for participants listed in another order."""

    def pick[Value](values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(values[column] for column in consumers)

    match key:
        case StaticKey(coefficients):
            return StaticKey(pick(coefficients))
        case DynamicKey(coefficients):
            return DynamicKey(coefficients[:, consumers])
        case FullDynamicKey(coefficients):
            return FullDynamicKey(coefficients[:, producers][:, :, consumers])
        case FairKey(weights):
            return FairKey(None if weights is None else pick(weights))
        case PriorityKey(ranks, within):
            return PriorityKey(pick(ranks), within)
        case IterativeKey(rounds):
            return IterativeKey(
                tuple(reordered(each, producers, consumers) for each in rounds)
            )
        case TwoSidedKey():
            return TwoSidedKey(
                reordered(key.consumers, producers, consumers),
                reordered(key.producers, consumers, producers),
            )
    return key


def assert_same(one: WholeAllocation, other: WholeAllocation) -> None:
    """To the last Wh."""
    npt.assert_array_equal(one.allocated, other.allocated)
    npt.assert_array_equal(one.complement, other.complement)
    npt.assert_array_equal(one.surplus, other.surplus)


# Laws


@given(cases())
def test_sums_are_exact(case: Case) -> None:
    """PROD = ΣAUTOCONS + SURPLUS and CONS = AUTOCONS + COMPLEMENT, to the Wh."""
    production, consumption, *_ = case
    _, whole = shared_and_rounded(case)
    npt.assert_array_equal(
        whole.allocated.sum(axis=1) + whole.surplus.sum(axis=1), production.sum(axis=1)
    )
    npt.assert_array_equal(whole.allocated + whole.complement, consumption)


@given(cases())
def test_results_are_whole_numbers_for_each_participant(case: Case) -> None:
    """Integers, of the shape of the energies, even without steps or participants."""
    production, consumption, *_ = case
    _, whole = shared_and_rounded(case)
    for energies, given_energies in (
        (whole.allocated, consumption),
        (whole.complement, consumption),
        (whole.surplus, production),
    ):
        assert energies.dtype == np.int64
        assert energies.shape == given_energies.shape


@given(cases())
def test_nobody_gets_more_than_it_consumes_or_keeps_more_than_it_produces(
    case: Case,
) -> None:
    """0 <= AUTOCONS <= CONS, 0 <= SURPLUS <= PROD."""
    production, consumption, *_ = case
    _, whole = shared_and_rounded(case)
    assert (whole.allocated >= 0).all()
    assert (whole.allocated <= consumption).all()
    assert (whole.surplus >= 0).all()
    assert (whole.surplus <= production).all()


@given(cases())
def test_nothing_moves_by_a_wh(case: Case) -> None:
    """Each value takes the whole number below or above."""
    shared, whole = shared_and_rounded(case)
    assert (np.abs(whole.allocated - shared.allocated) < 1).all()
    assert (np.abs(whole.complement - shared.complement) < 1).all()
    assert (np.abs(whole.surplus - shared.surplus) < 1).all()


@given(cases())
def test_who_has_nothing_gets_nothing(case: Case) -> None:
    """A Wh goes only to those who have a part of one."""
    shared, whole = shared_and_rounded(case)
    assert not whole.allocated[shared.allocated == 0].any()
    assert not whole.surplus[shared.surplus == 0].any()


@given(cases())
def test_the_total_is_the_nearest_whole_number(case: Case) -> None:
    """The allocated total of a step moves by half a Wh at most."""
    shared, whole = shared_and_rounded(case)
    moved = whole.allocated.sum(axis=1) - shared.allocated.sum(axis=1)
    assert (np.abs(moved) <= 0.5 + 1e-6).all()


@given(cases())
def test_a_wh_goes_to_the_larger_remainder_then_to_the_first_id(case: Case) -> None:
    """Whoever gained had no smaller remainder than one who did not, nor a later id."""
    *_, producer_ids, consumer_ids = case
    shared, whole = shared_and_rounded(case)
    for exact, rounded, ids in (
        (shared.allocated, whole.allocated, consumer_ids),
        (shared.surplus, whole.surplus, producer_ids),
    ):
        kept = np.floor(exact + 1e-6)
        for left, got in zip((exact - kept).tolist(), rounded - kept, strict=True):
            for gained, passed in product(np.flatnonzero(got), np.flatnonzero(got < 1)):
                assert left[gained] > left[passed] - 2e-6
                if abs(left[gained] - left[passed]) < 1e-9:
                    assert ids[gained] < ids[passed]


@given(cases(), st.randoms(use_true_random=False))
def test_order_of_columns_is_irrelevant(case: Case, random: st.random.Random) -> None:
    """To the Wh: an id keeps what it has wherever it is listed."""
    production, consumption, key, producer_ids, consumer_ids = case
    producers = random.sample(range(len(producer_ids)), len(producer_ids))
    consumers = random.sample(range(len(consumer_ids)), len(consumer_ids))
    _, whole = shared_and_rounded(case)
    _, shuffled = shared_and_rounded(
        (
            production[:, producers],
            consumption[:, consumers],
            reordered(key, producers, consumers),
            [producer_ids[column] for column in producers],
            [consumer_ids[column] for column in consumers],
        )
    )
    assert_same(
        shuffled,
        WholeAllocation(
            allocated=whole.allocated[:, consumers],
            complement=whole.complement[:, consumers],
            surplus=whole.surplus[:, producers],
        ),
    )


@given(cases())
def test_rounding_again_changes_nothing(case: Case) -> None:
    """Whole numbers in, the same out."""
    production, consumption, _, *ids = case
    _, whole = shared_and_rounded(case)
    again = AllocationResult(
        whole.allocated.astype(float),
        whole.complement.astype(float),
        whole.surplus.astype(float),
    )
    assert_same(round_allocation(production, consumption, again, *ids), whole)


@given(cases(), st.randoms(use_true_random=False))
def test_noise_of_floats_changes_nothing(case: Case, random: st.random.Random) -> None:
    """Ties stay ties, halves stay halves and 3 stays 3 when the last digits differ."""
    production, consumption, _, *ids = case
    shared, whole = shared_and_rounded(case)
    noisy = AllocationResult(
        *(
            energies + [[random.choice([-1e-12, 0, 1e-12]) for _ in row] for row in energies]
            if energies.size
            else energies
            for energies in (shared.allocated, shared.complement, shared.surplus)
        )
    )  # fmt: skip
    assert_same(round_allocation(production, consumption, noisy, *ids), whole)


@given(cases())
def test_each_step_is_rounded_on_its_own(case: Case) -> None:
    """No remainder is carried from one step to the next, so blocks of steps may be given."""
    production, consumption, _, *ids = case
    shared, whole = shared_and_rounded(case)
    for step in range(len(production)):
        alone = round_allocation(
            production[[step]],
            consumption[[step]],
            AllocationResult(
                shared.allocated[[step]],
                shared.complement[[step]],
                shared.surplus[[step]],
            ),
            *ids,
        )
        npt.assert_array_equal(alone.allocated, whole.allocated[[step]])
        npt.assert_array_equal(alone.surplus, whole.surplus[[step]])


@pytest.mark.parametrize("n_consumers", [1, 2, 3, 128, 1000, 5000])
def test_equal_shares_go_by_id_in_operations_of_any_size(n_consumers: int) -> None:
    """Half of them get a Wh, those whose ids come first."""
    ids = [f"{id_:04}" for id_ in np.random.default_rng(1).permutation(n_consumers)]
    first = sorted(ids)[: n_consumers // 2]
    production = np.array([[float(len(first))]])
    consumption = np.ones((1, n_consumers))
    shared = allocate(production, consumption, ProRataKey())
    whole = round_allocation(production, consumption, shared, ["P"], ids)
    assert whole.allocated.tolist() == [[int(id_ in first) for id_ in ids]]


@pytest.mark.parametrize("n_consumers", [2, 1000, 5000])
def test_larger_remainders_get_it_in_operations_of_any_size(n_consumers: int) -> None:
    """Half of them have nine tenths of a Wh and get one, half have one tenth."""
    ids = [f"{column:04}" for column in range(n_consumers)]
    production, consumption = np.array([[n_consumers / 2]]), np.ones((1, n_consumers))
    tenths = np.tile([1, 9], n_consumers // 2)
    shared = allocate(
        production, consumption, StaticKey(tuple(tenths / (5 * n_consumers)))
    )
    whole = round_allocation(production, consumption, shared, ["P"], ids)
    npt.assert_array_equal(whole.allocated, [tenths == 9])


def test_energies_given_are_left_as_they_were() -> None:
    """Rounding has no side effect on the caller's arrays."""
    production, consumption = np.array([[1.0, 1.0]]), np.array([[2.0, 2.0, 2.0]])
    shared = allocate(production, consumption, StaticKey((0.25, 0.25, 0.25)))
    round_allocation(production, consumption, shared, ["P", "Q"], ["a", "b", "c"])
    npt.assert_array_equal(production, [[1, 1]])
    npt.assert_array_equal(consumption, [[2, 2, 2]])
    npt.assert_array_equal(shared.allocated, [[0.5, 0.5, 0.5]])
    npt.assert_array_equal(shared.surplus, [[0.25, 0.25]])


# Vectors worked by hand: ids of consumers, exact allocated, exact surplus -> both in whole Wh.
# Each consumer consumes 9 Wh; the producers' ids are P and Q.

SIXTH, TENTH = 1 / 6, 0.1

VECTORS = [
    pytest.param(
        "cab", [1 / 3, 1 / 3, 1 / 3], [0.0], [0, 1, 0], [0],
        id="1 Wh among three equals: to a",
    ),
    pytest.param(
        "cab", [2 / 3, 2 / 3, 2 / 3], [0.0], [0, 1, 1], [0],
        id="2 Wh among three equals: to a and b",
    ),
    pytest.param(
        "abc", [1.3, 2.3, 0.4], [0.0], [1, 2, 1], [0],
        id="largest remainder before first id",
    ),
    pytest.param(
        "abcd", [0.6, 5.9, 0.7, 0.8], [0.0], [0, 6, 1, 1], [0],
        id="three remainders of four",
    ),
    pytest.param(
        "abc", [0.9, 0.9, 0.9], [0.3], [1, 1, 1], [0],
        id="everybody gets one",
    ),
    pytest.param(
        "abc", [0.0, 0.0, 1.4], [0.6], [0, 0, 1], [1],
        id="who has nothing gets nothing",
    ),
    pytest.param(
        "abc", [0.1, 0.1, 0.1], [0.7], [0, 0, 0], [1],
        id="less than half a Wh in all is surplus",
    ),
    pytest.param(
        "abc", [0.2, 0.2, 0.2], [0.4], [1, 0, 0], [0],
        id="more than half a Wh in all is allocated",
    ),
    pytest.param(
        "a", [0.5], [0.5], [1], [0],
        id="half a Wh goes to the consumers",
    ),
    pytest.param(
        "a", [2.5], [0.5], [3], [0],
        id="half a Wh more than an even number too",
    ),
    pytest.param(
        "cba", [SIXTH, SIXTH, SIXTH], [0.5], [0, 0, 1], [0],
        id="half a Wh by sixths",
    ),
    pytest.param(
        "a", [0.5 - 1e-12], [0.5 + 1e-12], [1], [0],
        id="half a Wh but for noise",
    ),
    pytest.param(
        "a", [0.49999], [0.50001], [0], [1],
        id="nearly half a Wh is not half",
    ),
    pytest.param(
        "ab", [2.9999999999, 1.0000000001], [0.0], [3, 1], [0],
        id="2.9999999999 is 3",
    ),
    pytest.param(
        "ba", [2.9999999999, 0.6], [0.4], [3, 1], [0],
        id="what is 3 does not compete",
    ),
    pytest.param(
        "abcd", [0.3, TENTH + 2 * TENTH, 0.2, 0.2], [0.0], [1, 0, 0, 0], [0],
        id="three tenths are 0.3",
    ),
    pytest.param(
        "ba", [0.50001, 0.49999], [0.0], [1, 0], [0],
        id="a hundred-thousandth of a Wh counts",
    ),
    pytest.param(
        "ba", [0.5 + 1e-12, 0.5 - 1e-12], [0.0], [0, 1], [0],
        id="halves but for noise are equal",
    ),
    pytest.param(
        "bac", [0.4000005 + 1e-12, 0.4000005 - 1e-12, 0.199999], [0.0], [0, 1, 0], [0],
        id="seven decimals but for noise are equal",
    ),
    pytest.param(
        "abcdefghijklm", [0.5, *[0.0] * 11, 0.5 + 2**-20], [1 - 2**-20], [*[0] * 12, 1], [1],
        id="a millionth of a Wh counts among many",
    ),
    pytest.param(
        ["10", "9"], [0.5, 0.5], [0.0], [1, 0], [0],
        id="ids are text: 10 before 9",
    ),
    pytest.param(
        "a", [1.0], [0.5, 0.5], [1], [1, 0],
        id="surplus of two equal producers: to the first",
    ),
    pytest.param(
        "a", [1.0], [0.4, 0.6], [1], [0, 1],
        id="surplus of the larger remainder",
    ),
    pytest.param(
        "ab", [0.7, 0.7], [0.3, 1.3], [1, 0], [1, 1],
        id="the Wh that consumers do not get is surplus",
    ),
    pytest.param(
        "ab", [0.8, 0.8], [0.2, 0.2], [1, 1], [0, 0],
        id="the Wh that consumers get is no surplus",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ids", "allocated", "surplus", "whole_allocated", "whole_surplus"), VECTORS
)
def test_worked_vector(
    ids: Sequence[str],
    allocated: list[float],
    surplus: list[float],
    whole_allocated: list[int],
    whole_surplus: list[int],
) -> None:
    """One step; Q produces no more than its surplus, P the rest."""
    produced = np.ceil(surplus)
    produced[0] += round(sum(allocated) + sum(surplus)) - produced.sum()
    consumption = np.full((1, len(ids)), 9.0)
    shared = AllocationResult(
        np.array([allocated]), consumption - allocated, np.array([surplus])
    )
    producer_ids = "PQ"[: len(surplus)]
    whole = round_allocation(produced[None, :], consumption, shared, producer_ids, ids)
    assert whole.allocated.tolist() == [whole_allocated]
    assert whole.complement.tolist() == [[9 - wh for wh in whole_allocated]]
    assert whole.surplus.tolist() == [whole_surplus]


# Errors

PRODUCTION = np.full((3, 2), 100.0)
CONSUMPTION = np.full((3, 2), 50.0)
SHARED = allocate(PRODUCTION, CONSUMPTION, ProRataKey())
IDS_OF = {"production": ["P", "Q"], "consumption": ["a", "b"]}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        pytest.param(50.5, AllocationProblem.NOT_WHOLE, id="half"),
        pytest.param(50 + 1e-9, AllocationProblem.NOT_WHOLE, id="noise is no reading"),
        pytest.param(np.nan, AllocationProblem.HOLE, id="hole"),
        pytest.param(-1.0, AllocationProblem.NOT_AN_ENERGY, id="negative"),
        pytest.param(np.inf, AllocationProblem.NOT_AN_ENERGY, id="infinite"),
    ],
)
@pytest.mark.parametrize("table", ["production", "consumption"])
def test_wrong_energy_names_participant_and_step(
    table: str, wrong: float, problem: AllocationProblem
) -> None:
    """Meters count whole Wh; the first that is not one is named."""
    energies = {
        "production": PRODUCTION.copy(),
        "consumption": CONSUMPTION.copy(),
    }
    energies[table][1:, 0] = wrong
    with pytest.raises(AllocationError) as caught:
        round_allocation(*energies.values(), SHARED, *IDS_OF.values())
    error = caught.value
    assert (error.problem, error.table) == (problem, table)
    assert (error.participant, error.step, error.found) == (0, 1, str(wrong))


@pytest.mark.parametrize(
    ("ids", "participant", "found"),
    [
        pytest.param(["a"], None, "1 ids for 2 participants", id="too few"),
        pytest.param(["a", "b", "c"], None, "3 ids for 2 participants", id="too many"),
        pytest.param(["a", "a"], 1, "id a twice", id="twice"),
    ],
)
@pytest.mark.parametrize("table", ["production", "consumption"])
def test_one_id_for_each_participant(
    table: str, ids: list[str], participant: int | None, found: str
) -> None:
    """Ties cannot go by id where ids do not tell participants apart."""
    all_ids = IDS_OF | {table: ids}
    with pytest.raises(AllocationError) as caught:
        round_allocation(PRODUCTION, CONSUMPTION, SHARED, *all_ids.values())
    error = caught.value
    assert error.problem is AllocationProblem.PARTICIPANT_MISSING
    assert (error.table, error.participant, error.found) == (table, participant, found)


@pytest.mark.parametrize(
    ("table", "shared"),
    [
        pytest.param(
            "surplus",
            AllocationResult(SHARED.allocated, SHARED.complement, SHARED.surplus[:1]),
            id="surplus of one step",
        ),
        pytest.param(
            "allocated",
            AllocationResult(
                SHARED.allocated[:, :1], SHARED.complement, SHARED.surplus
            ),
            id="allocated to one consumer",
        ),
    ],
)
def test_allocation_of_other_energies_is_refused(
    table: str, shared: AllocationResult
) -> None:
    """One row and column is not stretched over the others."""
    with pytest.raises(AllocationError) as caught:
        round_allocation(PRODUCTION, CONSUMPTION, shared, *IDS_OF.values())
    assert caught.value.problem is AllocationProblem.WRONG_SHAPE
    assert caught.value.table == table
