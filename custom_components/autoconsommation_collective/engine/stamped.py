"""Energies that others stamp with one instant each, as a block of regular steps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .blocks import HOUR, Block, Energies, Quantity
from .slots import local_midnight

STEP = timedelta(minutes=15)
"""Fine enough for the stamps at sunrise and sunset that some give."""

LONGEST_NIGHT = timedelta(hours=18)
"""In the north of France at Christmas it is 16; a longer gap lacks some of a day."""

DUSK = 0.25
"""Part of the best energy below which the first or last of a series is at the edge of night,
not where somebody cut it."""

_DAY = timedelta(days=1)


class Label(StrEnum):
    """Which end of its period an energy is stamped with."""

    START = "start"
    END = "end"


class _Period(NamedTuple):
    """Energy in Wh between two instants, UTC."""

    start: datetime
    end: datetime
    wh: float


def stamped_production(
    stamped: Mapping[datetime, float], label: Label, time_zone: tzinfo
) -> Block | None:
    """PRODUCTION of energies in Wh stamped with instants in UTC; None where none can be told.

    By quarters of an hour. A period lasts until the next stamp (or since the last), at most as long as most do. The
    nights that series of solar energy leave out are zeros, all other gaps are holes.
    """
    times = sorted(stamped)
    gaps = Counter(after - before for before, after in pairwise(times))
    usual = gaps.most_common(1)[0][0] if gaps else HOUR
    if not times or usual > HOUR:
        return None
    if label is Label.START:
        ends = [min(t, s + usual) for s, t in pairwise(times)] + [times[-1] + usual]
        starts = times
    else:
        starts = [times[0] - usual, *(max(s, t - usual) for s, t in pairwise(times))]
        ends = times
    periods = [
        _Period(start, end, stamped[at])
        for start, end, at in zip(starts, ends, times, strict=True)
    ]
    return _block(sorted([*periods, *_nights(periods, time_zone)]))


def _nights(periods: Sequence[_Period], time_zone: tzinfo) -> list[_Period]:
    """The gaps in which it is night, as periods of no energy."""
    nights = [
        _Period(before.end, after.start, 0.0)
        for before, after in pairwise(periods)
        if before.end < after.start <= before.end + LONGEST_NIGHT
        and before.end <= local_midnight(after.start, time_zone)
    ]
    dusk_wh = DUSK * max(period.wh for period in periods)
    first, last = periods[0], periods[-1]
    dawn = local_midnight(first.start, time_zone)
    if first.wh <= dusk_wh and dawn < first.start:
        nights.append(_Period(dawn, first.start, 0.0))
    # Half a day on from its own midnight is the next day's, also when clocks change.
    midnight = local_midnight(
        local_midnight(last.end, time_zone) + 1.5 * _DAY, time_zone
    )
    if last.wh <= dusk_wh and last.end > local_midnight(last.end, time_zone):
        nights.append(_Period(last.end, midnight, 0.0))
    return nights


def _block(periods: Sequence[_Period]) -> Block:
    """Periods in order as one block; steps not known as a whole are holes."""
    first = periods[0].start
    start = first - timedelta(seconds=first.timestamp() % STEP.total_seconds())
    n_steps = -((start - periods[-1].end) // STEP)
    edges: Energies = np.arange(n_steps + 1, dtype=np.float64) * STEP.total_seconds()
    at = [(t - start).total_seconds() for p in periods for t in (p.start, p.end)]
    length = [(p.end - p.start).total_seconds() for p in periods]
    wh = _spread(at, [p.wh for p in periods], edges)
    known = _spread(at, length, edges)
    # Half a second is rounding, not a hole.
    whole = known >= STEP.total_seconds() - 0.5
    return Block(start, STEP, {Quantity.PRODUCTION: np.where(whole, wh, np.nan)})


def _spread(at: Sequence[float], amounts: Sequence[float], edges: Energies) -> Energies:
    """Amounts of periods, whose starts and ends alternate, between other edges."""
    total = np.cumsum(np.column_stack((np.zeros(len(amounts)), amounts)).ravel())
    spread: Energies = np.diff(np.interp(edges, at, total))
    return spread
