"""What the operation's plants are expected to give, where the organiser does not tell.

By the weather over the plants, asked for once an hour; else by a solar forecast that the house
has anyway. Either is put right by what was settled.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..adapters.issues import FORECAST, set_issue
from ..adapters.solar_forecast import ProviderProblem, async_solar_forecasts
from ..const import DOMAIN, LOGGER
from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.calibration import Calibration, calibrate, calibrated
from ..engine.forecast_check import ForecastProblem, looks_wrong
from ..engine.grid import Grid
from ..engine.metering import EPOCH
from ..engine.settlement import settled_blocks
from ..engine.solar import (
    Site,
    Weather,
    continued,
    not_modelled,
    sites,
    sites_production,
    with_observed,
)
from ..pmo.feed import Published
from ..pmo.pages import Forecast
from ..pmo.polling import next_poll, phase_of
from ..sky.errors import WeatherError, WeatherUnavailable
from ..sky.open_meteo import MIN_INTERVAL, MOST_PAST_DAYS, PAST_DAYS, OpenMeteo
from ..sky.open_meteo_answer import read_forecast, read_observed
from .settlement import SettlementCoordinator

ENOUGH_AHEAD = timedelta(hours=24)
"""Of production that the organiser tells: then nobody else is asked."""
STALE_AFTER = timedelta(hours=48)
"""A forecast is made for two days: one that is older says nothing of today."""


REFUSALS: Mapping[ProviderProblem | ForecastProblem, str] = {
    ProviderProblem.NOT_LOADED: "forecast_unavailable",
    ProviderProblem.FAILED: "forecast_unavailable",
    ProviderProblem.UNREADABLE: "forecast_unreadable",
    ProviderProblem.OTHER_DAYS: "forecast_other_days",
    ForecastProblem.WRONG_DAY: "forecast_other_days",
    ForecastProblem.NEGATIVE: "forecast_negative",
    ForecastProblem.ALL_ZERO: "forecast_all_zero",
    ForecastProblem.SHIFTED: "forecast_shifted",
}
"""What the member is told of a solar forecast of the house that is left aside."""


@dataclass(slots=True)
class _Sky:
    """What is known of the weather over a site, and when it may be asked for again."""

    weather: Weather | None = None
    not_before: datetime = EPOCH
    not_seen_before: datetime = EPOCH
    """The same of what satellites saw."""


SKIES: HassKey[dict[Site, _Sky]] = HassKey(f"{DOMAIN}_skies")
"""Kept while an entry is reloaded: that is no reason to ask again."""


class ProductionForecast:
    """Expected and seen production of the operation's plants."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        key: str,
        settlement: SettlementCoordinator,
    ) -> None:
        """Ask nobody yet."""
        self._hass = hass
        self._entry = entry
        self._settlement = settlement
        self._phase = phase_of(f"{key} weather")
        self._service = OpenMeteo(async_get_clientsession(hass))
        self._skies = hass.data.setdefault(SKIES, {})
        self._calibration = Calibration()
        self._changed: Callable[[], None] = lambda: None
        self._unsubscribe: CALLBACK_TYPE | None = None
        self.seen: tuple[Block, ...] = ()
        """SHARED_INJECTION as far as it is modelled, past days included, put right by what
        was settled."""
        self.modelled: tuple[Block, ...] = ()
        """The same before it was put right."""
        self.is_used = False
        """Whether the weather service was asked, and so must be named."""
        self.lacks_plants = False
        """Whether plants of the operation are missing from what is modelled."""
        self.is_waiting = True
        """Whether the first question since the start is not answered yet."""

    @callback
    def async_start(self, changed: Callable[[], None]) -> None:
        """Ask now and each hour, at a minute of the home's own, until async_stop."""
        self._changed = changed
        self._async_due(dt_util.utcnow())

    @callback
    def async_stop(self) -> None:
        """Ask no more."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None

    async def async_poll(self, at: datetime) -> None:
        """Ask for what the organiser does not tell; without an answer the last one stays.

        The instant is that for which the question was planned.
        """
        published = self._settlement.data
        if _is_told(published, at):
            self._report(())
            self.lacks_plants = self.is_waiting = False
            return
        plants = published.operation.plants if published.operation else ()
        found = sites(plants, self._settlement.today)
        for site in found:
            sky = self._skies.setdefault(site, _Sky())
            if sky.not_before <= at:
                await self._async_ask(site, sky, at)
        self.is_used = bool(found)
        weathers = {
            site: sky.weather
            for site in found
            if (sky := self._skies[site]).weather and sky.weather.end > at
        }
        # A sum without one of the sites would pass for the whole.
        whole = bool(found) and len(weathers) == len(found)
        if whole:
            self._report(())
        other = () if whole else await self._async_other()
        missing = not_modelled(plants, self._settlement.today)
        self.lacks_plants = whole and bool(missing)
        (
            self.modelled,
            self.seen,
            self._calibration,
        ) = await self._hass.async_add_executor_job(
            _put_right, weathers if whole else {}, other, published.community
        )
        self.is_waiting = False
        self._changed()

    @property
    def calibrated_days(self) -> int:
        """Settled days that the factors rest on."""
        return self._calibration.n_days

    async def _async_other(self) -> tuple[Block, ...]:
        """The first solar forecast of the house that the sun allows; else why there is none."""
        now = dt_util.utcnow()
        refused: list[tuple[str, str]] = []
        for forecast in await async_solar_forecasts(self._hass):
            problem = forecast.problem or looks_wrong(
                forecast.blocks, now, self._hass.config.longitude, Quantity.PRODUCTION
            )
            if problem is None:
                self._report(())
                return forecast.blocks
            if problem is not ProviderProblem.NO_FORECAST:
                refused.append((REFUSALS[problem], forecast.domain or ""))
        self._report(refused)
        return ()

    def _report(self, refused: Sequence[tuple[str, str]]) -> None:
        """Tell the member about a forecast that would serve, were it not as it is."""
        key, provider = refused[0] if refused else (None, "")
        set_issue(
            self._hass, self._entry.entry_id, FORECAST, key, {"provider": provider}
        )

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

    @callback
    def _async_due(self, at: datetime) -> None:
        """Ask, and plan the next hour's question."""
        self._entry.async_create_background_task(
            self._hass, self.async_poll(at), f"{self._settlement.name} weather"
        )
        self._unsubscribe = async_track_point_in_utc_time(
            self._hass, self._async_due, next_poll(at, MIN_INTERVAL, self._phase)
        )


