"""What it means for a producer and for the neighbours that its own loads come first, or not.

Own-first: on each day the loads that can be shifted use the producer's injection before it
reaches the grid. Community-first: they run as everybody's do, and all of it is shared. What a
producer keeps of a step in which nothing was left over is missing to the neighbours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np

from .blocks import HOUR, Block, Energies, MonthPage, Quantity
from .claim import USUAL_LIMIT_W, USUAL_NEED_WH, OwnNeed, own_first_claim
from .contract import Contract
from .grid import Grid, energies_on, local_steps
from .indicators import WH_PER_KWH
from .model import Dated, Price, PriceModel, Quality
from .settlement import settled_blocks

MOST_MONTHS: Final = 12
"""A year: each season once."""


@dataclass(frozen=True, slots=True)
class ProducerChoice:
    """Energies in Wh over the settled months looked at, at most a year."""

    n_months: int
    injected_wh: float
    """By this producer, for the operation."""
    left_over_wh: float
    """Injected by all and used by no member; where that is not published, by this producer."""
    kept_wh: float
    """That the producer would keep for its own loads if they came first."""
    lacked_wh: float
    """Of it, what the neighbours would be without."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What own-first changes over the same months, in €."""

    producer_eur: float
    """More in the producer's pocket."""
    neighbours_eur: float
    """Less in those of all neighbours together."""


def producer_choice(
    pages: Iterable[MonthPage], community: Iterable[MonthPage], time_zone: tzinfo
) -> ProducerChoice | None:
    """What own-first would have changed in the last settled months; None without any.

    Loads that can be shifted are taken as usual: their energy by day, their largest power.
    """
    settled = sorted(
        (page for page in pages if _tells_production(page)),
        key=lambda page: page.month,
    )[-MOST_MONTHS:]
    if not settled:
        return None
    of_all = settled_blocks(community)
    sums = np.sum(
        [
            _block_sums(block, of_all, time_zone)
            for page in settled
            for block in page.blocks
            if Quantity.PRODUCTION in block.energies and not block.is_spread
        ],
        axis=0,
    )
    injected, left_over, kept, lacked = sums.tolist()
    return ProducerChoice(len(settled), injected, left_over, kept, lacked)


def stakes(
    choice: ProducerChoice, contract: Contract, prices: Sequence[Price]
) -> Stakes:
    """The same in €, both sides at the producer's own contract and the operation's price.

    A kept kWh saves what it would have cost at the cheapest hour, since loads that can wait
    wait for it, and is not paid for by the operation. A neighbour who lacks a kWh buys it
    from a supplier instead. The contract counts as it was told last; `prices` are those in
    force; a gift costs nothing.
    """
    supplier = min(_newest(contract.supplier).eur_per_kwh.values())
    network = _newest(contract.network).value
    asked = sum(p.eur_per_kwh for p in prices[:1] if p.model is not PriceModel.GIFT)
    kept_kwh, lacked_kwh = choice.kept_wh / WH_PER_KWH, choice.lacked_wh / WH_PER_KWH
    return Stakes(
        producer_eur=kept_kwh * supplier - lacked_kwh * asked,
        neighbours_eur=lacked_kwh * (supplier - network - asked),
    )


def _newest[T: Dated](items: Sequence[T]) -> T:
    return max(items, key=lambda item: item.validity.first_day)


def _tells_production(page: MonthPage) -> bool:
    """Whether it is settled step by step, and of a producer."""
    return page.quality is Quality.SETTLED and any(
        not block.is_spread
        and Quantity.PRODUCTION in block.energies
        and bool(np.nansum(block.energies[Quantity.PRODUCTION]))
        for block in page.blocks
    )


def _block_sums(
    block: Block, of_all: Sequence[Block], time_zone: tzinfo
) -> tuple[float, float, float, float]:
    """Injected, left over, kept and lacked in Wh; a hole counts as nothing produced."""
    grid = Grid(block.start, block.step, block.n_steps)
    injected = np.nan_to_num(block.energies[Quantity.PRODUCTION])
    left_over = _left_over(grid, block, of_all)
    need = OwnNeed(USUAL_NEED_WH, USUAL_LIMIT_W * (grid.step / HOUR))
    days = local_steps(grid, time_zone).day
    kept = np.zeros(grid.n_steps)
    for day in np.unique(days).tolist():
        kept[days == day] = own_first_claim(injected[days == day], need)
    lacked = np.maximum(kept - left_over, 0.0)
    return (
        float(injected.sum()),
        float(left_over.sum()),
        float(kept.sum()),
        float(lacked.sum()),
    )


def _left_over(grid: Grid, block: Block, of_all: Sequence[Block]) -> Energies:
    """What no member used: of all injection where that is published, else of the producer's."""
    injection, allocated = (
        energies_on(grid, of_all, quantity)
        for quantity in (Quantity.SHARED_INJECTION, Quantity.ALLOCATED)
    )
    own = block.energies.get(Quantity.SURPLUS, np.zeros(grid.n_steps))
    left: Energies = np.nan_to_num(
        np.where(np.isnan(injection - allocated), own, injection - allocated)
    )
    return np.maximum(left, 0.0)
