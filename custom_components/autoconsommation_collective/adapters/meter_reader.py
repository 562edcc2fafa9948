"""From the states of index entities to a StepMeter, reading by reading."""

from collections.abc import Sequence

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.util import dt as dt_util

from ..engine.metering import StepMeter
from .meter import index_wh


class MeterReader:
    """Follows the entities of one meter, also when they are renamed."""

    def __init__(
        self, hass: HomeAssistant, refs: Sequence[str], meter: StepMeter
    ) -> None:
        """Follow nothing yet."""
        self._hass = hass
        self._refs = tuple(refs)
        self._meter = meter
        self._entities: dict[str, str] = {}
        self._unsubscribe: list[CALLBACK_TYPE] = []

    @callback
    def async_start(self) -> None:
        """Take the present readings and follow the entities, also those yet to come.

        An entity without registry entry may be made after us; a removed one interrupts
        until it is added again, with the id that it had.
        """
        self._entities = self._resolved()
        followed = list(self._entities)
        self._unsubscribe = [
            async_track_state_change_event(self._hass, followed, self._async_changed),
            async_track_state_report_event(self._hass, followed, self._async_reported),
            self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._async_registry_updated
            ),
        ]
        for ref in set(self._refs).difference(self._entities.values()):
            self._take(ref, None)
        for entity_id, ref in self._entities.items():
            self._take(ref, self._hass.states.get(entity_id))

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def _async_changed(self, event: Event[EventStateChangedData]) -> None:
        self._take(self._entities[event.data["entity_id"]], event.data["new_state"])

    @callback
    def _async_reported(self, event: Event[EventStateReportedData]) -> None:
        self._take(self._entities[event.data["entity_id"]], event.data["new_state"])

    @callback
    def _async_registry_updated(
        self, _event: Event[er.EventEntityRegistryUpdatedData]
    ) -> None:
        """Of any entity: one that was removed has no entity_id to wait for."""
        if self._resolved() != self._entities:
            self.async_stop()
            self.async_start()

    def _resolved(self) -> dict[str, str]:
        """The references that lead somewhere, by entity_id."""
        registry = er.async_get(self._hass)
        return {
            entity_id: ref
            for ref in self._refs
            if (entity_id := er.async_resolve_entity_id(registry, ref)) is not None
        }

    def _take(self, ref: str, state: State | None) -> None:
        """A state without a usable value interrupts: what moves meanwhile is not seen."""
        wh = None if state is None else index_wh(state)
        if state is None or wh is None:
            self._meter.interrupt(dt_util.utcnow(), ref)
        else:
            self._meter.read(ref, state.last_reported, wh)