def recent_forecast(published: Published, now: datetime) -> Forecast | None:
    """What the organiser forecast, unless it is too old to say anything of today."""
    forecast = published.forecast
    if forecast is None or now - forecast.published_at > STALE_AFTER:
        return None
    return forecast


def _is_told(published: Published, now: datetime) -> bool:
    """Whether the organiser tells enough of the time ahead."""
    forecast = recent_forecast(published, now)
    told = [
        block.end
        for block in (forecast.blocks if forecast else ())
        if Quantity.SHARED_INJECTION in block.energies
    ]
    return bool(told) and max(told) >= now + ENOUGH_AHEAD


def _again(at: datetime, err: WeatherError | WeatherUnavailable) -> datetime:
    """When to ask again after a failure: at the next hour, or when the service says."""
    asked = err.retry_after if isinstance(err, WeatherUnavailable) else None
    return at + (asked or timedelta())


def _put_right(
    weathers: Mapping[Site, Weather],
    other: tuple[Block, ...],
    community: Mapping[str, MonthPage],
) -> tuple[tuple[Block, ...], tuple[Block, ...], Calibration]:
    """The production of all sites, or else the other forecast; and as settlements show it."""
    modelled = (_production(weathers),) if weathers else other
    settled = settled_blocks(community.values())
    calibration = calibrate(modelled, settled, Quantity.SHARED_INJECTION)

    def injected(by: Calibration) -> tuple[Block, ...]:
        return tuple(calibrated(by, b, Quantity.SHARED_INJECTION) for b in modelled)

    return injected(Calibration()), injected(calibration), calibration


def _production(weathers: Mapping[Site, Weather]) -> Block:
    """The sum of all sites, on the span that all of them know."""
    found = weathers.values()
    start, step = max(w.start for w in found), max(w.step for w in found)
    n_steps = (min(w.end for w in found) - start) // step
    grid = Grid(start, step, max(0, n_steps))
    parts = [(site, (weather,)) for site, weather in weathers.items()]
    return Block(start, step, {Quantity.PRODUCTION: sites_production(grid, parts)})
