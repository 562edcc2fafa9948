"""The pair for the Energy dashboard: estimated at once, settled when it comes."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.statistics import (
    HourlyStatistic,
    StatisticsError,
)

from .feed import Month, Organiser
from .house import NOW, Linky, live, member_entry, set_up, settle_down, value
from .kept import statistics_of

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def linky(hass: HomeAssistant) -> Linky:
    """The home's meter."""
    return Linky(hass)


@pytest.fixture
async def entry(
    hass: HomeAssistant, organiser: Organiser, linky: Linky
) -> MockConfigEntry:
    """An entry that follows the meter."""
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    return entry


async def test_estimated_hours_are_replaced_by_the_settlement(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Hour by hour in the dashboard pair; the settled pair never holds an estimate."""
    start = organiser.now = datetime(2026, 11, 1, 10, tzinfo=UTC)
    freezer.move_to(start)
    linky.draw(0)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, start + timedelta(minutes=125), 30)
    for suffix in ("allocated", "complement"):
        estimated = await statistics_of(hass, f"dashboard_{suffix}")
        assert estimated == {start: 180, start + HOUR: 180}
        assert await statistics_of(hass, suffix) == {}

    november = Month("2026-11")
    organiser.months.append(november)
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    settled = {hour: a for hour, (_, a) in november.hours.items()}
    assert await statistics_of(hass, "allocated") == settled
    assert await statistics_of(hass, "dashboard_allocated") == settled
    complement = {hour: c - a for hour, (c, a) in november.hours.items()}
    assert await statistics_of(hass, "dashboard_complement") == complement


async def test_nothing_is_imported_before_home_assistant_has_started(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """The recorder would answer nothing; afterwards it is done."""
    organiser.months = [Month("2026-10")]
    hass.set_state(CoreState.starting)
    await set_up(hass, member_entry(organiser))
    assert await statistics_of(hass, "allocated") == {}
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle_down(hass)
    assert len(await statistics_of(hass, "allocated")) == 24


async def test_recorder_that_cannot_write_is_tried_again(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With the next step; meanwhile the log says so, and all else goes on."""
    organiser.months = [Month("2026-10")]
    with patch.object(
        HourlyStatistic, "async_write", side_effect=StatisticsError("no answer")
    ):
        await set_up(hass, member_entry(organiser, imports=(linky.ref,)))
    assert "statistics will be written later: no answer" in caplog.text
    assert value(hass, "settled_allocated_month") > 0
    await live(hass, freezer, linky, NOW + timedelta(minutes=35), 30)
    assert len(await statistics_of(hass, "allocated")) == 24
