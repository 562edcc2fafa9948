"""How much of the community's surplus this home should plan for, so that all plans fit.

A closed-form rule from public aggregates alone. Each home takes its part of what is left after
everybody's ordinary use, in proportion to what it needs of all that is flexible: the parts of
all homes together never exceed the surplus, and nobody has to ask anybody. How boldly the
surplus is counted follows from the home's own break-even price.

Energies in Wh by step, shape (n_steps,), over one local day or what is left of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from statistics import NormalDist
from typing import Final

import numpy as np

from .blocks import Energies
from .model import ForecastError

BOLDEST, SHYEST = 0.05, 0.45
"""Limits of the break-even probability: no claim without any chance, and none that waits for
certainty. Over a simulated year savings are flat from 0.45 on, while up to 4 points less of the
production are shared."""
SUREST: Final = -3.0
"""Deviations below the mean: surer than this, no forecast can tell."""
HALVINGS: Final = 24
"""Of the range of boldness, until it is known to a millionth of a deviation."""
SURPLUS_LIMIT: Final = 1.5
"""Times the expected production: what optimism may add at most."""
USUAL_NEED_WH: Final = 6000.0
"""Flexible energy of a home by day where it is not known: a water heater for three."""
USUAL_LIMIT_W: Final = 2200.0
"""Largest steerable power where it is not known: a water heater of 200 l."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnNeed:
    """What this home can shift; never leaves the home."""

    energy_wh: float
    """Needed over the day."""
    limit_wh: float
    """At most in a step."""
    planned_wh: Energies | float = 0.0
    """Of each step's limit, what is planned already."""

    def after(self, claim_wh: Energies) -> OwnNeed:
        """What is still needed, and still possible, once that is planned."""
        return OwnNeed(
            max(0.0, self.energy_wh - float(claim_wh.sum())),
            self.limit_wh,
            self.planned_wh + claim_wh,
        )


def claimable_surplus(
    production_wh: Energies,
    withdrawal_wh: Energies,
    mean_error_wh: Energies,
    deviation_wh: Energies,
    break_even: Energies,
    enough_wh: float = math.inf,
    most_wh: float = math.inf,
) -> Energies:
    """What is expected to be left after everybody's base use, as boldly as it pays.

    Who loses little on a kWh that is not covered counts on more than the mean. `break_even`
    is the probability of being covered at which a step neither gains nor loses. Where the
    steps of a day have `enough_wh` without being so bold, `most_wh` at most in a step, the
    same lesser boldness holds for all: what is surest in each step is claimed first.
    """
    standard = NormalDist()
    boldness = np.array(
        [standard.inv_cdf(1 - q) for q in np.clip(break_even, BOLDEST, SHYEST)]
    )
    limit = SURPLUS_LIMIT * np.maximum(production_wh, 0.0)
    mean = production_wh - withdrawal_wh + mean_error_wh

    def counted(boldest: float) -> Energies:
        bold = np.minimum(boldness, boldest)
        surplus: Energies = np.clip(mean + bold * deviation_wh, 0.0, limit)
        return surplus

    def suffices(boldest: float) -> bool:
        return bool(np.nansum(np.minimum(counted(boldest), most_wh)) > enough_wh)

    low, high = SUREST, float(boldness.max(initial=SUREST))
    if suffices(high):
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if suffices(middle) else (middle, high)
    return counted(high)


def error_by_step(
    production_wh: Energies, errors: Sequence[ForecastError], hours: float
) -> tuple[Energies, Energies]:
    """Mean and deviation in Wh of the expected surplus, by the level of the production.

    A class holds what is above its level and not above that of the next (docs/PMO_FEED.md).
    Zeros where no class of error is given.
    """
    if not errors:
        return np.zeros_like(production_wh), np.zeros_like(production_wh)
    ordered = sorted(errors, key=lambda error: error.above_w)
    edges = np.array([error.above_w for error in ordered])
    row = np.searchsorted(edges, np.nan_to_num(production_wh) / hours, side="left") - 1
    row = np.maximum(row, 0)
    return (
        np.array([error.mean_w for error in ordered])[row] * hours,
        np.array([error.deviation_w for error in ordered])[row] * hours,
    )


