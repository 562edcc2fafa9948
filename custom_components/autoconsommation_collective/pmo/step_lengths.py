"""How long the steps are of which a file tells only the beginning, or the end."""

import numpy as np
import numpy.typing as npt

type Whole = npt.NDArray[np.int64]

LASTING = 8
"""From how many equal differences on a new length is one, and no lines that are missing: a
meter changes for months, and hardly loses every second line for hours."""


class UnknownStep(ValueError):
    """Lines whose differences are no step's."""

    def __init__(self, row: int, seconds: int) -> None:
        """Keep the row that the most frequent difference leads to, and that difference."""
        super().__init__(row, seconds)
        self.row = row
        self.seconds = seconds


def step_lengths(differences: Whole, steps: Whole) -> Whole:
    """The length of step that goes with each difference of two lines, in seconds.

    It is the difference that lasts; before the first, and where none lasts, the most
    frequent one. Any other is of lines that are missing. Raises UnknownStep where that is
    none of `steps`.
    """
    if not differences.size:
        raise UnknownStep(0, 0)
    first = np.flatnonzero(np.diff(differences, prepend=differences[0] - 1))
    found, counts = differences[first], np.diff(first, append=len(differences))
    lasts = (counts >= LASTING) & np.isin(found, steps)
    usual = int(found[lasts][0]) if lasts.any() else _most_frequent(differences)
    if usual not in steps:
        row = int(np.flatnonzero(differences == usual)[0]) + 1
        raise UnknownStep(row, usual)
    latest = np.maximum.accumulate(np.where(lasts, np.arange(len(found)), -1))
    return np.repeat(np.where(latest < 0, usual, found[latest]), counts)


def _most_frequent(differences: Whole) -> int:
    """The first one of those that are."""
    found, first, counts = np.unique(differences, return_index=True, return_counts=True)
    return int(found[np.lexsort((first, -counts))[0]])


def spell_minutes(seconds: int) -> str:
    """The length of a step as errors tell it."""
    return f"{seconds / 60:g} min"
