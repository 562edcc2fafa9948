"""Setting up: what is asked, what is refused and why, and how one goes on after it."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_INVITATION,
    CONF_KIND,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    DOMAIN,
    KIND_MEMBER,
)

from .feed import AGREEMENT, NAME, NEW_TOKEN, TOKEN, Organiser
from .house import KEY, NOW, PRM, Linky, member_entry, settle_down, shown

pytestmark = pytest.mark.freeze_time(NOW)

ENGLISH = (
    Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations/en.json"
)


@pytest.fixture
def organiser(organiser: Organiser) -> Organiser:
    """An organiser that has settled nothing yet."""
    organiser.months = []
    return organiser


async def begin(hass: HomeAssistant, choice: str) -> ConfigFlowResult:
    """Add the integration and take one of the two ways."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["invitation", "no_feed"]
    return await choose(hass, result, choice)


async def choose(
    hass: HomeAssistant, result: ConfigFlowResult, choice: str
) -> ConfigFlowResult:
    """Take one way of a menu."""
    return await answer(hass, result, {"next_step_id": choice})


async def answer(
    hass: HomeAssistant, result: ConfigFlowResult, answers: dict[str, Any]
) -> ConfigFlowResult:
    """Fill in a form."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], answers)
    await settle_down(hass)
    if errors := result.get("errors"):
        texts = json.loads(ENGLISH.read_text())["config"]["error"]
        assert errors.keys() <= {
            "base",
            *(str(key) for key in result["data_schema"].schema),
        }  # type: ignore[union-attr]
        assert not set(errors.values()) - texts.keys()
    return result


async def at_meter(
    hass: HomeAssistant, organiser: Organiser | None = None, prm: str = PRM
) -> ConfigFlowResult:
    """Come as far as the meter."""
    if organiser is None:
        result = await begin(hass, "no_feed")
        result = await answer(hass, result, {CONF_OPERATION_NAME: NAME})
    else:
        result = await begin(hass, "invitation")
        result = await answer(hass, result, {CONF_INVITATION: organiser.invitation})
    assert result["step_id"] == "delivery_point"
    result = await answer(hass, result, {CONF_DELIVERY_POINT: prm})
    assert result["step_id"] == "meter"
    return result


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """What a form is filled with."""
    assert result["data_schema"] is not None
    return {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description
    }


def created(result: ConfigFlowResult) -> ConfigEntry:
    """The entry that was made."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return result["result"]


# The two ways


async def test_with_an_invitation(hass: HomeAssistant, organiser: Organiser) -> None:
    """The operation tells its name, the meter is found; the member confirms."""
    linky = Linky(hass)
    result = await begin(hass, "invitation")
    pasted = f"  «{organiser.invitation}»\n"
    result = await answer(hass, result, {CONF_INVITATION: pasted})
    assert result["description_placeholders"] == {"operation": NAME}
    result = await answer(hass, result, {CONF_DELIVERY_POINT: PRM})
    assert suggested(result) == {CONF_IMPORT: [linky.entity_id]}
    result = await answer(hass, result, suggested(result))
    entry = created(result)
    assert (entry.title, entry.unique_id) == (NAME, KEY)
    assert entry.data == {
        CONF_KIND: KIND_MEMBER,
        CONF_FEED_URL: organiser.url,
        "token": TOKEN,
        CONF_OPERATION_ID: AGREEMENT,
        CONF_OPERATION_NAME: NAME,
        CONF_DELIVERY_POINT: PRM,
        CONF_IMPORT: [linky.ref],
        CONF_EXPORT: [],
    }
    assert shown(hass, "estimate_status").state == "meter_silent"


async def test_without_a_feed(hass: HomeAssistant, disk: Path) -> None:
    """The member names the operation, and nothing is asked of anybody."""
    linky = Linky(hass)
    result = await at_meter(hass)
    entry = created(await answer(hass, result, {CONF_IMPORT: [linky.entity_id]}))
    assert entry.title == NAME
    assert entry.data == {
        CONF_KIND: KIND_MEMBER,
        CONF_OPERATION_NAME: NAME,
        CONF_DELIVERY_POINT: PRM,
        CONF_IMPORT: [linky.ref],
        CONF_EXPORT: [],
    }


# The invitation


def without_token(organiser: Organiser) -> str:
    """The address alone."""
    return organiser.url


def with_short_token(organiser: Organiser) -> str:
    """Cut off when copying."""
    return organiser.invitation[:-5]


def over_http(organiser: Organiser) -> str:
    """To another machine, for all to read along."""
    return organiser.invitation.replace("127.0.0.1", "solaire.example")


def no_address(organiser: Organiser) -> str:
    """Something else."""
    return "bonjour"


def of_another_member(organiser: Organiser) -> str:
    """One whose folder is not there."""
    return organiser.invitation.replace(TOKEN, NEW_TOKEN)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(no_address, "invitation_not_an_address", id="no address"),
        pytest.param(over_http, "invitation_not_secure", id="http to afar"),
        pytest.param(without_token, "invitation_token_missing", id="no token"),
        pytest.param(with_short_token, "invitation_token_incomplete", id="cut off"),
        pytest.param(of_another_member, "invitation_unknown", id="not known"),
    ],
)
async def test_wrong_invitation(
    hass: HomeAssistant, organiser: Organiser, spoil: Any, problem: str
) -> None:
    """The reason is told; the right one is then accepted."""
    result = await begin(hass, "invitation")
    wrong = spoil(organiser)
    result = await answer(hass, result, {CONF_INVITATION: wrong})
    assert result["errors"] == {CONF_INVITATION: problem}
    assert suggested(result) == {CONF_INVITATION: wrong}
    result = await answer(hass, result, {CONF_INVITATION: organiser.invitation})
    assert result["step_id"] == "delivery_point"


