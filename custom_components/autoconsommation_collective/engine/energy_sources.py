"""The sources of Home Assistant's Energy dashboard with ours among them, and without them again.

A source is the mapping that Home Assistant keeps. Ours are two grid connections: what the
supplier delivers, in the place of the home's meter, and what the community allocates, after it.
What the meter's connection has beside the fields set here, as its power, stays with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

type Source = dict[str, Any]

IMPORT_FIELDS: Final = (
    "stat_energy_from",
    "stat_cost",
    "entity_energy_price",
    "number_energy_price",
)
EXPORT_FIELDS: Final = (
    "stat_energy_to",
    "stat_compensation",
    "entity_energy_price_export",
    "number_energy_price_export",
)
POWER_FIELDS: Final = ("stat_rate", "power_config")


@dataclass(frozen=True, slots=True)
class Way:
    """Statistics of one direction of a grid connection."""

    energy: str
    money: str | None = None
    """What it costs or earns; None where no price is known."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What is added to the dashboard."""

    supplier: Way
    community: Way
    surplus: Way | None = None
    """Injected beyond the community, beside what the supplier delivers."""
    shared: Way | None = None
    """Injected for the community; there where the surplus is."""

    @property
    def statistics(self) -> frozenset[str]:
        """All energies of it."""
        ways = (self.supplier, self.community, self.surplus, self.shared)
        return frozenset(way.energy for way in ways if way)


@dataclass(frozen=True, slots=True)
class Meter:
    """The statistics of the home's own meter."""

    imports: frozenset[str]
    exports: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A source that would be counted twice, and so was changed or taken away."""

    place: int
    """Its number among the sources as they were."""
    source: Source
    left: Source | None
    """What stays of it beside the energies counted twice; None: nothing. Of the first one
    replaced it is the connection in which ours stands."""


def is_doubled(source: Mapping[str, Any], ours: Ours, meter: Meter) -> bool:
    """Whether a source counts what ours count, too."""
    if source.get("type") != "grid":
        return False
    return source.get("stat_energy_from") in meter.imports or (
        ours.surplus is not None and source.get("stat_energy_to") in meter.exports
    )


def set_up(
    sources: Sequence[Source], ours: Ours, meter: Meter
) -> tuple[list[Source], list[Replaced]]:
    """The sources with ours, and those that ours replace, in the order in which they stood.

    All others stay as they are. The sources must not hold ours yet.
    """
    found: list[Source] = []
    replaced: list[Replaced] = []
    for place, source in enumerate(sources):
        if not is_doubled(source, ours, meter):
            found.append(source)
            continue
        rest = _without_meter(source, ours, meter)
        left: Source | None = None
        if not replaced:
            added, left = _ours(ours, source, rest)
            found += added
        elif _is_used(rest):
            found.append(left := rest)
        replaced.append(Replaced(place, source, left))
    if not replaced:
        found += [_supplier(ours), _community(ours)]
    return found, replaced


def _ours(ours: Ours, source: Source, left: Source) -> tuple[list[Source], Source]:
    """Ours at the place of the first source replaced, and what stays of that one."""
    is_free = left.get("stat_energy_from") is None and (
        ours.surplus is None or left.get("stat_energy_to") is None
    )
    if is_free:
        fields = _import_fields(ours.supplier)
        if ours.surplus is not None:
            fields |= _export_fields(ours.surplus)
        joined = {**source, **fields}
        return [joined, _community(ours)], joined
    return [left, _supplier(ours), _community(ours)], left


def undone(
    sources: Sequence[Source], ours: Collection[str], replaced: Sequence[Replaced]
) -> list[Source]:
    """The sources without ours, and with those that were replaced at their place.

    What was changed since in other sources, or beside our fields in the one in which ours
    stands, is kept.
    """
    missing = list(replaced)
    found: list[Source] = []
    for source in sources:
        if again := next((r for r in missing if _stands_for(source, r, ours)), None):
            missing.remove(again)
            found.append(_put_back(source, again))
        elif not _has(source, ours):
            found.append(source)
    for gone in missing:
        found.insert(gone.place, gone.source)
    return found


def has_ours(sources: Sequence[Source], ours: Collection[str]) -> bool:
    """Whether any of ours stands in the dashboard."""
    return any(_has(source, ours) for source in sources)


def _has(source: Mapping[str, Any], ours: Collection[str]) -> bool:
    return (
        source.get("stat_energy_from") in ours or source.get("stat_energy_to") in ours
    )


def _stands_for(source: Source, replaced: Replaced, ours: Collection[str]) -> bool:
    """Whether this is what was left in the place of a replaced source."""
    if replaced.left is None:
        return False
    if not _has(replaced.left, ours):
        return _told(source) == _told(replaced.left)
    return all(
        source.get(field) == replaced.left.get(field)
        for field in ("stat_energy_from", "stat_energy_to")
    )


def _put_back(source: Source, replaced: Replaced) -> Source:
    """The source with those fields as they were that had been set."""
    left = replaced.left or {}
    changed = {
        field
        for field in (*IMPORT_FIELDS, *EXPORT_FIELDS)
        if left.get(field) != replaced.source.get(field)
        or (field in left) != (field in replaced.source)
    }
    return {
        field: replaced.source[field] if field in changed else value
        for field, value in source.items()
        if field not in changed or field in replaced.source
    }


def _told(source: Mapping[str, Any]) -> Source:
    """What a source says: Home Assistant may write down what is not told as None."""
    return {field: value for field, value in source.items() if value is not None}


def _without_meter(source: Source, ours: Ours, meter: Meter) -> Source:
    """A connection without what ours count."""
    left = dict(source)
    if source.get("stat_energy_from") in meter.imports:
        left |= dict.fromkeys(IMPORT_FIELDS)
    if ours.surplus is not None and source.get("stat_energy_to") in meter.exports:
        left |= dict.fromkeys(EXPORT_FIELDS)
    return left


def _is_used(source: Mapping[str, Any]) -> bool:
    """Whether a connection still shows anything."""
    return any(
        source.get(field) is not None
        for field in ("stat_energy_from", "stat_energy_to", *POWER_FIELDS)
    )


def _supplier(ours: Ours) -> Source:
    return _connection(_import_fields(ours.supplier), _export_fields(ours.surplus))


def _community(ours: Ours) -> Source:
    return _connection(_import_fields(ours.community), _export_fields(ours.shared))


def _connection(imported: Source, exported: Source) -> Source:
    """A grid connection as Home Assistant's own form makes it."""
    return {"type": "grid", **imported, **exported, "cost_adjustment_day": 0.0}


def _import_fields(way: Way) -> Source:
    return dict(zip(IMPORT_FIELDS, (way.energy, way.money, None, None), strict=True))


def _export_fields(way: Way | None) -> Source:
    told = (way.energy, way.money) if way else (None, None)
    return dict(zip(EXPORT_FIELDS, (*told, None, None), strict=True))
