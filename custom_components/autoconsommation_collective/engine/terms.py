"""What homes and producers pay and are paid by: dated data, each with its source.

No price, tax or fee stands in the logic; `reference_prices.py` has some to start from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
import math
from typing import override
from zoneinfo import ZoneInfo

import numpy as np

from .errors import AccError
from .model import Dated, Price, PriceModel, Validity, in_force
from .tariffs import Prices, Tariff


@dataclass(frozen=True, slots=True)
class Rate:
    """A number that is in force on some days: a tax, a price that has no classes."""

    value: float
    validity: Validity
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """What is due by the year, whatever the energy."""

    eur_per_year: float
    validity: Validity
    source: str = ""


@dataclass(frozen=True, slots=True)
class AtSupplierPrice:
    """Days on which an allocated kWh costs as much as one from the supplier.

    As where a prepaid pack is used up and nobody said what the next kWh costs.
    """

    validity: Validity


@dataclass(frozen=True, slots=True)
class AccFormula:
    """The network formula that members of an operation may choose: *TURPE autoconsommation*."""

    allocated: tuple[Tariff, ...]
    """*Autoproduite*: variable fee of an allocated kWh, without VAT."""
    complement: tuple[Tariff, ...]
    """*Alloproduite*: variable fee of a kWh of the supplier, without VAT."""
    extra: tuple[Fee, ...]
    """What its fixed part costs more than that of the normal formula, without VAT: one fee on
    each day, or none at all where nothing is due or `ConsumerTerms.fees` holds it."""


@dataclass(frozen=True, slots=True)
class ConsumerTerms:
    """What a home pays by. On a day one of each is in force, and any number of fees."""

    supplier: tuple[Tariff, ...]
    """All taxes included, and with them the variable fee of the normal network formula."""
    network: tuple[Tariff, ...]
    """Variable fee of the home's normal network formula, without VAT."""
    excise: tuple[Rate, ...]
    """On an allocated kWh, in €/kWh without VAT."""
    vat: tuple[Rate, ...]
    """On network fees and excise; 0.2 is 20 %."""
    prices: tuple[Price | AtSupplierPrice, ...]
    """The operation's. Of a prepaid kWh: what one of the next pack costs, `prepaid.py`."""
    fees: tuple[Fee, ...] = ()
    """Of the operation, all taxes included."""
    acc_formula: AccFormula | None = None
    """Where the home has chosen it."""


@dataclass(frozen=True, slots=True)
class ProducerTerms:
    """What a producer is paid by. On a day one of each is in force, and any number of fees."""

    prices: tuple[Price, ...]
    """What the operation pays for an allocated kWh."""
    surplus_prices: tuple[Rate, ...]
    """What the buyer of the surplus pays, in €/kWh: the obligated one, or another."""
    fees: tuple[Fee, ...] = ()


class CostProblem(StrEnum):
    """Why no cost can be told."""

    NOT_KNOWN = "not_known"
    """Nothing is in force on the day, or what is in force is no number."""
    TWO_IN_FORCE = "two_in_force"
    GIFT_WITH_PRICE = "gift_with_price"
    """What is given has no price."""
    STEPS_DIFFER = "steps_differ"
    """Not one energy for each price."""
    HOLE = "hole"
    """A step without energy; leave it out of the prices and of all energies."""
    NOT_AN_ENERGY = "not_an_energy"
    """Negative or infinite."""
    NOT_A_PROBABILITY = "not_a_probability"
    NOT_A_PACK = "not_a_pack"
    """Without energy, or free: a prepaid kWh has a price."""


class CostError(AccError):
    """A cost that cannot be told."""

    def __init__(
        self,
        problem: CostProblem,
        what: str,
        *,
        day: date | None = None,
        step: int | None = None,
        found: object = "",
    ) -> None:
        """Name what is wrong, the local day or the step's row, and what stands there."""
        super().__init__(problem, what, day, step, found)
        self.problem = problem
        self.what = what
        """A term, as `vat` or `prices`, or an energy, as `allocated`."""
        self.day = day
        self.step = step
        """Row, from 0."""
        self.found = str(found)

    @override
    def __str__(self) -> str:
        """One line, as `not_known: vat, 2026-02-01`."""
        where = [
            self.what,
            self.day.isoformat() if self.day else "",
            f"step {self.step}" if self.step is not None else "",
            self.found,
        ]
        return f"{self.problem.value}: {', '.join(filter(None, where))}"


def on_days[T: Dated](what: str, items: Sequence[T], days: Iterable[date]) -> list[T]:
    """The one item in force on each day. Raises CostError where there is none, or more."""

    @cache
    def on_day(day: date) -> T:
        match in_force(items, day):
            case (item,):
                return item
            case ():
                raise CostError(CostProblem.NOT_KNOWN, what, day=day)
            case _:
                raise CostError(CostProblem.TWO_IN_FORCE, what, day=day)

    return [on_day(day) for day in days]


def rates_by_day(what: str, rates: Sequence[Rate], days: Sequence[date]) -> Prices:
    """The rate of each day. Raises CostError where there is none, or more, or no number."""
    return np.array(
        [
            _number(what, rate.value, day)
            for rate, day in zip(on_days(what, rates, days), days, strict=True)
        ],
        dtype=np.float64,
    )


def asked_eur_per_kwh(price: Price, day: date) -> float:
    """What the operation asks on that day. Raises CostError where it is no number.

    Nor may a gift have a price: one of the two is wrong.
    """
    if price.model is PriceModel.GIFT and price.eur_per_kwh != 0:
        raise CostError(
            CostProblem.GIFT_WITH_PRICE, "prices", day=day, found=price.eur_per_kwh
        )
    return _number("prices", price.eur_per_kwh, day)


def yearly_eur(fees: Iterable[Fee], days: Iterable[date]) -> float:
    """Yearly fees pro rata of local days; a day counts each fee in force on it.

    Raises CostError where one is no number.
    """
    due = tuple(fees)
    return math.fsum(daily_eur(fee, day) for day in days for fee in in_force(due, day))


def daily_eur(fee: Fee, day: date) -> float:
    """A day's part of the fee: all days of a calendar year add up to it.

    Raises CostError where it is no number.
    """
    n_days = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    return _number("fees", fee.eur_per_year, day) / n_days


def local_days(steps: Iterable[datetime], time_zone: ZoneInfo) -> list[date]:
    """Local day of each step, by its start."""
    return [step.astimezone(time_zone).date() for step in steps]


def _number(what: str, value: float, day: date) -> float:
    """The value, unless it is none."""
    if not math.isfinite(value):
        raise CostError(CostProblem.NOT_KNOWN, what, day=day, found=value)
    return value
