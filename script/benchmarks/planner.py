"""How near the planner comes to the optimum, what it breaks, how long it takes, how steady it is.

Days as chance throws them and days that are hard by their kind, held against a mixed-integer
program of the same problem (HiGHS, by SciPy). Its optima are stored; `--solve` works out those
that are missing.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
import time
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.ladder import Ladder
from custom_components.autoconsommation_collective.engine.planner import (
    MOVE_EUR,
    Drawn,
    plan,
)

from . import print_table
from .planning.broken import broken, judged_eur
from .planning.days import Case, all_cases
from .planning.stored import Reference, solve_missing, stored

NOISE: Final = 0.05
"""Relative error of each amount of the share, when the plan is made again."""
BAR_MEDIAN_GAP: Final = 0.005
BAR_WORST_GAP: Final = 0.02
BAR_MEDIAN_MS: Final = 60.0
BAR_WORST_MS: Final = 250.0
"""Of cases of 48 hours in steps of a quarter of an hour."""
TIMED_KIND: Final = "24 h"
"""All other kinds are of 48 hours."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to."""

    kind: str
    name: str
    n_loads: int
    gap: float
    """To the optimum, or to its bound, relative to the bill of the whole home."""
    gap_of_loads: float
    """Relative to what the loads alone cost at the optimum."""
    n_broken: int
    ms: float
    work_ms: float
    """Of the fixed work, just then."""
    n_moved: int
    """Starts moved when the share ahead is told a little otherwise."""
    n_moved_for_nothing: int
    """Of them those whose moves gained less than they must."""
    is_same: bool
    """Whether the same input gives the same plan, in another order of the loads too."""
    solver_s: float
    is_proven: bool


def best_ms(run: Callable[[], object], n_runs: int = 3) -> float:
    """Milliseconds of the processor of the quickest run, whatever else it works on."""
    times = []
    for _ in range(n_runs):
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
    return 1000 * min(times)


def fixed_work() -> None:
    """What any machine can be told by: as many small steps of NumPy as a few placements."""
    values = np.zeros((6, 64))
    for _ in range(5000):
        np.minimum(values + 1.0, values[:, ::-1], out=values)


def outcome_of(case: Case, reference: Reference, n_runs: int = 3) -> Outcome:
    """Plan it, plan it again, and hold it against the optimum."""
    tasks, setting = case.tasks, case.setting
    found = plan(tasks, setting).drawn_wh
    excess_eur = judged_eur(tasks, setting, found) - reference.least_eur
    again = plan(tasks[::-1], setting).drawn_wh
    stays = plan(tasks, setting, found).drawn_wh
    noisy = replace(setting, ladder=_with_noise(case))
    replanned = plan(tasks, noisy, found).drawn_wh
    n_moved = sum(_moved_starts(found[name], replanned[name]) for name in found)
    gain = judged_eur(tasks, noisy, found) - judged_eur(tasks, noisy, replanned)
    return Outcome(
        kind=case.kind,
        name=case.name,
        n_loads=len(tasks),
        gap=excess_eur / (case.base_eur + reference.spent_eur),
        gap_of_loads=excess_eur / max(reference.spent_eur, 0.01),
        n_broken=len(broken(tasks, setting, found)),
        ms=best_ms(partial(plan, tasks, setting), n_runs),
        work_ms=best_ms(fixed_work, n_runs),
        n_moved=n_moved,
        n_moved_for_nothing=n_moved if gain < n_moved * MOVE_EUR - 1e-6 else 0,
        is_same=_is_same(found, again) and _is_same(found, stays),
        solver_s=reference.seconds,
        is_proven=reference.is_finished,
    )


def _with_noise(case: Case) -> Ladder:
    """The share ahead as it is told a little later."""
    ladder = case.setting.ladder
    rng = np.random.default_rng(list(case.name.encode()))
    factors = 1 + NOISE * rng.standard_normal(ladder.widths_wh.shape)
    return Ladder(ladder.widths_wh * factors.clip(0), ladder.eur_per_kwh)


def _moved_starts(before: Energies, after: Energies) -> int:
    """Announced starts that are no longer."""
    starts = [
        {
            step
            for step in range(len(wh))
            if wh[step] > 0 and not (step and wh[step - 1])
        }
        for wh in (before, after)
    ]
    return len(starts[0] - starts[1])


