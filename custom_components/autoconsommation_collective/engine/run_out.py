"""When a prepaid balance will be used up, by the season: as in the same weeks of last year.

Where last year is not known, as in the last settled days.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Block, Quantity
from .grid import Grid, energies_on
from .indicators import WH_PER_KWH
from .terms import local_days

RECENT_DAYS: Final = 60
"""Long enough to hold all weathers, short enough to be of one season."""
YEAR: Final = timedelta(days=364)
"""Fifty-two weeks: the same day of the week."""
AROUND: Final = 3
"""Days before and after that make it a week."""
ENOUGH_DAYS: Final = 4
"""Of such a week, to go by it."""
FARTHEST: Final = timedelta(days=730)
"""Two years ahead no date means anything."""


def daily_kwh(
    blocks: Iterable[Block], allocated: Quantity, time_zone: ZoneInfo
) -> dict[date, float]:
    """What was allocated on each local day of which anything is known, in kWh."""
    days: dict[date, float] = {}
    for block in blocks:
        if (energies := block.energies.get(allocated)) is None:
            continue
        starts = [block.start + n * block.step for n in range(block.n_steps)]
        for day, wh in zip(local_days(starts, time_zone), energies, strict=True):
            if not np.isnan(wh):
                days[day] = days.get(day, 0.0) + float(wh) / WH_PER_KWH
    return days


def open_estimates(own: Iterable[Block], official: Sequence[Block]) -> list[Block]:
    """ESTIMATED_ALLOCATED of the own steps of which nothing is settled, the others as holes."""
    found = []
    for block in own:
        if (estimated := block.energies.get(Quantity.ESTIMATED_ALLOCATED)) is None:
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        known = ~np.isnan(energies_on(grid, official, Quantity.ALLOCATED))
        left = {Quantity.ESTIMATED_ALLOCATED: np.where(known, np.nan, estimated)}
        found.append(Block(block.start, block.step, left))
    return found


def expected_use(settled: Mapping[date, float]) -> Callable[[date], float] | None:
    """What is expected to be drawn on a day, in kWh; None where nothing is settled."""
    if not settled:
        return None
    last = max(settled)
    recent = [
        kwh for day, kwh in settled.items() if day > last - timedelta(days=RECENT_DAYS)
    ]
    mean = sum(recent) / len(recent)

    def on_day(day: date) -> float:
        middle = day
        while middle > last:
            middle -= YEAR
        week = [
            settled[near]
            for n in range(-AROUND, AROUND + 1)
            if (near := middle + timedelta(days=n)) in settled
        ]
        return sum(week) / len(week) if len(week) >= ENOUGH_DAYS else mean

    return on_day


def run_out_day(
    balance_kwh: float, today: date, use_kwh: Callable[[date], float]
) -> date | None:
    """The day on which the balance ends, today where it has; None beyond two years."""
    left = balance_kwh
    for n in range(FARTHEST.days + 1):
        day = today + timedelta(days=n)
        if left <= 0:
            return day
        left -= use_kwh(day)
    return None
