"""The plan of a home: needs are met, runs add up, and nothing is said to be saved that is not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from hypothesis import given, settings as hypothesis_settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.contract import (
    CostsMissing,
    StepCosts,
)
from custom_components.autoconsommation_collective.engine.coverage import (
    unknown_coverage,
)
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.ladder import community_ladder
from custom_components.autoconsommation_collective.engine.load_needs import Now, task_of
from custom_components.autoconsommation_collective.engine.load_plan import (
    HomePlan,
    LoadPlan,
    Run,
    Why,
    expected_draw_wh,
    home_plan,
    past_runs,
)
from custom_components.autoconsommation_collective.engine.load_state import LoadState
from custom_components.autoconsommation_collective.engine.load_steps import (
    default_schedule,
)
from custom_components.autoconsommation_collective.engine.loads import (
    Hours,
    LoadSettings,
    Switching,
    Wiring,
)
from custom_components.autoconsommation_collective.engine.outlook import Outlook
from custom_components.autoconsommation_collective.engine.own_share import (
    OwnShare,
    covered_wh,
)
from custom_components.autoconsommation_collective.engine.planner import shortfall_wh
from custom_components.autoconsommation_collective.engine.profile import Expected
from custom_components.autoconsommation_collective.engine.signal import Judged
from custom_components.autoconsommation_collective.engine.task import Task

from .load_cases import (
    HOUR,
    NEED_WH,
    PARIS,
    STEP,
    car,
    extra,
    grid_from,
    heater,
    local,
    machine,
    off_peak_on,
    pump,
)

type Floats = npt.NDArray[np.float64]

MIDNIGHT = "2026-06-09 00:00"
MORNING = "2026-06-09 08:00"
PEAK, OFF_PEAK, ALLOCATED = 0.21, 0.16, 0.08
PLENTY_WH = 5000.0
"""Of a step at noon: more than any load draws."""


def noon(grid: Grid, wh: float = PLENTY_WH) -> Floats:
    """Something between 10 and 16 by the clock, nothing else."""
    hour = local_steps(grid, PARIS).minute / 60
    return np.where((hour >= 10) & (hour < 16), wh, 0.0)


def night_prices(grid: Grid) -> StepCosts:
    """Off-peak from 22 to 6."""
    closed = off_peak_on(grid)
    ones = np.ones(grid.n_steps)
    supplier = np.where(closed, OFF_PEAK, PEAK)
    return StepCosts(supplier, ALLOCATED * ones, OFF_PEAK * ones, closed)


def outlook(
    start: str = MORNING,
    hours: float = 48,
    *,
    share_wh: float | Floats = 0.0,
    chance: float = 1.0,
    costs: StepCosts | CostsMissing | None = None,
    minutes: int = 30,
) -> Outlook:
    """What is ahead: a share at noon, or as given."""
    grid = grid_from(start, hours, minutes)
    ones = np.ones(grid.n_steps)
    amounts = share_wh if isinstance(share_wh, np.ndarray) else noon(grid, share_wh)
    return Outlook(
        grid=grid,
        production_wh=ones,
        level_wh=ones,
        withdrawal_wh=ones,
        surplus_wh=ones,
        own=None,
        coverage=unknown_coverage(grid.n_steps),
        allocated=Expected(ones, ones, ones),
        claim_wh=ones,
        own_surplus_wh=None,
        share=OwnShare(amounts[None], np.full((1, grid.n_steps), chance)),
        costs=night_prices(grid) if costs is None else costs,
        judged=Judged(ones, ones, ones, ones, ones, ones, ones),
        levels=(),
        windows=(),
        degraded=frozenset(),
        bias=1.0,
    )


def tasks_of(
    ahead: Outlook,
    *loads: LoadSettings,
    gone: int = 0,
    states: Mapping[str, LoadState] | None = None,
    contact: bool = True,
    **known: Any,
) -> list[Task]:
    """Their tasks from a step of the outlook on."""
    whole = ahead.grid
    grid = Grid(whole.start + gone * whole.step, whole.step, whole.n_steps - gone)
    return [
        task_of(
            settings,
            (states or {}).get(settings.id, LoadState()),
            Now(at=grid.start, **known),
            grid,
            PARIS,
            off_peak_on(grid) if contact else None,
            OFF_PEAK,
        )
        for settings in loads
    ]


def planned(
    tasks: Sequence[Task],
    ahead: Outlook,
    *,
    observed: Sequence[str] = (),
    room_w: float = np.inf,
    before: HomePlan | None = None,
    by_hand: Sequence[str] = (),
) -> HomePlan:
    """The plan from the first step of the tasks on."""
    whole = ahead.grid
    n_steps = len(tasks[0].allowed)
    labels = local_steps(whole, PARIS)
    gone = whole.n_steps - n_steps
    return home_plan(
        tasks,
        observed,
        ahead,
        replace(labels, day=labels.day[gone:], minute=labels.minute[gone:]),
        np.full(whole.n_steps, room_w),
        whole.start + gone * whole.step,
        before and before.announced,
        by_hand,
    )


def of_one(
    settings: LoadSettings,
    ahead: Outlook,
    state: LoadState | None = None,
    **known: Any,
) -> LoadPlan:
    """The plan of a load alone."""
    states = {settings.id: state} if state else {}
    tasks = tasks_of(ahead, settings, states=states, **known)
    return planned(tasks, ahead).loads[settings.id]


def hours_of(run: Run) -> tuple[float, float]:
    """When it begins and ends, in hours by the clock."""
    begin, end = (at.astimezone(PARIS) for at in (run.start, run.end))
    return begin.hour + begin.minute / 60, end.hour + end.minute / 60


def check(plan: HomePlan, ahead: Outlook, observed: Sequence[str] = ()) -> None:
    """What holds for every plan."""
    grid = plan.grid
    assert grid.end == ahead.grid.end
    first = ahead.grid.n_steps - grid.n_steps
    share = OwnShare(ahead.share.amounts_wh[:, first:], ahead.share.chances[:, first:])
    for load in plan.loads.values():
        from_runs = np.zeros(grid.n_steps)
        end = grid.start
        for number, run in enumerate(load.runs):
            assert run.start > end if number else run.start >= end
            assert run.start < run.end <= grid.end
            end = run.end
            steps = slice(
                (run.start - grid.start) // grid.step,
                (run.end - grid.start) // grid.step,
            )
            from_runs[steps] = load.drawn_wh[steps]
            assert run.energy_wh == pytest.approx(load.drawn_wh[steps].sum())
            assert 0 <= run.covered_wh <= run.energy_wh + 1e-6
        assert (from_runs == load.drawn_wh).all()
        if np.array_equal(load.drawn_wh, load.default_wh) and not np.isnan(
            load.cost_eur
        ):
            assert load.saved_eur == 0
    acted = [load for name, load in plan.loads.items() if name not in observed]
    covered = sum(run.covered_wh for load in acted for run in load.runs)
    total = sum((load.drawn_wh for load in acted), np.zeros(grid.n_steps))
    assert covered <= covered_wh(share, total).sum() + 1e-6
    if not observed:
        assert covered == pytest.approx(covered_wh(share, total).sum())


ONE_DAY = outlook(share_wh=PLENTY_WH, hours=24)
ONE_PLAN = planned(tasks_of(ONE_DAY, heater(), pump()), ONE_DAY)

# Laws

LENGTHS = st.sampled_from([10, 30, 60])
LOADS = st.lists(
    st.sampled_from(
        [
            heater(),
            heater(Wiring.SERIES),
            heater(Wiring.PARALLEL),
            car(),
            car(worth_eur_per_kwh=0.1),
            machine(),
            pump(windows=(Hours(time(8), time(20)),)),
            extra(),
        ]
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda settings: settings.id,
)
SHARES = st.sampled_from([0.0, 300.0, PLENTY_WH])
CHANCES = st.sampled_from([0.0, 0.5, 1.0])
ARMED = {"appliance": LoadState(finish_by=local("2026-06-10 18:00"))}


@given(LOADS, SHARES, CHANCES, LENGTHS, st.integers(0, 20), st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_every_plan_adds_up(
    loads: list[LoadSettings],
    share_wh: float,
    chance: float,
    minutes: int,
    gone: int,
    data: st.DataObject,
) -> None:
    """Runs hold all that is drawn, what is covered is drawn, and a default saves nothing."""
    ahead = outlook(share_wh=share_wh, chance=chance, hours=30, minutes=minutes)
    tasks = tasks_of(ahead, *loads, gone=gone, states=ARMED)
    observed = data.draw(st.lists(st.sampled_from([t.id for t in tasks]), unique=True))
    plan = planned(tasks, ahead, observed=observed)
    check(plan, ahead, observed)
    assert set(plan.loads) == {task.id for task in tasks}
    # Those that are observed are what the others are planned beside.
    beside = [
        replace(task, is_fixed=True) if task.id in observed else task for task in tasks
    ]
    for task in tasks:
        if task.id not in observed:
            again = planned(beside, ahead).loads[task.id]
            assert (plan.loads[task.id].drawn_wh == again.drawn_wh).all()
            assert plan.loads[task.id].cost_eur == pytest.approx(again.cost_eur)


@given(
    st.sampled_from([heater, lambda **told: heater(Wiring.SERIES, **told), car, pump]),
    st.lists(
        st.sampled_from([time(6), time(9, 20), time(18)]), max_size=3, unique=True
    ),
    st.sampled_from([500.0, 3333.0, 9000.0, 30_000.0]),
    st.integers(0, 47),
    LENGTHS,
    SHARES,
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_what_can_be_ready_is_ready(
    make: Any,
    ready_by: list[time],
    need_wh: float,
    first: int,
    minutes: int,
    share_wh: float,
) -> None:
    """By each deadline, whatever the sun does; as much as can be where it can not."""
    start = (datetime(2026, 3, 28) + first * HOUR / 2).isoformat(sep=" ")
    if minutes == 60 and first % 2:
        first -= 1
    ahead = outlook(start, 40, share_wh=share_wh, minutes=minutes)
    settings = make(ready_by=tuple(ready_by), energy_wh=need_wh)
    (task,) = tasks_of(ahead, settings)
    # Nothing is ready sooner than what begins at once in all hours in which it may.
    at_once = default_schedule(task.demand, task.levels_wh, task.allowed)
    found = planned([task], ahead).loads[settings.id]
    assert found.short_wh <= shortfall_wh(task, at_once) + 1
    assert found.short_wh == pytest.approx(shortfall_wh(task, found.drawn_wh), abs=0.5)
    assert (found.why is Why.SHORT) is (found.short_wh > 1)


@given(LOADS, SHARES, CHANCES, st.data())
@hypothesis_settings(max_examples=30, deadline=None)
def test_a_home_is_told_what_its_defaults_cost(
    loads: list[LoadSettings], share_wh: float, chance: float, data: st.DataObject
) -> None:
    """Whoever is only observed; and its plan is never dearer, where the defaults are in time."""
    ahead = outlook(share_wh=share_wh, chance=chance, hours=30)
    tasks = tasks_of(ahead, *loads, states=ARMED)
    observed = data.draw(st.lists(st.sampled_from([t.id for t in tasks]), unique=True))
    plan = planned(tasks, ahead, observed=observed)
    ladder = community_ladder(
        night_prices(ahead.grid), ahead.share.amounts_wh, ahead.share.chances
    )
    defaults = sum((task.default_wh for task in tasks), np.zeros(ahead.grid.n_steps))
    assert plan.default_eur == pytest.approx(ladder.cost_eur(defaults).sum())
    drawn = sum((load.drawn_wh for load in plan.loads.values()), 0 * defaults)
    assert plan.cost_eur == pytest.approx(ladder.cost_eur(drawn).sum())
    is_same = all(
        (load.drawn_wh == load.default_wh).all() for load in plan.loads.values()
    )
    assert not plan.is_default or is_same
    in_time = all(shortfall_wh(task, task.default_wh) <= 0.5 for task in tasks)
    optional = any(task.worth_eur_per_kwh is not None for task in tasks)
    if in_time and not optional:
        assert plan.cost_eur <= plan.default_eur + 2e-4


# When, and why


@pytest.mark.parametrize(
    ("share_wh", "chance", "hours", "why"),
    [
        pytest.param(PLENTY_WH, 1.0, (10, 13), Why.SHARE, id="into the share"),
        pytest.param(PLENTY_WH, 0.0, (22, 1), Why.DEFAULT, id="of which nothing is sure: as ever"),
        pytest.param(0.0, 1.0, (22, 1), Why.DEFAULT, id="without a share: as ever"),
    ],
)  # fmt: skip
def test_where_a_tank_is_heated(
    share_wh: float, chance: float, hours: tuple[float, float], why: Why
) -> None:
    """At noon, where it is covered, else at night."""
    found = of_one(heater(), outlook(share_wh=share_wh, chance=chance, hours=30))
    (run,) = found.runs
    assert (hours_of(run), run.energy_wh, found.why) == (hours, NEED_WH, why)
    eur = ALLOCATED if why is Why.SHARE else OFF_PEAK
    assert found.cost_eur == pytest.approx(6 * eur)
    assert found.default_eur == pytest.approx(6 * OFF_PEAK)
    assert found.saved_eur == pytest.approx(6 * (OFF_PEAK - eur))
    assert run.covered_wh == pytest.approx(NEED_WH * (why is Why.SHARE))


def test_cheap_hours_where_nothing_better_comes_in_time() -> None:
    """A car that would charge at once waits for the night."""
    found = of_one(car(), outlook("2026-06-09 16:00", 24), contact=False)
    (run,) = found.runs
    assert (found.why, hours_of(run)[0]) == (Why.CHEAP, 22)
    assert found.saved_eur == pytest.approx(8 * (PEAK - OFF_PEAK), rel=0.02)


def test_in_time_where_only_dear_hours_are_left() -> None:
    """A car leaves at 20, and begins a little later than at once: there is some sun."""
    ahead = outlook("2026-06-09 16:00", 30, share_wh=np.linspace(0, 100, 60))
    found = of_one(car(ready_by=(time(20),)), ahead, contact=False)
    assert found.why is Why.IN_TIME
    assert found.runs[-1].end <= local("2026-06-09 20:00")


@pytest.mark.parametrize(
    ("worth", "why", "energy_wh"),
    [
        pytest.param(0.12, Why.SHARE, 6 * 1000.0, id="more than it costs"),
        pytest.param(0.05, Why.NOT_WORTH_IT, 0.0, id="less"),
    ],
)
def test_what_runs_only_where_it_pays(worth: float, why: Why, energy_wh: float) -> None:
    """Saves what it is worth beyond its cost."""
    settings = extra(worth_eur_per_kwh=worth)
    found = of_one(settings, outlook(share_wh=PLENTY_WH, hours=24))
    assert (found.why, found.drawn_wh.sum()) == (why, energy_wh)
    assert found.saved_eur == pytest.approx(energy_wh / 1000 * (worth - ALLOCATED))


def test_a_relay_in_parallel_saves_what_the_night_would_have_cost() -> None:
    """The contactor heats that much less."""
    found = of_one(heater(Wiring.PARALLEL), outlook(share_wh=PLENTY_WH, hours=20))
    assert (found.why, found.drawn_wh.sum()) == (Why.SHARE, NEED_WH)
    assert found.saved_eur == pytest.approx(6 * (OFF_PEAK - ALLOCATED))


@pytest.mark.parametrize(
    ("settings", "state", "known", "why"),
    [
        pytest.param(heater(), LoadState(drawn_wh=NEED_WH), {}, Why.NOT_NEEDED, id="hot already"),
        pytest.param(machine(), None, {}, Why.NOT_NEEDED, id="not armed"),
        pytest.param(car(), None, {"is_plugged": False}, Why.NOT_NEEDED, id="not plugged"),
        pytest.param(machine(), LoadState(finish_by=local("2026-06-09 18:00"), began=local("2026-06-09 07:10")), {}, Why.RUNNING, id="in progress"),
        pytest.param(heater(energy_wh=90_000), None, {}, Why.SHORT, id="too much to do"),
        pytest.param(machine(), LoadState(finish_by=local("2026-06-09 09:00")), {}, Why.SHORT, id="too late"),
    ],
)  # fmt: skip
def test_why(
    settings: LoadSettings, state: LoadState | None, known: dict[str, Any], why: Why
) -> None:
    """In one word."""
    found = of_one(settings, outlook(hours=23), state, **known)
    assert found.why is why
    assert (found.short_wh > 1) is (why is Why.SHORT)


def test_by_hand() -> None:
    """What the user did is the reason, unless it makes it late."""
    ahead = outlook(hours=23)
    until = local("2026-06-09 09:00")
    on = tasks_of(ahead, heater(), forced_on=True, forced_until=until)
    assert (
        planned(on, ahead, by_hand=["water_heater"]).loads["water_heater"].why
        is Why.BY_HAND
    )
    until = local("2026-06-10 05:00")
    off = tasks_of(ahead, heater(), forced_on=False, forced_until=until)
    found = planned(off, ahead, by_hand=["water_heater"]).loads["water_heater"]
    assert found.why is Why.SHORT
    assert found.short_wh == pytest.approx(NEED_WH - 2000)


def test_asked_for_now_it_runs_now() -> None:
    """Whatever comes at noon; and that is its default, too."""
    found = of_one(
        heater(), outlook(share_wh=PLENTY_WH, hours=23), LoadState(run_asked=True)
    )
    assert hours_of(found.runs[0]) == (8, 11)
    assert found.drawn_wh.sum() == NEED_WH


def test_a_tank_of_an_empty_home_is_hot_on_the_return() -> None:
    """In the sun of that day, and not before."""
    state = LoadState(skipped_until=local("2026-06-10 18:00"), is_absent=True)
    found = of_one(heater(), outlook(share_wh=PLENTY_WH, hours=40), state)
    assert found.short_wh == 0
    assert {run.start.astimezone(PARIS).day for run in found.runs} == {10}
    assert found.drawn_wh.sum() == 11_000  # 10.4 kWh in whole steps


# Observed loads


def test_loads_are_planned_beside_those_that_are_observed() -> None:
    """The pump, which nobody switches, has the share at noon; the tank is heated at night."""
    ahead = outlook(share_wh=400, hours=23)
    tasks = tasks_of(
        ahead,
        heater(power_w=800.0, energy_wh=2400.0),
        pump(windows=(Hours(time(10), time(16)),)),
        contact=False,
    )
    plan = planned(tasks, ahead, observed=["deferrable"])
    check(plan, ahead, ["deferrable"])
    tank = plan.loads["water_heater"]
    assert hours_of(tank.runs[0])[0] in (15, 22)
    alone = planned(tasks[:1], ahead).loads["water_heater"]
    assert hours_of(alone.runs[0])[0] == 10
    # Alone in the share, it has all of it.
    assert alone.runs[0].covered_wh == pytest.approx(2400)


def test_advice_for_what_is_observed() -> None:
    """Where it would be better, beside what is switched; the home's default is today's."""
    ahead = outlook(share_wh=PLENTY_WH, hours=23)
    tasks = tasks_of(ahead, heater(), car(ready_by=(time(20),)), contact=False)
    plan = planned(tasks, ahead, observed=["car"])
    assert plan.loads["car"].why is Why.SHARE
    assert plan.loads["car"].saved_eur > 0
    assert not plan.is_default
    ladder = community_ladder(
        night_prices(ahead.grid), ahead.share.amounts_wh, ahead.share.chances
    )
    defaults = tasks[0].default_wh + tasks[1].default_wh
    assert plan.default_eur == pytest.approx(ladder.cost_eur(defaults).sum())


def test_a_home_is_not_by_default_as_long_as_one_load_is_not() -> None:
    """Whoever is observed may well be."""
    ahead = outlook(share_wh=PLENTY_WH, hours=23)
    tasks = tasks_of(ahead, heater(), car(), charge=0.8)
    plan = planned(tasks, ahead, observed=["car"])
    assert plan.loads["water_heater"].saved_eur > 0
    assert not plan.is_default
    dark = outlook(hours=23)
    assert planned(tasks_of(dark, heater(), car(), charge=0.8), dark).is_default


def test_advice_takes_nothing_from_what_is_switched() -> None:
    """The car charges in the morning, whatever would be better: the share is the tank's."""
    ahead = outlook(share_wh=1500, hours=23)
    loads = (
        heater(ready_by=(time(16),)),
        car(ready_by=(time(20),), energy_wh=20_000.0),
    )
    tasks = tasks_of(ahead, *loads, contact=False)
    plan = planned(tasks, ahead, observed=["car"])
    tank, advised = plan.loads["water_heater"], plan.loads["car"]
    assert (tank.drawn_wh * advised.drawn_wh).any()
    assert sum(run.covered_wh for run in tank.runs) == pytest.approx(NEED_WH)
    assert tank.cost_eur == pytest.approx(6 * ALLOCATED)


