"""Bring the curves of several files onto one grid of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import re

import numpy as np

from ..engine.keys import Matrix
from ..engine.study import Consumer, Curves, Producer, StudyProblem
from .study_curves import CurveFile, Whole, spell_minutes


def combine(
    consumption: CurveFile,
    production: CurveFile,
    coefficients: CurveFile | None,
    consumers: Sequence[Consumer],
    producers: Sequence[Producer],
) -> tuple[Curves, ...]:
    """The curves of all files on the steps that those of energies have, in blocks of one length.

    Participants are in the order of the columns. A step that one of the files lacks is a
    gap there; what coefficients say beyond the energies is left. Raises StudyError where
    the steps do not fit together.
    """
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
        raise curves.table.fault(
            StudyProblem.STEPS_IRREGULAR,
            line=int(curves.lines[first + wrong[0]]),
            found=spell_minutes(int(lengths[wrong[0]])),
        )
    placed = np.full((block.n_steps, len(columns)), np.nan)
    for i, column in enumerate(columns):
        placed[rows, i] = 0.0 if column is None else curves.values[first:last, column]
    return placed


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
