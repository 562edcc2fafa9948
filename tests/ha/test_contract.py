"""The contract: asked at set-up and in the options, confirmed from the bill, used by the engine."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.energy.data import async_get_manager
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.contract import (
    contract_of,
    hours_told,
    suggested_prices,
)
from custom_components.autoconsommation_collective.adapters.issues import (
    CONTRACT,
    clear_issues,
    set_issue,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import (
    CONF_CONTRACT,
    CONF_CONTRACT_KIND,
    CONF_EARLIER,
    CONF_LEFT_ON,
    CONF_NETWORK_COST,
    CONF_OFF_PEAK_HOURS,
    CONF_PRICE_ENTITY,
    CONF_PRICES_SINCE,
    CONF_SUBSCRIBED_KVA,
    CONF_SUMMER_FIRST,
    CONF_SUMMER_HOURS,
    CONF_SUMMER_LAST,
    CONF_TARIFF,
    CONF_TOMORROW,
    DOMAIN,
    OFF_PEAK_STORE,
)
from custom_components.autoconsommation_collective.engine.contract import (
    ContractKind,
    StepCosts,
    step_costs,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.off_peak import (
    N_SLOTS,
    OffPeakLog,
    log_document,
)

from .flows import answer, at_meter, at_option, created, suggested
from .house import ADCO, KEY, NOW, Linky, member_entry, set_up, settle_down, wait

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]

PARIS = ZoneInfo("Europe/Paris")
SINCE, TODAY = "2026-02-01", "2026-11-20"
GIVEN = [Price(PriceModel.GIFT, 0.0, Validity(date.min))]

BASE = {
    CONF_CONTRACT_KIND: "base",
    "price_base": 0.21,
    CONF_PRICES_SINCE: SINCE,
    CONF_NETWORK_COST: 0.06,
}
OFF_PEAK = {
    CONF_CONTRACT_KIND: "off_peak",
    "price_hp": 0.22,
    "price_hc": 0.17,
    CONF_PRICES_SINCE: SINCE,
    CONF_OFF_PEAK_HOURS: "22h30-6h30",
    CONF_SUMMER_FIRST: "4",
    CONF_SUMMER_LAST: "10",
    CONF_NETWORK_COST: 0.06,
}
TEMPO = {
    CONF_CONTRACT_KIND: "tempo",
    "price_hpjb": 0.16,
    "price_hcjb": 0.13,
    "price_hpjw": 0.19,
    "price_hcjw": 0.15,
    "price_hpjr": 0.73,
    "price_hcjr": 0.17,
    CONF_PRICES_SINCE: SINCE,
    CONF_OFF_PEAK_HOURS: "22:00-06:00",
    CONF_NETWORK_COST: 0.06,
}


SUGGESTED = {
    ContractKind.BASE: {"price_base", CONF_NETWORK_COST},
    ContractKind.OFF_PEAK: {"price_hp", "price_hc", CONF_NETWORK_COST},
    ContractKind.TEMPO: {field for field in TEMPO if field.startswith("price_")}
    | {CONF_NETWORK_COST},
}
"""Fields whose numbers are filled in."""


def answers(contract: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """What is typed for a contract."""
    typed = {k: v for k, v in contract.items() if k != CONF_CONTRACT_KIND} | others
    return {field: value for field, value in typed.items() if value is not None}


def tells(
    hass: HomeAssistant,
    label: str,
    value: str | None,
    platform: str = "teleinfo",
    prefix: str = ADCO,
) -> str:
    """An entity of the meter; its reference."""
    made = er.async_get(hass).async_get_or_create(
        "sensor", platform, f"{prefix}_{label}"
    )
    if value is not None:
        hass.states.async_set(made.entity_id, value)
    return made.id


def entity_id(hass: HomeAssistant, ref: str) -> str:
    """What a referenced entity is called."""
    found = er.async_get(hass).entities.get_entry(ref)
    assert found is not None
    return found.entity_id


async def asked(hass: HomeAssistant) -> ConfigFlowResult:
    """Come as far as the contract, with the meter that was found."""
    result = await at_meter(hass)
    result = await answer(hass, result, suggested(result))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "contract")
    return result


async def choose_kind(
    hass: HomeAssistant, result: ConfigFlowResult, kind: str
) -> ConfigFlowResult:
    """Name the contract; its own questions follow."""
    result = await answer(hass, result, {CONF_CONTRACT_KIND: kind})
    assert result["step_id"] == f"contract_{kind}"
    return result


async def in_options(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Tell a contract in the options."""
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "contract")
    result = await configure(result["flow_id"], {CONF_CONTRACT_KIND: kind})
    result = await configure(result["flow_id"], typed)
    await settle_down(hass)
    return result


