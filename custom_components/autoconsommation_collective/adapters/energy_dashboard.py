"""What the member told Home Assistant's Energy dashboard."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from homeassistant.components.energy import DOMAIN as ENERGY_DOMAIN
from homeassistant.components.energy.data import async_get_manager
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from .meter import index_problem, reference


@dataclass(frozen=True, slots=True)
class EnergyDashboard:
    """What the member told the Energy dashboard about the grid and the sun."""

    import_refs: tuple[str, ...] = ()
    export_refs: tuple[str, ...] = ()
    statistic_ids: tuple[str, ...] = ()
    """External statistics of imported energy."""
    price_refs: tuple[str, ...] = ()
    """Entities that tell what an imported kWh costs."""
    forecast_entries: tuple[str, ...] = ()
    """Ids of the config entries that forecast the home's own production."""

    def without(self, refs: set[str]) -> Self:
        """The same, less the entities of a meter that was found."""
        return replace(
            self,
            import_refs=tuple(ref for ref in self.import_refs if ref not in refs),
            export_refs=tuple(ref for ref in self.export_refs if ref not in refs),
        )


async def async_energy_dashboard(hass: HomeAssistant) -> EnergyDashboard:
    """The grid and the sun of the Energy dashboard; empty where nobody has set it up."""
    if ENERGY_DOMAIN not in hass.config.components:
        return EnergyDashboard()
    manager = await async_get_manager(hass)
    sources = manager.data["energy_sources"] if manager.data else []
    grid = [source for source in sources if source["type"] == "grid"]
    imported = [key for source in grid if (key := source["stat_energy_from"])]
    exported = [key for source in grid if (key := source["stat_energy_to"])]

    def refs(keys: Iterable[str]) -> tuple[str, ...]:
        """References of what can be an index: not statistics, nor our own entities."""
        made = (reference(hass, key) for key in keys if ":" not in key)
        return tuple(ref for ref in made if index_problem(hass, ref) is None)

    statistics = tuple(
        key for key in imported if ":" in key and not key.startswith(f"{DOMAIN}:")
    )
    forecasts = (
        entry_id
        for source in sources
        if source["type"] == "solar"
        for entry_id in source.get("config_entry_solar_forecast") or ()
    )
    prices = (source.get("entity_energy_price") for source in grid)
    return EnergyDashboard(
        refs(imported),
        refs(exported),
        statistics,
        tuple(reference(hass, entity_id) for entity_id in prices if entity_id),
        tuple(dict.fromkeys(forecasts)),
    )
