"""Whose surplus comes first: asked of a producer, without a push, with what it means."""

from typing import Any

from aiohttp import web
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import (
    CONF_OPERATION,
    CONF_OWN_FIRST,
)
from custom_components.autoconsommation_collective.pmo import names

from .feed import Month, Organiser
from .flows import at_option, suggested
from .house import BASE_CONTRACT, NOW, member_entry, set_up, settle_down
from .village import OPERATION

pytestmark = pytest.mark.freeze_time(NOW)

SEPTEMBER = Month("2026-09", n_days=30)
"""In each half hour the home injects 200 Wh, of which 30 Wh find nobody."""
ENERGIES = {
    "months": "1",
    "injected": "288",
    "left_over": "43",
    "kept": "180",
    "lacked": "137",
}
"""6 kWh on each of thirty days: 125 Wh of each half hour, 95 of them somebody else's."""


@pytest.fixture
def producer(organiser: Organiser) -> Organiser:
    """An organiser of a producer, that publishes no months of all together."""
    organiser.role = "prosumer"
    organiser.months = [SEPTEMBER]
    organiser.answers[names.aggregates_month("2026-09")] = web.Response(status=404)
    return organiser


async def choices(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """What the options offer."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    offered = result["menu_options"]
    assert isinstance(offered, list)
    return offered


@pytest.mark.parametrize(
    ("options", "settled", "step", "told"),
    [
        pytest.param(BASE_CONTRACT, True, "own_first", ENERGIES | {"producer_eur": "35", "neighbours_eur": "19"}, id="in kWh and euros"),
        pytest.param({}, True, "own_first_unpriced", ENERGIES, id="no contract told"),
        pytest.param(BASE_CONTRACT, False, "own_first_unsettled", {}, id="nothing settled"),
    ],
)  # fmt: skip
async def test_what_each_choice_means(
    hass: HomeAssistant,
    producer: Organiser,
    options: dict[str, Any],
    settled: bool,
    step: str,
    told: dict[str, str],
) -> None:
    """Nothing is chosen beforehand, nor by the form itself; both answers can be changed."""
    if not settled:
        producer.months = []
    entry = member_entry(producer, options=options)
    await set_up(hass, entry)
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "own_first")
    assert (result["step_id"], result["description_placeholders"]) == (step, told)
    assert suggested(result) == {}
    result = await configure(result["flow_id"], {})
    assert result["errors"] == {CONF_OWN_FIRST: "own_first_missing"}
    assert (result["step_id"], result["description_placeholders"]) == (step, told)
    for choice, is_own in (("own_first", True), ("community_first", False)):
        result = await configure(result["flow_id"], {CONF_OWN_FIRST: choice})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await settle_down(hass)
        assert entry.options == options | {CONF_OWN_FIRST: is_own}
        assert entry.runtime_data.outlook.fills_own_first is is_own
        result = await at_option(hass, entry, "own_first")
        assert suggested(result) == {CONF_OWN_FIRST: choice}


async def test_until_it_is_chosen_the_neighbours_come_first(
    hass: HomeAssistant, producer: Organiser
) -> None:
    """In the sums."""
    entry = member_entry(producer)
    await set_up(hass, entry)
    assert entry.runtime_data.outlook.fills_own_first is False


async def test_only_producers_are_asked(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """A consumer has no surplus."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    assert await choices(hass, entry) == [
        "import_file",
        "import_hand",
        "import_folder",
        "acc_api",
        "contract",
        "refunds",
        "power",
        "membership",
        "energy",
    ]


async def test_not_asked_while_nothing_is_known(
    hass: HomeAssistant, producer: Organiser
) -> None:
    """An entry that is not loaded knows of no production."""
    entry = member_entry(producer)
    await set_up(hass, entry)
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert await choices(hass, entry) == [
        "contract",
        "refunds",
        "power",
        "membership",
        "energy",
    ]


async def test_a_described_producer_is_asked(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Who has an export index; in words, as nothing is settled."""
    hass.states.async_set("sensor.injected", "1000", {"unit_of_measurement": "Wh"})
    entry = member_entry(
        options={CONF_OPERATION: OPERATION}, exports=("sensor.injected",)
    )
    await set_up(hass, entry)
    assert await choices(hass, entry) == [
        "import_file",
        "import_hand",
        "import_folder",
        "acc_api",
        "contract",
        "refunds",
        "surplus",
        "power",
        "operation",
        "own_first",
        "membership",
        "energy",
    ]
    result = await at_option(hass, entry, "own_first")
    assert result["step_id"] == "own_first_unsettled"
