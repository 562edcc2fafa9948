"""The card in the real frontend: every face in both languages, light and dark, on any screen."""

import asyncio
from datetime import time
import re
from typing import Literal

from playwright.async_api import Locator, expect
import pytest

from script.simulation.checks import check_log
from script.simulation.demo import DELIVERY_POINT
from script.simulation.devices import CAR, TANK
from script.simulation.membership import entities_of

from .cards import (
    CARD,
    FACES,
    PAGE,
    create_dashboard,
    findings,
    of_faces,
    see_face,
    sent_times,
    set_up,
)
from .conftest import Visit

LIMIT_S = 300
"""An idle machine takes half a minute; a busy one three times that."""
SMALLEST_PX = 44
"""Of what is touched (WCAG 2.5.5)."""
PHONE, TABLET = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TEXT_COLOUR = {"light": "rgb(20, 20, 20)", "dark": "rgb(225, 225, 225)"}
"""Of Home Assistant's own theme."""
QUARTER = 15
ENTITY = "Définitif (Enedis) : taux d'autoconsommation de l'opération"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(LIMIT_S)]


@pytest.fixture
def language() -> str:
    """French, where a test does not ask for both."""
    return "fr"


async def open_page(visit: Visit, path: str = "") -> None:
    """Open the dashboard."""
    await visit.page.goto(f"{visit.address}/{PAGE}{path}")
    await visit.page.locator(CARD).first.wait_for(state="attached")
    visit.page.set_default_timeout(30_000)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_face(visit: Visit) -> None:
    """On a phone and a tablet, light and dark: drawn, accessible, large enough to touch."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(FACES))
    await open_page(visit)
    for screen in (TABLET, PHONE):
        for scheme in SCHEMES:
            await visit.page.set_viewport_size(screen)
            await put_into(visit, scheme)
            for face in FACES:
                card = await see_face(visit, face)
                assert await findings(card) == [], (face, scheme, screen)
                assert await too_small(card) == [], (face, screen)
                await fits(card)
            name = f"{visit.language}-{scheme}-{screen['width']}.png"
            await visit.page.screenshot(path=visit.folder / name)
    word = visit.page.locator(CARD).locator(".question").first
    question = {
        "fr": "Puis-je lancer un appareil ?",
        "en": "Can I switch something on?",
    }
    await expect(word).to_have_text(question[visit.language])
    await visit.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await see_face(visit, "day")
    await visit.page.screenshot(path=visit.folder / "forced-colors.png")
    content = await visit.page.locator(CARD).evaluate_all(
        "all => all.map(one => one.shadowRoot.innerHTML).join(' ')"
    )
    secrets = {"delivery point": DELIVERY_POINT, "token": visit.invitation.token}
    assert [name for name, secret in secrets.items() if secret in content] == []
    check_log(visit.log, secrets)
    assert visit.complaints == []


async def test_in_the_picker_with_an_editor(visit: Visit) -> None:
    """Found by its name, shown as it will be; its options in a form that the card does not draw."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["now"]))
    await open_page(visit, "/0?edit=1")
    page = visit.page
    await see_face(visit, "now")
    await page.locator("hui-grid-section .add").first.click()
    dialog = page.locator("hui-dialog-create-card")
    await dialog.get_by_role("textbox").first.fill("autoconsommation")
    await dialog.get_by_text(ENTITY).first.click()
    await dialog.locator("section.operation .tiles").first.wait_for()
    await page.screenshot(path=visit.folder / "suggested.png")
    await dialog.get_by_text("Par carte").first.click()
    await dialog.get_by_role("textbox").last.fill("Autoconsommation collective")
    await dialog.locator("section.now .word").first.wait_for()
    await page.screenshot(path=visit.folder / "picker.png")
    # The preview lies below what takes the click.
    await dialog.get_by_text("Autoconsommation collective").first.click(force=True)
    editor = page.locator("hui-dialog-edit-card")
    await editor.get_by_text("Ce qu'elle montre").first.wait_for()
    for label in ("Participation", "Titre", "Sans les appareils"):
        await editor.get_by_text(label).first.wait_for()
    await page.screenshot(path=visit.folder / "editor.png")
    assert visit.complaints == []


