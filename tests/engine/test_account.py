"""What energies cost and brought in: laws of sums, vectors by hand, and what is not known."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.account import (
    Account,
    PriceKind,
    PriceUsed,
    Terms,
    account_of,
)
from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    Block,
    Quantity,
    steps,
)
from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
    CostsMissing,
    tempo_calendar,
)
from custom_components.autoconsommation_collective.engine.costs import (
    Saving,
    saving,
    step_prices,
)
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ACC_EXCISE,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    trv_peak_off_peak,
    turpe,
)
from custom_components.autoconsommation_collective.engine.tariffs import Tariff
from custom_components.autoconsommation_collective.engine.terms import (
    ConsumerTerms,
    Rate,
)

PARIS = ZoneInfo("Europe/Paris")
NIGHT = off_peak_calendar(parse_hours("22:00-06:00"))
FIRST, CHANGE = date(2025, 8, 1), date(2026, 2, 1)
MIDNIGHT = datetime(2026, 1, 30, 23, tzinfo=UTC)
"""Of 31 January in Paris: on the next day prices change."""
NETWORK = Rate(0.06, Validity(FIRST), "told")
SOLD = Price(PriceModel.SALE, 0.1, Validity(FIRST))


def tariff(first: date, last: date | None, peak: float, off_peak: float) -> Tariff:
    """HP and HC, as told for these days."""
    prices = {"HP": peak, "HC": off_peak}
    return Tariff("off_peak", NIGHT, prices, Validity(first, last), "told")


CONTRACT = Contract(
    ContractKind.OFF_PEAK,
    (
        tariff(FIRST, CHANGE - timedelta(days=1), 0.20, 0.16),
        tariff(CHANGE, None, 0.22, 0.16),
    ),
    (NETWORK,),
)
TERMS = Terms(CONTRACT, (SOLD,))

energies = st.floats(0, 5000) | st.just(math.nan)
rows = st.lists(st.tuples(energies, st.floats(0, 1)), min_size=2, max_size=60).filter(
    lambda of: not all(math.isnan(wh) for wh, _ in of)
)


def block(drawn: list[float], taken: list[float], start: datetime = MIDNIGHT) -> Block:
    """Hours from midnight on."""
    return Block(
        start,
        HOUR,
        {Quantity.CONSUMPTION: np.array(drawn), Quantity.ALLOCATED: np.array(taken)},
    )


def made(of: list[tuple[float, float]]) -> Block:
    """Hours with a part of each allocated."""
    return block([wh for wh, _ in of], [wh * part for wh, part in of])


def account(*blocks: Block, terms: Terms = TERMS) -> Account:
    """Their account in Paris."""
    return account_of(blocks, Quantity.ALLOCATED, terms, PARIS)


def told_saving(of: Account) -> Saving:
    """Its saving, which is known."""
    assert isinstance(of.saving, Saving)
    return of.saving


# Laws


@given(rows, st.data())
def test_two_halves_are_the_whole(
    of: list[tuple[float, float]], data: st.DataObject
) -> None:
    """Wherever it is cut; each class too, and the prices they rest on."""
    cut = data.draw(st.integers(1, len(of) - 1))
    whole = made(of)
    parts = [
        part
        for span in (
            (whole.start, whole.start + cut * HOUR),
            (whole.start + cut * HOUR, whole.end),
        )
        if (part := whole.cut(*span))
    ]
    one, two = account(whole), account(parts[0]) + account(parts[1])
    assert one.prices == two.prices
    for name in ("consumption_wh", "allocated_wh", "complement_eur", "operation_eur"):
        assert getattr(two, name) == pytest.approx(getattr(one, name)), name
    assert astuple(told_saving(two)) == pytest.approx(astuple(told_saving(one)))
    assert [p.price_class for p in one.classes] == [p.price_class for p in two.classes]
    for here, there in zip(one.classes, two.classes, strict=True):
        assert astuple(there)[1:] == pytest.approx(astuple(here)[1:])


@given(rows)
def test_classes_add_up(of: list[tuple[float, float]]) -> None:
    """To the supplier's cost and to what was avoided."""
    found = account(made(of))
    parts = found.classes
    assert sum(part.complement_eur or 0.0 for part in parts) == pytest.approx(
        found.complement_eur
    )
    avoided = sum(part.avoided_eur or 0.0 for part in parts)
    assert avoided == pytest.approx(told_saving(found).avoided_eur)
    assert sum(part.allocated_wh for part in parts) == pytest.approx(
        found.allocated_wh or 0.0
    )


