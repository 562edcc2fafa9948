"""What this home plans for on each day ahead, and when it is its turn to begin."""

from datetime import date
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, Energies
from .claim import (
    OwnNeed,
    claimable_surplus,
    own_first_claim,
    prorata_claim,
    shape_claim,
    spread_claim,
    static_claim,
)
from .contract import CostsMissing
from .coverage import Coverage
from .grid import LocalSteps
from .known import Known, flexible_wh, static_coefficient
from .share import Missing
from .signal import GOOD_PROBABILITY, SMALLEST_CLAIM_W
from .turns import taken_in_turn

type Flags = npt.NDArray[np.bool_]

DEFAULT_BREAK_EVEN: Final = 0.3
"""Probability of being covered that a shift must have while prices are not known: between a
home on Base, which loses nothing, and one with cheap nights."""
SPREAD_FROM_HOUR, SPREAD_TO_HOUR = 10, 16
"""Local hours of the blind spread: there is sun in them all year."""


def break_even(known: Known) -> Energies:
    """Probability of being covered at which moving a kWh to a step neither gains nor loses.

    In [0, 1]; 1 where even a covered kWh gains nothing.
    """
    n_steps = known.grid.n_steps
    if isinstance(known.costs, CostsMissing):
        return np.full(n_steps, DEFAULT_BREAK_EVEN)
    costs = known.costs
    with np.errstate(invalid="ignore", divide="ignore"):
        even = (costs.supplier - costs.default) / (costs.supplier - costs.allocated)
    # An allocated kWh that is no cheaper than the alternative is no reason to move.
    dearer = costs.allocated >= np.minimum(costs.supplier, costs.default)
    known_even: Energies = np.where(dearer, 1.0, even)
    return np.where(np.isnan(known_even), DEFAULT_BREAK_EVEN, known_even)


def claims_ahead(
    known: Known,
    labels: LocalSteps,
    coverage: Coverage,
    mean_error: Energies,
    deviation: Energies,
) -> Energies:
    """The claim of each local day by itself; none for one who is allocated nothing."""
    claim = np.zeros(known.grid.n_steps)
    if known.rule in (Missing.NOT_MEMBER, Missing.NOT_CONSUMER):
        return claim
    even = break_even(known)
    for ordinal in np.unique(labels.day).tolist():
        day = labels.day == ordinal
        on = date.fromordinal(ordinal)
        all_need_wh = flexible_wh(known, on)
        pays = even[day] < 1
        surplus = claimable_surplus(
            known.production_wh[day],
            known.withdrawal_wh[day],
            mean_error[day],
            deviation[day],
            even[day],
            all_need_wh,
            _most_wh(known.need, all_need_wh),
        )
        claim[day] = _day_claim(
            known,
            day,
            labels.minute[day],
            surplus_wh=np.where(pays, surplus, 0.0),
            pays=pays,
            # A chance that is not known counts as none: who loses nothing may try.
            worth_it=pays & (np.nan_to_num(coverage.probability[day]) >= even[day]),
            all_need_wh=all_need_wh,
        )
    return claim


def _most_wh(need: OwnNeed, all_need_wh: float) -> float:
    """What all can draw in a step, if their limits are to their needs as this home's."""
    if need.energy_wh <= 0:
        return math.inf
    return need.limit_wh * max(1.0, all_need_wh / need.energy_wh)


def _day_claim(
    known: Known,
    day: Flags,
    minute: npt.NDArray[np.int64],
    *,
    surplus_wh: Energies,
    pays: Flags,
    worth_it: Flags,
    all_need_wh: float,
) -> Energies:
    """What to plan for on one local day, by what is known of it.

    Of its steps: `surplus_wh` may be claimed, as boldly as it pays, NaN where it is not known;
    `pays` where an allocated kWh costs less than the cheapest alternative, `worth_it` where it
    is covered surely enough, too.
    """
    need = known.need
    if np.isnan(known.production_wh[day]).all():
        in_hours = (minute >= 60 * SPREAD_FROM_HOUR) & (minute < 60 * SPREAD_TO_HOUR)
        if not isinstance(known.costs, CostsMissing):
            in_hours &= (
                worth_it  # with cheap nights, a kWh by chance costs more than it saves
            )
        return spread_claim(in_hours.astype(np.float64), need, known.place)
    production = np.nan_to_num(known.production_wh[day])
    first = np.zeros(len(production))
    if known.own_surplus_wh is not None:
        first = own_first_claim(np.nan_to_num(known.own_surplus_wh[day]), need)
        need = need.after(first)
    if (coefficient := static_coefficient(known.rule)) is not None:
        own = np.zeros(len(production)) if known.own is None else known.own.mean[day]
        rest = static_claim(production * pays, coefficient, np.nan_to_num(own), need)
    elif (~np.isnan(surplus_wh) & (production > 0)).any():
        # What the home keeps for itself is not injected, and holes are not counted on.
        left = np.maximum(np.nan_to_num(surplus_wh) - first, 0.0)
        rest = prorata_claim(left, need, all_need_wh)
    else:
        rest = shape_claim(production * worth_it, need)
    return first + rest


def turns_ahead(
    known: Known, labels: LocalSteps, coverage: Coverage, claim_wh: Energies
) -> tuple[Flags, Energies]:
    """Whether it is this home's turn, and its claim from then on; day by day.

    Under a static key a home's part is nobody else's, and there is nothing to take turns in.
    Past steps of today count, so that a turn does not move as the day goes on.
    """
    in_turn = np.ones(known.grid.n_steps, dtype=bool)
    taken = claim_wh.copy()
    if static_coefficient(known.rule) is not None:
        return in_turn, taken
    hours = known.grid.step / HOUR
    shared = (claim_wh >= SMALLEST_CLAIM_W * hours) & (
        coverage.probability >= GOOD_PROBABILITY
    )
    surplus = np.maximum(known.production_wh - known.withdrawal_wh, 0.0)
    for ordinal in np.unique(labels.day).tolist():
        day = labels.day == ordinal
        in_turn[day], taken[day] = taken_in_turn(
            shared[day],
            claim_wh[day],
            surplus[day],
            known.need.limit_wh,
            flexible_wh(known, date.fromordinal(ordinal)),
            known.place,
        )
    return in_turn, taken
