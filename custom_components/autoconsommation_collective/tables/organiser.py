"""What is shown of an operation to whoever organises it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.helpers.typing import StateType

from ..engine.organised_report import MonthReport
from ..organiser.view import OrganiserView


@dataclass(frozen=True, kw_only=True)
class OrganiserSensorEntityDescription(SensorEntityDescription):
    """Describes a value of the operation."""

    value_fn: Callable[[OrganiserView], StateType | date]
    attributes_fn: Callable[[OrganiserView], Mapping[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class OrganiserBinarySensorEntityDescription(BinarySensorEntityDescription):
    """Describes a yes or no of the operation."""

    is_on_fn: Callable[[OrganiserView], bool]
    attributes_fn: Callable[[OrganiserView], Mapping[str, Any]]


def _of_last[T](
    read: Callable[[MonthReport], T],
) -> Callable[[OrganiserView], T | None]:
    """A value of the last month of which it is known what was shared."""
    return lambda view: None if view.last is None else read(view.last)


def _shared_wh(month: MonthReport) -> float | None:
    return None if month.tally is None else month.tally.allocated_wh


def _rate(month: MonthReport) -> float | None:
    if month.tally is None or (rate := month.tally.self_consumption_rate) is None:
        return None
    return 100 * rate


def _told(month: MonthReport) -> Mapping[str, Any]:
    """Which month it is, and how final."""
    return {"month": month.month, "quality": month.quality}


def _month(view: OrganiserView) -> Mapping[str, Any]:
    return {} if view.last is None else _told(view.last)


ORGANISER_SENSORS: tuple[OrganiserSensorEntityDescription, ...] = (
    OrganiserSensorEntityDescription(
        key="published_month",
        translation_key="published_month",
        value_fn=lambda view: view.published_month,
        attributes_fn=lambda view: {
            "published_at": view.published_at,
            "unpublished": sorted(view.unpublished),
        },
    ),
    # Without a state class: it arrives weeks late, so it has no history of its own.
    OrganiserSensorEntityDescription(
        key="shared_month",
        translation_key="shared_month",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=_of_last(_shared_wh),
        attributes_fn=_month,
    ),
    OrganiserSensorEntityDescription(
        key="shared_rate",
        translation_key="shared_rate",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=_of_last(_rate),
        attributes_fn=_month,
    ),
    OrganiserSensorEntityDescription(
        key="members_today",
        translation_key="members_today",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda view: view.n_members,
        attributes_fn=lambda view: {
            "producers": view.n_producers,
            "agreed": view.n_agreed,
            "invited": view.n_invited,
        },
    ),
    OrganiserSensorEntityDescription(
        key="next_due",
        translation_key="next_due",
        device_class=SensorDeviceClass.DATE,
        value_fn=lambda view: None if view.next is None else view.next.due,
        attributes_fn=lambda view: (
            {}
            if view.next is None
            else {"duty": view.next.duty, "month": view.next.month}
        ),
    ),
)
TO_DO = OrganiserBinarySensorEntityDescription(
    key="to_do",
    translation_key="to_do",
    device_class=BinarySensorDeviceClass.PROBLEM,
    is_on_fn=lambda view: bool(view.odd),
    attributes_fn=lambda view: {
        "why": list(view.odd),
        "late": [f"{one.month} {one.duty}" for one in view.late],
    },
)
PUBLISH = ButtonEntityDescription(key="publish", translation_key="publish")
