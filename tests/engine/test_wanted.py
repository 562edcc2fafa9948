"""What a plan wants of a device, and how a device is left alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.actuation import Setting
from custom_components.autoconsommation_collective.engine.load_plan import (
    HomePlan,
    LoadPlan,
    Why,
)
from custom_components.autoconsommation_collective.engine.load_state import LoadState
from custom_components.autoconsommation_collective.engine.loads import (
    Charging,
    LoadSettings,
    Switching,
)
from custom_components.autoconsommation_collective.engine.wanted import (
    OFF,
    ON,
    left_alone,
    wanted,
)

from .load_cases import (
    HEATER_W,
    HOUR,
    STEP,
    car,
    extra,
    grid_from,
    heater,
    local,
    machine,
    pump,
)

START = local("2026-06-09 12:00")
MINUTE = timedelta(minutes=1)
PARTS = Switching(in_parts=True)


def plan_of(settings: LoadSettings, drawn_wh: Sequence[float]) -> HomePlan:
    """A plan of that load alone, from noon on."""
    grid = grid_from("2026-06-09 12:00", hours=len(drawn_wh) / 2)
    wh = np.array(drawn_wh)
    one = LoadPlan(wh, 0 * wh, (), 0.0, 0.0, 0.0, Why.SHARE)
    return HomePlan(grid, {settings.id: one}, START, 0.0, 0.0, 0.0, is_default=False)


def at(
    settings: LoadSettings,
    drawn_wh: Sequence[float],
    minutes: float,
    place: float = 0.0,
    state: LoadState = LoadState(),
) -> Setting | None:
    """What is wanted so many minutes after noon."""
    plan = plan_of(settings, drawn_wh)
    return wanted(settings, state, plan, START + minutes * MINUTE, place)


@given(st.floats(0.05, 1), st.floats(0, 1, exclude_max=True))
def test_a_part_of_a_step_is_as_much_energy(part: float, place: float) -> None:
    """On for that part of the step, in one piece, at a place of the home's own."""
    settings = heater(switching=PARTS)
    full_wh = HEATER_W * (STEP / HOUR)
    seconds = np.arange(0, STEP.total_seconds(), 5)
    on = np.array(
        [at(settings, [part * full_wh], s / 60, place) == ON for s in seconds]
    )
    assert on.mean() == pytest.approx(part, abs=0.01)
    assert np.abs(np.diff(on.astype(int))).sum() <= 2


@given(st.floats(6, 16))
def test_a_car_is_charged_at_the_current_of_its_energy(current_a: float) -> None:
    """And never above its highest."""
    settings = car(charging=Charging(highest_a=16.0))
    wh = 230 * current_a * (STEP / HOUR)
    assert at(settings, [wh], 5) == pytest.approx(current_a)
    assert at(settings, [2 * wh + 2000], 5) == 16.0


def test_whole_steps() -> None:
    """A relay is on for the steps in which anything is planned."""
    found = [at(heater(), [1000, 0, 400], minutes) for minutes in (0, 29, 30, 59, 60)]
    assert found == [ON, ON, OFF, OFF, ON]


def test_a_programme_in_progress_is_not_cut() -> None:
    """Whatever the plan says of it."""
    begun = replace(LoadState(), began=START - HOUR)
    assert at(machine(), [0.0], 5, state=begun) == ON
    assert at(machine(), [0.0], 5) == OFF


@pytest.mark.parametrize(
    ("plan", "now"),
    [
        pytest.param(None, START, id="none"),
        pytest.param(plan_of(heater(), [0]), START + HOUR, id="over"),
    ],
)
def test_without_a_plan_water_stays_hot(plan: HomePlan | None, now: datetime) -> None:
    """The tank's thermostat decides; other loads stay as they are."""
    assert wanted(heater(), LoadState(), plan, now, 0.0) == ON
    assert wanted(pump(), LoadState(), None, now, 0.0) is None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(heater(), ON, id="tank"),
        pytest.param(car(charging=Charging(highest_a=13.0)), 13.0, id="car by current"),
        pytest.param(
            car(charging=Charging(is_modulated=False)), ON, id="car on or off"
        ),
        pytest.param(machine(), ON, id="machine"),
        pytest.param(extra(), OFF, id="what runs on cheap energy alone"),
        pytest.param(pump(), None, id="pump: as it is"),
    ],
)
def test_left_alone(settings: LoadSettings, expected: Setting | None) -> None:
    """What ends by itself may draw when it wants."""
    assert left_alone(settings) == expected
