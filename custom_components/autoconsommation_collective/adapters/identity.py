"""What identifies a delivery point without naming it."""

import hashlib
import hmac

from homeassistant.core import HomeAssistant
from homeassistant.helpers import instance_id

KEY_LENGTH = 16
"""Hex digits kept: 64 bits, far beyond the delivery points of one house, short in an id."""


async def async_delivery_point_key(hass: HomeAssistant, delivery_point: str) -> str:
    """Keyed hash standing for a delivery point: lower-case hex, stable on this instance.

    Home Assistant logs titles, unique ids, device identifiers, statistic ids and file
    names, so none may carry the PRM. The instance id keys the hash: without it, the few
    million PRMs of a region could be tried in turn. The same PRM added again has the same
    key and so continues its statistics.
    """
    secret = await instance_id.async_get(hass)
    digest = hmac.new(secret.encode(), delivery_point.encode(), hashlib.sha256)
    return digest.hexdigest()[:KEY_LENGTH]
