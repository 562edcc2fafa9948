"""What was announced of the loads: kept over new plans and restarts, so that plans stay put."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from .blocks import Energies
from .grid import Grid


@dataclass(frozen=True, slots=True, eq=False)
class Announced:
    """Energies of loads on the steps that they were announced for."""

    grid: Grid
    drawn_wh: Mapping[str, Energies]
    """By load and step."""

    def on(self, grid: Grid) -> dict[str, Energies] | None:
        """The same on the steps of a later grid; None where the grids do not fit together."""
        if self.grid.step != grid.step:
            return None
        gone, rest = divmod(grid.start - self.grid.start, grid.step)
        if rest or not 0 <= gone < self.grid.n_steps:
            return None

        def moved(wh: Energies) -> Energies:
            drawn = np.zeros(grid.n_steps)
            part = wh[gone : gone + grid.n_steps]
            drawn[: len(part)] = part
            return drawn

        return {name: moved(wh) for name, wh in self.drawn_wh.items()}


def stored_announced(announced: Announced | None) -> dict[str, Any] | None:
    """What was announced as JSON values."""
    if announced is None:
        return None
    return {
        "start": announced.grid.start.isoformat(),
        "step_s": announced.grid.step.total_seconds(),
        "drawn_wh": {
            name: np.round(wh, 3).tolist() for name, wh in announced.drawn_wh.items()
        },
    }


def restored_announced(stored: object) -> Announced | None:
    """What was stored; None where nothing was, or nobody can read it."""
    if not isinstance(stored, Mapping):
        return None
    try:
        drawn = {
            str(name): np.array(wh, dtype=np.float64)
            for name, wh in stored["drawn_wh"].items()
        }
        lengths = {wh.shape for wh in drawn.values()}
        start = datetime.fromisoformat(stored["start"])
        step = timedelta(seconds=stored["step_s"])
        ((n_steps,),) = lengths
    except AttributeError, KeyError, TypeError, ValueError, OverflowError:
        return None
    is_sound = start.tzinfo is not None and step > timedelta(0)
    is_sound &= all(np.isfinite(wh).all() and (wh >= 0).all() for wh in drawn.values())
    return Announced(Grid(start, step, n_steps), drawn) if is_sound else None
