"""The member's meter is found whatever reads it, and what is no index is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.autoconsommation_collective.adapters.meter import (
    index_problem,
    index_wh,
    reference,
    resets_daily,
    resolve,
)
from custom_components.autoconsommation_collective.adapters.meter_detection import (
    MeterCandidate,
    async_detect_meters,
)
from custom_components.autoconsommation_collective.const import DOMAIN

ADCO = "021528603314"
IEEE = "00:15:8d:00:05:fc:a1:b2"


@dataclass(frozen=True)
class Sensor:
    """A sensor as its integration registers it."""

    key: str
    """What the test calls it."""
    unique_id: str
    value: str | None = "1234567"
    unit: str | None = "Wh"
    device_class: str | None = "energy"
    state_class: str | None = "total_increasing"
    name: str | None = None
    domain: str = "sensor"
    disabled: bool = False
    attributes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Source:
    """A device and the integration that reads it."""

    platform: str
    sensors: tuple[Sensor, ...]
    manufacturer: str | None = None
    model: str | None = None
    device: str | None = "Compteur"


def index(
    key: str, unique_id: str, value: str | None = "1234567", **more: Any
) -> Sensor:
    """An index in Wh."""
    return Sensor(key, unique_id, value, **more)


def kwh(
    key: str, unique_id: str, value: str | None = "1234.567", **more: Any
) -> Sensor:
    """An index in kWh."""
    return Sensor(key, unique_id, value, "kWh", **more)


def va(key: str, unique_id: str) -> Sensor:
    """An apparent power."""
    return Sensor(key, unique_id, "1230", "VA", "apparent_power", "measurement")


def watts(key: str, unique_id: str) -> Sensor:
    """A mean power."""
    return Sensor(key, unique_id, "480", "W", "power", "measurement")


def text(key: str, unique_id: str, value: str = "HEURE  CREUSE") -> Sensor:
    """A text."""
    return Sensor(key, unique_id, value, None, None, None)


def install(
    hass: HomeAssistant, source: Source, *, language: str = "fr", address: str = "1"
) -> dict[str, str]:
    """Register a source and show its states; the references by key."""
    entry = MockConfigEntry(domain=source.platform)
    entry.add_to_hass(hass)
    device = source.device and dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(source.platform, address)},
        manufacturer=source.manufacturer,
        model=source.model,
        name=source.device,
    )
    refs = {}
    for sensor in source.sensors:
        registered = er.async_get(hass).async_get_or_create(
            sensor.domain,
            source.platform,
            sensor.unique_id,
            config_entry=entry,
            device_id=device.id if device else None,
            original_name=sensor.name,
            original_device_class=sensor.device_class,
            unit_of_measurement=sensor.unit,
            capabilities=sensor.state_class and {"state_class": sensor.state_class},
            disabled_by=er.RegistryEntryDisabler.USER if sensor.disabled else None,
            # What a person sees depends on the language; it must not matter.
            object_id_base=f"{'linky_index' if language == 'fr' else 'meter_energy'}_x",
        )
        refs[sensor.key] = registered.id
        if not sensor.disabled and sensor.value is not None:
            show(hass, registered.entity_id, sensor)
    return refs


def show(hass: HomeAssistant, entity_id: str, sensor: Sensor) -> None:
    """Set the state of a sensor as its integration does."""
    attributes = {
        ATTR_UNIT_OF_MEASUREMENT: sensor.unit,
        "device_class": sensor.device_class,
        "state_class": sensor.state_class,
        **dict(sensor.attributes),
    }
    shown = {name: value for name, value in attributes.items() if value is not None}
    hass.states.async_set(entity_id, sensor.value, shown)


def linkytic(*labels: str) -> tuple[Sensor, ...]:
    """Indexes as linkytic registers them."""
    return tuple(index(label, f"linkytic_01J9Z_{label}") for label in labels)


def teleinfo(*labels: str, adco: str = ADCO) -> tuple[Sensor, ...]:
    """Indexes as the core integration registers them."""
    return tuple(index(label.lower(), f"{adco}_{label}") for label in labels)


TEMPO = ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR")

CORE_BASE = Source(
    "teleinfo",
    (
        *teleinfo("BASE"),
        va("papp", f"{ADCO}_PAPP"),
        text("ptec", f"{ADCO}_PTEC", "all_hours"),
    ),
    "Enedis",
)
ZLINKY = Source("zha", (), "LiXee", "ZLinky_TIC")
Z2M = Source("mqtt", (), "LiXee", "Lixee ZLinky TIC (ZLinky_TIC)")
Z2M_ID = "0x00158d0005fca1b2"


@dataclass(frozen=True)
class Found:
    """The keys of what must be found."""

    imports: tuple[str, ...]
    exports: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    tariff: str | None = None
    contact: str | None = None
    schedule: str | None = None
    curve: str | None = None
    kva: float | None = None


CASES = [
    pytest.param(
        CORE_BASE, Found(("base",), power=("papp",), tariff="ptec"), id="teleinfo base"
    ),
    pytest.param(
        replace(CORE_BASE, sensors=teleinfo("HCHC", "HCHP")),
        Found(("hchc", "hchp")),
        id="teleinfo off-peak hours: two indexes",
    ),
    pytest.param(
        replace(CORE_BASE, sensors=teleinfo(*TEMPO)),
        Found(tuple(sorted(label.lower() for label in TEMPO))),
        id="teleinfo tempo: six indexes",
    ),
    pytest.param(
        Source(
            "linkytic",
            (
                *linkytic("easf01", "easf02", "east", "eait"),
                va("sinsts", "linkytic_01J9Z_sinsts"),
                watts("ccasn-1", "linkytic_01J9Z_ccasn-1"),
                watts("ccasn", "linkytic_01J9Z_ccasn"),
                text("ntarf", "linkytic_01J9Z_ntarf", "1"),
                text("ltarf", "linkytic_01J9Z_ltarf"),
                text("relais", "linkytic_01J9Z_relais", "000"),
                Sensor(
                    "contact",
                    "linkytic_01J9Z_contact_sec",
                    "on",
                    None,
                    "opening",
                    None,
                    domain="binary_sensor",
                ),
                text("pjourf", "linkytic_01J9Z_pjourf+1", "00008002"),
                Sensor("pref", "linkytic_01J9Z_pref", "9", "kVA", None, None),
            ),
        ),
        Found(
            ("east",),
            ("eait",),
            ("sinsts",),
            "ltarf",
            "contact",
            "pjourf",
            "ccasn",
            9.0,
        ),
        id="linkytic producer: every role",
    ),
    pytest.param(
        Source(
            "linkytic",
            (
                *linkytic("east"),
                *(va(f"sinsts{n}", f"linkytic_01J9Z_sinsts{n}") for n in (3, 1, 2)),
                va("sinsts", "linkytic_01J9Z_sinsts"),
            ),
        ),
        Found(("east",), power=("sinsts1", "sinsts2", "sinsts3")),
        id="linkytic on three phases: each tells its own",
    ),
    pytest.param(
        Source(
            "esphome",
            (
                Sensor(
                    "east",
                    "AA:BB-sensor-linky_east",
                    "12345",
                    name="Linky EAST",
                    device_class=None,
                    state_class=None,
                ),
                Sensor(
                    "sinsts",
                    "AA:BB-sensor-linky_sinsts",
                    "480",
                    name="SINSTS",
                    device_class=None,
                    state_class=None,
                ),
            ),
            "espressif",
            "esp32dev",
        ),
        Found(("east",), power=("sinsts",)),
        id="esphome: VA typed as Wh stays a power",
    ),
    pytest.param(
        Source(
            "esphome",
            (
                index("hc", "AA:BB-sensor-1234", name="Index HCHC", state_class=None),
                index("hp", "AA:BB-sensor-5678", name="Index HCHP", state_class=None),
            ),
        ),
        Found(("hc", "hp")),
        id="esphome: label only in the name",
    ),
    pytest.param(
        replace(
            ZLINKY,
            sensors=(
                kwh("east", f"{IEEE}-1-1794-summation_delivered"),
                kwh("eait", f"{IEEE}-1-1794-summation_received", "12.5"),
                kwh("t1", f"{IEEE}-1-1794-tier1_summation_delivered"),
                va("sinsts", f"{IEEE}-1-2820-apparent_power"),
                watts("ccasn", f"{IEEE}-1-2820"),
                watts("ccasn-1", f"{IEEE}-1-2820-active_power_ph_b"),
            ),
        ),
        Found(("east",), ("eait",), power=("sinsts",), curve="ccasn"),
        id="zlinky zha standard",
    ),
    pytest.param(
        replace(
            ZLINKY,
            sensors=(
                kwh("total", f"{IEEE}-1-1794-summation_delivered", "0.0"),
                kwh("t1", f"{IEEE}-1-1794-tier1_summation_delivered", "4000.1"),
                kwh("t2", f"{IEEE}-1-1794-tier2_summation_delivered", "7000.2"),
                kwh("t3", f"{IEEE}-1-1794-tier3_summation_delivered", "unknown"),
            ),
        ),
        Found(("t1", "t2")),
        id="zlinky zha historique: total of zero, tiers instead",
    ),
    pytest.param(
        Source(
            "zha",
            (kwh("east", f"{IEEE}-1-1794-summation_delivered"),),
            "GammaTroniques",
            "TICMeter",
        ),
        Found(("east",)),
        id="ticmeter zha",
    ),
    pytest.param(
        replace(
            Z2M,
            sensors=(
                kwh("east", f"{Z2M_ID}_EAST_zigbee2mqtt"),
                kwh("easf01", f"{Z2M_ID}_EASF01_zigbee2mqtt"),
                kwh("eait", f"{Z2M_ID}_EAIT_zigbee2mqtt", "0.5"),
                watts("ccasn", f"{Z2M_ID}_CCASN_zigbee2mqtt"),
                watts("ccasn-1", f"{Z2M_ID}_CCASN-1_zigbee2mqtt"),
                Sensor(
                    "sinsts",
                    f"{Z2M_ID}_SINSTS_zigbee2mqtt",
                    "900",
                    "VA",
                    None,
                    "measurement",
                ),
                text("price", f"{Z2M_ID}_current_price_zigbee2mqtt"),
                text("relais", f"{Z2M_ID}_RELAIS_zigbee2mqtt", "1"),
                text("days", f"{Z2M_ID}_days_profile_current_calendar_zigbee2mqtt"),
            ),
        ),
        Found(("east",), ("eait",), ("sinsts",), "price", "relais", "days", "ccasn"),
        id="zlinky zigbee2mqtt",
    ),
    pytest.param(
        replace(
            Z2M,
            sensors=(
                kwh("hchc", f"{Z2M_ID}_HCHC_maison_base"),
                kwh("hchp", f"{Z2M_ID}_HCHP_maison_base"),
            ),
        ),
        Found(("hchc", "hchp")),
        id="zlinky zigbee2mqtt: a base topic that looks like a label",
    ),
    pytest.param(
        Source(
            "mqtt",
            (
                kwh("total", "00158d0005fca1b2_0702_0000"),
                kwh("received", "00158d0005fca1b2_0702_0001"),
            ),
            "LiXee",
            "ZLinky",
        ),
        Found(("total",), ("received",)),
        id="lixee box: attributes by number",
    ),
    pytest.param(
        Source(
            "mqtt",
            (
                index("east", "EAST"),
                index("eait", "EAIT", "unknown"),
                index("hchc", "HCHC", "unknown"),
                text("ltarf", "LTARF"),
                va("sinsts", "SINSTS"),
                Sensor("pref", "PREF", "9", "VA", None, None),
            ),
            "Enedis",
            "teleinfo_021528603314",
        ),
        Found(("east",), power=("sinsts",), tariff="ltarf", kva=9.0),
        id="teleinfo2mqtt: absent labels are listed",
    ),
    pytest.param(
        Source("tasmota", (kwh("total", "AABBCC_sensor_sensor_ENERGY_Total"),)),
        Found(("total",)),
        id="tasmota",
    ),
    pytest.param(
        Source(
            "little_monkey",
            (
                kwh("hc", "eco_hc_grid_consumption", "2.1"),
                kwh("total", "eco_grid_consumption", "4.2"),
                kwh("surplus", "eco_production_surplus", "1.5"),
            ),
        ),
        Found(("total",), ("surplus",)),
        id="ecojoko",
    ),
    pytest.param(
        Source(
            "shelly",
            (
                index("clamp", "AABBCC-em1data:0-total_act_energy"),
                index("back", "AABBCC-em1data:0-total_act_ret_energy"),
            ),
        ),
        Found(("clamp",), ("back",)),
        id="shelly em",
    ),
    pytest.param(
        Source(
            "shelly",
            tuple(index(phase, f"AABBCC-emeter_{phase}-energy") for phase in "012"),
        ),
        Found(("0", "1", "2")),
        id="shelly 3em: three phases",
    ),
    pytest.param(
        Source(
            "myelectricaldata",
            (kwh("day", "12345678901234_consumption_standard"),),
        ),
        Found(("day",)),
        id="cloud",
    ),
]

CONFIDENT = {"teleinfo", "linkytic", "esphome", "zha", "mqtt", "little_monkey"}
"""The others are clamps, plugs and clouds: shown, but not filled in."""


def keys(refs: dict[str, str], chosen: Sequence[str | None]) -> tuple[str | None, ...]:
    """References back to what the test calls them."""
    names = {ref: key for key, ref in refs.items()} | {None: None}
    return tuple(names[ref] for ref in chosen)


def found(refs: dict[str, str], meter: MeterCandidate) -> Found:
    """A candidate in the words of the test."""
    roles = (
        meter.tariff_ref,
        meter.contact_ref,
        meter.schedule_ref,
        meter.curve_ref,
    )
    return Found(
        keys(refs, meter.import_refs),
        keys(refs, meter.export_refs),
        keys(refs, meter.live_power_refs),
        *keys(refs, roles),
        meter.subscribed_kva,
    )


@pytest.mark.parametrize(("source", "expected"), CASES)
async def test_finds_the_meter(
    hass: HomeAssistant, source: Source, expected: Found
) -> None:
    """Each source gives its indexes and its other entities."""
    refs = install(hass, source)
    (meter,) = await async_detect_meters(hass)
    result = found(refs, meter)
    assert replace(result, imports=tuple(sorted(result.imports))) == expected
    assert meter.source == source.platform
    assert meter.confident is (source.platform in CONFIDENT)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_language_and_renames_do_not_matter(
    hass: HomeAssistant, language: str
) -> None:
    """The same meter under French, English and any other entity ids."""
    refs = install(hass, CORE_BASE, language=language)
    (before,) = await async_detect_meters(hass)
    entity_id = resolve(hass, refs["base"])
    assert entity_id is not None
    er.async_get(hass).async_update_entity(entity_id, new_entity_id="sensor.papp")
    await hass.async_block_till_done()
    show(hass, "sensor.papp", CORE_BASE.sensors[0])
    assert await async_detect_meters(hass) == [before]
    assert resolve(hass, refs["base"]) == "sensor.papp"
    assert reference(hass, "sensor.papp") == refs["base"]


async def test_two_meters_are_two_candidates(hass: HomeAssistant) -> None:
    """Their indexes are not added up."""
    home = install(hass, replace(CORE_BASE, device="Maison"))
    barn = replace(
        CORE_BASE, device="Grange", sensors=teleinfo("BASE", adco="021528600000")
    )
    other = install(hass, barn, address="2")
    meters = await async_detect_meters(hass)
    assert {meter.name: meter.import_refs for meter in meters} == {
        "Maison": (home["base"],),
        "Grange": (other["base"],),
    }


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            Source("mqtt", (kwh("plug", "0x00158d0005fca1b3_energy_zigbee2mqtt"),)),
            id="a plug over mqtt",
        ),
        pytest.param(
            Source("zha", (kwh("plug", f"{IEEE}-1-1794-summation_delivered"),), "IKEA"),
            id="a plug over zha",
        ),
        pytest.param(
            Source("esphome", (kwh("east", "AA:BB-sensor-heating_east"),)),
            id="the heating of the east wing",
        ),
        pytest.param(
            Source("mqtt", (text("price", f"{Z2M_ID}_current_price_zigbee2mqtt"),)),
            id="a price",
        ),
        pytest.param(
            Source("linkytic", (va("sinsts", "linkytic_01J9Z_sinsts"),)),
            id="a meter without index",
        ),
        pytest.param(
            Source(
                "utility_meter",
                (kwh("day", "01J9Z", name="Linky EAST"),),
                "LiXee",
                "ZLinky_TIC",
            ),
            id="a counter of the day on the meter's device",
        ),
    ],
)
async def test_takes_nothing_else_for_a_meter(
    hass: HomeAssistant, source: Source
) -> None:
    """A word in common with a label is not enough."""
    install(hass, source)
    assert await async_detect_meters(hass) == []


@pytest.mark.parametrize("shown", [True, False], ids=["shown", "not yet shown"])
async def test_disabled_indexes_give_way_to_enabled_ones(
    hass: HomeAssistant, shown: bool
) -> None:
    """A total that is switched off is not filled in while its parts can be."""
    total, *parts = linkytic("east", "easf01", "easf02")
    parts = [part if shown else replace(part, value=None) for part in parts]
    source = Source("linkytic", (replace(total, disabled=True), *parts))
    refs = install(hass, source)
    (meter,) = await async_detect_meters(hass)
    assert keys(refs, meter.import_refs) == ("easf01", "easf02")


async def test_a_meter_with_everything_disabled_is_still_named(
    hass: HomeAssistant,
) -> None:
    """So that the member learns what to enable."""
    source = Source(
        "linkytic", tuple(replace(s, disabled=True) for s in linkytic("east"))
    )
    refs = install(hass, source)
    (meter,) = await async_detect_meters(hass)
    assert meter.import_refs == (refs["east"],)
    assert not meter.confident
    assert index_problem(hass, refs["east"]) == "disabled"


def grid(imported: str | None, exported: str | None = None) -> dict[str, Any]:
    """A grid connection of the Energy dashboard."""
    return {
        "type": "grid",
        "stat_energy_from": imported,
        "stat_energy_to": exported,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0.0,
    }


async def choose(hass: HomeAssistant, *sources: dict[str, Any]) -> None:
    """Set up the Energy dashboard; its preferences, without the frontend it needs."""
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


def entity_id(hass: HomeAssistant, ref: str) -> str:
    """The entity_id of a reference that must exist."""
    found_id = resolve(hass, ref)
    assert found_id is not None
    return found_id


async def test_the_meter_of_the_energy_dashboard_comes_first(
    hass: HomeAssistant,
) -> None:
    """Of two, the one that the member chose."""
    barn = replace(
        CORE_BASE, device="A barn", sensors=teleinfo("BASE", adco="021528600000")
    )
    install(hass, barn, address="2")
    home = install(
        hass, replace(CORE_BASE, device="Home", sensors=teleinfo("HCHC", "HCHP"))
    )
    assert (await async_detect_meters(hass))[0].name == "A barn"
    await choose(hass, *(grid(entity_id(hass, ref)) for ref in home.values()))
    first, second = await async_detect_meters(hass)
    assert (first.name, second.name) == ("Home", "A barn")
    assert first.import_refs == (home["hchc"], home["hchp"])


async def test_the_energy_dashboard_tells_which_clamp_is_the_grid(
    hass: HomeAssistant,
) -> None:
    """A Shelly has several, of which only the member knows."""
    clamps = tuple(
        index(f"{side}{n}", f"AABBCC-em1data:{n}-total_act{side}_energy")
        for n in "01"
        for side in ("", "_ret")
    )
    refs = install(hass, Source("shelly", clamps))
    await choose(hass, grid(entity_id(hass, refs["1"]), entity_id(hass, refs["_ret1"])))
    (meter,) = await async_detect_meters(hass)
    assert meter.import_refs == (refs["1"],)
    assert meter.export_refs == (refs["_ret1"],)
    assert meter.confident


async def test_home_made_sensors_of_the_energy_dashboard_are_added_up(
    hass: HomeAssistant,
) -> None:
    """Several grid sources are one grid, with or without registry entry."""
    refs = install(hass, Source("template", (index("night", "a1b2"),), device=None))
    show(hass, "sensor.day", index("day", ""))
    await choose(
        hass, grid(entity_id(hass, refs["night"])), grid("sensor.day", "sensor.gone")
    )
    (meter,) = await async_detect_meters(hass)
    assert meter.import_refs == (refs["night"], "sensor.day")
    assert meter.export_refs == ()
    assert meter.source == "energy"
    assert meter.confident


async def test_our_own_statistics_are_no_meter(hass: HomeAssistant) -> None:
    """The dashboard may show what we publish: it must not come back to us."""
    await choose(hass, grid(f"{DOMAIN}:abc_supplied"), grid(f"{DOMAIN}:abc_allocated"))
    assert await async_detect_meters(hass) == []


async def test_cloud_statistics_are_history(hass: HomeAssistant) -> None:
    """Those of imported energy, chosen or not; costs and production are not."""
    for source, object_id, unit_class, unit in (
        ("linky", "0123", "energy", "Wh"),
        ("linky", "0123_cost", None, "EUR"),
        ("linky_prod", "0123", "energy", "Wh"),
        ("myelectricaldata", "0123_base_consumption", "energy", "kWh"),
        ("myelectricaldata", "0123_production", "energy", "kWh"),
    ):
        async_add_external_statistics(
            hass,
            {
                "mean_type": StatisticMeanType.NONE,
                "has_sum": True,
                "name": None,
                "source": source,
                "statistic_id": f"{source}:{object_id}",
                "unit_class": unit_class,
                "unit_of_measurement": unit,
            },
            [],
        )
    await async_wait_recording_done(hass)
    await choose(hass, grid("linky:0123"))
    meters = await async_detect_meters(hass)
    assert [meter.history_statistic_ids for meter in meters] == [
        ("linky:0123",),
        ("myelectricaldata:0123_base_consumption",),
    ]
    assert not any(meter.live or meter.import_refs for meter in meters)


GOOD = index("east", "linkytic_01J9Z_east")

PROBLEMS = [
    pytest.param("linkytic", GOOD, None, id="an index"),
    pytest.param("dsmr", kwh("p1", "p1_import_t1"), None, id="P1 port of a neighbour"),
    pytest.param(
        "esphome",
        replace(GOOD, state_class=None, device_class=None),
        None,
        id="no classes",
    ),
    pytest.param("linkytic", va("east", "x_sinsts"), "not_energy", id="VA"),
    pytest.param("esphome", index("papp", "linky_papp"), "not_energy", id="VA in Wh"),
    pytest.param("linkytic", watts("w", "x"), "not_energy", id="W"),
    pytest.param("hydro", replace(GOOD, unit="L"), "not_energy", id="litres"),
    pytest.param(
        "battery",
        replace(GOOD, device_class="energy_storage"),
        "not_energy",
        id="what a battery holds",
    ),
    pytest.param(
        "switchy", replace(GOOD, domain="number"), "not_energy", id="not a sensor"
    ),
    pytest.param(
        "plug",
        replace(GOOD, state_class="measurement"),
        "not_cumulative",
        id="no counter",
    ),
    pytest.param("linkytic", replace(GOOD, disabled=True), "disabled", id="disabled"),
    pytest.param("enedis", GOOD, "d_plus_1", id="cloud"),
    pytest.param(
        "mqtt",
        kwh("day", "myelectricaldata_linky_0123_consumption"),
        "d_plus_1",
        id="cloud over mqtt",
    ),
    pytest.param(DOMAIN, GOOD, "own_entity", id="our own"),
]


@pytest.mark.parametrize(("platform", "sensor", "problem"), PROBLEMS)
@pytest.mark.parametrize("shown", [True, False], ids=["shown", "not yet shown"])
async def test_refuses_what_is_no_index(
    hass: HomeAssistant,
    platform: str,
    sensor: Sensor,
    problem: str | None,
    shown: bool,
) -> None:
    """With the reason, from the state or, before there is one, from the registry."""
    sensor = sensor if shown else replace(sensor, value=None)
    refs = install(hass, Source(platform, (sensor,)))
    assert index_problem(hass, refs[sensor.key]) == problem


async def test_refuses_what_is_not_there_or_used(hass: HomeAssistant) -> None:
    """References that lead nowhere, statistics, and the index of another entry."""
    refs = install(hass, Source("linkytic", (GOOD,)))
    assert index_problem(hass, "0" * 32) == "not_found"
    assert index_problem(hass, "sensor.gone") == "not_found"
    assert index_problem(hass, "linky:0123") == "d_plus_1"
    assert index_problem(hass, refs["east"], used={refs["east"]}) == "already_used"
    present = entity_id(hass, refs["east"])
    assert index_problem(hass, present, used={refs["east"]}) == "already_used"


async def test_a_sensor_without_registry_entry_is_its_entity_id(
    hass: HomeAssistant,
) -> None:
    """Until it disappears."""
    show(hass, "sensor.p1", kwh("p1", ""))
    assert reference(hass, "sensor.p1") == "sensor.p1"
    assert resolve(hass, "sensor.p1") == "sensor.p1"
    assert index_problem(hass, "sensor.p1") is None
    hass.states.async_remove("sensor.p1")
    assert resolve(hass, "sensor.p1") is None


async def test_counters_that_restart_are_told(hass: HomeAssistant) -> None:
    """By what reads them, or by the time of their last restart."""
    ecojoko = install(
        hass, Source("little_monkey", (kwh("day", "eco_grid_consumption"),))
    )
    helper = replace(GOOD, attributes=(("last_reset", "2026-06-01T00:00:00+00:00"),))
    daily = install(hass, Source("utility_meter", (helper,)), address="2")
    linky = install(hass, Source("linkytic", (GOOD,)), address="3")
    assert resets_daily(hass, ecojoko["day"])
    assert resets_daily(hass, daily["east"])
    assert not resets_daily(hass, linky["east"])
    assert not resets_daily(hass, "sensor.gone")


@pytest.mark.parametrize(
    ("value", "unit", "wh"),
    [
        pytest.param("1234567", "Wh", 1_234_567, id="Wh"),
        pytest.param("1234.567", "kWh", 1_234_567, id="kWh"),
        pytest.param("1.234567", "MWh", 1_234_567, id="MWh"),
        pytest.param("unavailable", "Wh", None, id="unavailable"),
        pytest.param("unknown", "Wh", None, id="unknown"),
        pytest.param("--", "Wh", None, id="text"),
        pytest.param("1234", "VA", None, id="VA"),
        pytest.param("1234", None, None, id="no unit"),
    ],
)
async def test_an_index_is_read_in_wh(
    hass: HomeAssistant, value: str, unit: str | None, wh: float | None
) -> None:
    """Whatever its unit; nothing is guessed."""
    show(hass, "sensor.x", Sensor("x", "", value, unit))
    state = hass.states.get("sensor.x")
    assert state is not None
    assert index_wh(state) == (None if wh is None else pytest.approx(wh))


@pytest.mark.parametrize(
    ("told", "kva"),
    [
        pytest.param([("pref", "9", "kVA")], 9.0, id="kVA"),
        pytest.param([("pref", "9000", "VA")], 9.0, id="VA"),
        pytest.param([("pref", "36000", None)], 36.0, id="VA without a unit"),
        pytest.param([("pcoup", "12", "kVA")], 12.0, id="the power it cuts off at"),
        pytest.param([("isousc", "45", "A")], 9.0, id="A, at 200 V"),
        pytest.param([("isousc", "45", None)], 9.0, id="A without a unit"),
        pytest.param(
            [("isousc", "15", "A"), ("iinst1", "2", "A")], 9.0, id="A, three-phase"
        ),
        pytest.param(
            [("adir3", "unknown", "A"), ("isousc", "60", None)],
            36.0,
            id="three-phase, nothing over the limit so far",
        ),
        pytest.param(
            [("pcoup", "12", "kVA"), ("pref", "9", "kVA")], 9.0, id="what is paid for"
        ),
        pytest.param(
            [("isousc", "45", "A"), ("irms1", "2", "A")],
            9.0,
            id="every meter has IRMS1",
        ),
        pytest.param(
            [("isousc", "15", "A"), ("pref", "9", "kVA")],
            9.0,
            id="power before current",
        ),
        pytest.param(
            [("pref", "unknown", "kVA"), ("isousc", "30", "A")], 6.0, id="what is known"
        ),
        pytest.param([("pref", "unknown", "kVA")], None, id="unknown"),
        pytest.param([("pref", "0", "kVA")], None, id="zero"),
        pytest.param([("pref", "nan", "kVA")], None, id="no number"),
        pytest.param([("isousc", "5", "A")], None, id="less than is sold"),
        pytest.param([("isousc", "9000", None)], None, id="more than a Linky carries"),
    ],
)
async def test_the_subscription_is_read_where_it_is_told(
    hass: HomeAssistant, told: list[tuple[str, str, str | None]], kva: float | None
) -> None:
    """In kVA; a current is that of one phase, so three-phase meters have three times it."""
    labels = (
        Sensor(label, f"linkytic_01J9Z_{label}", value, unit, None, None)
        for label, value, unit in told
    )
    install(hass, Source("linkytic", (GOOD, *labels)))
    (meter,) = await async_detect_meters(hass)
    assert meter.subscribed_kva == kva


async def test_addresses_of_meters_are_never_logged(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Unique ids hold them, so we log none of ours."""
    install(hass, CORE_BASE)
    caplog.clear()
    (meter,) = await async_detect_meters(hass)
    index_problem(hass, meter.import_refs[0])
    ours = [record for record in caplog.records if "autoconsommation" in record.name]
    assert ours == []
