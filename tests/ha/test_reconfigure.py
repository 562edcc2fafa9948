"""What changes later: the meter, the invitation, and the way back from a refused one."""

from datetime import timedelta

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_INVITATION,
    CONF_LIVE_POWER,
    CONF_OPERATION_ID,
    CONF_SUBSCRIBED_KVA,
)

from .feed import NAME, Organiser
from .flows import answer, assert_done, choose, renew, suggested
from .house import (
    NOW,
    PRM,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
)
from .kept import statistics_of

pytestmark = pytest.mark.freeze_time(NOW)


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, choice: str
) -> ConfigFlowResult:
    """Choose what has changed."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["meter", "meter_replaced", "new_invitation"]
    return await choose(hass, result, choice)


# The meter


async def test_other_entities(hass: HomeAssistant, organiser: Organiser) -> None:
    """The present choice is suggested, also after a rename; the entry reloads."""
    organiser.months = []
    old, new = Linky(hass), Linky(hass, "EAST")
    entry = member_entry(organiser, imports=(old.ref,))
    await set_up(hass, entry)
    er.async_get(hass).async_update_entity(
        old.entity_id, new_entity_id="sensor.renamed"
    )
    await settle_down(hass)
    loaded = entry.runtime_data
    result = await reconfigure(hass, entry, "meter")
    assert suggested(result) == {CONF_IMPORT: ["sensor.renamed"]}
    result = await answer(hass, result, {CONF_IMPORT: [new.entity_id]})
    assert_done(result, "reconfigure_successful")
    assert entry.data[CONF_IMPORT] == [new.ref]
    assert entry.runtime_data is not loaded


async def test_own_meter_may_be_chosen_again(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """It is used already, but by this entry."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    result = await reconfigure(hass, entry, "meter")
    result = await answer(hass, result, suggested(result))
    assert_done(result, "reconfigure_successful")


async def test_meter_replaced_keeps_all(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """The new meter is found anew; the steps of the old one and the statistics stay."""
    old = Linky(hass)
    kept = {CONF_SUBSCRIBED_KVA: 9.0}
    options = kept | {CONF_LIVE_POWER: ["sensor.of_the_old_meter"]}
    entry = member_entry(organiser, imports=(old.ref,), options=options)
    await set_up(hass, entry)
    await live(hass, freezer, old, NOW + timedelta(hours=1), 30)
    today = value(hass, "estimated_allocated_today")
    october = await statistics_of(hass, "allocated")
    assert today == pytest.approx(0.18)

    old.fall_silent()
    new = Linky(hass, adco="031528600000", wh=12)
    result = await reconfigure(hass, entry, "meter_replaced")
    assert result["step_id"] == "meter_replaced"
    assert suggested(result) == {CONF_IMPORT: [new.entity_id]}
    result = await answer(hass, result, suggested(result))
    assert_done(result, "reconfigure_successful")
    # The old meter's live sensors tell nothing of the new one.
    assert entry.options == kept
    assert value(hass, "estimated_allocated_today") == pytest.approx(today)
    await live(hass, freezer, new, NOW + timedelta(hours=2), 30)
    assert value(hass, "estimated_allocated_today") > today
    assert await statistics_of(hass, "allocated") == october


async def test_producer_is_told_about_the_missing_export(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Also later; the meter may be given up."""
    organiser.role, organiser.months = "prosumer", []
    linky = Linky(hass)
    entry = member_entry(
        organiser, imports=(linky.ref,), exports=(Linky(hass, "EAIT").ref,)
    )
    await set_up(hass, entry)
    result = await reconfigure(hass, entry, "meter")
    result = await answer(hass, result, {CONF_IMPORT: [linky.entity_id]})
    assert result["step_id"] == "without_export"
    result = await choose(hass, result, "meter")
    result = await answer(hass, result, {})
    assert result["step_id"] == "without_meter"
    assert_done(await choose(hass, result, "finish"), "reconfigure_successful")
    assert (entry.data[CONF_IMPORT], entry.data[CONF_EXPORT]) == ([], [])


async def test_entry_that_did_not_load(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Its meter can be changed; it is then tried again at once."""
    organiser.answers["*"] = web.Response(status=503)
    entry = member_entry(organiser)
    await set_up(hass, entry, ConfigEntryState.SETUP_RETRY)
    organiser.answers.clear()
    linky = Linky(hass)
    result = await reconfigure(hass, entry, "meter")
    result = await answer(hass, result, {CONF_IMPORT: [linky.entity_id]})
    assert_done(result, "reconfigure_successful")
    assert entry.state is ConfigEntryState.LOADED


# A new invitation


async def test_feed_for_an_entry_without_one(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """What was settled is there at once, under the same delivery point."""
    entry = member_entry()
    await set_up(hass, entry)
    assert shown(hass, "estimate_status").state == "no_feed"
    result = await reconfigure(hass, entry, "new_invitation")
    result = await renew(hass, result, "nonsense")
    assert result["errors"] == {CONF_INVITATION: "invitation_not_an_address"}
    result = await renew(hass, result, organiser.invitation)
    assert_done(result, "reconfigure_successful")
    assert entry.data[CONF_DELIVERY_POINT] == PRM
    assert entry.data[CONF_FEED_URL] == organiser.url
    assert value(hass, "settled_allocated_month") > 0


async def test_invitation_of_another_operation(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Its energies would be mixed with those of the first."""
    organiser.months = []
    entry = member_entry(organiser)
    await set_up(hass, entry)
    before = dict(entry.data)
    organiser.agreement = "ACC00000099"
    result = await reconfigure(hass, entry, "new_invitation")
    assert result["description_placeholders"]["operation"] == NAME  # type: ignore[index]
    result = await renew(hass, result, organiser.invitation)
    assert result["errors"] == {CONF_INVITATION: "another_operation"}
    assert entry.data == before


async def test_operation_that_gets_its_number_later(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Without a number nothing can be compared; from then on it can."""
    organiser.months = []
    entry = member_entry(organiser)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_OPERATION_ID: None}
    )
    await set_up(hass, entry)
    result = await reconfigure(hass, entry, "new_invitation")
    assert_done(
        await renew(hass, result, organiser.invitation), "reconfigure_successful"
    )
    assert entry.data[CONF_OPERATION_ID] == organiser.agreement
