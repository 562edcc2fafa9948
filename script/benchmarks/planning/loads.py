"""Loads of a home as chance throws them, each with what it would do without any plan."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.loads import MAINS_V
from custom_components.autoconsommation_collective.engine.paths import Whole
from custom_components.autoconsommation_collective.engine.task import (
    LONG_AGO,
    Corridor,
    Cycle,
    Flags,
    Task,
)

HOURS: Final = 0.25
"""Length of a step."""
A_DAY: Final = 96
"""Steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """The steps of a case, by local time."""

    n_steps: int
    first: int
    """Steps from midnight to the first."""

    @property
    def hour(self) -> Energies:
        """Hour of the day of each step."""
        steps = np.arange(self.first, self.first + self.n_steps, dtype=np.float64)
        hour: Energies = steps % A_DAY * HOURS
        return hour

    @property
    def day(self) -> Whole:
        """Day of each step."""
        return (np.arange(self.n_steps) + self.first) // A_DAY

    def at(self, hour: float, day: int = 0) -> int:
        """The edge nearest to an hour of a day, within the steps."""
        step = round(hour / HOURS) + day * A_DAY - self.first
        return min(max(step, 0), self.n_steps)


@dataclass(frozen=True, slots=True)
class _Window:
    """Energy that can be taken from one edge on and should be there at another."""

    opens: int
    due: int
    units: int


def _corridor(
    clock: Clock, unit_wh: float, windows: list[_Window], *, must: bool
) -> Corridor:
    """Bounds from windows."""
    least, most = np.zeros((2, clock.n_steps + 1))
    for window in windows:
        most[window.opens :] += window.units * unit_wh
        if must:
            least[window.due :] += window.units * unit_wh
    return Corridor(least, most)


def _on_sight(
    clock: Clock, unit_wh: float, windows: list[_Window], allowed: Flags
) -> Energies:
    """Drawn as soon as it is allowed in each window, by steps of one power."""
    drawn = np.zeros(clock.n_steps)
    for window in windows:
        steps = np.arange(window.opens, max(window.due, window.opens))
        drawn[steps[allowed[steps]][: window.units]] = unit_wh
    return drawn


def night_flags(clock: Clock) -> Flags:
    """Off-peak hours."""
    flags: Flags = (clock.hour >= 22.5) | (clock.hour < 6.5)
    return flags


def _days(clock: Clock) -> range:
    """Numbers of the days that the steps touch."""
    return range(int(clock.day[-1]) + 1)


def tank(rng: np.random.Generator, clock: Clock, name: str = "tank") -> Task:
    """A water heater that must be hot in the morning and may be heated at noon."""
    power = float(rng.choice([1200, 1800, 2200, 3000]))
    unit = power * HOURS
    need = rng.uniform(2500, 7000)
    windows = []
    for day in _days(clock):
        opens, due = clock.at(8, day), clock.at(6.5, day + 1)
        if due - opens >= 24:
            units = min(int(np.ceil(need * rng.uniform(0.8, 1.2) / unit)), due - opens)
            windows.append(_Window(opens, due, units))
    everywhere = np.ones(clock.n_steps, dtype=bool)
    night = night_flags(clock)
    return Task(
        id=name,
        demand=_corridor(clock, unit, windows, must=True),
        levels_wh=(unit,),
        peak_w=power,
        allowed=everywhere,
        default_wh=_on_sight(clock, unit, windows, night),
        priority=8,
        min_on=int(rng.integers(1, 4)),
        min_off=int(rng.integers(1, 4)),
        starts_per_day=int(rng.integers(2, 5)),
        start_eur=float(rng.choice([0.0, 0.01, 0.02])),
    )


def car(
    rng: np.random.Generator, clock: Clock, cap_w: float, name: str = "car"
) -> Task:
    """A car that is there from the evening to the morning, or over the day.

    Its charging point is set so that it leaves power to the home.
    """
    most_a = int(rng.choice([16, 32]))
    while most_a > 10 and most_a * MAINS_V > cap_w - 2000:
        most_a -= 2
    amps = np.arange(6, most_a + 1)
    levels = MAINS_V * HOURS * amps
    unit = MAINS_V * HOURS
    windows = []
    allowed = np.zeros(clock.n_steps, dtype=bool)
    home_at_noon = bool(rng.random() < 0.5)
    for day in _days(clock):
        comes, leaves = (9.0, 20.0) if home_at_noon else (18.5, 31.5)
        opens = clock.at(comes + rng.integers(-4, 5) * HOURS, day)
        due = clock.at(leaves + rng.integers(-4, 5) * HOURS, day)
        room = (due - opens) * most_a
        if due - opens >= 12 and rng.random() < 0.7:
            units = min(int(rng.uniform(4000, 24000) / unit), int(room * 0.6))
            windows.append(_Window(opens, due, units))
            allowed[opens:due] = True
    default = np.zeros(clock.n_steps)
    for window in windows:
        full, rest = divmod(window.units, most_a)
        default[window.opens : window.opens + full] = levels[-1]
        if rest:
            default[window.opens + full] = max(rest, 6) * unit
    return Task(
        id=name,
        demand=_corridor(clock, unit, windows, must=True),
        levels_wh=tuple(levels.tolist()),
        peak_w=MAINS_V * most_a,
        allowed=allowed,
        default_wh=default,
        priority=int(rng.integers(4, 8)),
        min_on=int(rng.integers(1, 3)),
        min_off=int(rng.integers(1, 3)),
        starts_per_day=None if rng.random() < 0.5 else 4,
        start_eur=float(rng.choice([0.0, 0.02])),
    )


