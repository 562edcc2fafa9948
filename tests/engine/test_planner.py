"""All loads of a home placed together: no rule broken, never dearer than today, and steady."""

from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.ladder import Ladder
from custom_components.autoconsommation_collective.engine.planner import (
    MOVE_EUR,
    Drawn,
    Placement,
    Setting,
    misfits,
    plan,
    shortfall_wh,
)
from custom_components.autoconsommation_collective.engine.task import Task
from script.benchmarks.planning.broken import broken, judged_eur, spent_eur
from script.benchmarks.planning.optimum import optimum

from .planner_cases import (
    flat,
    heater,
    homes,
    machine,
    machines,
    needs,
    setting_of,
    settings_of,
)

type Home = tuple[tuple[Task, ...], Setting]


def runs(placement: Placement) -> dict[str, list[int]]:
    """Steps in which each draws."""
    return {
        name: np.flatnonzero(wh).tolist() for name, wh in placement.drawn_wh.items()
    }


def defaults(tasks: tuple[Task, ...]) -> dict[str, Energies]:
    """What all would draw without any plan."""
    return {task.id: task.default_wh for task in tasks}


def is_same(one: Drawn, other: Drawn) -> bool:
    """Whether two plans are the same."""
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def own_limits(task: Task, setting: Setting, wh: Energies) -> list[str]:
    """What one load breaks by itself, also where it runs by default."""
    other = replace(task, default_wh=np.full(len(wh), np.nan), is_fixed=False)
    free = replace(setting, room_w=np.full(len(wh), 1e9))
    return broken([other], free, {task.id: wh})


def shared_limits(tasks: tuple[Task, ...], setting: Setting, drawn: Drawn) -> list[str]:
    """What all together break."""
    return broken(
        [
            replace(task, default_wh=drawn[task.id]) if not task.is_fixed else task
            for task in tasks
        ],
        setting,
        drawn,
    )


# Laws


@given(homes())
@settings(max_examples=100)
def test_no_rule_is_broken(home: Home) -> None:
    """Each load keeps its own limits or runs by default; all together keep what they share."""
    tasks, setting = home
    found = plan(tasks, setting)
    assert found.drawn_wh.keys() == {task.id for task in tasks}
    if found.is_default:
        assert is_same(found.drawn_wh, defaults(tasks))
    else:
        assert broken(tasks, setting, found.drawn_wh) == []


@given(homes())
def test_what_is_short_is_told(home: Home) -> None:
    """Each missing kWh once, and nothing else."""
    tasks, setting = home
    found = plan(tasks, setting)
    for task in tasks:
        short = shortfall_wh(task, found.drawn_wh[task.id])
        assert found.short_wh.get(task.id, 0.0) == (short if short > 0.5 else 0.0)
        if task.is_cycle or short == 0:
            continue
        missing = task.demand.at_least_wh[1:] - np.cumsum(found.drawn_wh[task.id])
        assert short >= missing.max() - 0.5


@given(homes())
@settings(max_examples=100)
def test_never_worse_than_no_plan(home: Home) -> None:
    """Where no plan is possible at all: expected cost, wear and what is short."""
    tasks, setting = home
    found = plan(tasks, setting)
    today = defaults(tasks)
    if not shared_limits(tasks, setting, today):
        most = judged_eur(tasks, setting, today)
        assert judged_eur(tasks, setting, found.drawn_wh) <= most + 1e-6
    assert found.cost_eur == pytest.approx(
        spent_eur(tasks, setting, found.drawn_wh), abs=1e-9
    )
    assert found.default_eur == pytest.approx(
        spent_eur(tasks, setting, today), abs=1e-9
    )
    if not found.is_default:
        assert found.rejected_eur == found.default_eur


@given(homes())
@settings(max_examples=40)
def test_never_better_than_the_optimum_and_mostly_as_good(home: Home) -> None:
    """Held against a program of all loads at once; how near it comes is the bench's matter."""
    tasks, setting = home
    # What is fixed costs what it costs, whether that is worth it or not.
    tasks = tuple(replace(task, is_fixed=False) for task in tasks)
    tasks = tuple(replace(task, default_wh=task.held_wh()) for task in tasks)
    found = judged_eur(tasks, setting, plan(tasks, setting).drawn_wh)
    best = optimum(tasks, setting, gap=0.0, presolve=False)
    assume(best.is_finished)
    assert found >= best.cost_eur - 1e-3


