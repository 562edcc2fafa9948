"""Loads of a home, and the grids they are planned on, as the tests describe them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.loads import (
    Charging,
    LoadKind,
    LoadSettings,
    Tank,
    WhenDown,
    Wiring,
)
from custom_components.autoconsommation_collective.engine.task import Flags

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEP = timedelta(minutes=30)
HEATER_W = 2000.0
NEED_WH = 6000.0
NIGHT = ((0, 6), (22, 24))
"""Off-peak hours, as parts of a day."""


def local(text: str) -> datetime:
    """A time by the clock in Paris, as `2026-06-09 12:00`, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def grid_from(text: str, hours: float = 48, minutes: int = 30) -> Grid:
    """Steps from a local time on."""
    step = timedelta(minutes=minutes)
    return Grid(local(text), step, int(hours * HOUR / step))


def off_peak_on(grid: Grid, hours: tuple[tuple[int, int], ...] = NIGHT) -> Flags:
    """Steps that begin in those local hours."""
    hour = local_steps(grid, PARIS).minute // 60
    flags: Flags = np.any([(hour >= a) & (hour < b) for a, b in hours], axis=0)
    return flags


def tank(**changes: Any) -> Tank:
    """A tank of 200 l that its own thermostat heats while nobody steers it."""
    told: dict[str, Any] = {
        "volume_l": 200,
        "wiring": Wiring.REPLACES,
        "when_down": WhenDown.ON,
    }
    return Tank(**(told | changes))


def load(kind: LoadKind, **changes: Any) -> LoadSettings:
    """A load that may be switched."""
    told: dict[str, Any] = {
        "id": str(kind),
        "name": str(kind),
        "power_w": HEATER_W,
        "has_actuator": True,
    }
    return LoadSettings(kind=kind, **(told | changes))


def heater(wiring: Wiring = Wiring.REPLACES, **changes: Any) -> LoadSettings:
    """A water heater that must be hot by 6 in the morning."""
    told: dict[str, Any] = {
        "tank": tank(wiring=wiring),
        "ready_by": (time(6),),
        "energy_wh": NEED_WH,
    }
    return load(LoadKind.WATER_HEATER, **(told | changes))


def car(**changes: Any) -> LoadSettings:
    """A car of 50 kWh, to be charged to 80 % by 7 in the morning."""
    told: dict[str, Any] = {
        "power_w": 7360.0,
        "ready_by": (time(7),),
        "energy_wh": 8000.0,
        "charging": Charging(capacity_kwh=50, target_soc=0.8),
    }
    return load(LoadKind.CAR, **(told | changes))


def machine(**changes: Any) -> LoadSettings:
    """A dishwasher: 1.2 kWh in two hours."""
    told: dict[str, Any] = {
        "power_w": 600.0,
        "energy_wh": 1200.0,
        "runs_for": 2 * HOUR,
    }
    return load(LoadKind.APPLIANCE, **(told | changes))


def pump(**changes: Any) -> LoadSettings:
    """A pool pump that runs for five hours of a day."""
    told: dict[str, Any] = {"power_w": 800.0, "runs_for": 5 * HOUR}
    return load(LoadKind.DEFERRABLE, **(told | changes))


def extra(**changes: Any) -> LoadSettings:
    """A heater that runs where a kWh costs less than 12 cents."""
    told: dict[str, Any] = {"power_w": 1000.0, "worth_eur_per_kwh": 0.12}
    return load(LoadKind.SURPLUS, **(told | changes))
