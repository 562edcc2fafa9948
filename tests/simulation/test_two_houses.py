"""Two real Home Assistants: the one of the organiser publishes, the one of a member reads it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from homeassistant.util import dt as dt_util
import pytest

from custom_components.autoconsommation_collective.engine.months import month_after
from script.simulation import house
from script.simulation.membership import DOMAIN
from script.simulation.resident import Resident, moving_in
from script.simulation.village import found_village
from tests.ha.organised import curves

LIMIT_S = 240
"""Two Home Assistants start; an idle machine takes a quarter of a minute."""
WAIT_S = 60
OPTIONS = "/api/config/config_entries/options/flow"
POINTS = [f"{30001234567890 + n}" for n in range(4)]

pytestmark = pytest.mark.timeout(LIMIT_S)


@asynccontextmanager
async def home(folder: Path) -> AsyncIterator[Resident]:
    """A fresh Home Assistant with its first user."""
    port = house.free_port()
    house.prepare(folder, found_village(), "en", port)
    async with (
        house.running(folder, port, {}) as address,
        moving_in(address, "en") as resident,
    ):
        yield resident


async def tell(resident: Resident, entry_id: str, *answers: dict[str, Any]) -> Any:
    """Answer the questions of the options, each once; the last thing that is said."""
    step = await resident.request(OPTIONS, {"handler": entry_id})
    for given in answers:
        filled = {
            field["name"]: field["default"]
            for field in step.get("data_schema") or ()
            if "default" in field
        }
        step = await resident.request(f"{OPTIONS}/{step['flow_id']}", filled | given)
        assert not step.get("errors"), step
    return step


async def organise(resident: Resident, folder: Path) -> str:
    """Four homes, a month and an address; the invitation of the second."""
    told = {"operation_name": "Indre solaire", "since": "2025-01-01"}
    told |= {"time_zone": "Europe/Paris", "step_minutes": "30"}
    ways = {"no_invitation": {"next_step_id": "organise"}, "organise": told}
    entry_id = (await resident.configure(DOMAIN, ways))["entry_id"]
    since = {"first_day": "2025-01-01", "consent_first_day": "2025-01-01"}
    for n, point in enumerate(POINTS):
        role = "consumer" if n else "prosumer"
        one = {"name": f"Foyer {n}", "point": point, "role": role, **since}
        step = await tell(
            resident,
            entry_id,
            {"next_step_id": "participants"},
            {"next_step_id": "participant_new"},
            one | {"tell_place": False},
        )
    place = {"folder": f"{DOMAIN}/feed", "is_served": True, "publish_now": True}
    address = f"{resident.address}/api/{DOMAIN}/feed/{entry_id}/"
    where = {"next_step_id": "publishing"}
    await tell(resident, entry_id, where, place | {"address": address})
    month = month_after(f"{dt_util.utcnow():%Y-%m}", -1)
    file = folder / "www" / "month.csv"
    file.parent.mkdir()
    file.write_bytes(curves(POINTS, month))
    await call(resident, "organiser_import", file=str(file))
    await call(resident, "publish")
    who = next(
        o["value"] for o in await members(resident, entry_id) if "Foyer 1" in o["label"]
    )
    step = await tell(
        resident, entry_id, {"next_step_id": "invite"}, {"participant": who}
    )
    return str(step["description_placeholders"]["invitation"])


async def members(resident: Resident, entry_id: str) -> list[dict[str, str]]:
    """Whom the organiser may invite."""
    step = await tell(resident, entry_id, {"next_step_id": "invite"})
    found: list[dict[str, str]] = step["data_schema"][0]["selector"]["select"][
        "options"
    ]
    return found


async def call(resident: Resident, action: str, **data: str) -> Any:
    """Call an action of the integration."""
    return await resident.request(f"/api/services/{DOMAIN}/{action}", data)


async def answer(resident: Resident, action: str, **data: str) -> Any:
    """What an action answers."""
    path = f"/api/services/{DOMAIN}/{action}?return_response"
    return (await resident.request(path, data))["service_response"]


async def read_month(member: Resident, entry_id: str) -> dict[str, Any]:
    """The last month as the member's card shows it, once it has been read."""
    last = month_after(f"{dt_util.utcnow():%Y-%m}", -1)
    async with asyncio.timeout(WAIT_S):
        while True:
            told = await member.ask(f"{DOMAIN}/months", config_entry=entry_id)
            for month in told["months"]:
                if month["month"] == last and month["basis"] == "provisional":
                    found: dict[str, Any] = month
                    return found
            await asyncio.sleep(0.5)


async def test_what_one_publishes_the_other_shows(
    socket_enabled: None, tmp_path: Path
) -> None:
    """From the grid operator's file to the member's settled month, and the token in neither's log."""
    async with (
        home(tmp_path / "organiser") as organiser,
        home(tmp_path / "member") as member,
    ):
        invitation = await organise(organiser, tmp_path / "organiser")
        entry = await member.configure(
            DOMAIN,
            {
                "user": {"invitation": invitation},
                "delivery_point": {"delivery_point": POINTS[1]},
                "without_meter": {"next_step_id": "finish"},
                "contract": {"contract_kind": "unknown"},
            },
        )
        read = await read_month(member, entry["entry_id"])
        told = await answer(organiser, "get_organised_month", month=read["month"])
        (own,) = (p for p in told["participants"] if p["name"] == "Foyer 1")
        assert own["allocated_kwh"] == read["allocated_kwh"] > 0
        assert own["consumption_kwh"] == read["consumption_kwh"]
    token = invitation.partition("#acc=")[2]
    for folder in ("organiser", "member"):
        console = (tmp_path / folder / "console.log").read_text()
        for secret in (token, *POINTS):
            assert secret not in console
