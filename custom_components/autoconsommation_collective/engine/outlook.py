"""The share ahead: today and the coming days, step by step, from whatever is known.

Everything that may be missing may be missing: each absence has a stated substitute and is
named in `degraded`, so that nobody takes a guess for a forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from enum import StrEnum
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import HOUR, Energies
from .claim import (
    USUAL_NEED_WH,
    OwnNeed,
    claimable_surplus,
    error_by_step,
    own_first_claim,
    prorata_claim,
    shape_claim,
    spread_claim,
    static_claim,
)
from .contract import CostsMissing, StepCosts
from .coverage import (
    MIN_CASES,
    Coverage,
    CoverageTable,
    Situations,
    formula_coverage,
    unknown_coverage,
)
from .grid import Grid, LocalSteps, local_steps
from .model import ForecastError, KeyType
from .profile import Expected
from .share import Missing, ShareRule
from .signal import (
    GOOD_PROBABILITY,
    SMALLEST_CLAIM_W,
    Judged,
    Level,
    Window,
    good_windows,
    levels,
)
from .turns import taken_in_turn

DEFAULT_BREAK_EVEN: Final = 0.3
"""Probability of being covered that a shift must have while prices are not known: between a
home on Base, which loses nothing, and one with cheap nights."""
UNMEASURED_DEVIATION: Final = 0.25
"""Of the expected production: the error of a forecast that nobody has measured yet."""
FOLLOWING_PART: Final = 0.5
"""Of the members, where nobody says how many follow the signal: rather too few than too many,
which would leave surplus unused."""
SPREAD_FROM_HOUR, SPREAD_TO_HOUR = 10, 16
"""Local hours of the blind spread: there is sun in them all year."""


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
    NO_HABITS = "no_habits"
    """The home's own consumption is not known."""
    NO_WITHDRAWAL = "no_withdrawal"
    """What the others draw is not known: learned coverage, or the shape of the sun."""
    NO_FLEXIBLE = "no_flexible"
    """How much the others can shift is not known: a usual need is taken."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Known:
    """All that is known when looking ahead. Arrays on the grid; NaN: not known."""

    grid: Grid
    """From a local midnight on, so that days are whole."""
    time_zone: tzinfo
    rule: ShareRule | Missing
    production_wh: Energies
    """Expected to be injected for the operation."""
    withdrawal_wh: Energies
    """Expected to be withdrawn by all members, without steered loads."""
    errors: tuple[ForecastError, ...] = ()
    flexible_wh: Mapping[date, float] = field(default_factory=dict)
    """What all followers' steered loads need, by local day."""
    members: int | None = None
    followers: int | None = None
    table: CoverageTable | None = None
    own: Expected | None = None
    own_surplus_wh: Energies | None = None
    """A producer's own surplus, where it fills its own loads first; None: neighbours alike."""
    costs: StepCosts | CostsMissing = CostsMissing.NO_CONTRACT
    need: OwnNeed
    place: float
    """Of this home among all, in [0, 1)."""
    is_stale: bool = False
    bias: float = 1.0
    """What past estimates are to be multiplied by, as the diary found."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is expected at each step of a grid; energies in Wh, NaN: not known."""

    grid: Grid
    production_wh: Energies
    withdrawal_wh: Energies
    surplus_wh: Energies
    """Of the operation, after everybody's base use; the expected mean."""
    own: Expected | None
    coverage: Coverage
    allocated: Expected
    claim_wh: Energies
    """What this home should plan for beyond its base use."""
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


def look_ahead(known: Known) -> Outlook:
    """Everything that is expected of the steps of the grid."""
    labels = local_steps(known.grid, known.time_zone)
    hours = known.grid.step / HOUR
    mean_error, deviation = _errors(known, hours)
    production, withdrawal = known.production_wh, known.withdrawal_wh
    coverage = unbiased(
        expected_coverage(known, labels, mean_error, deviation), known.bias
    )
    claim = _claims(known, labels, coverage, mean_error, deviation)
    in_turn, taken = _turns(known, labels, coverage, claim)
    judged = _judged(known, coverage, taken / hours, in_turn)
    found = levels(judged)
    return Outlook(
        grid=known.grid,
        production_wh=production,
        withdrawal_wh=withdrawal,
        surplus_wh=np.maximum(production - withdrawal, 0.0),
        own=known.own,
        coverage=coverage,
        allocated=_allocated(known, coverage),
        claim_wh=claim,
        costs=known.costs,
        judged=judged,
        levels=found,
        windows=good_windows(known.grid, judged, found),
        degraded=_degraded(known, labels, coverage),
        bias=known.bias,
    )


