"""The home's long-term statistics brought up to date in the background, whatever the recorder does."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..adapters.importer import FLOWS, WITHDRAWN, Flow, Importer
from ..adapters.money import surplus_of
from ..adapters.slot_log import SlotLog
from ..adapters.statistics import StatisticsError
from ..adapters.supplier import Supplier
from ..const import LOGGER
from ..engine.blocks import Block, MonthPage
from ..engine.hour_costs import HomePrices
from ..engine.metering import EPOCH
from ..engine.months import month_bounds
from ..engine.slots import estimated_blocks, slot_month
from .settlement import SettlementCoordinator

ESTIMATE_WINDOW = timedelta(days=2)
"""How far back hours for the dashboard are looked at again: a meter that reports only on
change closes its steps late."""


class StatisticsWriter:
    """What was settled and what is estimated, written one after the other."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        settlement: SettlementCoordinator,
        supplier: Supplier,
        log: SlotLog,
        importer: Importer,
    ) -> None:
        """Write nothing yet."""
        self._hass = hass
        self._entry = entry
        self._settlement = settlement
        self._supplier = supplier
        self._log = log
        self._importer = importer
        self._writing = asyncio.Lock()
        self._waits = False
        """Whether a run is to begin after the one in progress."""
        self._fails = False
        """Whether the last run did not reach its end."""
        self._owed: dict[Flow, datetime] = {}
        """By flow since when hours may be missing, while a write has not succeeded."""
        self._withdrawn: set[str] = set()
        """Months taken back whose hours were estimated again since the start."""

    @callback
    def async_write_soon(self) -> None:
        """Have the statistics brought up to date in the background."""
        if self._hass.state is CoreState.running:
            self._entry.async_create_background_task(
                self._hass, self._async_write(), f"{self._settlement.name} statistics"
            )

    async def _async_write(self) -> None:
        """The pages that are new, then the hours only estimated so far."""
        if self._waits:
            return  # one that has not begun will see what is new
        self._waits = True
        async with self._writing:
            self._waits = False
            pages = [page for _, page in sorted(self._settlement.data.pages.items())]
            pages += self._settlement.withdrawn
            prices = self._prices()
            settled = await self._async_try(self._async_write_pages(pages, prices))
            estimated = await self._async_try(self._async_write_own(pages, prices))
            self._fails = not (settled and estimated)

    async def _async_try(self, writing: Coroutine[None, None, None]) -> bool:
        """Whether the recorder took it; a failure is told once until it does again."""
        try:
            await writing
        except StatisticsError as err:
            if not self._fails:
                LOGGER.warning("Hourly statistics will be written later: %s", err)
            self._fails = True
            return False
        return True

    async def _async_write_pages(
        self, pages: Sequence[MonthPage], prices: HomePrices
    ) -> None:
        await self._importer.async_heal()
        for page in pages:
            await self._importer.async_import(page, prices)

    async def _async_write_own(
        self, pages: Sequence[MonthPage], prices: HomePrices
    ) -> None:
        """What the home's meter counted, and all that was priced otherwise."""
        withdrawn = {page.month for page in self._settlement.withdrawn}
        time_zone = self._settlement.time_zone
        again = [month_bounds(m, time_zone)[0] for m in withdrawn - self._withdrawn]
        for flow in self._flows:
            usual = min([dt_util.utcnow() - ESTIMATE_WINDOW, *again])
            since = await self._importer.async_since(flow, usual)
            # A write that failed half-way may have left later hours standing than earlier ones.
            since = self._owed[flow] = min(since, self._owed.get(flow, since))
            blocks = await self._async_estimated(flow, since)
            await self._importer.async_estimate(flow, blocks, prices)
            del self._owed[flow]
        self._withdrawn = withdrawn
        if self._importer.is_priced_otherwise(prices):
            estimates = {
                flow: await self._async_estimated(flow, EPOCH) for flow in self._flows
            }
            await self._importer.async_reprice(pages, estimates, prices)

    @property
    def _flows(self) -> tuple[Flow, ...]:
        """What the home's meter counts for the operation."""
        return FLOWS if self._settlement.shape.produces else (WITHDRAWN,)

    def _prices(self) -> HomePrices:
        operation = self._settlement.data.operation
        return HomePrices(
            self._supplier.contract,
            operation.prices if operation else (),
            surplus_of(self._entry.options),
            self._settlement.time_zone,
        )

    async def _async_estimated(self, flow: Flow, since: datetime) -> tuple[Block, ...]:
        """Own steps from then on that no page settles."""
        own = await self._log.async_blocks(flow.direction, slot_month(since))
        settled = [
            block
            for page in self._settlement.data.pages.values()
            for block in page.blocks
            if flow.whole in block.energies
        ]
        return await self._hass.async_add_executor_job(
            estimated_blocks, own, since, settled
        )
