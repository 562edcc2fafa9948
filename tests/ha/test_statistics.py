"""Hourly statistics in a real recorder: late, corrected, interrupted."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import (
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import (
    AdjustStatisticsTask,
    ImportStatisticsTask,
    RecorderTask,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.storage import Store
import pytest

from custom_components.autoconsommation_collective.adapters.statistics import (
    Changes,
    HourlyStatistic,
    StatisticsError,
)
from custom_components.autoconsommation_collective.const import DOMAIN

START = datetime(2025, 11, 3, tzinfo=UTC)
JOURNAL = f"{DOMAIN}.0a1b_allocated"

type Energies = dict[datetime, int]


def hours(first: int, energies: list[int]) -> Energies:
    """Energies in Wh of consecutive hours, the first one counted from START."""
    return {START + timedelta(hours=first + n): wh for n, wh in enumerate(energies)}


DAY = hours(0, [100 + n for n in range(24)])
NEXT_DAY = hours(24, [200 + n for n in range(24)])


def statistic(hass: HomeAssistant, suffix: str = "allocated") -> HourlyStatistic:
    """The statistic as a start of Home Assistant makes it."""
    journal = Store[list[str]](hass, 1, f"{DOMAIN}.0a1b_{suffix}")
    return HourlyStatistic(hass, "0a1b", suffix, "Énergie allouée", journal)


@pytest.fixture
def allocated(hass: HomeAssistant, hass_storage: dict[str, Any]) -> HourlyStatistic:
    """A statistic without rows, and a disk for its journal."""
    return statistic(hass)


async def stored(hass: HomeAssistant, suffix: str = "allocated") -> dict[datetime, tuple[int, int]]:
    """Energy and sum in Wh of each hour, as the dashboard reads them."""
    statistic_id = f"{DOMAIN}:0a1b_{suffix}"
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2000, 1, 1, tzinfo=UTC),
        None,
        {statistic_id},
        "hour",
        {"energy": "Wh"},
        {"state", "sum"},
    )
    return {
        datetime.fromtimestamp(row["start"], UTC): (round(row["state"]), round(row["sum"]))
        for row in rows.get(statistic_id, [])
    }


def lawful(energies: Mapping[datetime, int]) -> dict[datetime, tuple[int, int]]:
    """The rows these energies must give."""
    at = sorted(energies)
    sums = accumulate(energies[hour] for hour in at)
    return {hour: (energies[hour], sum_wh) for hour, sum_wh in zip(at, sums, strict=True)}


@pytest.mark.parametrize(
    ("existing", "wanted", "changes"),
    [
        pytest.param({}, DAY, Changes(written=24), id="first import"),
        pytest.param(DAY, DAY, Changes(unchanged=24), id="same again"),
        pytest.param(DAY, NEXT_DAY, Changes(written=24), id="appended"),
        pytest.param(DAY, hours(264, [7] * 24), Changes(written=24), id="gap of ten days"),
        pytest.param(
            DAY | NEXT_DAY,
            DAY | hours(5, [0, 999]),
            Changes(written=2, shifted=1, unchanged=22),
            id="past corrected",
        ),
        pytest.param(
            DAY | NEXT_DAY,
            hours(2, [1]) | hours(20, [2]) | hours(47, [3]),
            Changes(written=3, shifted=2),
            id="scattered corrections",
        ),
        pytest.param(
            DAY,
            hours(-24 * 40, [5] * 24),
            Changes(written=24, shifted=1),
            id="late month before the first",
        ),
        pytest.param(
            DAY,
            hours(-24 * 400, [5]) | hours(24, [6]),
            Changes(written=2, shifted=1),
            id="a year and more before, and after",
        ),
        pytest.param(
            hours(0, [1]) | hours(24 * 60, [1]),
            hours(24 * 30, [5]),
            Changes(written=1, shifted=1),
            id="month between two",
        ),
    ],
)
async def test_write(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    allocated: HourlyStatistic,
    existing: Energies,
    wanted: Energies,
    changes: Changes,
) -> None:
    await allocated.async_write(existing)
    assert await allocated.async_write(wanted) == changes
    assert await stored(hass) == lawful(existing | wanted)
    assert JOURNAL not in hass_storage


async def test_months_of_one_import_are_summed_through(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    wanted = hours(-24 * 5, [n % 7 for n in range(24 * 40)])
    assert await allocated.async_write(wanted) == Changes(written=len(wanted))
    assert await stored(hass) == lawful(wanted)


async def test_energies_are_rounded_to_whole_watt_hours(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    await allocated.async_write({START: 100.4})
    assert await allocated.async_write({START: 99.6}) == Changes(unchanged=1)
    assert await stored(hass) == {START: (100, 100)}


@pytest.mark.parametrize(
    ("day", "length"),
    [
        pytest.param(date(2026, 3, 29), 23, id="spring: 23 hours"),
        pytest.param(date(2025, 10, 26), 25, id="autumn: 25 hours"),
    ],
)
async def test_days_of_the_clock_change(
    hass: HomeAssistant, allocated: HourlyStatistic, day: date, length: int
) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")
    paris = ZoneInfo("Europe/Paris")
    midnight = datetime(day.year, day.month, day.day, tzinfo=paris).astimezone(UTC)
    wanted = {midnight + timedelta(hours=n): 100 + n for n in range(length)}
    await allocated.async_write(wanted)
    days = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        midnight,
        midnight + timedelta(hours=length),
        {allocated.statistic_id},
        "day",
        {"energy": "Wh"},
        {"change"},
    )
    assert [round(row["change"]) for row in days[allocated.statistic_id]] == [sum(wanted.values())]


async def test_two_statistics_do_not_interfere(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    complement = statistic(hass, "complement")
    await asyncio.gather(
        allocated.async_write(DAY | NEXT_DAY), complement.async_write(NEXT_DAY)
    )
    await asyncio.gather(
        allocated.async_write(hours(3, [7])), complement.async_write(hours(0, [9]))
    )
    assert await stored(hass) == lawful(DAY | NEXT_DAY | hours(3, [7]))
    assert await stored(hass, "complement") == lawful(NEXT_DAY | hours(0, [9]))


async def test_two_writes_at_once_take_turns(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    await asyncio.gather(allocated.async_write(NEXT_DAY), allocated.async_write(DAY))
    assert await stored(hass) == lawful(DAY | NEXT_DAY)


async def test_what_the_dashboard_needs_to_know(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    await allocated.async_write(DAY)
    found = await get_instance(hass).async_add_executor_job(get_metadata, hass)
    _, metadata = found[f"{DOMAIN}:0a1b_allocated"]
    assert metadata["name"] == "Énergie allouée"
    assert metadata["has_sum"]
    assert metadata["unit_class"] == "energy"
    assert metadata["unit_of_measurement"] == "kWh"


type Queue = Callable[[RecorderTask], None]


async def stop_at_first_shift(
    recorder: Recorder, writer: HourlyStatistic, wanted: Energies
) -> None:
    """Let the recorder take everything up to the first shift, as if killed there."""
    killed = asyncio.Event()
    queue: Queue = recorder.queue_task

    def queue_until_shift(task: RecorderTask) -> None:
        if isinstance(task, AdjustStatisticsTask):
            killed.set()
        if not killed.is_set():
            queue(task)

    with patch.object(recorder, "queue_task", queue_until_shift):
        writing = asyncio.create_task(writer.async_write(wanted))
        await killed.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing


CORRECTED = hours(2, [0]) | hours(20, [1000])


async def test_start_heals_what_a_stop_before_the_shift_has_left(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    recorder_mock: Recorder,
    allocated: HourlyStatistic,
) -> None:
    await allocated.async_write(DAY | NEXT_DAY)
    await stop_at_first_shift(recorder_mock, allocated, CORRECTED)
    assert JOURNAL in hass_storage

    await statistic(hass).async_heal()
    assert await stored(hass) == lawful(DAY | NEXT_DAY | hours(2, [0]))
    assert JOURNAL not in hass_storage

    await statistic(hass).async_write(CORRECTED)
    assert await stored(hass) == lawful(DAY | NEXT_DAY | CORRECTED)


async def test_next_write_heals_first(
    hass: HomeAssistant, recorder_mock: Recorder, allocated: HourlyStatistic
) -> None:
    await allocated.async_write(DAY | NEXT_DAY)
    await stop_at_first_shift(recorder_mock, allocated, CORRECTED)
    later = hours(24 * 60, [3])
    await statistic(hass).async_write(later)
    assert await stored(hass) == lawful(DAY | NEXT_DAY | hours(2, [0]) | later)


@pytest.mark.parametrize("late", [ImportStatisticsTask, AdjustStatisticsTask])
async def test_a_task_the_recorder_does_again_later_ends_right(
    hass: HomeAssistant,
    recorder_mock: Recorder,
    allocated: HourlyStatistic,
    late: type[RecorderTask],
) -> None:
    """As after a database error: the first task of its kind goes behind all the others."""
    await allocated.async_write(DAY | NEXT_DAY)
    queue: Queue = recorder_mock.queue_task
    held: list[RecorderTask] = []
    seen: list[RecorderTask] = []

    def queue_first_late(task: RecorderTask) -> None:
        if isinstance(task, late) and not seen:
            seen.append(task)
            held.append(task)
            return
        queue(task)
        if held and not isinstance(task, (ImportStatisticsTask, AdjustStatisticsTask)):
            queue(held.pop())

    with patch.object(recorder_mock, "queue_task", queue_first_late):
        await allocated.async_write(CORRECTED)
    assert seen
    assert not held
    assert await stored(hass) == lawful(DAY | NEXT_DAY | CORRECTED)


@pytest.mark.parametrize("lost", [ImportStatisticsTask, AdjustStatisticsTask])
async def test_what_the_recorder_does_not_store_is_told(
    hass_storage: dict[str, Any],
    recorder_mock: Recorder,
    allocated: HourlyStatistic,
    lost: type[RecorderTask],
) -> None:
    await allocated.async_write(DAY | NEXT_DAY)
    queue: Queue = recorder_mock.queue_task

    def queue_but_lose(task: RecorderTask) -> None:
        if not isinstance(task, lost):
            queue(task)

    with (
        patch.object(recorder_mock, "queue_task", queue_but_lose),
        pytest.raises(StatisticsError, match="0a1b_allocated is not as written"),
    ):
        await allocated.async_write(CORRECTED)
    assert JOURNAL in hass_storage


async def test_nothing_waits_for_a_recorder_that_has_not_started(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    hass.set_state(CoreState.starting)
    with pytest.raises(StatisticsError, match="only while Home Assistant runs"):
        await allocated.async_write(DAY)
    hass.set_state(CoreState.running)
    await allocated.async_write(DAY)
    assert await stored(hass) == lawful(DAY)
