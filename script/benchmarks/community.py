"""Homes that share the sun: each runs the engine on public aggregates alone, for a year.

Against nights, a common noon, the best hour for all, and the most that could be. Operation A
has much surplus, B little. `--weeks` takes four named weeks instead of the year.
"""

import argparse
from collections.abc import Sequence
import time

from . import print_table
from .sharing.adoption import adoption_table
from .sharing.bars import Bar, bars
from .sharing.case import Case, group
from .sharing.days import HISTORY_FROM, four_weeks, whole_year
from .sharing.plans import Claim
from .sharing.tables import (
    main_table,
    money_table,
    places_table,
    producers_table,
    world_table,
)

OPERATIONS = ("A", "B")
KEYS = (Claim.PRORATA, Claim.STATIC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", action="store_true", help="four weeks, not the year")
    start = time.perf_counter()
    in_weeks = parser.parse_args().weeks
    span_of = four_weeks if in_weeks else whole_year
    print(
        f"{'Four weeks' if in_weeks else 'A year'}; history from {HISTORY_FROM};"
        " € saved by home against heating by night"
    )
    spans = {operation: span_of(operation) for operation in OPERATIONS}
    cases = [Case(spans[name], claim) for name in OPERATIONS for claim in KEYS]
    for case in cases:
        everybody = group(case)
        if case.claim is KEYS[0]:
            _print(world_table(case))
        _print(main_table(everybody))
        _print(money_table(everybody))
        if case.producers.size:
            _print(producers_table(everybody))
        if not in_weeks:
            _print(adoption_table(case))
            _print(places_table(case))
    found = tuple(bars(cases[0]))
    _print(bar_rows(found))
    print(f"the bench took {time.perf_counter() - start:.0f} s")


def bar_rows(found: Sequence[Bar]) -> list[tuple[str, ...]]:
    """The bars as a table."""
    return [
        ("bar, A under pro rata", "measured", "required", ""),
        *(
            (bar.name, bar.measured, bar.required, "met" if bar.is_met else "MISSED")
            for bar in found
        ),
    ]


def _print(rows: Sequence[Sequence[str]]) -> None:
    print()
    print_table(rows)


if __name__ == "__main__":
    main()
