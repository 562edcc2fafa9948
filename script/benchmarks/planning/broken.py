"""What a plan breaks, and what it costs: counted step by step, beside the planner's own rules."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.paths import Whole
from custom_components.autoconsommation_collective.engine.planner import Setting
from custom_components.autoconsommation_collective.engine.task import (
    Corridor,
    Cycle,
    Task,
    never_late_steps,
    shortfall_eur_per_kwh,
)

TOLERANCE: Final = 0.5
"""Wh and W."""


def held(task: Task, n_steps: int) -> Energies:
    """What a load draws whatever is planned, at the least."""
    if task.is_fixed:
        return task.default_wh
    wh = np.zeros(n_steps)
    if isinstance(task.demand, Cycle):
        if task.demand.is_running:
            part = task.demand.wh[:n_steps]
            wh[: len(part)] = part
    elif 0 < task.on_for < task.min_on:
        wh[: task.min_on - task.on_for] = task.levels_wh[0]
    return wh


def broken(
    tasks: Sequence[Task], setting: Setting, drawn_wh: Mapping[str, Energies]
) -> list[str]:
    """Every rule that is broken, in words; a load that runs by default keeps its own rules."""
    told = []
    for task in tasks:
        wh = drawn_wh[task.id]
        if np.array_equal(wh, task.default_wh):
            continue
        rules = (
            _cycle_breaks(task, task.demand, wh)
            if isinstance(task.demand, Cycle)
            else _corridor_breaks(task, task.demand, wh, setting.day)
        )
        told += [f"{task.id}: {rule}" for rule in rules]
    return told + list(_shared_breaks(tasks, setting, drawn_wh))


def _shared_breaks(
    tasks: Sequence[Task], setting: Setting, drawn_wh: Mapping[str, Energies]
) -> Iterator[str]:
    """Power of all together, and groups, beside what nobody can stop."""
    n_steps = setting.ladder.n_steps
    anyway = {task.id: held(task, n_steps) for task in tasks}
    for step in range(n_steps):
        power = sum(float(t.power_w(drawn_wh[t.id])[step]) for t in tasks)
        least = sum(float(t.power_w(anyway[t.id])[step]) for t in tasks)
        if power > max(float(setting.room_w[step]), least) + TOLERANCE:
            yield f"step {step}: {power:.0f} W"
        for group in {task.group for task in tasks if task.group is not None}:
            members = [task for task in tasks if task.group == group]
            on = sum(drawn_wh[task.id][step] > 0 for task in members)
            must = sum(anyway[task.id][step] > 0 for task in members)
            if on > max(1, must):
                yield f"step {step}: {on} of {group}"


def _cycle_breaks(task: Task, cycle: Cycle, wh: Energies) -> Iterator[str]:
    """A whole programme, once, where it may run."""
    on = np.flatnonzero(wh > 0).tolist()
    if not on:
        if cycle.is_running:
            yield "cut"
        return
    first = on[0]
    expected = np.zeros(len(wh))
    part = cycle.wh[: len(wh) - first]
    expected[first : first + len(part)] = part
    if not np.allclose(wh, expected, atol=TOLERANCE):
        yield "not the programme"
    if cycle.is_running:
        if first:
            yield "moved while it runs"
        return
    if first < cycle.earliest:
        yield "too early"
    if len(part) < len(cycle.wh):
        yield "beyond the horizon"
    if not task.allowed[on].all():
        yield "where it may not"
    if task.worth_eur_per_kwh is not None and first + len(part) > cycle.latest_end:
        yield "late, and not needed"


def _corridor_breaks(
    task: Task, corridor: Corridor, wh: Energies, day: Whole
) -> Iterator[str]:
    """Levels, bounds, times and starts, one step after the other."""
    forced = task.min_on - task.on_for if 0 < task.on_for < task.min_on else 0
    taken, ran = 0.0, task.on_for
    for step, energy in enumerate(wh.tolist()):
        most = float(corridor.at_most_wh[step + 1])
        if energy > 0:
            if not any(abs(energy - level) < TOLERANCE for level in task.levels_wh):
                yield f"step {step}: {energy:.0f} Wh is no level"
            lowest = step < forced and abs(energy - task.levels_wh[0]) < TOLERANCE
            if not task.allowed[step] and not lowest:
                yield f"step {step}: not allowed"
            has_room = taken < most - TOLERANCE
            if not has_room and not 0 < ran < task.min_on:
                yield f"step {step}: full"
        elif step < forced:
            yield f"step {step}: cut"
        ran = ran + 1 if energy > 0 else 0
        taken = max(min(taken + energy, most), float(corridor.at_least_wh[step + 1]))
    runs = [(on, len(list(group))) for on, group in groupby((wh > 0).tolist())]
    for number, (on, length) in enumerate(runs[:-1]):
        if number == 0 and on == (task.on_for > 0):
            length += task.on_for or task.off_for
        if length < (task.min_on if on else task.min_off):
            yield f"run {number}: {length} steps {'on' if on else 'off'}"
    if runs and runs[0][0] and not task.on_for and task.off_for < task.min_off:
        yield "begun too early after a pause"
    if task.starts_per_day is not None:
        for number in np.unique(day).tolist():
            today = task.starts_today if number == day[0] else 0
            before = task.on_for > 0
            begun = 0
            for on, its_day in zip((wh > 0).tolist(), day.tolist(), strict=True):
                begun += on and not before and its_day == number
                before = on
            if begun and begun + today > task.starts_per_day:
                yield f"day {number}: {begun} starts"


def spent_eur(
    tasks: Sequence[Task], setting: Setting, drawn_wh: Mapping[str, Energies]
) -> float:
    """Expected cost of the loads with their wear, climbed step by step."""
    total = 0.0
    ladder = setting.ladder
    for step in range(ladder.n_steps):
        left = sum(float(drawn_wh[task.id][step]) for task in tasks) / 1000
        for width, price in zip(
            (ladder.widths_wh[:, step] / 1000).tolist(),
            ladder.eur_per_kwh[:-1, step].tolist(),
            strict=True,
        ):
            total += min(left, width) * price
            left -= min(left, width)
        total += left * float(ladder.eur_per_kwh[-1, step])
    for task in tasks:
        before = task.on_for > 0
        for on in (drawn_wh[task.id] > 0).tolist():
            if not isinstance(task.demand, Cycle):
                total += task.start_eur * (on and not before)
            before = on
        if isinstance(task.demand, Cycle) and not task.demand.is_running:
            total += task.start_eur * bool(drawn_wh[task.id].any())
    return total


def judged_eur(
    tasks: Sequence[Task], setting: Setting, drawn_wh: Mapping[str, Energies]
) -> float:
    """The same with what is short, less what optional energy is worth."""
    total = spent_eur(tasks, setting, drawn_wh)
    for task in tasks:
        wh = drawn_wh[task.id]
        worth = task.worth_eur_per_kwh
        if isinstance(task.demand, Cycle):
            energy = sum(task.demand.wh) / 1000
            on = np.flatnonzero(wh > 0)
            if worth is not None:
                total -= worth * energy * bool(len(on))
            elif not task.demand.is_running:
                late = (
                    max(0, int(on[-1]) + 1 - task.demand.latest_end)
                    if len(on)
                    else never_late_steps(task.demand, len(wh))
                )
                total += late * energy * shortfall_eur_per_kwh(task)
            continue
        # What was short is paid once, and gone.
        taken = short = 0.0
        for step, energy in enumerate(wh.tolist()):
            taken = min(taken + energy, float(task.demand.at_most_wh[step + 1]))
            missing = max(0.0, float(task.demand.at_least_wh[step + 1]) - taken)
            taken, short = taken + missing, short + missing
        total += short / 1000 * shortfall_eur_per_kwh(task)
        total -= (worth or 0.0) * (taken - short) / 1000
    return total
