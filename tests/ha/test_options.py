"""What may be told later: the subscribed power, the live meter, and the day of leaving."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_LEFT_ON,
    CONF_LIVE_POWER,
    CONF_SUBSCRIBED_KVA,
)

from .feed import Organiser
from .flows import at_option, suggested
from .house import NOW, Linky, live, member_entry, set_up, settle_down, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)


async def tell(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    told: dict[str, Any],
    step: str = "membership",
) -> None:
    """Fill in a form."""
    result = await at_option(hass, entry, step)
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
    await tell(hass, entry, {CONF_SUBSCRIBED_KVA: kva}, "power")
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
    result = await at_option(hass, entry, "power")
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


async def test_the_live_meter(hass: HomeAssistant, organiser: Organiser) -> None:
    """Kept by what outlives a rename, beside all that was told before, and taken back."""
    organiser.months = []
    entry = member_entry(organiser, options={CONF_LEFT_ON: "2026-12-31"})
    await set_up(hass, entry)
    sinsts = er.async_get(hass).async_get_or_create("sensor", "linkytic", "sinsts")
    hass.states.async_set(sinsts.entity_id, "800", {"unit_of_measurement": "VA"})
    told = {CONF_SUBSCRIBED_KVA: 6.0, CONF_LIVE_POWER: [sinsts.entity_id]}
    await answer_option(hass, entry, "power", told)
    assert entry.options == told | {
        CONF_LEFT_ON: "2026-12-31",
        CONF_LIVE_POWER: [sinsts.id],
    }
    assert suggested(await at_option(hass, entry, "power")) == told
    await answer_option(hass, entry, "power", {CONF_SUBSCRIBED_KVA: 6.0})
    assert CONF_LIVE_POWER not in entry.options


@pytest.mark.parametrize(
    ("units", "kva", "errors"),
    [
        pytest.param(
            ["VA"],
            None,
            {CONF_SUBSCRIBED_KVA: "subscribed_power_needed"},
            id="of nobody knows what",
        ),
        pytest.param(
            ["VA", "VA"], 9.0, {CONF_LIVE_POWER: "live_power_number"}, id="two phases"
        ),
        pytest.param(["Wh"], 6.0, {CONF_LIVE_POWER: "live_power_unit"}, id="an energy"),
    ],
)
async def test_no_live_meter(
    hass: HomeAssistant,
    organiser: Organiser,
    units: list[str],
    kva: float | None,
    errors: dict[str, str],
) -> None:
    """What cannot be guarded by is said at the field; put right, it goes on."""
    organiser.months = []
    entry = member_entry(organiser)
    await set_up(hass, entry)
    for n, unit in enumerate(units):
        hass.states.async_set(f"sensor.live{n}", "1", {"unit_of_measurement": unit})
    live = {CONF_LIVE_POWER: [f"sensor.live{n}" for n in range(len(units))]}
    told = live | ({CONF_SUBSCRIBED_KVA: kva} if kva else {})
    result = await at_option(hass, entry, "power")
    result = await hass.config_entries.options.async_configure(result["flow_id"], told)
    assert result["errors"] == errors
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_SUBSCRIBED_KVA: 6.0}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)


async def answer_option(
    hass: HomeAssistant, entry: MockConfigEntry, step: str, told: dict[str, Any]
) -> None:
    """Fill in a form that is accepted."""
    result = await at_option(hass, entry, step)
    result = await hass.config_entries.options.async_configure(result["flow_id"], told)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)
