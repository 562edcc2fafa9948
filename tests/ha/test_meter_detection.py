"""The member's meter is found whatever reads it, and what is no index is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
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
    power: str | None = None
    tariff: str | None = None
    contact: str | None = None
    schedule: str | None = None
    curve: str | None = None
    kva: float | None = None


CASES = [
    pytest.param(
        CORE_BASE, Found(("base",), power="papp", tariff="ptec"), id="teleinfo base"
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
            ("east",), ("eait",), "sinsts", "ltarf", "contact", "pjourf", "ccasn", 9.0
        ),
        id="linkytic producer: every role",
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
        Found(("east",), power="sinsts"),
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
        Found(("east",), ("eait",), power="sinsts", curve="ccasn"),
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
        Found(("east",), ("eait",), "sinsts", "price", "relais", "days", "ccasn"),
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
        Found(("east",), power="sinsts", tariff="ltarf", kva=9.0),
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
        meter.apparent_power_ref,
        meter.tariff_ref,
        meter.contact_ref,
        meter.schedule_ref,
        meter.curve_ref,
    )
    return Found(
        keys(refs, meter.import_refs),
        keys(refs, meter.export_refs),
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
