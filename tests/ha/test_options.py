"""What may be told later: the subscribed power, and the day of leaving."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_LEFT_ON,
    CONF_SUBSCRIBED_KVA,
)

from .feed import Organiser
from .flows import at_option, suggested
from .house import NOW, Linky, live, member_entry, set_up, settle_down, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)


async def tell(
    hass: HomeAssistant, entry: MockConfigEntry, told: dict[str, Any]
) -> None:
    """Fill in the form of the membership."""
    result = await at_option(hass, entry, "membership")
    assert suggested(result) == entry.options
    result = await hass.config_entries.options.async_configure(result["flow_id"], told)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)
    assert entry.options == told


@pytest.mark.parametrize(
    ("kva", "status"),
    [
        pytest.param(3.0, "meter_silent", id="3 kVA: 6 kW is a false jump"),
        pytest.param(9.0, "estimated", id="9 kVA: it is not"),
    ],
)
async def test_subscribed_power_tells_false_jumps(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    kva: float,
    status: str,
) -> None:
    """It goes into force at once."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await tell(hass, entry, {CONF_SUBSCRIBED_KVA: kva})
    await live(hass, freezer, linky, NOW + timedelta(minutes=10), 30)
    linky.draw(500)
    await wait(hass, freezer, timedelta(minutes=5))
    assert shown(hass, "estimate_status").state == status


@pytest.mark.parametrize("kva", [0, 251])
async def test_impossible_power(
    hass: HomeAssistant, organiser: Organiser, kva: float
) -> None:
    """No home has it."""
    organiser.months = []
    entry = member_entry(organiser)
    await set_up(hass, entry)
    result = await at_option(hass, entry, "membership")
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(
            result["flow_id"], {CONF_SUBSCRIBED_KVA: kva}
        )


async def test_leaving_and_coming_back(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Estimates end with the day, what is settled stays; a mistake can be taken back."""
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=10), 30)
    assert shown(hass, "estimate_status").state == "estimated"
    settled = shown(hass, "settled_allocated_month").state

    await tell(hass, entry, {CONF_LEFT_ON: "2026-11-19"})
    assert shown(hass, "estimate_status").state == "not_member"
    assert shown(hass, "estimated_allocated_power").state == "unknown"
    assert shown(hass, "settled_allocated_month").state == settled

    await tell(hass, entry, {})
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 30)
    assert shown(hass, "estimate_status").state == "estimated"


async def test_leaving_some_day(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Until then the meter is followed."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await tell(hass, entry, {CONF_LEFT_ON: "2026-12-31"})
    await live(hass, freezer, linky, NOW + timedelta(minutes=10), 30)
    assert shown(hass, "estimate_status").state == "estimated"
