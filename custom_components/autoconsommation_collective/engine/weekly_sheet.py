"""The usual good hours of an operation, for members who read them from paper.

No forecast: what a season usually leaves over, by hour. Each home is given an hour of its own,
so that paper does not send everybody to the same one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import tzinfo
import math
from typing import Final

import numpy as np

from .blocks import HOUR, Block, Quantity
from .grid import Grid, local_steps
from .months import MONTHS_IN_YEAR, month_after

HOURS_PER_DAY: Final = 24
MINUTES_PER_HOUR: Final = 60
GOOD_PART: Final = 0.5
"""Of the best hour's surplus: an hour with less is not called good."""

LATEST: Final = 3
"""Months that stand for the season where last year's are not known."""


@dataclass(frozen=True, slots=True)
class UsualSurplus:
    """Mean surplus in Wh of each hour of the clock, on one kind of day."""

    is_weekend: bool
    wh: tuple[float, ...]
    """Shape (24,)."""
    n_days: int

    @property
    def good_hours(self) -> tuple[int, int] | None:
        """First good hour and the one after the last, without a break; None of no surplus."""
        best = max(self.wh)
        if best <= 0:
            return None
        noon = self.wh.index(best)
        good = [wh >= GOOD_PART * best for wh in self.wh]
        first, after = noon, noon + 1
        while first > 0 and good[first - 1]:
            first -= 1
        while after < HOURS_PER_DAY and good[after]:
            after += 1
        return first, after

    def hour_of(self, place: float) -> int | None:
        """The hour suggested to the home at a place in [0, 1); None of no surplus.

        One of the good hours. Homes that lie evenly are spread as the surplus is: twice as
        many in an hour that leaves twice as much.
        """
        if (good := self.good_hours) is None:
            return None
        first, after = good
        left = self.wh[first:after]
        reached = np.cumsum(left) / math.fsum(left)
        return first + int(np.searchsorted(reached, place, side="right"))


def season_of(months: Collection[str], month: str) -> tuple[str, ...]:
    """Which of these months tell the season of a month, in order.

    Last year's, with the one before and the one after; else the latest that are known.
    """
    near = {month_after(month, n - MONTHS_IN_YEAR) for n in (-1, 0, 1)}
    return tuple(sorted(near & set(months))) or tuple(sorted(months)[-LATEST:])


def usual_surplus(
    blocks: Iterable[Block], time_zone: tzinfo
) -> tuple[UsualSurplus, ...]:
    """Of weekdays and of weekends, from SHARED_INJECTION and ALLOCATED of all members.

    Kinds of day of which no step is known are left out.
    """
    sums = np.zeros((2, HOURS_PER_DAY))
    hours = np.zeros((2, HOURS_PER_DAY))
    days: list[set[int]] = [set(), set()]
    for block in blocks:
        needed = {Quantity.SHARED_INJECTION, Quantity.ALLOCATED}
        if not block.energies.keys() >= needed:
            continue
        left = (
            block.energies[Quantity.SHARED_INJECTION]
            - block.energies[Quantity.ALLOCATED]
        )
        labels = local_steps(Grid(block.start, block.step, block.n_steps), time_zone)
        known = ~np.isnan(left)
        kind = labels.is_weekend[known].astype(int)
        hour = labels.minute[known] // MINUTES_PER_HOUR
        np.add.at(sums, (kind, hour), np.maximum(left[known], 0.0))
        np.add.at(hours, (kind, hour), block.step / HOUR)
        for which in (0, 1):
            days[which] |= set(labels.day[known][kind == which].tolist())
    mean = np.divide(sums, hours, out=np.zeros_like(sums), where=hours > 0)
    return tuple(
        UsualSurplus(bool(which), tuple(map(float, mean[which])), len(days[which]))
        for which in (0, 1)
        if days[which]
    )
