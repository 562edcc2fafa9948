"""Choosing the meter: found, confirmed, refused with the reason, or done without."""

from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_DAILY,
    CONF_EXPORT,
    CONF_IMPORT,
    CONF_SUBSCRIBED_KVA,
    DOMAIN,
)

from .feed import Organiser
from .flows import answer, at_meter, choose, finished, suggested
from .house import NOW, Linky, member_entry, shown

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]


async def test_several_indexes(hass: HomeAssistant, disk: Path) -> None:
    """Off-peak and peak add up; both are found."""
    pair = [Linky(hass, "HCHC"), Linky(hass, "HCHP")]
    result = await at_meter(hass)
    assert suggested(result) == {CONF_IMPORT: [linky.entity_id for linky in pair]}
    entry = await finished(hass, await answer(hass, result, suggested(result)))
    assert entry.data[CONF_IMPORT] == [linky.ref for linky in pair]


async def test_second_delivery_point(hass: HomeAssistant, disk: Path) -> None:
    """It is offered the meter that is still free, and told apart by its name."""
    first, second = Linky(hass), Linky(hass, adco="021528603315")
    dongles = MockConfigEntry(domain="teleinfo")
    dongles.add_to_hass(hass)
    for linky in (first, second):
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=dongles.entry_id, identifiers={("teleinfo", linky.adco)}
        )
        er.async_get(hass).async_update_entity(linky.entity_id, device_id=device.id)
    one = await finished(hass, await confirmed(hass, await at_meter(hass)))
    two = await finished(
        hass, await confirmed(hass, await at_meter(hass, prm="12345678901235"))
    )
    assert {*one.data[CONF_IMPORT], *two.data[CONF_IMPORT]} == {first.ref, second.ref}
    assert two.title == f"{one.title} 2"


async def confirmed(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """The meter as it was found."""
    return await answer(hass, result, suggested(result))


async def test_subscribed_power_of_the_meter_is_noted(
    hass: HomeAssistant, disk: Path
) -> None:
    """The meter tells it in A at 200 V: nobody needs to look it up."""
    linky = Linky(hass)
    made = er.async_get(hass).async_get_or_create(
        "sensor", "teleinfo", f"{linky.adco}_ISOUSC", unit_of_measurement="A"
    )
    hass.states.async_set(made.entity_id, "30", {"unit_of_measurement": "A"})
    result = await at_meter(hass)
    entry = await finished(hass, await answer(hass, result, suggested(result)))
    assert entry.options[CONF_SUBSCRIBED_KVA] == 6


async def test_counter_of_a_day_is_noted_as_such(
    hass: HomeAssistant, disk: Path
) -> None:
    """At a start of Home Assistant it could no longer be told from an index."""
    day = show(
        hass,
        "sensor.day",
        unit_of_measurement="kWh",
        device_class="energy",
        state_class="total",
        last_reset="2026-11-20T00:00:00+01:00",
    )
    result = await at_meter(hass)
    entry = await finished(hass, await answer(hass, result, {CONF_IMPORT: [day]}))
    assert entry.data[CONF_DAILY] == [day]


async def test_without_a_meter(hass: HomeAssistant, organiser: Organiser) -> None:
    """The loss is told, one can go back or go on."""
    result = await at_meter(hass, organiser)
    assert suggested(result) == {}
    result = await answer(hass, result, {})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "without_meter")
    result = await choose(hass, result, "meter")
    assert result["step_id"] == "meter"
    result = await answer(hass, result, {})
    entry = await finished(hass, await choose(hass, result, "finish"))
    assert (entry.data[CONF_IMPORT], entry.data[CONF_EXPORT]) == ([], [])
    assert shown(hass, "estimate_status").state == "no_meter"


