"""Where an organiser's papers are fetched from: by administrators, behind paths that expire."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
import re
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..pmo.coefficient_file import coefficient_file_name
from .books import Books
from .paper import (
    Asked,
    async_coefficients,
    async_indicators,
    async_owed,
    async_statements,
    async_weekly,
    async_words,
)

PAPER_URL: Final = f"/api/{DOMAIN}/paper/"
PARTICIPANT: Final = "participant"
LANGUAGE: Final = "language"
WEEKLY: Final = "weekly"
INDICATORS: Final = "indicators"
STATEMENTS: Final = "statements"
OWED: Final = "owed"
VALID_FOR: Final = timedelta(hours=1)
"""Long enough to print a form's links, too short to be worth passing on."""
COEFFICIENTS: Final = "coefficients"
_OF_MONTH: Final = re.compile(
    rf"({STATEMENTS}|{OWED}|{COEFFICIENTS})/(\d{{4}}-(?:0[1-9]|1[0-2]))"
)
HEADERS: Final = {
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Names and amounts are kept by no cache, and a page asks nobody for anything."""


@dataclass(frozen=True, slots=True)
class PaperPaths:
    """Paths that an administrator's browser may open for an hour."""

    weekly: str
    indicators: str
    statements: dict[str, str]
    """By month, the latest first."""
    owed: dict[str, str]
    """In the same way; as a file for a spreadsheet."""
    coefficients: dict[str, str]
    """In the same way; as a file for the grid operator."""


@callback
def async_register_paper(hass: HomeAssistant) -> None:
    """Answer at the papers' addresses; once for all organisers."""
    hass.http.register_view(PaperView(hass))


async def async_paper_paths(
    hass: HomeAssistant,
    entry_id: str,
    *,
    participant: str | None = None,
    refresh_token_id: str | None = None,
) -> PaperPaths:
    """The signed paths of an organiser's papers, or of one participant's.

    They are valid for whoever asks now; outside of a request `refresh_token_id` says for whom.
    Raises KeyError on an entry that is not loaded.
    """
    books = _books(hass, entry_id)
    if books is None:
        raise KeyError(entry_id)
    query = "" if participant is None else f"?{PARTICIPANT}={participant}"

    def signed(paper: str) -> str:
        path = f"{PAPER_URL}{entry_id}/{paper}{query}"
        return async_sign_path(hass, path, VALID_FOR, refresh_token_id=refresh_token_id)

    months = list(reversed(await books.async_months()))
    return PaperPaths(
        signed(WEEKLY),
        signed(INDICATORS),
        {month: signed(f"{STATEMENTS}/{month}") for month in months},
        {month: signed(f"{OWED}/{month}") for month in months},
        {month: signed(f"{COEFFICIENTS}/{month}") for month in months},
    )


def _books(hass: HomeAssistant, entry_id: str) -> Books | None:
    """Those of a loaded organiser's entry."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if (
        entry is None
        or entry.domain != DOMAIN
        or entry.state is not ConfigEntryState.LOADED
    ):
        return None
    books = getattr(entry.runtime_data, "books", None)
    return books if isinstance(books, Books) else None


class PaperView(HomeAssistantView):
    """Sheets and tables, made when they are asked for."""

    url = f"{PAPER_URL}{{entry_id}}/{{paper:.+}}"
    name = f"api:{DOMAIN}:paper"
    requires_auth = True
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Nothing is printed yet."""
        self._hass = hass

    async def get(
        self, request: web.Request, entry_id: str, paper: str
    ) -> web.Response:
        """A paper; the same answer where there is none and where nobody may know."""
        books = _books(self._hass, entry_id)
        if books is None or not request[KEY_HASS_USER].is_admin:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=HEADERS)
        asked = Asked(
            await async_words(self._hass, request.query.get(LANGUAGE)),
            dt_util.utcnow().astimezone(books.time_zone).date(),
            request.query.get(PARTICIPANT),
        )
        match = _OF_MONTH.fullmatch(paper)
        if match is not None and match[1] == OWED:
            table = await async_owed(self._hass, books, match[2], asked)
            return _download(table, f"{OWED}_{match[2]}.csv")
        if match is not None and match[1] == COEFFICIENTS:
            text = await async_coefficients(self._hass, books, match[2])
            name = coefficient_file_name(books.roster.agreement or "", match[2])
            return _download(text, name, "text/plain")
        if match is not None:
            return _page(await async_statements(self._hass, books, match[2], asked))
        if paper == WEEKLY:
            return _page(await async_weekly(self._hass, books, asked))
        if paper == INDICATORS:
            return _page(await async_indicators(self._hass, books, asked))
        return _page(None)


def _page(text: str | None) -> web.Response:
    if text is None:
        return web.Response(status=HTTPStatus.NOT_FOUND, headers=HEADERS)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


def _download(
    text: str | None, name: str, content_type: str = "text/csv"
) -> web.Response:
    if text is None:
        return web.Response(status=HTTPStatus.NOT_FOUND, headers=HEADERS)
    saved = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    return web.Response(text=text, content_type=content_type, headers=HEADERS | saved)
