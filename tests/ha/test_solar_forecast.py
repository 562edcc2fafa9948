"""Forecasts of other integrations: read by their own labels, whatever they do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
import logging
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.autoconsommation_collective.adapters import solar_forecast
from custom_components.autoconsommation_collective.adapters.solar_forecast import (
    ProviderForecast,
    ProviderProblem,
    async_solar_forecasts,
)
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid, energies_on

NOW = datetime(2026, 10, 24, 9, tzinfo=UTC)
"""The day before the night of 25 hours."""
MIDNIGHT = datetime(2026, 10, 23, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")
DAY_WH = [0.0, 40.0, 300.0, 900.0, 1400.0, 1600.0, 1500.0, 1000.0, 400.0, 50.0]
"""From 8 to 18 by the clock of Paris in summer."""

type Hook = Callable[[HomeAssistant, str], Awaitable[Any]]

frozen = pytest.mark.freeze_time(NOW)


@pytest.fixture(autouse=True)
async def in_paris(hass: HomeAssistant) -> None:
    """The home is in France."""
    await hass.config.async_set_time_zone("Europe/Paris")


def two_days(
    first: datetime = MIDNIGHT + 8 * HOUR, step: timedelta = HOUR
) -> dict[str, float]:
    """Hours of today and tomorrow, stamped from `first` on."""
    return {
        (first + (24 * day * HOUR + n * step)).isoformat(): wh
        for day in (0, 1)
        for n, wh in enumerate(DAY_WH)
    }


def answering(answer: object) -> Hook:
    """A provider that says this, whatever the entry."""

    async def hook(_: HomeAssistant, __: str) -> object:
        return answer

    return hook


def wh_hours(energies: Mapping[Any, Any]) -> Hook:
    """A provider that forecasts these energies."""
    return answering({"wh_hours": energies})


def provider(
    hass: HomeAssistant,
    hook: Hook | None,
    domain: str = "some_forecast",
    state: ConfigEntryState = ConfigEntryState.LOADED,
) -> str:
    """Set up an integration that forecasts; the id of its entry."""
    if domain != DOMAIN:
        mock_integration(hass, MockModule(domain), top_level_files=set())
    if hook is not None:
        platform = MockPlatform()
        platform.async_get_solar_forecast = hook  # type: ignore[attr-defined]
        mock_platform(hass, f"{domain}.energy", platform)
    entry = MockConfigEntry(domain=domain, state=state)
    entry.add_to_hass(hass)
    return entry.entry_id


async def forecast_of(hass: HomeAssistant, *how: Any, **more: Any) -> ProviderForecast:
    """What a provider's forecast is read as."""
    (found,) = await async_solar_forecasts(hass, [provider(hass, *how, **more)])
    return found


def by_hour(found: ProviderForecast, first: datetime, n: int) -> list[float]:
    """Its Wh by hour."""
    return energies_on(Grid(first, HOUR, n), found.blocks, Quantity.PRODUCTION).tolist()


# Labels


@frozen
@pytest.mark.parametrize(
    ("domain", "first"),
    [
        pytest.param("forecast_solar", MIDNIGHT + 9 * HOUR, id="ends"),
        pytest.param("solcast_solar", MIDNIGHT + 8 * HOUR, id="starts"),
        pytest.param("open_meteo_solar_forecast", MIDNIGHT + 8 * HOUR, id="starts too"),
        pytest.param("nobody_knows_it", MIDNIGHT + 8 * HOUR, id="starts by default"),
    ],
)
async def test_each_is_read_by_its_own_label(
    hass: HomeAssistant, domain: str, first: datetime
) -> None:
    """The same hours, however stamped; nights are dark, across the clock change too."""
    found = await forecast_of(hass, wh_hours(two_days(first)), domain)
    assert (found.domain, found.problem) == (domain, None)
    day = [0.0] * 8 + DAY_WH + [0.0] * 6
    # Stamps count elapsed hours, so tomorrow's light is an hour early by the clock.
    assert by_hour(found, MIDNIGHT, 48) == pytest.approx([*day, *day])
    assert by_hour(found, MIDNIGHT + 48 * HOUR, 1) == [0.0]
    assert np.isnan(by_hour(found, MIDNIGHT + 49 * HOUR, 1)).all()


