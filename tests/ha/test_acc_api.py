"""The grid operator's interface, asked with the organiser's key: told, tried, asked each day."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import acc_polling
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.pmo.acc_unknown import (
    PRODUCTION,
    SANDBOX,
)
from tests.pmo.acc_server import AGREEMENT, CLIENT_ID, SECRET, AccServer, acc_serving

from .feed import PARIS
from .flows import at_option
from .house import KEY, NOW, PRM, member_entry, set_up, settle_down, value

pytestmark = pytest.mark.freeze_time(NOW)

TOLD = {
    "agreement": AGREEMENT,
    "client_id": CLIENT_ID,
    "client_secret": SECRET,
    "sandbox": False,
}
ALL_MONTHS = {
    *(f"2025-{n:02}" for n in (10, 11, 12)),
    *(f"2026-{n:02}" for n in range(1, 11)),
}

type Wait = Callable[[timedelta], Awaitable[None]]


@pytest.fixture
async def server(
    hass: HomeAssistant,
    socket_enabled: None,
    disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[AccServer]:
    """September and October are settled."""
    await hass.config.async_set_time_zone(PARIS.key)
    async with acc_serving() as server:
        server.months = {
            "2026-09": {"cons": 300.0, "autocons": 60.0},
            "2026-10": {"cons": 280.0, "complement": 250.0},
        }
        monkeypatch.setitem(acc_polling.HOSTS, False, server.hosts)
        yield server


@pytest.fixture
def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Wait:
    """Lets time pass, and what happens then end."""

    async def pass_time(time: timedelta) -> None:
        freezer.tick(time)
        async_fire_time_changed(hass)
        await settled(hass)

    return pass_time


async def settled(hass: HomeAssistant) -> None:
    """All is done, also in the background."""
    await hass.async_block_till_done(wait_background_tasks=True)
    await settle_down(hass)


async def asking(hass: HomeAssistant, wait: Wait, **told: Any) -> MockConfigEntry:
    """An entry with a key, that has asked."""
    entry = member_entry(options={"acc_api": TOLD | told})
    await set_up(hass, entry)
    await settled(hass)
    await wait(acc_polling.SOON)
    return entry


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    """What is under repairs."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"acc_api_{entry.entry_id}")
    return found and found.translation_key


