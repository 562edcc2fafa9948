"""What entities tell of the tariff: each way to say it, and what says nothing."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.autoconsommation_collective.adapters.tariff import (
    day_kind,
    day_kinds_told,
    find_hours,
    find_tomorrow,
    proven_kind,
    shown_text,
    tariff_class,
    tariff_problem,
    tariff_told,
    tomorrow_problem,
)
from custom_components.autoconsommation_collective.engine.contract import (
    ContractKind,
    DayKind,
    PriceClass,
)

PARIS = ZoneInfo("Europe/Paris")


def sensor(
    hass: HomeAssistant,
    platform: str,
    unique_id: str,
    value: str | None = None,
    *,
    domain: str = "sensor",
    disabled: bool = False,
    **attributes: str,
) -> str:
    """An entity of an integration; its reference."""
    made = er.async_get(hass).async_get_or_create(
        domain,
        platform,
        unique_id,
        disabled_by=er.RegistryEntryDisabler.USER if disabled else None,
    )
    if value is not None:
        hass.states.async_set(made.entity_id, value, attributes)
    return made.id


# Texts


@pytest.mark.parametrize(
    ("text", "price_class", "kind"),
    [
        pytest.param("all_hours", "BASE", None, id="core: proves nothing"),
        pytest.param("off_peak", "HC", ContractKind.OFF_PEAK, id="core: off-peak"),
        pytest.param("peak", "HP", ContractKind.OFF_PEAK, id="core: peak"),
        pytest.param("off_peak_blue_day", "HCJB", ContractKind.TEMPO, id="core: blue"),
        pytest.param("peak_white_day", "HPJW", ContractKind.TEMPO, id="core: white"),
        pytest.param("peak_red_day", "HPJR", ContractKind.TEMPO, id="core: red"),
        pytest.param("normal_hours", None, None, id="core: EJP"),
        pytest.param("mobile_peak", None, None, id="core: EJP peak"),
        pytest.param("TH..", "BASE", None, id="PTEC: proves nothing"),
        pytest.param("HC..", "HC", ContractKind.OFF_PEAK, id="PTEC: off-peak"),
        pytest.param("HP..", "HP", ContractKind.OFF_PEAK, id="PTEC: peak"),
        pytest.param("HCJB", "HCJB", ContractKind.TEMPO, id="PTEC: blue"),
        pytest.param("HPJR", "HPJR", ContractKind.TEMPO, id="PTEC: red"),
        pytest.param("BASE", "BASE", ContractKind.BASE, id="LTARF: base"),
        pytest.param("HEURE  CREUSE", "HC", ContractKind.OFF_PEAK, id="LTARF: off-peak"),
        pytest.param("HEURE  PLEINE", "HP", ContractKind.OFF_PEAK, id="LTARF: peak"),
        pytest.param("HC BLEU", "HCJB", ContractKind.TEMPO, id="LTARF: blue"),
        pytest.param("HP  BLANC", "HPJW", ContractKind.TEMPO, id="LTARF: white"),
        pytest.param("Rouge HP", "HPJR", ContractKind.TEMPO, id="the other way round"),
        pytest.param("INDEX INACTIF 2", None, None, id="LTARF: not used"),
        pytest.param("INDEX NON CONSO", None, None, id="LTARF: not consumption"),
        pytest.param("2", None, None, id="NTARF"),
        pytest.param("0.1589", None, None, id="a price"),
        pytest.param("on", None, None, id="a contact"),
        pytest.param("", None, None, id="nothing"),
    ],
)  # fmt: skip
def test_class(text: str, price_class: str | None, kind: ContractKind | None) -> None:
    """And what contract it proves: a meter without classes proves none."""
    assert tariff_class(text) == price_class
    assert proven_kind(text) is kind


@pytest.mark.parametrize(
    ("text", "index"),
    [
        pytest.param("1", "1", id="number"),
        pytest.param("02", "2", id="as the meter writes it"),
        pytest.param("10", "10", id="the last"),
        pytest.param("Index 2", "2", id="of the status register"),
        pytest.param("index_1", "1", id="with an underscore"),
        pytest.param("energie_index_1", "1", id="with more words"),
        pytest.param("11", None, id="there are ten"),
        pytest.param("0", None, id="none"),
        pytest.param("1.5", None, id="no index"),
        pytest.param("INDEX INACTIF 2", None, id="not used"),
    ],
)
def test_index(text: str, index: str | None) -> None:
    """The number of an index is to be learned from; with a meaning it is a class."""
    assert tariff_told(text) == index
    meaning = {index: PriceClass.HC} if index else {}
    assert tariff_class(text, meaning) == (PriceClass.HC if index else None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("BLEU", DayKind.BLUE, id="DEMAIN: blue"),
        pytest.param("BLAN", DayKind.WHITE, id="DEMAIN: white"),
        pytest.param("ROUG", DayKind.RED, id="DEMAIN: red"),
        pytest.param("----", None, id="DEMAIN: not decided"),
        pytest.param("white", DayKind.WHITE, id="core"),
        pytest.param("Rouge", DayKind.RED, id="RTE"),
        pytest.param("inconnu", None, id="RTE: not decided"),
        pytest.param("Pas d'annonce", None, id="status register: not decided"),
    ],
)
def test_colour(text: str, kind: DayKind | None) -> None:
    """In either language."""
    assert day_kind(text) is kind


@pytest.mark.parametrize(
    ("now", "class_now", "tomorrow", "told"),
    [
        pytest.param("2026-01-14T11:00+01:00", "HPJR", DayKind.BLUE, {14: "red", 15: "blue"}, id="by day"),
        pytest.param("2026-01-15T05:59+01:00", "HCJR", DayKind.BLUE, {14: "red", 15: "blue"}, id="the day before lasts until 6"),
        pytest.param("2026-01-15T06:00+01:00", "HPJB", None, {15: "blue"}, id="not decided"),
        pytest.param("2026-01-14T11:00+01:00", "HP", None, {}, id="no Tempo"),
        pytest.param("2026-01-14T11:00+01:00", None, DayKind.RED, {15: "red"}, id="silent meter"),
    ],
)  # fmt: skip
def test_days_told(
    now: str, class_now: str | None, tomorrow: DayKind | None, told: dict[int, str]
) -> None:
    """Tempo days begin at six."""
    at = datetime.fromisoformat(now).astimezone(UTC)
    days = {date(2026, 1, day): kind for day, kind in told.items()}
    assert day_kinds_told(at, PARIS, class_now, tomorrow) == days


# Entities


async def test_what_an_entity_shows(hass: HomeAssistant) -> None:
    """Nothing while it is away."""
    ref = sensor(hass, "linkytic", "linkytic_x_ltarf", "HEURE  CREUSE")
    assert shown_text(hass, ref) == "HEURE  CREUSE"
    hass.states.async_set("sensor.silent", "unavailable")
    away = ("sensor.silent", "sensor.gone", sensor(hass, "linkytic", "x_ptec"), None)
    assert {shown_text(hass, ref) for ref in away} == {None}


async def test_entities_that_will_not_do(hass: HomeAssistant) -> None:
    """A contact is not the tariff, even where it shows a number; a silent one may speak."""
    relays = sensor(hass, "linkytic", "linkytic_x_relais", "1")
    assert tariff_problem(hass, relays) == "is_contact"
    price = sensor(hass, "tarif_edf", "x_price", "0.1589")
    assert tariff_problem(hass, price) == "not_understood"
    assert tomorrow_problem(hass, price) == "not_understood"
    contract = sensor(hass, "linkytic", "linkytic_x_optarif", "HC..")
    assert tariff_problem(hass, contract) == "not_understood"
    ltarf = sensor(hass, "linkytic", "linkytic_x_ltarf", "HEURE  CREUSE")
    silent = sensor(hass, "linkytic", "linkytic_x_ptec")
    assert {tariff_problem(hass, ref) for ref in (ltarf, silent)} == {None}
    undecided = sensor(hass, "rtetempo", "x_next_color", "inconnu")
    assert {tomorrow_problem(hass, ref) for ref in (undecided, silent)} == {None}


@pytest.mark.parametrize(
    ("platform", "unique_id"),
    [
        pytest.param("teleinfo", "021528603314_DEMAIN", id="core"),
        pytest.param("linkytic", "linkytic_x_couleur_lendemain_contrat_tempo", id="linkytic"),
        pytest.param("mqtt", "0x00158d0005fca1b2_tomorrow_color_zigbee2mqtt", id="Zigbee2MQTT"),
        pytest.param("mqtt", "myelectricaldata_tempo_tomorrow", id="MyElectricalData"),
        pytest.param("esphome", "AA:BB-sensor-demain", id="ESPHome"),
        pytest.param("rtetempo", "rtetempo_x_next_color", id="RTE"),
    ],
)  # fmt: skip
async def test_colour_of_tomorrow_is_found(
    hass: HomeAssistant, platform: str, unique_id: str
) -> None:
    """Whoever tells it."""
    ref = sensor(hass, platform, unique_id)
    assert find_tomorrow(hass) == ref


async def test_colour_of_tomorrow_is_chosen(hass: HomeAssistant) -> None:
    """The meter's own before a cloud's; none that is disabled, or something else."""
    sensor(hass, "teleinfo", "1_DEMAIN", disabled=True)
    sensor(hass, "hue", "lamp_next_color")
    sensor(hass, "rtetempo", "x_next_color", domain="binary_sensor")
    assert find_tomorrow(hass) is None
    sensor(hass, "rtetempo", "x_next_color")
    own = sensor(hass, "linkytic", "linkytic_x_demain")
    assert find_tomorrow(hass) == own


async def test_hours_that_can_be_read(hass: HomeAssistant) -> None:
    """In the meter's profile, else in its cloud; texts that tell none are passed over."""
    assert find_hours(hass, None) is None
    for number, hours in enumerate(("", "HC (?)", "HC (1H30-8H00;12H30-14H00)")):
        attributes = {"offpeak hours": hours} if hours else {}
        sensor(hass, "myelectricaldata", f"x{number}", "1", **attributes)
    assert find_hours(hass, None) == "01:30-08:00; 12:30-14:00"
    profile = sensor(hass, "linkytic", "x_pjourf+1", "00008002 0100C001 06008002")
    assert find_hours(hass, profile) == "01:00-06:00"
