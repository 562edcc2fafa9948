"""The organiser's documents over the months: corrected, late, broken, refused, at an end."""

from dataclasses import replace
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Month, Organiser
from .house import KEY, NOW, coordinator, member_entry, set_up, shown, value, wait
from .kept import assert_statistics

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


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """The repair issue about a document."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"document_{entry.entry_id}")


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
    kept = await stores.async_load("feed") or {}
    kept["documents"]["forecast.json"]["text"] = "{}"
    await stores.async_save("feed", kept)
    await set_up(hass, entry)
    assert value(hass, "estimated_community_production") == 3000
