"""Hourly statistics as the tests make, read and expect them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from custom_components.autoconsommation_collective.adapters.statistics import (
    HourlyStatistic,
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


async def stored(
    hass: HomeAssistant, suffix: str = "allocated"
) -> dict[datetime, tuple[int, int]]:
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
        datetime.fromtimestamp(row["start"], UTC): (
            round(row["state"] or 0),
            round(row["sum"] or 0),
        )
        for row in rows.get(statistic_id, [])
    }


def lawful(energies: Mapping[datetime, int]) -> dict[datetime, tuple[int, int]]:
    """The rows these energies must give."""
    at = sorted(energies)
    sums = accumulate(energies[hour] for hour in at)
    return {
        hour: (energies[hour], sum_wh) for hour, sum_wh in zip(at, sums, strict=True)
    }
