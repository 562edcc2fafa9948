"""Whether a load is switched by the plan, or only observed."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry
from .entity import LoadEntity

PARALLEL_UPDATES = 0

CONTROL = SwitchEntityDescription(
    key="control", translation_key="control", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of each load that may be switched at all."""
    for load_id, view in entry.runtime_data.loads.data.loads.items():
        if view.settings.no_control is None:
            async_add_entities(
                [ControlSwitch(entry, load_id, CONTROL)], config_subentry_id=load_id
            )


class ControlSwitch(LoadEntity, SwitchEntity):
    """Off: it is observed, and nothing is commanded."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether the plan switches it."""
        return self.view.is_controlled

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the plan switch it."""
        await self.coordinator.async_set_control(self.load_id, is_on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Hand it back, and observe."""
        await self.coordinator.async_set_control(self.load_id, is_on=False)
