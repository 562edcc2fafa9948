"""Read tables of energies: texts of cells by line, from a text file or from a workbook."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import chain, islice
import math
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import Quantity
from ..engine.delivery import Repair
from .cells import number, plain, spell_line, tidy, unmixed
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import MAX_SERIES, MAX_VALUES, Found, Series
from .delivery_layout import MOST_BEFORE, Layout, Mappings, find_layout
from .delivery_words import Column, is_reactive, minutes_of, point_in, quantity_of
from .energies import MAX_ENERGY_WH
from .text_rows import BrokenRow, NotText, Opener, dialect, rows
from .times import label, read_moment, read_serial
from .units import Unit, read_unit

type Lines = Iterator[tuple[int, list[str]]]
"""Number and cells of each line that is not blank."""


def read(
    file: str, open_file: Opener, mappings: Mappings, time_zone: ZoneInfo
) -> Found:
    """What stands in a table saved as text, in any dialect.

    Raises DeliveryError; MappingNeeded where its columns are not sure.
    """
    try:
        how = dialect(open_file)
    except NotText:
        raise DeliveryError(DeliveryProblem.NOT_TEXT, file=file) from None
    try:
        return read_lines(file, rows(open_file, how), mappings, time_zone)
    except BrokenRow as broken:
        raise DeliveryError(
            DeliveryProblem.BAD_ROW, file=file, step=spell_line(broken.line)
        ) from None


def read_lines(
    file: str, lines: Lines, mappings: Mappings, time_zone: ZoneInfo
) -> Found:
    """What stands in the lines of a table whose header is one of the first.

    Raises DeliveryError; MappingNeeded where its columns are not sure.
    """
    first = list(islice(lines, MOST_BEFORE))
    if not first:
        raise DeliveryError(DeliveryProblem.NOTHING_IN_IT, file=file)
    n_before, layout = find_layout(file, first, mappings, time_zone)
    found = read_laid_out(file, chain(first[n_before:], lines), layout)
    if any(unmixed(cell) != cell for cell in layout.header):
        found.repairs[Repair.MOJIBAKE] += 1
    return found


def read_laid_out(file: str, lines: Lines, layout: Layout) -> Found:
    """What stands in lines whose layout is known. Raises DeliveryError."""
    found = Found(file, is_end=layout.is_end, stamp_needed=layout.stamp_needed)
    table = _Table(file, layout, found)
    for line, cells in lines:
        table.read(line, cells)
    return found


_CACHED: Final = 2**16
"""Times and numbers of one file kept at a time, some 10 MB of each: the same come again."""
_MOST_COMBINATIONS: Final = 20_000
"""Of what lines tell beside times and energies: point, quantity, unit."""
_HOLES = {"", "-", "–", "nan", "null", "none", "n/a", "na", "#n/a", "nd"}
"""What stands where an energy is not known."""
_SUMS = {"total", "totaux", "somme", "sum"}
"""What begins a line that adds up those above."""


@dataclass(slots=True, eq=False)
class _Table:
    """The lines of a table as they are read; every read raises DeliveryError, nothing else."""

    file: str
    layout: Layout
    found: Found
    of_line: dict[tuple[str, ...], list[tuple[int, Series]]] = field(
        default_factory=dict
    )
    """Which series the columns of a line continue, by what the line tells of them."""
    series: dict[tuple[str | None, Quantity], Series] = field(default_factory=dict)
    n_values: int = 0
    attributes: tuple[int, ...] = ()
    label: Callable[[str], tuple[int, int] | None] = field(init=False)
    number: Callable[[str], float | None] = field(init=False)
    left: dict[tuple[str, ...], Repair] = field(default_factory=dict)

    def __post_init__(self) -> None:
        layout = self.layout
        told = (layout.point, layout.quantity, layout.physical, layout.unit)
        self.attributes = tuple(index for index in told if index is not None)
        self.label = _label_reader(layout.time_zone)
        self.number = _number_reader()

    def read(self, line: int, cells: list[str]) -> None:
        """Add the energies of a line to their series."""
        layout = self.layout
        n_columns = len(layout.header)
        if len(cells) < n_columns:
            cells += [""] * (n_columns - len(cells))
        elif any(cells[n_columns:]):
            extra = " ".join(cells[n_columns:])
            raise self.fault(DeliveryProblem.BAD_ROW, line, found=extra)
        key = tuple([cells[index] for index in self.attributes])
        targets = self.of_line.get(key)
        if targets is None:
            targets = self.of_line[key] = self.targets(line, cells, key)
        if not targets:
            if key in self.left:
                self.found.repairs[self.left[key]] += 1
            return
        time = " ".join([cells[index] for index in layout.times])
        at = self.label(time)
        if at is None:
            is_empty = all(cells[n].casefold() in _HOLES for n, _ in targets)
            if is_empty or plain(time) in _SUMS:
                return
            raise self.fault(DeliveryProblem.BAD_TIME, line, layout.times[0], time)
        step = self.step(line, cells, at)
        self.n_values += len(targets)
        if self.n_values > MAX_VALUES:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)
        for index, series in targets:
            value = self.number(cells[index])
            if value is None:
                raise self.bad_number(line, index, cells[index])
            series.add(at, value, step)

    def step(self, line: int, cells: list[str], at: tuple[int, int]) -> int:
        """The length of the step in seconds, 0 where nothing tells it."""
        layout = self.layout
        if layout.step is not None and (text := cells[layout.step]):
            if (minutes := minutes_of(text)) is None:
                raise self.fault(DeliveryProblem.STEP_UNKNOWN, line, layout.step, text)
            return minutes * 60
        if layout.ends is None:
            return layout.seconds
        end = self.label(cells[layout.ends])
        if end is None:
            raise self.fault(
                DeliveryProblem.BAD_TIME, line, layout.ends, cells[layout.ends]
            )
        seconds, back = end[0] - at[0], max(at[1], 0)
        if back and not 0 < seconds <= _HOUR:
            # Of the two there are of beginning and end, those that belong together.
            seconds += back if seconds <= 0 else -back
        return max(seconds, 1)

    def targets(
        self, line: int, cells: list[str], key: tuple[str, ...]
    ) -> list[tuple[int, Series]]:
        """The series that a line's columns continue; none where its energies are left."""
        layout = self.layout
        if len(self.of_line) > _MOST_COMBINATIONS:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)
        unit_told = "" if layout.unit is None else cells[layout.unit]
        physical = "" if layout.physical is None else cells[layout.physical]
        if is_reactive(unit_told) or is_reactive(physical):
            self.left[key] = Repair.REACTIVE_LEFT
            return []
        if physical and not _is_active(physical):
            raise self.fault(
                DeliveryProblem.QUANTITY_UNKNOWN, line, layout.physical, physical
            )
        quantity_told: Quantity | None = None
        if layout.quantity is not None and any(
            value.quantity is None for value in layout.values
        ):
            column = quantity_of(cells[layout.quantity])
            if column is Column.LEFT:
                self.left[key] = Repair.QUANTITY_LEFT
                return []
            if column is None or (quantity_told := column.quantity) is None:
                raise self.fault(
                    DeliveryProblem.QUANTITY_UNKNOWN,
                    line,
                    layout.quantity,
                    cells[layout.quantity],
                )
        point_told = self.point(line, cells)
        targets = []
        for value in layout.values:
            quantity = value.quantity or quantity_told
            unit = value.unit or read_unit(plain(unit_told))
            if unit is None or quantity is None:
                raise self.fault(
                    DeliveryProblem.UNIT_UNKNOWN, line, layout.unit, unit_told
                )
            targets.append(
                (value.index, self.of(line, value.point or point_told, quantity, unit))
            )
        return targets

    def of(
        self, line: int, point: str | None, quantity: Quantity, unit: Unit
    ) -> Series:
        """The series of a point and a quantity, begun where there is none yet."""
        series = self.series.get((point, quantity))
        if series is None:
            if len(self.series) >= MAX_SERIES:
                raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)
            series = self.series[point, quantity] = Series(point, quantity, unit)
            self.found.series.append(series)
        if series.unit is not unit:
            raise self.fault(
                DeliveryProblem.UNITS_MIXED, line, found=f"{series.unit}, {unit}"
            )
        return series

    def point(self, line: int, cells: list[str]) -> str | None:
        """The delivery point that a line names."""
        if self.layout.point is None or not (text := tidy(cells[self.layout.point])):
            return None
        value = number(text)
        if value is not None and value >= _LEAST_POINT and "e" in text.casefold():
            raise self.fault(
                DeliveryProblem.POINT_ROUNDED, line, self.layout.point, text
            )
        return point_in(text.replace(" ", "")) or text

    def bad_number(self, line: int, index: int, text: str) -> DeliveryError:
        """Build the error that blames a cell for being no energy."""
        value = number(text)
        problem = (
            DeliveryProblem.NEGATIVE_ENERGY
            if value is not None and value < 0
            else DeliveryProblem.BAD_NUMBER
        )
        return self.fault(problem, line, index, text)

    def fault(
        self,
        problem: DeliveryProblem,
        line: int,
        column: int | None = None,
        found: str = "",
    ) -> DeliveryError:
        """Build the error that blames a line, and a cell of it."""
        return DeliveryError(
            problem,
            file=self.file,
            step=spell_line(line),
            field="" if column is None else self.layout.header[column],
            found=found,
        )


_HOUR = 3600
_LEAST_POINT = 10**13
"""The least number of 14 digits."""
_ACTIVE = {"ea", "pa", "p", "e", "energie", "puissance", "energy", "power"}


def _is_active(physical: str) -> bool:
    word = plain(unmixed(physical))
    return word in _ACTIVE or "active" in word.split("_")


def _label_reader(time_zone: tzinfo) -> Callable[[str], tuple[int, int] | None]:
    """What makes a label of a time, of those of local clocks in the given zone."""

    @lru_cache(maxsize=_CACHED)
    def read_label(text: str) -> tuple[int, int] | None:
        moment: datetime | None = read_moment(text) or read_serial(text)
        return None if moment is None else label(moment, time_zone)

    return read_label


def _number_reader() -> Callable[[str], float | None]:
    """What makes an energy of a cell, NaN of a hole; None of anything else."""

    @lru_cache(maxsize=_CACHED)
    def read_number(text: str) -> float | None:
        if text.casefold() in _HOLES:
            return math.nan
        value = number(text)
        return None if value is None or not 0 <= value <= MAX_ENERGY_WH else value

    return read_number
