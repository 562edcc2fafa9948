"""The home's clock: its own share, each minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..adapters.home_meter import ClosedStep, Direction, HomeMeter
from ..adapters.issues import CONTRACT, METER, PRICES, set_issue
from ..adapters.reason import (
    Texts,
    WindowEvent,
    async_reason_texts,
    reason_sentence,
    window_event,
)
from ..adapters.slot_log import SlotLog
from ..adapters.store import Stores
from ..adapters.supplier import Supplier
from ..const import CONF_DAILY, CONF_EXPORT, CONF_IMPORT, CONF_SUBSCRIBED_KVA, LOGGER
from ..engine.ahead import Ahead, ahead_of
from ..engine.blocks import Energies, Quantity
from ..engine.diary import Score
from ..engine.grid import Grid, energies_on
from ..engine.learning import Confidence
from ..engine.live import LiveEstimate, live_estimate, open_step_allocated_wh
from ..engine.metering import EPOCH
from ..engine.outlook import Degraded
from ..engine.price_age import PriceAge
from ..engine.settlement import Settled, summarise
from ..engine.share import (
    CommunityStep,
    Missing,
    expected_allocated_wh,
    expected_shared_wh,
)
from ..engine.signal import Signal, restored_signal, signal_now, stored_signal
from ..engine.slots import local_midnight, sum_between
from .outlook import OutlookCoordinator
from .settlement import SettlementCoordinator
from .statistics_writer import StatisticsWriter

ONE_MINUTE_S = 60
PRICE_ISSUES = {
    PriceAge.OLD: "contract_prices_old",
    PriceAge.UNDATED: "contract_prices_undated",
}
SIGNAL_STORE = "signal"
SIGNAL_DELAY_S = 60
"""A signal changes a few times a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccSnapshot:
    """All that the entities show, at one instant."""

    settled: Settled
    operation_rate: float | None
    """Taux d'autoconsommation of the operation in the last settled month, in [0, 1]."""
    live: LiveEstimate
    allocated_today_wh: float | None
    """Estimated, since local midnight."""
    today: datetime
    """Local midnight."""
    signal: Signal | None
    """None until it was first worked out."""
    ahead: Ahead | None
    confidence: Confidence | None
    degraded: tuple[Degraded, ...]
    """What is missing of what is ahead, the worst first."""
    reason: str
    """Of the signal, in a sentence; empty without one."""
    windows: tuple[WindowEvent, ...]
    now: datetime
    attribution: str | None
    """Of the weather service, where it was asked."""
    score: Score | None
    """How good the forecasts of the settled days were."""


