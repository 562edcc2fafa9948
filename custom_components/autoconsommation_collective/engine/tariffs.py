"""What a kWh costs at an instant: calendars of price classes, and tariffs in force on some days.

Any calendar is data, off-peak hours above all: since 2025 they differ from home to home and
from summer to winter, and move. Where the meter tells the class itself, trust the meter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
import math
from typing import override
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .errors import AccError
from .model import Validity, in_force

type Prices = npt.NDArray[np.float64]
"""Prices of consecutive steps in €/kWh, shape (n_steps,)."""

MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Period:
    """Hours of a day in which one price class applies, on the days that fit."""

    price_class: str
    """As the meter or the supplier names it."""
    start: time = MIDNIGHT
    """Local."""
    end: time = MIDNIGHT
    """Local, excluded. Before the start: past midnight. The same: the whole day."""
    months: frozenset[int] | None = None
    """1 to 12; None for all."""
    weekdays: frozenset[int] | None = None
    """0 is Monday, 6 Sunday; None for all."""
    day_kind: str | None = None
    """As the colour of a Tempo day; None for any."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which price class applies when. The first period that covers an instant gives it."""

    periods: tuple[Period, ...]
    day_kinds: Mapping[date, str] = field(default_factory=dict)
    """What is known; a day that is missing is of unknown kind."""
    day_start: time = MIDNIGHT
    """Where a day begins, for months, weekdays and kinds: Tempo's at 06:00, so that the
    hours before belong to the day before."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a kWh costs in each price class, on some days."""

    name: str
    calendar: Calendar
    eur_per_kwh: Mapping[str, float]
    """By price class."""
    validity: Validity
    source: str = ""
    """Where the prices were read."""


class TariffProblem(StrEnum):
    """Why there is no price."""

    NO_TARIFF = "no_tariff"
    """None of the tariffs is in force on the day."""
    TWO_TARIFFS = "two_tariffs"
    """More than one is."""
    NO_PERIOD = "no_period"
    """No period of the calendar covers the instant."""
    DAY_KIND_UNKNOWN = "day_kind_unknown"
    """The class depends on the kind of a day that the calendar does not know."""
    CLASS_WITHOUT_PRICE = "class_without_price"


class TariffError(AccError):
    """A kWh that has no price."""

    def __init__(
        self,
        problem: TariffProblem,
        tariffs: Sequence[Tariff],
        day: date,
        price_class: str = "",
    ) -> None:
        """Name the tariffs concerned, the day and, where one was found, the price class."""
        names = ", ".join(tariff.name for tariff in tariffs)
        super().__init__(problem, names, day, price_class)
        self.problem = problem
        self.tariffs = names
        """All that were given where none is in force."""
        self.day = day
        """Local; of the calendar where it begins at another hour."""
        self.price_class = price_class

    @override
    def __str__(self) -> str:
        """One line, as `class_without_price: Tempo, 2026-01-15, HPJR`."""
        where = filter(None, (self.tariffs, self.day.isoformat(), self.price_class))
        return f"{self.problem.value}: {', '.join(where)}"


def prices_by_step(
    tariffs: Sequence[Tariff], steps: Sequence[datetime], time_zone: ZoneInfo
) -> Prices:
    """Price in €/kWh of each step, by the class in which it starts.

    Steps are instants with their offset, in any order; periods count local time, so that a
    day of 23 or 25 hours needs no care. Raises TariffError where a step has no price.
    """
    on_day = cache(lambda day: tariff_in_force(tariffs, day))

    def price(local: datetime) -> float:
        tariff = on_day(local.date())
        return _price(tariff, _price_class(tariff, local), local.date())

    return np.array(
        [price(step.astimezone(time_zone)) for step in steps], dtype=np.float64
    )


def price_at(
    tariffs: Sequence[Tariff], instant: datetime, time_zone: ZoneInfo
) -> float:
    """Price in €/kWh at an instant. Raises TariffError where there is none."""
    return float(prices_by_step(tariffs, [instant], time_zone)[0])


def price_class_at(
    tariffs: Sequence[Tariff], instant: datetime, time_zone: ZoneInfo
) -> str:
    """Price class at an instant, by the calendar. Raises TariffError where there is none."""
    local = instant.astimezone(time_zone)
    return _price_class(tariff_in_force(tariffs, local.date()), local)


def price_of(tariffs: Sequence[Tariff], price_class: str, day: date) -> float:
    """Price in €/kWh of a class on a local day, as the meter tells the class itself.

    Raises TariffError where there is none.
    """
    return _price(tariff_in_force(tariffs, day), price_class, day)


def tariff_in_force(tariffs: Sequence[Tariff], day: date) -> Tariff:
    """The one tariff of a local day. Raises TariffError where there is none, or more."""
    match in_force(tariffs, day):
        case (tariff,):
            return tariff
        case ():
            raise TariffError(TariffProblem.NO_TARIFF, tariffs, day)
        case several:
            raise TariffError(TariffProblem.TWO_TARIFFS, several, day)


def _price(tariff: Tariff, price_class: str, day: date) -> float:
    """The tariff's price of the class."""
    price = tariff.eur_per_kwh.get(price_class, math.nan)
    if not math.isfinite(price):
        raise TariffError(TariffProblem.CLASS_WITHOUT_PRICE, [tariff], day, price_class)
    return price


def _price_class(tariff: Tariff, local: datetime) -> str:
    """The class of the first period that covers the local instant."""
    calendar = tariff.calendar
    at = local.time()
    day = local.date()
    if at < calendar.day_start:
        day -= timedelta(days=1)
    for period in calendar.periods:
        if not _covers(period, at, day):
            continue
        if period.day_kind is None:
            return period.price_class
        kind = calendar.day_kinds.get(day)
        if kind is None:
            raise TariffError(
                TariffProblem.DAY_KIND_UNKNOWN, [tariff], day, period.price_class
            )
        if kind == period.day_kind:
            return period.price_class
    raise TariffError(TariffProblem.NO_PERIOD, [tariff], day)


def _covers(period: Period, at: time, day: date) -> bool:
    """Whether the period applies at that time of such a day, of whatever kind it is."""
    if period.start < period.end:
        in_hours = period.start <= at < period.end
    else:
        in_hours = at >= period.start or at < period.end
    return (
        in_hours
        and (period.months is None or day.month in period.months)
        and (period.weekdays is None or day.weekday() in period.weekdays)
    )
