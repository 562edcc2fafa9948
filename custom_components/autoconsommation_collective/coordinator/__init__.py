"""Three clocks: the organiser's documents, what is ahead, and the home's share of it now."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from ..adapters.reason import WindowEvent
from ..adapters.spoken import Asked
from .outlook import OutlookCoordinator
from .production import ProductionForecast
from .settlement import SettlementCoordinator
from .share import AccSnapshot, ShareCoordinator

__all__ = [
    "AccConfigEntry",
    "AccData",
    "AccSnapshot",
    "Asked",
    "OutlookCoordinator",
    "ProductionForecast",
    "SettlementCoordinator",
    "ShareCoordinator",
    "WindowEvent",
]


@dataclass(slots=True)
class AccData:
    """What lives on entry.runtime_data."""

    settlement: SettlementCoordinator
    share: ShareCoordinator
    outlook: OutlookCoordinator
    production: ProductionForecast


type AccConfigEntry = ConfigEntry[AccData]
