"""Somebody who uses Home Assistant through its public API, as its own pages do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from .errors import DemoError

NAME, PASSWORD = "demo", "soleil-partage"
FLOWS = "/api/config/config_entries/flow"
OPTIONS = "/api/config/config_entries/options/flow"
SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"
MAX_MESSAGE = 64 * 1024 * 1024
"""Statistics of several months in one answer."""

type Json = dict[str, Any]
type Answers = Mapping[str, Json]
"""What is typed or chosen, by step of a flow; all else is confirmed as suggested."""


@dataclass(slots=True)
class Resident:
    """A user who is logged in."""

    address: str
    tokens: Json
    """As the login gave them: access, refresh, life time."""
    _session: aiohttp.ClientSession
    _socket: aiohttp.ClientWebSocketResponse
    _n_messages: int = 0

    async def ask(self, kind: str, **fields: object) -> Any:
        """Result of a websocket command."""
        self._n_messages += 1
        await self._socket.send_json({"id": self._n_messages, "type": kind, **fields})
        answer = await self._socket.receive_json()
        if not answer["success"]:
            raise DemoError(
                f"Home Assistant refused {kind}: {answer['error']['message']}"
            )
        return answer["result"]

    async def request(self, path: str, body: Json | None = None) -> Any:
        """Answer of the REST API: GET without a body, POST with one."""
        method = "GET" if body is None else "POST"
        return await self._send(method, path, json=body)

    async def upload(self, name: str, body: bytes) -> str:
        """Hand a file in, as a form's file field does; the id that the form then sends."""
        form = aiohttp.FormData()
        form.add_field("file", body, filename=name)
        answer = await self._send("POST", "/api/file_upload", data=form)
        return str(answer["file_id"])

    async def _send(self, method: str, path: str, **content: Any) -> Any:
        async with self._session.request(
            method, f"{self.address}{path}", headers=_bearer(self.tokens), **content
        ) as response:
            if response.status >= 400:
                raise DemoError(f"Home Assistant answered {response.status} to {path}")
            return await response.json()

    async def wait_for_start(self) -> None:
        """Return when Home Assistant has set up everything."""
        while (await self.request("/api/config"))["state"] != "RUNNING":
            await asyncio.sleep(0.3)

    async def render(self, template: str) -> str:
        """A template as Home Assistant fills it in."""
        async with self._session.post(
            f"{self.address}/api/template",
            headers=_bearer(self.tokens),
            json={"template": template},
        ) as response:
            if response.status >= 400:
                raise DemoError(f"Home Assistant refused a template: {template}")
            return await response.text()

    async def configure(self, integration: str, answers: Answers) -> Json:
        """Go through an integration's configuration flow to its end; the entry it made."""
        step = await self._answer(FLOWS, integration, answers)
        entry: Json = step["result"]
        return entry

    async def configure_subentry(
        self, entry_id: str, kind: str, answers: Answers
    ) -> None:
        """Add something to an entry."""
        await self._answer(SUBENTRY_FLOWS, [entry_id, kind], answers)

    async def open_options(self, entry_id: str) -> Json:
        """Press Configure; the first question."""
        step: Json = await self.request(OPTIONS, {"handler": entry_id})
        return step

    async def tell(self, step: Json, *answers: Json) -> Json:
        """Answer a question of the options and those that follow; the one after them.

        All that is not typed or chosen is confirmed as suggested.
        """
        for typed in answers:
            step = await self._reply(OPTIONS, step, typed)
        return step

    async def _answer(
        self, flows: str, handler: str | list[str], answers: Answers
    ) -> Json:
        """Go through a flow to what it creates."""
        step: Json = await self.request(flows, {"handler": handler})
        while step["type"] in ("menu", "form"):
            step = await self._reply(flows, step, answers.get(step["step_id"], {}))
        if step["type"] != "create_entry":
            reason = step.get("reason")
            raise DemoError(f"{handler}: the flow ended with {step['type']}: {reason}")
        return step

    async def _reply(self, flows: str, step: Json, typed: Json) -> Json:
        """Answer one question; the next one, or what the flow ends with."""
        given = {**_suggested(step.get("data_schema", [])), **typed}
        step = await self.request(f"{flows}/{step['flow_id']}", given)
        if errors := step.get("errors"):
            raise DemoError(f"{step['step_id']}: refused with {errors}")
        return step


@asynccontextmanager
async def moving_in(address: str, language: str) -> AsyncIterator[Resident]:
    """The first user of a fresh Home Assistant."""
    async with aiohttp.ClientSession() as session:
        tokens = await _create_user(session, address, language)
        async with session.ws_connect(
            f"{address}/api/websocket", max_msg_size=MAX_MESSAGE
        ) as socket:
            await socket.receive_json()
            token = tokens["access_token"]
            await socket.send_json({"type": "auth", "access_token": token})
            if (await socket.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant does not let its own user in")
            yield Resident(address, tokens, session, socket)


async def _create_user(
    session: aiohttp.ClientSession, address: str, language: str
) -> Json:
    """The user's tokens."""
    user = {
        "client_id": f"{address}/",
        "name": NAME,
        "username": NAME,
        "password": PASSWORD,
        "language": language,
    }
    async with session.post(f"{address}/api/onboarding/users", json=user) as response:
        response.raise_for_status()
        code = (await response.json())["auth_code"]
    grant = {
        "client_id": f"{address}/",
        "grant_type": "authorization_code",
        "code": code,
    }
    async with session.post(f"{address}/auth/token", data=grant) as response:
        response.raise_for_status()
        tokens: Json = await response.json()
        return tokens


def _bearer(tokens: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def _suggested(schema: list[Json]) -> Json:
    """A form as it was filled in for the user."""
    filled: Json = {}
    for field in schema:
        if field.get("type") == "expandable":
            filled[field["name"]] = _suggested(field["schema"])
            continue
        description = field.get("description") or {}
        value = description.get("suggested_value", field.get("default"))
        if value is not None:
            filled[field["name"]] = value
    return filled
