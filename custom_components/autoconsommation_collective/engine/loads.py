"""Loads that can wait: what the user told of each, and how each may be switched.

A load is anything whose consumption can be moved in time: a water heater, a car, a machine that
is loaded and then waits. What it needs, by when, and what may be done with it, stands here; what
it needs of the steps ahead is worked out from it in `load_needs.py`.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Final

from .blocks import HOUR

MAINS_V: Final = 230.0
"""Voltage of one phase in Europe (EN 50160)."""
SMALLEST_CURRENT_A: Final = 6.0
"""Below, a charging point may not charge (IEC 61851-1)."""
LARGEST_OWN_TANK_L: Final = 400.0
"""From this volume on, hot water falls under rules of its own (arrêté du 30 novembre 2005)."""
USUAL_FULL_HEAT_EVERY: Final = timedelta(hours=48)
"""A tank is heated through at least so often: it must not stay lukewarm for days."""
COLD_WH_PER_L: Final = 52.0
"""From 15 to 60 °C: 1.16 Wh for a litre and a degree."""
USUAL_PROGRAMME: Final = HOUR
"""Of a machine of which no length is told."""
PROFILE_SLOT: Final = timedelta(minutes=5)
"""Of a measured programme: heating and spinning are told apart."""


class LoadKind(StrEnum):
    """What kind of load it is."""

    WATER_HEATER = "water_heater"
    CAR = "car"
    APPLIANCE = "appliance"
    """A machine with a programme that runs as a whole, once it is loaded."""
    DEFERRABLE = "deferrable"
    """Anything that must run for so many hours a day, whenever."""
    SURPLUS = "surplus"
    """Anything that runs only where a kWh costs little enough."""


class Wiring(StrEnum):
    """What the relay of a water heater is to the day/night contactor of the board."""

    REPLACES = "replaces"
    """It stands in the contactor's place: only the relay decides."""
    SERIES = "series"
    """After the contactor: it can hold back what the contactor lets through, nothing more."""
    PARALLEL = "parallel"
    """Beside the contactor, which heats at night as ever: it only adds heat."""


class WhenDown(StrEnum):
    """What the relay does while Home Assistant or the radio is down, as the user told."""

    ON = "on"
    """Closed: the tank heats, its own thermostat decides."""
    CONTACTOR = "contactor"
    """Back to the off-peak contact."""
    KEEPS = "keeps"
    """As it was last switched: the tank may stay cold."""
    OFF = "off"
    UNKNOWN = "unknown"

    @property
    def keeps_water_hot(self) -> bool:
        """Whether the tank is heated all the same."""
        return self in (WhenDown.ON, WhenDown.CONTACTOR)


class NoControl(StrEnum):
    """Why a load is not switched, and only advice is given."""

    NO_ACTUATOR = "no_actuator"
    """The user named none: a renter, an old board."""
    COULD_STAY_COLD = "could_stay_cold"
    """Without Home Assistant the tank would not be heated."""
    TOO_LARGE = "too_large"
    SHARED = "shared"
    """The tank serves several homes."""


