"""An organiser opens the list, and hands a member's invitation over: through the pages."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import expect
import pytest

from custom_components.autoconsommation_collective.engine.months import month_after
from script.simulation.clicking import CONFIGURE, Dialog
from script.simulation.membership import DOMAIN
from script.simulation.newcomer import PAGE, STEP_LIMIT_MS
from tests.ha.feed import PARIS
from tests.ha.organised import curves

from .cards import CARD, PAGE as DASHBOARD, create_dashboard, findings
from .conftest import Visit

LIMIT_S = 240
"""An idle machine takes a quarter of a minute; a busy one twice that for its first page."""
OPERATION = "Indre solaire"
NAME = "Foyer Martin"
POINT = "30001234567890"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(LIMIT_S)]


async def organise(visit: Visit) -> str:
    """An operation with one member who agreed, published; the entry's id."""
    told = {
        "operation_name": OPERATION,
        "since": "2025-01-01",
        "time_zone": "Europe/Paris",
    }
    entry = await visit.resident.configure(
        DOMAIN, {"no_invitation": {"next_step_id": "organise"}, "organise": told}
    )
    entry_id: str = entry["entry_id"]
    since = {"first_day": "2025-01-01", "consent_first_day": "2025-01-01"}
    await tell(
        visit,
        entry_id,
        {"next_step_id": "participants"},
        {"next_step_id": "participant_new"},
        {"name": NAME, "point": POINT, "tell_place": False, **since},
    )
    address = "https://pmo.example/feed/"
    folder = f"{DOMAIN}/feed"
    await tell(
        visit,
        entry_id,
        {"next_step_id": "publishing"},
        {"folder": folder, "is_served": True, "address": address, "publish_now": True},
    )
    return entry_id


async def tell(visit: Visit, entry_id: str, *answers: dict[str, Any]) -> None:
    """Answer the questions of the options by the public API, each once."""
    step = await visit.resident.open_options(entry_id)
    await visit.resident.tell(step, *answers)


async def open_options(visit: Visit) -> Dialog:
    """Open Configure on the integration's page."""
    await visit.hand.open(f"{visit.address}{PAGE}")
    entry = visit.page.locator("ha-config-entry-row")
    await entry.wait_for()
    visit.page.set_default_timeout(STEP_LIMIT_MS)
    await visit.hand.press(CONFIGURE, entry)
    texts = visit.texts["options"]
    nothing = visit.texts["common"]["organiser_no_items"]
    return Dialog(visit.hand, texts, {"list": nothing})


async def test_an_invitation_is_handed_over(visit: Visit) -> None:
    """The list names the member; the invitation stands there as a text and as a picture."""
    await organise(visit)
    dialog = await open_options(visit)
    await dialog.choose("organiser", "participants")
    await visit.page.get_by_text(f"{NAME} (…7890)").wait_for()
    await visit.page.screenshot(path=visit.folder / "list.png")
    back = visit.texts["options"]["step"]["participants"]["menu_options"]["organiser"]
    await visit.hand.click(visit.page.get_by_text(back, exact=True))
    await dialog.choose("organiser", "invite")
    await dialog.arrive("invite")
    await visit.hand.click(visit.page.locator("ha-selector-select"))
    await visit.hand.click(visit.page.get_by_text(f"{NAME} (…7890)").last)
    await visit.page.screenshot(path=visit.folder / "invite.png")
    await dialog.submit()
    text = visit.page.get_by_text("https://pmo.example/feed/#acc=")
    await text.wait_for()
    picture = visit.page.locator("ha-qr-code canvas, ha-qr-code img").first
    await expect(picture).to_be_visible()
    await visit.page.screenshot(path=visit.folder / "invited.png")
    invitation = (await text.inner_text()).strip()
    token = invitation.partition("#acc=")[2]
    assert len(token) == 43
    kept = [
        path
        for path in Path(visit.folder / "config").rglob("*")
        if path.is_file() and token.encode() in path.read_bytes()
    ]
    assert kept == []
    assert POINT not in (visit.log.read_text() if visit.log.exists() else "")
    assert visit.complaints == []


SCHEMES: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "rgb(20, 20, 20)"),
    ("dark", "rgb(225, 225, 225)"),
)
"""Of Home Assistant's own theme, with the colour of its text."""
NARROW, WIDE = {"width": 375, "height": 800}, {"width": 1280, "height": 900}


async def rename(visit: Visit, entry_id: str, name: str) -> None:
    """Call the operation otherwise, in half-hours."""
    ways = ({"next_step_id": "sharing"}, {"next_step_id": "named"})
    await tell(visit, entry_id, *ways, {"operation_name": name, "step_minutes": "30"})


async def have_months(visit: Visit, entry_id: str) -> None:
    """A producer, and two months that are taken in; the last one that is over is not."""
    await rename(visit, entry_id, OPERATION)
    plant = {"name": "École", "point": "30001234567891", "role": "producer"}
    await tell(
        visit,
        entry_id,
        {"next_step_id": "participants"},
        {"next_step_id": "participant_new"},
        plant | {"first_day": "2025-01-01", "tell_place": False},
    )
    this = datetime.now(PARIS).strftime("%Y-%m")
    folder = visit.folder / "config" / "www"
    folder.mkdir()
    for ago in (3, 2):
        file = folder / f"{ago}.csv"
        file.write_bytes(curves([plant["point"], POINT], month_after(this, -ago)))
        told = {"file": str(file)}
        await visit.resident.request(
            f"/api/services/{DOMAIN}/organiser_import?return_response", told
        )


async def test_the_operation_on_a_dashboard(visit: Visit) -> None:
    """A view of its own, new when the books change; light and dark, and on a narrow phone."""
    entry_id = await organise(visit)
    await have_months(visit, entry_id)
    deadlines = {"take_in_by": 1, "check_by": 10, "publish_by": 31}
    await tell(visit, entry_id, {"next_step_id": "checklist"}, deadlines)
    strategy = {"strategy": {"type": "custom:autoconsommation"}}
    await create_dashboard(visit, strategy)
    page = visit.page
    await page.goto(f"{visit.address}/{DASHBOARD}/organised")
    card = page.locator(CARD).filter(has=page.locator("section.organised"))
    await card.wait_for()
    await expect(card.locator(".subject")).to_have_text(OPERATION)
    await expect(card.locator(".tiles dd").first).to_contain_text("2")
    await expect(card.locator("tbody tr")).to_have_count(2)
    await rename(visit, entry_id, "Boucle du pré")
    await expect(card.locator(".subject")).to_have_text("Boucle du pré")
    for size in (WIDE, NARROW):
        await page.set_viewport_size(size)
        for scheme, colour in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            await expect(card.locator("ha-card")).to_have_css("color", colour)
            assert await findings(card) == [], (scheme, size)
            name = f"organised-{visit.language}-{scheme}-{size['width']}.png"
            await page.screenshot(path=visit.folder / name)
        wider = "card => card.shadowRoot.querySelector('ha-card').scrollWidth - card.clientWidth"
        assert await card.evaluate(wider) <= 1
    text = await card.evaluate("card => card.shadowRoot.innerHTML")
    assert NAME not in text and POINT not in text
    await card.locator("a").click()
    await page.locator("ha-config-entry-row").first.wait_for()
    assert visit.complaints == []
