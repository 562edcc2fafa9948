"""A year of an operation for the benches: loads, plants, their forecast, hot water.

Two operations as in the study that the benches are held against: A, twenty homes around one
large roof, with much surplus; B, thirty homes, seventeen with a small plant, with little. A
pure function of operation, days and seed; steps of half an hour, days are local.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.grid import Grid

from .curves import STEP_HOURS, Matrix, clear_sky_w
from .loads import draw_base_wh, draw_heater_need_wh, draw_night_starts
from .local_days import LocalDays, Numbers, grid_of_days, local_days
from .sky import draw_sky
from .sun import Series
from .village import STEP, TIME_ZONE, Village, found_school, found_village

FIRST_DAY = date(2025, 1, 1)
N_DAYS = 365
SEED = 2
"""Of the first five, the one whose energies are nearest to the study's in both operations."""
STUDIED: Final[Mapping[str, Village]] = {"A": found_school(), "B": found_village()}
"""The operations by the letter that the study gave them."""
APART = -1
"""In place of a home: the plant has a meter of its own."""
HEATER_POWER_W = 2200.0
"""Of a tank of 200 litres, in every home, as in the study."""

PRODUCTION = "production"
OWN_USE = "own use, with night heating"
INJECTED = "injected, with night heating"
BASE = "base load"
HEATERS = "water heaters"
SURPLUS = "surplus left after base demand"
STUDY_MWH: Final[Mapping[str, Mapping[str, float]]] = {
    "A": {PRODUCTION: 47.0, BASE: 65.7, HEATERS: 42.3, SURPLUS: 22.5},
    "B": {
        PRODUCTION: 21.5,
        OWN_USE: 12.3,
        INJECTED: 9.2,
        BASE: 97.6,
        HEATERS: 62.7,
        SURPLUS: 1.07,
    },
}
"""What the study tells of its own year, as far as it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Year:
    """What happened and what was foreseen; energies in Wh by step, before any netting."""

    operation: str
    """A or B, or the name of another village."""
    grid: Grid
    time_zone: ZoneInfo
    days: LocalDays
    base_wh: Matrix
    """Load behind each home's meter without the water heater, shape (n_steps, n_homes)."""
    plant_wh: Matrix
    """Gross production, shape (n_steps, n_plants)."""
    plant_forecast_wh: Matrix
    """The same as foreseen the evening before, under one sky."""
    clear_sky_wh: Matrix
    """The same without any cloud; 0 at night."""
    plant_home: Numbers
    """Home behind whose meter each plant stands, or APART, shape (n_plants,)."""
    plant_power_w: Series
    """Nameplate, shape (n_plants,)."""
    heater_power_w: Series
    """Shape (n_homes,)."""
    heater_need_wh: Matrix
    """Hot water of each local day, shape (n_days, n_homes)."""
    night_start: Series
    """Local hour of a home's night heating, 22 to 26, as it may pass midnight; (n_homes,)."""

    @property
    def n_homes(self) -> int:
        """How many homes there are."""
        return len(self.heater_power_w)


def simulate_year(
    operation: str | Village,
    first_day: date = FIRST_DAY,
    n_days: int = N_DAYS,
    seed: int = SEED,
) -> Year:
    """A year, or other local days, of an operation: A, B, or a village of one's own.

    The seed draws the weather and what homes use; their habits by the hour and their plants
    are the village's. A longer year begins as a shorter one does.
    """
    village = operation if isinstance(operation, Village) else STUDIED[operation]
    grid = grid_of_days(first_day, n_days)
    days = local_days(grid)
    weather, use, water, nights = np.random.default_rng(seed).spawn(4)
    sky = draw_sky(weather, days.winter)
    producers = np.array(village.producers)
    middles = [start + STEP / 2 for start in grid.starts]
    clear_sky_wh = clear_sky_w(village, middles)[:, producers] * STEP_HOURS
    powers_kw = [home.peak_power_kw for home in village.homes]
    powers_kw += [roof.peak_power_kw for roof in village.roofs]
    n_homes = len(village.homes)
    return Year(
        operation=village.name if isinstance(operation, Village) else operation,
        grid=grid,
        time_zone=TIME_ZONE,
        days=days,
        base_wh=draw_base_wh(use, village.homes, days),
        plant_wh=clear_sky_wh * sky.clearness[:, None],
        plant_forecast_wh=clear_sky_wh * sky.foreseen[:, None],
        clear_sky_wh=clear_sky_wh,
        plant_home=np.where(producers < n_homes, producers, APART),
        plant_power_w=1000 * np.array(powers_kw)[producers],
        heater_power_w=np.full(n_homes, HEATER_POWER_W),
        heater_need_wh=draw_heater_need_wh(water, n_homes, days),
        night_start=draw_night_starts(nights, n_homes),
    )


