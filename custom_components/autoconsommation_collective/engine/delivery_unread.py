"""Why a delivery is not taken in as it is: refused, or something has to be said of it first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that is not taken in."""

    key: str
    """Of the sentence that says why, and what to do."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """What the sentence names; never a whole delivery point's number."""


@dataclass(frozen=True, slots=True)
class TableUnsure:
    """A table of which somebody has to say what the columns are."""

    fingerprint: str
    """Of the header: what is said is remembered by it."""
    header: tuple[str, ...]
    names: tuple[str, ...]
    """By which the columns are told, in their order."""
    rows: tuple[tuple[str, ...], ...]
    """The first ones, shortened, without delivery points' numbers."""
    questions: frozenset[str]
    """What has to be said: time, energy, columns, quantity, unit, stamp."""
    sure: Mapping[str, Any] = field(default_factory=dict)
    """What is sure of it, as it is remembered."""
    asks_zone: bool = False
    """Whether nothing tells which local time its times are in."""


@dataclass(frozen=True, slots=True)
class ColumnsTold:
    """What somebody said of a table."""

    columns: Mapping[str, str]
    """What a column holds, by its name."""
    unit: str | None = None
    is_end: bool | None = None
    """Whether times are the ends of their steps."""
    time_zone: str | None = None
    """Of its times; None: that of the operation."""
