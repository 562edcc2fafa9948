"""A recorder whose database is locked or full, or that has stopped: nothing is lost."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import RecorderTask, SynchronizeTask
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import sqlalchemy as sa

from custom_components.autoconsommation_collective.const import LOGGER

from .feed import Month, Organiser
from .house import BASE_CONTRACT, Linky, live, member_entry, set_up, settle_down, wait
from .kept import costs_of, statistics_of

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
OCTOBER = Month("2026-10")
pytestmark = pytest.mark.freeze_time(START)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The file that the recorder writes to."""
    return tmp_path / "home-assistant_v2.db"


@pytest.fixture
def recorder_db_url(hass_fixture_setup: list[bool], database: Path) -> str:
    """A file, as on a real disk; whoever finds it locked waits for a moment only."""
    assert not hass_fixture_setup
    return f"sqlite:///{database}?timeout=0.01"


@dataclass
class Pragma(RecorderTask):
    """Has the recorder's own connection behave otherwise."""

    text: str

    def run(self, instance: Recorder) -> None:
        """In the recorder's thread, which alone writes."""
        with instance.get_session() as session:
            session.execute(sa.text(f"PRAGMA {self.text}"))


async def told(hass: HomeAssistant, recorder: Recorder, pragma: str) -> None:
    """Set that pragma, and wait until it holds."""
    done = hass.loop.create_future()
    recorder.queue_task(Pragma(pragma))
    recorder.queue_task(SynchronizeTask(done))
    await done


@pytest.fixture
def impatient(recorder_mock: Recorder) -> Recorder:
    """A recorder that tries twice within a moment what it tries ten times in half a minute."""
    recorder_mock.db_max_retries, recorder_mock.db_retry_wait = 2, 0
    return recorder_mock


@contextmanager
def locked(database: Path) -> Generator[None]:
    """Another program holds the lock for writing, as a backup or a curious user does."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
async def linky(hass: HomeAssistant) -> Linky:
    """The home's meter."""
    return Linky(hass)


@pytest.fixture
async def entry(
    hass: HomeAssistant, organiser: Organiser, linky: Linky
) -> MockConfigEntry:
    """A member who follows the meter; nothing is settled yet."""
    organiser.now, organiser.months = START, []
    linky.draw(0)
    entry = member_entry(organiser, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    return entry


async def goes_wrong(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
) -> None:
    """Two hours pass, and a month is settled, while nothing can be written."""
    organiser.months = [OCTOBER]
    await entry.runtime_data.settlement.async_refresh()
    await live(hass, freezer, linky, START + timedelta(minutes=125), 30)


def assert_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """One warning of ours; what the recorder says itself is its own."""
    ours = [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith(LOGGER.name)
    ]
    assert [record.levelname for record in ours] == ["WARNING"]
    assert "will be written later" in ours[0].getMessage()
    assert "Task exception was never retrieved" not in caplog.text


async def assert_nothing_lost(hass: HomeAssistant) -> None:
    """As in a run without trouble: what was settled, then two hours that are estimated."""
    hours = OCTOBER.hours
    settled = {hour: a for hour, (_, a) in hours.items()}
    assert await statistics_of(hass, "allocated") == settled
    estimated = {START: 180, START + timedelta(hours=1): 180}
    allocated = await statistics_of(hass, "dashboard_allocated")
    complement = await statistics_of(hass, "dashboard_complement")
    assert allocated == settled | estimated
    rest = {hour: c - a for hour, (c, a) in hours.items()} | estimated
    assert complement == rest
    costs = {hour: round(wh * 19.4) for hour, wh in rest.items()}
    assert await costs_of(hass, "dashboard_complement_cost") == costs


async def test_undisturbed(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
) -> None:
    """What the runs with trouble are compared with."""
    await goes_wrong(hass, freezer, organiser, linky, entry)
    await assert_nothing_lost(hass)


async def test_locked_database(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
    impatient: Recorder,
    database: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """For longer than the recorder waits, over days."""
    with locked(database):
        await goes_wrong(hass, freezer, organiser, linky, entry)
        await wait(hass, freezer, timedelta(days=3))
    await wait(hass, freezer, timedelta(minutes=30))
    await assert_nothing_lost(hass)
    assert_told_once(caplog)


async def test_full_disk(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
    impatient: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SQLite gets no further page; then there is room again."""
    await told(hass, impatient, "max_page_count = 1")
    await goes_wrong(hass, freezer, organiser, linky, entry)
    await wait(hass, freezer, timedelta(days=3))
    await told(hass, impatient, "max_page_count = 1073741823")
    await wait(hass, freezer, timedelta(minutes=30))
    await assert_nothing_lost(hass)
    assert_told_once(caplog)


async def test_recorder_that_has_stopped(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
    recorder_mock: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody waits for it, and the home is measured all the same."""
    recorder_mock.stop_requested = True
    recorder_mock.queue_task(Pragma("user_version"))
    await hass.async_add_executor_job(recorder_mock.join)
    await goes_wrong(hass, freezer, organiser, linky, entry)
    await settle_down(hass)
    assert_told_once(caplog)
