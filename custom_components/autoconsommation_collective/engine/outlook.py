"""The share ahead: today and the coming days, step by step, from whatever is known.

Everything that may be missing may be missing: each absence has a stated substitute and is
named in `degraded`, so that nobody takes a guess for a forecast.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, Energies
from .claim_ahead import claims_ahead, turns_ahead
from .contract import CostsMissing, StepCosts
from .coverage import MIN_CASES, Coverage
from .coverage_ahead import (
    expected_coverage,
    expected_withdrawal,
    surplus_errors,
    unbiased,
)
from .grid import Grid, LocalSteps, local_steps
from .known import Known, static_coefficient
from .own_share import OwnShare, covered_wh, own_share
from .profile import Expected
from .signal import Judged, Level, Window, good_windows, levels


class Degraded(StrEnum):
    """What is missing, and so replaced by something less sure; the worst first."""

    NO_FORECAST = "no_forecast"
    """No production is expected by anybody: a place of one's own in the daylight."""
    STALE = "stale"
    """What the organiser published is old."""
    NO_PRICES = "no_prices"
    """What a kWh costs is not known."""
    NO_SETTLED = "no_settled"
    """No settled month to learn from, or too few cases yet."""
    SOME_PLANTS = "some_plants"
    """Plants without a place, or that no sun drives, are missing from the production."""
    NO_HABITS = "no_habits"
    """The home's own consumption is not known."""
    NO_WITHDRAWAL = "no_withdrawal"
    """What the others draw is not told: learned coverage, homes like this one, or the shape of
    the sun."""
    NO_FLEXIBLE = "no_flexible"
    """How much the others can shift is not known: a usual need is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is expected at each step of a grid; energies in Wh, NaN: not known."""

    grid: Grid
    production_wh: Energies
    level_wh: Energies
    """The production before it was put right by settlements."""
    withdrawal_wh: Energies
    surplus_wh: Energies
    """Of the operation, after everybody's base use; the expected mean."""
    own: Expected | None
    coverage: Coverage
    allocated: Expected
    """Of the base consumption, and of what loads were expected to draw when last planned."""
    claim_wh: Energies
    """What this home should plan for beyond its base use."""
    own_surplus_wh: Energies | None
    """A producer's own surplus, where its own loads come first; None: neighbours alike."""
    share: OwnShare
    """What of the surplus its loads may be planned into, and how surely."""
    costs: StepCosts | CostsMissing
    judged: Judged
    levels: tuple[Level, ...]
    windows: tuple[Window, ...]
    degraded: frozenset[Degraded]
    bias: float
    """What coverage and allocation were multiplied by already."""

    def claimable_wh(self, first: int, after: int) -> float:
        """Energy of the good windows that this home may plan for, in those steps."""
        part = slice(first, after)
        good = np.array([level.is_good for level in self.levels[part]], dtype=bool)
        hours = self.grid.step / HOUR
        return float(self.judged.claim_w[part][good].sum() * hours)


def look_ahead(told: Known) -> Outlook:
    """Everything that is expected of the steps of the grid."""
    labels = local_steps(told.grid, told.time_zone)
    hours = told.grid.step / HOUR
    mean_error, deviation = surplus_errors(told, hours)
    production, withdrawal = told.production_wh, expected_withdrawal(told)
    known = replace(told, withdrawal_wh=withdrawal)
    coverage = unbiased(
        expected_coverage(known, labels, mean_error, deviation), known.bias
    )
    claim = claims_ahead(known, labels, coverage, mean_error, deviation)
    share = own_share(known, labels, coverage, claim, mean_error, deviation)
    in_turn, taken = turns_ahead(known, labels, coverage, claim)
    judged = _judged(known, coverage, taken / hours, in_turn)
    found = levels(judged)
    return Outlook(
        grid=known.grid,
        production_wh=production,
        level_wh=production if known.level_wh is None else known.level_wh,
        withdrawal_wh=withdrawal,
        surplus_wh=np.maximum(production - withdrawal, 0.0),
        own=known.own,
        coverage=coverage,
        allocated=_allocated(known, coverage, share),
        claim_wh=claim,
        own_surplus_wh=known.own_surplus_wh,
        share=share,
        costs=known.costs,
        judged=judged,
        levels=found,
        windows=good_windows(known.grid, judged, found),
        degraded=_degraded(told, labels, coverage),
        bias=known.bias,
    )


