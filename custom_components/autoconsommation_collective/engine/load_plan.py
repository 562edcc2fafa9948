"""The plan of a home: what each load does when, what that is expected to cost, and why.

Loads that are only observed run by their default schedule, whatever is planned: those that are
switched are planned beside that. For the observed ones the plan says what would be done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np

from .announced import Announced
from .blocks import HOUR, Energies
from .contract import CostsMissing
from .grid import Grid, LocalSteps
from .indicators import WH_PER_KWH
from .ladder import Ladder, community_ladder
from .outlook import Outlook
from .own_share import OwnShare, covered_wh
from .planner import Placement, Setting, plan, shortfall_wh
from .task import Corridor, Cycle, Task

MOSTLY_COVERED: Final = 0.5
"""Part of a run from which on it is there for the share's sake."""
SMALL_WH: Final = 1.0
"""Less is nothing."""
IDLE_PART: Final = 0.02
"""Of its power: what a load may draw while it waits, as a charging point does."""


class Why(StrEnum):
    """Why a load runs when it does, or does not run."""

    SHARE = "share"
    """Most of it is expected to be covered by the operation."""
    CHEAP = "cheap"
    """The supplier's cheapest hours, as nothing better is expected in time."""
    IN_TIME = "in_time"
    """It would not be ready in time otherwise."""
    RUNNING = "running"
    """A programme in progress, which is not cut."""
    DEFAULT = "default"
    """Nothing is expected to cost less than today's schedule."""
    BY_HAND = "by_hand"
    """The user switched it, or asked for it."""
    NOT_NEEDED = "not_needed"
    NOT_WORTH_IT = "not_worth_it"
    """No kWh ahead costs as little as the user wants."""
    SHORT = "short"
    """It can not be ready in time."""
    NO_PRICES = "no_prices"
    """What a kWh costs is not known: it runs as today."""


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive steps in which a load draws."""

    start: datetime
    """UTC."""
    end: datetime
    energy_wh: float
    covered_wh: float
    """Expected of it to be covered by the operation."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadPlan:
    """What one load does."""

    drawn_wh: Energies
    """By step."""
    default_wh: Energies
    """By step, without any plan."""
    runs: tuple[Run, ...]
    short_wh: float
    """Missing when it should be ready."""
    cost_eur: float
    """Expected of it beside the others."""
    default_eur: float
    """Expected of its default schedule in its place, with what a load that runs only where that
    pays draws beyond it, at what that is worth."""
    why: Why

    @property
    def saved_eur(self) -> float:
        """Expected to be saved by the plan."""
        return self.default_eur - self.cost_eur


@dataclass(frozen=True, slots=True, eq=False)
class HomePlan:
    """What all loads do, on the steps from the one in progress on."""

    grid: Grid
    loads: Mapping[str, LoadPlan]
    made_at: datetime
    cost_eur: float
    """Expected of all loads as told here; NaN: not known."""
    default_eur: float
    """Expected of their default schedules; NaN: not known."""
    rejected_eur: float
    """Expected of what was not chosen, of those that are switched; NaN: not known."""
    is_default: bool
    """Whether all run by their default schedules."""

    @property
    def announced(self) -> Announced:
        """What the next plan holds on to."""
        drawn = {name: load.drawn_wh for name, load in self.loads.items()}
        return Announced(self.grid, drawn)


