"""What a new member clicks: from the link that adds the integration to the first load."""

import json
from typing import Final

from playwright.async_api import Locator, expect

from .clicking import CONFIRM, FINISH, FINISH_UNNAMED, Dialog, Hand
from .demo import DELIVERY_POINT, Stage
from .house import COMPONENTS
from .linky import OFF_PEAK_HOURS
from .membership import DOMAIN

STEP_LIMIT_MS: Final = 30_000
"""For what follows the first page: mostly the setup of the integration."""
LINK: Final = f"/config/integrations/dashboard/add?domain={DOMAIN}"
"""Where the link of the README leads."""
PAGE: Final = f"/config/integrations/integration/{DOMAIN}"
"""The integration's own."""
MANIFEST: Final = COMPONENTS / DOMAIN / "manifest.json"
RELAY: Final = "Relais du chauffe-eau"
POWER: Final = "Puissance du chauffe-eau"
"""Of the demonstration's water heater, as Home Assistant shows them."""


async def add_integration(hand: Hand, address: str) -> None:
    """Follow the link that opens the dialog, and say yes."""
    await hand.open(f"{address}{LINK}")
    await hand.page.get_by_role("dialog").wait_for()
    hand.page.set_default_timeout(STEP_LIMIT_MS)
    await hand.press(CONFIRM)


async def answer(hand: Hand, stage: Stage) -> None:
    """Give what is personal, and take all else as it is suggested."""
    operation = {"operation": stage.organiser.village.name}
    dialog = Dialog(hand, hand.texts["config"], operation)
    await dialog.fill_in("user", invitation=stage.invitation.text)
    await dialog.fill_in("delivery_point", delivery_point=DELIVERY_POINT)
    await dialog.fill_in("meter")
    await dialog.fill_in("contract")
    await dialog.fill_in("contract_off_peak", off_peak_hours=OFF_PEAK_HOURS)
    await hand.press(FINISH_UNNAMED)
    await hand.page.get_by_role("dialog").wait_for(state="hidden")


async def open_integration(hand: Hand) -> None:
    """From the list of integrations, or back from a device."""
    name = json.loads(MANIFEST.read_text())["name"]
    await hand.click(hand.page.get_by_role("link", name=name))


def row(hand: Hand, name: str) -> Locator:
    """A device in the integration's list."""
    rows = hand.page.locator("ha-config-entry-device-row")
    return rows.filter(has=hand.page.get_by_text(name, exact=True))


async def add_tank(hand: Hand, relay: str) -> str:
    """Describe the water heater on the integration's page, behind that relay; its name."""
    texts = hand.texts["config_subentries"]["load"]
    dialog = Dialog(hand, texts, {})
    add = hand.page.get_by_role("button", name=texts["initiate_flow"]["user"])
    await hand.click(add)
    await dialog.choose("user", "water_heater")
    await dialog.arrive("water_heater")
    await dialog.pick("water_heater", "actuator", relay)
    await dialog.pick("water_heater", "power_sensor", POWER)
    await dialog.submit()
    await dialog.arrive("board")
    await dialog.tick("wiring", "replaces")
    await dialog.tick("when_down", "on")
    await dialog.submit()
    await hand.press(FINISH)
    name: str = texts["step"]["user"]["menu_options"]["water_heater"]
    return name


async def follow_plan(hand: Hand) -> None:
    """Let the plan switch the load whose device is shown, and see that it does."""
    name = hand.texts["entity"]["switch"]["control"]["name"]
    rows = hand.page.locator("hui-toggle-entity-row")
    control = rows.filter(has=hand.page.get_by_text(name, exact=True))
    await hand.click(control.locator("ha-switch"))
    await expect(control.get_by_role("switch")).to_be_checked()
