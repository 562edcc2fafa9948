"""How old prices are: what was told long ago may no longer be what is billed."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from .model import Dated

OLD_MONTHS: Final = 12
"""Regulated prices move twice a year, and few contracts fix theirs for longer than a year."""


class PriceAge(StrEnum):
    """Whether a price can be relied on."""

    RECENT = "recent"
    OLD = "old"
    """Told more than a year before."""
    UNDATED = "undated"
    """Nobody said since when it holds."""


def age_of(prices: Sequence[Dated], day: date) -> PriceAge:
    """The age on a day, by the newest price that has begun; before the first: recent."""
    firsts = [each.validity.first_day for each in prices]
    begun = [first for first in firsts if first <= day]
    return age_since(max(begun), day) if begun else PriceAge.RECENT


def age_since(since: date, day: date) -> PriceAge:
    """The age on a day of a price that holds since another; date.min: since ever."""
    if since == date.min:
        return PriceAge.UNDATED
    return PriceAge.OLD if since < _year_before(day) else PriceAge.RECENT


def _year_before(day: date) -> date:
    """The same day of the year before; of a leap day the one before it."""
    year = day.year - OLD_MONTHS // 12
    if (day.month, day.day) == (2, 29):
        return date(year, 2, 28)
    return day.replace(year=year)
