"""Put the steps of all files of a delivery together: curves of blocks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ..engine.blocks import Block, Quantity
from ..engine.delivery import Curve, Repair
from ..engine.slots import MAX_FILL
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import MAX_VALUES
from .delivery_series import Key, Steps, followed
from .step_lengths import Whole

MAX_BLOCKS: Final = 20_000
"""A member's year has some ten, where a meter was silent now and then."""


def joined(
    parts: Iterable[dict[Key, Steps]], repairs: Counter[Repair]
) -> dict[Key, Steps]:
    """The steps of all files in the order of their delivery."""
    known: dict[Key, Steps] = {}
    for part in parts:
        for key, steps in part.items():
            known[key] = followed(known[key], steps, repairs) if key in known else steps
    return known


def curves(known: Mapping[Key, Steps], file: str) -> tuple[Curve, ...]:
    """The curves of each point, in order of their names; holes are NaN.

    Raises DeliveryError where they are more than any operation has.
    """
    of_point = defaultdict[str | None, dict[Quantity, Steps]](dict)
    for (point, quantity), steps in known.items():
        of_point[point][quantity] = steps
    room = _Room(file)
    return tuple(
        Curve(point, tuple(_blocks(fitting, room)))
        for point in sorted(of_point, key=lambda point: point or "")
        for fitting in _fitting(of_point[point])
    )


class _Room:
    """How much may still be made of what was read: holes cost as much as energies."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values = MAX_VALUES
        self.blocks = MAX_BLOCKS

    def take(self, n_steps: int, n_quantities: int) -> None:
        self.values -= n_steps * n_quantities
        self.blocks -= 1
        if min(self.values, self.blocks) < 0:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)


type _Grid = tuple[Whole, npt.NDArray[np.int32]]
"""Starts and lengths of steps."""


def _fitting(of_point: Mapping[Quantity, Steps]) -> Iterator[dict[Quantity, Steps]]:
    """The quantities of a point in groups whose steps fit together, in the order of quantities."""
    left = [quantity for quantity in Quantity if quantity in of_point]
    while left:
        group: dict[Quantity, Steps] = {}
        for quantity in left:
            wider = group | {quantity: of_point[quantity]}
            if _grid(wider) is not None:
                group = wider
        yield group
        left = [quantity for quantity in left if quantity not in group]


def _grid(group: Mapping[Quantity, Steps]) -> _Grid | None:
    """All steps that some of the quantities have; None where they do not fit together."""
    first, *others = group.values()
    if all(
        np.array_equal(first.starts, other.starts)
        and np.array_equal(first.steps, other.steps)
        for other in others
    ):
        return first.starts, first.steps
    starts = np.unique(np.concatenate([part.starts for part in group.values()]))
    steps = np.zeros(len(starts), dtype=np.int32)
    for part in group.values():
        places = np.searchsorted(starts, part.starts)
        there = steps[places]
        if ((there != 0) & (there != part.steps)).any():
            return None
        steps[places] = part.steps
    if ((starts + steps)[:-1] > starts[1:]).any():
        return None
    return starts, steps


def _blocks(group: Mapping[Quantity, Steps], room: _Room) -> Iterator[Block]:
    """The blocks of quantities that fit together."""
    if (grid := _grid(group)) is None:
        return
    starts, steps = grid
    gaps = starts[1:] - (starts + steps)[:-1]
    # All steps of one length are on the grid of that length, whatever lies between them.
    new = (np.diff(steps) != 0) | (gaps > MAX_FILL.total_seconds())
    edges = [0, *(np.flatnonzero(new) + 1).tolist(), len(starts)]
    for first, after in pairwise(edges):
        start, step = int(starts[first]), int(steps[first])
        n_steps = (int(starts[after - 1]) - start) // step + 1
        room.take(n_steps, len(group))
        energies = {}
        for quantity, part in group.items():
            rows = slice(*np.searchsorted(part.starts, [start, start + n_steps * step]))
            if rows.stop > rows.start:
                filled = np.full(n_steps, np.nan)
                filled[(part.starts[rows] - start) // step] = part.wh[rows]
                energies[quantity] = filled
        yield Block(
            datetime.fromtimestamp(start, UTC), timedelta(seconds=step), energies
        )
