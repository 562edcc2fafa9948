"""Run now, skip once, loaded, publish: what a person presses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry, SteeredLoad
from .entity import LoadEntity, OrganiserEntity
from .organiser.entry import organises
from .tables.organiser import PUBLISH

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class LoadButtonEntityDescription(ButtonEntityDescription):
    """Describes something to ask of a load."""

    wish: Callable[[SteeredLoad, datetime], None]
    for_machines: bool | None = None
    """Only for loads with a programme, or only for the others; None: for all."""


BUTTONS: tuple[LoadButtonEntityDescription, ...] = (
    LoadButtonEntityDescription(
        key="run_now",
        translation_key="run_now",
        wish=SteeredLoad.run_now,
    ),
    LoadButtonEntityDescription(
        key="skip",
        translation_key="skip",
        wish=SteeredLoad.skip,
    ),
    LoadButtonEntityDescription(
        key="arm",
        translation_key="arm",
        for_machines=True,
        wish=SteeredLoad.arm,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of each load, or the organiser's."""
    if organises(entry):
        async_add_entities([PublishButton(entry, PUBLISH)])
        return
    for load_id, view in entry.runtime_data.loads.data.loads.items():
        async_add_entities(
            [
                LoadButton(entry, load_id, description)
                for description in BUTTONS
                if description.for_machines in {None, view.settings.is_machine}
            ],
            config_subentry_id=load_id,
        )


class LoadButton(LoadEntity, ButtonEntity):
    """Asks something of a load once."""

    entity_description: LoadButtonEntityDescription

    @override
    async def async_press(self) -> None:
        """Ask for it."""
        await self.coordinator.async_ask(self.load_id, self.entity_description.wish)


class PublishButton(OrganiserEntity, ButtonEntity):
    """Publishes what is new of an operation."""

    @override
    async def async_press(self) -> None:
        """Publish it."""
        await self.coordinator.async_publish()