async def test_producer_without_export(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Goes back and chooses the index, or continues as a consumer."""
    organiser.role = "prosumer"
    linky = Linky(hass)
    export = Linky(hass, "EAIT", wh=0)
    result = await at_meter(hass, organiser)
    chosen = {CONF_IMPORT: [linky.entity_id]}
    result = await answer(hass, result, chosen)
    assert result["step_id"] == "without_export"
    result = await choose(hass, result, "meter")
    result = await answer(hass, result, chosen)
    result = await choose(hass, result, "meter")
    chosen[CONF_EXPORT] = [export.entity_id]
    entry = await finished(hass, await answer(hass, result, chosen))
    assert entry.data[CONF_EXPORT] == [export.ref]


async def test_producer_continues_without_export(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """What is settled for the production is shown all the same."""
    organiser.role = "producer"
    linky = Linky(hass)
    result = await at_meter(hass, organiser)
    result = await answer(hass, result, {CONF_IMPORT: [linky.entity_id]})
    await finished(hass, await choose(hass, result, "finish"))
    assert shown(hass, "settled_production_month").state == "unknown"


def show(hass: HomeAssistant, entity_id: str, **attributes: Any) -> str:
    """A home-made entity without registry entry."""
    hass.states.async_set(entity_id, "100", attributes)
    return entity_id


def disabled(hass: HomeAssistant) -> str:
    """An index that is disabled."""
    linky = Linky(hass)
    er.async_get(hass).async_update_entity(
        linky.entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    return linky.entity_id


def own(hass: HomeAssistant) -> str:
    """An entity of this very integration."""
    made = er.async_get(hass).async_get_or_create("sensor", DOMAIN, "x_estimated")
    return show(hass, made.entity_id, unit_of_measurement="kWh", device_class="energy")


def of_another_entry(hass: HomeAssistant) -> str:
    """An index that another delivery point counts."""
    linky = Linky(hass)
    entry = member_entry(imports=(linky.ref,))
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, unique_id="fedcba9876543210")
    return linky.entity_id


def power(hass: HomeAssistant) -> str:
    """An apparent power."""
    return show(hass, "sensor.papp", unit_of_measurement="VA")


def momentary(hass: HomeAssistant) -> str:
    """An energy that is measured, not counted."""
    return show(
        hass, "sensor.stored", unit_of_measurement="kWh", state_class="measurement"
    )


def day_after(hass: HomeAssistant) -> str:
    """A cloud that brings yesterday."""
    made = er.async_get(hass).async_get_or_create("sensor", "myelectricaldata", "x")
    return show(hass, made.entity_id, unit_of_measurement="kWh", device_class="energy")


def gone(hass: HomeAssistant) -> str:
    """An entity that is not there."""
    return "sensor.gone"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(gone, "index_not_found", id="not found"),
        pytest.param(own, "index_own_entity", id="our own"),
        pytest.param(disabled, "index_disabled", id="disabled"),
        pytest.param(day_after, "index_d_plus_1", id="the day after"),
        pytest.param(power, "index_not_energy", id="no energy"),
        pytest.param(momentary, "index_not_cumulative", id="not counted"),
        pytest.param(of_another_entry, "index_already_used", id="used elsewhere"),
    ],
)
@pytest.mark.parametrize("field", [CONF_IMPORT, CONF_EXPORT])
async def test_wrong_index(
    hass: HomeAssistant, disk: Path, make: Any, problem: str, field: str
) -> None:
    """The reason stands at the field; a good one is then accepted."""
    good = show(hass, "sensor.p1", unit_of_measurement="kWh", device_class="energy")
    entity_id = make(hass)
    result = await at_meter(hass)
    result = await answer(hass, result, {CONF_IMPORT: [good]} | {field: [entity_id]})
    assert result["errors"] == {field: problem}
    assert suggested(result)[field] == [entity_id]
    entry = await finished(hass, await answer(hass, result, {CONF_IMPORT: [good]}))
    assert entry.data[CONF_IMPORT] == [good]


async def test_index_both_ways(hass: HomeAssistant, disk: Path) -> None:
    """The same index cannot count what is drawn and what is injected."""
    linky = Linky(hass)
    result = await at_meter(hass)
    twice = {CONF_IMPORT: [linky.entity_id], CONF_EXPORT: [linky.entity_id]}
    result = await answer(hass, result, twice)
    assert result["errors"] == {CONF_EXPORT: "index_already_used"}


async def test_first_problem_of_a_field_is_told(
    hass: HomeAssistant, disk: Path
) -> None:
    """One text for each field."""
    result = await at_meter(hass)
    wrong = {CONF_IMPORT: ["sensor.gone", power(hass)]}
    result = await answer(hass, result, wrong)
    assert result["errors"] == {CONF_IMPORT: "index_not_found"}
