"""The world of the benches: near the study's, the same each time, and no energy lost."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from script.simulation.curves import Matrix
from script.simulation.sun import Series
from script.simulation.village import found_school
from script.simulation.year import (
    APART,
    SEED,
    STUDY_MWH,
    Year,
    describe,
    energies_mwh,
    forecast_bias,
    forecast_error,
    net,
    night_heating_wh,
    simulate_year,
)

YEARS = {operation: simulate_year(operation) for operation in ("A", "B")}
A, B = YEARS.values()
SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)
"""When the clock changes."""
BOTH = pytest.mark.parametrize(
    "year", [pytest.param(year, id=name) for name, year in YEARS.items()]
)


def _arrays(year: Year) -> dict[str, np.ndarray]:
    """All that a year tells by step, day, home or plant."""
    held = {f.name: getattr(year, f.name) for f in fields(year)}
    return {
        name: value for name, value in held.items() if isinstance(value, np.ndarray)
    }


@BOTH
def test_the_same_seed_gives_the_same_year(year: Year) -> None:
    """And another seed another weather, other use and other needs."""
    again, other = (simulate_year(year.operation, seed=n) for n in (SEED, SEED + 1))
    for name, values in _arrays(year).items():
        assert (_arrays(again)[name] == values).all()
    for changed in ("plant_wh", "base_wh", "heater_need_wh", "night_start"):
        assert (_arrays(other)[changed] != _arrays(year)[changed]).any()


@BOTH
def test_a_longer_year_begins_as_a_shorter_one(year: Year) -> None:
    """Some weeks of it are those of the whole."""
    part = simulate_year(year.operation, n_days=100)
    for name, values in _arrays(part).items():
        assert (_arrays(year)[name][: len(values)] == values).all(), name


@pytest.mark.parametrize(
    ("operation", "energy"),
    [
        pytest.param(operation, energy, id=f"{operation}, {energy}")
        for operation, energies in STUDY_MWH.items()
        for energy in energies
    ],
)
def test_energies_are_near_the_studys(operation: str, energy: str) -> None:
    """Within a tenth."""
    found = energies_mwh(YEARS[operation])[energy]
    assert found == pytest.approx(STUDY_MWH[operation][energy], rel=0.1)


@BOTH
def test_the_forecast_errs_as_real_ones_do(year: Year) -> None:
    """10 to 14 % of nameplate in daylight, and no more than 2 % too much or too little."""
    assert 0.10 < forecast_error(year) < 0.14
    assert abs(forecast_bias(year)) < 0.02


def test_the_forecast_is_right_on_average_over_many_years() -> None:
    """What one year brings is luck: other seeds err to both sides."""
    biases = [forecast_bias(simulate_year("A", seed=seed)) for seed in range(12)]
    assert abs(np.mean(biases)) < 0.01
    assert min(biases) < 0 < max(biases)


@BOTH
def test_a_perfect_forecast_has_no_error(year: Year) -> None:
    """And one of nothing has the bias of nothing."""
    assert forecast_error(replace(year, plant_forecast_wh=year.plant_wh)) == 0
    assert forecast_bias(replace(year, plant_forecast_wh=0 * year.plant_wh)) == -1


@BOTH
def test_no_energy_is_lost(year: Year) -> None:
    """Produced and withdrawn is injected and used; a home does one or the other."""
    heating = night_heating_wh(year)
    injection, withdrawal = net(year, heating)
    assert (injection >= 0).all()
    assert (withdrawal >= 0).all()
    load = year.base_wh + heating
    assert np.allclose(
        year.plant_wh.sum(axis=1) + withdrawal.sum(axis=1),
        injection.sum(axis=1) + load.sum(axis=1),
    )
    behind = year.plant_home != APART
    assert not (injection[:, behind] * withdrawal[:, year.plant_home[behind]]).any()
    assert (injection[:, ~behind] == year.plant_wh[:, ~behind]).all()


@BOTH
def test_nights_heat_what_is_needed(year: Year) -> None:
    """All of it, within the heater's power, and none from half past nine until nine in the evening."""
    heating = night_heating_wh(year)
    assert np.allclose(heating.sum(axis=0), year.heater_need_wh.sum(axis=0))
    assert (heating <= year.heater_power_w / 2).all()
    by_day = (year.days.hour >= 9.5) & (year.days.hour < 21)
    assert not heating[by_day].any()


