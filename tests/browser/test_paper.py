"""An organiser's papers as a browser prints them: each on its sheet, readable by everybody."""

from collections.abc import AsyncIterator
from datetime import date
import re

from playwright.async_api import Page, async_playwright
import pytest

from custom_components.autoconsommation_collective.adapters.indicator_paper import (
    indicator_paper,
)
from custom_components.autoconsommation_collective.adapters.paper import Words
from custom_components.autoconsommation_collective.adapters.statement_paper import (
    statement_paper,
)
from custom_components.autoconsommation_collective.adapters.weekly_paper import (
    Home,
    weekly_paper,
)
from custom_components.autoconsommation_collective.engine.bills import Line
from custom_components.autoconsommation_collective.engine.weekly_sheet import (
    UsualSurplus,
)
from script.simulation.screenshot import OPTIONS
from tests.ha.test_paper import Quality as Basis, month, statement, words_in

from .cards import AXE, BAD

TODAY = date(2026, 11, 27)
OPERATION = "Soleil partagé du Boischaut et des communes voisines"
SURPLUS = (0.0,) * 8 + (1.0, 3.0, 6.0, 8.0, 9.0, 9.0, 8.0, 6.0, 3.0, 1.0) + (0.0,) * 6
USUAL = [UsualSurplus(False, SURPLUS, 60), UsualSurplus(True, SURPLUS, 24)]
SEASON = ["2025-10", "2025-11", "2025-12"]
HOMES = [Home(f"Marie-Antoinette de La Châtre {n}", n / 30) for n in range(30)]
NAMES = {"a": "Anna"} | {f"p{n}": f"Famille Dupont-Durand {n}" for n in range(17)}
LINES = tuple(Line("a", f"p{n}", 12_345.0, 123) for n in range(17))
A4 = b"0 0 594.95996 841.91998"
"""In points, as Chromium writes it."""
MONTHS = [f"{year}-{number:02}" for year in (2026,) for number in range(1, 13)]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def paper(kind: str, words: Words) -> str:
    """One of them, as long as it gets."""
    if kind == "weekly":
        return weekly_paper(words, OPERATION, SEASON, USUAL, HOMES, TODAY)
    if kind == "statements":
        one = statement(owes=LINES, served_first_wh=9.0, production_wh=None)
        return statement_paper(words, OPERATION, [one] * 3, NAMES, TODAY)
    known = {name: month(Basis.PROVISIONAL) for name in MONTHS}
    return indicator_paper(words, OPERATION, known, TODAY)


@pytest.fixture
async def page(chromium: str, socket_enabled: None) -> AsyncIterator[Page]:
    """Empty; it fails what a paper would fetch."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(OPTIONS)
        )
        page = await browser.new_page()
        yield page
        await browser.close()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("kind", "n_sheets"), [("weekly", 30), ("statements", 3), ("indicators", 1)]
)
async def test_each_paper_fits_its_sheet(
    page: Page, kind: str, n_sheets: int, language: str
) -> None:
    """A4, nothing is fetched, and whoever hears it read understands it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.set_content(paper(kind, words_in(language)))
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == n_sheets
    assert set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)) == {A4}
    assert asked == []
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("axe.run()")
    assert [one["id"] for one in found["violations"] if one["impact"] in BAD] == []
