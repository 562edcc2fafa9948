"""Benches: each module measures one part and prints a table; script/bench runs them."""

from asyncio import AbstractEventLoop, Handle, TimerHandle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import time
from unittest.mock import patch

KIB_PER_MB = 1024
HEARTBEAT_S = 0.002
"""Short beside the gaps to be seen, long beside what a beat costs."""


def peak_mb() -> float:
    """The most memory this process had since Linux last forgot it (clear_refs), or ever."""
    status = Path("/proc/self/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / KIB_PER_MB


@dataclass
class LoopLoad:
    """The worst an event loop has seen, in milliseconds."""

    callback_ms: float = 0.0
    """Thread time of the longest callback, ours or not: what the loop itself had to work."""
    gap_ms: float = 0.0
    """Longest wall time between two turns: also what other threads and processes took."""


@contextmanager
def watched(loop: AbstractEventLoop) -> Iterator[LoopLoad]:
    """Measure every callback of the loop, and how late a heartbeat comes."""
    load = LoopLoad()
    run = Handle._run  # noqa: SLF001 - the only place that sees every callback
    due = time.perf_counter()
    timer: TimerHandle

    def timed_run(handle: Handle) -> None:
        start = time.thread_time()
        run(handle)
        load.callback_ms = max(load.callback_ms, (time.thread_time() - start) * 1000)

    def beat() -> None:
        nonlocal due, timer
        now = time.perf_counter()
        load.gap_ms = max(load.gap_ms, (now - due) * 1000)
        due = now + HEARTBEAT_S
        timer = loop.call_later(HEARTBEAT_S, beat)

    with patch.object(Handle, "_run", timed_run):
        beat()
        yield load
        timer.cancel()


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows, the first one as heading: first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, (first, *others) in enumerate(rows):
        numbers = (
            cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        )
        print("  ".join((first.ljust(widths[0]), *numbers)))
        if not number:
            print("  ".join("-" * width for width in widths))