def _allocated(known: Known, coverage: Coverage, share: OwnShare) -> Expected:
    """Expected allocation of the base consumption, and of the loads as planned."""
    if known.own is None:
        nan = np.full(known.grid.n_steps, np.nan)
        return Expected(nan, nan, nan)
    of_loads = [np.zeros(known.grid.n_steps)] * 3
    if known.planned_wh is not None:
        if static_coefficient(known.rule) is None:
            parts = (coverage.low, coverage.mean, coverage.high)
            of_loads = [known.planned_wh * part for part in parts]
        else:
            # The base comes first: loads have what it leaves of the home's own part.
            of_loads = [covered_wh(share, known.planned_wh)] * 3
    low, mean, high = of_loads
    return Expected(
        low=known.own.low * coverage.low + low,
        mean=known.own.mean * coverage.mean + mean,
        high=known.own.high * coverage.high + high,
    )


def _judged(
    known: Known,
    coverage: Coverage,
    claim_w: Energies,
    in_turn: npt.NDArray[np.bool_],
) -> Judged:
    """What the signal is read from."""
    nan = np.full(known.grid.n_steps, np.nan)
    supplier = expected = default = nan
    if not isinstance(known.costs, CostsMissing):
        supplier, default = known.costs.supplier, known.costs.default
        chance = coverage.probability
        expected = chance * known.costs.allocated + (1 - chance) * supplier
        # Nothing known of the coverage: the supplier's price is what is certain.
        expected = np.where(np.isnan(chance), supplier, expected)
    return Judged(
        claim_w=claim_w,
        probability=coverage.probability,
        n_cases=coverage.n_cases,
        supplier=supplier,
        expected=expected,
        default=default,
        production_wh=known.production_wh,
        has_contract=known.costs is not CostsMissing.NO_CONTRACT,
        in_turn=in_turn,
    )


def _degraded(
    known: Known, labels: LocalSteps, coverage: Coverage
) -> frozenset[Degraded]:
    """What is missing of the steps ahead, for most of them."""
    days = np.unique(labels.day).tolist()
    lit = known.production_wh > 0
    # What comes after tomorrow is looked at as far as it is forecast.
    dark_days = (
        bool(np.isnan(known.production_wh[labels.day == day]).all()) for day in days[:2]
    )
    told_days = (date.fromordinal(day) in known.flexible_wh for day in days)
    found = {
        Degraded.NO_FORECAST: any(dark_days),
        Degraded.STALE: known.is_stale,
        Degraded.NO_PRICES: isinstance(known.costs, CostsMissing),
        Degraded.NO_SETTLED: _mostly(
            coverage.n_cases[lit] < MIN_CASES, known.table is None
        ),
        Degraded.SOME_PLANTS: known.lacks_plants,
        Degraded.NO_HABITS: known.own is None,
    }
    if static_coefficient(known.rule) is None:
        found[Degraded.NO_WITHDRAWAL] = _mostly(
            np.isnan(known.withdrawal_wh[lit]),
            bool(np.isnan(known.withdrawal_wh).all()),
        )
        found[Degraded.NO_FLEXIBLE] = not any(told_days)
    return frozenset(kind for kind, is_so in found.items() if is_so)


def _mostly(flags: npt.NDArray[np.bool_], otherwise: bool) -> bool:
    """Whether more than half are so; where there are none, the other answer."""
    return bool(flags.mean() > 0.5) if len(flags) else otherwise
