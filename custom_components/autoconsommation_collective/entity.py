"""Base of the entities of a membership, and how automations recognise them."""

from typing import override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfPower
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util.unit_conversion import PowerConverter

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
