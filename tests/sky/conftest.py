"""A session like the one Home Assistant shares."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Its servers are on loopback."""
    async with ClientSession() as session:
        yield session
