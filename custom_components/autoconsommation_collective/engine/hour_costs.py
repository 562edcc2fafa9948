"""What the energies of each hour cost: every step at its own price, added up by hour.

A mean price of the hour would be wrong where prices and energies both change within it, as at
22:30 with off-peak hours. Money is counted in whole hundred-thousandths of a euro and rounded
once, for the hour: fine enough for a single Wh, and sums never drift.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Block, Quantity, sum_by_hour
from .contract import Contract, asked_by_day, paid_prices, told_by_day
from .grid import Grid
from .indicators import WH_PER_KWH
from .model import Price
from .tariffs import Prices
from .terms import Rate, local_days

PARTS_PER_EUR: Final = 100_000

type Pricing = Callable[[Grid], tuple[Prices, Prices]]
"""What a kWh of the part and of the rest costs at each step, in €/kWh; NaN: not known."""

type HourCost = tuple[int | None, int | None]
"""Of the part and of the rest, in parts of a euro; None: not known."""


@dataclass(frozen=True, slots=True)
class HomePrices:
    """All that a home's energies are priced by."""

    contract: Contract | None
    operation: tuple[Price, ...]
    """What the operation asks for a kWh, of all times."""
    surplus: tuple[Rate, ...]
    """What the buyer of a producer's surplus pays."""
    time_zone: ZoneInfo

    def pricing(self, whole: Quantity) -> Pricing:
        """Prices of the parts of what is withdrawn, or of what is injected."""
        if whole is Quantity.CONSUMPTION:
            return withdrawal_pricing(self.contract, self.operation, self.time_zone)
        return injection_pricing(self.surplus, self.operation, self.time_zone)


def hour_costs(
    blocks: Iterable[Block], whole: Quantity, part: Quantity, pricing: Pricing
) -> dict[datetime, HourCost]:
    """What a part of an energy and the rest of it cost in each whole hour that is known.

    The hours are those of sum_by_hour. A price that is not known matters only where there
    is energy, and only to its own hour.
    """
    found: dict[datetime, HourCost] = {}
    for block in blocks:
        hours = sum_by_hour((block,), whole, part)
        if not hours:
            continue
        energies = block.energies[part], block.energies[whole] - block.energies[part]
        prices = pricing(Grid(block.start, block.step, block.n_steps))
        # Costs in place of energies: they are added up over the same steps.
        of_part, of_rest = (
            sum_by_hour(
                (replace(block, energies={part: _cost(wh, eur_per_kwh)}),), part
            )
            for wh, eur_per_kwh in zip(energies, prices, strict=True)
        )
        found |= {
            hour: (_whole(of_part.get(hour)), _whole(of_rest.get(hour)))
            for hour in hours
        }
    return found


def withdrawal_pricing(
    contract: Contract | None, prices: Sequence[Price], time_zone: ZoneInfo
) -> Pricing:
    """What is allocated costs the operation's price, network fee and taxes; the rest, the supplier's."""

    def priced(grid: Grid) -> tuple[Prices, Prices]:
        if contract is None:
            unknown = np.full(grid.n_steps, np.nan)
            return unknown, unknown
        paid = paid_prices(contract, prices, grid, time_zone)
        return paid.allocated, paid.complement

    return priced


def injection_pricing(
    surplus: Sequence[Rate], prices: Sequence[Price], time_zone: ZoneInfo
) -> Pricing:
    """What is left over earns what its buyer pays; the rest, shared, the operation's price."""

    def priced(grid: Grid) -> tuple[Prices, Prices]:
        days = local_days(grid.starts, time_zone)
        return told_by_day(surplus, days), asked_by_day(prices, days)

    return priced


def _cost(wh: Prices, eur_per_kwh: Prices) -> Prices:
    """Of each step, in parts of a euro; nothing costs nothing, whatever the price."""
    return np.where(wh == 0, 0.0, wh * eur_per_kwh * PARTS_PER_EUR / WH_PER_KWH)


def _whole(cost: tuple[float, ...] | None) -> int | None:
    return None if cost is None else round(cost[0])