@given(homes(), st.randoms(use_true_random=False))
def test_same_input_same_plan_in_any_order(home: Home, random: Random) -> None:
    """Nothing hangs on chance or on the order of the loads."""
    tasks, setting = home
    found = plan(tasks, setting)
    assert is_same(plan(tasks, setting).drawn_wh, found.drawn_wh)
    shuffled = list(tasks)
    random.shuffle(shuffled)
    assert is_same(plan(shuffled, setting).drawn_wh, found.drawn_wh)


@given(homes())
@settings(max_examples=100)
def test_a_plan_stays_while_nothing_changes(home: Home) -> None:
    """Its own result, announced, is planned again."""
    tasks, setting = home
    found = plan(tasks, setting)
    again = plan(tasks, setting, found.drawn_wh)
    assert is_same(again.drawn_wh, found.drawn_wh)
    assert again.is_default == found.is_default


@given(homes(), st.data())
@settings(max_examples=100)
def test_a_start_moves_only_for_what_it_gains(home: Home, data: st.DataObject) -> None:
    """Under other prices: each start that moved saves MOVE_EUR, or the plan was impossible."""
    tasks, setting = home
    before = plan(tasks, setting)
    other = data.draw(settings_of(setting.ladder.n_steps))
    now = replace(setting, ladder=other.ladder)
    after = plan(tasks, now, before.drawn_wh)
    announced_eur = judged_eur(tasks, now, before.drawn_wh)
    # What no longer costs less than no plan at all is given up at once.
    assume(announced_eur < judged_eur(tasks, now, defaults(tasks)) - 1e-3)
    moved = sum(
        moved_starts(before.drawn_wh[task.id], after.drawn_wh[task.id])
        for task in tasks
    )
    gain = announced_eur - judged_eur(tasks, now, after.drawn_wh)
    assert gain >= moved * MOVE_EUR - 1e-6


