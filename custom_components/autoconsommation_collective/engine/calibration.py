"""What the model of the sun leaves out: shade, dirt, wrong plates, the producers' own use.

A factor for each hour of the day, from the model's production to what was settled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, Quantity
from .grid import Grid, energies_on

HOURS = 24

PRIOR_DAYS = 3.0
"""So many days without any error weigh as much as what was seen: one odd day, of fog or of
snow, then moves a factor by a quarter of what it says, a month by nine tenths."""

LEAST_FACTOR = 0.05
"""An hour that gave nothing, as while a plant was not yet connected, is not given up."""

GREATEST_FACTOR = 2.0
"""More than twice what the panels can give is a wrong power or place, not a correction."""

_LIGHT_WH = 0.1
"""Less than this in a step is night: also what rounding leaves of a zero."""

_DAY_S = 86_400
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Calibration:
    """Factors from the model's production to a settled energy."""

    factors: tuple[float, ...] = (1.0,) * HOURS
    """By hour of the UTC day: trees and roofs know no clock change, and they shade most. A
    factor by the local hour would be an hour off for months after each change."""
    n_days: int = 0
    """Days with light that the factors rest on; 0 where nothing is known."""


def calibrate(
    modelled: Sequence[Block], settled: Iterable[Block], quantity: Quantity
) -> Calibration:
    """Factors from PRODUCTION of the model to a quantity of the settled pages.

    Steps may differ: the model is laid on the settled ones. A step with a hole on either
    side counts for nothing, nor does one without light. Each hour's factor is drawn toward
    that of the whole day, and that one toward 1, the more the fewer days are known.
    """
    pairs = [_pairs(b, modelled, quantity) for b in settled if quantity in b.energies]
    days, hours, model_wh, real_wh = np.concatenate([np.zeros((4, 0)), *pairs], axis=1)
    n_days = len(np.unique(days))
    if n_days == 0:
        return Calibration()
    whole = _drawn(float(real_wh.sum() / model_wh.sum()), n_days, 1.0)
    factors = [whole] * HOURS
    for hour in range(HOURS):
        at = hours == hour
        if seen := len(np.unique(days[at])):
            ratio = float(real_wh[at].sum() / model_wh[at].sum())
            factors[hour] = _drawn(ratio, seen, whole)
    return Calibration(tuple(factors), n_days)


def put_right(
    modelled: Sequence[Block], settled: Iterable[Block], quantity: Quantity
) -> tuple[tuple[Block, ...], tuple[Block, ...], Calibration]:
    """The model's PRODUCTION as that quantity, as modelled and as settlements show it."""
    calibration = calibrate(modelled, settled, quantity)

    def by(factors: Calibration) -> tuple[Block, ...]:
        return tuple(calibrated(factors, block, quantity) for block in modelled)

    return by(Calibration()), by(calibration), calibration


def _pairs(block: Block, modelled: Sequence[Block], quantity: Quantity) -> Energies:
    """Day, hour, modelled and settled Wh of each step that is known and has light.

    Shape (4, n_steps).
    """
    grid = Grid(block.start, block.step, block.n_steps)
    model_wh = energies_on(grid, modelled, Quantity.PRODUCTION)
    real_wh = block.energies[quantity]
    seconds = _seconds(block)
    pairs: Energies = np.stack(
        (seconds // _DAY_S, _hours(seconds) * 1.0, model_wh, real_wh)
    )
    return pairs[:, (model_wh > _LIGHT_WH) & np.isfinite(real_wh)]


def _drawn(ratio: float, days: int, toward: float) -> float:
    """The ratio as far as so many days vouch for it, within what is believed at all."""
    factor = (days * ratio + PRIOR_DAYS * toward) / (days + PRIOR_DAYS)
    return min(max(factor, LEAST_FACTOR), GREATEST_FACTOR)


def calibrated(calibration: Calibration, block: Block, quantity: Quantity) -> Block:
    """The model's PRODUCTION as the quantity that it was calibrated to; holes stay holes."""
    factors = np.array(calibration.factors)[_hours(_seconds(block))]
    return Block(
        block.start,
        block.step,
        {quantity: block.energies[Quantity.PRODUCTION] * factors},
    )


def _seconds(block: Block) -> Energies:
    """Start of each step in seconds since 1970, UTC."""
    n = np.arange(block.n_steps, dtype=np.float64)
    return block.start.timestamp() + n * block.step.total_seconds()


def _hours(seconds: Energies) -> npt.NDArray[np.int64]:
    """Hour of the UTC day of each instant."""
    return (seconds // _HOUR_S % HOURS).astype(np.int64)
