"""What is kept of a load: counted once, nothing made up, and the same after a restart."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import json
from typing import Any

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.load_state import (
    LONGEST_GAP,
    STANDBY_W,
    LoadState,
    deadlines,
    last_deadline,
    observed,
    restored_state,
    stored_state,
)
from custom_components.autoconsommation_collective.engine.loads import LoadSettings
from custom_components.autoconsommation_collective.engine.slots import midnight_of

from .load_cases import DAY, HEATER_W, HOUR, PARIS, heater, local, machine, pump

MINUTE = timedelta(minutes=1)
NAN = float("nan")
HEATER = heater()
START = local("2026-06-09 07:00")

INSTANTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)
)
READY_BY = st.lists(st.times(), max_size=4).map(tuple)
LOOKS = st.lists(
    st.tuples(
        st.floats(0.1, LONGEST_GAP.total_seconds()),
        st.sampled_from([0.0, STANDBY_W, 2000.0, NAN]),
    ),
    max_size=40,
)
"""Seconds since the one before, and power."""
STATES = st.builds(
    LoadState,
    seen_at=st.none() | INSTANTS,
    is_on=st.booleans(),
    since=st.none() | INSTANTS,
    starts=st.integers(0, 9),
    day=st.none() | st.dates(),
    drawn_wh=st.floats(0, 1e5),
    drawn_since=st.none() | INSTANTS,
    today_wh=st.floats(0, 1e5),
    finish_by=st.none() | INSTANTS,
    began=st.none() | INSTANTS,
    run_asked=st.booleans(),
    skipped_until=st.none() | INSTANTS,
    is_absent=st.booleans(),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["2026-06-09", "2026-06-09T05:00:00", "2026-06-09T05:00:00+00:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip


def look(
    state: LoadState,
    at: datetime,
    power_w: float,
    settings: LoadSettings = HEATER,
) -> LoadState:
    """The state after a look."""
    return observed(state, settings, at, power_w=power_w, time_zone=PARIS)


def watched(
    state: LoadState,
    at: datetime,
    until: datetime,
    power_w: float,
    settings: LoadSettings = HEATER,
    every: timedelta = MINUTE,
) -> LoadState:
    """The state after looks at a load that draws the same all the time."""
    while at < until:
        at = min(at + every, until)
        state = look(state, at, power_w, settings)
    return state


# Laws


@given(st.lists(st.floats(1, 300), min_size=1, max_size=200), INSTANTS)
def test_energy_is_the_same_however_irregular_the_looks(
    gaps_s: list[float], start: datetime
) -> None:
    """Power times the time since midnight, and since the need began, or the first look."""
    at, state = start, look(LoadState(), start, HEATER_W)
    for gap in gaps_s:
        at += timedelta(seconds=gap)
        state = look(state, at, HEATER_W)
    today = midnight_of(at.astimezone(PARIS).date(), PARIS)
    for energy, since in (
        (state.today_wh, today),
        (state.drawn_wh, last_deadline(HEATER, at, PARIS)),
    ):
        assert energy == pytest.approx(HEATER_W * ((at - max(since, start)) / HOUR))


@given(LOOKS)
def test_nothing_is_counted_that_was_not_seen(looks: list[tuple[float, float]]) -> None:
    """Not while the power is unknown, and not of what is merely plugged in."""
    at, state, wh = START, look(LoadState(), START, 0.0), 0.0
    for gap, power_w in looks:
        at += timedelta(seconds=gap)
        wh += 2000 * gap / 3600 * (power_w == 2000)
        state = look(state, at, power_w)
    assert state.today_wh == state.drawn_wh == pytest.approx(wh)


@given(st.floats(LONGEST_GAP.total_seconds() + 1, 1e6), st.sampled_from([0.0, 2000.0]))
def test_nothing_is_counted_over_a_long_gap(gap: float, before_w: float) -> None:
    """Whatever it draws before and after."""
    before = look(LoadState(), START, before_w)
    after = look(before, START + timedelta(seconds=gap), 2000.0)
    assert after.drawn_wh == after.today_wh == 0


@given(LOOKS)
def test_a_start_is_counted_once(looks: list[tuple[float, float]]) -> None:
    """As often as it is seen to turn on, and it is on since then."""
    at, state = START, look(LoadState(), START, 0.0)
    is_on, starts, since = False, 0, None
    for gap, power_w in looks:
        at += timedelta(seconds=gap)
        state = look(state, at, power_w)
        if not np.isnan(power_w) and (power_w > STANDBY_W) != is_on:
            is_on, since = not is_on, at
            starts += is_on
        assert (state.is_on, state.starts, state.since) == (is_on, starts, since)
        assert state.on_for(at) == (at - since if is_on and since else timedelta(0))
        if not is_on:
            assert state.off_for(at) == (at - since if since else timedelta.max)


@given(READY_BY, INSTANTS)
def test_the_need_in_progress_lies_between_two_deadlines(
    ready_by: tuple[time, ...], now: datetime
) -> None:
    """In order, also on days when the clock changes."""
    settings = pump(ready_by=ready_by)
    first = now.astimezone(PARIS).date() - DAY
    times = deadlines(settings, first, 4, PARIS)
    assert len(times) == 4 * max(1, len(ready_by))
    assert all(a <= b for a, b in pairwise(times))
    assert all(at.tzinfo is UTC for at in times)
    began = last_deadline(settings, now, PARIS)
    assert began == max(at for at in times if at <= now)
    assert began > now - timedelta(hours=26)


@given(STATES)
def test_a_stored_state_is_the_same_again(state: LoadState) -> None:
    """Through JSON."""
    assert restored_state(json.loads(json.dumps(stored_state(state)))) == state


@given(
    STATES, st.dictionaries(st.sampled_from([f.name for f in fields(LoadState)]), JSON)
)
def test_a_state_that_was_tampered_with_can_be_gone_on_with(
    state: LoadState, garbage: dict[str, Any]
) -> None:
    """Read, or fresh; never a state that the next look fails on."""
    found = restored_state({**stored_state(state), **garbage})
    after = look(found, START, 2000.0, machine(ready_by=(time(7),)))
    assert restored_state(stored_state(after)) == after


@given(JSON)
def test_any_garbage_is_a_fresh_state(garbage: object) -> None:
    """A list, a number, nothing at all."""
    assert restored_state(garbage) == LoadState()


@given(STATES, INSTANTS)
def test_a_second_look_at_the_same_instant_adds_nothing(
    state: LoadState, now: datetime
) -> None:
    """Looks come by the minute and by every change."""
    once = look(state, now, 2000.0)
    assert look(once, now, 2000.0) == once


# Storing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("since", "2026-06-09T05:00:00", id="without zone"),
        pytest.param("since", 5, id="a number for a time"),
        pytest.param("day", "9 June", id="no day"),
        pytest.param("starts", "3", id="a text for a number"),
        pytest.param("is_on", "on", id="a text for a flag"),
        pytest.param("drawn_wh", NAN, id="not a number"),
        pytest.param("today_wh", [1.0], id="a list"),
    ],
)
def test_what_can_not_be_read_is_no_state(name: str, value: object) -> None:
    """All of it begins anew: parts of a state contradict each other."""
    stored = {**stored_state(LoadState(is_on=True)), name: value}
    assert restored_state(stored) == LoadState()


def test_another_version() -> None:
    """What it kept beside is left out, what it did not keep is as at first."""
    stored = {"is_on": True, "drawn_wh": 5, "colour": "blue"}
    assert restored_state(stored) == LoadState(is_on=True, drawn_wh=5.0)


# Vectors


def test_a_need_begins_with_the_last_deadline() -> None:
    """Energy of the look that spans it is parted; the day goes on."""
    before = watched(
        LoadState(), local("2026-06-09 05:00"), local("2026-06-09 05:58"), 2000
    )
    after = look(before, local("2026-06-09 06:02"), 2000.0)
    assert before.drawn_since == local("2026-06-08 06:00")
    assert after.drawn_since == local("2026-06-09 06:00")
    assert after.drawn_wh == pytest.approx(2000 * 2 / 60)
    assert after.today_wh == pytest.approx(before.today_wh + 2000 * 4 / 60)


def test_a_day_begins_at_local_midnight() -> None:
    """Starts and energy of the day; what runs through it has not begun again."""
    state = replace(
        LoadState(), seen_at=local("2026-06-09 23:50"), day=date(2026, 6, 9)
    )
    evening = look(state, local("2026-06-09 23:54"), 2000.0)
    night = look(evening, local("2026-06-10 00:01"), NAN)
    assert evening.starts == 1
    assert evening.today_wh == pytest.approx(2000 * 4 / 60)
    assert (night.starts, night.today_wh, night.is_on) == (0, 0, True)
    assert night.drawn_wh == evening.drawn_wh
    assert night.on_for(local("2026-06-10 00:04")) == 10 * MINUTE


@pytest.mark.parametrize(
    ("day", "times"),
    [
        pytest.param(date(2026, 3, 29), ["23:30", "01:00", "01:30"], id="23 hours"),
        pytest.param(date(2026, 6, 9), ["22:30", "00:30", "01:00"], id="24 hours"),
        pytest.param(date(2026, 10, 25), ["22:30", "00:30", "02:00"], id="25 hours"),
    ],
)
def test_deadlines_when_the_clock_changes(day: date, times: list[str]) -> None:
    """UTC. Of a time that comes twice the first; one that is skipped counts from midnight."""
    settings = pump(ready_by=(time(3), time(0, 30), time(2, 30)))
    found = deadlines(settings, day, 1, PARIS)
    assert [f"{at:%H:%M}" for at in found] == times


def test_without_deadline_each_midnight() -> None:
    """Of the house."""
    found = deadlines(pump(), date(2026, 10, 25), 2, PARIS)
    assert found == (local("2026-10-25 00:00"), local("2026-10-26 00:00"))
    assert found[1] - found[0] == 25 * HOUR


def test_a_run_that_was_asked_for_ends_with_its_need() -> None:
    """And not before."""
    asked = look(replace(LoadState(), run_asked=True), local("2026-06-09 05:00"), 0.0)
    assert asked.run_asked
    assert look(asked, local("2026-06-09 05:59"), 2000.0).run_asked
    assert not look(asked, local("2026-06-09 06:00"), 2000.0).run_asked


def test_a_skip_ends_by_itself() -> None:
    """With the absence."""
    until = local("2026-06-12 18:00")
    away = replace(LoadState(), skipped_until=until, is_absent=True)
    before, after = (look(away, until - MINUTE, 0.0), look(away, until, 0.0))
    assert (before.skipped_until, before.is_absent) == (until, True)
    assert (after.skipped_until, after.is_absent) == (None, False)


def test_what_is_plugged_in_does_not_run() -> None:
    """A display draws a little."""
    state = look(LoadState(), START, 0.0)
    waiting = watched(state, START, START + HOUR, STANDBY_W)
    assert not waiting.is_on
    assert (waiting.starts, waiting.drawn_wh, waiting.since) == (0, 0, None)


def test_a_power_below_zero_is_none() -> None:
    """A sensor that counts backwards takes nothing from what was drawn."""
    heated = watched(LoadState(), START, START + HOUR, 2000)
    after = watched(heated, START + HOUR, START + 2 * HOUR, -500)
    assert after.drawn_wh == heated.drawn_wh
    assert not after.is_on


def test_powers_as_arrays_give_them() -> None:
    """A number of numpy is no other power."""
    state = look(LoadState(), START, float(np.float64(0)))
    for minute in range(1, 4):
        state = look(state, START + minute * MINUTE, np.float64(2000))
    assert state.starts == 1
    assert restored_state(stored_state(state)) == state


def test_a_restart_keeps_what_runs() -> None:
    """Since when it runs, and what was drawn before the gap."""
    before = watched(LoadState(), START, START + HOUR, 2000)
    stored = json.loads(json.dumps(stored_state(before)))
    after = look(restored_state(stored), START + 2 * HOUR, 2000.0)
    assert after.on_for(START + 2 * HOUR) == 2 * HOUR - MINUTE
    assert after.drawn_wh == before.drawn_wh
    assert after.starts == 1


def test_a_clock_that_is_put_back_counts_nothing() -> None:
    """Nor does it lose what was counted."""
    before = watched(LoadState(), START, START + HOUR, 2000)
    after = look(before, START + 30 * MINUTE, 2000.0)
    assert after.drawn_wh == before.drawn_wh


# Machines


def test_an_armed_machine_begins_once_it_draws_and_is_done_after_its_time() -> None:
    """Then it waits to be loaded again."""
    settings = machine()
    armed = replace(LoadState(), finish_by=START + 8 * HOUR, run_asked=True)
    waiting = watched(armed, START, START + HOUR, 2.0, settings)
    assert (waiting.began, waiting.run_asked) == (None, True)
    at = START + HOUR + MINUTE
    running = look(waiting, at, 600.0, settings)
    assert (running.began, running.run_asked) == (at, False)
    soaking = watched(running, at, at + 119 * MINUTE, 0.0, settings)
    assert soaking.began == at
    done = look(soaking, at + 2 * HOUR, 600.0, settings)
    assert (done.began, done.finish_by) == (None, None)


def test_a_machine_that_is_not_armed_begins_nothing() -> None:
    """Somebody started it by hand."""
    assert look(LoadState(), START, 600.0, machine()).began is None
    armed = replace(LoadState(), finish_by=START + HOUR)
    assert look(armed, START, 600.0, pump()).began is None


def test_a_machine_of_unknown_length_is_done_some_time() -> None:
    """After the usual one: it would be planned for ever."""
    settings = machine(runs_for=None)
    state = replace(LoadState(), finish_by=START + 8 * HOUR)
    state = watched(state, START, START + HOUR + 2 * MINUTE, 600.0, settings)
    assert (state.began, state.finish_by) == (None, None)


def test_a_machine_asked_for_at_midnight_still_begins() -> None:
    """Its need is the programme, whatever the day."""
    late = local("2026-06-09 23:55")
    asked = replace(LoadState(), finish_by=late + 8 * HOUR, run_asked=True)
    state = watched(asked, late, late + 10 * MINUTE, 0.0, machine())
    assert state.drawn_since == local("2026-06-10 00:00")
    assert state.run_asked


def test_a_programme_that_ended_while_nobody_looked() -> None:
    """A restart in its last minutes."""
    state = replace(LoadState(), finish_by=START + 3 * HOUR, began=START, is_on=True)
    after = look(state, START + 3 * HOUR, 0.0, machine())
    assert (after.began, after.finish_by, after.is_on) == (None, None, False)


@pytest.mark.parametrize(
    ("is_measured", "hours", "is_running"),
    [
        pytest.param(True, 3.0, True, id="measured: it draws still, and is not cut"),
        pytest.param(True, 4.1, False, id="measured: twice as long is something else"),
        pytest.param(False, 2.1, False, id="not measured: over when it should be"),
    ],
)
def test_a_programme_longer_than_told(
    *, is_measured: bool, hours: float, is_running: bool
) -> None:
    """A machine that draws beyond its two hours."""
    state = replace(LoadState(), finish_by=START + 8 * HOUR, began=START, is_on=True)
    after = observed(
        state,
        machine(),
        START + hours * HOUR,
        power_w=600.0,
        time_zone=PARIS,
        is_measured=is_measured,
    )
    assert (after.began == START) is is_running
