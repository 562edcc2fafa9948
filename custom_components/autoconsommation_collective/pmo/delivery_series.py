"""Energies by point and quantity in the order of a file, brought to steps in UTC."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ..engine.blocks import Energies, Quantity
from ..engine.delivery import PeriodTotal, Repair
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_mapping import MappingNeeded
from .step_lengths import UnknownStep, Whole, spell_minutes, step_lengths
from .units import Unit

STEPS: Final = np.array((5, 10, 15, 30, 60), dtype=np.int64) * 60
"""Meters of large sites count by five minutes, though nobody settles by them."""
MAX_VALUES: Final = 6_000_000
"""Half a year of quarter-hours of 300 members; what is read of it takes some 200 MB."""
MAX_SERIES: Final = 4_000
"""Of points and quantities; an operation has some hundred members."""


@dataclass(slots=True, eq=False)
class Series:
    """One quantity of one point, a row for each line of the file that tells it."""

    point: str | None = field(repr=False)
    quantity: Quantity
    unit: Unit
    labels: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """The times told, in seconds since 1970, UTC; of an hour that comes twice, its first
    occurrence."""
    values: array[float] = field(default_factory=lambda: array("d"), repr=False)
    steps: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Lengths in seconds where the file tells them, 0 or no rows at all elsewhere."""
    repeated: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Rows in an hour that local clocks repeat."""
    back: int = 0
    """By how many seconds they go back then."""
    skipped: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Labels at which local clocks skip an hour: only a step can end there."""

    def add(self, label: tuple[int, int], value: float, step: int) -> None:
        """Append a row."""
        seconds, back = label
        if back > 0:
            self.repeated.append(len(self.labels))
            self.back = back
        elif back:
            self.skipped.append(seconds)
        self.labels.append(seconds)
        self.values.append(value)
        if step or self.steps:
            self.steps.extend([0] * (len(self.labels) - 1 - len(self.steps)))
            self.steps.append(step)


@dataclass(slots=True, eq=False)
class Found:
    """What a reader found in one file."""

    file: str
    series: list[Series] = field(default_factory=list)
    is_end: bool | None = None
    """Whether times are the ends of their steps; None where the file does not tell."""
    totals: list[PeriodTotal] = field(default_factory=list)
    repairs: Counter[Repair] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    stamp_needed: MappingNeeded | None = None
    """What to ask where nothing tells what times are."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Known energies of one quantity of one point, in order of time, without overlap."""

    starts: Whole
    """In seconds since 1970, UTC."""
    steps: npt.NDArray[np.int32]
    """Their lengths in seconds."""
    wh: Energies


type Key = tuple[str | None, Quantity]


def steps_of(found: Found, time_zone: ZoneInfo) -> dict[Key, Steps]:
    """The steps of what was found, whose series are used up; repairs are added to it.

    Raises DeliveryError on times that are no steps; MappingNeeded where they may be the
    beginnings of their steps or their ends.
    """
    lines = []
    while found.series:
        if (series := found.series.pop()).labels:
            lines.append(_line(found, series))
    if not lines:
        return {}
    is_end = (
        _ends_told(found, lines, time_zone) if found.is_end is None else found.is_end
    )
    known = {}
    while lines:
        line = lines.pop()
        if is_end:
            found.repairs[Repair.STAMPED_BY_ENDS] += 1
        elif line.skipped:
            raise _fault(found, DeliveryProblem.BAD_TIME, line.skipped[0])
        steps = line.steps(is_end=is_end)
        starts = line.times - steps if is_end else line.times
        _check(found, starts, steps)
        is_known = ~np.isnan(line.values)
        if is_known.any():
            wh = line.values * (steps / _HOUR) if line.is_power else line.values
            known[line.key] = Steps(
                starts[is_known], steps[is_known].astype(np.int32), wh[is_known]
            )
    return known


def followed(earlier: Steps, later: Steps, repairs: Counter[Repair]) -> Steps:
    """The steps of both; where they overlap, the later delivery counts."""
    ends = later.starts + later.steps
    before = np.searchsorted(later.starts, earlier.starts + earlier.steps) - 1
    overlaps = (before >= 0) & (ends[before] > earlier.starts)
    same = (
        overlaps
        & (later.starts[before] == earlier.starts)
        & (later.steps[before] == earlier.steps)
        & (later.wh[before] == earlier.wh)
    )
    _count(repairs, int(same.sum()), int(overlaps.sum()))
    starts = np.concatenate((earlier.starts[~overlaps], later.starts))
    order = np.argsort(starts, kind="stable")
    return Steps(
        starts[order],
        np.concatenate((earlier.steps[~overlaps], later.steps))[order],
        np.concatenate((earlier.wh[~overlaps], later.wh))[order],
    )


