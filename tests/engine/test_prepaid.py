"""Packs of kWh: what is left, how long it lasts, and that none of it is free."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.costs import step_prices
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.prepaid import (
    Pack,
    PrepaidAccount,
    PrepaidTerms,
    Purchase,
    WhenUsedUp,
    days_left,
    part_of_maximum,
    prepaid_account,
    price_of_next_kwh,
    usual_pack_kwh,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ACC_EXCISE,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    trv_base,
    turpe,
)
from custom_components.autoconsommation_collective.engine.terms import (
    AtSupplierPrice,
    ConsumerTerms,
    CostError,
)

TODAY = Validity(date(2026, 3, 1))
NEXT = Pack(kwh=500, eur=60)
PURCHASES = (
    Purchase(Pack(kwh=400, eur=40), date(2026, 1, 1)),
    Purchase(Pack(kwh=500, eur=55), date(2026, 2, 1)),
    Purchase(Pack(kwh=500, eur=60), date(2026, 3, 1)),
)


@pytest.mark.parametrize(
    ("day", "bought_kwh", "paid_eur", "balance_kwh"),
    [
        pytest.param("2025-12-31", 0, 0, -450, id="before the first pack"),
        pytest.param("2026-01-31", 400, 40, -50, id="overdrawn"),
        pytest.param("2026-02-01", 900, 95, 450, id="on the day of a purchase"),
        pytest.param("2026-03-01", 1400, 155, 950, id="all bought"),
    ],
)
def test_account(
    day: str, bought_kwh: float, paid_eur: float, balance_kwh: float
) -> None:
    """Packs count from the day they were bought; a debt is shown."""
    account = prepaid_account(PURCHASES, 450, date.fromisoformat(day))
    assert account.bought_kwh == bought_kwh
    assert account.paid_eur == paid_eur
    assert account.consumed_kwh == 450
    assert account.balance_kwh == balance_kwh


@pytest.mark.parametrize(
    ("balance_kwh", "kwh_per_day", "days"),
    [
        pytest.param(90, 4, 22.5, id="three weeks"),
        pytest.param(0, 4, 0, id="used up"),
        pytest.param(-10, 4, 0, id="overdrawn"),
        pytest.param(90, 0, None, id="nothing is used"),
    ],
)
def test_days_left(balance_kwh: float, kwh_per_day: float, days: float | None) -> None:
    """At the recent daily use; never a day that is past."""
    assert days_left(PrepaidAccount(balance_kwh, 0, 0), kwh_per_day) == days


@pytest.mark.parametrize(
    ("maximum_kwh", "part"), [(1200, 0.75), (600, 1.5), (None, None), (0, None)]
)
def test_part_of_the_maximum(maximum_kwh: float | None, part: float | None) -> None:
    """Of what was drawn, not of what was bought; beyond 1 where it was passed."""
    terms = PrepaidTerms(NEXT, maximum_kwh)
    assert part_of_maximum(PrepaidAccount(1000, 100, 900), terms) == part


@pytest.mark.parametrize(
    ("consumed_kwh", "rule", "eur"),
    [
        pytest.param(
            899, WhenUsedUp.SUPPLIER, 0.12, id="of the next pack, not the last"
        ),
        pytest.param(899, WhenUsedUp.UNKNOWN, 0.12, id="rule not needed yet"),
        pytest.param(900, WhenUsedUp.NEXT_PACK, 0.12, id="used up: next pack"),
        pytest.param(900, WhenUsedUp.SUPPLIER, None, id="used up: supplier"),
        pytest.param(900, WhenUsedUp.UNKNOWN, None, id="used up: nobody said"),
        pytest.param(950, WhenUsedUp.UNKNOWN, None, id="overdrawn"),
    ],
)
def test_next_kwh_of_a_pack(
    consumed_kwh: float, rule: WhenUsedUp, eur: float | None
) -> None:
    """60 € for 500 kWh are 0.12 €; without a balance, as the organiser says."""
    account = PrepaidAccount(900, 95, consumed_kwh)
    price = price_of_next_kwh(account, PrepaidTerms(NEXT, when_used_up=rule), TODAY)
    assert price == (
        AtSupplierPrice(TODAY) if eur is None else Price(PriceModel.PREPAID, eur, TODAY)
    )


@pytest.mark.parametrize(
    ("maximum_kwh", "rule", "eur"),
    [
        pytest.param(801, WhenUsedUp.SUPPLIER, 0.12, id="below"),
        pytest.param(800, WhenUsedUp.SUPPLIER, None, id="reached"),
        pytest.param(700, WhenUsedUp.UNKNOWN, None, id="passed"),
        pytest.param(800, WhenUsedUp.NEXT_PACK, 0.12, id="reached, goes on"),
    ],
)
def test_next_kwh_at_the_maximum(
    maximum_kwh: float, rule: WhenUsedUp, eur: float | None
) -> None:
    """The contract's maximum ends the pack's price, though there is a balance."""
    terms = PrepaidTerms(NEXT, maximum_kwh, rule)
    price = price_of_next_kwh(PrepaidAccount(900, 95, 800), terms, TODAY)
    assert price == (
        AtSupplierPrice(TODAY) if eur is None else Price(PriceModel.PREPAID, eur, TODAY)
    )


@pytest.mark.parametrize(
    "pack",
    [Pack(500, 0), Pack(0, 60), Pack(500, float("nan")), Pack(float("inf"), 60)],
    ids=["free", "empty", "no number", "endless"],
)
def test_no_pack_is_free(pack: Pack) -> None:
    """A price of nothing would make every load worth running."""
    with pytest.raises(CostError, match="not_a_pack: next_pack"):
        price_of_next_kwh(PrepaidAccount(900, 95, 0), PrepaidTerms(pack), TODAY)


KWH = st.floats(0, 1e5)


@given(KWH, KWH, st.none() | KWH, st.sampled_from(WhenUsedUp))
def test_a_prepaid_kwh_always_costs(
    bought: float, consumed: float, maximum: float | None, rule: WhenUsedUp
) -> None:
    """Whatever was bought and drawn: more than the way to the home, at most the supplier."""
    price = price_of_next_kwh(
        PrepaidAccount(bought, bought / 10, consumed),
        PrepaidTerms(NEXT, maximum, rule),
        TODAY,
    )
    terms = ConsumerTerms(
        supplier=trv_base(6),
        network=turpe(NetworkFormula.CUST, ONE_CLASS),
        excise=ACC_EXCISE,
        vat=VAT,
        prices=(price,),
    )
    noon = datetime(2026, 3, 1, 11, tzinfo=UTC)
    prices = step_prices(terms, [noon], ZoneInfo("Europe/Paris"))
    assert prices.operation[0] >= 0.12
    assert prices.allocated[0] <= prices.supplier[0] + 1e-12


def test_usual_pack() -> None:
    """30 % of 3,000 kWh."""
    assert usual_pack_kwh(3000) == pytest.approx(900)
