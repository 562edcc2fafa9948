"""A serial port that somebody may open: a pseudo-terminal on which a meter keeps talking."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
import fcntl
import os
from pathlib import Path
import struct
import termios
import tty

FRAME_PERIOD_S = 1.5
"""A meter sends a frame every 1.5 to 2 s."""
READER_ENVIRONMENT = {"TELEINFO_BYTESIZE": "8", "TELEINFO_PARITY": "N"}
"""A pseudo-terminal has neither seven-bit characters nor parity, and the C library refuses to
ask one for them; the teleinfo library takes the settings of its line from here."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def talking(
    frame: Callable[[datetime], bytes],
    port: Path,
    now: Callable[[], datetime] = _utc_now,
    period_s: float = FRAME_PERIOD_S,
) -> AsyncIterator[None]:
    """Send a frame again and again on the port, a symlink that stands as long as this does."""
    meter, reader = os.openpty()
    os.set_blocking(meter, False)
    tty.setraw(reader)
    port.unlink(missing_ok=True)
    port.symlink_to(os.ttyname(reader))
    sending = asyncio.create_task(_send(frame, meter, reader, now, period_s))
    try:
        yield
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        port.unlink(missing_ok=True)
        os.close(meter)
        os.close(reader)


async def _send(
    frame: Callable[[datetime], bytes],
    meter: int,
    reader: int,
    now: Callable[[], datetime],
    period_s: float,
) -> None:
    """Send frames. What nobody reads is lost, as on a real wire, so a reader hears the present."""
    while True:
        content = frame(now())
        if _n_unread(reader) >= len(content):
            termios.tcflush(reader, termios.TCIFLUSH)
        os.write(meter, content)
        await asyncio.sleep(period_s)


def _n_unread(reader: int) -> int:
    """Bytes that wait to be read."""
    answer = fcntl.ioctl(reader, termios.FIONREAD, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])
