"""Two clocks: the organiser's documents, and the home's share of what they announce."""

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
import math
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.const import CONF_TOKEN, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .adapters.home_meter import ClosedStep, Direction, HomeMeter
from .adapters.importer import Importer
from .adapters.issues import DOCUMENT, METER, set_issue
from .adapters.slot_log import SlotLog
from .adapters.statistics import StatisticsError
from .adapters.store import Stores
from .const import (
    CONF_DAILY,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_LEFT_ON,
    CONF_SUBSCRIBED_KVA,
    DEFAULT_STEP,
    DOMAIN,
    LOGGER,
    POLL_INTERVAL,
)
from .engine.blocks import Quantity, restored_page, stored_page
from .engine.indicators import self_consumption_rate
from .engine.live import (
    LiveEstimate,
    community_between,
    live_estimate,
    open_step_allocated_wh,
)
from .engine.metering import EPOCH
from .engine.model import Quality, in_force
from .engine.settlement import CommunityMonth, Settled, summarise
from .engine.share import (
    CommunityStep,
    Missing,
    ShareRule,
    expected_allocated_wh,
    rule_in_force,
)
from .engine.slots import estimated_hours, local_midnight, sum_between
from .pmo.client import FeedClient
from .pmo.errors import AccessRefused, DocumentError, FeedUnavailable
from .pmo.feed import Feed, Published, restored
from .pmo.invitation import Invitation
from .pmo.polling import backoff, next_poll, phase_of

ESTIMATE_WINDOW = timedelta(days=2)
"""How far back hours of the dashboard pair are looked at again: a meter that reports only on
change closes its steps late."""


@dataclass(slots=True)
class AccData:
    """What lives on entry.runtime_data."""

    settlement: SettlementCoordinator
    share: ShareCoordinator


type AccConfigEntry = ConfigEntry[AccData]


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


@dataclass(frozen=True, slots=True)
class Shape:
    """What the entities and the meter depend on; when it changes, the entry is reloaded."""

    step: timedelta
    produces: bool
    is_member: bool
    """Whether there is a present to estimate; one who has left is only settled."""


def left_on(entry: AccConfigEntry) -> date | None:
    """The day the member said to have left, None for a member who stays."""
    day = entry.options.get(CONF_LEFT_ON)
    return date.fromisoformat(day) if day else None


