"""Plans compared by what they are expected to cost, and the moves that make them cheaper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .blocks import Energies
from .indicators import WH_PER_KWH
from .ladder import Ladder
from .paths import ROOM_W, Around, Whole
from .placing import placed, placed_each
from .task import (
    Corridor,
    Cycle,
    Task,
    never_late_steps,
    shortfall_eur_per_kwh,
    starts_of,
)

type Drawn = Mapping[str, Energies]
"""Energies by step of each load."""

SWEEPS: Final = 4
"""Turns of all loads; after the second hardly any moves."""
PAIRED: Final = 7
"""Loads, those that draw most, that give way to each other by pairs: their number goes with its
square."""
HOPELESS_EUR: Final = 0.05
"""By how much two that gave way to each other may cost more before the first moves again."""
LEAST_GAIN_EUR: Final = 1e-4
"""Less is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What holds for all loads together."""

    ladder: Ladder
    room_w: Energies
    """Power that loads may draw in each step: what is subscribed, less what the home draws."""
    day: Whole
    """Local day of each step, as any number that changes with it."""


def shortfall_wh(task: Task, drawn_wh: Energies) -> float:
    """What is missing when it should be ready, each missing kWh once."""
    match task.demand:
        case Cycle() as cycle:
            if task.worth_eur_per_kwh is not None or cycle.is_running:
                return 0.0
            in_time = drawn_wh[: max(cycle.latest_end, 0)].sum()
            return max(0.0, sum(cycle.wh) - float(in_time))
        case Corridor() as corridor:
            return corridor.filled(drawn_wh)[1]


class Search:
    """All loads of a setting."""

    def __init__(self, tasks: Sequence[Task], setting: Setting) -> None:
        """Those that are fixed stay where they are in every plan."""
        self._tasks = {task.id: task for task in tasks}
        self._free = sorted((t for t in tasks if not t.is_fixed), key=_freedom)
        self._setting = setting
        self._held = {task.id: task.held_wh() for task in tasks}
        self._known: dict[tuple[str, bytes], Energies] = {}

    def cost_eur(self, drawn: Drawn) -> float:
        """Expected cost of all loads, with the wear of their starts."""
        wear = sum(_wear_eur(self._tasks[name], wh) for name, wh in drawn.items())
        return self._energy_eur(drawn) + wear

    def total_eur(self, drawn: Drawn) -> float:
        """The same with what is short, and less what optional energy is worth."""
        own = sum(_own_eur(self._tasks[name], wh) for name, wh in drawn.items())
        return self._energy_eur(drawn) + own

    def is_possible(self, drawn: Drawn) -> bool:
        """Whether power and groups allow it, beside what goes on whatever is planned."""
        drawn = {**self._held, **drawn}
        power, least = np.zeros((2, self._setting.ladder.n_steps))
        for name, wh in drawn.items():
            power += self._tasks[name].power_w(wh)
            least += self._tasks[name].power_w(self._held[name])
        if (power > np.maximum(self._setting.room_w, least) + 2 * ROOM_W).any():
            return False
        groups = {task.group for task in self._tasks.values()} - {None}
        for group in groups:
            members = [t.id for t in self._tasks.values() if t.group == group]
            on = sum((drawn[name] > 0).astype(int) for name in members)
            must = sum((self._held[name] > 0).astype(int) for name in members)
            if (on > np.maximum(must, 1)).any():
                return False
        return True

    def together(self, wished: Drawn) -> dict[str, Energies]:
        """Those of them that are possible at once, in their order."""
        kept: dict[str, Energies] = {}
        for name, wh in wished.items():
            if self.is_possible({**kept, name: wh}):
                kept[name] = wh
        return kept

    def laid(self, given: Drawn) -> dict[str, Energies]:
        """Those not given laid one after the other, the least free first."""
        # What runs keeps its place from the first on.
        drawn = {**self._held, **given}
        for task in self._free:
            if task.id not in given:
                drawn[task.id] = self._placed(task, drawn)
        return drawn

    def settled(
        self, drawn: Drawn, least_eur: float = LEAST_GAIN_EUR, by_start_eur: float = 0.0
    ) -> dict[str, Energies]:
        """Each moved where it gains enough, until none does."""
        now = dict(drawn)
        now_eur = self.total_eur(now)
        still = set[str]()
        for _ in range(SWEEPS):
            for task in self._free:
                if task.id in still:
                    continue
                trial = {**now, task.id: self._placed(task, now)}
                gain = now_eur - self.total_eur(trial)
                least = by_start_eur * moved_starts(now[task.id], trial[task.id])
                if gain > max(least, least_eur):
                    now, now_eur, still = trial, now_eur - gain, set()
                still.add(task.id)
            if len(still) == len(self._free):
                break
        return now

    def improved(self, drawn: Drawn) -> dict[str, Energies]:
        """Settled, then pairs that give way to each other.

        One is placed as if the other were not there, then the other beside it, then the one
        again.
        """
        now = self.settled(drawn)
        now_eur, is_better = self.total_eur(now), False
        ordered = sorted(self._free, key=lambda t: (-float(now[t.id].sum()), t.id))
        for first in ordered[:PAIRED] if len(ordered) > 1 else ():
            seconds = [other for other in ordered[:PAIRED] if other is not first]
            without = [{**now, other.id: self._held[other.id]} for other in seconds]
            wished = placed_each(first, [self._around(first, each) for each in without])
            for second, wish in zip(seconds, wished, strict=True):
                if np.array_equal(wish, now[first.id]):
                    continue  # the second is in nobody's way
                trial = {**now, first.id: wish}
                trial[second.id] = self._placed(second, trial)
                if np.array_equal(trial[second.id], now[second.id]):
                    continue
                if self.total_eur(trial) > now_eur + HOPELESS_EUR:
                    continue
                trial[first.id] = self._placed(first, trial)
                trial_eur = self.total_eur(trial)
                if trial_eur < now_eur - LEAST_GAIN_EUR:
                    now, now_eur, is_better = trial, trial_eur, True
        return self.settled(now) if is_better else now

    def _energy_eur(self, drawn: Drawn) -> float:
        """Of all loads, by the ladder."""
        total = sum(drawn.values(), np.zeros(self._setting.ladder.n_steps))
        return float(self._setting.ladder.cost_eur(total).sum())

    def _placed(self, task: Task, drawn: Drawn) -> Energies:
        """Where it is best placed beside the others; what was worked out before is known."""
        around = self._around(task, drawn)
        beside = (around.others_wh, around.room_w, around.free)
        key = (task.id, b"".join(values.tobytes() for values in beside))
        if key not in self._known:
            self._known[key] = placed(task, around)
        return self._known[key]

    def _around(self, task: Task, drawn: Drawn) -> Around:
        """What the other loads leave to a task."""
        n_steps = self._setting.ladder.n_steps
        others, power = np.zeros((2, n_steps))
        free = np.ones(n_steps, dtype=bool)
        for name, wh in drawn.items():
            if name == task.id:
                continue
            other = self._tasks[name]
            others += wh
            power += other.power_w(wh)
            if task.group is not None and other.group == task.group:
                free &= wh <= 0
        return Around(
            ladder=self._setting.ladder,
            others_wh=others,
            free=free,
            room_w=self._setting.room_w - power,
            day=self._setting.day,
        )


def moved_starts(before: Energies, after: Energies) -> int:
    """How many announced starts are no longer; what goes on from before counts as one."""
    announced = starts_of(before, was_on=False)
    return int((announced & ~starts_of(after, was_on=False)).sum())


def _wear_eur(task: Task, drawn_wh: Energies) -> float:
    """Of its starts."""
    if not task.start_eur:
        return 0.0
    if isinstance(task.demand, Cycle) and task.demand.is_running:
        return 0.0
    return task.start_eur * int(starts_of(drawn_wh, was_on=task.on_for > 0).sum())


def _own_eur(task: Task, drawn_wh: Energies) -> float:
    """Wear and what is short or late, less what optional energy is worth."""
    wear = _wear_eur(task, drawn_wh)
    match task.demand:
        case Cycle() as cycle:
            kwh = sum(cycle.wh) / WH_PER_KWH
            on = np.flatnonzero(drawn_wh)
            if task.worth_eur_per_kwh is not None:
                return wear - task.worth_eur_per_kwh * kwh * bool(len(on))
            if cycle.is_running:
                return wear
            late = (
                max(0, int(on[-1]) + 1 - cycle.latest_end)
                if len(on)
                else never_late_steps(cycle, len(drawn_wh))
            )
            return wear + late * kwh * shortfall_eur_per_kwh(task)
        case Corridor() as corridor:
            filled, short = corridor.filled(drawn_wh)
            worth = (task.worth_eur_per_kwh or 0.0) * (float(filled[-1]) - short)
            return wear + (short * shortfall_eur_per_kwh(task) - worth) / WH_PER_KWH


def _freedom(task: Task) -> tuple[int, bool, float, str]:
    """In which order loads are laid: the important, then the stiff and large ones."""
    return (-task.priority, not task.is_cycle, -task.peak_w, task.id)
