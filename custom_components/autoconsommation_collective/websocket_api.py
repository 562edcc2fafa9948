"""What the card asks for: commands that read, for any user, and never name a delivery point."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import (
    ERR_NOT_FOUND,
    ActiveConnection,
    event_message,
)
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .const import DOMAIN
from .coordinator import AccConfigEntry, AccData
from .coordinator.day_telling import DayTelling, async_words
from .coordinator.entries import is_membership, is_organiser, memberships, operations
from .coordinator.month_telling import told_operation
from .coordinator.statement_telling import MONTH, page_path
from .organiser.entry import organises
from .organiser.telling import told_operation as told_to_organiser

CONFIG_ENTRY: Final = "config_entry"
LANGUAGE: Final = "language"
MONTH_KEY: Final = "month"
LOADED: Final = "loaded"

type Parts = dict[str, JsonObjectType]
type Opened = tuple[Callable[[], Parts], Iterable[DataUpdateCoordinator[Any]]]
"""What tells all there is of a loaded entry, and what tells when something of it is new."""


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands; they stay when an entry is unloaded."""
    for command in (
        websocket_memberships,
        websocket_subscribe_day,
        websocket_months,
        websocket_statement,
        websocket_operation,
        websocket_subscribe_organised,
    ):
        websocket_api.async_register_command(hass, command)


