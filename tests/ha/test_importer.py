"""Statistics of a home: what each page writes, once, and what survives a stop."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.importer import (
    WITHDRAWN,
    Importer,
    async_importer,
)
from custom_components.autoconsommation_collective.adapters.statistics import (
    HourlyStatistic,
    StatisticsError,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.hour_costs import HomePrices
from custom_components.autoconsommation_collective.engine.model import Quality

from .house import KEY, NOW
from .kept import statistics_of

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
UNPRICED = HomePrices(None, (), (), ZoneInfo("Europe/Paris"))


@pytest.fixture
async def importer(hass: HomeAssistant, disk: Path) -> Importer:
    """The importer of a home."""
    return await async_importer(hass, KEY, Stores(hass, KEY))


def page(
    revision: int, allocated_wh: list[float], quality: Quality = Quality.SETTLED
) -> MonthPage:
    """A month of half-hours in which 100.5 Wh each were drawn."""
    energies = {
        Quantity.CONSUMPTION: np.full(len(allocated_wh), 100.5),
        Quantity.ALLOCATED: np.array(allocated_wh),
    }
    block = Block(NOW, timedelta(minutes=30), energies)
    return MonthPage("2026-11", revision, quality, (block,))


async def test_pairs_add_up_to_the_whole_watt_hour(
    hass: HomeAssistant, importer: Importer
) -> None:
    """Rounded once: allocated and complement give the consumption of each hour."""
    await importer.async_import(page(1, [10.25, 20.25, 33.3, 33.3]), UNPRICED)
    allocated = await statistics_of(hass, "allocated")
    complement = await statistics_of(hass, "complement")
    assert allocated == {NOW: 30, NOW + HOUR: 67}
    assert {hour: allocated[hour] + complement[hour] for hour in allocated} == {
        NOW: 201,
        NOW + HOUR: 201,
    }


async def test_a_hole_is_no_zero(hass: HomeAssistant, importer: Importer) -> None:
    """An hour that is not known whole is left out."""
    await importer.async_import(page(1, [10, float("nan"), 30, 30]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW + HOUR: 60}


async def test_a_revision_is_imported_once(
    hass: HomeAssistant, importer: Importer
) -> None:
    """Also over a restart; another revision is."""
    await importer.async_import(page(1, [10, 10]), UNPRICED)
    again = await async_importer(hass, KEY, Stores(hass, KEY))
    with patch.object(HourlyStatistic, "async_write") as write:
        await again.async_import(page(1, [10, 10]), UNPRICED)
    write.assert_not_called()
    await again.async_import(page(2, [20, 10]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 30}


async def test_another_source_of_the_same_revision_is_imported(
    hass: HomeAssistant, importer: Importer
) -> None:
    """A curve that takes the place of a bill: each was the first of its own."""
    await importer.async_import(page(1, [10, 10]), UNPRICED)
    await importer.async_import(page(1, [20, 10]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 30}
    await importer.async_import(page(1, [20, 10], Quality.PROVISIONAL), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 0}


async def test_what_failed_is_imported_later(
    hass: HomeAssistant, importer: Importer
) -> None:
    """A page counts as imported only once all of it stands."""
    write = HourlyStatistic.async_write

    async def fail(statistic: HourlyStatistic, hours: Any) -> Any:
        if "dashboard" in statistic.statistic_id:
            raise StatisticsError("no answer")
        return await write(statistic, hours)

    with (
        patch.object(HourlyStatistic, "async_write", fail),
        pytest.raises(StatisticsError),
    ):
        await importer.async_import(page(1, [10, 10]), UNPRICED)
    await importer.async_import(page(1, [10, 10]), UNPRICED)
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 20}


async def test_provisional_and_estimated_hours_are_for_the_dashboard(
    hass: HomeAssistant, importer: Importer
) -> None:
    """The settled pair holds nothing but settlements."""
    await importer.async_import(page(1, [10, 10], Quality.PROVISIONAL), UNPRICED)
    own = {Quantity.CONSUMPTION: np.array([50.4]), Quantity.ALLOCATED: np.array([20.4])}
    later = Block(NOW + HOUR, HOUR, own)
    await importer.async_estimate(WITHDRAWN, (later,), UNPRICED)
    await importer.async_estimate(WITHDRAWN, (), UNPRICED)
    assert await statistics_of(hass, "allocated") == {}
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 20, NOW + HOUR: 20}
    assert await statistics_of(hass, "dashboard_complement") == {
        NOW: 181,
        NOW + HOUR: 30,
    }


@pytest.mark.parametrize(
    ("language", "settled", "dashboard"),
    [
        pytest.param("en", "settled", "≈", id="English"),
        pytest.param("fr", "définitif", "≈", id="French"),
    ],
)
async def test_statistics_are_named_for_people(
    hass: HomeAssistant, disk: Path, language: str, settled: str, dashboard: str
) -> None:
    """In the language of the house; each tells which of the two pairs it is."""
    hass.config.language = language
    importer = await async_importer(hass, KEY, Stores(hass, KEY))
    await importer.async_import(page(1, [10, 10]), UNPRICED)
    found = await get_instance(hass).async_add_executor_job(get_metadata, hass)
    names = {key: metadata["name"] or "" for key, (_, metadata) in found.items()}
    for suffix in ("allocated", "complement"):
        assert settled in names[f"{DOMAIN}:{KEY}_{suffix}"]
        assert dashboard in names[f"{DOMAIN}:{KEY}_dashboard_{suffix}"]


# Taken back, and lost


async def test_hours_that_are_no_longer_settled_are_taken_back(
    hass: HomeAssistant, importer: Importer
) -> None:
    """To zero, since an hour once written cannot be deleted; the sums follow."""
    await importer.async_import(page(1, [10, 20, 30, 40]), UNPRICED)
    await importer.async_import(page(2, [float("nan"), float("nan"), 30, 40]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 0, NOW + HOUR: 70}
    assert await statistics_of(hass, "complement") == {NOW: 0, NOW + HOUR: 131}
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 30, NOW + HOUR: 70}


async def test_settlement_that_is_withdrawn(
    hass: HomeAssistant, importer: Importer
) -> None:
    """A month that is provisional again counts for the dashboard alone."""
    await importer.async_import(page(1, [10, 20]), UNPRICED)
    await importer.async_import(page(2, [15, 25], Quality.PROVISIONAL), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 0}
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 40}
    await importer.async_import(page(3, [12, 22]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 34}


async def test_database_that_was_lost_is_filled_again(
    hass: HomeAssistant, importer: Importer
) -> None:
    """As after a broken memory card: the pages are still in the store."""
    await importer.async_import(page(1, [10, 20]), UNPRICED)
    get_instance(hass).async_clear_statistics(
        [f"{DOMAIN}:{KEY}_allocated", f"{DOMAIN}:{KEY}_complement"]
    )
    restarted = await async_importer(hass, KEY, Stores(hass, KEY))
    await restarted.async_heal()
    await restarted.async_import(page(1, [10, 20]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 30}
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 30}


async def test_what_an_earlier_version_imported_is_looked_at_again(
    hass: HomeAssistant, importer: Importer
) -> None:
    """It knew no injection and no prices; what it settled can still be taken back."""
    await importer.async_import(page(1, [10, 20, 30, 40]), UNPRICED)
    stores = Stores(hass, KEY)
    ends = [NOW.isoformat(), (NOW + HOUR).isoformat()]
    earlier = {"revision": 1, "settled": ends}
    await stores.async_save("statistics", {"imported": {"2026-11": earlier}})
    again = await async_importer(hass, KEY, stores)
    await again.async_heal()
    await again.async_import(page(1, [float("nan"), 20, 30, 40]), UNPRICED)
    assert await statistics_of(hass, "allocated") == {NOW: 0, NOW + HOUR: 70}
