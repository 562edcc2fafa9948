"""The grid of whole local days, and the local time of its steps."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from custom_components.autoconsommation_collective.engine.grid import Grid

from .sun import Series
from .village import STEP, TIME_ZONE

type Numbers = npt.NDArray[np.int64]
type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LocalDays:
    """Local time of each step, shape (n_steps,)."""

    day_of_step: Numbers
    """Number of the local day, from 0; a day has 46, 48 or 50 steps."""
    hour: Series
    """Local hour at the start of the step, in [0, 24)."""
    is_weekend: Flags
    winter: Series
    """1 in the middle of January, the coldest and darkest, -1 in that of July."""

    @property
    def n_days(self) -> int:
        """How many days there are."""
        return int(self.day_of_step[-1]) + 1

    @property
    def midnights(self) -> Numbers:
        """First step of each day, and the end of the last, shape (n_days + 1,)."""
        return np.searchsorted(self.day_of_step, np.arange(self.n_days + 1))

    def steps_of(self, day: int) -> slice:
        """The steps of a day."""
        first, end = np.searchsorted(self.day_of_step, [day, day + 1])
        return slice(int(first), int(end))


def grid_of_days(first_day: date, n_days: int) -> Grid:
    """The steps from one local midnight to another."""
    start, end = (
        datetime.combine(day, time(), TIME_ZONE).astimezone(UTC)
        for day in (first_day, first_day + timedelta(days=n_days))
    )
    return Grid(start, STEP, (end - start) // STEP)


def local_days(grid: Grid) -> LocalDays:
    """Local time of the grid's steps."""
    local = [start.astimezone(TIME_ZONE) for start in grid.starts]
    days = np.array([moment.toordinal() for moment in local])
    of_year = np.array([moment.timetuple().tm_yday for moment in local])
    return LocalDays(
        day_of_step=days - days[0],
        hour=np.array([moment.hour + moment.minute / 60 for moment in local]),
        is_weekend=np.array([moment.weekday() >= 5 for moment in local]),
        winter=np.cos(2 * np.pi * (of_year - 15) / 365),
    )
