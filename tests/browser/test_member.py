"""A member adds the integration by its pages, and reads there what was settled."""

from decimal import ROUND_HALF_UP, Decimal
import json
import re

from playwright.async_api import Page
import pytest

from custom_components.autoconsommation_collective.engine.model import Quality
from script.simulation.checks import check_log
from script.simulation.demo import DELIVERY_POINT
from script.simulation.feed_documents import Publication, settled_month
from script.simulation.house import COMPONENTS
from script.simulation.membership import DECIMAL_SIGN, DOMAIN

from .conftest import HOME, Visit

LIMIT_S = 240
"""An idle machine takes a quarter of a minute; a busy one twice that for its first page."""
STEP_LIMIT_MS = 30_000
"""For what follows the first page: mostly the setup of the integration."""
MANIFEST = COMPONENTS / DOMAIN / "manifest.json"
WRONG_INVITATION = "bonjour"
FINISH = "ui.panel.config.integrations.config_flow.finish_skip"
SUBMIT = "ui.panel.config.integrations.config_flow.submit"
CONFIRM = "ui.common.ok"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(LIMIT_S)]


async def test_from_invitation_to_settled_month(visit: Visit) -> None:
    """Through every dialog to the device page; no secret stays, nothing complains."""
    secrets = {"delivery point": DELIVERY_POINT, "token": visit.invitation.token}
    await add_integration(visit)
    await go_through_dialogs(visit)
    await assert_absent(visit.page, secrets)
    await open_device(visit)
    await assert_settled(visit)
    await assert_absent(visit.page, secrets)
    check_log(visit.log, secrets)
    assert visit.complaints == []


# The member's way


async def add_integration(visit: Visit) -> None:
    """Follow the link that opens the dialog, and say yes."""
    path = f"/config/integrations/dashboard/add?domain={DOMAIN}"
    await visit.page.goto(f"{visit.address}{path}")
    await visit.page.get_by_role("dialog").wait_for()
    visit.page.set_default_timeout(STEP_LIMIT_MS)
    await press(visit.page, CONFIRM)


async def go_through_dialogs(visit: Visit) -> None:
    """Paste something else first, then the invitation; there is no meter to choose."""
    errors = visit.texts["config"]["error"]
    await choose(visit, "user", "invitation")
    await fill_in(visit, "invitation", WRONG_INVITATION)
    await see(visit.page, errors["invitation_not_an_address"])
    await visit.page.screenshot(path=visit.folder / "dialog.png")
    await fill_in(visit, "invitation", visit.invitation.text)
    await fill_in(visit, "delivery_point", DELIVERY_POINT)
    await arrive(visit, "meter")
    await press(visit.page, SUBMIT)
    await choose(visit, "without_meter", "finish")
    await arrive(visit, "contract")
    unknown = visit.texts["selector"]["contract_kind"]["options"]["unknown"]
    await visit.page.get_by_text(unknown, exact=True).click()
    await press(visit.page, SUBMIT)
    await press(visit.page, FINISH)
    await visit.page.get_by_role("dialog").wait_for(state="hidden")


async def open_device(visit: Visit) -> None:
    """Open the integration, then its only device, which bears the operation's name."""
    integration = json.loads(MANIFEST.read_text())["name"]
    await visit.page.get_by_role("link", name=integration).click()
    device = visit.publication.village.name
    await visit.page.get_by_role("button", name=device).click()


# What a step is made of


async def arrive(visit: Visit, step: str) -> None:
    """Read the title of a step and what it explains."""
    texts = visit.texts["config"]["step"][step]
    await see(visit.page, texts["title"])
    operation = visit.publication.village.name
    for paragraph in texts["description"].format(operation=operation).split("\n\n"):
        await see(visit.page, paragraph)


async def choose(visit: Visit, step: str, option: str) -> None:
    """Take one way of a menu."""
    await arrive(visit, step)
    label = visit.texts["config"]["step"][step]["menu_options"][option]
    await visit.page.get_by_text(label, exact=True).click()


async def fill_in(visit: Visit, step: str, value: str) -> None:
    """Answer the only question of a step, which is named like it."""
    await arrive(visit, step)
    label = visit.texts["config"]["step"][step]["data"][step]
    await visit.page.get_by_role("textbox", name=label).fill(value)
    assert value in await everything_on(visit.page)
    await press(visit.page, SUBMIT)


async def press(page: Page, key: str) -> None:
    """Press a button of Home Assistant's own, by the word its frontend has for it."""
    word = await page.evaluate(
        "key => document.querySelector('home-assistant').hass.localize(key)", key
    )
    await page.get_by_role("button", name=word, exact=True).click()


async def see(page: Page, text: str) -> None:
    """Wait for a text."""
    await page.get_by_text(text, exact=True).wait_for()


# What is shown, and what is not


async def assert_settled(visit: Visit) -> None:
    """All settled values by name, the last month's as settled; why nothing is estimated."""
    sensors = visit.texts["entity"]["sensor"]
    for key, texts in sensors.items():
        if key.startswith("settled_"):
            await see(visit.page, texts["name"])
    for key, wh in last_settled_wh(visit.publication).items():
        await see_value(visit.page, sensors[key]["name"], kwh(wh, visit.language))
    status = sensors["estimate_status"]
    await see_value(visit.page, status["name"], status["state"]["no_meter"])


async def see_value(page: Page, name: str, value: str) -> None:
    """Wait for a value beside a name, not as the end of a longer value."""
    pattern = r"\b" + r"\s+".join(re.escape(word) for word in value.split())
    row = page.locator("hui-generic-entity-row").filter(
        has=page.get_by_text(name, exact=True)
    )
    await row.filter(has_text=re.compile(pattern)).wait_for()


def last_settled_wh(publication: Publication) -> dict[str, int]:
    """The member's energies of the last settled month, by translation key."""
    month = max(
        month
        for month in publication.months
        if publication.quality(month) is Quality.SETTLED
    )
    _, settlement = settled_month(publication, month)
    energies = {
        "settled_allocated_month": settlement.allocated,
        "settled_complement_month": settlement.consumption - settlement.allocated,
        "settled_production_month": settlement.production,
        "settled_surplus_month": settlement.surplus,
    }
    return {key: int(energy[:, HOME].sum()) for key, energy in energies.items()}


def kwh(wh: int, language: str) -> str:
    """As a page writes an energy below 1000 kWh."""
    value = Decimal(wh).scaleb(-3).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{value} kWh".replace(".", DECIMAL_SIGN[language])


async def assert_absent(page: Page, secrets: dict[str, str]) -> None:
    """No secret stands on the page, seen or unseen."""
    content = await everything_on(page)
    assert [name for name, secret in secrets.items() if secret in content] == []


async def everything_on(page: Page) -> str:
    """The source of the page with all its shadow roots, and what its fields hold."""
    content: str = await page.locator("*").evaluate_all(
        "all => all.flatMap(one => [one.outerHTML, one.shadowRoot?.innerHTML, one.value])"
        ".join(' ')"
    )
    return content
