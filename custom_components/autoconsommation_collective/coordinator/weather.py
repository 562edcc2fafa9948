"""The weather over plants, asked for once an hour by all entries of the house together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..engine.metering import EPOCH
from ..engine.solar import Site, Weather, continued, with_observed
from ..sky.errors import WeatherError, WeatherUnavailable
from ..sky.open_meteo import (
    ATTRIBUTION,
    MIN_INTERVAL,
    MOST_PAST_DAYS,
    PAST_DAYS,
    OpenMeteo,
)
from ..sky.open_meteo_answer import read_forecast, read_observed


@dataclass(slots=True)
class _Sky:
    """What is known of the weather over a site, and when it may be asked for again."""

    weather: Weather | None = None
    not_before: datetime = EPOCH
    not_seen_before: datetime = EPOCH
    """The same of what satellites saw."""


SKIES: HassKey[dict[Site, _Sky]] = HassKey(f"{DOMAIN}_skies")
"""Kept while an entry is reloaded: that is no reason to ask again."""


class PlantWeather:
    """Asks for the weather over plants."""

    attribution = ATTRIBUTION
    """Names the service beside what is made of its data."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Ask nobody yet."""
        self._hass = hass
        self._service = OpenMeteo(async_get_clientsession(hass))
        self._skies = hass.data.setdefault(SKIES, {})

    async def async_over(
        self, sites: Sequence[Site], at: datetime
    ) -> dict[Site, Weather]:
        """The weather over each site, at an instant; without an answer the last one stays.

        Nothing where it is not known over one of them: a sum without it would pass for the
        whole.
        """
        for site in sites:
            sky = self._skies.setdefault(site, _Sky())
            if sky.not_before <= at:
                await self._async_ask(site, sky, at)
        weathers = {
            site: sky.weather
            for site in sites
            if (sky := self._skies[site]).weather and sky.weather.end > at
        }
        return weathers if len(weathers) == len(sites) else {}

    async def _async_ask(self, site: Site, sky: _Sky, at: datetime) -> None:
        """Bring the weather over a site up to date, if the service answers.

        The first time as far back as it answers, to be set against settlements.
        """
        before = sky.weather
        sky.not_before = at + MIN_INTERVAL
        past_days = PAST_DAYS if before and before.end > at else MOST_PAST_DAYS
        read = self._hass.async_add_executor_job
        try:
            body = await self._service.fetch(site, past_days)
            fresh = await read(read_forecast, body)
        except (WeatherError, WeatherUnavailable) as err:
            LOGGER.debug("No weather: %s", err)
            sky.not_before = _again(at, err)
            return
        if sky.not_seen_before <= at:
            try:
                body = await self._service.fetch_observed(site, past_days)
                fresh = with_observed(fresh, await read(read_observed, body))
            except (WeatherError, WeatherUnavailable) as err:
                LOGGER.debug("No light seen: %s", err)
                sky.not_seen_before = _again(at, err)
        since = at - timedelta(days=MOST_PAST_DAYS)
        sky.weather = continued(before, fresh, since) if before else fresh


def _again(at: datetime, err: WeatherError | WeatherUnavailable) -> datetime:
    """When to ask again after a failure: at the next hour, or when the service says."""
    asked = err.retry_after if isinstance(err, WeatherUnavailable) else None
    return at + (asked or timedelta())
