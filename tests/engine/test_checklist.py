"""What an organiser has to do by which day."""

from datetime import date

import pytest

from custom_components.autoconsommation_collective.engine.checklist import (
    Checklist,
    Duty,
    Standing,
    items,
    next_due,
)

DAYS = {Duty.TAKE_IN: 5, Duty.PUBLISH: 31}
ASKED = frozenset({Duty.TAKE_IN, Duty.CHECK, Duty.PUBLISH})
NOTHING = frozenset[Duty]()


def found(checklist: Checklist, today: date, done: frozenset[Duty] = NOTHING):
    """The items, under a key that needs no coefficients."""
    return items(checklist, lambda _: ASKED, lambda _: done, today)


def test_nothing_is_due_before_a_day_is_told() -> None:
    """An organiser who wants no list has none."""
    assert found(Checklist(), date(2026, 11, 20)) == ()


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        pytest.param(date(2026, 11, 5), Standing.DUE, id="on the day"),
        pytest.param(date(2026, 11, 6), Standing.LATE, id="the day after"),
    ],
)
def test_late_from_the_day_after(today: date, standing: Standing) -> None:
    """The day that was told is the last."""
    first = found(Checklist(DAYS, "2026-10"), today)[0]
    assert (first.duty, first.due, first.standing) == (
        Duty.TAKE_IN,
        date(2026, 11, 5),
        standing,
    )


def test_a_day_that_the_month_does_not_have_is_its_last() -> None:
    """The 31st of November."""
    published = found(Checklist(DAYS, "2026-10"), date(2026, 11, 20))[1]
    assert published.due == date(2026, 11, 30)


@pytest.mark.parametrize("by_hand", [True, False], ids=["ticked", "shows itself"])
def test_what_is_done_is_never_late(by_hand: bool) -> None:
    """Whoever says so."""
    ticked = {"2026-10": frozenset({Duty.TAKE_IN})} if by_hand else {}
    done = NOTHING if by_hand else frozenset({Duty.TAKE_IN})
    first = found(Checklist(DAYS, "2026-10", ticked), date(2026, 11, 20), done)[0]
    assert first.standing is Standing.DONE


def test_only_what_is_asked_and_has_a_day() -> None:
    """Checking has no day; coefficients are not needed."""
    days = DAYS | {Duty.COEFFICIENTS: 5}
    duties = {one.duty for one in found(Checklist(days, "2026-10"), date(2026, 11, 20))}
    assert duties == {Duty.TAKE_IN, Duty.PUBLISH}


def test_months_before_the_list_are_nobodys_duty() -> None:
    """And after a year even its own are not."""
    late = found(Checklist(DAYS, "2020-01"), date(2026, 11, 20))
    assert late[0].month == "2025-11"
    assert late[-1].month == "2026-11"
    assert found(Checklist(DAYS, "2026-11"), date(2026, 11, 20))[0].due == date(
        2026, 12, 5
    )


def test_the_next_is_the_earliest_that_is_left() -> None:
    """Late or not; none where all is done."""
    all_of = found(Checklist(DAYS, "2026-10"), date(2026, 11, 20))
    assert next_due(all_of) == all_of[0]
    assert (
        next_due(found(Checklist(DAYS, "2026-10"), date(2026, 11, 20), ASKED)) is None
    )
