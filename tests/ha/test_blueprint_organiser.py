"""The blueprints that remind who organises: before something is due, and when it is late."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.checklist import (
    Checklist,
    Duty,
)
from custom_components.autoconsommation_collective.organiser.settings import Settings

from .blueprints import at, use
from .house import NOW, settle_down
from .organised import books_of, home, organise, shown

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("automations_end"),
]

PHONE = "notify.phone"
DUTIES = Checklist({Duty.CHECK: 24, Duty.BILLS: 25}, "2026-10")
"""The 24th of November, and the day after."""


@pytest.fixture
async def due(hass: HomeAssistant) -> str:
    """An operation of which October is to be checked and billed; what shows its next day."""
    entry = await organise(hass, home(0), home(1))
    await books_of(entry).async_set_settings(Settings(checklist=DUTIES))
    await settle_down(hass)
    found = shown(hass, "next_due")
    assert found.state == "2026-11-24"
    return found.entity_id


async def messages(
    hass: HomeAssistant, name: str, language: str, inputs: dict[str, Any]
) -> list[ServiceCall]:
    """The messages of one of the blueprints."""
    calls = async_mock_service(hass, "notify", "send_message")
    await use(hass, name, language, {"phones": [PHONE]} | inputs)
    return calls


async def tick(hass: HomeAssistant, *duties: Duty) -> None:
    """Say that duties of October are done."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    ticked = Checklist(DUTIES.days, "2026-10", {"2026-10": frozenset(duties)})
    await books_of(entry).async_set_settings(Settings(checklist=ticked))
    await settle_down(hass)


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("en", "To be done by 24/11/2026", "Check the month: 10/2026."),
        ("fr", "À faire d'ici le 24/11/2026", "Vérifier le mois : 10/2026."),
    ],
)
async def test_some_days_before_and_on_the_day(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    due: str,
    language: str,
    title: str,
    words: str,
) -> None:
    """At the hour asked for, and on no other day."""
    calls = await messages(hass, "organiser_due_message", language, {"next_due": due})
    told = []
    for day in range(7):
        await at(hass, freezer, "08:59", day)
        assert len(calls) == sum(told)
        await at(hass, freezer, "09:00", day)
        told.append(len(calls) - sum(told))
    assert told == [0, 1, 0, 0, 1, 0, 0]
    sent = {"entity_id": [PHONE], "title": title, "message": words}
    assert [call.data for call in calls] == [sent, sent]


async def test_what_comes_next_is_near(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, due: str
) -> None:
    """Told as soon as what came before is done; not what is told anew by a reload."""
    calls = await messages(hass, "organiser_due_message", "en", {"next_due": due})
    await at(hass, freezer, "12:00", 3)
    calls.clear()
    await tick(hass, Duty.CHECK)
    (call,) = calls
    assert call.data["title"] == "To be done by 25/11/2026"
    assert call.data["message"] == "Write the bills: 10/2026."
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert len(calls) == 1


async def test_what_comes_next_is_far(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, due: str
) -> None:
    """Its days come; and nothing is told where nothing is left."""
    calls = await messages(hass, "organiser_due_message", "en", {"next_due": due})
    await tick(hass, Duty.CHECK)
    assert calls == []
    await tick(hass, Duty.CHECK, Duty.BILLS)
    await at(hass, freezer, "09:00", 2)
    assert calls == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "10/2026, late: check the month."),
        ("fr", "10/2026, en retard : vérifier le mois."),
    ],
)
async def test_late(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    due: str,
    language: str,
    words: str,
) -> None:
    """On the morning after; as something more is late, once more; then on Mondays."""
    to_do = shown(hass, "to_do", "binary_sensor").entity_id
    calls = await messages(hass, "organiser_late_message", language, {"to_do": to_do})
    days = []
    for day in range(20, 31):
        await at(hass, freezer, "00:01", day - 20)
        assert len(calls) == len(days)
        await at(hass, freezer, "09:00", day - 20)
        days += [day] * (len(calls) - len(days))
    assert days == [25, 26, 30]
    assert calls[0].data["message"].strip() == words
    assert calls[1].data["message"].startswith(words)
    assert calls[1].data["message"].strip() != words


async def test_nothing_is_late(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, due: str
) -> None:
    """What was late is told no more once it is done."""
    to_do = shown(hass, "to_do", "binary_sensor").entity_id
    calls = await messages(hass, "organiser_late_message", "en", {"to_do": to_do})
    await at(hass, freezer, "00:01", 5)
    assert shown(hass, "to_do", "binary_sensor").state == "on"
    calls.clear()
    await tick(hass, Duty.CHECK, Duty.BILLS)
    for day in range(5, 12):
        await at(hass, freezer, "09:00", day)
    assert calls == []


async def test_a_reason_that_is_no_duty(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, due: str
) -> None:
    """In words as well."""
    to_do = shown(hass, "to_do", "binary_sensor").entity_id
    calls = await messages(hass, "organiser_late_message", "en", {"to_do": to_do})
    await at(hass, freezer, "08:00", 1)
    hass.states.async_set(to_do, "on", {"why": ["key"], "late": []})
    await at(hass, freezer, "09:00", 1)
    (call,) = calls
    assert call.data["message"].strip() == (
        "Nobody can tell today who gets what: look at the key."
    )
