"""Find out how a table is laid out: which row is its header, and what its columns are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import Quantity
from .cells import tidy
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_mapping import (
    ColumnMapping,
    MappingNeeded,
    Question,
    column_names,
    fingerprint,
)
from .delivery_preamble import Preamble, Rows
from .delivery_words import Column, Heading
from .times import read_moment
from .units import Unit

type Mappings = Mapping[str, ColumnMapping]
"""What was said of tables, by their fingerprints."""

MOST_BEFORE: Final = 30
"""Lines that may stand before the header: exports tell there whose they are."""
MAX_COLUMNS: Final = 2_000
"""Several columns for each of some hundred members."""
_MOST_SHOWN = 5
"""Rows that somebody has to see to say what the columns are."""


@dataclass(frozen=True, slots=True)
class Valued:
    """A column of energies."""

    index: int
    point: str | None = None
    """None where lines tell it, or nobody does."""
    quantity: Quantity | None = None
    """None where lines tell it."""
    unit: Unit | None = None
    """None where lines tell it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands in the lines of a table; columns are counted from 0."""

    header: tuple[str, ...]
    values: tuple[Valued, ...]
    times: tuple[int, ...]
    """One column of times, or one of days and one of clock times."""
    time_zone: tzinfo
    stamp_needed: MappingNeeded
    """What to ask where nothing tells whether times are beginnings or ends."""
    is_end: bool | None = None
    ends: int | None = None
    """Column of the ends of the steps, where another one has their beginnings."""
    point: int | None = None
    quantity: int | None = None
    physical: int | None = None
    unit: int | None = None
    step: int | None = None
    seconds: int = 0
    """Length of all steps, where the lines before the header tell it."""


def find_layout(
    file: str, rows: Rows, mappings: Mappings, time_zone: ZoneInfo
) -> tuple[int, Layout]:
    """How many of the first rows come before the data, and how these are laid out.

    Raises MappingNeeded where columns are not sure, and DeliveryError on a mapping that does
    not fit and on more columns than any operation needs.
    """
    if max(len(cells) for _, cells in rows) > MAX_COLUMNS:
        raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=file)
    for number, (_, cells) in enumerate(rows):
        if mapping := mappings.get(fingerprint(_without_empty_end(cells))):
            header = _header(file, rows, number, time_zone)
            return number + 1, _mapped(header, mapping)
    # Without names, the row with the most cells: what somebody would take for the header.
    widest = max(range(len(rows)), key=lambda n: sum(map(bool, rows[n][1])))
    number = next((n for n, row in enumerate(rows) if _is_header(row[1])), widest)
    header = _header(file, rows, number, time_zone)
    return number + 1, _Laying(header, _guess(header.cells)).layout()


def _header(file: str, rows: Rows, number: int, time_zone: ZoneInfo) -> _Header:
    return _Header(
        file,
        cells=_without_empty_end(rows[number][1]),
        before=Preamble(rows[:number]),
        after=rows[number + 1 :],
        time_zone=time_zone,
    )


_TIMES = {Column.TIME, Column.START, Column.END, Column.DAY}
_TIMED_BY = (
    (Column.TIME,),
    (Column.START,),
    (Column.END,),
    (Column.DAY, Column.CLOCK),
)
_ONCE = (
    Column.POINT,
    Column.QUANTITY,
    Column.PHYSICAL,
    Column.UNIT,
    Column.STEP,
    Column.START,
    Column.END,
    Column.TIME,
    Column.DAY,
    Column.CLOCK,
)


def _is_header(cells: Sequence[str]) -> bool:
    """Whether there are names of columns for a time and for an energy."""
    found = {Heading(cell).column for cell in cells if cell}
    return bool(found & _TIMES) and (
        Column.VALUE in found or any(column and column.quantity for column in found)
    )


def _guess(header: Sequence[str]) -> list[Column | None]:
    """What each column seems to be; None where its name leaves it open."""
    columns = [Heading(cell).column for cell in header]
    if Column.CLOCK in columns:
        # A day and a clock time make a time; a clock time alone will be one with its day.
        has_day = Column.DAY in columns or Column.TIME in columns
        instead = {Column.TIME: Column.DAY} if has_day else {Column.CLOCK: Column.TIME}
        columns = [instead.get(c, c) if c else c for c in columns]
    return columns


def _mapped(header: _Header, mapping: ColumnMapping) -> Layout:
    """The layout that somebody told."""
    names = zip(header.cells, column_names(header.cells), strict=True)
    columns = [_told(mapping, Heading(cell).name, name) for cell, name in names]
    try:
        return _Laying(header, columns, mapping).layout()
    except MappingNeeded as needed:
        raise DeliveryError(
            DeliveryProblem.MAPPING_UNFIT,
            file=header.file,
            found=", ".join(needed.questions),
        ) from None


def _told(mapping: ColumnMapping, shared: str, name: str) -> Column | None:
    """What a column is; of plain values, columns of one name are all points."""
    if name in mapping.columns:
        return mapping.columns[name]
    is_point = mapping.columns.get(shared) is Column.VALUE
    return Column.VALUE if is_point else Column.LEFT


@dataclass(frozen=True, slots=True)
class _Header:
    """The row with the names of the columns, and what stands around it."""

    file: str
    cells: list[str]
    before: Preamble
    after: Rows
    time_zone: ZoneInfo


@dataclass(slots=True)
class _Laying:
    """Columns that are known, on their way to a layout."""

    header: _Header
    columns: Sequence[Column | None]
    told: ColumnMapping | None = None

    def layout(self) -> Layout:
        """The layout. Raises MappingNeeded where something has to be told yet."""
        values, times = self.values(), self.times()
        if questions := self.questions(values, times):
            raise self.ask(questions)
        by_start, by_end = (
            times == (self.at(column),) for column in (Column.START, Column.END)
        )
        is_end = self.told.is_end if self.told else None
        if is_end is None and (by_start or by_end):
            is_end = by_end
        return Layout(
            header=tuple(self.header.cells),
            values=tuple(values),
            times=times,
            time_zone=self.time_zone(times),
            is_end=is_end,
            ends=self.at(Column.END) if by_start else None,
            point=self.at(Column.POINT),
            quantity=self.at(Column.QUANTITY),
            physical=self.at(Column.PHYSICAL),
            unit=self.at(Column.UNIT),
            step=self.at(Column.STEP),
            seconds=(self.header.before.minutes or 0) * 60,
            stamp_needed=self.ask([Question.STAMP]),
        )

    def at(self, column: Column) -> int | None:
        """Where a column stands."""
        return self.columns.index(column) if column in self.columns else None

    def times(self) -> tuple[int, ...]:
        """The columns that tell when a line is; none where it takes somebody to say which."""
        for kind in _TIMED_BY:
            found = [self.at(column) for column in kind]
            if None not in found:
                return tuple(index for index in found if index is not None)
        return ()

    def values(self) -> list[Valued]:
        """The columns of energies; of several of plain values somebody told, each is a point."""
        n_plain = self.columns.count(Column.VALUE)
        quantity = None if Column.QUANTITY in self.columns else self.quantity
        unit = None if Column.UNIT in self.columns else self.header.before.unit
        unit_told = self.told.unit if self.told else None
        values = []
        for index, column in enumerate(self.columns):
            if column and (column is Column.VALUE or column.quantity):
                name = self.header.cells[index]
                heading = Heading(name)
                point = heading.point
                if self.told and column is Column.VALUE and n_plain > 1:
                    point = point or tidy(name)
                elif Column.POINT not in self.columns:
                    point = point or self.header.before.point
                values.append(
                    Valued(
                        index,
                        point,
                        column.quantity or quantity,
                        unit_told or heading.unit or unit,
                    )
                )
        return values

    @property
    def quantity(self) -> Quantity | None:
        """Of plain values, where the lines do not tell it."""
        told = self.told.quantity if self.told else None
        return told or self.header.before.quantity

    def questions(
        self, values: Sequence[Valued], times: tuple[int, ...]
    ) -> list[Question]:
        """What has to be told yet."""
        columns = self.columns
        is_open = None in columns or any(columns.count(c) > 1 for c in _ONCE)
        needed = {
            Question.COLUMNS: is_open,
            Question.QUANTITY: Column.QUANTITY not in columns
            and any(value.quantity is None for value in values),
            Question.UNIT: Column.UNIT not in columns
            and any(value.unit is None for value in values),
            Question.ENERGY: not values
            or len({(v.point, v.quantity) for v in values}) < len(values),
            Question.TIME: not times,
        }
        return [question for question, is_needed in needed.items() if is_needed]

    def time_zone(self, times: tuple[int, ...]) -> tzinfo:
        """Of times without offset: what somebody told, what the header tells, or ours."""
        if self.told and (name := self.told.time_zone):
            try:
                return ZoneInfo(name)
            except KeyError, ValueError, OSError:
                raise DeliveryError(
                    DeliveryProblem.MAPPING_UNFIT, file=self.header.file, found=name
                ) from None
        is_utc = any(Heading(self.header.cells[index]).is_utc for index in times)
        return UTC if is_utc else self.header.time_zone

    def ask(self, questions: Sequence[Question]) -> MappingNeeded:
        """What asks for a mapping, with what is known already."""
        cells = self.header.cells
        return MappingNeeded(
            self.header.file,
            fingerprint=fingerprint(cells),
            header=cells,
            rows=[row for _, row in self.header.after[:_MOST_SHOWN]],
            guess=ColumnMapping(
                {
                    name: column
                    for name, column in zip(
                        column_names(cells), self.columns, strict=True
                    )
                    if column
                },
                unit=self.header.before.unit,
                quantity=self.header.before.quantity,
            ),
            questions=questions,
            asks_zone=self.told is None and self.leaves_zone_open(),
        )

    def leaves_zone_open(self) -> bool:
        """Whether no time has an offset, and no name of a column says UTC."""
        if any(Heading(cell).is_utc for cell in self.header.cells):
            return False
        moments = (
            read_moment(c) for _, row in self.header.after[:_MOST_SHOWN] for c in row
        )
        return not any(moment and moment.tzinfo for moment in moments)


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    """The cells without those that trailing separators add."""
    n = len(cells)
    while n and not cells[n - 1]:
        n -= 1
    return list(cells[:n])
