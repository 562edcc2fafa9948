"""The card: how much it weighs, and how fast it is first drawn in a Chromium."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import gzip
import os
from pathlib import Path
import sys
from typing import Final

from playwright.async_api import Page, Route, async_playwright

from script.simulation.screenshot import OPTIONS

ROOT: Final = Path(__file__).parents[2]
FRONTEND: Final = (
    ROOT / "custom_components" / "autoconsommation_collective" / "frontend"
)
SITE: Final = "http://card.test"
"""Nothing answers there but the files of this repository."""

DRAW: Final = """async () => {
    const { day, load, scene, steps } = await import("/script/simulation/scenes.mjs");
    await import("/custom_components/autoconsommation_collective/frontend/card.js");
    const loads = Object.fromEntries(
        Array.from({ length: 8 }, (_, n) => [`l${n}`, load(`l${n}`)]));
    const ahead = { ...day().ahead, steps: steps(192, 15), step_minutes: 15 };
    const told = day({ ahead, loads });
    const one = { config_entry: "entry", loaded: true, device_id: "device", title: "x" };
    const nothing = async () => {};
    const hass = {
        ...scene().hass,
        connected: true,
        connection: {
            addEventListener() {},
            removeEventListener() {},
            subscribeMessage: async listener => (listener(told), nothing),
        },
        callWS: async () => [one],
    };
    const times = [];
    for (let n = 0; n < 5; n += 1) {
        // Another connection each time: nothing is known from the card before.
        const anew = { ...hass, connection: { ...hass.connection } };
        const start = performance.now();
        const card = document.createElement("autoconsommation-card");
        card.setConfig({ face: "day" });
        card.hass = anew;
        document.body.replaceChildren(card);
        const chart = () => card.shadowRoot.querySelector(".chart");
        while (!chart()) await new Promise(requestAnimationFrame);
        chart().getBoundingClientRect();
        times.push(performance.now() - start);
        const { length } = card.shadowRoot.querySelectorAll(".lane");
        if (length !== 8) throw new Error(`${length} appliances`);
    }
    return times;
}"""


def weights() -> Mapping[str, int]:
    """Bytes of each module, compressed by itself as a web server sends it."""
    return {
        path.relative_to(FRONTEND).as_posix(): len(gzip.compress(path.read_bytes(), 6))
        for path in sorted(FRONTEND.rglob("*.js"))
    }


async def first_drawings_ms(chromium: str) -> list[float]:
    """From an element to its layout: two days of quarters of an hour, eight appliances; anew each time."""
    async with _page(chromium) as page:
        times: list[float] = await page.evaluate(DRAW)
        return times


@asynccontextmanager
async def _page(chromium: str) -> AsyncIterator[Page]:
    """A page that knows nothing but the files of this repository."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=list(OPTIONS)
        )
        try:
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            await page.route("**/*", _serve)
            await page.goto(SITE)
            yield page
        finally:
            await browser.close()


async def _serve(route: Route) -> None:
    path = ROOT / route.request.url.removeprefix(f"{SITE}/").partition("?")[0]
    if path.suffix in {".js", ".mjs"}:
        await route.fulfill(body=path.read_bytes(), content_type="text/javascript")
    else:
        await route.fulfill(body="<!doctype html><body>", content_type="text/html")


def main() -> None:
    """Print both."""
    for name, weight in weights().items():
        print(f"{name:24} {weight / 1000:6.1f} kB")
    print(f"{'together, compressed':24} {sum(weights().values()) / 1000:6.1f} kB")
    if not (chromium := os.environ.get("CHROMIUM")):
        sys.exit("first drawing: not measured, as CHROMIUM names no browser")
    times = asyncio.run(first_drawings_ms(chromium))
    print("first drawing:", ", ".join(f"{ms:.0f} ms" for ms in times))


if __name__ == "__main__":
    main()
