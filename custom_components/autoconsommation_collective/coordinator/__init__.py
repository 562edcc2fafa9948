"""Two clocks: the organiser's documents, and the home's share of what they announce."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .settlement import SettlementCoordinator
from .share import AccSnapshot, ShareCoordinator

__all__ = [
    "AccConfigEntry",
    "AccData",
    "AccSnapshot",
    "SettlementCoordinator",
    "ShareCoordinator",
]


@dataclass(slots=True)
class AccData:
    """What lives on entry.runtime_data."""

    settlement: SettlementCoordinator
    share: ShareCoordinator


type AccConfigEntry = ConfigEntry[AccData]
