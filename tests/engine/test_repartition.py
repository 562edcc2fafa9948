"""What is owed: the two laws for any input, then vectors worked by hand.

Vectors are in the unit of their source; sharing is linear in it.
"""

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.errors import AllocationError
from custom_components.autoconsommation_collective.engine.repartition import (
    Matrix,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    allocate,
)

type Case = tuple[Matrix, Matrix, RepartitionKey]

ROUNDING = {"rtol": 1e-9, "atol": 1e-6}
"""A millionth of a Wh: what binary fractions may lose, far below what a meter shows."""

ENERGIES = st.one_of(
    st.just(0.0),
    st.floats(min_value=0, max_value=1e7),
    st.integers(0, 3000).map(float),
)
"""Nothing, anything from the smallest fraction to 10 MWh, and what a home draws."""


@st.composite
def coefficients(draw: st.DrawFn, n_consumers: int) -> tuple[float, ...]:
    """Parts of at most 1 in all."""
    weights = draw(
        st.lists(st.integers(0, 100), min_size=n_consumers, max_size=n_consumers)
    )
    whole = max(sum(weights), 1) + draw(st.integers(0, 100))
    return tuple(weight / whole for weight in weights)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """An operation of any size, any energies, either key."""
    n_steps, n_producers, n_consumers = (draw(st.integers(0, 4)) for _ in range(3))
    key: RepartitionKey = ProRataKey()
    if draw(st.booleans()):
        key = StaticKey(draw(coefficients(n_consumers)))
    return (
        draw(arrays(np.float64, (n_steps, n_producers), elements=ENERGIES)),
        draw(arrays(np.float64, (n_steps, n_consumers), elements=ENERGIES)),
        key,
    )


# Laws


@given(cases())
def test_production_is_allocated_plus_surplus(case: Case) -> None:
    """PROD = ΣAUTOCONS + SURPLUS at each step."""
    production, _, _ = case
    shared = allocate(*case)
    npt.assert_allclose(
        shared.allocated.sum(axis=1) + shared.surplus.sum(axis=1),
        production.sum(axis=1),
        **ROUNDING,
    )


@given(cases())
def test_consumption_is_allocated_plus_complement(case: Case) -> None:
    """CONS = AUTOCONS + COMPLEMENT for each consumer at each step."""
    _, consumption, _ = case
    shared = allocate(*case)
    npt.assert_allclose(shared.allocated + shared.complement, consumption, **ROUNDING)


@given(cases())
def test_nobody_gets_more_than_it_consumes_or_gives_more_than_it_produces(
    case: Case,
) -> None:
    """0 <= AUTOCONS <= CONS, 0 <= SURPLUS <= PROD, and no NaN, which fails any bound."""
    production, consumption, _ = case
    shared = allocate(*case)
    assert (shared.allocated >= 0).all()
    assert (shared.allocated <= consumption * (1 + 1e-12)).all()
    assert (shared.complement >= -1e-12 * consumption).all()
    assert (shared.surplus >= 0).all()
    assert (shared.surplus <= production).all()


@given(cases())
def test_result_has_a_column_for_each_participant(case: Case) -> None:
    """Even of an operation without steps, producers or consumers."""
    production, consumption, _ = case
    shared = allocate(*case)
    assert shared.allocated.shape == shared.complement.shape == consumption.shape
    assert shared.surplus.shape == production.shape


@given(cases(), st.randoms(use_true_random=False))
def test_order_of_participants_is_irrelevant(
    case: Case, random: st.random.Random
) -> None:
    """Whoever is listed first gets no more for it."""
    production, consumption, key = case
    producers = random.sample(range(production.shape[1]), production.shape[1])
    consumers = random.sample(range(consumption.shape[1]), consumption.shape[1])
    shuffled_key = (
        StaticKey(tuple(key.coefficients[i] for i in consumers))
        if isinstance(key, StaticKey)
        else key
    )
    shared = allocate(production, consumption, key)
    shuffled = allocate(
        production[:, producers], consumption[:, consumers], shuffled_key
    )
    npt.assert_allclose(shuffled.allocated, shared.allocated[:, consumers], **ROUNDING)
    npt.assert_allclose(shuffled.surplus, shared.surplus[:, producers], **ROUNDING)