def situations(
    grid: Grid, labels: LocalSteps, production_wh: Energies, members: int | None
) -> Situations:
    """What is known of steps beforehand, to compare them with settled ones."""
    level = production_wh / (grid.step / HOUR) / (members or 1)
    half_step = grid.step / timedelta(hours=2)
    years = np.array([date.fromordinal(day).timetuple().tm_yday for day in labels.day])
    return Situations(
        level_w=level,
        hour=labels.minute / 60 + half_step,
        is_weekend=labels.is_weekend,
        day_of_year=years.astype(np.float64),
    )


def expected_coverage(
    known: Known, labels: LocalSteps, mean_error: Energies, deviation: Energies
) -> Coverage:
    """What part of this home's withdrawal is covered: by the key, by past cases, by aggregates.

    Under a static key the home's own part decides. Otherwise settled cases where there are
    enough, else the organiser's aggregates under pro rata.
    """
    n_steps = known.grid.n_steps
    if isinstance(known.rule, Missing):
        return unknown_coverage(n_steps)
    if (coefficient := static_coefficient(known.rule)) is not None:
        if known.own is None:
            return unknown_coverage(n_steps)
        own_part = coefficient * known.production_wh
        formula = formula_coverage(
            own_part, known.own.mean, coefficient * mean_error, coefficient * deviation
        )
        return _resting_on(formula, known.errors)
    formula = unknown_coverage(n_steps)
    if known.rule.key is KeyType.DEFAULT_DYNAMIC:
        formula = formula_coverage(
            known.production_wh, known.withdrawal_wh, mean_error, deviation
        )
        formula = _resting_on(formula, known.errors)
    if known.table is None:
        return formula
    asked = situations(known.grid, labels, known.production_wh, known.members)
    return _better(known.table.at(asked), formula)


def unbiased(coverage: Coverage, bias: float) -> Coverage:
    """The coverage less what past estimates promised too much, or more what too little."""
    mean, low, high = (
        np.clip(bias * values, 0.0, 1.0)
        for values in (coverage.mean, coverage.low, coverage.high)
    )
    return Coverage(mean, coverage.probability, coverage.n_cases, low, high)


def static_coefficient(rule: ShareRule | Missing) -> float | None:
    """This home's part of the production, where the key gives a fixed one."""
    if isinstance(rule, Missing) or rule.key is not KeyType.STATIC:
        return None
    return rule.coefficient


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


def _errors(known: Known, hours: float) -> tuple[Energies, Energies]:
    """Mean and deviation of the error of the expected surplus; measured, else supposed."""
    if known.errors:
        return error_by_step(known.production_wh, known.errors, hours)
    supposed = UNMEASURED_DEVIATION * np.nan_to_num(known.production_wh)
    return np.zeros(known.grid.n_steps), supposed


def _resting_on(coverage: Coverage, errors: tuple[ForecastError, ...]) -> Coverage:
    """A formula rests on the cases that its errors were measured on, else on none."""
    cases = float(MIN_CASES) if errors else 0.0
    return Coverage(
        coverage.mean,
        coverage.probability,
        np.where(np.isnan(coverage.mean), 0.0, cases),
        coverage.low,
        coverage.high,
    )


def _better(table: Coverage, formula: Coverage) -> Coverage:
    """Step by step what rests on enough cases; a few cases are better than nothing."""
    takes = (table.n_cases >= MIN_CASES) | np.isnan(formula.mean)
    return Coverage(
        *(
            np.where(takes, learned, computed)
            for learned, computed in (
                (table.mean, formula.mean),
                (table.probability, formula.probability),
                (table.n_cases, formula.n_cases),
                (table.low, formula.low),
                (table.high, formula.high),
            )
        )
    )


def _allocated(known: Known, coverage: Coverage) -> Expected:
    """Expected allocation of the base consumption."""
    if known.own is None:
        nan = np.full(known.grid.n_steps, np.nan)
        return Expected(nan, nan, nan)
    return Expected(
        low=known.own.low * coverage.low,
        mean=known.own.mean * coverage.mean,
        high=known.own.high * coverage.high,
    )


