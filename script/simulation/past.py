"""The months before those that are published: taken in from a file of each kind, and from a bill."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from custom_components.autoconsommation_collective.engine.indicators import WH_PER_KWH

from .deliveries import KINDS, HandedOver, Month, month_of
from .errors import DemoError
from .membership import DOMAIN
from .organiser import Organiser, id_of, settled_month
from .resident import Resident

type Settled = Mapping[str, tuple[int, int]]
"""By month what was allocated and what the supplier delivered, in Wh."""


async def take_in(
    resident: Resident,
    entry_id: str,
    organiser: Organiser,
    home: int,
    point: str,
    folder: Path,
) -> Settled:
    """Take in a month of each kind; what then has to stand. DemoError where one is not kept."""
    found: dict[str, tuple[int, int]] = {}
    for first, kind in zip(_months(organiser), KINDS, strict=True):
        page = settled_month(organiser, first).pages[id_of(home)]
        month = month_of(page, point)
        handed_over = await asyncio.to_thread(kind, month)
        await _take_in(resident, entry_id, handed_over, folder)
        found[page.month] = _expected(month, handed_over)
    return found


def first_day(organiser: Organiser) -> date:
    """The first day that is taken in."""
    return _months(organiser)[0]


def _months(organiser: Organiser) -> list[date]:
    """First days of as many months as there are kinds, before those of the feed."""
    firsts = [organiser.months[0]]
    while len(firsts) <= len(KINDS):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[:0:-1]


async def _take_in(
    resident: Resident, entry_id: str, handed_over: HandedOver, folder: Path
) -> None:
    action, told = "import_bill", {**(handed_over.bill or {})}
    if handed_over.bill is None:
        file = folder / handed_over.name
        await asyncio.to_thread(file.write_bytes, handed_over.body)
        action, told = "import_settlement", {"file": str(file)}
    answer = await resident.request(
        f"/api/services/{DOMAIN}/{action}?return_response",
        {"config_entry": entry_id, **told},
    )
    if not answer["service_response"]["months"]:
        raise DemoError(f"nothing was taken in of {handed_over.name}")


def _expected(month: Month, handed_over: HandedOver) -> tuple[int, int]:
    consumption, allocated = month.totals
    if handed_over.in_kwh:
        consumption, allocated = (
            round(wh / WH_PER_KWH) * WH_PER_KWH for wh in (consumption, allocated)
        )
    return allocated, consumption - allocated
