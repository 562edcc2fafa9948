"""Bring the curves of several files onto one grid of steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import re

import numpy as np

from ..engine.keys import Matrix
from ..engine.study import Consumer, Curves, Producer, StudyError, StudyProblem
from .step_lengths import Whole, spell_minutes
from .study_curves import CurveFile


def combine(
    consumption: CurveFile,
    production: CurveFile,
    coefficients: CurveFile | None,
    consumers: Sequence[Consumer],
    producers: Sequence[Producer],
) -> tuple[Curves, ...]:
    """The curves of all files on the steps that those of energies have, in blocks of one length.

    Participants are in the order of the columns. A step that one of the files lacks is a
    gap there; what coefficients say beyond the energies is left. Where one file's steps are
    a whole number of the other's, the finer energies are summed. Raises StudyError where the
    steps do not fit together.
    """
    consumption, production = (
        _as_coarse_as(consumption, production),
        _as_coarse_as(production, consumption),
    )
    starts, steps = _all_steps(consumption, production)
    changes = np.flatnonzero(np.diff(steps)) + 1
    blocks = [
        _Block(
            int(starts[part[0]]),
            int(steps[part[0]]),
            int((starts[part[-1]] - starts[part[0]]) // steps[part[0]]) + 1,
        )
        for part in np.split(np.arange(len(starts)), changes)
    ]
    given, shape = (
        _columns(coefficients, consumers, producers) if coefficients else ([], ())
    )
    return tuple(
        Curves(
            start=datetime.fromtimestamp(block.start, UTC),
            step=timedelta(seconds=block.step),
            consumption=_placed(consumption, range(len(consumers)), block),
            production=_placed(production, range(len(producers)), block),
            coefficients=_placed(coefficients, given, block).reshape(-1, *shape)
            if coefficients
            else None,
        )
        for block in blocks
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """Consecutive steps of one length, in seconds."""

    start: int
    step: int
    n_steps: int


def _as_coarse_as(curves: CurveFile, other: CurveFile) -> CurveFile:
    """The curves with finer steps summed up to those of the other file.

    A step of which a part is not known is a gap. Before its first line, after its last one
    and between, the other file has the steps of the nearest line before, or else after.
    Raises StudyError on a step that is not inside one of the other's.
    """
    changes = np.flatnonzero(np.diff(other.steps, prepend=0))
    since = other.starts[changes]
    until = np.append(since[1:], np.iinfo(np.int64).max)
    part = np.maximum(since.searchsorted(curves.starts, side="right") - 1, 0)
    coarse, offset = other.steps[changes][part], curves.starts - since[part]
    starts = since[part] + offset // coarse * coarse
    summed = (
        (coarse > curves.steps)
        & (coarse % curves.steps == 0)
        & (starts + coarse <= until[part])
    )
    if not summed.any():
        return curves
    beside = np.flatnonzero(summed & (offset % curves.steps != 0))
    if beside.size:
        raise _unfit(curves, int(beside[0]), int(coarse[beside[0]]))
    starts = np.where(summed, starts, curves.starts)
    steps = np.where(summed, coarse, curves.steps)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    values = np.add.reduceat(curves.values, first, axis=0)
    values[np.add.reduceat(curves.steps, first) != steps[first]] = np.nan
    return replace(
        curves,
        lines=curves.lines[first],
        starts=starts[first],
        steps=steps[first],
        values=values,
    )


def _all_steps(consumption: CurveFile, production: CurveFile) -> tuple[Whole, Whole]:
    """Start and length of each step of which a file tells."""
    starts = np.union1d(consumption.starts, production.starts)
    if len(starts) == len(consumption.starts) + len(production.starts):
        raise production.table.fault(StudyProblem.NOTHING_KNOWN)
    steps = np.empty_like(starts)
    for curves in (production, consumption):
        steps[np.searchsorted(starts, curves.starts)] = curves.steps
    return starts, steps


def _placed(curves: CurveFile, columns: Sequence[int | None], block: _Block) -> Matrix:
    """The values of these columns on the steps of a block; zero for a column that is None.

    Raises StudyError on a line inside the block that is none of its steps.
    """
    end = block.start + block.n_steps * block.step
    first, last = np.searchsorted(curves.starts, [block.start, end])
    rows, beside = np.divmod(curves.starts[first:last] - block.start, block.step)
    lengths = curves.steps[first:last]
    wrong = np.flatnonzero((beside != 0) | (lengths != block.step))
    if wrong.size:
        raise _unfit(curves, int(first + wrong[0]), block.step)
    placed = np.full((block.n_steps, len(columns)), np.nan)
    for i, column in enumerate(columns):
        placed[rows, i] = 0.0 if column is None else curves.values[first:last, column]
    return placed


def _unfit(curves: CurveFile, row: int, step: int) -> StudyError:
    """The error that blames a row for not being one of the steps of that length."""
    lengths = sorted({int(curves.steps[row]), step})
    return curves.table.fault(
        StudyProblem.STEPS_IRREGULAR,
        line=int(curves.lines[row]),
        found=", ".join(map(spell_minutes, lengths)),
    )


def _columns(
    coefficients: CurveFile,
    consumers: Sequence[Consumer],
    producers: Sequence[Producer],
) -> tuple[list[int | None], tuple[int, ...]]:
    """Where the coefficient of each consumer stands, or of each pair, and the shape of a step.

    A candidate may have none: the organiser gives it nothing.
    """
    table = coefficients.table
    wanted = {consumer.id: consumer.candidate for consumer in consumers}
    shape: tuple[int, ...] = (len(consumers),)
    names = list(coefficients.names)
    if any(_OF_PAIR.search(name) and name not in wanted for name in names):
        names = [_OF_PAIR.sub(">", name) for name in names]
        wanted = {
            f"{producer.id}>{consumer.id}": producer.candidate or consumer.candidate
            for producer in producers
            for consumer in consumers
        }
        shape = (len(producers), len(consumers))
    place = {name: column for column, name in enumerate(names)}
    for column, name in enumerate(names):
        if name not in wanted:
            raise table.fault(StudyProblem.COLUMN_UNKNOWN, field=name)
        if place[name] != column:
            raise table.fault(StudyProblem.COLUMN_TWICE, field=name)
    for name, may_lack in wanted.items():
        if name not in place and not may_lack:
            raise table.fault(StudyProblem.COLUMN_MISSING, field=name)
    return [place.get(name) for name in wanted], shape


_OF_PAIR = re.compile(r"\s*>\s*")
