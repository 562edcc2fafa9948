"""What the entities tell that the user named for a load: its power, its water, its battery."""

from dataclasses import fields
from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfPower,
    UnitOfTemperature,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.unit_conversion import PowerConverter, TemperatureConverter

from ..engine.blocks import HOUR
from .loads import LoadSensors
from .meter import index_wh, resolve

STILL_AFTER: Final = timedelta(minutes=5)
"""Without any more energy, after which nothing is drawn: an index counts whole Wh, and is
reported when it changes."""


class LoadProbe:
    """Reads what is measured of a load."""

    def __init__(self, hass: HomeAssistant, sensors: LoadSensors) -> None:
        """Have measured nothing yet."""
        self._hass = hass
        self._sensors = sensors
        self._index: tuple[datetime, float, float] | None = None
        """When the index last changed, what it showed, and the power until then."""

    @property
    def refs(self) -> tuple[str, ...]:
        """References of the entities to follow."""
        told = (getattr(self._sensors, field.name) for field in fields(LoadSensors))
        return tuple(ref for ref in told if ref is not None)

    @property
    def measures_power(self) -> bool:
        """Whether anything measures what it draws."""
        return bool(self._sensors.power_ref or self._sensors.energy_ref)

    @callback
    def power_w(self, now: datetime) -> float:
        """What it draws; NaN while nothing tells."""
        if (state := self._state(self._sensors.power_ref)) is not None:
            return _converted(state, PowerConverter, UnitOfPower.WATT)
        if (state := self._state(self._sensors.energy_ref)) is not None:
            return self._power_of_index(state, now)
        return math.nan

    def _power_of_index(self, state: State, now: datetime) -> float:
        wh = index_wh(state)
        if wh is None:
            return math.nan
        at = state.last_updated
        if self._index is None or wh < self._index[1] or at < self._index[0]:
            self._index = at, wh, math.nan
        elif at > self._index[0] and wh > self._index[1]:
            since, before, _ = self._index
            self._index = at, wh, (wh - before) / ((at - since) / HOUR)
        changed, _, power = self._index
        return power if now - changed <= STILL_AFTER else 0.0

    @callback
    def water_c(self) -> float | None:
        """Temperature of the tank; None while nothing tells."""
        state = self._state(self._sensors.water_ref)
        if state is None:
            return None
        found = _converted(state, TemperatureConverter, UnitOfTemperature.CELSIUS)
        return None if math.isnan(found) else found

    @callback
    def is_plugged(self) -> bool:
        """Whether the car is; where nothing tells, it is."""
        state = self._state(self._sensors.plugged_ref)
        return state is None or state.state != STATE_OFF

    @callback
    def charge(self) -> float | None:
        """State of charge in [0, 1]; None while nothing tells."""
        state = self._state(self._sensors.charge_ref)
        try:
            return None if state is None else float(state.state) / 100
        except ValueError:
            return None

    def _state(self, ref: str | None) -> State | None:
        entity_id = resolve(self._hass, ref) if ref else None
        state = self._hass.states.get(entity_id) if entity_id else None
        silent = {STATE_UNAVAILABLE, STATE_UNKNOWN}
        return None if state is None or state.state in silent else state


def _converted(
    state: State,
    converter: type[PowerConverter | TemperatureConverter],
    unit: str,
) -> float:
    """A number in another unit; NaN for no number."""
    told = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    try:
        return converter.convert(float(state.state), told, unit)
    except ValueError, HomeAssistantError:
        return math.nan
