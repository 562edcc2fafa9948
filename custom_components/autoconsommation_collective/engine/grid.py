"""The steps ahead: one regular grid on which all that is expected is laid side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, Quantity

DAYS_PER_WEEK: Final = 7
FIRST_WEEKEND_DAY: Final = 5


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive steps of one length."""

    start: datetime
    """Start of the first step, UTC."""
    step: timedelta
    n_steps: int

    @property
    def end(self) -> datetime:
        """End of the last step, excluded."""
        return self.start + self.n_steps * self.step

    @property
    def starts(self) -> tuple[datetime, ...]:
        """Start of each step, UTC."""
        return tuple(self.start + n * self.step for n in range(self.n_steps))

    def number(self, at: datetime) -> int | None:
        """Number of the step that an instant lies in, None outside the grid."""
        number = (at - self.start) // self.step
        return number if 0 <= number < self.n_steps else None


def energies_on(grid: Grid, blocks: Iterable[Block], quantity: Quantity) -> Energies:
    """Energies in Wh of the steps of a grid, whatever the steps of the blocks.

    Energy is spread evenly over a longer step and added up over shorter ones. A step of the
    grid that is not known as a whole is NaN. Blocks do not overlap.
    """
    energies = np.zeros(grid.n_steps)
    known = np.zeros(grid.n_steps)
    edges = _edges(0.0, grid.n_steps, grid.step)
    for block in blocks:
        if quantity not in block.energies:
            continue
        part = block.cut(grid.start - block.step, grid.end + block.step)
        if part is None:
            continue
        lead = (part.start - grid.start).total_seconds()
        block_edges = _edges(lead, part.n_steps, block.step)
        wh = part.energies[quantity]
        hole = np.isnan(wh)
        energies += _spread(block_edges, np.where(hole, 0.0, wh), edges)
        known += _spread(block_edges, (~hole) * block.step.total_seconds(), edges)
    # Half a second of a step of ten minutes or more is rounding, not a hole.
    return np.where(known >= grid.step.total_seconds() - 0.5, energies, np.nan)


def _edges(first: float, n_steps: int, step: timedelta) -> Energies:
    """Seconds at which the steps begin, and the last one ends."""
    edges = np.arange(n_steps + 1, dtype=np.float64) * step.total_seconds()
    return first + edges


def _spread(block_edges: Energies, amounts: Energies, edges: Energies) -> Energies:
    """Amounts of steps between the block's edges, as they fall between other edges."""
    total = np.concatenate(([0.0], np.cumsum(amounts)))
    spread: Energies = np.diff(np.interp(edges, block_edges, total))
    return spread


@dataclass(frozen=True, slots=True, eq=False)
class LocalSteps:
    """When the steps of a grid begin by the clock on the wall."""

    day: npt.NDArray[np.int64]
    """Proleptic ordinal of the local day, shape (n_steps,)."""
    minute: npt.NDArray[np.int64]
    """Minutes since local midnight by the clock, shape (n_steps,)."""

    @property
    def is_weekend(self) -> npt.NDArray[np.bool_]:
        """Whether the local day is a Saturday or a Sunday, shape (n_steps,)."""
        # Ordinal 1 is a Monday.
        return (self.day - 1) % DAYS_PER_WEEK >= FIRST_WEEKEND_DAY


def local_steps(grid: Grid, time_zone: tzinfo) -> LocalSteps:
    """Local day and time of each step; on a day of 25 hours a time comes twice."""
    local = [start.astimezone(time_zone) for start in grid.starts]
    return LocalSteps(
        day=np.array([at.toordinal() for at in local], dtype=np.int64),
        minute=np.array([at.hour * 60 + at.minute for at in local], dtype=np.int64),
    )