async def test_with_the_keyboard(visit: Visit) -> None:
    """From an appliance to its deadline, moved by keys; the drawing is read by arrows."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["day"]))
    await open_page(visit)
    card, keys = await see_face(visit, "day"), visit.page.keyboard
    chart = card.get_by_role("slider").first
    await chart.focus()
    for key, step in (("End", "^23 h 30 – 0 h"), ("Home", "^0 h – 0 h 30")):
        await keys.press(key)
        await expect(chart).to_have_attribute("aria-valuetext", re.compile(step))
        await expect(chart).to_be_focused()
    head = card.get_by_role("button", name=re.compile(TANK)).first
    await head.focus()
    await keys.press("Enter")
    await expect(head).to_have_attribute("aria-expanded", "true")
    await expect(head).to_be_focused()
    await keys.press("Tab")
    handle = card.get_by_role("slider", name=f"{TANK} : prêt pour")
    await expect(handle).to_be_focused()
    at = await ready_by(visit, TANK)
    for _ in range(3):
        await keys.press("ArrowLeft")
    await wait_for_deadline(visit, TANK, moved(at, -3 * QUARTER))
    await keys.press("Tab")
    await expect(card.get_by_role("button", name="Lancer maintenant")).to_be_focused()
    await keys.press("Enter")
    await expect(card.locator(".panel p").first).to_contain_text("vous l'avez demandé")
    assert visit.complaints == []


async def test_a_deadline_is_dragged(visit: Visit) -> None:
    """With a finger or a mouse; the field beside it does the same."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["day"]))
    await open_page(visit)
    card, mouse = await see_face(visit, "day"), visit.page.mouse
    handle = card.get_by_role("slider", name=f"{CAR} : prêt pour")
    await handle.scroll_into_view_if_needed()
    box = await handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    at = await ready_by(visit, CAR)
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x - 60, y, steps=5)
    await visit.page.screenshot(path=visit.folder / "dragged.png")
    await mouse.up()
    async with asyncio.timeout(30):
        while await ready_by(visit, CAR) >= at:
            await asyncio.sleep(0.1)
    assert (await ready_by(visit, CAR)).minute % QUARTER == 0
    await card.get_by_role("button", name=re.compile(CAR)).first.click()
    await card.get_by_label(f"{CAR} : prêt pour").last.fill("07:30")
    await wait_for_deadline(visit, CAR, time(7, 30))
    assert visit.complaints == []


async def test_a_time_is_typed(visit: Visit) -> None:
    """Key by key, whatever is told meanwhile; sent once, and the next click counts."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["day"]))
    sent = sent_times(visit.page)
    await open_page(visit)
    card, keys = await see_face(visit, "day"), visit.page.keyboard
    head = card.get_by_role("button", name=re.compile(CAR)).first
    await head.click()
    field = card.get_by_label(f"{CAR} : prêt pour").last
    await field.focus()
    await keys.type("07", delay=100)
    await keys.press("Backspace")  # of the minutes: no time any more
    car = await entities_of(visit.resident, CAR)
    await visit.resident.request(
        "/api/services/switch/turn_off", {"entity_id": car["control"].entity_id}
    )
    await visit.page.wait_for_function(
        """([card, name]) => Object.values(card.known.day.loads).some(
            load => load.name === name && !load.is_controlled)""",
        arg=[await card.element_handle(), CAR],
    )
    # The letter counts where the browser, which has a language of its own, tells a.m. from p.m.
    await keys.type("30a", delay=100)
    await expect(field).to_have_value("07:30")
    await wait_for_deadline(visit, CAR, time(7, 30))
    await expect(field).to_be_focused()
    assert sent == ["07:30:00"]
    while await card.evaluate("card => card.shadowRoot.activeElement.matches('input')"):
        await keys.press("Tab")  # through the parts of the field
    await expect(head).to_contain_text("seulement observé")
    await expect(card.locator("button:focus")).to_have_count(1)
    sent.clear()
    await field.focus()
    await keys.type("0815a", delay=100)
    # A slow hand: the answer to what was typed comes while it presses.
    await card.get_by_role("button", name="Afficher en tableau").click(delay=400)
    await expect(card.locator("table")).to_be_visible()
    await wait_for_deadline(visit, CAR, time(8, 15))
    assert sent == ["08:15:00"]
    assert visit.complaints == []


async def test_escape_puts_a_deadline_back(visit: Visit) -> None:
    """While it is dragged, and after a key before it is sent: nothing of it is."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["day"]))
    sent = sent_times(visit.page)
    await open_page(visit)
    card = await see_face(visit, "day")
    mouse, keys = visit.page.mouse, visit.page.keyboard
    handle = card.get_by_role("slider", name=f"{CAR} : prêt pour")
    await handle.scroll_into_view_if_needed()
    word = await handle.inner_text()
    box = await handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    at = await ready_by(visit, CAR)
    await mouse.move(x, y)
    await mouse.down()
    await mouse.move(x - 60, y, steps=5)
    await expect(handle).not_to_have_text(word)
    await keys.press("Escape")
    await expect(handle).to_have_text(word)
    await mouse.up()
    await keys.press("ArrowLeft")
    await keys.press("Escape")
    await expect(handle).to_have_text(word)
    await keys.press("ArrowRight")
    await wait_for_deadline(visit, CAR, moved(at, QUARTER))
    assert sent == [moved(at, QUARTER).isoformat()]
    assert visit.complaints == []


