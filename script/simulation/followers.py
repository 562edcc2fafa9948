"""The homes that follow the signal, all with a water heater, and what the organiser tells of them."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from custom_components.autoconsommation_collective.engine.forecast_error import (
    errors_by_level,
)
from custom_components.autoconsommation_collective.engine.model import (
    FlexibleNeed,
    ForecastError,
)
from custom_components.autoconsommation_collective.engine.publishable import (
    LEAST_BEHIND_A_NEED,
)

from .curves import STEP_HOURS, Curves, WattHours
from .sun import Series
from .village import Village


def followers(village: Village) -> tuple[int, ...]:
    """Numbers of the homes that let their water heater be steered."""
    return tuple(n for n, home in enumerate(village.homes) if home.water_heater)


def flexible_needs(village: Village, days: Iterable[date]) -> tuple[FlexibleNeed, ...]:
    """What the followers' tanks take in a day; nothing where it would tell of one home."""
    heaters = [home.water_heater for home in village.homes if home.water_heater]
    if len(heaters) < LEAST_BEHIND_A_NEED:
        return ()
    energy_wh = round(sum(heater.power_w * heater.hours for heater in heaters))
    return tuple(FlexibleNeed(day, energy_wh, len(heaters)) for day in days)


def forecast_errors(foreseen: Curves, counted: Curves) -> tuple[ForecastError, ...]:
    """How far the surplus of the same steps was from its forecast, by level of injection."""
    return errors_by_level(
        _total_w(foreseen.injection), _surplus_w(counted) - _surplus_w(foreseen)
    )


def _surplus_w(curves: Curves) -> Series:
    """Injection less base withdrawal."""
    return _total_w(curves.injection) - _total_w(curves.base_withdrawal)


def _total_w(energies_wh: WattHours) -> Series:
    """Mean power in each step of all together."""
    total_wh: Series = energies_wh.sum(axis=1, dtype=np.float64)
    return total_wh / STEP_HOURS
