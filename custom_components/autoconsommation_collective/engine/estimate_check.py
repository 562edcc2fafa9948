"""How good this home's own estimates had been, once the days they were of are settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from .blocks import Block, Quantity
from .grid import Grid, energies_on, local_steps


@dataclass(frozen=True, slots=True)
class EstimateCheck:
    """Estimates against settlements, over the days of which all steps are known."""

    n_days: int
    estimated_wh: float
    settled_wh: float
    daily_error_wh: float | None
    """Mean of what a day was off by; None where only the sum of the days is settled."""


def estimate_check(
    settled: Iterable[Block], own: Sequence[Block], time_zone: tzinfo
) -> EstimateCheck | None:
    """What was estimated live of days that are settled now; None without such a day."""
    told: list[float] = []
    came: list[float] = []
    is_spread = False
    for block in settled:
        if Quantity.ALLOCATED not in block.energies:
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        estimated = energies_on(grid, own, Quantity.ESTIMATED_ALLOCATED)
        both = np.array([estimated, block.energies[Quantity.ALLOCATED]])
        _, rows = np.unique(local_steps(grid, time_zone).day, return_inverse=True)
        sums = np.array([np.bincount(rows, weights=of) for of in both])
        whole = ~np.isnan(sums).any(axis=0)
        told += sums[0][whole].tolist()
        came += sums[1][whole].tolist()
        is_spread = is_spread or (block.is_spread and bool(whole.any()))
    if not told:
        return None
    error = float(np.abs(np.array(told) - np.array(came)).mean())
    return EstimateCheck(
        n_days=len(told),
        estimated_wh=float(sum(told)),
        settled_wh=float(sum(came)),
        daily_error_wh=None if is_spread else error,
    )
