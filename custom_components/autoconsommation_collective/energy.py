"""What this home expects of the operation, as the Energy dashboard draws solar forecasts."""

from homeassistant.components.energy.types import SolarForecastType
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .coordinator import AccConfigEntry
from .coordinator.entries import is_membership
from .coordinator.telling import allocated_by_hour


async def async_get_solar_forecast(
    hass: HomeAssistant, config_entry_id: str
) -> SolarForecastType | None:
    """Expected allocation of each hour from its start; None while nothing is known."""
    entry: AccConfigEntry | None = hass.config_entries.async_get_entry(config_entry_id)
    if (
        entry is None
        or not is_membership(entry)
        or entry.state is not ConfigEntryState.LOADED
        or (outlook := entry.runtime_data.outlook.data) is None
    ):
        return None
    hours = allocated_by_hour(outlook, entry.runtime_data.settlement.time_zone)
    return {"wh_hours": {**hours}} if hours else None
