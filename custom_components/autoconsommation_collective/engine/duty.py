"""How a claim becomes switching, where a load is on or off and nothing between.

The settlement counts the energy of a step, not its power: on for a part of the step is as good
as half the power. What a step cannot have is carried to the next one. Each home begins at a
place of its own, so that homes with like claims do not switch in the same step, and together
draw what all claim.

Energies in Wh by step, shape (n_steps,), over one local day or what is left of it.
"""

import numpy as np

from .blocks import Energies


def relay_energy(
    claim_wh: Energies, power_wh_per_step: float, shortest_wh: float, place: float
) -> Energies:
    """What a relay draws that is on for a part of the step, or not at all.

    On for at least so long that it draws the shortest energy. At every step the sum so far is
    less than that away from the sum of the claim: behind or, by the home's place, ahead. A
    claim above the power is cut; a shortest energy above it, too.
    """
    shortest_wh = min(shortest_wh, power_wh_per_step)
    owed_wh = place * shortest_wh
    drawn: list[float] = []
    for wh in np.minimum(claim_wh, power_wh_per_step).tolist():
        owed_wh += wh
        # What it began with stays owed: who draws all of it loses the place.
        due_wh = max(owed_wh - place * shortest_wh, shortest_wh)
        drawn.append(min(due_wh, power_wh_per_step) if owed_wh >= shortest_wh else 0.0)
        owed_wh -= drawn[-1]
    return np.array(drawn, dtype=np.float64)


def whole_steps(claim_wh: Energies, step_energy_wh: float, place: float) -> Energies:
    """What a load draws that runs for whole steps, or not at all.

    At every step the sum so far is less than one step's energy away from that of the claim.
    """
    return relay_energy(claim_wh, step_energy_wh, step_energy_wh, place)
