"""The organiser's documents over the months: corrected, late, broken, refused, at an end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import CONF_LEFT_ON, DOMAIN
from custom_components.autoconsommation_collective.coordinator import (
    SettlementCoordinator,
)

from .feed import NEW_TOKEN, Month, Organiser, hours_of
from .house import (
    KEY,
    NOW,
    Linky,
    member_entry,
    set_up,
    shown,
    statistics_of,
    value,
    wait,
)

pytestmark = pytest.mark.freeze_time(NOW)

NEXT_POLL = timedelta(hours=1)
OCTOBER = Month("2026-10")


@pytest.fixture
async def entry(hass: HomeAssistant, organiser: Organiser) -> MockConfigEntry:
    """An entry that has heard the organiser once."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    organiser.asked.clear()
    return entry


def coordinator(entry: MockConfigEntry) -> SettlementCoordinator:
    """The coordinator of a loaded entry."""
    found = entry.runtime_data.settlement
    assert isinstance(found, SettlementCoordinator)
    return found


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """The repair issue about a document."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"document_{entry.entry_id}")


async def assert_statistics(
    hass: HomeAssistant, settled: list[Month], dashboard: list[Month]
) -> None:
    """Both pairs hold exactly these months, to the Wh, and add up to the consumption."""
    for prefix, months in (("", settled), ("dashboard_", dashboard)):
        hours = hours_of(months)
        allocated = await statistics_of(hass, f"{prefix}allocated")
        complement = await statistics_of(hass, f"{prefix}complement")
        assert allocated == {hour: a for hour, (_, a) in hours.items()}
        assert complement == {hour: c - a for hour, (c, a) in hours.items()}


# Settlements


async def test_settled_month(
    hass: HomeAssistant, organiser: Organiser, entry: MockConfigEntry
) -> None:
    """Sums of the month, and its hours at the time they were consumed."""
    allocated, consumption = sum(OCTOBER.allocated_wh), sum(OCTOBER.consumption_wh)
    assert value(hass, "settled_allocated_month") == pytest.approx(allocated / 1000)
    assert value(hass, "settled_complement_month") == pytest.approx(
        (consumption - allocated) / 1000
    )
    assert value(hass, "settled_self_production_rate") == pytest.approx(
        100 * allocated / consumption
    )
    assert value(hass, "settled_operation_rate") == 75
    assert shown(hass, "settled_until").state == "2026-10-01"
    await assert_statistics(hass, [OCTOBER], [OCTOBER])


async def test_correction_replaces_a_month(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Also an older one: what follows keeps its energies and its sums are shifted."""
    november = Month("2026-11")
    organiser.months.append(november)
    await wait(hass, freezer, NEXT_POLL)
    await assert_statistics(hass, [OCTOBER, november], [OCTOBER, november])

    corrected = replace(OCTOBER, revision=2, allocated_each_wh=25)
    organiser.months[0] = corrected
    await wait(hass, freezer, NEXT_POLL)
    assert value(hass, "settled_allocated_total") == pytest.approx(
        (sum(corrected.allocated_wh) + sum(november.allocated_wh)) / 1000
    )
    await assert_statistics(hass, [corrected, november], [corrected, november])


