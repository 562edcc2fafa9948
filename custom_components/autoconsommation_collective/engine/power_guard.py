"""Which running loads to hold back while the home draws nearly all of its subscribed power.

A help against tripping the meter, not a protection: it sees what a sensor tells every few
seconds, and acts through Home Assistant and radio devices, any of which may fail. It does not
replace a load-shedding relay (délesteur) wired to the meter or the board, and no circuit may
rely on it.

A Linky measures the apparent power every second, in VA, and warns as soon as it is above the
subscribed one: label ADPS, or bit 7 of STGE (Enedis-NOI-CPT_54E, v3). What it trips by is said
to be the square of that power through a low-pass filter of about two minutes, so that a kettle
does not trip it at once. How far above is not established, so nothing here counts on it: the
subscribed power is the limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Final

type Phases = tuple[float, ...]
"""VA of each phase, or one value for all of them. W may stand for VA, but tells too little
where motors run."""

FAST_ENOUGH: Final = timedelta(seconds=10)
"""The usual poll of a Linky's own output; half a minute later a breaker may have tripped."""
LATE: Final = timedelta(seconds=1)
"""By which a poll of ten seconds comes late."""
USUAL_PART: Final = 0.9
"""Of the intervals must be as short: one gap at a restart makes no slow meter."""
FEWEST_INTERVALS: Final = 30
"""Five minutes of a meter that is fast enough; before, nothing is known of it."""

SHED_ABOVE: Final = 0.95
"""Of the subscribed power: the rest is for what rises before the next look."""
GIVE_BACK_BELOW: Final = 0.9
"""Of it, the load included. A home of 3 kVA heats a tank of 2.2 kW, so not much lower."""
SHORTEST_HOLD: Final = timedelta(minutes=10)
"""A hob or an oven is on for longer; a relay that is switched as often lives for years."""
SEEN_AFTER: Final = timedelta(seconds=20)
"""A command, and a look at the meter after it: until then the meter may not show it."""
GIVE_BACK_EVERY: Final = timedelta(minutes=1)
"""One load, then the meter shows what it really draws: all at once are soon all shed again."""

MARGINS: Final = (
    (FAST_ENOUGH + LATE, 1 - SHED_ABOVE),
    (timedelta(seconds=60), 0.1),
    (timedelta(seconds=900), 0.15),
)
"""Part of the subscribed power to leave free, by how often the meter tells what it is: the
guard's own; a minute of cooking not seen; a peak that a mean over a quarter of an hour hides."""
UNGUARDED: Final = timedelta(seconds=60)
"""However often the meter tells, where nobody holds anything back."""
BLIND_MARGIN: Final = 0.2
"""Without any live measure. Not more: a tank of 2.2 kW must still fit into 3 kVA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedLoad:
    """A load that may be held back."""

    id: str
    draws_va: Phases
    """While it runs; by phase as the home is measured. Of a phase nobody told, on each."""
    is_running: bool
    """As last seen."""
    is_wanted: bool
    """Whether it would run if it were not held back."""
    priority: int = 5
    """The lowest is held back first."""
    is_cycle: bool = False
    """A programme that should run as a whole: not held back unless nothing else is enough,
    and only above the subscribed power itself, where the breaker would soon cut it too."""
    is_never_shed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A load held back."""

    id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Guarding:
    """Which loads are held back; not stored, a restart begins with none."""

    held: tuple[Held, ...] = ()
    given_back_at: datetime | None = None
    """For the last time."""
    expected_va: Phases | None = None
    """Of the home once the loads held back are off; None: not measured."""

    @property
    def ids(self) -> frozenset[str]:
        """Of the loads held back."""
        return frozenset(one.id for one in self.held)


