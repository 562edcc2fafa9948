"""What the columns of a table are: recognised, or said by somebody and remembered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import hashlib
from itertools import chain
from typing import Any

from ..engine.blocks import Quantity
from .cells import shown
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_words import Column, Heading
from .times import is_time
from .units import Unit


class Question(StrEnum):
    """What has to be said of a table before it can be read."""

    TIME = "time"
    """Which column tells the time."""
    ENERGY = "energy"
    """Which columns hold energies."""
    COLUMNS = "columns"
    """What the columns with other names are."""
    QUANTITY = "quantity"
    """What the energies are: consumption, allocated, production, surplus, complement."""
    UNIT = "unit"
    STAMP = "stamp"
    """Whether times are the beginnings of their steps, or their ends."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What somebody said of a table; holds for every table with the same fingerprint."""

    columns: Mapping[str, Column]
    """By the names as `MappingNeeded` tells them; other columns are not read."""
    unit: Unit | None = None
    """None: as the table tells."""
    is_end: bool | None = None
    """Whether times are the ends of steps; None: as the table tells."""
    time_zone: str | None = None
    """Of times without offset, as the IANA database names it; None: that of the operation."""
    quantity: Quantity | None = None
    """Of columns of plain values; None: as the lines tell."""


class MappingNeeded(DeliveryError):
    """A table whose columns are not sure, and what it takes to ask somebody."""

    def __init__(
        self,
        file: str,
        *,
        fingerprint: str,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        guess: ColumnMapping,
        questions: Sequence[Question],
        asks_zone: bool = False,
    ) -> None:
        """Keep header and first rows as text, shortened, without delivery points' numbers."""
        super().__init__(
            DeliveryProblem.NEEDS_MAPPING, file=file, found=", ".join(questions)
        )
        self.fingerprint = fingerprint
        """Of the header: the mapping is to be given, and remembered, by it."""
        self.header = tuple(map(shown, header))
        self.names = column_names(header)
        """By which a mapping names the columns, in their order."""
        self.rows = tuple(tuple(map(shown, row)) for row in rows)
        self.has_times = any(map(is_time, chain(header, *rows)))
        """Whether one of these cells reads as a time, whatever its column is called."""
        self.guess = guess
        """What is sure of it."""
        self.questions = tuple(questions)
        self.asks_zone = asks_zone
        """Whether nothing tells which local time its times are in."""


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """By which a mapping names the columns of a header, each by another name.

    Names that differ in numbers alone, which change from month to month, are told apart by
    their order; but columns of delivery points, which come and go, share theirs.
    """
    seen: Counter[str] = Counter()
    names = []
    for cell in header:
        heading = Heading(cell)
        seen[heading.name] += heading.point is None
        n = seen[heading.name]
        names.append(f"{heading.name} {n}" if n > 1 else heading.name)
    return tuple(names)


def fingerprint(header: Sequence[str]) -> str:
    """What tables of the same columns share, whoever is in them."""
    names: list[str] = []
    for cell in header:
        name = Heading(cell).name
        if not (names and names[-1] == name):
            names.append(name)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def stored_mapping(mapping: ColumnMapping) -> dict[str, Any]:
    """The mapping as JSON values."""
    return {
        "columns": {name: column.value for name, column in mapping.columns.items()},
        "unit": mapping.unit and mapping.unit.value,
        "is_end": mapping.is_end,
        "time_zone": mapping.time_zone,
        "quantity": mapping.quantity and mapping.quantity.value,
    }


def restored_mapping(stored: Mapping[str, Any]) -> ColumnMapping:
    """The mapping that was stored. Raises KeyError, ValueError, TypeError on anything else."""
    return ColumnMapping(
        columns={
            str(name): Column(column)
            for name, column in dict(stored["columns"]).items()
        },
        unit=None if stored["unit"] is None else Unit(stored["unit"]),
        is_end=None if stored["is_end"] is None else bool(stored["is_end"]),
        time_zone=None if stored["time_zone"] is None else str(stored["time_zone"]),
        quantity=None if stored["quantity"] is None else Quantity(stored["quantity"]),
    )
