"""What to do about it: is now a good time to consume, how surely, and why.

The question is always for one more kWh of this home: what it is expected to cost now, against
the cheapest moment of the coming day. A kWh that would be covered only by taking it from a
neighbour does not count as covered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .coverage import MIN_CASES
from .grid import Grid

GOOD_PROBABILITY: Final = 0.8
"""Of being covered: the class that is right at least four times in five."""
STILL_GOOD_PROBABILITY: Final = 0.7
"""Once good, a passing cloud does not end it."""
EXCELLENT_PROBABILITY: Final = 0.95
MARGIN_EUR: Final = 0.005
"""By how much a kWh must be cheaper, or dearer, to be worth a word: half a cent."""
EXCELLENT_PART: Final = 0.7
"""Of the cheapest alternative: a kWh that costs less than this is excellent."""
SMALLEST_CLAIM_W: Final = 100.0
"""This home's part of the surplus as mean power; below, there is nothing to switch on for."""
SHORTEST_ON: Final = timedelta(minutes=30)
"""A programme that was started is not disappointed within minutes."""
SHORTEST_OFF: Final = timedelta(minutes=15)
LATE: Final = timedelta(minutes=1)
"""The beginning of a step may be seen up to that late."""
LONGEST_HELD: Final = timedelta(hours=12)
"""A good level that began before is of another day, kept over a night without power."""


class Level(StrEnum):
    """The answer."""

    AVOID = "avoid"
    NEUTRAL = "neutral"
    GOOD = "good"
    EXCELLENT = "excellent"

    @property
    def is_good(self) -> bool:
        """Whether it is a good time to consume."""
        return self in (Level.GOOD, Level.EXCELLENT)


class Reason(StrEnum):
    """Why it is, or is not, a good time."""

    COVERED = "covered"
    """Cheaper than any alternative of the coming day, and surely enough."""
    LATER = "later"
    """A good window comes."""
    DEARER = "dearer"
    """The same kWh costs less at another time of the coming day."""
    NOT_ENOUGH = "not_enough"
    """No surplus is expected for this home, or not surely enough."""
    NOT_CHEAPER = "not_cheaper"
    """Covered or not, it costs about the same."""
    NOT_SURE_YET = "not_sure_yet"
    """Too few past cases to say."""
    NO_CONTRACT = "no_contract"
    """The member has not told what the supplier charges."""
    NO_PRICE = "no_price"
    """What a kWh costs in this step, or on the coming day, is not known: off-peak hours, the
    colour of a day, or the operation's price."""
    NO_PRODUCTION = "no_production"


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive steps that are a good time."""

    start: datetime
    """UTC."""
    end: datetime
    energy_wh: float
    """This home's part of the surplus in it."""
    probability: float
    """Of being covered, by the energy; in [0, 1]."""
    eur_per_kwh: float
    """Expected cost of a kWh in it, by the energy."""


@dataclass(frozen=True, slots=True)
class Signal:
    """The answer now, with what it rests on."""

    level: Level
    reason: Reason
    since: datetime
    """When the level began, UTC."""
    window: Window | None = None
    """The good window in progress, else the next."""
    probability: float | None = None
    """Of being covered, now."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What the levels are read from; arrays of shape (n_steps,), NaN where not known."""

    claim_w: Energies
    """This home's part of the surplus, as mean power."""
    probability: Energies
    n_cases: Energies
    supplier: Energies
    """€/kWh."""
    expected: Energies
    """Expected cost of one more kWh, €/kWh."""
    default: Energies
    """The cheapest alternative of the coming day, €/kWh."""
    production_wh: Energies
    has_contract: bool = True
    """Whether the member has told one."""
    in_turn: npt.NDArray[np.bool_] | None = None
    """Whether it is this home's turn to begin; None: at any step."""


def level_at(
    judged: Judged, n: int, before: Level = Level.NEUTRAL
) -> tuple[Level, Reason]:
    """Level and reason of a step; what was good stays so a little longer.

    In the dark the supplier's price is sure; with production nothing is said on too few cases.
    """
    expected, default = judged.expected[n], judged.default[n]
    if not judged.has_contract:
        return Level.NEUTRAL, Reason.NO_CONTRACT
    if np.isnan(default) or np.isnan(expected):
        return Level.NEUTRAL, Reason.NO_PRICE
    is_dark = judged.production_wh[n] == 0
    if judged.n_cases[n] < MIN_CASES and not is_dark:
        return Level.NEUTRAL, Reason.NOT_SURE_YET
    needed = STILL_GOOD_PROBABILITY if before.is_good else GOOD_PROBABILITY
    sure = judged.probability[n] >= needed
    claims = judged.claim_w[n] >= SMALLEST_CLAIM_W
    cheaper = expected <= default - MARGIN_EUR
    if cheaper and sure and claims and not is_dark:
        if judged.in_turn is not None and not judged.in_turn[n]:
            return Level.NEUTRAL, Reason.LATER
        excellent = (
            judged.probability[n] >= EXCELLENT_PROBABILITY
            and expected <= EXCELLENT_PART * default
        )
        return (Level.EXCELLENT if excellent else Level.GOOD), Reason.COVERED
    if expected >= default + MARGIN_EUR:
        return Level.AVOID, Reason.DEARER
    if is_dark:
        return Level.NEUTRAL, Reason.NO_PRODUCTION
    if sure and claims:
        return Level.NEUTRAL, Reason.NOT_CHEAPER
    return Level.NEUTRAL, Reason.NOT_ENOUGH


