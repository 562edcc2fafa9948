"""What a load needs by when: always a corridor that can be walked, on any day of the year."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import given, settings as hypothesis_settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.load_needs import (
    CHARGED_PART,
    FULL_MARGIN,
    Now,
    need_today_wh,
    task_of,
)
from custom_components.autoconsommation_collective.engine.load_state import LoadState
from custom_components.autoconsommation_collective.engine.load_steps import (
    default_schedule,
)
from custom_components.autoconsommation_collective.engine.loads import (
    Charging,
    Hours,
    LoadKind,
    LoadSettings,
    Switching,
    Wiring,
)
from custom_components.autoconsommation_collective.engine.task import (
    LONG_AGO,
    Corridor,
    Cycle,
    Task,
)

from .load_cases import (
    HEATER_W,
    HOUR,
    NEED_WH,
    NIGHT,
    PARIS,
    car,
    extra,
    grid_from,
    heater,
    local,
    machine,
    off_peak_on,
    pump,
    tank,
)

type Floats = npt.NDArray[np.float64]

MINUTE = timedelta(minutes=1)
MORNING = "2026-06-09 08:00"
LEVEL_WH = HEATER_W / 2
"""Of the heater in half an hour."""
MIDDAY = ((2, 6), (12, 16))
"""Off-peak hours as they are since 2025: at noon as well."""


def task(
    settings: LoadSettings,
    start: str = MORNING,
    *,
    state: LoadState | None = None,
    hours: float = 48,
    minutes: int = 30,
    late: timedelta = timedelta(0),
    contact: tuple[tuple[int, int], ...] | None = None,
    cheapest: float | None = None,
    **known: Any,
) -> Task:
    """The task from a local time on, looked at so much later in the first step."""
    grid = grid_from(start, hours, minutes)
    return task_of(
        settings,
        state or LoadState(),
        Now(at=grid.start + late, **known),
        grid,
        PARIS,
        None if contact is None else off_peak_on(grid, contact),
        cheapest,
    )


def corridor(task: Task) -> Corridor:
    """The task's, which has one."""
    assert isinstance(task.demand, Corridor)
    return task.demand


def cycle(task: Task) -> Cycle:
    """The task's programme."""
    assert isinstance(task.demand, Cycle)
    return task.demand


def rises(edges: Floats) -> dict[int, float]:
    """By how much a bound rises at which edges."""
    steps = np.diff(edges, prepend=0.0)
    return {int(n): round(float(steps[n]), 6) for n in np.flatnonzero(steps)}


def whole(wh: float) -> float:
    """In whole steps of the heater."""
    return LEVEL_WH * float(np.ceil(wh / LEVEL_WH - 1e-6))


def taken(demand: Corridor, drawn: Floats) -> Floats:
    """What has been taken at each edge: never more than can be."""
    found = [0.0]
    for wh, most in zip(drawn.tolist(), demand.at_most_wh[1:].tolist(), strict=True):
        found.append(min(found[-1] + wh, max(most, found[-1])))
    return np.array(found)


# Laws

STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0)
) | st.sampled_from([datetime(2026, 3, 28, 20), datetime(2026, 10, 24, 20)])
"""Local, some before the clock changes."""
MINUTES = st.sampled_from([10, 15, 30, 60])
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
READY_BY = st.lists(TIMES, max_size=3).map(tuple)
WINDOWS = st.sampled_from(
    [(), (Hours(time(8), time(18)),), (Hours(time(22), time(6)), Hours(time(12, 15), time(14)))]
)  # fmt: skip
SWITCHINGS = st.builds(
    Switching,
    min_on=st.sampled_from([timedelta(0), 25 * MINUTE, HOUR]),
    min_off=st.sampled_from([timedelta(0), 25 * MINUTE, HOUR]),
    starts_per_day=st.sampled_from([None, 1, 3]),
    in_parts=st.booleans(),
)
LOADS = st.builds(
    lambda make, ready_by, windows, switching, worth: make(
        ready_by=ready_by,
        windows=windows,
        switching=switching,
        worth_eur_per_kwh=worth,
    ),
    st.sampled_from(
        [
            heater,
            lambda **told: heater(Wiring.SERIES, **told),
            lambda **told: heater(Wiring.PARALLEL, **told),
            car,
            machine,
            pump,
            extra,
        ]
    ),
    READY_BY,
    WINDOWS,
    SWITCHINGS,
    st.sampled_from([None, 0.1]),
)
OFFSETS = st.none() | st.integers(-72, 72).map(lambda n: n * HOUR)
STATES = st.fixed_dictionaries(
    {
        "is_on": st.booleans(),
        "since": OFFSETS,
        "starts": st.integers(0, 4),
        "drawn_wh": st.sampled_from([0.0, 500.0, 1e5]),
        "drawn_since": OFFSETS,
        "finish_by": OFFSETS,
        "began": OFFSETS,
        "run_asked": st.booleans(),
        "skipped_until": OFFSETS,
        "is_absent": st.booleans(),
    }
)
KNOWN = st.fixed_dictionaries(
    {
        "need_wh": st.sampled_from([None, 0.0, 777.0, 20_000.0]),
        "full_heat_due": OFFSETS,
        "last_full": OFFSETS,
        "drawn_since_full_wh": st.sampled_from([0.0, 4000.0]),
        "is_plugged": st.booleans(),
        "charge": st.sampled_from([None, 0.1, 0.95]),
        "is_too_cold": st.booleans(),
        "forced_on": st.sampled_from([None, True, False]),
        "forced_until": OFFSETS,
    }
)


