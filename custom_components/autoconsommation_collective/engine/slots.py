"""The home's own steps, appended as they close: months of immutable blocks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import numpy as np

from .blocks import Block, Quantity, sum_by_hour

MAX_FILL = timedelta(days=1)
"""A longer gap starts a new block: holes cost as much room as energies."""


def slot_month(start: datetime) -> str:
    """The month whose file a step belongs to: by UTC, so that no clock change moves it."""
    return f"{start:%Y-%m}"


def local_midnight(at: datetime, time_zone: tzinfo) -> datetime:
    """Start of the local day that an instant lies in, UTC."""
    return midnight_of(at.astimezone(time_zone).date(), time_zone)


def midnight_of(day: date, time_zone: tzinfo) -> datetime:
    """Start of a local day, UTC."""
    return datetime.combine(day, time.min, time_zone).astimezone(UTC)


def appended(
    blocks: tuple[Block, ...],
    start: datetime,
    step: timedelta,
    energies: Mapping[Quantity, float],
) -> tuple[Block, ...]:
    """The blocks with one more step; steps between are holes.

    A step already there is left as it was: an estimate stays as it was made.
    """
    if not blocks or _cannot_continue(blocks[-1], start, step, energies):
        if blocks and start < blocks[-1].end:
            return blocks
        first = {q: np.array([wh], dtype=np.float64) for q, wh in energies.items()}
        return (*blocks, Block(start=start, step=step, energies=first))
    last = blocks[-1]
    holes = np.full((start - last.end) // step, np.nan)
    longer = {
        quantity: np.concatenate((last.energies[quantity], holes, [wh]))
        for quantity, wh in energies.items()
    }
    return (*blocks[:-1], Block(start=last.start, step=step, energies=longer))


def _cannot_continue(
    last: Block, start: datetime, step: timedelta, energies: Mapping[Quantity, float]
) -> bool:
    gap = start - last.end
    return (
        step != last.step
        or energies.keys() != last.energies.keys()
        or not timedelta(0) <= gap <= MAX_FILL
        or gap % step != timedelta(0)
    )


def sum_between(
    blocks: Iterable[Block], quantity: Quantity, start: datetime, end: datetime
) -> float | None:
    """Known energy in Wh of the steps wholly in [start, end); None if none is known."""
    parts = (block.cut(start, end) for block in blocks if quantity in block.energies)
    energies = [part.energies[quantity] for part in parts if part is not None]
    if all(np.isnan(wh).all() for wh in energies):
        return None
    return float(sum(np.nansum(wh) for wh in energies))


def estimated_hours(
    blocks: Iterable[Block], since: datetime, settled: Iterable[Block]
) -> dict[datetime, tuple[float, float]]:
    """Consumption and estimated allocation in Wh of the whole hours that no page settles.

    Where there was no estimate, nothing is counted as allocated: the energy was drawn all
    the same.
    """
    filled = (
        replace(
            block,
            energies={
                Quantity.CONSUMPTION: block.energies[Quantity.CONSUMPTION],
                Quantity.ALLOCATED: np.nan_to_num(
                    block.energies[Quantity.ESTIMATED_ALLOCATED]
                ),
            },
        )
        for block in blocks
        if block.end > since
    )
    hours = sum_by_hour(filled, Quantity.CONSUMPTION, Quantity.ALLOCATED)
    spans = [(block.start, block.end) for block in settled]
    return {
        hour: (consumption_wh, allocated_wh)
        for hour, (consumption_wh, allocated_wh) in hours.items()
        if hour >= since and not any(start <= hour < end for start, end in spans)
    }