def test_what_is_observed_takes_power_as_ever() -> None:
    """Where both do not fit, the one that is switched gives way."""
    ahead = outlook(hours=23)
    tasks = tasks_of(
        ahead, heater(), car(ready_by=(time(23),), energy_wh=11_000.0), contact=False
    )
    plan = planned(tasks, ahead, observed=["car"], room_w=8000)
    car_on = tasks[1].default_wh > 0
    assert not (plan.loads["water_heater"].drawn_wh[car_on] > 0).any()


# Announced


def test_what_was_announced_stays() -> None:
    """A step later, on the steps that are left."""
    ahead = outlook(share_wh=PLENTY_WH, hours=24)
    settings = heater(energy_wh=2000)
    before = planned(tasks_of(ahead, settings), ahead)
    (start,) = [run.start for run in before.loads["water_heater"].runs]
    assert start == local("2026-06-09 10:00")
    # Noon is as good as ten, and a little better.
    better = replace(
        ahead,
        share=OwnShare(
            ahead.share.amounts_wh, np.where(np.arange(48) >= 8, 1.0, 0.9)[None]
        ),
    )
    tasks = tasks_of(better, settings, gone=2)
    kept = planned(tasks, better, before=before).loads["water_heater"]
    assert [run.start for run in kept.runs] == [start]
    free = planned(tasks, better).loads["water_heater"]
    assert [run.start for run in free.runs] == [local("2026-06-09 12:00")]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"step": STEP / 2}, id="of another step"),
        pytest.param({"start": local("2026-06-09 08:10")}, id="between two steps"),
        pytest.param({"start": local("2026-06-09 10:00")}, id="of a later time"),
        pytest.param({"start": local("2026-06-01 08:00")}, id="long over"),
    ],
)
def test_what_was_announced_otherwise_says_nothing(change: dict[str, Any]) -> None:
    """A plan on other steps is not followed."""
    ahead = outlook(share_wh=PLENTY_WH, hours=24)
    tasks = tasks_of(ahead, heater(energy_wh=2000), gone=2)
    fresh = planned(tasks, ahead)
    drawn = np.roll(fresh.loads["water_heater"].drawn_wh, 3)
    told = replace(fresh.loads["water_heater"], drawn_wh=drawn)
    there = replace(fresh, loads={"water_heater": told})
    assert planned(tasks, ahead, before=there).loads[
        "water_heater"
    ].drawn_wh == pytest.approx(drawn)
    other = replace(there, grid=replace(fresh.grid, **change))
    found = planned(tasks, ahead, before=other).loads["water_heater"]
    assert (found.drawn_wh == fresh.loads["water_heater"].drawn_wh).all()


