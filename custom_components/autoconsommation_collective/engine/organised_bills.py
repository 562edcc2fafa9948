"""Who owes whom for a month: each producer paid by each consumer for what it took from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby

import numpy as np

from .bills import Bill, Line, bill
from .keys import Matrix
from .model import Price, PriceModel, in_force
from .organised_month import Split


@dataclass(frozen=True, slots=True)
class Owed:
    """The bill of a month, and the days of which nobody knows the price."""

    bill: Bill
    days_without_price: tuple[date, ...]


def owed(splits: Iterable[Split], prices: Sequence[Price], time_zone: tzinfo) -> Owed:
    """The month's bill, of what counts as allocated, under the price of each day.

    Every consumer takes from each producer in proportion to what that producer gives at the
    step; our choice where producers are pooled. A step with a hole is in no bill. Participants
    are named by their ids.
    """
    lines: list[Line] = []
    without: list[date] = []
    models: set[PriceModel] = set()
    for split in splits:
        starts = split.stretch.grid.starts
        days = [at.astimezone(time_zone).date() for at in starts]
        for day_prices, run in groupby(
            range(len(days)), key=lambda n: in_force(prices, days[n])
        ):
            steps = list(run)
            if len(day_prices) != 1:
                without += sorted({days[n] for n in steps})
                continue
            (price,) = day_prices
            models.add(price.model)
            lines += _lines(split, steps, price)
    model = models.pop() if len(models) == 1 else PriceModel.SALE
    return Owed(Bill(model, _added(lines)), tuple(without))


def _lines(split: Split, steps: Sequence[int], price: Price) -> tuple[Line, ...]:
    stretch = split.stretch
    allocated, surplus = (energies[steps] for energies in split.counted)
    given = stretch.production[steps] - surplus
    known = ~(np.isnan(given).any(axis=1) | np.isnan(allocated).any(axis=1))
    return bill(
        _pairs(np.maximum(given[known], 0.0), allocated[known]),
        price.model,
        0.0 if price.model is PriceModel.GIFT else price.eur_per_kwh,
        [one.id for one in stretch.producers],
        [one.id for one in stretch.consumers],
    ).lines


def _pairs(given: Matrix, allocated: Matrix) -> Matrix:
    """Energy in Wh from each producer to each consumer, summed; (n_producers, n_consumers).

    Every consumer's is what it was allocated, also where a file tells another surplus.
    """
    total = given.sum(axis=1, keepdims=True)
    part = np.divide(given, total, out=np.zeros_like(given), where=total > 0)
    pairs: Matrix = part.T @ allocated
    return pairs


def _added(lines: Iterable[Line]) -> tuple[Line, ...]:
    """One line for each pair, in the order of consumers and producers."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        key = line.consumer, line.producer
        held = found.get(key)
        found[key] = (
            line
            if held is None
            else Line(
                line.consumer,
                line.producer,
                held.energy_wh + line.energy_wh,
                held.cents + line.cents,
            )
        )
    return tuple(found[key] for key in sorted(found))
