"""The month pages of sums over periods: what a bill tells, laid on the home's steps."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from enum import StrEnum
import re

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, MonthPage, Quantity
from .grid import Grid, energies_on, local_steps
from .hours import OFF_PEAK_CLASS
from .model import Quality
from .months import month_after, month_bounds
from .period_sums import ByClass, PeriodSums
from .profile import ConsumptionProfile
from .reference_prices import HIGH_SEASON
from .spread import SpreadError, fills, scaled, spread

SUNNY_FROM, SUNNY_UNTIL = 9 * 60, 17 * 60
"""Minutes of the local day between which the sun is up in every season."""
_CLASS = re.compile(r"(HP|HC)(?:([HB])|J[BWR])?")
"""Hours, and a season (H, saison haute, or B); the colours of days gone by are not kept, so they
are added up."""

type Mask = npt.NDArray[np.bool_]
type OffPeak = Callable[[Grid], Mask | None]
"""Whether each step lies in off-peak hours; None where these are not known."""


class SpreadBy(StrEnum):
    """What of the steps is less than this home's own estimate."""

    DAY_HOURS = "day_hours"
    """Of some there was no estimate, or not enough: the hours of the day."""
    CLASSES_LEFT = "classes_left"
    """The price classes could not be laid on their hours; only their sum was."""
    PROFILE = "profile"
    """Of some there is no consumption of the own meter: the home's habits, or evenly."""


class SpreadProblem(StrEnum):
    """Why a sum is not laid on its days."""

    TOO_MUCH = "too_much"
    """More was allocated than consumed."""
    NO_METER = "no_meter"
    """Nobody tells what was consumed on some of the days."""


@dataclass(frozen=True, slots=True)
class NotSpread:
    """A sum that is not taken in."""

    problem: SpreadProblem
    days: tuple[date, ...]
    """Without a record, or all of the period."""
    allocated_wh: float
    consumption_wh: float


@dataclass(frozen=True, slots=True, eq=False)
class SpreadPages:
    """The months of sums."""

    pages: tuple[MonthPage, ...]
    by: frozenset[SpreadBy]


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """What is known of the home that sums are laid on."""

    own: Sequence[Block]
    """What its meter recorded, with what was estimated."""
    profile: ConsumptionProfile | None
    off_peak: OffPeak
    step: timedelta
    time_zone: tzinfo
    held: Sequence[Block] = ()
    """What was laid of the sums of the same source before."""


def spread_pages(sums: Iterable[PeriodSums], home: Home) -> SpreadPages | NotSpread:
    """The settled pages of sums, by local month; their blocks are marked as spread.

    The same sums of the same days stay as they were laid: what the home learns from day to
    day is no correction.
    """
    by: set[SpreadBy] = set()
    months: defaultdict[str, list[Block]] = defaultdict(list)
    for one in sums:
        block = _block(one, home, by)
        if isinstance(block, NotSpread):
            return block
        month = f"{one.start.astimezone(home.time_zone):%Y-%m}"
        while part := block.cut(*month_bounds(month, home.time_zone)):
            months[month].append(part)
            month = month_after(month)
    pages = (MonthPage(m, 1, Quality.SETTLED, tuple(b)) for m, b in months.items())
    return SpreadPages(tuple(pages), frozenset(by))


