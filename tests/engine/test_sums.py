"""Totals of statistics: the law after any sequence of imports and stops, then drawn cases."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.sums import (
    JOIN_WITHIN,
    Edit,
    Row,
    Shift,
    Window,
    Write,
    by_month,
    plan,
)

START = datetime(2026, 3, 1, tzinfo=UTC)

type Database = dict[datetime, Row]


def hour(number: int) -> datetime:
    """The hour of that number."""
    return START + timedelta(hours=number)


def window(database: Database, first: datetime, last: datetime) -> Window:
    """What the shell reads: these hours, the sum before them and the row after them."""
    before = [row for at, row in sorted(database.items()) if at < first]
    rows = [row for at, row in sorted(database.items()) if first <= at <= last]
    after = [row for at, row in sorted(database.items()) if at > last]
    return Window(before[-1].total if before else 0, (*rows, *after[:1]))


def plan_for(database: Database, wanted: Mapping[datetime, int | None]) -> list[Edit]:
    """Plan an import on the model of a database."""
    return plan(window(database, min(wanted), max(wanted)), wanted)


def apply(database: Database, edits: list[Edit]) -> None:
    """What the recorder does: insert or replace rows, or shift sums from an hour on."""
    for edit in edits:
        match edit:
            case Write(rows):
                database |= {row.hour: row for row in rows}
            case Shift(first_hour, delta):
                database |= {
                    at: Row(at, row.amount, row.total + delta)
                    for at, row in database.items()
                    if at >= first_hour
                }


def lawful(energies: Mapping[datetime, int]) -> Database:
    """The rows these energies must give."""
    at = sorted(energies)
    sums = accumulate(energies[each] for each in at)
    return {
        each: Row(each, energies[each], total)
        for each, total in zip(at, sums, strict=True)
    }


imports = st.dictionaries(
    st.integers(0, 80).map(hour), st.integers(0, 3), min_size=1, max_size=40
)
"""Hours close enough to overlap, to join and to stay apart; energies that often agree."""

unsure = st.dictionaries(
    st.integers(0, 80).map(hour), st.none() | st.integers(0, 3), min_size=1, max_size=40
)
"""The same, with amounts that are not known any more."""


@given(st.lists(imports, min_size=1, max_size=4))
def test_any_sequence_of_imports_leaves_the_last_energies_and_lawful_sums(
    sequence: list[dict[datetime, int]],
) -> None:
    """Every hour keeps its last energy, sums follow from them and never fall."""
    database: Database = {}
    energies: dict[datetime, int] = {}
    for wanted in sequence:
        apply(database, plan_for(database, wanted))
        energies |= wanted
        assert database == lawful(energies)
        assert plan_for(database, wanted) == []
    sums = [database[at].total for at in sorted(database)]
    assert sums == sorted(sums)


@given(existing=imports, wanted=unsure)
def test_what_is_not_known_makes_no_row_and_counts_nothing(
    existing: dict[datetime, int], wanted: dict[datetime, int | None]
) -> None:
    """Where a row stood, zero; where none did, none."""
    database = lawful(existing)
    apply(database, plan_for(database, wanted))
    kept = existing | {at: wh for at, wh in wanted.items() if wh is not None}
    gone = {at: 0 for at, wh in wanted.items() if wh is None and at in existing}
    assert database == lawful(kept | gone)
    assert plan_for(database, wanted) == []


@given(existing=imports, wanted=imports, data=st.data())
def test_a_stop_after_any_edit_is_healed(
    existing: dict[datetime, int], wanted: dict[datetime, int], data: st.DataObject
) -> None:
    """A look at the hours to be shifted restores the law; the same import then ends right."""
    database = lawful(existing)
    edits = plan_for(database, wanted)
    journal = [edit.first_hour for edit in edits if isinstance(edit, Shift)]
    done = data.draw(st.integers(0, len(edits)), label="edits before the stop")
    apply(database, edits[:done])

    if journal:
        repairs = plan(window(database, journal[0], journal[-1]), {})
        assert len(repairs) <= 1
        assert all(isinstance(repair, Shift) for repair in repairs)
        apply(database, repairs)
    assert database == lawful({at: row.amount for at, row in database.items()})

    apply(database, plan_for(database, wanted))
    assert database == lawful(existing | wanted)


@given(existing=imports, wanted=imports)
def test_only_changed_rows_and_those_between_close_changes_are_written(
    existing: dict[datetime, int], wanted: dict[datetime, int]
) -> None:
    """A run begins and ends with a change, and has no long unchanged stretch."""
    changed = {at for at, amount in wanted.items() if existing.get(at) != amount}
    runs = [
        step.rows
        for step in plan_for(lawful(existing), wanted)
        if isinstance(step, Write)
    ]
    assert changed <= {row.hour for run in runs for row in run}
    for run in runs:
        assert {run[0].hour, run[-1].hour} <= changed
        gaps = "".join("x" if row.hour in changed else "." for row in run).split("x")
        assert max(map(len, gaps)) < JOIN_WITHIN


def drawn(edits: list[Edit]) -> str:
    """Operations in a line: hours written, and the hour and Wh of each shift."""

    def number(at: datetime) -> int:
        return (at - START) // timedelta(hours=1)

    return " ".join(
        f"write {number(step.rows[0].hour)}-{number(step.rows[-1].hour)}"
        if isinstance(step, Write)
        else f"shift {number(step.first_hour)}:{step.delta:+d}"
        for step in edits
    )


DAYS = dict.fromkeys(range(10, 58), 100)
"""Two days of 100 Wh an hour."""


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(DAYS, "", id="same again"),
        pytest.param({58: 5, 59: 6}, "write 58-59", id="appended"),
        pytest.param({300: 5}, "write 300-300", id="appended after ten days"),
        pytest.param({20: 130}, "write 20-20 shift 21:+30", id="one hour corrected"),
        pytest.param({57: 90}, "write 57-57", id="last hour corrected"),
        pytest.param({2: 7}, "write 2-2 shift 10:+7", id="late, before the first"),
        pytest.param({20: 90, 21: 110}, "write 20-21", id="moved within a run"),
        pytest.param({20: 90, 32: 110}, "write 20-32", id="twelve rows on: one run"),
        pytest.param(
            {20: 90, 33: 110},
            "write 20-20 shift 21:-10 write 33-33 shift 34:+10",
            id="thirteen rows on: two runs",
        ),
        pytest.param(
            {9: 1, 58: 2}, "write 9-9 shift 10:+1 write 58-58", id="around the rows"
        ),
    ],
)
def test_plan(wanted: dict[int, int], expected: str) -> None:
    """What two known days cost to change."""
    database = lawful({hour(number): wh for number, wh in DAYS.items()})
    assert (
        drawn(plan_for(database, {hour(number): wh for number, wh in wanted.items()}))
        == expected
    )


def test_rows_far_apart_in_time_but_neighbours_are_one_run() -> None:
    """Rows are counted, not the hours between them."""
    database = lawful({hour(0): 1, hour(500): 1, hour(900): 1})
    assert (
        drawn(plan_for(database, {hour(0): 2, hour(500): 2}))
        == "write 0-500 shift 900:+2"
    )


def test_months_are_whole_watt_hours_in_order_of_time() -> None:
    """Order and rounding do not depend on the order given."""
    march, april = (
        datetime(2026, 3, 31, 23, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert by_month({april: 2.6, march: 1.4, hour(0): 3}) == [
        {hour(0): 3, march: 1},
        {april: 3},
    ]
    assert by_month({}) == []


def test_the_same_month_of_two_years_is_two_months() -> None:
    """A month is told by its year too."""
    assert len(by_month({hour(0): 1, hour(0).replace(year=2027): 1})) == 2


def test_a_hole_is_refused() -> None:
    """A missing energy is no zero."""
    with pytest.raises(ValueError, match="NaN"):
        by_month({hour(0): float("nan")})
