"""What happened in an operation's year, and what of it was known when.

Homes heat at night as today, production is shared pro rata by the engine, and a month is
settled two months later: in April, January and February are known.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from custom_components.autoconsommation_collective.engine.coverage import (
    COVERED_FROM,
    Situations,
)
from custom_components.autoconsommation_collective.engine.coverage_ahead import (
    situations,
)
from custom_components.autoconsommation_collective.engine.grid import (
    Grid,
    LocalSteps,
    local_steps,
)
from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.repartition import allocate
from script.simulation.curves import Matrix
from script.simulation.local_days import Flags, Numbers
from script.simulation.sun import Series
from script.simulation.year import Year, net, night_heating_wh, simulate_year

SETTLED_AFTER = 2
"""Months from one that is consumed to that in which it is known."""
FIRST_TOLD = 1 + SETTLED_AFTER
"""The first month in which anything is settled: the diary begins."""
FIRST_SCORED = FIRST_TOLD + 1
"""April to December are scored, as in the study."""
LAST_MONTH = 12


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The year of an operation, seen from its homes. Energies in Wh by step."""

    year: Year
    labels: LocalSteps
    month: Numbers
    """Local month of each step, 1 to 12, shape (n_steps,)."""
    drawn_wh: Matrix
    """Withdrawn, shape (n_steps, n_homes)."""
    allocated_wh: Matrix
    """Shape (n_steps, n_homes)."""
    is_daylight: Flags
    """Whether any plant would give something under a clear sky."""

    @property
    def foreseen(self) -> Situations:
        """What was known of each step the evening before.

        By what the plants are expected to give, before any use of their owners: how much of it
        is shared is for the cases to tell. Put right by what was settled, it would be on another
        scale each month, up to four times where small plants mostly serve their homes.
        """
        return self._situations(self.year.plant_forecast_wh.sum(axis=1))

    @property
    def seen(self) -> Situations:
        """What is known of each step afterwards, from the light that was seen."""
        return self._situations(self.year.plant_wh.sum(axis=1))

    def _situations(self, production_wh: Series) -> Situations:
        grid, homes = self.year.grid, self.year.n_homes
        return situations(grid, self.labels, production_wh, homes)

    def ratio(self, home: int) -> Series:
        """Covered part of what a home drew; NaN where it drew nothing."""
        drawn = self.drawn_wh[:, home]
        ratio = np.full(len(drawn), np.nan)
        np.divide(self.allocated_wh[:, home], drawn, out=ratio, where=drawn > 0)
        return ratio

    def covered(self, home: int) -> Series:
        """1 where a home's withdrawal was covered, 0 where not; NaN where it drew nothing."""
        ratio = self.ratio(home)
        return np.where(np.isnan(ratio), np.nan, ratio >= COVERED_FROM)

    def settled_in(self, month: int) -> Flags:
        """Steps whose settlement is known in a month, shape (n_steps,)."""
        return self.month <= month - SETTLED_AFTER

    def grid_between(self, first: int, after: int) -> Grid:
        """The steps from one number to another, excluded."""
        grid = self.year.grid
        return Grid(grid.start + first * grid.step, grid.step, after - first)

    @property
    def scored_homes(self) -> Numbers:
        """Homes that have all they use from the operation or the supplier."""
        has_plant = np.isin(np.arange(self.year.n_homes), self.year.plant_home)
        return np.flatnonzero(~has_plant)


def see_world(operation: str) -> World:
    """The year of operation A or B."""
    year = simulate_year(operation)
    injection, drawn = net(year, night_heating_wh(year))
    labels = local_steps(year.grid, year.time_zone)
    month = np.array([date.fromordinal(day).month for day in labels.day])
    return World(
        year=year,
        labels=labels,
        month=month,
        drawn_wh=drawn,
        allocated_wh=allocate(injection, drawn, ProRataKey()).allocated,
        is_daylight=year.clear_sky_wh.sum(axis=1) > 0,
    )
