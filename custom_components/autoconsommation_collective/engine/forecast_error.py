"""How far a surplus was from its forecast, by how much was expected: what boldness rests on."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .model import ForecastError

N_CLASSES = 5
"""Each with as many lit steps as the others; as many as the feed has room for."""


def errors_by_level(
    expected_w: Energies, error_w: Energies
) -> tuple[ForecastError, ...]:
    """Mean and deviation of the error, by level of the injection that was expected.

    Mean powers in W of the same steps, measured less expected; holes are left out.
    """
    known = ~(np.isnan(expected_w) | np.isnan(error_w))
    expected_w, error_w = expected_w[known], error_w[known]
    return tuple(
        ForecastError(
            above_w=level_w,
            mean_w=float(error_w[those].mean()),
            deviation_w=float(error_w[those].std()),
        )
        for level_w, those in _classes(expected_w)
    )


def _classes(expected_w: Energies) -> Iterator[tuple[float, npt.NDArray[np.bool_]]]:
    """Levels from 0 upwards, each with the steps above it and not above the next."""
    lit = expected_w[expected_w > 0]
    if not lit.size:
        return
    parts = np.arange(1, N_CLASSES) / N_CLASSES
    levels = np.unique([0, *np.ceil(np.quantile(lit, parts))])
    class_of = np.searchsorted(levels, expected_w, side="left") - 1
    for number, level in enumerate(levels.tolist()):
        those = class_of == number
        if those.any():
            yield level, those