async def test_months_and_year(visit: Visit) -> None:
    """Paged through, by buttons and by bars; the year beside them."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["month"]))
    await open_page(visit)
    card = await see_face(visit, "month")
    title = card.locator(".pager h3")
    last = await title.inner_text()
    await card.get_by_role("button", name="Mois précédent").click()
    await expect(title).not_to_have_text(last)
    await expect(card.get_by_role("button", name="Mois précédent")).to_be_focused()
    await card.get_by_role("button", name=re.compile(last, re.IGNORECASE)).click()
    await expect(title).to_have_text(last, ignore_case=True)
    await card.get_by_role("button", name="Année").click()
    await expect(card.locator(".sure")).to_contain_text("mois définitifs sur 12")
    await visit.page.screenshot(path=visit.folder / "year.png")
    assert visit.complaints == []


async def test_the_statement_opens_in_a_page_of_its_own(visit: Visit) -> None:
    """In the language of the card, styled, with nothing that the policy of the page refuses."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["month"]))
    await open_page(visit)
    card = await see_face(visit, "month")
    async with visit.page.context.expect_page() as opening:
        await card.get_by_role("button", name="Relevé à imprimer").click()
    page = await opening.value
    await expect(page.locator("h1")).to_contain_text("Relevé :")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    await page.reload()
    assert await page.evaluate("document.documentElement.lang") == "fr"
    collapse = "getComputedStyle(document.querySelector('table')).borderCollapse"
    assert await page.evaluate(collapse) == "collapse"
    await page.screenshot(path=visit.folder / "statement.png", full_page=True)
    assert refused == []
    assert visit.complaints == []


async def test_the_connection_is_lost(visit: Visit) -> None:
    """It is said, what was known stays; once it is back, what is new is told again."""
    await set_up(visit)
    await create_dashboard(visit, of_faces(["day"]))
    await open_page(visit)
    card = await see_face(visit, "day")
    head = card.get_by_role("button", name=re.compile(TANK)).first
    await expect(head).to_contain_text("suit le programme")
    await visit.page.evaluate(
        """() => {
            const { connection } = document.querySelector("home-assistant").hass;
            connection.suspendReconnectUntil(new Promise(resume => { window.resume = resume; }));
            connection.socket.close();
        }"""
    )
    strip = card.locator(".strip")
    await expect(strip).to_contain_text("Pas de connexion")
    await expect(card.locator(".chart svg")).to_be_visible()
    tank = await entities_of(visit.resident, TANK)
    await visit.resident.request(
        "/api/services/switch/turn_off", {"entity_id": tank["control"].entity_id}
    )
    await visit.page.evaluate("window.resume()")
    await expect(strip).to_be_hidden(timeout=60_000)
    await expect(head).to_contain_text("seulement observé")
    assert visit.complaints == []


async def test_the_dashboard_that_makes_itself(visit: Visit) -> None:
    """All faces from the member's own home; each view opens, nothing on it is broken."""
    await set_up(visit)
    config = {"strategy": {"type": "custom:autoconsommation"}}
    await create_dashboard(visit, config)
    await open_page(visit)
    for face in ("now", "day", "operation"):
        await see_face(visit, face)
    assert await broken(visit) == 0
    await visit.page.screenshot(path=visit.folder / "dashboard.png")
    await visit.page.goto(f"{visit.address}/{PAGE}/months")
    await see_face(visit, "month")
    assert await broken(visit) == 0
    assert visit.complaints == []


async def put_into(visit: Visit, scheme: Literal["light", "dark"]) -> None:
    """Have everything light or dark, and wait until the colours have come, which is slow."""
    await visit.page.emulate_media(color_scheme=scheme)
    for card in await visit.page.locator(CARD).all():
        await expect(card.locator("ha-card")).to_have_css("color", TEXT_COLOUR[scheme])


# What is looked at


async def broken(visit: Visit) -> int:
    """How many cards Home Assistant could not make."""
    return await visit.page.locator("hui-error-card, hui-warning").count()


async def too_small(card: Locator) -> list[str]:
    """What can be touched and is too small; bars, for which the pager's buttons stand, aside."""
    found: list[str] = await card.evaluate(
        """(card, least) => [...card.shadowRoot.querySelectorAll(
                "button:not(.pick), input, [role=slider]")]
            .filter(one => {
                const { width, height } = one.getBoundingClientRect();
                return width < least || height < least;
            })
            .map(one => one.outerHTML.slice(0, 120))""",
        SMALLEST_PX,
    )
    return found


async def fits(card: Locator) -> None:
    """Wait until nothing of the card lies beside it: it is drawn anew for another width."""
    handle = await card.element_handle()
    await card.page.wait_for_function(
        """card => card.shadowRoot.querySelector("ha-card").scrollWidth
            <= card.getBoundingClientRect().width + 1""",
        arg=handle,
    )


async def ready_by(visit: Visit, load: str) -> time:
    """When a load must be ready, as its entity shows it."""
    shown = await entities_of(visit.resident, load)
    return time.fromisoformat(shown["ready_by"].state)


async def wait_for_deadline(visit: Visit, load: str, wanted: time) -> None:
    """Wait until Home Assistant has been told."""
    async with asyncio.timeout(30):
        while await ready_by(visit, load) != wanted:
            await asyncio.sleep(0.1)


def moved(at: time, minutes: int) -> time:
    """A time of the day so many minutes later."""
    total = 60 * at.hour + at.minute + minutes
    return time(total // 60, total % 60)
