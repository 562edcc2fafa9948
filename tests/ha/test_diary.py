"""The forecast diary: a page each evening, kept as it was, scored when the month is settled."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.diary import Diary
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import (
    DOMAIN,
    LOGGER,
    SLOT_MONTHS,
)
from custom_components.autoconsommation_collective.engine.diary import DiaryPage

from .feed import Month, Organiser
from .house import (
    BASE_CONTRACT,
    KEY,
    NOW,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait,
)

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
EVENING = datetime(2026, 11, 20, 20, tzinfo=UTC)
"""Eight in the evening of the village."""
SCORES = ("forecast_error", "forecast_bias", "forecast_brier", "live_error")


def entry_of(organiser: Organiser) -> MockConfigEntry:
    """A member on Base with no meter."""
    return member_entry(organiser, options=BASE_CONTRACT)


def file_of(disk: Path, month: str) -> Path:
    """Where the diary of a month lies."""
    return disk / f"{DOMAIN}.{KEY}.diary.{month}"


def days_of(disk: Path, month: str = "2026-11") -> list[dict[str, Any]]:
    """What is kept of a month."""
    days = json.loads(file_of(disk, month).read_text())["data"]["days"]
    assert isinstance(days, list)
    return days


async def saved(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let all that waits be written."""
    await wait(hass, freezer, timedelta(minutes=6))


async def pages(hass: HomeAssistant) -> tuple[DiaryPage, ...]:
    """What a start of Home Assistant would know."""
    diary = Diary(Stores(hass, KEY))
    await diary.async_load()
    return diary.pages


async def at_evening(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    at: datetime,
) -> None:
    """Let an evening come, with a new forecast."""
    organiser.now = at - HOUR
    await wait(hass, freezer, at - HOUR)
    await wait(hass, freezer, at)
    await wait(hass, freezer, at + timedelta(minutes=30))


# Written


