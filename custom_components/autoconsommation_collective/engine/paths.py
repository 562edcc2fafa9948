"""The cheapest ways through the steps of one load whose energy may lie anywhere.

Exact for energies in whole units: a shortest path over the steps. Its nodes are how long the load
has been on or off, how often it has begun today, and how much it has drawn. Several surroundings
are worked out at once: the time goes into steps, not into numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
import numpy.typing as npt

from .blocks import Energies
from .indicators import WH_PER_KWH
from .ladder import Ladder
from .tariffs import Prices
from .task import Corridor, Flags, Task, shortfall_eur_per_kwh, starts_of

type Whole = npt.NDArray[np.int64]

EARLY_EUR: Final = 1e-7
"""By step: of two moments that cost the same, the earlier is surer."""
ROOM_W: Final = 1e-6
"""Power that is nobody's: rounding."""
MAX_UNITS: Final = 400
"""In which an energy is counted: a quarter of a percent of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What the other loads leave to one."""

    ladder: Ladder
    others_wh: Energies
    free: Flags
    """Steps in which no other load of its group runs."""
    room_w: Energies
    """Power that is left."""
    day: Whole
    """Local day of each step, as any number that changes with it."""


class Paths:
    """The cheapest ways through the steps of one load whose energy may lie anywhere.

    Values have the shape (surroundings, nodes, starts, units): least cost from there to the end.
    Nodes are on for one step, two, ..., for as many as it must be, then off likewise. Columns of
    units go on beyond all that can be taken, so that a level is but a shift.
    """

    def __init__(
        self, task: Task, corridor: Corridor, arounds: Sequence[Around]
    ) -> None:
        """All surroundings are on the same steps."""
        self._task = task
        self._n_steps = n_steps = len(task.allowed)
        self._day = arounds[0].day
        self._levels, self._unit_wh = in_units(task, corridor)
        least = np.ceil(corridor.at_least_wh / self._unit_wh - 1e-6).astype(np.int64)
        most = np.ceil(corridor.at_most_wh / self._unit_wh - 1e-6).astype(np.int64)
        most = np.maximum(most, least)
        self._least: list[int] = least.tolist()
        self._most: list[int] = most.tolist()
        self._n_units = self._most[-1] + 1
        self._width = self._n_units + int(self._levels[-1])
        self._short_eur = shortfall_eur_per_kwh(task) * self._unit_wh / WH_PER_KWH
        useful_wh = np.arange(self._width) * self._unit_wh
        useful_kwh = np.minimum(useful_wh, corridor.at_most_wh[-1]) / WH_PER_KWH
        self._worth_eur: Prices = useful_kwh * (task.worth_eur_per_kwh or 0.0)
        self._costs = np.array([self._costs_of(around) for around in arounds])
        # Where nothing can be taken, only a run that must not be cut goes on.
        opens = most[1:] > least[:-1]
        opens[: task.min_on] |= task.on_for > 0
        ran = sliding_window_view(np.pad(opens, (task.min_on - 1, 0)), task.min_on)
        self._costs[..., ~ran.any(axis=-1)] = math.inf
        self._new_day = np.diff(self._day, prepend=self._day[:1]) != 0
        self._last = n_steps
        if task.worth_eur_per_kwh is None:
            # Once all is ready, only a run that must not be cut goes on.
            ready = int(np.flatnonzero(np.diff(least, prepend=0)).max(initial=0))
            held = task.min_on - task.on_for if task.on_for else 0
            self._last = min(max(ready + task.min_on - 1, held), n_steps)

    def walked(self) -> list[tuple[Energies, float]]:
        """Energies by step, and what is missing where it should be ready, in whole units.

        Starts are counted only where they must be: it takes longer.
        """
        values = self._values(self._costs, 0)
        ways = [
            self._way(costs, values[:, number], 0)
            for number, costs in enumerate(self._costs)
        ]
        limit = self._task.starts_per_day
        if limit is not None:
            for number, (drawn, _) in enumerate(ways):
                if self._most_starts(drawn) > limit:
                    one = self._costs[number : number + 1]
                    values = self._values(one, limit)
                    ways[number] = self._way(one[0], values[:, 0], limit)
        return ways

    def _costs_of(self, around: Around) -> Prices:
        """Of each level at each step, shape (n_levels, n_steps); infinite where it must not."""
        task = self._task
        energies = np.asarray(self._levels * self._unit_wh, dtype=np.float64)
        peaks = (
            np.full(len(energies), task.peak_w)
            if task.in_parts
            else energies * (task.peak_w / task.levels_wh[-1])
        )
        added = around.ladder.added_eur(around.others_wh, energies)
        added += EARLY_EUR * np.arange(self._n_steps)
        usable = task.allowed & around.free
        fits = usable & (peaks[:, None] <= around.room_w + ROOM_W)
        if 0 < task.on_for < task.min_on:
            fits[0, : task.min_on - task.on_for] = True  # what runs is not cut
        costs: Prices = np.where(fits, added, math.inf)
        return costs

    def _way(
        self, step_costs: Prices, values: Energies, most_starts: int
    ) -> tuple[Energies, float]:
        """The cheapest way in one surrounding, with at most so many starts a day; 0: any."""
        task = self._task
        n_on, n_off = task.min_on, task.min_off
        node = (
            min(task.on_for, n_on) - 1
            if task.on_for
            else n_on + min(task.off_for, n_off) - 1
        )
        starts, units, missing = min(task.starts_today, most_starts), 0, 0
        drawn = np.zeros(self._n_steps)
        levels, costs = self._levels.tolist(), step_costs.T.tolist()
        for n in range(self._last):
            least, most = self._least[n], self._most[n + 1]
            if units < least:
                missing += least - units
                units = least
            if most_starts and self._new_day[n]:
                starts = 0
            is_on = node < n_on
            # First of the options: of ways that cost the same, the quiet one.
            best, choice = math.inf, (n_on, starts, 0)
            if not is_on or node == n_on - 1:
                rest = n_on if is_on else min(node + 1, n_on + n_off - 1)
                best, choice = values[n + 1, rest, starts, units], (rest, starts, 0)
            may_run = is_on or node == n_on + n_off - 1
            then = starts + int(bool(most_starts) and not is_on)
            has_room = units < most or node < n_on - 1
            if may_run and has_room and then <= most_starts:
                to = min(node + 1, n_on - 1) if is_on else 0
                extra = 0.0 if is_on else task.start_eur
                for level, cost in zip(levels, costs[n], strict=True):
                    if cost == math.inf:
                        break
                    value = cost + extra + values[n + 1, to, then, units + level]
                    if value < best:
                        best, choice = value, (to, then, level)
            node, starts, level = choice
            if level:
                drawn[n] = level * self._unit_wh
                units = min(units + level, most)
        missing += max(0, self._least[self._last] - units)
        return drawn, missing * self._unit_wh

    def _values(self, costs: Prices, most_starts: int) -> Energies:
        """Of each edge, from the first to the last that matters."""
        task = self._task
        n_on, n_off, n_units = task.min_on, task.min_off, self._n_units
        shape = (len(costs), n_on + n_off, most_starts + 1, self._width)
        values = np.empty((self._last + 1, *shape))
        # Of each column those from it on, so that a level is the column that it leads to.
        onward = sliding_window_view(values, n_units, axis=-1)[:, :, :n_on]
        # Where a level has power enough, each below it has.
        n_possible = np.isfinite(costs).sum(axis=1).max(axis=0).tolist()
        by_step = costs.transpose(2, 0, 1)[:, :, None, None, :, None]
        values[-1] = -self._worth_eur
        self._settle(values[-1], self._last, most_starts)
        for n in range(self._last - 1, -1, -1):
            after, now = values[n + 1], values[n]
            if n_off > 1:
                now[:, n_on:-1] = after[:, n_on + 1 :]
            if not n_possible[n]:
                now[:, : n_on - 1] = math.inf
                now[:, n_on - 1] = after[:, n_on]
                now[:, -1] = after[:, -1]
                self._settle(now, n, most_starts)
                continue
            ran = onward[n + 1][..., self._levels[0], :] + by_step[n][..., 0, :]
            if n_possible[n] > 1:
                others = slice(1, n_possible[n])
                each = onward[n + 1][..., self._levels[others], :]
                each = each + by_step[n][..., others, :]
                np.minimum(ran, each.min(axis=-2), out=ran)
            if n_on > 1:
                now[:, : n_on - 1, :, :n_units] = ran[:, 1:]
            # Nothing begins, or goes on longer than it must, when all is taken.
            ran[..., self._most[n + 1] :] = math.inf
            rests = after[..., :n_units]
            now = now[..., :n_units]
            np.minimum(ran[:, -1], rests[:, n_on], out=now[:, n_on - 1])
            begun = ran[:, 0] + task.start_eur
            if most_starts:
                np.minimum(rests[:, -1, :-1], begun[:, 1:], out=now[:, -1, :-1])
                now[:, -1, -1] = rests[:, -1, -1]
            else:
                np.minimum(rests[:, -1], begun, out=now[:, -1])
            self._settle(values[n], n, most_starts)
        return values

    def _settle(self, values: Energies, n: int, most_starts: int) -> None:
        """What holds at the edge before a step.

        Beyond all that can be taken nothing counts, what should be ready does, and a new day
        counts its own starts.
        """
        least, most = self._least[n], self._most[n]
        values[..., most + 1 :] = values[..., most : most + 1]
        if least > (self._least[n - 1] if n else 0):
            missing = np.arange(least, 0, -1) * self._short_eur
            missing += self._worth_eur[least] - self._worth_eur[:least]
            values[..., :least] = values[..., least : least + 1] + missing
        if most_starts and n < self._n_steps and self._new_day[n]:
            values[:] = values[..., :1, :]

    def _most_starts(self, drawn: Energies) -> int:
        """Starts of the day with the most of them."""
        days = self._day[starts_of(drawn, was_on=self._task.on_for > 0)]
        counts = np.unique_counts(days)
        today = np.where(counts.values == self._day[0], self._task.starts_today, 0)
        return int((counts.counts + today).max(initial=0))


def in_units(task: Task, corridor: Corridor) -> tuple[Whole, float]:
    """The levels in whole units, and the energy of a unit: as fine as is worth its time.

    Where units are coarse, some levels are left out; each that is left is one of the load's.
    """
    levels = np.array(task.levels_wh)
    if len(levels) == 1:
        return np.ones(1, dtype=np.int64), float(levels[0])
    milli = np.round(levels * 1000).astype(np.int64)
    finest = math.gcd(*milli.tolist())
    units = milli // finest
    lowest, most = int(units[0]), float(corridor.at_most_wh[-1]) * 1000 / finest
    parts = (part for part in range(1, lowest) if lowest % part == 0)
    coarse = next((part for part in parts if most / part <= MAX_UNITS), lowest)
    kept = units[units % coarse == 0]
    return kept // coarse, coarse * finest / 1000