def net(year: Year, heater_wh: Matrix | float = 0.0) -> tuple[Matrix, Matrix]:
    """What crosses the meters when the heaters draw that: injection and withdrawal, Wh.

    Injection has a column for each plant, shape (n_steps, n_plants), as every plant is the
    only one behind its meter; withdrawal has one for each home.
    """
    withdrawal = year.base_wh + heater_wh
    injection = year.plant_wh.copy()
    plants = np.flatnonzero(year.plant_home != APART)
    homes = year.plant_home[plants]
    own_use = np.minimum(injection[:, plants], withdrawal[:, homes])
    injection[:, plants] -= own_use
    withdrawal[:, homes] -= own_use
    return injection, withdrawal


def night_heating_wh(year: Year) -> Matrix:
    """What the heaters draw at night, each from its own hour on, shape (n_steps, n_homes).

    At full power until the need of the day that ends is met. What passes the end of the last
    day is drawn at the beginning of the first, so that the needs of all days are met.
    """
    heating = np.zeros_like(year.base_wh)
    most_wh = year.heater_power_w * STEP_HOURS
    # Counted from the midnight that follows: the clock changes some hours after a midnight.
    after_midnight = np.rint((year.night_start - 24) / STEP_HOURS).astype(np.int64)
    starts = year.days.midnights[1:, None] + after_midnight
    homes = np.arange(year.n_homes)
    left = year.heater_need_wh.copy()
    n_passed = 0
    while left.any():
        drawn = np.minimum(left, most_wh)
        np.add.at(heating, ((starts + n_passed) % year.grid.n_steps, homes), drawn)
        left -= drawn
        n_passed += 1
    return heating


def forecast_error(year: Year) -> float:
    """Root mean square error of the plants' forecast, by nameplate, over steps of daylight.

    Of all plants together; it is daylight where any would give something under a clear sky.
    """
    is_daylight = year.clear_sky_wh.any(axis=1)
    error_wh = (year.plant_forecast_wh - year.plant_wh)[is_daylight].sum(axis=1)
    nameplate_wh = year.plant_power_w.sum() * STEP_HOURS
    return float(np.sqrt(np.mean(error_wh**2)) / nameplate_wh)


def forecast_bias(year: Year) -> float:
    """By which part the forecast energy of all steps exceeds what was produced."""
    return float(year.plant_forecast_wh.sum() / year.plant_wh.sum() - 1)


def energies_mwh(year: Year) -> dict[str, float]:
    """The year's energies by name, in MWh; the names are those of STUDY_MWH."""
    injection, withdrawal = net(year)
    injected_wh = net(year, night_heating_wh(year))[0].sum()
    surplus_wh = np.maximum(injection.sum(axis=1) - withdrawal.sum(axis=1), 0).sum()
    energies_wh = {
        PRODUCTION: year.plant_wh.sum(),
        OWN_USE: year.plant_wh.sum() - injected_wh,
        INJECTED: injected_wh,
        BASE: year.base_wh.sum(),
        HEATERS: year.heater_need_wh.sum(),
        SURPLUS: surplus_wh,
    }
    return {name: float(wh) / 1e6 for name, wh in energies_wh.items()}


def describe(year: Year) -> list[tuple[str, str, str]]:
    """Rows of a table, heading first: the year beside the study's, and its forecast."""
    study = STUDY_MWH.get(year.operation, {})
    first = year.grid.start.astimezone(year.time_zone).date()
    heading = f"operation {year.operation}, {year.days.n_days} days from {first}"
    return [
        (heading, "here", "study"),
        *(
            (f"{name}, MWh", f"{mwh:.2f}", str(study.get(name, "")))
            for name, mwh in energies_mwh(year).items()
        ),
        (
            "day-ahead forecast in daylight, nRMSE by nameplate",
            f"{forecast_error(year):.1%}",
            "10.9%",
        ),
        ("day-ahead forecast, bias", f"{forecast_bias(year):+.1%}", ""),
    ]
