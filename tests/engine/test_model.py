"""In force by local day, first and last day included."""

from datetime import date
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.model import (
    Coefficient,
    Role,
    Validity,
    in_force,
)

MARCH = Validity(date(2026, 3, 1), date(2026, 3, 31))
OPEN = Validity(date(2026, 3, 1))
PENDING = Validity(date(2026, 3, 1), pending=True)


@pytest.mark.parametrize(
    ("validity", "day", "covered"),
    [
        pytest.param(MARCH, date(2026, 2, 28), False, id="the day before"),
        pytest.param(MARCH, date(2026, 3, 1), True, id="first day"),
        pytest.param(MARCH, date(2026, 3, 31), True, id="last day"),
        pytest.param(MARCH, date(2026, 4, 1), False, id="the day after"),
        pytest.param(OPEN, date(2026, 2, 28), False, id="open: the day before"),
        pytest.param(OPEN, date(2126, 3, 1), True, id="open: a century later"),
        pytest.param(PENDING, date(2026, 3, 1), False, id="pending: first day"),
        pytest.param(PENDING, date(2126, 3, 1), False, id="pending: a century later"),
    ],
)
def test_covers(validity: Validity, day: date, covered: bool) -> None:
    """Whole days, and nothing that still waits for the grid operator."""
    assert validity.covers(day) is covered


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(st.lists(DAYS, min_size=2, max_size=6, unique=True), DAYS)
def test_back_to_back_validities_never_overlap(changes: list[date], day: date) -> None:
    """A coefficient that ends the day before the next begins: one on any day."""
    changes.sort()
    coefficients = [
        Coefficient(
            i / 10, Validity(first, date.fromordinal(following.toordinal() - 1))
        )
        for i, (first, following) in enumerate(pairwise(changes))
    ]
    within = changes[0] <= day < changes[-1]
    assert len(in_force(coefficients, day)) == int(within)


def test_in_force_keeps_the_order() -> None:
    """Of those that are in force; the others are left out."""
    first, waiting, second, over = (
        Coefficient(0.1, OPEN),
        Coefficient(0.2, PENDING),
        Coefficient(0.3, OPEN),
        Coefficient(0.4, MARCH),
    )
    in_april = in_force([first, waiting, second, over], date(2026, 4, 1))
    assert in_april == (first, second)


def test_who_produces() -> None:
    """A prosumer injects too."""
    assert [role for role in Role if role.produces] == [Role.PRODUCER, Role.PROSUMER]
