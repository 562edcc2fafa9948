"""The one sky over an operation, as it was and as it was foreseen the evening before.

Clearness is a curve between grey and clear of a sum of Gaussian processes: weather that the
forecast knows, weather that it does not, and passing clouds that nobody knows. What is
foreseen is the mean of clearness given what is known, so that it is right on average; as
all plants stand under it, they err together.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .curves import STEP_HOURS, Matrix
from .sun import Series

WEATHER_HOURS = 48.0
"""How long a weather lasts: a day resembles the next, and not the one a week later."""
ERROR_HOURS = 12.0
"""How long a forecast that is wrong stays wrong: most of a day."""
CLOUD_HOURS = 1.5
"""How long a passing cloud is felt, in means of half an hour."""
KNOWN = 0.68
"""Correlation of the weather with what the forecast knows of it, the evening before."""
WEATHER_SPREAD, CLOUD_SPREAD = 2.2, 0.7
"""Days are clear or grey rather than in between; clouds change them less."""
DARKEST = 0.06
"""Part of a clear sky's light under the thickest clouds."""
WINTER_GLOOM = 0.5
"""How much more often it is grey in January than on average, on the scale of the weather."""
USUAL_LIGHT = 0.9
"""Raises the mean clearness of a year to what plants of the Indre yield."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """Part of a clear sky's light that reaches the ground, in [0, 1], shape (n_steps,)."""

    clearness: Series
    foreseen: Series
    """Day-ahead: the evening before, for the whole next day."""


def draw_sky(rng: np.random.Generator, winter: Series) -> Sky:
    """The sky of half-hourly steps; `winter` is 1 in January and -1 in July.

    A longer series begins as a shorter one of the same dice does.
    """
    known, unknown, clouds = (
        persistent(dice, len(winter), 1, hours / STEP_HOURS)[:, 0]
        for dice, hours in zip(
            rng.spawn(3), (WEATHER_HOURS, ERROR_HOURS, CLOUD_HOURS), strict=True
        )
    )
    expected = USUAL_LIGHT - WINTER_GLOOM * winter + WEATHER_SPREAD * KNOWN * known
    missed = WEATHER_SPREAD * np.sqrt(1 - KNOWN**2)
    spread = np.hypot(missed, CLOUD_SPREAD)
    cases = _clearness(expected[:, None] + spread * NODES)
    return Sky(
        clearness=_clearness(expected + missed * unknown + CLOUD_SPREAD * clouds),
        foreseen=cases @ (WEIGHTS / WEIGHTS.sum()),
    )


def persistent(
    rng: np.random.Generator, n_steps: int, width: int, memory_steps: float
) -> Matrix:
    """Normal series that remember: correlation falls to 1/e in that many steps.

    Mean 0, variance 1, shape (n_steps, width), columns independent (first-order
    autoregression).
    """
    kept = np.exp(-1 / memory_steps)
    drawn = rng.standard_normal((n_steps, width))
    drawn[1:] *= np.sqrt(1 - kept**2)
    for before, now in pairwise(drawn):
        now += kept * before
    return drawn


def _clearness(weather: Matrix | Series) -> Matrix:
    """From the open scale of the weather to a part of the light."""
    clearness: Matrix = DARKEST + (1 - DARKEST) / (1 + np.exp(-weather))
    return clearness
