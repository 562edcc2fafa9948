"""What the grid operator would settle: the real allocation, in whole Wh."""

from dataclasses import dataclass

import numpy as np

from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.repartition import allocate

from .curves import Curves, Matrix, WattHours


@dataclass(frozen=True, slots=True)
class Settlement:
    """Energies of every home, shape (n_steps, n_homes); a home without a plant injects 0."""

    consumption: WattHours
    allocated: WattHours
    production: WattHours
    surplus: WattHours


def settle(curves: Curves) -> Settlement:
    """Share what was injected under the default key.

    At each step the allocated energies and the surplus add up to the production to the
    Wh, and nobody is allocated more than it withdrew.
    """
    production = curves.injection.astype(np.float64)
    consumption = curves.withdrawal.astype(np.float64)
    shared = allocate(production, consumption, ProRataKey())
    allocated = round_rows(shared.allocated)
    left = curves.injection.sum(axis=1) - allocated.sum(axis=1)
    surplus = _fit_rows(shared.surplus, left)
    return Settlement(curves.withdrawal, allocated, curves.injection, surplus)


def round_rows(energies: Matrix) -> WattHours:
    """Whole Wh whose sum by step is the rounded sum, by largest remainder.

    No value moves by a Wh or more, so none passes a whole bound it respected before.
    """
    return _fit_rows(energies, np.rint(energies.sum(axis=1)).astype(np.int64))


def _fit_rows(energies: Matrix, totals: WattHours) -> WattHours:
    """Round down, then give what is missing to the largest remainders of each step."""
    whole = np.floor(energies).astype(np.int64)
    missing = totals - whole.sum(axis=1)
    order = np.argsort(whole - energies, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    fitted: WattHours = whole + (rank < missing[:, None])
    return fitted
