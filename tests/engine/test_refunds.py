"""Refunds: expected by settlements, received as told, and what is still to come."""

from datetime import date

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.account import Account, Told
from custom_components.autoconsommation_collective.engine.contract import CostsMissing
from custom_components.autoconsommation_collective.engine.costs import Saving
from custom_components.autoconsommation_collective.engine.months import (
    Basis,
    month_after,
)
from custom_components.autoconsommation_collective.engine.price_age import PriceAge
from custom_components.autoconsommation_collective.engine.refunds import (
    Refund,
    refund_balance,
)
from custom_components.autoconsommation_collective.engine.statement import (
    StatedMonth,
    statement_of,
    statement_of_year,
)

from custom_components.autoconsommation_collective.engine.account import (  # isort: skip
    PriceKind,
    PriceUsed,
)

eur = st.floats(0, 200)


def stated(
    month: str, saved: Told[Saving], basis: Basis = Basis.SETTLED, part: float = 1.0
) -> StatedMonth:
    """A month with that saving."""
    return StatedMonth(month, basis, part, Account(allocated_wh=1.0, saving=saved))


def saving(avoided: float, operation: float = 0.0, network: float = 0.0) -> Saving:
    """What a month saved."""
    return Saving(avoided, operation, network, 0.0, 0.0, 0.0)


@given(
    st.lists(st.tuples(eur, eur), min_size=1, max_size=20), st.lists(eur, max_size=5)
)
def test_expected_less_received(
    months: list[tuple[float, float]], refunds: list[float]
) -> None:
    """Is what is still to come; what was paid to the operation is not the supplier's to refund."""
    each = [
        stated(month_after("2025-01", n), saving(avoided, 5.0, network))
        for n, (avoided, network) in enumerate(months)
    ]
    found = refund_balance(each, [Refund(date(2026, 1, 1), one) for one in refunds])
    assert found is not None
    assert found.since == "2025-01"
    assert found.expected_eur == pytest.approx(sum(a - n for a, n in months))
    assert found.received_eur == pytest.approx(sum(refunds))
    assert found.difference_eur == pytest.approx(found.expected_eur - sum(refunds))


def test_what_does_not_count() -> None:
    """Estimates, months without a price, refunds of before the first settled month."""
    months = [
        stated("2026-01", CostsMissing.NO_PRICE),
        stated("2026-02", saving(10)),
        stated("2026-03", saving(99), Basis.ESTIMATED),
        stated("2026-04", saving(99), Basis.PROVISIONAL),
    ]
    refunds = [Refund(date(2025, 12, 31), 50.0), Refund(date(2026, 1, 1), 3.0)]
    found = refund_balance(months, refunds)
    assert found is not None
    assert (found.n_months, found.n_unpriced) == (1, 1)
    assert (found.expected_eur, found.received_eur) == (10.0, 3.0)
    assert refund_balance(months[2:], refunds) is None
    assert refund_balance([], refunds) is None


def test_a_bill_is_official() -> None:
    """Its sum is refunded as any; a statement with it is as sure as that."""
    months = [stated("2026-01", saving(7), Basis.BILL), stated("2026-02", saving(3))]
    found = refund_balance(months, [])
    assert found is not None
    assert (found.since, found.expected_eur) == ("2026-01", 10.0)
    year = statement_of_year(months, "2026-02")
    assert year is not None
    assert year.basis is Basis.BILL


def test_without_a_price_nothing_is_expected() -> None:
    """And what came is not too much."""
    months = [stated("2026-01", CostsMissing.NO_PRICE)]
    found = refund_balance(months, [Refund(date(2026, 2, 1), 25.0)])
    assert found is not None
    assert found.received_eur == 25.0
    assert found.expected_eur is found.difference_eur is None


def test_statements() -> None:
    """Of a month, and of the twelve up to it: as sure as the least sure."""
    months = [
        stated("2025-03", saving(100)),
        stated("2026-02", saving(10), part=0.5),
        stated("2025-04", saving(1)),
        stated("2026-03", saving(5), Basis.ESTIMATED),
    ]
    one = statement_of(months, "2026-02")
    assert one is not None
    assert (one.basis, one.known_part) == (Basis.SETTLED, 0.5)
    year = statement_of_year(months, "2026-03")
    assert year is not None
    assert (year.first, year.last, len(year.months)) == ("2025-04", "2026-03", 3)
    assert year.basis is Basis.ESTIMATED
    assert isinstance(year.account.saving, Saving)
    assert year.account.saving.saving_eur == 16
    assert statement_of(months, "2026-04") is None
    assert statement_of_year(months, "2025-02") is None


def test_age_of_a_price_is_that_of_then() -> None:
    """On the last day of the statement, or today while that is to come."""
    statement = statement_of([stated("2026-02", saving(1))], "2026-02")
    assert statement is not None
    price = PriceUsed(PriceKind.NETWORK, "", 0.06, date(2025, 2, 20), "told")
    assert statement.age(price, date(2026, 11, 20)) is PriceAge.OLD
    assert statement.age(price, date(2026, 2, 15)) is PriceAge.RECENT
