"""Hourly statistics in a real recorder: late, corrected, side by side."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    get_metadata,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.adapters.statistics import (
    Changes,
    HourlyStatistic,
)
from custom_components.autoconsommation_collective.const import DOMAIN

from .statistic_rows import (
    DAY,
    JOURNAL,
    NEXT_DAY,
    START,
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


@pytest.mark.parametrize(
    ("existing", "wanted", "changes"),
    [
        pytest.param({}, DAY, Changes(written=24), id="first import"),
        pytest.param(DAY, DAY, Changes(unchanged=24), id="same again"),
        pytest.param(DAY, NEXT_DAY, Changes(written=24), id="appended"),
        pytest.param(
            DAY, hours(264, [7] * 24), Changes(written=24), id="gap of ten days"
        ),
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
    """One more write gives the rows, at the least cost, and leaves no journal."""
    await allocated.async_write(existing)
    assert await allocated.async_write(wanted) == changes
    assert await stored(hass) == lawful(existing | wanted)
    assert JOURNAL not in hass_storage


async def test_months_of_one_import_are_summed_through(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    """The sum runs on over the months written one by one."""
    wanted = hours(-24 * 5, [n % 7 for n in range(24 * 40)])
    assert await allocated.async_write(wanted) == Changes(written=len(wanted))
    assert await stored(hass) == lawful(wanted)


async def test_energies_are_rounded_to_whole_watt_hours(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    """A difference below one Wh is no change."""
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
    """A local day has all its hours."""
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
    assert [round(row["change"] or 0) for row in days[allocated.statistic_id]] == [
        sum(wanted.values())
    ]


async def test_two_statistics_do_not_interfere(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    """Rows and shifts stay in their own statistic."""
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
    """The second plans from what the first has left."""
    await asyncio.gather(allocated.async_write(NEXT_DAY), allocated.async_write(DAY))
    assert await stored(hass) == lawful(DAY | NEXT_DAY)


async def test_what_the_dashboard_needs_to_know(
    hass: HomeAssistant, allocated: HourlyStatistic
) -> None:
    """Name and unit stand in the metadata."""
    await allocated.async_write(DAY)
    found = await get_instance(hass).async_add_executor_job(get_metadata, hass)
    _, metadata = found[f"{DOMAIN}:0a1b_allocated"]
    assert metadata["name"] == "Énergie allouée"
    assert metadata["has_sum"]
    assert metadata["unit_class"] == "energy"
    assert metadata["unit_of_measurement"] == "kWh"
