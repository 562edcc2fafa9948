"""The coefficients of each step that an organiser gives the grid operator, from its own split.

*Dynamique simple* (Code de l'énergie D315-6): whatever formula the operation shares by reaches
the operator as a part of the production for each consumer and step.
"""

from typing import Final

import numpy as np

from .keys import Matrix
from .organised_month import Split

DECIMALS: Final = 6
"""A millionth of what a village injects in a step is below a hundredth of a Wh. How many the
operator takes is not established."""


def step_coefficients(split: Split) -> Matrix:
    """Parts of the production in [0, 1], shape (n_steps, n_consumers); NaN where not known.

    To DECIMALS, rounded so that no step passes 1: a file with a sum above would be refused.
    Nothing is produced, nothing is shared: 0.
    """
    produced = split.stretch.production.sum(axis=1)
    parts = np.zeros_like(split.allocated)
    np.divide(
        split.allocated, produced[:, None], out=parts, where=produced[:, None] > 0
    )
    parts[np.isnan(produced) | np.isnan(split.allocated).any(axis=1)] = np.nan
    scale = 10.0**DECIMALS
    # Down, but for what is whole within the noise of a division.
    return np.floor(parts * scale + 1e-6) / scale
