"""Actions that answer: what is ahead for a member, and what an organiser wants to compare."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    selector,
)
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN, MOST_KWH
from .coordinator import AccConfigEntry, SteeredLoad
from .coordinator.blueprints import LANGUAGES, async_install
from .coordinator.entries import is_membership, the_membership
from .coordinator.import_telling import async_import_bill, async_import_from
from .coordinator.plan_telling import told_plan
from .coordinator.simulation import async_simulate, told
from .coordinator.statement_telling import async_told_statement
from .coordinator.telling import told_now, told_outlook
from .engine.study import Sharing, StudyError
from .organiser import actions as organiser

SERVICE_FORECAST: Final = "get_forecast"
SERVICE_SIMULATE: Final = "simulate"
SERVICE_STATEMENT: Final = "get_statement"
SERVICE_GET_PLAN: Final = "get_plan"
SERVICE_PLAN_NOW: Final = "plan_now"
SERVICE_ARM: Final = "arm"
SERVICE_SET_OVERRIDE: Final = "set_override"
SERVICE_CLEAR_OVERRIDE: Final = "clear_override"
SERVICE_SET_ABSENCE: Final = "set_absence"
SERVICE_INSTALL: Final = "install_blueprints"
SERVICE_IMPORT: Final = "import_settlement"
SERVICE_BILL: Final = "import_bill"

ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_MONTH: Final = "month"
ATTR_HOURS: Final = "hours"
ATTR_FINISH_BY: Final = "finish_by"
ATTR_ON: Final = "on"
ATTR_DURATION: Final = "duration"
ATTR_UNTIL: Final = "until"
ATTR_FOLDER: Final = "folder"
ATTR_FILE: Final = "file"
ATTR_PASSWORD: Final = "password"
ATTR_KEYS: Final = "keys"
ATTR_PLANT: Final = "plant"
ATTR_SIZES: Final = "sizes_kw"
ATTR_BY_MONTH: Final = "by_month"
ATTR_BY_MEMBER: Final = "by_member"
ATTR_LANGUAGE: Final = "language"
ATTR_FIRST: Final = "first_day"
ATTR_LAST: Final = "last_day"
ATTR_ALLOCATED: Final = "allocated_kwh"
ATTR_BY_CLASS: Final = "by_class_kwh"
ATTR_CONSUMPTION: Final = "consumption_kwh"

DEFAULT_HOURS: Final = 48
MAX_HOURS: Final = 72
"""Three days are looked at, today included."""
MAX_TRIED: Final = 20
"""Keys, and sizes of a plant, in one question: a small machine answers within minutes."""

OF_ENTRY: Final = {
    vol.Optional(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector(
        {"integration": DOMAIN}
    )
}
OF_LOAD: Final = {vol.Required(ATTR_DEVICE_ID): cv.string}
FORECAST_SCHEMA: Final = vol.Schema(
    OF_ENTRY
    | {
        vol.Optional(ATTR_HOURS, default=DEFAULT_HOURS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_HOURS)
        ),
    }
)
STATEMENT_SCHEMA: Final = vol.Schema(OF_ENTRY | {vol.Optional(ATTR_MONTH): cv.string})
IMPORT_SCHEMA: Final = vol.Schema(
    OF_ENTRY
    | {vol.Required(ATTR_FILE): cv.string, vol.Optional(ATTR_PASSWORD): cv.string}
)
KWH: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=MOST_KWH))
BILL_SCHEMA: Final = vol.Schema(
    OF_ENTRY
    | {
        vol.Required(ATTR_FIRST): cv.date,
        vol.Required(ATTR_LAST): cv.date,
        vol.Optional(ATTR_ALLOCATED): KWH,
        vol.Optional(ATTR_BY_CLASS, default=dict): {cv.string: KWH},
        vol.Optional(ATTR_CONSUMPTION): KWH,
    }
)
SIMULATE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_FOLDER): cv.string,
        vol.Optional(
            ATTR_KEYS, default=[Sharing.PRORATA, Sharing.EQUAL, Sharing.FAIR]
        ): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1, max=MAX_TRIED)),
        vol.Inclusive(ATTR_PLANT, "plant_sizes"): cv.string,
        vol.Inclusive(ATTR_SIZES, "plant_sizes"): vol.All(
            cv.ensure_list,
            [vol.All(vol.Coerce(float), vol.Range(min=0))],
            vol.Length(max=MAX_TRIED),
        ),
        vol.Optional(ATTR_BY_MONTH, default=False): cv.boolean,
        vol.Optional(ATTR_BY_MEMBER, default=False): cv.boolean,
    }
)
INSTALL_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_LANGUAGE): vol.In(LANGUAGES)})


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions; they stay when an entry is unloaded."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN,
            name,
            action.handle,
            schema=action.schema,
            supports_response=action.response,
        )
    # For administrators: a study holds the consumption of all members.
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SIMULATE,
        _async_simulate,
        schema=SIMULATE_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    # For administrators: it writes into the configuration.
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_INSTALL,
        _async_install_blueprints,
        schema=INSTALL_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_IMPORT,
        _async_import_settlement,
        schema=IMPORT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_BILL,
        _async_import_bill,
        schema=BILL_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    for name, action in ORGANISER_ACTIONS.items():
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            action.handle,
            schema=action.schema,
            supports_response=action.response,
        )


async def _async_import_settlement(call: ServiceCall) -> ServiceResponse:
    """Take in a settlement from a file."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    return await async_import_from(
        call.hass,
        entry.runtime_data.importing,
        call.data[ATTR_FILE],
        call.data.get(ATTR_PASSWORD),
    )


