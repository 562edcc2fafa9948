"""What has just happened: a good window began or ended, a month was settled."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import JsonObjectType

from .coordinator import AccConfigEntry
from .coordinator.telling import told_month, told_window
from .entity import AccEntity

PARALLEL_UPDATES = 0

STARTED = "good_window_started"
ENDED = "good_window_ended"
SETTLED = "settlement_received"

SIGNAL_EVENT = EventEntityDescription(
    key="signal_event",
    translation_key="signal_event",
    event_types=[STARTED, ENDED, SETTLED],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entity."""
    async_add_entities([AccEvent(entry, SIGNAL_EVENT)])


class AccEvent(AccEntity, EventEntity):
    """Tells changes only: what a start of Home Assistant finds out is none."""

    def __init__(
        self, entry: AccConfigEntry, description: EventEntityDescription
    ) -> None:
        """Begin from what is known already."""
        super().__init__(entry, description)
        self._time_zone = entry.runtime_data.settlement.time_zone
        self._was_good = self._is_good
        self._settled_month = self._last_month

    @property
    def _is_good(self) -> bool | None:
        """Whether it is a good time; None while nothing was worked out since the start."""
        snapshot = self.coordinator.data
        if (
            snapshot.ahead is None
            or self.coordinator.hass.state is not CoreState.running
        ):
            return None
        return snapshot.signal is not None and snapshot.signal.level.is_good

    @property
    def _last_month(self) -> str:
        """The latest settled month, as 2026-10; empty before the first."""
        last = self.coordinator.data.settled.last
        return last.month if last else ""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Tell what has changed since the last look."""
        if self._last_month > self._settled_month:
            self._tell_settlement()
            self._settled_month = self._last_month
        was_good, self._was_good = self._was_good, self._is_good
        if None not in (was_good, self._was_good) and was_good != self._was_good:
            self._tell_signal()

    @callback
    def _tell_signal(self) -> None:
        """A good window began or ended."""
        snapshot = self.coordinator.data
        attributes: JsonObjectType = {"reason": snapshot.reason}
        if self._is_good and snapshot.signal and snapshot.signal.window:
            attributes |= told_window(snapshot.signal.window, self._time_zone)
        self._trigger_event(STARTED if self._is_good else ENDED, attributes)
        self.async_write_ha_state()

    @callback
    def _tell_settlement(self) -> None:
        """A month later than any before was settled, with its result."""
        last = self.coordinator.data.settled.last
        assert last is not None
        self._trigger_event(SETTLED, told_month(last))
        self.async_write_ha_state()
