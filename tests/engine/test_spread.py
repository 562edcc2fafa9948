"""A sum laid on its steps: exact, within its limits, in proportion where nothing is full."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.spread import (
    SpreadError,
    fills,
    scaled,
    spread,
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, Energies, Energies]:
    """A sum that has room, weights, limits."""
    limits = draw(st.lists(st.integers(0, 5000), min_size=1, max_size=60))
    weights = draw(
        st.lists(
            st.just(0.0) | st.floats(1e-6, 5000.0),
            min_size=len(limits),
            max_size=len(limits),
        )
    )
    total = draw(st.integers(0, sum(limits)))
    return total, np.array(weights), np.array(limits, dtype=np.float64)


@given(cases())
def test_whole_and_exact_and_within_limits(
    case: tuple[int, Energies, Energies],
) -> None:
    """To the Wh, whatever the weights."""
    total, weights, limits = case
    found = spread(total, weights, limits)
    assert found.sum() == total
    assert (found == np.rint(found)).all()
    assert (found >= 0).all() and (found <= limits).all()


@given(cases())
def test_in_proportion_where_nothing_is_full(
    case: tuple[int, Energies, Energies],
) -> None:
    """One factor for all that are not full, within the Wh of rounding; none lower is full."""
    total, weights, limits = case
    if not fills(total, weights, limits):
        return
    found = spread(total, weights, limits)
    assert (found[weights == 0] <= 0).all()
    free = (weights > 0) & (found < limits)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = ((found + d)[free] / weights[free] for d in (-1.001, 1.001))
        if not free.any():
            return
        assert low.max() <= high.min() * (1 + 1e-9)
        full = (weights > 0) & (found == limits)
        assert (limits[full] <= high.min() * weights[full] * (1 + 1e-9) + 1.001).all()


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_steps_does_not_matter(
    case: tuple[int, Energies, Energies], dice: st.DataObject
) -> None:
    """But for the Wh that equal remainders draw."""
    total, weights, limits = case
    order = list(range(len(weights)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    one = spread(total, weights, limits)[order]
    other = spread(total, weights[order], limits[order])
    assert np.abs(one - other).max() <= 1


@given(cases(), st.floats(1e-3, 1e3))
def test_only_the_ratio_of_weights_counts(
    case: tuple[int, Energies, Energies], factor: float
) -> None:
    """An estimate that was too high everywhere is put right by the bill."""
    total, weights, limits = case
    one, other = (spread(total, w, limits) for w in (weights, weights * factor))
    assert np.abs(one - other).max() <= 1


def test_what_does_not_fit_is_refused() -> None:
    """Nobody is allocated more than it draws."""
    with pytest.raises(SpreadError) as refused:
        spread(101, np.ones(2), np.array([50.0, 50.0]))
    assert (refused.value.total_wh, refused.value.most_wh) == (101, 100)


def test_an_example() -> None:
    """The second is full; the others share what it cannot take as their weights are."""
    found = spread(100, np.array([1.0, 9.0, 3.0, 0.0]), np.array([90.0, 20, 90, 90]))
    assert found.tolist() == [20, 20, 60, 0]


@given(st.integers(0, 10**7), st.lists(st.floats(0, 1e5), min_size=1, max_size=60))
def test_scaled_is_exact(total: int, weights: list[float]) -> None:
    """Also where nothing weighs: then evenly."""
    found = scaled(total, np.array(weights))
    assert found.sum() == total
    if not any(weights):
        assert found.max() - found.min() <= 1
