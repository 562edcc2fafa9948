"""What takes part in the sharing: what crosses a delivery point, and nothing else.

Own use behind a meter is physical and comes first; only what is injected is shared
(allocation of the injected kWh, Code de l'énergie D315-4). Storage counts as a consumer
while it charges and as a producer while it releases (D315-5).
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


@dataclass(frozen=True, slots=True, eq=False)
class StorageExchange:
    """A storage unit of the operation; energies in Wh by step."""

    charged: Matrix
    """Takes part as a consumption."""
    released: Matrix
    """Takes part as a production."""


def storage_exchange(charged: Matrix, released: Matrix) -> StorageExchange:
    """What a storage unit takes and gives in each step, of any one shape, at most one of both.

    D315-5 bounds what is stored and allocated by the production, and what is allocated by
    production and release. Once a step's charge and release are set off, any key holds the
    first where the unit charges and the second where it releases; read as a bound on such a
    step too, the first would forbid all release. What is charged and released within one
    step was shared with nobody.
    """
    net = charged - released
    return StorageExchange(charged=np.maximum(net, 0.0), released=np.maximum(-net, 0.0))
