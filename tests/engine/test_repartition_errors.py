"""What cannot be shared is refused, and the refusal names the table, participant and step."""

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationError,
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.keys import (
    ConsumerKey,
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
    allocate,
    allocated_by_pair,
)

type Refusal = tuple[AllocationProblem, str, int | None, int | None]
"""Problem, table, participant, step."""

HOLE = AllocationProblem.HOLE
NOT_AN_ENERGY = AllocationProblem.NOT_AN_ENERGY
PARTICIPANT_MISSING = AllocationProblem.PARTICIPANT_MISSING
OUT_OF_RANGE = AllocationProblem.COEFFICIENT_OUT_OF_RANGE
ABOVE_ONE = AllocationProblem.COEFFICIENTS_ABOVE_ONE
ROUNDS_NOT_KNOWN = AllocationProblem.ROUNDS_NOT_KNOWN

PRODUCTION = np.full((3, 2), 100.0)
CONSUMPTION = np.full((3, 4), 50.0)
PRO_RATA = ProRataKey()
FIXED = StaticKey((0.25,) * 4)
OF_STEPS = np.full((3, 4), 0.25)
OF_PRODUCERS = np.full((2, 4), 0.25)
OF_PAIRS = np.full((3, 2, 4), 0.25)


def refusal(
    key: RepartitionKey,
    production: Matrix = PRODUCTION,
    consumption: Matrix = CONSUMPTION,
) -> Refusal:
    """What the engine says of this input, asked for consumers or for pairs."""
    with pytest.raises(AllocationError) as refused:
        allocate(production, consumption, key)
    with pytest.raises(AllocationError) as refused_pairs:
        allocated_by_pair(production, consumption, key)
    error = refused.value
    assert str(refused_pairs.value) == str(error)
    return error.problem, error.table, error.participant, error.step


def with_one(numbers: Matrix, where: tuple[int, ...], wrong: float) -> Matrix:
    """The same numbers but for one."""
    numbers = numbers.copy()
    numbers[where] = wrong
    return numbers


def of_every_kind(key: ConsumerKey) -> list[RepartitionKey]:
    """A rule, and the keys that hold it on either side."""
    return [key, TwoSidedKey(consumers=key, producers=PRO_RATA)]


# Energies


@pytest.mark.parametrize("key", [PRO_RATA, FIXED, FullDynamicKey(OF_PAIRS)])
@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        pytest.param(np.nan, HOLE, id="hole"),
        pytest.param(-1.0, NOT_AN_ENERGY, id="negative"),
        pytest.param(np.inf, NOT_AN_ENERGY, id="infinite"),
        pytest.param(-np.inf, NOT_AN_ENERGY, id="less than anything"),
    ],
)
@pytest.mark.parametrize("table", ["production", "consumption"])
def test_wrong_energy(
    table: str, wrong: float, problem: AllocationProblem, key: RepartitionKey
) -> None:
    """Whoever reads the error can go and look."""
    energies = {"production": PRODUCTION, "consumption": CONSUMPTION}
    energies[table] = with_one(energies[table], (2, 1), wrong)
    assert refusal(key, **energies) == (problem, table, 1, 2)


def test_first_of_several_wrong_energies() -> None:
    """The first step counts, whatever is wrong in it; no consumption is nothing wrong."""
    consumption = with_one(CONSUMPTION, (0, 2), 0.0)
    consumption = with_one(consumption, (1, 3), -5.0)
    consumption = with_one(consumption, (2, 0), np.nan)
    assert refusal(PRO_RATA, consumption=consumption) == (
        NOT_AN_ENERGY,
        "consumption",
        3,
        1,
    )


def test_refusal_in_one_line() -> None:
    """For a log, with what stands there."""
    with pytest.raises(
        AllocationError, match="^hole: production, participant 1, step 2: nan$"
    ):
        allocate(with_one(PRODUCTION, (2, 1), np.nan), CONSUMPTION, PRO_RATA)


@pytest.mark.parametrize("table", ["production", "consumption"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 2, 1)])
def test_energies_are_a_row_per_step_and_a_column_per_participant(
    table: str, shape: tuple[int, ...]
) -> None:
    """A curve without participants is ambiguous."""
    energies = {"production": PRODUCTION, "consumption": CONSUMPTION}
    energies[table] = np.ones(shape)
    problem = AllocationProblem.WRONG_SHAPE
    assert refusal(PRO_RATA, **energies) == (problem, table, None, None)


