"""Read curves, a line per step and a column per participant, and bring them onto one grid."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
import math
import re
from zoneinfo import ZoneInfo

import numpy as np

from ..engine.keys import Matrix
from ..engine.study import StudyProblem
from .cells import fraction, number, perhaps_percent, plain
from .documents import STEP_MINUTES
from .energies import MAX_ENERGY_WH
from .step_lengths import UnknownStep, Whole, spell_minutes, step_lengths
from .tables import Table, open_table
from .times import instant, read_moment
from .units import Unit, read_unit


@dataclass(frozen=True, slots=True, eq=False)
class CurveFile:
    """What a file says of each step that it has: a row for each, in order of time."""

    table: Table
    lines: Whole
    """Of the file, shape (n_rows,)."""
    starts: Whole
    """Of the steps, in seconds since 1970, UTC."""
    steps: Whole
    """Their lengths in seconds."""
    values: Matrix
    """Shape (n_rows, n_names); NaN is a gap."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns of values."""
        return self.table.header[1:]


def read_energies(file: str, body: bytes, time_zone: ZoneInfo) -> CurveFile:
    """The energies in Wh of a file of curves, of whatever unit it names. Raises StudyError."""
    table = open_table(file, body)
    is_end, unit = _first_column(table)
    if (measure := read_unit(unit) if unit else Unit.WH) is None:
        raise table.fault(StudyProblem.BAD_VALUE, field=table.header[0], found=unit)
    curves = _read(table, is_end, time_zone, number, MAX_ENERGY_WH)
    measure.in_ones(curves.values)
    if measure.is_power:
        curves.values[:] *= curves.steps[:, None] / _HOUR
    return curves


def read_coefficients(file: str, body: bytes, time_zone: ZoneInfo) -> CurveFile:
    """The coefficients of a file of them, in [0, 1], also as percentages. Raises StudyError."""
    table = open_table(file, body)
    is_end, unit = _first_column(table)
    if unit:
        raise table.fault(StudyProblem.BAD_VALUE, field=table.header[0], found=unit)
    return _read(table, is_end, time_zone, fraction, 1)


_HOUR = 3600
_STEPS = np.array(STEP_MINUTES, dtype=np.int64) * 60
MAX_GAP = timedelta(days=366)
"""Between two lines: more is a year that was mistyped, and would fill the memory with gaps."""
CACHED = 2**16
"""Numbers of one file kept at a time, some 10 MB."""
_FIRST_COLUMN = re.compile(r"([^\[(]*)(?:\[(.*)\]|\((.*)\))?")
_IS_END = {"debut": False, "fin": True, "start": False, "end": True}
"""A word that leaves open which of both it is, as *horodate*, would shift all steps by one."""


def _first_column(table: Table) -> tuple[bool, str]:
    """Whether lines tell the end of their step, and the unit in brackets or parentheses."""
    match = _FIRST_COLUMN.fullmatch(table.header[0]) if table.header else None
    is_end = _IS_END.get(plain(match[1])) if match else None
    if match is None or is_end is None:
        found = table.header[0] if table.header else ""
        raise table.fault(
            StudyProblem.COLUMN_MISSING,
            field=", ".join(_IS_END) + (f" (≠ {found})" if found else ""),
            found=found,
        )
    if len(table.header) == 1:
        raise table.fault(StudyProblem.COLUMN_MISSING)
    return is_end, (match[2] or match[3] or "").strip()


def _read(
    table: Table,
    is_end: bool,
    time_zone: ZoneInfo,
    parse: Callable[[str], float | None],
    most: float,
) -> CurveFile:
    """The rows of a table, each number in [0, most]."""

    # Meters count whole Wh: the same few thousand numbers come again and again.
    @lru_cache(maxsize=CACHED)
    def read(cell: str) -> float | None:
        value = parse(cell) if cell else math.nan
        return None if value is None or value < 0 or value > most else value

    lines, times, numbers = array("q"), array("q"), array("d")
    previous: datetime | None = None
    for line, (when, *cells) in table.lines:
        previous = _next_instant(table, line, when, previous, time_zone)
        row = [value for value in map(read, cells) if value is not None]
        if len(row) < len(cells):
            column = [read(cell) for cell in cells].index(None)
            raise table.fault(
                StudyProblem.BAD_NUMBER,
                line=line,
                field=table.header[column + 1],
                # No energy of so few Wh is refused.
                found=perhaps_percent(cells[column]),
            )
        lines.append(line)
        times.append(int(previous.timestamp()))
        numbers.extend(row)
    if not lines:
        raise table.fault(StudyProblem.NOTHING_KNOWN)
    seconds = np.array(times, dtype=np.int64)
    try:
        lengths = step_lengths(np.diff(seconds), _STEPS)
    except UnknownStep as unknown:
        raise table.fault(
            StudyProblem.STEPS_IRREGULAR,
            line=lines[unknown.row],
            found=spell_minutes(unknown.seconds),
        ) from None
    # A difference is the length of the step that starts, or ends, with it.
    steps = np.concatenate(
        (lengths[:1], lengths) if is_end else (lengths, lengths[-1:])
    )
    return CurveFile(
        table=table,
        lines=np.array(lines, dtype=np.int64),
        starts=seconds - steps if is_end else seconds,
        steps=steps,
        values=np.frombuffer(numbers).reshape(len(lines), -1),
    )


def _next_instant(
    table: Table,
    line: int,
    when: str,
    previous: datetime | None,
    time_zone: ZoneInfo,
) -> datetime:
    """The instant of a line, which is later than that of the one before."""
    moment = read_moment(when)
    at = None if moment is None else instant(moment, time_zone, previous)
    if at is None or (previous is not None and at - previous > MAX_GAP):
        raise table.fault(
            StudyProblem.BAD_TIME, line=line, field=table.header[0], found=when
        )
    if previous is not None and at <= previous:
        raise table.fault(StudyProblem.STEPS_IRREGULAR, line=line, found=when)
    return at