def spell(seconds: int) -> str:
    """An instant as errors tell it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


_HOUR = 3600
_NEAR = 3 * _HOUR
"""How far from a repeated hour a time lies by which its rows are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A series in order of time, each time once."""

    key: Key
    is_power: bool
    skipped: array[int]
    times: Whole
    told: Whole
    """Lengths of the steps where the file tells them, else empty."""
    lengths: Whole
    """Lengths that go with the differences of the times, where the file tells none."""
    values: Energies

    def steps(self, *, is_end: bool) -> Whole:
        """The length of the step of each time."""
        if self.told.size:
            return self.told
        # A difference is the length of the step that starts, or ends, with it.
        first, last = self.lengths[:1], self.lengths[-1:]
        return np.concatenate((first, self.lengths) if is_end else (self.lengths, last))


def _line(found: Found, series: Series) -> _Line:
    """The rows of a series in order of time; of those of the same time, the last that is known."""
    times = np.array(series.labels, dtype=np.int64)
    values = np.array(series.values, dtype=np.float64)
    series.unit.in_ones(values)
    told = np.array(series.steps, dtype=np.int64)
    differences = np.diff(times)
    if series.repeated:
        rises = int(np.sign(differences).sum())
        _tell_apart(times, series, descending=rises < 0)
        differences = np.diff(times)
    if (differences < 0).any():
        found.repairs[Repair.SORTED] += 1
    if (differences <= 0).any():
        order = np.lexsort((np.arange(len(times)), ~np.isnan(values), times))
        times, values = times[order], values[order]
        told = told[order] if told.size else told
        counts = np.append(times[1:] != times[:-1], True)
        kept = np.flatnonzero(counts)[np.cumsum(counts) - counts]
        dropped = ~counts & ~np.isnan(values)
        same = dropped & (values == values[kept])
        _count(found.repairs, int(same.sum()), int(dropped.sum()))
        times, values = times[counts], values[counts]
        told = told[counts] if told.size else told
    if not (told.size and (told > 0).all()):
        told = told[:0]
    lengths = told[:0] if told.size else _lengths(found, times)
    if (np.diff(told if told.size else lengths) != 0).any():
        found.repairs[Repair.STEP_CHANGED] += 1
    return _Line(
        (series.point, series.quantity),
        series.unit.is_power,
        series.skipped,
        times,
        told,
        lengths,
        values,
    )


def _lengths(found: Found, times: Whole) -> Whole:
    try:
        return step_lengths(np.diff(times), STEPS)
    except UnknownStep as unknown:
        raise _fault(
            found,
            DeliveryProblem.STEP_UNKNOWN,
            int(times[unknown.row]),
            spell_minutes(unknown.seconds) if unknown.seconds else "",
        ) from None


def _tell_apart(labels: Whole, series: Series, *, descending: bool) -> None:
    """Move the second occurrence of each repeated time to where it belongs.

    Rows of a time that comes twice are told apart by their order, in a file that goes back
    in time from its end. A time of which there are no more rows than of its neighbours comes
    once: it is the first occurrence.
    """
    rows_of = defaultdict[int, list[int]](list)
    for row in reversed(series.repeated) if descending else series.repeated:
        rows_of[int(labels[row])].append(row)
    sure = np.ones(len(labels), dtype=bool)
    sure[series.repeated] = False
    times, counts = np.unique(labels[sure], return_counts=True)
    for time, rows in rows_of.items():
        usual = _rows_near(time, series.back, times, counts)
        n = len(rows)
        if n <= usual:
            continue
        # Lines that stand twice beside each other are two of one occurrence.
        is_doubled = n == 2 * usual > 2 and abs(rows[1] - rows[0]) == 1
        second = rows[n // 2 :] if is_doubled else rows[1::2]
        labels[second] += series.back


def _rows_near(time: int, back: int, times: Whole, counts: Whole) -> int:
    """How many rows a time has that lies beside the repeated hour."""
    at = int(np.searchsorted(times, time))
    if at and time - times[at - 1] <= _NEAR:
        return int(counts[at - 1])
    if at < len(times) and times[at] - time <= _NEAR + back:
        return int(counts[at])
    return 1


def _ends_told(found: Found, lines: Sequence[_Line], time_zone: ZoneInfo) -> bool:
    """Whether times are the ends of steps, by those series that are whole local days.

    A series from midnight to midnight begins with 00:00 if they are starts, and ends with it
    if they are ends. Raises MappingNeeded where that does not decide.
    """
    told = set()
    for line in lines:
        first, last = int(line.times[0]), int(line.times[-1])
        steps = line.told if line.told.size else line.lengths
        as_starts = (first, last + int(steps[-1]))
        as_ends = (first - int(steps[0]), last)
        for is_end, edges in ((False, as_starts), (True, as_ends)):
            if all(_is_midnight(edge, time_zone) for edge in edges):
                told.add(is_end)
    if len(told) != 1:
        raise found.stamp_needed or DeliveryError(
            DeliveryProblem.NEEDS_MAPPING, file=found.file
        )
    return told.pop()


def _is_midnight(seconds: int, time_zone: ZoneInfo) -> bool:
    local = datetime.fromtimestamp(seconds, time_zone)
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _check(found: Found, starts: Whole, steps: Whole) -> None:
    """Hold steps to the lengths there are, to the grid of their length, and apart."""
    wrong = np.flatnonzero(~np.isin(steps, STEPS))
    if wrong.size:
        row = int(wrong[0])
        raise _fault(
            found,
            DeliveryProblem.STEP_UNKNOWN,
            int(starts[row]),
            spell_minutes(int(steps[row])),
        )
    beside = np.flatnonzero(starts % steps != 0)
    if beside.size:
        raise _fault(found, DeliveryProblem.BAD_TIME, int(starts[beside[0]]))
    over = np.flatnonzero((starts + steps)[:-1] > starts[1:])
    if over.size:
        row = int(over[0])
        lengths = sorted({int(steps[row]), int(steps[row + 1])})
        raise _fault(
            found,
            DeliveryProblem.STEPS_OVERLAP,
            int(starts[row + 1]),
            ", ".join(map(spell_minutes, lengths)),
        )


def _count(repairs: Counter[Repair], same: int, told_twice: int) -> None:
    if same:
        repairs[Repair.SAME_AGAIN] += same
    if told_twice > same:
        repairs[Repair.REPLACED] += told_twice - same


def _fault(
    found: Found, problem: DeliveryProblem, seconds: int, what: str = ""
) -> DeliveryError:
    return DeliveryError(problem, file=found.file, step=spell(seconds), found=what)