@pytest.mark.parametrize("n_steps", [0, 2, 4])
def test_curves_of_different_length(n_steps: int) -> None:
    """They are never aligned by guessing, nor is one row spread over all."""
    problem = AllocationProblem.STEPS_DIFFER
    assert refusal(PRO_RATA, consumption=np.ones((n_steps, 4))) == (
        problem,
        "consumption",
        None,
        None,
    )


# Keys that do not fit the participants


@pytest.mark.parametrize(
    ("key", "table"),
    [
        pytest.param(StaticKey((0.2,) * 3), "coefficients", id="too few coefficients"),
        pytest.param(StaticKey((0.2,) * 5), "coefficients", id="too many coefficients"),
        pytest.param(StaticKey(()), "coefficients", id="no coefficient"),
        pytest.param(StaticKey((1.0,)), "coefficients", id="one for everybody"),
        pytest.param(
            IterativeKey((FIXED, StaticKey((0.2,) * 3))),
            "coefficients",
            id="too few coefficients in the second round",
        ),
        pytest.param(
            DynamicKey(OF_STEPS[:, :3]), "coefficients", id="a consumer short"
        ),
        pytest.param(DynamicKey(OF_STEPS[:2]), "coefficients", id="a step short"),
        pytest.param(DynamicKey(OF_STEPS[:1]), "coefficients", id="one step for all"),
        pytest.param(DynamicKey(OF_STEPS[0]), "coefficients", id="no steps"),
        pytest.param(FairKey((1, 1, 1)), "weights", id="too few weights"),
        pytest.param(FairKey((1,) * 5), "weights", id="too many weights"),
        pytest.param(PriorityKey((1, 2, 3)), "ranks", id="too few ranks"),
        pytest.param(PriorityKey((1,) * 5), "ranks", id="too many ranks"),
        pytest.param(
            PriorityKey((1, 1, 2, 2), FairKey((1, 1))),
            "weights",
            id="too few weights within ranks",
        ),
    ],
)
def test_key_of_other_consumers(key: ConsumerKey, table: str) -> None:
    """A key that says nothing of a participant, or something of a stranger."""
    for holding in of_every_kind(key):
        assert refusal(holding) == (PARTICIPANT_MISSING, table, None, None)


@pytest.mark.parametrize(
    "coefficients",
    [
        pytest.param(OF_PAIRS[:, :, :3], id="a consumer short"),
        pytest.param(OF_PAIRS[:, :1], id="a producer short"),
        pytest.param(OF_PAIRS[:2], id="a step short"),
        pytest.param(OF_PAIRS[:1], id="one step for all"),
        pytest.param(OF_PRODUCERS[:, :3], id="a consumer short at each step"),
        pytest.param(OF_PRODUCERS[:1], id="a producer short at each step"),
        pytest.param(OF_PRODUCERS.T, id="producers and consumers swapped"),
        pytest.param(OF_PRODUCERS[0], id="no producers"),
        pytest.param(OF_PAIRS[None], id="a dimension too many"),
    ],
)
def test_full_dynamic_key_of_other_participants(coefficients: Matrix) -> None:
    """Each producer says what each consumer has."""
    assert refusal(FullDynamicKey(coefficients)) == (
        PARTICIPANT_MISSING,
        "coefficients",
        None,
        None,
    )


def test_producers_rule_is_held_against_the_producers() -> None:
    """Four ranks fit the consumers, and say nothing of two producers."""
    key = TwoSidedKey(PRO_RATA, PriorityKey((1, 2, 3, 4)))
    assert refusal(key) == (PARTICIPANT_MISSING, "ranks", None, None)


# Coefficients


@pytest.mark.parametrize("wrong", [-0.01, -1e-12, 1.01, np.nan, np.inf, -np.inf])
def test_coefficient_out_of_range(wrong: float) -> None:
    """A part of the production is between nothing and all of it."""
    found = (OUT_OF_RANGE, "coefficients")
    static = StaticKey((0.1, 0.1, wrong, 0.1))
    for key in (*of_every_kind(static), IterativeKey((PRO_RATA, static))):
        assert refusal(key) == (*found, 2, None)
    dynamic = DynamicKey(with_one(OF_STEPS, (1, 3), wrong))
    for key in of_every_kind(dynamic):
        assert refusal(key) == (*found, 3, 1)
    of_pairs = FullDynamicKey(with_one(OF_PAIRS, (2, 1, 3), wrong))
    assert refusal(of_pairs) == (*found, 3, 2)
    of_producers = FullDynamicKey(with_one(OF_PRODUCERS, (1, 3), wrong))
    assert refusal(of_producers) == (*found, 3, None)


