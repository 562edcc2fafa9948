"""From the grid operator's file to a member's statistics: an organiser at work, and who reads it.

`script/demo --chain`. The member's side is a whole Home Assistant, set up as a person would.
The organiser's books are kept and published by the integration's own code in a bare core of
this process, which has no pages; its folder is served as any web space would.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
import io
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import zipfile

import aiohttp
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.publishing import (
    async_publish,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.deliveries import read
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path

from . import house
from .checks import PAIR, check_log
from .demo import DELIVERY_POINT, say
from .errors import DemoError
from .linky import OFF_PEAK_HOURS
from .locked import locked
from .membership import DOMAIN, entities, monthly_statistics
from .organiser import Organiser, delivered, id_of, midnight, roster
from .pmo_server import serving
from .resident import Resident, moving_in
from .village import TIME_ZONE, found_village

PASSWORD = "mot de passe reçu par courriel"
"""Of the archive, exactly as it was received."""
LIMIT_S = 120
"""Home Assistant writes a month's statistics in some seconds."""
CODES = {
    Quantity.CONSUMPTION: "CONS",
    Quantity.ALLOCATED: "AUTOCONS",
    Quantity.PRODUCTION: "PROD",
    Quantity.SURPLUS: "SURPLUS",
}
"""As the grid operator calls them."""
HEADER = "Identifiant PRM;Grandeur métier;Unité;Début;Valeur"


def archive(curves: Iterable[Curve], password: str) -> bytes:
    """A month as the grid operator sends it: a file for each point, in a locked archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        for curve in curves:
            packed.writestr(f"{curve.point}.csv", "\r\n".join(_lines(curve)))
    return locked("export.zip", inner.getvalue(), password)


def _lines(curve: Curve) -> list[str]:
    """A line for each value, in local time."""
    lines = [HEADER]
    for block in curve.blocks:
        times = [
            f"{(block.start + n * block.step).astimezone(TIME_ZONE):%d/%m/%Y %H:%M}"
            for n in range(block.n_steps)
        ]
        for quantity, energies in block.energies.items():
            begin = f"{curve.point};{CODES[quantity]};Wh;"
            lines += [
                f"{begin}{at};{wh:.0f}"
                for at, wh in zip(times, energies.tolist(), strict=True)
            ]
    return lines


@dataclass(slots=True)
class Desk:
    """An organiser at work."""

    hass: HomeAssistant
    books: Books
    folder: Path
    organiser: Organiser

    async def take_in(self, *, corrected: bool) -> MonthPage:
        """Read the last settled month as it was sent, and publish; the shown member's page."""
        village = self.organiser.village
        month = [m for m in self.organiser.months if self.organiser.is_settled(m)][-1]
        told = self.organiser
        if corrected:
            told = replace(told, corrected=frozenset({f"{month:%Y-%m}"}))
        job = self.hass.async_add_executor_job
        body = await job(archive, delivered(told, month), PASSWORD)
        say(f"a locked archive of {len(body) / 1e6:.1f} MB arrives")
        reading = partial(read, "mois.zip", body, TIME_ZONE, password=PASSWORD)
        (report,) = await self.books.async_take_in(await job(reading))
        if not report.is_complete:
            raise DemoError(f"{report.month} is not complete, or differs from the key")
        assert report.tally is not None
        say(
            f"{report.month} is complete, as the key gives it:"
            f" {report.tally.allocated_wh / 1000:.3f} kWh shared"
        )
        await self.publish()
        worked_out = await self.books.async_month(report.month)
        assert worked_out is not None
        return worked_out.pages[id_of(village.shown_home)]

    async def publish(self) -> None:
        """Bring the folder up to date."""
        now, today = datetime.now(UTC), self.organiser.today
        n = await async_publish(self.hass, self.books, self.folder, now, today)
        say(f"published: {n} files")


@asynccontextmanager
async def organising(folder: Path) -> AsyncIterator[Desk]:
    """Books with the village's list in them."""
    village = found_village()
    told = roster(village)
    async with async_test_home_assistant(config_dir=str(folder / "organiser")) as hass:
        books = Books(hass, "chain", replace(told, participants=()))
        await books.async_load()
        await books.async_change(lambda _: told)
        yield Desk(hass, books, folder / "feed", Organiser(village, datetime.now(UTC)))
        await hass.async_stop(force=True)


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
    desk: Desk, folder: Path, token: str, feed: str
) -> AsyncIterator[Member]:
    """A member's Home Assistant, configured with the invitation."""
    config, port = folder / "member", house.free_port()
    house.prepare(config, desk.organiser.village, "fr", port)
    answers = {
        "user": {"invitation": Invitation(feed, token).text},
        "delivery_point": {"delivery_point": DELIVERY_POINT},
        "without_meter": {"next_step_id": "finish"},
        "contract": {"contract_kind": "off_peak"},
        "contract_off_peak": {"off_peak_hours": OFF_PEAK_HOURS},
    }
    async with (
        house.running(config, port, {}) as address,
        moving_in(address, "fr") as resident,
    ):
        while (await resident.request("/api/config"))["state"] != "RUNNING":
            await asyncio.sleep(0.3)
        entry = await resident.configure(DOMAIN, answers)
        yield Member(resident, entry["entry_id"])


async def run(folder: Path) -> None:
    """The whole way, there and back; DemoError tells where it ends."""
    async with organising(folder) as desk:
        participant = id_of(desk.organiser.village.shown_home)
        say("the organiser takes in what the grid operator sent of thirty participants")
        page = await desk.take_in(corrected=False)
        token = await desk.books.async_invite(participant)
        await desk.publish()
        async with (
            serving(desk.folder) as feed,
            joining(desk, folder, token, feed) as member,
        ):
            say("a member pastes its invitation")
            before = await member.reads(page)
            say(f"ok: it reads {before / 1000:.3f} kWh for {page.month}, to the Wh")
            say("the grid operator corrects the month, and the organiser takes that in")
            page = await desk.take_in(corrected=True)
            await member.ask_again()
            after = await member.reads(page)
            if after >= before:
                raise DemoError("the correction took nothing away")
            say(f"ok: its statistics now say {after / 1000:.3f} kWh")
            say("the organiser revokes the member's invitation")
            await desk.books.async_revoke(participant)
            await desk.publish()
            await _refused(f"{feed}members/{member_path(token)}/{names.MEMBER}")
            await member.ask_again()
            await member.is_asked_for_an_invitation()
            say("ok: its documents are gone, and it is asked for a new invitation")
        secrets = {"token": token, "delivery point": DELIVERY_POINT}
        check_log(folder / "member" / house.LOG, secrets)
        say("ok: the member's log has no error and no secret")


async def _refused(address: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        if answer.status < 400:
            raise DemoError("a revoked token still opens documents")


def main() -> int:
    """Run it once, in a folder that is thrown away."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "organiser").mkdir()
        try:
            asyncio.run(run(Path(folder)))
        except DemoError as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