@given(homes(), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_noise_moves_no_start(home: Home, seed: int) -> None:
    """Where all that it could gain is less than one start must."""
    tasks, setting = home
    before = plan(tasks[:1], setting)
    ladder = setting.ladder
    all_kwh = max(sum(before.drawn_wh[tasks[0].id]), *tasks[0].default_wh) / 1000 + 4
    noise = np.random.default_rng(seed).uniform(-1, 1, ladder.eur_per_kwh.shape)
    noisy = Ladder(
        ladder.widths_wh, ladder.eur_per_kwh + noise * MOVE_EUR / 2 / (4 * all_kwh)
    )
    after = plan(tasks[:1], replace(setting, ladder=noisy), before.drawn_wh)
    if not before.is_default and not after.is_default:
        moved = moved_starts(before.drawn_wh[tasks[0].id], after.drawn_wh[tasks[0].id])
        assert moved == 0


def moved_starts(before: Energies, after: Energies) -> int:
    """Announced starts that are no longer; what goes on from before counts as one."""
    moved, was, now = 0, False, False
    for is_on, will in zip((before > 0).tolist(), (after > 0).tolist(), strict=True):
        moved += (is_on and not was) and not (will and not now)
        was, now = is_on, will
    return moved


@given(homes())
@settings(max_examples=100)
def test_a_plan_fits_by_the_planners_own_rules(home: Home) -> None:
    """And what breaks a rule misfits: the two ways of counting agree."""
    tasks, setting = home
    found = plan(tasks, setting)
    for task in tasks:
        for wh in (found.drawn_wh[task.id], task.default_wh):
            if not task.is_fixed:
                expected = bool(own_limits(task, setting, wh))
                assert misfits(task, wh, setting.day) is expected


@given(homes(), st.data())
def test_a_running_cycle_is_neither_moved_nor_cut(
    home: Home, data: st.DataObject
) -> None:
    """Whatever else there is."""
    tasks, setting = home
    n_steps = setting.ladder.n_steps
    cycle = data.draw(machines(n_steps, "running"))
    cycle = replace(
        cycle,
        demand=replace(cycle.demand, is_running=True),
        on_for=1,
        worth_eur_per_kwh=None,
    )
    cycle = replace(cycle, default_wh=cycle.held_wh())
    found = plan((*tasks, cycle), setting)
    assert np.array_equal(found.drawn_wh["running"], cycle.held_wh())


@given(homes())
def test_what_is_fixed_stays(home: Home) -> None:
    """The user's own hand."""
    tasks, setting = home
    found = plan(
        tasks, setting, {task.id: np.zeros(len(task.allowed)) for task in tasks}
    )
    for task in tasks:
        if task.is_fixed:
            assert np.array_equal(found.drawn_wh[task.id], task.default_wh)


@given(st.data())
def test_without_any_share_all_is_ready_in_time(data: st.DataObject) -> None:
    """The guarantee: whatever the community gives, and whatever it costs."""
    n_steps = 16
    tasks = []
    for number in range(data.draw(st.integers(1, 4))):
        due = data.draw(st.integers(8, n_steps))
        units = data.draw(st.integers(1, 8))
        demand = needs(n_steps, (0, due, 1000.0 * units))
        tasks.append(
            heater(demand, id=f"load {number}", min_on=data.draw(st.integers(1, 3)))
        )
    prices = data.draw(
        st.lists(st.sampled_from([0.1, 0.2, 3.0]), min_size=n_steps, max_size=n_steps)
    )
    nothing = setting_of([[0.0] * n_steps], [[0.05] * n_steps, prices], 9000.0)
    found = plan(tasks, nothing)
    assert found.short_wh == {}
    for task in tasks:
        drawn = np.concatenate(([0.0], np.cumsum(found.drawn_wh[task.id])))
        assert (drawn >= task.demand.at_least_wh).all()


# Examples


def test_two_of_a_group_never_run_at_once() -> None:
    """The dryer waits for the washing machine, though both would like the same hour."""
    prices = [0.3, 0.1, 0.1, 0.2, 0.2, 0.3]
    tasks = [
        machine(6, (1000, 1000), 0, 6, id=name, group="laundry")
        for name in ("dryer", "washing machine")
    ]
    found = runs(plan(tasks, flat(6, prices)))
    assert sorted(found.values()) == [[1, 2], [3, 4]]


def test_power_of_all_together_stays_below_what_is_subscribed() -> None:
    """Where both do not fit at once, one takes the next cheapest steps."""
    prices = [0.3, 0.1, 0.15, 0.3]
    tasks = [heater(needs(4, (0, 4, 1000)), id=name) for name in ("one", "other")]
    at_once = runs(plan(tasks, flat(4, prices, room_w=2000)))
    assert at_once == {"one": [1], "other": [1]}
    for in_some_order in (tasks, tasks[::-1]):
        apart = runs(plan(in_some_order, flat(4, prices, room_w=1999)))
        assert apart == {"one": [1], "other": [2]}


def test_the_important_load_comes_first_where_not_all_fits() -> None:
    """The other falls short, and it is told."""
    tasks = [
        heater(needs(2, (0, 2, 2000)), id="tank", priority=8),
        heater(needs(2, (0, 2, 1000)), id="pump", priority=3),
    ]
    found = plan(tasks, flat(2, room_w=1500))
    assert runs(found) == {"tank": [0, 1], "pump": []}
    assert found.short_wh == {"pump": 1000}


def test_an_impossible_need_is_met_as_far_as_it_goes() -> None:
    """Three hours' heat in two hours: two of them, at any price."""
    task = heater(needs(6, (0, 2, 3000)))
    found = plan([task], flat(6, [5.0, 5, 0.1, 0.1, 0.1, 0.1]))
    assert runs(found) == {"heater": [0, 1]}
    assert found.short_wh == {"heater": 1000}


def test_what_runs_keeps_its_power_beside_a_more_important_load() -> None:
    """A cycle that runs, and a run that must not be cut, are there before all others."""
    n_steps = 4
    tasks = [
        heater(needs(n_steps, (0, 3, 2000)), id="tank", priority=10),
        machine(
            n_steps, (1000,), 0, 4, id="machine", priority=0, is_running=True, on_for=3
        ),
        heater(needs(n_steps, (0, 4, 3000)), id="pump", priority=0, min_on=3, on_for=1),
    ]
    found = runs(plan(tasks, flat(n_steps, room_w=2000)))
    assert found["machine"] == [0]
    assert found["pump"][:2] == [0, 1]
    assert found["tank"] == [1, 2]


def test_fixed_loads_are_counted() -> None:
    """What the user's hand draws leaves less power, and less of the sun."""
    by_hand = heater(
        needs(3), id="by hand", is_fixed=True, default_wh=np.array([1000.0, 0, 0])
    )
    task = heater(needs(3, (0, 3, 1000)))
    sunny = setting_of([[1000, 1000, 0]], [[0.1, 0.12, 0.1], [0.2] * 3])
    assert runs(plan([task], sunny))["heater"] == [0]
    assert runs(plan([task, by_hand], sunny)) == {"heater": [1], "by hand": [0]}
    tight = flat(3, [0.1, 0.2, 0.3], room_w=1500)
    assert runs(plan([task, by_hand], tight))["heater"] == [1]


def test_loads_share_the_sun_instead_of_all_buying_for_it() -> None:
    """Each on its own would take the brightest step."""
    sun = setting_of([[800, 1000, 900, 0]], [[0.1] * 4, [0.2] * 4])
    tasks = [heater(needs(4, (0, 4, 1000)), id=name) for name in ("a", "b", "c")]
    found = runs(plan(tasks, sun))
    assert sorted(found.values()) == [[0], [1], [2]]


def test_a_dearer_allocation_is_no_reason_to_run() -> None:
    """Negative margin: what the community gives costs more than the supplier at noon."""
    noon = setting_of([[0, 2000, 2000, 0]], [[0.18] * 4, [0.21, 0.16, 0.16, 0.19]])
    task = heater(needs(4, (0, 4, 1000)))
    assert runs(plan([task], noon)) == {"heater": [1]}
    dear = setting_of([[0, 2000, 2000, 0]], [[0.22] * 4, [0.21, 0.16, 0.16, 0.19]])
    assert runs(plan([task], dear)) == {"heater": [3]}


def test_optional_energy_takes_what_the_others_leave() -> None:
    """Only below its price: beside the tank there is not enough sun for both."""
    sun = setting_of([[1000, 2000, 1000, 0]], [[0.1] * 4, [0.2] * 4])
    tank = heater(needs(4, (0, 2, 1000)), id="tank")
    extra = heater(
        replace(needs(4), at_most_wh=np.full(5, 9000.0)),
        id="extra",
        worth_eur_per_kwh=0.15,
    )
    found = plan([tank, extra], sun)
    assert found.drawn_wh["extra"].sum() == 3000
    assert found.cost_eur == pytest.approx(0.4)
    assert runs(plan([extra], flat(4)))["extra"] == []


def test_default_runs_where_nothing_costs_less() -> None:
    """Nothing is moved for nothing."""
    night = np.array([0.0, 1000, 1000, 0])
    task = heater(needs(4, (0, 4, 2000)), default_wh=night)
    tie = plan([task], flat(4, [0.1, 0.1, 0.1, 0.1]))
    assert tie.is_default and tie.rejected_eur == pytest.approx(0.2)
    found = plan([task], flat(4, [0.2, 0.1, 0.1, 0.2]))
    assert found.is_default and found.drawn_wh["heater"] is task.default_wh
    assert found.cost_eur == found.default_eur == pytest.approx(0.2)
    moved = plan([task], flat(4, [0.09, 0.1, 0.1, 0.2]))
    assert not moved.is_default
    assert (moved.cost_eur, moved.rejected_eur) == pytest.approx((0.19, 0.2))


def test_a_default_that_needs_too_much_power_is_no_alternative() -> None:
    """It costs less, and the breaker trips."""
    tasks = [
        heater(needs(2, (0, 2, 1000)), id=name, default_wh=np.array([1000.0, 0]))
        for name in ("one", "other")
    ]
    found = plan(tasks, flat(2, [0.1, 0.3], room_w=1500))
    assert not found.is_default
    assert sorted(runs(found).values()) == [[0], [1]]
    assert found.cost_eur > found.default_eur


def test_announced_starts_stay_for_little_and_move_for_much() -> None:
    """Four cents are not worth it, six are."""
    task = machine(4, (1000,), 0, 4)
    before = plan([task], flat(4, [0.2, 0.1, 0.2, 0.2])).drawn_wh
    for price, expected in ((0.06, [1]), (0.04, [3])):
        cheaper = flat(4, [0.2, 0.1, 0.2, price])
        assert runs(plan([task], cheaper, before))["machine"] == expected
        assert runs(plan([task], cheaper))["machine"] == [3]


def test_what_was_announced_and_no_longer_fits_is_put_right() -> None:
    """Only that: the other load stays."""
    tasks = [
        machine(5, (1000,), 0, 5, id="machine"),
        heater(needs(5, (0, 5, 1000)), id="tank"),
    ]
    before = {
        "machine": np.array([0, 0, 1000.0, 0, 0]),
        "tank": np.array([0, 1000.0, 0, 0, 0]),
        "gone": np.ones(5),
    }
    barred = replace(tasks[0], allowed=np.array([True, True, False, True, True]))
    found = runs(plan([barred, tasks[1]], flat(5), before))
    assert found["tank"] == [1]
    assert found["machine"] != [2]
    less_power = replace(flat(5), room_w=np.array([9000.0, 0, 9000, 9000, 9000]))
    found = runs(plan(tasks, less_power, before))
    assert found == {"machine": [2], "tank": [0]}
