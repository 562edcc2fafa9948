"""What the planner places: each load over the steps ahead, and what stands for it in the plan.

A task draws either energy that may lie anywhere between two bounds, or a cycle that runs as a
whole. All counts are of steps of the grid; all energies are of steps.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Energies

type Flags = npt.NDArray[np.bool_]

SHORTFALL_EUR_PER_KWH: Final = 10.0
"""What a kWh counts that is missing when it should be ready, more for a load of high priority:
far more than the dearest kWh, so that only what is impossible is missing."""
LONG_AGO: Final = 1_000_000
"""Steps: longer than any minimum time."""


@dataclass(frozen=True, slots=True, eq=False)
class Corridor:
    """Energy that may lie anywhere, as long as its sum stays between two bounds.

    Both in Wh since the start of the grid, shape (n_steps + 1,), at the edges of the steps, and
    never falling.
    """

    at_least_wh: Energies
    """Rises where something must be ready."""
    at_most_wh: Energies
    """Rises where more can be taken: a tank that is hot takes nothing."""

    def filled(self, drawn_wh: Energies) -> tuple[Energies, float]:
        """How far it is filled at each edge, shape (n_steps + 1,), and what was short in all.

        What was not ready in time is gone: nobody needs it later, and it can not be taken later.
        """
        drawn = np.concatenate(([0.0], np.cumsum(drawn_wh)))
        beyond = np.maximum.accumulate(np.maximum(drawn - self.at_most_wh, 0.0))
        filled: Energies = drawn - beyond
        if (filled >= self.at_least_wh).all():
            return filled, 0.0
        now = short = 0.0
        for edge, (added, least, most) in enumerate(
            zip(
                np.diff(drawn, prepend=0.0).tolist(),
                self.at_least_wh.tolist(),
                self.at_most_wh.tolist(),
                strict=True,
            )
        ):
            now = min(now + added, most)
            short += max(least - now, 0.0)
            filled[edge] = now = max(now, least)
        return filled, short


@dataclass(frozen=True, slots=True)
class Cycle:
    """A programme that runs as a whole once it has begun."""

    wh: tuple[float, ...]
    """Energy of its steps, each above zero: a machine that waits draws a little."""
    earliest: int
    """First step in which it may begin."""
    latest_end: int
    """Step before which it should have ended."""
    is_running: bool = False
    """Whether these are the steps that are left of it, from the first on."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Task:
    """A load over the steps of the grid."""

    id: str
    demand: Corridor | Cycle
    levels_wh: tuple[float, ...]
    """Energy of a step at each power it can run at, ascending; not used by a cycle."""
    peak_w: float
    """At the highest of them; of a cycle the peak."""
    allowed: Flags
    default_wh: Energies
    """What it would draw without any plan."""
    priority: int = 5
    group: str | None = None
    min_on: int = 1
    min_off: int = 1
    starts_per_day: int | None = None
    starts_today: int = 0
    start_eur: float = 0.0
    worth_eur_per_kwh: float | None = None
    """What a kWh may cost at most, where it is only drawn if that pays; None: it must be."""
    on_for: int = 0
    """Steps for which it has been on; 0: it is off."""
    off_for: int = LONG_AGO
    """Steps for which it has been off; only where it is off."""
    in_parts: bool = False
    """Whether its levels are parts of a step at full power."""
    is_fixed: bool = False
    """Whether it draws what it draws by default, whatever is planned: the user's own hand, or
    no one to switch it."""

    @property
    def is_cycle(self) -> bool:
        """Whether it runs as a whole."""
        return isinstance(self.demand, Cycle)

    def held_wh(self) -> Energies:
        """What it draws at the least, whatever is planned: what runs is not cut."""
        wh = np.zeros(len(self.allowed))
        if self.is_fixed:
            return self.default_wh
        if isinstance(self.demand, Cycle):
            if self.demand.is_running:
                part = self.demand.wh[: len(wh)]
                wh[: len(part)] = part
        elif 0 < self.on_for < self.min_on:
            wh[: self.min_on - self.on_for] = self.levels_wh[0]
        return wh

    def power_w(self, drawn_wh: Energies) -> Energies:
        """Power while it runs in each step: a relay that is on for a part draws all of it."""
        if self.is_cycle or self.in_parts or len(self.levels_wh) == 1:
            return np.where(drawn_wh > 0, self.peak_w, 0.0)
        power: Energies = drawn_wh * (self.peak_w / self.levels_wh[-1])
        return power


def starts_of(drawn_wh: Energies, *, was_on: bool) -> Flags:
    """Steps in which it begins to draw."""
    on = drawn_wh > 0
    begins: Flags = on & ~np.concatenate(([was_on], on[:-1]))
    return begins


def shortfall_eur_per_kwh(task: Task) -> float:
    """What a kWh of a load counts that is missing when it should be ready."""
    return SHORTFALL_EUR_PER_KWH * (1 + task.priority / 10)


def never_late_steps(cycle: Cycle, n_steps: int) -> int:
    """As how many steps late a programme counts that does not run at all: more than any other."""
    return max(n_steps + 1 - cycle.latest_end, 1)
