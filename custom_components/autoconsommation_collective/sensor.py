"""What was settled, and what is estimated: two families that never mix."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import AccConfigEntry
from .entity import AccEntity, LoadEntity, LoadsEntity, MoneyEntity, OrganiserEntity
from .organiser.entry import organises
from .tables.load_sensors import (
    LOAD_SENSORS,
    LOADS_SENSORS,
    LoadSensorEntityDescription,
    LoadsSensorEntityDescription,
)
from .tables.membership_sensors import (
    AHEAD,
    ESTIMATES,
    SETTLED,
    AccSensorEntityDescription,
)
from .tables.money_sensors import MONEY_SENSORS, MoneySensorEntityDescription
from .tables.organiser import ORGANISER_SENSORS, OrganiserSensorEntityDescription

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors."""
    if organises(entry):
        async_add_entities(OrganiserSensor(entry, d) for d in ORGANISER_SENSORS)
        return
    produces = entry.runtime_data.settlement.shape.produces
    async_add_entities(
        AccSensor(entry, description)
        for description in SETTLED + ESTIMATES + AHEAD
        if produces or not description.for_producers
    )
    has_packs = entry.runtime_data.money.prepaid is not None
    async_add_entities(
        MoneySensor(entry, description)
        for description in MONEY_SENSORS
        if (produces or not description.for_producers)
        and (has_packs or not description.for_prepaid)
    )
    loads = entry.runtime_data.loads.data
    async_add_entities(
        LoadsSensor(entry, description)
        for description in LOADS_SENSORS
        if description.is_shown_fn(loads)
    )
    for load_id, view in loads.loads.items():
        async_add_entities(
            [
                LoadSensor(entry, load_id, description)
                for description in LOAD_SENSORS
                if view.settings.tank or not description.for_tanks
            ],
            config_subentry_id=load_id,
        )


class AccSensor(AccEntity, SensorEntity):
    """One value of the snapshot."""

    entity_description: AccSensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType | date | datetime:
        """The value; None while it is not known."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When counting began, for what counts from a known instant."""
        begin = self.entity_description.last_reset_fn
        return None if begin is None else begin(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the state alone does not tell, where there is more."""
        read = self.entity_description.attributes_fn
        return None if read is None else read(self.coordinator.data)


class MoneySensor(MoneyEntity, SensorEntity):
    """One sum, or what is left of a pack."""

    entity_description: MoneySensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType | date:
        """The value; None while it is not known."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Which months it is of, and what of it is estimated."""
        read = self.entity_description.attributes_fn
        return None if read is None else read(self.coordinator.data)


class OrganiserSensor(OrganiserEntity, SensorEntity):
    """One value of an operation, for its organiser."""

    entity_description: OrganiserSensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType | date:
        """The value; None while it is not known."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """What the state alone does not tell, where there is more."""
        read = self.entity_description.attributes_fn
        return None if read is None else read(self.coordinator.data)


class LoadSensor(LoadEntity, SensorEntity):
    """One value of a load."""

    entity_description: LoadSensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """The value; None while it is not known."""
        return self.entity_description.value_fn(self.view)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When counting began, for what counts from a known instant."""
        begin = self.entity_description.last_reset_fn
        return None if begin is None else begin(self.view)


class LoadsSensor(LoadsEntity, SensorEntity):
    """One value of all loads together."""

    entity_description: LoadsSensorEntityDescription

    @property
    @override
    def native_value(self) -> StateType:
        """The value; None while it is not known."""
        return self.entity_description.value_fn(self.coordinator.data)
