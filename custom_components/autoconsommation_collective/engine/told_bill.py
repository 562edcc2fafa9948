"""What somebody reads off a bill or a letter, as a delivery of sums."""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from .blocks import Quantity
from .delivery import Delivery, PeriodTotal
from .indicators import WH_PER_KWH
from .slots import midnight_of

LONGEST: Final = timedelta(days=370)
"""A yearly statement of a leap year, and some days more."""
SAME_KWH: Final = 1.0
"""By which classes may miss their sum: bills round each to a kWh."""


class BillProblem(StrEnum):
    """Why what was told is no bill."""

    DAYS = "days"
    """It ends before it begins."""
    FUTURE = "future"
    """It ends after yesterday."""
    LONG = "long"
    """Of more than a year."""
    NOTHING = "nothing"
    """What was allocated is missing."""
    SUM = "sum"
    """The classes do not make the sum."""


def told_bill(
    point: str,
    first: date,
    last: date,
    allocated_kwh: float | None,
    by_class_kwh: Mapping[str, float],
    consumption_kwh: float | None,
    *,
    today: date,
    time_zone: tzinfo,
) -> Delivery | BillProblem:
    """The bill of the days from the first to the last, both included.

    Where classes are told, the sum may be left out.
    """
    if last < first:
        return BillProblem.DAYS
    if last >= today:
        return BillProblem.FUTURE
    if last - first > LONGEST:
        return BillProblem.LONG
    by_class: dict[str | None, float] = dict(by_class_kwh.items())
    if allocated_kwh is None and not by_class:
        return BillProblem.NOTHING
    if allocated_kwh is not None:
        classes = sum(by_class.values())
        if by_class and abs(classes - allocated_kwh) > SAME_KWH * len(by_class):
            return BillProblem.SUM
        by_class = by_class or {None: allocated_kwh}
    start = midnight_of(first, time_zone)
    end = midnight_of(last + timedelta(days=1), time_zone)
    totals = [
        PeriodTotal(point, Quantity.ALLOCATED, start, end, kwh * WH_PER_KWH, name)
        for name, kwh in by_class.items()
    ]
    if consumption_kwh is not None:
        wh = consumption_kwh * WH_PER_KWH
        totals.append(PeriodTotal(point, Quantity.CONSUMPTION, start, end, wh))
    return Delivery(totals=tuple(totals))