@frozen
async def test_half_hours_in_local_time(hass: HomeAssistant) -> None:
    """As of one that stamps by the clock of the home."""
    stamps = {
        datetime.fromisoformat(key).astimezone(PARIS).isoformat(): wh
        for key, wh in two_days(step=HOUR / 2).items()
    }
    found = await forecast_of(hass, wh_hours(stamps), "solcast_solar")
    assert by_hour(found, MIDNIGHT + 8 * HOUR, 5) == pytest.approx(
        [sum(DAY_WH[n : n + 2]) for n in range(0, 10, 2)]
    )


@frozen
async def test_only_days_around_now_are_read(hass: HomeAssistant) -> None:
    """A provider may give a year; a plan needs two days."""
    stamps = {
        (MIDNIGHT + n * HOUR).isoformat(): 100.0 for n in range(-100 * 24, 100 * 24)
    }
    found = await forecast_of(hass, wh_hours(stamps))
    (block,) = found.blocks
    assert block.start > NOW - 3 * 24 * HOUR
    assert block.end < NOW + 5 * 24 * HOUR


# Whatever they do


@frozen
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param(None, "no_forecast", id="None"),
        pytest.param({"wh_hours": {}}, "no_forecast", id="no energy"),
        pytest.param({}, "unreadable", id="no hours"),
        pytest.param([], "unreadable", id="a list"),
        pytest.param("soon", "unreadable", id="a text"),
        pytest.param({"wh_hours": None}, "unreadable", id="hours are None"),
        pytest.param({"wh_hours": [1, 2]}, "unreadable", id="hours are a list"),
        pytest.param({"wh_hours": {"noon": 1}}, "unreadable", id="no instant"),
        pytest.param({"wh_hours": {12: 1}}, "unreadable", id="a number for an instant"),
        pytest.param({"wh_hours": {NOW: 1}}, "unreadable", id="an instant not as text"),
        pytest.param({"wh_hours": {"2026-10-24T12:00": 1}}, "unreadable", id="no offset"),
        pytest.param({"wh_hours": {"0001-01-01T00:00+23:00": 1}}, "unreadable", id="before all time"),
        pytest.param({"wh_hours": {NOW.isoformat(): "1"}}, "unreadable", id="energy as text"),
        pytest.param({"wh_hours": {NOW.isoformat(): None}}, "unreadable", id="energy is None"),
        pytest.param({"wh_hours": {NOW.isoformat(): True}}, "unreadable", id="energy is true"),
        pytest.param({"wh_hours": {NOW.isoformat(): float("nan")}}, "unreadable", id="NaN"),
        pytest.param({"wh_hours": {NOW.isoformat(): 10**400}}, "unreadable", id="beyond floats"),
        pytest.param({"wh_hours": {"2026-09-01T12:00+00:00": 1}}, "other_days", id="last month"),
        pytest.param({"wh_hours": {"0002-01-01T00:00Z": 1, "9998-01-01T00:00Z": 1}}, "other_days", id="all of history"),
    ],
)  # fmt: skip
async def test_answer_that_is_no_forecast(
    hass: HomeAssistant, answer: object, problem: str
) -> None:
    """Told, never raised."""
    found = await forecast_of(hass, answering(answer))
    assert found.problem is not None
    assert (found.blocks, found.problem.value) == ((), problem)


async def raising(_: HomeAssistant, __: str) -> None:
    """Fail as an integration does whose entry has no data yet."""
    raise AttributeError("runtime_data of the home at 46.55, 1.16")


def not_awaitable(_: HomeAssistant, __: str) -> dict[str, Any]:
    """Forget that the platform is asynchronous."""
    return {"wh_hours": {}}