def at_offsets(told: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Times from an instant on."""
    return {
        name: at + value if isinstance(value, timedelta) else value
        for name, value in told.items()
    }


@given(
    LOADS,
    STARTS,
    MINUTES,
    STATES,
    KNOWN,
    st.floats(0, 0.99),
    st.sampled_from([None, NIGHT, MIDDAY]),
)
@hypothesis_settings(max_examples=400)
def test_any_task_can_be_planned(
    settings: LoadSettings,
    start: datetime,
    minutes: int,
    state: dict[str, Any],
    known: dict[str, Any],
    gone: float,
    contact: tuple[tuple[int, int], ...] | None,
) -> None:
    """Bounds that never fall nor cross, and a default schedule that keeps within them."""
    steps = grid_from(start.isoformat(sep=" "), 30, minutes)
    at = steps.start + gone * steps.step
    off_peak = None if contact is None else off_peak_on(steps, contact)
    found = task_of(
        settings,
        LoadState(**at_offsets(state, at)),
        Now(at=at, **at_offsets(known, at)),
        steps,
        PARIS,
        off_peak,
        0.15,
    )
    n_steps = steps.n_steps
    assert found.allowed.shape == found.default_wh.shape == (n_steps,)
    assert min(found.min_on, found.min_off, found.off_for) >= 1
    is_held = known["forced_until"] is not None and known["forced_until"] > 0 * HOUR
    is_kept_off = is_held and known["forced_on"] is False
    assert (found.on_for > 0) is (state["is_on"] and not is_kept_off)
    on = found.default_wh > 0
    if isinstance(found.demand, Cycle):
        wh = found.demand.wh
        assert all(one > 0 for one in wh)
        assert found.demand.earliest >= 0
        assert bool(wh) or not found.demand.is_running
        if on.any():
            assert found.default_wh[on] == pytest.approx(wh[: int(on.sum())])
            assert np.flatnonzero(on).tolist() == list(
                range(np.argmax(on), np.argmax(on) + on.sum())
            )
        assert found.demand.is_running or found.allowed[on].all()
        return
    least, most = found.demand.at_least_wh, found.demand.at_most_wh
    assert least.shape == most.shape == (n_steps + 1,)
    assert least[0] == 0
    assert (np.diff(least) >= 0).all() and (np.diff(most) >= 0).all()
    assert (least <= most + 1e-6).all()
    assert all(
        a < b for a, b in zip((0.0, *found.levels_wh), found.levels_wh, strict=False)
    )
    assert found.allowed[on].all()
    in_levels = np.isin(found.default_wh[on], found.levels_wh)
    assert in_levels.all()
    # Something can still be taken whenever it draws.
    room = most[1:] - taken(found.demand, found.default_wh)[:-1]
    assert (room[on] > 0).all()
    if settings.tank and settings.tank.wiring is Wiring.SERIES and off_peak is not None:
        assert not (found.allowed & ~off_peak).any()


STEPS_WH = st.lists(st.floats(0, 3000), min_size=1, max_size=30)


@given(STEPS_WH, st.data())
def test_default_draws_as_soon_as_its_hours_allow(
    rises_wh: list[float], data: st.DataObject
) -> None:
    """No schedule within the same hours is ready for more, at any time."""
    n = len(rises_wh)
    usual = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    levels = data.draw(st.sampled_from([(1000.0,), (300.0, 600.0, 900.0)]))
    most = np.concatenate(([0.0], np.cumsum(rises_wh)))
    demand = Corridor(np.zeros(n + 1), most)
    drawn = default_schedule(demand, levels, usual)
    assert not drawn[~usual].any()
    could = levels[-1] * np.concatenate(([0], np.cumsum(usual)))
    reached = taken(demand, drawn)
    for edge in range(n + 1):
        # From the last edge at which it was full on, at full power.
        best = min(most[full] + could[edge] - could[full] for full in range(edge + 1))
        assert reached[edge] == pytest.approx(best, abs=0.02)
    # Beyond what can be taken goes the rounding of one level at each filling.
    assert drawn.sum() <= most[-1] + levels[-1] * np.count_nonzero(rises_wh) + 1e-6
    if len(levels) > 1 and usual.all() and np.count_nonzero(rises_wh) == 1:
        assert drawn.sum() < most[-1] + 300 + 1e-6


@given(st.integers(1, 12), st.integers(0, 40), st.data())
def test_default_of_a_programme_is_its_first_place(
    length: int, earliest: int, data: st.DataObject
) -> None:
    """Whole, in its hours, or not at all."""
    usual = np.array(data.draw(st.lists(st.booleans(), min_size=30, max_size=30)))
    demand = Cycle((100.0,) * length, earliest, 0)
    drawn = default_schedule(demand, (), usual)
    fits = [n for n in range(earliest, 31 - length) if usual[n : n + length].all()]
    expected = np.zeros(30)
    if fits:
        expected[fits[0] : fits[0] + length] = 100
    assert (drawn == expected).all()


@given(STARTS, MINUTES, READY_BY, st.sampled_from([heater, car]))
def test_all_that_is_due_ahead_is_due(
    start: datetime, minutes: int, ready_by: tuple[time, ...], make: Any
) -> None:
    """The need of each day, whatever its length; of a car until it drives away."""
    steps = grid_from(start.isoformat(sep=" "), 72, minutes)
    settings = make(ready_by=ready_by)
    found = corridor(task_of(settings, LoadState(), Now(at=steps.start), steps, PARIS))
    if settings.kind is LoadKind.CAR:
        assert found.at_least_wh[-1] == pytest.approx(8000)
        return
    n_times = max(1, len(ready_by))
    unit_wh = HEATER_W * minutes / 60
    each_wh = unit_wh * np.ceil(NEED_WH / n_times / unit_wh - 1e-6)
    # Three days have three of each, or one more or less where the clock changes.
    due = found.at_least_wh[-1] / each_wh
    assert due == pytest.approx(round(due))
    assert abs(round(due) - 3 * n_times) <= 1


# Hot water


def test_hot_water_by_the_morning() -> None:
    """From the morning before on; what is due after the horizon is left to later plans."""
    found = corridor(task(heater()))
    assert rises(found.at_least_wh) == {44: NEED_WH, 92: NEED_WH}
    assert rises(found.at_most_wh) == {1: NEED_WH, 45: NEED_WH}


@pytest.mark.parametrize(
    ("start", "edges"),
    [
        pytest.param("2026-03-28 08:00", [42, 90], id="23 hours"),
        pytest.param("2026-10-24 08:00", [46, 94], id="25 hours"),
    ],
)
def test_hot_water_when_the_clock_changes(start: str, edges: list[int]) -> None:
    """By the clock on the wall."""
    found = corridor(task(heater(), start))
    assert rises(found.at_least_wh) == dict.fromkeys(edges, NEED_WH)


@pytest.mark.parametrize(
    ("minutes", "edge"),
    [(10, 132), (15, 88), (30, 44), (60, 22)],
    ids=["10 min", "15 min", "30 min", "60 min"],
)
def test_any_length_of_step(minutes: int, edge: int) -> None:
    """Levels and edges by the step."""
    found = task(heater(), minutes=minutes)
    assert rises(corridor(found).at_least_wh) == {
        edge: NEED_WH,
        edge + 24 * 60 // minutes: NEED_WH,
    }
    assert found.levels_wh == pytest.approx((HEATER_W * minutes / 60,))


def test_a_deadline_within_a_step_is_that_of_the_step_before() -> None:
    """Ready at 6:20 means by 6:00 where steps have half an hour; the next opens at 6:30."""
    found = corridor(task(heater(ready_by=(time(6, 20),))))
    assert rises(found.at_least_wh) == {44: NEED_WH, 92: NEED_WH}
    assert rises(found.at_most_wh) == {1: NEED_WH, 46: NEED_WH}


def test_a_deadline_in_the_step_in_progress() -> None:
    """Is due with the step; once it has passed, the next need has begun."""
    settings = heater(ready_by=(time(8, 20),))
    before = corridor(task(settings, late=10 * MINUTE))
    assert rises(before.at_least_wh) == {1: NEED_WH, 48: NEED_WH, 96: NEED_WH}
    assert rises(before.at_most_wh) == {1: NEED_WH, 2: NEED_WH, 50: NEED_WH}
    after = corridor(task(settings, late=25 * MINUTE))
    assert rises(after.at_least_wh) == {48: NEED_WH, 96: NEED_WH}
    assert rises(after.at_most_wh) == {1: NEED_WH, 50: NEED_WH}


def test_several_times_a_day_share_the_need() -> None:
    """Each its part, in its own hours."""
    found = corridor(task(heater(ready_by=(time(18), time(6)))))
    half = NEED_WH / 2
    assert rises(found.at_least_wh) == dict.fromkeys([20, 44, 68, 92], half)
    assert rises(found.at_most_wh) == {1: half, 21: half, 45: half, 69: half}


def test_times_nearer_than_a_step() -> None:
    """What can be taken is open before it is due."""
    found = corridor(task(heater(ready_by=(time(18), time(18, 20))), hours=12))
    assert rises(found.at_least_wh) == {20: NEED_WH}
    assert rises(found.at_most_wh) == {1: NEED_WH / 2, 20: NEED_WH / 2}


@pytest.mark.parametrize(
    ("drawn_wh", "lacks_wh"),
    [(0.0, 6000), (2500.0, 4000), (6000.0, 0), (9000.0, 0)],
    ids=["nothing", "a part", "all", "more than needed"],
)
def test_what_was_drawn_is_needed_no_more(drawn_wh: float, lacks_wh: float) -> None:
    """Of the need in progress alone; a step that is begun counts whole."""
    state = LoadState(drawn_wh=drawn_wh, drawn_since=local("2026-06-09 06:00"))
    found = corridor(task(heater(), state=state))
    assert found.at_least_wh[44] == lacks_wh
    assert found.at_least_wh[92] == lacks_wh + NEED_WH


def test_what_was_drawn_for_an_earlier_need_counts_no_more() -> None:
    """A restart the next day, before anybody looked again."""
    state = LoadState(
        drawn_wh=NEED_WH,
        drawn_since=local("2026-06-08 06:00"),
        run_asked=True,
        starts=3,
        day=local("2026-06-08 12:00").date(),
    )
    found = task(heater(), state=state, contact=NIGHT)
    assert corridor(found).at_least_wh[44] == NEED_WH
    assert found.starts_today == 0
    assert not found.default_wh[:28].any()


def test_a_need_that_is_known_to_be_none() -> None:
    """Is not replaced by another."""
    assert not corridor(task(heater(), need_wh=0.0)).at_most_wh.any()
    assert corridor(task(heater(), need_wh=3000.0)).at_most_wh[1] == 3000


def test_a_tank_of_unknown_need_is_heated_whole() -> None:
    """Until it is known: the thermostat ends it."""
    found = corridor(task(heater(energy_wh=None)))
    assert found.at_least_wh[44] == whole(tank().cold_wh)
    assert not corridor(task(car(energy_wh=None))).at_most_wh.any()


# Contactors


def test_in_series_it_runs_while_the_contactor_is_closed() -> None:
    """Where its hours are known."""
    grid = grid_from(MORNING)
    found = task(heater(Wiring.SERIES), contact=MIDDAY)
    assert (found.allowed == off_peak_on(grid, MIDDAY)).all()
    assert task(heater(Wiring.SERIES)).allowed.all()
    assert task(heater(), contact=MIDDAY).allowed.all()


def test_in_parallel_it_only_adds_where_that_pays() -> None:
    """The contactor heats as ever: nothing is due, and nothing is its default."""
    found = task(heater(Wiring.PARALLEL), contact=NIGHT, cheapest=0.16)
    assert found.worth_eur_per_kwh == 0.16
    assert not corridor(found).at_least_wh.any()
    assert rises(corridor(found).at_most_wh) == {1: NEED_WH, 45: NEED_WH, 93: NEED_WH}
    assert not found.default_wh.any()
    unknown = task(heater(Wiring.PARALLEL), contact=NIGHT)
    assert not corridor(unknown).at_least_wh.any()
    told = task(heater(Wiring.PARALLEL, worth_eur_per_kwh=0.1), cheapest=0.16)
    assert told.worth_eur_per_kwh == 0.1


@pytest.mark.parametrize(
    ("contact", "steps"),
    [
        pytest.param(None, range(6), id="none: at once"),
        pytest.param(NIGHT, range(28, 34), id="at night: from 22"),
        pytest.param(MIDDAY, range(8, 14), id="at noon: from 12"),
        pytest.param(((12, 13), (2, 6)), [8, 9, *range(36, 40)], id="an hour at noon, the rest at night"),
    ],
)  # fmt: skip
def test_default_follows_the_contact(
    contact: tuple[tuple[int, int], ...] | None, steps: Any
) -> None:
    """By its real programme, also at noon."""
    found = task(heater(), contact=contact, hours=24)
    assert np.flatnonzero(found.default_wh).tolist() == list(steps)
    assert found.default_wh.sum() == NEED_WH


def test_default_follows_the_contact_of_each_date() -> None:
    """Off-peak hours that move to the night from the second day on."""
    grid = grid_from(MORNING)
    closed = off_peak_on(grid, MIDDAY)
    closed[32:] = off_peak_on(grid, NIGHT)[32:]
    found = task_of(heater(), LoadState(), Now(at=grid.start), grid, PARIS, closed)
    assert np.flatnonzero(found.default_wh).tolist() == [*range(8, 14), *range(76, 82)]


def test_default_is_counted_as_a_plan_is() -> None:
    """In whole levels; of a car, whose currents can be set, as near as they come."""
    found = task(heater(energy_wh=2500), contact=NIGHT)
    assert np.flatnonzero(found.default_wh).tolist() == [28, 29, 30, 76, 77, 78]
    modulated = task(car(energy_wh=8000))
    assert modulated.default_wh.sum() == pytest.approx(8000, abs=115)
    assert modulated.default_wh[:2] == pytest.approx([3680, 3680])


def test_default_keeps_to_the_hours_of_the_user() -> None:
    """A pool pump is no neighbour's night."""
    settings = pump(windows=(Hours(time(10), time(18)),))
    found = task(settings, "2026-06-09 00:00", contact=NIGHT, hours=24)
    assert np.flatnonzero(found.default_wh).tolist() == list(range(20, 30))


# Heating through


@pytest.mark.parametrize(
    ("due", "edges"),
    [
        pytest.param("2026-06-09 20:00", {44}, id="before the next deadline"),
        pytest.param("2026-06-10 06:00", {44}, id="on it"),
        pytest.param("2026-06-11 05:00", {44}, id="before the one after: the last in time"),
        pytest.param("2026-06-11 06:00", {92}, id="on that one"),
        pytest.param("2026-06-11 07:00", {92}, id="after that"),
        pytest.param("2026-06-20 07:00", set(), id="beyond the horizon"),
    ],
)  # fmt: skip
def test_one_need_heats_a_tank_through(due: str, edges: set[int]) -> None:
    """The last that is over in time, else the next."""
    found = corridor(
        task(
            heater(),
            full_heat_due=local(due),
            last_full=local("2026-06-08 06:00"),
            drawn_since_full_wh=6000.0,
        )
    )
    rising = rises(found.at_least_wh)
    assert {edge for edge, wh in rising.items() if wh != NEED_WH} == edges
    lost_wh = {44: 2 * NEED_WH, 92: 3 * NEED_WH}
    for edge in edges:
        all_wh = (lost_wh[edge] - 6000) * FULL_MARGIN
        before_wh = NEED_WH * (edge > 44)
        assert found.at_least_wh[edge] - before_wh == whole(all_wh - before_wh)


def test_an_overdue_tank_is_heated_until_its_thermostat_ends_it() -> None:
    """By the next deadline, whatever it is thought to have had: what is learned did not suffice."""
    found = corridor(
        task(
            heater(),
            full_heat_due=local("2026-06-09 03:00"),
            last_full=local("2026-06-08 06:00"),
            drawn_since_full_wh=60_000.0,
        )
    )
    assert found.at_least_wh[44] == whole(tank().cold_wh)


def test_a_tank_lacks_no_more_than_it_holds() -> None:
    """However long it has not been hot."""
    for last in (local("2026-05-01 06:00"), None):
        found = corridor(
            task(heater(), full_heat_due=local("2026-06-09 20:00"), last_full=last)
        )
        assert found.at_least_wh[44] == whole(tank().cold_wh)


def test_a_tank_that_was_just_full_lacks_little() -> None:
    """What it lost since, with a margin where it is to be heated through."""
    found = corridor(
        task(
            heater(),
            full_heat_due=local("2026-06-10 05:00"),
            last_full=local("2026-06-09 07:00"),
        )
    )
    assert found.at_least_wh[44] == whole(NEED_WH * 23 / 24 * FULL_MARGIN)
    mild = task(
        heater(),
        full_heat_due=local("2026-06-10 05:00"),
        last_full=local("2026-06-10 05:00"),
    )
    assert corridor(mild).at_least_wh[44] == whole(NEED_WH / 24 * FULL_MARGIN)


def test_of_a_tank_that_was_never_seen_hot_the_rest_is_due() -> None:
    """What was drawn since the need began is not due again."""
    state = LoadState(drawn_wh=4000, drawn_since=local("2026-06-09 06:00"))
    found = corridor(task(heater(), state=state, full_heat_due=local(MORNING)))
    assert found.at_least_wh[44] == whole(tank().cold_wh - 4000)


# Absences


def away(until: str, **changes: Any) -> LoadState:
    """Nobody is at home."""
    return LoadState(skipped_until=local(until), is_absent=True, **changes)


@pytest.mark.parametrize(
    ("until", "due"),
    [
        pytest.param("2026-06-10 18:00", 68, id="in the evening"),
        pytest.param("2026-06-10 06:00", 44, id="at a deadline"),
        pytest.param("2026-06-09 18:00", 20, id="before the next deadline"),
        pytest.param("2026-06-10 18:10", 68, id="within a step"),
    ],
)
def test_hot_water_on_the_return(until: str, due: int) -> None:
    """Nothing is needed before; then the tank is hot all through."""
    found = corridor(
        task(heater(), state=away(until), last_full=local("2026-05-20 06:00"))
    )
    assert not found.at_least_wh[:due].any()
    assert found.at_least_wh[due] == whole(tank().cold_wh)
    # It may be heated in the day before.
    opened = max(0, due - 48)
    assert not found.at_most_wh[: opened + 1].any()
    assert found.at_most_wh[opened + 2] == whole(tank().cold_wh)


def test_after_the_return_what_is_used_until_the_next_deadline() -> None:
    """Half of it, where half of the time is left."""
    found = corridor(task(heater(), state=away("2026-06-09 18:00")))
    after = found.at_least_wh[44] - found.at_least_wh[20]
    assert after == pytest.approx(NEED_WH * 12 / 24)
    assert found.at_least_wh[92] - found.at_least_wh[44] == pytest.approx(NEED_WH)


def test_a_short_absence_costs_what_was_lost() -> None:
    """Not all of the tank."""
    found = corridor(
        task(
            heater(),
            state=away("2026-06-09 18:00"),
            last_full=local("2026-06-09 06:00"),
        )
    )
    assert found.at_least_wh[20] == whole(NEED_WH / 2 * FULL_MARGIN)


def test_nothing_is_heated_for_nobody() -> None:
    """Neither what is due against germs, nor what is cold: both come with the return."""
    for known in (
        {"full_heat_due": local("2026-06-09 20:00")},
        {"is_too_cold": True},
    ):
        found = task(heater(), state=away("2026-06-20 18:00"), **known)
        assert not corridor(found).at_most_wh.any()
        assert not found.default_wh.any()


def test_the_return_is_beyond_the_horizon() -> None:
    """Then later plans see it in time."""
    found = corridor(task(heater(), state=away("2026-06-11 08:30")))
    assert not found.at_least_wh.any()


def test_an_absence_that_is_over() -> None:
    """Is none."""
    found = corridor(task(heater(), state=away("2026-06-09 07:00")))
    assert found.at_least_wh[44] == NEED_WH


def test_default_heats_for_the_return_as_well() -> None:
    """In the last night before it, where the contactor lets it."""
    found = task(heater(Wiring.SERIES), state=away("2026-06-10 18:00"), contact=NIGHT)
    on = np.flatnonzero(found.default_wh)
    assert on.min() == 28
    assert on[on < 68].max() < 44
    reached = taken(corridor(found), found.default_wh)
    assert (reached >= corridor(found).at_least_wh)[:92].all()


def test_other_loads_of_an_empty_home_need_nothing() -> None:
    """Up to the return."""
    state = away("2026-06-10 18:00")
    assert not corridor(
        task(pump(ready_by=(time(20),)), state=state, hours=35)
    ).at_most_wh.any()
    found = corridor(task(car(), state=state))
    assert rises(found.at_least_wh) == {94: 8000}


def test_a_skipped_need_is_not_met() -> None:
    """The next one is."""
    state = LoadState(skipped_until=local("2026-06-10 06:00"))
    found = corridor(task(heater(), state=state))
    assert rises(found.at_least_wh) == {92: NEED_WH}
    assert rises(found.at_most_wh) == {45: NEED_WH}


def test_a_tank_is_heated_through_though_it_was_skipped() -> None:
    """Somebody is at home."""
    state = LoadState(skipped_until=local("2026-06-10 06:00"))
    found = corridor(
        task(heater(), state=state, full_heat_due=local("2026-06-10 06:00"))
    )
    assert found.at_least_wh[44] == whole(tank().cold_wh)


# Cars


@pytest.mark.parametrize(
    ("known", "lacks_wh"),
    [
        pytest.param({"charge": 0.5}, 0.3 * 50_000 / CHARGED_PART, id="by its charge"),
        pytest.param({"charge": 0.9}, 0, id="charged"),
        pytest.param({}, 8000, id="as each day"),
        pytest.param({"need_wh": 5000.0}, 5000, id="as learned"),
        pytest.param({"charge": 0.5, "is_plugged": False}, 0, id="not there"),
    ],
)
def test_what_a_car_lacks(known: dict[str, Any], lacks_wh: float) -> None:
    """Until it drives away, and nothing more."""
    found = task(car(), **known)
    assert corridor(found).at_least_wh[46:] == pytest.approx(lacks_wh)
    assert not corridor(found).at_least_wh[:46].any()
    assert corridor(found).at_most_wh[1:] == pytest.approx(lacks_wh)
    assert bool(found.default_wh.any()) is (lacks_wh > 0)


def test_a_car_whose_charge_is_told_lacks_what_it_lacks() -> None:
    """Whatever was drawn today; by energy, what was drawn counts."""
    state = LoadState(drawn_wh=3000, drawn_since=local("2026-06-09 07:00"))
    told = corridor(task(car(), state=state, charge=0.5))
    assert told.at_least_wh[-1] == pytest.approx(0.3 * 50_000 / CHARGED_PART)
    assert corridor(task(car(), state=state)).at_least_wh[-1] == 5000


def test_a_car_without_a_target_is_charged_by_energy() -> None:
    """Its state of charge alone says nothing."""
    settings = car(charging=Charging(capacity_kwh=50))
    assert corridor(task(settings, charge=0.1)).at_least_wh[-1] == 8000


# What must not be, or need not


def test_a_pump_runs_for_its_hours_each_day() -> None:
    """By midnight, where no other time is told; a learned need is none."""
    found = corridor(task(pump(), "2026-06-09 00:00", need_wh=1.0))
    assert rises(found.at_least_wh) == {48: 4000, 96: 4000}
    assert rises(found.at_most_wh) == {1: 4000, 49: 4000}


def test_what_runs_on_what_is_left_needs_nothing() -> None:
    """It may run all day, to the end of the horizon; by default it does not."""
    found = task(extra())
    assert not corridor(found).at_least_wh.any()
    assert not found.default_wh.any()
    assert found.worth_eur_per_kwh == 0.12
    # From 8 to midnight, and whole days.
    assert rises(corridor(found).at_most_wh) == {1: 16_000, 33: 24_000, 81: 24_000}
    some = task(extra(energy_wh=3000))
    assert rises(corridor(some).at_most_wh) == {1: 3000, 33: 3000, 81: 3000}


def test_a_need_that_must_pay_is_no_must() -> None:
    """Nor is it drawn by default."""
    found = task(car(worth_eur_per_kwh=0.1), contact=NIGHT)
    assert not corridor(found).at_least_wh.any()
    assert corridor(found).at_most_wh[-1] == 8000
    assert not found.default_wh.any()


def test_steps_lie_in_the_hours_as_a_whole() -> None:
    """From the first minute to the last, past midnight, and over hours that follow."""
    settings = pump(windows=(Hours(time(22, 30), time(1)), Hours(time(1), time(2, 30))))
    found = task(settings, "2026-06-09 00:00", hours=24, minutes=60)
    assert np.flatnonzero(found.allowed).tolist() == [0, 1, 23]
    halves = task(settings, "2026-06-09 00:00", hours=24)
    assert np.flatnonzero(halves.allowed).tolist() == [*range(5), 45, 46, 47]


@pytest.mark.parametrize(
    ("minutes", "n_parts"),
    [(10, 2), (15, 3), (30, 6), (60, 12)],
    ids=["10 min", "15 min", "30 min", "60 min"],
)
def test_parts_of_a_step(minutes: int, n_parts: int) -> None:
    """Of five minutes at least, each the same: the planner counts in whole mWh."""
    settings = heater(power_w=1850.0, switching=Switching(in_parts=True))
    found = task(settings, minutes=minutes)
    assert found.in_parts
    assert len(found.levels_wh) == n_parts
    assert found.levels_wh[-1] == pytest.approx(1850 * minutes / 60, abs=0.02)
    milli = np.array(found.levels_wh) * 1000
    assert milli == pytest.approx(np.round(milli[0]) * np.arange(1, n_parts + 1))


def test_switching() -> None:
    """Times in whole steps, never shorter; what it did so far, never longer."""
    settings = heater(
        switching=Switching(45 * MINUTE, 31 * MINUTE, starts_per_day=3, start_eur=0.02),
        priority=8,
        group="laundry",
    )
    at = local(MORNING)
    ran = LoadState(is_on=True, since=at - 59 * MINUTE, starts=2, day=at.date())
    found = task(settings, state=ran)
    assert (found.min_on, found.min_off) == (2, 2)
    assert (found.on_for, found.starts_today, found.starts_per_day) == (1, 2, 3)
    assert (found.start_eur, found.priority, found.group) == (0.02, 8, "laundry")
    rested = task(settings, state=LoadState(since=at - 61 * MINUTE))
    assert (rested.on_for, rested.off_for) == (0, 2)
    assert task(settings, state=LoadState(since=at - MINUTE)).off_for == 1
    assert task(settings).off_for == LONG_AGO


# Machines


def test_a_machine_that_is_not_armed_has_nothing_to_do() -> None:
    """By default neither."""
    found = task(machine(), contact=NIGHT)
    assert cycle(found) == Cycle((), 0, 0)
    assert not found.default_wh.any()


def test_an_armed_machine_runs_once() -> None:
    """To be over in time; by default at once, whatever the contact: somebody starts it."""
    state = LoadState(finish_by=local("2026-06-09 18:10"))
    found = task(machine(), state=state, contact=NIGHT)
    assert cycle(found) == Cycle((300.0,) * 4, 0, 20)
    assert np.flatnonzero(found.default_wh).tolist() == [0, 1, 2, 3]
    late = task(machine(), state=LoadState(finish_by=local("2026-06-09 06:00")))
    assert cycle(late).latest_end == -4


@pytest.mark.parametrize(
    ("length", "minutes", "parts"),
    [
        pytest.param(2 * HOUR, 60, [0.5, 0.5], id="whole steps"),
        pytest.param(40 * MINUTE, 30, [0.75, 0.25], id="ends within a step"),
        pytest.param(40 * MINUTE, 60, [1], id="within one step"),
        pytest.param(61 * MINUTE, 60, [1], id="a minute is nothing"),
    ],
)
def test_energies_of_a_programme(
    length: timedelta, minutes: int, parts: list[float]
) -> None:
    """By the time that it takes of each step."""
    state = LoadState(finish_by=local("2026-06-09 18:00"))
    found = cycle(task(machine(runs_for=length), state=state, minutes=minutes))
    assert found.wh == pytest.approx([1200 * part for part in parts])


@pytest.mark.parametrize(
    ("began", "late", "parts"),
    [
        pytest.param("2026-06-09 08:00", 5, [0.25, 0.25, 0.25, 0.25], id="with the step"),
        pytest.param("2026-06-09 08:10", 15, [1 / 6, 0.25, 0.25, 0.25, 1 / 12], id="within it"),
        pytest.param("2026-06-09 07:00", 0, [0.25, 0.25], id="half of it is left"),
        pytest.param("2026-06-09 06:10", 5, [1 / 12], id="its last minutes"),
        pytest.param("2026-06-09 06:10", 15, [], id="it is over"),
        pytest.param("2026-06-09 05:00", 5, [], id="nobody looked when it ended"),
    ],
)  # fmt: skip
def test_a_programme_in_progress(began: str, late: int, parts: list[float]) -> None:
    """What is left of it, from the step in progress on."""
    state = LoadState(
        finish_by=local("2026-06-09 18:00"), began=local(began), is_on=True
    )
    found = task(machine(), state=state, late=late * MINUTE)
    assert cycle(found).wh == pytest.approx([1200 * part for part in parts])
    assert cycle(found).is_running is bool(parts)
    assert cycle(found).earliest == 0
    assert np.flatnonzero(found.default_wh).tolist() == list(range(len(parts)))


def test_a_machine_keeps_to_its_hours() -> None:
    """Also by default: nobody wants it at night."""
    state = LoadState(finish_by=local("2026-06-10 18:00"))
    settings = machine(windows=(Hours(time(9), time(20)),))
    found = task(settings, "2026-06-09 18:30", state=state)
    assert np.flatnonzero(found.default_wh).tolist() == [29, 30, 31, 32]
    assert not task(
        machine(windows=(Hours(time(9), time(10)),)), state=state
    ).default_wh.any()


@pytest.mark.parametrize(
    ("finish_by", "earliest", "n_steps"),
    [
        pytest.param("2026-06-09 18:00", 0, 0, id="due while nobody is there"),
        pytest.param("2026-06-10 20:00", 68, 4, id="due after the return"),
    ],
)
def test_an_armed_machine_of_an_empty_home(
    finish_by: str, earliest: int, n_steps: int
) -> None:
    """Nothing is needed up to the return."""
    state = away("2026-06-10 18:00", finish_by=local(finish_by))
    found = cycle(task(machine(), state=state))
    assert (found.earliest, len(found.wh)) == (earliest, n_steps)


def test_a_machine_asked_to_run_begins_now() -> None:
    """Whatever its hours, and its price."""
    state = LoadState(finish_by=local("2026-06-10 18:00"), run_asked=True)
    settings = machine(windows=(Hours(time(12), time(20)),), worth_eur_per_kwh=0.1)
    found = task(settings, state=state)
    assert cycle(found).latest_end == 0
    assert found.worth_eur_per_kwh is None
    assert found.allowed[:4].all() and not found.allowed[4:8].any()
    assert np.flatnonzero(found.default_wh).tolist() == [0, 1, 2, 3]
    waiting = task(settings, state=replace(state, run_asked=False))
    assert waiting.worth_eur_per_kwh == 0.1
    assert not waiting.default_wh.any()


# At once


ASKED = LoadState(run_asked=True)


def test_a_need_that_was_asked_for_is_met_at_once() -> None:
    """At full power, whatever the hours of the user, and the starts of the day."""
    at = local(MORNING)
    settings = heater(
        windows=(Hours(time(22), time(6)),),
        switching=Switching(HOUR, HOUR, 2),
        energy_wh=2500,
    )
    state = replace(ASKED, starts=2, day=at.date(), since=at - MINUTE)
    found = task(settings, state=state, contact=NIGHT)
    assert corridor(found).at_least_wh[:4] == pytest.approx([0, 1000, 2000, 3000])
    assert corridor(found).at_least_wh[44] == pytest.approx(3000)
    assert rises(corridor(found).at_most_wh) == {1: 3000, 45: 3000}
    assert found.allowed[:3].all() and not found.allowed[3:28].any()
    assert np.flatnonzero(found.default_wh)[:3].tolist() == [0, 1, 2]
    assert (found.starts_today, found.off_for) == (0, LONG_AGO)


def test_a_need_that_is_met_asks_for_nothing_more() -> None:
    """Else it would run again and again until the next one."""
    state = replace(ASKED, drawn_wh=NEED_WH, drawn_since=local("2026-06-09 06:00"))
    found = task(heater(), state=state, contact=NIGHT)
    assert not corridor(found).at_most_wh[:45].any()


def test_in_series_what_was_asked_for_waits_for_the_contactor() -> None:
    """Nothing else could be."""
    found = task(heater(Wiring.SERIES), state=ASKED, contact=MIDDAY)
    assert np.flatnonzero(np.diff(corridor(found).at_least_wh)).tolist() == [
        *range(8, 14),
        91,
    ]
    assert not found.allowed[:8].any()


def test_what_pays_only_runs_when_asked() -> None:
    """Up to the end of its day."""
    found = task(extra(), "2026-06-09 22:00", state=ASKED, hours=24)
    assert np.flatnonzero(np.diff(corridor(found).at_least_wh)).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(found.default_wh).tolist() == [0, 1, 2, 3]


def test_water_that_is_too_cold_is_heated_at_once() -> None:
    """What is needed, and a step at least; the need of the next day stays whole."""
    found = corridor(task(heater(), is_too_cold=True, contact=NIGHT))
    assert found.at_least_wh[6] == NEED_WH
    met = LoadState(drawn_wh=NEED_WH, drawn_since=local("2026-06-09 06:00"))
    cold = task(heater(), state=met, is_too_cold=True, contact=NIGHT)
    assert rises(corridor(cold).at_least_wh) == {1: LEVEL_WH, 92: NEED_WH}
    assert np.flatnonzero(cold.default_wh)[:2].tolist() == [0, 76]


@pytest.mark.parametrize(
    "energy_wh", [NEED_WH, 1000.0], ids=["needed", "more than that"]
)
def test_a_hand_that_keeps_it_on(energy_wh: float) -> None:
    """Up to its time; what that is beyond the need serves no later one."""
    found = task(
        heater(energy_wh=energy_wh),
        forced_on=True,
        forced_until=local("2026-06-09 09:40"),
        contact=NIGHT,
    )
    demand = corridor(found)
    assert demand.at_least_wh[:5] == pytest.approx(LEVEL_WH * np.arange(5))
    beyond = max(0, 4 * LEVEL_WH - energy_wh)
    assert demand.at_least_wh[92] == pytest.approx(2 * energy_wh + beyond)
    assert demand.at_most_wh[-1] == pytest.approx(2 * energy_wh + beyond)
    assert found.default_wh[:4].all() and not found.default_wh[4:28].any()


def test_a_hand_that_keeps_it_off() -> None:
    """Also from what was asked for, what is too cold, and by default."""
    state = replace(ASKED, is_on=True, since=local("2026-06-09 07:55"))
    found = task(
        heater(switching=Switching(min_on=2 * HOUR)),
        state=state,
        forced_on=False,
        forced_until=local("2026-06-09 10:00"),
        is_too_cold=True,
    )
    assert not found.allowed[:4].any() and found.allowed[4:].all()
    assert not found.default_wh[:4].any()
    assert found.on_for == 0
    assert np.flatnonzero(found.default_wh)[:6].tolist() == list(range(4, 10))


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(
            {"forced_on": True, "forced_until": local("2026-06-09 07:50")}, id="over"
        ),
        pytest.param(
            {"forced_on": None, "forced_until": local("2026-06-09 10:00")},
            id="nobody's",
        ),
        pytest.param({"forced_on": False}, id="without an end"),
    ],
)
def test_no_hand(known: dict[str, Any]) -> None:
    """Then it is planned as ever."""
    found, free = task(heater(), **known), task(heater())
    assert corridor(found).at_least_wh == pytest.approx(corridor(free).at_least_wh)
    assert (found.allowed == free.allowed).all()


