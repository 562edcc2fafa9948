"""An operation that this Home Assistant organises: its entry, its list, its files."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from aiohttp import FormData
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import numpy as np
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import (
    CONF_KIND,
    DOMAIN,
    KIND_ORGANISER,
)
from custom_components.autoconsommation_collective.engine.model import Role, Validity
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.roster import Participant
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.coordinator import (
    OrganiserCoordinator,
)

from .feed import PARIS
from .house import settle_down

NAME = "Indre solaire"
AGREEMENT = "ACC00000123"
FIRST = date(2025, 1, 1)
OPERATION: dict[str, Any] = {
    "operation_name": NAME,
    "agreement": AGREEMENT,
    "since": FIRST.isoformat(),
    "key": "prorata",
    "price_model": "gift",
    "step_minutes": "30",
    "time_zone": PARIS.key,
}
"""As somebody who organises tells it."""
MONTH = "2026-10"


def organiser_entry() -> MockConfigEntry:
    """An entry as the config flow makes it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=NAME,
        unique_id=AGREEMENT,
        data={CONF_KIND: KIND_ORGANISER, **OPERATION},
    )


def home(n: int, **facts: Any) -> Participant:
    """One of the neighbours; the first is a prosumer."""
    since = Validity(FIRST)
    told: dict[str, Any] = {
        "role": Role.PROSUMER if n == 0 else Role.CONSUMER,
        "membership": (since,),
        "consent": (since,),
    } | facts
    return Participant(f"id{n}", f"Foyer {n}", f"{30001234567890 + n}", **told)


async def organise(hass: HomeAssistant, *people: Participant) -> MockConfigEntry:
    """A loaded entry with these in its list."""
    entry = organiser_entry()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    books = books_of(entry)
    await books.async_change(lambda known: replace(known, participants=people))
    await settle_down(hass)
    return entry


def coordinator_of(entry: ConfigEntry) -> OrganiserCoordinator:
    """What a loaded entry shows."""
    found = entry.runtime_data.coordinator
    assert isinstance(found, OrganiserCoordinator)
    return found


def books_of(entry: ConfigEntry) -> Books:
    """What it keeps."""
    return coordinator_of(entry).books


def feed(entry: ConfigEntry, path: str = "") -> str:
    """Where Home Assistant hands a file of the feed out."""
    return f"/api/{DOMAIN}/feed/{entry.entry_id}/{path}"


async def serve(entry: ConfigEntry, folder: Path, **settings: Any) -> None:
    """Have it published into a folder that Home Assistant hands out."""
    books = books_of(entry)
    told: dict[str, Any] = {"address": "https://pmo.example/feed/", **settings}
    await books.async_set_settings(
        replace(books.settings, folder=str(folder), is_served=True, **told)
    )


def shown(hass: HomeAssistant, key: str, platform: str = "sensor") -> State:
    """The state of one of the organiser's entities."""
    entity_id = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"{AGREEMENT}_{key}"
    )
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None, key
    return state


async def next_step(
    hass: HomeAssistant, result: ConfigFlowResult, answers: dict[str, Any]
) -> ConfigFlowResult:
    """Fill in a form of the options, or take one way of a menu."""
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], answers
    )
    await settle_down(hass)
    return result


async def at(hass: HomeAssistant, entry: ConfigEntry, *ways: str) -> ConfigFlowResult:
    """Open the options and take these ways of the menus."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    for way in ways:
        assert result["type"] is FlowResultType.MENU
        assert way in result["menu_options"]
        result = await next_step(hass, result, {"next_step_id": way})
    return result


def curves(
    points: Iterable[str], month: str = MONTH, *, n_days: int | None = None
) -> bytes:
    """A month of load curves as a table, of consumers and, of the first, of its injection."""
    start, end = month_bounds(month, PARIS)
    if n_days is not None:
        end = start + timedelta(days=n_days)
    random = np.random.default_rng(1)
    text = StringIO()
    text.write("Horodate;PRM;CONS (Wh);PROD (Wh)\n")
    n_steps = (end - start) // timedelta(minutes=30)
    for n, point in enumerate(points):
        drawn = random.integers(0, 900, n_steps)
        for step in range(n_steps):
            at_: datetime = (start + step * timedelta(minutes=30)).astimezone(PARIS)
            given = "1500" if n == 0 else ""
            text.write(f"{at_.isoformat()};{point};{drawn[step]};{given}\n")
    return text.getvalue().encode()


async def uploaded(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    body: bytes,
    name: str = "enedis.csv",
) -> str:
    """Id of a file that was just handed in."""
    assert await async_setup_component(hass, "file_upload", {})
    client = await hass_client()
    form = FormData()
    form.add_field("file", BytesIO(body), filename=name)
    answer = await client.post("/api/file_upload", data=form)
    assert answer.status == 200
    return str((await answer.json())["file_id"])