def levels(
    judged: Judged, first: int = 0, before: Level = Level.NEUTRAL
) -> tuple[Level, ...]:
    """The level of each step, each seen from the one before; neutral up to the first."""
    found = [Level.NEUTRAL] * first
    for n in range(first, len(judged.claim_w)):
        before, _ = level_at(judged, n, before)
        found.append(before)
    return tuple(found)


def good_windows(
    grid: Grid, judged: Judged, found: Sequence[Level]
) -> tuple[Window, ...]:
    """The runs of good steps, in order of time."""
    good = np.array([level.is_good for level in found], dtype=bool)
    edges = np.flatnonzero(
        np.diff(np.concatenate(([False], good, [False])).astype(int))
    )
    hours = grid.step / timedelta(hours=1)
    windows = []
    for first, after in edges.reshape(-1, 2).tolist():
        part = slice(first, after)
        energy_wh = judged.claim_w[part] * hours
        total_wh = float(energy_wh.sum())
        windows.append(
            Window(
                start=grid.start + first * grid.step,
                end=grid.start + after * grid.step,
                energy_wh=total_wh,
                probability=float(judged.probability[part] @ energy_wh / total_wh),
                eur_per_kwh=float(judged.expected[part] @ energy_wh / total_wh),
            )
        )
    return tuple(windows)


def signal_now(
    grid: Grid,
    judged: Judged,
    windows: Sequence[Window],
    now: datetime,
    before: Signal | None = None,
) -> Signal:
    """The signal at an instant of the grid, held against what was shown before.

    A level that has just begun stays for a while, whatever a new forecast says, unless
    nothing is known any more. Good does not begin where it ends sooner than that.
    """
    n = grid.number(now)
    if n is None:
        raise ValueError("an instant outside the grid")
    if before and before.level.is_good and now - before.since > LONGEST_HELD:
        before = None
    window = next((w for w in windows if w.end > now), None)
    in_window = window is not None and window.start <= now
    was_good = before is not None and before.level.is_good
    held = Level.GOOD if in_window or was_good else Level.NEUTRAL
    level, reason = level_at(judged, n, held)
    if level.is_good and not in_window:
        window = good_windows(grid, judged, levels(judged, n, held))[0]
    lasts = window.end - now + LATE if window else timedelta(0)
    if level.is_good and not was_good and lasts < SHORTEST_ON:
        level, reason = Level.NEUTRAL, Reason.NOT_ENOUGH
        window = next((w for w in windows if w.start > now), None)
    if reason is Reason.NOT_ENOUGH and window is not None:
        reason = Reason.LATER
    probability = judged.probability[n]
    fresh = Signal(
        level=level,
        reason=reason,
        since=now,
        window=window,
        probability=None if np.isnan(probability) else float(probability),
    )
    if before is None:
        return fresh
    rests_on = judged.expected[n], judged.default[n], probability
    return _held(fresh, before, is_known=not np.isnan(rests_on).any())


def _held(fresh: Signal, before: Signal, *, is_known: bool) -> Signal:
    """The fresh signal, or what was shown before where that has just begun."""
    if before.level is fresh.level:
        return replace(fresh, since=before.since)
    now = fresh.since
    shortest = SHORTEST_ON if before.level.is_good else SHORTEST_OFF
    turns = before.level.is_good != fresh.level.is_good
    if not turns or not is_known or now - before.since >= shortest:
        return fresh
    window = before.window
    return replace(
        before,
        window=window if window and window.end > now else None,
        probability=fresh.probability,
    )


def stored_signal(signal: Signal) -> dict[str, str]:
    """Level, reason and age as JSON values; the rest is of its moment."""
    return {
        "level": signal.level.value,
        "reason": signal.reason.value,
        "since": signal.since.isoformat(),
    }


def restored_signal(stored: Mapping[str, str] | None) -> Signal | None:
    """The signal that was stored; None where none was, or by another version."""
    if stored is None:
        return None
    try:
        return Signal(
            level=Level(stored["level"]),
            reason=Reason(stored["reason"]),
            since=datetime.fromisoformat(stored["since"]),
        )
    except KeyError, ValueError:
        return None
