"""What a load needs of the steps ahead: its task, from what the user told and how it is now.

Hot water, a charged car, a finished programme are guaranteed here: each need has a time by which
it must be met, whatever the sky does. Where to meet it is the planner's business.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
import math
from typing import Final

import numpy as np

from .blocks import HOUR
from .grid import Grid, local_steps
from .load_state import LoadState, deadlines, observed
from .load_steps import (
    ROUNDING,
    default_schedule,
    in_windows,
    programme_wh,
    step_levels_wh,
    usual_hours,
    whole_wh,
    with_asked,
)
from .loads import LoadKind, LoadSettings, Wiring
from .task import LONG_AGO, Corridor, Cycle, Flags, Task

DAY: Final = timedelta(days=1)
CHARGED_PART: Final = 0.9
"""Of the energy drawn by a charger that reaches the battery."""
FULL_MARGIN: Final = 1.15
"""Times what a tank is thought to lack, where it is to be heated through: the thermostat ends
it, and must be given the time to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What is known of a load beside what it did."""

    at: datetime
    need_wh: float | None = None
    """Of a day: told by the user, or learned; None: not known."""
    full_heat_due: datetime | None = None
    """By when a tank must have been heated through; None: nothing watches over that."""
    last_full: datetime | None = None
    drawn_since_full_wh: float = 0.0
    is_plugged: bool = True
    """Of a car; where nothing tells, it is."""
    charge: float | None = None
    """State of charge of a car, in [0, 1]."""
    is_too_cold: bool = False
    """Whether a tank is below the temperature the user set."""
    forced_on: bool | None = None
    """The user's hand: keeps it on, or off; None: nobody's."""
    forced_until: datetime | None = None
    """When the hand lets go; None: nobody's."""

    @property
    def hand(self) -> bool | None:
        """Whether the user keeps it on, or off; None: neither, or no longer."""
        if self.forced_until is None or self.forced_until <= self.at:
            return None
        return self.forced_on


def task_of(
    settings: LoadSettings,
    state: LoadState,
    now: Now,
    grid: Grid,
    time_zone: tzinfo,
    off_peak: Flags | None = None,
    cheapest_eur: float | None = None,
) -> Task:
    """The task of a load on a grid whose first step is the one in progress.

    `off_peak` are the hours in which the board's contactor closes, None where it has none;
    `cheapest_eur` is the cheapest supplier price ahead, what heat from elsewhere costs.
    """
    # A need or a day may have ended since the last look.
    state = observed(state, settings, now.at, power_w=math.nan, time_zone=time_zone)
    levels = step_levels_wh(settings, grid.step)
    can = _can_draw(settings, now, grid, off_peak)
    demand: Corridor | Cycle
    if settings.is_machine:
        demand = _cycle(settings, state, now, grid)
        runs_now = (state.run_asked or now.hand) and not demand.is_running
        at_once = _first(can, len(demand.wh) if runs_now else 0)
    else:
        needs = _needs(settings, state, now, grid, time_zone)
        demand = _corridor(settings, needs, levels, now, grid)
        due_wh = _due_at_once_wh(state, now, grid, demand, levels[-1], can)
        at_once = _first(can, math.ceil(due_wh / levels[-1] - ROUNDING))
        if settings.is_optional:
            demand = replace(demand, at_least_wh=np.zeros(grid.n_steps + 1))
        drawn_wh = np.minimum(levels[-1] * np.cumsum(at_once), due_wh)
        demand = with_asked(demand, np.concatenate(([0.0], drawn_wh)))
    # Hours are the user's own: who asks for it now means now.
    labels = local_steps(grid, time_zone)
    allowed = can & in_windows(settings, labels, grid) | at_once
    usual = at_once
    if not settings.is_optional:
        usual = at_once | usual_hours(settings, allowed, off_peak)
    worth = settings.worth_eur_per_kwh
    if worth is None and not settings.shifts:
        worth = cheapest_eur
    is_asked = bool(at_once.any())
    return Task(
        id=settings.id,
        demand=demand,
        levels_wh=levels,
        peak_w=settings.peak_w,
        allowed=allowed,
        default_wh=default_schedule(demand, levels, usual),
        priority=settings.priority,
        group=settings.group,
        min_on=max(1, math.ceil(settings.switching.min_on / grid.step)),
        min_off=max(1, math.ceil(settings.switching.min_off / grid.step)),
        starts_per_day=settings.switching.starts_per_day,
        # Neither what was asked for nor cold water waits for tomorrow.
        starts_today=0 if is_asked else state.starts,
        start_eur=settings.switching.start_eur,
        # A programme that was asked for is late already, whatever it costs.
        worth_eur_per_kwh=None if settings.is_machine and is_asked else worth,
        on_for=_on_for(state, now, grid),
        off_for=LONG_AGO if is_asked else _off_for(state, now, grid),
        in_parts=settings.switching.in_parts,
    )


