"""What the home tells its organiser each evening, where its member lets it: one number."""

from datetime import datetime, time, timedelta
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import CONF_TELL_NEED, LOGGER
from ..engine.publishable import DAY
from ..engine.slots import at_clock
from ..engine.told_needs import MOST_NEED_WH, ToldNeed
from ..pmo.errors import FeedUnavailable
from ..pmo.polling import phase_of
from .loads import LoadsCoordinator
from .settlement import SettlementCoordinator

FROM: Final = time(19, 30)
WITHIN: Final = timedelta(minutes=45)
"""Each home at its place in it, so that they do not all come at once; the forecast that counts
them is made a quarter of an hour later."""
AGAIN_AFTER: Final = timedelta(minutes=10)
"""Once: the last home's second try still comes before the forecast."""


class NeedTelling:
    """Tells each evening what the loads that can wait will need on the next day."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        key: str,
        settlement: SettlementCoordinator,
        loads: LoadsCoordinator,
    ) -> None:
        """Tell nothing yet."""
        self._hass = hass
        self._entry = entry
        self._phase = phase_of(f"{key} need")
        self._settlement = settlement
        self._loads = loads
        self._timer: CALLBACK_TYPE | None = None
        self._was_refused = False
        """Whether it was said already, since it was last taken, that it is not."""

    @callback
    def async_start(self) -> None:
        """Tell each evening until the entry is unloaded, where that is wished."""
        if not self._entry.options.get(CONF_TELL_NEED):
            return
        self._await_evening(dt_util.utcnow())
        self._entry.async_on_unload(self._async_stop)

    @callback
    def _async_stop(self) -> None:
        if self._timer is not None:
            self._timer()

    def _await_evening(self, after: datetime) -> None:
        """Wait for this home's minute: what was missed is missed, a usual need stands for it."""
        at = self._minute(after)
        if at <= after:
            at = self._minute(after + DAY)
        self._timer = async_track_point_in_utc_time(self._hass, self._async_due, at)

    def _minute(self, day: datetime) -> datetime:
        """When it is this home's turn on an instant's local day, UTC."""
        zone, member = self._settlement.time_zone, self._settlement.data.member
        place = self._phase
        if member is not None and member.place is not None:
            place = member.place
        return at_clock(day.astimezone(zone).date(), FROM, zone) + place * WITHIN

    @callback
    def _async_due(self, now: datetime) -> None:
        """Tell it; if that fails, once more."""
        self._await_evening(now)
        self._tell_soon(is_last=False)

    @callback
    def _async_due_again(self, now: datetime) -> None:
        self._await_evening(now)
        self._tell_soon(is_last=True)

    def _tell_soon(self, *, is_last: bool) -> None:
        self._entry.async_create_background_task(
            self._hass,
            self._async_tell(is_last=is_last),
            f"{self._settlement.name} need",
        )

    async def _async_tell(self, *, is_last: bool) -> None:
        """Tell what there is to tell, to an organiser that takes it."""
        now = dt_util.utcnow()
        need_wh = self._loads.need_tomorrow_wh(now)
        if need_wh is None or not self._settlement.takes_needs:
            return
        tomorrow = now.astimezone(self._settlement.time_zone).date() + DAY
        need = ToldNeed(tomorrow, min(round(need_wh), MOST_NEED_WH), now)
        try:
            await self._settlement.async_tell(need)
            self._was_refused = False
        except FeedUnavailable as error:
            # A host that is busy for a moment takes it the second time.
            is_said = is_last and not self._was_refused
            level = logging.WARNING if is_said else logging.DEBUG
            LOGGER.log(level, "%s was not told: %s", self._settlement.name, error)
            self._was_refused |= is_last
            if not is_last:
                self._async_stop()
                self._timer = async_track_point_in_utc_time(
                    self._hass, self._async_due_again, now + AGAIN_AFTER
                )