class SettlementCoordinator(DataUpdateCoordinator[Published]):
    """What the organiser publishes, asked for each hour and kept between restarts."""

    config_entry: AccConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: AccConfigEntry, key: str, stores: Stores
    ) -> None:
        """Ask for nothing yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {key}",
            update_interval=POLL_INTERVAL,
        )
        self._phase = phase_of(key)
        self._stores = stores
        self._failures = 0
        self.data = Published()
        self.is_new = False
        """Whether nothing was ever kept: the organiser's first answer is worth waiting for."""
        self._feed: Feed | None = None

    @property
    def has_feed(self) -> bool:
        """Whether the organiser publishes anything for this member."""
        return CONF_FEED_URL in self.config_entry.data

    @property
    def time_zone(self) -> ZoneInfo:
        """Where a day begins: as in the settlements, else as in the house."""
        return self.data.time_zone or ZoneInfo(self.hass.config.time_zone)

    @property
    def today(self) -> date:
        """The local day."""
        return dt_util.utcnow().astimezone(self.time_zone).date()

    @property
    def shape(self) -> Shape:
        """What the entities and the meter depend on."""
        operation, member = self.data.operation, self.data.member
        return Shape(
            step=operation.step if operation else DEFAULT_STEP,
            produces=member.role.produces if member else False,
            is_member=not self.has_left(self.today),
        )

    def rule(self, at: datetime) -> ShareRule | Missing:
        """How this home's share follows from the key in force at that time."""
        day = at.astimezone(self.time_zone).date()
        if self.has_left(day):
            return Missing.NOT_MEMBER
        return rule_in_force(self.data.operation, self.data.member, day)

    def has_left(self, day: date) -> bool:
        """Whether the membership is over on a local day, as the member or the feed tells."""
        if (last_day := left_on(self.config_entry)) is not None:
            return last_day < day
        return self.data.member is not None and self.data.member.has_left(day)

    def community_between(
        self, start: datetime, end: datetime
    ) -> CommunityStep | Missing:
        """What the organiser expects of all members together between two instants."""
        if not self.has_feed:
            return Missing.NO_FEED
        forecast, aggregates = self.data.forecast, self.data.aggregates
        day = start.astimezone(self.time_zone).date()
        counts = in_force(aggregates.counts, day) if aggregates else ()
        return community_between(
            forecast.blocks if forecast else (),
            start,
            end,
            counts[0].members if counts else None,
        )

    def operation_rate(self, settled: Settled) -> float | None:
        """Taux d'autoconsommation of the operation in the member's last settled month."""
        month = settled.last and self.data.community.get(settled.last.month)
        if not month or month.quality is not Quality.SETTLED:
            return None
        if month.allocated_wh is None or month.shared_injection_wh is None:
            return None
        return self_consumption_rate(month.allocated_wh, month.shared_injection_wh)

    async def async_load(self) -> None:
        """Know again what was known before, without asking anybody."""
        stored = await self._stores.async_load("feed") or {}
        kept = stored.get("documents", {})
        pages = {
            month: restored_page(page)
            for month in await self._stores.async_months("settled")
            if (page := await self._stores.async_load(f"settled.{month}")) is not None
        }
        community = {
            month["month"]: CommunityMonth(
                **month | {"quality": Quality(month["quality"])}
            )
            for month in stored.get("community", ())
        }
        documents = await self.hass.async_add_executor_job(restored, kept)
        self.data = replace(documents, pages=pages, community=community)
        if self.has_feed:
            measured = await self._stores.async_months("slots")
            self.is_new = self.data.operation is None and not measured
            data = self.config_entry.data
            invitation = Invitation(data[CONF_FEED_URL], data[CONF_TOKEN])
            client = FeedClient(async_get_clientsession(self.hass), invitation)
            self._feed = Feed(client, self.data, kept)

    @override
    async def _async_update_data(self) -> Published:
        if self._feed is None:
            return self.data
        before = self.data
        try:
            await self._async_poll(self._feed)
        except AccessRefused as err:
            self._after_refusal(err)
        except FeedUnavailable as err:
            if self.data is not before:
                self.async_update_listeners()  # not called after repeated failures
            raise self._failed(err) from err
        return self.data

    async def _async_poll(self, feed: Feed) -> None:
        """Read and keep what is new, also where the organiser fails half-way."""
        now = dt_util.utcnow()
        try:
            await feed.poll()
        finally:
            await self._async_keep(feed)
            if feed.faults:
                self._report(feed.faults[0])
        if not feed.faults:
            set_issue(self.hass, self.config_entry.entry_id, DOCUMENT, None)
        self._failures = 0
        self.update_interval = next_poll(now, POLL_INTERVAL, self._phase) - now
        for flow in self.config_entry.async_get_active_flows(
            self.hass, {SOURCE_REAUTH}
        ):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _after_refusal(self, err: AccessRefused) -> None:
        """Ask for a new invitation, and go on with what everybody may read.

        The index is asked for again, ever more rarely: a web space that is being filled
        anew lacks it for a moment. One who has left is not asked, nor the feed any more.
        """
        if self.has_left(self.today + timedelta(days=1)):
            self.update_interval = None
            return
        if self.is_new and self.data.member is None:
            raise ConfigEntryAuthFailed(
                translation_domain=DOMAIN, translation_key="access_refused"
            ) from err
        self.config_entry.async_start_reauth(self.hass)
        self._failures += 1
        self.update_interval = max(
            POLL_INTERVAL, backoff(self._failures, None, self._phase)
        )

    def _failed(self, err: FeedUnavailable) -> UpdateFailed:
        self._failures += 1
        wait = backoff(self._failures, err.retry_after, self._phase)
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key="feed_unavailable",
            translation_placeholders={"document": err.document},
            retry_after=wait.total_seconds(),
        )

    def _report(self, fault: DocumentError) -> None:
        """Tell the member about a document that breaks the contract."""
        set_issue(
            self.hass,
            self.config_entry.entry_id,
            DOCUMENT,
            f"document_{fault.problem}",
            fault.placeholders,
        )

    async def _async_keep(self, feed: Feed) -> None:
        """Keep what was read, and only what changed: a memory card wears."""
        before, after = self.data, feed.published
        if after is before:
            return
        self.data = after
        for month, page in after.pages.items():
            if before.pages.get(month) is not page:
                await self._stores.async_save(f"settled.{month}", stored_page(page))
        await self._stores.async_save(
            "feed",
            {
                "documents": feed.kept,
                "community": [asdict(month) for month in after.community.values()],
            },
        )


