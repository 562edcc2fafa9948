"""The blueprints that tell: a message, an announcement, the result of a month."""

from datetime import date, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from .automations import ours
from .blueprints import REASON, at, leave, tell, use
from .feed import Month, Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, settle_down, shown, wait

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("automations_end"),
]

PHONE = "notify.phone"


@pytest.fixture
async def member(hass: HomeAssistant, plenty: Organiser) -> MockConfigEntry:
    """A member in the middle of a good window."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def unloaded(hass: HomeAssistant, member: MockConfigEntry) -> None:
    """Our entities are registered, and nobody but the test sets their states."""
    await leave(hass, member)


async def message(
    hass: HomeAssistant, language: str = "en", **inputs: Any
) -> list[ServiceCall]:
    """The messages of a good window."""
    calls = async_mock_service(hass, "notify", "send_message")
    good_time = ours(hass, "good_time", "binary_sensor")
    given = {"good_time": good_time, "phones": [PHONE]}
    await use(hass, "good_window_message", language, given | inputs)
    return calls


async def speech(hass: HomeAssistant, language: str = "en") -> list[ServiceCall]:
    """What is said aloud of a good window."""
    calls = async_mock_service(hass, "tts", "speak")
    inputs = {
        "good_time": ours(hass, "good_time", "binary_sensor"),
        "speakers": ["media_player.kitchen", "media_player.bath"],
        "voice": "tts.piper",
    }
    await use(hass, "good_window_announcement", language, inputs)
    return calls


async def begin(hass: HomeAssistant) -> None:
    """A good window begins; one that goes on has ended before."""
    await tell(hass, "off")
    await tell(hass, "on")


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "A good time to consume"), ("fr", "Un bon moment pour consommer")],
)
async def test_a_window_of_the_outlook_is_told(
    hass: HomeAssistant,
    member: MockConfigEntry,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    language: str,
    title: str,
) -> None:
    """All the way from a forecast, with the kWh and the end."""
    calls = await message(hass, language)
    for injection_wh in (100, 6000):
        plenty.injection_wh = injection_wh
        await member.runtime_data.settlement.async_refresh()
        await wait(hass, freezer, timedelta(minutes=31))
    (call,) = calls
    assert call.data["entity_id"] == [PHONE]
    assert call.data["title"] == title
    told = shown(hass, "signal_event", "event").attributes
    assert f"{told['energy_kwh']:.1f} kWh" in call.data["message"]
    assert told["end"][11:16] in call.data["message"]


@pytest.mark.usefixtures("unloaded")
async def test_not_twice_a_day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """But again on the next day, by the clock of the house."""
    calls = await message(hass)
    for clock, days, told in (
        ("12:30", 0, 1),
        ("15:00", 0, 1),
        ("21:00", 0, 1),
        ("08:00", 1, 2),
        ("12:00", 1, 2),
    ):
        await at(hass, freezer, clock, days)
        await begin(hass)
        assert len(calls) == told, clock
    assert {call.data["message"] for call in calls} == {REASON}


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("still", "told"),
    [
        pytest.param("on", 1, id="told at the end of the night"),
        pytest.param("off", 0, id="over by then"),
        pytest.param("unknown", 0, id="not known any more"),
    ],
)
async def test_quiet_hours(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, still: str, told: int
) -> None:
    """Nothing is told in them; what lasts is told afterwards."""
    calls = await message(hass)
    await at(hass, freezer, "21:30")
    await begin(hass)
    await at(hass, freezer, "05:00", 1)
    await begin(hass)
    await tell(hass, still)
    assert calls == []
    await at(hass, freezer, "07:30", 1)
    assert len(calls) == told


@pytest.mark.usefixtures("unloaded")
async def test_no_quiet_hours(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Where they begin and end at the same time; the words are the user's."""
    calls = await message(
        hass,
        quiet_from="07:30:00",
        quiet_until="07:30:00",
        message="Sun! {{ reason }}",
    )
    await at(hass, freezer, "23:50")
    await begin(hass)
    assert [call.data["message"] for call in calls] == [f"Sun! {REASON}"]


@pytest.mark.usefixtures("unloaded")
async def test_a_start_tells_nothing(hass: HomeAssistant) -> None:
    """What Home Assistant finds out when it starts has not begun."""
    calls = await message(hass)
    await tell(hass, "unavailable")
    await tell(hass, "on")
    assert calls == []


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The neighbourhood has sun to spare. "), ("fr", "Il y a du soleil à partager dans la boucle. ")],
)  # fmt: skip
async def test_a_window_is_announced(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, language: str, words: str
) -> None:
    """On the speakers; not at night, and not again within three hours."""
    calls = await speech(hass, language)
    for clock, said in (
        ("07:59", 0),
        ("08:00", 1),
        ("10:30", 1),
        ("11:30", 2),
        ("21:00", 2),
    ):
        await at(hass, freezer, clock, 1)
        await begin(hass)
        assert len(calls) == said, clock
    assert calls[0].data == {
        "entity_id": ["tts.piper"],
        "media_player_entity_id": ["media_player.kitchen", "media_player.bath"],
        "message": words + REASON,
    }


