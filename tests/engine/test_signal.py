"""A good time to consume: surely enough, cheaper than waiting, and it does not flicker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.coverage import MIN_CASES
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.signal import (
    MARGIN_EUR,
    SHORTEST_OFF,
    SHORTEST_ON,
    SMALLEST_CLAIM_W,
    STILL_GOOD_PROBABILITY,
    Judged,
    Level,
    Reason,
    Signal,
    Window,
    good_windows,
    level_at,
    levels,
    restored_signal,
    signal_now,
    stored_signal,
)

START = datetime(2026, 6, 8, 22, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEP = 30 * MINUTE
BASE, PEAK, OFF_PEAK, ALLOCATED = 0.2, 0.21, 0.16, 0.1
NAN = float("nan")

CLAIMS = st.sampled_from([0.0, 99.0, 100.0, 500.0, 2200.0])
CHANCES = st.floats(0, 1) | st.sampled_from([0.69, 0.71, 0.79, 0.8, 0.96, NAN])
CASES = st.sampled_from([0.0, 29.0, 30.0, 200.0])
PRICES = st.sampled_from([OFF_PEAK, PEAK, BASE, NAN])
PRODUCTIONS = st.sampled_from([0.0, 10.0, 5000.0, NAN])


def judged(
    n_steps: int = 1,
    claim_w: float = 1000,
    probability: float = 0.9,
    n_cases: float = 50,
    supplier: float = BASE,
    allocated: float = ALLOCATED,
    default: float | None = None,
    production_wh: float = 5000,
) -> Judged:
    """The same at each step; the default is the step's own price where none is given."""
    expected = probability * allocated + (1 - probability) * supplier
    if np.isnan(probability):
        expected = supplier
    values = {
        "claim_w": claim_w,
        "probability": probability,
        "n_cases": n_cases,
        "supplier": supplier,
        "expected": expected,
        "default": supplier if default is None else default,
        "production_wh": production_wh,
    }
    return Judged(**{name: np.full(n_steps, value) for name, value in values.items()})


def in_a_row(parts: list[Judged]) -> Judged:
    """One after the other."""
    return Judged(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Judged.__slots__
            if name not in ("has_contract", "in_turn")
        }
    )


JUDGED = st.builds(
    judged, st.just(1), CLAIMS, CHANCES, CASES, PRICES, st.floats(0, 0.3),
    st.sampled_from([OFF_PEAK, BASE, NAN]), PRODUCTIONS,
)  # fmt: skip
DAYS = st.lists(JUDGED, min_size=1, max_size=48).map(in_a_row)
BEFORE = st.sampled_from(Level)


# Laws of a step


@given(JUDGED, BEFORE)
def test_good_means_sure_and_cheaper_and_worth_it(one: Judged, before: Level) -> None:
    """Never on too few cases, nor where waiting costs about the same, nor for nothing."""
    level, reason = level_at(one, 0, before)
    assert level.is_good is (reason is Reason.COVERED)
    if level.is_good:
        assert one.n_cases[0] >= MIN_CASES
        assert one.probability[0] >= (STILL_GOOD_PROBABILITY if before.is_good else 0.8)
        assert one.expected[0] <= one.default[0] - MARGIN_EUR
        assert one.claim_w[0] >= SMALLEST_CLAIM_W
        assert one.production_wh[0] != 0


@given(JUDGED, BEFORE)
def test_avoid_means_dearer_than_waiting(one: Judged, before: Level) -> None:
    """And known to be."""
    level, reason = level_at(one, 0, before)
    assert (level is Level.AVOID) is (reason is Reason.DEARER)
    if level is Level.AVOID:
        assert one.expected[0] >= one.default[0] + MARGIN_EUR
        assert one.n_cases[0] >= MIN_CASES or one.production_wh[0] == 0


@given(JUDGED)
def test_what_was_good_stays_so_more_easily(one: Judged) -> None:
    """Never the other way round."""
    if level_at(one, 0)[0].is_good:
        assert level_at(one, 0, Level.GOOD) == level_at(one, 0)


@given(JUDGED, st.floats(0, 0.2))
def test_a_better_alternative_makes_nothing_good(one: Judged, cheaper: float) -> None:
    """Where waiting costs less, there is no less reason to wait."""
    waits = replace(one, default=one.default - cheaper)
    if level_at(waits, 0)[0].is_good:
        assert level_at(one, 0)[0].is_good