def test_own_surplus_comes_before_the_neighbours() -> None:
    """Where a producer fills its own loads first, they run in its own sun."""
    ahead = outlook(share_wh=0.0, hours=24)
    grid, tank = ahead.grid, heater(energy_wh=2000)
    own = np.zeros(grid.n_steps)
    own[10:14] = 5000.0
    alone = planned(tasks_of(ahead, tank), ahead).loads[tank.id]
    first = planned(tasks_of(ahead, tank), replace(ahead, own_surplus_wh=own))
    assert not (alone.drawn_wh[10:14] > 0).all()
    assert first.loads[tank.id].drawn_wh[10:14].sum() >= 2000
    assert first.cost_eur < alone.cost_eur


def test_what_was_announced_of_a_load_that_is_gone() -> None:
    """Is forgotten."""
    ahead = outlook(share_wh=PLENTY_WH, hours=24)
    both = planned(tasks_of(ahead, heater(), pump()), ahead)
    one = planned(tasks_of(ahead, heater(), gone=1), ahead, before=both)
    assert set(one.loads) == {"water_heater"}


# Without prices


def test_without_prices_all_runs_as_today() -> None:
    """And nothing is reckoned; what is short or not needed is told all the same."""
    ahead = outlook(hours=23, costs=CostsMissing.NO_CONTRACT)
    state = LoadState(finish_by=local("2026-06-09 09:00"))
    loads = (heater(), extra(), car(), machine())
    tasks = tasks_of(ahead, *loads, states={"appliance": state}, charge=0.8)
    plan = planned(tasks, ahead, observed=["car"], by_hand=[])
    check(plan, ahead, ["car"])
    assert plan.is_default
    assert np.isnan([plan.cost_eur, plan.default_eur]).all()
    for task in tasks:
        found = plan.loads[task.id]
        assert (found.drawn_wh == task.default_wh).all()
        assert np.isnan(found.saved_eur)
        assert sum(run.covered_wh for run in found.runs) == 0
    whys = {name: load.why for name, load in plan.loads.items()}
    assert whys == {
        "water_heater": Why.NO_PRICES,
        "surplus": Why.NO_PRICES,
        "car": Why.NOT_NEEDED,
        "appliance": Why.SHORT,
    }