def _is_same(one: Drawn, other: Drawn) -> bool:
    """Whether two plans are the same."""
    return all(np.array_equal(one[name], other[name]) for name in one)


def outcomes(
    cases: Iterable[Case], known: dict[str, Reference], n_runs: int = 3
) -> list[Outcome]:
    """Of all cases whose optimum is known."""
    return [
        outcome_of(case, known[case.key], n_runs) for case in cases if case.key in known
    ]


def print_outcomes(found: Sequence[Outcome]) -> None:
    """A row for each kind of day."""
    rows = [
        (
            "days",
            "n",
            "proven",
            "loads",
            "gap: median",
            "worst",
            "of loads: median",
            "worst",
            "broken",
            "ms: median",
            "worst",
            "moved",
            "for nothing",
            "same",
            "solver s: median",
            "worst",
        )
    ]
    for kind in dict.fromkeys(outcome.kind for outcome in found):
        of_kind = [outcome for outcome in found if outcome.kind == kind]
        loads = sorted({outcome.n_loads for outcome in of_kind})
        rows.append(
            (
                kind,
                f"{len(of_kind)}",
                f"{sum(o.is_proven for o in of_kind)}",
                f"{loads[0]}" if len(loads) == 1 else f"{loads[0]} to {loads[-1]}",
                f"{np.median([o.gap for o in of_kind]):.2%}",
                f"{max(o.gap for o in of_kind):.2%}",
                f"{np.median([o.gap_of_loads for o in of_kind]):.2%}",
                f"{max(o.gap_of_loads for o in of_kind):.2%}",
                f"{sum(o.n_broken for o in of_kind)}",
                f"{np.median([o.ms for o in of_kind]):.0f}",
                f"{max(o.ms for o in of_kind):.0f}",
                f"{sum(o.n_moved for o in of_kind)}",
                f"{sum(o.n_moved_for_nothing for o in of_kind)}",
                f"{sum(o.is_same for o in of_kind)}",
                f"{np.median([o.solver_s for o in of_kind]):.0f}",
                f"{max(o.solver_s for o in of_kind):.0f}",
            )
        )
    print_table(rows)


def print_bars(found: Sequence[Outcome]) -> None:
    """What must hold, and what was measured."""
    gaps = [outcome.gap for outcome in found]
    ms = [outcome.ms for outcome in found if outcome.kind != TIMED_KIND]
    bars = (
        ("gap, median", float(np.median(gaps)), BAR_MEDIAN_GAP, "{:.2%}"),
        ("gap, worst", max(gaps), BAR_WORST_GAP, "{:.2%}"),
        ("rules broken", sum(o.n_broken for o in found), 0, "{:.0f}"),
        ("48 h, median ms", float(np.median(ms)), BAR_MEDIAN_MS, "{:.0f}"),
        ("48 h, worst ms", max(ms), BAR_WORST_MS, "{:.0f}"),
        ("not the same again", sum(not o.is_same for o in found), 0, "{:.0f}"),
        (
            "starts moved for nothing",
            sum(o.n_moved_for_nothing for o in found),
            0,
            "{:.0f}",
        ),
    )
    print_table(
        [
            ("bar", "measured", "at most", ""),
            *(
                (
                    name,
                    shown.format(measured),
                    shown.format(bar),
                    "" if measured <= bar else "missed",
                )
                for name, measured, bar, shown in bars
            ),
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench planner", description=__doc__)
    parser.add_argument(
        "--solve", action="store_true", help="work out optima that are missing first"
    )
    cases = all_cases()
    if parser.parse_args().solve:
        solve_missing(cases)
    known = stored()
    found = outcomes(cases, known)
    print("Gaps to the optimum, or to its bound, relative to the bill of the home")
    print_outcomes(found)
    missing = len(cases) - len(found)
    if missing:
        print(f"{missing} cases have no stored optimum: script/bench planner --solve")
    timed = [outcome for outcome in found if outcome.kind != TIMED_KIND]
    ratios = [outcome.ms / outcome.work_ms for outcome in timed]
    print(
        f"fixed work of NumPy: {np.median([o.work_ms for o in timed]):.1f} ms; a plan of"
        f" 48 h takes {np.median(ratios):.1f} times as long, at worst {max(ratios):.1f}"
    )
    print()
    print_bars(found)


if __name__ == "__main__":
    main()
