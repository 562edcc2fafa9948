"""What takes part in the sharing: what crosses a delivery point, and nothing else.

Own use behind a meter is physical and comes first; only what is injected is shared
(allocation of the injected kWh, Code de l'énergie D315-4). Storage counts as a consumer
while it charges and as a producer while it releases (D315-5): the same sum, with its charge
for a load and its release for a production. What it charges and releases within one step
was shared with nobody. D315-5 bounds what is stored and allocated by the production, and
what is allocated by production and release: any key then holds the first where the unit
charges and the second where it releases.
"""

from dataclasses import dataclass

import numpy as np

from .keys import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class BehindTheMeter:
    """A home with plants of its own, seen from the grid; energies in Wh by step."""

    own_use: Matrix
    """Of each plant, shape (n_steps, n_plants)."""
    injection: Matrix
    """What the plants leave for the operation, shape (n_steps, n_plants)."""
    withdrawal: Matrix
    """What the home still draws, shape (n_steps, 1)."""


def behind_the_meter(load: Matrix, produced: Matrix) -> BehindTheMeter:
    """Settle a home's load (n_steps, 1) with its own plants (n_steps, n_plants) first.

    Several plants behind one meter serve the load pro rata of what they produce. Within a
    step a home may inject and withdraw in turns, which energies by step cannot show: own
    use is then a little less than this.
    """
    total = produced.sum(axis=1, keepdims=True)
    own = np.minimum(load, total)
    part = np.divide(own, total, out=np.zeros_like(own), where=total > 0)
    own_use = produced * part
    return BehindTheMeter(
        own_use=own_use,
        injection=np.maximum(produced - own_use, 0.0),
        withdrawal=load - own,
    )
