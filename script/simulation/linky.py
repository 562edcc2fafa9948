"""A Linky of one home: its registers as a function of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import numpy as np
import numpy.typing as npt

from . import tic
from .curves import STEP_HOURS, measured
from .sun import Series
from .village import STEP, TIME_ZONE, Village

POWER_FACTOR = 0.95
"""Of an ordinary home: W are fewer than VA."""
VOLTAGE_V = 230
OFF_PEAK_FROM_HOUR, OFF_PEAK_TO_HOUR = 22.5, 6.5
"""Local hours of the night tariff."""
OFF_PEAK_HOURS = "22:30-06:30"
"""The same as a bill has them."""


class Contract(Enum):
    """What the supplier counts; the value is that of OPTARIF."""

    BASE = "BASE"
    OFF_PEAK = "HC.."


@dataclass(frozen=True, slots=True)
class Registers:
    """What the meter has counted."""

    peak_wh: int
    off_peak_wh: int

    @property
    def total_wh(self) -> int:
        """Everything withdrawn, the only register of a BASE contract."""
        return self.peak_wh + self.off_peak_wh


@dataclass(frozen=True, slots=True)
class Linky:
    """The meter of one home of the village."""

    village: Village
    home: int
    opened: datetime
    """Start of a step; registers are asked for later moments only."""
    opening: Registers = Registers(peak_wh=9_482_310, off_peak_wh=5_127_644)
    contract: Contract = Contract.OFF_PEAK
    address: str = "999900000036"
    """ADCO, invented."""
    shift: timedelta = timedelta(0)
    """By how much the village's life is moved, in whole steps."""

    def registers(self, now: datetime) -> Registers:
        """Registers at that moment: energies of the steps since the opening."""
        energies, off_peak = self._steps(now)
        # Power is constant within a step, so the running step counts by the time elapsed.
        energies[-1] *= (now - self.opened) % STEP / STEP
        return Registers(
            peak_wh=self.opening.peak_wh + int(energies[~off_peak].sum()),
            off_peak_wh=self.opening.off_peak_wh + int(energies[off_peak].sum()),
        )

    def power_w(self, now: datetime) -> float:
        """Mean power of the running step."""
        energies, _ = self._steps(now)
        return float(energies[-1]) / STEP_HOURS

    def frame(self, now: datetime) -> bytes:
        """The frame the meter sends at that moment."""
        apparent_va = round(self.power_w(now) / POWER_FACTOR, -1)
        return tic.frame(
            {
                "ADCO": self.address,
                "OPTARIF": self.contract.value,
                "ISOUSC": "30",
                **self._indexes(now),
                "IINST": f"{apparent_va / VOLTAGE_V:03.0f}",
                "IMAX": "090",
                "PAPP": f"{apparent_va:05.0f}",
                "HHPHC": "A",
                "MOTDETAT": "000000",
            }
        )

    def _indexes(self, now: datetime) -> dict[str, str]:
        """The groups that depend on the contract."""
        registers = self.registers(now)
        if self.contract is Contract.BASE:
            return {"BASE": f"{registers.total_wh:09}", "PTEC": "TH.."}
        return {
            "HCHC": f"{registers.off_peak_wh:09}",
            "HCHP": f"{registers.peak_wh:09}",
            "PTEC": "HC.." if _is_off_peak(now) else "HP..",
        }

    def _steps(self, now: datetime) -> tuple[Series, npt.NDArray[np.bool_]]:
        """Energy in Wh and night tariff of each step since the opening, the running one last."""
        n_steps = (now - self.opened) // STEP + 1
        curves = measured(self.village, self.opened + self.shift, n_steps)
        energies = curves.withdrawal[:, self.home].astype(np.float64)
        starts = [self.opened + n * STEP for n in range(n_steps)]
        return energies, np.array([_is_off_peak(start) for start in starts])


def _is_off_peak(moment: datetime) -> bool:
    """Whether the night tariff holds."""
    local = moment.astimezone(TIME_ZONE)
    hour = local.hour + local.minute / 60
    return hour >= OFF_PEAK_FROM_HOUR or hour < OFF_PEAK_TO_HOUR
