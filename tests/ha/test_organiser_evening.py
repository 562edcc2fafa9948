"""What an organiser's Home Assistant does each evening: the forecast, from the sky to a member."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator.weather import SKIES
from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import PlantKind, Role
from custom_components.autoconsommation_collective.engine.outlook import Degraded
from custom_components.autoconsommation_collective.engine.roster import Panels, Place
from custom_components.autoconsommation_collective.pmo.pages import (
    Forecast,
    read_forecast,
)
from custom_components.autoconsommation_collective.sky.open_meteo import ATTRIBUTION
from script.feed_check import check
from tests.engine.organised_cases import random_curves

from .feed import Organiser
from .house import (
    BASE_CONTRACT,
    NOW,
    coordinator,
    member_entry,
    set_up,
    settle_down,
    shown,
    wait,
)
from .organised import at, books_of, coordinator_of, home, next_step, organise, serve
from .village import Sky, under

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("disk", "socket_enabled"),
]

LEVROUX = Place(46.98, 1.61, "Levroux", 6)
PANELS = Panels(PlantKind.SOLAR, 3.0)
HOMES = tuple(
    home(
        n,
        **{"role": Role.PROSUMER, "panels": PANELS, "place": LEVROUX} if n < 10 else {},
        follows=n < 5,
    )
    for n in range(12)
)
EVENING = NOW.replace(hour=19, minute=30)
"""Half past eight in the village."""

type Client = TestClient[Any, Any]


@pytest.fixture
async def sky() -> AsyncGenerator[Sky]:
    """Light from nine to three, UTC, on each day."""
    async with under(NOW) as sky:
        yield sky


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / DOMAIN / "feed"


@pytest.fixture
async def entry(hass: HomeAssistant, folder: Path, sky: Sky) -> MockConfigEntry:
    """Twelve homes under ten roofs, and a month that was published."""
    entry = await organise(hass, *HOMES)
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    await serve(entry, folder)
    await coordinator_of(entry).async_publish()
    return entry


async def want(hass: HomeAssistant, entry: MockConfigEntry, is_wanted: bool) -> None:
    """Have the forecast made each evening, or no more."""
    result = await at(hass, entry, "evening")
    told = {"refreshes_forecast": is_wanted, "takes_needs": False}
    result = await next_step(hass, result, told)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "changed")


def published(folder: Path) -> Forecast:
    """What lies there."""
    return read_forecast((folder / "forecast.json").read_bytes())


def bodies(folder: Path) -> dict[str, bytes]:
    """All that lies there but what is packed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".gz"
    }


