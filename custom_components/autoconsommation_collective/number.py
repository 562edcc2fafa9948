"""What a load needs in a day, for a person or an automation to set."""

from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry
from .engine.indicators import WH_PER_KWH
from .entity import LoadEntity

PARALLEL_UPDATES = 0

NEED = NumberEntityDescription(
    key="need",
    translation_key="need",
    entity_category=EntityCategory.CONFIG,
    device_class=NumberDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    native_min_value=0,
    native_max_value=100,
    native_step=0.1,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the need of each load."""
    for load_id in entry.runtime_data.loads.data.loads:
        async_add_entities(
            [NeedNumber(entry, load_id, NEED)], config_subentry_id=load_id
        )


class NeedNumber(LoadEntity, NumberEntity):
    """Energy of a day, or of a programme."""

    @property
    @override
    def native_value(self) -> float | None:
        """In kWh; None while it is not known."""
        need_wh = self.view.need_wh
        return None if need_wh is None else round(need_wh / WH_PER_KWH, 2)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Need so much from now on."""
        await self.coordinator.async_ask(
            self.load_id, lambda load, now: load.need(value * WH_PER_KWH)
        )