async def hanging(_: HomeAssistant, __: str) -> None:
    """Wait for a server that is gone."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("hook", [raising, not_awaitable, hanging])
async def test_provider_that_fails(
    hass: HomeAssistant, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    """Said once, for who looks closely, and without what the error says."""
    with patch.object(solar_forecast, "TIMEOUT", timedelta(milliseconds=50)):
        found = await forecast_of(hass, hook)
    assert (found.blocks, found.problem) == ((), ProviderProblem.FAILED)
    said = [r for r in caplog.records if r.name == solar_forecast.__name__]
    assert [record.levelno for record in said] == [logging.DEBUG]
    assert "46.55" not in said[0].getMessage()


@pytest.mark.parametrize(
    "state",
    [
        ConfigEntryState.NOT_LOADED,
        ConfigEntryState.SETUP_RETRY,
        ConfigEntryState.SETUP_ERROR,
    ],
)
async def test_provider_that_is_not_loaded_is_not_asked(
    hass: HomeAssistant, state: ConfigEntryState, caplog: pytest.LogCaptureFixture
) -> None:
    """It would raise."""
    found = await forecast_of(hass, raising, state=state)
    assert found.problem is ProviderProblem.NOT_LOADED
    assert not [r for r in caplog.records if r.name == solar_forecast.__name__]


async def test_entry_that_is_gone(hass: HomeAssistant) -> None:
    """The dashboard remembers entries that were removed."""
    (found,) = await async_solar_forecasts(hass, ["gone"])
    assert found == ProviderForecast("gone", None, (), ProviderProblem.NOT_LOADED)


async def test_integration_without_forecast(hass: HomeAssistant) -> None:
    """As one the member chose by mistake; also with a platform that lacks the hook."""
    found = await forecast_of(hass, None)
    assert found.problem is ProviderProblem.NO_FORECAST
    entry_id = provider(hass, None, "other")
    mock_platform(hass, "other.energy", MockPlatform())
    (found,) = await async_solar_forecasts(hass, [entry_id])
    assert found.problem is ProviderProblem.NO_FORECAST


async def test_integration_that_is_no_longer_installed(hass: HomeAssistant) -> None:
    """Its entry may outlive it until the restart."""
    entry = MockConfigEntry(domain="uninstalled", state=ConfigEntryState.LOADED)
    entry.add_to_hass(hass)
    (found,) = await async_solar_forecasts(hass, [entry.entry_id])
    assert found.problem is ProviderProblem.NO_FORECAST


@frozen
async def test_one_failure_leaves_the_others(hass: HomeAssistant) -> None:
    """In the order asked, each entry once."""
    bad = provider(hass, raising, "bad")
    good = provider(hass, wh_hours(two_days()), "good")
    found = await async_solar_forecasts(hass, [bad, good, bad])
    assert [(f.entry_id, f.problem) for f in found] == [
        (bad, ProviderProblem.FAILED),
        (good, None),
    ]


@frozen
async def test_own_forecast_is_left_out(hass: HomeAssistant) -> None:
    """A share that reads itself would grow for ever."""
    own = provider(hass, wh_hours(two_days()), DOMAIN)
    assert await async_solar_forecasts(hass, [own]) == ()


# Which are asked


async def choose(hass: HomeAssistant, *chosen: list[str] | None) -> None:
    """One solar source for each, in the Energy dashboard without the frontend it needs."""
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    sources: list[dict[str, Any]] = [
        {
            "type": "solar",
            "stat_energy_from": f"sensor.solar_{n}",
            "config_entry_solar_forecast": entries,
        }
        for n, entries in enumerate(chosen)
    ]
    sources.append({"type": "solar", "stat_energy_from": "sensor.older"})
    await manager.async_update({"energy_sources": sources})  # type: ignore[typeddict-item]


@frozen
async def test_those_of_the_dashboard_are_asked(hass: HomeAssistant) -> None:
    """Of all solar sources, each once."""
    hook = wh_hours(two_days())
    east, west, unused = (provider(hass, hook, d) for d in ("east", "west", "unused"))
    await choose(hass, [east, west], None, [west])
    found = await async_solar_forecasts(hass)
    assert [f.entry_id for f in found] == [east, west]
    assert unused not in {f.entry_id for f in found}


async def test_nobody_chose_any(hass: HomeAssistant) -> None:
    """With an Energy dashboard, and without."""
    assert await async_solar_forecasts(hass) == ()
    await choose(hass)
    assert await async_solar_forecasts(hass) == ()


async def test_the_dashboard_asks_the_same_hook(hass: HomeAssistant) -> None:
    """The platform and its function are still called so."""
    hook = wh_hours(two_days())
    provider(hass, hook, "seen")
    hass.config.components.add("seen")
    assert (await async_get_energy_platforms(hass))["seen"] is hook
