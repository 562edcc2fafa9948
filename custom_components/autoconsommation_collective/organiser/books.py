"""What an organiser's Home Assistant keeps: the list, everybody's months, the keys of members."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR

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
from ..pmo.errors import DocumentError
from ..pmo.organised_feed import new_turns
from ..pmo.pages import Forecast, read_forecast
from ..pmo.publication import Stamps, restored_stamps, stored_stamps
from ..pmo.sealing import MemberKeys, member_keys, new_token
from ..pmo.written import written_forecast
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
MONTH: Final = "energies"
REPORTED: Final = 13
"""Months that are worked out at a start: a year and the one before it, so that seasons compare."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What was published, and what still has to be."""

    stamps: Stamps
    at: datetime | None = None
    due: frozenset[str] = frozenset()
    """Months that changed since."""
    moved: frozenset[str] = frozenset()
    """Participants whose keys are new, so that all their months are."""
    left: frozenset[str] = frozenset()
    """Folders that were published into before: emptied once the new one has everything."""


class Books:
    """The books of one operation. Everything that changes them is kept at once."""

    def __init__(self, hass: HomeAssistant, key: str, empty: Roster) -> None:
        """Nothing is known but the operation's name."""
        self._hass = hass
        self._stores = Stores(hass, key)
        self._files = MonthFiles(
            Path(hass.config.path(STORAGE_DIR)), f"{DOMAIN}.{key}.{MONTH}."
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

    @property
    def time_zone(self) -> ZoneInfo:
        """Of the operation."""
        return ZoneInfo(self.roster.time_zone)

    async def async_load(self) -> None:
        """Know again what is kept."""
        if (roster := await self._stores.async_load(ROSTER)) is not None:
            self.roster = restored_roster(roster)
        keys = await self._stores.async_load(KEYS) or {}
        self.keys = {one: _restored_keys(told) for one, told in keys.items()}
        if (published := await self._stores.async_load(PUBLISHED)) is not None:
            self.publishing = _restored_publishing(published)
        if (settings := await self._stores.async_load(SETTINGS)) is not None:
            self.settings = restored_settings(settings)
        if (forecast := await self._stores.async_load(FORECAST)) is not None:
            self.forecast = _restored_forecast(forecast)
        self.needs = restored_needs(await self._stores.async_load(NEEDS) or {})
        self.community = {
            month: restored_page(page)
            for month in await self._stores.async_months(COMMUNITY)
            if (page := await self._stores.async_load(f"{COMMUNITY}.{month}"))
        }
        months, due = await self.async_months(), self.publishing.due
        for month in sorted({*months[-REPORTED:], *due}):
            if (worked_out := await self.async_month(month)) is None:
                continue
            self.reports = {**self.reports, month: worked_out.report}
            # Power may have been lost between a change and what follows from it.
            if month in due:
                await self._async_keep(worked_out)

    async def async_change(self, change: Callable[[Roster], Roster]) -> None:
        """Change the list; months that this changes are worked out anew, and to be published.

        What is changed is the list as it is once nobody else changes it.
        """
        async with self.changing:
            roster = change(self.roster)
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
        self.changed()

    async def async_set_settings(self, settings: Settings) -> None:
        """Keep where it is published, and when what is due."""
        self.settings = settings
        await self._stores.async_save(SETTINGS, stored_settings(settings))
        self.changed()

    async def async_set_forecast(self, forecast: Forecast) -> None:
        """Keep what was forecast: what is published in its days carries it on."""
        self.forecast = forecast
        text = written_forecast(forecast, self.time_zone).decode()
        await self._stores.async_save(FORECAST, {"document": text})

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
        return tuple(worked_out.report for _, worked_out in found)

    async def async_take_in(self, delivery: Delivery) -> tuple[MonthReport, ...]:
        """Keep a delivery, and tell what its months come to. Raises OSError."""
        job = self._hass.async_add_executor_job
        async with self.changing:
            found = await job(self._taken_in, delivery)
            # What was known already needs no other publication.
            new = [one for one in found if not await job(self._is_known, one[0])]
            await self._async_set_due(energies.month for energies, _ in new)
            for energies, worked_out in new:
                await job(self._files.save, energies)
                await self._async_keep(worked_out)
        self.changed()
        return tuple(worked_out.report for _, worked_out in found)

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
            left = {one: keys for one, keys in self.keys.items() if one != participant}
            await self._async_set_keys(left)
        self.changed()

    async def async_set_publishing(self, publishing: Publishing) -> None:
        """Keep what was published."""
        self.publishing = publishing
        await self._stores.async_save(PUBLISHED, _stored_publishing(publishing))

    async def async_remove(self) -> None:
        """Delete everything that is kept."""
        await self._stores.async_remove_all()

    async def _async_set_keys(self, keys: Mapping[str, MemberKeys]) -> None:
        self.keys = keys
        await self._stores.async_save(
            KEYS, {one: _stored_keys(told) for one, told in keys.items()}
        )

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

    def _taken_in(
        self, delivery: Delivery
    ) -> list[tuple[MonthEnergies, OrganisedMonth]]:
        """The months of a delivery with what is kept of them; blocks."""
        found = []
        for month in months_of(delivery.curves, self.time_zone):
            new = month_energies(
                month, delivery.curves, self.roster.step, self.time_zone
            )
            if new.points:
                energies = merged(self._files.load(month), new)
                found.append((energies, self._worked_out(energies)))
        return found

    def _is_known(self, energies: MonthEnergies) -> bool:
        return is_same(self._files.load(energies.month), energies)

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


def _stored_keys(keys: MemberKeys) -> dict[str, str]:
    return {
        "path": keys.path,
        "key": keys.key.hex(),
        "nonce_key": keys.nonce_key.hex(),
    }


def _restored_keys(stored: Mapping[str, str]) -> MemberKeys:
    return MemberKeys(
        stored["path"],
        bytes.fromhex(stored["key"]),
        bytes.fromhex(stored["nonce_key"]),
    )


def _restored_forecast(stored: Mapping[str, str]) -> Forecast | None:
    """As it is published; None where it can no longer be read."""
    try:
        return read_forecast(stored["document"].encode())
    except DocumentError:
        return None


def _stored_publishing(publishing: Publishing) -> dict[str, Any]:
    return {
        "stamps": stored_stamps(publishing.stamps),
        "at": publishing.at and publishing.at.isoformat(),
        "due": sorted(publishing.due),
        "moved": sorted(publishing.moved),
        "left": sorted(publishing.left),
    }


def _restored_publishing(stored: Mapping[str, Any]) -> Publishing:
    return Publishing(
        restored_stamps(stored["stamps"]),
        datetime.fromisoformat(stored["at"]) if stored["at"] else None,
        frozenset(stored["due"]),
        frozenset(stored["moved"]),
        frozenset(stored["left"]),
    )
