"""What a month of a thousand participants costs an organiser, and its folder a web server.

A real Home Assistant, in a process of its own, reads one file of all of them, checks the split,
publishes; one participant is corrected, and what is new is published. Then nginx serves the
folder, and the homes ask whether anything is new.
"""

import argparse
import asyncio
from collections.abc import Awaitable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
import time
from typing import Final

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.publishing import (
    async_publish,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.deliveries import read

from . import peak_mb, print_table, watched
from .organised import web
from .organised.month import ZONE, archive, correction, roster, settled

NOW: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY: Final = date(2026, 11, 20)
PARTICIPANTS: Final = 1000
QUICK: Final = 200
N_REQUESTS: Final = 10_000
REQUESTS_S: Final = 10.0

BAR_S: Final = 30.0
"""Reading, checking and publishing together."""
BAR_MB: Final = 500.0
BAR_CALLBACK_MS: Final = 20.0
BAR_P99_MS: Final = 100.0


@dataclass(frozen=True)
class Cost:
    """Of one step of the work."""

    name: str
    seconds: float
    callback_ms: float
    """Thread time of the longest callback."""
    memory_mb: float
    """The most of the process so far, beyond what it began with."""
    files: str = ""


@dataclass(frozen=True)
class Served:
    """What the homes saw; None of answers where there is no web server."""

    costs: list[Cost]
    answers: web.Answers | None


class Bench:
    """Measures steps, one after another."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Nothing is measured."""
        self._hass = hass
        self._begin_mb = peak_mb()
        self.costs: list[Cost] = []

    async def measured[T](self, name: str, work: Awaitable[T]) -> T:
        """Note what some work costs."""
        with watched(self._hass.loop) as load:
            start = time.perf_counter()
            found = await asyncio.ensure_future(work)
            seconds = time.perf_counter() - start
        files = str(found) if isinstance(found, int) else ""
        memory_mb = peak_mb() - self._begin_mb
        self.costs.append(Cost(name, seconds, load.callback_ms, memory_mb, files))
        return found


async def organised(n: int, body: bytes, corrected: Delivery) -> Served:
    """Do all of it in a new Home Assistant."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # the web server is somebody else
        folder = Path(place) / "feed"
        async with async_test_home_assistant(config_dir=place) as hass:
            books = Books(hass, "bench", roster(n))
            await books.async_change(lambda _: roster(n))
            for one in books.roster.participants:
                await books.async_invite(one.id)
            bench = Bench(hass)
            delivery = await bench.measured(
                "read", hass.async_add_executor_job(read, "mois.zip", body, ZONE)
            )
            await bench.measured("check and keep", books.async_take_in(delivery))
            del delivery
            await bench.measured(
                "publish", async_publish(hass, books, folder, NOW, TODAY)
            )
            answers = await _served(hass, bench, books, folder, corrected)
            await hass.async_stop(force=True)
    return Served(bench.costs, answers)


async def _served(
    hass: HomeAssistant,
    bench: Bench,
    books: Books,
    folder: Path,
    corrected: Delivery,
) -> web.Answers | None:
    """Publish the correction; where there is nginx, while homes know what was there before."""

    async def correct() -> None:
        later = NOW + timedelta(hours=1)
        await bench.measured("keep a correction", books.async_take_in(corrected))
        await bench.measured(
            "publish again", async_publish(hass, books, folder, later, TODAY)
        )

    program = web.nginx()
    if program is None:
        await correct()
        return None
    paths = [
        path
        for keys in books.keys.values()
        for path in (
            names.OPERATION,
            names.AGGREGATES,
            names.FORECAST,
            f"members/{keys.path}/{names.MEMBER}",
        )
    ]
    async with web.serving(program, folder) as port:
        known = await web.tags(port, sorted(set(paths)))
        await correct()
        return await web.asked(
            port, [(path, known[path]) for path in paths], N_REQUESTS, REQUESTS_S
        )


def in_a_process(n: int, body: bytes, corrected: Delivery) -> Served:
    """All of it."""
    return asyncio.run(organised(n, body, corrected))


def main() -> None:
    """Print the costs beside their bars, which stop nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} participants")
    n = QUICK if parser.parse_args().quick else PARTICIPANTS
    month = settled(roster(n))
    body, corrected = archive(month), correction(month)
    # Spawned: a copy of this process would begin with its memory.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        served = process.submit(in_a_process, n, body, corrected).result()
    print(
        f"A month of {n} participants by quarter-hours, {len(body) / 1e6:.1f} MB packed"
    )
    rows = [("", "s", "callback ms", "memory MB", "files")]
    rows += [
        (
            cost.name,
            f"{cost.seconds:.2f}",
            f"{cost.callback_ms:.1f}",
            f"{cost.memory_mb:.0f}",
            cost.files,
        )
        for cost in served.costs
    ]
    total_s = sum(cost.seconds for cost in served.costs[:3])
    worst_ms = max(cost.callback_ms for cost in served.costs)
    rows.append(
        (
            "first three; bars",
            f"{total_s:.2f} < {BAR_S:.0f}",
            f"{worst_ms:.1f} <= {BAR_CALLBACK_MS:.0f}",
            f"{served.costs[2].memory_mb:.0f} < {BAR_MB:.0f}",
            "",
        )
    )
    print_table(rows)
    if served.answers is None:
        print("nginx is not installed: serving was not measured")
        return
    answers = served.answers
    print(
        f"nginx: {len(answers.delays_s)} conditional requests in {answers.seconds:.1f} s,"
        f" {answers.n_errors} errors, p99 {answers.p99_ms:.1f} ms (bar {BAR_P99_MS:.0f}),"
        f" {answers.unchanged:.1%} answered 304"
    )


if __name__ == "__main__":
    main()
