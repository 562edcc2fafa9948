"""Base of the entities of a membership, and how automations recognise them."""

from typing import Any, override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)
from homeassistant.util.unit_conversion import PowerConverter

from .const import DOMAIN
from .coordinator import (
    AccConfigEntry,
    LoadsCoordinator,
    LoadView,
    MoneyCoordinator,
    ShareCoordinator,
)
from .organiser.coordinator import OrganiserCoordinator
from .organiser.entry import OrganiserConfigEntry


def membership_device(entry: AccConfigEntry | OrganiserConfigEntry) -> DeviceInfo:
    """The device of an entry, a member's or an organiser's; its identifier names nobody."""
    assert entry.unique_id is not None
    return DeviceInfo(
        identifiers={(DOMAIN, entry.unique_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
    )


def load_device(hass: HomeAssistant, entry: AccConfigEntry, load_id: str) -> DeviceInfo:
    """The device of a load, behind that of the membership."""
    assert entry.unique_id is not None
    return DeviceInfo(
        identifiers={(DOMAIN, load_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.subentries[load_id].title,
        via_device_id=dr.async_get_device_id_by_identifier(
            hass, (DOMAIN, entry.unique_id), config_entry_id=entry.entry_id
        ),
    )


class DeviceEntity[C: DataUpdateCoordinator[Any]](CoordinatorEntity[C]):
    """Shows one value of a coordinator, on the device of an entry."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: C,
        entry: AccConfigEntry | OrganiserConfigEntry,
        description: EntityDescription,
    ) -> None:
        """Describe one value."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = membership_device(entry)


class AccEntity(DeviceEntity[ShareCoordinator]):
    """Shows one value of the snapshot.

    Always available: what was settled stays true while the organiser is away, and what
    cannot be estimated is unknown, with the reason in its own entity.
    """

    def __init__(self, entry: AccConfigEntry, description: EntityDescription) -> None:
        """Describe one value."""
        super().__init__(entry.runtime_data.share, entry, description)

    @property
    @override
    def attribution(self) -> str | None:
        """Whose data it is made of, where they ask to be named."""
        return self.coordinator.data.attribution

    @property
    @override
    def available(self) -> bool:
        """Whether there is a snapshot: there is from the first moment on."""
        return True


class MoneyEntity(DeviceEntity[MoneyCoordinator]):
    """Shows one sum, on the device of the membership."""

    def __init__(self, entry: AccConfigEntry, description: EntityDescription) -> None:
        """Describe one sum."""
        super().__init__(entry.runtime_data.money, entry, description)

    @property
    @override
    def available(self) -> bool:
        """Always: what was settled stays so."""
        return True


class OrganiserEntity(DeviceEntity[OrganiserCoordinator]):
    """Shows one value of an operation to its organiser; always there, as the books are."""

    def __init__(
        self, entry: OrganiserConfigEntry, description: EntityDescription
    ) -> None:
        """Describe one value."""
        super().__init__(entry.runtime_data.coordinator, entry, description)


class LoadsEntity(DeviceEntity[LoadsCoordinator]):
    """Shows one value of all loads together, on the device of the membership."""

    def __init__(self, entry: AccConfigEntry, description: EntityDescription) -> None:
        """Describe one value."""
        super().__init__(entry.runtime_data.loads, entry, description)

    @property
    @override
    def available(self) -> bool:
        """Always: what was gained stays gained, and without a plan there are no runs."""
        return True


class LoadEntity(CoordinatorEntity[LoadsCoordinator]):
    """Belongs to the device of a load; always there, as a plan is made from what is known."""

    _attr_has_entity_name = True

    def __init__(
        self, entry: AccConfigEntry, load_id: str, description: EntityDescription
    ) -> None:
        """Describe one value of a load."""
        super().__init__(entry.runtime_data.loads)
        self.entity_description = description
        self.load_id = load_id
        self._attr_unique_id = f"{load_id}_{description.key}"
        self._attr_device_info = load_device(self.coordinator.hass, entry, load_id)

    @property
    def view(self) -> LoadView:
        """The load as it is now."""
        return self.coordinator.data.loads[self.load_id]

    @property
    @override
    def available(self) -> bool:
        """Whether the load is still there."""
        return self.load_id in self.coordinator.data.loads


def of_kind(hass: HomeAssistant, entity_ids: set[str], kind: str) -> set[str]:
    """Those of the entities that are ours and show that value, by its translation key."""
    registry = er.async_get(hass)
    return {
        entity_id
        for entity_id in entity_ids
        if (entity := registry.async_get(entity_id))
        and entity.platform == DOMAIN
        and entity.translation_key == kind
    }


def power_w(state: State) -> float | None:
    """The power that an entity shows, in W, whatever unit its owner chose; None for no number."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        return PowerConverter.convert(float(state.state), unit, UnitOfPower.WATT)
    except ValueError, HomeAssistantError:
        return None
