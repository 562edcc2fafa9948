"""Hourly amounts and their running total: what to write so that both are right.

A statistic is a row for each hour: its amount, and the running total of all amounts up to it.
One law holds for every row: its total is the total of the row before plus its own amount. A
late or corrected amount therefore moves every later total; plan() finds the few rows to write
and how far to shift the others. Amounts are whole numbers of a small unit, as Wh are, so that
totals never drift.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import attrgetter

JOIN_WITHIN = 12
"""Rows from one change to the next that are written as one run. Home Assistant's recorder
shifts the sums of a quarter in the time it takes to write 5 rows, of a year 25 (measured)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One hour of a statistic."""

    hour: datetime
    """Start of the hour."""
    amount: int
    total: int
    """All amounts up to the end of the hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a statistic that a change can be planned from."""

    total_before: int
    """Total of the last row before the window; 0 where there is none."""
    rows: tuple[Row, ...]
    """In order of time, up to the first row after the last changed hour, where there is one."""


@dataclass(frozen=True, slots=True)
class Write:
    """Insert these rows, or replace those of the same hour."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Add to the totals of this row and of all later ones."""

    first_hour: datetime
    delta: int


type Edit = Write | Shift

type Wanted = Mapping[datetime, int | None]
"""Amounts by start of the hour. None: not known any more. No row is made for it; one that
stands, and can not be deleted, is brought to zero."""


def by_month(
    hours: Mapping[datetime, float | None],
) -> list[dict[datetime, int | None]]:
    """Whole amounts in order of time, one mapping for each calendar month.

    Raises ValueError for an amount that is not a number.
    """
    months = groupby(sorted(hours), key=attrgetter("year", "month"))
    return [{hour: _whole(hours[hour]) for hour in month} for _, month in months]


def _whole(amount: float | None) -> int | None:
    return None if amount is None else round(amount)


def plan(window: Window, wanted: Wanted) -> list[Edit]:
    """Operations, in their order, after which the wanted amounts stand and the law holds.

    Rows that are right already are not written. A row that breaks the law, because a shift
    was lost, is shifted back: with nothing wanted, the plan is the repair.
    """
    existing = {row.hour: row for row in window.rows}
    stored = {hour: row.amount for hour, row in existing.items()}
    told = {
        hour: amount or 0
        for hour, amount in wanted.items()
        if amount is not None or hour in stored
    }
    changed = {hour for hour, amount in told.items() if stored.get(hour) != amount}
    rows = _summed(window.total_before, {**stored, **told})
    written = _joined(rows, changed)
    edits: list[Edit] = []
    shifted = 0
    for is_written, run in groupby(rows, key=lambda row: row.hour in written):
        if is_written:
            edits.append(Write(tuple(run)))
            continue
        for row in run:
            delta = row.total - existing[row.hour].total - shifted
            if delta:
                edits.append(Shift(row.hour, delta))
                shifted += delta
    return edits


def _summed(total: int, amounts: Mapping[datetime, int]) -> list[Row]:
    """Rows in order of time, with the totals that follow from the amounts."""
    rows = []
    for hour in sorted(amounts):
        total += amounts[hour]
        rows.append(Row(hour, amounts[hour], total))
    return rows


def _joined(rows: Iterable[Row], changed: set[datetime]) -> set[datetime]:
    """The changed hours and those between two changes too close to be worth a shift."""
    hours = [row.hour for row in rows]
    places = [place for place, hour in enumerate(hours) if hour in changed]
    written = set(changed)
    for left, right in pairwise(places):
        if right - left <= JOIN_WITHIN:
            written.update(hours[left:right])
    return written
