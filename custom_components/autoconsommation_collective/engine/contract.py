"""What a kWh costs a member at each step ahead: the supplier's contract, and the operation's price.

The member confirms the contract from a bill. What is not known stays unknown: a Tempo day whose
colour nobody has told yet, off-peak hours still to be learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
import math
from zoneinfo import ZoneInfo

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
import numpy.typing as npt

from .costs import StepPrices
from .grid import Grid
from .hours import OFF_PEAK_CLASS, PEAK_CLASS
from .model import Price, PriceModel, in_force
from .tariffs import (
    Calendar,
    Period,
    Prices,
    Tariff,
    TariffError,
    TariffProblem,
    price_at,
    price_class_at,
)
from .terms import Rate, local_days

DAY = timedelta(days=1)

TEMPO_DAY_START = time(6)
"""A Tempo day and its colour last from 06:00 to 06:00 (RTE)."""


class ContractKind(StrEnum):
    """What a supplier's prices depend on."""

    BASE = "base"
    OFF_PEAK = "off_peak"
    """Heures pleines, heures creuses."""
    TEMPO = "tempo"
    UNKNOWN = "unknown"
    """The member's answer until a bill is at hand; it makes no Contract."""


class PriceClass(StrEnum):
    """Classes of prices, as the meter names them."""

    BASE = "BASE"
    HP = "HP"
    HC = "HC"
    HPJB = "HPJB"
    HCJB = "HCJB"
    HPJW = "HPJW"
    HCJW = "HCJW"
    HPJR = "HPJR"
    HCJR = "HCJR"


class DayKind(StrEnum):
    """Colours of Tempo days."""

    BLUE = "blue"
    WHITE = "white"
    RED = "red"


COLOUR_LETTERS = {DayKind.BLUE: "B", DayKind.WHITE: "W", DayKind.RED: "R"}
"""How a class ends on a day of that colour."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a member pays for a kWh, but for the operation's price."""

    kind: ContractKind
    """As it was told last."""
    supplier: tuple[Tariff, ...]
    """All taxes included, one on each day. A calendar covers no instant while off-peak hours
    are not known."""
    network: tuple[Rate, ...]
    """What an allocated kWh costs beside the operation's price: network fee, excise, VAT."""


@dataclass(frozen=True, slots=True, eq=False)
class StepCosts:
    """What a kWh costs at each step of a grid, in €/kWh with all taxes; NaN: not known."""

    supplier: Prices
    """From the supplier."""
    allocated: Prices
    """Allocated: the operation's price, network fee and taxes."""
    default: Prices
    """The cheapest supplier price of the 24 hours from the step's start on: what an
    appliance that can wait costs without the operation."""
    off_peak: npt.NDArray[np.bool_] | None = None
    """Whether the step begins in off-peak hours, when the board's contactor lets water heaters
    heat; None: the contract has none, or they are not known."""


class CostsMissing(StrEnum):
    """Why no step has a cost."""

    NO_CONTRACT = "no_contract"
    """The member has not told the contract yet."""
    NO_PRICE = "no_price"
    """None of the supplier: off-peak hours or the day's colour are not known."""
    NO_ACC_PRICE = "no_acc_price"
    """None of the operation is in force."""
    NO_SURPLUS_PRICE = "no_surplus_price"
    """What the buyer of a producer's surplus pays is not told."""


def tempo_calendar(off_peak: Sequence[Period]) -> Calendar:
    """The six classes of Tempo with these off-peak hours; without hours it covers nothing.

    The colours of days are still to be told.
    """
    ranges = (*off_peak, Period(PEAK_CLASS)) if off_peak else ()
    return Calendar(
        tuple(
            replace(period, price_class=f"{period.price_class}J{letter}", day_kind=kind)
            for period in ranges
            for kind, letter in COLOUR_LETTERS.items()
        ),
        day_start=TEMPO_DAY_START,
    )


def tempo_day(at: datetime, time_zone: ZoneInfo) -> date:
    """The Tempo day that an instant lies in: before 06:00 local time, the day before."""
    local = at.astimezone(time_zone)
    return local.date() - DAY * (local.time() < TEMPO_DAY_START)


def day_kind_of(price_class: str) -> DayKind | None:
    """The colour that a class tells; None for a class without colour."""
    kinds = {f"J{letter}": kind for kind, letter in COLOUR_LETTERS.items()}
    return kinds.get(price_class[2:])


