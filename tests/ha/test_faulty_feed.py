"""Documents that cannot be used: told to the member, and harmless to all the others."""

from dataclasses import replace
from datetime import date, timedelta
import json

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_FEED_URL,
    CONF_OPERATION_ID,
    DOMAIN,
)

from .feed import AGREEMENT, Month, Organiser
from .house import (
    NOW,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait as pass_time,
)
from .kept import kept_steps, statistics_of

pytestmark = pytest.mark.freeze_time(NOW)

NEXT_POLL = timedelta(hours=1)
OCTOBER = Month("2026-10")


@pytest.fixture
async def entry(hass: HomeAssistant, organiser: Organiser) -> MockConfigEntry:
    """An entry that has heard the organiser once."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    return entry


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """The repair issue about a document."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"document_{entry.entry_id}")


async def test_page_that_a_cache_kept_undoes_no_correction(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its index says revision 3, the web space still hands out 1."""
    first = json.dumps(organiser.documents()["2026-10.acc"]).encode()
    second = replace(OCTOBER, revision=2, allocated_each_wh=25)
    organiser.months = [second]
    await pass_time(hass, freezer, NEXT_POLL)
    corrected = value(hass, "settled_allocated_month")
    organiser.months = [replace(OCTOBER, revision=3)]
    organiser.answers["2026-10.acc"] = first
    await pass_time(hass, freezer, NEXT_POLL)
    assert value(hass, "settled_allocated_month") == corrected
    found = issue(hass, entry)
    assert found is not None
    assert found.translation_key == "document_outdated"


async def test_fault_is_told_although_another_document_is_away(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """And the issue stays until a poll has found all documents in order."""
    organiser.answers["forecast.json"] = b"{}"
    organiser.answers["aggregates.json"] = web.Response(status=503)
    await pass_time(hass, freezer, NEXT_POLL)
    assert issue(hass, entry) is not None
    del organiser.answers["forecast.json"]
    await pass_time(hass, freezer, NEXT_POLL)
    assert issue(hass, entry) is not None
    organiser.answers.clear()
    await pass_time(hass, freezer, NEXT_POLL)
    assert issue(hass, entry) is None


async def test_provisional_sums_of_all_are_no_settled_rate(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The member's month may be settled before those of all members together."""
    assert value(hass, "settled_operation_rate") == 75
    sums = organiser.documents()["aggregates-2026-10.json"]
    organiser.months = [replace(OCTOBER, revision=2)]
    provisional = sums | {"revision": 2, "quality": "provisional"}
    organiser.answers["aggregates-2026-10.json"] = json.dumps(provisional).encode()
    await pass_time(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_operation_rate").state == "unknown"
    assert value(hass, "settled_allocated_month") > 0


async def test_issues_go_with_the_entry(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A disabled entry asks nobody to act."""
    organiser.answers["forecast.json"] = b"{}"
    await pass_time(hass, freezer, NEXT_POLL)
    assert issue(hass, entry) is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issue(hass, entry) is None


@pytest.mark.parametrize("status", [401, 503])
async def test_link_given_later_while_the_organiser_is_away(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
    status: int,
) -> None:
    """An entry that measures goes on measuring."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=65), 30)
    organiser.answers["*"] = web.Response(status=status)
    hass.config_entries.async_update_entry(
        entry,
        data=entry.data
        | {
            CONF_FEED_URL: organiser.url,
            "token": organiser.token,
            CONF_OPERATION_ID: AGREEMENT,
        },
    )
    await settle_down(hass)
    assert entry.state is ConfigEntryState.LOADED
    await live(hass, freezer, linky, NOW + timedelta(minutes=125), 30)
    assert len(await kept_steps(hass, entry)) >= 6


async def test_membership_that_ends_while_running(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """The live part ends with the last day, and begins again when the feed says so."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    organiser.last_day = date(2026, 11, 20)
    await pass_time(hass, freezer, NEXT_POLL)
    assert shown(hass, "estimate_status").state != "not_member"
    await live(hass, freezer, linky, NOW + timedelta(hours=14), 30)
    assert shown(hass, "estimate_status").state == "not_member"
    assert max(await statistics_of(hass, "dashboard_allocated")) < NOW + timedelta(
        hours=12
    )
    organiser.last_day = None
    await pass_time(hass, freezer, timedelta(hours=2))
    await live(hass, freezer, linky, NOW + timedelta(hours=17), 30)
    assert shown(hass, "estimate_status").state == "estimated"
