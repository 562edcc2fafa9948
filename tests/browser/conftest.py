"""A member in front of a fresh Home Assistant, with an invitation in hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
import json
import os
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Page
import pytest

from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.stamps import Stamps
from script.simulation import house
from script.simulation.checks import check_log
from script.simulation.clicking import Hand
from script.simulation.demo import DELIVERY_POINT
from script.simulation.membership import DOMAIN
from script.simulation.organiser import Organiser
from script.simulation.pmo_server import serving
from script.simulation.publisher import new_tokens, publish
from script.simulation.resident import Resident, moving_in
from script.simulation.screenshot import logged_in_page
from script.simulation.village import found_village

HOME = found_village().producers[0]
"""A producer is shown every settled value; a consumer has fewer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the member has, and what the browser complained about meanwhile."""

    page: Page
    hand: Hand
    """On that page."""
    address: str
    """Of Home Assistant."""
    language: str
    texts: dict[str, Any]
    """The integration's own translations into that language."""
    organiser: Organiser
    invitation: Invitation
    folder: Path
    log: Path
    """Of Home Assistant."""
    resident: Resident
    """The same user by the public API, for what a test only needs to be there."""
    complaints: list[str] = field(default_factory=list)

    @property
    def operation(self) -> str:
        """Its name."""
        return self.organiser.village.name

    async def assert_discreet(self) -> None:
        """No secret stands on the page, seen or unseen, nor in the log; nothing complains."""
        secrets = {"delivery point": DELIVERY_POINT, "token": self.invitation.token}
        content = await self.hand.everything_shown()
        assert [name for name, secret in secrets.items() if secret in content] == []
        check_log(self.log, secrets)
        assert self.complaints == []


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; without one the tests are skipped, unless they are required."""
    if path := os.environ.get("CHROMIUM"):
        return path
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail("BROWSER_TESTS=required, and no Chromium: see script/chromium")
    pytest.skip("no Chromium: see script/chromium")


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Of the user, and of Home Assistant, which names the entities in its own."""
    name: str = request.param
    return name


@pytest.fixture
async def visit(
    chromium: str, language: str, tmp_path: Path, socket_enabled: None
) -> AsyncIterator[Visit]:
    """Everything runs and nothing is set up; `last.png` shows where the test ended."""
    organiser = Organiser(found_village(), datetime.now(UTC))
    tokens = new_tokens(organiser.village)
    publish(organiser, tokens, tmp_path / "feed", Stamps())
    config, port = tmp_path / "config", house.free_port()
    house.prepare(config, organiser.village, language, port)
    file = house.COMPONENTS / DOMAIN / "translations" / f"{language}.json"
    texts = json.loads(file.read_text())
    async with (
        serving(tmp_path / "feed") as feed,
        house.running(config, port, {}) as address,
        moving_in(address, language) as resident,
        logged_in_page(resident, language, chromium) as page,
    ):
        visit = Visit(
            page=page,
            hand=Hand(page, texts),
            address=address,
            language=language,
            texts=texts,
            organiser=organiser,
            invitation=Invitation(feed, tokens[HOME]),
            folder=tmp_path,
            log=config / house.LOG,
            resident=resident,
        )
        _listen(visit)
        yield visit
        await page.screenshot(path=tmp_path / "last.png")


def _listen(visit: Visit) -> None:
    """Note what nobody caught, and every error the console tells of the integration.

    Other errors are Home Assistant's own: it looks for icons on the Internet.
    """

    def note_error(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location['url']})"
        if message.type == "error" and DOMAIN in text:
            visit.complaints.append(text)

    visit.page.on("console", note_error)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
