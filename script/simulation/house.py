"""A real Home Assistant in a folder of its own, with no more than the demonstration needs."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import socket
import sys
from typing import Any

import aiohttp

from . import devices
from .errors import DemoError
from .membership import DOMAIN
from .pmo_server import LOOPBACK
from .village import TIME_ZONE, Village

COMPONENTS = Path(__file__).parents[2] / "custom_components"
START_LIMIT_S = 180
"""A small machine compiles every module once."""
STOP_LIMIT_S = 30
"""What Home Assistant itself allows its last stage of stopping."""
LOG = "home-assistant.log"

DELIVERIES = "deliveries"
"""Folder of the configuration from which actions may take files in."""
CONFIGURATION = """\
homeassistant:
  name: {name}
  country: FR
  language: {language}
  time_zone: {time_zone}
  currency: EUR
  unit_system: metric
  latitude: {latitude_deg}
  longitude: {longitude_deg}
  elevation: 200
  allowlist_external_dirs:
    - {deliveries}
frontend:
recorder:
history:
energy:
logger:
  default: warning
  logs:
    # The camera platforms always load and look for programs that no demonstration needs.
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
"""


def prepare(folder: Path, village: Village, language: str, port: int) -> None:
    """Write a fresh configuration into an empty folder."""
    (folder / ".storage").mkdir(parents=True)
    (folder / DELIVERIES).mkdir()
    (folder / "custom_components").symlink_to(COMPONENTS)
    text = CONFIGURATION.format(
        name=village.commune,
        language=language,
        time_zone=TIME_ZONE.key,
        latitude_deg=village.latitude_deg,
        longitude_deg=village.longitude_deg,
        deliveries=folder / DELIVERIES,
    )
    (folder / "configuration.yaml").write_text(text + devices.CONFIGURATION)
    _store(folder, "http", 2, 2, _http(port))
    # All steps but the user are done: they would set up services of the Internet.
    done = ["core_config", "analytics", "integration"]
    _store(folder, "onboarding", 4, 1, {"done": done})


def texts(language: str) -> dict[str, Any]:
    """The integration's own translations into a language."""
    file = COMPONENTS / DOMAIN / "translations" / f"{language}.json"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    folder: Path, port: int, environment: Mapping[str, str]
) -> AsyncIterator[str]:
    """Start Home Assistant, give its address once it answers, stop it in the end."""
    with (folder / "console.log").open("wb") as console:
        # A session of its own: Ctrl-C reaches the demonstration, which stops it in order.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "homeassistant", "--skip-pip", "-c", str(folder)),
            env=os.environ | environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
    try:
        address = f"http://{LOOPBACK}:{port}"
        await _wait_for_answer(process, f"{address}/manifest.json", folder)
        yield address
    finally:
        await _stop(process)


async def _wait_for_answer(process: Process, url: str, folder: Path) -> None:
    """Return when the web server answers."""
    console = folder / "console.log"
    try:
        async with asyncio.timeout(START_LIMIT_S), aiohttp.ClientSession() as session:
            while True:
                if process.returncode is not None:
                    raise DemoError(
                        f"Home Assistant stopped while starting: see {console}"
                    )
                try:
                    async with session.get(url):
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.5)
    except TimeoutError:
        raise DemoError(
            f"Home Assistant did not start in {START_LIMIT_S} s: see {console}"
        ) from None


async def _stop(process: Process) -> None:
    """Stop in order, and by force if that takes too long."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _store(folder: Path, key: str, version: int, minor: int, data: object) -> None:
    """Write a file as Home Assistant's own storage would."""
    content = {"version": version, "minor_version": minor, "key": key, "data": data}
    (folder / ".storage" / key).write_text(json.dumps(content))


def _http(port: int) -> dict[str, object]:
    """Settings of the web server, which no longer stand in YAML."""
    stable = {
        "server_host": [LOOPBACK],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}
