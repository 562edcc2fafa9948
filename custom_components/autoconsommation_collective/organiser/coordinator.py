"""What is known of an operation, told anew after each change and at each local midnight."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, override
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later, async_track_point_in_utc_time
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from ..adapters.feed_folder import KEPT_FOR, FolderError
from ..adapters.import_words import month_text
from ..adapters.issues import DAMAGED, FEED_FOLDER, LATE, set_issue
from ..adapters.store import Stores
from ..const import DOMAIN, LOGGER
from ..coordinator.delivery_reading import DeliveryReading
from ..engine.roster import Participant
from ..engine.slots import midnight_of
from ..pmo.errors import DocumentError
from ..pmo.names import MEMBERS, NEED
from ..pmo.needs import read_need
from ..pmo.stamps import Stamps, published_paths
from .books import ENERGIES, KEYS, PUBLISHED, SETTINGS, Books
from .evening import Evening
from .publishing import async_publish
from .view import OrganiserView, view_of
from .words import Words, as_list, async_words

AGAIN_AFTER: Final = timedelta(hours=1)
AFTER_MIDNIGHT: Final = timedelta(seconds=30)
"""A clock that is set by some seconds at night meets the new day all the same."""
NOWHERE: Final = "publishing_nowhere"
NOT_WRITTEN: Final = "publishing_not_written"
NO_KEYS: Final = "publishing_no_keys"


class OrganiserCoordinator(DataUpdateCoordinator[OrganiserView]):
    """The operation of one organiser; nothing is asked of anybody."""

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, books: Books, key: str
    ) -> None:
        """Show what the books hold."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {key}",
            update_interval=None,
        )
        self.books = books
        self.key = key
        self.evening = Evening(hass, entry, books, self.async_keep_up)
        self._stamps = Stamps()
        self._published: frozenset[str] = frozenset()
        self._left: dict[str, datetime] = {}
        """Paths that no index names any more, and since when."""
        self._problem: str | None = None
        self._midnight: CALLBACK_TYPE | None = None
        self._again: CALLBACK_TYPE | None = None
        self._show()

    @property
    def time_zone(self) -> ZoneInfo:
        """Of the operation."""
        return self.books.time_zone

    @property
    def today(self) -> date:
        """The operation's local day."""
        return dt_util.utcnow().astimezone(self.time_zone).date()

    @property
    def homes(self) -> dict[str, Participant]:
        """By folder, those whose documents may be handed out today, whatever lies there."""
        books, today = self.books, self.today
        return {
            books.keys[one.id].path: one
            for one in books.roster.participants
            if one.id in books.keys and one.agrees(today)
        }

    @property
    def hands_out_itself(self) -> bool:
        """Whether invitations lead to this very house, which answers."""
        settings, own = self.books.settings, f"/{self.config_entry.entry_id}/"
        return settings.is_served and (settings.address or "").endswith(own)

    @property
    def takes_needs(self) -> bool:
        """Whether homes may tell what they need: a copy of the folder takes nothing."""
        return self.books.settings.takes_needs and self.hands_out_itself

    def take_need(self, one: Participant, sealed: bytes) -> bool:
        """Take what a home tells of tomorrow; whether that was its own, and new."""
        books = self.books
        try:
            need = read_need(books.keys[one.id].unseal(NEED, sealed))
        except DocumentError:
            return False
        needs = books.needs.with_need(one.id, need, self.today)
        if needs is None:
            return False
        books.set_needs(needs)
        return True

    def hands_out(self, path: str) -> bool:
        """Whether a file of the folder may be handed out.

        Nothing of who agrees no more or has other keys, even where it still lies there.
        """
        home, _, _ = path.removeprefix(MEMBERS).partition("/")
        if path.startswith(MEMBERS) and home not in self.homes:
            return False
        return path in self.paths

    @property
    def paths(self) -> frozenset[str]:
        """All that is published, and what was replaced, for who has read the old index."""
        if self.books.publishing.stamps is not self._stamps:
            self._stamps, now = self.books.publishing.stamps, dt_util.utcnow()
            before, self._published = self._published, published_paths(self._stamps)
            since = self._left | dict.fromkeys(before, now)
            self._left = {
                path: at
                for path, at in since.items()
                if path not in self._published and now - at < KEPT_FOR
            }
        return self._published | self._left.keys()

    @property
    def reading(self) -> DeliveryReading:
        """What reads the grid operator's files."""
        return DeliveryReading(self.hass, Stores(self.hass, self.key), self.time_zone)

    @callback
    def async_start(self) -> None:
        """Follow the books, and the days."""
        self.books.changed = self.async_look
        self.books.set_needs(self.books.needs.kept(self.today))
        # What is published now may be replaced before anybody asks for it.
        _ = self.paths
        self._await_midnight()
        self.async_look()
        # It may have been off at midnight, or the folder may not be what it was.
        self.config_entry.async_create_background_task(
            self.hass, self.async_keep_up(), f"{self.name} publishing"
        )
        self.evening.async_start()

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        self.books.changed = _nobody
        self.evening.async_stop()
        for timer in (self._midnight, self._again):
            if timer is not None:
                timer()
        self._midnight = self._again = None

    @callback
    def async_look(self) -> None:
        """Something may be new."""
        self._show()
        self.async_update_listeners()
        self.hass.async_create_task(self._async_tell(), f"{self.name} issues")

    async def async_publish(self, *, with_months: bool = True) -> int:
        """Publish what is new; how many files that took. Raises HomeAssistantError.

        What the folder refuses is tried again every hour.
        """
        books = self.books
        if self._again is not None:
            self._again()
            self._again = None
        if books.settings.folder is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=NOWHERE)
        if KEYS in books.lost:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=NO_KEYS)
        try:
            n_written = await async_publish(
                self.hass,
                books,
                Path(books.settings.folder),
                dt_util.utcnow(),
                self.today,
                with_months=with_months,
                takes_needs=self.takes_needs,
            )
        except FolderError as error:
            self._problem = str(error)
            self._again = async_call_later(
                self.hass, AGAIN_AFTER, partial(self._async_again, with_months)
            )
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=NOT_WRITTEN,
                translation_placeholders={"problem": str(error)},
            ) from error
        else:
            self._problem = None
        finally:
            self.async_look()
        return n_written

    @callback
    def _show(self) -> None:
        self.data = view_of(
            self.books, self.today, is_refused=self._problem is not None
        )

    @callback
    def _await_midnight(self) -> None:
        tomorrow = midnight_of(self.today + timedelta(days=1), self.time_zone)
        self._midnight = async_track_point_in_utc_time(
            self.hass, self._async_new_day, tomorrow + AFTER_MIDNIGHT
        )

    async def _async_new_day(self, _now: datetime) -> None:
        """Memberships and agreements begin and end by themselves: publish what follows."""
        self._await_midnight()
        self.books.set_needs(self.books.needs.kept(self.today))
        self.async_look()
        await self.async_keep_up()

    async def _async_again(self, with_months: bool, _now: datetime) -> None:
        """Try again what the folder refused."""
        await self.async_keep_up(with_months=with_months)

    async def async_keep_up(self, *, with_months: bool = False) -> None:
        """Publish what follows by itself from what was published."""
        if self.data.published_at is None or self.books.settings.folder is None:
            return
        if KEYS in self.books.lost:
            return
        was_refused = self._problem is not None
        try:
            await self.async_publish(with_months=with_months)
        except HomeAssistantError as error:
            if not was_refused:
                LOGGER.warning("%s was not published: %s", self.name, error)

    async def _async_tell(self) -> None:
        """Raise or clear what the organiser should act on."""
        words = await async_words(self.hass)
        late = as_list(map(words.item, self.data.late))
        entry = self.config_entry
        told = {
            "operation": entry.title,
            "duties": late,
            "problem": self._problem or "",
            "damage": as_list(self._damage(words)),
        }
        for kind, key in (
            (DAMAGED, "organiser_damaged" if told["damage"] else None),
            (LATE, "organiser_late" if late else None),
            (FEED_FOLDER, "organiser_not_published" if self._problem else None),
        ):
            set_issue(self.hass, entry.entry_id, kind, key, told)

    def _damage(self, words: Words) -> list[str]:
        """What cannot be read, and what follows from it."""
        books = self.books
        found = [
            words.said(f"damaged_{name}", file=books.file(name))
            for name in (KEYS, PUBLISHED, SETTINGS)
            if name in books.lost
        ]
        if books.damaged:
            months = ", ".join(map(month_text, sorted(books.damaged)))
            found.append(words.said(f"damaged_{ENERGIES}", months=months))
        return found

    @override
    async def _async_update_data(self) -> OrganiserView:
        """What the books hold now."""
        self._show()
        return self.data


@callback
def _nobody() -> None:
    """Nobody wants to know."""
