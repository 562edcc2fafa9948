"""A sum over a period, laid on its steps: in proportion to weights, nowhere beyond a limit.

A bill tells what was allocated in a month, not when. The steps are an estimate, made of the one
this home made live; the sum is official, and stays so to the Wh.
"""

from typing import Final

import numpy as np

from .blocks import Energies
from .errors import AccError
from .rounding import whole_parts

HALF: Final = 0.5


class SpreadError(AccError):
    """A sum that does not fit into its steps."""

    def __init__(self, total_wh: float, most_wh: float) -> None:
        """Keep what was to be laid on the steps, and what has room there."""
        super().__init__(total_wh, most_wh)
        self.total_wh = total_wh
        self.most_wh = most_wh


def spread(total_wh: int, weights: Energies, limits: Energies) -> Energies:
    """The sum in whole Wh by step, none above its limit, which is whole too.

    In proportion to the weights but where a step is full: the smallest factor for all others
    with which the sum is exact. Where all that weigh something are full, the rest goes to the
    others in proportion to their limits. Raises SpreadError where the limits are too small.
    """
    if total_wh > limits.sum() + HALF:
        raise SpreadError(total_wh, float(limits.sum()))
    filled = _filled(total_wh, weights, limits)
    if (left := total_wh - filled.sum()) > HALF:
        filled += _filled(left, limits - filled, limits - filled)
    return np.minimum(whole_parts(filled, total_wh), limits)


def scaled(total_wh: int, weights: Energies) -> Energies:
    """The sum in whole Wh by step in proportion to the weights; evenly where none weighs."""
    weighs = weights if weights.sum() > 0 else np.ones(len(weights))
    return whole_parts(total_wh * weighs / weighs.sum(), total_wh)


def fills(total_wh: float, weights: Energies, limits: Energies) -> bool:
    """Whether the steps that weigh something have room for all of the sum."""
    return bool(limits[weights > 0].sum() >= total_wh - HALF)


def _filled(total_wh: float, weights: Energies, limits: Energies) -> Energies:
    """As `spread`, not in whole Wh, and only as far as steps that weigh something have room."""
    weigh = (weights > 0) & (limits > 0)
    found = np.zeros(len(weights))
    if total_wh <= 0 or not weigh.any():
        return found
    weight, limit = weights[weigh] / weights[weigh].max(), limits[weigh]
    with np.errstate(over="ignore"):
        full_at = limit / weight
    order = np.argsort(full_at, kind="stable")
    # Steps are full from the lowest factor on: what those before take, the others share.
    taken = np.concatenate(([0.0], np.cumsum(limit[order])[:-1]))
    sharing = np.cumsum(weight[order][::-1])[::-1]
    factors = (total_wh - taken) / sharing
    fits = np.flatnonzero(factors <= full_at[order])
    factor = factors[fits[0]] if len(fits) else np.inf
    found[weigh] = np.minimum(factor * weight, limit)
    return found
