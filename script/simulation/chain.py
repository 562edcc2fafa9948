"""From the grid operator's file to a member's statistics: an organiser at work, and who reads it.

`script/demo --chain`. Both sides are whole Home Assistants, set up and used as persons would;
the organiser's own hands its feed out to the member's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

import aiohttp

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path

from . import house
from .archive import PASSWORD, archive
from .checks import PAIR, check_log
from .demo import say
from .desk import Desk, organising
from .errors import DemoError
from .linky import OFF_PEAK_HOURS
from .membership import DOMAIN, entities, monthly_statistics
from .organiser import Organiser, delivered, id_of, midnight, roster, settled_month
from .resident import Resident, moving_in
from .village import Village, found_village

LANGUAGE = "fr"
"""Of both."""
LIMIT_S = 120
"""Home Assistant writes a month's statistics in some seconds."""


@dataclass(slots=True)
class Member:
    """Who was invited, in front of its own Home Assistant."""

    resident: Resident
    entry_id: str

    async def reads(self, page: MonthPage) -> int:
        """Wait until the month stands in the statistics and the entity, to the Wh; allocated Wh."""
        allocated = round(page.total_wh(Quantity.ALLOCATED) or 0)
        consumption = round(page.total_wh(Quantity.CONSUMPTION) or 0)
        wanted = {"allocated": allocated, "complement": consumption - allocated}
        start = midnight(datetime.fromisoformat(f"{page.month}-01").date())
        found: dict[str, int] = {}
        shown = ""
        try:
            async with asyncio.timeout(LIMIT_S):
                while found != wanted or shown != f"{allocated / 1000:.3f}":
                    await asyncio.sleep(1)
                    told = await monthly_statistics(self.resident, start, PAIR)
                    found = {
                        suffix: round(months.get(page.month, 0))
                        for suffix, months in told.items()
                    }
                    state = (await entities(self.resident))["settled_allocated_month"]
                    shown = f"{float(state.state):.3f}" if state.is_known else "–"
        except TimeoutError:
            raise DemoError(
                f"the member reads {found}, {shown} kWh and not {wanted}"
            ) from None
        return allocated

    async def ask_again(self) -> None:
        """Poll now instead of within the hour."""
        path = f"/api/config/config_entries/entry/{self.entry_id}/reload"
        await self.resident.request(path, {})

    async def is_asked_for_an_invitation(self) -> None:
        """Wait for the question after a refusal."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    flows = await self.resident.ask("config_entries/flow/progress")
                    if any(flow["context"]["source"] == "reauth" for flow in flows):
                        return
                    await asyncio.sleep(1)
        except TimeoutError:
            raise DemoError("the member is not asked for a new invitation") from None


@asynccontextmanager
async def joining(
    config: Path, village: Village, invitation: Invitation, point: str
) -> AsyncIterator[Member]:
    """A member's Home Assistant, configured with the invitation."""
    port = house.free_port()
    house.prepare(config, village, LANGUAGE, port)
    answers = {
        "user": {"invitation": invitation.text},
        "delivery_point": {"delivery_point": point},
        "without_meter": {"next_step_id": "finish"},
        "contract": {"contract_kind": "off_peak"},
        "contract_off_peak": {"off_peak_hours": OFF_PEAK_HOURS},
    }
    async with (
        house.running(config, port, {}) as address,
        moving_in(address, LANGUAGE) as resident,
    ):
        await resident.wait_for_start()
        entry = await resident.configure(DOMAIN, answers)
        yield Member(resident, entry["entry_id"])


async def _sent(desk: Desk, organiser: Organiser) -> MonthPage:
    """The grid operator sends the last settled month, which is taken in; the member's page."""
    month = [m for m in organiser.months if organiser.is_settled(m)][-1]
    body = await asyncio.to_thread(archive, delivered(organiser, month), PASSWORD)
    say(f"a locked archive of {len(body) / 1e6:.1f} MB arrives")
    shared = await desk.take_in(month, body)
    say(f"ok: everything of {month:%Y-%m} is there, and published: {shared}")
    worked_out = await asyncio.to_thread(settled_month, organiser, month)
    return worked_out.pages[id_of(organiser.village.shown_home)]


async def run(folder: Path) -> None:
    """The whole way, there and back; DemoError tells where it ends."""
    village = found_village()
    sent = Organiser(village, datetime.now(UTC))
    people = roster(village).participants
    shown = people[village.shown_home]
    at_desk, at_home = folder / "organiser", folder / "member"
    say("an organiser sets its operation up, and publishes it")
    async with organising(at_desk, village, LANGUAGE) as desk:
        say(f"ok: {len(people)} participants, as they stand in its table")
        page = await _sent(desk, sent)
        invitation = await desk.invite(shown.name)
        say("a member pastes its invitation")
        async with joining(at_home, village, invitation, shown.point) as member:
            before = await member.reads(page)
            say(f"ok: it reads {before / 1000:.3f} kWh for {page.month}, to the Wh")
            say("the grid operator corrects the month, and the organiser takes that in")
            page = await _sent(desk, replace(sent, corrected=frozenset({page.month})))
            await member.ask_again()
            after = await member.reads(page)
            if after >= before:
                raise DemoError("the correction took nothing away")
            say(f"ok: its statistics now say {after / 1000:.3f} kWh")
            say("the organiser revokes the member's invitation")
            if await _answered(invitation) != HTTPStatus.OK:
                raise DemoError(
                    "an invitation's documents are not where they were read"
                )
            await desk.revoke(shown.name)
            if await _answered(invitation) != HTTPStatus.UNAUTHORIZED:
                raise DemoError("a revoked token still opens documents")
            await member.ask_again()
            await member.is_asked_for_an_invitation()
            say("ok: its documents are gone, and it is asked for a new invitation")
    secrets = {"token": invitation.token, "password": PASSWORD} | {
        f"delivery point of {one.name}": one.point for one in people
    }
    for config in (at_desk, at_home):
        check_log(config / house.LOG, secrets)
    say("ok: neither log has an error or a secret")


async def _answered(invitation: Invitation) -> int:
    """How the member's own document is answered."""
    place = f"{invitation.base_url}members/{member_path(invitation.token)}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{place}/{names.MEMBER}") as answer,
    ):
        return answer.status


def main() -> int:
    """Run it once, in a folder that is thrown away."""
    with TemporaryDirectory() as folder:
        try:
            asyncio.run(run(Path(folder)))
        except DemoError as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
