"""An organiser in front of its own Home Assistant: sets it up, and uses it as its pages do."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from custom_components.autoconsommation_collective.engine.blocks import MINUTE
from custom_components.autoconsommation_collective.engine.roster import Roster
from custom_components.autoconsommation_collective.organiser.serving import FEED_URL
from custom_components.autoconsommation_collective.pmo.invitation import (
    Invitation,
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.roster_table import (
    written_participants,
)

from . import house
from .archive import PASSWORD
from .errors import DemoError
from .membership import DOMAIN
from .organiser import SINCE, roster
from .resident import Answers, Json, Resident, moving_in
from .village import Village


@dataclass(slots=True)
class Desk:
    """An organiser whose operation is set up."""

    resident: Resident
    entry_id: str
    language: str
    """Of its Home Assistant, in which reports are written."""

    @property
    def feed(self) -> str:
        """Where its Home Assistant hands the feed out."""
        return f"{self.resident.address}{FEED_URL}{self.entry_id}/"

    async def upload_participants(self, told: Roster) -> None:
        """Take in the table of all participants."""
        table = written_participants(told.participants).encode()
        file = await self.resident.upload("participants.csv", table)
        step = await self._choose("participants", "participants_upload")
        step = await self.resident.tell(step, {"table": file}, {})
        placeholders = step["description_placeholders"]
        if placeholders["n"] != str(len(told.participants)):
            raise DemoError(f"{placeholders['n']} participants are in the list")

    async def publish_here(self) -> None:
        """Have Home Assistant itself hand the feed out."""
        step = await self._choose("publishing")
        await self._change(step, {"is_served": True, "address": self.feed})

    async def tell_days(self, days: Mapping[str, int]) -> None:
        """By which day of the month each thing is to be done, by the fields of the list."""
        await self._change(await self._choose("checklist"), {**days})

    async def take_in(self, month: date, body: bytes) -> str:
        """Upload a month as it was sent, and publish it; what was shared, as the form says it.

        Raises DemoError where something of it is missing or odd.
        """
        file = await self.resident.upload("mois.zip", body)
        step = await self._choose("month")
        typed = {"file": file, "password": PASSWORD}
        step = await self.resident.tell(step, typed)
        report: str = step["description_placeholders"]["report"]
        first, *others = report.removeprefix("- ").split("\n- ")
        complete: str = house.texts(self.language)["common"][
            "organiser_report_complete"
        ]
        if first != complete.format(month=f"{month:%m/%Y}") or len(others) != 1:
            raise DemoError(f"the month is not taken in as it was made: {report}")
        await self._change(step, {"publish_now": True}, reason="imported")
        return others[0]

    async def invite(self, name: str) -> Invitation:
        """Invite a member; its invitation, which stands in the form once."""
        step = await self._choose("invite")
        step = await self.resident.tell(step, {"participant": _option(step, name)})
        text: str = step["description_placeholders"]["invitation"]
        await self._change(step, {})
        return parse_invitation(text)

    async def revoke(self, name: str) -> None:
        """Take a member's invitation back."""
        step = await self._choose("revoke")
        await self._change(step, {"participant": _option(step, name)})

    async def _choose(self, *ways: str) -> Json:
        """Open the options and take these ways of the menus; the form there."""
        step = await self.resident.open_options(self.entry_id)
        return await self.resident.tell(step, *({"next_step_id": way} for way in ways))

    async def _change(self, step: Json, typed: Json, reason: str = "changed") -> None:
        """Send the last form. Raises DemoError where it does not end with that."""
        step = await self.resident.tell(step, typed)
        if step.get("reason") != reason:
            raise DemoError(f"the options ended with {step.get('reason')}")


@asynccontextmanager
async def organising(
    config: Path, village: Village, language: str
) -> AsyncIterator[Desk]:
    """A Home Assistant of its own in which an organiser sets the village's operation up."""
    port, told = house.free_port(), roster(village)
    house.prepare(config, village, language, port)
    operation = {
        "operation_name": told.name,
        "agreement": told.agreement,
        "since": SINCE.first_day.isoformat(),
        "step_minutes": str(told.step // MINUTE),
    }
    answers: Answers = {
        "no_invitation": {"next_step_id": "organise"},
        "organise": operation,
    }
    async with (
        house.running(config, port, {}) as address,
        moving_in(address, language) as resident,
    ):
        await resident.wait_for_start()
        entry = await resident.configure(DOMAIN, answers)
        desk = Desk(resident, entry["entry_id"], language)
        await desk.upload_participants(told)
        await desk.publish_here()
        yield desk


def _option(step: Json, name: str) -> str:
    """What a form sends for the participant of that name, of those it offers."""
    (asked,) = step["data_schema"]
    for option in asked["selector"]["select"]["options"]:
        if option["label"].startswith(f"{name} ("):
            return str(option["value"])
    raise DemoError(f"{name} is not offered in {step['step_id']}")