def need_today_wh(settings: LoadSettings, now: Now) -> float:
    """What a load needs in a day: how much of the home's share it may ask for.

    Nothing of what only runs on what is left; of a machine, a programme.
    """
    if settings.kind is LoadKind.SURPLUS:
        return settings.energy_wh or 0.0
    return settings.programme_wh if settings.is_machine else _need_wh(settings, now)


def _can_draw(
    settings: LoadSettings, now: Now, grid: Grid, off_peak: Flags | None
) -> Flags:
    """Steps in which it could draw: where the contactor and the user's hand let it."""
    in_series = settings.tank is not None and settings.tank.wiring is Wiring.SERIES
    can = np.ones(grid.n_steps, dtype=bool)
    if in_series and off_peak is not None:
        can = off_peak.copy()
    if now.hand is False:
        can[: _n_held(now, grid)] = False
    return can


def _n_held(now: Now, grid: Grid) -> int:
    """Steps for which the user's hand holds it."""
    assert now.forced_until is not None
    return math.ceil((now.forced_until - grid.start) / grid.step)


def _first(can: Flags, n_steps: int) -> Flags:
    """The first so many of the steps in which it can draw."""
    first: Flags = can & (np.cumsum(can) <= n_steps)
    return first


def _due_at_once_wh(
    state: LoadState,
    now: Now,
    grid: Grid,
    demand: Corridor,
    highest_wh: float,
    can: Flags,
) -> float:
    """What is to be drawn as fast as it can, from now on.

    By the user's hand, because the need in progress was asked for, or as the water is too cold.
    """
    due_wh = 0.0
    if now.hand:
        due_wh = highest_wh * int(can[: _n_held(now, grid)].sum())
    elif state.run_asked:
        due_wh = float(demand.at_most_wh[1])
    if now.is_too_cold and not state.is_absent:
        due_wh = max(due_wh, float(demand.at_most_wh[1]), highest_wh)
    return due_wh


def _cycle(settings: LoadSettings, state: LoadState, now: Now, grid: Grid) -> Cycle:
    """The programme: what is left of the one in progress, the one that waits, or none."""
    if state.began is not None:
        # A clock that was put back makes no programme of the future.
        wh = programme_wh(settings, min(state.began, now.at), grid)
        return Cycle(wh, 0, len(wh), is_running=bool(wh))
    skipped = state.skipped_until or grid.start
    if state.finish_by is None or grid.start < state.finish_by <= skipped:
        return Cycle((), 0, 0)
    is_asked = state.run_asked or now.hand
    return Cycle(
        wh=programme_wh(settings, grid.start, grid),
        earliest=math.ceil((skipped - grid.start) / grid.step),
        latest_end=0 if is_asked else (state.finish_by - grid.start) // grid.step,
    )


@dataclass(frozen=True, slots=True)
class _Need:
    """Energy that can be taken from one instant on, and should be there at another."""

    opens: datetime
    due: datetime
    energy_wh: float


