"""What an organiser or a grid operator hands over in a file: curves, totals, what was repaired."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from .blocks import Block, Quantity


class Repair(StrEnum):
    """What a file had that was put right, or left, and could be read all the same."""

    MOJIBAKE = "mojibake"
    """Words whose accents were read in another encoding once."""
    SORTED = "sorted"
    """Series whose lines were not in order of time."""
    SAME_AGAIN = "same_again"
    """Steps told twice with the same energy."""
    REPLACED = "replaced"
    """Steps told twice; the later energy counts."""
    STAMPED_BY_ENDS = "stamped_by_ends"
    """Series whose times were the ends of their steps."""
    STAMP_INFERRED = "stamp_inferred"
    """Files that do not say whether times are beginnings or ends of steps: taken as what makes
    whole days of them."""
    STEP_CHANGED = "step_changed"
    """Series in which the length of the step changes."""
    REACTIVE_LEFT = "reactive_left"
    """Lines of reactive energy."""
    FORMULAS = "formulas"
    """Sheets with formulas, of which the results that were saved are taken."""
    INDEX_FELL = "index_fell"
    """Periods in which an index fell, as where a meter was replaced: not known."""
    OTHER_CALENDAR_LEFT = "other_calendar_left"
    """The same energy by the classes of another calendar."""
    QUANTITY_LEFT = "quantity_left"
    """Energies of a kind that no rule here uses."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Energies by step of one delivery point.

    A point has more than one where its quantities come in steps that do not fit together.
    """

    point: str | None = field(repr=False)
    """Number or name as the file has it, None where it names none. Personal."""
    blocks: tuple[Block, ...]
    """In order of time, without overlap; a quantity of which a block knows nothing is not in
    it."""


@dataclass(frozen=True, slots=True)
class PeriodTotal:
    """An energy of which only the sum over a period is told."""

    point: str | None = field(repr=False)
    quantity: Quantity
    first: date | None
    """A local day, or as a datetime an instant in UTC; None where the source does not tell."""
    last: date | None
    """In the same way, as the source tells it: a day is included, an instant is the end."""
    energy_wh: float
    price_class: str | None = None
    """Of the grid operator's calendar, as `HPH`, in its words."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """All that was read of one file, or of one archive of files."""

    curves: tuple[Curve, ...] = ()
    totals: tuple[PeriodTotal, ...] = ()
    repairs: Mapping[Repair, int] = field(default_factory=dict)
    """How often each was needed; none that was not."""
    left: tuple[str, ...] = ()
    """Files of an archive, and sheets of a workbook, that are none of energies."""
