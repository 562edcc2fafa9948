"""A month on paper: sums that add up, days with their price, and what only some may read."""

from datetime import date

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.organised_bills import owed
from custom_components.autoconsommation_collective.engine.organised_pages import (
    member_pages,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    Participant,
    Roster,
    Solidarity,
)
from custom_components.autoconsommation_collective.engine.statements import (
    Statement,
    priced_days,
    statements,
    whole_lines,
)

from .organised_cases import (
    IN_NEED,
    MONTH,
    PARIS,
    SINCE,
    STEP,
    participant,
    random_curves,
    splits_of as shared,
)

ANNA = participant("Anna", key_parts=IN_NEED)
BEN = participant("Ben", Role.PROSUMER)
CLEO = participant("Cleo")
ROOF = participant("Roof", Role.PRODUCER)
ALL = (ANNA, BEN, CLEO, ROOF)
SALE = Price(PriceModel.SALE, 0.0873, SINCE)
seeds = st.integers(0, 2**32 - 1)


def of_month(
    seed: int = 0,
    solidarity: Solidarity | None = None,
    people: tuple[Participant, ...] = ALL,
    prices: tuple[Price, ...] = (SALE,),
) -> dict[str, Statement]:
    """Everybody's statement."""
    keys = (AgreedKey("prorata", SINCE, solidarity, 0.2 if solidarity else 0.0),)
    roster = Roster("Loop", None, PARIS.key, STEP, keys, prices, participants=people)
    splits = shared(people, list(random_curves(people, seed)), keys)
    found = statements(MONTH, roster, splits, member_pages(MONTH, splits), PARIS)
    return {one.participant.name: one for one in found}


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_lines_add_up(seed: int) -> None:
    """Wh of a consumer's lines are what it was allocated; each cent owed is due to somebody."""
    found = of_month(seed).values()
    for one in found:
        if one.participant.consumes:
            assert sum(line.energy_wh for line in one.owes) == one.allocated_wh
        assert {line.consumer for line in one.owes} <= {one.participant.id}
        assert {line.producer for line in one.due} <= {one.participant.id}
    owes = [line for one in found for line in one.owes]
    due = [line for one in found for line in one.due]
    assert sorted(owes, key=str) == sorted(due, key=str)
    whole = sum((one.allocated_wh or 0) for one in found) / 1000
    assert sum(line.cents for line in owes) == round(whole * 8.73)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_whole_lines_keep_the_cents(seed: int) -> None:
    """And each line is moved by less than a Wh."""
    keys = (AgreedKey("prorata", SINCE),)
    bill = owed(shared(ALL, list(random_curves(ALL, seed)), keys), (SALE,), PARIS).bill
    for before, after in zip(bill.lines, whole_lines(bill), strict=True):
        assert abs(before.energy_wh - after.energy_wh) < 1
        assert after.energy_wh == int(after.energy_wh)
        assert (before.consumer, before.cents) == (after.consumer, after.cents)


def test_each_side_has_its_energies() -> None:
    """A producer consumes nothing here, a consumer injects nothing; all is known."""
    found = of_month()
    assert found["Roof"].consumption_wh is found["Anna"].production_wh is None
    assert found["Ben"].consumption_wh is not None
    assert found["Ben"].production_wh is not None
    assert {one.is_whole for one in found.values()} == {True}
    assert {one.quality for one in found.values()} == {Quality.PROVISIONAL}


@pytest.mark.parametrize("solidarity", list(Solidarity))
def test_only_those_in_need_are_told_what_was_served_first(
    solidarity: Solidarity,
) -> None:
    """All of it under rank 0; a donated part at most under a gift."""
    found = of_month(solidarity=solidarity)
    served = found["Anna"].served_first_wh
    assert served
    assert [found[n].served_first_wh for n in ("Ben", "Cleo", "Roof")] == [None] * 3
    if solidarity is Solidarity.FIRST:
        assert served == found["Anna"].allocated_wh
    else:
        given = 0.2 * sum(one.production_wh or 0 for one in found.values())
        assert served <= min(given, found["Anna"].allocated_wh or 0)


def test_without_solidarity_nobody_is_served_first() -> None:
    """Not even whoever would be under another key."""
    assert of_month()["Anna"].served_first_wh is None


def test_nothing_is_owed_for_a_gift() -> None:
    """No lines of zero."""
    gift = of_month(prices=(Price(PriceModel.GIFT, 0.0, SINCE),))
    assert {line for one in gift.values() for line in one.owes + one.due} == set()


def test_days_by_their_price() -> None:
    """A change in the month, and days with none or with two."""
    first = Price(PriceModel.SALE, 0.1, Validity(date(2026, 10, 3), date(2026, 10, 15)))
    second = Price(PriceModel.SALE, 0.2, Validity(date(2026, 10, 16)))
    other = Price(
        PriceModel.SALE, 0.3, Validity(date(2026, 10, 30), date(2026, 10, 31))
    )
    found = priced_days(MONTH, (first, second, other), PARIS)
    assert [(one.price, one.first.day, one.last.day) for one in found] == [
        (None, 1, 2),
        (first, 3, 15),
        (second, 16, 29),
        (None, 30, 31),
    ]


def test_a_hole_is_said() -> None:
    """The sums are of the steps that are known."""
    curves = list(random_curves(ALL))
    energies = next(iter(curves[2].blocks[0].energies.values()))
    energies[7] = np.nan
    keys = (AgreedKey("prorata", SINCE),)
    roster = Roster("Loop", None, PARIS.key, STEP, keys, participants=ALL)
    splits = shared(ALL, curves, keys)
    found = statements(MONTH, roster, splits, member_pages(MONTH, splits), PARIS)
    assert [one.is_whole for one in found] == [False] * 4