def step_costs(
    contract: Contract | None,
    operation_prices: Sequence[Price],
    grid: Grid,
    time_zone: ZoneInfo,
    *,
    day_kinds: Mapping[date, str] | None = None,
    class_now: str | None = None,
) -> StepCosts | CostsMissing:
    """What a kWh costs at each step of a grid whose first step is the one in progress.

    The colours of days add to those of the contract's calendar. The class that the meter
    tells holds for the step in progress, whatever the calendar says; one that the contract
    has no price for says nothing. Other steps go by the class in which they start.
    """
    if contract is None:
        return CostsMissing.NO_CONTRACT
    tariffs = [_with_day_kinds(each, day_kinds or {}) for each in contract.supplier]
    n_ahead = DAY // grid.step
    # The last step needs its 24 hours, too.
    longer = replace(grid, n_steps=grid.n_steps + n_ahead - 1)
    priced = [_priced(tariffs, step, time_zone) for step in longer.starts]
    now = in_force(tariffs, grid.start.astimezone(time_zone).date())
    told = [each.eur_per_kwh.get(class_now or "", math.nan) for each in now]
    if len(told) == 1 and math.isfinite(told[0]):
        priced[0] = told[0], math.inf
    known, at_least = np.array(priced, dtype=np.float64).T
    supplier = known[: grid.n_steps]
    if np.isinf(supplier).all():
        return CostsMissing.NO_PRICE
    days = local_days(grid.starts, time_zone)
    allocated = told_by_day(contract.network, days) + asked_by_day(
        operation_prices, days
    )
    if np.isnan(allocated).all():
        return CostsMissing.NO_ACC_PRICE
    cheapest = sliding_window_view(known, n_ahead).min(axis=1)
    sure = cheapest <= sliding_window_view(at_least, n_ahead).min(axis=1)
    return StepCosts(
        supplier=np.where(np.isinf(supplier), np.nan, supplier),
        allocated=allocated,
        default=np.where(sure & np.isfinite(cheapest), cheapest, np.nan),
        off_peak=off_peak_steps(tariffs, grid, time_zone, class_now),
    )


def paid_prices(
    contract: Contract,
    operation_prices: Sequence[Price],
    grid: Grid,
    time_zone: ZoneInfo,
) -> StepPrices:
    """What a kWh cost at each step of a grid in the past; NaN: not known.

    Network fee and excise are told as one number: it stands as the fee.
    """
    days = local_days(grid.starts, time_zone)
    supplier = np.array(
        [_priced(contract.supplier, step, time_zone)[0] for step in grid.starts],
        dtype=np.float64,
    )
    supplier[np.isinf(supplier)] = np.nan
    return StepPrices(
        supplier=supplier,
        complement=supplier,
        operation=asked_by_day(operation_prices, days),
        network=told_by_day(contract.network, days),
        excise=np.zeros(grid.n_steps),
    )


def off_peak_steps(
    tariffs: Sequence[Tariff],
    grid: Grid,
    time_zone: ZoneInfo,
    class_now: str | None = None,
) -> npt.NDArray[np.bool_] | None:
    """Whether each step begins in off-peak hours, of whatever colour its day is.

    Of the first step, where it is in progress, the meter knows better.
    """
    plain = [replace(each, calendar=plain_hours(each.calendar)) for each in tariffs]
    classes = {p.price_class for each in plain for p in each.calendar.periods}
    if OFF_PEAK_CLASS not in classes:
        return None

    def lets_heat(step: datetime) -> bool:
        try:
            return price_class_at(plain, step, time_zone) == OFF_PEAK_CLASS
        except TariffError:  # a day without tariff
            return False

    found = np.array([lets_heat(step) for step in grid.starts])
    if any(class_now in each.eur_per_kwh for each in tariffs if class_now):
        found[0] = str(class_now).startswith(OFF_PEAK_CLASS)
    return found


def plain_hours(calendar: Calendar) -> Calendar:
    """The same hours as HP and HC alone, of whatever colour the day is."""
    hours = {
        replace(period, price_class=period.price_class[:2], day_kind=None)
        for period in calendar.periods
    }
    # The off-peak hours first: of the others, some calendars say the whole day.
    periods = sorted(hours, key=lambda period: period.price_class)
    return Calendar(tuple(periods), day_start=calendar.day_start)


def _with_day_kinds(tariff: Tariff, day_kinds: Mapping[date, str]) -> Tariff:
    """The tariff, with more days whose kind is known."""
    calendar = tariff.calendar
    told = {**calendar.day_kinds, **day_kinds}
    return replace(tariff, calendar=replace(calendar, day_kinds=told))


def _priced(
    tariffs: Sequence[Tariff], step: datetime, time_zone: ZoneInfo
) -> tuple[float, float]:
    """The price of a step and infinity; or infinity and what the step costs at least."""
    try:
        return price_at(tariffs, step, time_zone), math.inf
    except TariffError as err:
        if err.problem is not TariffProblem.DAY_KIND_UNKNOWN:
            every = (price for each in tariffs for price in each.eur_per_kwh.values())
            return math.inf, min(filter(math.isfinite, every), default=-math.inf)
        kinds = {p.day_kind for each in tariffs for p in each.calendar.periods} - {None}
        of_kinds = (
            [_with_day_kinds(each, {err.day: kind}) for each in tariffs]
            for kind in kinds
            if kind
        )
        return math.inf, min(min(_priced(one, step, time_zone)) for one in of_kinds)


def told_by_day(rates: Sequence[Rate], days: Sequence[date]) -> Prices:
    """The rate of each day, NaN where not one is told."""

    @cache
    def on_day(day: date) -> float:
        found = in_force(rates, day)
        return found[0].value if len(found) == 1 else math.nan

    return np.array([on_day(day) for day in days], dtype=np.float64)


def asked_by_day(prices: Sequence[Price], days: Sequence[date]) -> Prices:
    """What the operation asks on each day, NaN where not one price is in force."""

    @cache
    def on_day(day: date) -> float:
        match in_force(prices, day):
            case (Price(model=PriceModel.GIFT),):
                return 0.0
            case (price,):
                return price.eur_per_kwh
            case _:
                return math.nan

    return np.array([on_day(day) for day in days], dtype=np.float64)
