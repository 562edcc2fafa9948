"""What the organiser tells of the homes that follow: what they need, and how it errs."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.model import (
    FlexibleNeed,
    ForecastError,
)
from script.simulation.curves import Curves, expected, measured
from script.simulation.followers import flexible_needs, followers, forecast_errors
from script.simulation.organiser import roster
from script.simulation.village import Village, WaterHeater, found_village

VILLAGE = found_village()
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)
N_STEPS = 28 * 48
HEATER = WaterHeater(power_w=2000, start_hour=23, hours=2.5)


def with_heaters(n: int) -> Village:
    """The village with so many water heaters, of the last homes."""
    first = len(VILLAGE.homes) - n
    homes = tuple(
        replace(home, water_heater=HEATER if number >= first else None)
        for number, home in enumerate(VILLAGE.homes)
    )
    return replace(VILLAGE, homes=homes)


def steps(injection_wh: list[int], base_wh: list[int]) -> Curves:
    """One home's energies of half-hours."""
    injection = np.array([injection_wh]).T
    base = np.array([base_wh]).T
    return Curves(withdrawal=base, injection=injection, base_withdrawal=base)


def test_followers_have_a_water_heater() -> None:
    """The last five here."""
    assert followers(with_heaters(5)) == (25, 26, 27, 28, 29)


def test_places_are_handed_out_in_mirrored_order() -> None:
    """As the contract lists them; who does not follow has none."""
    places = [one.turn for one in roster(with_heaters(9)).participants]
    assert places == [None] * 21 + [
        *(0, 1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8, 1 / 16)
    ]


def test_need_is_that_of_all_tanks_on_each_day() -> None:
    """Each day once."""
    days = [date(2026, 6, 20), date(2026, 6, 21)]
    assert flexible_needs(with_heaters(4), days) == (
        FlexibleNeed(days[0], energy_wh=20000, homes=4),
        FlexibleNeed(days[1], energy_wh=20000, homes=4),
    )


@pytest.mark.parametrize(
    ("n", "n_days"),
    [
        pytest.param(3, 1, id="three homes"),
        pytest.param(2, 0, id="two homes"),
        pytest.param(0, 0, id="no home"),
    ],
)
def test_need_of_too_few_homes_is_not_told(n: int, n_days: int) -> None:
    """Each of two would know the other's."""
    assert len(flexible_needs(with_heaters(n), [date(2026, 6, 20)])) == n_days


def test_need_is_what_the_heaters_draw() -> None:
    """Within the whole steps for which they are on."""
    (need,) = flexible_needs(VILLAGE, [date(2026, 6, 20)])
    curves = expected(VILLAGE, SUMMER, N_STEPS)
    drawn = (curves.withdrawal - curves.base_withdrawal).sum() / 28
    assert need.energy_wh == pytest.approx(drawn, rel=0.1)


def test_error_is_measured_less_expected_surplus_in_watts() -> None:
    """Twice the Wh of a half-hour; dark steps count for no level."""
    foreseen = steps([0, 100, 100, 0], [50, 50, 50, 50])
    counted = steps([0, 130, 90, 0], [90, 60, 50, 10])
    assert forecast_errors(foreseen, counted) == (ForecastError(0, 10, 30),)


def test_without_sun_there_are_no_levels() -> None:
    """Nothing is told of a night."""
    night = steps([0, 0], [50, 50])
    assert forecast_errors(night, night) == ()


def test_levels_ascend_from_zero_and_share_the_steps() -> None:
    """Each of the five has a fifth of the lit steps, and no error where all came as told."""
    injection = list(range(1, 101))
    foreseen = steps(injection, [0] * 100)
    errors = forecast_errors(foreseen, foreseen)
    assert [error.above_w for error in errors] == [0, 42, 82, 121, 161]
    assert {(error.mean_w, error.deviation_w) for error in errors} == {(0, 0)}


def test_a_bright_step_errs_more_than_a_dim_one() -> None:
    """Passing clouds take a part of what there is."""
    foreseen, counted = (of(VILLAGE, SUMMER, N_STEPS) for of in (expected, measured))
    errors = forecast_errors(foreseen, counted)
    assert len(errors) == 5
    assert errors[-1].deviation_w > 1.2 * errors[0].deviation_w