@pytest.mark.parametrize("by", [0.01, 1e-8])
def test_coefficients_that_add_up_to_more_than_one(by: float) -> None:
    """More than the production cannot be given away."""
    found, more = (ABOVE_ONE, "coefficients"), 0.25 + by
    static = StaticKey((0.25, 0.25, more, 0.25))
    for key in (*of_every_kind(static), IterativeKey((PRO_RATA, static))):
        assert refusal(key) == (*found, None, None)
    dynamic = DynamicKey(with_one(OF_STEPS, (1, 3), more))
    for key in of_every_kind(dynamic):
        assert refusal(key) == (*found, None, 1)
    of_pairs = FullDynamicKey(with_one(OF_PAIRS, (2, 1, 3), more))
    assert refusal(of_pairs) == (*found, 1, 2)
    of_producers = FullDynamicKey(with_one(OF_PRODUCERS, (1, 3), more))
    assert refusal(of_producers) == (*found, 1, None)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((0.1,) * 10, id="ten tenths"),
        pytest.param(
            (0.1,) * 9 + (0.1 + 1e-10,), id="above one by a tenth of a billionth"
        ),
        pytest.param((0.0,) * 10, id="nothing for anybody"),
    ],
)
def test_tenths_add_up_to_one(parts: tuple[float, ...]) -> None:
    """Ten times 0.1 is not 1 in binary, and no reason to refuse it."""
    production, consumption = np.full((1, 1), 1000.0), np.full((1, 10), 50.0)
    for key in (
        StaticKey(parts),
        DynamicKey(np.array([parts])),
        FullDynamicKey(np.array([[parts]])),
    ):
        allocate(production, consumption, key)


@pytest.mark.parametrize("wrong", [-1.0, -1e-12, np.nan, np.inf])
def test_weight_out_of_range(wrong: float) -> None:
    """A weight is at least nothing, and something one can count."""
    weights = FairKey((2, 0, wrong, 2))
    for rule in (weights, PriorityKey((1, 1, 2, 3), weights)):
        for key in of_every_kind(rule):
            assert refusal(key) == (OUT_OF_RANGE, "weights", 2, None)


# Rounds


@pytest.mark.parametrize(
    ("n_rounds", "parts", "table"),
    [
        pytest.param(0, None, "rounds", id="no round"),
        pytest.param(0, (), "rounds", id="no round, no part"),
        pytest.param(4, None, "rounds", id="four rounds"),
        pytest.param(4, (0.25,) * 4, "rounds", id="four rounds with their parts"),
        pytest.param(2, (1.0,), "rounds", id="a part short"),
        pytest.param(2, (0.5, 0.25, 0.25), "rounds", id="a part too many"),
        pytest.param(2, (0.5, 0.4), "parts", id="parts below one"),
        pytest.param(2, (0.5, 0.6), "parts", id="parts above one"),
        pytest.param(2, (0.5, 0.5 + 1e-8), "parts", id="parts just above one"),
        pytest.param(2, (1.5, -0.5), "parts", id="a negative part"),
        pytest.param(2, (0.5, np.nan), "parts", id="a part that is no number"),
    ],
)
def test_rounds_that_no_rule_provides_for(
    n_rounds: int, parts: tuple[float, ...] | None, table: str
) -> None:
    """One to three rounds, and parts that add up to the production."""
    for key in of_every_kind(IterativeKey((FIXED,) * n_rounds, parts)):
        assert refusal(key) == (ROUNDS_NOT_KNOWN, table, None, None)


@pytest.mark.parametrize(
    "parts", [(0.7, 0.2, 0.1), (1.0, 0.0, 0.0), (1 / 3,) * 3, (0.3333333333,) * 3]
)
def test_parts_of_three_rounds(parts: tuple[float, ...]) -> None:
    """Their sum may miss 1 by a rounding, in binary or of ten decimals."""
    key = IterativeKey((FIXED, FIXED, PRO_RATA), parts)
    assert allocate(PRODUCTION, CONSUMPTION, key).allocated.sum() == pytest.approx(600)
