"""Write coefficients as a text file for the grid operator. FORMAT NOT CONFIRMED.

That the operator takes a text file of coefficients is established; its columns are not. This is
a layout of our own, version 1, until one upload was accepted: only this file knows it.

    convention;prm;debut;fin;coefficient
    ACC00000123;30001234567890;2026-10-25T02:00:00+02:00;2026-10-25T02:30:00+02:00;0,041250

A line for each consumer and step, consumers in the order of their points, in local time with
its offset, beginning and end of the step; the coefficient with a decimal comma. Steps of which
nothing can be computed are not in it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Final

import numpy as np

from ..engine.organised_month import Split
from ..engine.step_coefficients import DECIMALS, step_coefficients

IS_CONFIRMED: Final = False
"""Whether an upload in this layout was accepted."""
VERSION: Final = 1
HEADER: Final = "convention;prm;debut;fin;coefficient\r\n"


def coefficient_file_name(agreement: str, month: str) -> str:
    """What the file is called."""
    return f"coefficients_{agreement}_{month}_v{VERSION}.txt"


def written_coefficients(
    agreement: str, splits: Iterable[Split], time_zone: tzinfo
) -> Iterator[str]:
    """The file, line by line. It names delivery points: it is for the operator alone."""
    yield HEADER
    for split in splits:
        yield from _lines(agreement, split, time_zone)


def _lines(agreement: str, split: Split, time_zone: tzinfo) -> Iterator[str]:
    grid = split.stretch.grid
    coefficients = step_coefficients(split)
    known = np.flatnonzero(~np.isnan(coefficients).any(axis=1)).tolist()
    starts = [_spelled(at, time_zone) for at in (*grid.starts, grid.end)]
    points = [one.point for one in split.stretch.consumers]
    for column in sorted(range(len(points)), key=points.__getitem__):
        for step in known:
            number = f"{coefficients[step, column]:.{DECIMALS}f}".replace(".", ",")
            yield (
                f"{agreement};{points[column]};{starts[step]};{starts[step + 1]};"
                f"{number}\r\n"
            )


def _spelled(at: datetime, time_zone: tzinfo) -> str:
    return at.astimezone(time_zone).isoformat(timespec="seconds")
