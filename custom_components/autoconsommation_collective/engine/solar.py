"""What solar plants give under a weather: a small model, right to the calibration.

The formula is that of PVWatts (NREL/TP-6A20-62641): power in proportion to the light in the
plane of the panels, less what their heat and the rest of the plant lose.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, Block, Energies, Quantity
from .grid import Grid, energies_on
from .model import Plant, PlantKind, in_force

type Series = npt.NDArray[np.float64]
"""Values of consecutive steps, shape (n_steps,); NaN is a hole."""

STANDARD_IRRADIANCE_W_M2 = 1000.0
"""The light under which a panel gives its peak power (IEC 61215)."""

STANDARD_CELL_C = 25.0
"""The temperature of its cells under which it does."""

HEATING_K_M2_PER_W = 0.0342
"""How much warmer than the air cells get (Ross): 0.02 on an open stand, 0.056 built into a
roof; panels laid over tiles, as most in an operation, lie between."""

POWER_PER_K = -0.004
"""Part of its power a crystalline silicon panel loses with each degree."""

EFFICIENCY = 0.86
"""What dirt, mismatch, wires and the inverter leave: PVWatts loses 14 % by default."""

DEFAULT_TILT_DEG = 30.0
"""A French roof, and within a few percent of the best tilt for the year."""

DEFAULT_AZIMUTH_DEG = 0.0
"""South: a roof that faces elsewhere is put right by the calibration of each hour."""

PLACE_STEP_DEG = 0.02
"""About 2 km, a cell of the finest forecast over France: nearer plants have the same sky."""

ANGLE_STEP_DEG = 5.0
"""Turning panels by half of it changes the energy of a day by less than a percent."""


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """Light and warmth over consecutive steps. Equal to itself only, as arrays are."""

    start: datetime
    """Start of the first step, UTC."""
    step: timedelta
    irradiance_w_m2: Series
    """Mean over each step in the plane of the panels, never negative."""
    temperature_c: Series
    """Of the air; as long as the irradiance."""

    @property
    def end(self) -> datetime:
        """End of the last step, excluded."""
        return self.start + len(self.irradiance_w_m2) * self.step


@dataclass(frozen=True, slots=True)
class Site:
    """Plants near each other that look at the sky alike: one weather serves them all."""

    latitude_deg: float
    longitude_deg: float
    tilt_deg: float
    """0 is flat, 90 upright."""
    azimuth_deg: float
    """0 is south, -90 east, 90 west."""
    peak_power_kw: float
    """Of all plants of the site."""


def not_modelled(plants: Iterable[Plant], day: date) -> tuple[Plant, ...]:
    """Plants in force on that local day that no site stands for."""
    return tuple(plant for plant in in_force(plants, day) if _site(plant) is None)


def sites(plants: Iterable[Plant], day: date) -> tuple[Site, ...]:
    """The solar plants in force on that local day, grouped by sky, in their order."""
    found: dict[Site, float] = {}
    for plant in in_force(plants, day):
        if site := _site(plant):
            found[site] = found.get(site, 0.0) + plant.peak_power_kw
    return tuple(replace(site, peak_power_kw=kw) for site, kw in found.items())


def _site(plant: Plant) -> Site | None:
    """The plant's place and orientation on the coarse steps, without its power.

    None where the sun over a known place does not tell what the plant gives.
    """
    if (
        plant.kind is not PlantKind.SOLAR
        or plant.latitude_deg is None
        or plant.longitude_deg is None
    ):
        return None
    tilt = DEFAULT_TILT_DEG if plant.tilt_deg is None else plant.tilt_deg
    azimuth = DEFAULT_AZIMUTH_DEG if plant.azimuth_deg is None else plant.azimuth_deg
    tilt = _rounded(tilt, ANGLE_STEP_DEG)
    azimuth = _rounded(azimuth, ANGLE_STEP_DEG)
    return Site(
        latitude_deg=_rounded(plant.latitude_deg, PLACE_STEP_DEG),
        longitude_deg=_rounded(plant.longitude_deg, PLACE_STEP_DEG),
        tilt_deg=tilt,
        # Flat panels face nowhere, and north has two names.
        azimuth_deg=0.0 if tilt == 0 else 180.0 if azimuth == -180 else azimuth,
        peak_power_kw=0.0,
    )


def _rounded(value: float, step: float) -> float:
    """Nearest multiple of the step, without the noise of binary fractions; never -0."""
    return round(round(value / step) * step, 6) + 0.0


def plant_production(
    weather: Weather, peak_power_kw: float, inverter_kw: float | None = None
) -> Block:
    """PRODUCTION in Wh of each step of the weather; what is not known of it is a hole."""
    irradiance = np.maximum(weather.irradiance_w_m2, 0.0)
    cell_c = weather.temperature_c + HEATING_K_M2_PER_W * irradiance
    power_kw = (
        peak_power_kw
        * (irradiance / STANDARD_IRRADIANCE_W_M2)
        * (1 + POWER_PER_K * (cell_c - STANDARD_CELL_C))
        * EFFICIENCY
    )
    ceiling = np.inf if inverter_kw is None else inverter_kw
    energies = np.clip(power_kw, 0.0, ceiling) * 1000 * (weather.step / HOUR)
    return Block(weather.start, weather.step, {Quantity.PRODUCTION: energies})


def sites_production(
    grid: Grid, parts: Iterable[tuple[Site, Sequence[Weather]]]
) -> Energies:
    """Production in Wh of all sites together on a grid; a hole at one is a hole of all.

    The weathers of a site do not overlap. Without any site nothing is known.
    """
    wh = [
        energies_on(
            grid,
            (plant_production(weather, site.peak_power_kw) for weather in weathers),
            Quantity.PRODUCTION,
        )
        for site, weathers in parts
    ]
    return np.sum(wh, axis=0) if wh else np.full(grid.n_steps, np.nan)


def joint_production(weathers: Mapping[Site, Weather]) -> Block:
    """PRODUCTION of all sites together, on the span whose weather is known over each."""
    found = weathers.values()
    start, step = max(w.start for w in found), max(w.step for w in found)
    n_steps = (min(w.end for w in found) - start) // step
    grid = Grid(start, step, max(0, n_steps))
    parts = [(site, (weather,)) for site, weather in weathers.items()]
    return Block(start, step, {Quantity.PRODUCTION: sites_production(grid, parts)})


def continued(before: Weather, fresh: Weather, since: datetime) -> Weather:
    """The fresh weather, with what is known of the time before it, from an instant on.

    The fresh one alone where the two do not meet on one grid.
    """
    n_before, beside = divmod(fresh.start - before.start, fresh.step)
    n_known = len(before.irradiance_w_m2)
    if before.step != fresh.step or beside or not 0 <= n_before <= n_known:
        return fresh
    first = max(0, -((before.start - since) // before.step))
    kept = slice(min(first, n_before), n_before)
    return Weather(
        start=before.start + kept.start * before.step,
        step=fresh.step,
        irradiance_w_m2=np.concatenate(
            (before.irradiance_w_m2[kept], fresh.irradiance_w_m2)
        ),
        temperature_c=np.concatenate((before.temperature_c[kept], fresh.temperature_c)),
    )


def with_observed(forecast: Weather, observed: Weather) -> Weather:
    """The forecast, with the light that was seen wherever it was, on the forecast's steps.

    Satellites see light, not warmth: the temperature stays that of the forecast.
    """
    grid = Grid(forecast.start, forecast.step, len(forecast.irradiance_w_m2))
    # Wh per m²: the grid spreads energies, not powers.
    seen = Block(
        observed.start,
        observed.step,
        {Quantity.PRODUCTION: observed.irradiance_w_m2 * (observed.step / HOUR)},
    )
    seen_w = energies_on(grid, [seen], Quantity.PRODUCTION) / (forecast.step / HOUR)
    return replace(
        forecast,
        irradiance_w_m2=np.where(np.isnan(seen_w), forecast.irradiance_w_m2, seen_w),
    )
