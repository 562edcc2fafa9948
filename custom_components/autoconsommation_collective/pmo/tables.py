"""Tables as spreadsheets save them: cells by line, and errors that say which one is wrong.

Separator, decimal mark, encoding and line ends are those of the file. Names of columns are
read without regard to case and accents.
"""

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
import csv
from dataclasses import dataclass
import io
import math
import re
import unicodedata

from ..engine.study import StudyError, StudyProblem


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

    def amount(self, field: str) -> float | None:
        """A number of 0 or more; None of an empty cell."""
        value = self.parsed(field, number, StudyProblem.BAD_NUMBER)
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
    encoding, separator = _dialect(file, body)
    rows = _rows(file, body, encoding, separator)
    line, first = next(rows, (1, []))
    header = tuple(map(tidy, _without_empty_end(first)))
    # With decimal commas between commas, a line is longer than its header.
    widest = len(first) if separator == "," else None
    table = Table(file, header, _fitted(file, header, rows, widest))
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


def number(text: str) -> float | None:
    """The finite number written there, with a decimal point or comma; None where none is."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.translate(_AS_PYTHON))
    return value if math.isfinite(value) else None


def fraction(text: str) -> float | None:
    """The number written there, `20 %` being 0.2; None where none is."""
    if not text.endswith("%"):
        return number(text)
    percent = number(text[:-1].rstrip())
    return None if percent is None else percent / 100


def perhaps_percent(text: str) -> str:
    """What stands where a part of the whole should, with what may be meant: `20 (20 %, 0.2)`."""
    value = number(text)
    if value is None or not 1 < value <= 100:
        return text
    return f"{text} ({value:g} %, {value / 100:g})"


def spell_line(line: int) -> str:
    """The number of a line as errors tell it, in English sentences and in French ones."""
    return f"l. {line}"


def tidy(text: str) -> str:
    """The text, however its spaces and accents are encoded."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def plain(text: str) -> str:
    """A word without case and accents: of *Premier jour*, `premier_jour`."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return "_".join(re.split(r"[\s_-]+", bare.strip()))


def shown(text: str) -> str:
    """What an error may repeat of a file: short, on one line, no delivery point's number."""
    masked = _DELIVERY_POINT.sub(_last_digits, tidy(text))
    short = masked if len(masked) <= _MAX_SHOWN else f"{masked[:_MAX_SHOWN]}…"
    return "".join(c if c.isprintable() else "·" for c in short)


_SPACES = " \u00a0\u2009\u202f"
"""What parts thousands: a space, one that does not break, a thin one, or both."""
_NUMBER = re.compile(
    rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+)(?:[.,][0-9]*)?|[.,][0-9]+)"
    r"(?:[eE][+-]?[0-9]{1,3})?"
)
"""Spreadsheets write what is small or large with an exponent."""
_AS_PYTHON = str.maketrans(",", ".", _SPACES)

_DELIVERY_POINT = re.compile(r"[0-9](?:[\s._/-]?[0-9]){13,}")
"""A PRM has 14 digits, an EAN 18, perhaps in groups; nothing worth showing has so many."""
_MAX_SHOWN = 60
"""Errors end in logs and notifications, and a cell may hold a page."""

_TO_FIRST_SEPARATOR = re.compile(r'\s*?(?:"(?:[^"]|"")*"|[^";,\t\r\n])*([;,\t])')


def _last_digits(match: re.Match[str]) -> str:
    digits = "".join(c for c in match[0] if c.isdigit())
    return f"…{digits[-3:]}"


def _dialect(file: str, body: bytes) -> tuple[str, str]:
    """Encoding, which is UTF-8 or else Windows-1252, and separator of a file."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Windows-1252 takes nearly anything; a workbook, or UTF-16, has zeros all over.
        if "\0" not in text:
            return encoding, _separator(text)
    raise StudyError(StudyProblem.NOT_TEXT, file=shown(file))


def _separator(text: str) -> str:
    """What follows the name of the first column, in which there is none."""
    match = _TO_FIRST_SEPARATOR.match(text)
    return match[1] if match else ";"


def _rows(
    file: str, body: bytes, encoding: str, separator: str
) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not blank."""
    # Piece by piece: as a whole, text takes up to four times the memory of its bytes.
    text = io.TextIOWrapper(io.BytesIO(body), encoding, newline="")
    # Strict: a quote that is never closed would swallow all lines after it.
    reader = csv.reader(text, delimiter=separator, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error:
        raise StudyError(
            StudyProblem.BAD_VALUE, file=shown(file), step=spell_line(reader.line_num)
        ) from None


def _fitted(
    file: str,
    header: tuple[str, ...],
    rows: Iterator[tuple[int, list[str]]],
    widest: int | None,
) -> Iterator[tuple[int, list[str]]]:
    """The rows with one cell for each column: spreadsheets leave out empty ends, or add some."""
    n_columns = len(header)
    for line, cells in rows:
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
