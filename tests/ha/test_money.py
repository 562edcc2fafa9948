"""Refunds, packs and the surplus's price: told in the options, shown by entities and the statement."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Month, Organiser
from .flows import at_option, suggested
from .house import (
    BASE_CONTRACT,
    KEY,
    NOW,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
)

pytestmark = pytest.mark.freeze_time(NOW)

REFUND = {"received": "2026-11-02", "eur": 4.5}
PACK = {"bought_on": "2026-10-01", "kwh": 100.0, "eur": 12.0}


async def tell(
    hass: HomeAssistant, entry: MockConfigEntry, step: str, told: dict[str, Any]
) -> dict[str, str]:
    """Fill in a form; what is refused of it."""
    result = await at_option(hass, entry, step)
    result = await hass.config_entries.options.async_configure(result["flow_id"], told)
    if result["type"] is FlowResultType.FORM:
        hass.config_entries.options.async_abort(result["flow_id"])
        return dict(result["errors"] or {})
    await settle_down(hass)
    return {}


def is_there(hass: HomeAssistant, key: str, platform: str = "sensor") -> bool:
    """Whether we made such an entity."""
    registry = er.async_get(hass)
    return bool(registry.async_get_entity_id(platform, DOMAIN, f"{KEY}_{key}"))


async def statement(hass: HomeAssistant) -> dict[str, Any]:
    """What the action answers."""
    answer = await hass.services.async_call(
        DOMAIN, "get_statement", {}, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


def saved_eur(organiser: Organiser) -> float:
    """What October saves: each allocated kWh at 19.4 ct, less 5.8 ct for the grid."""
    return sum(organiser.months[0].allocated_wh) / 1000 * (0.194 - 0.058)


async def test_expected_received_and_still_to_come(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """A refund is expected until it is told; it can be taken back."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    expected = saved_eur(organiser)
    assert value(hass, "expected_saving_month") == pytest.approx(expected)
    assert value(hass, "refund_expected") == pytest.approx(expected)
    assert value(hass, "refund_received") == 0

    assert await tell(hass, entry, "refunds", REFUND) == {}
    assert entry.options == BASE_CONTRACT | {"refunds": [REFUND]}
    assert value(hass, "refund_received") == 4.5
    assert value(hass, "refund_difference") == pytest.approx(expected - 4.5)
    told = (await statement(hass))["refunds"]
    assert told["received_eur"] == 4.5
    assert told["difference_eur"] == round(expected - 4.5, 2)

    earlier = REFUND | {"received": "2026-10-15", "eur": 1.0}
    assert await tell(hass, entry, "refunds", earlier) == {}
    assert entry.options["refunds"] == [earlier, REFUND]
    assert await tell(hass, entry, "refunds", {"remove": ["0"]}) == {}
    assert entry.options["refunds"] == [REFUND]