async def _async_import_bill(call: ServiceCall) -> ServiceResponse:
    """Take in what a bill says."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    return await async_import_bill(
        call.hass,
        entry.runtime_data.importing,
        call.data[ATTR_FIRST],
        call.data[ATTR_LAST],
        call.data.get(ATTR_ALLOCATED),
        call.data[ATTR_BY_CLASS],
        call.data.get(ATTR_CONSUMPTION),
    )


async def _async_get_forecast(call: ServiceCall) -> ServiceResponse:
    """What is expected of the coming hours, step by step."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    data, now = entry.runtime_data, dt_util.utcnow()
    if data.outlook.data is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="nothing_known_yet"
        )
    time_zone = data.settlement.time_zone
    return {
        "now": told_now(data.share.data, time_zone),
        **told_outlook(data.outlook.data, now, call.data[ATTR_HOURS], time_zone),
        "attribution": data.outlook.attribution,
    }


async def _async_get_statement(call: ServiceCall) -> ServiceResponse:
    """What a month and its year cost, saved and brought in."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    money = entry.runtime_data.money
    return await async_told_statement(
        call.hass, entry.entry_id, money, call.data.get(ATTR_MONTH)
    )


async def _async_simulate(call: ServiceCall) -> ServiceResponse:
    """Compare keys and plants on the curves of a folder."""
    data = call.data
    plant_sizes = (data[ATTR_PLANT], data[ATTR_SIZES]) if ATTR_PLANT in data else None
    try:
        return await async_simulate(
            call.hass,
            data[ATTR_FOLDER],
            data[ATTR_KEYS],
            plant_sizes,
            by_month=data[ATTR_BY_MONTH],
            by_member=data[ATTR_BY_MEMBER],
        )
    except StudyError as error:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=f"study_{error.problem}",
            translation_placeholders=told(error),
        ) from None  # whose text may hold the number of a delivery point


async def _async_install_blueprints(call: ServiceCall) -> ServiceResponse:
    """Put our blueprints where automations are made from them."""
    return await async_install(call.hass, call.data.get(ATTR_LANGUAGE))


async def _async_get_plan(call: ServiceCall) -> ServiceResponse:
    """What each load is planned to do."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    return _plan_of(entry)


async def _async_plan_now(call: ServiceCall) -> ServiceResponse:
    """A new plan."""
    entry = the_membership(call.hass, call.data.get(ATTR_CONFIG_ENTRY))
    await entry.runtime_data.loads.async_plan()
    return _plan_of(entry)


async def _async_arm(call: ServiceCall) -> ServiceResponse:
    """A machine is loaded."""
    entry, load_id = _load(call)
    loads = entry.runtime_data.loads
    if not loads.data.loads[load_id].settings.is_machine:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="load_not_machine"
        )
    told = call.data.get(ATTR_FINISH_BY)
    until = None if told is None else dt_util.as_utc(told)
    await loads.async_ask(load_id, lambda load, now: load.arm(now, until))
    return _answer(call, entry)


