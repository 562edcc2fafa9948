"""Sharing worked by hand, published or settled: what each key gives, in known numbers.

V, K, R and D are vectors of published examples, of public code, of a real settlement and of
the law. Each is in the unit of its source: sharing is linear in it. Whatever the engine must
give, the plain reference must give too.
"""

from fractions import Fraction

import numpy as np
import numpy.testing as npt
import pytest

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
    coefficients_in_proportion,
    equal_coefficients,
)
from custom_components.autoconsommation_collective.engine.repartition import (
    allocate,
    allocated_by_pair,
)
from script.plain_repartition import allocate_step

type Row = list[float]

PRO_RATA = ProRataKey()


def equal(n_consumers: int) -> StaticKey:
    """Fixe égalitaire, one round."""
    return StaticKey(equal_coefficients(n_consumers))


def hybrid(n_consumers: int) -> IterativeKey:
    """Equal shares, then the rest pro rata."""
    return IterativeKey((equal(n_consumers), PRO_RATA))


def assert_shared(
    production: list[Row],
    consumption: list[Row],
    key: RepartitionKey,
    allocated: list[Row],
    surplus: list[Row],
    within: float = 5e-5,
) -> None:
    """Engine and plain reference give these rows; four decimals as most sources give them."""
    shared = allocate(np.array(production, float), np.array(consumption, float), key)
    npt.assert_allclose(shared.allocated, allocated, rtol=0, atol=within)
    npt.assert_allclose(shared.surplus, surplus, rtol=0, atol=within)
    npt.assert_allclose(
        shared.complement, np.subtract(consumption, allocated), rtol=0, atol=within
    )
    for step, energies in enumerate(zip(production, consumption, strict=True)):
        plain_allocated, plain_surplus = allocate_step(*energies, key, step)
        npt.assert_allclose(plain_allocated, allocated[step], rtol=0, atol=within)
        npt.assert_allclose(plain_surplus, surplus[step], rtol=0, atol=within)


K1 = [3, 8, 1, 10]
K2 = [0.2, 0.9, 0, 1.4, 0.5]

