"""Whether a load is switched by the plan; whether loads are held back near the subscribed power."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry
from .entity import LoadEntity, LoadsEntity

PARALLEL_UPDATES = 0

CONTROL = SwitchEntityDescription(
    key="control", translation_key="control", entity_category=EntityCategory.CONFIG
)
GUARD = SwitchEntityDescription(
    key="power_guard",
    translation_key="power_guard",
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of each load that may be switched at all, and one for all of them."""
    loads = entry.runtime_data.loads.data
    switched = [
        load_id
        for load_id, view in loads.loads.items()
        if view.settings.no_control is None
    ]
    for load_id in switched:
        async_add_entities(
            [ControlSwitch(entry, load_id, CONTROL)], config_subentry_id=load_id
        )
    if switched and loads.guard.is_told:
        async_add_entities([GuardSwitch(entry, GUARD)])


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


class GuardSwitch(LoadsEntity, SwitchEntity):
    """On: loads are held back before the meter trips, as far as the sensor lets that be seen."""

    @property
    @override
    def available(self) -> bool:
        """Whether the meter tells quickly enough for a guard to be of use."""
        return self.coordinator.data.guard.is_offered

    @property
    @override
    def is_on(self) -> bool:
        """Whether the user wants it."""
        return self.coordinator.data.guard.is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Hold loads back near the subscribed power."""
        await self.coordinator.async_set_guard(is_on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Hold nothing back."""
        await self.coordinator.async_set_guard(is_on=False)
