"""The operation's past and the days that are looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from custom_components.autoconsommation_collective.engine.grid import Grid
from script.simulation.local_days import LocalDays, Numbers
from script.simulation.village import STEP
from script.simulation.year import FIRST_DAY, N_DAYS, Year, simulate_year

HISTORY_FROM = date(2024, 7, 1)
"""Half a year to learn from before the days that count: no more than a young operation has."""
WEEKS = tuple(date(2025, month, 13) for month in (1, 4, 7, 10))
"""Mondays to come or just past: a week of each season."""


@dataclass(frozen=True, eq=False)
class Span:
    """An operation from the beginning of its history, and the days that count of it."""

    whole: Year
    day_numbers: Numbers
    """Of the whole, ascending."""

    @cached_property
    def year(self) -> Year:
        """The days that count, one after the other as if nothing lay between."""
        return glued(self.whole, self.day_numbers)

    @cached_property
    def steps(self) -> Numbers:
        """Their steps in the whole."""
        return steps_of_days(self.whole, self.day_numbers)

    @cached_property
    def months(self) -> Numbers:
        """Month of each day of the whole, counted from year 0."""
        first = self.whole.grid.start.astimezone(self.whole.time_zone).date()
        days = (first + timedelta(days=n) for n in range(self.whole.days.n_days))
        return np.array([12 * day.year + day.month - 1 for day in days])


def whole_year(operation: str) -> Span:
    """All days of the year that the study's is held against."""
    return _span(operation, range(N_DAYS))


def four_weeks(operation: str, n_days: int = 7) -> Span:
    """The named weeks, or their first days."""
    starts = [(week - FIRST_DAY).days for week in WEEKS]
    return _span(operation, (first + n for first in starts for n in range(n_days)))


def _span(operation: str, days_of_year: Iterable[int]) -> Span:
    n_before = (FIRST_DAY - HISTORY_FROM).days
    whole = simulate_year(operation, HISTORY_FROM, n_before + N_DAYS)
    return Span(whole, n_before + np.array(list(days_of_year)))


def steps_of_days(year: Year, day_numbers: Numbers) -> Numbers:
    """Numbers of the steps of some days."""
    return np.concatenate([np.r_[year.days.steps_of(day)] for day in day_numbers])


def glued(year: Year, day_numbers: Numbers) -> Year:
    """Some days of a year as a year of its own; its grid counts its steps and tells no time."""
    steps = steps_of_days(year, day_numbers)
    days = year.days
    lengths = np.diff(days.midnights)[day_numbers]
    return replace(
        year,
        grid=Grid(year.grid.starts[steps[0]], STEP, len(steps)),
        days=LocalDays(
            day_of_step=np.repeat(np.arange(len(day_numbers)), lengths),
            hour=days.hour[steps],
            is_weekend=days.is_weekend[steps],
            winter=days.winter[steps],
        ),
        base_wh=year.base_wh[steps],
        plant_wh=year.plant_wh[steps],
        plant_forecast_wh=year.plant_forecast_wh[steps],
        clear_sky_wh=year.clear_sky_wh[steps],
        heater_need_wh=year.heater_need_wh[day_numbers],
    )
