"""What an organiser does for its members each evening: it looks two days ahead."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..coordinator.weather import PlantWeather
from ..engine.blocks import Block
from ..engine.publishable import DAY
from ..engine.slots import at_clock
from ..engine.solar import joint_production
from ..pmo.organised_forecast import forecast_grid, organised_forecast, whole_sites
from .books import Books

MADE_AT: Final = time(20, 30)
"""Homes plan the night and the next day from nine on, and ask for it once an hour."""
TRIES: Final = 3
AGAIN_AFTER: Final = timedelta(minutes=10)
"""So the last try is at ten to nine; or twenty minutes after a start, when the network is up."""


class Evening:
    """Makes the forecast of an operation each evening, where its organiser wants it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        books: Books,
        publish: Callable[[], Awaitable[None]],
    ) -> None:
        """Make none yet."""
        self._hass = hass
        self._entry = entry
        self._books = books
        self._publish = publish
        self._weather = PlantWeather(hass)
        self._timer: CALLBACK_TYPE | None = None
        self._is_at_it = False
        self._n_failed = 0
        """Tries of this evening that found no weather."""
        self._was_without = False
        """Whether it was said already that the weather is not known."""

    @callback
    def async_start(self) -> None:
        """Look at once, and each evening until async_stop."""
        self.async_look()

    @callback
    def async_stop(self) -> None:
        """Make none any more."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def async_look(self, _now: datetime | None = None) -> None:
        """Make it in the background, if it is due; and look again when it will be."""
        now = dt_util.utcnow()
        evening = self._at(MADE_AT, now)
        self._look_at(evening if now < evening else self._at(MADE_AT, now + DAY))
        if self._is_due(evening, now) and not self._is_at_it:
            self._is_at_it = True
            self._entry.async_create_background_task(
                self._hass, self._async_make(now), f"{self._entry.title} forecast"
            )

    def _look_at(self, at: datetime) -> None:
        self.async_stop()
        self._timer = async_track_point_in_utc_time(self._hass, self.async_look, at)

    def _at(self, clock: time, day: datetime) -> datetime:
        """That time of the operation's day, UTC."""
        zone = self._books.time_zone
        return at_clock(day.astimezone(zone).date(), clock, zone)

    def _is_due(self, evening: datetime, now: datetime) -> bool:
        """Whether it is wanted, and this evening's is not made: it is made once."""
        books = self._books
        if not books.settings.refreshes_forecast or books.publishing.at is None:
            return False
        made_at = books.forecast.published_at if books.forecast else None
        return now >= evening and (made_at is None or made_at < evening)

    async def _async_make(self, now: datetime) -> None:
        """Make it and publish it; without the weather the old one stays."""
        books = self._books
        try:
            modelled = await self._async_modelled(now)
            if modelled is None:
                self._without_weather(now)
                return
            self._n_failed, self._was_without = 0, False
            forecast = await self._hass.async_add_executor_job(
                organised_forecast,
                books.roster,
                books.community,
                modelled,
                books.needs,
                now,
                self._weather.attribution,
            )
            await books.async_set_forecast(forecast)
            await self._publish()
        finally:
            self._is_at_it = False

    async def _async_modelled(self, now: datetime) -> tuple[Block, ...] | None:
        """What all plants give by the weather: nothing where it cannot tell; None: not known."""
        roster, zone = self._books.roster, self._books.time_zone
        sites = whole_sites(roster, (now + DAY).astimezone(zone).date())
        if not sites:
            return ()
        weathers = await self._weather.async_over(sites, now)
        if not weathers:
            return None
        produced = joint_production(weathers)
        grid = forecast_grid(now, roster.step, zone)
        return (produced,) if produced.end >= grid.end else None

    def _without_weather(self, now: datetime) -> None:
        """Try again this evening, or say once that there is none."""
        self._n_failed += 1
        if self._n_failed < TRIES:
            self._look_at(now + AGAIN_AFTER)
            return
        self._n_failed = 0
        if not self._was_without:
            self._was_without = True
            LOGGER.warning(
                "%s: the weather is not known, so that no forecast was made",
                self._entry.title,
            )
