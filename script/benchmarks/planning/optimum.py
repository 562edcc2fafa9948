"""The plan that costs least, or a bound below it: all loads at once, by a mixed-integer program.

The same loads, levels, times, starts, groups and power as the planner's; energies in kWh, so
that the solver's tolerances are small beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.indicators import WH_PER_KWH
from custom_components.autoconsommation_collective.engine.planner import Setting
from custom_components.autoconsommation_collective.engine.task import (
    Corridor,
    Cycle,
    Task,
    never_late_steps,
    shortfall_eur_per_kwh,
)

from .broken import held
from .program import Columns, Program, Term

LEAST_LEFT_KWH: Final = 5e-4
"""What must be left to be taken for a step to be drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """What the solver found."""

    drawn_wh: Mapping[str, Energies] | None
    cost_eur: float
    """With what is short, less what optional energy is worth."""
    bound_eur: float
    is_finished: bool


def optimum(
    tasks: tuple[Task, ...],
    setting: Setting,
    *,
    base_eur: float = 0.0,
    seconds: float = 60.0,
    gap: float = 1e-3,
    presolve: bool = True,
) -> Optimum:
    """The cheapest plan; the gap is relative to its cost and that of the rest of the home.

    Without presolve it takes longer; with it HiGHS 1.12 cut off the best plan of one small home
    in some thousand, by the wear of a start.
    """
    model = _Model(tasks, setting)
    anyway = base_eur + model.constant_eur
    model.program.unknowns(1, cost=anyway, low=1.0, high=1.0)
    found = model.program.solved(seconds=seconds, gap=gap, presolve=presolve)
    return Optimum(
        drawn_wh=None if found.x is None else model.drawn_wh(found.x),
        cost_eur=found.cost - base_eur,
        bound_eur=found.bound - base_eur,
        is_finished=found.is_finished,
    )