def home_plan(
    tasks: Sequence[Task],
    observed: Collection[str],
    outlook: Outlook,
    labels: LocalSteps,
    room_w: Energies,
    now: datetime,
    before: Announced | None = None,
    by_hand: Collection[str] = (),
) -> HomePlan:
    """The plan from the step in progress on; the outlook's grid holds its steps.

    `room_w`, of the outlook's steps, is the power that loads may draw beside the home. Tasks
    and labels are of the steps from the one in progress on; so is the plan. `by_hand` are the
    loads that the user switched, or asked to run at once. Raises ValueError where the outlook
    does not hold the instant.
    """
    n_steps, first = len(labels.day), outlook.grid.number(now)
    if first is None:
        raise ValueError("an instant outside the outlook")
    after = first + n_steps
    grid = Grid(
        outlook.grid.start + first * outlook.grid.step, outlook.grid.step, n_steps
    )
    if isinstance(outlook.costs, CostsMissing):
        return _by_default(tasks, by_hand, grid, now)
    share = OwnShare(
        outlook.share.amounts_wh[:, first:after], outlook.share.chances[:, first:after]
    )
    whole = community_ladder(
        outlook.costs,
        outlook.share.amounts_wh,
        outlook.share.chances,
        outlook.own_surplus_wh,
        # What injection earns is not told; it is no more than what neighbours pay.
        outlook.costs.allocated,
    )
    setting = Setting(whole.part(first, after), room_w[first:after], labels.day)
    announced = before.on(grid) if before else None
    controlled = [task for task in tasks if task.id not in observed]
    stays = [_fixed(task, task.default_wh) for task in tasks if task.id in observed]
    acted = plan([*controlled, *stays], setting, announced)
    found = acted
    if stays:
        decided = [_fixed(task, acted.drawn_wh[task.id]) for task in controlled]
        free = [task for task in tasks if task.id in observed]
        found = plan([*decided, *free], setting, announced)
    world = _World(setting.ladder, share, grid)
    loads = {
        task.id: _told(
            task,
            found if task.id in observed else acted,
            world,
            is_by_hand=task.id in by_hand,
        )
        for task in tasks
    }
    return HomePlan(
        grid=grid,
        loads=loads,
        made_at=now,
        cost_eur=found.cost_eur,
        default_eur=acted.default_eur,
        rejected_eur=acted.rejected_eur,
        is_default=acted.is_default and found.is_default,
    )


def expected_draw_wh(
    plan: HomePlan, grid: Grid, follows: Mapping[str, bool]
) -> Energies:
    """What loads are expected to draw, on the steps of another grid of the same step.

    Of those named in `follows`: as planned where it says so, else by their default schedule.
    """
    drawn = np.zeros(grid.n_steps)
    if plan.grid.step != grid.step:
        return drawn
    each = (
        load.drawn_wh if follows[name] else load.default_wh
        for name, load in plan.loads.items()
        if name in follows
    )
    total = sum(each, np.zeros(plan.grid.n_steps))
    lead = (plan.grid.start - grid.start) // grid.step
    first, after = max(lead, 0), min(lead + plan.grid.n_steps, grid.n_steps)
    if first < after:
        drawn[first:after] = total[first - lead : after - lead]
    return drawn


def _fixed(task: Task, drawn_wh: Energies) -> Task:
    return replace(task, default_wh=drawn_wh, is_fixed=True)


def _by_default(
    tasks: Sequence[Task], by_hand: Collection[str], grid: Grid, now: datetime
) -> HomePlan:
    """What runs while nothing can be reckoned."""
    nothing = np.zeros((1, grid.n_steps))
    loads = {}
    for task in tasks:
        drawn = task.default_wh
        runs = _runs(drawn, drawn, OwnShare(nothing, nothing), grid)
        short = shortfall_wh(task, drawn)
        why = _certain_why(task, runs, short, is_by_hand=task.id in by_hand)
        loads[task.id] = LoadPlan(
            drawn_wh=drawn,
            default_wh=drawn,
            runs=runs,
            short_wh=short,
            cost_eur=np.nan,
            default_eur=np.nan,
            why=Why.NO_PRICES if why in (None, Why.NOT_WORTH_IT) else why,
        )
    return HomePlan(grid, loads, now, np.nan, np.nan, np.nan, is_default=True)


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """What placements are told by."""

    ladder: Ladder
    share: OwnShare
    grid: Grid