def _claims(
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
    pays = even < 1
    surplus = np.zeros(known.grid.n_steps)
    for ordinal in np.unique(labels.day).tolist():
        day = labels.day == ordinal
        all_need_wh = flexible_wh(known, date.fromordinal(ordinal))
        surplus[day] = claimable_surplus(
            known.production_wh[day],
            known.withdrawal_wh[day],
            mean_error[day],
            deviation[day],
            even[day],
            all_need_wh,
            _most_wh(known.need, all_need_wh),
        )
    plan = _Plan(
        surplus_wh=np.where(pays, surplus, 0.0),
        pays=pays,
        # A chance that is not known counts as none: who loses nothing may try.
        worth_it=pays & (np.nan_to_num(coverage.probability) >= even),
    )
    for ordinal in np.unique(labels.day).tolist():
        day = labels.day == ordinal
        minute = labels.minute[day]
        claim[day] = _day_claim(known, plan, day, date.fromordinal(ordinal), minute)
    return claim


def _most_wh(need: OwnNeed, all_need_wh: float) -> float:
    """What all can draw in a step, if their limits are to their needs as this home's."""
    if need.energy_wh <= 0:
        return math.inf
    return need.limit_wh * max(1.0, all_need_wh / need.energy_wh)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What a claim goes by; arrays on the grid."""

    surplus_wh: Energies
    """That may be claimed, as boldly as it pays; NaN: not known."""
    pays: npt.NDArray[np.bool_]
    """Whether an allocated kWh costs less than the cheapest alternative."""
    worth_it: npt.NDArray[np.bool_]
    """Whether it is covered surely enough, too."""


def _day_claim(
    known: Known,
    plan: _Plan,
    day: npt.NDArray[np.bool_],
    on: date,
    minute: npt.NDArray[np.int64],
) -> Energies:
    """What to plan for on one local day, by what is known of it."""
    need = known.need
    if np.isnan(known.production_wh[day]).all():
        in_hours = (minute >= 60 * SPREAD_FROM_HOUR) & (minute < 60 * SPREAD_TO_HOUR)
        return spread_claim(in_hours.astype(np.float64), need, known.place)
    production = np.nan_to_num(known.production_wh[day])
    surplus = plan.surplus_wh[day]
    first = np.zeros(len(production))
    if known.own_surplus_wh is not None:
        first = own_first_claim(np.nan_to_num(known.own_surplus_wh[day]), need)
        need = need.after(first)
    if (coefficient := static_coefficient(known.rule)) is not None:
        own = np.zeros(len(production)) if known.own is None else known.own.mean[day]
        paying = production * plan.pays[day]
        rest = static_claim(paying, coefficient, np.nan_to_num(own), need)
    elif (~np.isnan(surplus) & (production > 0)).any():
        # What the home keeps for itself is not injected, and holes are not counted on.
        left = np.maximum(np.nan_to_num(surplus) - first, 0.0)
        rest = prorata_claim(left, need, flexible_wh(known, on))
    else:
        rest = shape_claim(production * plan.worth_it[day], need)
    return first + rest


def flexible_wh(known: Known, day: date) -> float:
    """What all followers need on a local day: published, else a usual need of each."""
    if day in known.flexible_wh:
        # This home's need is among what all need.
        return max(known.need.energy_wh, known.flexible_wh[day])
    followers = known.followers
    if followers is None and known.members is not None:
        followers = round(FOLLOWING_PART * known.members)
    return max(known.need.energy_wh, (followers or 1) * USUAL_NEED_WH)


def _turns(
    known: Known, labels: LocalSteps, coverage: Coverage, claim_wh: Energies
) -> tuple[npt.NDArray[np.bool_], Energies]:
    """Whether it is this home's turn, and its claim from then on; day by day.

    Under a static key a home's part is nobody else's, and there is nothing to take turns in.
    Past steps of today count, so that a turn does not move as the day goes on.
    """
    in_turn = np.ones(known.grid.n_steps, dtype=bool)
    taken = claim_wh.copy()
    if isinstance(known.rule, ShareRule) and static_coefficient(known.rule) is not None:
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
