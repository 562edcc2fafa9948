"""What the energies of each hour cost: every step at its own price, added up by hour.

A mean price of the hour would be wrong where prices and energies both change within it, as at
22:30 with off-peak hours. Money is counted in whole hundred-thousandths of a euro and rounded
once, for the hour: fine enough for a single Wh, and sums never drift.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Block, Quantity, sum_by_hour
from .contract import Contract, CostsMissing, StepCosts, step_costs
from .grid import Grid
from .indicators import WH_PER_KWH
from .model import Price, PriceModel, Validity, in_force
from .tariffs import Prices

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
    surplus_eur_per_kwh: float | None
    """What the buyer of a producer's surplus pays; None where it was not told."""
    time_zone: ZoneInfo

    def pricing(self, whole: Quantity) -> Pricing:
        """Prices of the parts of what is withdrawn, or of what is injected."""
        if whole is Quantity.CONSUMPTION:
            return withdrawal_pricing(self.contract, self.operation, self.time_zone)
        return injection_pricing(
            self.surplus_eur_per_kwh, self.operation, self.time_zone
        )


FREE: Final = (Price(PriceModel.GIFT, 0.0, Validity(date.min)),)
"""Stands in where the operation tells no price: what the supplier asks does not depend on it."""


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
        unknown = np.full(grid.n_steps, np.nan)
        costs = step_costs(contract, prices, grid, time_zone)
        if isinstance(costs, StepCosts):
            return costs.allocated, costs.supplier
        if costs is CostsMissing.NO_ACC_PRICE:
            costs = step_costs(contract, FREE, grid, time_zone)
        return unknown, costs.supplier if isinstance(costs, StepCosts) else unknown

    return priced


def injection_pricing(
    surplus_eur_per_kwh: float | None, prices: Sequence[Price], time_zone: ZoneInfo
) -> Pricing:
    """What is left over earns the surplus price; the rest, shared, the operation's."""

    def priced(grid: Grid) -> tuple[Prices, Prices]:
        surplus = np.nan if surplus_eur_per_kwh is None else surplus_eur_per_kwh
        days = [at.astimezone(time_zone).date() for at in grid.starts]
        asked = {day: _asked(prices, day) for day in set(days)}
        return np.full(grid.n_steps, surplus), np.array([asked[day] for day in days])

    return priced


def _asked(prices: Sequence[Price], day: date) -> float:
    """What the operation asks for a kWh on a day; NaN where not one price is in force."""
    match in_force(prices, day):
        case (price,):
            return 0.0 if price.model is PriceModel.GIFT else price.eur_per_kwh
        case _:
            return np.nan


def _cost(wh: Prices, eur_per_kwh: Prices) -> Prices:
    """Of each step, in parts of a euro; nothing costs nothing, whatever the price."""
    return np.where(wh == 0, 0.0, wh * eur_per_kwh * PARTS_PER_EUR / WH_PER_KWH)


def _whole(cost: tuple[float, ...] | None) -> int | None:
    return None if cost is None else round(cost[0])
