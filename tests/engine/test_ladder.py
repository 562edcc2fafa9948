"""The price ladder: what a kWh costs by how much is drawn already."""

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.contract import StepCosts
from custom_components.autoconsommation_collective.engine.ladder import (
    Ladder,
    community_ladder,
)

N_STEPS = 4
NAN = float("nan")
ENERGIES = arrays(float, N_STEPS, elements=st.floats(0, 5000))
WIDTHS = arrays(float, (3, N_STEPS), elements=st.floats(0, 2000))
PRICES = arrays(float, (4, N_STEPS), elements=st.floats(0, 0.3))
LADDERS = st.builds(Ladder, WIDTHS, PRICES)


def costs(supplier: float | list[float], allocated: float | list[float]) -> StepCosts:
    """Of each step, or of all."""
    rows = [np.broadcast_to(np.array(row), N_STEPS) for row in (supplier, allocated)]
    return StepCosts(rows[0], rows[1], rows[0])


def rows(*values: float) -> np.ndarray:
    """The same at each step."""
    return np.repeat(np.array(values, dtype=float)[:, None], N_STEPS, axis=1)


@given(LADDERS, ENERGIES)
def test_cost_is_that_of_a_climb_wh_by_wh(ladder: Ladder, drawn: np.ndarray) -> None:
    """Each rung is filled before the next one; the last has no end."""
    found = ladder.cost_eur(drawn)
    for step in range(N_STEPS):
        bottom, eur = 0.0, 0.0
        tops = np.append(np.cumsum(ladder.widths_wh[:, step]), np.inf)
        for top, price in zip(tops, ladder.eur_per_kwh[:, step], strict=True):
            eur += max(0.0, min(drawn[step], top) - bottom) * price / 1000
            bottom = top
        assert found[step] == pytest.approx(eur, abs=1e-9)


@given(LADDERS, ENERGIES, ENERGIES)
def test_two_loads_cost_what_both_draw(
    ladder: Ladder, one: np.ndarray, other: np.ndarray
) -> None:
    """What one adds beside the other, and the other alone, is the cost of both."""
    added = ladder.added_eur(one, np.array([0.0, 700.0]))
    assert added[0] == pytest.approx(0)
    both = ladder.cost_eur(one + 700)
    assert added[1] + ladder.cost_eur(one) == pytest.approx(both, abs=1e-9)
    each = np.stack((one, other))
    assert ladder.cost_eur(each)[1] == pytest.approx(ladder.cost_eur(other))


@given(LADDERS, ENERGIES)
def test_covered_is_below_the_suppliers_rung(ladder: Ladder, drawn: np.ndarray) -> None:
    """Nothing of it is bought, all beyond is."""
    covered = ladder.covered_wh(drawn)
    free = Ladder(ladder.widths_wh, np.zeros((4, N_STEPS)))
    free.eur_per_kwh[-1] = 1
    assert free.cost_eur(drawn) * 1000 == pytest.approx(drawn - covered, abs=1e-6)


@given(LADDERS, ENERGIES, st.integers(0, 3), st.integers(1, 4))
def test_part_costs_the_same(
    ladder: Ladder, drawn: np.ndarray, first: int, after: int
) -> None:
    """Of the steps that it holds."""
    part = ladder.part(first, max(first, after))
    assert part.n_steps == max(first, after) - first
    held = slice(first, max(first, after))
    assert part.cost_eur(drawn[held]) == pytest.approx(ladder.cost_eur(drawn)[held])


@given(
    arrays(float, (3, N_STEPS), elements=st.floats(0, 3000) | st.just(NAN)),
    st.floats(0.05, 0.25),
    st.floats(0.05, 0.25),
)
def test_a_home_counts_on_its_own_part_and_no_more(
    share: np.ndarray, supplier: float, allocated: float
) -> None:
    """Rungs hold the largest amount told; prices lie between the two, dearer by chance."""
    ladder = community_ladder(
        costs(supplier, allocated), np.sort(share, axis=0), rows(0.9, 0.5, 0.1)
    )
    most = np.nan_to_num(share).max(axis=0)
    assert ladder.widths_wh.sum(axis=0) == pytest.approx(most)
    assert (ladder.widths_wh >= 0).all()
    low, high = sorted((supplier, allocated))
    assert (ladder.eur_per_kwh >= low - 1e-12).all()
    assert (ladder.eur_per_kwh <= high + 1e-12).all()
    rises = np.diff(ladder.eur_per_kwh, axis=0)
    assert (rises >= -1e-12).all() if allocated <= supplier else (rises <= 1e-12).all()


def test_own_surplus_comes_first_at_what_its_injection_earns() -> None:
    """Then the share by its chances, then the supplier."""
    ladder = community_ladder(
        costs(0.2, 0.1), rows(500, 800), rows(1, 0.5), rows(300)[0], 0.04
    )
    assert ladder.widths_wh[:, 0].tolist() == [300, 500, 300]
    assert ladder.eur_per_kwh[:, 0] == pytest.approx([0.04, 0.1, 0.15, 0.2])
    assert ladder.cost_eur(np.full(N_STEPS, 1200.0))[0] == pytest.approx(
        0.3 * 0.04 + 0.5 * 0.1 + 0.3 * 0.15 + 0.1 * 0.2
    )


def test_a_price_that_nobody_knows_is_the_dearest() -> None:
    """And what is allocated then counts as bought."""
    ladder = community_ladder(
        costs([0.1, NAN, 0.2, 0.1], [0.05, 0.05, NAN, 0.05]), rows(500), rows(1)
    )
    assert ladder.eur_per_kwh.tolist() == [
        [0.05, 0.05, 0.2, 0.05],
        [0.1, 0.2, 0.2, 0.1],
    ]
