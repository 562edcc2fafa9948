"""What the operation's plants are expected to give, where the organiser does not tell.

By the weather over the plants, asked for once an hour; else by a solar forecast that the house
has anyway. Either is put right by what was settled.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util
import numpy as np

from ..adapters.solar_forecast import async_solar_forecasts
from ..const import LOGGER
from ..engine.blocks import Block, Energies, Quantity
from ..engine.calibration import Calibration, calibrate, calibrated
from ..engine.forecast_check import looks_wrong
from ..engine.grid import Grid, energies_on
from ..engine.solar import Site, Weather, plant_production, sites, with_observed
from ..pmo.feed import Published
from ..pmo.polling import next_poll, phase_of
from ..weather.errors import WeatherError, WeatherUnavailable
from ..weather.open_meteo import MIN_INTERVAL, MOST_PAST_DAYS, OpenMeteo
from ..weather.open_meteo_answer import read_forecast, read_observed
from .settlement import SettlementCoordinator

ENOUGH_AHEAD = timedelta(hours=24)
"""Of production that the organiser tells: then nobody else is asked."""


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
        self._weathers: dict[Site, Weather] = {}
        self._other: tuple[Block, ...] = ()
        self._calibration = Calibration()
        self._changed: Callable[[], None] = lambda: None
        self._unsubscribe: CALLBACK_TYPE | None = None
        self.is_used = False
        """Whether the weather service was asked, and so must be named."""

    @callback
    def async_start(self, changed: Callable[[], None]) -> None:
        """Ask now and each hour, at a minute of the home's own, until async_stop."""
        self._changed = changed
        self._entry.async_create_background_task(
            self._hass, self.async_poll(), f"{self._settlement.name} weather"
        )
        self._plan()

    @callback
    def async_stop(self) -> None:
        """Ask no more."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None

    async def async_poll(self) -> None:
        """Ask for what the organiser does not tell; without an answer the last one stays."""
        published = self._settlement.data
        if _is_told(published, dt_util.utcnow()):
            return
        found = sites(
            published.operation.plants if published.operation else (),
            self._settlement.today,
        )
        for site in found:
            try:
                self._weathers[site] = await self._async_weather(site)
            except (WeatherError, WeatherUnavailable) as err:
                LOGGER.debug("No weather: %s", err)
        self._weathers = {s: w for s, w in self._weathers.items() if s in found}
        self.is_used = bool(found)
        self._other = () if found else await self._async_other()
        self._calibration = await self._hass.async_add_executor_job(
            calibrate,
            self._modelled,
            [block for page in published.community.values() for block in page.blocks],
            Quantity.SHARED_INJECTION,
        )
        self._changed()

    def expected(self, grid: Grid) -> Energies:
        """Production in Wh on a grid; NaN where nobody tells."""
        return energies_on(grid, self.seen, Quantity.SHARED_INJECTION)

    @property
    def seen(self) -> tuple[Block, ...]:
        """All that is modelled, past days included, put right by what was settled."""
        return tuple(
            calibrated(self._calibration, block, Quantity.SHARED_INJECTION)
            for block in self._modelled
        )

    @property
    def calibrated_days(self) -> int:
        """Settled days that the factors rest on."""
        return self._calibration.n_days

    @property
    def _modelled(self) -> tuple[Block, ...]:
        """Production of all sites together, or what the house's own forecast says."""
        parts = [
            plant_production(weather, site.peak_power_kw)
            for site, weather in self._weathers.items()
        ]
        if not parts:
            return self._other
        if len({(p.start, p.step, p.n_steps) for p in parts}) == 1:
            total = np.sum([p.energies[Quantity.PRODUCTION] for p in parts], axis=0)
            first = parts[0]
            return (Block(first.start, first.step, {Quantity.PRODUCTION: total}),)
        return _on_one_grid(parts)

    async def _async_other(self) -> tuple[Block, ...]:
        """The first solar forecast of the house that the sun allows."""
        now = dt_util.utcnow()
        for forecast in await async_solar_forecasts(self._hass):
            problem = forecast.problem or looks_wrong(
                forecast.blocks, now, self._hass.config.longitude, Quantity.PRODUCTION
            )
            if problem is None:
                return forecast.blocks
            LOGGER.debug(
                "Solar forecast of %s left aside: %s", forecast.domain, problem
            )
        return ()

    async def _async_weather(self, site: Site) -> Weather:
        """The forecast, with the light that was seen wherever it was.

        The first time as far back as the service answers, to be set against settlements.
        """
        past_days = 2 if site in self._weathers else MOST_PAST_DAYS
        read = self._hass.async_add_executor_job
        forecast = await read(
            read_forecast, await self._service.fetch(site, MOST_PAST_DAYS)
        )
        try:
            body = await self._service.fetch_observed(site, past_days)
        except WeatherError, WeatherUnavailable:
            return forecast
        return with_observed(forecast, await read(read_observed, body))

    @callback
    def _plan(self) -> None:
        """Have the next hour's question asked."""
        at = next_poll(dt_util.utcnow(), MIN_INTERVAL, self._phase)
        self._unsubscribe = async_track_point_in_utc_time(
            self._hass, self._async_due, at
        )

    @callback
    def _async_due(self, _now: datetime) -> None:
        self._entry.async_create_background_task(
            self._hass, self.async_poll(), f"{self._settlement.name} weather"
        )
        self._plan()


def _is_told(published: Published, now: datetime) -> bool:
    """Whether the organiser tells enough of the time ahead."""
    blocks = published.forecast.blocks if published.forecast else ()
    told = [
        block.end for block in blocks if Quantity.SHARED_INJECTION in block.energies
    ]
    return bool(told) and max(told) >= now + ENOUGH_AHEAD


def _on_one_grid(parts: Iterable[Block]) -> tuple[Block, ...]:
    """The sum of blocks of different steps, on the span that all of them know."""
    blocks = tuple(parts)
    step = max(block.step for block in blocks)
    start = max(block.start for block in blocks)
    n_steps = (min(block.end for block in blocks) - start) // step
    grid = Grid(start, step, max(0, n_steps))
    total = np.sum(
        [energies_on(grid, [block], Quantity.PRODUCTION) for block in blocks], axis=0
    )
    return (Block(start, step, {Quantity.PRODUCTION: total}),) if n_steps > 0 else ()
