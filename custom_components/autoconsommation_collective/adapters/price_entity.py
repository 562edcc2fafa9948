"""What an entity tells of the price of a kWh now: one of a tariff integration, or a helper."""

import math

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CURRENCY_EURO,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
)
from homeassistant.core import HomeAssistant, State, callback

from ..engine.seen_prices import DEAREST_EUR
from .meter import resolve

PER_KWH = {
    f"{currency}/{UnitOfEnergy.KILO_WATT_HOUR}".casefold()
    for currency in (CURRENCY_EURO, "EUR")
}
"""Units that are taken; a price without unit, or per MWh, might be anything."""


@callback
def shown_price(hass: HomeAssistant, ref: str | None) -> float | None:
    """The price in €/kWh that an entity shows; None where it shows none that can be one."""
    state = _state(hass, ref)
    if state is None or not _is_per_kwh(state):
        return None
    try:
        eur = float(state.state)
    except ValueError:
        return None
    return eur if math.isfinite(eur) and 0 < eur <= DEAREST_EUR else None


@callback
def price_problem(hass: HomeAssistant, ref: str) -> str | None:
    """Why an entity cannot tell the price, as a translation key; None when it can.

    One that shows nothing now may do later.
    """
    state = _state(hass, ref)
    if state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        return None
    return None if shown_price(hass, ref) is not None else "no_price"


def _state(hass: HomeAssistant, ref: str | None) -> State | None:
    entity_id = resolve(hass, ref) if ref else None
    return hass.states.get(entity_id) if entity_id else None


def _is_per_kwh(state: State) -> bool:
    unit = str(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) or "")
    return unit.replace(" ", "").casefold() in PER_KWH
