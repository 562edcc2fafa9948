"""A settlement against the home's own meter: the same, shifted, scaled, or another's."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.meter_match import (
    Mismatch,
    meter_match,
)

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 6, 7, 22, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
N_DAYS = 7
SEEDS = st.integers(0, 200)


def home(seed: int, step: timedelta = HALF_HOUR) -> Energies:
    """What a home draws by step: a base, meals, and appliances now and then."""
    dice = np.random.default_rng(seed)
    n_steps = N_DAYS * (timedelta(days=1) // step)
    hour = np.arange(n_steps) * (step / timedelta(hours=1)) % 24
    meals = 400 * np.exp(-((hour - 19.5) ** 2)) + 200 * np.exp(-((hour - 7.5) ** 2))
    machines = 900 * (dice.random(n_steps) < 0.06)
    drawn: Energies = (120 + meals + machines) * dice.uniform(0.7, 1.3, n_steps)
    return np.round(drawn * (step / HALF_HOUR))


def block(energies: Energies, step: timedelta = HALF_HOUR, lead: int = 0) -> Block:
    """The energies as blocks hold them."""
    return Block(START + lead * step, step, {Quantity.CONSUMPTION: energies})


def measured(energies: Energies, seed: int) -> Energies:
    """The same meter, read a little late at the edges of steps."""
    dice = np.random.default_rng(1000 + seed)
    late = dice.uniform(0, 1 / 15, len(energies) + 1)
    found: Energies = energies * (1 - late[1:]) + np.roll(energies, 1) * late[:-1]
    return found


@given(SEEDS)
def test_one_meter_is_one(seed: int) -> None:
    """Read twice, at edges some minutes apart."""
    told = home(seed)
    found = meter_match([block(told)], [block(measured(told, seed))], PARIS)
    assert found is not None and found.mismatch is None and not found.missing_days
    assert abs(found.difference_wh) < 0.01 * found.settled_wh
    assert found.n_steps == len(told)


@given(SEEDS, st.sampled_from([-4, -2, -1, 1, 2, 4]))
def test_a_shift_is_found(seed: int, n: int) -> None:
    """A time zone, or stamps at the end of the steps; in which direction, too."""
    told = home(seed)
    found = meter_match([block(told, lead=n)], [block(measured(told, seed))], PARIS)
    assert found is not None
    assert (found.mismatch, found.shift) == (Mismatch.SHIFTED, n * HALF_HOUR)


@given(SEEDS, st.sampled_from([0.8, 0.93, 1.08, 1.5]))
def test_another_amount_is_found(seed: int, factor: float) -> None:
    """Apparent power counted as energy, or a forgotten factor."""
    told = home(seed)
    found = meter_match([block(told)], [block(factor * measured(told, seed))], PARIS)
    assert found is not None and found.mismatch is Mismatch.SCALED


@given(SEEDS, st.integers(1, 50))
def test_another_home_is_found(seed: int, other: int) -> None:
    """The same habits do not make the same meter."""
    found = meter_match([block(home(seed))], [block(home(seed + other))], PARIS)
    assert found is not None and found.mismatch is Mismatch.OTHER_METER


def test_quarters_against_half_hours() -> None:
    """The longer steps are compared."""
    quarters = home(3, timedelta(minutes=15))
    halves = quarters.reshape(-1, 2).sum(axis=1)
    found = meter_match(
        [block(halves)], [block(quarters, timedelta(minutes=15))], PARIS
    )
    assert found is not None and found.mismatch is None and found.difference_wh == 0


def test_days_without_a_record_are_told() -> None:
    """The dongle was unplugged from Wednesday to Thursday."""
    told = home(5)
    own = told.copy()
    own[2 * 48 : 4 * 48] = np.nan
    found = meter_match([block(told)], [block(own)], PARIS)
    assert found is not None and found.mismatch is None
    assert found.missing_days == (date(2026, 6, 10), date(2026, 6, 11))
    assert found.settled_wh == found.measured_wh


@pytest.mark.parametrize(
    "own",
    [
        pytest.param([], id="no record"),
        pytest.param([block(home(1)[:90])], id="less than two days"),
    ],
)
def test_too_little_tells_nothing(own: list[Block]) -> None:
    """No guess."""
    assert meter_match([block(home(1))], own, PARIS) is None
    assert meter_match([], own, PARIS) is None


def test_an_empty_home_is_not_suspected() -> None:
    """A fridge draws the same at all hours."""
    flat = np.full(N_DAYS * 48, 40.0)
    found = meter_match([block(flat)], [block(flat + 1)], PARIS)
    assert found is not None and found.mismatch is None
