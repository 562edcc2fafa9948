"""Who owes whom for a month, and the coefficients of its steps."""

from datetime import date

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.keys import DynamicKey
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.organised_bills import owed
from custom_components.autoconsommation_collective.engine.organised_month import Split
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.roster import AgreedKey
from custom_components.autoconsommation_collective.engine.step_coefficients import (
    DECIMALS,
    step_coefficients,
)

from .organised_cases import (
    N_STEPS,
    PARIS,
    SINCE,
    participant,
    random_curves,
    splits_of,
)

ANNA = participant("Anna")
BEN = participant("Ben", Role.PROSUMER)
ROOF = participant("Roof", Role.PRODUCER)
ALL = (ANNA, BEN, ROOF)
SALE = (Price(PriceModel.SALE, 0.10, SINCE),)
seeds = st.integers(0, 2**32 - 1)


def shared(seed: int = 0, choice: str = "prorata") -> list[Split]:
    """A month of all of them."""
    key = (AgreedKey(choice, SINCE),)
    return splits_of(ALL, list(random_curves(ALL, seed)), key)


# Coefficients


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(["prorata", "fair", "equal_then_prorata"]))
def test_the_operator_gets_from_them_what_was_computed(seed: int, choice: str) -> None:
    """To less than a Wh, whatever the operation shares by; no step passes the whole."""
    (split,) = shared(seed, choice)
    coefficients = step_coefficients(split)
    assert (coefficients.sum(axis=1) <= 1).all()
    assert (coefficients >= 0).all()
    stretch = split.stretch
    by_operator = allocate(
        stretch.production, stretch.consumption, DynamicKey(coefficients)
    ).allocated
    most = stretch.production.sum(axis=1).max() * 10.0**-DECIMALS
    assert by_operator == pytest.approx(split.allocated, abs=most)


def test_where_nothing_is_produced_nothing_is_shared() -> None:
    """And no coefficient is infinite."""
    (split,) = shared()
    split.stretch.production[:5] = 0.0
    split.allocated[:5] = 0.0
    assert (step_coefficients(split)[:5] == 0).all()


def test_steps_with_holes_have_none() -> None:
    """The operator is told nothing that was not computed."""
    (split,) = shared()
    split.allocated[9] = np.nan
    coefficients = step_coefficients(split)
    assert np.isnan(coefficients[9]).all()
    assert np.isnan(coefficients).any(axis=1).sum() == 1


# Bills


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_every_allocated_kwh_is_paid_once(seed: int) -> None:
    """What all owe is what all are due, and what all got at that price."""
    splits = shared(seed)
    found = owed(splits, SALE, PARIS)
    energy = sum(line.energy_wh for line in found.bill.lines)
    assert energy == pytest.approx(sum(s.allocated.sum() for s in splits))
    assert found.bill.total_cents == round(energy / 1000 * 10)
    assert sum(found.bill.owed_cents.values()) == sum(found.bill.due_cents.values())
    assert found.days_without_price == ()


def test_everybody_owes_what_it_was_allocated() -> None:
    """Also where the operator tells that and no surplus, and they do not add up."""
    (split,) = shared()
    split.stretch.allocated[:] = split.allocated / 4
    found = owed([split], SALE, PARIS).bill
    for column, one in enumerate(split.stretch.consumers):
        energy = sum(ln.energy_wh for ln in found.lines if ln.consumer == one.id)
        assert energy == pytest.approx(split.allocated[:, column].sum() / 4)


def test_a_price_that_changes_holds_from_its_day() -> None:
    """The days before cost what they cost."""
    prices = (
        Price(PriceModel.SALE, 0.10, Validity(date(2025, 1, 1), date(2026, 10, 9))),
        Price(PriceModel.SALE, 0.20, Validity(date(2026, 10, 10))),
    )
    (split,) = shared()
    n = 9 * 48
    before, after = split.allocated[:n].sum(), split.allocated[n:].sum()
    cents = owed([split], prices, PARIS).bill.total_cents
    assert cents == pytest.approx((before * 10 + after * 20) / 1000, abs=1)


def test_what_is_given_is_owed_by_nobody() -> None:
    """The lines tell the energies all the same."""
    found = owed(shared(), (Price(PriceModel.GIFT, 0.0, SINCE),), PARIS).bill
    assert found.total_cents == 0
    assert sum(line.energy_wh for line in found.lines) > 0


def test_days_without_a_price_are_named() -> None:
    """Nobody is billed for them by guess."""
    prices = (Price(PriceModel.SALE, 0.10, Validity(date(2026, 10, 3))),)
    found = owed(shared(), prices, PARIS)
    assert found.days_without_price == (date(2026, 10, 1), date(2026, 10, 2))


def test_a_producer_is_due_by_what_it_gave() -> None:
    """Where one gives nothing, the other is due it all."""
    splits = shared()
    stretch = splits[0].stretch
    assert [one.id for one in stretch.producers] == [BEN.id, ROOF.id]
    stretch.production[:, 0] = 0.0
    splits[0].surplus[:, 0] = 0.0
    splits[0].surplus[:, 1] = stretch.production[:, 1] - splits[0].allocated.sum(axis=1)
    assert set(owed(splits, SALE, PARIS).bill.due_cents) == {ROOF.id}


def test_a_month_has_a_line_for_each_pair() -> None:
    """However often the price changed."""
    prices = tuple(
        Price(PriceModel.SALE, 0.1, Validity(date(2026, 10, d), date(2026, 10, d)))
        for d in range(1, 32)
    )
    lines = owed(shared(), prices, PARIS).bill.lines
    assert len(lines) == len({(line.consumer, line.producer) for line in lines}) == 4
    assert N_STEPS == 1490
