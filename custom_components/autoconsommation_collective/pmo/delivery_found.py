"""What a reader finds in one file: series in the order of its lines, totals, repairs."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ..engine.blocks import Quantity
from ..engine.delivery import PeriodTotal, Repair
from .delivery_mapping import MappingNeeded
from .units import Unit

MAX_VALUES: Final = 6_000_000
"""Half a year of quarter-hours of 300 members; what is read of it takes some 200 MB."""
MAX_SERIES: Final = 4_000
"""Of points and quantities; an operation has some hundred members."""


@dataclass(slots=True, eq=False)
class Series:
    """One quantity of one point, a row for each line of the file that tells it."""

    point: str | None = field(repr=False)
    quantity: Quantity
    unit: Unit
    labels: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """The times told, in seconds since 1970, UTC; of an hour that comes twice, its first
    occurrence."""
    values: array[float] = field(default_factory=lambda: array("d"), repr=False)
    steps: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Lengths in seconds where the file tells them, 0 or no rows at all elsewhere."""
    repeated: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Rows in an hour that local clocks repeat."""
    back: int = 0
    """By how many seconds they go back then."""
    skipped: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Labels at which local clocks skip an hour: only a step can end there."""

    def add(self, label: tuple[int, int], value: float, step: int) -> None:
        """Append a row."""
        seconds, back = label
        if back > 0:
            self.repeated.append(len(self.labels))
            self.back = back
        elif back:
            self.skipped.append(seconds)
        self.labels.append(seconds)
        self.values.append(value)
        if step or self.steps:
            self.steps.extend([0] * (len(self.labels) - 1 - len(self.steps)))
            self.steps.append(step)


@dataclass(slots=True, eq=False)
class Found:
    """What a reader found in one file."""

    file: str
    series: list[Series] = field(default_factory=list)
    is_end: bool | None = None
    """Whether times are the ends of their steps; None where the file does not tell."""
    totals: list[PeriodTotal] = field(default_factory=list)
    repairs: Counter[Repair] = field(default_factory=Counter)
    stamp_needed: MappingNeeded | None = None
    """What to ask where nothing tells what times are; there wherever series are."""
