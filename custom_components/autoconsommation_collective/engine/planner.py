"""Which load runs when, all of them together, and never at a higher expected cost than today.

Each load in turn is placed at its least cost beside the others, until none gains by moving; then
two at a time give way to each other. The result is the same whenever the input is, and there is a
plan at every moment: the one in force, put right where it no longer fits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from .blocks import Energies
from .paths import Whole
from .plan_search import (
    LEAST_GAIN_EUR,
    Drawn,
    Search,
    Setting,
    moved_starts,
    shortfall_wh,
)
from .task import Corridor, Cycle, Flags, Task, starts_of

__all__ = ["Drawn", "Placement", "Setting", "misfits", "plan", "shortfall_wh"]

MOVE_EUR: Final = 0.05
"""What a start that was announced must gain to be moved: people set their habits by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """What was decided: energies of each load by step, and what they cost."""

    drawn_wh: Drawn
    cost_eur: float
    """Expected, of the loads with their wear, without what is short."""
    default_eur: float
    """Expected of the default schedules."""
    rejected_eur: float
    """Expected of what was not chosen: the default schedules, or the plan they are better than."""
    is_default: bool
    """Whether the default schedules run, because nothing is expected to cost less."""
    short_wh: Mapping[str, float]
    """What each load lacks when it should be ready; only where it lacks something."""


def plan(
    tasks: Sequence[Task], setting: Setting, before: Drawn | None = None
) -> Placement:
    """Where each task draws its energy; those that were announced stay unless moving pays.

    `before` is what was announced, on the same steps. Nothing is moved for less than MOVE_EUR
    by start. A default schedule that needs more power than there is, or two of a group at once,
    is no alternative; its own limits are those of the device that follows it.
    """
    by_default = {task.id: task.default_wh for task in tasks}
    fixed = {task.id: task.default_wh for task in tasks if task.is_fixed}
    search = Search(tasks, setting)
    found: Drawn = search.improved(search.laid(fixed))
    if before is not None:
        found = _steadied(search, tasks, setting, found, {**before, **fixed})
    is_default, planned_eur = False, search.cost_eur(found)
    if search.is_possible(by_default) or not search.is_possible(found):
        least_eur = search.total_eur(by_default) - LEAST_GAIN_EUR
        if search.total_eur(found) >= least_eur:
            found = search.settled(by_default)
            is_default = search.total_eur(found) >= least_eur
    chosen = by_default if is_default else found
    short = {task.id: shortfall_wh(task, chosen[task.id]) for task in tasks}
    default_eur = search.cost_eur(by_default)
    return Placement(
        drawn_wh=chosen,
        cost_eur=search.cost_eur(chosen),
        default_eur=default_eur,
        rejected_eur=planned_eur if is_default else default_eur,
        is_default=is_default,
        short_wh={name: wh for name, wh in short.items() if wh > 0.5},
    )


def _steadied(
    search: Search, tasks: Sequence[Task], setting: Setting, fresh: Drawn, before: Drawn
) -> Drawn:
    """What was announced, put right where it does not fit any more, unless a fresh plan pays."""
    kept: dict[str, Energies] = {}
    for task in sorted(
        tasks, key=lambda task: (not task.is_fixed, -task.priority, task.id)
    ):
        if task.id not in before:
            continue
        wh = before[task.id]
        if (
            task.is_fixed
            or np.array_equal(wh, task.default_wh)
            or not misfits(task, wh, setting.day)
        ):
            kept[task.id] = wh
    stays = search.settled(search.laid(search.together(kept)), by_start_eur=MOVE_EUR)
    moved = sum(moved_starts(stays[task.id], fresh[task.id]) for task in tasks)
    gain = search.total_eur(stays) - search.total_eur(fresh)
    return fresh if gain > MOVE_EUR * max(moved, 1) else stays


def misfits(task: Task, drawn_wh: Energies, day: Whole) -> bool:
    """Whether a task can not draw like that: where it must not, too often or too briefly.

    What it then lacks is told by `shortfall_wh`.
    """
    if isinstance(task.demand, Cycle):
        return not _holds_cycle(task, task.demand, drawn_wh)
    on = drawn_wh > 0
    # What goes on where it may not does so at the lowest power.
    may = task.allowed | ((task.held_wh() > 0) & (drawn_wh <= task.levels_wh[0] + 0.5))
    levels = np.array(task.levels_wh)
    off_level = np.abs(drawn_wh[on, None] - levels).min(axis=1, initial=np.inf) > 0.5
    return bool(
        (on & ~may).any()
        or off_level.any()
        or _is_cut(task, on)
        or _is_beyond(task, task.demand, drawn_wh)
        or _is_too_brief(task, on)
        or _is_too_often(task, on, day)
    )


def _holds_cycle(task: Task, cycle: Cycle, drawn_wh: Energies) -> bool:
    """Whether the energies are those of the whole cycle, in one piece, where it may run."""
    on = np.flatnonzero(drawn_wh)
    if not len(on):
        return not cycle.is_running
    first, last = int(on[0]), int(on[-1])
    if cycle.is_running:
        return first == 0 and np.allclose(drawn_wh, task.held_wh())
    if task.worth_eur_per_kwh is not None and last >= cycle.latest_end:
        return False
    return bool(
        first >= cycle.earliest
        and last + 1 - first == len(cycle.wh)
        and np.allclose(drawn_wh[first : last + 1], cycle.wh)
        and task.allowed[first : last + 1].all()
    )


def _is_cut(task: Task, on: Flags) -> bool:
    """Whether what must go on does not."""
    return bool((~on & (task.held_wh() > 0)).any())


def _is_beyond(task: Task, corridor: Corridor, drawn_wh: Energies) -> bool:
    """Whether it begins, or goes on longer than it must, when it can take nothing."""
    full = corridor.filled(drawn_wh)[0][:-1] >= corridor.at_most_wh[1:] - 0.5
    on_for = task.on_for
    for is_on, is_full in zip((drawn_wh > 0).tolist(), full.tolist(), strict=True):
        if is_on and is_full and not 0 < on_for < task.min_on:
            return True
        on_for = on_for + 1 if is_on else 0
    return False


def _is_too_brief(task: Task, on: Flags) -> bool:
    """Whether a run or a pause is shorter than it must be; what the horizon cuts off is not."""
    edges = np.flatnonzero(np.diff(on)) + 1
    bounds = np.concatenate(([0], edges, [len(on)])).tolist()
    if on[0] and not task.on_for and task.off_for < task.min_off:
        return True
    for first, after in pairwise(bounds):
        length = after - first
        if first == 0 and bool(on[0]) == (task.on_for > 0):
            length += task.on_for or task.off_for
        least = task.min_on if on[first] else task.min_off
        if after < len(on) and length < least:
            return True
    return False


def _is_too_often(task: Task, on: Flags, day: Whole) -> bool:
    """Whether it begins more often in a local day than it may."""
    if task.starts_per_day is None:
        return False
    begins = starts_of(on.astype(np.float64), was_on=task.on_for > 0)
    counts = np.unique_counts(day[begins])
    today = np.where(counts.values == day[0], task.starts_today, 0)
    return bool((counts.counts + today > task.starts_per_day).any())