async def test_month_of_long_ago_goes_before_the_others(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Published late, it changes no other energy, and is not the last month."""
    february = Month("2026-02")
    organiser.months.insert(0, february)
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_until").state == "2026-10-01"
    await assert_statistics(hass, [february, OCTOBER], [february, OCTOBER])


async def test_provisional_month_is_for_the_dashboard_only(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Until it is settled: then it counts."""
    provisional = Month("2026-11", quality="provisional")
    organiser.months.append(provisional)
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_until").state == "2026-10-01"
    await assert_statistics(hass, [OCTOBER], [OCTOBER, provisional])

    settled = Month("2026-11", revision=2, allocated_each_wh=50)
    organiser.months[-1] = settled
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_until").state == "2026-11-01"
    await assert_statistics(hass, [OCTOBER, settled], [OCTOBER, settled])


async def test_lower_revision_is_ignored(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """As from a web space that was restored from a backup."""
    held = replace(OCTOBER, revision=3)
    organiser.months = [held]
    await set_up(hass, member_entry(organiser))
    organiser.months = [replace(OCTOBER, revision=2, allocated_each_wh=1)]
    await wait(hass, freezer, NEXT_POLL)
    await assert_statistics(hass, [held], [held])


async def test_unchanged_documents_are_not_read_again(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Four conditional questions an hour, no month page, and nothing is written."""
    published = coordinator(entry).data
    await wait(hass, freezer, NEXT_POLL)
    assert organiser.asked == [
        "operation.json",
        "index.acc",
        "forecast.json",
        "aggregates.json",
    ]
    assert coordinator(entry).data is published


# Documents that break the contract


async def test_malformed_page_keeps_what_was_known(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The issue names document, field and step, and goes once the page is repaired."""
    corrected = replace(OCTOBER, revision=2, allocated_each_wh=25)
    good = organiser.documents()["2026-10.acc"]
    broken = good | {"revision": 2}
    broken["blocks"][0]["allocated_wh"][3] = 9999
    organiser.months[0] = corrected
    organiser.answers["2026-10.acc"] = str(broken).replace("'", '"').encode()
    await wait(hass, freezer, NEXT_POLL)
    raised = issue(hass, entry)
    assert raised is not None
    assert raised.translation_key == "document_allocated_exceeds_consumption"
    assert raised.translation_placeholders == {
        "document": "2026-10.acc",
        "field": "blocks[0].allocated_wh",
        "step": "2026-10-01T01:30:00+02:00",
    }
    await assert_statistics(hass, [OCTOBER], [OCTOBER])

    organiser.answers.clear()
    await wait(hass, freezer, NEXT_POLL)
    assert issue(hass, entry) is None
    await assert_statistics(hass, [corrected], [corrected])


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b'{"format": "acc-f', "not_json", id="cut off"),
        pytest.param(b"{}", "wrong_format", id="empty"),
        pytest.param(
            b'{"format": "acc-feed", "version": 2, "document": "forecast"}',
            "wrong_version",
            id="another version",
        ),
    ],
)
async def test_malformed_forecast_leaves_the_rest(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    body: bytes,
    problem: str,
) -> None:
    """The old forecast goes on, and a new month comes in."""
    organiser.answers["forecast.json"] = body
    november = Month("2026-11")
    organiser.months.append(november)
    await wait(hass, freezer, NEXT_POLL)
    raised = issue(hass, entry)
    assert raised is not None
    assert raised.translation_key == f"document_{problem}"
    assert shown(hass, "settled_until").state == "2026-11-01"
    assert value(hass, "estimated_community_production") == 3000


async def test_kept_document_that_can_no_longer_be_read_is_asked_for_whole(
    hass: HomeAssistant, organiser: Organiser, entry: MockConfigEntry
) -> None:
    """As after an update that reads more strictly: its ETag must not hide it."""
    await hass.config_entries.async_unload(entry.entry_id)
    stores = Stores(hass, KEY)
    kept = await stores.async_load("feed")
    kept["documents"]["forecast.json"]["text"] = "{}"
    await stores.async_save("feed", kept)
    await set_up(hass, entry)
    assert value(hass, "estimated_community_production") == 3000


# An organiser that is away


