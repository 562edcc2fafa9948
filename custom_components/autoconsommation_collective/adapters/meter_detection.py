"""Which entities are the member's meter: found by what reads them, never by entity_id."""

from dataclasses import dataclass

from homeassistant.core import HomeAssistant


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterCandidate:
    """A meter that was found, and its entities by what they tell.

    References as adapters.meter makes them; several indexes are to be added up.
    """

    name: str
    """What the member calls it: the name of its device."""
    source: str
    """The integration that reads it, or that keeps its statistics."""
    score: int
    live: bool
    """Whether it tells the present; a cloud brings the day before."""
    import_refs: tuple[str, ...] = ()
    export_refs: tuple[str, ...] = ()
    apparent_power_ref: str | None = None
    tariff_ref: str | None = None
    contact_ref: str | None = None
    schedule_ref: str | None = None
    curve_ref: str | None = None
    subscribed_kva: float | None = None
    history_statistic_ids: tuple[str, ...] = ()
    """External statistics that hold its past, imported energy."""


async def async_detect_meters(hass: HomeAssistant) -> list[MeterCandidate]:
    """The meters of the home, the best first."""
    return []
