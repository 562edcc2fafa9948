"""Energies by step: blocks of arrays on a regular grid of time, and sums over them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .model import Quality

type Energies = npt.NDArray[np.float64]
"""Energies of consecutive steps in Wh, shape (n_steps,); NaN is a hole, never zero."""

HOUR = timedelta(hours=1)


class Quantity(StrEnum):
    """An energy by step; the words of the grid operator stand in the glossary."""

    CONSUMPTION = "consumption"
    ALLOCATED = "allocated"
    PRODUCTION = "production"
    SURPLUS = "surplus"
    SHARED_INJECTION = "shared_injection"
    BASE_WITHDRAWAL = "base_withdrawal"
    TOTAL_WITHDRAWAL = "total_withdrawal"
    ESTIMATED_ALLOCATED = "estimated_allocated"


@dataclass(frozen=True, slots=True)
class Block:
    """Energies of consecutive steps of one length."""

    start: datetime
    """Start of the first step, UTC."""
    step: timedelta
    energies: Mapping[Quantity, Energies]
    """All of one length."""

    @property
    def n_steps(self) -> int:
        """How many steps the block has."""
        return len(next(iter(self.energies.values())))

    @property
    def end(self) -> datetime:
        """End of the last step, excluded."""
        return self.start + self.n_steps * self.step


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month of energies as published: a settlement, or the aggregates of all."""

    month: str
    """Local calendar month, YYYY-MM."""
    revision: int
    quality: Quality
    blocks: tuple[Block, ...]
    """In order of time, without overlap, whole local days."""
