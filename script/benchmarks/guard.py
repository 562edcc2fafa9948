"""Winter evenings second by second: a kitchen, a tank and a car under one breaker, with the guard.

The meter is said to trip by the square of the power behind a low-pass filter of two minutes;
how far above the subscribed power is not established, so the subscribed power itself is taken.
The guard sees the power that the meter told last, its commands need seconds, and some are lost.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.power_guard import (
    GuardedLoad,
    Guarding,
    guard,
)
from script.simulation.sun import Series

from . import print_table

EVENING_S: Final = 6 * 3600
START: Final = datetime(2026, 1, 12, 16, tzinfo=UTC)
FILTER_S: Final = 120
SUBSCRIBED_VA: Final = 9000.0
COMMAND_S: Final = 5
"""Until a radio relay has switched."""
LOST_PART: Final = 0.05
RETRY_S: Final = 60
"""The first wait of `engine/actuation.py`; those after it are longer."""
REFRESHES_S: Final = (10, 60, 900)
TANK, CAR = "tank", "car"
DRAWS_VA: Final = {TANK: 2200.0, CAR: 3700.0}
LOADS: Final = (
    GuardedLoad(
        id=TANK, draws_va=(DRAWS_VA[TANK],), is_running=True, is_wanted=True, priority=7
    ),
    GuardedLoad(
        id=CAR, draws_va=(DRAWS_VA[CAR],), is_running=True, is_wanted=True, priority=3
    ),
)


@dataclass(frozen=True, slots=True)
class Use:
    """Something that is used in an evening, and switches itself while it is on."""

    power_w: float
    lasts_s: tuple[int, int]
    """At least, at most."""
    times: tuple[int, int]
    on_s: int = 0
    """Of each period below it draws; 0: all the time."""
    period_s: int = 1


USES: Final = (
    Use(2000, (120, 240), (1, 4)),  # a kettle
    Use(3000, (900, 2400), (0, 2), on_s=20, period_s=35),  # a hob
    Use(2400, (1800, 4200), (0, 1), on_s=180, period_s=300),  # an oven
    Use(1500, (600, 7200), (0, 3), on_s=400, period_s=900),  # an electric heater
    Use(1800, (180, 900), (0, 2)),  # a hair dryer, an iron
)
ALWAYS_W: Final = 350.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an evening."""

    tripped: bool
    above_s: int
    """Above the subscribed power."""
    n_switched: int
    served: float
    """Part of the time that the loads could draw."""


def evening(dice: np.random.Generator) -> Series:
    """What a home draws beside its loads, in W, second by second."""
    drawn = np.full(EVENING_S, ALWAYS_W)
    seconds = np.arange(EVENING_S)
    for use in USES:
        for _ in range(dice.integers(use.times[0], use.times[1] + 1)):
            begin = int(dice.integers(0, EVENING_S))
            end = begin + int(dice.integers(*use.lasts_s))
            is_on = (seconds >= begin) & (seconds < end)
            if use.on_s:
                is_on &= (seconds - begin) % use.period_s < use.on_s
            drawn += use.power_w * is_on
    return drawn


def trips(drawn_va: Series) -> bool:
    """Whether the breaker opens: the filtered square is above that of the subscribed power."""
    square, limit = 0.0, SUBSCRIBED_VA**2
    for va in drawn_va.tolist():
        square += (va * va - square) / FILTER_S
        if square > limit:
            return True
    return False


def live(
    base_w: Series, loads: Iterable[GuardedLoad], refresh_s: int | None, seed: int
) -> Outcome:
    """An evening with these loads wanted all along; refresh None: nobody guards."""
    dice = np.random.default_rng(seed)
    known = {load.id: load for load in loads}
    is_on = dict.fromkeys(known, True)
    wanted = dict(is_on)
    due: dict[str, int] = {}
    """Second at which a command of a load takes effect, or is sent again."""
    state = Guarding()
    total = base_w.copy()
    n_switched = on_s = 0
    for second in range(EVENING_S):
        for name, at in list(due.items()):
            if at != second:
                continue
            if dice.random() < LOST_PART:
                due[name] = second + RETRY_S
                continue
            del due[name]
            n_switched += is_on[name] is not wanted[name]
            is_on[name] = wanted[name]
        drawn = sum(known[name].draws_va[0] for name, on in is_on.items() if on)
        total[second] += drawn
        on_s += sum(is_on.values())
        if refresh_s is None or second % refresh_s:
            continue
        now = START + timedelta(seconds=second)
        seen = [replace(load, is_running=is_on[load.id]) for load in known.values()]
        state = guard(state, now, (float(total[second]),), SUBSCRIBED_VA, seen)
        for name in known:
            wants = name not in state.ids
            if wants is not wanted[name]:
                wanted[name] = wants
                due[name] = second + COMMAND_S
    return Outcome(
        tripped=trips(total),
        above_s=int((total > SUBSCRIBED_VA).sum()),
        n_switched=n_switched,
        served=on_s / (EVENING_S * len(known)) if known else 1.0,
    )


def by_refresh(n_evenings: int) -> dict[str, list[Outcome]]:
    """The same evenings without loads, without a guard, and with meters of each refresh."""
    bases = [evening(np.random.default_rng(n)) for n in range(n_evenings)]
    cases: dict[str, tuple[tuple[GuardedLoad, ...], int | None]] = {
        "without the loads": ((), None),
        "nobody guards": (LOADS, None),
    } | {f"guarded, told every {every} s": (LOADS, every) for every in REFRESHES_S}
    return {
        name: [live(base, loads, every, n) for n, base in enumerate(bases)]
        for name, (loads, every) in cases.items()
    }


def print_outcomes(found: dict[str, list[Outcome]]) -> None:
    """A row for each."""
    rows = [("meter", "evenings that trip", "s above", "switched", "loads on")]
    for name, outcomes in found.items():
        n = len(outcomes)
        rows.append(
            (
                name,
                f"{sum(one.tripped for one in outcomes)} of {n}",
                f"{sum(one.above_s for one in outcomes) / n:.0f}",
                f"{sum(one.n_switched for one in outcomes) / n:.1f}",
                f"{sum(one.served for one in outcomes) / n:.0%}",
            )
        )
    print_table(rows)


def main() -> None:
    """Let evenings pass."""
    parser = argparse.ArgumentParser(prog="script/bench guard", description=__doc__)
    parser.add_argument("--evenings", type=int, default=200)
    n_evenings = parser.parse_args().evenings
    print(f"{SUBSCRIBED_VA / 1000:.0f} kVA, a tank of 2.2 kW and a car of 3.7 kW")
    print_outcomes(by_refresh(n_evenings))


if __name__ == "__main__":
    main()