def _told(
    task: Task, placement: Placement, world: _World, *, is_by_hand: bool
) -> LoadPlan:
    """A load's place as runs and a reason, beside the others as they were when it was found."""
    ladder = world.ladder
    drawn = placement.drawn_wh[task.id]
    total = sum(placement.drawn_wh.values(), np.zeros(world.grid.n_steps))
    others = total - drawn
    runs = _runs(drawn, total, world.share, world.grid)
    short = placement.short_wh.get(task.id, 0.0)
    why = _certain_why(task, runs, short, is_by_hand=is_by_hand)
    more_eur = _worth_eur(task, drawn) - _worth_eur(task, task.default_wh)
    return LoadPlan(
        drawn_wh=drawn,
        default_wh=task.default_wh,
        runs=runs,
        short_wh=short,
        cost_eur=_beside(ladder, others, drawn),
        default_eur=_beside(ladder, others, task.default_wh) + more_eur,
        why=why or _priced_why(ladder, drawn, runs[0], is_default=placement.is_default),
    )


def _worth_eur(task: Task, drawn_wh: Energies) -> float:
    """What is drawn by a load that runs only where that pays is worth."""
    taken = drawn_wh.sum()
    if isinstance(task.demand, Corridor):
        taken = task.demand.filled(drawn_wh)[0][-1]
    return (task.worth_eur_per_kwh or 0.0) * float(taken) / WH_PER_KWH


def _beside(ladder: Ladder, others: Energies, drawn: Energies) -> float:
    """What a load costs beside the others."""
    return float((ladder.cost_eur(others + drawn) - ladder.cost_eur(others)).sum())


def past_runs(drawn_wh: Energies, power_w: float, grid: Grid) -> tuple[Run, ...]:
    """When a load of that power ran, by what it drew in each step; NaN: not known."""
    idle_wh = IDLE_PART * power_w * (grid.step / HOUR)
    known = np.nan_to_num(drawn_wh)
    ran = np.where(known > idle_wh, known, 0.0)
    nothing = np.zeros((1, grid.n_steps))
    return _runs(ran, ran, OwnShare(nothing, nothing), grid)


def _runs(
    drawn: Energies, total: Energies, share: OwnShare, grid: Grid
) -> tuple[Run, ...]:
    """The runs of a load; of what all loads have covered, each has its part by energy."""
    on = np.concatenate(([False], drawn > 0, [False]))
    edges = np.flatnonzero(np.diff(on.astype(int))).reshape(-1, 2)
    part = np.divide(drawn, total, out=np.zeros(len(drawn)), where=total > 0)
    covered = covered_wh(share, total) * part
    return tuple(
        Run(
            start=grid.start + first * grid.step,
            end=grid.start + after * grid.step,
            energy_wh=float(drawn[first:after].sum()),
            covered_wh=float(covered[first:after].sum()),
        )
        for first, after in edges.tolist()
    )


def _certain_why(
    task: Task, runs: Sequence[Run], short_wh: float, *, is_by_hand: bool
) -> Why | None:
    """Why a load runs as it does, where that is no matter of prices."""
    if short_wh > SMALL_WH:
        return Why.SHORT
    if is_by_hand:
        return Why.BY_HAND
    if isinstance(task.demand, Cycle) and task.demand.is_running:
        return Why.RUNNING
    if runs:
        return None
    wants = task.worth_eur_per_kwh is not None and _could_draw(task)
    return Why.NOT_WORTH_IT if wants else Why.NOT_NEEDED


def _priced_why(
    ladder: Ladder, drawn_wh: Energies, run: Run, *, is_default: bool
) -> Why:
    """Why its first run lies where it does."""
    if is_default:
        return Why.DEFAULT
    if run.covered_wh >= MOSTLY_COVERED * run.energy_wh:
        return Why.SHARE
    supplier = ladder.eur_per_kwh[-1]
    begins = int(np.argmax(drawn_wh > 0))
    return Why.CHEAP if supplier[begins] <= supplier.min() + 1e-9 else Why.IN_TIME


def _could_draw(task: Task) -> bool:
    match task.demand:
        case Cycle() as cycle:
            return bool(cycle.wh)
        case Corridor() as corridor:
            return bool(corridor.at_most_wh[-1] > 0)
