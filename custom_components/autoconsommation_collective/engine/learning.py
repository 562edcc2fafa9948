"""What the past tells of this home and of the operation: habits, coverage, how good we were.

Learned anew each day and with each settlement; from months, never from minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, Block, Energies, Quantity
from .coverage import MIN_CASES, CoverageTable, learn_coverage
from .coverage_ahead import situations
from .diary import DiaryPage, Score, bias_factor, score_days, score_months
from .draw_level import draw_factor, recent_draw
from .forecast_error import N_CLASSES, errors_by_level
from .grid import Grid, energies_on, local_steps
from .model import Aggregates, Dated, ForecastError, Operation, in_force
from .outlook import Degraded
from .profile import ConsumptionProfile, base_consumption, learn_profile
from .slots import midnight_of

MEMORY: Final = timedelta(days=396)
"""How far back is learned from: a year and the month in progress."""
DAY: Final = timedelta(days=1)
SOME_DAYS, MANY_DAYS = 30, 90
"""Settled days from which confidence is medium, and high: a month, a season."""


class Confidence(StrEnum):
    """How much what is told rests on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Past:
    """All that is kept of the past; blocks of one kind do not overlap."""

    settled: Sequence[Block]
    """The member's settled consumption and allocation."""
    own: Sequence[Block]
    """The home's own steps, with what was estimated live."""
    history: Sequence[Block]
    """Consumption that Home Assistant recorded before, by hour."""
    production: Sequence[Sequence[Block]]
    """Shared injection as it was forecast, then as it was settled, then as weather seen let
    expect: the first that knows a step tells it."""
    levels: Sequence[Sequence[Block]] | None = None
    """The same before it was put right by settlements, which steps are compared by; None: the
    production itself."""
    diary: Sequence[DiaryPage] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What was learned, to be used until the next time."""

    profile: ConsumptionProfile | None
    table: CoverageTable | None
    score: Score
    months: Mapping[str, Score]
    """The same by local month, YYYY-MM."""
    bias: float
    own_part: float | None
    """Of the operation's injection, what a producer's own plant injects; None without one."""
    errors: tuple[ForecastError, ...]
    """Of the production that was forecast to this home, where it is settled; empty on too
    few cases."""
    n_days: int
    """Settled days of the operation as it is now."""

    def confidence(self, degraded: frozenset[Degraded]) -> Confidence:
        """How much the outlook rests on, now that these things are missing."""
        weak = {Degraded.NO_FORECAST, Degraded.NO_SETTLED, Degraded.STALE}
        if self.n_days < SOME_DAYS or degraded & weak:
            return Confidence.LOW
        if self.n_days < MANY_DAYS or degraded & {Degraded.NO_HABITS}:
            return Confidence.MEDIUM
        return Confidence.HIGH


def learn(
    past: Past,
    *,
    now: datetime,
    step: timedelta,
    time_zone: tzinfo,
    operation: Operation | None,
    aggregates: Aggregates | None,
) -> Learned:
    """Habits, coverage and score as of now."""
    day = now.astimezone(time_zone).date()
    grid = _memory(now, step, time_zone)
    key_since, as_now_since = last_changes(operation, aggregates, day)
    own_wh = _own_draw(past, grid)
    return Learned(
        profile=learn_profile(grid, own_wh, time_zone),
        table=_learned_table(past, grid, time_zone, key_since, aggregates, own_wh),
        score=(score := score_days(past.diary, past.settled, past.own)),
        months=score_months(past.diary, past.settled, past.own, time_zone),
        bias=bias_factor(score),
        own_part=_own_part(past),
        errors=_measured_errors(past, grid),
        n_days=_settled_days(past, as_now_since, time_zone),
    )


def last_changes(
    operation: Operation | None, aggregates: Aggregates | None, day: date
) -> tuple[date | None, date | None]:
    """Since when the key is as on that day, and since when the plants and members are, too.

    Another key begins anew. Another plant or member shifts the production by member, which
    cases are compared by, so that old cases serve; but less surely.
    """
    if operation is None:
        return None, None
    key_since = max(
        (k.validity.first_day for k in in_force(operation.keys, day)), default=None
    )
    counts = aggregates.counts if aggregates else ()
    dated: tuple[Dated, ...] = (*operation.plants, *counts)
    changes = [edge for item in dated for edge in _edges(item) if edge <= day]
    since = max([*changes, *([key_since] if key_since else [])], default=None)
    return key_since, since


def _edges(item: Dated) -> tuple[date, ...]:
    """Days on which something began to count, or ceased to."""
    validity = item.validity
    if validity.pending:
        return ()
    last = validity.last_day
    return (validity.first_day, *((last + DAY,) if last else ()))


def _memory(now: datetime, step: timedelta, time_zone: tzinfo) -> Grid:
    """The steps of the past that may be known, whole local days up to yesterday's end."""
    today = now.astimezone(time_zone).date()
    first, after = (midnight_of(day, time_zone) for day in (today - MEMORY, today))
    return Grid(first, step, (after - first) // step)


def _own_draw(past: Past, grid: Grid) -> Energies:
    """From the home's own steps; where it has none, settlements, then what was recorded."""
    known = base_consumption(grid, past.own)
    for blocks in (past.settled, past.history):
        other = energies_on(grid, blocks, Quantity.CONSUMPTION)
        known = np.where(np.isnan(known), other, known)
    return known


def _learned_table(
    past: Past,
    grid: Grid,
    time_zone: tzinfo,
    since: date | None,
    aggregates: Aggregates | None,
    own_wh: Energies,
) -> CoverageTable | None:
    """Settled steps since the key is as it is, as for a home that draws as usual."""
    labels = local_steps(grid, time_zone)
    levels = past.production if past.levels is None else past.levels
    production = first_known(grid, levels, Quantity.SHARED_INJECTION)
    consumption = energies_on(grid, past.settled, Quantity.CONSUMPTION)
    if since is not None:
        consumption = np.where(labels.day >= since.toordinal(), consumption, np.nan)
    asked = situations(grid, labels, production, None)
    asked.level_w[:] /= _members_by_step(labels.day, aggregates)
    recent_wh = recent_draw(labels.day, asked.hour, own_wh)
    is_case = ~np.isnan(consumption) & ~np.isnan(recent_wh)
    usual_wh = float(recent_wh[is_case].mean()) if is_case.any() else 0.0
    factor = draw_factor(recent_wh, usual_wh)
    asked.level_w[:] /= factor
    table = learn_coverage(
        asked,
        consumption,
        energies_on(grid, past.settled, Quantity.ALLOCATED),
        labels.day,
    )
    return table and replace(table, draw=float(factor[-1]))


def _measured_errors(past: Past, grid: Grid) -> tuple[ForecastError, ...]:
    """What came of the injection less what was forecast: as settled, else by the weather seen.

    It says nothing of what the others withdraw: of use under a static key.
    """
    if len(past.production) < 2:
        return ()
    forecast, *came = past.production
    hours = grid.step / HOUR
    expected_w = energies_on(grid, forecast, Quantity.SHARED_INJECTION) / hours
    measured_w = first_known(grid, came, Quantity.SHARED_INJECTION) / hours
    lit = (expected_w > 0) & ~np.isnan(measured_w)
    if lit.sum() < N_CLASSES * MIN_CASES:
        return ()
    return errors_by_level(expected_w, measured_w - expected_w)


def _own_part(past: Past) -> float | None:
    """From the settled steps in which both are known."""
    own_wh = all_wh = 0.0
    for block in past.settled:
        if Quantity.PRODUCTION not in block.energies:
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        production = first_known(grid, past.production, Quantity.SHARED_INJECTION)
        own = block.energies[Quantity.PRODUCTION]
        known = ~np.isnan(own) & ~np.isnan(production)
        own_wh += float(own[known].sum())
        all_wh += float(production[known].sum())
    return min(1.0, own_wh / all_wh) if all_wh > 0 else None


def first_known(
    grid: Grid, sources: Iterable[Sequence[Block]], quantity: Quantity
) -> Energies:
    """Energies in Wh on a grid, each step from the first source that knows it."""
    known = np.full(grid.n_steps, np.nan)
    for blocks in sources:
        other = energies_on(grid, blocks, quantity)
        known = np.where(np.isnan(known), other, known)
    return known


def _members_by_step(
    days: npt.NDArray[np.int64], aggregates: Aggregates | None
) -> Energies:
    """How many members there were, 1 where it is not told."""
    counts = aggregates.counts if aggregates else ()
    members = {
        day: next(iter(in_force(counts, date.fromordinal(day))), None)
        for day in np.unique(days).tolist()
    }
    of_day = {day: count.members if count else 1 for day, count in members.items()}
    return np.array([of_day[day] for day in days.tolist()], dtype=np.float64)


def _settled_days(past: Past, since: date | None, time_zone: tzinfo) -> int:
    """How many local days are settled since then."""
    days = {
        (block.start + n * block.step).astimezone(time_zone).date()
        for block in past.settled
        if Quantity.ALLOCATED in block.energies
        for n in np.flatnonzero(~np.isnan(block.energies[Quantity.ALLOCATED])).tolist()
    }
    return sum(since is None or day >= since for day in days)
