"""Bring series, in the order of a file and by its clock, to steps of sure length in UTC."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ..engine.blocks import Energies, Quantity
from ..engine.delivery import Repair
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import Found, Series
from .step_lengths import UnknownStep, Whole, spell_minutes, step_lengths

STEPS: Final = np.array((5, 10, 15, 30, 60), dtype=np.int64) * 60
"""Meters of large sites count by five minutes, though nobody settles by them."""


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
    is_end = found.is_end
    if is_end is None:
        is_end = _ends_inferred(found, lines, time_zone)
        found.repairs[Repair.STAMP_INFERRED] += 1
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
    rows = np.flatnonzero(sure)
    rows = rows[np.argsort(labels[rows], kind="stable")]
    times = labels[rows]
    for time, twice in rows_of.items():
        near = _rows_near(time, series.back, times, rows)
        usual = max(len(near), 1)
        if len(twice) <= usual:
            continue
        # Where lines stand twice beside each other, the first two are of one occurrence.
        is_doubled = len(near) > 1 and near[1] - near[0] == 1
        second = twice[usual:] if is_doubled else twice[1::2]
        labels[second] += series.back


def _rows_near(time: int, back: int, times: Whole, rows: Whole) -> Whole:
    """The rows of a time that lies beside the repeated hour, of rows in order of their times."""
    after = int(np.searchsorted(times, time))
    if after and time - times[after - 1] <= _NEAR:
        first = int(np.searchsorted(times, times[after - 1]))
        return rows[first:after]
    if after < len(times) and times[after] - time <= _NEAR + back:
        return rows[after : int(np.searchsorted(times, times[after], side="right"))]
    return rows[:0]


def _ends_inferred(found: Found, lines: Sequence[_Line], time_zone: ZoneInfo) -> bool:
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
        assert found.stamp_needed is not None
        raise found.stamp_needed
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