async def settled(hass: HomeAssistant, language: str = "en") -> list[ServiceCall]:
    """The messages of settled months."""
    calls = async_mock_service(hass, "notify", "send_message")
    inputs = {
        "events": ours(hass, "signal_event", "event"),
        "phones": [PHONE],
    }
    await use(hass, "settlement_message", language, inputs)
    return calls


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("en", "09/2026 is settled", "From the community: {} kWh ({} % of your consumption). From your supplier: {} kWh."),
        ("fr", "09/2026 : le mois est définitif", "Venus de la boucle : {} kWh ({} % de votre consommation). Facturés par votre fournisseur : {} kWh."),
    ],
)  # fmt: skip
async def test_a_month_is_settled(
    hass: HomeAssistant,
    member: MockConfigEntry,
    plenty: Organiser,
    language: str,
    title: str,
    words: str,
) -> None:
    """Its result, from the documents of the organiser, once."""
    calls = await settled(hass, language)
    month = Month("2026-09")
    plenty.months = [month]
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    (call,) = calls
    allocated, consumed = sum(month.allocated_wh), sum(month.consumption_wh)
    numbers = [
        f"{allocated / 1000:.1f}",
        f"{100 * allocated / consumed:.0f}",
        f"{(consumed - allocated) / 1000:.1f}",
    ]
    if language == "fr":
        numbers = [number.replace(".", ",") for number in numbers]
    assert call.data == {
        "entity_id": [PHONE],
        "title": title,
        "message": words.format(*numbers),
    }


async def test_only_a_settlement_is_told_as_one(
    hass: HomeAssistant,
    member: MockConfigEntry,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
) -> None:
    """No window, no reload that restores the event, no month told before."""
    plenty.months = [Month("2026-09")]
    await member.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    calls = await settled(hass)
    await hass.config_entries.async_reload(member.entry_id)
    await settle_down(hass)
    told = shown(hass, "signal_event", "event")
    assert told.attributes["event_type"] == "settlement_received"
    plenty.injection_wh = 100
    await member.runtime_data.settlement.async_refresh()
    await wait(hass, freezer, timedelta(minutes=31))
    told = shown(hass, "signal_event", "event")
    assert told.attributes["event_type"] == "good_window_ended"
    assert calls == []


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("prosumer", "You injected 9.6 kWh, of which 1.4 kWh were not shared."),
        ("consumer", ""),
    ],
)
async def test_a_producer_is_told_more(
    hass: HomeAssistant, organiser: Organiser, role: str, told: str
) -> None:
    """What it injected, and what of it nobody took."""
    organiser.role, organiser.months = role, []
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    calls = await settled(hass)
    organiser.months = [Month("2026-10")]
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    (call,) = calls
    consumed, _, injected = call.data["message"].partition(" kWh.")
    assert consumed.startswith("From the community: ")
    assert injected.strip() == told


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        pytest.param(
            "en",
            "Your prepaid kWh are nearly used up",
            "About 23 kWh are left, until about 09/12/2026. Remember to buy the next pack.",
            id="en",
        ),
        pytest.param(
            "fr",
            "Vos kWh prépayés sont presque épuisés",
            "Il reste environ 23 kWh, jusque vers le 09/12/2026. Pensez à acheter le prochain pack.",
            id="fr",
        ),
    ],
)
async def test_a_pack_is_nearly_used_up(
    hass: HomeAssistant, plenty: Organiser, language: str, title: str, words: str
) -> None:
    """Told once, and not again by a restart that finds it so."""
    pack = {"bought_on": "2026-10-01", "kwh": 25.0, "eur": 3.0}
    prepaid = {"prepaid": {"packs": [pack], "warn_below_kwh": 20.0}}
    entry = member_entry(plenty, options=BASE_CONTRACT | prepaid)
    await set_up(hass, entry)
    low = ours(hass, "prepaid_low", "binary_sensor")
    told = shown(hass, "prepaid_low", "binary_sensor").attributes
    assert {"balance_kwh", "runs_out"} <= told.keys()
    await leave(hass, entry)
    calls = async_mock_service(hass, "notify", "send_message")
    await use(
        hass, "prepaid_message", language, {"prepaid_low": low, "phones": [PHONE]}
    )
    left = {"balance_kwh": 23.2, "runs_out": date(2026, 12, 9)}
    for state in ("off", "on", "unavailable", "on"):
        hass.states.async_set(low, state, left if state == "on" else {})
        await settle_down(hass)
    (call,) = calls
    assert call.data == {"entity_id": [PHONE], "title": title, "message": words}