@given(rows)
def test_what_is_saved(of: list[tuple[float, float]]) -> None:
    """What the supplier would have charged, less all that the allocated energy cost."""
    found = account(made(of))
    saved = told_saving(found)
    kwh = (found.allocated_wh or 0.0) / 1000
    assert saved.operation_eur == pytest.approx(found.operation_eur)
    assert saved.saving_eur == pytest.approx(
        saved.avoided_eur - 0.1 * kwh - 0.06 * kwh, abs=1e-9
    )


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 1)), min_size=1, max_size=48)
)
def test_as_the_costs_tell_it(of: list[tuple[float, float]]) -> None:
    """The same as by the home's full terms, where the network fee has one class."""
    told = made(of)
    terms = ConsumerTerms(
        supplier=trv_peak_off_peak(NIGHT),
        network=turpe(NetworkFormula.CUST, ONE_CLASS),
        excise=ACC_EXCISE,
        vat=VAT,
        prices=(SOLD,),
    )
    taken, drawn = (
        told.energies[q] for q in (Quantity.ALLOCATED, Quantity.CONSUMPTION)
    )
    expected = saving(
        step_prices(terms, list(steps(told)), PARIS), taken, drawn - taken, 0.0
    )
    contract = Contract(
        ContractKind.OFF_PEAK,
        trv_peak_off_peak(NIGHT),
        (Rate(1.2 * 0.0484, Validity(FIRST)),),
    )
    found = told_saving(account(told, terms=Terms(contract, (SOLD,))))
    assert astuple(found) == pytest.approx(astuple(expected))


# Vectors


def test_a_day_by_hand() -> None:
    """1 kWh at each hour of 31 January and 1 February, half of it allocated."""
    found = account(block([1000.0] * 48, [500.0] * 48))
    hc, hp = found.classes
    assert (hc.price_class, hp.price_class) == ("HC", "HP")
    assert hc.complement_eur == pytest.approx(8 * 0.16)
    assert hp.complement_eur == pytest.approx(8 * 0.20 + 8 * 0.22)
    assert found.operation_eur == pytest.approx(24 * 0.1)
    assert found.complement_wh == 24_000


def test_steps_without_an_estimate_are_not_the_suppliers() -> None:
    """Nobody knows whose they were: they are in the consumption alone."""
    found = account(block([1000.0, 1000.0], [400.0, math.nan]))
    assert (found.consumption_wh, found.allocated_wh) == (2000.0, 400.0)
    assert found.complement_wh == 600.0
    both = found + account(block([500.0], [math.nan]))
    assert (both.consumption_wh, both.complement_wh) == (2500.0, 600.0)


def test_prices_with_their_days() -> None:
    """A price that stayed the same holds since it was first told."""
    found = account(block([1000.0] * 48, [500.0] * 48))
    assert found.prices == {
        PriceUsed(PriceKind.SUPPLIER, "HC", 0.16, FIRST, "told"),
        PriceUsed(PriceKind.SUPPLIER, "HP", 0.20, FIRST, "told"),
        PriceUsed(PriceKind.SUPPLIER, "HP", 0.22, CHANGE, "told"),
        PriceUsed(PriceKind.OPERATION, "", 0.1, FIRST, "feed"),
        PriceUsed(PriceKind.NETWORK, "", 0.06, FIRST, "told"),
    }


def test_a_gift_costs_nothing_and_saves() -> None:
    """Whatever number stands beside it."""
    given_away = Terms(CONTRACT, (Price(PriceModel.GIFT, 0.5, Validity(FIRST)),))
    found = account(block([1000.0], [1000.0]), terms=given_away)
    assert found.operation_eur == 0
    assert told_saving(found).saving_eur == pytest.approx(0.16 - 0.06)


