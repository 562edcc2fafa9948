"""By when a load must be ready, for a person or an automation to set."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry
from .entity import LoadEntity

PARALLEL_UPDATES = 0

READY_BY = TimeEntityDescription(
    key="ready_by", translation_key="ready_by", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the time of each load."""
    for load_id in entry.runtime_data.loads.data.loads:
        async_add_entities(
            [ReadyBy(entry, load_id, READY_BY)], config_subentry_id=load_id
        )


class ReadyBy(LoadEntity, TimeEntity):
    """Local time of each day."""

    @property
    @override
    def native_value(self) -> time | None:
        """The time; None where it need not be ready."""
        return self.view.ready_by

    @override
    async def async_set_value(self, value: time) -> None:
        """Be ready by then from now on."""
        await self.coordinator.async_ask(
            self.load_id, lambda load, now: load.be_ready_by(value)
        )
