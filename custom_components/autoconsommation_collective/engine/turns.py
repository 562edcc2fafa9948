"""Who begins when: homes that switch whole appliances take turns within a surplus.

A claim says how much is a home's part, not when its machine should start. If all homes began
with the first good step, the surplus would be fought over then and left over later. So each
home begins at its own place; only as far apart as needed, and not at all where there is enough
for everybody at once.
"""

from collections.abc import Iterable, Iterator
from itertools import count
import math

import numpy as np
import numpy.typing as npt

from .blocks import Energies

type Flags = npt.NDArray[np.bool_]


def place_of(number: int) -> float:
    """The place, in [0, 1), of the home that comes so many after the first.

    Its number in binary digits, mirrored behind the point: so places lie evenly however many
    there are, and nobody ever has to change one.
    """
    mirrored = f"{number:b}"[::-1]
    return float(int(mirrored, 2) / 2 ** len(mirrored))


def next_place(taken: Iterable[float]) -> float:
    """The first place that nobody has."""
    held = set(taken)
    return next(place for n in count() if (place := place_of(n)) not in held)


def taken_in_turn(
    shared: Flags,
    claim_wh: Energies,
    surplus_wh: Energies,
    limit_wh: float,
    flexible_wh: float,
    place: float,
) -> tuple[Flags, Energies]:
    """Whether it is this home's turn at each step of a day, and its claim from then on.

    `shared` marks the steps with a surplus to share. The runs of all followers, each at the
    limit, are laid one beside the other so that together they use the surplus; `place`, in
    [0, 1), is this home's among them. What is claimed before the turn moves behind it, as far
    as the limit allows.
    """
    in_turn = np.ones(len(shared), dtype=bool)
    later = claim_wh.copy()
    for first, after in _runs(shared):
        delay = _delay(
            claim_wh[first:after], surplus_wh[first:after], limit_wh, flexible_wh, place
        )
        start = first + delay
        in_turn[first:start] = False
        rest = claim_wh[start:after]
        if delay and rest.sum() > 0:
            scale = claim_wh[first:after].sum() / rest.sum()
            later[start:after] = np.minimum(rest * scale, limit_wh)
    return in_turn, later


def _delay(
    claim_wh: Energies,
    surplus_wh: Energies,
    limit_wh: float,
    flexible_wh: float,
    place: float,
) -> int:
    """How many steps of a run pass before this home's turn."""
    n_steps = len(claim_wh)
    own_steps = (
        max(1, math.ceil(claim_wh.sum() / limit_wh)) if limit_wh > 0 else n_steps
    )
    mean_wh = float(np.mean(surplus_wh))
    # How long all followers take together, using the surplus and no more; for ever where
    # nobody knows it.
    busy = flexible_wh / mean_wh if mean_wh > 0 else math.inf
    if busy <= own_steps:
        return 0
    latest = n_steps - own_steps
    return int(place * min(latest, busy))


def _runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """First step and the one after the last of each run of true flags."""
    edges = np.flatnonzero(
        np.diff(np.concatenate(([False], flags, [False])).astype(int))
    )
    yield from map(tuple, edges.reshape(-1, 2).tolist())
