"""Where one load draws its energy at the least cost, while the other loads stay where they are."""

from collections.abc import Sequence
import math
from typing import Final

import numpy as np

from .blocks import Energies
from .indicators import WH_PER_KWH
from .paths import EARLY_EUR, ROOM_W, Around, Paths, in_units
from .task import Corridor, Cycle, Task, shortfall_eur_per_kwh

REPAIRS: Final = 2
"""Times that what came out short is told anew; one is mostly enough."""


def placed(task: Task, around: Around) -> Energies:
    """Energies by step at the least expected cost; what cannot be met falls short at the end."""
    return placed_each(task, [around])[0]


def placed_each(task: Task, arounds: Sequence[Around]) -> list[Energies]:
    """The same in each of several surroundings, which takes little longer than in one."""
    match task.demand:
        case Cycle() as cycle:
            return [_cycle_placed(task, cycle, around) for around in arounds]
        case Corridor() as corridor:
            paths = Paths(task, corridor, arounds)
            return [
                _repaired(task, corridor, arounds[number], drawn, missing_wh)
                for number, (drawn, missing_wh) in enumerate(paths.walked())
            ]


def _cycle_placed(task: Task, cycle: Cycle, around: Around) -> Energies:
    """The whole programme at its cheapest beginning; late rather than never."""
    n_steps, length = len(task.allowed), len(cycle.wh)
    drawn = np.zeros(n_steps)
    if cycle.is_running:
        fits = min(length, n_steps)
        drawn[:fits] = cycle.wh[:fits]
        return drawn
    energies = np.array(cycle.wh)
    begins = np.arange(max(cycle.earliest, 0), n_steps - length + 1)
    if not len(begins):
        return drawn
    cells = begins[:, None] + np.arange(length)
    usable = task.allowed & around.free & (around.room_w + ROOM_W >= task.peak_w)
    added = around.ladder.added_eur(around.others_wh, energies)
    cost = added[np.arange(length), cells].sum(axis=1) + EARLY_EUR * begins
    cost[~usable[cells].all(axis=1)] = math.inf
    late = np.maximum(begins + length - cycle.latest_end, 0)
    whole_kwh = energies.sum() / WH_PER_KWH
    if task.worth_eur_per_kwh is None:
        cost += late * (shortfall_eur_per_kwh(task) * whole_kwh)
    else:
        worth_eur = task.worth_eur_per_kwh * whole_kwh - task.start_eur
        cost[(late > 0) | (cost > worth_eur)] = math.inf
    best = int(np.argmin(cost))
    if math.isfinite(cost[best]):
        drawn[begins[best] : begins[best] + length] = energies
    return drawn


def _repaired(
    task: Task, corridor: Corridor, around: Around, drawn: Energies, missing_wh: float
) -> Energies:
    """With all that can be ready in time.

    Of a unit that was begun when little was left to take, only that little counts: where more
    is due later, it is told to be due.
    """
    for _ in range(REPAIRS):
        filled, short_wh = corridor.filled(drawn)
        if short_wh <= missing_wh + 0.5:
            break
        reached = np.minimum(filled[:-1] + drawn, corridor.at_most_wh[1:])
        _, unit_wh = in_units(task, corridor)
        units = np.ceil((filled[1:] - reached) / unit_wh - 1e-6)
        raised = np.cumsum(np.concatenate(([0.0], units))) * unit_wh
        least_wh = corridor.at_least_wh + raised
        most_wh = np.maximum(corridor.at_most_wh, least_wh)
        ((drawn, missing_wh),) = Paths(
            task, Corridor(least_wh, most_wh), [around]
        ).walked()
    return drawn
