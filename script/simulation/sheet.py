"""Pictures of a printed sheet: the usual good hours of the school's operation, for one home.

python -m script.simulation.sheet FOLDER saves `sheet.en.png` and `sheet.fr.png` into it.
"""

import asyncio
from datetime import UTC, datetime
import os
from pathlib import Path
import sys
from typing import Final

from playwright.async_api import ViewportSize, async_playwright

from custom_components.autoconsommation_collective.adapters.paper import Words
from custom_components.autoconsommation_collective.adapters.weekly_paper import (
    Home,
    weekly_paper,
)
from custom_components.autoconsommation_collective.engine.weekly_sheet import (
    season_of,
    usual_surplus,
)

from . import house
from .organiser import Organiser, settled_month
from .screenshot import OPTIONS
from .village import TIME_ZONE, found_school

NOW: Final = datetime(2026, 9, 4, 8, tzinfo=UTC)
"""After a summer, of which much is usual."""
SHEET: Final[ViewportSize] = {"width": 794, "height": 1123}
"""A4 at 96 dots an inch."""
MARGIN: Final = "<style>body { padding: 15mm; }</style>"
"""A screen leaves none of its own."""
PREFIX: Final = "paper_"


def sheet(language: str) -> str:
    """The page in a language."""
    organiser = Organiser(found_school(), NOW)
    pages = {
        f"{month:%Y-%m}": page
        for month in organiser.months
        if (page := settled_month(organiser, month).community)
    }
    months = season_of(tuple(pages), f"{NOW:%Y-%m}")
    blocks = [block for month in months for block in pages[month].blocks]
    home = Home("Camille", 0.4)
    usual = usual_surplus(blocks, TIME_ZONE)
    name, today = organiser.village.name, organiser.today
    return weekly_paper(_words(language), name, months, usual, [home], today)


def _words(language: str) -> Words:
    texts = house.texts(language)["common"]
    return Words(
        language,
        {
            key.removeprefix(PREFIX): text
            for key, text in texts.items()
            if key.startswith(PREFIX)
        },
    )


async def _save(folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=list(OPTIONS)
        )
        for language in ("en", "fr"):
            page = await browser.new_page(viewport=SHEET)
            await page.set_content(sheet(language) + MARGIN)
            await page.screenshot(path=folder / f"sheet.{language}.png")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_save(Path(sys.argv[1])))
