"""Forecasts of the home's own production that other integrations make.

They are those of the Energy dashboard's platform `energy`, whose contract stands in
`homeassistant/components/energy/types.py`; it is no public interface, so nothing is believed.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import logging
import math

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.loader import IntegrationNotFound, async_get_integration
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..engine.blocks import Block
from ..engine.stamped import Label, stamped_production
from .energy_dashboard import async_energy_dashboard

_LOGGER = logging.getLogger(__name__)

LABELS: Mapping[str, Label] = {
    "forecast_solar": Label.END,
    "open_meteo_solar_forecast": Label.START,
    "solcast_solar": Label.START,
}
"""Which end of its period each stamps an energy with, by what its library says; starts for all
others, as the dashboard draws them."""

TIMEOUT = timedelta(seconds=10)
"""They answer from what they hold already; one that asks its server now may hang."""

BEHIND = timedelta(days=2)
AHEAD = timedelta(days=4)
"""What is read around now: enough to compare and to plan, whatever else is given."""

_PLATFORM = "energy"
_HOOK = "async_get_solar_forecast"


class ProviderProblem(StrEnum):
    """Why an integration gives no forecast."""

    NOT_LOADED = "not_loaded"
    """Its config entry is gone, switched off or waits for something."""
    NO_FORECAST = "no_forecast"
    """It makes none, or has none at the moment."""
    FAILED = "failed"
    """It raised an error, or did not answer."""
    OTHER_DAYS = "other_days"
    """It says nothing of the days around now."""
    UNREADABLE = "unreadable"
    """What it gives breaks the contract of the platform."""


@dataclass(frozen=True, slots=True)
class ProviderForecast:
    """What one config entry of another integration forecasts."""

    entry_id: str
    domain: str | None
    """None where the config entry is gone."""
    blocks: tuple[Block, ...] = ()
    """PRODUCTION, as it was given: whether the sun allows it is not yet asked."""
    problem: ProviderProblem | None = None
    """Why there are no blocks."""


async def async_solar_forecasts(
    hass: HomeAssistant, entry_ids: Iterable[str] | None = None
) -> tuple[ProviderForecast, ...]:
    """The forecasts of these config entries, or of those chosen in the Energy dashboard.

    Our own are left out, or a share would feed on itself. Nothing is raised.
    """
    if entry_ids is None:
        entry_ids = (await async_energy_dashboard(hass)).forecast_entries
    entries = {
        entry_id: hass.config_entries.async_get_entry(entry_id)
        for entry_id in entry_ids
    }
    return tuple(
        await asyncio.gather(
            *(
                _async_forecast(hass, entry_id, entry)
                for entry_id, entry in entries.items()
                if entry is None or entry.domain != DOMAIN
            )
        )
    )


async def _async_forecast(
    hass: HomeAssistant, entry_id: str, entry: ConfigEntry | None
) -> ProviderForecast:
    """What one config entry forecasts, or why it does not."""
    if entry is None:
        return ProviderForecast(entry_id, None, problem=ProviderProblem.NOT_LOADED)
    found = await _async_block(hass, entry)
    if isinstance(found, Block):
        return ProviderForecast(entry_id, entry.domain, (found,))
    return ProviderForecast(entry_id, entry.domain, problem=found)


async def _async_block(
    hass: HomeAssistant, entry: ConfigEntry
) -> Block | ProviderProblem:
    """The forecast of a config entry as a block, or what is wrong with it."""
    if entry.state is not ConfigEntryState.LOADED:
        # Asked all the same, some raise and some log.
        return ProviderProblem.NOT_LOADED
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            answer = await _async_ask(hass, entry)
    except Exception as error:  # noqa: BLE001
        # Other people's code: anything may come, and its text may say where the home is.
        _LOGGER.debug("No forecast from %s: %s", entry.domain, type(error).__name__)
        return ProviderProblem.FAILED
    if answer is None:
        return ProviderProblem.NO_FORECAST
    stamped = _stamped(answer)
    if stamped is None:
        return ProviderProblem.UNREADABLE
    now = dt_util.utcnow()
    near = {at: wh for at, wh in stamped.items() if now - BEHIND <= at <= now + AHEAD}
    if stamped and not near:
        return ProviderProblem.OTHER_DAYS
    label = LABELS.get(entry.domain, Label.START)
    block = stamped_production(near, label, dt_util.get_default_time_zone())
    return ProviderProblem.NO_FORECAST if block is None else block


async def _async_ask(hass: HomeAssistant, entry: ConfigEntry) -> object:
    """What the integration answers to the dashboard; None where it makes no forecasts."""
    try:
        integration = await async_get_integration(hass, entry.domain)
    except IntegrationNotFound:
        return None
    if not integration.platforms_exists((_PLATFORM,)):
        return None
    platform = await integration.async_get_platform(_PLATFORM)
    hook = getattr(platform, _HOOK, None)
    return None if hook is None else await hook(hass, entry.entry_id)


def _stamped(answer: object) -> dict[datetime, float] | None:
    """Energies in Wh by instant in UTC; None where the answer is none."""
    hours = answer.get("wh_hours") if isinstance(answer, Mapping) else None
    if not isinstance(hours, Mapping):
        return None
    stamped: dict[datetime, float] = {}
    for key, wh in hours.items():
        try:
            at = datetime.fromisoformat(key)
            # A boolean passes for a number in Python.
            if at.tzinfo is None or isinstance(wh, bool) or not math.isfinite(wh):
                return None
            stamped[at.astimezone(UTC)] = float(wh)
        except TypeError, ValueError, OverflowError:
            return None
    return stamped
