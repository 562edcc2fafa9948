"""An organiser's entry: set up, unloaded, removed."""

from dataclasses import dataclass
from typing import Any, TypeGuard

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from ..adapters.issues import clear_issues
from ..coordinator.entries import is_organiser
from .books import Books
from .coordinator import OrganiserCoordinator
from .facts import first_roster

PLATFORMS = (Platform.BINARY_SENSOR, Platform.BUTTON, Platform.SENSOR)


@dataclass(slots=True)
class OrganiserData:
    """What lives on an organiser's entry.runtime_data."""

    books: Books
    coordinator: OrganiserCoordinator


type OrganiserConfigEntry = ConfigEntry[OrganiserData]


def organises(entry: ConfigEntry[Any]) -> TypeGuard[OrganiserConfigEntry]:
    """Whether it is an organiser's entry."""
    return is_organiser(entry)


def _key(entry: ConfigEntry) -> str:
    """Begins the names of its files."""
    return f"organiser_{entry.entry_id.lower()}"


def _books(hass: HomeAssistant, entry: ConfigEntry) -> Books:
    return Books(hass, _key(entry), first_roster(entry.data))


async def async_setup_organiser(
    hass: HomeAssistant, entry: OrganiserConfigEntry
) -> None:
    """Open the books and show them."""
    books = _books(hass, entry)
    await books.async_load()
    coordinator = OrganiserCoordinator(hass, entry, books, _key(entry))
    entry.runtime_data = OrganiserData(books, coordinator)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    coordinator.async_start()


async def async_unload_organiser(
    hass: HomeAssistant, entry: OrganiserConfigEntry
) -> bool:
    """Close the books; all of it stays kept."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        entry.runtime_data.coordinator.async_stop()
        await entry.runtime_data.books.async_close()
        clear_issues(hass, entry.entry_id)
    return unloaded


async def async_remove_organiser(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what was kept; the published folder stays, members may still read it."""
    await _books(hass, entry).async_remove()
    clear_issues(hass, entry.entry_id)
