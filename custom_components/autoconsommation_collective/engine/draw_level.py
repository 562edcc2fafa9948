"""How much a home draws these weeks: the neighbours draw more and less with it.

In winter all homes draw more, and the same sun covers a smaller part. What the others draw is
not known to a home; what it draws itself is, up to yesterday, and settlements are months late.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Energies

DRAW_DAYS: Final = 28
"""Four weeks: enough that guests and absences even out, and still the same season."""
DAY_HOURS: Final = (7.0, 21.0)
"""Local: what is drawn at night, as by water heaters, has no sun to share."""
DRAW_POWER: Final = 0.4
"""How far one home stands for all: it has whims of its own. Of a simulated year's two
operations, more than that helps one and harms the other."""
DRAW_LIMITS: Final = (0.5, 2.0)
"""Against the usual: beyond, nobody is at home, or something new is, but at this home only."""


def recent_draw(
    days: npt.NDArray[np.int64], hour: Energies, drawn_wh: Energies
) -> Energies:
    """Mean energy of a step by day, in Wh, over the four weeks up to the end of its day.

    Arrays of shape (n_steps,) in order of time; days number the local day of each step, hours
    are local. Holes are left out; NaN where all of the weeks is one.
    """
    numbers, row = np.unique(days, return_inverse=True)
    first_hour, after_hour = DAY_HOURS
    known = ~np.isnan(drawn_wh) & (hour >= first_hour) & (hour < after_hour)
    sums, counts = (
        np.concatenate(([0.0], np.cumsum(np.bincount(row, values, len(numbers)))))
        for values in (np.where(known, drawn_wh, 0.0), known.astype(np.float64))
    )
    first = np.searchsorted(numbers, numbers - DRAW_DAYS, side="right")
    after = np.arange(1, len(numbers) + 1)
    n_known = counts[after] - counts[first]
    mean = np.full(len(numbers), np.nan)
    np.divide(sums[after] - sums[first], n_known, out=mean, where=n_known > 0)
    of_steps: Energies = mean[row]
    return of_steps


def draw_factor(recent_wh: Energies, usual_wh: float) -> Energies:
    """What a production is to be divided by, to be as for a home that draws as usual.

    Above 1 where more is drawn; 1 where either is not known. Of the shape of `recent_wh`.
    """
    if not usual_wh > 0:
        return np.ones_like(recent_wh)
    against = np.clip(recent_wh / usual_wh, *DRAW_LIMITS)
    factor: Energies = np.where(np.isnan(against), 1.0, against) ** DRAW_POWER
    return factor
