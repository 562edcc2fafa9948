"""Dated terms: one a day, or an error that names what is missing; yearly fees by the day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.terms import (
    CostError,
    Fee,
    Rate,
    asked_eur_per_kwh,
    local_days,
    on_days,
    rates_by_day,
    yearly_eur,
)

SINCE_2024 = Validity(date(2024, 1, 1))
FIRST_HALF = Validity(date(2026, 1, 1), date(2026, 6, 30))
SECOND_HALF = Validity(date(2026, 7, 1))


def days(first: str, n_days: int) -> list[date]:
    """Consecutive days."""
    start = date.fromisoformat(first)
    return [start + timedelta(days=i) for i in range(n_days)]


def test_rates_change_on_their_day() -> None:
    """In the order of the days, whatever the order of the rates."""
    rates = [Rate(0.055, SECOND_HALF), Rate(0.2, FIRST_HALF)]
    assert rates_by_day("vat", rates, days("2026-06-30", 2)).tolist() == [0.2, 0.055]
    assert rates_by_day("vat", [], []).tolist() == []


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        pytest.param([], "not_known: vat, 2026-06-30", id="none"),
        pytest.param([Rate(0.2, FIRST_HALF)], "not_known: vat, 2026-07-01", id="ended"),
        pytest.param(
            [Rate(0.2, FIRST_HALF), Rate(0.2, SINCE_2024)],
            "two_in_force: vat, 2026-06-30",
            id="two, though alike",
        ),
        pytest.param(
            [Rate(0.2, FIRST_HALF), Rate(float("nan"), SECOND_HALF)],
            "not_known: vat, 2026-07-01, nan",
            id="no number",
        ),
        pytest.param(
            [Rate(0.2, FIRST_HALF), Rate(float("inf"), SECOND_HALF)],
            "not_known: vat, 2026-07-01, inf",
            id="endless",
        ),
    ],
)
def test_no_rate(rates: list[Rate], text: str) -> None:
    """Named with the first day that lacks it."""
    with pytest.raises(CostError) as error:
        rates_by_day("vat", rates, days("2026-06-30", 2))
    assert str(error.value) == text


def test_what_is_pending_is_not_in_force() -> None:
    """A price that waits for the grid operator is no price yet."""
    pending = Rate(0.1, Validity(date(2026, 1, 1), pending=True))
    with pytest.raises(CostError, match="not_known: prices, 2026-06-30"):
        on_days("prices", [pending], days("2026-06-30", 1))


@pytest.mark.parametrize(
    ("first", "n_days"),
    [
        pytest.param("2026-01-01", 365, id="common year"),
        pytest.param("2024-01-01", 366, id="leap year"),
    ],
)
def test_a_year_costs_the_yearly_fees(first: str, n_days: int) -> None:
    """To the cent, with every fee that is in force."""
    fees = [
        Fee(10.0, SINCE_2024),
        Fee(2.5, SINCE_2024),
        Fee(99.0, Validity(date(2099, 1, 1))),
    ]
    assert yearly_eur(fees, days(first, n_days)) == pytest.approx(12.5)


def test_a_fee_counts_on_its_days_alone() -> None:
    """One that ends on 30 June: a single day of the two."""
    assert yearly_eur([Fee(73.0, FIRST_HALF)], days("2026-06-30", 2)) == 0.2
    assert yearly_eur([], days("2026-06-30", 2)) == 0


def test_a_fee_that_is_no_number() -> None:
    """It would make a sum of nothing out of all the others."""
    with pytest.raises(CostError, match="not_known: fees, 2026-06-30, nan"):
        yearly_eur([Fee(float("nan"), FIRST_HALF)], days("2026-06-30", 1))


@pytest.mark.parametrize("model", PriceModel)
def test_asked(model: PriceModel) -> None:
    """What the document says, but that a gift has no price."""
    assert asked_eur_per_kwh(Price(model, 0.0, SINCE_2024), date(2026, 1, 1)) == 0
    price = Price(model, 0.1, SINCE_2024)
    if model is PriceModel.GIFT:
        with pytest.raises(CostError, match="gift_with_price: prices, 2026-01-01, 0.1"):
            asked_eur_per_kwh(price, date(2026, 1, 1))
    else:
        assert asked_eur_per_kwh(price, date(2026, 1, 1)) == 0.1


def test_local_days_of_steps() -> None:
    """A UTC evening is the next day in summer."""
    steps = [datetime(2026, 7, 1, hour, tzinfo=UTC) for hour in (21, 22)]
    assert local_days(steps, ZoneInfo("Europe/Paris")) == days("2026-07-01", 2)
