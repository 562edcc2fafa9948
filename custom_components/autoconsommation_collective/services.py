"""Actions that answer: what is ahead for a member, and what an organiser wants to compare."""

from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, selector
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_register_admin_service,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .coordinator import AccConfigEntry
from .coordinator.simulation import async_simulate, told
from .coordinator.telling import told_now, told_outlook
from .engine.study import Sharing, StudyError

SERVICE_FORECAST: Final = "get_forecast"
SERVICE_SIMULATE: Final = "simulate"

ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_HOURS: Final = "hours"
ATTR_FOLDER: Final = "folder"
ATTR_KEYS: Final = "keys"
ATTR_PLANT: Final = "plant"
ATTR_SIZES: Final = "sizes_kw"
ATTR_BY_MONTH: Final = "by_month"
ATTR_BY_MEMBER: Final = "by_member"

DEFAULT_HOURS: Final = 48
MAX_HOURS: Final = 72
"""Three days are looked at, today included."""
MAX_TRIED: Final = 20
"""Keys, and sizes of a plant, in one question: a small machine answers within minutes."""

FORECAST_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector(
            {"integration": DOMAIN}
        ),
        vol.Optional(ATTR_HOURS, default=DEFAULT_HOURS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAX_HOURS)
        ),
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


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions; they stay when an entry is unloaded."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_FORECAST,
        _async_get_forecast,
        schema=FORECAST_SCHEMA,
        supports_response=SupportsResponse.ONLY,
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


async def _async_get_forecast(call: ServiceCall) -> ServiceResponse:
    """What is expected of the coming hours, step by step."""
    entry: AccConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY)
    )
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
