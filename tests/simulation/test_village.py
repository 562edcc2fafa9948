"""The village: like the operation it imitates, the same each time, and settled to the Wh."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st

from script.simulation.curves import expected, measured
from script.simulation.settlement import settle
from script.simulation.village import STEP, found_village

VILLAGE = found_village()
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
STEPS_OF_YEAR = 365 * 48
STEP_NUMBERS = st.integers(0, STEPS_OF_YEAR - 200)


def test_is_an_operation_of_the_indre() -> None:
    """Thirty homes, seventeen producers, nineteen kWp."""
    assert len(VILLAGE.homes) == 30
    assert len(VILLAGE.producers) == 17
    assert round(sum(home.peak_power_kw for home in VILLAGE.homes), 6) == 19


def test_a_year_is_plausible() -> None:
    """Energies of a year are those of such a group: a few MWh a home, a few hundred shared."""
    year = settle(measured(VILLAGE, YEAR, STEPS_OF_YEAR))
    assert 2_500_000 < year.consumption.sum() / 30 < 5_500_000
    assert 6_000_000 < year.production.sum() < 15_000_000
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


@given(first=STEP_NUMBERS, offset=st.integers(0, 100), n_steps=st.integers(1, 60))
def test_a_step_is_the_same_in_every_window(
    first: int, offset: int, n_steps: int
) -> None:
    """Curves are functions of time: a later or shorter window sees the same values."""
    whole = measured(VILLAGE, YEAR + first * STEP, offset + n_steps)
    part = measured(found_village(), YEAR + (first + offset) * STEP, n_steps)
    assert (whole.withdrawal[offset:] == part.withdrawal).all()
    assert (whole.injection[offset:] == part.injection).all()


@given(first=STEP_NUMBERS)
def test_settlement_is_exact(first: int) -> None:
    """PROD = ΣAUTOCONS + SURPLUS to the Wh, and nobody gets more than it used or gave."""
    settled = settle(measured(VILLAGE, YEAR + first * STEP, 48))
    shared = settled.allocated.sum(axis=1) + settled.surplus.sum(axis=1)
    assert (shared == settled.production.sum(axis=1)).all()
    assert (settled.allocated <= settled.consumption).all()
    assert (settled.surplus <= settled.production).all()
    assert (settled.allocated >= 0).all()
    assert (settled.surplus >= 0).all()


def test_the_forecast_is_near_and_not_the_truth() -> None:
    """Over a month the forecast has the right size; step by step it errs."""
    foreseen = expected(VILLAGE, YEAR, 30 * 48).injection.sum(axis=1)
    happened = measured(VILLAGE, YEAR, 30 * 48).injection.sum(axis=1)
    assert 0.5 < foreseen.sum() / happened.sum() < 1.5
    assert (foreseen != happened).any()