async def test_months_are_asked_for_each_day(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """All that are not held, and those that may still be corrected."""
    del server.months["2026-10"]
    entry = await asking(hass, wait)
    assert set(server.asked) == ALL_MONTHS and len(server.asked) == 13
    pages = entry.runtime_data.settlement.data.pages
    assert sorted(pages) == ["2026-09"]
    assert all(page.is_spread for page in pages.values())
    assert value(hass, "settled_allocated_total") == 60
    server.asked.clear()
    server.months["2026-09"]["autocons"] = 70.0
    await wait(timedelta(days=1))
    assert set(server.asked) == ALL_MONTHS and len(server.asked) == 13
    assert value(hass, "settled_allocated_total") == 70


async def test_a_month_is_not_asked_for_for_ever(
    hass: HomeAssistant,
    server: AccServer,
    wait: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once it is too old to be corrected."""
    monkeypatch.setattr(acc_polling, "CORRECTED_FOR", timedelta(hours=1))
    del server.months["2026-10"]
    await asking(hass, wait)
    server.asked.clear()
    await wait(timedelta(days=1))
    assert set(server.asked) == ALL_MONTHS - {"2026-09"}


async def test_asked_once_a_day_whatever_restarts(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """At the home's own time of day."""
    server.months.clear()
    entry = await asking(hass, wait)
    server.asked.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)
    assert server.asked == []
    for _ in range(3):
        await wait(timedelta(hours=8))
    assert len(server.asked) == 13
    at = acc_polling.next_poll(
        datetime(2026, 11, 21, tzinfo=UTC), acc_polling.EVERY, acc_polling.phase_of(KEY)
    )
    assert at - NOW > timedelta(hours=1)


async def test_a_refused_key_is_told_until_it_is_good(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """Under repairs, and asked again the next day."""
    server.months.clear()
    entry = await asking(hass, wait, client_secret="wrong")
    assert issue(hass, entry) == "acc_refused"
    n_asked = server.token_asked.total()
    await wait(timedelta(days=1))
    assert server.token_asked.total() == 2 * n_asked
    hass.config_entries.async_update_entry(entry, options={"acc_api": TOLD})
    await settled(hass)
    await wait(acc_polling.SOON)
    assert issue(hass, entry) is None and len(server.asked) == 13


async def test_a_server_that_asks_to_wait_is_left_alone(
    hass: HomeAssistant,
    server: AccServer,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At once, and for as long as it asks; nothing secret is told."""
    server.months.clear()
    server.answer = web.Response(status=429, headers={"Retry-After": "7200"})
    entry = await asking(hass, wait)
    assert len(server.asked) == 1 and issue(hass, entry) is None
    await wait(timedelta(minutes=100))
    assert len(server.asked) == 1
    server.answer = None
    await wait(timedelta(minutes=30))
    assert len(server.asked) == 14
    ours = [r.getMessage() for r in caplog.records if DOMAIN in r.name]
    assert any("too_often" in line for line in ours)
    assert not [s for s in (PRM, SECRET, CLIENT_ID) if s in "".join(ours)]


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_month_in_error_does_not_stand_before_the_others(
    hass: HomeAssistant, server: AccServer, wait: Wait, status: int
) -> None:
    """They are asked for all the same, and it not again before the next day; no key is blamed."""
    server.faults["2026-10"] = status
    entry = await asking(hass, wait)
    assert len(server.asked) >= 13 and set(server.asked) == ALL_MONTHS
    assert sorted(entry.runtime_data.settlement.data.pages) == ["2026-09"]
    assert issue(hass, entry) is None
    server.asked.clear()
    await wait(timedelta(hours=1))
    assert server.asked == []
    server.faults.clear()
    for _ in range(3):
        await wait(timedelta(hours=8))
    assert set(server.asked) == ALL_MONTHS and len(server.asked) == 13
    assert "2026-10" in entry.runtime_data.settlement.data.pages


async def test_refused_for_all_months_is_told(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """Until one is answered."""
    server.faults = dict.fromkeys(ALL_MONTHS, 403)
    entry = await asking(hass, wait)
    assert issue(hass, entry) == "acc_refused"
    del server.faults["2025-10"]
    await wait(timedelta(days=1))
    assert issue(hass, entry) is None


async def test_what_was_answered_is_not_asked_again_after_a_stop(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """Also after a restart: the run goes on where it was stopped."""
    server.faults = {"2026-10": 500, "2026-08": 429}
    entry = await asking(hass, wait)
    assert server.asked == ["2026-10", "2026-09", "2026-08"]
    server.asked.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settled(hass)
    await wait(acc_polling.SOON)
    assert server.asked == ["2026-08"]
    del server.faults["2026-08"]
    server.asked.clear()
    await wait(timedelta(minutes=10))
    assert set(server.asked) == ALL_MONTHS - {"2026-10", "2026-09"}


async def test_nothing_is_asked_after_it_is_unloaded(
    hass: HomeAssistant, server: AccServer, wait: Wait
) -> None:
    """Whatever time passes."""
    server.months.clear()
    entry = await asking(hass, wait)
    server.asked.clear()
    await hass.config_entries.async_unload(entry.entry_id)
    await wait(timedelta(days=2))
    assert server.asked == []


# The form


async def told(hass: HomeAssistant, entry: MockConfigEntry, **changed: Any) -> Any:
    """What the options say to a key."""
    result = await at_option(hass, entry, "acc_api")
    answers = {k: v for k, v in (TOLD | changed).items() if v is not None}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], answers
    )
    await settled(hass)
    return result


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"agreement": "ACC1"}, "acc_agreement"),
        ({"agreement": "ACC00000043"}, "acc_refused"),
        ({"client_secret": "wrong"}, "acc_refused"),
        ({"client_secret": None}, "acc_incomplete"),
    ],
)
async def test_a_key_is_tried_before_it_is_kept(
    hass: HomeAssistant, server: AccServer, changed: dict[str, Any], error: str
) -> None:
    """What is wrong is said; the secret is not shown again."""
    entry = member_entry()
    await set_up(hass, entry)
    result = await told(hass, entry, **changed)
    assert result["errors"] == {"base": error}
    assert SECRET not in str(result["data_schema"].schema)
    assert entry.options == {} and not entry.runtime_data.settlement.data.pages


async def test_a_key_is_kept_and_used(
    hass: HomeAssistant,
    server: AccServer,
    wait: Wait,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Tidied, also with nothing settled yet; redacted; given up again."""
    caplog.set_level(logging.INFO)
    server.months.pop("2026-10")
    entry = member_entry()
    await set_up(hass, entry)
    result = await told(hass, entry, agreement=f" {AGREEMENT.lower()} ")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["acc_api"] == TOLD
    await wait(acc_polling.SOON)
    assert value(hass, "settled_allocated_month") == 60
    result = await told(hass, entry, client_secret=None)
    assert entry.options["acc_api"] == TOLD
    diagnostics = str(await async_get_config_entry_diagnostics(hass, entry))
    assert not [s for s in (SECRET, CLIENT_ID, AGREEMENT) if s in diagnostics]
    result = await told(hass, entry, agreement=None)
    assert entry.options == {}


def test_which_hosts_are_asked() -> None:
    """The real ones, unless it is tried out."""
    assert {False: PRODUCTION, True: SANDBOX} == acc_polling.HOSTS