# Vectors of a step


@pytest.mark.parametrize(
    ("one", "level", "reason"),
    [
        pytest.param(judged(), Level.GOOD, Reason.COVERED, id="Base: the alternative is the base price"),
        pytest.param(judged(probability=0.8), Level.GOOD, Reason.COVERED, id="four times in five"),
        pytest.param(judged(probability=0.79), Level.NEUTRAL, Reason.NOT_ENOUGH, id="not surely enough"),
        pytest.param(judged(probability=1), Level.EXCELLENT, Reason.COVERED, id="sure, and half the price"),
        pytest.param(judged(probability=1, allocated=0.15), Level.GOOD, Reason.COVERED, id="sure, a quarter off"),
        pytest.param(judged(probability=1, allocated=0.197), Level.NEUTRAL, Reason.NOT_CHEAPER, id="Base: saves a third of a cent"),
        pytest.param(judged(supplier=PEAK, default=OFF_PEAK), Level.GOOD, Reason.COVERED, id="peak, covered below the night's price"),
        pytest.param(judged(supplier=PEAK, default=OFF_PEAK, probability=0.3), Level.AVOID, Reason.DEARER, id="peak, hardly covered"),
        pytest.param(judged(supplier=OFF_PEAK, allocated=0.2), Level.AVOID, Reason.DEARER, id="midday off-peak, a covered kWh is dearer"),
        pytest.param(judged(supplier=OFF_PEAK, allocated=0.158), Level.NEUTRAL, Reason.NOT_CHEAPER, id="midday off-peak, covered about the same"),
        pytest.param(judged(supplier=OFF_PEAK, allocated=0.06), Level.GOOD, Reason.COVERED, id="midday off-peak, covered cheaper"),
        pytest.param(judged(claim_w=99), Level.NEUTRAL, Reason.NOT_ENOUGH, id="covered, all of it the neighbours'"),
        pytest.param(judged(n_cases=29.9), Level.NEUTRAL, Reason.NOT_SURE_YET, id="too few cases"),
        pytest.param(judged(n_cases=5, probability=0.2, supplier=PEAK, default=OFF_PEAK), Level.NEUTRAL, Reason.NOT_SURE_YET, id="too few cases to advise against"),
        pytest.param(judged(probability=0, claim_w=0, production_wh=0), Level.NEUTRAL, Reason.NO_PRODUCTION, id="dark"),
        pytest.param(judged(probability=0, claim_w=0, production_wh=0, supplier=PEAK, default=OFF_PEAK), Level.AVOID, Reason.DEARER, id="dark, peak"),
        pytest.param(judged(probability=0, claim_w=0, production_wh=0, n_cases=0, supplier=PEAK, default=OFF_PEAK), Level.AVOID, Reason.DEARER, id="dark, peak, nothing settled"),
        pytest.param(judged(probability=NAN, n_cases=0, production_wh=NAN), Level.NEUTRAL, Reason.NOT_SURE_YET, id="no forecast"),
        pytest.param(replace(judged(supplier=NAN, default=NAN), has_contract=False), Level.NEUTRAL, Reason.NO_CONTRACT, id="no contract"),
        pytest.param(judged(supplier=NAN, default=NAN), Level.NEUTRAL, Reason.NO_PRICE, id="today's colour not told"),
        pytest.param(judged(default=NAN), Level.NEUTRAL, Reason.NO_PRICE, id="tomorrow's colour not told"),
    ],
)  # fmt: skip
def test_answer(one: Judged, level: Level, reason: Reason) -> None:
    """One line for each answer."""
    assert level_at(one, 0) == (level, reason)


# Laws of windows


