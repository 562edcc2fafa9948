"""Pages as somebody sees them, in a headless Chromium."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import time

from playwright.async_api import Error, Page, async_playwright

from .errors import DemoError
from .resident import Resident

WIDTH, HEIGHT = 1100, 1700
"""The whole page of the device without scrolling."""
LOAD_LIMIT_MS = 90_000
"""A small machine without a graphics card takes half a minute for the first page."""
SETTLE_MS = 2_000
"""Icons and graphs appear a moment after the texts."""

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Runs as root and without a screen, and talks to nobody but the demonstration."""


async def take_screenshot(
    resident: Resident, page_path: str, texts: list[str], language: str, path: Path
) -> None:
    """Save a page of the frontend once all the texts stand on it."""
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        raise DemoError("no screenshot: there is no Chromium on this machine")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        async with logged_in_page(resident, language, chromium) as page:
            await page.goto(f"{resident.address}{page_path}")
            for text in texts:
                await page.get_by_text(text).first.wait_for()
            await page.wait_for_timeout(SETTLE_MS)
            await page.screenshot(path=path)
    except Error as err:
        raise DemoError(f"no screenshot: {err.message.splitlines()[0]}") from err


@asynccontextmanager
async def logged_in_page(
    resident: Resident, language: str, chromium: str
) -> AsyncIterator[Page]:
    """A page that is still empty; what it opens, it opens as this user."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(OPTIONS)
        )
        try:
            page = await browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, locale=language
            )
            page.set_default_timeout(LOAD_LIMIT_MS)
            await page.add_init_script(_logged_in(resident, language))
            yield page
        finally:
            await browser.close()


def _logged_in(resident: Resident, language: str) -> str:
    """Script that leaves the user's tokens where the frontend looks for them."""
    tokens = resident.tokens | {
        "hassUrl": resident.address,
        "clientId": f"{resident.address}/",
        "expires": (time.time() + resident.tokens["expires_in"]) * 1000,
    }
    return (
        f"localStorage.setItem('hassTokens', {json.dumps(json.dumps(tokens))});"
        f"localStorage.setItem('selectedLanguage', {json.dumps(json.dumps(language))});"
    )
