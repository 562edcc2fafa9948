"""Who owes whom: money by pair that adds up to the cent, none for gifts and packs."""

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.bills import (
    Bill,
    BillError,
    BillProblem,
    Line,
    bill,
)
from custom_components.autoconsommation_collective.engine.keys import (
    Cube,
    Matrix,
    PriorityKey,
)
from custom_components.autoconsommation_collective.engine.model import PriceModel
from custom_components.autoconsommation_collective.engine.repartition import (
    allocated_by_pair,
)

SALE = PriceModel.SALE


def test_b_owes_a_for_400_wh_and_c_for_600() -> None:
    """V1: A injects 1 kWh, B uses 0.4 and comes first, C uses 0.8; at 0.10 €."""
    pairs = allocated_by_pair(
        np.array([[1000.0]]), np.array([[400.0, 800.0]]), PriorityKey((1, 2))
    )
    found = bill(pairs, SALE, 0.10, ["A"], ["B", "C"])
    assert found.lines == (Line("B", "A", 400, 4), Line("C", "A", 600, 6))
    assert found.total_cents == 10
    assert found.owed_cents == {"B": 4, "C": 6}
    assert found.due_cents == {"A": 10}
    assert found.drawn_wh == {}


def test_a_gift_is_shared_and_costs_nothing() -> None:
    """The lines say who gave what to whom."""
    found = bill(np.array([[400.0, 600.0]]), PriceModel.GIFT, 0.0, ["A"], ["B", "C"])
    assert found.lines == (Line("B", "A", 400, 0), Line("C", "A", 600, 0))
    assert found.owed_cents == {"B": 0, "C": 0}
    assert found.drawn_wh == {}


def test_prepaid_energy_is_drawn_from_the_pack() -> None:
    """Of both producers together; the money went to the organiser before."""
    pairs = np.array([[400.0, 0.0], [100.0, 600.0]])
    found = bill(pairs, PriceModel.PREPAID, 0.12, ["P", "Q"], ["B", "C"])
    assert found.drawn_wh == {"B": 500, "C": 600}
    assert found.total_cents == 0
    assert len(found.lines) == 3


def test_price_by_step() -> None:
    """1 kWh at 0.10 and 2 kWh at 0.30 are 70 cents, not 3 kWh at the mean."""
    pairs = np.array([[[1000.0]], [[2000.0]]])
    found = bill(pairs, SALE, np.array([0.1, 0.3]), ["A"], ["B"])
    assert found.lines == (Line("B", "A", 3000, 70),)


@pytest.mark.parametrize(
    ("energies", "cents"),
    [
        pytest.param([[30, 30, 30]], [1, 0, 0], id="equal: first id"),
        pytest.param([[29, 33, 28]], [0, 1, 0], id="the largest remainder"),
        pytest.param([[50, 0, 0]], [1], id="half a cent up"),
        pytest.param([[49, 0, 0]], [0], id="less than half down"),
        pytest.param([[100, 150, 150]], [1, 2, 1], id="halves: first id"),
        pytest.param([[0, 0, 100]], [1], id="who took nothing has no line"),
    ],
)
def test_cents(energies: list[list[float]], cents: list[int]) -> None:
    """At 1 cent for 100 Wh."""
    found = bill(np.array(energies, dtype=float), SALE, 0.1, ["A"], [*"BCD"])
    assert [line.cents for line in found.lines] == cents


def test_each_consumer_is_rounded_once() -> None:
    """B owes 0.4 cents to each of two: 0.8 in all, so a cent, to the first of them."""
    pairs = np.array([[40.0, 0.0], [40.0, 1000.0]])
    found = bill(pairs, SALE, 0.1, ["Q", "P"], ["B", "C"])
    assert found.lines == (
        Line("B", "P", 40, 1),
        Line("B", "Q", 40, 0),
        Line("C", "P", 1000, 10),
    )
    assert found.due_cents == {"P": 11, "Q": 0}


# Errors


@pytest.mark.parametrize(
    ("pairs", "model", "price", "text"),
    [
        pytest.param(
            [[1, 2, 3]], SALE, 0.1, "shapes_differ: shape (1, 3) for 1 and 2 ids", id="ids"
        ),
        pytest.param([1, 2], SALE, 0.1, "shapes_differ: shape (2,)", id="a row"),
        pytest.param(
            [[1, 2]], SALE, [0.1], "shapes_differ: prices of shape (1,)", id="no steps"
        ),
        pytest.param(
            [[[1, 2]]], SALE, [0.1, 0.1], "shapes_differ: prices of shape (2,)", id="steps"
        ),
        pytest.param([[1, np.nan]], SALE, 0.1, "hole: A, C, nan", id="hole"),
        pytest.param([[1, -2]], SALE, 0.1, "not_an_energy: A, C, -2.0", id="below 0"),
        pytest.param(
            [[[1, 2]], [[-1, 2]]], SALE, 0.1, "not_an_energy: A, B, -1.0",
            id="below 0, though not the sum",
        ),
        pytest.param([[1, np.inf]], SALE, 0.1, "not_an_energy: A, C, inf", id="endless"),
        pytest.param([[1, 2]], SALE, -0.1, "not_a_price: -0.1", id="negative price"),
        pytest.param([[1, 2]], SALE, np.nan, "not_a_price: nan", id="no price"),
        pytest.param([[1, 2]], SALE, np.inf, "not_a_price: inf", id="endless price"),
        pytest.param(
            [[1, 2]], PriceModel.GIFT, 0.1, "gift_with_price: 0.1", id="gift with price"
        ),
    ],
)  # fmt: skip
def test_no_bill(
    pairs: list[list[float]],
    model: PriceModel,
    price: float | list[float],
    text: str,
) -> None:
    """Named with producer and consumer, where it is theirs."""
    eur = np.array(price) if isinstance(price, list) else price
    with pytest.raises(BillError) as error:
        bill(np.array(pairs, dtype=float), model, eur, ["A"], ["B", "C"])
    assert str(error.value).startswith(text)


