"""What the recorder kept of the meter: whole hours of all indexes, and nothing impossible."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate
import math

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import text

from custom_components.autoconsommation_collective.adapters.history import (
    LARGEST_WH,
    REACH,
    async_recorded_consumption,
)
from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity

from .feed import Organiser
from .house import BASE_CONTRACT, NOW, Linky, member_entry, set_up, settle_down, shown

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 18, 23, tzinfo=UTC)
NAN = math.nan


async def record(
    hass: HomeAssistant,
    linky: Linky,
    wh: list[float | None],
    start: datetime = START,
    unit: str = "Wh",
) -> None:
    """Have the recorder keep hours of an index; None where it was not seen."""
    scale = 1000 if unit == "kWh" else 1
    rows = [
        StatisticData(start=start + n * HOUR, state=sum_wh / scale, sum=sum_wh / scale)
        for n, (drawn, sum_wh) in enumerate(
            zip(wh, accumulate(each or 0.0 for each in wh), strict=True)
        )
        if drawn is not None
    ]
    metadata = StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=None,
        source="recorder",
        statistic_id=linky.entity_id,
        unit_class="energy",
        unit_of_measurement=unit,
    )
    async_import_statistics(hass, metadata, rows)
    await async_wait_recording_done(hass)


async def recorded(
    hass: HomeAssistant, *linkys: Linky
) -> list[tuple[datetime, list[float]]]:
    """Start and Wh by hour of each block."""
    blocks = await async_recorded_consumption(hass, [each.ref for each in linkys])
    assert all(block.step == HOUR for block in blocks)
    assert all(list(block.energies) == [Quantity.CONSUMPTION] for block in blocks)
    return [(block.start, wh_of(block)) for block in blocks]


def wh_of(block: Block) -> list[float]:
    """Its consumption."""
    return block.energies[Quantity.CONSUMPTION].tolist()


def approx(wh: list[float]) -> object:
    """The same, holes being alike."""
    return pytest.approx(wh, nan_ok=True)


@pytest.mark.parametrize("unit", ["Wh", "kWh"])
async def test_hours_of_one_index(hass: HomeAssistant, unit: str) -> None:
    """In Wh, whatever the unit; the first is not known to be one hour only."""
    linky = Linky(hass)
    await record(hass, linky, [50, 100, 0, 300], unit=unit)
    assert await recorded(hass, linky) == [(START + HOUR, approx([100, 0, 300]))]


async def test_hours_of_two_indexes_are_added(hass: HomeAssistant) -> None:
    """Peak and off-peak, of which one stands still."""
    peak, off_peak = Linky(hass, "HCHP"), Linky(hass, "HCHC")
    await record(hass, peak, [0, 100, 0, 300])
    await record(hass, off_peak, [0, 0, 20, 1])
    found = await recorded(hass, peak, off_peak)
    assert found == [(START + HOUR, approx([100, 20, 301]))]


async def test_hour_that_one_of_them_lacks_is_left_out(hass: HomeAssistant) -> None:
    """So is the next, in which that one counts both."""
    peak, off_peak = Linky(hass, "HCHP"), Linky(hass, "HCHC")
    await record(hass, peak, [0, 10, 10, 10, 10, 10])
    await record(hass, off_peak, [0, 5, None, 5, 5, 5])
    found = await recorded(hass, peak, off_peak)
    assert found == [(START + HOUR, approx([15, NAN, NAN, 15, 15]))]


async def test_energy_of_a_gap_is_not_that_of_the_hour_after(
    hass: HomeAssistant,
) -> None:
    """Home Assistant was off for three hours, the meter was not."""
    linky = Linky(hass)
    await record(hass, linky, [0, 10, None, None, None, 3010, 20])
    assert await recorded(hass, linky) == [
        (START + HOUR, approx([10, NAN, NAN, NAN, NAN, 20]))
    ]


@pytest.mark.parametrize(
    ("gap", "n_blocks"),
    [
        pytest.param(22, 1, id="a day is bridged by holes"),
        pytest.param(23, 2, id="more begins anew"),
        pytest.param(24 * 21, 2, id="three weeks"),
    ],
)
async def test_long_gap(hass: HomeAssistant, gap: int, n_blocks: int) -> None:
    """Its first hour is left out, too."""
    start = START - timedelta(days=30)
    linky = Linky(hass)
    await record(hass, linky, [0, 10, 20, *[None] * gap, 30, 40, 50], start)
    found = await recorded(hass, linky)
    assert len(found) == n_blocks
    assert found[0][0] == start + HOUR
    assert found[0][1][:2] == [10, 20]
    assert found[-1][1][-2:] == [40, 50]
    if n_blocks == 2:
        assert found[1] == (start + (gap + 4) * HOUR, [40, 50])


@pytest.mark.parametrize(
    "odd_wh",
    [
        pytest.param(-20.0, id="negative"),
        pytest.param(LARGEST_WH + 1, id="more than the largest meter lets through"),
        pytest.param(21_345_678.0, id="a whole index, as after a zero"),
    ],
)
async def test_hour_that_cannot_be_is_left_out(
    hass: HomeAssistant, odd_wh: float
) -> None:
    """The hours around it stay."""
    linky = Linky(hass)
    await record(hass, linky, [0, 10, odd_wh, 30])
    assert await recorded(hass, linky) == [(START + HOUR, approx([10, NAN, 30]))]


async def test_only_the_last_weeks(hass: HomeAssistant) -> None:
    """A year of hours is not read."""
    linky = Linky(hass)
    await record(hass, linky, [1, 2, 3], NOW - REACH - timedelta(days=1))
    await record(hass, linky, [4, 5, 6])
    assert await recorded(hass, linky) == [(START + HOUR, approx([5, 6]))]


# Nothing


async def test_nothing_recorded(hass: HomeAssistant) -> None:
    """A meter without statistics, one that is gone, and none."""
    linky = Linky(hass)
    assert await recorded(hass, linky) == []
    assert await async_recorded_consumption(hass, ["sensor.gone"]) == ()
    assert await async_recorded_consumption(hass, []) == ()


async def test_one_of_two_indexes_is_gone(hass: HomeAssistant) -> None:
    """Half of a consumption is no consumption."""
    linky = Linky(hass)
    await record(hass, linky, [0, 10, 20])
    assert await async_recorded_consumption(hass, [linky.ref, "sensor.gone"]) == ()
    other = Linky(hass, "HCHC")
    assert await async_recorded_consumption(hass, [linky.ref, other.ref]) == ()


async def test_database_that_cannot_be_read(
    hass: HomeAssistant, plenty: Organiser, caplog: pytest.LogCaptureFixture
) -> None:
    """There is an outlook all the same, without habits."""
    linky = Linky(hass)
    await record(hass, linky, [0, 10, 20])
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)

    def rename(name: str, new: str) -> None:
        with session_scope(hass=hass) as session:
            session.execute(text(f"ALTER TABLE {name} RENAME TO {new}"))

    execute = get_instance(hass).async_add_executor_job
    await execute(rename, "statistics", "elsewhere")
    try:
        assert await async_recorded_consumption(hass, [linky.ref]) == ()
        await set_up(hass, entry)
    finally:
        await execute(rename, "elsewhere", "statistics")
    assert shown(hass, "outlook_status").state == "no_habits"
    assert "outlook" not in " ".join(
        r.getMessage() for r in caplog.records if r.levelname in ("WARNING", "ERROR")
    )


# In the outlook


async def test_recorder_is_asked_once_it_runs(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """While Home Assistant still starts there are no habits; right after there are."""
    linky = Linky(hass)
    await record(hass, linky, [100.0] * 24 * 7, START - timedelta(days=7))
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    assert "no_habits" in shown(hass, "outlook_status").attributes["missing"]
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await settle_down(hass)
    assert "no_habits" not in shown(hass, "outlook_status").attributes["missing"]
    expected = entry.runtime_data.outlook.data.own
    assert expected is not None
    assert expected.mean == pytest.approx(50.0)
