"""Read the files in which an organiser or a grid operator hands over energies, of any format.

`docs/DELIVERIES.md` says which. Reading order: `archives` unpacks, `delivery_tables`,
`workbooks`, `walloon`, `r15`, `r6x` and `acc_api` read one file each, `delivery_series` makes
steps of sure length of it, `delivery_blocks` puts the steps of all files together.
"""

import codecs
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
import io
from zoneinfo import ZoneInfo

from ..engine.delivery import Delivery, PeriodTotal, Repair
from . import acc_api, delivery_tables, r6x, r15, walloon
from .archives import (
    MAX_BYTES,
    MAX_DEPTH,
    Limit,
    Part,
    is_archive,
    opened,
    parts,
    whole,
)
from .cells import shown
from .delivery_blocks import curves, joined
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import MAX_VALUES, Found
from .delivery_json import open_json
from .delivery_layout import Mappings
from .delivery_mapping import MappingNeeded, Question
from .delivery_series import Key, Steps, steps_of
from .workbooks import Sheet, is_workbook, sheets

_NO_MAPPINGS: Mappings = {}


def read(
    name: str,
    body: bytes,
    time_zone: ZoneInfo,
    *,
    password: str | None = None,
    mappings: Mappings = _NO_MAPPINGS,
) -> Delivery:
    """All energies of a file, whatever its format; its name is for errors.

    Times without offset are of the zone. The password is that of an archive; mappings say
    what the columns of tables are, by their fingerprints. Raises DeliveryError, which never
    tells a whole delivery point's number; MappingNeeded where columns have to be told.
    """
    if len(body) > MAX_BYTES:
        raise DeliveryError(DeliveryProblem.TOO_LARGE, file=name)
    reading = _Reading(name, time_zone, password, mappings, Limit(name, len(body)))
    reading.add(_as_part(name, body), depth=0)
    return reading.delivery()