def test_a_price_that_is_not_known_moves_nothing_there() -> None:
    """A Tempo day without colour counts as the dearest."""
    grid = grid_from(MORNING, 23)
    costs = night_prices(grid)
    supplier = costs.supplier.copy()
    supplier[28:] = np.nan
    ahead = outlook(hours=23, costs=replace(costs, supplier=supplier))
    found = of_one(heater(), ahead, contact=False)
    assert found.drawn_wh[:28].sum() == NEED_WH


# The share


def test_loads_in_one_step_part_what_is_covered() -> None:
    """By their energy."""
    ahead = outlook(share_wh=900, hours=20)
    settings = (
        heater(energy_wh=12_000, ready_by=(time(16),)),
        pump(windows=(Hours(time(10), time(16)),), runs_for=6 * HOUR),
    )
    plan = planned(tasks_of(ahead, *settings), ahead)
    check(plan, ahead)
    tank, pool = (plan.loads[name] for name in ("water_heater", "deferrable"))
    both = (tank.drawn_wh > 0) & (pool.drawn_wh > 0)
    assert both.any()
    covered = sum(run.covered_wh for run in tank.runs) / sum(
        run.covered_wh for run in pool.runs
    )
    assert covered == pytest.approx(
        (900 * both * 1000 / 1400).sum()
        / (900 * both * 400 / 1400 + 400 * (~both & (pool.drawn_wh > 0))).sum(),
        rel=0.05,
    )


