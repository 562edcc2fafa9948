"""Members and organisers of collective self-consumption operations: wiring only."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .adapters.card import async_add_card, async_remove_card, async_serve_card
from .adapters.diary import Diary
from .adapters.energy_setup import async_put_back
from .adapters.identity import async_delivery_point_key
from .adapters.importer import async_importer
from .adapters.issues import clear_issues
from .adapters.slot_log import SlotLog
from .adapters.store import Stores
from .adapters.supplier import Supplier
from .const import CONF_DELIVERY_POINT, DOMAIN
from .coordinator import (
    AccConfigEntry,
    AccData,
    AccPolling,
    Importing,
    LoadsCoordinator,
    MoneyCoordinator,
    MonthTelling,
    OutlookCoordinator,
    ProductionForecast,
    SettlementCoordinator,
    ShareCoordinator,
    StatisticsWriter,
)
from .coordinator.entries import memberships, operations
from .coordinator.folder_watch import FolderWatch
from .coordinator.loads import async_hand_back_all
from .coordinator.need_telling import NeedTelling
from .coordinator.statement_view import StatementView
from .entity import membership_device
from .organiser.entry import (
    async_remove_organiser,
    async_setup_organiser,
    async_unload_organiser,
    organises,
)
from .organiser.serving import async_serve
from .services import async_register_actions
from .websocket_api import async_register_commands

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what needs no entry to be loaded: the actions, and what the card rests on."""
    async_register_actions(hass)
    async_register_commands(hass)
    hass.http.register_view(StatementView)
    await async_serve_card(hass)
    async_serve(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AccConfigEntry) -> bool:
    """Set up a member from what is stored, whose organiser is asked afterwards; or an organiser."""
    if organises(entry):
        await async_setup_organiser(hass, entry)
        await async_add_card(hass)
        return True
    # First of all: what is told from now on is read at the next set-up, if not at this one.
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    key = await async_delivery_point_key(hass, entry.data[CONF_DELIVERY_POINT])
    stores = Stores(hass, key)
    settlement = SettlementCoordinator(hass, entry, key, stores)
    await settlement.async_load()
    if first := settlement.is_new:
        await settlement.async_config_entry_first_refresh()
    log, diary = SlotLog(stores), Diary(stores)
    supplier = Supplier(hass, entry.options, stores)
    production = ProductionForecast(hass, entry, key, settlement)
    outlook = OutlookCoordinator(
        hass, entry, key, settlement, production, supplier, diary, log
    )
    importer = await async_importer(hass, key, stores)
    statistics = StatisticsWriter(hass, entry, settlement, supplier, log, importer)
    share = ShareCoordinator(
        hass, entry, settlement, outlook, supplier, stores, log, statistics
    )
    loads = LoadsCoordinator(hass, entry, key, settlement, outlook, stores)
    await diary.async_load()
    await supplier.async_load()
    await share.async_load()
    await loads.async_load()
    months = MonthTelling(hass, settlement, supplier, log)
    importing = Importing(hass, entry, settlement, outlook, supplier, log, stores)
    acc_api = AccPolling(hass, entry, key, importing, stores)
    money = MoneyCoordinator(hass, entry, settlement, supplier, log)
    entry.runtime_data = AccData(
        settlement,
        share,
        outlook,
        production,
        loads,
        months,
        importing,
        acc_api,
        money,
    )
    # First of all devices: those of the loads will point to it.
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **membership_device(entry)
    )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    share.async_start()
    loads.async_start()
    money.async_start()
    outlook.async_refresh_soon()
    FolderWatch(hass, entry, importing, stores).async_start()
    NeedTelling(hass, entry, key, settlement, loads).async_start()
    acc_api.async_start()
    await async_add_card(hass)

    async def async_ask() -> None:
        if not first:
            await settlement.async_refresh()
        # Who is told by the organiser asks nobody else.
        production.async_start(outlook.async_refresh_soon)

    entry.async_create_background_task(
        hass, async_ask(), f"{settlement.name} first poll"
    )
    return True


async def _async_reload(hass: HomeAssistant, entry: AccConfigEntry) -> None:
    """Take new data, options or subentries into account; loads that are gone are handed back."""
    if entry.state is ConfigEntryState.LOADED:
        await entry.runtime_data.loads.async_hand_back_gone()
    await hass.config_entries.async_reload(entry.entry_id)


async def async_unload_entry(hass: HomeAssistant, entry: AccConfigEntry) -> bool:
    """Unload a member or an organiser, keeping all that was measured or told."""
    if organises(entry):
        return await async_unload_organiser(hass, entry)
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        entry.runtime_data.production.async_stop()
        entry.runtime_data.money.async_stop()
        await entry.runtime_data.loads.async_stop()
        await entry.runtime_data.share.async_stop()
        clear_issues(hass, entry.entry_id)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: AccConfigEntry) -> None:
    """Delete what was stored; of a member the long-term statistics stay."""
    if organises(entry):
        await async_remove_organiser(hass, entry)
    else:
        key = await async_delivery_point_key(hass, entry.data[CONF_DELIVERY_POINT])
        stores = Stores(hass, key)
        await async_hand_back_all(hass, entry, stores)
        await async_put_back(hass, entry)
        await stores.async_remove_all()
        clear_issues(hass, entry.entry_id)
    if not (memberships(hass) or operations(hass)):
        await async_remove_card(hass)