_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins what spreadsheets saved before 2007, and what they lock with a password."""
_UTF_16 = "UTF-16"
"""Not read; but a table may well be saved so."""
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BEFORE = b" \t\r\n" + "\ufeff".encode() + "ï»¿".encode()
"""What may stand before the first character: a byte order mark, also one that was mixed up."""
_NO_ENERGIES = {
    DeliveryProblem.FORMAT_UNKNOWN,
    DeliveryProblem.NOT_TEXT,
    DeliveryProblem.NOTHING_IN_IT,
}
"""Of a file beside others, as the list of who takes part: it is left, and said."""
_NO_XML = {DeliveryProblem.NOT_XML, DeliveryProblem.XML_FORBIDDEN}
_FIRST = 512
"""Bytes that tell what a file is."""


def _as_part(name: str, body: bytes) -> Part:
    return Part(name, name, len(body), partial(io.BytesIO, body))


def _leaves_open_what(error: DeliveryError) -> bool:
    """Whether a file may well be none of energies: of those, nobody is asked."""
    if isinstance(error, MappingNeeded):
        return Question.TIME in error.questions and not error.has_times
    return error.problem in _NO_ENERGIES and error.found != _UTF_16


@dataclass(slots=True, eq=False)
class _Reading:
    """What was read of a file, and of those in it."""

    file: str
    time_zone: ZoneInfo
    password: str | None
    mappings: Mappings
    limit: Limit
    known: list[dict[Key, Steps]] = field(default_factory=list)
    totals: list[PeriodTotal] = field(default_factory=list)
    repairs: Counter[Repair] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    n_values: int = 0

    def delivery(self) -> Delivery:
        """All of it together."""
        steps = joined(self.known, self.repairs)
        if not steps and not self.totals:
            raise DeliveryError(DeliveryProblem.NOTHING_IN_IT, file=self.file)
        return Delivery(
            curves(steps, self.file),
            tuple(self.totals),
            dict(self.repairs),
            tuple(self.left),
        )

    def add(self, part: Part, depth: int) -> None:
        """Read a file, by what its first bytes say it is."""
        with part.open() as stream:
            first = stream.read(_FIRST)
        begins = first.lstrip(_BEFORE)
        if is_archive(first):
            self.add_archive(part, depth)
        elif first.startswith(_LEGACY):
            raise DeliveryError(DeliveryProblem.OLD_WORKBOOK, file=part.name)
        elif first.startswith(_UTF_16_MARKS):
            raise DeliveryError(DeliveryProblem.NOT_TEXT, file=part.name, found=_UTF_16)
        elif begins.startswith(b"<"):
            self.add_xml(part)
        elif begins.startswith((b"{", b"[")):
            self.add_json(part)
        elif not begins and len(first) < _FIRST:
            raise DeliveryError(DeliveryProblem.NOTHING_IN_IT, file=part.name)
        else:
            self.add_table(part)

    def add_archive(self, part: Part, depth: int) -> None:
        """Read all files of an archive, or the sheets of a workbook, which is one too."""
        if depth == MAX_DEPTH:
            raise DeliveryError(DeliveryProblem.NESTED_TOO_DEEP, file=part.name)
        body = whole(part)
        inside = parts(part.name, body, self.password, self.limit)
        if is_workbook(inside):
            self.add_all(
                (sheet.name, partial(self.add_sheet, sheet))
                for sheet in sheets(part.name, inside)
            )
        else:
            self.add_all(
                (each.name, partial(self.add, each, depth + 1)) for each in inside
            )

    def add_all(self, readers: Iterator[tuple[str, Callable[[], None]]]) -> None:
        """Read several files; one that may be none of energies counts where no other is any."""
        n_read, unknown, n_left = 0, None, len(self.left)
        for name, read_one in readers:
            try:
                read_one()
                n_read += 1
            except DeliveryError as error:
                if not _leaves_open_what(error):
                    raise
                self.left.append(shown(name))
                if unknown is None or isinstance(error, MappingNeeded):
                    unknown = error
        if not n_read:
            # What holds them is left as a whole, or refused.
            del self.left[n_left:]
            raise unknown or DeliveryError(
                DeliveryProblem.NOTHING_IN_IT, file=self.file
            )

    def add_sheet(self, sheet: Sheet) -> None:
        """Read a sheet of a workbook."""
        if walloon.is_walloon(sheet):
            self.add_found(walloon.read(sheet, self.mappings, self.time_zone))
            return
        formulas: list[str] = []
        found = delivery_tables.read_lines(
            sheet.file, sheet.lines(formulas), self.mappings, self.time_zone
        )
        if formulas:
            found.repairs[Repair.FORMULAS] += 1
        self.add_found(found)

    def add_table(self, part: Part) -> None:
        """Read a table saved as text."""
        self.add_found(
            delivery_tables.read(part.name, part.open, self.mappings, self.time_zone)
        )

    def add_xml(self, part: Part) -> None:
        """Read XML of a flow that is known."""
        try:
            self.add_found(r15.read(part.name, partial(opened, part)))
        except DeliveryError as error:
            if error.problem not in _NO_XML or r15.may_be_flow(whole(part)):
                raise
            # As a page, or a drawing.
            raise DeliveryError(
                DeliveryProblem.FORMAT_UNKNOWN, file=part.name
            ) from None

    def add_json(self, part: Part) -> None:
        """Read JSON of a flow that is known, or an answer of the API."""
        body = whole(part)
        try:
            nodes, was_mixed = open_json(part.name, body)
        except DeliveryError as error:
            is_ours = r6x.may_be_flow(body) or acc_api.may_be_answer(body)
            if error.problem is not DeliveryProblem.NOT_JSON or is_ours:
                raise
            # As a note, or a table whose first name stands in brackets.
            self.add_table(part)
            return
        if r6x.is_flow(nodes):
            found = r6x.read(part.name, nodes, self.mappings, self.time_zone)
        elif acc_api.is_answer(nodes):
            found = acc_api.read(part.name, nodes)
        else:
            raise DeliveryError(DeliveryProblem.FORMAT_UNKNOWN, file=part.name)
        if was_mixed:
            found.repairs[Repair.MOJIBAKE] += 1
        self.add_found(found)

    def add_found(self, found: Found) -> None:
        """Keep what was found in one file as steps."""
        self.n_values += sum(len(series.labels) for series in found.series)
        if self.n_values > MAX_VALUES:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)
        self.known.append(steps_of(found, self.time_zone))
        self.totals += found.totals
        self.repairs += found.repairs
