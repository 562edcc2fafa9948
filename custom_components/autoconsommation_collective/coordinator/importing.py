"""Taking in what a file or an answer told: the home's own months, kept, counted and reported."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..adapters.home_meter import Direction
from ..adapters.slot_log import SlotLog
from ..const import CONF_DELIVERY_POINT
from ..engine.blocks import MonthPage
from ..engine.delivery import Delivery
from ..engine.delivery_pages import DeliveredMonths, NotMine, delivered_months
from ..engine.import_report import ImportReport, KeyInForce, import_report
from ..engine.known import static_coefficient
from ..engine.model import KeyType
from ..engine.months import month_after, month_bounds
from ..engine.reconcile import Source
from ..engine.share import ShareRule
from .settlement import SettlementCoordinator


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports for one delivery point."""

    hass: HomeAssistant
    entry: ConfigEntry
    settlement: SettlementCoordinator
    log: SlotLog

    async def async_import(
        self, delivery: Delivery, source: Source
    ) -> ImportReport | NotMine:
        """Keep the home's months of a delivery, and tell what that changed."""
        settlement = self.settlement
        months = await self.hass.async_add_executor_job(
            delivered_months,
            delivery,
            self.entry.data[CONF_DELIVERY_POINT],
            1,
            settlement.time_zone,
        )
        if isinstance(months, NotMine):
            return months
        before = dict(settlement.data.pages)
        await settlement.async_import(source, months.pages)
        return await self._async_report(months, before)

    async def _async_report(
        self, months: DeliveredMonths, before: Mapping[str, MonthPage]
    ) -> ImportReport:
        settlement = self.settlement
        # By UTC the first hours of a local month lie in the file of the month before.
        first = month_after(months.pages[0].month, -1)
        own = await self.log.async_blocks(Direction.IMPORT, first)
        keys = {page.month: self._key(page.month) for page in months.pages}
        return await self.hass.async_add_executor_job(
            import_report,
            months.pages,
            months.complement,
            before,
            dict(settlement.data.pages),
            dict(settlement.data.community),
            own,
            keys.__getitem__,
            settlement.time_zone,
        )

    def _key(self, month: str) -> KeyInForce:
        """The key of a month, where one holds from its first day to its last."""
        time_zone = self.settlement.time_zone
        start, end = month_bounds(month, time_zone)
        rules = [
            self.settlement.rule(at) for at in (start, end - self.settlement.shape.step)
        ]
        if rules[0] != rules[1] or not isinstance(rule := rules[0], ShareRule):
            return KeyInForce()
        return KeyInForce(static_coefficient(rule), rule.key is KeyType.DEFAULT_DYNAMIC)
