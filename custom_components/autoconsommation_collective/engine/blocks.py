"""Energies by step: blocks of arrays on a regular grid of time, and sums over them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .model import Quality

type Energies = npt.NDArray[np.float64]
"""Energies of consecutive steps in Wh, shape (n_steps,); NaN is a hole, never zero."""

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Quantity(StrEnum):
    """An energy by step; the words of the grid operator stand in the glossary."""

    CONSUMPTION = "consumption"
    ALLOCATED = "allocated"
    PRODUCTION = "production"
    SURPLUS = "surplus"
    COMPLEMENT = "complement"
    """As a delivery gives it; what is settled has it as consumption less allocated."""
    SHARED_INJECTION = "shared_injection"
    BASE_WITHDRAWAL = "base_withdrawal"
    TOTAL_WITHDRAWAL = "total_withdrawal"
    ESTIMATED_ALLOCATED = "estimated_allocated"
    ESTIMATED_SHARED = "estimated_shared"
    """Part of the production that members are expected to take."""
    STEERED = "steered"
    """Part of the consumption that runs when this integration says so."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Energies of consecutive steps of one length. Equal to itself only, as arrays are."""

    start: datetime
    """Start of the first step, UTC."""
    step: timedelta
    energies: Mapping[Quantity, Energies]
    """All of one length."""
    is_spread: bool = False
    """Whether only the sum over a period is official, and its steps are an estimate."""

    @property
    def n_steps(self) -> int:
        """How many steps the block has."""
        return len(next(iter(self.energies.values())))

    @property
    def end(self) -> datetime:
        """End of the last step, excluded."""
        return self.start + self.n_steps * self.step

    def cut(self, start: datetime, end: datetime) -> Block | None:
        """The steps that lie in [start, end) as a whole, None where none does."""
        first = max(0, -((self.start - start) // self.step))
        last = min(self.n_steps, (end - self.start) // self.step)
        if first >= last:
            return None
        return Block(
            start=self.start + first * self.step,
            step=self.step,
            energies={q: e[first:last] for q, e in self.energies.items()},
            is_spread=self.is_spread,
        )


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month of energies as published: a settlement, or the aggregates of all."""

    month: str
    """Local calendar month, YYYY-MM."""
    revision: int
    quality: Quality
    blocks: tuple[Block, ...]
    """In order of time, without overlap, whole local days."""

    def total_wh(self, quantity: Quantity) -> float | None:
        """Sum over the steps that are known; None where none is."""
        energies = [b.energies[quantity] for b in self.blocks if quantity in b.energies]
        known = [part for e in energies if (part := e[~np.isnan(e)]).size]
        return float(sum(part.sum() for part in known)) if known else None

    @property
    def is_spread(self) -> bool:
        """Whether of some of its days only the sum is official."""
        return any(block.is_spread for block in self.blocks)

    @property
    def has_holes(self) -> bool:
        """Whether any step of any quantity is missing."""
        return any(
            bool(np.isnan(e).any()) for b in self.blocks for e in b.energies.values()
        )


def steps(block: Block) -> Iterator[datetime]:
    """Start of each step, UTC."""
    return (block.start + i * block.step for i in range(block.n_steps))


def sum_by_hour(
    blocks: Iterable[Block], *quantities: Quantity
) -> dict[datetime, tuple[float, ...]]:
    """Energies in Wh of each whole UTC hour, one per quantity, in the order asked.

    An hour with a hole in any of the quantities is left out: part of an hour would pass
    for all of it. So is a block that lacks one of them, as before a member became producer.
    """
    hours: dict[datetime, tuple[float, ...]] = {}
    for block in blocks:
        if not block.energies.keys() >= set(quantities):
            continue
        per_hour = int(HOUR / block.step)
        lead = int(-block.start.timestamp() // block.step.total_seconds()) % per_hour
        whole = (block.n_steps - lead) // per_hour * per_hour
        sums = [
            block.energies[q][lead : lead + whole].reshape(-1, per_hour).sum(axis=1)
            for q in quantities
        ]
        first = block.start + lead * block.step
        for i, row in enumerate(zip(*(s.tolist() for s in sums), strict=True)):
            if not any(math.isnan(value) for value in row):
                hours[first + i * HOUR] = row
    return hours


def stored_block(block: Block) -> dict[str, Any]:
    """The block as JSON values: holes as null, energies to a tenth of a Wh."""
    told: dict[str, Any] = {
        "start": block.start.isoformat(),
        "step_minutes": int(block.step / MINUTE),
    }
    if block.is_spread:
        told["is_spread"] = True
    return told | {
        f"{quantity}_wh": [_stored_wh(wh) for wh in energies.tolist()]
        for quantity, energies in block.energies.items()
    }


def _stored_wh(wh: float) -> float | None:
    """Whole where it is whole: half the room in a file that is written often."""
    if math.isnan(wh):
        return None
    tenths = round(wh, 1)
    return int(tenths) if tenths.is_integer() else tenths


def restored_block(stored: Mapping[str, Any]) -> Block:
    """The block that was stored. Raises KeyError, ValueError, TypeError on anything else."""
    start = datetime.fromisoformat(stored["start"])
    if start.tzinfo is None:
        raise ValueError("start without offset")
    return Block(
        start=start.astimezone(UTC),
        step=stored["step_minutes"] * MINUTE,
        energies={
            quantity: np.array(stored[f"{quantity}_wh"], dtype=np.float64)
            for quantity in Quantity
            if f"{quantity}_wh" in stored
        },
        is_spread=bool(stored.get("is_spread", False)),
    )


def stored_page(page: MonthPage) -> dict[str, Any]:
    """The page as JSON values."""
    return {
        "month": page.month,
        "revision": page.revision,
        "quality": page.quality.value,
        "blocks": [stored_block(block) for block in page.blocks],
    }


def restored_page(stored: Mapping[str, Any]) -> MonthPage:
    """The page that was stored. Raises KeyError, ValueError, TypeError on anything else."""
    return MonthPage(
        month=stored["month"],
        revision=stored["revision"],
        quality=Quality(stored["quality"]),
        blocks=tuple(restored_block(block) for block in stored["blocks"]),
    )
