"""The sun over the village: what a clear sky gives a plant, and what the clouds leave of it.

Textbook geometry, good to a few percent at noon; the equation of time is left out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Series = npt.NDArray[np.float64]
"""Values of consecutive steps, shape (n_steps,)."""

SOLAR_CONSTANT_W_M2 = 1353.0
CLEAR_AIR_TRANSMITTANCE = 0.7
"""Part of the beam that passes one thickness of clear air (Meinel's model)."""
DIFFUSE_PART = 0.1
"""Sky light of a clear day, as a part of the beam."""
PLANT_EFFICIENCY = 0.85
"""Wiring, inverter, heat and dust together."""
SUNRISE_SINE = 0.02
"""Below one degree the air mass formula no longer holds and a plant gives nothing."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How panels look at the sky, in degrees."""

    tilt_deg: float
    """0 is flat, 90 upright."""
    azimuth_deg: float
    """0 is south, -90 east, 90 west."""


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the sun stands at each step, in radians."""

    declination: Series
    hour_angle: Series
    """0 at solar noon, positive in the afternoon."""


def sun_at(day_of_year: Series, utc_hour: Series, longitude_deg: float) -> Sun:
    """Position of the sun from the date and the hour."""
    return Sun(
        declination=np.radians(23.44) * np.sin(2 * np.pi * (284 + day_of_year) / 365),
        hour_angle=np.radians(15 * (utc_hour - 12) + longitude_deg),
    )


def clear_sky_kw_per_kwp(sun: Sun, latitude_deg: float, panels: Orientation) -> Series:
    """Power of one kWp under a clear sky, kW, shape (n_steps,)."""
    latitude = np.radians(latitude_deg)
    height = np.sin(latitude) * np.sin(sun.declination) + np.cos(latitude) * np.cos(
        sun.declination
    ) * np.cos(sun.hour_angle)
    air_mass = 1 / np.maximum(height, SUNRISE_SINE)
    beam = SOLAR_CONSTANT_W_M2 * CLEAR_AIR_TRANSMITTANCE ** (air_mass**0.678)
    facing = np.maximum(_cosine_of_incidence(sun, latitude, panels), 0)
    sky_seen = (1 + np.cos(np.radians(panels.tilt_deg))) / 2
    irradiance = beam * (facing + DIFFUSE_PART * sky_seen)
    power: Series = (height > SUNRISE_SINE) * irradiance / 1000 * PLANT_EFFICIENCY
    return power


def _cosine_of_incidence(sun: Sun, latitude: float, panels: Orientation) -> Series:
    """Cosine of the angle between the beam and the panels' normal."""
    tilt, azimuth = np.radians(panels.tilt_deg), np.radians(panels.azimuth_deg)
    east_west = np.cos(sun.declination) * np.sin(sun.hour_angle)
    south = np.cos(sun.declination) * np.cos(sun.hour_angle) * np.sin(
        latitude
    ) - np.sin(sun.declination) * np.cos(latitude)
    up = np.cos(sun.declination) * np.cos(sun.hour_angle) * np.cos(latitude) + np.sin(
        sun.declination
    ) * np.sin(latitude)
    across = np.cos(azimuth) * south + np.sin(azimuth) * east_west
    cosine: Series = np.cos(tilt) * up + np.sin(tilt) * across
    return cosine
