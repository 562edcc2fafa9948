"""A load in one word: the most pressing one first."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.load_plan import (
    LoadPlan,
    Run,
    Why,
)
from custom_components.autoconsommation_collective.engine.load_state import LoadState
from custom_components.autoconsommation_collective.engine.load_status import (
    Conditions,
    LoadStatus,
    load_status,
    next_run,
)
from custom_components.autoconsommation_collective.engine.loads import LoadSettings

from .load_cases import HOUR, car, heater, local, machine, pump, tank

START = local("2026-06-09 12:00")
RUN = Run(START, START + HOUR, 1000.0, 500.0)
IDLE = LoadState()
ALL_WRONG = Conditions(
    is_available=False, obeys=False, is_by_hand=True, is_shed=True, is_plugged=False
)


def plan(why: Why = Why.SHARE, *runs: Run) -> LoadPlan:
    """A plan with these runs."""
    return LoadPlan(np.zeros(1), np.zeros(1), runs, 0.0, 0.0, 0.0, why)


@pytest.mark.parametrize(
    ("settings", "state", "told", "now", "expected"),
    [
        pytest.param(pump(), IDLE, plan(Why.SHORT), ALL_WRONG, LoadStatus.UNREACHABLE, id="all is wrong"),
        pytest.param(pump(), IDLE, None, replace(ALL_WRONG, is_available=True), LoadStatus.NOT_OBEYING, id="does not obey"),
        pytest.param(pump(), replace(IDLE, is_on=True), None, Conditions(is_by_hand=True), LoadStatus.BY_HAND, id="by hand"),
        pytest.param(pump(), IDLE, None, Conditions(is_shed=True), LoadStatus.SHED, id="held back"),
        pytest.param(pump(), replace(IDLE, is_absent=True, skipped_until=START), None, Conditions(), LoadStatus.ABSENT, id="away"),
        pytest.param(pump(), replace(IDLE, skipped_until=START), None, Conditions(), LoadStatus.SKIPPED, id="skipped"),
        pytest.param(pump(), replace(IDLE, is_on=True), plan(Why.SHORT, RUN), Conditions(), LoadStatus.RUNNING, id="runs"),
        pytest.param(pump(), IDLE, plan(Why.SHORT, RUN), Conditions(), LoadStatus.SHORT, id="will be late"),
        pytest.param(car(), IDLE, plan(Why.SHARE, RUN), Conditions(is_plugged=False), LoadStatus.UNPLUGGED, id="car away"),
        pytest.param(machine(), IDLE, None, Conditions(), LoadStatus.NOT_ARMED, id="machine empty"),
        pytest.param(machine(), replace(IDLE, finish_by=START), plan(Why.SHARE, RUN), Conditions(), LoadStatus.PLANNED, id="machine loaded"),
        pytest.param(heater(), IDLE, plan(Why.NOT_NEEDED), Conditions(), LoadStatus.UNVERIFIED, id="nothing measures the tank"),
        pytest.param(heater(tank=tank(has_power_sensor=True)), IDLE, plan(Why.NOT_NEEDED), Conditions(), LoadStatus.DONE, id="hot"),
        pytest.param(pump(), IDLE, None, Conditions(), LoadStatus.DONE, id="nothing known"),
    ],
)  # fmt: skip
def test_the_word(
    settings: LoadSettings,
    state: LoadState,
    told: LoadPlan | None,
    now: Conditions,
    expected: LoadStatus,
) -> None:
    """Each, and which of several comes first."""
    assert load_status(settings, state, told, now) is expected


def test_no_word_is_one_of_home_assistants_own() -> None:
    """A state that is called unavailable or unknown would be taken for no state."""
    assert not {"unavailable", "unknown"} & {*LoadStatus}


def test_next_run() -> None:
    """The one in progress, else the first that has not ended."""
    later = replace(RUN, start=START + 3 * HOUR, end=START + 4 * HOUR)
    both = plan(Why.SHARE, RUN, later)
    assert next_run(both, START + timedelta(minutes=30)) == RUN
    assert next_run(both, START + HOUR) == later
    assert next_run(both, START + 4 * HOUR) is None
    assert next_run(None, START) is None
