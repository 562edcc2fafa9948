"""What a producer earns from members and from the buyer of the rest."""

from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.income import (
    SellingPrices,
    income,
    selling_prices,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.terms import (
    CostError,
    ProducerTerms,
    Rate,
)

PARIS = ZoneInfo("Europe/Paris")
MARCH = Validity(date(2026, 3, 1), date(2026, 3, 31))
APRIL = Validity(date(2026, 4, 1), date(2026, 4, 30))
TERMS = ProducerTerms(
    prices=(Price(PriceModel.SALE, 0.12, MARCH), Price(PriceModel.GIFT, 0.0, APRIL)),
    surplus_prices=(Rate(0.04, MARCH), Rate(0.05, APRIL)),
)
MIDNIGHT = datetime(2026, 3, 31, 22, tzinfo=UTC)
STEPS = [MIDNIGHT - timedelta(hours=1), MIDNIGHT]


def test_income_of_two_hours() -> None:
    """March sells 3 kWh at 0.12 and 1 at 0.04; April gives 2 and sells 5 at 0.05."""
    prices = selling_prices(TERMS, STEPS, PARIS)
    earned = income(prices, np.array([3000.0, 2000.0]), np.array([1000.0, 5000.0]), 0.1)
    assert earned.operation_eur == pytest.approx(0.36)
    assert earned.surplus_eur == pytest.approx(0.04 + 0.25)
    assert earned.income_eur == pytest.approx(0.36 + 0.29 - 0.1)


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        pytest.param(ProducerTerms((), TERMS.surplus_prices), "prices", id="no price"),
        pytest.param(ProducerTerms(TERMS.prices, ()), "surplus_prices", id="no buyer"),
    ],
)
def test_no_income_without_a_price(terms: ProducerTerms, what: str) -> None:
    """Who sells to nobody says so with a price of zero."""
    with pytest.raises(CostError, match=f"not_known: {what}, 2026-03-31"):
        selling_prices(terms, STEPS, PARIS)


@pytest.mark.parametrize(
    ("allocated", "surplus", "text"),
    [
        pytest.param([1.0], [1.0, 1.0], "steps_differ: allocated", id="one too few"),
        pytest.param([1.0, 1.0], [1.0, np.nan], "hole: surplus, step 1", id="hole"),
    ],
)
def test_no_income_of_what_is_no_energy(
    allocated: list[float], surplus: list[float], text: str
) -> None:
    """As for consumers."""
    prices = selling_prices(TERMS, STEPS, PARIS)
    with pytest.raises(CostError, match=text):
        income(prices, np.array(allocated), np.array(surplus), 0.0)


CURVES = arrays(np.float64, 4, elements=st.floats(0, 1e6))


@given(CURVES, CURVES, CURVES, CURVES, st.integers(0, 4))
def test_incomes_add_up(
    asked: Energies, bought: Energies, allocated: Energies, surplus: Energies, at: int
) -> None:
    """Two parts of a period bring what the whole brings."""
    first, second = (
        income(
            SellingPrices(asked[rows], bought[rows]),
            allocated[rows],
            surplus[rows],
            fees,
        )
        for rows, fees in ((slice(at), 1.0), (slice(at, None), 2.0))
    )
    whole = income(SellingPrices(asked, bought), allocated, surplus, 3.0)
    assert astuple(first + second) == pytest.approx(astuple(whole))
