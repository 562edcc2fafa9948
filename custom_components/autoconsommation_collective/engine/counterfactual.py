"""What a load would have drawn otherwise: the same energy, in other steps.

Where the plan switched it, by its default schedule of those very hours; where it was observed, by
the plan that was made when its need began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
import math
from typing import Final

from .ledger import Entry

SMALL_WH: Final = 0.5
"""Less is rounding of a meter."""
STANDBY_PART: Final = 0.05
"""Of the most that is drawn in a step: what stays below is lamps and a clock, and is not moved."""


type Planned = Mapping[datetime, float]
"""Wh by the start of each step in which a plan lets a load draw."""


def concluded(
    entries: Sequence[Entry], highest_wh: float, planned: Planned | None = None
) -> tuple[Entry, ...]:
    """A need that is over: the same energy in its default hours, from their beginning on.

    Of a load that was observed, as `planned` first. What these hours do not hold is drawn in the
    others, the first ones first. What is drawn in standby stays where it is. Steps in which
    nothing is drawn either way are left out.
    """
    ordered = _in_order(entries)
    standby_wh = max(SMALL_WH, STANDBY_PART * highest_wh)
    moved = [e.actual_wh if e.actual_wh > standby_wh else 0.0 for e in ordered]
    standing = [e.actual_wh - wh for e, wh in zip(ordered, moved, strict=True)]
    placed, left = [0.0] * len(ordered), math.fsum(moved)
    for holds in (
        [(planned or {}).get(entry.start, 0.0) for entry in ordered],
        [highest_wh * entry.is_off_peak for entry in ordered],
        [highest_wh] * len(ordered),
    ):
        for n, hold in enumerate(holds):
            taken = max(0.0, min(hold - placed[n], left))
            placed[n] += taken
            left -= taken
    if placed:
        placed[-1] += left  # it drew more than it should be able to
    otherwise = [a + b for a, b in zip(standing, placed, strict=True)]
    return _kept(ordered, otherwise)


def concluded_cycle(
    entries: Sequence[Entry], begins: datetime | None = None
) -> tuple[Entry, ...]:
    """A programme that is over: by default it would have begun with the first entry.

    One that was observed would have begun as planned, at `begins`; where the entries do not
    hold all of it, what it would have drawn is not known.
    """
    ordered = _in_order(entries)
    actual = [entry.actual_wh for entry in ordered]
    standby_wh = max(SMALL_WH, STANDBY_PART * max(actual, default=0.0))
    on = [n for n, wh in enumerate(actual) if wh > standby_wh]
    first, after = (on[0], on[-1] + 1) if on else (0, 0)
    starts = [entry.start for entry in ordered]
    place = 0
    if begins is not None:
        place = starts.index(begins) if begins in starts else len(starts)
        if place + after - first > len(starts):
            return _kept(ordered, [math.nan] * len(starts))
    later = first - place
    return _kept(ordered, actual[later:] + actual[:later])


def concluded_alike(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """A load without anything else to do, as one that only adds heat: nothing is shifted."""
    ordered = _in_order(entries)
    return _kept(ordered, [entry.actual_wh for entry in ordered])


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.start)


def _kept(entries: Sequence[Entry], otherwise: Sequence[float]) -> tuple[Entry, ...]:
    """The entries of one need, in order; it was controlled where all of it was."""
    has_hole = any(math.isnan(entry.actual_wh) for entry in entries)
    is_controlled = all(entry.is_controlled for entry in entries)
    found = (
        replace(
            entry,
            other_wh=math.nan if has_hole else wh,
            is_controlled=is_controlled,
            need=entries[0].start,
        )
        for entry, wh in zip(entries, otherwise, strict=True)
    )
    return tuple(
        entry
        for entry in found
        if math.isnan(entry.actual_wh + entry.other_wh)
        or entry.actual_wh > SMALL_WH
        or entry.other_wh > SMALL_WH
    )
