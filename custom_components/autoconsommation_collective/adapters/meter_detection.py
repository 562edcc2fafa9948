"""Which entities are the member's meter: by what reads them, never by entity_id."""

from dataclasses import dataclass

from homeassistant.components.energy import DOMAIN as ENERGY_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .cloud_history import async_cloud_histories
from .energy_dashboard import EnergyDashboard, async_energy_dashboard
from .meter import index_problem, index_wh, resolve
from .meter_group import (
    EXPORT_ROLES,
    IMPORT_ROLES,
    MeterEntity,
    best_of,
    device_groups,
    indexes_of,
    live_power_of,
    subscribed_kva,
)
from .meter_tokens import METER_PLATFORMS, MeterRole, is_meter, tells_next_day

CHOSEN, KNOWN, LABELLED, FITTING, NUMERIC = 4, 3, 3, 2, 1
NEXT_DAY, ASLEEP = -10, -2
"""What each clue is worth; what the member chose for the Energy dashboard the most."""

CONFIDENT_SCORE = 5
"""A label of the meter's own with a fitting unit; any clamp or plug has less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterCandidate:
    """A meter that was found, and its entities by what they tell.

    References are those of adapters.meter; several indexes are to be added up.
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
    live_power_refs: tuple[str, ...] = ()
    """Of the power drawn now: one, or one a phase."""
    tariff_ref: str | None = None
    contact_ref: str | None = None
    schedule_ref: str | None = None
    curve_ref: str | None = None
    subscribed_kva: float | None = None
    history_statistic_ids: tuple[str, ...] = ()
    """External statistics of its past imported energy; the ids may hold a PRM."""

    @property
    def confident(self) -> bool:
        """Whether it is good enough to fill a form without being asked."""
        return self.live and self.score >= CONFIDENT_SCORE


async def async_detect_meters(hass: HomeAssistant) -> list[MeterCandidate]:
    """The meters of the home, the best first."""
    chosen = await async_energy_dashboard(hass)
    found = []
    for group in device_groups(hass):
        if (candidate := _candidate(hass, group, chosen)) is not None:
            found.append(candidate)
            chosen = chosen.without({entity.entry.id for entity in group})
    if chosen.import_refs:
        found.append(_home_made(hass, chosen))
    histories = await async_cloud_histories(hass, chosen.statistic_ids)
    found.extend(
        _history(source, statistic_ids, chosen.statistic_ids)
        for source, statistic_ids in histories.items()
    )
    return sorted(found, key=lambda meter: (-meter.score, meter.name))


def _candidate(
    hass: HomeAssistant, group: list[MeterEntity], chosen: EnergyDashboard
) -> MeterCandidate | None:
    """The meter that a device reads, if it reads one."""
    entry = group[0].entry
    device = dr.async_get(hass).async_get(entry.device_id) if entry.device_id else None
    known = entry.platform in METER_PLATFORMS or (
        isinstance(device, dr.DeviceEntry)
        and is_meter(device.manufacturer, device.model)
    )
    if not known and all(entity.clue.generic for entity in group):
        return None
    imported = indexes_of(group, IMPORT_ROLES, chosen.import_refs)
    exported = indexes_of(group, EXPORT_ROLES, chosen.export_refs)
    if not imported:
        return None
    if not all(entity.asleep for entity in imported):
        # Some sources list the labels of injection for a meter that has none.
        exported = [entity for entity in exported if not entity.asleep]
    return MeterCandidate(
        name=(device and (device.name_by_user or device.name)) or entry.platform,
        source=entry.platform,
        score=_score(
            hass,
            imported,
            known=known,
            chosen=any(entity.entry.id in chosen.import_refs for entity in group),
        ),
        live=not tells_next_day(entry.platform, entry.unique_id),
        import_refs=tuple(entity.entry.id for entity in imported),
        export_refs=tuple(entity.entry.id for entity in exported),
        live_power_refs=live_power_of(group),
        tariff_ref=best_of(group, MeterRole.TARIFF),
        contact_ref=best_of(group, MeterRole.CONTACT),
        schedule_ref=best_of(group, MeterRole.SCHEDULE),
        curve_ref=best_of(group, MeterRole.CURVE_IMPORT),
        subscribed_kva=subscribed_kva(group),
    )


def _score(
    hass: HomeAssistant, imported: list[MeterEntity], *, known: bool, chosen: bool
) -> int:
    problems = {index_problem(hass, entity.entry.id) for entity in imported}
    return (
        CHOSEN * chosen
        + KNOWN * known
        + LABELLED * (not imported[0].clue.weak)
        + FITTING * (problems == {None})
        + NUMERIC * any(entity.wh is not None for entity in imported)
        + NEXT_DAY * ("d_plus_1" in problems)
        + ASLEEP * all(entity.asleep for entity in imported)
    )


def _home_made(hass: HomeAssistant, chosen: EnergyDashboard) -> MeterCandidate:
    """What the member chose for the Energy dashboard, and no rule of ours knows."""
    states = [
        state
        for ref in chosen.import_refs
        if (entity_id := resolve(hass, ref)) and (state := hass.states.get(entity_id))
    ]
    counts = any(index_wh(state) is not None for state in states)
    return MeterCandidate(
        name=" + ".join(state.name for state in states) or ENERGY_DOMAIN,
        source=ENERGY_DOMAIN,
        score=CHOSEN + FITTING + (NUMERIC if counts else ASLEEP),
        live=True,
        import_refs=chosen.import_refs,
        export_refs=chosen.export_refs,
    )


def _history(
    source: str, statistic_ids: set[str], chosen: tuple[str, ...]
) -> MeterCandidate:
    return MeterCandidate(
        name=source,
        source=source,
        score=NEXT_DAY + FITTING + CHOSEN * (not statistic_ids.isdisjoint(chosen)),
        live=False,
        history_statistic_ids=tuple(sorted(statistic_ids)),
    )
