"""Tables of a study: cells by line, and errors that say which one is wrong.

Names of columns are read without regard to case and accents.
"""

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass
from functools import partial
import io

from ..engine.study import StudyError, StudyProblem
from .cells import fraction, number, perhaps_percent, plain, shown, spell_line, tidy
from .text_rows import BrokenRow, NotText, dialect, rows


@dataclass(frozen=True, slots=True)
class Table:
    """A file with a header, whose lines can be read once."""

    file: str
    header: tuple[str, ...]
    """Names of the columns as written, none empty and none twice."""
    lines: Iterator[tuple[int, list[str]]]
    """Number of each line that is not blank, and its cells, one for each column."""

    def fault(
        self,
        problem: StudyProblem,
        *,
        line: int | None = None,
        participant: str = "",
        field: str = "",
        found: str = "",
    ) -> StudyError:
        """Build the error that blames a cell, a line, a column, or the file as a whole."""
        return StudyError(
            problem,
            file=shown(self.file),
            participant=shown(participant),
            field=shown(field),
            step="" if line is None else spell_line(line),
            found=shown(found),
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a table whose columns are known; every read raises StudyError, nothing else."""

    table: Table
    line: int
    columns: Mapping[str, str]
    """Name of each column as the file writes it, by its English name."""
    cells: Mapping[str, str]
    """By the English name of the column."""

    def fault(
        self,
        problem: StudyProblem,
        field: str,
        *,
        participant: str | None = None,
        found: str | None = None,
    ) -> StudyError:
        """Build the error that blames a cell of this line; with another name or text, if given."""
        return self.table.fault(
            problem,
            line=self.line,
            participant=self.text("id") if participant is None else participant,
            field=self.columns.get(field, field),
            found=self.text(field) if found is None else found,
        )

    def text(self, field: str) -> str:
        """What stands there; empty where nothing does, or where there is no such column."""
        return self.cells.get(field, "")

    def needed[T](self, field: str, value: T | None) -> T:
        """What was read of a cell that may not be empty."""
        if value is None:
            raise self.fault(StudyProblem.BAD_VALUE, field)
        return value

    def parsed[T](
        self,
        field: str,
        parse: Callable[[str], T | None],
        problem: StudyProblem = StudyProblem.BAD_VALUE,
    ) -> T | None:
        """What `parse` makes of the cell; None of an empty one, the problem of any other."""
        if not (text := self.text(field)):
            return None
        if (value := parse(text)) is None:
            raise self.fault(problem, field)
        return value

    def choice[T](self, field: str, words: Mapping[str, T]) -> T | None:
        """What the word means; None of an empty cell."""
        return self.parsed(field, lambda text: words.get(plain(text)))

    def signed(self, field: str) -> float | None:
        """Any number; None of an empty cell."""
        return self.parsed(field, number, StudyProblem.BAD_NUMBER)

    def amount(self, field: str) -> float | None:
        """A number of 0 or more; None of an empty cell."""
        value = self.signed(field)
        if value is not None and value < 0:
            raise self.fault(StudyProblem.BAD_NUMBER, field)
        return value

    def part(self, field: str) -> float | None:
        """A part of the whole, in [0, 1] or with `%`; None of an empty cell."""
        value = self.parsed(field, fraction, StudyProblem.BAD_NUMBER)
        if value is not None and not 0 <= value <= 1:
            raise self.fault(
                StudyProblem.BAD_NUMBER, field, found=perhaps_percent(self.text(field))
            )
        return value


def open_table(file: str, body: bytes) -> Table:
    """The table in the bytes of a file, whose name is for errors.

    Raises StudyError on what is no text, on columns without a name or of the same name,
    and, as the lines are read, on lines that do not fit the header.
    """
    separator, lines = _rows(file, body)
    line, first = next(lines, (1, []))
    header = tuple(map(tidy, _without_empty_end(first)))
    # With decimal commas between commas, a line is longer than its header.
    widest = len(first) if separator == "," else None
    table = Table(file, header, _fitted(file, header, lines, widest))
    for column, name in enumerate(header):
        if not name:
            raise table.fault(
                StudyProblem.COLUMN_MISSING, line=line, field=str(column + 1)
            )
        if name in header[:column]:
            raise table.fault(StudyProblem.COLUMN_TWICE, line=line, field=name)
    return table


def records(
    table: Table,
    names: AbstractSet[str],
    french: Mapping[str, str],
    required: AbstractSet[str],
) -> Iterator[Record]:
    """The lines of a table by the names of its columns, which `french` translates.

    Raises StudyError on columns that are unknown, missing, or there in both languages.
    """
    columns: dict[str, str] = {}
    for written in table.header:
        word = plain(written)
        name = french.get(word, word)
        if name not in names:
            raise table.fault(StudyProblem.COLUMN_UNKNOWN, field=written)
        if name in columns:
            raise table.fault(StudyProblem.COLUMN_TWICE, field=written)
        columns[name] = written
    for name in sorted(required - columns.keys()):
        raise table.fault(StudyProblem.COLUMN_MISSING, field=name)
    for line, cells in table.lines:
        values = dict(zip(columns, map(tidy, cells), strict=True))
        yield Record(table, line, columns, values)


def _rows(file: str, body: bytes) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The separator of a file, and number and cells of each line that is not blank."""
    open_file = partial(io.BytesIO, body)
    try:
        how = dialect(open_file)
    except NotText:
        raise StudyError(StudyProblem.NOT_TEXT, file=shown(file)) from None
    return how.separator, _unbroken(file, rows(open_file, how))


def _unbroken(
    file: str, lines: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from lines
    except BrokenRow as broken:
        raise StudyError(
            StudyProblem.BAD_VALUE, file=shown(file), step=spell_line(broken.line)
        ) from None


def _fitted(
    file: str,
    header: tuple[str, ...],
    lines: Iterator[tuple[int, list[str]]],
    widest: int | None,
) -> Iterator[tuple[int, list[str]]]:
    """The rows with one cell for each column: spreadsheets leave out empty ends, or add some."""
    n_columns = len(header)
    for line, cells in lines:
        if len(cells) < n_columns:
            cells += [""] * (n_columns - len(cells))
        elif len(cells) > n_columns:
            extra = cells[n_columns:]
            if any(extra) or (widest is not None and len(cells) > widest):
                raise StudyError(
                    StudyProblem.BAD_VALUE,
                    file=shown(file),
                    step=spell_line(line),
                    found=shown(" ".join(extra)),
                )
            del cells[n_columns:]
        yield line, cells


def _without_empty_end(cells: list[str]) -> list[str]:
    """The cells without those that trailing separators add."""
    n = len(cells)
    while n and not cells[n - 1]:
        n -= 1
    return cells[:n]
