"""What an organiser's Home Assistant keeps: the list, everybody's months, the keys of members."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util import dt as dt_util

from ..adapters.month_files import MonthFiles
from ..adapters.store import Stores
from ..const import DOMAIN
from ..engine.blocks import MonthPage, restored_page, stored_page
from ..engine.claim import USUAL_NEED_WH
from ..engine.delivery import Delivery
from ..engine.organised_energies import (
    MonthEnergies,
    is_same,
    merged,
    month_energies,
    months_of,
)
from ..engine.organised_month import Split, days_of_month, split, stretches
from ..engine.organised_report import MonthReport, OrganisedMonth, organised_month
from ..engine.roster import Roster
from ..engine.roster_changes import shares_otherwise
from ..engine.roster_store import restored_roster, stored_roster
from ..engine.told_needs import ToldNeeds, restored_needs, stored_needs
from ..pmo.organised_feed import new_turns
from ..pmo.pages import Forecast
from ..pmo.sealing import MemberKeys, member_keys, new_token
from ..pmo.stamps import Stamps, forgotten
from .books_store import (
    Publishing,
    restored_forecast,
    restored_keys,
    restored_publishing,
    stored_forecast,
    stored_keys,
    stored_publishing,
)
from .settings import Settings, restored_settings, stored_settings

ROSTER: Final = "roster"
KEYS: Final = "member_keys"
PUBLISHED: Final = "published"
SETTINGS: Final = "settings"
FORECAST: Final = "forecast"
NEEDS: Final = "needs"
SAVE_DELAY_S: Final = 60
"""All homes tell theirs within three quarters of an hour, and a memory card wears."""
COMMUNITY: Final = "community"
ENERGIES: Final = "energies"
REPORTED: Final = 13
"""Months that are worked out at a start: a year and the one before it, so that seasons compare."""


@dataclass(frozen=True, slots=True)
class _TakenIn:
    """A month with what a delivery adds to it."""

    energies: MonthEnergies
    worked_out: OrganisedMonth
    was_known: bool
    """Whether it adds nothing."""
    was_read: bool
    """Whether there was a month before that could be read."""


class Books:
    """The books of one operation. Everything that changes them is kept at once."""

    def __init__(self, hass: HomeAssistant, key: str, empty: Roster) -> None:
        """Nothing is known but the operation's name."""
        self._hass = hass
        self._stores = Stores(hass, key)
        self._files = MonthFiles(
            Path(hass.config.path(STORAGE_DIR)), f"{DOMAIN}.{key}.{ENERGIES}."
        )
        self.roster = empty
        self.keys: Mapping[str, MemberKeys] = {}
        self.community: Mapping[str, MonthPage] = {}
        """Sums of all members by month; not all of it may be public."""
        self.reports: Mapping[str, MonthReport] = {}
        """What the last months came to."""
        self.publishing = Publishing(Stamps())
        self.settings = Settings()
        self.forecast: Forecast | None = None
        """Of the last evening on which one was made."""
        self.needs = ToldNeeds()
        """What homes told of tomorrow, and of today."""
        self.changing = asyncio.Lock()
        """Held by whoever changes the books, or publishes them."""
        self.changed: Callable[[], None] = _nobody_told
        """Called after each change."""
        self.lost: frozenset[str] = frozenset()
        """Documents that are damaged, and that nothing has replaced."""
        self.damaged: frozenset[str] = frozenset()
        """Months whose energies cannot be read."""

    @property
    def time_zone(self) -> ZoneInfo:
        """Of the operation."""
        return ZoneInfo(self.roster.time_zone)

    def file(self, name: str) -> str:
        """Where a document lies, as a person looks for it."""
        return self._stores.file(name)

    async def async_load(self) -> None:
        """Know again what is kept; what is damaged is put aside.

        Raises ConfigEntryError without the list: an empty one would be published, and would
        take everything from everybody.
        """
        stores = self._stores
        roster = await stores.async_restored(ROSTER, restored_roster)
        keys = await stores.async_restored(KEYS, restored_keys)
        publishing = await stores.async_restored(PUBLISHED, restored_publishing)
        settings = await stores.async_restored(SETTINGS, restored_settings)
        self.forecast = await stores.async_restored(FORECAST, restored_forecast)
        self.needs = await stores.async_restored(NEEDS, restored_needs) or self.needs
        community = {
            month: await stores.async_restored(f"{COMMUNITY}.{month}", restored_page)
            for month in await stores.async_months(COMMUNITY)
        }
        self.lost = await stores.async_lost()
        if roster is None and (keys or ROSTER in self.lost):
            raise ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="roster_damaged",
                translation_placeholders={"file": stores.file(ROSTER)},
            )
        self.roster = roster or self.roster
        self.keys = keys or {}
        self.settings = settings or self.settings
        self.community = {month: page for month, page in community.items() if page}
        months = await self.async_months()
        if publishing is not None:
            self.publishing = publishing
        elif PUBLISHED in self.lost:
            whose = [one.id for one in self.roster.participants]
            today = dt_util.utcnow().astimezone(self.time_zone).date()
            stamps = forgotten(whose, months, today)
            self.publishing = Publishing(stamps, due=frozenset(months))
        # Power may have been lost between a change and what follows from it.
        anew = self.publishing.due | {
            month for month in months if f"{COMMUNITY}.{month}" in self.lost
        }
        for month in sorted({*months[-REPORTED:], *anew}):
            if (worked_out := await self.async_month(month)) is None:
                self.damaged |= {month} & set(months)
                continue
            self.reports = {**self.reports, month: worked_out.report}
            if month in anew:
                await self._async_keep(worked_out)

    async def async_change(self, change: Callable[[Roster], Roster]) -> None:
        """Change the list; months that this changes are worked out anew, and to be published.

        What is changed is the list as it is once nobody else changes it.
        """
        async with self.changing:
            await self._async_set_roster(change(self.roster))
        self.changed()

    async def async_forget(self, participant: str) -> bool:
        """Take somebody who was entered by mistake off the list, keys and all; whether it could be.

        Not who has energies in a month that is kept: it took part. Where a month cannot be
        read nobody knows, and nobody is forgotten.
        """
        async with self.changing:
            one = self.roster.participant(participant)
            job = self._hass.async_add_executor_job
            if one is not None and await job(self._took_part, one.point):
                return False
            if participant in self.keys:
                await self._async_set_keys(self._keys_without(participant))
            await self._async_set_roster(self.roster.without(participant))
        self.changed()
        return True

    async def async_set_settings(self, settings: Settings) -> None:
        """Keep where it is published, and when what is due."""
        self.settings = settings
        await self._async_save(SETTINGS, stored_settings(settings))
        self.changed()

    async def async_set_forecast(self, forecast: Forecast) -> None:
        """Keep what was forecast: what is published in its days carries it on."""
        self.forecast = forecast
        stored = stored_forecast(forecast, self.time_zone)
        await self._stores.async_save(FORECAST, stored)

    @callback
    def set_needs(self, needs: ToldNeeds) -> None:
        """Keep what homes told, soon."""
        if needs != self.needs:
            self.needs = needs
            self._stores.save_later(NEEDS, partial(stored_needs, needs), SAVE_DELAY_S)

    async def async_close(self) -> None:
        """Save what was to be saved soon."""
        await self._stores.async_save_pending()

    async def async_preview(self, delivery: Delivery) -> tuple[MonthReport, ...]:
        """What the months would come to with a delivery, the oldest first."""
        found = await self._hass.async_add_executor_job(self._taken_in, delivery)
        return tuple(one.worked_out.report for one in found)

    async def async_take_in(self, delivery: Delivery) -> tuple[MonthReport, ...]:
        """Keep a delivery, and tell what its months come to. Raises OSError."""
        job = self._hass.async_add_executor_job
        async with self.changing:
            found = await job(self._taken_in, delivery)
            # What was known already needs no other publication.
            new = [one for one in found if not one.was_known]
            await self._async_set_due(one.energies.month for one in new)
            for one in new:
                await job(
                    partial(self._files.save, one.energies, was_read=one.was_read)
                )
                self.damaged -= {one.energies.month}
                await self._async_keep(one.worked_out)
        self.changed()
        return tuple(one.worked_out.report for one in found)

    async def async_months(self) -> list[str]:
        """The months that are kept, the oldest first."""
        return await self._hass.async_add_executor_job(self._files.months)

    async def async_month(self, month: str) -> OrganisedMonth | None:
        """All that comes of a month that is kept; None of one that is not."""
        return await self._hass.async_add_executor_job(self._month, month)

    async def async_splits(self, month: str) -> list[Split]:
        """Who got what in each step of a month that is kept; nothing of one that is not."""

        def load() -> list[Split]:
            energies = self._files.load(month)
            return [] if energies is None else self._splits(energies)

        return await self._hass.async_add_executor_job(load)

    async def async_invite(self, participant: str) -> str:
        """A new token for a member, shown once and not kept; the one before opens nothing more."""
        token = new_token()
        async with self.changing:
            await self._async_set_keys({**self.keys, participant: member_keys(token)})
            moved = self.publishing.moved | {participant}
            await self.async_set_publishing(replace(self.publishing, moved=moved))
        self.changed()
        return token

    async def async_revoke(self, participant: str) -> None:
        """Take a member's keys away: at the next publication nothing of it lies there."""
        async with self.changing:
            await self._async_set_keys(self._keys_without(participant))
        self.changed()

    async def async_set_publishing(self, publishing: Publishing) -> None:
        """Keep what was published."""
        self.publishing = publishing
        await self._async_save(PUBLISHED, stored_publishing(publishing))

    async def async_remove(self) -> None:
        """Delete everything that is kept."""
        await self._stores.async_remove_all()

    async def _async_set_roster(self, roster: Roster) -> None:
        new = replace(roster, participants=new_turns(roster.participants))
        time_zone = ZoneInfo(new.time_zone)
        changed = [
            month
            for month in await self.async_months()
            if shares_otherwise(self.roster, new, days_of_month(month, time_zone))
        ]
        await self._async_set_due(changed)
        self.roster = new
        await self._stores.async_save(ROSTER, stored_roster(new))
        for month in changed:
            if (worked_out := await self.async_month(month)) is not None:
                await self._async_keep(worked_out)

    def _keys_without(self, participant: str) -> dict[str, MemberKeys]:
        return {one: keys for one, keys in self.keys.items() if one != participant}

    def _took_part(self, point: str) -> bool:
        """Whether a month that is kept has energies of a delivery point, or may have; blocks."""
        for month in self._files.months():
            energies = self._files.load(month)
            if energies is None or any(c.point == point for c in energies.curves()):
                return True
        return False

    async def _async_set_keys(self, keys: Mapping[str, MemberKeys]) -> None:
        self.keys = keys
        await self._async_save(KEYS, stored_keys(keys))

    async def _async_save(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a document, in the place of one that was damaged."""
        await self._stores.async_save(name, document)
        self.lost -= {name}

    async def _async_set_due(self, months: Iterable[str]) -> None:
        """Months that are about to change: told first, so that a loss of power forgets none."""
        due = self.publishing.due.union(months)
        if due != self.publishing.due:
            await self.async_set_publishing(replace(self.publishing, due=due))

    async def _async_keep(self, worked_out: OrganisedMonth) -> None:
        """Keep what comes of a month."""
        month = worked_out.report.month
        self.reports = {**self.reports, month: worked_out.report}
        page, name = worked_out.community, f"{COMMUNITY}.{month}"
        others = {m: held for m, held in self.community.items() if m != month}
        if page is None:
            self.community = others
            await self._stores.async_remove(name)
        else:
            self.community = others | {month: page}
            await self._stores.async_save(name, stored_page(page))

    def _taken_in(self, delivery: Delivery) -> list[_TakenIn]:
        """The months of a delivery with what is kept of them; blocks."""
        found = []
        for month in months_of(delivery.curves, self.time_zone):
            new = month_energies(
                month, delivery.curves, self.roster.step, self.time_zone
            )
            if new.points:
                kept = self._files.load(month)
                energies = merged(kept, new)
                is_known, is_read = is_same(kept, energies), kept is not None
                # Of a large operation no month is held twice while the next is worked out.
                del kept, new
                worked_out = self._worked_out(energies)
                found.append(_TakenIn(energies, worked_out, is_known, is_read))
        return found

    def _month(self, month: str) -> OrganisedMonth | None:
        energies = self._files.load(month)
        return None if energies is None else self._worked_out(energies)

    def _worked_out(self, energies: MonthEnergies) -> OrganisedMonth:
        return organised_month(
            energies.month,
            self._splits(energies),
            self.roster.participants,
            energies.curves(),
            self.time_zone,
            USUAL_NEED_WH,
        )

    def _splits(self, energies: MonthEnergies) -> list[Split]:
        roster = self.roster
        found = stretches(
            energies.month,
            roster.participants,
            roster.keys,
            energies.curves(),
            roster.step,
            self.time_zone,
        )
        return [split(stretch) for stretch in found]


@callback
def _nobody_told() -> None:
    """Nobody wants to know."""