@pytest.mark.parametrize(
    ("day", "n_steps"),
    [
        pytest.param(SPRING, 46, id="an hour is missing"),
        pytest.param(AUTUMN, 50, id="an hour comes twice"),
        pytest.param(date(2025, 6, 1), 48, id="ordinary"),
    ],
)
def test_days_are_local(day: date, n_steps: int) -> None:
    """From midnight to midnight on the day when the clock changes as on others."""
    days = A.days
    steps = days.steps_of((day - date(2025, 1, 1)).days)
    assert steps.stop - steps.start == n_steps
    assert days.hour[steps.start] == 0
    assert days.hour[steps.stop - 1] == 23.5
    assert days.is_weekend[steps].all()
    assert A.grid.starts[steps.start].astimezone(A.time_zone).date() == day


def test_a_year_has_all_its_steps() -> None:
    """Those of the lost hour come back in autumn."""
    assert A.grid.n_steps == 365 * 48
    assert A.days.n_days == 365
    assert A.days.midnights[-1] == A.grid.n_steps
    assert A.days.is_weekend.sum() == 104 * 48


def test_all_plants_stand_under_one_sky() -> None:
    """What is left of a clear sky's light is the same for each, as it is and as foreseen."""
    for energies in (B.plant_wh, B.plant_forecast_wh):
        shines = (B.clear_sky_wh > 1).all(axis=1)
        light = energies[shines] / B.clear_sky_wh[shines]
        assert np.allclose(light, light[:, :1])
        assert light.std(axis=0).max() > 0.15


def test_weather_and_its_errors_last() -> None:
    """A half-hour resembles the next one, a day the next one, and a week later nothing."""
    light = _by_day(A, A.plant_wh) / _by_day(A, A.clear_sky_wh)
    assert 0.2 < _correlation(light, 1) < 0.6
    assert abs(_correlation(light, 7)) < 0.15
    noon = np.flatnonzero(A.days.hour == 11)
    error = (A.plant_forecast_wh - A.plant_wh)[:, 0]
    assert np.corrcoef(error[noon], error[noon + 1])[0, 1] > 0.7
    assert np.corrcoef(error[noon], error[noon + 6])[0, 1] > 0.3


def _by_day(year: Year, energies: Matrix) -> Series:
    sums: Series = np.add.reduceat(energies.sum(axis=1), year.days.midnights[:-1])
    return sums


def _correlation(values: Series, lag: int) -> float:
    return float(np.corrcoef(values[lag:], values[:-lag])[0, 1])


@BOTH
def test_one_home_is_hard_to_foresee(year: Year) -> None:
    """By the mean of 28 days: half-hours err by half, days by a fifth, the sum by much less."""
    first = [
        day
        for day in range(year.days.n_days)
        if np.diff(year.days.midnights)[day] == 48
    ]
    load = np.stack([year.base_wh[year.days.steps_of(day)] for day in first])
    happened = load[28:]
    foreseen = np.stack([load[n - 28 : n].mean(axis=0) for n in range(28, len(load))])
    step_error = _relative_error(foreseen, happened)
    day_error = _relative_error(foreseen.sum(axis=1), happened.sum(axis=1))
    together = _relative_error(
        foreseen.sum(axis=2)[..., None], happened.sum(axis=2)[..., None]
    )
    assert 0.45 < np.median(step_error) < 0.50
    assert 0.18 < np.median(day_error) < 0.24
    assert 0.12 < together.item() < 0.20


def _relative_error(foreseen: Matrix, happened: Matrix) -> Series:
    """Mean absolute error by the mean, for each home (the last axis)."""
    others = tuple(range(happened.ndim - 1))
    error: Series = np.abs(foreseen - happened).mean(axis=others)
    error /= happened.mean(axis=others)
    return error


def test_a_village_of_ones_own() -> None:
    """The school's, under its own name, is operation A."""
    own = simulate_year(found_school(), n_days=7)
    assert own.operation == "L'école au soleil"
    assert (own.plant_wh == A.plant_wh[: own.grid.n_steps]).all()
    assert own.plant_home.tolist() == [APART]
    assert own.plant_power_w.tolist() == [40_000]


def test_plants_stand_behind_their_homes() -> None:
    """The seventeen of B are those of its first homes, nineteen kWp together."""
    assert B.plant_home.tolist() == list(range(17))
    assert B.plant_power_w.sum() == pytest.approx(19_000)
    assert B.base_wh.shape == (365 * 48, 30)


@BOTH
def test_the_table_tells_it_all(year: Year) -> None:
    """A row for each energy of the study, one for error and bias, under a heading."""
    rows = describe(year)
    assert rows[0] == (
        f"operation {year.operation}, 365 days from 2025-01-01",
        "here",
        "study",
    )
    assert len(rows) == 1 + 6 + 2
    told = {name.removesuffix(", MWh"): study for name, _, study in rows[1:7]}
    assert {name: float(mwh) for name, mwh in told.items() if mwh} == STUDY_MWH[
        year.operation
    ]
