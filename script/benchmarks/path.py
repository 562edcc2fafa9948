"""How far a new member is from the first settled kWh, and from the first load that follows the plan.

Clicked through by a robot in a real browser, with a Linky that is found by itself. Clicks and
typed fields are those of a person; the seconds are the robot's, which neither reads nor thinks.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
import json
import os
from pathlib import Path
import sys
import tempfile
import time
from typing import Final

from script.simulation.clicking import CONFIRM, Hand
from script.simulation.demo import Stage, before_setup
from script.simulation.house import COMPONENTS
from script.simulation.membership import DOMAIN
from script.simulation.newcomer import (
    RELAY,
    add_integration,
    add_tank,
    answer,
    follow_plan,
    open_integration,
    row,
)
from script.simulation.screenshot import logged_in_page
from script.simulation.village import OPERATIONS

from . import print_table

LANGUAGE: Final = "fr"
TEXTS: Final = COMPONENTS / DOMAIN / "translations" / f"{LANGUAGE}.json"


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the way, and what it took."""

    n_clicks: int
    n_typed: int
    seconds: float


async def to_settled_kwh(hand: Hand, stage: Stage) -> None:
    """From the page that the link opens to the member's last settled month."""
    await add_integration(hand, stage.resident.address)
    await answer(hand, stage)
    await open_integration(hand)
    await hand.click(row(hand, stage.organiser.village.name))
    name = hand.texts["entity"]["sensor"]["settled_allocated_month"]["name"]
    await hand.see_value(name, "kWh")


async def to_first_load(hand: Hand) -> None:
    """On to a water heater that follows the plan."""
    await open_integration(hand)
    tank = await add_tank(hand, RELAY)
    await hand.click(row(hand, tank))
    await follow_plan(hand)


async def measured(hand: Hand, walk: Awaitable[None]) -> Leg:
    """Go, and count."""
    n_clicks, n_typed, start = hand.n_clicks, hand.n_typed, time.monotonic()
    await walk
    return Leg(
        hand.n_clicks - n_clicks,
        hand.n_typed - n_typed,
        time.monotonic() - start,
    )


async def legs(chromium: str, folder: Path) -> tuple[Leg, Leg]:
    """Both parts of the way, once the frontend has been seen before."""
    village = next(iter(OPERATIONS.values()))()
    async with (
        before_setup(village, LANGUAGE, folder) as stage,
        logged_in_page(stage.resident, LANGUAGE, chromium) as page,
    ):
        hand = Hand(page, json.loads(TEXTS.read_text()))
        await page.goto(f"{stage.resident.address}/config/integrations")
        await hand.word(CONFIRM)
        return (
            await measured(hand, to_settled_kwh(hand, stage)),
            await measured(hand, to_first_load(hand)),
        )


def main() -> None:
    """Walk once and print."""
    if not (chromium := os.environ.get("CHROMIUM")):
        sys.exit("path: not measured, as CHROMIUM names no browser")
    with tempfile.TemporaryDirectory() as folder:
        settled, load = asyncio.run(legs(chromium, Path(folder)))
    print_table(
        [
            ("", "clicks", "fields typed", "robot's seconds"),
            *(
                (name, str(leg.n_clicks), str(leg.n_typed), f"{leg.seconds:.0f}")
                for name, leg in (
                    ("from the link to the first settled kWh", settled),
                    ("on to the first load that follows the plan", load),
                )
            ),
        ]
    )


if __name__ == "__main__":
    main()