@given(cases(), st.sampled_from([0.0, 0.001, 0.5, 2.0, 1000.0]))
def test_sharing_is_linear_in_the_unit(case: Case, scale: float) -> None:
    """What is shared in Wh is shared in kWh alike."""
    production, consumption, key = case
    shared = allocate(production, consumption, key)
    scaled = allocate(production * scale, consumption * scale, key)
    npt.assert_allclose(scaled.allocated, shared.allocated * scale, **ROUNDING)
    npt.assert_allclose(scaled.surplus, shared.surplus * scale, **ROUNDING)


@given(cases())
def test_each_step_is_shared_on_its_own(case: Case) -> None:
    """Nothing is carried from one step to the next."""
    production, consumption, key = case
    together = allocate(production, consumption, key)
    for step in range(len(production)):
        alone = allocate(production[[step]], consumption[[step]], key)
        npt.assert_allclose(alone.allocated, together.allocated[[step]], **ROUNDING)


@given(cases())
def test_surplus_is_split_pro_rata_of_production(case: Case) -> None:
    """Every producer keeps the same part of what it injected."""
    production, _, _ = case
    surplus = allocate(*case).surplus
    npt.assert_allclose(
        surplus * production.sum(axis=1, keepdims=True),
        production * surplus.sum(axis=1, keepdims=True),
        rtol=1e-9,
        atol=1,
    )


@given(cases())
def test_pro_rata_exhausts_production_or_consumption(case: Case) -> None:
    """ΣAUTOCONS = min(PROD, ΣCONS)."""
    production, consumption, _ = case
    allocated = allocate(production, consumption, ProRataKey()).allocated
    npt.assert_allclose(
        allocated.sum(axis=1),
        np.minimum(production.sum(axis=1), consumption.sum(axis=1)),
        **ROUNDING,
    )


@given(cases())
def test_pro_rata_covers_the_same_part_of_everybody(case: Case) -> None:
    """AUTOCONS_i / CONS_i is one number for all consumers of a step."""
    production, consumption, _ = case
    allocated = allocate(production, consumption, ProRataKey()).allocated
    npt.assert_allclose(
        allocated * consumption.sum(axis=1, keepdims=True),
        consumption * allocated.sum(axis=1, keepdims=True),
        rtol=1e-9,
        atol=1,
    )


@given(cases())
def test_static_gives_the_coefficient_within_the_consumption(case: Case) -> None:
    """AUTOCONS_i = min(CONS_i, k_i · PROD), as D315-4 to D315-6 say it."""
    production, consumption, key = case
    if not isinstance(key, StaticKey):
        key = StaticKey((0.125,) * consumption.shape[1])
    allocated = allocate(production, consumption, key).allocated
    for step, pooled in enumerate(production.sum(axis=1)):
        for consumer, coefficient in enumerate(key.coefficients):
            assert allocated[step, consumer] == pytest.approx(
                min(consumption[step, consumer], coefficient * pooled), abs=1e-6
            )


def test_energies_given_are_left_as_they_were() -> None:
    """Sharing has no side effect on the caller's arrays."""
    production, consumption = np.array([[300.0]]), np.array([[100.0, 300.0]])
    allocate(production, consumption, ProRataKey())
    npt.assert_array_equal(production, [[300.0]])
    npt.assert_array_equal(consumption, [[100.0, 300.0]])


# Vectors: production, consumption, key -> allocated, surplus of all producers