@callback
@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/memberships"})
def websocket_memberships(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell which memberships there are, and which operations are organised here."""
    entries = (*memberships(hass), *operations(hass))
    connection.send_result(msg["id"], [_told_entry(hass, entry) for entry in entries])


def _told_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> JsonObjectType:
    """A membership or an organised operation, loaded or not."""
    device = None
    if entry.unique_id is not None:
        device = dr.async_get(hass).async_get_device_by_identifier(
            (DOMAIN, entry.unique_id), config_entry_id=entry.entry_id
        )
    return {
        CONFIG_ENTRY: entry.entry_id,
        "title": entry.title,
        LOADED: entry.state is ConfigEntryState.LOADED,
        "device_id": device.id if device else None,
        "organises": is_organiser(entry),
    }


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_day",
        vol.Required(CONFIG_ENTRY): cv.string,
        vol.Required(LANGUAGE): cv.string,
    }
)
@websocket_api.async_response
async def websocket_subscribe_day(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell today and tomorrow, and from then on what is new of them."""
    entry = hass.config_entries.async_get_entry(msg[CONFIG_ENTRY])
    if entry is None or not is_membership(entry):
        connection.send_error(msg["id"], ERR_NOT_FOUND, "no such membership")
        return
    words = await async_words(hass, msg[LANGUAGE])

    def opened() -> Opened:
        data: AccData = entry.runtime_data
        followed = (data.share, data.outlook, data.loads)
        telling = DayTelling(data.settlement, *followed, words)

        def parts() -> Parts:
            told = telling.parts()
            if "loads" in told:
                told["loads"] = _with_devices(hass, entry, told["loads"])
            return told

        return parts, followed

    _Feed(hass, entry, opened, connection, msg["id"]).start()


@callback
@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_organised",
        vol.Required(CONFIG_ENTRY): cv.string,
    }
)
def websocket_subscribe_organised(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell an operation to its organiser, and from then on whenever its books change."""
    entry = hass.config_entries.async_get_entry(msg[CONFIG_ENTRY])
    if entry is None or entry.domain != DOMAIN or not organises(entry):
        connection.send_error(msg["id"], ERR_NOT_FOUND, "no such operation")
        return

    def opened() -> Opened:
        data = entry.runtime_data
        return (
            lambda: {"organised": told_to_organiser(data.books, data.coordinator.data)},
            (data.coordinator,),
        )

    _Feed(hass, entry, opened, connection, msg["id"]).start()


class _Feed:
    """Tells one card of an entry, which may be reloaded meanwhile."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        opened: Callable[[], Opened],
        connection: ActiveConnection,
        message_id: int,
    ) -> None:
        """Tell nothing yet."""
        self._hass = hass
        self._entry = entry
        self._opened = opened
        self._connection = connection
        self._message_id = message_id
        self._parts: Callable[[], Parts] | None = None
        self._told: dict[str, object] = {}
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._unfollow: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Tell all that is known."""
        self._connection.subscriptions[self._message_id] = self.stop
        self._connection.send_result(self._message_id)
        self._unfollow = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        self._attach()

    @callback
    def stop(self) -> None:
        """Tell nothing any more."""
        self._detach()
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None

    @callback
    def _async_entry_changed(
        self, _change: ConfigEntryChange, entry: ConfigEntry[Any]
    ) -> None:
        is_loaded = entry.state is ConfigEntryState.LOADED
        if entry is self._entry and is_loaded is not (self._parts is not None):
            self._detach()
            self._attach()

    def _attach(self) -> None:
        """Follow what is loaded now; what the last one told may no longer be so."""
        self._told = {}
        if self._entry.state is not ConfigEntryState.LOADED:
            self._send({LOADED: False})
            return
        self._parts, followed = self._opened()
        self._unsubscribe = [
            coordinator.async_add_listener(self._async_news) for coordinator in followed
        ]
        self._async_news()

    def _detach(self) -> None:
        while self._unsubscribe:
            self._unsubscribe.pop()()
        self._parts = None

    @callback
    def _async_news(self) -> None:
        """Something may be new: tell the parts that are."""
        assert self._parts is not None
        parts = self._parts().items()
        news = {name: part for name, part in parts if self._told.get(name) != part}
        if news:
            self._told |= news
            self._send({LOADED: True, **news})

    def _send(self, message: Mapping[str, object]) -> None:
        self._connection.send_message(event_message(self._message_id, message))


def _with_devices(
    hass: HomeAssistant, entry: AccConfigEntry, loads: JsonObjectType
) -> JsonObjectType:
    """The loads with the device of each, by which their entities are found."""
    registry = dr.async_get(hass)
    told: JsonObjectType = {}
    for load_id, load in loads.items():
        device = registry.async_get_device_by_identifier(
            (DOMAIN, load_id), config_entry_id=entry.entry_id
        )
        assert isinstance(load, dict)
        told[load_id] = {**load, "device_id": device.id if device else None}
    return told


def _loaded_entry(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> AccConfigEntry | None:
    """The entry that is asked of; None, and refused, where it can tell nothing now."""
    entry = hass.config_entries.async_get_entry(msg[CONFIG_ENTRY])
    if (
        entry is None
        or not is_membership(entry)
        or entry.state is not ConfigEntryState.LOADED
    ):
        # Raised instead, it would be logged at each attempt of each card.
        connection.send_error(msg["id"], ERR_NOT_FOUND, "no membership that is loaded")
        return None
    return entry


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/months",
        vol.Required(CONFIG_ENTRY): cv.string,
    }
)
@websocket_api.async_response
async def websocket_months(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell the months of the home, and its year."""
    if entry := _loaded_entry(hass, connection, msg):
        told = await entry.runtime_data.months.async_told()
        connection.send_result(msg["id"], told)


@callback
@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/statement",
        vol.Required(CONFIG_ENTRY): cv.string,
        vol.Required(MONTH_KEY): vol.Match(rf"{MONTH.pattern}\Z"),
        vol.Required(LANGUAGE): cv.string,
    }
)
def websocket_statement(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell where the statement of a month can be opened, to be printed."""
    if entry := _loaded_entry(hass, connection, msg):
        path = page_path(hass, entry.entry_id, msg[MONTH_KEY], msg[LANGUAGE])
        connection.send_result(msg["id"], {"path": path})


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/operation",
        vol.Required(CONFIG_ENTRY): cv.string,
    }
)
@websocket_api.async_response
async def websocket_operation(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Tell the operation: who takes part, and what they shared."""
    if entry := _loaded_entry(hass, connection, msg):
        connection.send_result(msg["id"], told_operation(entry.runtime_data.settlement))
