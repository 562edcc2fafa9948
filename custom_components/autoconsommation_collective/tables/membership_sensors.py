"""Sensors of a membership: what was settled, and what is estimated. Two families that never mix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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
    UnitOfPower,
)
from homeassistant.helpers.typing import StateType

from ..coordinator import AccSnapshot
from ..engine.ahead import Ahead
from ..engine.diary import Score
from ..engine.learning import Confidence
from ..engine.outlook import Degraded
from ..engine.settlement import MonthTotals
from ..engine.share import Missing
from ..engine.signal import Level

ESTIMATED = "estimated"
"""State of the status sensor when there is an estimate."""
COMPLETE = "complete"
"""State of the outlook when nothing is missing."""
EUR_PER_KWH = f"{CURRENCY_EURO}/{UnitOfEnergy.KILO_WATT_HOUR}"


@dataclass(frozen=True, kw_only=True)
class AccSensorEntityDescription(SensorEntityDescription):
    """Describes a value of the snapshot."""

    value_fn: Callable[[AccSnapshot], StateType | date | datetime]
    last_reset_fn: Callable[[AccSnapshot], datetime] | None = None
    attributes_fn: Callable[[AccSnapshot], Mapping[str, Any]] | None = None
    for_producers: bool = False
    """Only where the delivery point injects for the operation."""


def settled_energy(
    key: str,
    value_wh: Callable[[AccSnapshot], float | None],
    *,
    for_producers: bool = False,
) -> AccSensorEntityDescription:
    """Describes a settled energy.

    Without a state class: it arrives weeks late, so its history belongs to the long-term
    statistics at the hours when it was consumed, not to the day it was published.
    """
    return AccSensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        for_producers=for_producers,
        value_fn=value_wh,
    )


def rate(
    key: str,
    value: Callable[[AccSnapshot], float | None],
    state_class: SensorStateClass | None = None,
) -> AccSensorEntityDescription:
    """Describes a rate in percent."""
    return AccSensorEntityDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        state_class=state_class,
        suggested_display_precision=0,
        value_fn=lambda snapshot: (
            None if (part := value(snapshot)) is None else part * 100
        ),
    )


def estimated_power(
    key: str, value_w: Callable[[AccSnapshot], float | None]
) -> AccSensorEntityDescription:
    """Describes an estimated mean power over the step in progress."""
    return AccSensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value_w,
    )


def last_month[T](
    read: Callable[[MonthTotals], T],
) -> Callable[[AccSnapshot], T | None]:
    """A value of the last settled month, None before the first."""
    return lambda snapshot: (
        None if snapshot.settled.last is None else read(snapshot.settled.last)
    )


SETTLED: tuple[AccSensorEntityDescription, ...] = (
    settled_energy("settled_allocated_month", last_month(lambda m: m.allocated_wh)),
    settled_energy("settled_complement_month", last_month(lambda m: m.complement_wh)),
    settled_energy(
        "settled_production_month",
        last_month(lambda m: m.production_wh),
        for_producers=True,
    ),
    settled_energy(
        "settled_surplus_month", last_month(lambda m: m.surplus_wh), for_producers=True
    ),
    settled_energy(
        "settled_allocated_total",
        lambda s: s.settled.allocated_wh,
    ),
    rate(
        "settled_self_production_rate",
        last_month(lambda m: m.self_production_rate),
    ),
    rate("settled_operation_rate", lambda s: s.operation_rate),
    AccSensorEntityDescription(
        key="settled_until",
        translation_key="settled_until",
        device_class=SensorDeviceClass.DATE,
        value_fn=lambda s: s.settled.until,
    ),
)

ESTIMATES: tuple[AccSensorEntityDescription, ...] = (
    AccSensorEntityDescription(
        key="estimated_allocated_today",
        translation_key="estimated_allocated_today",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=lambda s: s.allocated_today_wh,
        last_reset_fn=lambda s: s.today,
    ),
    estimated_power("estimated_allocated_power", lambda s: s.live.allocated_w),
    rate("estimated_coverage", lambda s: s.live.coverage, SensorStateClass.MEASUREMENT),
    estimated_power(
        "estimated_community_production", lambda s: s.live.community_production_w
    ),
    estimated_power(
        "estimated_community_surplus", lambda s: s.live.community_surplus_w
    ),
    AccSensorEntityDescription(
        key="estimate_status",
        translation_key="estimate_status",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=[ESTIMATED, *(missing.value for missing in Missing)],
        value_fn=lambda s: s.live.missing or ESTIMATED,
    ),
)


def ahead[T](read: Callable[[Ahead], T]) -> Callable[[AccSnapshot], T | None]:
    """A value of what is ahead, None while it is not known."""
    return lambda snapshot: None if snapshot.ahead is None else read(snapshot.ahead)


def expected_energy(
    key: str, value_wh: Callable[[Ahead], float | None]
) -> AccSensorEntityDescription:
    """Describes an energy of the hours ahead: a forecast, so no state class."""
    return AccSensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=ahead(value_wh),
    )


def score_part(
    key: str, read: Callable[[Score], float | None]
) -> AccSensorEntityDescription:
    """Describes how good past forecasts were, as a part of what came."""
    return AccSensorEntityDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda s: (
            None if s.score is None or (part := read(s.score)) is None else 100 * part
        ),
    )


AHEAD: tuple[AccSensorEntityDescription, ...] = (
    AccSensorEntityDescription(
        key="signal",
        translation_key="signal",
        device_class=SensorDeviceClass.ENUM,
        options=[level.value for level in Level],
        value_fn=lambda s: s.signal.level if s.signal else None,
    ),
    AccSensorEntityDescription(
        key="price_now",
        translation_key="price_now",
        native_unit_of_measurement=EUR_PER_KWH,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=3,
        value_fn=ahead(lambda a: a.eur_per_kwh),
    ),
    AccSensorEntityDescription(
        key="window_start",
        translation_key="window_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=ahead(lambda a: a.window.start if a.window else None),
    ),
    AccSensorEntityDescription(
        key="window_end",
        translation_key="window_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=ahead(lambda a: a.window.end if a.window else None),
    ),
    expected_energy("claimable_today", lambda a: a.claimable_today_wh),
    expected_energy("claimable_tomorrow", lambda a: a.claimable_tomorrow_wh),
    expected_energy("surplus_today", lambda a: a.surplus_today_wh),
    expected_energy("surplus_tomorrow", lambda a: a.surplus_tomorrow_wh),
    AccSensorEntityDescription(
        key="confidence",
        translation_key="confidence",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=[confidence.value for confidence in Confidence],
        value_fn=lambda s: s.confidence,
    ),
    AccSensorEntityDescription(
        key="outlook_status",
        translation_key="outlook_status",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=[COMPLETE, *(kind.value for kind in Degraded)],
        value_fn=lambda s: (
            None if s.ahead is None else next(iter(s.degraded), COMPLETE)
        ),
        attributes_fn=lambda s: {"missing": list(s.degraded)},
    ),
    score_part("forecast_error", lambda score: score.daily_error),
    score_part("forecast_bias", lambda score: score.bias),
    score_part("live_error", lambda score: score.live_error),
    AccSensorEntityDescription(
        key="forecast_brier",
        translation_key="forecast_brier",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        suggested_display_precision=3,
        value_fn=lambda s: s.score.brier if s.score else None,
    ),
)