class ShareCoordinator(DataUpdateCoordinator[AccSnapshot]):
    """The home's share, each minute and whenever the organiser tells something new."""

    config_entry: AccConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AccConfigEntry,
        settlement: SettlementCoordinator,
        stores: Stores,
        importer: Importer,
    ) -> None:
        """Measure nothing yet."""
        super().__init__(
            hass, LOGGER, config_entry=entry, name=settlement.name, always_update=False
        )
        self._settlement = settlement
        self._importer = importer
        self._importing = asyncio.Lock()
        self._log = SlotLog(stores)
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
        self._unsubscribe: list[CALLBACK_TYPE] = []

    async def async_load(self) -> None:
        """Go on where the last run stopped."""
        await self._meter.async_load()
        self._summarise()
        self.data = self._snapshot(dt_util.utcnow())

    @callback
    def async_start(self) -> None:
        """Follow the meter and the organiser until async_stop."""
        self._meter.async_start()
        self._unsubscribe = [
            async_track_utc_time_change(self.hass, self._async_tick, second=0),
            self._settlement.async_add_listener(self._async_published),
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
        self._async_import_soon()

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
        # Steps without energy are not kept: those around them leave the hole between.
        closed = [step for step in self._meter.tick(now) if not math.isnan(step.wh)]
        for step in closed:
            energies = self._energies(step)
            self._log.append(step.direction, step.start, self._shape.step, energies)
        if closed:
            self._meter.save_later()
            self._async_import_soon()
        self.async_set_updated_data(self._snapshot(now))

    @callback
    def _async_published(self) -> None:
        """The organiser was asked."""
        if self._is_reshaped():
            return
        self._summarise()
        self.async_set_updated_data(self._snapshot(dt_util.utcnow()))
        self._async_import_soon()

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
        if step.direction is Direction.EXPORT:
            return {Quantity.PRODUCTION: step.wh}
        end = step.start + self._shape.step
        community = self._settlement.community_between(step.start, end)
        rule = self._settlement.rule(step.start)
        estimate: float | Missing = math.nan
        if not isinstance(community, Missing) and not isinstance(rule, Missing):
            estimate = expected_allocated_wh(step.wh, community, rule)
        return {
            Quantity.CONSUMPTION: step.wh,
            Quantity.ESTIMATED_ALLOCATED: (
                math.nan if isinstance(estimate, Missing) else estimate
            ),
        }

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
            community=self._settlement.community_between(start, start + step),
            rule=self._settlement.rule(now),
        )
        today = local_midnight(now, self._settlement.time_zone)
        return AccSnapshot(
            settled=self._settled,
            operation_rate=self._settlement.operation_rate(self._settled),
            live=live,
            allocated_today_wh=self._allocated_today_wh(today, now),
            today=today,
        )

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
            community=self._settlement.community_between(
                start, start + self._shape.step
            ),
            rule=self._settlement.rule(start),
        )
        if open_wh is None:
            return closed_wh
        return (closed_wh or 0.0) + (open_wh if start >= today else 0.0)

    @callback
    def _async_import_soon(self) -> None:
        """Have the statistics brought up to date in the background."""
        if self.hass.state is CoreState.running:
            self.config_entry.async_create_background_task(
                self.hass, self._async_import(), f"{self.name} statistics"
            )

    async def _async_import(self) -> None:
        """Import the pages that are new, then the hours only estimated so far."""
        async with self._importing:
            pages = sorted(self._settlement.data.pages.items())
            try:
                await self._importer.async_heal()
                for _, page in pages:
                    await self._importer.async_import(page)
            except StatisticsError as err:
                LOGGER.warning("Settled statistics will be written later: %s", err)
            hours = estimated_hours(
                self._log.blocks(Direction.IMPORT),
                dt_util.utcnow() - ESTIMATE_WINDOW,
                [block for _, page in pages for block in page.blocks],
            )
            try:
                await self._importer.async_estimate(hours)
            except StatisticsError as err:
                LOGGER.warning("Estimated statistics will be written later: %s", err)
