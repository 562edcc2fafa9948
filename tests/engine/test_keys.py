"""Coefficients made from what members agreed on."""

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.keys import (
    coefficients_in_proportion,
    equal_coefficients,
)


@pytest.mark.parametrize(
    ("n_consumers", "coefficients"),
    [(0, ()), (1, (1.0,)), (4, (0.25, 0.25, 0.25, 0.25))],
)
def test_equal_coefficients(n_consumers: int, coefficients: tuple[float, ...]) -> None:
    """Fixe égalitaire: one over the number of consumers, and none for nobody."""
    assert equal_coefficients(n_consumers) == coefficients


@pytest.mark.parametrize(
    ("amounts", "coefficients"),
    [
        pytest.param((), (), id="nobody"),
        pytest.param((0, 0), (0.0, 0.0), id="nothing invested"),
        pytest.param((3000,), (1.0,), id="one investor"),
        pytest.param((3000, 1000, 0), (0.75, 0.25, 0.0), id="one did not invest"),
        pytest.param((0.5, 1.5), (0.25, 0.75), id="in thousands"),
    ],
)
def test_coefficients_in_proportion(
    amounts: tuple[float, ...], coefficients: tuple[float, ...]
) -> None:
    """A member's part of the sum."""
    assert coefficients_in_proportion(amounts) == coefficients


@given(st.lists(st.integers(0, 10**7), min_size=1).filter(any))
def test_coefficients_add_up_to_one_in_the_order_of_the_amounts(
    amounts: list[int],
) -> None:
    """Who holds more has more; all of the production is given away."""
    coefficients = coefficients_in_proportion(amounts)
    assert sum(coefficients) == pytest.approx(1, rel=1e-12)
    assert sorted(coefficients) == [
        coefficient
        for _, coefficient in sorted(zip(amounts, coefficients, strict=True))
    ]
