"""The entities of one device that may be a meter, and which of them to take."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ..engine.index_filter import LARGEST_KVA
from .meter import index_problem, index_wh
from .meter_tokens import (
    DERIVING_PLATFORMS,
    INDEX_ROLES,
    LABELS,
    Clue,
    MeterRole,
    read_clue,
)

IMPORT_ROLES = (MeterRole.IMPORT_TOTAL, MeterRole.IMPORT_PART)
EXPORT_ROLES = (MeterRole.EXPORT_TOTAL, MeterRole.EXPORT_PART)

PHASE_ROLES = (MeterRole.PHASE, MeterRole.APPARENT_PHASE)
"""What only a meter of three phases tells."""

DOMAINS = (Platform.SENSOR, Platform.BINARY_SENSOR)

BELONGING = (None, "disabled", "d_plus_1")
"""Problems with which an index still belongs to a meter."""

TIC_VOLTAGE = 200
"""The subscribed current, that of one phase, is defined at it (Enedis-NOI-CPT_54E)."""

SMALLEST_KVA = 3.0
"""The smallest subscription of a Linky that is sold."""


@dataclass(frozen=True, slots=True)
class MeterEntity:
    """An entity of a meter, what it is for, and what it shows now."""

    entry: er.RegistryEntry
    clue: Clue
    state: State | None

    @property
    def wh(self) -> float | None:
        """The index it shows now, in Wh."""
        return None if self.state is None else index_wh(self.state)

    @property
    def asleep(self) -> bool:
        """Whether it shows nothing now."""
        return self.state is None or self.state.state in (
            STATE_UNAVAILABLE,
            STATE_UNKNOWN,
        )


def device_groups(hass: HomeAssistant) -> Iterable[list[MeterEntity]]:
    """Entities that may belong to a meter, by device and what reads it."""
    groups: defaultdict[tuple[str, str | None], list[MeterEntity]] = defaultdict(list)
    for entry in er.async_get(hass).entities.values():
        if entry.domain not in DOMAINS or entry.platform in DERIVING_PLATFORMS:
            continue
        clue = read_clue(entry.platform, entry.unique_id, entry.original_name)
        if clue is None:
            continue
        if clue.role in INDEX_ROLES and index_problem(hass, entry.id) not in BELONGING:
            continue
        state = hass.states.get(entry.entity_id)
        key = (entry.platform, entry.device_id or entry.config_entry_id)
        groups[key].append(MeterEntity(entry, clue, state))
    return groups.values()


def indexes_of(
    group: list[MeterEntity],
    roles: tuple[MeterRole, MeterRole],
    chosen: Container[str],
) -> list[MeterEntity]:
    """The total if it counts, else its parts; a total of zero is not filled in."""
    total, part = roles
    able = sorted(
        (entity for entity in group if entity.clue.role in (total, part)),
        key=lambda entity: (entity.clue.role is part, entity.clue.rank),
    )
    mine = [entity for entity in able if entity.entry.id in chosen]
    if mine and mine[0].clue.weak:  # only the member knows which clamp is the grid's
        return mine
    able = [entity for entity in able if not entity.entry.disabled] or able
    totals = [entity for entity in able if entity.clue.role is total]
    parts = [entity for entity in able if entity.clue.role is part]
    if counting := [entity for entity in totals if entity.wh]:
        return counting[:1]
    if any(entity.wh for entity in parts):
        return [entity for entity in parts if entity.wh is not None]
    return totals[:1] or parts


def best_of(group: list[MeterEntity], role: MeterRole) -> str | None:
    """The entity of a role that shows something, the best label first."""
    able = [
        entity
        for entity in group
        if entity.clue.role is role and not entity.entry.disabled
    ]
    best = min(able, key=lambda entity: (entity.asleep, entity.clue.rank), default=None)
    return None if best is None else best.entry.id


def live_power_of(group: list[MeterEntity]) -> tuple[str, ...]:
    """The entities of the power drawn now: of the three phases, else of them together."""
    phases = {
        entity.clue.rank: entity.entry.id
        for entity in group
        if entity.clue.role is MeterRole.APPARENT_PHASE and not entity.asleep
    }
    if len(phases) == len(LABELS[MeterRole.APPARENT_PHASE]):
        return tuple(phases[rank] for rank in sorted(phases))
    total = best_of(group, MeterRole.APPARENT_IMPORT)
    return () if total is None else (total,)


def subscribed_kva(group: list[MeterEntity]) -> float | None:
    """The subscribed power, in kVA; None when it is not told, or cannot be true."""
    phases = 3 if any(entity.clue.role in PHASE_ROLES for entity in group) else 1
    told = (
        _kva(entity, phases)
        for role in (MeterRole.SUBSCRIBED, MeterRole.SUBSCRIBED_CURRENT)
        for entity in sorted(group, key=lambda entity: entity.clue.rank)
        if entity.clue.role is role
    )
    return next((kva for kva in told if kva is not None), None)


def _kva(entity: MeterEntity, phases: int) -> float | None:
    """What a label of the subscription says; its unit is often missing, or wrong."""
    if entity.state is None:
        return None
    try:
        value = float(entity.state.state)
    except ValueError:
        return None
    if entity.clue.role is MeterRole.SUBSCRIBED_CURRENT:
        kva = value * phases * TIC_VOLTAGE / 1000
    else:
        kva = value if value <= LARGEST_KVA else value / 1000
    return kva if SMALLEST_KVA <= kva <= LARGEST_KVA else None
