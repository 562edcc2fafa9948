"""The home's own steps, appended as they close: months of immutable blocks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import numpy as np

from .blocks import Block, Energies, Quantity

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
    return at_clock(day, time.min, time_zone)


def at_clock(day: date, clock: time, time_zone: tzinfo) -> datetime:
    """When the clock on the wall shows that on a local day, UTC."""
    return datetime.combine(day, clock, time_zone).astimezone(UTC)


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


def estimated_blocks(
    blocks: Iterable[Block], since: datetime, settled: Iterable[Block]
) -> tuple[Block, ...]:
    """Own steps from then on that no page settles, with the parts they are estimated to have.

    What is withdrawn, with what is allocated of it; what is injected, with the surplus of it.
    Where there was no estimate, nothing counts as allocated or shared: the energy passed the
    meter all the same. Steps that are settled are holes.
    """
    spans = [(block.start, block.end) for block in settled]
    found = []
    for block in blocks:
        part = block.cut(since, block.end)
        if part is None:
            continue
        is_settled = np.zeros(part.n_steps, dtype=np.bool_)
        for edges in spans:
            first, last = (max(0, -((part.start - at) // part.step)) for at in edges)
            is_settled[first:last] = True
        energies = {
            quantity: np.where(is_settled, np.nan, wh)
            for quantity, wh in _estimated(part).items()
        }
        found.append(replace(part, energies=energies))
    return tuple(found)


def _estimated(block: Block) -> dict[Quantity, Energies]:
    """The whole of a block's energy, and one of its two parts."""
    energies = block.energies
    if Quantity.CONSUMPTION in energies:
        return {
            Quantity.CONSUMPTION: energies[Quantity.CONSUMPTION],
            Quantity.ALLOCATED: np.nan_to_num(energies[Quantity.ESTIMATED_ALLOCATED]),
        }
    production = energies[Quantity.PRODUCTION]
    shared = energies.get(Quantity.ESTIMATED_SHARED, np.zeros(block.n_steps))
    return {
        Quantity.PRODUCTION: production,
        Quantity.SURPLUS: production - np.nan_to_num(shared),
    }
