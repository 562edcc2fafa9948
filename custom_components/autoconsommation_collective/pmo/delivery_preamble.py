"""What the lines before the header of a table tell: whose energies, of what kind, in which unit."""

from collections.abc import Sequence

from ..engine.blocks import Quantity
from .cells import plain
from .delivery_words import Column, Heading, minutes_of, point_in, quantity_of
from .units import Unit, read_unit

type Rows = Sequence[tuple[int, list[str]]]
"""Lines with their numbers."""


class Preamble:
    """What was found there, names above their values or beside them; None where nothing was."""

    def __init__(self, rows: Rows) -> None:
        """Read the lines; those that are no such names are left alone."""
        pairs: list[tuple[str, str]] = []
        for number, (_, cells) in enumerate(rows):
            pairs += zip(cells[::2], cells[1::2], strict=False)
            if number + 1 < len(rows):
                pairs += zip(cells, rows[number + 1][1], strict=False)
        self.point: str | None = None
        self.quantity: Quantity | None = None
        self.unit: Unit | None = None
        self.minutes: int | None = None
        for name, value in pairs:
            match Heading(name).column:
                case Column.POINT:
                    self.point = self.point or point_in(value)
                case Column.QUANTITY:
                    if self.quantity is None and (column := quantity_of(value)):
                        self.quantity = column.quantity
                case Column.UNIT:
                    self.unit = self.unit or read_unit(plain(value))
                case Column.STEP:
                    self.minutes = self.minutes or minutes_of(value)
                case _:
                    pass
