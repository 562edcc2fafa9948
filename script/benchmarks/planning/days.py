"""Cases of the bench: days as chance throws them, and days that are hard by their kind."""

from dataclasses import dataclass, replace
import hashlib
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.contract import StepCosts
from custom_components.autoconsommation_collective.engine.indicators import WH_PER_KWH
from custom_components.autoconsommation_collective.engine.ladder import (
    Ladder,
    community_ladder,
)
from custom_components.autoconsommation_collective.engine.planner import Setting
from custom_components.autoconsommation_collective.engine.tariffs import Prices
from custom_components.autoconsommation_collective.engine.task import Corridor, Task

from .loads import (
    A_DAY,
    HOURS,
    Clock,
    car,
    compressor,
    heater,
    machine,
    night_flags,
    pump,
    tank,
)

RANDOM_DAYS: Final = 50
"""Of each horizon."""
CHANCES: Final = (0.9, 0.7, 0.5, 0.3, 0.1)
"""Of the amounts of the share."""
BASE_WH_PER_DAY: Final = 9000.0
"""Of a home without its steered loads; a French home draws 4.5 MWh a year, half of it heat."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A day to plan."""

    kind: str
    """Which row of the table it is counted in."""
    name: str
    tasks: tuple[Task, ...]
    setting: Setting
    base_eur: float
    """What the rest of the home costs over the horizon, from its supplier."""

    @property
    def key(self) -> str:
        """A hash of all that the optimum depends on."""
        told = hashlib.sha256()
        ladder = self.setting.ladder
        for values in (
            ladder.widths_wh,
            ladder.eur_per_kwh,
            self.setting.room_w,
            self.setting.day,
        ):
            told.update(np.round(values, 6).astype(np.float64).tobytes())
        told.update(repr(round(self.base_eur, 6)).encode())
        for task in self.tasks:
            told.update(_told(task))
        return told.hexdigest()[:16]


def _told(task: Task) -> bytes:
    """All fields of a task, arrays as their bytes."""
    demand = task.demand
    parts = [task.default_wh, task.allowed.astype(np.float64)]
    if isinstance(demand, Corridor):
        parts += [demand.at_least_wh, demand.at_most_wh]
    plain = replace(task, default_wh=np.zeros(0), allowed=np.zeros(0, dtype=bool))
    if isinstance(demand, Corridor):
        plain = replace(plain, demand=Corridor(np.zeros(0), np.zeros(0)))
    arrays = b"".join(np.round(part, 6).tobytes() for part in parts)
    return repr(plain).encode() + arrays


@dataclass(frozen=True, slots=True)
class Weather:
    """What is thrown for a day's prices and share."""

    share_kwh: float
    """Most likely energy of the share in a bright hour."""
    own_kwh: float = 0.0
    """Own surplus in a bright hour."""
    clouds: float = 0.3
    """How much of the light they may take."""
    allocated: float = 0.11
    flat: bool = False
    """Whether the supplier's price is the same all day."""
    dips: tuple[tuple[float, float], ...] = ()
    """Hours in which next to nothing shines."""
    cheap_noon: bool = False
    """Whether the off-peak hours lie at noon, and cost less than what is allocated."""


def _supplier(clock: Clock, weather: Weather) -> Prices:
    """The supplier's price by step."""
    if weather.flat:
        return np.full(clock.n_steps, 0.1952)
    cheap = night_flags(clock)
    if weather.cheap_noon:
        cheap = (clock.hour >= 11) & (clock.hour < 17) | (clock.hour < 2)
    return np.where(cheap, 0.1579, 0.2065)


def _light(rng: np.random.Generator, clock: Clock, weather: Weather) -> Energies:
    """Part of the brightest hour's light by step; clouds last a while."""
    arc = np.clip(np.sin((clock.hour - 6.5) / 13 * np.pi), 0, None)
    arc[(clock.hour < 6.5) | (clock.hour > 19.5)] = 0
    noise = rng.uniform(0, 1, clock.n_steps)
    cloud = np.convolve(noise, np.full(5, 0.2), mode="same")
    light: Energies = arc * (1 - weather.clouds * cloud)
    for begins, ends in weather.dips:
        light[(clock.hour >= begins) & (clock.hour < ends)] *= 0.08
    return light