class ShareCoordinator(DataUpdateCoordinator[AccSnapshot]):
    """The home's share, each minute and whenever the organiser tells something new."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        settlement: SettlementCoordinator,
        outlook: OutlookCoordinator,
        supplier: Supplier,
        stores: Stores,
        log: SlotLog,
        statistics: StatisticsWriter,
    ) -> None:
        """Measure nothing yet."""
        super().__init__(hass, LOGGER, config_entry=entry, name=settlement.name)
        self._settlement = settlement
        self._outlook = outlook
        self._supplier = supplier
        self._stores = stores
        self._signal: Signal | None = None
        self._class_now: str | None = None
        self._texts: Texts = {}
        self._statistics = statistics
        self._log = log
        self._shape = settlement.shape
        present = self._shape.is_member
        self._meter = HomeMeter(
            hass,
            self._log,
            self._shape.step,
            {
                Direction.IMPORT: entry.data.get(CONF_IMPORT, ()) if present else (),
                Direction.EXPORT: entry.data.get(CONF_EXPORT, ()) if present else (),
            },
            entry.data.get(CONF_DAILY, ()),
            entry.options.get(CONF_SUBSCRIBED_KVA),
        )
        self._settled = summarise((), settlement.time_zone)
        self._published = settlement.data
        self._unsubscribe: list[CALLBACK_TYPE] = []

    async def async_load(self) -> None:
        """Go on where the last run stopped."""
        await self._meter.async_load()
        self._texts = await async_reason_texts(self.hass)
        self._class_now = self._supplier.class_now()
        self._signal = restored_signal(await self._stores.async_load(SIGNAL_STORE))
        self._summarise()
        self.data = self._snapshot(dt_util.utcnow())

    @callback
    def async_start(self) -> None:
        """Follow the meter and the organiser until async_stop."""
        self._meter.async_start()
        self._unsubscribe = [
            async_track_utc_time_change(self.hass, self._async_tick, second=0),
            self._settlement.async_add_listener(self._async_published),
            self._outlook.async_add_listener(self._async_looked_ahead),
            async_at_started(self.hass, self._async_started),
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_ending),
        ]

    async def async_stop(self) -> None:
        """Stop measuring, and save."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        await self._meter.async_stop()

    @callback
    def _async_ending(self, _event: Event) -> None:
        """Home Assistant stops without unloading: the last readings go to disk with it."""
        self._meter.save_later()

    @override
    async def _async_update_data(self) -> AccSnapshot:
        """What a person asks for who has an entity updated."""
        return self._snapshot(dt_util.utcnow())

    @callback
    def _async_started(self, _hass: HomeAssistant) -> None:
        """The recorder answers from now on, and not before."""
        self._statistics.async_write_soon()
        self._outlook.async_refresh_soon()

    @callback
    def _async_tick(self, now: datetime) -> None:
        """A minute has passed."""
        if self._is_reshaped():
            return
        if self.hass.state is CoreState.running:  # until then entities may still come
            set_issue(
                self.hass,
                self.config_entry.entry_id,
                METER,
                "meter_missing" if self._meter.is_incomplete else None,
            )
        self._observe_supplier(now)
        # Steps without energy are not kept: those around them leave the hole between.
        closed = [step for step in self._meter.tick(now) if not math.isnan(step.wh)]
        for step in closed:
            energies = self._energies(step)
            self._log.append(step.direction, step.start, self._shape.step, energies)
        if closed:
            self._meter.save_later()
            self._statistics.async_write_soon()
        if now.timestamp() % self._shape.step.total_seconds() < ONE_MINUTE_S:
            self._outlook.async_refresh_soon()
        self.async_set_updated_data(self._snapshot(now))

    def _observe_supplier(self, now: datetime) -> None:
        """Note the price class; one that changed early changes what is ahead."""
        time_zone = self._settlement.time_zone
        before = self._class_now
        self._supplier.observe(now, time_zone)
        self._class_now = self._supplier.class_now()
        if before != self._class_now:
            self._outlook.async_refresh_soon()
        set_issue(
            self.hass,
            self.config_entry.entry_id,
            CONTRACT,
            "contract_hours_changed"
            if self._supplier.has_other_hours(time_zone)
            else None,
        )
        age = self._supplier.age(now.astimezone(time_zone).date())
        set_issue(self.hass, self.config_entry.entry_id, PRICES, PRICE_ISSUES.get(age))

    @callback
    def _async_looked_ahead(self) -> None:
        """The outlook is new."""
        if not self._is_reshaped():
            self.async_set_updated_data(self._snapshot(dt_util.utcnow()))

    @callback
    def _async_published(self) -> None:
        """The organiser was asked."""
        if self._is_reshaped():
            return
        self._summarise()
        self.async_set_updated_data(self._snapshot(dt_util.utcnow()))
        self._statistics.async_write_soon()
        if self._settlement.data is not self._published:
            self._published = self._settlement.data
            self._outlook.async_refresh_soon()

    def _is_reshaped(self) -> bool:
        """Whether what the entry is built on has changed: then it is reloaded."""
        if self._settlement.shape == self._shape:
            return False
        self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return True

    def _summarise(self) -> None:
        pages = self._settlement.data.pages.values()
        self._settled = summarise(pages, self._settlement.time_zone)

    def _energies(self, step: ClosedStep) -> dict[Quantity, float]:
        """What is kept of a completed step: the estimate with it, as it is made now."""
        end = step.start + self._shape.step
        community = self._community(step.start, end)
        if step.direction is Direction.EXPORT:
            return {
                Quantity.PRODUCTION: step.wh,
                Quantity.ESTIMATED_SHARED: self._shared_wh(step, community),
            }
        rule = self._settlement.rule(step.start)
        estimate: float | Missing = math.nan
        if not isinstance(community, Missing) and not isinstance(rule, Missing):
            estimate = expected_allocated_wh(
                step.wh, community, rule, self._outlook.coverage_at(step.start)
            )
        return {
            Quantity.CONSUMPTION: step.wh,
            Quantity.ESTIMATED_ALLOCATED: (
                math.nan if isinstance(estimate, Missing) else estimate
            ),
        }

    def _shared_wh(self, step: ClosedStep, community: CommunityStep | Missing) -> float:
        """What members are expected to take of what the home injected; NaN: not known."""
        if isinstance(community, Missing) or not self._shape.produces:
            return math.nan
        shared = expected_shared_wh(
            step.wh,
            community,
            self._settlement.key(step.start),
            self._outlook.coverage_at(step.start),
        )
        return math.nan if isinstance(shared, Missing) else shared

    def _snapshot(self, now: datetime) -> AccSnapshot:
        step = self._shape.step
        start = EPOCH + (now - EPOCH) // step * step
        power_w = self._meter.import_power_w(now)
        absent = (
            Missing.METER_SILENT if self._meter.measures_import else Missing.NO_METER
        )
        live = live_estimate(
            step=step,
            own_w=absent if power_w is None else power_w,
            community=self._community(start, start + step),
            rule=self._settlement.rule(now),
            coverage=self._outlook.coverage_at(start),
        )
        today = local_midnight(now, self._settlement.time_zone)
        outlook, learned = self._outlook.data, self._outlook.learned
        time_zone, language = self._settlement.time_zone, self.hass.config.language
        self._signal_at(now)
        return AccSnapshot(
            settled=self._settled,
            operation_rate=self._settlement.operation_rate(self._settled),
            live=live,
            allocated_today_wh=self._allocated_today_wh(today, now),
            today=today,
            signal=self._signal,
            ahead=ahead_of(outlook, now, time_zone) if outlook else None,
            confidence=learned.confidence(outlook.degraded)
            if learned and outlook
            else None,
            degraded=tuple(kind for kind in Degraded if kind in outlook.degraded)
            if outlook
            else (),
            score=learned.score if learned else None,
            reason=reason_sentence(self._texts, self._signal, now, time_zone, language)
            if self._signal
            else "",
            windows=tuple(
                window_event(self._texts, window, language)
                for window in (outlook.windows if outlook else ())
            ),
            now=now,
            attribution=self._outlook.attribution,
        )

    def _signal_at(self, now: datetime) -> None:
        """Bring the signal up to date; it is kept over a restart with its age."""
        outlook = self._outlook.data
        rule = self._settlement.rule(now)
        if isinstance(rule, Missing) and rule is not Missing.KEY_UNKNOWN:
            self._signal = None  # nothing to share in, and so no advice
            return
        if outlook is None or outlook.grid.number(now) is None:
            return
        before = self._signal
        if before is not None and self._outlook.is_waiting:
            return  # what was said before the start holds until the weather is known
        fresh = signal_now(outlook.grid, outlook.judged, outlook.windows, now, before)
        self._signal = fresh
        if before is None or before.level is not fresh.level:
            self._stores.save_later(
                SIGNAL_STORE, lambda: stored_signal(fresh), SIGNAL_DELAY_S
            )

    def own_steps(self, grid: Grid, quantity: Quantity) -> Energies:
        """What the home's meter gave in the steps of a grid; NaN: not known."""
        return energies_on(grid, self._log.blocks(Direction.IMPORT), quantity)

    def _community(self, start: datetime, end: datetime) -> CommunityStep | Missing:
        """What is expected of all members: by the organiser, else by the weather."""
        told = self._settlement.community_between(start, end)
        if told not in (Missing.NO_FEED, Missing.NO_FORECAST):
            return told
        return self._outlook.community_at(start) or told

    def _allocated_today_wh(self, today: datetime, now: datetime) -> float | None:
        """Estimated so far today: the steps closed, and the one in progress."""
        closed_wh = sum_between(
            self._log.blocks(Direction.IMPORT),
            Quantity.ESTIMATED_ALLOCATED,
            today,
            today + timedelta(days=2),
        )
        open_step = self._meter.open_import_wh()
        if open_step is None:
            return closed_wh
        start, wh = open_step
        # The step in which measuring began cannot be told whole: it counts nothing.
        open_wh = open_step_allocated_wh(
            step=self._shape.step,
            elapsed=min(now - start, self._shape.step),
            own_wh=0.0 if math.isnan(wh) else wh,
            community=self._community(start, start + self._shape.step),
            rule=self._settlement.rule(start),
            coverage=self._outlook.coverage_at(start),
        )
        if open_wh is None:
            return closed_wh
        return (closed_wh or 0.0) + (open_wh if start >= today else 0.0)
