"""Hourly statistics when Home Assistant stops or the recorder fails half-way."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import (
    AdjustStatisticsTask,
    ImportStatisticsTask,
    RecorderTask,
)
from homeassistant.core import CoreState, HomeAssistant
import pytest
from sqlalchemy.exc import OperationalError

from custom_components.autoconsommation_collective.adapters.statistics import (
    HourlyStatistic,
    StatisticsError,
)

from .statistic_rows import (
    DAY,
    JOURNAL,
    NEXT_DAY,
    Energies,
    hours,
    lawful,
    statistic,
    stored,
)


@pytest.fixture
def allocated(hass: HomeAssistant, hass_storage: dict[str, Any]) -> HourlyStatistic:
    """A statistic without rows, and a disk for its journal."""
    return statistic(hass)


type Queue = Callable[[RecorderTask], None]


async def stop_at_shift(
    number: int, recorder: Recorder, writer: HourlyStatistic, wanted: Energies
) -> None:
    """Let the recorder take everything before that shift, as if killed there."""
    shifts = 0
    killed = asyncio.Event()
    queue: Queue = recorder.queue_task

    def queue_until_shift(task: RecorderTask) -> None:
        nonlocal shifts
        shifts += isinstance(task, AdjustStatisticsTask)
        if shifts == number:
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


@pytest.mark.parametrize(
    ("number", "written"),
    [
        pytest.param(1, hours(2, [0]), id="first shift"),
        pytest.param(2, CORRECTED, id="second shift"),
    ],
)
async def test_start_heals_what_a_stop_before_a_shift_has_left(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    recorder_mock: Recorder,
    allocated: HourlyStatistic,
    number: int,
    written: Energies,
) -> None:
    """Sums are right at once, and the interrupted import can be done again."""
    await allocated.async_write(DAY | NEXT_DAY)
    await stop_at_shift(number, recorder_mock, allocated, CORRECTED)
    assert JOURNAL in hass_storage

    await statistic(hass).async_heal()
    assert await stored(hass) == lawful(DAY | NEXT_DAY | written)
    assert JOURNAL not in hass_storage

    await statistic(hass).async_write(CORRECTED)
    assert await stored(hass) == lawful(DAY | NEXT_DAY | CORRECTED)


async def test_next_write_heals_first(
    hass: HomeAssistant, recorder_mock: Recorder, allocated: HourlyStatistic
) -> None:
    """Another month written first does not bury the broken sum."""
    await allocated.async_write(DAY | NEXT_DAY)
    await stop_at_shift(1, recorder_mock, allocated, CORRECTED)
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
    """After a few attempts, and the journal stays for the next start."""
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
    """An error, not a wait that blocks the start; later it works."""
    hass.set_state(CoreState.starting)
    with pytest.raises(StatisticsError, match="only while Home Assistant runs"):
        await allocated.async_write(DAY)
    hass.set_state(CoreState.running)
    await allocated.async_write(DAY)
    assert await stored(hass) == lawful(DAY)


async def test_a_database_that_cannot_be_read_is_told(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    """As any other trouble of the recorder, and never as an error of ours."""
    locked = OperationalError("SELECT", {}, Exception("database is locked"))
    reads = f"{HourlyStatistic.__module__}.statistics_during_period"
    with (
        patch(reads, side_effect=locked),
        pytest.raises(StatisticsError, match="cannot be read"),
    ):
        await allocated.async_write(DAY)
    await allocated.async_write(DAY)
    assert await stored(hass) == lawful(DAY)
