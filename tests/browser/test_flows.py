"""A member adds a load, changes and removes it, tells more under Configure, and mends a repair."""

import re

from playwright.async_api import expect
import pytest

from script.simulation.clicking import (
    CLOSE,
    CONFIGURE,
    CONFIRM,
    DELETE,
    FINISH,
    MENU,
    Dialog,
)
from script.simulation.devices import wait_until_planned
from script.simulation.membership import entities_of
from script.simulation.newcomer import (
    PAGE,
    POWER,
    RELAY,
    STEP_LIMIT_MS,
    add_tank,
    follow_plan,
    row,
)

from .cards import join
from .conftest import Visit

LIMIT_S = 240
"""An idle machine takes a quarter of a minute; a busy one twice that for its first page."""
OTHER_RELAY = "Relais de la cave"
SMALLER_L = "150"
LAST_DAY = "15"
"""Of the month that is shown."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(LIMIT_S)]


async def test_a_load_from_its_first_day_to_its_last(visit: Visit) -> None:
    """Added, followed, its relay gone and replaced, changed and removed: through the pages."""
    await join(visit)
    relay = await visit.resident.ask("input_boolean/create", name=OTHER_RELAY)
    await open_integration(visit)
    tank = await add_tank(visit.hand, OTHER_RELAY)
    await visit.hand.click(row(visit.hand, tank))
    await assert_planned(visit, tank)
    await follow_plan(visit.hand)
    await visit.page.screenshot(path=visit.folder / "load.png")
    await visit.assert_discreet()

    await visit.resident.ask("input_boolean/delete", input_boolean_id=relay["id"])
    await read_repair(visit, "load_missing", tank)
    await change_tank(visit)
    await visit.hand.open(f"{visit.address}/config/repairs")
    await visit.hand.see(await visit.hand.word("ui.panel.config.repairs.no_repairs"))

    await assert_changed(visit)
    await remove(visit, tank)
    assert await entities_of(visit.resident, tank) == {}
    await visit.assert_discreet()


async def test_what_is_told_later(visit: Visit) -> None:
    """Contract, power and leaving: wrong answers are explained, right ones are kept."""
    await join(visit)
    await open_integration(visit)
    await tell_contract(visit)
    await tell_power(visit)
    await tell_leaving(visit)
    await visit.assert_discreet()


# The load


async def open_integration(visit: Visit) -> None:
    """Open the integration's page by its address."""
    await visit.hand.open(f"{visit.address}{PAGE}")
    await row(visit.hand, visit.operation).wait_for()
    visit.page.set_default_timeout(STEP_LIMIT_MS)


async def assert_planned(visit: Visit, tank: str) -> None:
    """Its device says how it is, what is planned, and why."""
    load = await wait_until_planned(visit.resident, tank)
    sensors = visit.texts["entity"]["sensor"]
    status = sensors["load_status"]
    state = status["state"][load["load_status"].state]
    await visit.hand.see_value(status["name"], state)
    reason = load["load_reason"].state
    await visit.hand.see_value(sensors["load_reason"]["name"], reason)
    await visit.hand.see(sensors["run_start"]["name"])


async def change_tank(visit: Visit) -> None:
    """Read that the relay is gone, take the other one, and another volume."""
    dialog = await open_tank(visit)
    await dialog.read_error("entity_gone")
    await dialog.pick("water_heater", "actuator", RELAY)
    await dialog.fill_in("water_heater", volume_l=SMALLER_L)
    await visit.page.screenshot(path=visit.folder / "changed.png")
    await dialog.fill_in("board")
    await dialog.read_end("reconfigure_successful")
    await visit.hand.press(CLOSE, visit.page.locator("ha-dialog-footer"))


async def assert_changed(visit: Visit) -> None:
    """What was changed stands in the form when it is opened again."""
    dialog = await open_tank(visit)
    await expect(dialog.box("water_heater", "volume_l")).to_have_value(SMALLER_L)
    await visit.hand.press(CLOSE)