# At set-up


@pytest.mark.parametrize(
    ("label", "shown", "kind"),
    [
        pytest.param("PTEC", "off_peak", "off_peak", id="off-peak"),
        pytest.param("PTEC", "peak_white_day", "tempo", id="Tempo"),
        pytest.param("PTEC", "all_hours", "unknown", id="a meter without classes"),
        pytest.param("PTEC", None, "unknown", id="a silent meter"),
        pytest.param("PAPP", "230", "unknown", id="a meter that tells no tariff"),
    ],
)
async def test_the_meter_suggests_what_it_proves(
    hass: HomeAssistant, disk: Path, label: str, shown: str | None, kind: str
) -> None:
    """BASE in the meter's old mode proves nothing: never is a contract chosen by itself."""
    Linky(hass)
    tells(hass, label, shown)
    assert suggested(await asked(hass)) == {CONF_CONTRACT_KIND: kind}


async def test_no_meter_suggests_nothing(hass: HomeAssistant, disk: Path) -> None:
    """Who has none is asked all the same."""
    tells(hass, "PTEC", "off_peak")
    result = await at_meter(hass)
    result = await answer(hass, result, {})
    result = await answer(hass, result, {"next_step_id": "finish"})
    assert result["step_id"] == "contract"
    assert suggested(result) == {CONF_CONTRACT_KIND: "unknown"}


async def test_base(hass: HomeAssistant, disk: Path) -> None:
    """Prices to start from are those of the subscription, and are replaced by the bill's."""
    Linky(hass)
    tells(hass, "ISOUSC", "45")
    result = await choose_kind(hass, await asked(hass), "base")
    assert suggested(result) == {
        "price_base": 0.1985,
        CONF_PRICES_SINCE: "2026-08-01",
        CONF_NETWORK_COST: 0.0581,
    }
    entry = created(await answer(hass, result, answers(BASE)))
    assert entry.options == {CONF_SUBSCRIBED_KVA: 9, CONF_CONTRACT: BASE}


async def test_off_peak(hass: HomeAssistant, disk: Path) -> None:
    """The entity that tells the class is kept so that a rename breaks nothing."""
    for label in ("HCHC", "HCHP"):
        Linky(hass, label)
    ptec = tells(hass, "PTEC", "peak")
    result = await choose_kind(hass, await asked(hass), "off_peak")
    assert suggested(result) == {
        "price_hp": 0.2142,
        "price_hc": 0.1589,
        CONF_PRICES_SINCE: "2026-08-01",
        CONF_NETWORK_COST: 0.0593,
        CONF_TARIFF: entity_id(hass, ptec),
    }
    typed = answers(OFF_PEAK, **{CONF_TARIFF: entity_id(hass, ptec)})
    entry = created(await answer(hass, result, typed))
    assert entry.options[CONF_CONTRACT] == OFF_PEAK | {CONF_TARIFF: ptec}


