"""Who takes part in the simulated operations: two of them, opposite in what is left over.

`indre`: thirty homes, seventeen of them with a small plant of their own, nineteen kWp
together, of which little is left. `school`: twenty homes that only consume, and one large
roof that nobody lives under.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.model import PriceModel

from .sun import Orientation

STEP = timedelta(minutes=30)
"""Step of the village's settlement."""
TIME_ZONE = ZoneInfo("Europe/Paris")

N_HOMES = 30
N_PRODUCERS = 17
PEAK_POWER_KW = 19.0

N_SCHOOL_HOMES = 20
SCHOOL_KWC = 40.0
"""About 44 MWh in a year: more than twenty homes use while the sun shines."""
SCHOOL_PRICE_EUR = 0.08
"""For a kWh bought in advance; an assumption, no operation's tariff."""


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
class Roof:
    """A plant that stands apart from the homes, behind a meter of its own; no household's."""

    peak_power_kw: float
    panels: Orientation
    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class Village:
    """The homes and their place on earth; everything else follows from the seed.

    Its delivery points are numbered: first the homes, then the roofs that stand apart.
    """

    name: str
    agreement: str
    commune: str
    latitude_deg: float
    longitude_deg: float
    homes: tuple[Home, ...]
    """Producers first."""
    shown_home: int
    """The member that is looked at: consumes only, heats its water at night."""
    price_model: PriceModel
    price_eur_per_kwh: float
    seed: int
    roofs: tuple[Roof, ...] = ()

    @property
    def n_delivery_points(self) -> int:
        """How many meters take part."""
        return len(self.homes) + len(self.roofs)

    @property
    def household_producers(self) -> tuple[int, ...]:
        """Numbers of the homes with a plant."""
        return tuple(n for n, home in enumerate(self.homes) if home.produces)

    @property
    def producers(self) -> tuple[int, ...]:
        """Numbers of all delivery points with a plant."""
        roofs = range(len(self.homes), self.n_delivery_points)
        return (*self.household_producers, *roofs)


def found_village(seed: int = 36) -> Village:
    """The village of small plants, of that seed, the same each time."""
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
        shown_home=20,
        price_model=PriceModel.GIFT,
        price_eur_per_kwh=0.0,
        seed=seed,
    )


def found_school(seed: int = 3636) -> Village:
    """The village around a school's roof, of that seed, the same each time."""
    rng = np.random.default_rng(seed)
    latitude_deg, longitude_deg = 46.81, 1.69
    roof = Roof(
        peak_power_kw=SCHOOL_KWC,
        panels=Orientation(tilt_deg=30, azimuth_deg=0),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
    )
    return Village(
        name="L'école au soleil",
        agreement="ACC00003636",
        commune="Châteauroux",
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        homes=tuple(_build_home(rng, 0) for _ in range(N_SCHOOL_HOMES)),
        shown_home=7,
        price_model=PriceModel.PREPAID,
        price_eur_per_kwh=SCHOOL_PRICE_EUR,
        seed=seed,
        roofs=(roof,),
    )


OPERATIONS: Mapping[str, Callable[[], Village]] = {
    "indre": found_village,
    "school": found_school,
}
"""The operations by the name that commands know them by; the first one where none is given."""


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
