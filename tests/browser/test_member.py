"""A member adds the integration by its pages, and reads there what was settled."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from script.simulation.clicking import FINISH_UNNAMED, Dialog
from script.simulation.demo import DELIVERY_POINT
from script.simulation.membership import DECIMAL_SIGN
from script.simulation.newcomer import add_integration, open_integration, row
from script.simulation.organiser import Organiser, id_of, settled_month

from .conftest import HOME, Visit

LIMIT_S = 240
"""An idle machine takes a quarter of a minute; a busy one twice that for its first page."""
WRONG_INVITATION = "bonjour"
PAIRS = (
    Quantity.ALLOCATED,
    Quantity.CONSUMPTION,
    Quantity.PRODUCTION,
    Quantity.SURPLUS,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(LIMIT_S)]


async def test_from_invitation_to_settled_month(visit: Visit) -> None:
    """Through every dialog to the device page; no secret stays, nothing complains."""
    await add_integration(visit.hand, visit.address)
    await go_through_dialogs(visit)
    await visit.assert_discreet()
    await open_integration(visit.hand)
    await visit.hand.click(row(visit.hand, visit.operation))
    await assert_settled(visit)
    await visit.assert_discreet()


# The member's way


async def go_through_dialogs(visit: Visit) -> None:
    """Paste something else first, then the invitation; there is no meter to choose."""
    hand = visit.hand
    dialog = Dialog(hand, visit.texts["config"], {"operation": visit.operation})
    await dialog.fill_in("user", invitation=WRONG_INVITATION)
    await dialog.read_error("invitation_not_an_address")
    await visit.page.screenshot(path=visit.folder / "dialog.png")
    await dialog.fill_in("user", invitation=visit.invitation.text)
    await dialog.write("delivery_point", delivery_point=DELIVERY_POINT)
    assert DELIVERY_POINT in await hand.everything_shown()
    await dialog.submit()
    await dialog.fill_in("meter")
    await dialog.choose("without_meter", "finish")
    await dialog.arrive("contract")
    await dialog.tick("contract_kind", "unknown")
    await dialog.submit()
    await hand.press(FINISH_UNNAMED)
    await visit.page.get_by_role("dialog").wait_for(state="hidden")


# What is shown, and what is not


async def assert_settled(visit: Visit) -> None:
    """All settled values by name, the last month's as settled; why nothing is estimated."""
    sensors = visit.texts["entity"]["sensor"]
    for key, texts in sensors.items():
        if key.startswith("settled_"):
            await visit.hand.see(texts["name"])
    for key, wh in last_settled_wh(visit.organiser).items():
        await visit.hand.see_value(sensors[key]["name"], kwh(wh, visit.language))
    status = sensors["estimate_status"]
    await visit.hand.see_value(status["name"], status["state"]["no_meter"])


def last_settled_wh(organiser: Organiser) -> dict[str, int]:
    """The member's energies of the last settled month, by translation key."""
    month = max(month for month in organiser.months if organiser.is_settled(month))
    page = settled_month(organiser, month).pages[id_of(HOME)]
    totals = {quantity: int(page.total_wh(quantity) or 0) for quantity in PAIRS}
    allocated = totals[Quantity.ALLOCATED]
    return {
        "settled_allocated_month": allocated,
        "settled_complement_month": totals[Quantity.CONSUMPTION] - allocated,
        "settled_production_month": totals[Quantity.PRODUCTION],
        "settled_surplus_month": totals[Quantity.SURPLUS],
    }


def kwh(wh: int, language: str) -> str:
    """As a page writes an energy below 1000 kWh."""
    value = Decimal(wh).scaleb(-3).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{value} kWh".replace(".", DECIMAL_SIGN[language])
