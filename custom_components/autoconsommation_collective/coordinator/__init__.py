"""Four clocks: the organiser's documents, what is ahead, the home's share of it, its loads."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from ..adapters.reason import WindowEvent
from ..adapters.spoken import Asked
from ..engine.ledger import Gain
from .acc_polling import AccPolling
from .importing import Importing
from .load_view import LoadsView, LoadView
from .loads import LoadsCoordinator
from .money import Money, MoneyCoordinator
from .month_telling import MonthTelling
from .outlook import OutlookCoordinator
from .plan_telling import RunEvent
from .production import ProductionForecast
from .settlement import SettlementCoordinator
from .share import AccSnapshot, ShareCoordinator
from .statistics_writer import StatisticsWriter
from .steered import SteeredLoad

__all__ = [
    "AccConfigEntry",
    "AccData",
    "AccPolling",
    "AccSnapshot",
    "Asked",
    "Gain",
    "Importing",
    "LoadView",
    "LoadsCoordinator",
    "LoadsView",
    "Money",
    "MoneyCoordinator",
    "MonthTelling",
    "OutlookCoordinator",
    "ProductionForecast",
    "RunEvent",
    "SettlementCoordinator",
    "ShareCoordinator",
    "StatisticsWriter",
    "SteeredLoad",
    "WindowEvent",
]


@dataclass(slots=True)
class AccData:
    """What lives on entry.runtime_data."""

    settlement: SettlementCoordinator
    share: ShareCoordinator
    outlook: OutlookCoordinator
    production: ProductionForecast
    loads: LoadsCoordinator
    months: MonthTelling
    importing: Importing
    acc_api: AccPolling
    money: MoneyCoordinator


type AccConfigEntry = ConfigEntry[AccData]
