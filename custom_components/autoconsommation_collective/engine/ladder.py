"""What a further kWh is expected to cost at each step: own sun, own share, supplier, rung by rung.

Each home may count on its own part of the community's surplus and no more: what it draws beyond
that is counted at the supplier's price, because it would be covered only by taking it from a
neighbour. Where every rung is dearer than the one before, costs are convex.
"""

from dataclasses import dataclass

import numpy as np

from .blocks import Energies
from .contract import StepCosts
from .indicators import WH_PER_KWH
from .tariffs import Prices


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Expected cost of what is drawn beyond the home's base use."""

    widths_wh: Energies
    """Energy that each rung holds in each step, shape (n_rungs, n_steps)."""
    eur_per_kwh: Prices
    """Of a kWh on each rung, shape (n_rungs + 1, n_steps); the last is the supplier's, and has
    no end."""

    @property
    def n_steps(self) -> int:
        """How many steps it has."""
        return int(self.eur_per_kwh.shape[1])

    def cost_eur(self, drawn_wh: Energies) -> Prices:
        """Expected cost in € of energies drawn, shape (..., n_steps), by step."""
        return _climbed(self.widths_wh, self.eur_per_kwh, drawn_wh)

    def added_eur(self, others_wh: Energies, levels_wh: Energies) -> Prices:
        """What each of some levels costs beside what others draw, shape (n_levels, n_steps)."""
        bottom = self.cost_eur(others_wh)
        added: Prices = self.cost_eur(others_wh + levels_wh[:, None]) - bottom
        return added

    def covered_wh(self, drawn_wh: Energies) -> Energies:
        """What of it lies below the supplier's rung, by step."""
        covered: Energies = np.minimum(drawn_wh, self.widths_wh.sum(axis=0))
        return covered

    def part(self, first: int, after: int) -> Ladder:
        """The same of some of the steps."""
        return Ladder(self.widths_wh[:, first:after], self.eur_per_kwh[:, first:after])


def _climbed(widths: Energies, prices: Prices, drawn: Energies) -> Prices:
    """Sum over the rungs of what stands on each, times its price."""
    cost = np.zeros(np.broadcast_shapes(drawn.shape, prices[0].shape))
    left = drawn
    for width, price in zip(widths, prices[:-1], strict=True):
        on_rung = np.minimum(left, width)
        cost += on_rung * price
        left = left - on_rung
    total: Prices = (cost + left * prices[-1]) / WH_PER_KWH
    return total


def community_ladder(
    costs: StepCosts,
    share_wh: Energies,
    chances: Energies,
    own_wh: Energies | None = None,
    own_eur_per_kwh: Prices | float = 0.0,
) -> Ladder:
    """The ladder of a home: its own surplus, its uncertain share, its supplier.

    `share_wh`, shape (n_quantiles, n_steps), are amounts that the home's part of the surplus
    reaches with those `chances`; amounts grow and chances fall from row to row. A kWh of own
    surplus, `own_wh`, is sure, and costs what its injection would have earned.
    A step whose supplier price is not known counts as dear as the dearest: nothing is moved
    there for a price that nobody knows.
    """
    supplier = np.where(
        np.isnan(costs.supplier), np.nanmax(costs.supplier), costs.supplier
    )
    allocated = np.where(np.isnan(costs.allocated), supplier, costs.allocated)
    chance = np.clip(np.nan_to_num(chances), 0.0, 1.0)
    reached = np.maximum.accumulate(np.maximum(np.nan_to_num(share_wh), 0.0))
    widths = np.diff(reached, axis=0, prepend=0.0)
    prices = chance * allocated + (1 - chance) * supplier
    if own_wh is not None:
        own = np.maximum(np.nan_to_num(own_wh), 0.0)[None]
        widths = np.concatenate((own, widths))
        forgone = np.full_like(own, 0.0) + own_eur_per_kwh
        prices = np.concatenate(
            (np.where(np.isnan(forgone), allocated, forgone), prices)
        )
    return Ladder(widths, np.concatenate((prices, supplier[None])))
