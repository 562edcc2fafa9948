"""The published feed, handed out by Home Assistant itself; and the list, to administrators.

Whoever asks is nobody this Home Assistant knows. A path is looked up among those that were
published and never put together from what was asked; what opens a member's documents is the
token, which never comes here.
"""

from http import HTTPStatus
import math
from pathlib import Path
import re
from typing import Final

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from ..adapters.feed_files import read_feed_file
from ..adapters.feed_folder import PACKED
from ..const import DOMAIN, LOGGER
from ..coordinator.entries import is_organiser
from ..pmo.names import MEMBERS
from ..pmo.roster_table import written_participants
from .coordinator import OrganiserCoordinator
from .needs import async_take_need, is_need
from .paper_view import async_register_paper
from .token_bucket import TokenBuckets

FEED_URL: Final = f"/api/{DOMAIN}/feed/"
ROSTER_URL: Final = f"/api/{DOMAIN}/participants/"
GZIP: Final = "gzip"
_NAMED_BY_CONTENT: Final = re.compile(r"\.[0-9a-f]{16}\.(?:json|acc)")
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
READS: Final = f"{hdrs.METH_GET}, {hdrs.METH_HEAD}"
TYPES: Final = {".json": "application/json", ".acc": "application/octet-stream"}


@callback
def async_serve(hass: HomeAssistant) -> None:
    """Answer at the feeds' addresses; the views stay when an entry is unloaded."""
    hass.http.register_view(FeedView(hass))
    hass.http.register_view(RosterView(hass))
    async_register_paper(hass)


def _coordinator(hass: HomeAssistant, entry_id: str) -> OrganiserCoordinator | None:
    """That of a loaded organiser's entry."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if (
        entry is None
        or entry.domain != DOMAIN
        or not is_organiser(entry)
        or entry.state is not ConfigEntryState.LOADED
    ):
        return None
    found: OrganiserCoordinator = entry.runtime_data.coordinator
    return found


class FeedView(HomeAssistantView):
    """Files of a feed, to anybody who knows where they lie."""

    url = f"{FEED_URL}{{entry_id}}/{{path:.+}}"
    name = f"api:{DOMAIN}:feed"
    requires_auth = False
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Nobody has asked yet."""
        self._hass = hass
        self._buckets = TokenBuckets()

    async def get(self, request: web.Request, entry_id: str, path: str) -> web.Response:
        """A file, or that it is not there."""
        coordinator = _coordinator(self._hass, entry_id)
        if coordinator is None:
            return self._not_there(request, path)
        settings = coordinator.books.settings
        if (
            not settings.is_served
            or settings.folder is None
            or not coordinator.hands_out(path)
        ):
            return self._not_there(request, path)
        is_packed = path.endswith(".json") and GZIP in request.headers.get(
            hdrs.ACCEPT_ENCODING, ""
        )
        found = await self._hass.async_add_executor_job(
            read_feed_file,
            Path(settings.folder),
            f"{path}{PACKED}" if is_packed else path,
        )
        if found is None:
            return self._not_there(request, path)
        headers = {
            hdrs.ETAG: found.etag,
            hdrs.CACHE_CONTROL: FOR_EVER
            if _NAMED_BY_CONTENT.search(path)
            else ASK_AGAIN,
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if _is_held(request, found.etag):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if is_packed:
            headers[hdrs.CONTENT_ENCODING] = GZIP
        return web.Response(
            body=found.body,
            content_type=TYPES[f".{path.rpartition('.')[2]}"],
            headers=headers,
        )

    head = get

    async def put(self, request: web.Request, entry_id: str, path: str) -> web.Response:
        """What a home tells of its need; nothing else is taken."""
        if not is_need(path):
            return self._refused(request, HTTPStatus.METHOD_NOT_ALLOWED)
        coordinator = _coordinator(self._hass, entry_id)
        status = HTTPStatus.UNAUTHORIZED
        if coordinator is not None:
            status = await async_take_need(coordinator, path, request)
        if status is HTTPStatus.NO_CONTENT:
            return web.Response(status=status)
        return self._refused(request, status)

    def _not_there(self, request: web.Request, path: str) -> web.Response:
        """Refuse a file."""
        is_members = path.startswith(MEMBERS)
        return self._refused(
            request, HTTPStatus.UNAUTHORIZED if is_members else HTTPStatus.NOT_FOUND
        )

    def _refused(self, request: web.Request, status: HTTPStatus) -> web.Response:
        """Refuse, and after too many of them ask for patience.

        Returned, never raised: Home Assistant would count it as a failed login and, where it
        bans addresses, lock out a home whose member has left.
        """
        address = request.remote or ""
        wait_s = self._buckets.wait_s(address, self._hass.loop.time())
        if wait_s:
            if self._buckets.is_first(address):
                LOGGER.warning(
                    "%s asks too often for what the feed does not have or take", address
                )
            return web.Response(
                status=HTTPStatus.TOO_MANY_REQUESTS,
                headers={hdrs.RETRY_AFTER: str(math.ceil(wait_s))},
            )
        is_method = status is HTTPStatus.METHOD_NOT_ALLOWED
        headers = {hdrs.ALLOW: READS} if is_method else None
        return web.Response(status=status, headers=headers)


class RosterView(HomeAssistantView):
    """The list of participants as a table, to administrators."""

    url = f"{ROSTER_URL}{{entry_id}}"
    name = f"api:{DOMAIN}:participants"

    def __init__(self, hass: HomeAssistant) -> None:
        """Hand out the lists of this Home Assistant."""
        self._hass = hass

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """The table; to anybody else that it is forbidden."""
        if not request[KEY_HASS_USER].is_admin:
            return web.Response(status=HTTPStatus.FORBIDDEN)
        coordinator = _coordinator(self._hass, entry_id)
        if coordinator is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        # With a byte order mark: without one a spreadsheet takes accents for something else.
        table = written_participants(coordinator.books.roster.participants)
        return web.Response(
            body=table.encode("utf-8-sig"),
            content_type="text/csv",
            charset="utf-8",
            headers={
                hdrs.CONTENT_DISPOSITION: 'attachment; filename="participants.csv"',
                hdrs.CACHE_CONTROL: "no-store",
            },
        )


def _is_held(request: web.Request, etag: str) -> bool:
    """Whether who asks has it already."""
    told = request.headers.get(hdrs.IF_NONE_MATCH, "")
    return etag in {one.strip().removeprefix("W/") for one in told.split(",")}