async def test_organiser_away_is_asked_less_and_less_often(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """5, 10, 20 minutes; what is known is shown meanwhile."""
    organiser.answers["*"] = web.Response(status=503)
    await wait(hass, freezer, NEXT_POLL)
    asked = []
    for _ in range(36):
        organiser.asked.clear()
        await wait(hass, freezer, timedelta(minutes=1))
        asked.append(bool(organiser.asked))
    times = [minute for minute, was_asked in enumerate(asked, start=1) if was_asked]
    assert times == [
        pytest.approx(5, abs=1),
        pytest.approx(15, abs=1),
        pytest.approx(35, abs=1),
    ]
    assert value(hass, "settled_allocated_month") > 0
    organiser.answers.clear()
    await wait(hass, freezer, timedelta(minutes=41))
    assert coordinator(entry).last_update_success


async def test_retry_after_is_honoured(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Not a question before the two hours the server asked for."""
    organiser.answers["*"] = web.Response(status=503, headers={"Retry-After": "7200"})
    await wait(hass, freezer, NEXT_POLL)
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(minutes=118))
    assert organiser.asked == []
    await wait(hass, freezer, timedelta(minutes=10))
    assert organiser.asked == ["operation.json"]


@pytest.mark.parametrize(
    "lacking", ["2026-09.acc", "aggregates.json", "aggregates-2026-10.json"]
)
async def test_document_that_is_not_there_holds_up_nothing(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    lacking: str,
) -> None:
    """However long it is missing: forecasts and new months keep coming."""
    organiser.answers[lacking] = web.Response(status=404)
    organiser.months = [Month("2026-09"), replace(OCTOBER, revision=2)]
    await wait(hass, freezer, NEXT_POLL)
    organiser.months.append(Month("2026-11"))
    organiser.injection_wh = 2000
    await wait(hass, freezer, timedelta(hours=6))
    assert value(hass, "estimated_community_production") == 4000
    assert shown(hass, "settled_until").state == "2026-11-01"


# Refused


async def test_refused_token_asks_once_for_another(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Then it leaves the server alone, and goes on with what is known."""
    organiser.answers["index.acc"] = web.Response(status=401)
    await wait(hass, freezer, NEXT_POLL)
    assert len(hass.config_entries.flow.async_progress()) == 1
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(hours=5))
    assert organiser.asked == []
    assert len(hass.config_entries.flow.async_progress()) == 1
    assert value(hass, "estimated_community_production") == 3000


async def test_member_who_left_is_not_asked_for_a_token(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Late settlements come as long as the token holds; then all is quiet."""
    linky = Linky(hass)
    entry = member_entry(
        organiser, imports=(linky.ref,), options={CONF_LEFT_ON: "2026-11-10"}
    )
    await set_up(hass, entry)
    assert shown(hass, "estimate_status").state == "not_member"
    organiser.months.append(Month("2026-11"))
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "settled_until").state == "2026-11-01"

    organiser.token = NEW_TOKEN
    await wait(hass, freezer, NEXT_POLL)
    assert hass.config_entries.flow.async_progress() == []
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(days=4))
    assert organiser.asked == []
    assert shown(hass, "estimate_status").state == "not_member"


async def test_member_whose_feed_says_so_has_left(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Membership ends in the feed: no estimate, late settlements, and no new token."""
    await set_up(hass, member_entry(organiser))
    assert shown(hass, "estimate_status").state == "no_meter"
    organiser.last_day = date(2026, 11, 19)
    await wait(hass, freezer, NEXT_POLL)
    assert shown(hass, "estimate_status").state == "not_member"
    assert shown(hass, "good_time", "binary_sensor").state == "unknown"

    november = Month("2026-11")
    organiser.months.append(november)
    await wait(hass, freezer, NEXT_POLL)
    await assert_statistics(hass, [OCTOBER, november], [OCTOBER, november])
    organiser.answers["index.acc"] = web.Response(status=410)
    await wait(hass, freezer, NEXT_POLL)
    assert hass.config_entries.flow.async_progress() == []


async def test_last_day_is_a_day_of_membership(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """It ends at the local midnight after it, wherever the house thinks it is."""
    organiser.last_day = date(2026, 11, 20)
    await set_up(hass, member_entry(organiser))
    await wait(hass, freezer, datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    assert shown(hass, "estimate_status").state == "no_meter"
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 1, tzinfo=UTC))
    assert shown(hass, "estimate_status").state == "not_member"


async def test_what_was_read_before_the_refusal_is_kept(
    hass: HomeAssistant,
    organiser: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The operation comes before the index: a new key holds at once."""
    entry = member_entry(organiser, options={CONF_LEFT_ON: "2026-11-10"})
    await set_up(hass, entry)
    organiser.key = "full_dynamic"
    organiser.answers["index.acc"] = web.Response(status=410)
    await wait(hass, freezer, NEXT_POLL)
    operation = coordinator(entry).data.operation
    assert operation is not None
    assert [key.type for key in operation.keys] == ["full_dynamic"]


# What decides the shape of the entry


async def test_change_of_step_reloads(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The meter's steps follow the operation's."""
    before = entry.runtime_data
    organiser.step_minutes = 15
    await wait(hass, freezer, NEXT_POLL)
    assert entry.runtime_data is not before
    assert coordinator(entry).shape.step == timedelta(minutes=15)


async def test_new_producer_gets_entities(
    hass: HomeAssistant,
    organiser: Organiser,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A consumer has no production; a member who becomes producer has."""
    key = f"{KEY}_settled_production_month"
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("sensor", DOMAIN, key) is None
    organiser.role = "prosumer"
    organiser.months.append(Month("2026-11"))
    await wait(hass, freezer, NEXT_POLL)
    assert value(hass, "settled_production_month") == pytest.approx(48 * 0.2)
    assert value(hass, "settled_surplus_month") == pytest.approx(48 * 0.03)
