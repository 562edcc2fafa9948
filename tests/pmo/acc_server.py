"""The grid operator's interface as it is documented, on loopback, with its faults at will."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.autoconsommation_collective.pmo.acc_unknown import AccHosts

AGREEMENT = "ACC00000042"
CLIENT_ID, SECRET = "an-id", "a-very-secret-word"
PRM = "12345678901234"
PATH = (
    "/collective_self_consumption/v4/agreements/{agreement}"
    "/definitive_active_energy/cons/{prm}"
)


def totals(start: str, end: str, **kwh: float) -> dict[str, Any]:
    """An answer: totals by class of the grid operator's calendar."""
    return {
        "cons_id": PRM,
        "start": start,
        "end": end,
        "unit": "kWh",
        "quantities": [
            {
                "type": kind,
                "calendar_type": "DISTRIB",
                "quantities": [
                    {"name": "HPB", "value": 0.75 * value},
                    {"name": "HCB", "value": 0.25 * value},
                ],
            }
            for kind, value in kwh.items()
        ],
    }


@dataclass(slots=True)
class AccServer:
    """Two hosts for tokens, and one that answers."""

    hosts: AccHosts = field(init=False)
    months: dict[str, dict[str, float]] = field(default_factory=dict)
    """By month in UTC of the middle of what is asked for, the sums in kWh."""
    asked: list[str] = field(default_factory=list)
    """The months that were asked for."""
    token_asked: Counter[str] = field(default_factory=Counter)
    """How often each host was asked for a token."""
    first_host: web.Response | None = None
    """What the first host for tokens answers instead."""
    answer: web.StreamResponse | bytes | None = None
    """What is answered instead to every question."""
    faults: dict[str, int] = field(default_factory=dict)
    """The status by which a month is answered instead."""
    token: str = "token-1"
    lasts: Any = 3600

    async def give_token(self, request: web.Request) -> web.StreamResponse:
        """Client credentials, as a form."""
        host = request.match_info["host"]
        self.token_asked[host] += 1
        if host == "first" and self.first_host is not None:
            return web.Response(
                status=self.first_host.status, body=self.first_host.body
            )
        told = await request.post()
        if told.get("grant_type") != "client_credentials":
            return web.Response(status=400)
        if (told.get("client_id"), told.get("client_secret")) != (CLIENT_ID, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        return web.json_response(
            {
                "access_token": self.token,
                "token_type": "Bearer",
                "expires_in": self.lasts,
            }
        )

    async def give_energy(self, request: web.Request) -> web.StreamResponse:
        """Definitive energy of a delivery point."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        if request.match_info["agreement"] != AGREEMENT:
            return web.Response(status=403)
        if request.match_info["prm"] != PRM:
            return web.Response(status=404)
        assert request.query["type"] == "cons,autocons,complement"
        start, end = (
            datetime.strptime(request.query[k], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            for k in ("start", "end")
        )
        month = f"{start + (end - start) / 2:%Y-%m}"
        self.asked.append(month)
        if isinstance(self.answer, bytes):
            return web.Response(body=self.answer)
        if self.answer is not None:
            return web.Response(status=self.answer.status, headers=self.answer.headers)
        if month in self.faults:
            return web.Response(status=self.faults[month])
        if month not in self.months:
            return web.Response(status=404)
        told = self.months[month]
        return web.json_response(totals(start.isoformat(), end.isoformat(), **told))


@asynccontextmanager
async def acc_serving() -> AsyncIterator[AccServer]:
    """Serve until the end; `hosts` tells where."""
    server = AccServer()
    app = web.Application()
    app.router.add_post("/{host}/oauth2/v3/token", server.give_token)
    app.router.add_get(f"/api{PATH}", server.give_energy)
    test_server = TestServer(app)
    await test_server.start_server()
    at = str(test_server.make_url("/")).rstrip("/")
    server.hosts = AccHosts(f"{at}/api", (f"{at}/first", f"{at}/second"))
    try:
        yield server
    finally:
        await test_server.close()
