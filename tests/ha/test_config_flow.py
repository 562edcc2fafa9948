"""Setting up: what is asked, what is refused and why, and how one goes on after it."""

from pathlib import Path
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.autoconsommation_collective.const import (
    CONF_DAILY,
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_INVITATION,
    CONF_KIND,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    KIND_MEMBER,
)

from .feed import AGREEMENT, NAME, NEW_TOKEN, TOKEN, Organiser
from .flows import answer, at_meter, begin, choose, finished, named, suggested
from .house import KEY, NOW, PRM, Linky, member_entry, shown

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]


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
    entry = await finished(hass, result)
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
        CONF_DAILY: [],
    }
    assert shown(hass, "estimate_status").state == "meter_silent"


async def test_without_a_feed(hass: HomeAssistant, disk: Path) -> None:
    """The member names the operation, and nothing is asked of anybody."""
    linky = Linky(hass)
    result = await at_meter(hass)
    entry = await finished(
        hass, await answer(hass, result, {CONF_IMPORT: [linky.entity_id]})
    )
    assert entry.title == NAME
    assert entry.data == {
        CONF_KIND: KIND_MEMBER,
        CONF_OPERATION_NAME: NAME,
        CONF_DELIVERY_POINT: PRM,
        CONF_IMPORT: [linky.ref],
        CONF_EXPORT: [],
        CONF_DAILY: [],
    }


# The invitation


async def test_an_emptied_invitation_is_none(hass: HomeAssistant) -> None:
    """Blanks in the field are as good as nothing."""
    result = await begin(hass, "invitation")
    result = await answer(hass, result, {CONF_INVITATION: " \n"})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "no_invitation")


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
            {"base": "document_not_there"},
            {"document": "operation.json", "field": "–", "step": "–"},
            id="nothing published",
        ),
        pytest.param(
            "operation.json",
            b'{"format": "acc-feed", "version": 1, "document": "operation"}',
            {"base": "document_missing_field"},
            {"document": "operation.json", "field": "published_at", "step": "–"},
            id="a field is missing",
        ),
        pytest.param(
            "operation.json",
            b"[",
            {"base": "document_not_json"},
            {"document": "operation.json", "field": "–", "step": "–"},
            id="the whole document is damaged",
        ),
        pytest.param(
            "index.acc",
            web.Response(body=b"ACC1" + bytes(40)),
            {"base": "document_cannot_unseal"},
            {"document": "index.acc", "field": "–", "step": "–"},
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
    result = await choose(hass, await named(hass, result), "delivery_point")
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
    entry = await finished(hass, await choose(hass, result, "finish"))
    assert entry.data[CONF_DELIVERY_POINT] == kept


async def test_delivery_point_twice(hass: HomeAssistant, disk: Path) -> None:
    """However it is written, and whoever publishes."""
    member_entry().add_to_hass(hass)
    result = await begin(hass, "no_feed")
    result = await choose(hass, await named(hass, result), "delivery_point")
    result = await answer(hass, result, {CONF_DELIVERY_POINT: "12 345 678 901 234"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
