"""Plants of an operation that nobody publishes: added, changed, taken away."""

from collections.abc import AsyncGenerator
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.autoconsommation_collective.const import CONF_OPERATION

from .feed import PARIS
from .flows import assert_done, suggested
from .house import NOW, coordinator, member_entry, set_up, settle_down, value
from .village import OPERATION, PLANT, TYPED_PLANT, Sky, under

pytestmark = pytest.mark.freeze_time(NOW)

BARN: dict[str, Any] = TYPED_PLANT | {
    "name": "Grange",
    "peak_power_kw": 9.0,
    "bearing_deg": 200.0,
    "since": "2026-05-01",
}


@pytest.fixture
async def sky(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Sky]:
    """The weather, and a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    async with under(NOW) as sky:
        yield sky


async def test_one_more_plant(hass: HomeAssistant, sky: Sky) -> None:
    """A wrong answer is told; the plant counts at once, its place to a kilometre."""
    entry = member_entry(options={CONF_OPERATION: OPERATION}, plants=(PLANT,))
    await set_up(hass, entry)
    one = value(hass, "estimated_community_production")
    flows = hass.config_entries.subentries
    result = await flows.async_init(
        (entry.entry_id, "plant"), context={"source": SOURCE_USER}
    )
    assert result["step_id"] == "user"
    assert suggested(result) == {"place": {"latitude": 46.5, "longitude": 1.6}}
    typed = BARN | {"peak_power_kw": 0.0}
    result = await flows.async_configure(result["flow_id"], typed)
    assert result["errors"] == {"peak_power_kw": "power_not_positive"}
    assert suggested(result) == typed
    result = await flows.async_configure(result["flow_id"], BARN)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)
    _, barn = entry.subentries.values()
    assert barn.title == "Grange"
    assert barn.data == {
        "place": {"latitude": 46.56, "longitude": 1.63},
        "peak_power_kw": 9.0,
        "tilt_deg": 30.0,
        "facing": "south",
        "bearing_deg": 200.0,
        "since": "2026-05-01",
    }
    two = value(hass, "estimated_community_production")
    assert two == pytest.approx(one * 45 / 36)


async def test_a_plant_grows(hass: HomeAssistant, sky: Sky) -> None:
    """What was told is shown; a wrong answer changes nothing, the right one counts at once."""
    entry = member_entry(options={CONF_OPERATION: OPERATION}, plants=(PLANT,))
    await set_up(hass, entry)
    before = value(hass, "estimated_community_production")
    (plant,) = entry.subentries.values()
    result = await entry.start_subentry_reconfigure_flow(hass, plant.subentry_id)
    assert result["step_id"] == "reconfigure"
    shown = suggested(result)
    assert shown == {"name": PLANT["title"], **PLANT["data"]}
    configure = hass.config_entries.subentries.async_configure
    result = await configure(result["flow_id"], shown | {"tilt_deg": 120.0})
    assert result["errors"] == {"tilt_deg": "tilt_out_of_range"}
    assert suggested(result)["tilt_deg"] == 120
    typed = shown | {"name": "École", "peak_power_kw": 72.0}
    result = await configure(result["flow_id"], typed)
    assert_done(result, "reconfigure_successful")
    await settle_down(hass)
    (plant,) = entry.subentries.values()
    assert (plant.title, plant.data["peak_power_kw"]) == ("École", 72)
    assert value(hass, "estimated_community_production") == pytest.approx(2 * before)


async def test_a_plant_is_taken_away(hass: HomeAssistant, sky: Sky) -> None:
    """It gives nothing from then on."""
    barn = ConfigSubentry(
        data=MappingProxyType(PLANT["data"]),
        subentry_type="plant",
        title="Grange",
        unique_id=None,
    )
    entry = member_entry(options={CONF_OPERATION: OPERATION}, plants=(PLANT,))
    await set_up(hass, entry)
    hass.config_entries.async_add_subentry(entry, barn)
    await settle_down(hass)
    two = value(hass, "estimated_community_production")
    hass.config_entries.async_remove_subentry(entry, barn.subentry_id)
    await settle_down(hass)
    operation = coordinator(entry).data.operation
    assert operation is not None
    assert len(operation.plants) == 1
    assert value(hass, "estimated_community_production") == pytest.approx(two / 2)
