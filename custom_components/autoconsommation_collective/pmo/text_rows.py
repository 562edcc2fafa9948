"""Rows of a table that was saved as text, whatever its encoding and its separator."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
import csv
from dataclasses import dataclass
import io
import re
from typing import IO

type Opener = Callable[[], IO[bytes]]
"""Opens the bytes of a file anew: they are read twice, and kept nowhere as a whole."""

CHUNK = 2**20
"""Also the longest line that is believed: a row of 300 members is a hundredth of it."""


class NotText(ValueError):
    """Bytes that are no text of lines."""


class BrokenRow(ValueError):
    """A row that cannot be parted into cells, as one with a quote that is never closed."""

    def __init__(self, line: int) -> None:
        """Keep which line it ends on."""
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table was saved."""

    encoding: str
    separator: str


def dialect(open_file: Opener) -> Dialect:
    """Encoding, which is UTF-8 or else Windows-1252, and separator. Raises NotText."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with open_file() as stream:
                return Dialect(encoding, _separator(_beginning(stream, encoding)))
        except UnicodeDecodeError:
            continue
    raise NotText


def rows(open_file: Opener, how: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not blank. Raises BrokenRow."""
    # Piece by piece: as a whole, text takes up to four times the memory of its bytes.
    with (
        open_file() as stream,
        io.TextIOWrapper(stream, how.encoding, newline="") as text,
    ):
        # Strict: a quote that is never closed would swallow all lines after it.
        reader = csv.reader(text, delimiter=how.separator, strict=True)
        try:
            for row in reader:
                cells = [cell.strip() for cell in row]
                if any(cells):
                    yield reader.line_num, cells
        except csv.Error:
            raise BrokenRow(reader.line_num) from None


_TO_FIRST_SEPARATOR = re.compile(r'[^\S\t]*+(?:"(?:[^"]|"")*+"|[^";,\t\r\n])*+([;,\t])')
"""Possessive: of quotes or spaces alone, it would otherwise try every way to part them."""


def _beginning(stream: IO[bytes], encoding: str) -> str:
    """The first characters of a text that is one as a whole."""
    decoder = getincrementaldecoder(encoding)()
    first: str | None = None
    while chunk := stream.read(CHUNK):
        text = decoder.decode(chunk)
        # Windows-1252 takes nearly anything; a workbook, or UTF-16, has zeros all over.
        if "\0" in text or (
            len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk
        ):
            raise NotText
        first = text if first is None else first
    decoder.decode(b"", final=True)
    return first or ""


def _separator(text: str) -> str:
    """What follows the name of the first column, in which there is none."""
    match = _TO_FIRST_SEPARATOR.match(text)
    return match[1] if match else ";"
