"""How an organiser's list changes."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, strategies as st

from custom_components.autoconsommation_collective.engine.model import (
    Validity,
    in_force,
)
from custom_components.autoconsommation_collective.engine.organised_month import (
    split,
    stretches,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    KeyPart,
    RosterProblem,
)
from custom_components.autoconsommation_collective.engine.roster_changes import (
    from_then_on,
    table_taken,
    with_stretch,
)

from .organised_cases import MONTH, PARIS, SINCE, STEP, participant, random_curves

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))


@given(st.lists(DAYS, min_size=1, max_size=6), DAYS)
def test_on_each_day_the_last_that_was_told_counts(days: list[date], day: date) -> None:
    """Never two, and of the days before the new one nothing changes."""
    items: tuple[AgreedKey, ...] = ()
    for n, first in enumerate(days):
        before = items
        items = from_then_on(items, AgreedKey(f"{n}", Validity(first)))
        for any_day in (day, first - timedelta(days=1)):
            if any_day < first:
                names = [key.choice for key in in_force(items, any_day)]
                assert names == [key.choice for key in in_force(before, any_day)]
            else:
                assert [k.choice for k in in_force(items, any_day)] == [f"{n}"]


def test_who_comes_back_has_one_more_stretch() -> None:
    """The first stays as it was."""
    first = Validity(date(2025, 1, 1), date(2026, 6, 30))
    back = Validity(date(2026, 9, 1))
    assert with_stretch((first,), back) == (first, back)


def test_other_dates_change_the_last_stretch() -> None:
    """As a leaving, or a first day that was wrong."""
    first, last = Validity(FIRST, date(2026, 3, 1)), Validity(date(2026, 9, 1))
    left = replace(last, last_day=date(2026, 11, 30))
    assert with_stretch((first, last), left) == (first, left)
    assert with_stretch((), left) == (left,)
    # A first day within an earlier stretch takes its place.
    whole = Validity(date(2026, 2, 1))
    assert with_stretch((first, last), whole) == (whole,)


def test_a_table_keeps_those_it_does_not_have() -> None:
    """And tells who is new, and of whom something else is true."""
    anna, ben, cleo = (participant(name) for name in ("anna", "ben", "cleo"))
    renamed = replace(ben, name="Benoît")
    taken = table_taken([anna, ben], [cleo, renamed])
    assert (taken.new, taken.changed, taken.gone) == ((cleo,), (renamed,), (anna,))
    assert taken.participants == (anna, renamed, cleo)


def test_parts_that_are_missing_or_too_large_are_a_problem_of_their_days() -> None:
    """Nothing fails: the month is told, but for who gets what."""
    keys = (AgreedKey("static", SINCE),)
    for coefficients, problem in (
        ((0.5, None), RosterProblem.PART_MISSING),
        ((0.6, 0.6), RosterProblem.PARTS_NOT_POSSIBLE),
    ):
        people = [
            participant(name, key_parts=(KeyPart(SINCE, coefficient=c),) if c else ())
            for name, c in zip(("anna", "ben"), coefficients, strict=True)
        ]
        curves = list(random_curves(people))
        (found,) = stretches(MONTH, people, keys, curves, STEP, PARIS)
        assert split(found).stretch.key is problem