@given(
    st.integers(-60, 60),
    st.integers(1, 120),
    st.dictionaries(st.sampled_from(sorted(ONE_PLAN.loads)), st.booleans()),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_what_is_expected_on_other_steps(
    first: int, n_steps: int, follows: dict[str, bool]
) -> None:
    """Those that follow as planned, others by default, the rest not at all; in its place."""
    whole = ONE_PLAN.grid
    grid = Grid(whole.start + first * STEP, STEP, n_steps)
    total = np.zeros(whole.n_steps)
    for name, is_planned in follows.items():
        load = ONE_PLAN.loads[name]
        total = total + (load.drawn_wh if is_planned else load.default_wh)
    expected = [
        float(total[first + n]) if 0 <= first + n < whole.n_steps else 0.0
        for n in range(n_steps)
    ]
    assert expected_draw_wh(ONE_PLAN, grid, follows).tolist() == expected
    shorter = replace(grid, step=STEP / 2)
    assert not expected_draw_wh(ONE_PLAN, shorter, follows).any()


def test_a_plan_from_the_middle_of_the_outlook() -> None:
    """Its grid begins with the step in progress, and so does its share."""
    ahead = outlook(MIDNIGHT, 48, share_wh=PLENTY_WH)
    plan = planned(tasks_of(ahead, heater(), gone=16), ahead)
    assert plan.grid.start == local(MORNING)
    assert plan.made_at == local(MORNING)
    assert plan.grid.n_steps == 80
    assert hours_of(plan.loads["water_heater"].runs[0]) == (10, 13)


def test_switching_limits_hold() -> None:
    """A run no shorter than it must be, also in a share that has holes."""
    share = noon(grid_from(MORNING, 24))
    share[1::2] = 0
    settings = heater(switching=Switching(min_on=HOUR, starts_per_day=1))
    found = of_one(settings, outlook(hours=24, share_wh=share))
    assert (
        len([run for run in found.runs if run.start < local("2026-06-10 00:00")]) == 1
    )
    assert all(run.end - run.start >= HOUR for run in found.runs)
    assert found.short_wh == 0


# What it did


def test_past_runs() -> None:
    """Consecutive steps are one run; waiting is none, nor is what was not measured."""
    grid = Grid(grid_from(MIDNIGHT).start, STEP, 8)
    idle, nan = 0.01 * 2000 * (STEP / HOUR), np.nan
    drawn = np.array([idle, 900.0, 300.0, nan, 500.0, 0.0, nan, 800.0])
    runs = past_runs(drawn, 2000.0, grid)
    assert [(run.start, run.end, run.energy_wh) for run in runs] == [
        (grid.start + STEP, grid.start + 3 * STEP, 1200.0),
        (grid.start + 4 * STEP, grid.start + 5 * STEP, 500.0),
        (grid.start + 7 * STEP, grid.end, 800.0),
    ]
    assert past_runs(np.empty(0), 2000.0, replace(grid, n_steps=0)) == ()
