"""The weather over the plants: asked seldom, only where nobody tells, and never in the way."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any, override
from unittest.mock import patch

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_OPERATION,
    DOMAIN,
    LOGGER,
)
from custom_components.autoconsommation_collective.coordinator import ProductionForecast
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.sky.open_meteo import (
    ATTRIBUTION,
    OpenMeteo,
)
from tests.pmo.feed_server import Answer, answering, cut_off, garbage, silent

from .feed import PARIS, Document, Month, Organiser
from .house import (
    BASE_CONTRACT,
    NOW,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait,
)
from .test_solar_forecast import choose, provider, wh_hours
from .village import OPERATION, PLANT, Sky, under

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
ROOF: Document = {
    "kind": "solar",
    "peak_power_kw": 36.0,
    "commune": "Bélâbre",
    "latitude_deg": 46.56,
    "longitude_deg": 1.16,
    "tilt_deg": 30,
    "azimuth_deg": 0,
    "valid_from": "2025-01-01",
}
FULL_WH = 7_800
"""About what the roof gives in half an hour of 500 W/m² at ten degrees."""


@dataclass
class Weather(Sky):
    """A sky whose service also fails, as each test wants."""

    failing: dict[str, Answer] = field(default_factory=dict)
    """What is answered instead, by what is asked for: forecast, archive."""

    @override
    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer, or fail."""
        self.now = datetime.now(UTC)
        name = request.path.rpartition("/")[2]
        if name not in self.failing:
            return await super().answer(request)
        self.asked.append(dict(request.query))
        return await self.failing[name](request)

    def fail(self, answer: Answer) -> None:
        """Answer so to whatever is asked."""
        self.failing = dict.fromkeys(("forecast", "archive"), answer)

    def times_asked(self) -> int:
        """How often the forecast was asked for since the last time."""
        n = sum("minutely_15" in question for question in self.asked)
        self.asked.clear()
        return n


@pytest.fixture
async def sky(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Weather]:
    """The weather, and a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.longitude = 1.16
    with patch("tests.ha.village.Sky", Weather):
        async with under(NOW) as sky:
            assert isinstance(sky, Weather)
            yield sky


@pytest.fixture
def untold(organiser: Organiser) -> Organiser:
    """An organiser that has a roof and tells nothing of its production."""
    organiser.forecast_hours = 0
    organiser.months = []
    organiser.plants = [ROOF]
    return organiser


def described_entry() -> MockConfigEntry:
    """A member whose organiser publishes nothing."""
    options = BASE_CONTRACT | {CONF_OPERATION: OPERATION}
    return member_entry(options=options, plants=(PLANT,))


def production(entry: MockConfigEntry) -> ProductionForecast:
    """What a loaded entry knows of the plants."""
    found = entry.runtime_data.production
    assert isinstance(found, ProductionForecast)
    return found


def expected_wh(entry: MockConfigEntry, hour: int, day: int = 0) -> float:
    """What the outlook expects of the first half of an hour, UTC."""
    outlook = entry.runtime_data.outlook.data
    start = NOW.replace(hour=hour) + timedelta(days=day)
    return float(outlook.production_wh[outlook.grid.number(start)])


def missing(hass: HomeAssistant) -> list[str]:
    """What the outlook says to lack."""
    found = shown(hass, "outlook_status").attributes["missing"]
    assert isinstance(found, list)
    return found


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What we said above debug."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(LOGGER.name) and record.levelno > logging.DEBUG
    ]


# When it is asked


@pytest.mark.parametrize(
    ("forecast_hours", "age", "asked"),
    [
        pytest.param(72, 0, 0, id="all is told"),
        pytest.param(37, 0, 0, id="24 hours are told"),
        pytest.param(35, 0, 1, id="less than 24 hours are told"),
        pytest.param(0, 0, 1, id="nothing is told"),
        pytest.param(144, 49, 1, id="what is told is two days old"),
    ],
)
async def test_asked_where_the_organiser_does_not_tell(
    hass: HomeAssistant,
    untold: Organiser,
    sky: Weather,
    forecast_hours: int,
    age: int,
    asked: int,
) -> None:
    """And named then, only then."""
    untold.forecast_hours = forecast_hours
    untold.now = NOW - timedelta(hours=age)
    entry = member_entry(untold, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert sky.times_asked() == asked
    named = shown(hass, "signal").attributes.get("attribution")
    assert named == (ATTRIBUTION if asked else None)


async def test_the_organiser_is_asked_first(
    hass: HomeAssistant, untold: Organiser, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """After three days off, what was kept is old; what it tells now is not."""
    untold.forecast_hours = 72
    entry = member_entry(untold, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=3))
    untold.now = datetime.now(UTC)
    await set_up(hass, entry)
    assert sky.times_asked() == 0


async def test_an_organiser_that_is_away_is_not_waited_for(
    hass: HomeAssistant, untold: Organiser, sky: Weather
) -> None:
    """The plants are known from before."""
    entry = member_entry(untold, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert sky.times_asked() == 1
    untold.answers["*"] = web.Response(status=500)
    hass.data.pop("autoconsommation_collective_skies")
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert sky.times_asked() == 1


async def test_asked_once_an_hour(
    hass: HomeAssistant, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """At a minute of the home's own; at first for all days there are, then for the last."""
    entry = described_entry()
    await set_up(hass, entry)
    assert [question["past_days"] for question in sky.asked] == ["92", "92"]
    asked_at: list[datetime] = []
    sky.asked.clear()
    for _ in range(5 * 12):
        await wait(hass, freezer, timedelta(minutes=5))
        if sky.asked:
            assert [question["past_days"] for question in sky.asked] == ["2", "2"]
            asked_at.append(datetime.now(UTC))
            sky.asked.clear()
    assert 4 <= len(asked_at) <= 5
    assert asked_at[0] - NOW >= HOUR
    gaps = np.diff(np.array([at.timestamp() for at in asked_at]))
    assert gaps == pytest.approx(3600, abs=300)


