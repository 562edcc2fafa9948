"""Pictures of the organiser's side: what a month's file comes to, and the menu of the month.

python -m script.simulation.organiser_pictures FOLDER saves `organiser_month` and
`organiser_menu` into it, in English and French.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Page

from . import house
from .archive import PASSWORD, archive
from .clicking import CLOSE, CONFIGURE, Dialog, Hand
from .deliveries import OTHER_POINT
from .desk import Desk, organising
from .newcomer import PAGE
from .organiser import Organiser, delivered
from .screenshot import SETTLE_MS, logged_in_page
from .village import found_village

DAYS: Final = {"take_in_by": 25, "check_by": 28, "publish_by": 28, "bills_by": 31}
"""Late in the month, so that the list is not late on most days on which it is pictured."""


def sent() -> bytes:
    """The last settled month, with a home of which the organiser's list knows nothing."""
    organiser = Organiser(found_village(), datetime.now(UTC))
    month = [m for m in organiser.months if organiser.is_settled(m)][-1]
    curves = delivered(organiser, month)
    return archive((*curves, replace(curves[-1], point=OTHER_POINT)), PASSWORD)


async def _save(folder: Path, language: str) -> None:
    """Take the month in by hand; a picture of what it comes to, and of the menu after it."""
    with TemporaryDirectory() as place:
        file = Path(place) / "mois.zip"
        file.write_bytes(sent())
        async with (
            organising(Path(place) / "config", found_village(), language) as desk,
            logged_in_page(desk.resident, language, os.environ["CHROMIUM"]) as page,
        ):
            await desk.tell_days(DAYS)
            hand = Hand(page, house.texts(language))
            dialog = Dialog(hand, hand.texts["options"], {})
            await _open(desk, hand)
            await hand.click(page.get_by_text(_way(hand)))
            await hand.see(_title(hand, "month"))
            await page.locator("ha-file-upload input").set_input_files(file)
            await hand.type(dialog.box("month", "password"), PASSWORD)
            await dialog.submit()
            await hand.see(_title(hand, "month_confirm"))
            await _picture(page, folder / f"organiser_month.{language}.png")
            await dialog.submit()
            await hand.press(CLOSE, page.locator("ha-dialog-footer"))
            await _open(desk, hand)
            await _picture(page, folder / f"organiser_menu.{language}.png")


async def _open(desk: Desk, hand: Hand) -> None:
    """Press Configure, as far as the menu."""
    await hand.open(f"{desk.resident.address}{PAGE}")
    await hand.press(CONFIGURE, hand.page.locator("ha-config-entry-row"))
    await hand.see(_way(hand))


def _way(hand: Hand) -> str:
    """The menu's words for a month."""
    way: str = hand.texts["options"]["step"]["organiser"]["menu_options"]["month"]
    return way


def _title(hand: Hand, step: str) -> str:
    title: str = hand.texts["options"]["step"][step]["title"]
    return title


async def _picture(page: Page, path: Path) -> None:
    """Save the dialog alone."""
    await page.wait_for_timeout(SETTLE_MS)
    await page.get_by_role("dialog").screenshot(path=path)


async def _save_all(folder: Path) -> None:
    for language in ("en", "fr"):
        await _save(folder, language)


if __name__ == "__main__":
    asyncio.run(_save_all(Path(sys.argv[1])))
