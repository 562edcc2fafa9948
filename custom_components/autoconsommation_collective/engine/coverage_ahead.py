"""What part of this home's withdrawal is covered at each step ahead: key, cases, aggregates."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from .blocks import HOUR, Energies
from .claim import error_by_step
from .coverage import (
    MIN_CASES,
    Coverage,
    Situations,
    formula_coverage,
    unknown_coverage,
)
from .grid import Grid, LocalSteps
from .known import Known, static_coefficient
from .model import ForecastError, KeyType
from .share import Missing

UNMEASURED_DEVIATION: Final = 0.25
"""Of the expected production: the error of a forecast that nobody has measured yet."""
SUPPOSED_DEVIATION: Final = 0.6
"""Of a withdrawal supposed from this home's own: how far the homes of the two simulated
operations stand from their mean (deviation of the logarithm: 0.59 and 0.58)."""


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


def expected_withdrawal(known: Known) -> Energies:
    """What all members draw, in Wh: as told, else as if each home drew what this one does."""
    if known.own is None or known.homes_alike is None:
        return known.withdrawal_wh
    supposed = known.homes_alike * known.own.mean
    return np.where(np.isnan(known.withdrawal_wh), supposed, known.withdrawal_wh)


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
    level = known.production_wh if known.level_wh is None else known.level_wh
    asked = situations(known.grid, labels, level, known.members)
    return _better(known.table.at(asked), formula)


def unbiased(coverage: Coverage, bias: float) -> Coverage:
    """The coverage less what past estimates promised too much, or more what too little."""
    mean, low, high = (
        np.clip(bias * values, 0.0, 1.0)
        for values in (coverage.mean, coverage.low, coverage.high)
    )
    return Coverage(mean, coverage.probability, coverage.n_cases, low, high)


def surplus_errors(known: Known, hours: float) -> tuple[Energies, Energies]:
    """Mean and deviation of the error of the expected surplus; measured, else supposed."""
    if known.errors:
        return error_by_step(known.production_wh, known.errors, hours)
    deviation = UNMEASURED_DEVIATION * np.nan_to_num(known.production_wh)
    # Under a static key, what the others draw takes nothing away.
    if static_coefficient(known.rule) is None:
        is_told = ~np.isnan(known.withdrawal_wh)
        supposed_wh = np.where(is_told, 0.0, np.nan_to_num(expected_withdrawal(known)))
        deviation = np.hypot(deviation, SUPPOSED_DEVIATION * supposed_wh)
    return np.zeros(known.grid.n_steps), deviation


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
