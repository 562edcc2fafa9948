"""A participant's month on paper: its energies, what it owes or is owed, and at which price."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from itertools import groupby
from typing import Final

import numpy as np

from .bills import Bill, Line
from .blocks import Energies, MonthPage, Quantity
from .model import Price, Quality, in_force
from .months import month_bounds
from .organised_bills import owed
from .organised_month import Split
from .roster import AgreedKey, Participant, Roster, RosterError, Solidarity, agreed_key
from .rounding import whole_parts

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PricedDays:
    """Consecutive days of a month with one price; None where none is known."""

    price: Price | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Statement:
    """Of one participant and month. An energy that it has none of, or nobody told, is None."""

    participant: Participant
    month: str
    quality: Quality
    is_whole: bool
    """Whether every step of its days is known."""
    consumption_wh: float | None
    allocated_wh: float | None
    production_wh: float | None
    surplus_wh: float | None
    served_first_wh: float | None
    """What it was given before the others; None of everybody but those in need."""
    owes: tuple[Line, ...]
    due: tuple[Line, ...]
    prices: tuple[PricedDays, ...]


def statements(
    month: str,
    roster: Roster,
    splits: Sequence[Split],
    pages: Mapping[str, MonthPage],
    time_zone: tzinfo,
) -> tuple[Statement, ...]:
    """Those of all who have a page, in the order of the list."""
    owes, due = defaultdict[str, list[Line]](list), defaultdict[str, list[Line]](list)
    for line in whole_lines(owed(splits, roster.prices, time_zone).bill):
        if line.cents:
            owes[line.consumer].append(line)
            due[line.producer].append(line)
    prices = priced_days(month, roster.prices, time_zone)
    first = _served_first(splits, roster.keys, time_zone)
    return tuple(
        Statement(
            one,
            month,
            page.quality,
            _is_whole(page),
            page.total_wh(Quantity.CONSUMPTION),
            page.total_wh(Quantity.ALLOCATED),
            page.total_wh(Quantity.PRODUCTION),
            page.total_wh(Quantity.SURPLUS),
            first.get(one.id),
            tuple(owes[one.id]),
            tuple(due[one.id]),
            prices,
        )
        for one in roster.participants
        if (page := pages.get(one.id))
    )


def whole_lines(bill: Bill) -> tuple[Line, ...]:
    """The lines of a bill in whole Wh, which add up to each consumer's, as its cents do."""
    found: list[Line] = []
    for _, run in groupby(bill.lines, key=lambda line: line.consumer):
        lines = list(run)
        parts = np.array([line.energy_wh for line in lines])
        whole = whole_parts(parts, round(float(parts.sum())))
        found += [
            replace(line, energy_wh=wh)
            for line, wh in zip(lines, whole.tolist(), strict=True)
        ]
    return tuple(found)


def priced_days(
    month: str, prices: Sequence[Price], time_zone: tzinfo
) -> tuple[PricedDays, ...]:
    """The month by what a kWh costs; of days with several prices none is known."""
    start, end = (at.astimezone(time_zone) for at in month_bounds(month, time_zone))
    n_days = (end.date() - start.date()).days
    days = [start.date() + n * DAY for n in range(n_days)]

    def price_on(day: date) -> Price | None:
        found = in_force(prices, day)
        return found[0] if len(found) == 1 else None

    runs = ((price, list(run)) for price, run in groupby(days, price_on))
    return tuple(PricedDays(price, run[0], run[-1]) for price, run in runs)


def _is_whole(page: MonthPage) -> bool:
    tables = (table for block in page.blocks for table in block.energies.values())
    return not any(np.isnan(table).any() for table in tables)


def _served_first(
    splits: Iterable[Split], keys: Sequence[AgreedKey], time_zone: tzinfo
) -> dict[str, float]:
    """By the ids of those in need what they were given before the others, in Wh."""
    found: dict[str, float] = {}
    for one in splits:
        consumers = one.stretch.consumers
        day = one.stretch.grid.start.astimezone(time_zone).date()
        in_need = [n for n, each in enumerate(consumers) if each.in_solidarity(day)]
        try:
            key = agreed_key(keys, day)
        except RosterError:
            continue
        if key.solidarity is None:
            continue
        allocated, _ = one.counted
        each_most: Energies = np.full(len(allocated), np.inf)
        if key.solidarity is Solidarity.DONATED and in_need:
            given = one.stretch.production.sum(axis=1) * key.donated
            each_most = given / len(in_need)
        for column in in_need:
            served = float(np.nansum(np.minimum(allocated[:, column], each_most)))
            id_ = consumers[column].id
            found[id_] = found.get(id_, 0.0) + served
    return found