async def test_a_reload_does_not_ask_again(hass: HomeAssistant, sky: Weather) -> None:
    """What is known stays known, and whose it is stays named."""
    entry = described_entry()
    await set_up(hass, entry)
    before = expected_wh(entry, 12)
    sky.times_asked()
    for _ in range(3):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle_down(hass)
    assert sky.asked == []
    assert expected_wh(entry, 12) == before > 0
    assert shown(hass, "signal").attributes["attribution"] == ATTRIBUTION


async def test_unloaded_nobody_is_asked(
    hass: HomeAssistant, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """Not an hour later either."""
    entry = described_entry()
    await set_up(hass, entry)
    sky.times_asked()
    await hass.config_entries.async_unload(entry.entry_id)
    for _ in range(3):
        await wait(hass, freezer, HOUR)
    assert sky.asked == []


async def test_unloaded_while_it_is_asked(
    hass: HomeAssistant, sky: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that never comes holds nothing up."""
    sky.fail(silent)
    entry = described_entry()
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(entry.entry_id)
    await settle_down(hass)
    assert loud(caplog) == []


# What comes of it


async def test_production_of_the_plants(hass: HomeAssistant, sky: Weather) -> None:
    """In proportion to light and power, at the hours of the light."""
    entry = described_entry()
    await set_up(hass, entry)
    assert "no_forecast" not in missing(hass)
    assert expected_wh(entry, 10) == pytest.approx(FULL_WH, rel=0.05)
    assert expected_wh(entry, 14, day=1) == pytest.approx(FULL_WH, rel=0.05)
    assert expected_wh(entry, 8) == expected_wh(entry, 15) == 0


async def test_plants_that_no_weather_tells_are_missing(
    hass: HomeAssistant, untold: Organiser, sky: Weather
) -> None:
    """A mill, and a roof of which nobody tells the place."""
    mill = {k: v for k, v in ROOF.items() if not k.endswith("_deg")}
    untold.plants = [ROOF, mill | {"kind": "hydro"}]
    await set_up(hass, member_entry(untold, options=BASE_CONTRACT))
    assert "some_plants" in missing(hass)


async def test_a_step_that_is_closed_after_midnight(
    hass: HomeAssistant, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """What was expected of yesterday's last steps is still known."""
    entry = described_entry()
    await set_up(hass, entry)
    outlook = entry.runtime_data.outlook
    midnight = outlook.data.grid.start + timedelta(days=1)
    await wait(hass, freezer, midnight - HOUR)
    await wait(hass, freezer, midnight + timedelta(minutes=15))
    assert outlook.data.grid.start == midnight
    step = outlook.community_at(midnight - timedelta(minutes=15))
    assert step is not None
    assert step.shared_injection_wh == 0


async def test_all_sites_or_none(
    hass: HomeAssistant, untold: Organiser, sky: Weather
) -> None:
    """The sum of one roof would pass for that of both."""
    untold.plants = [ROOF, ROOF | {"latitude_deg": 46.9, "peak_power_kw": 12.0}]
    entry = member_entry(untold, options=BASE_CONTRACT)

    async def beside(request: web.Request) -> web.StreamResponse:
        if request.query["latitude"] == "46.9":
            return web.Response(status=500)
        return await Sky.answer(sky, request)

    sky.fail(beside)
    await set_up(hass, entry)
    assert shown(hass, "outlook_status").state == "no_forecast"
    sky.failing = {}
    await production(entry).async_poll(NOW + HOUR)
    await settle_down(hass)
    assert "no_forecast" not in missing(hass)
    assert expected_wh(entry, 10) == pytest.approx(FULL_WH * 48 / 36, rel=0.05)


async def test_what_was_seen_counts_more_than_what_was_foreseen(
    hass: HomeAssistant, sky: Weather
) -> None:
    """Of hours that are past; a satellite that is away takes nothing."""
    sky.failing = {"archive": answering(500)}
    entry = described_entry()
    await set_up(hass, entry)
    assert expected_wh(entry, 10) == pytest.approx(FULL_WH, rel=0.05)
    sky.failing = {}
    told = sky.light_w_m2

    async def half(request: web.Request) -> web.Response:
        sky.light_w_m2 = told / 2
        answer = await Sky.answer(sky, request)
        sky.light_w_m2 = told
        return answer

    sky.failing = {"archive": half}
    await production(entry).async_poll(NOW + HOUR)
    await settle_down(hass)
    assert expected_wh(entry, 10) == pytest.approx(FULL_WH / 2, rel=0.05)
    assert expected_wh(entry, 14) == pytest.approx(FULL_WH, rel=0.05)


async def test_put_right_by_what_was_settled(
    hass: HomeAssistant, untold: Organiser, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """A month gave 4 kWh where the model says nearly twice as much: so will tomorrow.

    Hour after hour, though later questions do not go back to that month.
    """
    untold.months = [Month("2026-10", n_days=24)]
    entry = member_entry(untold, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert production(entry).calibrated_days == 24
    assert expected_wh(entry, 10, day=1) == pytest.approx(4000, rel=0.06)
    for _ in range(3):
        await wait(hass, freezer, HOUR)
    assert production(entry).calibrated_days == 24
    assert expected_wh(entry, 10, day=1) == pytest.approx(4000, rel=0.06)
    # Past cases are compared by the model alone, which no later settlement moves.
    outlook = entry.runtime_data.outlook.data
    lit = outlook.production_wh > 0
    assert outlook.level_wh[lit] == pytest.approx(FULL_WH, rel=0.05)


async def test_what_was_settled_is_learned_from_with_the_weather_of_its_days(
    hass: HomeAssistant, untold: Organiser, sky: Weather
) -> None:
    """The weather comes after the first look, and is learned from at once."""
    untold.months = [Month("2026-10", n_days=24)]
    untold.answers[names.aggregates_month("2026-10")] = b"{"
    entry = member_entry(untold, options=BASE_CONTRACT)
    await set_up(hass, entry)
    table = entry.runtime_data.outlook.learned.table
    assert table is not None
    assert table.n_days == 24


# Failures


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answering(500), id="broken"),
        pytest.param(answering(400, text='{"reason":"46.56"}'), id="refused"),
        pytest.param(answering(429), id="too often"),
        pytest.param(answering(text="<html>"), id="no JSON"),
        pytest.param(answering(text='{"minutely_15": {}}'), id="nothing in it"),
    ],
)
async def test_without_an_answer_the_last_stays(
    hass: HomeAssistant,
    sky: Weather,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    """Said to who looks closely; a failure from the start is told as what it is."""
    sky.fail(answer)
    entry = described_entry()
    await set_up(hass, entry)
    assert shown(hass, "outlook_status").state == "no_forecast"
    assert value(hass, "price_now") > 0
    sky.failing = {}
    await wait(hass, freezer, HOUR)
    assert "no_forecast" not in missing(hass)
    before = expected_wh(entry, 12)
    sky.fail(answer)
    sky.times_asked()
    await wait(hass, freezer, HOUR)
    await wait(hass, freezer, HOUR)
    assert sky.times_asked() == 2
    assert expected_wh(entry, 12) == before > 0
    assert "no_forecast" not in missing(hass)
    assert loud(caplog) == []


@pytest.mark.parametrize("answer", [cut_off, garbage, silent])
async def test_a_service_that_speaks_no_sense(
    hass: HomeAssistant,
    sky: Weather,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    """Or says nothing for so long that nobody waits any more."""
    sky.fail(answer)
    entry = described_entry()
    entry.add_to_hass(hass)
    short = {"timeout": timedelta(milliseconds=100)}
    with patch.dict(OpenMeteo.__init__.__kwdefaults__, short):
        await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    freezer.tick(1)
    await settle_down(hass)
    assert sky.times_asked() == 1
    assert shown(hass, "outlook_status").state == "no_forecast"
    assert loud(caplog) == []


@pytest.mark.parametrize(
    ("retry_after", "hours"),
    [
        pytest.param(None, 1, id="not told"),
        pytest.param("60", 1, id="a minute"),
        pytest.param("9000", 3, id="two hours and a half"),
        pytest.param("86400", 24, id="a day"),
        pytest.param("999999999", 24, id="for ever is a day"),
        pytest.param("soon", 1, id="no number"),
    ],
)
@pytest.mark.parametrize("what", ["forecast", "archive"])
async def test_wait_that_is_asked_for_is_kept(
    hass: HomeAssistant,
    sky: Weather,
    freezer: FrozenDateTimeFactory,
    what: str,
    retry_after: str | None,
    hours: int,
) -> None:
    """By each of the two services for itself; a reload does not shorten it."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    sky.failing = {what: answering(429, headers=headers)}
    entry = described_entry()
    await set_up(hass, entry)
    sky.failing = {}
    kind = {"forecast": "minutely_15", "archive": "hourly"}[what]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    sky.asked.clear()
    until_asked = 0
    while not any(kind in question for question in sky.asked):
        await wait(hass, freezer, HOUR)
        until_asked += 1
        assert until_asked <= 30
    # The first question of an hour's grid comes within the hour after the start.
    assert hours <= until_asked <= hours + 1


async def test_weather_that_is_long_past_tells_nothing(
    hass: HomeAssistant, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """Then all is asked for again from the beginning."""
    entry = described_entry()
    await set_up(hass, entry)
    sky.fail(answering(500))
    await wait(hass, freezer, timedelta(days=4))
    assert shown(hass, "outlook_status").state == "no_forecast"
    sky.failing = {}
    sky.asked.clear()
    await wait(hass, freezer, HOUR)
    assert {question["past_days"] for question in sky.asked} == {"92"}
    assert "no_forecast" not in missing(hass)


# Another integration's forecast


def day_hours(shift: int = 0, wh: float = 1000.0, day: int = 0) -> dict[str, float]:
    """Light from eight to four, UTC, on two days around a solar noon at twelve."""
    midnight = NOW.replace(hour=0) + timedelta(days=day)
    return {
        (midnight + timedelta(days=n, hours=hour + shift)).isoformat(): wh
        * max(0, 4 - abs(11.5 - hour))
        for n in range(3)
        for hour in range(24)
    }


@pytest.mark.parametrize(
    ("hours", "issue"),
    [
        pytest.param(day_hours(), None, id="as the sun stands"),
        pytest.param(day_hours(2), "forecast_shifted", id="shifted"),
        pytest.param(day_hours(wh=0), "forecast_all_zero", id="all zero"),
        pytest.param(day_hours(day=-5), "forecast_other_days", id="wrong days"),
        pytest.param({"noon": 1.0}, "forecast_unreadable", id="not readable"),
    ],
)
async def test_forecast_that_the_house_has_anyway(
    hass: HomeAssistant,
    sky: Weather,
    caplog: pytest.LogCaptureFixture,
    hours: dict[str, Any],
    issue: str | None,
) -> None:
    """Where no plant is told, if the sun allows it; the weather service is not asked.

    The member is told why not, where it could be mended.
    """
    believed = issue is None
    await choose(hass, [provider(hass, wh_hours(hours))])
    entry = member_entry(options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert sky.asked == []
    assert ("no_forecast" not in missing(hass)) is believed
    if believed:
        assert expected_wh(entry, 11) == pytest.approx(875)  # steps of a quarter
    assert "attribution" not in shown(hass, "signal").attributes
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"forecast_{entry.entry_id}")
    assert (found and found.translation_key) == issue
    await hass.config_entries.async_unload(entry.entry_id)
    assert not ir.async_get(hass).issues
    assert loud(caplog) == []


async def test_forecast_of_the_house_where_the_weather_is_not_told(
    hass: HomeAssistant, sky: Weather, freezer: FrozenDateTimeFactory
) -> None:
    """Until it is, and again once the last weather is past."""

    async def today(_: HomeAssistant, __: str) -> dict[str, Any]:
        return {"wh_hours": day_hours(day=(datetime.now(UTC) - NOW).days)}

    await choose(hass, [provider(hass, today)])
    sky.fail(answering(500))
    entry = described_entry()
    await set_up(hass, entry)
    assert expected_wh(entry, 11) == pytest.approx(1750)
    sky.failing = {}
    await wait(hass, freezer, HOUR)
    assert expected_wh(entry, 11) == pytest.approx(FULL_WH, rel=0.05)
    sky.fail(answering(500))
    await wait(hass, freezer, timedelta(days=4))
    assert expected_wh(entry, 11, day=4) == pytest.approx(1750)


async def test_a_provider_that_raises_is_left_aside(
    hass: HomeAssistant, sky: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one is asked."""

    async def raising(_: HomeAssistant, __: str) -> None:
        raise AttributeError("runtime_data")

    bad, good = provider(hass, raising, "bad"), provider(hass, wh_hours(day_hours()))
    await choose(hass, [bad, good])
    entry = member_entry(options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert expected_wh(entry, 11) == pytest.approx(875)
    assert loud(caplog) == []
