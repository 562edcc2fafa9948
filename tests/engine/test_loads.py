"""What is told of a load: its hours, its powers, and whether it may be switched."""

from datetime import time, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.loads import (
    LARGEST_OWN_TANK_L,
    MAINS_V,
    USUAL_PROGRAMME,
    Charging,
    Hours,
    LoadSettings,
    NoControl,
    WhenDown,
    Wiring,
)

from .load_cases import HOUR, car, extra, heater, machine, pump, tank

TIMES = st.times()
CURRENTS = st.integers(6, 32).map(float)


# Laws


@given(TIMES, TIMES, TIMES)
def test_hours_and_the_rest_of_the_day_share_no_time(
    start: time, end: time, at: time
) -> None:
    """Whichever of the two spans midnight; from a time to the same is a whole day."""
    inside, outside = Hours(start, end).holds(at), Hours(end, start).holds(at)
    assert inside is not outside if start != end else inside and outside


@given(st.integers(1, 3), CURRENTS, CURRENTS, st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_a_car_charges_between_its_currents(
    phases: int, lowest: float, highest: float, step: float
) -> None:
    """Ascending by the step, from the lowest on, never above the highest."""
    levels = Charging(phases, lowest, highest, step).levels_w
    per_ampere = phases * MAINS_V
    assert levels[-1] <= highest * per_ampere
    if lowest >= highest:
        assert levels == (highest * per_ampere,)
        return
    assert levels[0] == lowest * per_ampere
    assert levels[-1] > (highest - step) * per_ampere
    apart = [b - a for a, b in pairwise(levels)]
    assert apart == pytest.approx([step * per_ampere] * len(apart))


# Vectors


@pytest.mark.parametrize(
    ("at", "is_inside"),
    [
        pytest.param(time(22), True, id="begins"),
        pytest.param(time(0), True, id="midnight"),
        pytest.param(time(5, 59), True, id="last minute"),
        pytest.param(time(6), False, id="over"),
        pytest.param(time(12), False, id="noon"),
    ],
)
def test_hours_past_midnight(at: time, is_inside: bool) -> None:
    """From 22 to 6."""
    assert Hours(time(22), time(6)).holds(at) is is_inside


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="its thermostat decides meanwhile"),
        pytest.param({"has_actuator": False}, NoControl.NO_ACTUATOR, id="nothing to switch"),
        pytest.param({"tank": tank(when_down=WhenDown.CONTACTOR)}, None, id="back to the contactor"),
        pytest.param({"tank": tank(when_down=WhenDown.KEEPS)}, NoControl.COULD_STAY_COLD, id="keeps what it was"),
        pytest.param({"tank": tank(when_down=WhenDown.OFF)}, NoControl.COULD_STAY_COLD, id="off"),
        pytest.param({"tank": tank(when_down=WhenDown.UNKNOWN)}, NoControl.COULD_STAY_COLD, id="nobody knows"),
        pytest.param({"tank": tank(when_down=WhenDown.OFF, wiring=Wiring.SERIES)}, NoControl.COULD_STAY_COLD, id="in series, off"),
        pytest.param({"tank": tank(when_down=WhenDown.OFF, wiring=Wiring.PARALLEL)}, None, id="in parallel, off"),
        pytest.param({"tank": tank(volume_l=LARGEST_OWN_TANK_L)}, NoControl.TOO_LARGE, id="400 l"),
        pytest.param({"tank": tank(volume_l=LARGEST_OWN_TANK_L, wiring=Wiring.PARALLEL)}, NoControl.TOO_LARGE, id="400 l in parallel"),
        pytest.param({"tank": tank(volume_l=399)}, None, id="399 l"),
        pytest.param({"tank": tank(is_shared=True)}, NoControl.SHARED, id="of several homes"),
    ],
)  # fmt: skip
def test_when_a_tank_may_be_switched(
    changes: dict[str, Any], reason: NoControl | None
) -> None:
    """Never where somebody could be left without hot water."""
    assert heater(**changes).no_control is reason


def test_other_loads_need_an_actuator_alone() -> None:
    """Nobody is left cold."""
    for settings in (car(), machine(), pump(), extra()):
        assert settings.no_control is None


@pytest.mark.parametrize(
    ("settings", "is_optional"),
    [
        pytest.param(heater(), False, id="hot water"),
        pytest.param(heater(Wiring.SERIES), False, id="in series"),
        pytest.param(heater(Wiring.PARALLEL), True, id="in parallel"),
        pytest.param(car(), False, id="car"),
        pytest.param(car(worth_eur_per_kwh=0.1), True, id="car where it pays"),
        pytest.param(extra(worth_eur_per_kwh=None), True, id="surplus"),
    ],
)
def test_what_runs_only_where_it_pays(
    settings: LoadSettings, is_optional: bool
) -> None:
    """Told so, or beside a contactor that heats anyway."""
    assert settings.is_optional is is_optional


def test_levels() -> None:
    """On or off, but for a car whose current can be set."""
    assert heater().levels_w == (2000,)
    assert len(car().levels_w) == 27
    assert car(charging=Charging(is_modulated=False)).levels_w == (32 * MAINS_V,)
    assert Charging(phases=3, highest_a=16).levels_w[-1] == 11_040


@pytest.mark.parametrize(
    ("changes", "length", "energy_wh"),
    [
        pytest.param({}, 2 * HOUR, 1200, id="told"),
        pytest.param({"energy_wh": None}, 2 * HOUR, 1200, id="by its power"),
        pytest.param({"runs_for": None}, USUAL_PROGRAMME, 1200, id="a usual length"),
        pytest.param({"runs_for": None, "energy_wh": None}, USUAL_PROGRAMME, 600, id="by its power alone"),
    ],
)  # fmt: skip
def test_programme(
    changes: dict[str, Any], length: timedelta, energy_wh: float
) -> None:
    """What is not told has a usual value."""
    settings = machine(**changes)
    assert (settings.programme_for, settings.programme_wh) == (length, energy_wh)
    assert settings.is_machine
    assert not pump().is_machine


def test_verified_by_either_sensor() -> None:
    """Power or temperature."""
    assert not tank().is_verified
    assert tank(has_power_sensor=True).is_verified
    assert tank(has_temperature_sensor=True).is_verified
    assert tank().cold_wh == pytest.approx(10_400)