def setting_of(
    rng: np.random.Generator, clock: Clock, weather: Weather, cap_w: float
) -> tuple[Setting, float]:
    """What holds for all loads, and what the rest of the home costs."""
    supplier = _supplier(clock, weather)
    light = _light(rng, clock, weather)
    reached = np.outer((0.45, 0.75, 1.0, 1.25, 1.6), light)
    share = np.round(reached * weather.share_kwh * 1000 * HOURS, 1)
    own = np.round(light * weather.own_kwh * 1000 * HOURS, 1)
    chances = np.repeat(np.array(CHANCES)[:, None], clock.n_steps, axis=1)
    ladder = community_ladder(
        StepCosts(supplier, np.full(clock.n_steps, weather.allocated), supplier),
        share,
        np.round(chances, 3),
        own if weather.own_kwh else None,
        0.04,
    )
    rounded = Ladder(ladder.widths_wh.round(1), ladder.eur_per_kwh.round(6))
    base = rng.uniform(0.4, 1.6, clock.n_steps)
    base[(clock.hour >= 18) & (clock.hour < 22)] *= 2
    base *= BASE_WH_PER_DAY / A_DAY / base.mean()
    room = np.round(cap_w - base / HOURS)
    base_eur = float((base * supplier).sum() / WH_PER_KWH)
    return Setting(rounded, room, clock.day), base_eur


def _thrown_loads(
    rng: np.random.Generator, clock: Clock, cap_w: float
) -> tuple[Task, ...]:
    """Four to eight loads of a home; washing machine and dryer take turns."""
    all_loads = [
        tank(rng, clock),
        machine(rng, clock, "washing machine", "laundry"),
        car(rng, clock, cap_w),
        machine(rng, clock, "dryer", "laundry"),
        machine(rng, clock, "dishwasher"),
        pump(rng, clock),
        compressor(rng, clock),
        heater(rng, clock),
    ]
    n_loads = int(rng.integers(4, 9))
    chosen = sorted(rng.choice(len(all_loads), n_loads, replace=False).tolist())
    return tuple(all_loads[number] for number in chosen)


def random_case(number: int, hours: int) -> Case:
    """A day that is the same at each call."""
    rng = np.random.default_rng([number, hours])
    clock = Clock(int(hours / HOURS), int(rng.choice([0, 6, 12, 18]) / HOURS))
    weather = Weather(
        share_kwh=float(rng.uniform(0.3, 4)),
        own_kwh=float(rng.choice([0, 0, rng.uniform(0.5, 3)])),
        clouds=float(rng.uniform(0, 1)),
        allocated=float(rng.choice([0.08, 0.11, 0.13])),
        flat=bool(rng.random() < 0.3),
    )
    cap_w = float(rng.choice([6000, 9000, 12000]))
    setting, base_eur = setting_of(rng, clock, weather, cap_w)
    tasks = _thrown_loads(rng, clock, cap_w)
    return Case(f"{hours} h", f"{hours} h, day {number}", tasks, setting, base_eur)


def hard_cases() -> list[Case]:
    """Days that are hard by their kind, over 48 h."""
    return [
        _hard("cloud dip", Weather(2.5, clouds=0.2, dips=((11, 12), (13.5, 15)))),
        _hard("smallest current", Weather(1.1, clouds=0.5), loads="cars"),
        _hard("cap binds", Weather(3.0), cap_w=4600),
        _hard("nothing fits", Weather(2.0), cap_w=2400),
        _hard("negative margin", Weather(2.5, allocated=0.185, cheap_noon=True)),
    ]


def _hard(
    kind: str, weather: Weather, *, cap_w: float = 9000, loads: str = "all"
) -> Case:
    """One of them: all loads, or two cars beside a tank and the machines."""
    rng = np.random.default_rng([len(kind), *kind.encode()])
    clock = Clock(2 * A_DAY, int(6 / HOURS))
    setting, base_eur = setting_of(rng, clock, weather, cap_w)
    tasks = [
        tank(rng, clock),
        car(rng, clock, cap_w),
        machine(rng, clock, "washing machine", "laundry"),
        machine(rng, clock, "dryer", "laundry"),
        machine(rng, clock, "dishwasher"),
    ]
    tasks += (
        [car(rng, clock, cap_w, "second car")]
        if loads == "cars"
        else [pump(rng, clock), compressor(rng, clock), heater(rng, clock)]
    )
    return Case(kind, kind, tuple(tasks), setting, base_eur)


def all_cases(n_days: int = RANDOM_DAYS) -> list[Case]:
    """Hard days first, then random ones of a day and of two."""
    thrown = [
        random_case(number, hours) for number in range(n_days) for hours in (24, 48)
    ]
    return hard_cases() + thrown
