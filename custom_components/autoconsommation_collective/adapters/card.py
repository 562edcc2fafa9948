"""The card in the frontend: its modules served, and loaded by every dashboard.

A relative import between modules inherits no `?v=`, so what names the release is a folder of the
address: when one module changes, the address of each of them does, and none is taken from an old
cache. The name is drawn from the content, so that it never stays the same by mistake.
"""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import add_extra_js_url, remove_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

FOLDER: Final = Path(__file__).parents[1] / "frontend"
ADDRESS: Final = f"/{DOMAIN}/"
"""Below it lies a folder for each release."""
ENTRY: Final = "card.js"
NAME_LENGTH: Final = 12
"""Of hexadecimal digits: no two releases share their first twelve."""


class Card:
    """What of the card is registered in this Home Assistant."""

    def __init__(self, url: str) -> None:
        """Registered nowhere yet."""
        self.url = url
        self.adding = asyncio.Lock()
        """Two memberships that are set up together would add it twice."""


DATA: HassKey[Card] = HassKey(f"{DOMAIN}_card")


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the modules of the card; once, as a path that is served stays so."""
    release = await hass.async_add_executor_job(_release)
    folder = f"{ADDRESS}{release}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(folder, str(FOLDER), cache_headers=True)]
    )
    hass.data[DATA] = Card(f"{folder}/{ENTRY}")


async def async_add_card(hass: HomeAssistant) -> None:
    """Have every dashboard load this release of the card, and no other one."""
    card = hass.data[DATA]
    resources = _resources(hass)
    if resources is None:
        if "frontend" in hass.config.components:
            # Resources in YAML are the user's own file: loaded with the frontend instead.
            add_extra_js_url(hass, card.url)
        return
    async with card.adding:
        held = await _async_held(resources)
        for item_id in held[1:]:
            await resources.async_delete_item(item_id)
        if not held:
            await resources.async_create_item({"res_type": "module", "url": card.url})
        elif resources.data[held[0]]["url"] != card.url:
            await resources.async_update_item(held[0], {"url": card.url})


async def async_remove_card(hass: HomeAssistant) -> None:
    """Have no dashboard load the card any more, also where nothing of ours was set up since."""
    if resources := _resources(hass):
        for item_id in await _async_held(resources):
            await resources.async_delete_item(item_id)
    elif DATA in hass.data and "frontend" in hass.config.components:
        remove_extra_js_url(hass, hass.data[DATA].url)


def _resources(hass: HomeAssistant) -> ResourceStorageCollection | None:
    """The resources of dashboards; None where they stand in YAML, or there are no dashboards."""
    lovelace = hass.data.get(LOVELACE_DATA)
    if lovelace and isinstance(lovelace.resources, ResourceStorageCollection):
        return lovelace.resources
    return None


async def _async_held(resources: ResourceStorageCollection) -> list[str]:
    """Ids of the resources that are ours, of whatever release."""
    await (
        resources.async_get_info()
    )  # reads them from the disk, which nobody may have done yet
    return [
        item["id"]
        for item in resources.async_items()
        if item["url"].startswith(ADDRESS)
    ]


def _release() -> str:
    """Name of what the modules contain."""
    content = sha256()
    for path in sorted(FOLDER.rglob("*.js")):
        content.update(path.relative_to(FOLDER).as_posix().encode())
        content.update(path.read_bytes())
    return content.hexdigest()[:NAME_LENGTH]