@dataclass(frozen=True, slots=True)
class Switching:
    """How it may be switched."""

    min_on: timedelta = timedelta(0)
    min_off: timedelta = timedelta(0)
    starts_per_day: int | None = None
    """Most starts in a local day; None: any number."""
    start_eur: float = 0.0
    """What a start costs in wear."""
    in_parts: bool = False
    """Whether it may run for a part of a settlement step: no mechanical relay should."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of each local day; the end may lie behind midnight."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether a local time lies in it; the whole day where start and end are the same."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Tank:
    """What is told of a water heater alone."""

    volume_l: float
    wiring: Wiring
    when_down: WhenDown
    is_shared: bool = False
    """Whether it serves several homes."""
    full_heat_every: timedelta = USUAL_FULL_HEAT_EVERY
    lowest_c: float | None = None
    """Below, it is heated at once, where its temperature is measured."""
    has_power_sensor: bool = False
    has_temperature_sensor: bool = False

    @property
    def is_verified(self) -> bool:
        """Whether anything tells that it was really heated."""
        return self.has_power_sensor or self.has_temperature_sensor

    @property
    def cold_wh(self) -> float:
        """What it takes when it is all cold: it never lacks more."""
        return COLD_WH_PER_L * self.volume_l


@dataclass(frozen=True, slots=True)
class Charging:
    """What is told of a car alone."""

    phases: int = 1
    lowest_a: float = SMALLEST_CURRENT_A
    highest_a: float = 32.0
    step_a: float = 1.0
    is_modulated: bool = True
    """Whether the current can be set; else it is on or off at the highest."""
    capacity_kwh: float | None = None
    """Of the battery, where needs are told as a state of charge."""
    target_soc: float | None = None
    """In [0, 1]."""

    def power_w(self, current_a: float) -> float:
        """Power at a current of each phase."""
        return self.phases * MAINS_V * current_a

    @property
    def levels_w(self) -> tuple[float, ...]:
        """Powers it can charge at, ascending; never above the highest."""
        if not self.is_modulated or self.highest_a <= self.lowest_a:
            return (self.power_w(self.highest_a),)
        n_steps = int((self.highest_a - self.lowest_a) / self.step_a + 1e-9)
        return tuple(
            self.power_w(self.lowest_a + n * self.step_a) for n in range(n_steps + 1)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """A load as the user described it."""

    id: str
    name: str
    kind: LoadKind
    power_w: float
    """While it runs; of a car at its highest current, of a machine on average."""
    has_actuator: bool
    switching: Switching = Switching()
    windows: tuple[Hours, ...] = ()
    """Hours in which it may run; none: at any time."""
    ready_by: tuple[time, ...] = ()
    """Local times by which the need must be met."""
    energy_wh: float | None = None
    """Needed by each of those times together, a day; of a machine by run. None: learned."""
    runs_for: timedelta | None = None
    """How long a machine's programme takes, or the hours a day of a deferrable load."""
    profile_w: tuple[float, ...] = ()
    """Mean power in each slot of a machine's programme, as measured; empty: even all along."""
    worth_eur_per_kwh: float | None = None
    """Runs only where a kWh costs less than that; None: it must run."""
    priority: int = 5
    """From 1, given up first, to 10."""
    group: str | None = None
    """Of the loads with the same word one runs at a time."""
    tank: Tank | None = None
    charging: Charging | None = None

    @property
    def no_control(self) -> NoControl | None:
        """Why it must not be switched; None: it may."""
        if not self.has_actuator:
            return NoControl.NO_ACTUATOR
        if self.tank is None:
            return None
        if self.tank.volume_l >= LARGEST_OWN_TANK_L:
            return NoControl.TOO_LARGE
        if self.tank.is_shared:
            return NoControl.SHARED
        # In parallel the contactor heats as ever, whatever the relay does.
        if self.tank.wiring is Wiring.PARALLEL or self.tank.when_down.keeps_water_hot:
            return None
        return NoControl.COULD_STAY_COLD

    @property
    def levels_w(self) -> tuple[float, ...]:
        """Powers it can run at, ascending."""
        return self.charging.levels_w if self.charging else (self.power_w,)

    @property
    def peak_w(self) -> float:
        """The most it draws."""
        return max(self.levels_w[-1], *self.profile_w, 0.0)

    @property
    def shifts(self) -> bool:
        """Whether what it draws is moved from another time: a relay in parallel only adds."""
        return self.tank is None or self.tank.wiring is not Wiring.PARALLEL

    @property
    def is_optional(self) -> bool:
        """Whether it runs only where that pays, and misses nothing elsewhere."""
        is_told = self.worth_eur_per_kwh is not None
        return self.kind is LoadKind.SURPLUS or is_told or not self.shifts

    @property
    def is_machine(self) -> bool:
        """Whether it runs a programme that has to be loaded."""
        return self.kind is LoadKind.APPLIANCE

    @property
    def programme_for(self) -> timedelta:
        """How long a machine's programme takes."""
        return self.runs_for or USUAL_PROGRAMME

    @property
    def programme_wh(self) -> float:
        """What a machine's programme draws."""
        return self.energy_wh or self.power_w * (self.programme_for / HOUR)
