"""The demonstration's dashboard, as the integration's own strategy makes it: opened first."""

import os
from pathlib import Path
from typing import Final

from playwright.async_api import ConsoleMessage, Error

from .errors import DemoError
from .membership import DOMAIN
from .resident import Resident
from .screenshot import SETTLE_MS, logged_in_page

PATH: Final = "energie-partagee"
VIEWS: Final = {
    "now": ("section.now .word", "section.day .chart svg", "section.operation .tiles"),
    "months": ("section.month .tiles",),
}
"""By view, what its faces show once they know something."""


async def create_dashboard(resident: Resident) -> None:
    """Add it as with one click, and make it what everybody sees first."""
    await resident.ask(
        "lovelace/dashboards/create",
        url_path=PATH,
        title="Énergie partagée",
        icon="mdi:home-group",
        mode="storage",
        require_admin=False,
        show_in_sidebar=True,
    )
    await resident.ask(
        "lovelace/config/save",
        url_path=PATH,
        config={"strategy": {"type": "custom:autoconsommation"}},
    )
    await resident.ask(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )


async def check_faces(
    resident: Resident, language: str, screenshot: Path
) -> tuple[Path, ...]:
    """Open each view, wait until all faces are drawn, and take pictures of them."""
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        raise DemoError("no card: there is no Chromium on this machine")
    complaints: list[str] = []

    def note_error(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location['url']})"
        if message.type == "error" and DOMAIN in text:
            complaints.append(text)

    pictures = []
    try:
        async with logged_in_page(resident, language, chromium) as page:
            page.on("console", note_error)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            for view, drawn in VIEWS.items():
                # The first one is what opens where nothing else is asked for.
                path = "/" if view == "now" else f"/{PATH}/{view}"
                await page.goto(f"{resident.address}{path}")
                for selector in drawn:
                    await page.locator(selector).first.wait_for()
                await page.wait_for_timeout(SETTLE_MS)
                picture = screenshot.with_name(f"{screenshot.stem}_{view}.png")
                await page.screenshot(path=picture)
                pictures.append(picture)
    except Error as err:
        raise DemoError(f"the card: {err.message.splitlines()[0]}") from err
    if complaints:
        raise DemoError(f"the card complains: {complaints[0]}")
    return tuple(pictures)
