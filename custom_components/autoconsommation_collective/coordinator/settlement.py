"""The organiser's clock: what is published, asked for each hour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from ..adapters.described import described
from ..adapters.import_words import days_by_month
from ..adapters.issues import DOCUMENT, GAP, set_issue
from ..adapters.store import Stores
from ..const import (
    CONF_FEED_URL,
    CONF_LEFT_ON,
    DEFAULT_STEP,
    DOMAIN,
    LOGGER,
    POLL_INTERVAL,
)
from ..engine.blocks import Block, MonthPage, Quantity, restored_page, stored_page
from ..engine.gaps import gaps
from ..engine.indicators import self_consumption_rate
from ..engine.live import community_between
from ..engine.model import Counts, KeyType, Price, Quality, in_force
from ..engine.producer_choice import ProducerChoice, producer_choice
from ..engine.reconcile import Source
from ..engine.settlement import Settled
from ..engine.share import CommunityStep, Missing, ShareRule, rule_in_force
from ..engine.told_needs import ToldNeed
from ..pmo.client import FeedClient
from ..pmo.errors import AccessRefused, DocumentError, FeedUnavailable
from ..pmo.feed import Feed, Published, restored
from ..pmo.invitation import Invitation
from ..pmo.polling import backoff, next_poll, phase_of
from .imports import Imports


@dataclass(frozen=True, slots=True)
class Shape:
    """What the entities and the meter depend on; when it changes, the entry is reloaded."""

    step: timedelta
    produces: bool
    is_member: bool
    """Whether there is a present to estimate; one who has left is only settled."""


def left_on(entry: ConfigEntry) -> date | None:
    """The day the member said to have left, None for a member who stays."""
    day = entry.options.get(CONF_LEFT_ON)
    return date.fromisoformat(day) if day else None


class SettlementCoordinator(DataUpdateCoordinator[Published]):
    """What the organiser publishes, asked for each hour and kept between restarts.

    Of one who publishes nothing, what the member described instead.
    """

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, key: str, stores: Stores
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
        self._published = Published()
        """As the organiser told it, or the member described it."""
        self._imports = Imports(stores)
        self.data = self._published
        """The same, with the months that come from elsewhere."""
        self.is_new = False
        """Whether nothing was ever kept: the organiser's first answer is worth waiting for."""
        self._feed: Feed | None = None

    @property
    def has_feed(self) -> bool:
        """Whether the organiser publishes anything for this member."""
        return CONF_FEED_URL in self.config_entry.data

    @property
    def takes_needs(self) -> bool:
        """Whether the organiser takes what this home needs; of one who has left, nothing."""
        operation = self.data.operation
        if self._feed is None or operation is None or self.has_left(self.today):
            return False
        return operation.takes_needs

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

    def key(self, at: datetime) -> KeyType | None:
        """The key in force at that time; None where it is not known."""
        operation = self.data.operation
        day = at.astimezone(self.time_zone).date()
        keys = in_force(operation.keys, day) if operation else ()
        return keys[0].type if keys else None

    def has_left(self, day: date) -> bool:
        """Whether the membership is over on a local day, as the member or the feed tells."""
        if (last_day := left_on(self.config_entry)) is not None:
            return last_day < day
        return self.data.member is not None and self.data.member.has_left(day)

    def community_between(
        self, start: datetime, end: datetime
    ) -> CommunityStep | Missing:
        """What the organiser expects of all members together between two instants."""
        if not self.has_feed and self.data.operation is None:
            return Missing.NO_FEED
        forecast = self.data.forecast
        counts = self.counts(start.astimezone(self.time_zone).date())
        return community_between(
            forecast.blocks if forecast else (),
            start,
            end,
            counts.members if counts else None,
        )

    def operation_rate(self, settled: Settled) -> float | None:
        """Taux d'autoconsommation of the operation in the member's last settled month."""
        page = settled.last and self.data.community.get(settled.last.month)
        if not page or page.quality is not Quality.SETTLED:
            return None
        allocated_wh = page.total_wh(Quantity.ALLOCATED)
        injected_wh = page.total_wh(Quantity.SHARED_INJECTION)
        if allocated_wh is None or injected_wh is None:
            return None
        return self_consumption_rate(allocated_wh, injected_wh)

    @property
    def prices(self) -> tuple[Price, ...]:
        """What the operation asks for an allocated kWh today."""
        operation = self.data.operation
        return in_force(operation.prices, self.today) if operation else ()

    def counts(self, day: date) -> Counts | None:
        """How many take part on a local day, None where it is not told."""
        aggregates = self.data.aggregates
        return next(iter(in_force(aggregates.counts if aggregates else (), day)), None)

    async def async_tell(self, need: ToldNeed) -> None:
        """Tell the organiser what this home needs. Raises FeedUnavailable unless it is taken."""
        assert self._feed is not None
        await self._feed.tell(need)

    async def async_producer_choice(self) -> ProducerChoice | None:
        """What filling the own loads first would have changed; None before a settlement."""
        return await self.hass.async_add_executor_job(
            producer_choice,
            self.data.pages.values(),
            self.data.community.values(),
            self.time_zone,
        )

    async def async_load(self) -> None:
        """Know again what was known before, without asking anybody."""
        stored = await self._stores.async_load("feed") or {}
        kept = stored.get("documents", {})
        pages = await self._async_pages("settled")
        community = await self._async_pages("community")
        documents = await self.hass.async_add_executor_job(restored, kept)
        await self._imports.async_load()
        published = replace(documents, pages=pages, community=community)
        self._tell(published)
        if self.has_feed:
            measured = await self._stores.async_months("slots")
            self.is_new = self.data.operation is None and not measured
            data = self.config_entry.data
            invitation = Invitation(data[CONF_FEED_URL], data[CONF_TOKEN])
            client = FeedClient(async_get_clientsession(self.hass), invitation)
            self._feed = Feed(client, published, kept)
        elif told := described(self.config_entry, self.hass.config.time_zone):
            self._tell(
                replace(
                    published,
                    operation=told.operation,
                    member=told.member,
                    aggregates=told.aggregates,
                )
            )

    def _tell(self, published: Published) -> None:
        """Tell what was published, with the months that come from elsewhere."""
        self._published = published
        pages = self._imports.combined(published.pages)
        self.data = replace(published, pages=pages)
        missing = gaps(pages.values(), self.time_zone)
        set_issue(
            self.hass,
            self.config_entry.entry_id,
            GAP,
            "settlement_gap" if missing else None,
            {"days": days_by_month(missing)},
        )

    def previewed(
        self, source: Source, pages: Sequence[MonthPage]
    ) -> dict[str, MonthPage]:
        """The months as they would count with these pages."""
        return self._imports.previewed(self._published.pages, source, pages)

    def counted_from(
        self, source: Source, pages: Sequence[MonthPage]
    ) -> dict[str, Source]:
        """Which source counts of each of these months, with these pages."""
        return self._imports.counted_from(self._published.pages, source, pages)

    def held(self, source: Source) -> tuple[Block, ...]:
        """What is kept of a source other than the feed."""
        return self._imports.held(source)

    @property
    def withdrawn(self) -> tuple[MonthPage, ...]:
        """The months of which nothing is held any more."""
        return tuple(
            p for p in self._imports.withdrawn if p.month not in self.data.pages
        )

    async def async_withdraw(self, source: Source, month: str) -> None:
        """Let go of what was imported of a month from a source."""
        await self._imports.async_withdraw(source, month)
        self._tell(self._published)
        self.async_update_listeners()

    async def async_import(self, source: Source, pages: Sequence[MonthPage]) -> bool:
        """Keep months from elsewhere than the feed; whether anything is new in them."""
        is_new = await self._imports.async_keep(source, pages)
        if is_new:
            self._tell(self._published)
            self.async_update_listeners()
        return is_new

    async def _async_pages(self, kind: str) -> dict[str, MonthPage]:
        """The pages of a kind that are kept, by month."""
        return {
            month: restored_page(page)
            for month in await self._stores.async_months(kind)
            if (page := await self._stores.async_load(f"{kind}.{month}")) is not None
        }

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
        before, after = self._published, feed.published
        if after is before:
            return
        self._tell(after)
        for kind, held, pages in (
            ("settled", before.pages, after.pages),
            ("community", before.community, after.community),
        ):
            for month, page in pages.items():
                if held.get(month) is not page:
                    await self._stores.async_save(f"{kind}.{month}", stored_page(page))
        await self._stores.async_save("feed", {"documents": feed.kept})
