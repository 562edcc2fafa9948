"""What a home uses beside its loads, which move with the share."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import numpy as np

from .blocks import Block, Quantity
from .grid import Grid, energies_on
from .ledger import Entry


def drawn_by_step(entries: Iterable[Entry], step: timedelta) -> tuple[Block, ...]:
    """What a load drew, as blocks of consecutive steps."""
    runs = groupby(
        enumerate(sorted(entries, key=lambda entry: entry.start)),
        key=lambda pair: pair[1].start - pair[0] * step,
    )
    blocks = []
    for _, run in runs:
        together = [entry for _, entry in run]
        wh = np.array([entry.actual_wh for entry in together])
        blocks.append(Block(together[0].start, step, {Quantity.CONSUMPTION: wh}))
    return tuple(blocks)


def base_use(
    own: Iterable[Block], drawn: Iterable[Sequence[Block]]
) -> tuple[Block, ...]:
    """A home's consumption without what its loads drew, each load's blocks by themselves.

    Loads move with the share: a habit learned with them would claim the share for itself.
    """
    loads = list(drawn)
    found = []
    for block in own:
        if Quantity.CONSUMPTION not in block.energies:
            found.append(block)
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        left = block.energies[Quantity.CONSUMPTION]
        for blocks in loads:
            taken = energies_on(grid, blocks, Quantity.CONSUMPTION)
            left = np.maximum(left - np.nan_to_num(taken), 0.0)
        energies = {**block.energies, Quantity.CONSUMPTION: left}
        found.append(replace(block, energies=energies))
    return tuple(found)
