"""Whether a forecast of solar production can be one: where the sun stands is known."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import math

import numpy as np

from .blocks import HOUR, Block, Energies, Quantity
from .grid import Grid, energies_on

AHEAD = timedelta(hours=48)
"""What is planned for."""

SURE_DAYLIGHT = timedelta(hours=2)
"""Before and after solar noon: the sun is up then on every day within 60 degrees of latitude."""

LEAST_KNOWN = timedelta(hours=3)
"""In less of this daylight a forecast may well say nothing."""

SHIFT = timedelta(minutes=35)
"""A slip is one of an hour; steps of an hour blur the ends of a day by half of one."""

_DUSK = 0.005
"""Part of the day's best step below which a step has no light."""

_NEGATIVE = 0.01
"""Part of the best step: what an inverter draws at night is below."""

_STEP = timedelta(minutes=15)
_DAY = timedelta(days=1)
_DAYS = range(-2, 4)
"""Solar days that are looked at, counted from that of today."""


class ForecastProblem(StrEnum):
    """Why a forecast of solar production is not believed."""

    WRONG_DAY = "wrong_day"
    """It says nothing of the 48 hours ahead: one of yesterday, or of another time altogether."""
    NEGATIVE = "negative"
    """Panels draw no power to speak of."""
    ALL_ZERO = "all_zero"
    """Not a Wh around noon: no cloud does that."""
    SHIFTED = "shifted"
    """By about an hour: ends of steps taken for starts, or a clock change missed."""


def looks_wrong(
    blocks: Sequence[Block],
    now: datetime,
    longitude_deg: float,
    quantity: Quantity = Quantity.PRODUCTION,
) -> ForecastProblem | None:
    """What is wrong with a forecast at `now`, UTC; None where nothing is seen.

    A hole is nothing wrong. The longitude is that of the plants.
    """
    blocks = [block for block in blocks if quantity in block.energies]
    ahead = energies_on(Grid(now, _STEP, AHEAD // _STEP), blocks, quantity)
    if np.isnan(ahead).all():
        return ForecastProblem.WRONG_DAY
    known = np.concatenate([block.energies[quantity] for block in blocks])
    if np.nanmin(known) < -_NEGATIVE * np.nanmax(np.abs(known)):
        return ForecastProblem.NEGATIVE
    noon = _solar_noon(now, longitude_deg)
    if _is_dark(ahead, now - noon):
        return ForecastProblem.ALL_ZERO
    if _is_shifted(blocks, noon, quantity):
        return ForecastProblem.SHIFTED
    return None


def _is_dark(ahead: Energies, first: timedelta) -> bool:
    """Whether all the sure daylight is known to give nothing; `first` counts from noon."""
    from_noon = (np.arange(len(ahead)) + 0.5) * (_STEP / HOUR) + first / HOUR
    by_day = np.abs((from_noon + 12) % 24 - 12) <= SURE_DAYLIGHT / HOUR
    known = ahead[by_day & ~np.isnan(ahead)]
    return len(known) * _STEP >= LEAST_KNOWN and not known.any()


def _is_shifted(blocks: Sequence[Block], noon: datetime, quantity: Quantity) -> bool:
    """Whether the light of the days lies beside solar noon, by every measure there is.

    The centre of the energy moves with the clouds of a day and with where panels look; the
    middle between first and last light with neither, but with the length of the steps.
    """
    days = [
        (_centre(wh), _middle(wh))
        for day in _DAYS
        if (wh := _solar_day(blocks, noon + day * _DAY, quantity)) is not None
    ]
    if not days:
        return False
    centre, middle = np.mean(days, axis=0)
    return bool(centre * middle > 0 and min(abs(centre), abs(middle)) > SHIFT / HOUR)


def _solar_day(
    blocks: Sequence[Block], noon: datetime, quantity: Quantity
) -> Energies | None:
    """Energies of the day around that noon; None unless they are known from dark to dark."""
    grid = Grid(noon - _DAY / 2, _STEP, _DAY // _STEP)
    wh = energies_on(grid, blocks, quantity)
    lit = np.flatnonzero(np.nan_to_num(wh) > _DUSK * np.nanmax(wh, initial=0.0))
    if not lit.size or lit[0] == 0 or lit[-1] == len(wh) - 1:
        return None
    if np.isnan(wh[lit[0] - 1 : lit[-1] + 2]).any():
        return None
    return wh


def _centre(wh: Energies) -> float:
    """Mean time of the energy of a solar day, in hours from noon."""
    known = np.nan_to_num(wh)
    return float((known * _from_noon(wh)).sum() / known.sum())


def _middle(wh: Energies) -> float:
    """Halfway between first and last light of a solar day, in hours from noon."""
    lit = np.flatnonzero(np.nan_to_num(wh) > _DUSK * np.nanmax(wh))
    return float(_from_noon(wh)[lit[[0, -1]]].mean())


def _from_noon(wh: Energies) -> Energies:
    """Middle of each step of a solar day, in hours from noon."""
    n = np.arange(len(wh), dtype=np.float64)
    hours: Energies = (n + 0.5) * (_STEP / HOUR) - 12
    return hours


def _solar_noon(at: datetime, longitude_deg: float) -> datetime:
    """When the sun stands highest nearest to an instant, UTC, to the minute or so.

    Equation of time after Spencer's short form: the sun is up to 16 minutes early or late.
    """
    angle = 2 * math.pi * (at.timetuple().tm_yday - 81) / 364
    early_minutes = (
        9.87 * math.sin(2 * angle) - 7.53 * math.cos(angle) - 1.5 * math.sin(angle)
    )
    midnight = datetime.combine(at.date(), datetime.min.time(), UTC)
    noon = midnight + timedelta(hours=12 - longitude_deg / 15, minutes=-early_minutes)
    return noon + round((at - noon) / _DAY) * _DAY