ONE_PRODUCER = [
    pytest.param(
        1, [0.4, 0.8], PriorityKey((1, 2)), [0.4, 0.6], 0,
        id="V1 priority",
    ),
    pytest.param(
        1000, [160, 300, 350], StaticKey((0.3, 0.5, 0.2)), [160, 300, 200], 340,
        id="V2 static, one round",
    ),
    pytest.param(
        1000, [200, 300], PRO_RATA, [200, 300], 500,
        id="V3 pro rata, sun to spare",
    ),
    pytest.param(
        1000, [100], IterativeKey((equal(1), equal(1)), (0.5, 0.5)), [100], 900,
        id="V4 two rounds 50/50, lone consumer",
    ),
    pytest.param(
        1000, [100], IterativeKey((PRO_RATA, PRO_RATA), (0.5, 0.5)), [100], 900,
        id="V4 two rounds 50/50, pro rata",
    ),
    pytest.param(
        500, [100], IterativeKey((equal(1),)), [100], 400,
        id="V4 first round alone",
    ),
    pytest.param(
        1000, [0, 0], PRO_RATA, [0, 0], 1000,
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
        20, K1, equal(4), [3, 5, 1, 5], 6,
        id="K1 static",
    ),
    pytest.param(
        20, K1, FairKey(), [3, 8, 1, 8], 0,
        id="K1 rounds until exhausted",
    ),
    pytest.param(
        20, K1, PRO_RATA, [2.7273, 7.2727, 0.9091, 9.0909], 0,
        id="K1 pro rata",
    ),
    pytest.param(
        20, K1, hybrid(4), [3, 7.25, 1, 8.75], 0,
        id="K1 hybrid",
    ),
    pytest.param(
        20, K1, IterativeKey((equal(4),) * 3), [3, 7.25, 1, 7.25], 1.5,
        id="K1 three fixed rounds do not exhaust",
    ),
    pytest.param(
        1.5, K2, equal(5), [0.2, 0.3, 0, 0.3, 0.3], 0.4,
        id="K2 static",
    ),
    pytest.param(
        1.5, K2, FairKey(), [0.2, 0.4333, 0, 0.4333, 0.4333], 0,
        id="K2 rounds until exhausted",
    ),
    pytest.param(
        1.5, K2, PRO_RATA, [0.1, 0.45, 0, 0.7, 0.25], 0,
        id="K2 pro rata",
    ),
    pytest.param(
        1.5, K2, hybrid(5), [0.2, 0.4263, 0, 0.5316, 0.3421], 0,
        id="K2 hybrid",
    ),
    pytest.param(
        300, [100, 300, 200], PRO_RATA, [50, 150, 100], 0,
        id="D1 default key, scarcity",
    ),
    pytest.param(
        300, [100, 300, 200], StaticKey((0.5, 0.3, 0.2)), [100, 90, 60], 50,
        id="D2 static, surplus while demand remains",
    ),
    pytest.param(
        1000, [900, 900], StaticKey((0.1, 0.2)), [100, 200], 700,
        id="coefficients below 1: the rest is surplus",
    ),
    pytest.param(
        100, [10, 100], IterativeKey((equal(2), equal(2))), [10, 70], 20,
        id="two fixed rounds: what one leaves goes to both again",
    ),
    pytest.param(
        100, [10, 100], IterativeKey((equal(2), equal(2)), (0.5, 0.5)), [10, 57.5], 32.5,
        id="two fixed rounds 50/50: the second shares 50 and the 15 left",
    ),
    pytest.param(
        100, [50, 100], IterativeKey((PRO_RATA, equal(2)), (0.6, 0.4)), [40, 60], 0,
        id="60 pro rata, then 40 equally",
    ),
    pytest.param(
        50, [30, 10, 20, 10], PriorityKey((1, 1, 2, 2)), [30, 10, 6.6667, 3.3333], 0,
        id="Machecoul: school and town hall covered, homes share pro rata",
    ),
    pytest.param(
        20, [30, 10, 20, 10], PriorityKey((1, 1, 2, 2)), [15, 5, 0, 0], 0,
        id="Machecoul: not enough for school and town hall",
    ),
    pytest.param(
        52, [30, 10, 20, 5], PriorityKey((1, 1, 2, 2), FairKey()), [30, 10, 7, 5], 0,
        id="priority, then equal shares",
    ),
    pytest.param(
        100, [30, 10, 20, 10], PriorityKey((2, 1, 7, 7)), [30, 10, 20, 10], 30,
        id="priority, sun to spare",
    ),
    pytest.param(
        30, [20, 20, 20], PriorityKey((3, -1, 2)), [0, 20, 10], 0,
        id="ranks need not begin at 1 nor follow each other",
    ),
    pytest.param(
        40, [9, 50, 50], PriorityKey((1, 2, 2), FairKey((5, 3, 1))), [9, 23.25, 7.75], 0,
        id="priority, then shares by weight",
    ),
    pytest.param(
        40, [9, 50, 5], PriorityKey((1, 1, 2), FairKey((0, 1, 1))), [0, 40, 0], 0,
        id="priority, who weighs nothing gets nothing",
    ),
    pytest.param(
        100, [50, 100], StaticKey(coefficients_in_proportion((3000, 1000))), [50, 25], 25,
        id="investment as coefficients: an unused share is surplus",
    ),
    pytest.param(
        100, [50, 100], FairKey((3000, 1000)), [50, 50], 0,
        id="investment as weights: an unused share goes to the others",
    ),
    pytest.param(
        50, [100, 100, 5], FairKey((3, 1, 1)), [33.75, 11.25, 5], 0,
        id="weights 3, 1, 1: one is covered, two share by weight",
    ),
    pytest.param(
        13, [10, 4], FairKey((5, 1)), [10, 3], 0,
        id="weights 5, 1: who consumes more is covered first",
    ),
    pytest.param(
        50, [100, 20, 5], FairKey((0, 1, 1)), [0, 20, 5], 25,
        id="weight 0: surplus while demand remains",
    ),
    pytest.param(
        50, [100, 20], FairKey((0, 0)), [0, 0], 50,
        id="nobody weighs anything",
    ),
    pytest.param(
        6, [1, 2, 3], FairKey(), [1, 2, 3], 0,
        id="just enough for everybody",
    ),
    pytest.param(
        5, [1, 2, 3], FairKey(), [1, 2, 2], 0,
        id="level at what one consumes",
    ),
    pytest.param(
        4, [0, 3], PRO_RATA, [0, 3], 1,
        id="prosumer: 6 of 10 used at home, the 4 injected take part",
    ),
    pytest.param(
        30, [10, 20], TwoSidedKey(StaticKey((0.1, 0.1)), PRO_RATA), [10, 20], 0,
        id="two sides, as much as is consumed: everybody is covered",
    ),
    pytest.param(
        29, [10, 20], TwoSidedKey(StaticKey((0.1, 0.1)), PRO_RATA), [2.9, 2.9], 23.2,
        id="two sides, scarcity: the consumers' rule, which leaves surplus",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("production", "consumption", "key", "allocated", "surplus"), ONE_PRODUCER
)
def test_one_producer_in_one_step(
    production: float,
    consumption: Row,
    key: RepartitionKey,
    allocated: Row,
    surplus: float,
) -> None:
    """A row of a worked table."""
    assert_shared([[production]], [consumption], key, [allocated], [[surplus]])


@pytest.mark.parametrize(
    "key",
    [
        PRO_RATA,
        equal(3),
        DynamicKey(np.full((1, 3), 0.25)),
        FullDynamicKey(np.full((1, 3), 0.25)),
        FairKey(),
        PriorityKey((1, 2, 2)),
        hybrid(3),
        TwoSidedKey(FairKey(), PRO_RATA),
    ],
    ids=lambda key: type(key).__name__,
)
def test_nothing_to_share_or_nobody_to_take_it(key: RepartitionKey) -> None:
    """Dark hours and empty homes give zeros, never a NaN."""
    nothing, nobody = [[0.0]], [[0.0] * 3]
    assert_shared(nothing, [[100, 0, 300]], key, nobody, nothing, within=0)
    assert_shared([[1000]], nobody, key, nobody, [[1000]], within=0)
    assert_shared(nothing, nobody, key, nobody, nothing, within=0)


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
    production: float, consumption: Row, allocated: Row, surplus: float
) -> None:
    """Quarter-hours of an Austrian settlement, pro rata, six decimals; R2 ends in 1e-6."""
    assert_shared(
        [[production]], [consumption], PRO_RATA, [allocated], [[surplus]], within=1.1e-6
    )


