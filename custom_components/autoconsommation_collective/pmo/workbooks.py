"""Read the sheets of a workbook (`.xlsx`) as texts of cells by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import re

from .archives import Part, opened
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_layout import MAX_COLUMNS
from .xml_pieces import pieces


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, whose lines can be read again and again."""

    file: str
    """Name of the workbook."""
    name: str
    part: Part
    strings: tuple[str, ...]
    """Texts that all sheets share."""

    def lines(self, formulas: list[str]) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each line that is not blank.

        Of a formula the result is taken that was saved with it, and the sheet's name is
        added to the list once it has some. Raises DeliveryError.
        """
        cells = _Cells(self.file, self.strings)
        with opened(self.part) as stream:
            for _ in pieces(self.file, stream, cells):
                yield from cells.lines
                cells.lines.clear()
        if cells.has_formulas:
            formulas.append(self.name)


def is_workbook(found: list[Part]) -> bool:
    """Whether the parts of an archive are those of a workbook."""
    return any(part.path == _WORKBOOK for part in found)


def sheets(file: str, inside: list[Part]) -> list[Sheet]:
    """The sheets of a workbook, in its order. Raises DeliveryError."""
    found = {part.path: part for part in inside}
    book = _Book(file)
    _read(file, found, _WORKBOOK, book)
    targets = _Targets()
    _read(file, found, "xl/_rels/workbook.xml.rels", targets)
    strings = _Strings()
    if _STRINGS in found:
        _read(file, found, _STRINGS, strings)
    return [
        Sheet(file, name, found[path], tuple(strings.texts))
        for name, relation in book.sheets
        if (path := targets.paths.get(relation)) in found and path is not None
    ]


_WORKBOOK = "xl/workbook.xml"
_STRINGS = "xl/sharedStrings.xml"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_FALSE = {"0", "false", ""}


def _read(
    file: str,
    found: Mapping[str, Part],
    path: str,
    handler: _Book | _Targets | _Strings,
) -> None:
    if path not in found:
        raise DeliveryError(DeliveryProblem.NOT_A_WORKBOOK, file=file, field=path)
    with opened(found[path]) as stream:
        for _ in pieces(file, stream, handler):
            pass


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute by its name, whatever its prefix."""
    for qualified, value in attributes.items():
        if qualified.rpartition(":")[2] == name and ":" in qualified:
            return value
    return attributes.get(name, "")


class _Book:
    """The names of the sheets, and what leads to each."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.sheets: list[tuple[str, str]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            self.sheets.append(
                (attributes.get("name", ""), _attribute(attributes, "id"))
            )
        elif name == "workbookPr" and attributes.get("date1904", "") not in _FALSE:
            # Days counted from 1904 would all be four years too early.
            raise DeliveryError(
                DeliveryProblem.NOT_A_WORKBOOK, file=self.file, field="date1904"
            )

    def end(self, name: str, text: str) -> None:
        pass


class _Targets:
    """Where each sheet stands in the archive."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            self.paths[attributes.get("Id", "")] = path

    def end(self, name: str, text: str) -> None:
        pass


class _Strings:
    """Texts that cells refer to by their number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._is_spoken = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._runs = []
        elif name == "rPh":
            self._is_spoken = True

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self._is_spoken:
            self._runs.append(text)
        elif name == "rPh":
            self._is_spoken = False
        elif name == "si":
            self.texts.append("".join(self._runs))


class _Cells:
    """The lines of a sheet as far as they were read."""

    def __init__(self, file: str, strings: tuple[str, ...]) -> None:
        self.lines: list[tuple[int, list[str]]] = []
        self.has_formulas = False
        self._file = file
        self._strings = strings
        self._line = 0
        self._row: list[str] = []
        self._kind = ""
        self._column = -1
        self._value = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._value = ""
            place = attributes.get("r")
            self._column = self._column + 1 if place is None else self._number(place)
            if self._column >= MAX_COLUMNS:
                raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self._file)
        elif name == "row":
            told = attributes.get("r", "")
            self._line = int(told) if told.isdecimal() else self._line + 1
            self._row = []
            self._column = -1
        elif name == "f":
            self.has_formulas = True

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._value = self._strings_at(text) if self._kind == "s" else text
        elif name == "t":
            self._value += text
        elif name == "c" and self._value:
            missing = self._column - len(self._row)
            self._row.extend([""] * (missing + 1))
            self._row[self._column] = self._value.strip()
        elif name == "row" and any(self._row):
            self.lines.append((self._line, self._row))

    def _number(self, place: str) -> int:
        """The number of the column of a cell, from 0."""
        if not (match := _CELL.fullmatch(place)):
            raise DeliveryError(
                DeliveryProblem.NOT_A_WORKBOOK, file=self._file, field=place
            )
        number = 0
        for letter in match[1]:
            number = number * 26 + ord(letter) - ord("A") + 1
        return number - 1

    def _strings_at(self, text: str) -> str:
        number = int(text) if text.isdecimal() else len(self._strings)
        if number >= len(self._strings):
            raise DeliveryError(
                DeliveryProblem.NOT_A_WORKBOOK, file=self._file, found=text
            )
        return self._strings[number]
