"""Find out how a table is laid out: which row is its header, and what its columns are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import Quantity
from .cells import plain, tidy
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_mapping import ColumnMapping, MappingNeeded, Question, fingerprint
from .delivery_words import Column, Heading, minutes_of, point_in, quantity_of
from .units import Unit, read_unit

type Rows = Sequence[tuple[int, list[str]]]
"""Lines with their numbers."""
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
    stamp_needed: MappingNeeded | None = None
    """What to ask where nothing tells whether times are beginnings or ends."""


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
        header = _without_empty_end(cells)
        if mapping := mappings.get(fingerprint(header)):
            return number + 1, _mapped(file, header, mapping, rows, number, time_zone)
    # Without names, the row with the most cells: what somebody would take for the header.
    widest = max(range(len(rows)), key=lambda n: sum(map(bool, rows[n][1])))
    number = next((n for n, row in enumerate(rows) if _is_header(row[1])), widest)
    header = _without_empty_end(rows[number][1])
    guess = _guess(header)
    return number + 1, _laid_out(file, header, guess, rows, number, time_zone)


_TIMES = {Column.TIME, Column.START, Column.END, Column.DAY}
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
    if Column.TIME in columns:
        # Beginning and end are then those of what was asked for.
        left = {Column.START: Column.LEFT, Column.END: Column.LEFT}
        columns = [left.get(c, c) if c else c for c in columns]
    return columns


def _mapped(
    file: str,
    header: Sequence[str],
    mapping: ColumnMapping,
    rows: Rows,
    number: int,
    time_zone: ZoneInfo,
) -> Layout:
    """The layout that somebody told."""
    columns: list[Column | None] = [
        mapping.columns.get(Heading(cell).name, Column.LEFT) for cell in header
    ]
    if mapping.time_zone is not None:
        try:
            time_zone = ZoneInfo(mapping.time_zone)
        except KeyError, ValueError, OSError:
            raise DeliveryError(
                DeliveryProblem.MAPPING_UNFIT, file=file, found=mapping.time_zone
            ) from None
    try:
        return _laid_out(file, header, columns, rows, number, time_zone, mapping)
    except MappingNeeded as needed:
        raise DeliveryError(
            DeliveryProblem.MAPPING_UNFIT, file=file, found=", ".join(needed.questions)
        ) from None


def _laid_out(
    file: str,
    header: Sequence[str],
    columns: Sequence[Column | None],
    rows: Rows,
    number: int,
    time_zone: ZoneInfo,
    told: ColumnMapping | None = None,
) -> Layout:
    """The layout of columns that are known, with what the rows before the header tell."""
    before = _Preamble(rows[:number])
    headings = [Heading(cell) for cell in header]
    at = {
        column: columns.index(column)
        for column in {*columns} - {None, Column.LEFT, Column.VALUE}
        if column
    }
    questions = []
    if any(columns.count(column) > 1 for column in _ONCE) or None in columns:
        questions.append(Question.COLUMNS)
    quantity = (told and told.quantity) or before.quantity
    unit = (told and told.unit) or before.unit
    values = []
    n_plain = columns.count(Column.VALUE)
    for index, (column, heading) in enumerate(zip(columns, headings, strict=True)):
        if column and (column is Column.VALUE or column.quantity):
            named = tidy(header[index]) if told and n_plain > 1 else None
            point = heading.point or (named if column is Column.VALUE else None)
            its_quantity = column.quantity or (
                None if Column.QUANTITY in at else quantity
            )
            its_unit = (
                (told and told.unit)
                or heading.unit
                or (None if Column.UNIT in at else unit)
            )
            if point is None and Column.POINT not in at:
                point = before.point
            values.append(Valued(index, point, its_quantity, its_unit))
            if its_quantity is None and Column.QUANTITY not in at:
                questions.append(Question.QUANTITY)
            if its_unit is None and Column.UNIT not in at:
                questions.append(Question.UNIT)
    if not values or len({(v.point, v.quantity) for v in values}) < len(values):
        questions.append(Question.ENERGY)
    times = next(
        (
            tuple(at[column] for column in kind)
            for kind in (
                (Column.TIME,),
                (Column.START,),
                (Column.END,),
                (Column.DAY, Column.CLOCK),
            )
            if all(column in at for column in kind)
        ),
        (),
    )
    if not times:
        questions.append(Question.TIME)
    ask = _asks(file, header, columns, rows[number + 1 :], quantity, unit)
    if questions:
        raise ask(tuple(dict.fromkeys(questions)))
    is_end = _is_end(at, times)
    return Layout(
        header=tuple(header),
        values=tuple(values),
        times=times,
        time_zone=UTC if any(headings[t].is_utc for t in times) else time_zone,
        is_end=told.is_end if told and told.is_end is not None else is_end,
        ends=at.get(Column.END) if times == (at.get(Column.START),) else None,
        point=at.get(Column.POINT),
        quantity=at.get(Column.QUANTITY),
        physical=at.get(Column.PHYSICAL),
        unit=at.get(Column.UNIT),
        step=at.get(Column.STEP),
        seconds=(before.minutes or 0) * 60,
        stamp_needed=ask((Question.STAMP,)),
    )


def _is_end(at: Mapping[Column, int], times: tuple[int, ...]) -> bool | None:
    if times == (at.get(Column.START),):
        return False
    return True if times == (at.get(Column.END),) else None


def _asks(
    file: str,
    header: Sequence[str],
    columns: Sequence[Column | None],
    rows: Rows,
    quantity: Quantity | None,
    unit: Unit | None,
) -> Callable[[tuple[Question, ...]], MappingNeeded]:
    """What asks for a mapping, with what is known already."""
    known = {
        Heading(cell).name: column
        for cell, column in zip(header, columns, strict=True)
        if column
    }
    return lambda questions: MappingNeeded(
        file,
        fingerprint=fingerprint(header),
        header=header,
        rows=[cells for _, cells in rows[:_MOST_SHOWN]],
        guess=ColumnMapping(known, unit=unit, quantity=quantity),
        questions=questions,
    )


class _Preamble:
    """What the lines before a header tell: names above their values, or beside them."""

    def __init__(self, rows: Rows) -> None:
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


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    """The cells without those that trailing separators add."""
    n = len(cells)
    while n and not cells[n - 1]:
        n -= 1
    return list(cells[:n])