def test_a_hand_on_an_armed_machine() -> None:
    """Starts it, or keeps it from starting."""
    state = LoadState(finish_by=local("2026-06-10 18:00"))
    until = local("2026-06-09 10:00")
    on = task(machine(), state=state, forced_on=True, forced_until=until)
    assert cycle(on).latest_end == 0
    off = task(machine(), state=state, forced_on=False, forced_until=until)
    assert cycle(off).latest_end > 0
    assert np.flatnonzero(off.default_wh).tolist() == [4, 5, 6, 7]


# What may be asked of the share


@pytest.mark.parametrize(
    ("settings", "need_wh", "asked_wh"),
    [
        pytest.param(heater(), None, NEED_WH, id="hot water"),
        pytest.param(heater(), 3000.0, 3000, id="as learned"),
        pytest.param(heater(Wiring.PARALLEL), 3000.0, 3000, id="in parallel"),
        pytest.param(car(), None, 8000, id="car"),
        pytest.param(machine(energy_wh=None), None, 1200, id="a programme"),
        pytest.param(pump(), None, 4000, id="so many hours"),
        pytest.param(extra(), None, 0, id="what is left"),
        pytest.param(extra(energy_wh=2000), None, 2000, id="a limit of what is left"),
    ],
)
def test_need_of_a_day(
    settings: LoadSettings, need_wh: float | None, asked_wh: float
) -> None:
    """Never endless: others share it."""
    now = Now(at=local(MORNING), need_wh=need_wh)
    assert need_today_wh(settings, now) == asked_wh


def test_a_tank_that_was_hot_since_lacks_what_it_lost_since() -> None:
    """Seen hot at noon, it needs a quarter of a day's heat by six; just after six, nearly all."""
    settings = heater(ready_by=(time(18),))
    found = {
        hour: corridor(
            task(
                settings,
                "2026-06-09 13:00",
                last_full=local(f"2026-06-{hour}"),
                drawn_since_full_wh=0.0,
            )
        ).at_least_wh[10]
        for hour in ("09 12:00", "08 18:00", "08 12:00")
    }
    assert found["09 12:00"] == whole(NEED_WH / 4)
    assert found["08 18:00"] == found["08 12:00"] == whole(NEED_WH)


def test_of_a_guessed_need_nothing_is_said_to_be_missing() -> None:
    """Added in the afternoon: as much as there is time for; a need that was told stays whole."""
    late = "2026-06-09 16:00"
    guessed = heater(ready_by=(time(18),), energy_wh=None)
    told = heater(ready_by=(time(18),), energy_wh=9000.0)
    assert corridor(task(guessed, late)).at_least_wh[4] == 4 * HEATER_W / 2
    assert corridor(task(told, late)).at_least_wh[4] == 9000.0
