"""Forecasts kept as they were made, and scored when the settlement arrives.

A page is one local day as it was forecast the evening before. Nothing in it is ever changed:
who corrects yesterday's forecast has no score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
import math
from typing import Any, Final

import numpy as np

from .blocks import MINUTE, Block, Energies, Quantity
from .coverage import COVERED_FROM
from .grid import Grid, energies_on

CLASS_EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Lower ends of the classes in which a probability is held against what came."""
BIAS_LIMITS: Final = (0.5, 1.5)
"""A correction beyond is a sign of another fault, not of a bias."""
BIAS_DAYS: Final = 30.0
"""How many days without error a bias is weighed against: one bad week corrects little."""


STEP_MINUTES: Final = (10, 15, 30, 60)
"""Settlement steps that there are."""


@dataclass(frozen=True, slots=True, eq=False)
class DiaryPage:
    """One day's forecast, as it was made; arrays of shape (n_steps,), NaN: not known."""

    made_at: datetime
    """UTC."""
    grid: Grid
    production_wh: Energies
    """Expected to be injected for the operation."""
    level_wh: Energies
    """The same before it was put right by settlements: what past steps are compared by, on a
    scale that no later settlement moves."""
    allocated_wh: Energies
    """Expected to be allocated to this home."""
    probability: Energies
    """That at least 0.9 of the withdrawal is allocated."""
    correction: float = 1.0
    """What `allocated_wh` was multiplied by already, for a bias found before."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How a class of probabilities came true."""

    above: float
    """Lower end of the class."""
    n_cases: int
    forecast: float
    """Mean of the probabilities told."""
    came: float
    """How often it came, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Score:
    """How good the forecasts of some days were."""

    n_days: int
    daily_error: float | None
    """Mean absolute error of a day's allocated energy, as part of the mean day; None where
    nothing was allocated."""
    bias: float | None
    """Forecast less settled, as part of the settled; above 0, too much was promised."""
    plain_bias: float | None
    """The same before any correction: what the next correction is to undo."""
    live_error: float | None
    """As `daily_error`, of the estimates made live."""
    live_bias: float | None
    brier: float | None
    """Mean squared error of the probability; 0 is perfect."""
    climatology: float | None
    """The same of whoever always says how often it came: what a forecast must be below."""
    classes: tuple[ClassScore, ...]


def score_days(
    pages: Iterable[DiaryPage],
    settled: Sequence[Block],
    live: Sequence[Block],
) -> Score:
    """The score of the pages whose day is settled, and of the live estimates of those days."""
    days = [day for page in pages if (day := _held(page, settled, live)) is not None]
    if not days:
        return Score(0, None, None, None, None, None, None, None, ())
    told = np.concatenate([day.probability for day in days])
    came = np.concatenate([day.covered for day in days])
    settled_wh = np.array([day.settled_wh for day in days])
    error, bias = _errors(np.array([day.told_wh for day in days]), settled_wh)
    _, plain_bias = _errors(np.array([day.plain_wh for day in days]), settled_wh)
    live_error, live_bias = _errors(
        np.array([day.live_wh for day in days]),
        np.array([day.settled_with_live_wh for day in days]),
    )
    known = ~np.isnan(told)
    return Score(
        n_days=len(days),
        daily_error=error,
        bias=bias,
        plain_bias=plain_bias,
        live_error=live_error,
        live_bias=live_bias,
        brier=float(np.mean((told - came)[known] ** 2)) if known.any() else None,
        climatology=float(came[known].var()) if known.any() else None,
        classes=_classes(told[known], came[known]),
    )


def score_months(
    pages: Iterable[DiaryPage],
    settled: Sequence[Block],
    live: Sequence[Block],
    time_zone: tzinfo,
) -> dict[str, Score]:
    """The score of each local month, YYYY-MM, that has a settled day."""
    months: dict[str, list[DiaryPage]] = {}
    for page in pages:
        month = f"{page.grid.start.astimezone(time_zone):%Y-%m}"
        months.setdefault(month, []).append(page)
    scores = {m: score_days(held, settled, live) for m, held in months.items()}
    return {month: score for month, score in scores.items() if score.n_days}


def bias_factor(score: Score) -> float:
    """By what to multiply the next estimates, from the bias that was found.

    The fewer the days, the closer to 1.
    """
    if score.plain_bias is None or score.plain_bias <= -1:
        return 1.0
    trust = score.n_days / (score.n_days + BIAS_DAYS)
    low, high = BIAS_LIMITS
    factor: float = (1 / (1 + score.plain_bias)) ** trust
    return min(max(factor, low), high)


def stored_diary(page: DiaryPage) -> dict[str, Any]:
    """The page as JSON values."""
    return {
        "made_at": page.made_at.isoformat(),
        "start": page.grid.start.isoformat(),
        "step_minutes": page.grid.step // MINUTE,
        "production_wh": _stored(page.production_wh, 0),
        "level_wh": _stored(page.level_wh, 0),
        "allocated_wh": _stored(page.allocated_wh, 1),
        "probability": _stored(page.probability, 3),
        "correction": page.correction,
    }


def restored_diary(stored: Mapping[str, Any]) -> DiaryPage:
    """The page that was stored. Raises KeyError, ValueError, TypeError on anything else."""
    production, *others = (
        np.array(stored[name], dtype=np.float64)
        for name in ("production_wh", "level_wh", "allocated_wh", "probability")
    )
    level, allocated, probability = others
    made_at, start = (datetime.fromisoformat(stored[k]) for k in ("made_at", "start"))
    step_minutes, correction = stored["step_minutes"], stored["correction"]
    if {series.shape for series in (production, *others)} != {(len(production),)}:
        raise ValueError("series of different lengths")
    if made_at.tzinfo is None or start.tzinfo is None:
        raise ValueError("an instant without its zone")
    if step_minutes not in STEP_MINUTES or not math.isfinite(correction):
        raise ValueError("a page of no grid")
    if correction <= 0:
        raise ValueError("a correction to nothing")
    return DiaryPage(
        made_at=made_at,
        grid=Grid(start, step_minutes * MINUTE, len(production)),
        production_wh=production,
        level_wh=level,
        allocated_wh=allocated,
        probability=probability,
        correction=correction,
    )


def page_of(
    made_at: datetime,
    day: Grid,
    grid: Grid,
    production_wh: Energies,
    level_wh: Energies,
    allocated_wh: Energies,
    probability: Energies,
    correction: float = 1.0,
) -> DiaryPage | None:
    """The forecast of one day, cut from a longer one; None where it does not hold all of it."""
    first, beside = divmod(day.start - grid.start, grid.step)
    if day.start < grid.start or day.end > grid.end or day.step != grid.step or beside:
        return None
    part = slice(first, first + day.n_steps)
    return DiaryPage(
        made_at=made_at,
        grid=day,
        production_wh=production_wh[part],
        level_wh=level_wh[part],
        allocated_wh=allocated_wh[part],
        probability=probability[part],
        correction=correction,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """A page against what came; sums over the steps of which all is known."""

    probability: Energies
    """Told, of each step with production and a withdrawal."""
    covered: Energies
    """Whether it came; 0 or 1."""
    told_wh: float
    plain_wh: float
    """As told, before any correction."""
    settled_wh: float
    live_wh: float
    """Over the steps that were estimated live, as the next."""
    settled_with_live_wh: float


def _held(
    page: DiaryPage, settled: Sequence[Block], live: Sequence[Block]
) -> _Day | None:
    """The page against what came; None while the day is not settled, or was not forecast."""
    drawn = energies_on(page.grid, settled, Quantity.CONSUMPTION)
    allocated = energies_on(page.grid, settled, Quantity.ALLOCATED)
    known = ~np.isnan(allocated) & ~np.isnan(page.allocated_wh) & ~np.isnan(drawn)
    if not known.any():
        return None
    lit = known & (page.production_wh > 0) & (drawn > 0)
    estimated = energies_on(page.grid, live, Quantity.ESTIMATED_ALLOCATED)
    with_live = known & ~np.isnan(estimated)
    told_wh = float(page.allocated_wh[known].sum())
    return _Day(
        probability=page.probability[lit],
        covered=(allocated[lit] / drawn[lit] >= COVERED_FROM).astype(np.float64),
        told_wh=told_wh,
        plain_wh=told_wh / page.correction,
        settled_wh=float(allocated[known].sum()),
        live_wh=float(estimated[with_live].sum()),
        settled_with_live_wh=float(allocated[with_live].sum()),
    )


def _errors(told: Energies, came: Energies) -> tuple[float | None, float | None]:
    """Mean absolute error and bias, as parts of what came."""
    if came.sum() <= 0:
        return None, None
    error = float(np.abs(told - came).sum() / came.sum())
    return error, float((told.sum() - came.sum()) / came.sum())


def _classes(told: Energies, came: Energies) -> tuple[ClassScore, ...]:
    """The reliability of each class that has cases."""
    number = np.searchsorted(CLASS_EDGES, told, side="right") - 1
    return tuple(
        ClassScore(
            above=edge,
            n_cases=int((number == n).sum()),
            forecast=float(told[number == n].mean()),
            came=float(came[number == n].mean()),
        )
        for n, edge in enumerate(CLASS_EDGES)
        if (number == n).any()
    )


def _stored(values: Energies, digits: int) -> list[float | None]:
    """Rounded values, holes as null."""
    return [
        None if np.isnan(value) else round(value, digits) for value in values.tolist()
    ]