def machine(
    rng: np.random.Generator, clock: Clock, name: str, group: str | None = None
) -> Task:
    """A programme, loaded once: begun as soon as it is loaded, where nobody plans."""
    length = int(rng.integers(4, 10))
    energies = np.full(length, 30.0)
    hot = rng.choice(length, size=min(3, length), replace=False)
    energies[hot] += rng.uniform(150, 480, len(hot)).round()
    earliest = int(rng.integers(0, A_DAY // 3))
    latest = min(earliest + length + int(rng.integers(16, 80)), clock.n_steps)
    default = np.zeros(clock.n_steps)
    default[earliest : earliest + length] = energies
    return Task(
        id=name,
        demand=Cycle(tuple(energies.tolist()), earliest, latest),
        levels_wh=(),
        peak_w=float(rng.choice([1900, 2100, 2300])),
        allowed=np.ones(clock.n_steps, dtype=bool),
        default_wh=default,
        priority=int(rng.integers(3, 7)),
        group=group,
    )


def pump(rng: np.random.Generator, clock: Clock, name: str = "pump") -> Task:
    """A pool pump: so many hours each day, in not too many parts."""
    power = float(rng.choice([500, 750, 1100]))
    unit = power * HOURS
    windows = []
    for day in _days(clock):
        opens, due = clock.at(7, day), clock.at(23, day)
        if due - opens >= 20:
            units = min(int(rng.integers(8, 33)), due - opens)
            windows.append(_Window(opens, due, units))
    allowed = (clock.hour >= 7) & (clock.hour < 23)
    return Task(
        id=name,
        demand=_corridor(clock, unit, windows, must=True),
        levels_wh=(unit,),
        peak_w=power,
        allowed=allowed,
        default_wh=_on_sight(clock, unit, windows, allowed),
        priority=3,
        min_on=int(rng.integers(2, 9)),
        min_off=int(rng.integers(1, 5)),
        starts_per_day=int(rng.integers(1, 4)),
        start_eur=float(rng.choice([0.0, 0.01])),
    )


def compressor(rng: np.random.Generator, clock: Clock, name: str = "heat pump") -> Task:
    """A heat pump that heats water: long runs, long pauses; it may be running now."""
    power = float(rng.choice([450, 600]))
    unit = power * HOURS
    windows = []
    for day in _days(clock):
        opens, due = clock.at(8, day), clock.at(18, day)
        if due - opens >= 16:
            windows.append(_Window(opens, due, int(rng.integers(8, 16))))
    on_for = int(rng.integers(1, 6)) if rng.random() < 0.4 else 0
    everywhere = np.ones(clock.n_steps, dtype=bool)
    default = _on_sight(clock, unit, windows, everywhere)
    return Task(
        id=name,
        demand=_corridor(clock, unit, windows, must=True),
        levels_wh=(unit,),
        peak_w=power,
        allowed=everywhere,
        default_wh=default,
        priority=6,
        min_on=4,
        min_off=4,
        starts_per_day=3,
        starts_today=int(rng.integers(0, 2)),
        start_eur=0.02,
        on_for=on_for,
        off_for=LONG_AGO if on_for else 2,
    )


def heater(rng: np.random.Generator, clock: Clock, name: str = "heater") -> Task:
    """Heat that is only worth it where a kWh costs little: nothing, where nobody plans."""
    power = float(rng.choice([1000, 1500, 2000]))
    unit = power * HOURS
    windows = [
        _Window(clock.at(6, day), clock.at(22, day), int(rng.integers(6, 24)))
        for day in _days(clock)
        if clock.at(22, day) - clock.at(6, day) > 8
    ]
    return Task(
        id=name,
        demand=_corridor(clock, unit, windows, must=False),
        levels_wh=(unit,),
        peak_w=power,
        allowed=np.ones(clock.n_steps, dtype=bool),
        default_wh=np.zeros(clock.n_steps),
        priority=1,
        min_on=int(rng.integers(1, 4)),
        min_off=int(rng.integers(1, 3)),
        worth_eur_per_kwh=float(rng.choice([0.12, 0.15])),
    )
