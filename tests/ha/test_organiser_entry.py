"""An organiser's entry: added, shown, beside a member's, and gone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.json import ExtendedJSONEncoder
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.autoconsommation_collective.config_flow import AccConfigFlow
from custom_components.autoconsommation_collective.const import CONF_KIND, DOMAIN
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.energy import (
    async_get_solar_forecast,
)
from custom_components.autoconsommation_collective.engine.checklist import (
    Checklist,
    Duty,
)
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.engine.roster import Place
from custom_components.autoconsommation_collective.llm import async_get_tools
from tests.engine.organised_cases import random_curves

from .flows import answer, begin, created
from .house import NOW, member_entry, set_up, wait
from .organised import (
    AGREEMENT,
    FIRST,
    MONTH,
    NAME,
    OPERATION,
    at,
    books_of,
    coordinator_of,
    home,
    organise,
    organiser_entry,
    shown,
)

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("disk", "socket_enabled"),
]

HOMES = tuple(home(n) for n in range(4))


async def test_added(hass: HomeAssistant) -> None:
    """One form; what it says is where everything begins."""
    result = await begin(hass, "organise")
    entry = created(await answer(hass, result, OPERATION))
    assert (entry.title, entry.unique_id) == (NAME, AGREEMENT)
    assert entry.data == {CONF_KIND: "organiser", **OPERATION}
    assert entry.options == {}
    roster = books_of(entry).roster
    assert (roster.name, roster.agreement) == (NAME, AGREEMENT)
    assert [key.choice for key in roster.keys] == ["prorata"]
    assert roster.step == timedelta(minutes=30)
    assert shown(hass, "members_today").state == "0"


@pytest.mark.parametrize(
    ("told", "errors"),
    [
        pytest.param(
            {"agreement": "ACC123"},
            {"agreement": "agreement_not_one"},
            id="short agreement",
        ),
        pytest.param(
            {"price_model": "sale"},
            {"price_allocated": "price_missing"},
            id="sold for nothing told",
        ),
        pytest.param(
            {"price_model": "sale", "price_allocated": 12},
            {"price_allocated": "price_in_cents"},
            id="in cents",
        ),
        pytest.param(
            {"time_zone": "Europe/Issoudun"},
            {"time_zone": "time_zone_unknown"},
            id="no time zone",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant, told: dict[str, Any], errors: dict[str, str]
) -> None:
    """With the reason, at its field; then put right."""
    result = await begin(hass, "organise")
    result = await answer(hass, result, OPERATION | told)
    assert result["errors"] == errors
    assert created(await answer(hass, result, OPERATION)).title == NAME


async def test_the_same_operation_is_organised_once(hass: HomeAssistant) -> None:
    """By its agreement, however it is written; without one nobody can tell."""
    await organise(hass)
    result = await begin(hass, "organise")
    result = await answer(hass, result, OPERATION | {"agreement": "acc 00000 123"})
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "operation_already_organised",
    )
    without = {k: v for k, v in OPERATION.items() if k != "agreement"}
    for _ in range(2):
        created(await answer(hass, await begin(hass, "organise"), without))


async def test_a_restart_loses_nothing(hass: HomeAssistant) -> None:
    """What is kept is shown again, months too."""
    entry = await organise(hass, *HOMES)
    await books_of(entry).async_take_in(Delivery(tuple(random_curves(HOMES))))
    before = coordinator_of(entry).data
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert coordinator_of(entry).data == before
    assert before.months[MONTH].is_complete
    assert shown(hass, "members_today").state == "4"
    assert float(shown(hass, "shared_month").state) > 0
    assert 0 < float(shown(hass, "shared_rate").state) <= 100
    assert shown(hass, "published_month").state == "unknown"


async def test_removed(hass: HomeAssistant, disk: Path) -> None:
    """Nothing is left on the disk but what is published."""
    entry = await organise(hass, *HOMES)
    await books_of(entry).async_take_in(Delivery(tuple(random_curves(HOMES))))
    assert list(disk.glob(f"{DOMAIN}.organiser_*"))
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not list(disk.glob(f"{DOMAIN}.organiser_*"))


# Beside a member


async def test_what_is_a_members_leaves_organisers_out(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """The card, the assistants, the Energy dashboard, the actions."""
    organiser = await organise(hass, *HOMES)
    assert async_get_tools(hass, None, "assist") is None  # type: ignore[arg-type]
    member = member_entry()
    await set_up(hass, member)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": f"{DOMAIN}/memberships"})
    told = (await client.receive_json())["result"]
    members = [one["config_entry"] for one in told if not one["organises"]]
    assert members == [member.entry_id]
    for command in ("months", "operation", "subscribe_day"):
        asked = {
            "type": f"{DOMAIN}/{command}",
            "config_entry": organiser.entry_id,
        } | ({"language": "fr"} if command == "subscribe_day" else {})
        await client.send_json_auto_id(asked)
        assert (await client.receive_json())["error"]["code"] == "not_found"
    assert await async_get_solar_forecast(hass, organiser.entry_id) is None
    assert AccConfigFlow.async_get_supported_subentry_types(organiser) == {}
    tools = async_get_tools(hass, None, "assist")  # type: ignore[arg-type]
    assert tools is not None
    found = await tools.tools[0].async_call(hass, None, None)  # type: ignore[arg-type]
    assert [one["name"] for one in found.data["memberships"]] == [member.title]


async def test_actions_find_the_entry_of_their_kind(hass: HomeAssistant) -> None:
    """The only one, without naming it; another kind is refused in words."""
    organiser = await organise(hass, *HOMES)
    member = member_entry()
    await set_up(hass, member)

    async def call(name: str, **data: Any) -> Any:
        return await hass.services.async_call(
            DOMAIN, name, data, blocking=True, return_response=True
        )

    assert (await call("get_plan"))["loads"] == []
    with pytest.raises(ServiceValidationError, match="of an organiser"):
        await call("get_plan", config_entry=organiser.entry_id)
    with pytest.raises(ServiceValidationError, match="of a member"):
        await call("publish", config_entry=member.entry_id)
    with pytest.raises(HomeAssistantError, match="was not told yet"):
        await call("publish")
    with pytest.raises(ServiceValidationError, match="Nothing is kept"):
        await call("get_organised_month", month=MONTH)
    await books_of(organiser).async_take_in(Delivery(tuple(random_curves(HOMES))))
    found = await call("get_organised_month", month=MONTH)
    assert found["complete"]
    assert {one["name"] for one in found["participants"]} == {h.name for h in HOMES}
    assert HOMES[0].point not in str(found)


async def test_the_member_goes_and_the_organiser_stays(hass: HomeAssistant) -> None:
    """The card goes with the last member."""
    assert await async_setup_component(hass, "lovelace", {})
    organiser = await organise(hass)
    member = member_entry()
    await set_up(hass, member)
    await hass.config_entries.async_remove(member.entry_id)
    await hass.async_block_till_done()
    assert organiser.state is ConfigEntryState.LOADED


async def test_reconfigure_points_to_the_options(hass: HomeAssistant) -> None:
    """There is no meter to be asked for."""
    entry = await organise(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert result["reason"] == "organiser_has_options"


async def test_diagnostics_name_nobody(hass: HomeAssistant) -> None:
    """Nor where anybody is, nor the operation, nor a token."""
    placed = replace(HOMES[1], place=Place(46.95123, 1.99123, "Issoudun", 5))
    entry = await organise(hass, HOMES[0], placed, *HOMES[2:])
    books = books_of(entry)
    token = await books.async_invite("id1")
    await books.async_take_in(Delivery(tuple(random_curves(HOMES[:3]))))
    told = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(told, cls=ExtendedJSONEncoder)
    secrets = [
        token,
        books.keys["id1"].path,
        NAME,
        AGREEMENT,
        "Issoudun",
        "46.9",
        "1.99",
    ]
    secrets += [part for h in HOMES for part in (h.name, h.point, h.id)]
    assert not [secret for secret in secrets if secret in text]
    assert told["months"][MONTH]["missing"] == 1
    assert told["participants"]["placed"] == 1


# Days


async def test_who_leaves_is_counted_no_more_from_midnight_on(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Local midnight, without anybody doing anything."""
    last = date(2026, 11, 20)
    left = replace(HOMES[2], membership=(Validity(FIRST, last),))
    await organise(hass, *HOMES[:2], left)
    assert shown(hass, "members_today").state == "3"
    await wait(hass, freezer, datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    assert shown(hass, "members_today").state == "3"
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 1, tzinfo=UTC))
    assert shown(hass, "members_today").state == "2"
    await wait(hass, freezer, datetime(2026, 11, 21, 23, 1, tzinfo=UTC))
    assert shown(hass, "members_today").state == "2"


