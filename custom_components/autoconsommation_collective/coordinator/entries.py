"""Which entries are memberships: what looks for them never meets an organiser's entry."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_config_entry

from ..const import CONF_KIND, DOMAIN, KIND_ORGANISER
from . import AccConfigEntry

NOT_A_MEMBERSHIP = "not_a_membership"


def is_organiser(entry: ConfigEntry) -> bool:
    """Whether it is the entry of an organiser, and not of a member."""
    return entry.data.get(CONF_KIND) == KIND_ORGANISER


def is_membership(entry: ConfigEntry | None) -> bool:
    """Whether it is ours, and of a member."""
    return entry is not None and entry.domain == DOMAIN and not is_organiser(entry)


@callback
def memberships(hass: HomeAssistant) -> list[AccConfigEntry]:
    """The entries of members, loaded or not."""
    return [entry for entry in _enabled(hass) if is_membership(entry)]


@callback
def operations(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """The entries of organisers, loaded or not."""
    return [entry for entry in _enabled(hass) if is_organiser(entry)]


def _enabled(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    return hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )


@callback
def loaded_memberships(hass: HomeAssistant) -> list[AccConfigEntry]:
    """The entries of members that are loaded."""
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    return [entry for entry in entries if is_membership(entry)]


@callback
def the_membership(hass: HomeAssistant, entry_id: str | None) -> AccConfigEntry:
    """The membership an action is about: the one that is named, else the only one.

    Raises ServiceValidationError.
    """
    return the_entry(hass, entry_id, memberships(hass), NOT_A_MEMBERSHIP)


@callback
def the_entry[T: ConfigEntry](
    hass: HomeAssistant, entry_id: str | None, those: list[T], not_one: str
) -> T:
    """The entry of one kind that is named, else the only one; loaded.

    Raises ServiceValidationError; of another kind with that text.
    """
    if entry_id is None and len(those) == 1:
        entry_id = those[0].entry_id
    found = async_get_config_entry(hass, DOMAIN, entry_id)
    for entry in those:
        if entry.entry_id == found.entry_id:
            return entry
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key=not_one)
