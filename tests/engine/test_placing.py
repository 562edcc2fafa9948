"""One load placed at its least cost: the optimum, whatever its limits."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.placing import placed
from custom_components.autoconsommation_collective.engine.planner import Setting
from custom_components.autoconsommation_collective.engine.task import Corridor, Task
from script.benchmarks.planning.broken import broken, judged_eur
from script.benchmarks.planning.optimum import optimum

from .planner_cases import (
    alone,
    flat,
    heater,
    heaters,
    machine,
    machines,
    needs,
    setting_of,
    settings_of,
)

CENT = 0.01


def runs(drawn: Energies) -> list[int]:
    """Steps in which it draws."""
    return np.flatnonzero(drawn).tolist()


def judged(task: Task, setting: Setting, drawn: Energies) -> float:
    """What counts, for one load."""
    return judged_eur([task], setting, {task.id: drawn})


def each_way(task: Task, n_steps: int) -> list[Energies]:
    """All that a load could draw, possible or not."""
    if task.is_cycle:
        ways = [np.zeros(n_steps)]
        for begin in range(n_steps):
            way = np.zeros(n_steps)
            part = task.demand.wh[: n_steps - begin]
            way[begin : begin + len(part)] = part
            ways.append(way)
        return ways
    return [np.array(way) for way in product((0.0, *task.levels_wh), repeat=n_steps)]


# Laws


@given(st.data())
@settings(max_examples=60)
def test_no_other_way_costs_less_of_all_there_are(data: st.DataObject) -> None:
    """Every pattern of a few steps is tried."""
    n_steps = data.draw(st.integers(3, 6))
    task = data.draw(st.one_of(heaters(n_steps), machines(n_steps)))
    task = replace(task, levels_wh=task.levels_wh[:2], default_wh=np.ones(n_steps))
    setting = data.draw(settings_of(n_steps))
    drawn = placed(task, alone(task, setting))
    best = min(
        judged(task, setting, way)
        for way in each_way(task, n_steps)
        if not broken([task], setting, {task.id: way})
    )
    assert judged(task, setting, drawn) == pytest.approx(best, abs=1e-4)


@given(st.data())
@settings(max_examples=80)
def test_no_other_way_costs_less_by_a_program(data: st.DataObject) -> None:
    """Held against a mixed-integer program over half a day and more."""
    n_steps = data.draw(st.integers(12, 20))
    task = data.draw(st.one_of(heaters(n_steps), heaters(n_steps), machines(n_steps)))
    task = replace(task, default_wh=np.ones(n_steps))
    setting = data.draw(settings_of(n_steps))
    drawn = placed(task, alone(task, setting))
    assert broken([task], setting, {task.id: drawn}) == []
    best = optimum((task,), setting, gap=0.0, presolve=False)
    assert best.is_finished
    assert judged(task, setting, drawn) == pytest.approx(best.cost_eur, abs=1e-3)


@given(st.data())
def test_what_is_needed_is_drawn_whatever_the_price(data: st.DataObject) -> None:
    """Without any share, and however dear: all is ready where there is time for it."""
    n_steps = data.draw(st.integers(6, 20))
    due = data.draw(st.integers(1, n_steps))
    n_units = data.draw(st.integers(1, due))
    prices = data.draw(
        st.lists(st.sampled_from([0.1, 5.0]), min_size=n_steps, max_size=n_steps)
    )
    task = heater(needs(n_steps, (0, due, 1000.0 * n_units)))
    drawn = placed(task, alone(task, flat(n_steps, prices)))
    assert drawn[:due].sum() == 1000 * n_units
    assert drawn[due:].sum() == 0


# Examples


def test_cheapest_steps_before_it_must_be_ready() -> None:
    """Not after, however cheap."""
    task = heater(needs(6, (0, 4, 2000)))
    setting = flat(6, [0.2, 0.1, 0.2, 0.15, 0.01, 0.01])
    assert runs(placed(task, alone(task, setting))) == [1, 3]


def test_the_earlier_of_two_moments_that_cost_the_same() -> None:
    """It is surer."""
    task = heater(needs(6, (0, 6, 2000)))
    assert runs(placed(task, alone(task, flat(6)))) == [0, 1]
    cycle = machine(6, (900, 300), 1, 6)
    assert runs(placed(cycle, alone(cycle, flat(6)))) == [1, 2]


def test_a_car_takes_what_the_sun_gives_from_its_smallest_current_on() -> None:
    """Below that it would buy: where the sun gives less, it waits."""
    levels = (1500.0, 2000.0, 2500.0, 3000.0)
    task = heater(needs(4, (0, 4, 4500)), *levels)
    setting = setting_of([[1000, 2000, 2500, 1000]], [[0.1] * 4, [0.2] * 4])
    drawn = placed(task, alone(task, setting))
    assert drawn.tolist() == [0, 2000, 2500, 0]


def test_a_start_costs_its_wear() -> None:
    """Two cheap moments are not worth two starts that wear more than they save."""
    setting = flat(5, [0.10, 0.12, 0.10, 0.2, 0.2])
    for start_eur, expected in ((0.01, [0, 2]), (0.03, [0, 1])):
        task = heater(needs(5, (0, 5, 2000)), start_eur=start_eur)
        assert runs(placed(task, alone(task, setting))) == expected


def test_minimum_times_carry_over() -> None:
    """On for one step of three: two more; off for one of three: two more."""
    setting = flat(8, [0.3, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1])
    needy = needs(8, (0, 8, 4000))
    on = heater(needy, min_on=3, on_for=1)
    assert runs(placed(on, alone(on, setting)))[:2] == [0, 1]
    off = heater(needs(8, (0, 3, 1000)), min_off=3, off_for=1)
    assert runs(placed(off, alone(off, setting))) == [2]


def test_what_must_go_on_does_even_where_it_could_not_begin() -> None:
    """Not allowed any more, no power left, another of its group: still it is not cut."""
    task = heater(
        needs(5, (0, 5, 5000)),
        min_on=3,
        on_for=1,
        allowed=np.array([False, False, True, True, True]),
    )
    around = replace(
        alone(task, flat(5)), free=np.zeros(5, dtype=bool), room_w=np.zeros(5)
    )
    assert runs(placed(task, around)) == [0, 1]


def test_starts_are_counted_by_local_day() -> None:
    """One a day: over midnight a run is one start, and the next day has its own."""
    prices = [0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3]
    need = needs(8, (0, 4, 2000), (4, 8, 2000))
    free = heater(need)
    assert runs(placed(free, alone(free, flat(8, prices, midnight=4)))) == [0, 2, 4, 6]
    once = heater(need, starts_per_day=1)
    drawn = placed(once, alone(once, flat(8, prices, midnight=4)))
    assert runs(drawn) == [2, 3, 4, 6]
    again = heater(need, starts_per_day=1, starts_today=1)
    drawn = placed(again, alone(again, flat(8, prices, midnight=3)))
    assert runs(drawn) == [3, 4, 5]  # began today already: the first window falls short
    running = heater(need, starts_per_day=1, starts_today=1, on_for=5)
    drawn = placed(running, alone(running, flat(8, prices, midnight=4)))
    assert runs(drawn) == [0, 1, 4, 5]  # it goes on from before


def test_a_run_over_midnight_is_one_start_of_the_day_it_began() -> None:
    """So the next day still has its own."""
    task = heater(needs(6, (0, 6, 3000)), starts_per_day=1)
    setting = flat(6, [0.3, 0.3, 0.1, 0.1, 0.3, 0.1], midnight=3)
    assert runs(placed(task, alone(task, setting))) == [2, 3, 5]


def test_what_is_full_does_not_run_on_to_save_a_start() -> None:
    """One start a day: begun at once it would be full, and off when most can be taken."""
    least, most = np.zeros((2, 10))
    least[1:], least[9:] = 1000, 5000
    most[1:], most[5:] = 2000, 5000
    task = heater(Corridor(least, most), starts_per_day=1)
    assert runs(placed(task, alone(task, flat(9)))) == [3, 4, 5, 6]


def test_a_new_day_has_its_own_starts() -> None:
    """Today's are not saved for tomorrow's larger need."""
    task = heater(needs(8, (0, 3, 2000), (5, 8, 3000)), starts_per_day=1)
    setting = flat(8, [0.1, 0.3, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2], midnight=4)
    assert runs(placed(task, alone(task, setting))) == [0, 1, 5, 6, 7]


def test_optional_energy_only_below_its_price() -> None:
    """And no more than can be taken."""
    prices = [0.2, 0.10, 0.149, 0.151, 0.12, 0.05]
    for most, expected in ((9000, [1, 2, 4, 5]), (2000, [1, 5])):
        demand = replace(needs(6), at_most_wh=np.full(7, float(most)))
        task = heater(demand, worth_eur_per_kwh=0.15)
        assert runs(placed(task, alone(task, flat(6, prices)))) == expected


def test_optional_cycle_only_if_it_pays_in_time() -> None:
    """Its wear counts too."""
    setting = flat(6, [0.2, 0.1, 0.1, 0.2, 0.01, 0.01])
    for told, expected in (
        ({"worth_eur_per_kwh": 0.11}, [1, 2]),
        ({"worth_eur_per_kwh": 0.09}, []),
        ({"worth_eur_per_kwh": 0.11, "start_eur": 0.03}, []),
    ):
        task = machine(6, (1000, 1000), 0, 4, **told)
        assert runs(placed(task, alone(task, setting))) == expected


def test_a_cycle_late_rather_than_never_and_no_later_than_it_must() -> None:
    """Where nothing is free in time."""
    task = machine(8, (1000, 1000), 0, 3)
    around = replace(
        alone(task, flat(8, [0.2] * 6 + [0.1] * 2)),
        free=np.array([False] * 3 + [True] * 5),
    )
    assert runs(placed(task, around)) == [3, 4]


def test_a_running_cycle_goes_on_to_its_end() -> None:
    """Whatever it costs, and whatever is free."""
    task = machine(5, (800, 800, 100), 0, 5, is_running=True, on_for=2)
    around = replace(
        alone(task, flat(5, [9.0, 9, 9, 0.1, 0.1])),
        free=np.zeros(5, dtype=bool),
        room_w=np.zeros(5),
    )
    assert placed(task, around).tolist() == [800, 800, 100, 0, 0]


def test_what_is_allocated_may_be_dearer_than_bought() -> None:
    """Then the sun is no reason to run, unless all of it is used beside others."""
    setting = setting_of([[0, 1000, 500]], [[0.25] * 3, [0.2] * 3])
    task = heater(needs(3, (0, 3, 1000)))
    assert runs(placed(task, alone(task, setting))) == [0]
    beside = replace(alone(task, setting), others_wh=np.array([0.0, 1000, 0]))
    dear_night = replace(
        beside,
        ladder=setting_of([[0, 1000, 500]], [[0.25] * 3, [0.21, 0.2, 0.21]]).ladder,
    )
    assert runs(placed(task, dear_night)) == [1]


def test_levels_of_one_power_need_all_of_it_at_once() -> None:
    """A relay that is on for a part of the step still draws its full power while it is."""
    setting = flat(2, room_w=700.0)
    for in_parts, expected in ((False, [500, 500]), (True, [0, 0])):
        task = heater(needs(2, (0, 2, 1000)), 500.0, 1000.0, in_parts=in_parts)
        assert placed(task, alone(task, setting)).tolist() == expected


def test_a_part_of_a_unit_is_not_lost_at_the_next_deadline() -> None:
    """A tank that took two thirds of a step's heat needs whole steps again the next day."""
    task = heater(needs(10, (0, 4, 1400), (5, 10, 2500)))
    drawn = placed(task, alone(task, flat(10)))
    filled, short = task.demand.filled(drawn)
    assert short == 0
    assert len(runs(drawn)) == 5
    assert filled[-1] == 3900


def test_fine_levels_are_counted_in_coarse_units_where_there_are_many() -> None:
    """A large battery at one ampere apart: still levels of the load, and all is ready."""
    levels = tuple(230.0 * a for a in range(6, 33))
    task = heater(needs(20, (0, 16, 60000.0)), *levels)
    drawn = placed(task, alone(task, flat(20)))
    assert drawn.sum() >= 60000 and drawn.sum() < 60000 + levels[0]
    assert {wh for wh in drawn.tolist() if wh} <= set(levels)
    assert broken([task], flat(20), {task.id: drawn}) == []
