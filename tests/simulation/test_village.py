"""The operations: like those they imitate, the same each time, and settled to the Wh."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from script.simulation.curves import expected, measured
from script.simulation.organiser import shared
from script.simulation.village import (
    OPERATIONS,
    STEP,
    Village,
    found_school,
    found_village,
)

VILLAGE = found_village()
SCHOOL = found_school()
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
STEPS_OF_YEAR = 365 * 48
STEP_NUMBERS = st.integers(0, STEPS_OF_YEAR - 200)
VILLAGES = st.sampled_from([VILLAGE, SCHOOL])


def test_operations_are_known_by_name() -> None:
    """The village of small plants where nothing else is asked for."""
    assert [found() for found in OPERATIONS.values()] == [VILLAGE, SCHOOL]
    assert list(OPERATIONS) == ["indre", "school"]


def test_is_an_operation_of_the_indre() -> None:
    """Thirty homes, seventeen producers, nineteen kWp."""
    assert len(VILLAGE.homes) == 30
    assert len(VILLAGE.producers) == 17
    assert round(sum(home.peak_power_kw for home in VILLAGE.homes), 6) == 19


def test_a_school_is_no_home() -> None:
    """Twenty homes that only consume; the one producer is the roof, which uses nothing."""
    assert len(SCHOOL.homes) == 20
    assert SCHOOL.household_producers == ()
    assert SCHOOL.producers == (20,)
    curves = measured(SCHOOL, YEAR, 30 * 48)
    assert curves.withdrawal.shape == (30 * 48, 20)
    assert curves.injection.shape == (30 * 48, 21)
    assert not curves.injection[:, :20].any()


@pytest.mark.parametrize(
    "village",
    [pytest.param(v, id=name) for name, v in (("indre", VILLAGE), ("school", SCHOOL))],
)
def test_the_home_that_is_shown(village: Village) -> None:
    """It consumes only, and heats its water at night."""
    home = village.homes[village.shown_home]
    assert not home.produces
    assert home.water_heater is not None


def test_the_school_leaves_much_and_the_village_little() -> None:
    """More than a MWh a home and year is left of one, less than a fifth of it of the other."""
    school = shared(SCHOOL, YEAR, measured(SCHOOL, YEAR, STEPS_OF_YEAR))
    village = shared(VILLAGE, YEAR, measured(VILLAGE, YEAR, STEPS_OF_YEAR))
    assert 42_000_000 < school.stretch.production.sum() < 50_000_000
    assert school.surplus.sum() / 20 > 1_000_000
    assert village.surplus.sum() / 30 < 200_000


def test_a_year_is_plausible() -> None:
    """Energies of a year are those of such a group: a few MWh a home, a few hundred shared."""
    year = shared(VILLAGE, YEAR, measured(VILLAGE, YEAR, STEPS_OF_YEAR))
    assert 2_500_000 < year.stretch.consumption.sum() / 30 < 5_500_000
    assert 6_000_000 < year.stretch.production.sum() < 15_000_000
    assert 3_000_000 < year.allocated.sum() < 8_000_000


def test_the_sun_shines_at_noon_and_in_summer() -> None:
    """No injection at night; June gives more than December."""
    injected = (
        measured(VILLAGE, YEAR, STEPS_OF_YEAR).injection.sum(axis=1).reshape(365, 48)
    )
    assert not injected[:, :8].any()
    assert not injected[:, 42:].any()
    assert injected[:, 18:30].sum() > 0.7 * injected.sum()
    assert injected[151:181].sum() > 2 * injected[334:365].sum()


@given(
    village=VILLAGES,
    first=STEP_NUMBERS,
    offset=st.integers(0, 100),
    n_steps=st.integers(1, 60),
)
def test_a_step_is_the_same_in_every_window(
    village: Village, first: int, offset: int, n_steps: int
) -> None:
    """Curves are functions of time: a later or shorter window sees the same values."""
    whole = measured(village, YEAR + first * STEP, offset + n_steps)
    part = measured(village, YEAR + (first + offset) * STEP, n_steps)
    assert (whole.withdrawal[offset:] == part.withdrawal).all()
    assert (whole.injection[offset:] == part.injection).all()


@given(village=VILLAGES, first=STEP_NUMBERS)
def test_settlement_is_exact(village: Village, first: int) -> None:
    """PROD = ΣAUTOCONS + SURPLUS to the Wh, and nobody gets more than it used or gave."""
    start = YEAR + first * STEP
    settled = shared(village, start, measured(village, start, 48))
    whole = settled.stretch
    both = settled.allocated.sum(axis=1) + settled.surplus.sum(axis=1)
    assert (both == whole.production.sum(axis=1)).all()
    assert (settled.allocated <= whole.consumption).all()
    assert (settled.surplus <= whole.production).all()
    assert (settled.allocated >= 0).all()
    assert (settled.surplus >= 0).all()


def test_the_forecast_is_near_and_not_the_truth() -> None:
    """Over a month the forecast has the right size; step by step it errs."""
    foreseen = expected(VILLAGE, YEAR, 30 * 48).injection.sum(axis=1)
    happened = measured(VILLAGE, YEAR, 30 * 48).injection.sum(axis=1)
    assert 0.5 < foreseen.sum() / happened.sum() < 1.5
    assert (foreseen != happened).any()
