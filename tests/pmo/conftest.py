"""Where the corpus lies, how its files are read, and one member's invitation."""

from collections.abc import AsyncIterator, Callable
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import ClientSession
from jsonschema import Draft202012Validator, FormatChecker
import pytest

from custom_components.autoconsommation_collective import pmo
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.needs import read_need
from custom_components.autoconsommation_collective.pmo.pages import (
    read_aggregates_month,
    read_forecast,
    read_member_month,
)

CORPUS = Path(__file__).parent / "corpus"
SCHEMA = Path(pmo.__file__).with_name("feed.schema.json")
PARIS = ZoneInfo("Europe/Paris")
TOKEN = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
"""The bytes 0 to 31: the token of the examples in docs/PMO_FEED.md."""

_READERS: dict[str, Callable[[bytes], object]] = {
    "operation": read_operation,
    "aggregates": read_aggregates,
    "forecast": read_forecast,
    "member": read_member,
    "need": read_need,
}
_PAGE_READERS: dict[str, Callable[[bytes, str, ZoneInfo], object]] = {
    "aggregates_month": read_aggregates_month,
    "member_month": read_member_month,
}


def read(name: str, body: bytes) -> object:
    """Read a document by a corpus name: `member.left`, `member_month.2026-10.negative`."""
    kind, _, rest = name.partition(".")
    if kind in _READERS:
        return _READERS[kind](body)
    return _PAGE_READERS[kind](body, rest.partition(".")[0], PARIS)


def corpus(folder: str) -> dict[str, bytes]:
    """Files of the corpus by name."""
    files = sorted((CORPUS / folder).glob("*.json"))
    return {path.stem: path.read_bytes() for path in files}


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The schema as it ships."""
    content = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content, format_checker=FormatChecker())


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """A session like the one Home Assistant shares; its servers are on loopback."""
    async with ClientSession() as session:
        yield session
