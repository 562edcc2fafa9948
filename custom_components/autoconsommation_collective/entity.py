"""Base of the entities of a membership."""

from typing import override

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import AccConfigEntry, ShareCoordinator


def membership_device(entry: AccConfigEntry) -> DeviceInfo:
    """The device of a member's entry; its identifier names nobody."""
    assert entry.unique_id is not None
    return DeviceInfo(
        identifiers={(DOMAIN, entry.unique_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
    )


class AccEntity(CoordinatorEntity[ShareCoordinator]):
    """Shows one value of the snapshot.

    Always available: what was settled stays true while the organiser is away, and what
    cannot be estimated is unknown, with the reason in its own entity.
    """

    _attr_has_entity_name = True

    def __init__(self, entry: AccConfigEntry, description: EntityDescription) -> None:
        """Describe one value."""
        super().__init__(entry.runtime_data.share)
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = membership_device(entry)

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