async def test_a_page_an_evening(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """Not before; of the next local day; one and no more, day after day."""
    await set_up(hass, entry_of(plenty))
    await wait(hass, freezer, EVENING - timedelta(minutes=1))
    await saved(hass, freezer)
    for n in range(3):
        await at_evening(hass, freezer, plenty, EVENING + timedelta(days=n))
        await wait(hass, freezer, EVENING + timedelta(days=n, hours=2, minutes=50))
        await saved(hass, freezer)
        assert [day["start"] for day in days_of(disk)] == [
            f"2026-11-{20 + m}T23:00:00+00:00" for m in range(n + 1)
        ]


async def test_nothing_before_the_evening(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """What the morning says of tomorrow is no forecast yet."""
    await set_up(hass, entry_of(plenty))
    await wait(hass, freezer, EVENING - timedelta(minutes=31))
    await saved(hass, freezer)
    assert not file_of(disk, "2026-11").exists()


async def test_a_page_is_never_changed(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """Whatever the organiser says later, and over a restart in the same evening."""
    entry = entry_of(plenty)
    await set_up(hass, entry)
    await at_evening(hass, freezer, plenty, EVENING)
    await saved(hass, freezer)
    before = days_of(disk)
    plenty.injection_wh, plenty.now = 100, datetime.now(UTC)
    await wait(hass, freezer, HOUR)
    await hass.config_entries.async_reload(entry.entry_id)
    await wait(hass, freezer, HOUR)
    await saved(hass, freezer)
    assert entry.runtime_data.outlook.data.production_wh[50] == 100
    assert days_of(disk) == before
    assert set(before[0]["production_wh"]) == {6000}


async def test_a_day_of_the_clock_change(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """Of 25 hours."""
    organiser.months = []
    organiser.now = datetime(2026, 10, 24, 16, tzinfo=UTC)
    freezer.move_to(organiser.now)
    await set_up(hass, entry_of(organiser))
    await wait(hass, freezer, datetime(2026, 10, 24, 19, tzinfo=UTC))
    await saved(hass, freezer)
    (day,) = days_of(disk, "2026-10")
    assert day["start"] == "2026-10-24T22:00:00+00:00"
    assert len(day["production_wh"]) == 50


async def test_the_late_evening_before_a_short_day(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """A day later by the clock is the day after tomorrow, which has no page yet."""
    organiser.months = []
    organiser.now = datetime(2026, 3, 28, 16, tzinfo=UTC)
    freezer.move_to(organiser.now)
    await set_up(hass, entry_of(organiser))
    for minutes in (0, 150):
        late = datetime(2026, 3, 28, 20, tzinfo=UTC) + timedelta(minutes=minutes)
        await wait(hass, freezer, late)
    await saved(hass, freezer)
    (day,) = days_of(disk, "2026-03")
    assert day["start"] == "2026-03-28T23:00:00+00:00"
    assert len(day["production_wh"]) == 46


async def test_no_page_of_nothing(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """The forecast comes late: it is noted then, not a hole before."""
    plenty.forecast_hours = 0
    entry = entry_of(plenty)
    await set_up(hass, entry)
    await wait(hass, freezer, EVENING)
    await saved(hass, freezer)
    assert not file_of(disk, "2026-11").exists()
    plenty.forecast_hours, plenty.now = 72, datetime.now(UTC)
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    await saved(hass, freezer)
    (day,) = days_of(disk)
    assert set(day["production_wh"]) == {6000}
    assert day["made_at"] > EVENING.isoformat()


# Kept


async def test_known_again_after_a_restart(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """All days, in order of time."""
    entry = entry_of(plenty)
    await set_up(hass, entry)
    for n in range(2):
        await at_evening(hass, freezer, plenty, EVENING + timedelta(days=n))
    await hass.config_entries.async_unload(entry.entry_id)
    first, second = await pages(hass)
    assert first.grid.end == second.grid.start
    assert first.made_at < first.grid.start
    assert first.production_wh.tolist() == [6000] * 48


async def test_old_months_are_removed(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
) -> None:
    """As many are kept as of own steps."""
    stores = Stores(hass, KEY)
    for n in range(SLOT_MONTHS + 2):
        year, month = divmod(12 * 2026 + 9 - n, 12)
        await stores.async_save(f"diary.{year}-{month + 1:02}", {"days": []})
    await set_up(hass, entry_of(plenty))
    await at_evening(hass, freezer, plenty, EVENING)
    await saved(hass, freezer)
    kept = await stores.async_months("diary")
    assert len(kept) == SLOT_MONTHS
    assert (kept[0], kept[-1]) == ("2025-11", "2026-11")


GOOD_DAY = {
    "made_at": "2026-10-01T18:00:00+00:00",
    "start": "2026-10-01T22:00:00+00:00",
    "step_minutes": 30,
    "production_wh": [6000] * 48,
    "level_wh": [6000] * 48,
    "allocated_wh": [100.0] * 48,
    "probability": [0.9] * 48,
    "correction": 1.0,
}


@pytest.mark.parametrize(
    ("content", "n_left"),
    [
        pytest.param("{", 0, id="cut off"),
        pytest.param({}, 0, id="no days"),
        pytest.param([], 0, id="a list"),
        pytest.param({"days": None}, 0, id="days are null"),
        pytest.param({"days": [GOOD_DAY, {}]}, 1, id="a day of nothing"),
        pytest.param({"days": [3, GOOD_DAY]}, 1, id="a number for a day"),
        pytest.param({"days": [GOOD_DAY | {"step_minutes": 7}]}, 0, id="no such step"),
        pytest.param({"days": [GOOD_DAY | {"probability": [1]}]}, 0, id="lengths differ"),
        pytest.param({"days": [GOOD_DAY | {"production_wh": ["a"] * 48}]}, 0, id="no numbers"),
        pytest.param({"days": [GOOD_DAY | {"made_at": 12}]}, 0, id="no instant"),
    ],
)  # fmt: skip
async def test_what_is_damaged_is_as_if_never_written(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    disk: Path,
    caplog: pytest.LogCaptureFixture,
    content: Any,
    n_left: int,
) -> None:
    """The others are there, and the next evening is written as ever."""
    stores = Stores(hass, KEY)
    await stores.async_save("diary.2026-09", {"days": [GOOD_DAY]})
    if isinstance(content, str):
        file_of(disk, "2026-10").write_text(content)
    else:
        document = {"version": 1, "minor_version": 1, "key": "", "data": content}
        file_of(disk, "2026-10").write_text(json.dumps(document))
    entry = entry_of(plenty)
    await set_up(hass, entry)
    assert len(await pages(hass)) == 1 + n_left
    await at_evening(hass, freezer, plenty, EVENING)
    await saved(hass, freezer)
    assert len(days_of(disk)) == 1
    assert not [
        record
        for record in caplog.records
        if record.name.startswith(LOGGER.name) and record.levelname == "ERROR"
    ]


# Scored


@pytest.fixture
def scores(hass: HomeAssistant) -> None:
    """The sensors that few people want, switched on."""
    for name in SCORES:
        er.async_get(hass).async_get_or_create(
            "sensor", DOMAIN, f"{KEY}_{name}", disabled_by=None
        )


@pytest.mark.usefixtures("scores")
async def test_scored_when_the_month_is_settled(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """The page said 100 Wh a step and nine in ten; a part of that came, never all."""
    stores = Stores(hass, KEY)
    await stores.async_save(
        "diary.2026-09", {"days": [GOOD_DAY | {"start": "2026-09-30T22:00:00+00:00"}]}
    )
    entry = entry_of(plenty)
    await set_up(hass, entry)
    assert [shown(hass, name).state for name in SCORES] == ["unknown"] * 4
    month = Month("2026-10")
    plenty.months = [month]
    await wait(hass, freezer, HOUR)
    came = sum(month.allocated_wh)
    assert value(hass, "forecast_error") == pytest.approx(100 * abs(4800 - came) / came)
    assert value(hass, "forecast_bias") == pytest.approx(100 * (4800 - came) / came)
    assert value(hass, "forecast_brier") == pytest.approx(0.81)
    assert shown(hass, "live_error").state == "unknown"
    learned = entry.runtime_data.outlook.learned
    assert learned.score.n_days == 1
    assert learned.bias < 1


@pytest.mark.usefixtures("scores")
async def test_a_correction_is_scored_again(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """As soon as it is published, not the day after."""
    stores = Stores(hass, KEY)
    await stores.async_save(
        "diary.2026-09", {"days": [GOOD_DAY | {"start": "2026-09-30T22:00:00+00:00"}]}
    )
    plenty.months = [Month("2026-10")]
    await set_up(hass, entry_of(plenty))
    before = value(hass, "forecast_bias")
    plenty.months = [Month("2026-10", revision=2, allocated_each_wh=80)]
    await wait(hass, freezer, HOUR)
    assert value(hass, "forecast_bias") < before