@pytest.mark.parametrize(
    ("step", "told", "errors"),
    [
        pytest.param("refunds", {"eur": 3.0}, {"received": "value_missing"}, id="no day"),
        pytest.param("refunds", {"received": "2026-11-02"}, {"eur": "value_missing"}, id="no amount"),
        pytest.param("refunds", REFUND | {"eur": 0}, {"eur": "not_positive"}, id="nothing"),
        pytest.param("refunds", REFUND | {"received": "2026-11-21"}, {"received": "day_to_come"}, id="tomorrow"),
        pytest.param("prepaid", PACK | {"kwh": 0}, {"kwh": "not_positive"}, id="an empty pack"),
        pytest.param("prepaid", {"next_kwh": 5.0}, {"next_kwh": "pack_incomplete"}, id="half a pack"),
        pytest.param("surplus", {"surplus_price": 0.04}, {"since": "value_missing"}, id="since when"),
    ],
)  # fmt: skip
async def test_what_is_refused(
    hass: HomeAssistant,
    organiser: Organiser,
    step: str,
    told: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """The reason stands at the field, and nothing is kept."""
    organiser.role = "prosumer"
    options = BASE_CONTRACT | {"prepaid": {"packs": []}}
    entry = member_entry(organiser, options=options)
    await set_up(hass, entry)
    assert await tell(hass, entry, step, told) == errors
    assert entry.options == options


async def test_nothing_is_asked_of_who_has_none(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Packs only where kWh are prepaid, a price of the surplus only of producers."""
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert not {"prepaid", "surplus"} & {*result["menu_options"]}
    assert not is_there(hass, "prepaid_balance")
    assert not is_there(hass, "prepaid_low", "binary_sensor")
    assert not is_there(hass, "income_year")


PREPAID = {
    "operation": {
        "key": "default_dynamic",
        "price_model": "prepaid",
        "price_allocated": 0.12,
        "step_minutes": "30",
        "since": "2026-01-01",
    }
}


async def test_an_operation_described_as_prepaid(hass: HomeAssistant) -> None:
    """Asks for the packs; what was told of them is shown again."""
    entry = member_entry(options=BASE_CONTRACT | PREPAID)
    await set_up(hass, entry)
    lasting = {"next_kwh": 120.0, "next_eur": 15.0, "warn_below_kwh": 30.0}
    assert await tell(hass, entry, "prepaid", PACK | lasting) == {}
    assert entry.options["prepaid"] == {"packs": [PACK]} | lasting
    result = await at_option(hass, entry, "prepaid")
    assert suggested(result) == lasting
    assert value(hass, "prepaid_balance") == 100
    # Nothing is settled: nobody knows how long it lasts.
    assert shown(hass, "prepaid_runs_out").state == "unknown"
    assert shown(hass, "prepaid_low", "binary_sensor").state == "off"


async def test_a_pack_is_used_up(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """By what was settled since it was bought, and by the estimate since then."""
    organiser.months = [Month("2026-10", n_days=24)]
    linky = Linky(hass)
    settled = sum(organiser.months[0].allocated_wh) / 1000
    pack = PACK | {"kwh": settled + 10.0}
    prepaid = {"packs": [pack], "warn_below_kwh": 10.0}
    entry = member_entry(
        organiser, imports=(linky.ref,), options=BASE_CONTRACT | {"prepaid": prepaid}
    )
    await set_up(hass, entry)
    assert value(hass, "prepaid_balance") == pytest.approx(10.0)
    assert shown(hass, "prepaid_low", "binary_sensor").state == "off"
    by_day = settled / 24
    runs_out = shown(hass, "prepaid_runs_out").state
    assert runs_out == f"2026-11-{20 + int(10 / by_day) + (10 % by_day > 0):02}"

    await live(hass, freezer, linky, NOW.replace(hour=13), 300)
    await entry.runtime_data.money.async_refresh()
    estimated = shown(hass, "prepaid_balance").attributes["estimated_kwh"]
    assert estimated > 0
    assert value(hass, "prepaid_balance") == pytest.approx(10.0 - estimated, abs=0.06)
    assert shown(hass, "prepaid_low", "binary_sensor").state == "on"
    told = (await statement(hass))["prepaid"]
    assert told["is_low"] is True
    assert told["bought_kwh"] == round(settled + 10.0, 1)


async def test_the_contracts_maximum_ends_it_earlier(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """However much is left of the packs."""
    organiser.months = [Month("2026-10", n_days=24)]
    settled = sum(organiser.months[0].allocated_wh) / 1000
    prepaid = {
        "packs": [PACK | {"kwh": 900.0}],
        "maximum_kwh": settled / 2,
        "next_kwh": 120.0,
        "next_eur": 15.0,
    }
    entry = member_entry(organiser, options=BASE_CONTRACT | {"prepaid": prepaid})
    await set_up(hass, entry)
    assert shown(hass, "prepaid_runs_out").state == "2026-11-20"
    assert shown(hass, "prepaid_low", "binary_sensor").state == "unknown"
    told = (await statement(hass))["prepaid"]
    assert (told["part_of_maximum"], told["next_eur_per_kwh"]) == (2.0, 0.125)


async def test_a_producers_income(hass: HomeAssistant, organiser: Organiser) -> None:
    """The shared part is given here; the surplus is sold at the price of its days."""
    organiser.role = "prosumer"
    entry = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, entry)
    assert value(hass, "income_year") == 0
    for since, price in (
        ("2026-01-01", 0.5),
        ("2026-01-01", 0.04),
        ("2026-11-01", 0.9),
    ):
        told = {"since": since, "surplus_price": price}
        assert await tell(hass, entry, "surplus", told) == {}
    assert [each["surplus_price"] for each in entry.options["surplus_prices"]] == [
        0.04,
        0.9,
    ]
    assert value(hass, "income_year") == pytest.approx(1.44 * 0.04)
    month = (await statement(hass))["month"]
    assert month["surplus_income_eur"] == round(1.44 * 0.04, 2)
    assert month["missing"] == {}


async def test_unknown_without_a_contract(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """No saving is made up."""
    await set_up(hass, member_entry(organiser))
    for key in ("expected_saving_month", "expected_saving_year", "refund_expected"):
        assert shown(hass, key).state == "unknown"