def prorata_claim(surplus_wh: Energies, need: OwnNeed, flexible_wh: float) -> Energies:
    """This home's part of the surplus under pro rata.

    `flexible_wh` is what all homes that follow the rule need that day, this one included.
    Where there is more surplus than need, all steps are used alike and none to its end.
    """
    if flexible_wh <= 0 or need.energy_wh <= 0:
        return np.zeros_like(surplus_wh)
    part = min(1.0, need.energy_wh / flexible_wh) * surplus_wh
    return _filled(part, need)


def static_claim(
    production_wh: Energies, coefficient: float, own_wh: Energies, need: OwnNeed
) -> Energies:
    """This home's own part under a static key, after its ordinary use.

    An unused part is nobody else's: there is nothing to share, and nobody to disturb.
    """
    return _filled(np.maximum(coefficient * production_wh - own_wh, 0.0), need)


def hybrid_claim(
    production_wh: Energies,
    coefficient: float,
    own_wh: Energies,
    surplus_wh: Energies,
    need: OwnNeed,
    flexible_wh: float,
) -> Energies:
    """The static part first, then pro rata of what is left for everybody."""
    first = static_claim(production_wh, coefficient, own_wh, need)
    left = np.maximum(surplus_wh - first, 0.0)
    return first + prorata_claim(left, need.after(first), flexible_wh)


def shape_claim(production_wh: Energies, need: OwnNeed) -> Energies:
    """Where nothing is known of the others: the need in the shape of the production.

    At most all that is produced: nobody has more.
    """
    if not production_wh.sum() > 0:
        return np.zeros_like(production_wh)
    shape = production_wh / production_wh.max() * need.limit_wh
    return _filled(np.minimum(shape, production_wh), need)


def own_first_claim(own_surplus_wh: Energies, need: OwnNeed) -> Energies:
    """A producer's own surplus into its own loads, before the neighbours have it."""
    return _filled(own_surplus_wh, need)


def spread_claim(daylight: Energies, need: OwnNeed, place: float) -> Energies:
    """Where nothing is known at all: one run, at a place of the home's own in the daylight.

    Never the same hour for everybody. `daylight` is 1 for the steps that may serve.
    """
    usable = np.flatnonzero(daylight > 0)
    claim = np.zeros_like(daylight)
    if not len(usable) or need.energy_wh <= 0 or need.limit_wh <= 0:
        return claim
    n_run = min(len(usable), math.ceil(need.energy_wh / need.limit_wh))
    first = int(place * (len(usable) - n_run + 1))
    run = usable[first : first + n_run]
    claim[run] = min(need.limit_wh, need.energy_wh / n_run)
    return claim


def _filled(part_wh: Energies, need: OwnNeed) -> Energies:
    """The need spread over the part in proportion, as far as each step and the part allow.

    Proportion first; what does not fit into a step's limit goes to the others.
    """
    if need.energy_wh <= 0:
        return np.zeros_like(part_wh)
    limit = np.maximum(np.zeros_like(part_wh) + need.limit_wh - need.planned_wh, 0.0)
    room: Energies = np.minimum(part_wh, limit)
    if room.sum() <= need.energy_wh:
        return room
    # With a growing scale the steps reach their limits one by one, in this order. Once the
    # first n have, the others need this scale; it is the one if the next is not reached yet.
    used = np.flatnonzero(part_wh > 0)
    with np.errstate(over="ignore"):  # parts of almost nothing
        reached_at = limit[used] / part_wh[used]
        order = np.argsort(reached_at)
        full = np.concatenate(([0.0], np.cumsum(limit[used][order])[:-1]))
        others = np.cumsum(part_wh[used][order][::-1])[::-1]
        scales = (need.energy_wh - full) / others
    is_it = scales <= reached_at[order]
    is_it[-1] = True  # whatever the rounding
    filled: Energies = np.minimum(part_wh * scales[np.argmax(is_it)], limit)
    return filled
