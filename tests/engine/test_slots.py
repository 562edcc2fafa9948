"""The home's own steps: appended, never remade, summed over any window."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import math
from zoneinfo import ZoneInfo

from hypothesis import example, given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Quantity,
    steps,
    sum_by_hour,
)
from custom_components.autoconsommation_collective.engine.slots import (
    appended,
    estimated_blocks,
    local_midnight,
    slot_month,
    sum_between,
)

START = datetime(2026, 11, 20, tzinfo=UTC)
STEP = timedelta(minutes=30)
HOUR = timedelta(hours=1)
C, E = Quantity.CONSUMPTION, Quantity.ESTIMATED_ALLOCATED
P = Quantity.PRODUCTION

STEPS = st.dictionaries(st.integers(0, 200), st.integers(0, 5000).map(float))
"""Energy by number of the step: with gaps, short and long."""
EDGES = st.integers(-10, 210)

type Log = tuple[Block, ...]


def at(number: float) -> datetime:
    """Start of the step of that number."""
    return START + number * STEP


def logged(energies: Mapping[int, float], blocks: Log = ()) -> Log:
    """Steps appended in order of time."""
    for number in sorted(energies):
        blocks = appended(blocks, at(number), STEP, {C: energies[number]})
    return blocks


def known(blocks: Log) -> dict[datetime, float]:
    """Every step that is no hole."""
    return {
        start: wh
        for block in blocks
        for start, wh in zip(steps(block), block.energies[C].tolist(), strict=True)
        if not math.isnan(wh)
    }


# Laws


@given(STEPS)
def test_every_step_is_there_and_nothing_else(energies: dict[int, float]) -> None:
    """Holes are holes, and the blocks lie in order without overlap."""
    blocks = logged(energies)
    assert known(blocks) == {at(n): wh for n, wh in energies.items()}
    for earlier, later in pairwise(blocks):
        assert earlier.end < later.start


@given(STEPS, st.dictionaries(st.integers(0, 200), st.just(9999.0)))
def test_a_step_stays_as_it_was_made(
    energies: dict[int, float], later: dict[int, float]
) -> None:
    """Whatever comes again changes no step that is known."""
    blocks = logged(energies)
    assert known(logged(later, blocks)).items() >= known(blocks).items()


@given(STEPS, EDGES, EDGES, EDGES)
def test_windows_add_up(energies: dict[int, float], a: int, b: int, c: int) -> None:
    """The sum over [a, c) is that of [a, b) and [b, c)."""
    first, middle, last = sorted((a, b, c))
    blocks = logged(energies)
    parts = [
        sum_between(blocks, C, at(first), at(middle)),
        sum_between(blocks, C, at(middle), at(last)),
    ]
    assert sum_between(blocks, C, at(first), at(last)) == (
        None if parts == [None, None] else sum(part or 0.0 for part in parts)
    )


@given(STEPS, EDGES, EDGES)
@example({5: 5000.0, 6: 1.0}, 2, 6)
def test_window_holds_the_steps_that_lie_in_it_as_a_whole(
    energies: dict[int, float], first: int, last: int
) -> None:
    """Not the one in which the window begins, nor the one in which it ends."""
    inside = [wh for n, wh in energies.items() if first + 0.5 <= n < last]
    summed = sum_between(logged(energies), C, at(first + 0.5), at(last + 0.5))
    assert summed == (sum(inside) if inside else None)


def estimated_hours(
    blocks: Log, since: datetime, settled: Iterable[Block]
) -> dict[datetime, tuple[float, ...]]:
    """Consumption and allocated of the whole hours that are estimated."""
    found = estimated_blocks(blocks, since, settled)
    return sum_by_hour(found, C, Quantity.ALLOCATED)


@given(STEPS, st.sets(st.integers(0, 100)))
def test_hours_are_estimated_or_settled_never_both(
    energies: dict[int, float], settled: set[int]
) -> None:
    """An hour a page settles is left alone; the others are whole, or not there."""
    blocks: Log = ()
    for n in sorted(energies):
        blocks = appended(blocks, at(n), STEP, {C: energies[n], E: energies[n] / 2})
    pages = [Block(START + n * HOUR, HOUR, {C: np.ones(1)}) for n in settled]
    hours = estimated_hours(blocks, START, pages)
    assert hours == {
        START + n * HOUR: (pair, pair / 2)
        for n in range(101)
        if n not in settled and {2 * n, 2 * n + 1} <= energies.keys()
        for pair in [energies[2 * n] + energies[2 * n + 1]]
    }


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Paris", "America/Los_Angeles", "Pacific/Apia", "UTC"]),
)
def test_midnight_begins_the_day_of_the_instant(instant: datetime, zone: str) -> None:
    """It is the same local day, its first instant, and at most 25 hours ago."""
    time_zone = ZoneInfo(zone)
    midnight = local_midnight(instant, time_zone)
    assert midnight.tzinfo is UTC
    local = midnight.astimezone(time_zone)
    assert local.date() == instant.astimezone(time_zone).date()
    assert local.time() == time.min
    assert timedelta(0) <= instant - midnight < timedelta(hours=25)


# Vectors


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 29), 23, id="spring: 23 hours"),
        pytest.param(date(2026, 10, 25), 25, id="autumn: 25 hours"),
    ],
)
def test_days_of_a_clock_change(day: date, hours: int) -> None:
    """The next midnight is that much later."""
    paris = ZoneInfo("Europe/Paris")
    noon = datetime.combine(day, time(12), paris)
    length = local_midnight(noon + timedelta(days=1), paris) - local_midnight(
        noon, paris
    )
    assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("gap", "n_blocks"),
    [
        pytest.param(timedelta(0), 1, id="next step"),
        pytest.param(timedelta(days=1), 1, id="a day of holes is filled"),
        pytest.param(timedelta(days=1) + STEP, 2, id="more is not stored"),
        pytest.param(timedelta(minutes=10), 2, id="off the grid"),
    ],
)
def test_gap(gap: timedelta, n_blocks: int) -> None:
    """Holes cost room: a long gap starts a new block."""
    blocks = logged({0: 1.0})
    assert len(appended(blocks, at(1) + gap, STEP, {C: 2.0})) == n_blocks


def test_what_changes_starts_a_new_block() -> None:
    """Another step, or other quantities."""
    blocks = logged({0: 1.0})
    quarter = timedelta(minutes=15)
    assert len(appended(blocks, at(1), quarter, {C: 2.0})) == 2
    assert len(appended(blocks, at(1), STEP, {C: 2.0, E: 1.0})) == 2


def test_nothing_known_has_no_sum() -> None:
    """None, and not zero: no block, no such quantity, or holes alone."""
    assert sum_between((), C, at(0), at(9)) is None
    assert sum_between(logged({0: 1.0}), E, at(0), at(9)) is None
    assert sum_between(logged({0: math.nan}), C, at(0), at(9)) is None


def test_consumption_without_an_estimate_counts_as_not_allocated() -> None:
    """The energy was drawn all the same."""
    blocks: Log = ()
    for n, estimate in enumerate([40.0, math.nan]):
        blocks = appended(blocks, at(n), STEP, {C: 100.0, E: estimate})
    assert estimated_hours(blocks, START, ()) == {START: (200.0, 40.0)}


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({Quantity.ESTIMATED_SHARED: 60.0}, id="estimated"),
        pytest.param({Quantity.ESTIMATED_SHARED: math.nan}, id="no estimate"),
        pytest.param({}, id="kept before there were estimates"),
    ],
)
def test_injection_is_shared_as_estimated_else_surplus(
    told: dict[Quantity, float],
) -> None:
    """Whatever is shared, the two add up to what was injected."""
    blocks: Log = ()
    for n in range(2):
        blocks = appended(blocks, at(n), STEP, {P: 100.0, **told})
    shared = np.nan_to_num(told.get(Quantity.ESTIMATED_SHARED, 0.0))
    found = sum_by_hour(estimated_blocks(blocks, START, ()), P, Quantity.SURPLUS)
    assert found == {START: (200.0, 200.0 - 2 * shared)}


def test_estimates_are_looked_at_again_since_a_while_only() -> None:
    """Earlier hours stay as they were written."""
    blocks: Log = ()
    for n in range(8):
        blocks = appended(blocks, at(n), STEP, {C: 1.0, E: 0.0})
    assert set(estimated_hours(blocks, at(3), ())) == {at(4), at(6)}
    assert estimated_hours(blocks, at(8), ()) == {}


def test_month_of_a_step_is_that_of_utc() -> None:
    """No clock change moves a step to another file."""
    assert slot_month(datetime(2026, 10, 31, 23, 30, tzinfo=UTC)) == "2026-10"
    assert slot_month(datetime(2026, 11, 1, tzinfo=UTC)) == "2026-11"
