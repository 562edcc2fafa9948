"""A load on the steps of a grid: its levels, its hours, and what it would draw without any plan."""

from collections.abc import Sequence
from datetime import datetime, timedelta
import math
from typing import Final

import numpy as np

from .blocks import HOUR, MINUTE, Energies
from .grid import Grid, LocalSteps
from .loads import PROFILE_SLOT, LoadSettings
from .task import Corridor, Cycle, Flags

SHORTEST_PART: Final = timedelta(minutes=5)
"""Of a settlement step, for which a load that allows it is switched on."""
ROUNDING: Final = 1e-6
"""Of a level: less is nothing, to the planner as well."""


def step_levels_wh(settings: LoadSettings, step: timedelta) -> tuple[float, ...]:
    """Energy of a step at each power it can run at, ascending."""
    levels = tuple(watt * (step / HOUR) for watt in settings.levels_w)
    if not settings.switching.in_parts:
        return levels
    n_parts = max(1, step // SHORTEST_PART)
    # The planner counts in mWh: all levels are to be whole parts.
    part_wh = math.ceil(levels[-1] * 1000 / n_parts) / 1000
    return tuple(n * part_wh for n in range(1, n_parts + 1))


def whole_wh(need_wh: float, levels_wh: Sequence[float]) -> float:
    """A need as it is met: what was begun is counted to the end of its step.

    Where the levels are no multiples of one, as the currents of a car, it stays as it is.
    """
    unit_wh = levels_wh[0]
    if abs(unit_wh * len(levels_wh) - levels_wh[-1]) > ROUNDING * unit_wh:
        return need_wh
    return unit_wh * math.ceil(need_wh / unit_wh - ROUNDING)


def in_windows(settings: LoadSettings, labels: LocalSteps, grid: Grid) -> Flags:
    """Steps that lie, from the first minute to the last, in hours in which it may run."""
    if not settings.windows:
        return np.ones(grid.n_steps, dtype=bool)

    def may_run(minute: int) -> bool:
        at = (datetime.min + minute * MINUTE).time()
        return any(hours.holds(at) for hours in settings.windows)

    last = grid.step // MINUTE - 1
    return np.array(
        [
            may_run(minute) and may_run(minute + last)
            for minute in labels.minute.tolist()
        ]
    )


def programme_wh(
    settings: LoadSettings, begin: datetime, grid: Grid
) -> tuple[float, ...]:
    """Energies of a programme that begins then, from the first step on.

    As it was measured, else evenly over its time.
    """
    profile = settings.profile_w or (1.0,)
    length = settings.programme_for
    if settings.profile_w:
        length = len(profile) * PROFILE_SLOT
    # Less than a minute is the time between two looks.
    n_steps = math.ceil((begin + length - MINUTE - grid.start) / grid.step)
    if n_steps <= 0:
        return ()
    since = [(grid.start + n * grid.step - begin) / length for n in range(n_steps)]
    drawn = np.concatenate(([0.0], np.cumsum(profile))) / sum(profile)
    edges = np.interp([*since, 1.0], np.linspace(0.0, 1.0, len(drawn)), drawn)
    return tuple((settings.programme_wh * np.diff(edges)).tolist())


def with_asked(demand: Corridor, asked_wh: Energies) -> Corridor:
    """The corridor with what is to be drawn at once; what that is beyond meets no later need."""
    beyond = np.maximum.accumulate(np.maximum(asked_wh - demand.at_most_wh, 0.0))
    least = np.maximum.accumulate(np.maximum(demand.at_least_wh + beyond, asked_wh))
    return Corridor(least, demand.at_most_wh + beyond)


def usual_hours(
    settings: LoadSettings, allowed: Flags, off_peak: Flags | None
) -> Flags:
    """When it draws without any plan: by the off-peak contact, where that closes at all.

    It follows the contact's real programme of each date. A machine is started by somebody.
    """
    if off_peak is None or settings.is_machine:
        return allowed
    by_contact = allowed & off_peak
    return by_contact if by_contact.any() else allowed


def default_schedule(
    demand: Corridor | Cycle, levels_wh: Sequence[float], usual: Flags
) -> Energies:
    """What a load would draw without any plan: as soon as it can, in its usual steps.

    The counterfactual of all gains. Counted as a plan is: in whole levels, of the last the one
    that just suffices.
    """
    drawn = np.zeros(len(usual))
    if isinstance(demand, Cycle):
        length = len(demand.wh)
        begins = range(max(demand.earliest, 0), len(usual) - length + 1)
        can_begin = (n for n in begins if usual[n : n + length].all())
        first = 0 if demand.is_running else next(can_begin, None)
        if first is not None:
            part = demand.wh[: len(usual) - first]
            drawn[first : first + len(part)] = part
        return drawn
    taken = 0.0
    for n in np.flatnonzero(usual).tolist():
        lacks = float(demand.at_most_wh[n + 1]) - taken
        if lacks > ROUNDING * levels_wh[0]:
            enough = (wh for wh in levels_wh if wh >= lacks - ROUNDING * wh)
            drawn[n] = next(enough, levels_wh[-1])
            taken += min(drawn[n], lacks)
    return drawn