async def test_what_is_late_is_told(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """By the sensor, the entity that automations watch, and a repair issue; until it is done."""
    entry = await organise(hass, *HOMES)
    books = books_of(entry)
    checklist = Checklist({Duty.TAKE_IN: 21, Duty.BILLS: 28}, MONTH)
    await books.async_set_settings(replace(books.settings, checklist=checklist))
    await hass.async_block_till_done()
    assert shown(hass, "next_due").state == "2026-11-21"
    assert shown(hass, "to_do", "binary_sensor").state == "off"
    issues, issue = ir.async_get(hass), (DOMAIN, f"late_{entry.entry_id}")
    assert issues.async_get_issue(*issue) is None
    await wait(hass, freezer, datetime(2026, 11, 21, 23, 1, tzinfo=UTC))
    assert shown(hass, "to_do", "binary_sensor").attributes["why"] == ["late"]
    assert issues.async_get_issue(*issue) is not None
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    await hass.async_block_till_done()
    assert shown(hass, "to_do", "binary_sensor").state == "off"
    assert shown(hass, "next_due").state == "2026-11-28"
    assert issues.async_get_issue(*issue) is None


async def test_a_list_that_nobody_can_share_by_is_told(hass: HomeAssistant) -> None:
    """A coefficient is missing: nothing fails, somebody has to look."""
    entry = await organise(hass, *HOMES)
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    (key,) = books.roster.keys
    static = replace(books.roster, keys=(replace(key, choice="static"),))
    await books.async_change(lambda _: static)
    await hass.async_block_till_done()
    why = shown(hass, "to_do", "binary_sensor").attributes["why"]
    assert set(why) == {"month", "key"}


async def test_options_of_an_entry_that_is_not_loaded(hass: HomeAssistant) -> None:
    """There are no books to change."""
    entry = organiser_entry()
    entry.add_to_hass(hass)
    result = await at(hass, entry)
    assert result["reason"] == "not_loaded"


async def test_the_way_of_a_member_with_an_invitation_is_as_it_was(
    hass: HomeAssistant,
) -> None:
    """The first form asks for it."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
