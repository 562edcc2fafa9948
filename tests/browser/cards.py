"""A member whose home is set up, and the page on which the cards stand."""

from collections.abc import Iterable
import json
import os
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, WebSocket
import pytest

from script.simulation.demo import DELIVERY_POINT
from script.simulation.devices import hand_over
from script.simulation.linky import OFF_PEAK_HOURS
from script.simulation.membership import DOMAIN

from .conftest import Visit

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CARD = "autoconsommation-card"
PAGE = "neighbours-energy"
"""Address of the dashboard."""
FACES = ("now", "day", "month", "operation")
DRAWN = {"now": ".word", "day": ".chart svg", "month": ".tiles", "operation": ".tiles"}
"""What each face shows once it knows something."""
BAD = {"serious", "critical"}


async def join(visit: Visit) -> str:
    """Configure a membership, as the dialogs would; the entry's id."""
    entry = await visit.resident.configure(
        DOMAIN,
        {
            "user": {"invitation": visit.invitation.text},
            "delivery_point": {"delivery_point": DELIVERY_POINT},
            "without_meter": {"next_step_id": "finish"},
            "contract": {"contract_kind": "off_peak"},
            "contract_off_peak": {
                "off_peak_hours": OFF_PEAK_HOURS,
                "prices_since": "2025-02-01",
            },
        },
    )
    entry_id: str = entry["entry_id"]
    return entry_id


async def set_up(visit: Visit) -> str:
    """The same with two appliances that follow the plan."""
    entry_id = await join(visit)
    await hand_over(visit.resident, entry_id, lambda _text: None)
    return entry_id


async def create_dashboard(visit: Visit, config: dict[str, Any]) -> None:
    """A dashboard of its own, with that configuration."""
    await visit.resident.ask(
        "lovelace/dashboards/create",
        url_path=PAGE,
        title="Test",
        mode="storage",
        require_admin=False,
        show_in_sidebar=True,
    )
    await visit.resident.ask("lovelace/config/save", url_path=PAGE, config=config)


def of_faces(faces: Iterable[str]) -> dict[str, Any]:
    """A dashboard with a card for each face, and nothing else."""
    sections = [
        {
            "type": "grid",
            "column_span": 2,
            "cards": [
                {
                    "type": f"custom:{CARD}",
                    "face": face,
                    "grid_options": {"columns": "full"},
                }
            ],
        }
        for face in faces
    ]
    return {"views": [{"type": "sections", "max_columns": 2, "sections": sections}]}


async def see_face(visit: Visit, face: str) -> Locator:
    """Wait until the card of a face has drawn it, and look at it."""
    drawn = visit.page.locator(f"section.{face} {DRAWN[face]}")
    card = visit.page.locator(CARD).filter(has=drawn).first
    await card.wait_for()
    await card.scroll_into_view_if_needed()
    return card


def sent_times(page: Page) -> list[str]:
    """The times of day that a page which is not open yet has Home Assistant set."""
    times: list[str] = []

    def note(frame: str | bytes) -> None:
        told = json.loads(frame)
        times.extend(
            message["service_data"]["time"]
            for message in (told if isinstance(told, list) else [told])
            if message.get("domain") == "time"
        )

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", note)

    page.on("websocket", listen)
    return times


async def findings(card: Locator) -> list[str]:
    """What axe-core finds serious on a card, as lines."""
    if not AXE.exists():
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail("BROWSER_TESTS=required, and no axe-core: see script/card")
        pytest.skip("no axe-core: see script/card")
    page = card.page
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    result = await card.evaluate(
        "card => axe.run(card, {resultTypes: ['violations', 'incomplete']})"
    )
    assert result["passes"], "axe-core looked at nothing"
    return [
        f"{found['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for found in result["violations"]
        if found["impact"] in BAD
        for node in found["nodes"]
    ]
