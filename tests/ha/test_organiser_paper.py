"""An organiser's papers over real HTTP: for administrators, behind paths that expire."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.paper_view import (
    PAPER_URL,
    PaperPaths,
    async_paper_paths,
    async_register_paper,
)
from tests.engine.organised_cases import MONTH

from .test_organiser_books import EMPTY, MONTH_OF_ALL, ROSTER

FIRST = ROSTER.participants[0]


@dataclass(frozen=True)
class Data:
    """What lives on the entry."""

    books: Books


@pytest.fixture
async def entry(hass: HomeAssistant, disk: Path) -> MockConfigEntry:
    """A loaded organiser's entry with a month in its books."""
    assert await async_setup_component(hass, "http", {})
    books = Books(hass, "op", EMPTY)
    await books.async_load()
    await books.async_change(lambda _: ROSTER)
    await books.async_take_in(MONTH_OF_ALL)
    entry = MockConfigEntry(domain=DOMAIN, title="Organiser")
    entry.add_to_hass(hass)
    entry.mock_state(hass, ConfigEntryState.LOADED)
    entry.runtime_data = Data(books)
    async_register_paper(hass)
    return entry


async def paths_for(
    hass: HomeAssistant, entry: MockConfigEntry, token: str, participant: str | None
) -> PaperPaths:
    """Signed for whoever has that access token."""
    known = hass.auth.async_validate_access_token(token)
    assert known is not None
    return await async_paper_paths(
        hass, entry.entry_id, participant=participant, refresh_token_id=known.id
    )


def all_paths(paths: PaperPaths) -> list[str]:
    """Of every paper."""
    months = (
        *paths.statements.values(),
        *paths.owed.values(),
        *paths.coefficients.values(),
    )
    return [paths.weekly, paths.indicators, *months]


async def test_an_administrator_prints_everything(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_access_token: str,
) -> None:
    """Without a login, as a new tab of the browser asks; kept by no cache."""
    paths = await paths_for(hass, entry, hass_access_token, None)
    assert list(paths.statements) == list(paths.owed) == [MONTH]
    client = await hass_client_no_auth()
    for path in all_paths(paths):
        answer = await client.get(path)
        assert answer.status == HTTPStatus.OK
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        is_table = path in {*paths.owed.values(), *paths.coefficients.values()}
        if not is_table:
            assert EMPTY.name in await answer.text()
    text = await (await client.get(paths.coefficients[MONTH])).text()
    assert text.startswith("convention;prm;")
    assert FIRST.point in text


async def test_papers_of_one_participant(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_access_token: str,
) -> None:
    """One sheet instead of twelve; whose it is cannot be changed in the path."""
    client = await hass_client_no_auth()
    for participant, n_sheets in ((None, 12), (FIRST.id, 1)):
        paths = await paths_for(hass, entry, hass_access_token, participant)
        for path in (paths.weekly, paths.statements[MONTH]):
            page = await (await client.get(path)).text()
            assert page.count("<section") == n_sheets
    other = paths.weekly.replace(f"participant={FIRST.id}", "participant=id2")
    assert other != paths.weekly
    assert (await client.get(other)).status == HTTPStatus.UNAUTHORIZED


async def test_the_papers_language(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """That of the house, or the one that is asked for; English where there are no texts."""
    client = await hass_client()
    path = f"{PAPER_URL}{entry.entry_id}/weekly"
    found = [
        await (await client.get(f"{path}{query}")).text()
        for query in ("", "?language=fr", "?language=nl")
    ]
    for page, named in zip(found, ("en", "fr", "en"), strict=True):
        assert f'lang="{named}"' in page
    assert "Du lundi au vendredi" in found[1]
    assert "Monday to Friday" in found[2]


async def test_nobody_else_prints_anything(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Neither without a signature, nor with that of a user who is no administrator."""
    paths = await paths_for(hass, entry, hass_read_only_access_token, None)
    client = await hass_client_no_auth()
    for path in all_paths(paths):
        bare, _, _ = path.partition("?")
        assert (await client.get(bare)).status == HTTPStatus.UNAUTHORIZED
        answer = await client.get(path)
        assert answer.status == HTTPStatus.NOT_FOUND
        assert await answer.text() == ""


@pytest.mark.parametrize(
    "paper",
    [
        pytest.param("nothing", id="no such paper"),
        pytest.param("statements/2026-13", id="no month"),
        pytest.param("statements/2024-01", id="month that is not kept"),
        pytest.param("owed/2024-01", id="table of a month that is not kept"),
    ],
)
async def test_what_is_not_there(
    entry: MockConfigEntry, hass_client: ClientSessionGenerator, paper: str
) -> None:
    """Is not found."""
    answer = await (await hass_client()).get(f"{PAPER_URL}{entry.entry_id}/{paper}")
    assert answer.status == HTTPStatus.NOT_FOUND


async def test_an_entry_that_is_not_loaded_has_no_papers(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Nor has any other."""
    client = await hass_client()
    entry.mock_state(hass, ConfigEntryState.NOT_LOADED)
    for entry_id in (entry.entry_id, "nobody"):
        answer = await client.get(f"{PAPER_URL}{entry_id}/weekly")
        assert answer.status == HTTPStatus.NOT_FOUND
        with pytest.raises(KeyError):
            await async_paper_paths(hass, entry_id)