def _block(sums: PeriodSums, home: Home, by: set[SpreadBy]) -> Block | NotSpread:
    grid = Grid(sums.start, home.step, (sums.end - sums.start) // home.step)
    allocated_wh = sum(round(wh) for wh in sums.allocated_wh.values())
    own = energies_on(grid, home.own, Quantity.CONSUMPTION)
    labels = local_steps(grid, home.time_zone)
    if sums.consumption_wh is None:
        if (hole := np.isnan(own)).any():
            days = np.unique(labels.day[hole]).tolist()
            return _not(SpreadProblem.NO_METER, days, allocated_wh, np.nansum(own))
        consumption = scaled(round(float(own.sum())), own)
    else:
        usual = _usual(own, grid, home, by)
        consumption = scaled(round(sums.consumption_wh), usual)
    sunny = (labels.minute >= SUNNY_FROM) & (labels.minute < SUNNY_UNTIL)
    by_day = np.where(sunny, consumption, 0.0)
    estimate = energies_on(grid, home.own, Quantity.ESTIMATED_ALLOCATED)
    weights = _weights(estimate, by_day)
    is_estimate = bool(weights is estimate)
    try:
        groups = _by_hours(sums.allocated_wh, grid, home, by)
        try:
            allocated = _spread(groups, weights, consumption)
        except SpreadError:
            if len(groups) < 2:
                raise
            by.add(SpreadBy.CLASSES_LEFT)
            groups = [(np.full(grid.n_steps, fill_value=True), allocated_wh)]
            allocated = _spread(groups, weights, consumption)
    except SpreadError as error:
        days = np.unique(labels.day).tolist()
        return _not(SpreadProblem.TOO_MUCH, days, allocated_wh, error.most_wh)
    if not (
        is_estimate and all(fills(wh, weights[m], consumption[m]) for m, wh in groups)
    ):
        by.add(SpreadBy.DAY_HOURS)
    energies = {Quantity.CONSUMPTION: consumption, Quantity.ALLOCATED: allocated}
    block = Block(grid.start, grid.step, energies, is_spread=True)
    held = _held(block, home)
    return held if held and _tells_the_same(held, block, groups) else block


def _held(block: Block, home: Home) -> Block | None:
    """What is held of the very days of a block, laid as a whole; None where nothing is."""
    held = [b for b in home.held if b.start < block.end and block.start < b.end]
    edges = {edge for b in held for edge in (b.start, b.end)}
    month = f"{block.start.astimezone(home.time_zone):%Y-%m}"
    whole = {block.start, block.end}
    while (end := month_bounds(month, home.time_zone)[1]) < block.end:
        whole.add(end)
        month = month_after(month)
    if edges != whole or not all(b.is_spread and b.step == block.step for b in held):
        return None
    grid = Grid(block.start, block.step, block.n_steps)
    return replace(
        block, energies={q: energies_on(grid, held, q) for q in block.energies}
    )


def _tells_the_same(
    held: Block, block: Block, groups: Sequence[tuple[Mask, int]]
) -> bool:
    """Whether the sums are the same, of each price class on its own hours."""
    drawn = [b.energies[Quantity.CONSUMPTION].sum() for b in (held, block)]
    allocated = held.energies[Quantity.ALLOCATED]
    return bool(
        drawn[0] == drawn[1] and all(allocated[mask].sum() == wh for mask, wh in groups)
    )


def _not(
    problem: SpreadProblem, days: list[int], allocated_wh: float, consumption_wh: float
) -> NotSpread:
    dates = tuple(map(date.fromordinal, days))
    return NotSpread(problem, dates, allocated_wh, float(consumption_wh))


def _usual(own: Energies, grid: Grid, home: Home, by: set[SpreadBy]) -> Energies:
    """What was measured; elsewhere the home's habits, or as much at all hours."""
    hole = np.isnan(own)
    if not hole.any():
        return own
    by.add(SpreadBy.PROFILE)
    if home.profile is not None:
        usual = home.profile.expected(grid, home.time_zone).mean
    else:
        usual = np.full(grid.n_steps, 1.0 if hole.all() else float(np.nanmean(own)))
    return np.where(hole, usual, own)


def _weights(estimate: Energies, by_day: Energies) -> Energies:
    """The estimate; where there is none, the hours of the day, on the same scale."""
    hole = np.isnan(estimate)
    told, beside = float(np.nansum(estimate)), float(by_day[~hole].sum())
    if told <= 0:
        return by_day
    if not hole.any():
        return estimate
    return np.where(hole, by_day * (told / beside if beside > 0 else 1.0), estimate)


def _by_hours(
    by_class: ByClass, grid: Grid, home: Home, by: set[SpreadBy]
) -> list[tuple[Mask, int]]:
    """Which steps each sum is of; all of them together where the classes do not tell."""
    total = sum(round(wh) for wh in by_class.values())
    together = [(np.full(grid.n_steps, fill_value=True), total)]
    if len(by_class) < 2:
        return together
    read = {name: _CLASS.fullmatch((name or "").upper()) for name in by_class}
    off_peak = home.off_peak(grid)
    seasons = {bool(match[2]) for match in read.values() if match}
    if off_peak is None or None in read.values() or len(seasons) > 1:
        by.add(SpreadBy.CLASSES_LEFT)
        return together
    months = (at.astimezone(home.time_zone).month for at in grid.starts)
    is_high = np.array([month in HIGH_SEASON for month in months])
    sums: defaultdict[tuple[str, str | None], int] = defaultdict(int)
    for name, match in read.items():
        if match is not None:
            sums[match[1], match[2]] += round(by_class[name])
    found = []
    for (hours, season), wh in sums.items():
        mask = off_peak == (hours == OFF_PEAK_CLASS)
        if season is not None:
            mask = mask & (is_high == (season == "H"))
        found.append((mask, wh))
    return found


def _spread(
    groups: Sequence[tuple[Mask, int]], weights: Energies, consumption: Energies
) -> Energies:
    """Each sum on its own steps. Raises SpreadError."""
    allocated = np.zeros(len(weights))
    for mask, wh in groups:
        allocated[mask] = spread(wh, weights[mask], consumption[mask])
    return allocated
