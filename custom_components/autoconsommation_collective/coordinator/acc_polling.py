"""The grid operator's clock: settled months, asked for each day with the organiser's own key."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..adapters.issues import ACC_API, set_issue
from ..adapters.store import Stores
from ..const import (
    CONF_ACC_API,
    CONF_AGREEMENT,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_DELIVERY_POINT,
    CONF_SANDBOX,
    LOGGER,
)
from ..engine.delivery import Delivery
from ..engine.delivery_unread import Refusal
from ..engine.model import Quality
from ..engine.months import month_after, month_bounds
from ..engine.reconcile import Source
from ..pmo.acc_client import AGREEMENT, AccClient, AccKey
from ..pmo.acc_errors import AccApiError, AccProblem
from ..pmo.acc_unknown import PRODUCTION, SANDBOX
from ..pmo.polling import backoff, next_poll, phase_of
from .importing import Importing

EVERY: Final = timedelta(days=1)
"""A settlement is weeks late, and the operator's servers are everybody's."""
SOON: Final = timedelta(minutes=2)
"""After a start: by then it is known what this home usually draws."""
MONTHS: Final = 13
"""A year, and the month that is compared with its first."""
CORRECTED_FOR: Final = timedelta(days=92)
"""How long a month that was told is asked for again: a correction comes within some months."""
STORE: Final = "acc_api"
"""Name of the document of when the interface was asked, and told which months."""
HOSTS: Final = {False: PRODUCTION, True: SANDBOX}
"""By whether it is only tried out."""


class AccPolling:
    """Asks the grid operator's interface, where the organiser runs this house."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        key: str,
        importing: Importing,
        stores: Stores,
    ) -> None:
        """Ask for nothing yet."""
        self._hass = hass
        self._entry = entry
        self._phase = phase_of(key)
        self._importing = importing
        self._stores = stores
        self._client: AccClient | None = None
        self._failures = 0
        self._asked: datetime | None = None
        """When all that is wanted was asked for last."""
        self._told: dict[str, str] = {}
        """By month when it was told first, ISO 8601."""
        self._answered: dict[str, str] = {}
        """By month when it was answered in a run that did not reach its end, however: whatever
        stopped the run, these are not asked for again so soon."""
        self._stop: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Ask each day until the entry is unloaded, where there is a key."""
        if told := self._entry.options.get(CONF_ACC_API):
            self._client = self._client_of(told)
            self._entry.async_on_unload(self._async_stop)
            self._entry.async_create_background_task(
                self._hass, self._async_begin(), "settlements of the grid operator"
            )

    async def async_problem(self, told: Mapping[str, Any]) -> str | None:
        """Why a key cannot be used, as a key of a sentence; None where it can."""
        if not AGREEMENT.fullmatch(told[CONF_AGREEMENT]):
            return "acc_agreement"
        month = self._months(dt_util.utcnow())[0]
        try:
            await self._async_ask(self._client_of(told), month)
        except AccApiError as error:
            # Nothing may be settled yet; the key was good all the same.
            if error.problem is AccProblem.NOT_THERE:
                return None
            return f"acc_{error.problem.value}"
        return None

    def _client_of(self, told: Mapping[str, Any]) -> AccClient:
        key = AccKey(
            told[CONF_AGREEMENT], told[CONF_CLIENT_ID], told[CONF_CLIENT_SECRET]
        )
        hosts = HOSTS[told[CONF_SANDBOX]]
        return AccClient(async_get_clientsession(self._hass), key, hosts)

    @callback
    def _async_stop(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None

    async def _async_begin(self) -> None:
        """Ask soon where nobody did today, as after the key was told."""
        stored = await self._stores.async_load(STORE) or {}
        self._told = _restored(stored.get("told", {}))
        self._answered = _restored(stored.get("answered", {}))
        self._asked = dt_util.parse_datetime(str(stored.get("asked")))
        now = dt_util.utcnow()
        is_due = self._asked is None or now - self._asked >= EVERY
        self._ask_at(now + SOON if is_due else next_poll(now, EVERY, self._phase))

    @callback
    def _ask_at(self, at: datetime) -> None:
        self._stop = async_track_point_in_utc_time(self._hass, self._async_due, at)

    @callback
    def _async_due(self, _at: datetime) -> None:
        """Ask in the background, so that it ends with the entry."""
        self._stop = None
        self._entry.async_create_background_task(
            self._hass,
            self._async_poll(dt_util.utcnow()),
            "settlements of the grid operator",
        )

    async def _async_poll(self, now: datetime) -> None:
        """Ask for each month that is wanted; go on tomorrow, or sooner after a failure."""
        problems: set[AccProblem | None] = set()
        """What became of the months; None: told."""
        try:
            for month in self._wanted(now):
                problems.add(await self._async_take_in(month, now))
                self._answered[month] = now.isoformat()
        except AccApiError as error:
            problems.add(error.problem)
            self._ask_at(self._after(error, now))
        else:
            self._asked, self._failures, self._answered = now, 0, {}
            self._ask_at(next_poll(now, EVERY, self._phase))
        # A key that is good for one month is good: what is not there was looked for with it.
        if problems & {None, AccProblem.NOT_THERE}:
            self._set_issue(None)
        elif AccProblem.REFUSED in problems:
            self._set_issue("acc_refused")
        asked = None if self._asked is None else self._asked.isoformat()
        document = {"asked": asked, "told": self._told, "answered": self._answered}
        await self._stores.async_save(STORE, document)

    def _after(self, error: AccApiError, now: datetime) -> datetime:
        """When to ask again, of a run that was stopped."""
        LOGGER.info("The grid operator's interface does not answer: %s", error)
        if error.problem is AccProblem.REFUSED:
            self._answered = {}
            return next_poll(now, EVERY, self._phase)
        self._failures += 1
        return now + backoff(self._failures, error.retry_after, self._phase)

    def _months(self, now: datetime) -> list[str]:
        """The months that have ended, the last one first."""
        current = f"{now.astimezone(self._importing.settlement.time_zone):%Y-%m}"
        return [month_after(current, -n) for n in range(1, MONTHS + 1)]

    def _wanted(self, now: datetime) -> list[str]:
        """Those that are not held from anywhere, and those that may be corrected."""
        pages = self._importing.settlement.data.pages
        held = {m for m, page in pages.items() if page.quality is Quality.SETTLED}
        since = (now - CORRECTED_FOR).isoformat()
        day_ago = (now - EVERY).isoformat()
        return [
            month
            for month in self._months(now)
            if (month not in held or self._told.get(month, "") >= since)
            and self._answered.get(month, "") <= day_ago
        ]

    async def _async_take_in(self, month: str, now: datetime) -> AccProblem | None:
        """Take in a month, or say what was answered instead.

        Raises AccApiError where all months would be answered so, or none at all.
        """
        assert self._client is not None
        try:
            delivery = await self._async_ask(self._client, month)
        except AccApiError as error:
            if not error.is_answer:
                raise
            if error.problem is not AccProblem.NOT_THERE:
                LOGGER.info("%s of the grid operator: %s", month, error)
            return error.problem
        report = await self._importing.async_import(delivery, Source.API)
        if isinstance(report, Refusal):
            LOGGER.info("%s of the grid operator: %s", month, report.key)
        else:
            self._told.setdefault(month, now.isoformat())
        return None

    async def _async_ask(self, client: AccClient, month: str) -> Delivery:
        start, end = month_bounds(month, self._importing.settlement.time_zone)
        return await client.settled(self._entry.data[CONF_DELIVERY_POINT], start, end)

    def _set_issue(self, key: str | None) -> None:
        set_issue(self._hass, self._entry.entry_id, ACC_API, key)


def _restored(stored: Mapping[str, Any]) -> dict[str, str]:
    """Months, and when."""
    return {str(month): str(at) for month, at in stored.items()}
