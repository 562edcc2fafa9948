"""Ask the grid operator's interface for collective self-consumption, with the organiser's key."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import json
import re
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientSession
from aiohttp.hdrs import AUTHORIZATION

from ..engine.delivery import Delivery
from . import acc_api
from .acc_errors import AccApiError, AccProblem
from .acc_unknown import TOKEN_PATH, USUAL_LIFE, AccHosts
from .delivery_errors import DeliveryError
from .delivery_json import open_json
from .polling import retry_after

AGREEMENT: Final = re.compile(r"ACC[0-9]{8}")
TIMEOUT: Final = timedelta(seconds=30)
MAX_BYTES: Final = 1_000_000
"""An answer holds some twenty numbers."""
MARGIN: Final = timedelta(minutes=1)
"""A token is not used to its last second: clocks differ, and questions take time."""
LONGEST_LIFE_S: Final = 24 * 60 * 60
"""Of a token, whatever it says: a longer time may not even be one."""
_TYPES: Final = "cons,autocons,complement"
_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class AccKey:
    """What the organiser got for its operation."""

    agreement: str
    """ACC and eight digits."""
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


class AccClient:
    """Asks for the settled sums of one operation's delivery points."""

    def __init__(
        self,
        session: ClientSession,
        key: AccKey,
        hosts: AccHosts,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        """Take a session that verifies certificates, as sessions do unless told not to."""
        self._session = session
        self._key = key
        self._hosts = hosts
        self._timeout = timeout
        self._token: str | None = None
        self._good_until = 0.0
        """By the clock of the event loop."""

    async def settled(self, point: str, start: datetime, end: datetime) -> Delivery:
        """What was consumed and allocated between two instants, as sums by class.

        Raises AccApiError.
        """
        url = (
            f"{self._hosts.api}/collective_self_consumption/v4/agreements/"
            f"{self._key.agreement}/definitive_active_energy/cons/{point}"
        )
        params = {"start": _told(start), "end": _told(end), "type": _TYPES}
        had_token = self._has_token
        try:
            body = await self._get(url, params)
        except AccApiError as error:
            # A token may be taken back before its time.
            if not had_token or error.problem is not AccProblem.REFUSED:
                raise
            self._token = None
            body = await self._get(url, params)
        return _delivery(body)

    @property
    def _has_token(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._token is not None and now < self._good_until

    async def _get(self, url: str, params: Mapping[str, str]) -> bytes:
        if not self._has_token:
            await self._renew()
        return await self._ask(
            "GET",
            url,
            params=params,
            headers={AUTHORIZATION: f"Bearer {self._token}"},
        )

    async def _renew(self) -> None:
        """Have a token, from the first host that hands one out."""
        refusals: list[AccApiError] = []
        for host in self._hosts.tokens:
            try:
                self._token, life = _token(await self._ask_token(host))
            except AccApiError as error:
                refusals.append(error)
                continue
            now = asyncio.get_running_loop().time()
            self._good_until = now + (life - MARGIN).total_seconds()
            return
        # That a key is refused says more than that a host does not answer.
        raise min(refusals, key=lambda error: list(AccProblem).index(error.problem))

    async def _ask_token(self, host: str) -> bytes:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._key.client_id,
            "client_secret": self._key.client_secret,
        }
        return await self._ask("POST", f"{host}{TOKEN_PATH}", data=form)

    async def _ask(self, method: str, url: str, **more: Any) -> bytes:
        try:
            async with (
                asyncio.timeout(self._timeout.total_seconds()),
                self._session.request(
                    method, url, allow_redirects=False, **more
                ) as response,
            ):
                return await _read(response, is_token=method == "POST")
        except (ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
        # Out of the handler: the cause holds the address, and with it the delivery point.
        raise AccApiError(AccProblem.UNAVAILABLE, reason)


async def _read(response: ClientResponse, *, is_token: bool) -> bytes:
    """Take the answer, or say in a typed error what it was instead."""
    status = response.status
    reason = f"HTTP {status}"
    # A key that is not known is no good request, where tokens are handed out (RFC 6749 §5.2).
    if status in _REFUSED or (is_token and status == HTTPStatus.BAD_REQUEST):
        raise AccApiError(AccProblem.REFUSED, reason, is_answer=not is_token)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.NO_CONTENT} and not is_token:
        raise AccApiError(AccProblem.NOT_THERE, reason, is_answer=True)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after(response.headers)
        raise AccApiError(AccProblem.TOO_OFTEN, reason, wait)
    if status != HTTPStatus.OK:
        wait = retry_after(response.headers)
        # Who says when to come back speaks of all questions.
        is_answer = not is_token and wait is None
        raise AccApiError(AccProblem.UNAVAILABLE, reason, wait, is_answer=is_answer)
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise AccApiError(
                AccProblem.UNREADABLE, "too large", is_answer=not is_token
            )
    return bytes(body)


def _delivery(body: bytes) -> Delivery:
    """The sums of an answer."""
    try:
        nodes, _ = open_json("answer", body)
        if not acc_api.is_answer(nodes):
            raise AccApiError(AccProblem.UNREADABLE, "another document", is_answer=True)
        found = acc_api.read("answer", nodes)
    except DeliveryError as error:
        reason = error.problem.value
    else:
        if not found.totals:
            raise AccApiError(AccProblem.NOT_THERE, "nothing in it", is_answer=True)
        return Delivery(totals=tuple(found.totals), repairs=dict(found.repairs))
    raise AccApiError(AccProblem.UNREADABLE, reason, is_answer=True)


def _token(body: bytes) -> tuple[str, timedelta]:
    """The token of an answer, and how long it lasts."""
    try:
        answer = json.loads(body)
    except ValueError, RecursionError:
        answer = None
    token = answer.get("access_token") if isinstance(answer, dict) else None
    # It is sent back as it came, in a header.
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        raise AccApiError(AccProblem.UNREADABLE, "no token")
    lasts = str(answer.get("expires_in"))
    is_told = lasts.isascii() and lasts.isdecimal()
    told = timedelta(seconds=min(int(lasts), LONGEST_LIFE_S)) if is_told else None
    return token, USUAL_LIFE if told is None else told


def _told(at: datetime) -> str:
    """An instant as the interface writes it."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
