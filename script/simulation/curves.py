"""What the village's meters measure, for any step of past or future.

A pure function of village and time: asking twice, or in another order, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from .sun import Series, clear_sky_kw_per_kwp, sun_at
from .village import STEP, TIME_ZONE, Home, Village

type Matrix = npt.NDArray[np.float64]
"""Shape (n_steps, n_homes), or (n_steps, n_delivery_points) of a production."""
type WattHours = npt.NDArray[np.int64]
"""Whole Wh, as meters count them, of the same shapes."""

STEPS_PER_DAY = timedelta(days=1) // STEP
STEP_HOURS = STEP / timedelta(hours=1)
HABIT_SPREAD = 0.45
"""Standard deviation of the logarithm of a home's use around its habit."""
PASSING_CLOUDS = 0.3
"""Spread of the sunlight from step to step on a day that is neither clear nor grey."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Energies as they cross the meters; roofs apart withdraw nothing and have no column."""

    withdrawal: WattHours
    injection: WattHours
    """Of all delivery points, after a home's own use behind its meter."""
    base_withdrawal: WattHours
    """Withdrawal without the water heaters, which could run at another time."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What no habit explains: weather and whims, both around 1."""

    sunlight: Series
    """Part of a clear sky's light, shape (n_steps,)."""
    use: Matrix


def measured(village: Village, start: datetime, n_steps: int) -> Curves:
    """What the meters counted, whims and passing clouds included."""
    steps = [start + n * STEP for n in range(n_steps)]
    return _curves(village, steps, _draw(village, steps))


def expected(village: Village, start: datetime, n_steps: int) -> Curves:
    """What a good forecast says: the day's weather is known, its whims are not."""
    steps = [start + n * STEP for n in range(n_steps)]
    sunlight = [clearness(village, step.astimezone(UTC).date()) for step in steps]
    use = np.ones((n_steps, len(village.homes)))
    return _curves(village, steps, Chance(sunlight=np.array(sunlight), use=use))


def clearness(village: Village, day: date) -> float:
    """Part of a clear sky's light that reaches the ground on that UTC day, in [0, 1]."""
    return float(_rng(village, day).beta(1.6, 1.1))


def _rng(village: Village, day: date) -> np.random.Generator:
    """The dice of one UTC day."""
    return np.random.default_rng([village.seed, day.toordinal()])


def _draw(village: Village, steps: Sequence[datetime]) -> Chance:
    """The chance of each step, drawn by whole UTC days so that any window sees the same."""
    in_utc = [step.astimezone(UTC) for step in steps]
    days = {day: _draw_day(village, day) for day in sorted({s.date() for s in in_utc})}
    places = [(s.date(), (s.hour * 60 + s.minute) * 60 // STEP.seconds) for s in in_utc]
    return Chance(
        sunlight=np.array([days[day].sunlight[n] for day, n in places]),
        use=np.array([days[day].use[n] for day, n in places]),
    )


def _draw_day(village: Village, day: date) -> Chance:
    """The chance of one UTC day."""
    rng = _rng(village, day)
    clear = float(rng.beta(1.6, 1.1))  # the first draw, as in clearness()
    unsettled = PASSING_CLOUDS * 4 * clear * (1 - clear)
    sunlight = clear * rng.normal(1, unsettled, STEPS_PER_DAY)
    return Chance(
        sunlight=np.clip(sunlight, 0.05, 1),
        use=rng.lognormal(
            -(HABIT_SPREAD**2) / 2, HABIT_SPREAD, (STEPS_PER_DAY, len(village.homes))
        ),
    )


def _curves(village: Village, steps: Sequence[datetime], chance: Chance) -> Curves:
    """Loads less own production: what is left crosses the meter, one way or the other."""
    middles = [step + STEP / 2 for step in steps]
    production = clear_sky_w(village, middles) * chance.sunlight[:, None]
    behind_homes, apart = np.split(production, [len(village.homes)], axis=1)
    local = [middle.astimezone(TIME_ZONE) for middle in middles]
    hours = np.array([moment.hour + moment.minute / 60 for moment in local])
    weekend = np.array([float(moment.weekday() >= 5) for moment in local])
    base = chance.use * np.column_stack(
        [habit_w(home, hours, weekend) for home in village.homes]
    )
    heating = np.column_stack([_water_heater_w(home, hours) for home in village.homes])
    return Curves(
        withdrawal=_wh(base + heating - behind_homes),
        injection=_wh(np.column_stack([behind_homes - base - heating, apart])),
        base_withdrawal=_wh(base - behind_homes),
    )


def _wh(net_w: Matrix) -> WattHours:
    """Whole Wh of a step, of what passes in the counted direction."""
    return np.rint(np.maximum(net_w, 0) * STEP_HOURS).astype(np.int64)


def clear_sky_w(village: Village, moments: Sequence[datetime]) -> Matrix:
    """Production of every delivery point under a clear sky, before own use."""
    in_utc = [moment.astimezone(UTC) for moment in moments]
    days = np.array([float(moment.timetuple().tm_yday) for moment in in_utc])
    hours = np.array([moment.hour + moment.minute / 60 for moment in in_utc])
    over_homes = sun_at(days, hours, village.longitude_deg)
    homes = [
        clear_sky_kw_per_kwp(over_homes, village.latitude_deg, home.panels)
        * (1000 * home.peak_power_kw)
        for home in village.homes
    ]
    roofs = [
        clear_sky_kw_per_kwp(
            sun_at(days, hours, roof.longitude_deg), roof.latitude_deg, roof.panels
        )
        * (1000 * roof.peak_power_kw)
        for roof in village.roofs
    ]
    return np.column_stack(homes + roofs)


def habit_w(home: Home, hours: Series, weekend: Series) -> Series:
    """What a home usually draws: standby, breakfast, cooking, lunch at the weekend (1 or 0)."""
    return (
        home.standby_w
        + home.morning_w * peak(hours, 7.5 + 1.5 * weekend, 0.8)
        + home.evening_w * peak(hours, home.evening_hour, 1.5)
        + home.evening_w * 0.5 * weekend * peak(hours, 12.5, 1.2)
    )


def peak(hours: Series, centre: float | Series, width: float) -> Series:
    """A bell of height 1 around an hour of the day."""
    return np.exp(-0.5 * ((hours - centre) / width) ** 2)


def _water_heater_w(home: Home, hours: Series) -> Series:
    """The home's water heater, on or off for whole steps."""
    if home.water_heater is None:
        return np.zeros_like(hours)
    since_start = (hours - home.water_heater.start_hour) % 24
    return np.where(since_start < home.water_heater.hours, home.water_heater.power_w, 0)
