"""How much of the community's surplus this home may plan its loads for, and how surely.

The home's part of the surplus is as uncertain as the surplus. Three amounts of it stand for its
distribution: what is reached nearly always, as often as not, and seldom.
"""

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Final

import numpy as np

from .blocks import Energies
from .claim import SURPLUS_LIMIT
from .coverage import Coverage
from .grid import LocalSteps
from .known import Known, flexible_wh, static_coefficient
from .model import KeyType
from .share import Missing

REACHED: Final = (0.9, 0.5, 0.1)
"""Chances with which the three amounts are reached."""
COUNTED: Final = (0.95, 0.7, 0.3)
"""Chance of a kWh between two of them: the mean of theirs, the first one's with certainty."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnShare:
    """This home's part of the surplus: amounts, and the chance of a kWh below each."""

    amounts_wh: Energies
    """Growing from row to row, shape (n_amounts, n_steps)."""
    chances: Energies
    """Falling from row to row, of the same shape; of a kWh between an amount and the one
    before."""


def own_share(
    known: Known,
    labels: LocalSteps,
    coverage: Coverage,
    claim_wh: Energies,
    mean_error: Energies,
    deviation: Energies,
) -> OwnShare:
    """What this home may plan for at each step, beyond its base use.

    Where the operation's surplus is known: under pro rata the part of it that this home's need
    is of all that is flexible; under a static key what the home's own part leaves after its
    base use. Elsewhere what it claims, as surely as past cases tell.
    """
    n_steps = known.grid.n_steps
    if known.rule in (Missing.NOT_MEMBER, Missing.NOT_CONSUMER):
        return OwnShare(np.zeros((1, n_steps)), np.zeros((1, n_steps)))
    production = np.maximum(known.production_wh, 0.0)
    coefficient = static_coefficient(known.rule)
    if coefficient is not None:
        part = np.full(n_steps, coefficient)
        middle = production + mean_error
        taken = known.own.mean if known.own else np.full(n_steps, np.nan)
    else:
        part = _part_of_flexible(known, labels)
        middle = production - known.withdrawal_wh + mean_error
        taken = np.zeros(n_steps)
    spread = [NormalDist().inv_cdf(1 - reached) for reached in REACHED]
    surplus = middle + np.array(spread)[:, None] * deviation
    limited = np.clip(surplus, 0.0, SURPLUS_LIMIT * production)
    amounts = np.maximum(part * limited - taken, 0.0)
    chances = np.repeat(np.array(COUNTED)[:, None], n_steps, axis=1)
    # What is not known of the operation is known from past cases, or not at all.
    blind = np.isnan(amounts).any(axis=0)
    amounts = np.where(blind, claim_wh, amounts)
    chances = np.where(blind, np.nan_to_num(coverage.probability), chances)
    return OwnShare(amounts, chances)


def covered_wh(share: OwnShare, drawn_wh: Energies) -> Energies:
    """Energy of each step that is expected to be covered by the home's share."""
    widths = np.diff(share.amounts_wh, axis=0, prepend=0.0)
    covered, left = np.zeros(len(drawn_wh)), drawn_wh
    for width, chance in zip(widths, share.chances, strict=True):
        in_reach = np.minimum(left, width)
        covered += chance * in_reach
        left = left - in_reach
    return covered


def _part_of_flexible(known: Known, labels: LocalSteps) -> Energies:
    """This home's need, of what all followers need on the day of each step; NaN: not known.

    Of other keys than pro rata, the operation's aggregates do not say who gets what.
    """
    if isinstance(known.rule, Missing) or known.rule.key is not KeyType.DEFAULT_DYNAMIC:
        return np.full(known.grid.n_steps, np.nan)
    part = np.zeros(known.grid.n_steps)
    for ordinal in np.unique(labels.day).tolist():
        all_wh = flexible_wh(known, date.fromordinal(ordinal))
        # Of all, this home's is a part: never more.
        of_all = known.need.energy_wh / all_wh if all_wh > 0 else 0.0
        part[labels.day == ordinal] = of_all
    return part
