"""The expected share as the Energy dashboard asks for it."""

from datetime import datetime, timedelta
from unittest.mock import patch

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.solar_forecast import (
    async_solar_forecasts,
)
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import OutlookCoordinator
from custom_components.autoconsommation_collective.energy import (
    async_get_solar_forecast,
)

from .feed import Organiser
from .house import BASE_CONTRACT, NOW, Linky, member_entry, set_up

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
MIDNIGHT = datetime.fromisoformat("2026-11-20T00:00:00+01:00")


@pytest.fixture
def member(hass: HomeAssistant, organiser: Organiser) -> MockConfigEntry:
    """A member whose habits are known from a settled month."""
    organiser.injection_wh, organiser.deviation_w = 6000, 50
    return member_entry(organiser, imports=(Linky(hass).ref,), options=BASE_CONTRACT)


async def test_hours_by_their_start(
    hass: HomeAssistant, member: MockConfigEntry
) -> None:
    """Three local days; each hour is the sum of its steps."""
    await set_up(hass, member)
    told = await async_get_solar_forecast(hass, member.entry_id)
    assert told is not None
    starts = [datetime.fromisoformat(at) for at in told["wh_hours"]]
    assert starts == [MIDNIGHT + n * HOUR for n in range(72)]
    expected = member.runtime_data.outlook.data.allocated.mean
    assert list(told["wh_hours"].values()) == pytest.approx(
        [expected[n : n + 2].sum() for n in range(0, 144, 2)], abs=0.05
    )
    assert min(told["wh_hours"].values()) > 0


async def test_an_hour_known_in_part_is_left_out(
    hass: HomeAssistant, member: MockConfigEntry
) -> None:
    """As is one that nothing is known of."""
    await set_up(hass, member)
    member.runtime_data.outlook.data.allocated.mean[[1, 4, 5]] = float("nan")
    told = await async_get_solar_forecast(hass, member.entry_id)
    assert told is not None
    assert [at[11:13] for at in told["wh_hours"]][:3] == ["01", "03", "04"]


async def test_without_habits_there_is_none(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """Without the home's own consumption no allocation can be expected."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert await async_get_solar_forecast(hass, entry.entry_id) is None


async def test_nothing_known_yet(hass: HomeAssistant, member: MockConfigEntry) -> None:
    """In the first moment after a start."""
    with patch.object(OutlookCoordinator, "async_refresh_soon"):
        await set_up(hass, member)
    assert await async_get_solar_forecast(hass, member.entry_id) is None


async def test_not_loaded(hass: HomeAssistant, member: MockConfigEntry) -> None:
    """Nor is there one of an entry that is gone, or another integration's."""
    await set_up(hass, member)
    await hass.config_entries.async_unload(member.entry_id)
    assert await async_get_solar_forecast(hass, member.entry_id) is None
    assert await async_get_solar_forecast(hass, "gone") is None
    other = MockConfigEntry(domain="forecast_solar")
    other.add_to_hass(hass)
    assert await async_get_solar_forecast(hass, other.entry_id) is None


async def test_the_dashboard_finds_it(
    hass: HomeAssistant, member: MockConfigEntry
) -> None:
    """Chosen for a solar source; and we never read our own, which would feed on itself."""
    assert await async_setup_component(hass, "energy", {})
    await set_up(hass, member)
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            "energy_sources": [
                {
                    "type": "solar",
                    "stat_energy_from": "sensor.roof",
                    "config_entry_solar_forecast": [member.entry_id],
                }
            ]
        }
    )
    platforms = await async_get_energy_platforms(hass)
    told = await platforms[DOMAIN](hass, member.entry_id)
    assert told is not None
    assert told == await async_get_solar_forecast(hass, member.entry_id)
    assert await async_solar_forecasts(hass) == ()