async def test_tempo(hass: HomeAssistant, disk: Path) -> None:
    """With the colour of tomorrow."""
    Linky(hass)
    ptec, demain = tells(hass, "PTEC", "peak_red_day"), tells(hass, "DEMAIN", "blue")
    result = await choose_kind(hass, await asked(hass), "tempo")
    offered = suggested(result)
    assert (offered["price_hpjr"], offered[CONF_OFF_PEAK_HOURS]) == (
        0.7295,
        "22:00-06:00",
    )
    entities = {CONF_TARIFF: ptec, CONF_TOMORROW: demain}
    names = {field: entity_id(hass, ref) for field, ref in entities.items()}
    assert offered.items() >= names.items()
    entry = created(await answer(hass, result, answers(TEMPO, **names)))
    assert entry.options[CONF_CONTRACT] == TEMPO | entities


async def test_not_known_yet(hass: HomeAssistant, disk: Path) -> None:
    """Is an answer; it makes no contract."""
    Linky(hass)
    result = await asked(hass)
    entry = created(await answer(hass, result, {CONF_CONTRACT_KIND: "unknown"}))
    assert entry.options == {CONF_CONTRACT: {CONF_CONTRACT_KIND: "unknown"}}
    assert contract_of(entry.options) is None


# Off-peak hours to start from


async def test_hours_of_the_meters_profile(hass: HomeAssistant, disk: Path) -> None:
    """Read where the meter tells its next day."""
    made = er.async_get(hass).async_get_or_create(
        "sensor",
        "linkytic",
        "linkytic_x_east",
        original_device_class="energy",
        unit_of_measurement="Wh",
        capabilities={"state_class": "total_increasing"},
    )
    energy = {"unit_of_measurement": "Wh", "state_class": "total_increasing"}
    hass.states.async_set(made.entity_id, "1000", energy)
    profile = "00008002 0100C001 06008002"
    tells(hass, "pjourf+1", profile, "linkytic", "linkytic_x")
    result = await choose_kind(hass, await asked(hass), "off_peak")
    assert suggested(result)[CONF_OFF_PEAK_HOURS] == "01:00-06:00"


async def test_hours_that_were_learned(hass: HomeAssistant, disk: Path) -> None:
    """Come before anything that can be read."""
    entry = member_entry()
    await set_up(hass, entry)
    day = "C" * 12 + "P" * (N_SLOTS - 12)
    log = OffPeakLog({NOW.date() - timedelta(days=n): day for n in (3, 2, 1)})
    await Stores(hass, KEY).async_save(OFF_PEAK_STORE, log_document(log))
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "contract")
    result = await configure(result["flow_id"], {CONF_CONTRACT_KIND: "off_peak"})
    assert suggested(result)[CONF_OFF_PEAK_HOURS] == "00:00-01:00"


# What is refused


