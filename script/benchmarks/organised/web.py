"""The published folder behind nginx, and homes that ask whether anything is new."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil
import time
from typing import Final

import numpy as np

from script.simulation.house import free_port
from script.simulation.pmo_server import LOOPBACK

N_CONNECTIONS: Final = 100
START_LIMIT_S: Final = 10.0
NOT_MODIFIED: Final = 304
OK: Final = 200
UNPRIVILEGED: Final = "nobody"

CONFIGURATION: Final = """\
daemon off;
worker_processes 1;
pid {state}/pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {state}/body;
    proxy_temp_path {state}/proxy;
    fastcgi_temp_path {state}/fastcgi;
    uwsgi_temp_path {state}/uwsgi;
    scgi_temp_path {state}/scgi;
    types {{ application/json json; }}
    default_type application/octet-stream;
    keepalive_requests 100000;
    server {{
        listen {host}:{port};
        root {folder};
        gzip_static on;
    }}
}}
"""


@dataclass
class Answers:
    """What came back."""

    seconds: float = 0.0
    delays_s: list[float] = field(default_factory=list)
    """From when a request was due to its whole answer."""
    by_status: Counter[int] = field(default_factory=Counter)
    n_errors: int = 0

    @property
    def p99_ms(self) -> float:
        """Nearly all were quicker."""
        return float(np.quantile(self.delays_s, 0.99)) * 1000

    @property
    def unchanged(self) -> float:
        """Share of 304."""
        return self.by_status[NOT_MODIFIED] / max(1, len(self.delays_s))


def nginx() -> str | None:
    """Path of the program, where it is installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@asynccontextmanager
async def serving(program: str, folder: Path) -> AsyncIterator[int]:
    """Serve the folder on loopback as somebody without rights; gives the port."""
    port = free_port()
    state = folder.parent / "nginx"
    state.mkdir()
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(state, user)
    configuration = state / "nginx.conf"
    configuration.write_text(
        CONFIGURATION.format(state=state, host=LOOPBACK, port=port, folder=folder)
    )
    process = await asyncio.create_subprocess_exec(
        *(program, "-e", "stderr", "-p", str(state), "-c", str(configuration)),
        user=user,
    )
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(LOOPBACK, port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def tags(port: int, paths: Sequence[str]) -> dict[str, str]:
    """What each document is now, by path, as a home remembers it."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    found = {}
    for path in paths:
        status, headers = await _ask(reader, writer, path, None)
        assert status == OK, f"{path}: {status}"
        found[path] = headers["etag"]
    writer.close()
    return found


async def asked(
    port: int, known: Sequence[tuple[str, str]], n_requests: int, seconds: float
) -> Answers:
    """Ask so often in so many seconds for what is new, evenly, on many connections.

    `known` are paths with what they were, asked for in turn.
    """
    answers = Answers()
    begin = time.perf_counter()

    async def one_connection(first: int) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        for number in range(first, n_requests, N_CONNECTIONS):
            due = begin + number * seconds / n_requests
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            path, tag = known[number % len(known)]
            try:
                status, _ = await _ask(reader, writer, path, tag)
            except OSError, asyncio.IncompleteReadError:
                answers.n_errors += 1
                reader, writer = await asyncio.open_connection(LOOPBACK, port)
                continue
            answers.by_status[status] += 1
            answers.delays_s.append(time.perf_counter() - due)
            answers.n_errors += status not in (OK, NOT_MODIFIED)
        writer.close()

    async with asyncio.TaskGroup() as group:
        for first in range(N_CONNECTIONS):
            group.create_task(one_connection(first))
    answers.seconds = time.perf_counter() - begin
    return answers


async def _ask(
    reader: StreamReader, writer: StreamWriter, path: str, tag: str | None
) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer, read to its end."""
    condition = f"If-None-Match: {tag}\r\n" if tag else ""
    writer.write(
        f"GET /{path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
        f"Accept-Encoding: gzip\r\n{condition}\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    status = int(head[0].split()[1])
    if status != NOT_MODIFIED:
        await reader.readexactly(int(headers["content-length"]))
    return status, headers
