"""What an organiser has to do for each month, and by which day: done, due or late."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from .months import month_after

MONTHS_AGO: Final = 12
"""Older months are nobody's duty any more."""


class Duty(StrEnum):
    """Something to do for a month, once it is over, in the order in which it is done."""

    TAKE_IN = "take_in"
    """The grid operator's file."""
    CHECK = "check"
    COEFFICIENTS = "coefficients"
    """Send them, under a key that needs them."""
    PUBLISH = "publish"
    BILLS = "bills"


class Standing(StrEnum):
    """How a duty stands."""

    DONE = "done"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Checklist:
    """By which day of the month that follows each duty is to be done, and what was ticked."""

    days: Mapping[Duty, int] = field(default_factory=dict)
    """A duty without a day is none."""
    since: str | None = None
    """The first month it holds for; None while no day was told."""
    ticked: Mapping[str, frozenset[Duty]] = field(default_factory=dict)
    """By month what a person said is done."""


@dataclass(frozen=True, slots=True)
class Item:
    """A duty of a month."""

    month: str
    duty: Duty
    due: date
    """Last day on which it is not late."""
    standing: Standing


def items(
    checklist: Checklist,
    duties: Callable[[str], frozenset[Duty]],
    done: Callable[[str], frozenset[Duty]],
    today: date,
) -> tuple[Item, ...]:
    """The duties of months that are over, the oldest first, and those of the month in progress.

    `duties` tells which there are in a month, `done` which of them show to be done without
    anybody ticking them.
    """
    if checklist.since is None:
        return ()
    this = f"{today:%Y-%m}"
    oldest = month_after(this, -MONTHS_AGO)
    month = max(checklist.since, oldest)
    found = []
    while month <= this:
        ticked = checklist.ticked.get(month, frozenset()) | done(month)
        for duty in Duty:
            if duty in checklist.days and duty in duties(month):
                due = _due(month, checklist.days[duty])
                standing = Standing.DUE
                if duty in ticked:
                    standing = Standing.DONE
                elif due < today:
                    standing = Standing.LATE
                found.append(Item(month, duty, due, standing))
        month = month_after(month)
    return tuple(found)


def next_due(found: tuple[Item, ...]) -> Item | None:
    """What is to be done first: the earliest that is not done, also where it is late."""
    left = (one for one in found if one.standing is not Standing.DONE)
    return min(left, key=lambda one: one.due, default=None)


def _due(month: str, day: int) -> date:
    """A day of the month after; its last where it has no such day."""
    first, end = (date.fromisoformat(f"{month_after(month, n)}-01") for n in (1, 2))
    return min(first + timedelta(days=day - 1), end - timedelta(days=1))
