"""What is shown of an operation to its organiser: counts, months, what is due, what is odd."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..engine.checklist import Duty, Item, Standing, items, next_due
from ..engine.model import KeyType, in_force
from ..engine.months import month_after
from ..engine.organised_month import days_of_month
from ..engine.organised_report import MonthReport
from ..engine.roster import Roster, RosterError, agreed_key, key_of, members_on
from ..engine.study import StudyError
from .books import Books


class Odd(StrEnum):
    """Why somebody should look."""

    LATE = "late"
    """A duty is."""
    MONTH = "month"
    """The last month is not complete, or its figures differ."""
    KEY = "key"
    """Nobody can tell today who gets what."""
    NOT_PUBLISHED = "not_published"
    """The folder could not be written."""


@dataclass(frozen=True, slots=True)
class OrganiserView:
    """An operation as its organiser sees it, on a day."""

    today: date
    n_members: int
    """Delivery points that take part today."""
    n_producers: int
    n_agreed: int
    """Of whom documents may be published today."""
    n_invited: int
    months: Mapping[str, MonthReport]
    """The last ones, the oldest first."""
    items: tuple[Item, ...]
    published_at: datetime | None
    published_month: str | None
    """The last of which anything lies there."""
    unpublished: frozenset[str]
    """Months that changed since."""
    odd: tuple[Odd, ...]

    @property
    def last(self) -> MonthReport | None:
        """The last month of which it is known what was shared."""
        known = (one for one in self.months.values() if one.tally is not None)
        return max(known, key=lambda one: one.month, default=None)

    @property
    def next(self) -> Item | None:
        """What is to be done first."""
        return next_due(self.items)

    @property
    def late(self) -> tuple[Item, ...]:
        """What should have been done."""
        return tuple(one for one in self.items if one.standing is Standing.LATE)


def view_of(books: Books, today: date, *, is_refused: bool) -> OrganiserView:
    """The operation on a local day; `is_refused` where the folder could not be written."""
    roster, publishing = books.roster, books.publishing
    taking_part = members_on(roster.participants, today)
    found = items(
        books.settings.checklist,
        lambda month: duties_of(books, month),
        lambda month: done_in(books, month),
        today,
    )
    months = dict(sorted(books.reports.items()))
    last = months[max(months)] if months else None
    odd = {
        Odd.LATE: any(one.standing is Standing.LATE for one in found),
        Odd.MONTH: last is not None and not last.is_complete,
        Odd.KEY: bool(taking_part) and key_problem(roster, today) is not None,
        Odd.NOT_PUBLISHED: is_refused,
    }
    return OrganiserView(
        today=today,
        n_members=len(taking_part),
        n_producers=sum(one.role.produces for one in taking_part),
        n_agreed=sum(one.agrees(today) for one in taking_part),
        n_invited=len(books.keys),
        months=months,
        items=found,
        published_at=publishing.at,
        published_month=max(
            (
                month
                for held in publishing.stamps.months.values()
                for month, stamp in held.items()
                if stamp.file
            ),
            default=None,
        ),
        unpublished=publishing.due,
        odd=tuple(which for which, is_so in odd.items() if is_so),
    )


def duties_of(books: Books, month: str) -> frozenset[Duty]:
    """What is to be done for a month: coefficients only under a key that needs them."""
    days = days_of_month(month, books.time_zone)
    keys = {key for day in days for key in in_force(books.roster.keys, day)}
    needs = {KeyType.SIMPLE_DYNAMIC, KeyType.FULL_DYNAMIC, KeyType.OTHER}
    asked = frozenset(Duty)
    if books.settings.folder is None:
        asked -= {Duty.PUBLISH}
    return asked if any(k.type in needs for k in keys) else asked - {Duty.COEFFICIENTS}


def done_in(books: Books, month: str) -> frozenset[Duty]:
    """What shows to be done without anybody saying so."""
    report = books.reports.get(month)
    if report is None:
        return frozenset()
    shown = {
        Duty.TAKE_IN: True,
        Duty.CHECK: report.is_complete,
        Duty.PUBLISH: month not in books.publishing.due,
    }
    return frozenset(duty for duty, is_done in shown.items() if is_done)


def key_problem(roster: Roster, day: date) -> RosterError | StudyError | None:
    """Why nobody can tell who gets what on a day; None where everybody can.

    A key that only the grid operator can compute is no problem.
    """
    consumers = [one for one in members_on(roster.participants, day) if one.consumes]
    try:
        agreed = agreed_key(roster.keys, day)
        if agreed.type is not KeyType.OTHER:
            key_of(agreed, consumers, day)
    except (RosterError, StudyError) as error:
        return error
    return None


def month_before(today: date) -> str:
    """The month that is over."""
    return month_after(f"{today:%Y-%m}", -1)