async def test_each_evening(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Off unless it is wanted; then at half past eight, and nothing else is written anew."""
    before = bodies(folder)
    await wait(hass, freezer, EVENING)
    assert bodies(folder) == before
    assert sky.asked == []
    await wait(hass, freezer, EVENING.replace(hour=10) + timedelta(days=1))
    await want(hass, entry, True)
    assert sky.asked == []
    for day in (1, 2):
        sky.now = EVENING + timedelta(days=day)
        await wait(hass, freezer, sky.now)
        found = published(folder)
        assert found.published_at == sky.now
        (block,) = found.blocks
        assert (block.start, block.end) == (
            sky.now,
            sky.now.replace(hour=23, minute=0) + timedelta(days=2),
        )
        assert block.step == timedelta(minutes=30)
        assert set(block.energies) == {
            Quantity.SHARED_INJECTION,
            Quantity.BASE_WITHDRAWAL,
        }
        noon = (
            sky.now.replace(hour=12, minute=0) + timedelta(days=1) - block.start
        ) // block.step
        assert block.energies[Quantity.SHARED_INJECTION][noon] > 0
        assert [need.energy_wh for need in found.flexible] == [30_000, 30_000]
        after = bodies(folder)
        assert {path for path in after if after[path] != before[path]} == {
            "forecast.json"
        }
        findings = await check(str(folder), None, sky.now)
        assert not any(findings.values())


async def test_made_once_and_carried_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Neither a restart nor another publication makes another; a lost file is as old as before."""
    await want(hass, entry, True)
    await wait(hass, freezer, EVENING)
    first = (folder / "forecast.json").read_bytes()
    assert published(folder).published_at == EVENING
    sky.light_w_m2 = 10.0
    hass.data.pop("autoconsommation_collective_skies")
    await wait(hass, freezer, EVENING.replace(hour=20))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    await coordinator_of(entry).async_publish()
    assert (folder / "forecast.json").read_bytes() == first
    (folder / "forecast.json").unlink()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert (folder / "forecast.json").read_bytes() == first
    await want(hass, entry, False)
    await coordinator_of(entry).async_publish()
    assert published(folder).blocks == ()


@pytest.mark.parametrize(
    ("hour", "is_made"),
    [
        pytest.param(18, False, id="too early"),
        pytest.param(21, True, id="later that evening"),
    ],
)
async def test_a_start_in_the_evening(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
    hour: int,
    is_made: bool,
) -> None:
    """What was missed is made up for."""
    await want(hass, entry, True)
    await hass.config_entries.async_unload(entry.entry_id)
    await wait(hass, freezer, NOW.replace(hour=hour))
    assert published(folder).blocks == ()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    assert bool(published(folder).blocks) is is_made


async def test_without_weather_the_old_one_stays(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Tried again until nine, and said once, not each day; then it is there again."""
    await want(hass, entry, True)
    await wait(hass, freezer, EVENING)
    first = (folder / "forecast.json").read_bytes()
    sky.is_out = True

    def said() -> int:
        return sum(
            "the weather is not known" in record.getMessage()
            for record in caplog.records
            if record.levelno >= logging.WARNING
        )

    for day in (1, 2):
        evening = EVENING + timedelta(days=day)
        hass.data.pop(SKIES, None)
        await hass.config_entries.async_reload(entry.entry_id) if day == 1 else None
        sky.asked.clear()
        for minutes in (0, 10, 20, 30, 40):
            await wait(hass, freezer, evening + timedelta(minutes=minutes))
        assert len(sky.asked) == 3
        assert said() == 1
        assert (folder / "forecast.json").read_bytes() == first
    sky.is_out = False
    sky.now = EVENING + timedelta(days=3)
    await wait(hass, freezer, sky.now)
    assert published(folder).published_at == sky.now
    assert said() == 1


async def test_the_service_is_back_within_the_hour(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody has to know that it was away."""
    await want(hass, entry, True)
    sky.is_out = True
    await wait(hass, freezer, EVENING)
    assert published(folder).blocks == ()
    sky.is_out = False
    await wait(hass, freezer, EVENING + timedelta(minutes=10))
    assert published(folder).published_at == EVENING + timedelta(minutes=10)
    assert "the weather is not known" not in caplog.text


async def test_the_network_is_up_after_a_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Late in the evening, and some minutes after Home Assistant."""
    await want(hass, entry, True)
    await hass.config_entries.async_unload(entry.entry_id)
    await wait(hass, freezer, NOW.replace(hour=21))
    sky.is_out = True
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    assert published(folder).blocks == ()
    sky.is_out = False
    await wait(hass, freezer, timedelta(minutes=10))
    assert published(folder).published_at == NOW.replace(hour=21, minute=10)


async def test_nothing_without_a_publication(
    hass: HomeAssistant,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The form says what is missing."""
    entry = await organise(hass, *HOMES)
    result = await at(hass, entry, "evening")
    weather = (result["description_placeholders"] or {})["weather"]
    assert weather == "At present it is known for all plants."
    alone = home(0, role=Role.PROSUMER, panels=PANELS, place=LEVROUX)
    await books_of(entry).async_change(
        lambda known: replace(known, participants=(alone,))
    )
    told = {"refreshes_forecast": True, "takes_needs": False}
    result = await next_step(hass, result, told)
    weather = (result["description_placeholders"] or {})["weather"]
    assert weather == "At present it is not known for all plants."
    assert result["errors"] == {"refreshes_forecast": "nothing_published"}
    assert not books_of(entry).settings.refreshes_forecast
    await wait(hass, freezer, EVENING)
    assert sky.asked == []


async def test_a_member_plans_by_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sky: Sky,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its reader takes it, its outlook rests on it, and it asks no sky itself."""
    client = await hass_client_no_auth()
    token = await books_of(entry).async_invite("id10")
    await coordinator_of(entry).async_publish()
    await want(hass, entry, True)
    await wait(hass, freezer, EVENING)
    sky.asked.clear()
    url = str(client.make_url(f"/api/{DOMAIN}/feed/{entry.entry_id}/"))
    member = member_entry(Organiser(NOW, url, token), options=BASE_CONTRACT)
    await set_up(hass, member)
    assert coordinator(member).last_update_success
    forecast = coordinator(member).data.forecast
    assert forecast is not None
    assert forecast.published_at == EVENING
    assert sky.asked == []
    outlook = member.runtime_data.outlook.data
    injected = forecast.blocks[0].energies[Quantity.SHARED_INJECTION]
    first = outlook.grid.number(forecast.blocks[0].start)
    last = first + len(injected)
    assert (
        outlook.production_wh[first:last].tolist()
        == injected[: outlook.grid.n_steps - first].tolist()
    )
    missing = shown(hass, "outlook_status").attributes["missing"]
    assert not {Degraded.STALE, Degraded.NO_FLEXIBLE, Degraded.NO_WITHDRAWAL} & set(
        missing
    )
    assert shown(hass, "signal").attributes["attribution"] == ATTRIBUTION
    assert datetime.now(UTC) == EVENING
