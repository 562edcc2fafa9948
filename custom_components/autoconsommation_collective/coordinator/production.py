"""What the operation's plants are expected to give, where the organiser does not tell.

By the weather over the plants, asked for once an hour; else by a solar forecast that the house
has anyway. Either is put right by what was settled.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..adapters.issues import FORECAST, set_issue
from ..adapters.solar_forecast import ProviderProblem, async_solar_forecasts
from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.calibration import Calibration, put_right
from ..engine.forecast_check import ForecastProblem, looks_wrong
from ..engine.settlement import settled_blocks
from ..engine.solar import Site, Weather, joint_production, not_modelled, sites
from ..pmo.feed import Published
from ..pmo.pages import Forecast
from ..pmo.polling import next_poll, phase_of
from ..sky.open_meteo import MIN_INTERVAL
from .settlement import SettlementCoordinator
from .weather import PlantWeather

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
        self._weather = PlantWeather(hass)
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
        weathers = await self._weather.async_over(found, at)
        self.is_used = bool(found)
        if weathers:
            self._report(())
        other = () if weathers else await self._async_other()
        missing = not_modelled(plants, self._settlement.today)
        self.lacks_plants = bool(weathers and missing)
        (
            self.modelled,
            self.seen,
            self._calibration,
        ) = await self._hass.async_add_executor_job(
            _injected, weathers, other, published.community
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


def _injected(
    weathers: Mapping[Site, Weather],
    other: tuple[Block, ...],
    community: Mapping[str, MonthPage],
) -> tuple[tuple[Block, ...], tuple[Block, ...], Calibration]:
    """The production of all sites, or else the other forecast; and as settlements show it."""
    modelled = (joint_production(weathers),) if weathers else other
    settled = settled_blocks(community.values())
    return put_right(modelled, settled, Quantity.SHARED_INJECTION)