@pytest.mark.parametrize(
    ("name", "said", "errors", "told"),
    [
        pytest.param(
            "index.acc",
            web.Response(status=403),
            {CONF_INVITATION: "invitation_unknown"},
            {},
            id="token refused",
        ),
        pytest.param(
            "*",
            web.Response(status=503),
            {"base": "feed_unavailable"},
            {"document": "index.acc"},
            id="server down",
        ),
        pytest.param(
            "operation.json",
            web.Response(status=404),
            {"base": "feed_unavailable"},
            {"document": "operation.json"},
            id="nothing published",
        ),
        pytest.param(
            "operation.json",
            b'{"format": "acc-feed", "version": 1, "document": "operation"}',
            {"base": "document_invalid"},
            {"document": "operation.json", "field": "published_at", "step": "–"},
            id="a field is missing",
        ),
        pytest.param(
            "operation.json",
            b"[",
            {"base": "document_invalid"},
            {"document": "operation.json", "field": "not_json", "step": "–"},
            id="the whole document is damaged",
        ),
        pytest.param(
            "index.acc",
            web.Response(body=b"ACC1" + bytes(40)),
            {"base": "document_invalid"},
            {"document": "index.acc", "field": "cannot_unseal", "step": "–"},
            id="sealed for somebody else",
        ),
    ],
)
async def test_organiser_fails(
    hass: HomeAssistant,
    organiser: Organiser,
    name: str,
    said: web.Response | bytes,
    errors: dict[str, str],
    told: dict[str, str],
) -> None:
    """What and where is told; once the organiser has repaired it, it works."""
    organiser.answers[name] = said
    result = await begin(hass, "invitation")
    result = await answer(hass, result, {CONF_INVITATION: organiser.invitation})
    assert result["errors"] == errors
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"].items() >= told.items()
    organiser.answers.clear()
    result = await answer(hass, result, {CONF_INVITATION: organiser.invitation})
    assert result["step_id"] == "delivery_point"


# The delivery point


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("1234567890123", id="13 digits"),
        pytest.param("123456789012345", id="15 digits"),
        pytest.param("1234567890123A", id="a letter"),
        pytest.param("٠١٢٣٤٥٦٧٨٩٠١٢٣", id="digits of another script"),
        pytest.param("", id="nothing"),
    ],
)
async def test_wrong_delivery_point(
    hass: HomeAssistant, disk: Path, number: str
) -> None:
    """Neither PRM nor EAN."""
    result = await begin(hass, "no_feed")
    result = await answer(hass, result, {CONF_OPERATION_NAME: NAME})
    result = await answer(hass, result, {CONF_DELIVERY_POINT: number})
    assert result["errors"] == {CONF_DELIVERY_POINT: "invalid_delivery_point"}
    assert suggested(result) == {CONF_DELIVERY_POINT: number}
    result = await answer(hass, result, {CONF_DELIVERY_POINT: PRM})
    assert result["step_id"] == "meter"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param(" 1234 5678\u00a0901\u202f234 ", PRM, id="spaces"),
        pytest.param("12-345.678-901-234", PRM, id="dots and dashes"),
        pytest.param("541 448 820 001 234 567", "541448820001234567", id="EAN"),
    ],
)
async def test_delivery_point_as_people_write_it(
    hass: HomeAssistant, disk: Path, typed: str, kept: str
) -> None:
    """As on the bill, grouped somehow."""
    result = await at_meter(hass, prm=typed)
    result = await answer(hass, result, {})
    entry = created(await choose(hass, result, "finish"))
    assert entry.data[CONF_DELIVERY_POINT] == kept


async def test_delivery_point_twice(hass: HomeAssistant, disk: Path) -> None:
    """However it is written, and whoever publishes."""
    member_entry().add_to_hass(hass)
    result = await begin(hass, "no_feed")
    result = await answer(hass, result, {CONF_OPERATION_NAME: "Another"})
    result = await answer(hass, result, {CONF_DELIVERY_POINT: "12 345 678 901 234"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


# The meter


async def test_several_indexes(hass: HomeAssistant, disk: Path) -> None:
    """Off-peak and peak add up; both are found."""
    pair = [Linky(hass, "HCHC"), Linky(hass, "HCHP")]
    result = await at_meter(hass)
    assert suggested(result) == {CONF_IMPORT: [linky.entity_id for linky in pair]}
    entry = created(await answer(hass, result, suggested(result)))
    assert entry.data[CONF_IMPORT] == [linky.ref for linky in pair]


async def test_without_a_meter(hass: HomeAssistant, organiser: Organiser) -> None:
    """The loss is told, one can go back or go on."""
    result = await at_meter(hass, organiser)
    assert suggested(result) == {}
    result = await answer(hass, result, {})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "without_meter")
    result = await choose(hass, result, "meter")
    assert result["step_id"] == "meter"
    result = await answer(hass, result, {})
    entry = created(await choose(hass, result, "finish"))
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
    entry = created(await answer(hass, result, chosen))
    assert entry.data[CONF_EXPORT] == [export.ref]


async def test_producer_continues_without_export(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """What is settled for the production is shown all the same."""
    organiser.role = "producer"
    linky = Linky(hass)
    result = await at_meter(hass, organiser)
    result = await answer(hass, result, {CONF_IMPORT: [linky.entity_id]})
    created(await choose(hass, result, "finish"))
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
    entry = created(await answer(hass, result, {CONF_IMPORT: [good]}))
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
