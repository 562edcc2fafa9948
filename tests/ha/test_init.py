"""An entry from its set-up to its removal: what it needs, leaves and never says."""

from datetime import timedelta
import logging
from pathlib import Path
from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.pmo.sealing import member_path

from .feed import NAME, TOKEN, Month, Organiser
from .house import (
    ADCO,
    KEY,
    NOW,
    PRM,
    Linky,
    live,
    member_entry,
    set_up,
    shown,
    value,
    wait,
)
from .kept import statistics_of

pytestmark = pytest.mark.freeze_time(NOW)


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Running requests for a new invitation."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == "reauth"
    ]


async def test_device_names_the_operation(
    hass: HomeAssistant, organiser: Organiser, device_registry: dr.DeviceRegistry
) -> None:
    """One service, identified by the key of the delivery point."""
    await set_up(hass, member_entry(organiser))
    (device,) = device_registry.async_get_devices(identifiers={(DOMAIN, KEY)})
    assert device.name == NAME
    assert device.entry_type is dr.DeviceEntryType.SERVICE


async def test_first_set_up_waits_for_the_organiser(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing can be shown before the first answer; it is tried again."""
    organiser.answers["*"] = web.Response(status=503)
    entry = member_entry(organiser)
    await set_up(hass, entry, ConfigEntryState.SETUP_RETRY)
    organiser.answers.clear()
    await wait(hass, freezer, timedelta(seconds=30))
    assert entry.state is ConfigEntryState.LOADED
    assert value(hass, "settled_allocated_month") > 0


async def test_first_set_up_with_a_refused_token_asks_for_another(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """It cannot load, and says why."""
    entry = member_entry(organiser)
    organiser.answers["index.acc"] = web.Response(status=404)
    await set_up(hass, entry, ConfigEntryState.SETUP_ERROR)
    (flow,) = reauth_flows(hass)
    assert flow["context"]["entry_id"] == entry.entry_id


@pytest.mark.parametrize(
    ("name", "status", "n_flows"),
    [
        pytest.param("*", 503, 0, id="feed down"),
        pytest.param("index.acc", 401, 1, id="token refused"),
    ],
)
async def test_later_it_loads_from_its_store(
    hass: HomeAssistant, organiser: Organiser, name: str, status: int, n_flows: int
) -> None:
    """What controls loads must not depend on the organiser's server."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    before = {
        state.entity_id: state.state
        for state in hass.states.async_all()
        if state.state != "unknown"
    }
    await hass.config_entries.async_unload(entry.entry_id)
    organiser.answers[name] = web.Response(status=status)
    await set_up(hass, entry)
    assert {key: hass.states.get(key).state for key in before} == before  # type: ignore[union-attr]
    assert shown(hass, "estimate_status").state == "no_meter"
    assert len(reauth_flows(hass)) == n_flows


async def test_no_feed(hass: HomeAssistant, disk: Path) -> None:
    """Without a feed, the house is measured and the reason told."""
    linky = Linky(hass)
    await set_up(hass, member_entry(imports=(linky.ref,)))
    assert shown(hass, "estimate_status").state == "no_feed"
    assert shown(hass, "settled_allocated_total").state == "unknown"
    assert shown(hass, "good_time", "binary_sensor").state == "unknown"


async def test_unload_leaves_nothing_behind(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """No timer (the test plugin looks), no listener, no question to the organiser."""
    linky = Linky(hass)
    listeners = hass.bus.async_listeners()
    entry = member_entry(
        organiser, imports=(linky.ref,), exports=(Linky(hass, "EAIT").ref,)
    )
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=40), 30)
    assert await hass.config_entries.async_unload(entry.entry_id)
    organiser.asked.clear()
    await wait(hass, freezer, timedelta(days=1))
    assert organiser.asked == []
    left = hass.bus.async_listeners()
    assert left.get("state_reported", 0) == listeners.get("state_reported", 0)
    assert shown(hass, "settled_until").state == "unavailable"


async def test_removal_keeps_statistics_only(
    hass: HomeAssistant,
    organiser: Organiser,
    disk: Path,
    freezer: FrozenDateTimeFactory,
    issue_registry: ir.IssueRegistry,
) -> None:
    """Stores and issues go; added again, the same statistics go on."""
    linky = Linky(hass)
    organiser.answers["forecast.json"] = b"{}"
    entry = member_entry(organiser, imports=(linky.ref, "sensor.gone"))
    await set_up(hass, entry)
    await wait(hass, freezer, timedelta(minutes=1))
    assert len([i for i in issue_registry.issues.values() if i.domain == DOMAIN]) == 2
    assert list(disk.glob(f"{DOMAIN}.*"))
    october = await statistics_of(hass, "allocated")
    assert len(october) == 24

    await hass.config_entries.async_remove(entry.entry_id)
    assert not list(disk.glob(f"{DOMAIN}.*"))
    assert not [i for i in issue_registry.issues.values() if i.domain == DOMAIN]
    assert await statistics_of(hass, "allocated") == october

    organiser.months.append(Month("2026-11"))
    await set_up(hass, member_entry(organiser))
    both = await statistics_of(hass, "allocated")
    assert len(both) == 48
    assert both.items() >= october.items()


async def test_removal_of_an_entry_that_never_loaded(
    hass: HomeAssistant, organiser: Organiser, disk: Path
) -> None:
    """There is nothing to delete, and that is no error."""
    organiser.answers["*"] = web.Response(status=503)
    entry = member_entry(organiser)
    await set_up(hass, entry, ConfigEntryState.SETUP_RETRY)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not list(disk.glob(f"{DOMAIN}.*"))


@pytest.mark.parametrize("broken", [False, True], ids=["all well", "all goes wrong"])
async def test_nothing_names_the_delivery_point(
    hass: HomeAssistant,
    organiser: Organiser,
    disk: Path,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    broken: bool,
) -> None:
    """Neither PRM nor token nor the meter's address is logged, or names anything."""
    for logger in ("homeassistant", f"custom_components.{DOMAIN}"):
        caplog.set_level(logging.DEBUG, logger)
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    if broken:
        organiser.answers["forecast.json"] = b"{"
        organiser.answers["aggregates.json"] = web.Response(status=500)
        await wait(hass, freezer, timedelta(hours=1))
        organiser.answers["index.acc"] = web.Response(status=403)
        linky.fall_silent()
        await wait(hass, freezer, timedelta(hours=8))
    await hass.config_entries.async_reload(entry.entry_id)
    await live(hass, freezer, linky, NOW + timedelta(minutes=35), 10)
    await hass.config_entries.async_unload(entry.entry_id)

    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    named = [
        entry.title,
        entry.unique_id,
        *(entity.unique_id for entity in entities),
        *(entity.entity_id for entity in entities),
        *(str(device.identifiers) for device in devices),
        *(path.name for path in disk.iterdir()),
        *(str(issue) for issue in ir.async_get(hass).issues.values()),
        caplog.text,
    ]
    assert DOMAIN in caplog.text
    for secret in (PRM, TOKEN, member_path(TOKEN)):
        assert not [text for text in named if text is None or secret in text]
    ours = "\n".join(r.getMessage() for r in caplog.records if DOMAIN in r.name)
    assert ADCO not in ours
