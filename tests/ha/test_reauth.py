"""The way back from an invitation that is refused."""

from datetime import timedelta
from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.const import CONF_INVITATION

from .feed import NEW_TOKEN, TOKEN, Organiser
from .flows import assert_done, renew
from .house import NOW, member_entry, set_up, value, wait

pytestmark = pytest.mark.freeze_time(NOW)


def reauth(hass: HomeAssistant) -> Any:
    """The one request for a new invitation."""
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    return flow


async def test_reauth_of_a_loaded_entry(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Its listener reloads it, with the new token."""
    organiser.months = []
    entry = member_entry(organiser)
    await set_up(hass, entry)
    organiser.token = NEW_TOKEN
    await wait(hass, freezer, timedelta(hours=1))
    result = await renew(hass, reauth(hass), "https://solaire.example/#acc=abc")
    assert result["errors"] == {CONF_INVITATION: "invitation_token_incomplete"}
    result = await renew(hass, result, organiser.invitation)
    assert_done(result, "reauth_successful")
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["token"] == NEW_TOKEN
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(hours=1))
    assert "forecast.json" in organiser.asked
    assert hass.config_entries.flow.async_progress() == []


async def test_reauth_of_an_entry_that_never_loaded(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """It has no listener yet, and is loaded all the same."""
    entry = member_entry(organiser)
    organiser.token = NEW_TOKEN
    await set_up(hass, entry, ConfigEntryState.SETUP_ERROR)
    result = await renew(hass, reauth(hass), organiser.invitation)
    assert_done(result, "reauth_successful")
    assert entry.state is ConfigEntryState.LOADED
    assert value(hass, "settled_allocated_month") > 0


async def test_reauth_with_the_same_invitation(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """The organiser had only lost the file: it is asked again from then on."""
    organiser.months = []
    entry = member_entry(organiser)
    await set_up(hass, entry)
    organiser.answers["index.acc"] = web.Response(status=404)
    await wait(hass, freezer, timedelta(hours=1))
    organiser.answers.clear()
    result = await renew(hass, reauth(hass), organiser.invitation)
    assert_done(result, "reauth_successful")
    assert entry.data["token"] == TOKEN
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(hours=1))
    assert "forecast.json" in organiser.asked
