"""How others switch a tank: whether its relay is on, by what they know."""

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np

from script.simulation.local_days import Flags

from .home import Home

type Relay = Callable[[Home, int, bool], bool]
"""Of a step, given whether the relay is on: whether it is to be."""

POWER_W: Final = 2200.0
RUN_STEPS: Final = 6
"""Three hours of 2.2 kW, what a day needs."""


def always(_home: Home, _n: int, _is_on: bool) -> bool:
    """No control: the thermostat alone."""
    return True


def off_peak(home: Home, n: int, _is_on: bool) -> bool:
    """The contactor of the board."""
    assert home.costs.off_peak is not None
    return bool(home.costs.off_peak[n])


def noon(home: Home, n: int, _is_on: bool) -> bool:
    """From noon for three hours."""
    return bool(12 * 60 <= home.labels.minute[n] < 15 * 60)


def best_hours(home: Home, n: int, _is_on: bool) -> bool:
    """The three hours with the most sun of the day, as foreseen."""
    return bool(_sunniest(home)[n])


def reactive(home: Home, n: int, is_on: bool) -> bool:
    """While the community had more left half an hour ago than the tank takes; at night anyway."""
    left_w = home.surplus_before(n)
    by_sun = left_w > (0 if is_on else POWER_W)
    return by_sun or off_peak(home, n, is_on)


@cache
def _sunniest(home: Home) -> Flags:
    """The steps of the hours with the most sun of each day."""
    chosen = np.zeros(home.year.grid.n_steps, dtype=bool)
    for day in range(home.year.days.n_days):
        steps = home.year.days.steps_of(day)
        sums = np.convolve(home.known.production_wh[steps], np.ones(RUN_STEPS), "valid")
        first = steps.start + int(np.argmax(sums))
        chosen[first : first + RUN_STEPS] = True
    return chosen


RIVALS: Final[dict[str, Relay]] = {
    "no control": always,
    "off-peak contactor, as today": off_peak,
    "all at noon": noon,
    "best hours of the forecast": best_hours,
    "reactive to the surplus": reactive,
}
