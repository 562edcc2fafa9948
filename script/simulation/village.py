"""Who lives in the simulated village: an operation like that of the Indre.

Thirty homes, seventeen of them with a small plant of their own, nineteen kWp together.
"""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from .sun import Orientation

STEP = timedelta(minutes=30)
"""Step of the village's settlement."""
TIME_ZONE = ZoneInfo("Europe/Paris")

N_HOMES = 30
N_PRODUCERS = 17
PEAK_POWER_KW = 19.0


@dataclass(frozen=True, slots=True)
class WaterHeater:
    """Heats at night, at full power, until the tank is warm."""

    power_w: float
    start_hour: float
    """Local hour, may pass 24."""
    hours: float


@dataclass(frozen=True, slots=True)
class Home:
    """One home: its habits, and its plant if it has one."""

    standby_w: float
    morning_w: float
    """Height of the morning peak above standby."""
    evening_w: float
    """Height of the evening peak above standby."""
    evening_hour: float
    water_heater: WaterHeater | None
    peak_power_kw: float
    """0 without a plant."""
    panels: Orientation

    @property
    def produces(self) -> bool:
        """Whether it injects for the operation."""
        return self.peak_power_kw > 0


@dataclass(frozen=True, slots=True)
class Village:
    """The homes and their place on earth; everything else follows from the seed."""

    name: str
    agreement: str
    commune: str
    latitude_deg: float
    longitude_deg: float
    homes: tuple[Home, ...]
    """Producers first."""
    seed: int

    @property
    def producers(self) -> tuple[int, ...]:
        """Numbers of the homes with a plant."""
        return tuple(n for n, home in enumerate(self.homes) if home.produces)


def found_village(seed: int = 36) -> Village:
    """The village of that seed, the same each time."""
    rng = np.random.default_rng(seed)
    sizes = rng.uniform(0.6, 1.6, N_PRODUCERS)
    powers = np.zeros(N_HOMES)
    powers[:N_PRODUCERS] = sizes * PEAK_POWER_KW / sizes.sum()
    return Village(
        name="Soleil partagé du Boischaut",
        agreement="ACC00000036",
        commune="Saint-Août",
        latitude_deg=46.72,
        longitude_deg=1.97,
        homes=tuple(_build_home(rng, power) for power in powers.tolist()),
        seed=seed,
    )


def _build_home(rng: np.random.Generator, peak_power_kw: float) -> Home:
    """A home drawn at random, of ordinary size, heated with something else."""
    has_water_heater = rng.random() < 0.7
    water_heater = WaterHeater(
        power_w=float(rng.choice([1200.0, 1800.0, 2200.0])),
        start_hour=float(rng.uniform(22.5, 26.0)),
        hours=float(rng.uniform(1.5, 3.0)),
    )
    return Home(
        standby_w=float(rng.uniform(90, 260)),
        morning_w=float(rng.uniform(150, 500)),
        evening_w=float(rng.uniform(300, 900)),
        evening_hour=float(rng.uniform(18.5, 20.5)),
        water_heater=water_heater if has_water_heater else None,
        peak_power_kw=peak_power_kw,
        panels=Orientation(
            tilt_deg=float(rng.uniform(20, 40)), azimuth_deg=float(rng.uniform(-40, 40))
        ),
    )