# What is not known


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        pytest.param(Terms(None, (SOLD,)), CostsMissing.NO_CONTRACT, id="no contract"),
        pytest.param(
            Terms(CONTRACT, ()), CostsMissing.NO_ACC_PRICE, id="nothing asked"
        ),
        pytest.param(
            Terms(replace(CONTRACT, supplier=CONTRACT.supplier[1:]), (SOLD,)),
            CostsMissing.NO_PRICE,
            id="of later days only",
        ),
        pytest.param(
            Terms(
                Contract(
                    ContractKind.TEMPO,
                    (
                        Tariff(
                            "",
                            tempo_calendar(parse_hours("22h-6h")),
                            {},
                            Validity(FIRST),
                        ),
                    ),
                    (NETWORK,),
                ),
                (SOLD,),
            ),
            CostsMissing.NO_PRICE,
            id="a colour nobody told",
        ),
    ],
)
def test_is_told_by_its_reason(terms: Terms, reason: CostsMissing) -> None:
    """Never as nothing, and of a longer period neither."""
    missing = account(block([1000.0], [500.0]), terms=terms)
    assert missing.saving is reason
    assert missing.allocated_wh == 500
    other = account(block([1000.0], [500.0], datetime(2026, 6, 1, tzinfo=UTC)))
    assert (missing + other).saving is reason
    assert (other + missing).saving is reason
    assert (other + missing).allocated_wh == 1000


def test_nothing_known_of_nothing() -> None:
    """Without energies there is nothing to be told of."""
    assert account() == Account()
    assert account() + account() == Account()
    drawn = Block(MIDNIGHT, HOUR, {Quantity.CONSUMPTION: np.array([700.0])})
    assert account(drawn) == Account(consumption_wh=700.0)
    assert account(drawn).complement_wh is None
    assert account(block([700.0], [math.nan])) == account(drawn)
    hole = account(injected([300.0], [math.nan]))
    assert hole == Account(production_wh=300.0)


# Producers


def injected(production: list[float], surplus: list[float]) -> Block:
    """Hours of a producer."""
    return Block(
        MIDNIGHT,
        HOUR,
        {
            Quantity.PRODUCTION: np.array(production),
            Quantity.SURPLUS: np.array(surplus),
        },
    )


def test_income() -> None:
    """What members took at the operation's price, the rest at its buyer's."""
    terms = replace(TERMS, surplus=(Rate(0.04, Validity(FIRST), "told"),))
    found = account(injected([2000.0, 0.0], [500.0, 0.0]), terms=terms)
    assert (found.production_wh, found.surplus_wh, found.shared_wh) == (2000, 500, 1500)
    assert found.shared_eur == pytest.approx(0.15)
    assert found.surplus_eur == pytest.approx(0.02)
    assert {used.kind for used in found.prices} == {
        PriceKind.OPERATION,
        PriceKind.SURPLUS,
    }


def test_income_without_the_buyers_price() -> None:
    """The shared part is known all the same."""
    found = account(injected([2000.0], [500.0]))
    assert found.shared_eur == pytest.approx(0.15)
    assert found.surplus_eur is CostsMissing.NO_SURPLUS_PRICE


# Network formulas


def with_formula(formula: NetworkFormula) -> Account:
    """A peak hour of winter, half of it allocated."""
    noon = datetime(2026, 1, 31, 11, tzinfo=UTC)
    terms = replace(TERMS, formula=formula)
    return account(block([2000.0], [1000.0], noon), terms=terms)


def test_both_formulas_by_hand() -> None:
    """MU4: 7.00 normally; 2.60 and 7.04 in an operation, and 4.47 € a year."""
    found = with_formula(NetworkFormula.MU4).formulas
    assert found is not None
    assert (found.first_day, found.last_day) == (date(2026, 1, 31), date(2026, 1, 31))
    assert found.costs.normal_eur == pytest.approx(1.2 * 2 * 0.07)
    assert found.costs.acc_eur == pytest.approx(1.2 * (0.026 + 0.0704 + 4.47 / 365))


@pytest.mark.parametrize("formula", ["CUST", "MUDT", "LU"])
def test_no_variant(formula: str) -> None:
    """Of the others there is none."""
    assert with_formula(NetworkFormula(formula)).formulas is None


def test_fees_that_are_not_known() -> None:
    """After the last known ones nothing is compared."""
    later = datetime(2026, 9, 1, 11, tzinfo=UTC)
    terms = replace(TERMS, formula=NetworkFormula.MU4)
    assert account(block([2000.0], [1000.0], later), terms=terms).formulas is None
