"""Which part of what a load drew was covered, once a settlement tells."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
import math

from .blocks import Block, Quantity
from .counterfactual import SMALL_WH
from .grid import Grid, energies_on
from .ledger import Entry


def settled(
    entries: Sequence[Entry],
    blocks: Iterable[Block],
    step: timedelta,
    *,
    own_part: bool,
    others: Iterable[Entry] = (),
    part: Iterable[Block] = (),
) -> tuple[Entry, ...]:
    """The entries of a load with the coverage of the settlement, where it tells one.

    Under a static key `own_part` is true; then the entries of the home's other loads are to
    be told, too, and its part of the SHARED_INJECTION by step, where that is known.
    """
    if not entries:
        return ()
    first = min(entry.start for entry in entries)
    last = max(entry.start for entry in entries)
    grid, known = Grid(first, step, (last - first) // step + 1), list(blocks)
    consumption = energies_on(grid, known, Quantity.CONSUMPTION)
    allocated = energies_on(grid, known, Quantity.ALLOCATED)
    own = energies_on(grid, part, Quantity.SHARED_INJECTION)
    beside: defaultdict[datetime, list[Entry]] = defaultdict(list)
    for other in others:
        beside[other.start].append(other)
    found = []
    for entry in entries:
        n = (entry.start - first) // step
        told = float(consumption[n]), float(allocated[n])
        coverage, otherwise = pro_rata(*told), None
        if own_part:
            drawn_wh = math.fsum(e.actual_wh for e in (entry, *beside[entry.start]))
            room_wh = left_by_base(*told, drawn_wh, float(own[n]))
            coverage, otherwise = _shared(room_wh, entry, beside[entry.start])
        if not math.isnan(coverage):
            entry = replace(
                entry, coverage=coverage, other_coverage=otherwise, is_settled=True
            )
        found.append(entry)
    return tuple(found)


def pro_rata(consumption_wh: float, allocated_wh: float) -> float:
    """Coverage of each kWh of a step where all are covered alike; NaN: it does not tell.

    Code de l'énergie D315-6: without coefficients from the organiser, production is shared
    in proportion to consumption, and no kWh of a home is before another.
    """
    if not consumption_wh > 0 or math.isnan(allocated_wh):
        return math.nan
    return min(1.0, allocated_wh / consumption_wh)


def left_by_base(
    consumption_wh: float,
    allocated_wh: float,
    drawn_wh: float,
    part_wh: float = math.nan,
) -> float:
    """What a home's own part of a step leaves for its loads; NaN: it does not tell.

    Code de l'énergie D315-6: a fixed coefficient of the production, at most the consumption.
    `drawn_wh` is of all loads: the base use, which runs without any plan, comes first. Where
    the part was used up, it is what was allocated; elsewhere it is `part_wh` and, where that
    is not known, without end: what might have been covered counts as covered, so that no gain
    rests on what nobody knows.
    """
    if not consumption_wh > 0 or math.isnan(allocated_wh + drawn_wh):
        return math.nan
    if allocated_wh < consumption_wh - SMALL_WH:
        part_wh = allocated_wh
    elif math.isnan(part_wh):
        return math.inf
    base_wh = max(0.0, consumption_wh - drawn_wh)
    return max(0.0, max(part_wh, allocated_wh) - base_wh)


def _shared(
    room_wh: float, entry: Entry, others: Iterable[Entry]
) -> tuple[float, float]:
    """Coverage of a load that shares the room with others of the step, and otherwise.

    What stays where it is either way comes before what was moved, so that a load that is not
    moved neither gains nor loses by those that are; within each, all are covered alike.
    """
    if math.isnan(room_wh):
        return math.nan, math.nan
    stays, came, left = zip(
        _moves(entry, is_moved=True),
        *(_moves(e, is_moved=e.is_controlled is entry.is_controlled) for e in others),
        strict=True,
    )
    staying = _part(room_wh, math.fsum(stays))
    rest_wh = max(0.0, room_wh - staying * math.fsum(stays))
    coverages = []
    for moved in (came, left):
        wh = stays[0] + moved[0]
        covered = stays[0] * staying + moved[0] * _part(rest_wh, math.fsum(moved))
        coverages.append(covered / wh if wh > 0 else staying)
    return coverages[0], coverages[1]


def _moves(entry: Entry, *, is_moved: bool) -> tuple[float, float, float]:
    """What stays, what was moved to the step, what was moved away from it."""
    actual = entry.actual_wh
    is_moved = is_moved and not math.isnan(entry.other_wh)
    otherwise = entry.other_wh if is_moved else actual
    stays = min(actual, otherwise)
    return stays, actual - stays, otherwise - stays


def _part(room_wh: float, drawn_wh: float) -> float:
    """What part of an energy there is room for."""
    return min(1.0, room_wh / drawn_wh) if drawn_wh > 0 else 1.0
