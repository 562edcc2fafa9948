"""What the grid operator would settle: the real allocation, in whole Wh."""

from dataclasses import dataclass

import numpy as np

from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.rounding import (
    round_allocation,
)

from .curves import Curves, WattHours


@dataclass(frozen=True, slots=True)
class Settlement:
    """Energies of consumers and of producers; a home without a plant injects 0."""

    consumption: WattHours
    """Shape (n_steps, n_homes)."""
    allocated: WattHours
    """Shape (n_steps, n_homes)."""
    production: WattHours
    """Shape (n_steps, n_delivery_points)."""
    surplus: WattHours
    """Shape (n_steps, n_delivery_points)."""


def settle(curves: Curves) -> Settlement:
    """Share what was injected under the default key, in whole Wh.

    Nobody has a name: numbers are ids, which decide who gets a tied Wh.
    """
    production = curves.injection.astype(np.float64)
    consumption = curves.withdrawal.astype(np.float64)
    ids = [f"{number:02}" for number in range(production.shape[1])]
    homes = ids[: consumption.shape[1]]
    shared = allocate(production, consumption, ProRataKey())
    whole = round_allocation(production, consumption, shared, ids, homes)
    return Settlement(
        curves.withdrawal, whole.allocated, curves.injection, whole.surplus
    )
