"""A home driven through its days, five minutes by five minutes: devices, tank, car, breaker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final, Protocol

import numpy as np

from custom_components.autoconsommation_collective.engine.actuation import Setting
from custom_components.autoconsommation_collective.engine.wanted import OFF
from script.simulation.curves import STEP_HOURS
from script.simulation.sun import Series

from .home import Home
from .rivals import POWER_W, Relay
from .tank import Tank, wanted_by_hour

LOOK: Final = timedelta(minutes=5)
LOOKS: Final = 6
"""In a settlement step."""
LOOK_HOURS: Final = STEP_HOURS / LOOKS
SUBSCRIBED_VA: Final = 6000.0
CAR_WH: Final = 7000.0
"""Of each day, some forty kilometres; the car is away in working hours."""
SMALL_WH: Final = 50.0
"""What a car may lack and still be ready: some three hundred metres."""
CAR_W_BY_A: Final = 230.0
HIGHEST_A: Final = 16.0
BACK_AT, GONE_AT = time(17, 30), time(7)
TANK, CAR = "tank", "car"


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, by number of the step or of the day."""

    gone: frozenset[int] = frozenset()
    """Steps in which no device answers."""
    lost_part: float = 0.0
    """Of the commands."""
    restarts: frozenset[int] = frozenset()
    hands: Mapping[int, Setting] = field(default_factory=dict)
    """Steps at which somebody switches the tank."""
    blind_days: frozenset[int] = frozenset()
    """Without any forecast."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of the home; of a device that does not answer, nothing."""

    n: int
    at: datetime
    shown: Mapping[str, Setting | None]
    power_w: Mapping[str, float]
    is_plugged: bool


class Controller(Protocol):
    """Who switches."""

    def commands(self, look: Look) -> Mapping[str, Setting]:
        """What is commanded at a look."""
        ...


@dataclass(frozen=True, slots=True)
class ByRelay:
    """A rival for the tank, and a car that charges in off-peak hours, as today."""

    home: Home
    relay: Relay

    def commands(self, look: Look) -> Mapping[str, Setting]:
        """By the rule of the rival."""
        assert self.home.costs.off_peak is not None
        charges = self.home.costs.off_peak[look.n] and look.is_plugged
        return {
            TANK: float(self.relay(self.home, look.n, look.shown[TANK] != OFF)),
            CAR: HIGHEST_A if charges else OFF,
        }


@dataclass
class Driven:
    """What came of it."""

    loads_wh: Series
    tank: Tank = field(default_factory=Tank)
    cold_days: set[int] = field(default_factory=set)
    late_days: set[int] = field(default_factory=set)
    """On which the car was not charged in time, though its device answered."""
    mute_days: set[int] = field(default_factory=set)
    """On which it was not, and its device had not answered when it left."""
    trips: int = 0
    """Looks at which the home drew more than is subscribed."""
    starts: dict[int, int] = field(default_factory=dict)
    """Of the tank's relay, by day."""


def drive(
    home: Home, controller: Controller, n_days: int, faults: Faults = Faults()
) -> Driven:
    """The home's days under a controller; the same dice whoever it is."""
    year = home.year
    n_steps = int(year.days.midnights[n_days])
    found = Driven(np.zeros(n_steps))
    dice = np.random.default_rng(5)
    settings: dict[str, Setting] = {TANK: OFF, CAR: OFF}
    power: dict[str, float] = {TANK: 0.0, CAR: 0.0}
    lacks_wh = 0.0
    for n, start in enumerate(year.grid.starts[:n_steps]):
        day = int(year.days.day_of_step[n])
        local = start.astimezone(year.time_zone)
        if local.time() == BACK_AT:
            lacks_wh = CAR_WH
        if local.time() == GONE_AT and lacks_wh > SMALL_WH:
            is_mute = n - 1 in faults.gone
            (found.mute_days if is_mute else found.late_days).add(day)
        is_plugged = not GONE_AT <= local.time() < BACK_AT
        if n in faults.hands:
            settings[TANK] = faults.hands[n]
        water_wh = wanted_by_hour(float(home.water_wh[day]))[local.hour] / 2 / LOOKS
        for k in range(LOOKS):
            is_gone = n in faults.gone
            shown = {name: None if is_gone else settings[name] for name in settings}
            look = Look(n, start + k * LOOK, shown, dict(power), is_plugged)
            for name, setting in controller.commands(look).items():
                if is_gone or dice.random() < faults.lost_part:
                    continue
                if name == TANK and setting != OFF and settings[TANK] == OFF:
                    found.starts[day] = found.starts.get(day, 0) + 1
                settings[name] = setting
            missed = found.tank.missed_wh
            offered = POWER_W if settings[TANK] != OFF else 0.0
            power[TANK] = found.tank.live(LOOK_HOURS, offered, water_wh)
            if found.tank.missed_wh > missed + 1:
                found.cold_days.add(day)
            wants_w = settings[CAR] * CAR_W_BY_A if is_plugged else 0.0
            power[CAR] = min(wants_w, lacks_wh / LOOK_HOURS)
            lacks_wh -= power[CAR] * LOOK_HOURS
            loads_w = power[TANK] + power[CAR]
            found.loads_wh[n] += loads_w * LOOK_HOURS
            found.trips += home.base_wh[n] / STEP_HOURS + loads_w > SUBSCRIBED_VA
    return found