class _Model:
    """The program, and how its unknowns are read."""

    def __init__(self, tasks: tuple[Task, ...], setting: Setting) -> None:
        self.program = Program()
        self.constant_eur = 0.0
        self._n_steps = n = setting.ladder.n_steps
        self._setting = setting
        self._energy: dict[str, list[tuple[Columns, Columns, Energies]]] = {}
        """Of each load: steps, columns and the kWh of one unit of each column."""
        self._power: list[tuple[Columns, Columns, Energies]] = []
        self._on: dict[str, list[tuple[Columns, Columns]]] = {}
        held_wh = {task.id: held(task, n) for task in tasks}
        for task in tasks:
            self._energy[task.id], self._on[task.id] = [], []
            self._add(task, held_wh[task.id])
        self._ladder()
        held_w = sum((task.power_w(held_wh[task.id]) for task in tasks), np.zeros(n))
        self._room(np.maximum(setting.room_w, held_w))
        self._groups(tasks, held_wh)

    def drawn_wh(self, x: Energies) -> dict[str, Energies]:
        """Energies of each load by step."""
        drawn = {}
        for name, parts in self._energy.items():
            wh = np.zeros(self._n_steps)
            for steps, columns, kwh in parts:
                np.add.at(wh, steps, np.round(x[columns]) * kwh * WH_PER_KWH)
            drawn[name] = wh
        return drawn

    def _add(self, task: Task, held_wh: Energies) -> None:
        """A load's unknowns and rows."""
        if task.is_fixed or (isinstance(task.demand, Cycle) and task.demand.is_running):
            self._draws_anyway(task, held_wh)
            return
        match task.demand:
            case Cycle() as cycle:
                self._cycle(task, cycle)
            case Corridor() as corridor:
                self._corridor(task, corridor)

    def _draws_anyway(self, task: Task, wh: Energies) -> None:
        """What nobody decides."""
        steps = np.flatnonzero(wh)
        one = self.program.unknowns(len(steps), low=1.0, high=1.0)
        self._energy[task.id].append((steps, one, wh[steps] / WH_PER_KWH))
        self._on[task.id].append((steps, one))
        self._power.append((steps, one, task.power_w(wh)[steps]))
        if isinstance(task.demand, Corridor):
            self._taken(task, task.demand)
        if task.start_eur:
            on = wh > 0
            begins = on & ~np.concatenate(([task.on_for > 0], on[:-1]))
            if not task.is_cycle:
                self.constant_eur += task.start_eur * int(begins.sum())
            elif task.is_fixed and on.any():
                self.constant_eur += task.start_eur

    def _cycle(self, task: Task, cycle: Cycle) -> None:
        """One unknown for each beginning."""
        length = len(cycle.wh)
        kwh = np.array(cycle.wh) / WH_PER_KWH
        begins = np.array(
            [
                begin
                for begin in range(max(cycle.earliest, 0), self._n_steps - length + 1)
                if task.allowed[begin : begin + length].all()
            ],
            dtype=np.int64,
        )
        late = np.maximum(begins + length - cycle.latest_end, 0)
        if task.worth_eur_per_kwh is None:
            late_eur = shortfall_eur_per_kwh(task) * kwh.sum()
            never = never_late_steps(cycle, self._n_steps) * late_eur
            cost = late * late_eur - never
            self.constant_eur += never
        else:
            begins = begins[late == 0]
            cost = np.full(len(begins), -task.worth_eur_per_kwh * kwh.sum())
        chosen = self.program.unknowns(
            len(begins), cost=cost + task.start_eur, high=1.0, whole=True
        )
        if not len(begins):
            return
        self.program.row((chosen, 1.0), high=1.0)
        for step, energy in enumerate(kwh):
            self._energy[task.id].append(
                (begins + step, chosen, np.full(len(begins), energy))
            )
            self._on[task.id].append((begins + step, chosen))
            self._power.append(
                (begins + step, chosen, np.full(len(begins), task.peak_w))
            )

    def _corridor(self, task: Task, corridor: Corridor) -> None:
        """On or off, and how much above its lowest power, at each step."""
        program, n = self.program, self._n_steps
        forced = task.min_on - task.on_for if 0 < task.on_for < task.min_on else 0
        may = task.allowed.astype(float)
        must = np.zeros(n)
        may[:forced] = must[:forced] = 1.0
        on = program.unknowns(n, low=must, high=may, whole=True)
        begins = program.unknowns(n, cost=task.start_eur, high=1.0)
        ends = program.unknowns(n, high=1.0)
        was_on = float(task.on_for > 0)
        program.row(
            (on[:1], 1.0), (begins[:1], -1.0), (ends[:1], 1.0), low=was_on, high=was_on
        )
        program.rows(
            (on[1:], 1.0),
            (on[:-1], -1.0),
            (begins[1:], -1.0),
            (ends[1:], 1.0),
            low=0.0,
            high=0.0,
        )
        for step in range(n):
            ran = begins[max(0, step - task.min_on + 1) : step + 1]
            program.row((ran, 1.0), (on[step : step + 1], -1.0), high=0.0)
            rested = ends[max(0, step - task.min_off + 1) : step + 1]
            program.row((rested, 1.0), (on[step : step + 1], 1.0), high=1.0)
        if not task.on_for and task.off_for < task.min_off:
            program.row((on[: task.min_off - task.off_for], 1.0), high=0.0)
        if task.starts_per_day is not None:
            for day in np.unique(self._setting.day):
                today = task.starts_today if day == self._setting.day[0] else 0
                left = max(task.starts_per_day - today, 0)
                program.row((begins[self._setting.day == day], 1.0), high=left)
        steps = np.arange(n)
        lowest = task.levels_wh[0] / WH_PER_KWH
        parts = [(steps, on, np.full(n, lowest))]
        if len(task.levels_wh) > 1:
            rises = np.diff(task.levels_wh) / WH_PER_KWH
            if not np.allclose(rises, rises[0]):
                raise ValueError("levels must be evenly apart")
            # What goes on where it may not does so at the lowest power.
            most_rises = np.where(task.allowed, float(len(rises)), 0.0)
            more = program.unknowns(n, high=most_rises, whole=True)
            program.rows((more, 1.0), (on, -float(len(rises))), high=0.0)
            parts.append((steps, more, np.full(n, rises[0])))
        self._energy[task.id] += parts
        self._on[task.id].append((steps, on))
        if task.in_parts:
            self._power.append((steps, on, np.full(n, task.peak_w)))
        else:
            w_per_kwh = task.peak_w / (task.levels_wh[-1] / WH_PER_KWH)
            self._power += [(s, c, kwh * w_per_kwh) for s, c, kwh in parts]
        taken = self._taken(task, corridor)
        # A run goes on beyond what can be taken only as long as it must.
        most = corridor.at_most_wh / WH_PER_KWH
        big = float(most[-1]) + LEAST_LEFT_KWH
        for step in range(n):
            recent = begins[max(0, step - task.min_on + 1) : step]
            free = big if step < forced else 0.0
            program.row(
                (taken[step : step + 1], 1.0),
                (on[step : step + 1], big),
                (recent, -big),
                high=float(most[step + 1]) - LEAST_LEFT_KWH + big + free,
            )

    def _taken(self, task: Task, corridor: Corridor) -> Columns:
        """What has been taken at each edge, and what is short of what should be ready."""
        program, n = self.program, self._n_steps
        most, least = (
            corridor.at_most_wh / WH_PER_KWH,
            corridor.at_least_wh / WH_PER_KWH,
        )
        worth = task.worth_eur_per_kwh or 0.0
        rewards = np.zeros(n + 1)
        rewards[-1] = -worth
        taken = program.unknowns(n + 1, cost=rewards, low=least, high=most)
        # What is short is paid once, and gone.
        short = program.unknowns(
            n,
            cost=shortfall_eur_per_kwh(task) + worth,
            high=np.where(np.diff(least) > 0, np.inf, 0.0),
        )
        program.row((taken[:1], 1.0), low=0.0, high=0.0)
        program.rows((taken[1:], 1.0), (taken[:-1], -1.0), low=0.0)
        full = program.unknowns(n, high=0.0 if task.is_fixed else 1.0, whole=True)
        program.rows((taken[1:], 1.0), (full, -most[1:]), low=0.0)
        big = max(task.levels_wh[-1], float(task.default_wh.max())) / WH_PER_KWH
        for step in range(n):
            at = slice(step, step + 1)
            change: list[Term] = [
                (taken[step + 1 : step + 2], 1.0),
                (taken[at], -1.0),
                *(
                    (columns[steps == step], -kwh[steps == step])
                    for steps, columns, kwh in self._energy[task.id]
                ),
            ]
            program.row(*change, (short[at], -1.0), high=0.0)
            if not task.is_fixed:
                # What is drawn is taken, until nothing more can be.
                program.row(*change, (full[at], big), low=0.0)
        return taken

    def _ladder(self) -> None:
        """Energies on rungs; where a later rung is cheaper, the ones before must be full."""
        program, ladder = self.program, self._setting.ladder
        widths = ladder.widths_wh / WH_PER_KWH
        most = np.zeros(self._n_steps)
        highest = program.highest
        for parts in self._energy.values():
            for steps, columns, kwh in parts:
                np.add.at(most, steps, kwh * highest[columns])
        rungs = [
            program.unknowns(self._n_steps, cost=prices, high=high)
            for prices, high in zip(
                ladder.eur_per_kwh,
                [*widths, np.full(self._n_steps, np.inf)],
                strict=True,
            )
        ]
        for step in range(self._n_steps):
            at = slice(step, step + 1)
            terms = [
                (columns[steps == step], -kwh[steps == step])
                for parts in self._energy.values()
                for steps, columns, kwh in parts
            ]
            program.row(*((rung[at], 1.0) for rung in rungs), *terms, low=0.0, high=0.0)
            prices = ladder.eur_per_kwh[:, step]
            for number, width in enumerate(widths[:, step]):
                if width > 0 and prices[number] > prices[number + 1 :].min() + 1e-12:
                    full = program.unknowns(1, high=1.0, whole=True)
                    program.row((rungs[number][at], 1.0), (full, -width), low=0.0)
                    for later in rungs[number + 1 :]:
                        program.row(
                            (later[at], 1.0), (full, -float(most[step])), high=0.0
                        )

    def _room(self, room_w: Energies) -> None:
        """The power of all together."""
        for step in range(self._n_steps):
            terms = [
                (columns[steps == step], watts[steps == step] / WH_PER_KWH)
                for steps, columns, watts in self._power
            ]
            self.program.row(*terms, high=float(room_w[step]) / WH_PER_KWH + 1e-6)

    def _groups(self, tasks: tuple[Task, ...], held_wh: Mapping[str, Energies]) -> None:
        """One of a group at a time, or those that nobody can stop."""
        for group in {task.group for task in tasks if task.group is not None}:
            members = [task for task in tasks if task.group == group]
            held_on = sum(
                ((held_wh[task.id] > 0).astype(int) for task in members),
                np.zeros(self._n_steps, dtype=int),
            )
            for step in range(self._n_steps):
                terms = [
                    (columns[steps == step], 1.0)
                    for task in members
                    for steps, columns in self._on[task.id]
                ]
                self.program.row(*terms, high=max(1, int(held_on[step])))