def guard(
    before: Guarding,
    now: datetime,
    home_va: Phases | None,
    subscribed_va: float,
    loads: Sequence[GuardedLoad],
) -> Guarding:
    """Which loads to hold back after a look at the meter; home_va None: it tells nothing.

    At each new measurement, of all phases or their total; each phase has its part of the
    subscribed power.
    """
    known = {load.id: load for load in loads}
    held = tuple(
        Held(one.id, min(one.since, now)) for one in before.held if one.id in known
    )
    given_back_at = before.given_back_at and min(before.given_back_at, now)
    # What has just been told to stop may still be in the measurement, and stops only once.
    fading = [known[one.id] for one in held if now - one.since < SEEN_AFTER]
    expected_va = home_va and _without(home_va, fading)
    if expected_va:
        shed = _to_shed(expected_va, subscribed_va, loads, before.ids)
        if shed:
            return Guarding(
                (*held, *(Held(load.id, now) for load in shed)),
                given_back_at,
                _without(expected_va, shed),
            )
    rested = [known[one.id] for one in held if now - one.since >= SHORTEST_HOLD]
    given_back = {load.id for load in rested if not load.is_wanted}
    may_begin = not fading and (
        given_back_at is None or now - given_back_at >= GIVE_BACK_EVERY
    )
    fitting = (
        load
        for load in rested
        if load.is_wanted and _fits(load, expected_va, subscribed_va)
    )
    first = max(fitting, key=_order, default=None)
    if may_begin and first:
        given_back.add(first.id)
        given_back_at = now
    left = tuple(one for one in held if one.id not in given_back)
    return Guarding(left, given_back_at, expected_va)


def _order(load: GuardedLoad) -> tuple[int, str]:
    """What is held back first, and given back last."""
    return load.priority, load.id


def _without(home_va: Phases, loads: Iterable[GuardedLoad]) -> Phases:
    """The home once these are off."""
    for load in loads:
        pairs = zip(home_va, load.draws_va, strict=True)
        home_va = tuple(va - draws for va, draws in pairs)
    return home_va


def _to_shed(
    expected_va: Phases,
    subscribed_va: float,
    loads: Sequence[GuardedLoad],
    held: frozenset[str],
) -> list[GuardedLoad]:
    """What else to hold back: of the cycles those that all others could not make up for."""
    running = sorted(
        (
            load
            for load in loads
            if load.is_running and not load.is_never_shed and load.id not in held
        ),
        key=_order,
    )
    phase_va = subscribed_va / len(expected_va)
    cycles = [load for load in running if load.is_cycle]
    others = [load for load in running if not load.is_cycle]
    cut = _enough(_without(expected_va, others), phase_va, cycles)
    return _enough(_without(expected_va, cut), SHED_ABOVE * phase_va, others) + cut


def _enough(
    home_va: Phases, limit_va: float, offered: Sequence[GuardedLoad]
) -> list[GuardedLoad]:
    """Those that must go so that no phase stays above its limit, if that can be.

    The most wanted is the first to stay where there is room without the others. So a small one
    does not go for nothing where a large one has to go anyway, and is enough.
    """
    going = list(offered)
    for load in reversed(offered):
        others = [other for other in going if other is not load]
        if not _relieves(load, _without(home_va, others), limit_va):
            going = others
    return going


def _relieves(load: GuardedLoad, home_va: Phases, limit_va: float) -> bool:
    """Whether it draws on a phase that is above its limit."""
    pairs = zip(home_va, load.draws_va, strict=True)
    return any(va > limit_va and draws > 0 for va, draws in pairs)


def _fits(load: GuardedLoad, expected_va: Phases | None, subscribed_va: float) -> bool:
    """Whether it may run again; where nothing is measured it is not held back for ever."""
    if expected_va is None:
        return True
    limit_va = GIVE_BACK_BELOW * subscribed_va / len(expected_va)
    pairs = zip(expected_va, load.draws_va, strict=True)
    return all(va + draws <= limit_va for va, draws in pairs if draws > 0)


def usual_refresh(intervals: Sequence[timedelta]) -> timedelta | None:
    """What most of the intervals between reports of a meter do not exceed; None: too few.

    Of its reports, not of its changes: what stays the same is refreshed all the same.
    """
    if len(intervals) < FEWEST_INTERVALS:
        return None
    return sorted(intervals)[math.ceil(USUAL_PART * len(intervals)) - 1]


def is_fast_enough(refresh: timedelta | None) -> bool:
    """Whether a meter that is usually refreshed within that time is one to guard by."""
    return refresh is not None and refresh <= FAST_ENOUGH + LATE


def planning_margin_w(
    subscribed_va: float, refresh: timedelta | None, *, is_guarded: bool
) -> float:
    """Power a plan leaves free, by how often the meter tells what it is; None: never."""
    if refresh is None:
        return subscribed_va * BLIND_MARGIN
    seen = refresh if is_guarded else max(refresh, UNGUARDED)
    parts = (part for within, part in MARGINS if seen <= within)
    return subscribed_va * next(parts, BLIND_MARGIN)
