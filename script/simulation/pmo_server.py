"""The organiser's web space: a folder of static files, on loopback.

`python -m script.simulation.pmo_server --port 0 --folder DIR` serves it until interrupted.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def serving(folder: Path, port: int = 0) -> AsyncIterator[str]:
    """Serve the folder and give its address, with a slash; port 0 takes a free one.

    aiohttp sends ETags and answers If-None-Match.
    """
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _serve_for_ever(folder: Path, port: int) -> None:
    async with serving(folder, port) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_for_ever(arguments.folder, arguments.port))


if __name__ == "__main__":
    main()
