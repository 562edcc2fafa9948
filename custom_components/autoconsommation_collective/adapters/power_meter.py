"""The power that the whole home draws, as its meter tells it, and how often it does."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
import math
from typing import Any, Final

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    UnitOfApparentPower,
    UnitOfPower,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.util.unit_conversion import ApparentPowerConverter, PowerConverter

from ..engine.power_guard import FEWEST_INTERVALS, Phases, usual_refresh
from .meter import resolve

NUMBERS: Final = (0, 1, 3)
"""Of sensors: none, one for the home, or one for each of its phases."""
UNITS: Final = ApparentPowerConverter.VALID_UNITS | PowerConverter.VALID_UNITS
FRESH: Final = timedelta(seconds=60)
"""Older, a measurement tells nothing of now: several polls were missed."""
LONGEST_NOTED: Final = timedelta(hours=1)
"""A longer silence is an outage or a restart, and no habit of the meter."""


@callback
def live_power_problem(hass: HomeAssistant, entity_ids: Sequence[str]) -> str | None:
    """Why these sensors do not tell what the home draws, as a translation key."""
    if len(entity_ids) not in NUMBERS:
        return "live_power_number"
    for entity_id in entity_ids:
        state = hass.states.get(entity_id)
        unit = state and state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if unit and unit not in UNITS:
            return "live_power_unit"
    return None


class PowerMeter:
    """Sensors of one value for the whole home, or of each of its phases."""

    def __init__(self, hass: HomeAssistant, refs: Sequence[str]) -> None:
        """Have heard nothing yet."""
        self._hass = hass
        self._refs = tuple(refs)
        self._reported: datetime | None = None
        self._intervals: deque[timedelta] = deque(maxlen=2 * FEWEST_INTERVALS)
        self._before: timedelta | None = None
        """As it was before the last restart."""

    @callback
    def async_follow(self, heard: Callable[[datetime], None]) -> list[CALLBACK_TYPE]:
        """Call at each report of the sensors, also of what stays the same."""
        # At a start of Home Assistant some are not there yet.
        registry = er.async_get(self._hass)
        resolved = (er.async_resolve_entity_id(registry, ref) for ref in self._refs)
        entity_ids = [entity_id for entity_id in resolved if entity_id]
        first = entity_ids[:1]

        @callback
        def reported(event: Event[Any]) -> None:
            state: State | None = event.data["new_state"]
            if state is None:
                return
            # All phases come together: the intervals are those of one.
            if state.entity_id in first:
                self._note(state.last_reported)
            heard(state.last_reported)

        return [
            async_track_state_change_event(self._hass, entity_ids, reported),
            async_track_state_report_event(self._hass, entity_ids, reported),
        ]

    def _note(self, at: datetime) -> None:
        if self._reported is not None:
            interval = at - self._reported
            if timedelta(0) < interval <= LONGEST_NOTED:
                self._intervals.append(interval)
        self._reported = at

    @property
    def refresh(self) -> timedelta | None:
        """How often it usually tells; before enough was heard, as it was before a restart."""
        return usual_refresh(self._intervals) or self._before

    def restore(self, refresh: timedelta | None) -> None:
        """Know how often it told before a restart."""
        self._before = refresh

    @callback
    def home_va(self, now: datetime) -> Phases | None:
        """What the home draws, by phase or in all; None: it does not tell."""
        found = []
        for ref in self._refs:
            entity_id = resolve(self._hass, ref)
            state = self._hass.states.get(entity_id) if entity_id else None
            if state is None or now - state.last_reported > FRESH:
                return None
            va = _va(state)
            if va is None:
                return None
            found.append(max(0.0, va))
        return tuple(found) or None


def _va(state: State) -> float | None:
    """A power, apparent or not, in VA or W; None for no number of one."""
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        value = float(state.state)
        if not math.isfinite(value):
            return None
        if unit in ApparentPowerConverter.VALID_UNITS:
            return ApparentPowerConverter.convert(
                value, unit, UnitOfApparentPower.VOLT_AMPERE
            )
        return PowerConverter.convert(value, unit, UnitOfPower.WATT)
    except ValueError, HomeAssistantError:
        return None
