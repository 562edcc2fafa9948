"""A year of a home in accelerated time: a tank and a car, switched by the engine and by rivals.

The real engine, from outlook to actuation, replanned at each settlement step, with day-ahead
forecasts that err, and with faults: devices that do not answer, lost commands, restarts, a hand
on the switch, a week without any forecast.
"""

import argparse
from datetime import timedelta
import time
from typing import Final

import numpy as np

from script.simulation.curves import STEP_HOURS

from . import print_table
from .driven.drive import ByRelay, Driven, Faults, drive
from .driven.engine import MOST_STARTS, ByEngine
from .driven.home import MIDDAY, NIGHT, PRICES, Home, live_in
from .driven.rivals import RIVALS
from .driven.tank import FULL_WH

LOST_PART: Final = 0.05
BLIND_WEEK: Final = 200
"""First of the days without a forecast, in July."""


def all_faults(n_days: int, steps_per_day: int = round(24 / STEP_HOURS)) -> Faults:
    """Faults all over those days, always the same."""
    dice = np.random.default_rng(11)
    n_steps = n_days * steps_per_day
    outages = dice.integers(0, n_steps, max(1, n_days // 10))
    hands = dice.integers(0, n_steps, max(1, n_days // 15))
    return Faults(
        gone=frozenset(int(first) + k for first in outages for k in range(5)),
        lost_part=LOST_PART,
        restarts=frozenset(dice.integers(0, n_steps, max(1, n_days // 7)).tolist()),
        hands={int(n): float(dice.integers(0, 2)) for n in hands},
        blind_days=frozenset(range(BLIND_WEEK, BLIND_WEEK + 7)),
    )


def by_name(home: Home, n_days: int, faults: Faults) -> dict[str, Driven]:
    """What came of it, by who switched."""
    found = {
        name: drive(home, ByRelay(home, relay), n_days)
        for name, relay in RIVALS.items()
    }
    return found | {
        "engine": drive(home, ByEngine(home, Faults()), n_days),
        "engine, with faults": drive(home, ByEngine(home, faults), n_days, faults),
    }


def paid_eur(home: Home, one: Driven) -> float:
    """The bill, and hot water that was missed at the dearest price: it is heated elsewhere."""
    missed_wh = one.tank.missed_wh + max(0.0, FULL_WH - one.tank.held_wh)
    return home.bill_eur(one.loads_wh) + missed_wh / 1000 * max(PRICES.values())


def print_driven(home: Home, found: dict[str, Driven]) -> None:
    """A row for each; savings against the contactor, as today.

    Mute: days on which the car left uncharged while its device did not answer.
    """
    today = paid_eur(home, found["off-peak contactor, as today"])
    heading = ("who switches", "cold days", "late (mute)", "over kVA", "starts a day")
    rows = [(*heading, "most", "covered", "€ saved")]
    for name, one in found.items():
        n_days = len(one.loads_wh) * STEP_HOURS / 24
        rows.append(
            (
                name,
                str(len(one.cold_days)),
                f"{len(one.late_days)} ({len(one.mute_days)})",
                str(one.trips),
                f"{sum(one.starts.values()) / n_days:.1f}",
                str(max(one.starts.values(), default=0)),
                f"{home.covered_part(one.loads_wh):.0%}",
                f"{today - paid_eur(home, one):+.1f}",
            )
        )
    print_table(rows)


def print_bars(found: dict[str, Driven]) -> None:
    """What must hold, with faults and without."""
    rows = [("bar", "measured", "bar")]
    usual = found["off-peak contactor, as today"]
    for name in ("engine", "engine, with faults"):
        one = found[name]
        cold = len(one.cold_days - usual.cold_days)
        rows += [
            (f"{name}: cold days the contactor did not have", str(cold), "0"),
            (
                f"{name}: deadlines missed while it answered",
                str(len(one.late_days)),
                "0",
            ),
            (f"{name}: looks above the subscribed power", str(one.trips), "0"),
            (
                f"{name}: most starts in a day",
                str(max(one.starts.values(), default=0)),
                f"at most {MOST_STARTS}",
            ),
        ]
    print_table(rows)


def main() -> None:
    """Drive the year, with off-peak hours at night and at midday."""
    parser = argparse.ArgumentParser(prog="script/bench control", description=__doc__)
    parser.add_argument("--days", type=int, default=364)
    n_days = parser.parse_args().days
    begin = time.monotonic()
    for hours in (NIGHT, MIDDAY):
        home = live_in(hours)
        faults = all_faults(n_days)
        found = by_name(home, n_days, faults)
        print(f"Off-peak hours {hours}, {n_days} days")
        print_driven(home, found)
        print()
        print_bars(found)
        print()
    print(timedelta(seconds=round(time.monotonic() - begin)))


if __name__ == "__main__":
    main()
