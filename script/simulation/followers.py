"""The homes that follow the signal, and what the organiser tells of them and to them.

All with a water heater follow. `docs/PMO_FEED.md` describes the fields.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np

from custom_components.autoconsommation_collective.engine import forecast_error
from custom_components.autoconsommation_collective.engine.publishable import (
    LEAST_BEHIND_A_NEED,
)
from custom_components.autoconsommation_collective.engine.turns import place_of

from .curves import STEP_HOURS, Curves, WattHours
from .sun import Series
from .village import Village


def followers(village: Village) -> tuple[int, ...]:
    """Numbers of the homes that let their water heater be steered."""
    return tuple(n for n, home in enumerate(village.homes) if home.water_heater)


def place(village: Village, number: int) -> float | None:
    """A follower's place in the order of turns; None for any other delivery point."""
    if number not in (ones := followers(village)):
        return None
    return place_of(ones.index(number))


def flexible_needs(village: Village, days: Iterable[date]) -> list[dict[str, Any]]:
    """What the followers' tanks take in a day; nothing where it would tell of one home."""
    heaters = [home.water_heater for home in village.homes if home.water_heater]
    if len(heaters) < LEAST_BEHIND_A_NEED:
        return []
    energy_wh = round(sum(heater.power_w * heater.hours for heater in heaters))
    return [
        {"day": day.isoformat(), "energy_wh": energy_wh, "homes": len(heaters)}
        for day in days
    ]


def forecast_errors(foreseen: Curves, counted: Curves) -> list[dict[str, float]]:
    """How far the surplus of the same steps was from its forecast, by level of injection."""
    return errors_by_level(
        _total_w(foreseen.injection), _surplus_w(counted) - _surplus_w(foreseen)
    )


def errors_by_level(injection_w: Series, error_w: Series) -> list[dict[str, float]]:
    """Mean and deviation of the surplus' error, by level of the injection that was foreseen."""
    return [
        {
            "above_w": error.above_w,
            "mean_w": round(error.mean_w, 1),
            "deviation_w": round(error.deviation_w, 1),
        }
        for error in forecast_error.errors_by_level(injection_w, error_w)
    ]


def _surplus_w(curves: Curves) -> Series:
    """Injection less base withdrawal."""
    return _total_w(curves.injection) - _total_w(curves.base_withdrawal)


def _total_w(energies_wh: WattHours) -> Series:
    """Mean power in each step of all together."""
    total_wh: Series = energies_wh.sum(axis=1, dtype=np.float64)
    return total_wh / STEP_HOURS