def _corridor(
    settings: LoadSettings,
    needs: Iterable[_Need],
    levels_wh: Sequence[float],
    now: Now,
    grid: Grid,
) -> Corridor:
    """Energy by the times at which it must be ready.

    What is due after the last step is left to later plans: here it would always wait.
    """
    least, most = np.zeros((2, grid.n_steps + 1))
    for need in needs:
        # What should be ready before the first step ends is due with it.
        after = max(1, (need.due - grid.start) // grid.step)
        if after > grid.n_steps and not settings.is_optional:
            continue
        first = math.ceil((need.opens - grid.start) / grid.step)
        first = 0 if need.opens <= now.at else min(first, after - 1)
        energy_wh = whole_wh(need.energy_wh, levels_wh)
        most[first + 1 :] += energy_wh
        if _is_guessed(settings, now):
            # Of a need that nobody knows, nobody can say what will be missing.
            energy_wh = min(energy_wh, levels_wh[-1] * (after - first))
        least[after:] += energy_wh
    return Corridor(least, most)


def _needs(
    settings: LoadSettings, state: LoadState, now: Now, grid: Grid, time_zone: tzinfo
) -> Iterator[_Need]:
    """The need in progress and those after it, in order."""
    yesterday = now.at.astimezone(time_zone).date() - DAY
    n_days = math.ceil(grid.n_steps * grid.step / DAY) + 3
    times = deadlines(settings, yesterday, n_days, time_zone)
    ahead = [(begin, due) for begin, due in pairwise(times) if due > now.at]
    each_wh = _need_wh(settings, now) / max(1, len(settings.ready_by))
    skipped = state.skipped_until or now.at
    is_away = settings.tank is not None and state.is_absent and skipped > now.at
    hot_by = None if is_away else _hot_by(now, [due for _, due in ahead])
    planned_wh = 0.0
    for begin, due in ahead:
        drawn_wh = state.drawn_wh if begin <= now.at else 0.0
        if is_away and begin < skipped <= due:
            # Hot on the return, however long nobody was there.
            lacks_wh = _lacks_wh(settings, now, skipped, drawn_wh, 0.0)
            yield _Need(skipped - DAY, skipped, lacks_wh)
            part = (due - skipped) / (due - begin)
            yield _Need(skipped, due, part * each_wh)
            continue
        if due <= skipped:
            energy_wh = 0.0
        elif settings.kind is LoadKind.CAR:
            energy_wh = _to_charge_wh(settings, now, drawn_wh)
        elif settings.kind is LoadKind.SURPLUS and settings.energy_wh is None:
            left = due - max(begin, now.at)
            energy_wh = settings.levels_w[-1] * (left / HOUR)
        else:
            energy_wh = max(0.0, each_wh - drawn_wh)
        last_full = now.last_full if settings.tank else None
        if last_full is not None and begin <= last_full < due:
            # It was hot since the need began: what it lost since then is all that it lacks.
            part = (due - last_full) / (due - begin)
            energy_wh = min(energy_wh, part * each_wh - now.drawn_since_full_wh)
            energy_wh = max(0.0, energy_wh)
        if due == hot_by and settings.tank is not None:
            lacks_wh = _lacks_wh(settings, now, due, drawn_wh, planned_wh)
            energy_wh = max(energy_wh, lacks_wh)
        planned_wh += energy_wh
        yield _Need(begin, due, energy_wh)
        if settings.kind is LoadKind.CAR and due > skipped:
            return  # then it drives away


def _need_wh(settings: LoadSettings, now: Now) -> float:
    """What is needed in a day."""
    if settings.kind is LoadKind.DEFERRABLE and settings.runs_for is not None:
        return settings.power_w * (settings.runs_for / HOUR)
    # Of water that nobody knows the use of, all: the thermostat ends it.
    unknown_wh = settings.tank.cold_wh if settings.tank else 0.0
    told = (now.need_wh, settings.energy_wh, unknown_wh)
    return next(wh for wh in told if wh is not None)


def _is_guessed(settings: LoadSettings, now: Now) -> bool:
    """Whether neither the user nor the past tells what hot water is needed."""
    unknown = now.need_wh is None and settings.energy_wh is None
    return settings.tank is not None and unknown


def _to_charge_wh(settings: LoadSettings, now: Now, drawn_wh: float) -> float:
    """What a car lacks: by its state of charge, else of what it is charged with each day."""
    if not now.is_plugged:
        return 0.0
    told = settings.charging
    if (
        now.charge is not None
        and told is not None
        and told.capacity_kwh is not None
        and told.target_soc is not None
    ):
        missing = max(0.0, told.target_soc - now.charge)
        return missing * told.capacity_kwh * 1000 / CHARGED_PART
    return max(0.0, _need_wh(settings, now) - drawn_wh)


def _hot_by(now: Now, times: Sequence[datetime]) -> datetime | None:
    """Of the times ahead, the one by which a tank is to be heated through: the last in time."""
    if now.full_heat_due is None:
        return None
    return max((at for at in times if at <= now.full_heat_due), default=times[0])


def _lacks_wh(
    settings: LoadSettings, now: Now, at: datetime, drawn_wh: float, planned_wh: float
) -> float:
    """What a tank must be given by an instant to be hot all through, beside what is planned."""
    assert settings.tank is not None
    lacks_wh = settings.tank.cold_wh - drawn_wh
    # What is learned has not sufficed where it is overdue: then until the thermostat ends it.
    is_overdue = now.full_heat_due is not None and now.full_heat_due <= now.at
    if now.last_full is not None and not is_overdue:
        lost_wh = _need_wh(settings, now) * ((at - now.last_full) / DAY)
        lacks_wh = (lost_wh - now.drawn_since_full_wh) * FULL_MARGIN - planned_wh
    return min(max(lacks_wh, 0.0), settings.tank.cold_wh)


def _on_for(state: LoadState, now: Now, grid: Grid) -> int:
    """Whole steps for which it has been on, at least one; none where a hand turned it off."""
    if not state.is_on or now.hand is False:
        return 0
    return max(1, state.on_for(now.at) // grid.step)


def _off_for(state: LoadState, now: Now, grid: Grid) -> int:
    """Whole steps for which it has been off, at least one."""
    off_for = state.off_for(now.at)
    return LONG_AGO if off_for == timedelta.max else max(1, off_for // grid.step)
