"""A tank of hot water: hot above, cold below, with a thermostat of its own."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from script.simulation.sun import Series

FULL_WH: Final = 10_460.0
"""200 l from 15 to 60 °C."""
CLOSES_BELOW: Final = 0.9
"""Part of it below which the thermostat closes again."""
LOSS_PER_HOUR: Final = 0.005
"""Of what it holds: 1.2 kWh a day when hot (makers' tables: 1.2 to 2)."""
DRAWN_AT: Final[Series] = np.array(
    [0, 0, 0, 0, 0, 1, 6, 10, 6, 2, 2, 2, 4, 3, 1, 1, 1, 3, 8, 12, 10, 6, 3, 1]
)
"""By local hour: mornings, some at noon, and evenings."""


@dataclass
class Tank:
    """What it holds, and what was missed."""

    held_wh: float = FULL_WH
    is_closed: bool = True
    """Whether its thermostat lets it heat."""
    missed_wh: float = 0.0
    """Hot water that was wanted and not there."""

    def live(self, hours: float, power_w: float, wanted_wh: float) -> float:
        """Let time pass with that power offered; the power it took."""
        self.held_wh *= 1 - LOSS_PER_HOUR * hours
        given = min(wanted_wh, self.held_wh)
        self.missed_wh += wanted_wh - given
        self.held_wh -= given
        if self.held_wh < CLOSES_BELOW * FULL_WH:
            self.is_closed = True
        if not self.is_closed or power_w <= 0:
            return 0.0
        taken_w = min(power_w, (FULL_WH - self.held_wh) / hours)
        self.held_wh += taken_w * hours
        if self.held_wh >= FULL_WH - 1:
            self.is_closed = False
        return taken_w


def wanted_by_hour(day_wh: float) -> Series:
    """Hot water of a day, by local hour, in Wh."""
    by_hour: Series = day_wh * DRAWN_AT / DRAWN_AT.sum()
    return by_hour