@pytest.mark.parametrize(
    ("kind", "wrong", "errors"),
    [
        pytest.param("off_peak", {"price_hc": 0.23}, {"price_hc": "off_peak_dearer"}, id="exchanged"),
        pytest.param("tempo", {"price_hcjw": 0.5}, {"price_hcjw": "off_peak_dearer"}, id="exchanged on white days"),
        pytest.param("off_peak", {CONF_OFF_PEAK_HOURS: "la nuit"}, {CONF_OFF_PEAK_HOURS: "hours_not_understood"}, id="no hours"),
        pytest.param("off_peak", {CONF_OFF_PEAK_HOURS: "22h-26h"}, {CONF_OFF_PEAK_HOURS: "hours_no_time"}, id="26 o'clock"),
        pytest.param("off_peak", {CONF_OFF_PEAK_HOURS: "6h-6h"}, {CONF_OFF_PEAK_HOURS: "hours_no_length"}, id="no length"),
        pytest.param("tempo", {CONF_OFF_PEAK_HOURS: " "}, {CONF_OFF_PEAK_HOURS: "hours_empty"}, id="empty"),
        pytest.param("off_peak", {CONF_SUMMER_HOURS: "1h-6h, 5h-7h"}, {CONF_SUMMER_HOURS: "hours_overlap"}, id="overlap in summer"),
        pytest.param("off_peak", {CONF_SUMMER_HOURS: "1h-6h", CONF_OFF_PEAK_HOURS: None}, {CONF_OFF_PEAK_HOURS: "hours_empty"}, id="summer alone"),
        pytest.param("off_peak", {CONF_TARIFF: "sensor.price"}, {CONF_TARIFF: "tariff_not_understood"}, id="no tariff"),
        pytest.param("off_peak", {CONF_TARIFF: "sensor.teleinfo_021528603314_relais"}, {CONF_TARIFF: "tariff_is_contact"}, id="the contact"),
        pytest.param("tempo", {CONF_TOMORROW: "sensor.price"}, {CONF_TOMORROW: "tariff_not_understood"}, id="no colour"),
    ],
)  # fmt: skip
async def test_what_is_refused(
    hass: HomeAssistant,
    disk: Path,
    kind: str,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """The reason stands at the field, what was typed stays, and the right one is taken."""
    Linky(hass)
    tells(hass, "RELAIS", "1")
    hass.states.async_set("sensor.price", "0.1589", PRICED)
    right = {"off_peak": OFF_PEAK, "tempo": TEMPO}[kind]
    result = await choose_kind(hass, await asked(hass), kind)
    typed = answers(right, **wrong)
    result = await answer(hass, result, typed)
    assert result["errors"] == errors
    assert suggested(result) == typed
    entry = created(await answer(hass, result, answers(right)))
    assert entry.options[CONF_CONTRACT] == right


async def test_a_price_in_cents_is_refused(hass: HomeAssistant, disk: Path) -> None:
    """By the form itself."""
    Linky(hass)
    result = await choose_kind(hass, await asked(hass), "base")
    with pytest.raises(InvalidData):
        await answer(hass, result, answers(BASE, price_base=21.0))


# In the options


async def test_contract_and_membership_keep_each_other(
    hass: HomeAssistant, disk: Path
) -> None:
    """What is told of one leaves the other as it was; the contract is shown again."""
    linky = Linky(hass)
    ptec = tells(hass, "PTEC", "peak")
    entry = member_entry(imports=(linky.ref,), options={CONF_SUBSCRIBED_KVA: 6.0})
    await set_up(hass, entry)
    typed = answers(OFF_PEAK, **{CONF_TARIFF: entity_id(hass, ptec)})
    result = await in_options(hass, entry, "off_peak", typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    told = OFF_PEAK | {CONF_TARIFF: ptec}
    assert entry.options == {CONF_SUBSCRIBED_KVA: 6, CONF_CONTRACT: told}

    result = await at_option(hass, entry, "membership")
    leaving = {CONF_LEFT_ON: "2026-12-31"}
    await hass.config_entries.options.async_configure(result["flow_id"], leaving)
    await settle_down(hass)
    assert entry.options == leaving | {CONF_SUBSCRIBED_KVA: 6, CONF_CONTRACT: told}

    er.async_get(hass).async_update_entity(
        entity_id(hass, ptec), new_entity_id="sensor.tarif"
    )
    result = await at_option(hass, entry, "contract")
    assert suggested(result) == {CONF_CONTRACT_KIND: "off_peak"}
    configure = hass.config_entries.options.async_configure
    result = await configure(result["flow_id"], suggested(result))
    assert suggested(result) == typed | {
        CONF_TARIFF: "sensor.tarif",
        CONF_PRICES_SINCE: TODAY,
    }


async def test_another_contract(hass: HomeAssistant, disk: Path) -> None:
    """Takes the place of the old one whole."""
    entry = member_entry(options={CONF_CONTRACT: OFF_PEAK})
    await set_up(hass, entry)
    await in_options(hass, entry, "base", answers(BASE))
    assert entry.options == {CONF_CONTRACT: BASE}


async def test_prices_told_again(hass: HomeAssistant, disk: Path) -> None:
    """Hold from their day on; what was told before keeps the days before it."""
    entry = member_entry(options={CONF_CONTRACT: OFF_PEAK})
    await set_up(hass, entry)
    dearer = answers(BASE, price_base=0.25, **{CONF_PRICES_SINCE: "2026-11-01"})
    await in_options(hass, entry, "base", dearer)
    told = entry.options[CONF_CONTRACT]
    assert told[CONF_EARLIER] == [OFF_PEAK]
    assert price_at(told, "2026-10-31 12:00") == 0.22
    assert price_at(told, "2026-11-01 00:00") == 0.25

    # A mistake is put right: what was told last counts from its day on.
    right = answers(BASE, price_base=0.24, **{CONF_PRICES_SINCE: "2026-10-15"})
    await in_options(hass, entry, "base", right)
    told = entry.options[CONF_CONTRACT]
    assert told[CONF_EARLIER] == [OFF_PEAK]
    assert price_at(told, "2026-10-14 12:00") == 0.22
    assert price_at(told, "2026-11-20 12:00") == 0.24


async def test_prices_without_a_day_are_kept(hass: HomeAssistant, disk: Path) -> None:
    """As earlier versions told them: since ever, until the member says since when."""
    undated = {k: v for k, v in BASE.items() if k != CONF_PRICES_SINCE}
    entry = member_entry(options={CONF_CONTRACT: undated})
    await set_up(hass, entry)
    assert price_at(undated, "2020-01-01 12:00") == 0.21
    await in_options(hass, entry, "base", answers(BASE, price_base=0.25))
    told = entry.options[CONF_CONTRACT]
    assert told[CONF_EARLIER] == [undated]
    assert price_at(told, "2026-01-31 12:00") == 0.21
    assert price_at(told, "2026-02-01 00:00") == 0.25


@pytest.mark.parametrize(
    ("since", "issue"),
    [
        pytest.param("2025-11-20", None, id="a year old"),
        pytest.param("2025-11-19", "contract_prices_old", id="older"),
        pytest.param(None, "contract_prices_undated", id="of an earlier version"),
    ],
)
async def test_prices_grow_old(
    hass: HomeAssistant,
    disk: Path,
    freezer: FrozenDateTimeFactory,
    since: str | None,
    issue: str | None,
) -> None:
    """A repair says so, and goes when they are told again."""
    told = {k: v for k, v in BASE.items() if k != CONF_PRICES_SINCE}
    told |= {CONF_PRICES_SINCE: since} if since else {}
    entry = member_entry(options={CONF_CONTRACT: told})
    await set_up(hass, entry)
    await wait(hass, freezer, timedelta(minutes=1))
    assert _price_issue(hass, entry) == issue
    await in_options(hass, entry, "base", answers(BASE))
    await wait(hass, freezer, timedelta(minutes=1))
    assert _price_issue(hass, entry) is None


def _price_issue(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"prices_{entry.entry_id}")
    return found.translation_key if found else None


PRICED = {"unit_of_measurement": "€/kWh"}


async def test_a_price_entity(
    hass: HomeAssistant, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """What it shows for a while counts from that day on, over a restart too."""
    hass.states.async_set("sensor.price", "0.2142", PRICED)
    told = BASE | {CONF_PRICE_ENTITY: "sensor.price"}
    entry = member_entry(options={CONF_CONTRACT: told})
    await set_up(hass, entry)
    for minutes in (1, 29, 2):
        tariffs = entry.runtime_data.months.supplier.contract.supplier
        assert [each.eur_per_kwh["BASE"] for each in tariffs] == [0.21]
        await wait(hass, freezer, timedelta(minutes=minutes))
    for shown in ("unknown", "-0.2", "21.42", "0.0"):
        hass.states.async_set("sensor.price", shown, PRICED)
        await wait(hass, freezer, timedelta(hours=1))
        await wait(hass, freezer, timedelta(hours=1))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    tariffs = entry.runtime_data.months.supplier.contract.supplier
    assert [each.eur_per_kwh["BASE"] for each in tariffs] == [0.21, 0.2142]
    assert tariffs[1].validity.first_day.isoformat() == TODAY
    assert [each.source for each in tariffs] == ["told", "entity"]

    # What the member tells later counts over what was shown before.
    bill = told | {"price_base": 0.2, CONF_PRICES_SINCE: "2026-08-01"}
    hass.config_entries.async_update_entry(entry, options={CONF_CONTRACT: bill})
    await settle_down(hass)
    tariffs = entry.runtime_data.months.supplier.contract.supplier
    assert [each.eur_per_kwh["BASE"] for each in tariffs] == [0.2]


async def test_the_price_of_the_energy_dashboard(
    hass: HomeAssistant, disk: Path
) -> None:
    """Is offered, and kept by what outlives a rename."""
    linky = Linky(hass)
    made = er.async_get(hass).async_get_or_create("sensor", "tarifs", "price_now")
    hass.states.async_set(made.entity_id, "0.2001", PRICED)
    hass.config.components.add("energy")
    manager = await async_get_manager(hass)
    grid: Any = {
        "type": "grid",
        "stat_energy_from": linky.entity_id,
        "stat_energy_to": None,
        "stat_cost": None,
        "entity_energy_price": made.entity_id,
        "number_energy_price": None,
        "cost_adjustment_day": 0,
    }
    await manager.async_update({"energy_sources": [grid]})
    result = await choose_kind(hass, await asked(hass), "base")
    assert suggested(result)[CONF_PRICE_ENTITY] == made.entity_id
    entry = created(await answer(hass, result, suggested(result)))
    assert entry.options[CONF_CONTRACT][CONF_PRICE_ENTITY] == made.id


async def test_colours_of_past_days(
    hass: HomeAssistant, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Are remembered, so that the days can be priced when they are settled."""
    ptec = tells(hass, "PTEC", "peak_red_day")
    entry = member_entry(options={CONF_CONTRACT: TEMPO | {CONF_TARIFF: ptec}})
    await set_up(hass, entry)
    await wait(hass, freezer, timedelta(minutes=1))
    hass.states.async_set(entity_id(hass, ptec), "peak_blue_day")
    await wait(hass, freezer, timedelta(days=1))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    (tariff,) = entry.runtime_data.months.supplier.contract.supplier
    assert list(tariff.calendar.day_kinds.values()) == ["red", "blue"]


@pytest.mark.parametrize(
    ("shown", "attributes"),
    [
        pytest.param("0.2", {}, id="no unit"),
        pytest.param("200", {"unit_of_measurement": "€/MWh"}, id="per MWh"),
        pytest.param("off", PRICED, id="no number"),
        pytest.param("nan", PRICED, id="not a number"),
    ],
)
async def test_what_is_no_price(
    hass: HomeAssistant, disk: Path, shown: str, attributes: dict[str, str]
) -> None:
    """Is refused in the form."""
    Linky(hass)
    hass.states.async_set("sensor.price", shown, attributes)
    result = await choose_kind(hass, await asked(hass), "base")
    typed = answers(BASE, **{CONF_PRICE_ENTITY: "sensor.price"})
    result = await answer(hass, result, typed)
    assert result["errors"] == {CONF_PRICE_ENTITY: "tariff_no_price"}


async def test_an_entity_that_is_gone_is_not_offered(
    hass: HomeAssistant, disk: Path
) -> None:
    """The member chooses another."""
    told = OFF_PEAK | {CONF_TARIFF: "0123456789abcdef0123456789abcdef"}
    entry = member_entry(options={CONF_CONTRACT: told})
    await set_up(hass, entry)
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "contract")
    result = await configure(result["flow_id"], {CONF_CONTRACT_KIND: "off_peak"})
    assert suggested(result) == answers(OFF_PEAK, **{CONF_PRICES_SINCE: TODAY})


# From the options to the engine


def price_at(contract: dict[str, Any], local: str, day_kind: str = "blue") -> float:
    """The supplier's price at a local time."""
    at = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    found = step_costs(
        contract_of({CONF_CONTRACT: contract}),
        GIVEN,
        Grid(at, timedelta(minutes=30), 1),
        PARIS,
        day_kinds={at.date(): day_kind},
    )
    assert isinstance(found, StepCosts)
    assert found.allocated[0] == contract[CONF_NETWORK_COST]
    return float(found.supplier[0])


MIDDAY = OFF_PEAK | {CONF_SUMMER_HOURS: "2h-7h; 13h-16h"}


@pytest.mark.parametrize(
    ("contract", "local", "price"),
    [
        pytest.param(BASE, "2026-11-20 12:00", 0.21, id="base"),
        pytest.param(OFF_PEAK, "2026-11-20 12:00", 0.22, id="peak"),
        pytest.param(OFF_PEAK, "2026-11-20 23:00", 0.17, id="off-peak"),
        pytest.param(MIDDAY, "2026-07-20 14:00", 0.17, id="midday in summer"),
        pytest.param(MIDDAY, "2026-07-20 23:00", 0.22, id="evening in summer"),
        pytest.param(MIDDAY, "2026-12-20 14:00", 0.22, id="midday in winter"),
        pytest.param(TEMPO, "2026-11-20 23:00", 0.13, id="Tempo"),
    ],
)
def test_what_the_engine_makes_of_it(
    contract: dict[str, Any], local: str, price: float
) -> None:
    """The prices and hours that were typed."""
    assert price_at(contract, local) == price


def test_learned_hours_stand_in() -> None:
    """Only where none were typed; only typed ones are compared with the meter."""
    learned = off_peak_calendar(parse_hours("1h-6h"))
    untold = {CONF_CONTRACT: answers(OFF_PEAK, **{CONF_OFF_PEAK_HOURS: None})}
    untold[CONF_CONTRACT][CONF_CONTRACT_KIND] = "off_peak"
    typed = {CONF_CONTRACT: OFF_PEAK}
    made = contract_of(untold, learned)
    assert made is not None
    assert made.supplier[0].calendar == learned
    kept = contract_of(typed, learned)
    assert kept is not None
    assert kept.supplier[0].calendar == hours_told(typed) != learned
    others = (untold, {}, {CONF_CONTRACT: BASE}, {CONF_CONTRACT: TEMPO})
    assert [hours_told(options) for options in others] == [None] * 4


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="an entry of before"),
        pytest.param({CONF_CONTRACT: {CONF_CONTRACT_KIND: "unknown"}}, id="not known"),
    ],
)
def test_no_contract(options: dict[str, Any]) -> None:
    """Entries without one go on working."""
    assert contract_of(options) is None


@pytest.mark.parametrize("kind", [*SUGGESTED])
def test_prices_to_start_from(kind: ContractKind) -> None:
    """Are the newest that are known, and can be confirmed as they are."""
    prices = suggested_prices(kind, None)
    assert prices.keys() == SUGGESTED[kind]
    assert all(0 < eur < 1 for eur in prices.values())


def test_issue_of_changed_hours(hass: HomeAssistant) -> None:
    """Shown, and cleared with the entry."""
    set_issue(hass, "entry", CONTRACT, "contract_hours_changed")
    issues = ir.async_get(hass).issues
    assert [issue.translation_key for issue in issues.values()] == [
        "contract_hours_changed"
    ]
    assert [domain for domain, _ in issues] == [DOMAIN]
    clear_issues(hass, "entry")
    assert not issues
