"""Where the page to print is served: to who is signed in, or has a path that we signed."""

from http import HTTPStatus

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from ..adapters.statement_page import POLICY, language_of
from ..const import DOMAIN
from .entries import is_membership
from .statement_telling import MONTH, PAGE_URL, async_page

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class StatementView(HomeAssistantView):
    """The statement of a month."""

    url = PAGE_URL
    name = f"api:{DOMAIN}:statement"

    async def get(
        self, request: web.Request, entry_id: str, month: str
    ) -> web.Response:
        """The page, in the language that is asked for or in the house's."""
        hass: HomeAssistant = request.app[KEY_HASS]
        entry = hass.config_entries.async_get_entry(entry_id)
        if (
            entry is None
            or not is_membership(entry)
            or entry.state is not ConfigEntryState.LOADED
            or not MONTH.fullmatch(month)
        ):
            raise web.HTTPNotFound
        language = language_of(request.query.get("language"), hass.config.language)
        money = entry.runtime_data.money
        page = await async_page(hass, entry.title, money, month, language)
        if page is None:
            raise web.HTTPNotFound
        return web.Response(
            text=page,
            content_type="text/html",
            charset="utf-8",
            headers=HEADERS,
            status=HTTPStatus.OK,
        )
