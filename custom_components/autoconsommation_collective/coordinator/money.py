"""What the energies of a home cost and bring in: statements, refunds, prepaid kWh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..adapters.contract import network_formula
from ..adapters.home_meter import Direction
from ..adapters.money import Prepaid, prepaid_of, refunds_of, surplus_of
from ..adapters.slot_log import SlotLog
from ..adapters.supplier import Supplier
from ..const import LOGGER
from ..engine.account import DESCRIBED, PUBLISHED, Terms, account_of
from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.model import Quality
from ..engine.months import (
    MONTHS_IN_YEAR,
    estimated_month,
    month_after,
    month_bounds,
    published_month,
)
from ..engine.prepaid import PrepaidAccount, prepaid_account
from ..engine.refunds import RefundBalance, refund_balance
from ..engine.run_out import daily_kwh, expected_use, open_estimates, run_out_day
from ..engine.settlement import official_blocks
from ..engine.slots import midnight_of
from ..engine.statement import StatedMonth, Statement, statement_of, statement_of_year
from .settlement import SettlementCoordinator

REFRESH_INTERVAL = timedelta(hours=1)
"""A day's estimate moves a prepaid balance; all else changes with a settlement."""


@dataclass(frozen=True, slots=True)
class PrepaidBalance:
    """What is left of the packs that were bought."""

    account: PrepaidAccount
    """Consumed as settled, and since then as estimated."""
    estimated_kwh: float
    """The part of what was consumed that is not settled yet."""
    runs_out: date | None
    """As in the same weeks of last year; None where nothing is settled, or beyond two years."""
    terms: Prepaid

    @property
    def part_of_maximum(self) -> float | None:
        """What was drawn by the contract's maximum; None without one."""
        maximum = self.terms.maximum_kwh
        return self.account.consumed_kwh / maximum if maximum else None

    @property
    def next_eur_per_kwh(self) -> float | None:
        """What a kWh of the next pack costs; None where that is not told."""
        pack = self.terms.next_pack
        return pack.eur / pack.kwh if pack and pack.kwh else None

    @property
    def is_low(self) -> bool | None:
        """Whether it is below what the member wants to be told at; None where that is not told."""
        if self.terms.warn_below_kwh is None:
            return None
        return self.account.balance_kwh < self.terms.warn_below_kwh


@dataclass(frozen=True, slots=True)
class Money:
    """What is shown of it."""

    month: Statement | None = None
    """The last settled one."""
    year: Statement | None = None
    """The twelve months up to it."""
    refunds: RefundBalance | None = None
    prepaid: PrepaidBalance | None = None


