"""What homes draw over a year: habits with whims that last, and hot water by the day.

Spreads are chosen so that one home can be foreseen as badly as real ones (half-hourly
readings of fifty homes): a day ahead, half-hours err by 45 to 50 % and days by 20 %.
"""

from collections.abc import Sequence

import numpy as np

from .curves import STEP_HOURS, Matrix, habit_w, peak
from .local_days import LocalDays
from .sky import persistent
from .sun import Series
from .village import Home

MEAN_BASE_W = 373.0
"""3.27 MWh a year without heating and hot water."""
MEAN_HOT_WATER_WH = 5760.0
"""A day's, of a household of two to four: 2.1 MWh a year."""
MOST_HOT_WATER_WH = 14_000.0
"""What 2.2 kW heat in a night of six and a half hours."""
SIZE_SPREAD, WATER_SIZE_SPREAD = 0.6, 0.3
"""Between homes, of the logarithm, as all spreads here."""
AT_HOME_W = 260.0
"""Mean height of what is drawn around noon: much in some homes, next to nothing in most."""
DAY_SPREAD, DAY_MEMORY = 0.17, 3.0
"""Of a home's days, which resemble each other for some days: guests, absence."""
STEP_SPREAD, STEP_MEMORY = 0.45, 2.5
"""Of its half-hours; a whim lasts about an hour."""
RUN_PART, RUN_W, RUN_STEPS = 0.1, 1100.0, 2
"""Part of the base that comes from appliances which run for an hour, and their power."""
WATER_SPREAD, WATER_MEMORY = 0.2, 1.0
"""Of the days' hot water."""
WEEK_HOURS: Series = np.tile(np.arange(0.25, 24, 0.5), 7)
WEEK_ENDS: Series = np.repeat([0.0, 1.0], [5 * 48, 2 * 48])
"""The steps of any week: local hours of their middles, and the weekend, 1 or 0."""
WINTER_PART = 0.15
"""How much more is drawn in January than on average, as much less in July."""


def draw_base_wh(
    rng: np.random.Generator, homes: Sequence[Home], days: LocalDays
) -> Matrix:
    """Energy of each step without water heaters, shape (n_steps, n_homes)."""
    size_dice, day_dice, step_dice, run_dice = rng.spawn(4)
    n_homes, n_steps = len(homes), len(days.hour)
    usual = _usual_w(size_dice, homes, days)
    levels = _around_one(day_dice, days.n_days, n_homes, DAY_SPREAD, DAY_MEMORY)
    usual *= (1 + WINTER_PART * days.winter)[:, None] * levels[days.day_of_step]
    whims = _around_one(step_dice, n_steps, n_homes, STEP_SPREAD, STEP_MEMORY)
    # As many runs as give that part of the base on average.
    often = RUN_PART * usual / (RUN_W * RUN_STEPS)
    begins = (run_dice.random(usual.shape) < often).astype(np.float64)
    runs = begins.copy()
    for later in range(1, RUN_STEPS):
        runs[later:] += begins[:-later]
    base_wh: Matrix = (usual * (1 - RUN_PART) * whims + RUN_W * runs) * STEP_HOURS
    return base_wh


def draw_heater_need_wh(
    rng: np.random.Generator, n_homes: int, days: LocalDays
) -> Matrix:
    """Hot water of each day, shape (n_days, n_homes); in winter the mains are colder."""
    size_dice, day_dice = rng.spawn(2)
    levels = _around_one(day_dice, days.n_days, n_homes, WATER_SPREAD, WATER_MEMORY)
    winter = days.winter[days.midnights[:-1]]
    sizes = _sizes(size_dice, n_homes, WATER_SIZE_SPREAD)
    need = MEAN_HOT_WATER_WH * sizes * levels * (1 + WINTER_PART * winter)[:, None]
    return np.minimum(need, MOST_HOT_WATER_WH)


def draw_night_starts(rng: np.random.Generator, n_homes: int) -> Series:
    """Local hour at which each home's off-peak hours begin, 22 to 26, by half-hours."""
    return rng.integers(44, 53, n_homes) / 2


def _usual_w(
    rng: np.random.Generator, homes: Sequence[Home], days: LocalDays
) -> Matrix:
    """Power by habit; the mean of all homes over a week is MEAN_BASE_W."""
    means_w = MEAN_BASE_W * _sizes(rng, len(homes), SIZE_SPREAD)
    noons_w = rng.exponential(AT_HOME_W, len(homes))
    middles = days.hour + STEP_HOURS / 2
    weekend = days.is_weekend.astype(np.float64)
    shapes = []
    for home, noon_w in zip(homes, noons_w.tolist(), strict=True):
        mean_w = _habit_w(home, noon_w, WEEK_HOURS, WEEK_ENDS).mean()
        shapes.append(_habit_w(home, noon_w, middles, weekend) / mean_w)
    usual_w: Matrix = np.column_stack(shapes) * means_w
    return usual_w


def _habit_w(home: Home, noon_w: float, hours: Series, weekend: Series) -> Series:
    """A home's habit, and what is drawn where somebody is at home around noon."""
    return habit_w(home, hours, weekend) + noon_w * peak(hours, 13.5, 3.0)


def _sizes(rng: np.random.Generator, n_homes: int, spread: float) -> Series:
    """How large homes are; their mean is 1."""
    sizes: Series = rng.lognormal(0, spread, n_homes)
    sizes /= sizes.mean()
    return sizes


def _around_one(
    rng: np.random.Generator, n_steps: int, width: int, spread: float, memory: float
) -> Matrix:
    """Factors of mean 1 that last for about so many steps, shape (n_steps, width)."""
    factors: Matrix = np.exp(
        spread * persistent(rng, n_steps, width, memory) - spread**2 / 2
    )
    return factors
