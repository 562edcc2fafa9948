"""What members' homes tell over HTTP: read no further than it may be long."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, web

from ..pmo.names import MEMBERS, NEED
from ..pmo.needs import MOST_BYTES
from .coordinator import OrganiserCoordinator

WAITS_FOR: Final = timedelta(seconds=10)
"""For two hundred bytes: whoever sends them byte by byte does not keep us."""
_END: Final = f"/{NEED}"


def is_need(path: str) -> bool:
    """Whether it is where a home tells its need."""
    return path.startswith(MEMBERS) and path.endswith(_END)


async def async_take_need(
    coordinator: OrganiserCoordinator, path: str, request: web.Request
) -> HTTPStatus:
    """Take what is told at a path, if that is a home's that follows the signal.

    Whose it is comes first: of a stranger nothing is read. NO_CONTENT: it is kept.
    """
    home = coordinator.homes.get(path.removeprefix(MEMBERS).removesuffix(_END))
    if home is None or not home.follows or not coordinator.takes_needs:
        return HTTPStatus.UNAUTHORIZED
    try:
        async with asyncio.timeout(WAITS_FOR.total_seconds()):
            sealed = await _async_sealed(request)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    except ClientError, OSError, ValueError, web.RequestPayloadError:
        return HTTPStatus.BAD_REQUEST
    if sealed is None:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    is_taken = coordinator.take_need(home, sealed)
    return HTTPStatus.NO_CONTENT if is_taken else HTTPStatus.BAD_REQUEST


async def _async_sealed(request: web.Request) -> bytes | None:
    """What is sent; None of what is too long, whatever it says to be."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    body = bytearray()
    # Counted as it arrives, after decompression: no header is believed.
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)
