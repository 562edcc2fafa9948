"""A member's statement: a month or a year of energies and money, and how sure they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .account import Account, PriceUsed
from .months import MONTHS_IN_YEAR, Basis, month_after
from .price_age import PriceAge, age_since

SURENESS: Final = (Basis.SETTLED, Basis.BILL, Basis.PROVISIONAL, Basis.ESTIMATED)
"""The surest first."""


@dataclass(frozen=True, slots=True)
class StatedMonth:
    """A month of a home with its account."""

    month: str
    """Local calendar month, YYYY-MM."""
    basis: Basis
    known_part: float
    """Part of the month, as far as it has passed, that the numbers are the sum of, in [0, 1]."""
    account: Account


@dataclass(frozen=True, slots=True)
class Statement:
    """Consecutive months of a home, those of which something is known, and their sum."""

    first: str
    last: str
    months: tuple[StatedMonth, ...]

    @property
    def account(self) -> Account:
        """All months together."""
        return sum((month.account for month in self.months), Account())

    @property
    def basis(self) -> Basis:
        """As sure as its least sure month."""
        return max((month.basis for month in self.months), key=SURENESS.index)

    @property
    def known_part(self) -> float:
        """Of its months, those that are missing not counted."""
        return sum(month.known_part for month in self.months) / len(self.months)

    @property
    def last_day(self) -> date:
        """Of its last month."""
        return date.fromisoformat(f"{month_after(self.last)}-01") - timedelta(days=1)

    def age(self, price: PriceUsed, today: date) -> PriceAge:
        """How old a price is on its last day, or today while that is to come."""
        return age_since(price.since, min(self.last_day, today))


def statement_of(months: Iterable[StatedMonth], month: str) -> Statement | None:
    """The statement of one month; None where nothing is known of it."""
    return _statement(months, month, month)


def statement_of_year(months: Iterable[StatedMonth], last: str) -> Statement | None:
    """The statement of the twelve months up to that one; None where nothing is known of them."""
    return _statement(months, month_after(last, 1 - MONTHS_IN_YEAR), last)


def _statement(
    months: Iterable[StatedMonth], first: str, last: str
) -> Statement | None:
    within = sorted(
        (month for month in months if first <= month.month <= last),
        key=lambda month: month.month,
    )
    return Statement(first, last, tuple(within)) if within else None