@given(DAYS)
@settings(max_examples=60)
def test_windows_are_the_good_steps(day: Judged) -> None:
    """In order, apart from each other, whole steps, and no good step is left out."""
    grid = Grid(START, STEP, len(day.claim_w))
    found = levels(day)
    windows = good_windows(grid, day, found)
    covered = [n for n, s in enumerate(grid.starts) if any(w.start <= s < w.end for w in windows)]  # fmt: skip
    assert covered == [n for n, level in enumerate(found) if level.is_good]
    for one, next_one in pairwise(windows):
        assert one.end < next_one.start
    for window in windows:
        first, after = ((t - START) // STEP for t in (window.start, window.end))
        part = slice(first, after)
        assert window.energy_wh == pytest.approx(day.claim_w[part].sum() / 2)
        for told, steps in (
            (window.probability, day.probability[part]),
            (window.eur_per_kwh, day.expected[part]),
        ):
            assert steps.min() - 1e-9 <= told <= steps.max() + 1e-9


def test_a_passing_cloud_does_not_end_a_window() -> None:
    """A little less sure in between; much less ends it."""
    chances = [0.6, 0.85, 0.72, 0.85, 0.5, 0.75]
    day = in_a_row([judged(probability=chance) for chance in chances])
    assert [level.is_good for level in levels(day)] == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    (window,) = good_windows(Grid(START, STEP, 6), day, levels(day))
    assert (window.start, window.end) == (START + STEP, START + 4 * STEP)


# Laws of the signal over time


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_neither_on_nor_off_is_shorter_than_said(seed: int) -> None:
    """Whatever forecasts come, each minutes after the other, as long as all is known."""
    rng = np.random.default_rng(seed)
    grid = Grid(START, STEP, 12)
    signal: Signal | None = None
    turns: list[tuple[datetime, bool]] = []
    now = START
    while now < grid.end:
        day = in_a_row(
            [
                judged(1, claim_w, chance, cases, supplier=PEAK, default=0.17)
                for claim_w, chance, cases in zip(
                    rng.choice([0.0, 2000.0], 12, p=[0.2, 0.8]).tolist(),
                    rng.choice([0.3, 0.75, 0.9, 1.0], 12).tolist(),
                    rng.choice([10.0, 100.0], 12, p=[0.2, 0.8]).tolist(),
                    strict=True,
                )
            ]
        )
        windows = good_windows(grid, day, levels(day))
        signal = signal_now(grid, day, windows, now, signal)
        assert signal.since <= now
        if not turns or turns[-1][1] is not signal.level.is_good:
            turns.append((now, signal.level.is_good))
        now += int(rng.integers(1, 12)) * MINUTE
    for (since, was_good), (until, _) in pairwise(turns):
        assert until - since >= (SHORTEST_ON if was_good else SHORTEST_OFF)


@given(DAYS, st.sampled_from([15, 30]))
@settings(max_examples=60)
def test_with_one_forecast_signal_and_windows_agree(day: Judged, minutes: int) -> None:
    """It is on in a window that lasts, after the shortest time off, and nowhere else."""
    grid = Grid(START, minutes * MINUTE, len(day.claim_w))
    windows = good_windows(grid, day, levels(day))
    signal: Signal | None = None
    for n in range(grid.n_steps * minutes // 5):
        now = START + 5 * n * MINUTE
        before, signal = signal, signal_now(grid, day, windows, now, signal)
        window = next((w for w in windows if w.start <= now < w.end), None)
        if signal.level.is_good:
            assert window is not None
            assert signal.window == window
        elif window and window.end - now >= SHORTEST_ON:
            assert before is not None
            assert now - before.since < SHORTEST_OFF


# Vectors of the signal

SUN = in_a_row([judged(probability=p) for p in (0.1, 0.1, 0.9, 0.9, 0.1)])
GRID = Grid(START, STEP, 5)
WINDOWS = good_windows(GRID, SUN, levels(SUN))


def at(minute: int, before: Signal | None = None, day: Judged = SUN) -> Signal:
    """The signal that many minutes after START."""
    windows = good_windows(GRID, day, levels(day))
    return signal_now(GRID, day, windows, START + minute * MINUTE, before)


def was(level: Level, minute: int, window: Window | None = None) -> Signal:
    """A signal that began that many minutes after START."""
    reason = Reason.COVERED if level.is_good else Reason.NOT_ENOUGH
    return Signal(level, reason, START + minute * MINUTE, window)


def test_before_a_window_it_is_told() -> None:
    """Not now, but later."""
    signal = at(10)
    assert (signal.level, signal.reason) == (Level.NEUTRAL, Reason.LATER)
    assert signal.window == WINDOWS[0]
    assert signal.window.start == START + 2 * STEP
    assert signal.probability == pytest.approx(0.1)


def test_in_a_window_and_after_it() -> None:
    """On for all of it, since its beginning; then no more is to come."""
    first = at(60, was(Level.NEUTRAL, 0))
    assert (first.level, first.since) == (Level.GOOD, START + 60 * MINUTE)
    assert at(100, first) == replace(first, probability=0.9)
    last = at(120, first)
    assert (last.level, last.reason) == (Level.NEUTRAL, Reason.NOT_ENOUGH)
    assert last.window is None


def test_good_does_not_begin_where_it_soon_ends() -> None:
    """A programme started ten minutes before the end would run in the dear hours."""
    assert at(89).level is Level.GOOD
    assert at(110).level is Level.NEUTRAL
    assert at(110, was(Level.GOOD, 80)).level is Level.GOOD


def test_a_held_level_has_a_window_of_its_own() -> None:
    """A cloud that no new window would hold, but the one in progress does."""
    cloudy = in_a_row([judged(probability=p) for p in (0.1, 0.1, 0.75, 0.75, 0.1)])
    assert at(70, None, cloudy).level is Level.NEUTRAL
    held = at(70, was(Level.GOOD, 30), cloudy)
    assert held.level is Level.GOOD
    assert held.window is not None
    assert (held.window.start, held.window.end) == (
        START + 60 * MINUTE,
        START + 120 * MINUTE,
    )


def test_a_start_in_a_window_is_as_if_it_had_been_seen_to_begin() -> None:
    """What the calendar shows is on, also where it lasts by the step before alone."""
    day = in_a_row([judged(probability=p) for p in (0.1, 0.9, 0.75, 0.75, 0.1)])
    signal = at(70, None, day)
    assert signal.level is Level.GOOD
    assert signal.window is not None
    assert signal.window.start == START + STEP


def test_yesterdays_good_is_no_reason_today() -> None:
    """A level kept over a night without power does not hold."""
    cloudy = in_a_row([judged(probability=p) for p in (0.1, 0.1, 0.75, 0.75, 0.1)])
    signal = at(70, was(Level.GOOD, -24 * 60), cloudy)
    assert signal.level is Level.NEUTRAL
    assert at(70, was(Level.GOOD, -24 * 60)).since == START + 70 * MINUTE


def test_a_sudden_cloud_waits_for_the_shortest_time() -> None:
    """Held with what it was, without a window that is over."""
    dull = judged(5, probability=0.1)
    before = was(Level.GOOD, 60, WINDOWS[0])
    held = at(75, before, dull)
    assert held == replace(before, probability=0.1)
    over = replace(WINDOWS[0], end=START + 70 * MINUTE)
    assert at(75, replace(before, window=over), dull).window is None
    assert at(90, before, dull).level is Level.NEUTRAL


def test_few_cases_do_not_make_it_flicker() -> None:
    """The number of alike cases goes up and down with the forecast, too."""
    few = judged(5, n_cases=29)
    assert at(75, was(Level.GOOD, 60), few).level is Level.GOOD
    assert at(95, was(Level.GOOD, 60), few).reason is Reason.NOT_SURE_YET


def test_nothing_known_ends_it_at_once() -> None:
    """Nobody is told to go on by what is not there any more."""
    for unknown in (
        judged(5, supplier=NAN, default=NAN),
        judged(5, probability=NAN, n_cases=0, production_wh=NAN),
    ):
        signal = at(61, was(Level.GOOD, 60), unknown)
        assert signal.level is Level.NEUTRAL
        assert signal.since == START + 61 * MINUTE


def test_an_instant_outside_the_grid_is_refused() -> None:
    """Nothing is said of it."""
    with pytest.raises(ValueError, match="outside the grid"):
        at(5 * 30)


def test_a_stored_signal_keeps_its_age() -> None:
    """Level, reason and since when."""
    before = was(Level.EXCELLENT, 3)
    assert restored_signal(stored_signal(before)) == before
    stored = stored_signal(before)
    assert restored_signal(None) is None
    assert restored_signal({**stored, "level": "superb"}) is None
    assert restored_signal({"level": "good"}) is None


def test_before_its_turn_a_home_waits() -> None:
    """The surplus is the same, and begins with somebody else."""
    sun = in_a_row([judged(probability=0.9)] * 4)
    turns = replace(sun, in_turn=np.array([False, False, True, True]))
    assert [level.is_good for level in levels(turns)] == [False, False, True, True]
    assert level_at(turns, 0)[1] is Reason.LATER
