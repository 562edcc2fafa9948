"""Sensors of a load's device, and of all loads together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    CURRENCY_EURO,
    PERCENTAGE,
    EntityCategory,
    UnitOfEnergy,
    UnitOfTime,
)
from homeassistant.helpers.typing import StateType

from ..coordinator import LoadsView, LoadView
from ..engine.load_plan import Run
from ..engine.load_status import LoadStatus


@dataclass(frozen=True, kw_only=True)
class LoadSensorEntityDescription(SensorEntityDescription):
    """Describes a value of a load."""

    value_fn: Callable[[LoadView], StateType | datetime]
    last_reset_fn: Callable[[LoadView], datetime] | None = None
    for_tanks: bool = False
    """Only of water heaters."""


def of_run[T](read: Callable[[Run], T]) -> Callable[[LoadView], T | None]:
    """A value of the run in progress or the next, None where none is planned."""
    return lambda view: None if view.run is None else read(view.run)


def _energy(
    key: str,
    value_wh: Callable[[LoadView], float | None],
    *,
    enabled: bool = True,
) -> LoadSensorEntityDescription:
    """Describes an expected energy: a plan, so no state class."""
    return LoadSensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        entity_registry_enabled_default=enabled,
        value_fn=value_wh,
    )


def _gained(
    key: str, read: Callable[[LoadView], float], *, is_money: bool = False
) -> LoadSensorEntityDescription:
    """Describes what steering gained, or would have; it may fall, by corrections and losses."""
    return LoadSensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.MONETARY
        if is_money
        else SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=CURRENCY_EURO
        if is_money
        else UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=None if is_money else UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2 if is_money else 1,
        value_fn=read,
    )


LOAD_SENSORS: tuple[LoadSensorEntityDescription, ...] = (
    LoadSensorEntityDescription(
        key="load_status",
        translation_key="load_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in LoadStatus],
        value_fn=lambda view: view.status,
    ),
    LoadSensorEntityDescription(
        key="load_reason",
        translation_key="load_reason",
        value_fn=lambda view: view.reason or None,
    ),
    LoadSensorEntityDescription(
        key="run_start",
        translation_key="run_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=of_run(lambda run: run.start),
    ),
    LoadSensorEntityDescription(
        key="run_end",
        translation_key="run_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=of_run(lambda run: run.end),
    ),
    _energy("run_energy", of_run(lambda run: run.energy_wh)),
    LoadSensorEntityDescription(
        key="run_coverage",
        translation_key="run_coverage",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=of_run(
            lambda run: 100 * run.covered_wh / run.energy_wh if run.energy_wh else None
        ),
    ),
    LoadSensorEntityDescription(
        key="load_energy_today",
        translation_key="load_energy_today",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=lambda view: view.today_wh,
        last_reset_fn=lambda view: view.midnight,
    ),
    _energy("load_shortfall", lambda view: view.plan.short_wh if view.plan else None),
    LoadSensorEntityDescription(
        key="waits_until",
        translation_key="waits_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda view: view.waits_until,
    ),
    LoadSensorEntityDescription(
        key="last_full",
        translation_key="last_full",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        for_tanks=True,
        value_fn=lambda view: view.last_full,
    ),
    _gained("load_saved", lambda view: view.gain.saved_eur, is_money=True),
    _gained("load_shifted", lambda view: view.gain.shifted_wh),
    _gained("load_covered", lambda view: view.gain.covered_wh),
    _gained("load_missed", lambda view: view.missed.saved_eur, is_money=True),
)


@dataclass(frozen=True, kw_only=True)
class LoadsSensorEntityDescription(SensorEntityDescription):
    """Describes a value of all loads together."""

    value_fn: Callable[[LoadsView], StateType]
    is_shown_fn: Callable[[LoadsView], bool] = lambda view: bool(view.loads)


LOADS_SENSORS: tuple[LoadsSensorEntityDescription, ...] = (
    LoadsSensorEntityDescription(
        key="loads_saved",
        translation_key="loads_saved",
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=CURRENCY_EURO,
        suggested_display_precision=2,
        value_fn=lambda view: view.gain.saved_eur,
    ),
    LoadsSensorEntityDescription(
        key="power_refresh",
        translation_key="power_refresh",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda view: (
            None if (every := view.guard.refresh) is None else every.total_seconds()
        ),
        is_shown_fn=lambda view: bool(view.loads) and view.guard.is_told,
    ),
)