async def _async_set_override(call: ServiceCall) -> ServiceResponse:
    """A load is to stay on or off for a while."""
    entry, load_id = _load(call)
    # What is only observed would not be switched back.
    if not entry.runtime_data.loads.data.loads[load_id].is_controlled:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="load_not_controlled"
        )
    await entry.runtime_data.loads.async_override(
        load_id, is_on=call.data[ATTR_ON], length=call.data[ATTR_DURATION]
    )
    return _answer(call, entry)


async def _async_clear_override(call: ServiceCall) -> ServiceResponse:
    """The plan decides again."""
    entry, load_id = _load(call)
    await entry.runtime_data.loads.async_ask(load_id, SteeredLoad.follow_again)
    return _answer(call, entry)


async def _async_set_absence(call: ServiceCall) -> ServiceResponse:
    """Nobody is there until then."""
    entry, load_id = _load(call)
    until = dt_util.as_utc(call.data[ATTR_UNTIL])
    await entry.runtime_data.loads.async_ask(
        load_id, lambda load, now: load.be_absent(until)
    )
    return _answer(call, entry)


def _load(call: ServiceCall) -> tuple[AccConfigEntry, str]:
    """The load whose device was named; raises ServiceValidationError for any other device."""
    device = dr.async_get(call.hass).async_get(call.data[ATTR_DEVICE_ID])
    entry = device and call.hass.config_entries.async_get_entry(device.config_entry_id)
    if (
        device
        and entry
        and is_membership(entry)
        and entry.state is ConfigEntryState.LOADED
    ):
        for _, load_id in device.identifiers:
            if load_id in entry.runtime_data.loads.data.loads:
                return entry, load_id
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="load_unknown"
    )


def _plan_of(entry: AccConfigEntry) -> ServiceResponse:
    data = entry.runtime_data
    return told_plan(data.loads.data, data.settlement.time_zone)


def _answer(call: ServiceCall, entry: AccConfigEntry) -> ServiceResponse:
    """The plan, for who asks for an answer."""
    return _plan_of(entry) if call.return_response else None


@dataclass(frozen=True, slots=True)
class Action:
    """An action, and what it answers."""

    handle: Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
    schema: vol.Schema
    response: SupportsResponse = SupportsResponse.OPTIONAL


ACTIONS: Final = {
    SERVICE_FORECAST: Action(
        _async_get_forecast, FORECAST_SCHEMA, SupportsResponse.ONLY
    ),
    SERVICE_STATEMENT: Action(
        _async_get_statement, STATEMENT_SCHEMA, SupportsResponse.ONLY
    ),
    SERVICE_GET_PLAN: Action(
        _async_get_plan, vol.Schema(OF_ENTRY), SupportsResponse.ONLY
    ),
    SERVICE_PLAN_NOW: Action(
        _async_plan_now, vol.Schema(OF_ENTRY), SupportsResponse.ONLY
    ),
    SERVICE_ARM: Action(
        _async_arm, vol.Schema(OF_LOAD | {vol.Optional(ATTR_FINISH_BY): cv.datetime})
    ),
    SERVICE_SET_OVERRIDE: Action(
        _async_set_override,
        vol.Schema(
            OF_LOAD
            | {
                vol.Required(ATTR_ON): cv.boolean,
                vol.Required(ATTR_DURATION): cv.positive_time_period,
            }
        ),
    ),
    SERVICE_CLEAR_OVERRIDE: Action(_async_clear_override, vol.Schema(OF_LOAD)),
    SERVICE_SET_ABSENCE: Action(
        _async_set_absence,
        vol.Schema(OF_LOAD | {vol.Required(ATTR_UNTIL): cv.datetime}),
    ),
}
"""By name; simulation, blueprints and imports are for administrators alone."""

ORGANISER_ACTIONS: Final = {
    organiser.SERVICE_TAKE_IN: Action(
        organiser.async_take_in, organiser.TAKE_IN_SCHEMA
    ),
    organiser.SERVICE_PUBLISH: Action(
        organiser.async_publish, organiser.PUBLISH_SCHEMA
    ),
    organiser.SERVICE_MONTH: Action(
        organiser.async_get_month, organiser.MONTH_SCHEMA, SupportsResponse.ONLY
    ),
}
"""By name; for administrators: they hold the energies of all members."""