def test_no_bill_for_two_of_one_name() -> None:
    """The money would go to whichever comes first."""
    for producers, consumers in ((["A"], ["B", "B"]), (["B", "B"], ["A"])):
        pairs = np.ones((len(producers), len(consumers)))
        with pytest.raises(BillError) as error:
            bill(pairs, SALE, 0.1, producers, consumers)
        assert error.value.problem is BillProblem.ID_TWICE
        assert error.value.found == "B"


def test_no_lines_of_nobody() -> None:
    """An operation without members, or without energy, owes nothing."""
    assert bill(np.zeros((0, 0)), SALE, 0.1, [], []) == Bill(SALE, ())
    assert bill(np.zeros((1, 2)), SALE, 0.1, ["A"], ["B", "C"]).lines == ()


# Laws

MICRO_EUR = st.integers(0, 500_000).map(lambda micro: micro / 1_000_000)
WHOLE_WH = st.integers(0, 50_000).map(float)


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    """Pairs of whole Wh at some steps."""
    return draw(
        arrays(np.float64, st.tuples(*[st.integers(1, 4)] * 3), elements=WHOLE_WH)
    )


def names(letter: str, count: int) -> list[str]:
    """As many ids."""
    return [f"{letter}{i}" for i in range(count)]


def bill_of(pairs: Cube | Matrix, price: float) -> Bill:
    """A sale to consumers C0, C1 ... from producers P0, P1 ..."""
    return bill(
        pairs, SALE, price, names("P", pairs.shape[-2]), names("C", pairs.shape[-1])
    )


@given(cubes(), MICRO_EUR)
def test_cents_add_up(pairs: Cube, price: float) -> None:
    """All together are the nearest cent; each amount is the exact one, up or down."""
    found = bill_of(pairs, price)
    micro = round(price * 1_000_000)
    exact = {
        (f"C{c}", f"P{p}"): int(wh) * micro / 10_000_000
        for (p, c), wh in np.ndenumerate(pairs.sum(axis=0))
    }
    whole = int(pairs.sum()) * micro
    assert found.total_cents == (2 * whole + 10_000_000) // 20_000_000
    assert sum(found.owed_cents.values()) == found.total_cents
    assert sum(found.due_cents.values()) == found.total_cents
    for line in found.lines:
        assert abs(line.cents - exact[line.consumer, line.producer]) < 1
        assert line.cents >= 0
    for consumer, cents in found.owed_cents.items():
        owes = sum(eur for (name, _), eur in exact.items() if name == consumer)
        assert abs(cents - owes) < 1 + 1e-9


@given(cubes(), MICRO_EUR, st.randoms(use_true_random=False))
def test_order_of_participants_is_irrelevant(
    pairs: Cube, price: float, random: st.random.Random
) -> None:
    """The same bill, line by line, whoever is listed first."""
    _, n_producers, n_consumers = pairs.shape
    producers = random.sample(range(n_producers), n_producers)
    consumers = random.sample(range(n_consumers), n_consumers)
    shuffled = bill(
        pairs[:, producers][:, :, consumers],
        SALE,
        price,
        [f"P{i}" for i in producers],
        [f"C{i}" for i in consumers],
    )
    assert shuffled == bill_of(pairs, price)


@given(cubes(), MICRO_EUR)
def test_steps_or_their_sum_make_the_same_bill(pairs: Cube, price: float) -> None:
    """At one price: flat, by step, and of the summed pairs."""
    n_steps, n_producers, n_consumers = pairs.shape
    by_step = bill(
        pairs,
        SALE,
        np.full(n_steps, price),
        names("P", n_producers),
        names("C", n_consumers),
    )
    assert by_step == bill_of(pairs, price) == bill_of(pairs.sum(axis=0), price)


@given(cubes(), MICRO_EUR, st.sampled_from(PriceModel))
def test_every_shared_wh_stands_in_a_line(
    pairs: Cube, price: float, model: PriceModel
) -> None:
    """Under each model; only a sale asks for money, only packs are drawn from."""
    asked = 0.0 if model is PriceModel.GIFT else price
    _, n_producers, n_consumers = pairs.shape
    found = bill(pairs, model, asked, names("P", n_producers), names("C", n_consumers))
    assert sum(line.energy_wh for line in found.lines) == pairs.sum()
    assert model is SALE or found.total_cents == 0
    drawn = sum(found.drawn_wh.values())
    assert drawn == (pairs.sum() if model is PriceModel.PREPAID else 0)


def test_cents_go_to_the_producer_furthest_behind() -> None:
    """Two equal producers and 200 consumers, 0.49 cents a line: neither gets all the cents."""
    consumers = [f"{n:03}" for n in range(200)]
    due = bill(
        np.full((2, 200), 49.0), PriceModel.SALE, 0.10, ["p", "q"], consumers
    ).due_cents
    assert due == {"p": 98, "q": 98}