class MoneyCoordinator(DataUpdateCoordinator[Money]):
    """Sums up what was settled whenever that is new, and each hour."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        settlement: SettlementCoordinator,
        supplier: Supplier,
        log: SlotLog,
    ) -> None:
        """Know nothing yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{settlement.name} money",
            update_interval=REFRESH_INTERVAL,
        )
        self.data = Money()
        self._settlement = settlement
        self._supplier = supplier
        self._log = log
        self.prepaid: Prepaid | None = prepaid_of(entry.options)
        self._told: dict[str, tuple[MonthPage, Terms, StatedMonth]] = {}
        """By month the page, by what it was priced, and what came of it."""
        self._pages: object = None
        self._unsubscribe: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Follow the settlements until async_stop."""
        self._unsubscribe = self._settlement.async_add_listener(self._async_published)
        self._async_refresh_soon()

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @callback
    def _async_published(self) -> None:
        if self._settlement.data is not self._pages:
            self._async_refresh_soon()

    def _async_refresh_soon(self) -> None:
        self._pages = self._settlement.data
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), self.name
        )

    @property
    def today(self) -> date:
        """The local day."""
        return self._settlement.today

    @property
    def last_settled(self) -> str | None:
        """The last settled month."""
        return max(
            (
                month
                for month, page in self._settlement.data.pages.items()
                if page.quality is Quality.SETTLED and page.blocks
            ),
            default=None,
        )

    async def async_statements(
        self, month: str
    ) -> tuple[Statement | None, Statement | None]:
        """That month and the twelve up to it; None where nothing is known."""
        first = month_after(month, 1 - MONTHS_IN_YEAR)
        months = await self._async_months(
            [month_after(first, n) for n in range(MONTHS_IN_YEAR)]
        )
        return statement_of(months, month), statement_of_year(months, month)

    @override
    async def _async_update_data(self) -> Money:
        last, pages = self.last_settled, self._settlement.data.pages
        month, year = await self.async_statements(last) if last else (None, None)
        settled = await self._async_months(sorted(pages))
        return Money(
            month=month,
            year=year,
            refunds=refund_balance(settled, refunds_of(self.config_entry.options)),
            prepaid=await self._async_balance() if self.prepaid else None,
        )

    async def _async_months(self, names: Sequence[str]) -> list[StatedMonth]:
        """Those of the months of which anything is known."""
        pages, now = self._settlement.data.pages, dt_util.utcnow()
        time_zone = self._settlement.time_zone
        current = f"{now.astimezone(time_zone):%Y-%m}"
        # By UTC the first hours of a local month lie in the file of the month before.
        missing = next((name for name in names if name not in pages), current)
        own = await self._async_own(month_after(missing, -1))
        terms = self._terms
        return await self.hass.async_add_executor_job(
            self._stated, names, pages, own, terms, now
        )

    @property
    def _terms(self) -> Terms:
        options, operation = self.config_entry.options, self._settlement.data.operation
        return Terms(
            contract=self._supplier.contract,
            operation=operation.prices if operation else (),
            operation_source=PUBLISHED if self._settlement.has_feed else DESCRIBED,
            surplus=surplus_of(options),
            formula=network_formula(options),
        )

    async def _async_own(self, since: str) -> dict[Direction, tuple[Block, ...]]:
        """The home's own steps from that month on."""
        return {
            direction: await self._log.async_blocks(direction, since)
            for direction in Direction
        }

    def _stated(
        self,
        names: Sequence[str],
        pages: Mapping[str, MonthPage],
        own: dict[Direction, tuple[Block, ...]],
        terms: Terms,
        now: datetime,
    ) -> list[StatedMonth]:
        """The months; runs in another thread."""
        found = [
            self._published(page, terms)
            if (page := pages.get(name)) and page.blocks
            else self._estimated(name, own, terms, now)
            for name in names
        ]
        return [month for month in found if month.known_part > 0]

    def _published(self, page: MonthPage, terms: Terms) -> StatedMonth:
        held = self._told.get(page.month)
        if held is not None and held[0] is page and held[1] == terms:
            return held[2]
        time_zone = self._settlement.time_zone
        sums = published_month(page, None, time_zone)
        account = account_of(page.blocks, Quantity.ALLOCATED, terms, time_zone)
        stated = StatedMonth(page.month, sums.basis, sums.known_part, account)
        self._told[page.month] = page, terms, stated
        return stated

    def _estimated(
        self,
        month: str,
        own: dict[Direction, tuple[Block, ...]],
        terms: Terms,
        now: datetime,
    ) -> StatedMonth:
        time_zone = self._settlement.time_zone
        start, end = month_bounds(month, time_zone)
        drawn, injected = (
            [part for block in own[direction] if (part := block.cut(start, end))]
            for direction in (Direction.IMPORT, Direction.EXPORT)
        )
        sums = estimated_month(month, drawn, injected, None, now, time_zone)
        account = account_of(
            [*drawn, *injected], Quantity.ESTIMATED_ALLOCATED, terms, time_zone
        )
        return StatedMonth(month, sums.basis, sums.known_part, account)

    async def _async_balance(self) -> PrepaidBalance:
        """What is left of the packs."""
        assert self.prepaid is not None
        pages, today = self._settlement.data.pages, self._settlement.today
        began = self.prepaid.purchases[0].bought_on
        since = midnight_of(began, self._settlement.time_zone)
        own = await self._log.async_blocks(Direction.IMPORT, f"{since:%Y-%m}")
        return await self.hass.async_add_executor_job(
            self._balance, self.prepaid, official_blocks(pages.values()), own, today
        )

    def _balance(
        self,
        prepaid: Prepaid,
        official: Sequence[Block],
        own: Sequence[Block],
        today: date,
    ) -> PrepaidBalance:
        """What is left of the packs; runs in another thread."""
        time_zone = self._settlement.time_zone
        began = prepaid.purchases[0].bought_on

        def used_kwh(days: dict[date, float]) -> float:
            return sum(kwh for day, kwh in days.items() if day >= began)

        by_day = daily_kwh(official, Quantity.ALLOCATED, time_zone)
        left_open = open_estimates(own, official)
        estimated = used_kwh(
            daily_kwh(left_open, Quantity.ESTIMATED_ALLOCATED, time_zone)
        )
        account = prepaid_account(
            prepaid.purchases, used_kwh(by_day) + estimated, today
        )
        # Beyond the contract's maximum a pack is of no use.
        left = account.balance_kwh
        if prepaid.maximum_kwh is not None:
            left = min(left, prepaid.maximum_kwh - account.consumed_kwh)
        use = expected_use(by_day)
        return PrepaidBalance(
            account=account,
            estimated_kwh=estimated,
            runs_out=run_out_day(left, today, use) if use else None,
            terms=prepaid,
        )
