"""Units of energies, and of the mean powers that stand for them."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt


class Unit(StrEnum):
    """What numbers of a file count."""

    WH = "Wh"
    KWH = "kWh"
    W = "W"
    """Mean power over the step."""
    KW = "kW"

    @property
    def is_power(self) -> bool:
        """Whether the step's length makes an energy of it."""
        return self in {Unit.W, Unit.KW}

    @property
    def in_wh(self) -> int | None:
        """How many Wh one is; None of a power."""
        return {Unit.WH: 1, Unit.KWH: 1000}.get(self)

    def in_ones(self, values: npt.NDArray[np.float64]) -> None:
        """Make Wh or W of an array of numbers, in place."""
        if self in {Unit.KWH, Unit.KW}:
            # To a µWh: what is decimal in the file is off by less than that in binary.
            np.round(values * 1000, 6, out=values)


def read_unit(text: str) -> Unit | None:
    """The unit of that name, however its letters are written; None where it is none."""
    return _UNITS.get(text.casefold())


_UNITS = {unit.casefold(): unit for unit in Unit}