async def open_tank(visit: Visit) -> Dialog:
    """Open the form of the load on the integration's page."""
    await open_integration(visit)
    texts = visit.texts["config_subentries"]["load"]
    change = texts["initiate_flow"]["reconfigure"]
    head = visit.page.locator("ha-config-sub-entry-row .sub-entry")
    await visit.hand.click(head.get_by_role("button", name=change))
    dialog = Dialog(visit.hand, texts, {})
    await dialog.arrive("water_heater")
    return dialog


async def remove(visit: Visit, name: str) -> None:
    """Remove a load on the integration's page."""
    load = visit.page.locator("ha-config-sub-entry-row").filter(has_text=name)
    head = load.locator(".sub-entry")
    await visit.hand.press(MENU, head)
    delete = await visit.hand.word(DELETE)
    await visit.hand.click(head.get_by_role("menuitem", name=delete))
    await visit.hand.press(DELETE)
    await load.wait_for(state="detached")


async def read_repair(visit: Visit, key: str, name: str) -> None:
    """Read a repair about the load, in the list and by itself, and close it."""
    await visit.hand.open(f"{visit.address}/config/repairs")
    texts = visit.texts["issues"][key]
    title = texts["title"].format(name=name)
    await visit.hand.click(visit.page.get_by_text(title, exact=True))
    await visit.hand.see(texts["description"].format(name=name))
    await visit.page.screenshot(path=visit.folder / "repair.png")
    await visit.page.keyboard.press("Escape")


# The options


async def open_option(visit: Visit, option: str) -> Dialog:
    """Open what may be told later, and choose."""
    dialog = Dialog(visit.hand, visit.texts["options"], {})
    entry = visit.page.locator("ha-config-entry-row")
    await visit.hand.press(CONFIGURE, entry)
    await dialog.choose("init", option)
    return dialog


async def finish(visit: Visit, picture: str) -> None:
    """Close what says that it is kept."""
    await visit.page.screenshot(path=visit.folder / f"{picture}.png")
    await visit.hand.press(FINISH)
    await visit.page.get_by_role("dialog").wait_for(state="hidden")


async def tell_contract(visit: Visit) -> None:
    """Off-peak hours no clock shows, then those of the bill."""
    dialog = await open_option(visit, "contract")
    await dialog.fill_in("contract")
    await dialog.fill_in("contract_off_peak", off_peak_hours="25:00-06:30")
    await dialog.read_error("hours_no_time")
    await visit.page.screenshot(path=visit.folder / "contract.png")
    await dialog.fill_in("contract_off_peak", off_peak_hours="23:00-07:00")
    await finish(visit, "contract-end")


async def tell_power(visit: Visit) -> None:
    """A sensor of energy, then one of power without what is subscribed, then all of it."""
    dialog = await open_option(visit, "power")
    await dialog.arrive("power")
    energy = visit.texts["entity"]["sensor"]["settled_allocated_month"]["name"]
    await dialog.pick("power", "live_power", energy)
    await dialog.submit()
    await dialog.read_error("live_power_unit")
    await visit.page.screenshot(path=visit.folder / "power.png")
    await dialog.pick("power", "live_power", POWER)
    await dialog.submit()
    await dialog.read_error("subscribed_power_needed")
    await dialog.fill_in("power", subscribed_power_kva="6")
    await finish(visit, "power-end")
    dialog = await open_option(visit, "power")
    await expect(dialog.box("power", "subscribed_power_kva")).to_have_value("6")
    await visit.hand.press(CLOSE)


async def tell_leaving(visit: Visit) -> None:
    """The last day as a member."""
    dialog = await open_option(visit, "membership")
    await dialog.arrive("membership")
    await visit.hand.click(visit.page.locator("ha-date-input"))
    await visit.hand.click(visit.page.get_by_text(LAST_DAY, exact=True))
    await visit.page.screenshot(path=visit.folder / "membership.png")
    await visit.hand.press(CONFIRM)
    await dialog.submit()
    await finish(visit, "membership-end")
    dialog = await open_option(visit, "membership")
    left = visit.page.locator("ha-date-input").get_by_role("textbox")
    await expect(left).to_have_value(re.compile(LAST_DAY))
    await visit.hand.press(CLOSE)
