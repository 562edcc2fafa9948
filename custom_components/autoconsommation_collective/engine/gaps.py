"""Days that are missing inside a settled month: between what is known, not after it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

import numpy as np

from .blocks import Block, MonthPage, Quantity
from .model import Quality
from .reconcile import PAIRS

INSTANT = timedelta(microseconds=1)
HALF_DAY = timedelta(hours=12)
"""Shorter than every local day: none is stepped over."""


def gaps(pages: Iterable[MonthPage], time_zone: tzinfo) -> dict[str, tuple[date, ...]]:
    """By settled month the local days of which steps are missing, where there are any.

    Before the first step that is known of a consumer or a producer, and after the last,
    nothing is missing: a membership begins and ends, and a delivery may tell half a month.
    """
    found: dict[str, tuple[date, ...]] = {}
    for page in sorted(pages, key=lambda page: page.month):
        if page.quality is Quality.SETTLED and (
            days := {
                day for pair in PAIRS for day in _missing(page.blocks, pair, time_zone)
            }
        ):
            found[page.month] = tuple(sorted(days))
    return found


def _missing(
    blocks: Sequence[Block], pair: Sequence[Quantity], time_zone: tzinfo
) -> set[date]:
    """The days between spans in which a whole and its part are known."""
    spans = sorted(
        span for b in blocks if {*pair} <= b.energies.keys() for span in _known(b, pair)
    )
    days: set[date] = set()
    for (_, end), (start, _) in pairwise(spans):
        at = end
        while at < start:
            days.add(at.astimezone(time_zone).date())
            at = min(at + HALF_DAY, start)
        if end < start:
            days.add((start - INSTANT).astimezone(time_zone).date())
    return days


def _known(block: Block, pair: Sequence[Quantity]) -> list[tuple[datetime, datetime]]:
    """Beginning and end of each run of steps that are known."""
    known = ~np.isnan(sum(block.energies[quantity] for quantity in pair))
    edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0)).tolist()
    at = [block.start + n * block.step for n in edges]
    return list(zip(at[::2], at[1::2], strict=True))
