"""A member adds the integration by its pages, and reads there what was settled."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from custom_components.autoconsommation_collective.engine.model import Quality
from script.simulation.clicking import FINISH_UNNAMED, Dialog
from script.simulation.demo import DELIVERY_POINT
from script.simulation.feed_documents import Publication, settled_month
from script.simulation.membership import DECIMAL_SIGN
from script.simulation.newcomer import add_integration, open_integration, row

from .conftest import HOME, Visit

LIMIT_S = 240
"""An idle machine takes a quarter of a minute; a busy one twice that for its first page."""
WRONG_INVITATION = "bonjour"

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
    for key, wh in last_settled_wh(visit.publication).items():
        await visit.hand.see_value(sensors[key]["name"], kwh(wh, visit.language))
    status = sensors["estimate_status"]
    await visit.hand.see_value(status["name"], status["state"]["no_meter"])


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
