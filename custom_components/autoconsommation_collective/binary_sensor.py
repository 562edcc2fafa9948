"""Is it a good time to consume? Is a pack nearly used up? Has the organiser something to do?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry, AccSnapshot
from .engine.signal import Signal
from .entity import AccEntity, MoneyEntity, OrganiserEntity
from .organiser.entry import organises
from .tables.organiser import TO_DO, OrganiserBinarySensorEntityDescription

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class AccBinarySensorEntityDescription(BinarySensorEntityDescription):
    """Describes a yes or no of the operation."""

    signal_fn: Callable[[AccSnapshot], Signal | None]


BINARY_SENSORS: tuple[AccBinarySensorEntityDescription, ...] = (
    AccBinarySensorEntityDescription(
        key="good_time",
        translation_key="good_time",
        signal_fn=lambda snapshot: snapshot.signal,
    ),
)


PREPAID_LOW = BinarySensorEntityDescription(
    key="prepaid_low",
    translation_key="prepaid_low",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors."""
    if organises(entry):
        async_add_entities([OrganiserBinarySensor(entry, TO_DO)])
        return
    async_add_entities(
        AccBinarySensor(entry, description) for description in BINARY_SENSORS
    )
    if entry.runtime_data.money.prepaid is not None:
        async_add_entities([PrepaidLow(entry, PREPAID_LOW)])


class AccBinarySensor(AccEntity, BinarySensorEntity):
    """A yes or no, with its reason."""

    entity_description: AccBinarySensorEntityDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """The answer; None while it is not known."""
        signal = self.entity_description.signal_fn(self.coordinator.data)
        return None if signal is None else signal.level.is_good

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Why, in a sentence of the house's language, and since when."""
        signal = self.entity_description.signal_fn(self.coordinator.data)
        if signal is None:
            return {}
        return {
            "reason": self.coordinator.data.reason,
            "reason_key": signal.reason,
            "since": signal.since,
        }


class PrepaidLow(MoneyEntity, BinarySensorEntity):
    """Whether what is left of the packs is below what the member wants to be told at."""

    @property
    @override
    def is_on(self) -> bool | None:
        """The answer; None while it is not known, or no such amount was told."""
        prepaid = self.coordinator.data.prepaid
        return None if prepaid is None else prepaid.is_low

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """What is left, and until when."""
        prepaid = self.coordinator.data.prepaid
        if prepaid is None:
            return {}
        return {
            "balance_kwh": round(prepaid.account.balance_kwh, 1),
            "runs_out": prepaid.runs_out,
        }


class OrganiserBinarySensor(OrganiserEntity, BinarySensorEntity):
    """A yes or no of an operation, for its organiser."""

    entity_description: OrganiserBinarySensorEntityDescription

    @property
    @override
    def is_on(self) -> bool:
        """The answer."""
        return self.entity_description.is_on_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Why."""
        return self.entity_description.attributes_fn(self.coordinator.data)