SEVERAL = [
    pytest.param(
        [[1000], [500]], [[160], [80]], StaticKey((0.3,)),
        [[160], [80]], [[840], [420]],
        id="V5 two steps, lone consumer: 240 of 1500",
    ),
    pytest.param(
        [[20], [9]], [[3, 8, 1, 10], [2, 0, 4, 6]], hybrid(4),
        [[3, 7.25, 1, 8.75], [2, 0, 3.0455, 3.9545]], [[0], [0]],
        id="K3 equal then pro rata, two steps",
    ),
    pytest.param(
        [[200, 100]], [[80, 300]], FullDynamicKey(np.array([[[0.5, 0.5], [0, 1]]])),
        [[80, 200]], [[20, 0]],
        id="D3 full dynamic",
    ),
    pytest.param(
        [[200, 100]], [[150]], PRO_RATA,
        [[150]], [[100, 50]],
        id="pooled surplus of two producers",
    ),
    pytest.param(
        [[100], [100]], [[60, 60], [60, 60]], DynamicKey(np.array([[0.7, 0.3], [0, 0.5]])),
        [[60, 30], [0, 50]], [[10], [50]],
        id="simple dynamic: other coefficients at each step",
    ),
    pytest.param(
        [[100, 50], [0, 50]], [[55, 100], [55, 100]],
        FullDynamicKey(np.array([[0.5, 0.5], [0.2, 0.3]])),
        [[55, 65], [10, 15]], [[4.1667, 25.8333], [0, 25]],
        id="static key of two producers: whoever is offered too much takes 11/12 of each",
    ),
    pytest.param(
        [[100], [100]], [[100, 100], [100, 100]],
        FullDynamicKey(np.array([[[0.5, 0.2]], [[0.1, 0.4]]])),
        [[50, 20], [10, 40]], [[30], [50]],
        id="full dynamic: other coefficients at each step",
    ),
    pytest.param(
        [[30, 50]], [[20, 30]], TwoSidedKey(PRO_RATA, PriorityKey((1, 2))),
        [[20, 30]], [[0, 30]],
        id="Luxembourg, plenty: the first producer gives all, the second the rest",
    ),
    pytest.param(
        [[10, 20]], [[20, 40]], TwoSidedKey(PRO_RATA, PriorityKey((1, 2))),
        [[10, 20]], [[0, 0]],
        id="Luxembourg, scarcity: pro rata of consumption",
    ),
    pytest.param(
        [[10, 20], [30, 50]], [[20, 40], [20, 30]],
        TwoSidedKey(PriorityKey((2, 1)), StaticKey((0.5, 0.2))),
        [[0, 30], [20, 30]], [[0, 0], [3.3333, 26.6667]],
        id="Luxembourg, percentages of producers: 25 and 10 of 50, 15 pro rata of what is left",
    ),
    pytest.param(
        [[60, 0], [0, 30]], [[20, 10], [50, 0]], PRO_RATA,
        [[20, 10], [30, 0]], [[30, 0], [0, 0]],
        id="storage: charging consumes at noon, discharging produces at night",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("production", "consumption", "key", "allocated", "surplus"), SEVERAL
)
def test_several_producers_or_steps(
    production: list[Row],
    consumption: list[Row],
    key: RepartitionKey,
    allocated: list[Row],
    surplus: list[Row],
) -> None:
    """A row for each step, a column for each participant."""
    assert_shared(production, consumption, key, allocated, surplus)


@pytest.mark.parametrize(
    ("production", "consumption", "key", "pairs"),
    [
        pytest.param(
            [1], [0.4, 0.8], PriorityKey((1, 2)), [[0.4, 0.6]],
            id="V1 B owes A 0.4, C owes A 0.6",
        ),
        pytest.param(
            [200, 100], [80, 300],
            FullDynamicKey(np.array([[[0.5, 0.5], [0, 1]]])),
            [[80, 100], [0, 100]],
            id="D3 A owes the first producer only",
        ),
        pytest.param(
            [100, 50], [55, 100],
            FullDynamicKey(np.array([[0.5, 0.5], [0.2, 0.3]])),
            [[45.8333, 50], [9.1667, 15]],
            id="static key of two producers: offers of 50 and 10 shrink alike to 55",
        ),
        pytest.param(
            [200, 100], [60, 90], PRO_RATA, [[40, 60], [20, 30]],
            id="pooled: from each producer in proportion to what it gives",
        ),
        pytest.param(
            [30, 50], [20, 30], TwoSidedKey(PRO_RATA, PriorityKey((1, 2))),
            [[12, 18], [8, 12]],
            id="Luxembourg: 30 of the first producer, 20 of the second",
        ),
        pytest.param(
            [30, 50], [0, 0], PRO_RATA, [[0, 0], [0, 0]],
            id="nobody consumes, nobody owes",
        ),
    ],
)  # fmt: skip
def test_who_owes_whom(
    production: Row, consumption: Row, key: RepartitionKey, pairs: list[Row]
) -> None:
    """A row for each producer, a column for each consumer."""
    found = allocated_by_pair(
        np.array([production], float), np.array([consumption], float), key
    )
    npt.assert_allclose(found, [pairs], atol=5e-5)


@pytest.mark.parametrize(
    ("production", "consumption", "weights", "allocated"),
    [
        pytest.param(3, [1.1, 1e9], (1, 1), [1.1, 1.9], id="a home next to a town"),
        pytest.param(
            1,
            [1e-6, 1e9],
            (1, 1),
            [1e-6, 1 - 1e-6],
            id="next to nothing next to a town",
        ),
        pytest.param(1, [1, 1], (1, 1e-20), [1, 0], id="next to no weight"),
        pytest.param(3, [1, 5], (1e9, 1e-9), [1, 2], id="first by weight"),
        pytest.param(
            1 - 2**-53,
            [1, 1],
            (49, 1e-20),
            [1, 0],
            id="short of one home by a rounding",
        ),
        pytest.param(
            3.1,
            [3.1, 1],
            (3, 1e-20),
            [3.1, 0],
            id="3.1 by thirds and back is above 3.1",
        ),
    ],
)
def test_small_consumers_and_weights_do_not_vanish_next_to_large_ones(
    production: float, consumption: Row, weights: tuple[float, ...], allocated: Row
) -> None:
    """Fair shares are right to the last digits whoever else takes part."""
    shared = allocate(
        np.array([[production]], float),
        np.array([consumption], float),
        FairKey(weights),
    )
    npt.assert_allclose(shared.allocated, [allocated], rtol=1e-14, atol=1e-15)
    assert (shared.allocated >= 0).all()
    assert (shared.complement >= 0).all()


@pytest.mark.parametrize(
    ("key", "allocated"),
    [
        pytest.param(
            PRO_RATA,
            [Fraction(n, 11) for n in (30, 80, 10, 100)],
            id="K1 pro rata",
        ),
        pytest.param(
            hybrid(4), [3, Fraction(29, 4), 1, Fraction(35, 4)], id="K1 hybrid"
        ),
        pytest.param(
            FairKey((1, 2, 3, 1)),
            [3, 8, 1, 8],
            id="K1 by weight: three are covered, D has the rest",
        ),
    ],
)
def test_plain_reference_is_exact_in_fractions(
    key: RepartitionKey, allocated: list[Fraction]
) -> None:
    """Elevenths and quarters, no decimals."""
    production, consumption = [Fraction(20)], [Fraction(energy) for energy in K1]
    assert allocate_step(production, consumption, key) == (allocated, [0])
