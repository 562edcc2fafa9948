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
    """Energies of every home, shape (n_steps, n_homes); a home without a plant injects 0."""

    consumption: WattHours
    allocated: WattHours
    production: WattHours
    surplus: WattHours


def settle(curves: Curves) -> Settlement:
    """Share what was injected under the default key, in whole Wh.

    Homes have no name: their numbers are their ids, which decide who gets a tied Wh.
    """
    production = curves.injection.astype(np.float64)
    consumption = curves.withdrawal.astype(np.float64)
    homes = [f"{home:02}" for home in range(consumption.shape[1])]
    shared = allocate(production, consumption, ProRataKey())
    whole = round_allocation(production, consumption, shared, homes, homes)
    return Settlement(
        curves.withdrawal, whole.allocated, curves.injection, whole.surplus
    )