VECTORS = [
    pytest.param(
        1000, [160, 300, 350], StaticKey((0.3, 0.5, 0.2)), [160, 300, 200], 340,
        id="V2 static, one round",
    ),
    pytest.param(
        1000, [200, 300], ProRataKey(), [200, 300], 500,
        id="V3 pro rata, sun to spare",
    ),
    pytest.param(
        1000, [160], StaticKey((0.3,)), [160], 840,
        id="V5 first step, lone consumer",
    ),
    pytest.param(
        500, [80], StaticKey((0.3,)), [80], 420,
        id="V5 second step, lone consumer",
    ),
    pytest.param(
        1000, [0, 0], ProRataKey(), [0, 0], 1000,
        id="V6 nobody consumes",
    ),
    pytest.param(
        1000, [900, 900], StaticKey((0.5, 0.3)), [500, 300], 200,
        id="V7 listed B, A",
    ),
    pytest.param(
        1000, [900, 900], StaticKey((0.3, 0.5)), [300, 500], 200,
        id="V7 listed A, B",
    ),
    pytest.param(
        20, [3, 8, 1, 10], StaticKey((0.25,) * 4), [3, 5, 1, 5], 6,
        id="K1 static",
    ),
    pytest.param(
        20, [3, 8, 1, 10], ProRataKey(), [2.7273, 7.2727, 0.9091, 9.0909], 0,
        id="K1 pro rata",
    ),
    pytest.param(
        1.5, [0.2, 0.9, 0, 1.4, 0.5], StaticKey((0.2,) * 5), [0.2, 0.3, 0, 0.3, 0.3], 0.4,
        id="K2 static",
    ),
    pytest.param(
        1.5, [0.2, 0.9, 0, 1.4, 0.5], ProRataKey(), [0.1, 0.45, 0, 0.7, 0.25], 0,
        id="K2 pro rata",
    ),
    pytest.param(
        300, [100, 300, 200], ProRataKey(), [50, 150, 100], 0,
        id="D1 default key, scarcity",
    ),
    pytest.param(
        300, [100, 300, 200], StaticKey((0.5, 0.3, 0.2)), [100, 90, 60], 50,
        id="D2 static, surplus while demand remains",
    ),
    pytest.param(
        0, [100, 300], ProRataKey(), [0, 0], 0,
        id="dark, pro rata",
    ),
    pytest.param(
        0, [100, 300], StaticKey((0.5, 0.5)), [0, 0], 0,
        id="dark, static",
    ),
    pytest.param(
        1000, [900, 900], StaticKey((0.1, 0.2)), [100, 200], 700,
        id="coefficients below 1: the rest is surplus",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("production", "consumption", "key", "allocated", "surplus"), VECTORS
)
def test_worked_vector(
    production: float,
    consumption: list[float],
    key: RepartitionKey,
    allocated: list[float],
    surplus: float,
) -> None:
    """One producer, one step; four decimals as the sources give them."""
    shared = allocate(
        np.array([[production]], float), np.array([consumption], float), key
    )
    npt.assert_allclose(shared.allocated, [allocated], atol=5e-5)
    npt.assert_allclose(shared.surplus, [[surplus]], atol=5e-5)
    npt.assert_allclose(
        shared.complement, np.array([consumption]) - [allocated], atol=5e-5
    )


SETTLEMENTS = [
    pytest.param(
        0.008, [0.006, 0, 0.061, 0], [0.000716, 0, 0.007284, 0], 0.0,
        id="R1 dim",
    ),
    pytest.param(
        0.018, [0.005, 0.002, 0.219, 0], [0.000398, 0.000159, 0.017442, 0], 0.000001,
        id="R2 dim, three consume",
    ),
    pytest.param(
        0.447, [0.005, 0, 0.062, 0], [0.005, 0, 0.062, 0], 0.380,
        id="R3 sun to spare",
    ),
    pytest.param(
        4.389, [0.005, 0, 0.051, 0], [0.005, 0, 0.051, 0], 4.333,
        id="R4 much sun to spare",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("production", "consumption", "allocated", "surplus"), SETTLEMENTS
)
def test_settled_by_a_grid_operator(
    production: float, consumption: list[float], allocated: list[float], surplus: float
) -> None:
    """Quarter-hours of an Austrian settlement, pro rata, six decimals; R2 ends in 1e-6."""
    shared = allocate(np.array([[production]]), np.array([consumption]), ProRataKey())
    npt.assert_allclose(shared.allocated, [allocated], atol=1e-6)
    npt.assert_allclose(shared.surplus, [[surplus]], atol=1.1e-6)


def test_pooled_surplus_of_two_producers() -> None:
    """150 left of 200 + 100 injected: 100 and 50."""
    shared = allocate(np.array([[200.0, 100.0]]), np.array([[150.0]]), ProRataKey())
    npt.assert_allclose(shared.surplus, [[100, 50]])


# Errors

PRODUCTION = np.full((3, 2), 100.0)
CONSUMPTION = np.full((3, 2), 50.0)


def spoilt(energies: Matrix, wrong: float) -> Matrix:
    """The same energies with one wrong: participant 1 at step 2."""
    energies = energies.copy()
    energies[2, 1] = wrong
    return energies


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["production", "consumption"])
def test_wrong_energy_names_participant_and_step(name: str, wrong: float) -> None:
    """Whoever reads the error can go and look."""
    energies = {"production": PRODUCTION, "consumption": CONSUMPTION}
    energies[name] = spoilt(energies[name], wrong)
    with pytest.raises(
        AllocationError, match=f"^{name} of participant 1 at step 2 is {wrong}$"
    ):
        allocate(**energies, key=ProRataKey())


@pytest.mark.parametrize(
    ("key", "message"),
    [
        pytest.param((1.0,), "1 coefficients for 2 consumers", id="too few"),
        pytest.param((0.1, 0.1, 0.1), "3 coefficients for 2 consumers", id="too many"),
        pytest.param(
            (0.5, -0.1), r"of consumer 1 is -0.1, not in \[0, 1\]", id="negative"
        ),
        pytest.param(
            (1.1, 0.0), r"of consumer 0 is 1.1, not in \[0, 1\]", id="above 1"
        ),
        pytest.param((0.1, np.nan), r"of consumer 1 is nan, not in \[0, 1\]", id="NaN"),
        pytest.param((0.6, 0.5), "add up to 1.1, more than 1", id="sum above 1"),
        pytest.param(
            (0.5, 0.501), "add up to 1.001, more than 1", id="sum just above 1"
        ),
    ],
)
def test_wrong_coefficients(key: tuple[float, ...], message: str) -> None:
    """More than the production cannot be given away."""
    with pytest.raises(AllocationError, match=message):
        allocate(PRODUCTION, CONSUMPTION, StaticKey(key))


def test_thirds_and_tenths_add_up_to_one() -> None:
    """Ten times 0.1 is not 1 in binary, and no reason to refuse it."""
    allocate(np.array([[1000.0]]), np.full((1, 10), 50.0), StaticKey((0.1,) * 10))
    parts = (0.7, 0.2, 0.1 + 1e-10)
    allocate(np.array([[1000.0]]), np.full((1, 3), 50.0), StaticKey(parts))


def test_different_numbers_of_steps() -> None:
    """Two curves of different length are never aligned by guessing."""
    with pytest.raises(AllocationError, match="production has 2 steps, consumption 3"):
        allocate(PRODUCTION[:2], CONSUMPTION, ProRataKey())


@pytest.mark.parametrize("name", ["production", "consumption"])
def test_one_dimension_is_refused(name: str) -> None:
    """A curve without participants is ambiguous."""
    energies = {"production": PRODUCTION, "consumption": CONSUMPTION}
    energies[name] = energies[name][0]
    with pytest.raises(AllocationError, match=f"{name} has 1 dimensions, not 2"):
        allocate(**energies, key=ProRataKey())
