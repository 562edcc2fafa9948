"""How a claim becomes switching: never far from the claim, and never all homes at once."""

from itertools import pairwise

from hypothesis import given, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.duty import (
    relay_energy,
    whole_steps,
)

type Floats = npt.NDArray[np.float64]

N_STEPS = 24
POWERS = st.floats(1, 4_000).map(lambda wh: round(wh, 2))
PARTS = st.lists(st.floats(0, 1), min_size=N_STEPS, max_size=N_STEPS).map(np.array)
"""Of the power, by step."""
SHORTEST = st.floats(0.01, 1)
PLACES = st.floats(0, 1, exclude_max=True)
HALF_HOUR_WH, FIVE_MINUTES_WH = 1100.0, 1100.0 / 6
TINY = 1e-6


def behind(claim: Floats, drawn: Floats) -> Floats:
    """What is claimed and not drawn so far, at the end of each step."""
    return np.cumsum(claim) - np.cumsum(drawn)


# Laws


@given(PARTS, POWERS, SHORTEST, PLACES)
def test_the_sum_so_far_is_near_the_claim(
    parts: Floats, power: float, part: float, place: float
) -> None:
    """Ahead by the place's part of the shortest energy at most, behind by the rest."""
    claim, shortest = parts * power, part * power
    left = behind(claim, relay_energy(claim, power, shortest, place))
    assert (left >= -place * shortest - TINY).all()
    assert (left <= (1 - place) * shortest + TINY).all()


@given(PARTS, POWERS, SHORTEST, PLACES)
def test_on_for_long_enough_or_off(
    parts: Floats, power: float, part: float, place: float
) -> None:
    """Never above the power, never a run that is too short."""
    drawn = relay_energy(parts * power, power, part * power, place)
    assert ((drawn == 0) | (drawn >= part * power - TINY)).all()
    assert (drawn <= power).all()


@given(PARTS, POWERS, PLACES)
def test_whole_steps_are_whole(parts: Floats, power: float, place: float) -> None:
    """All of the step's energy or none, and near the claim."""
    claim = parts * power
    drawn = whole_steps(claim, power, place)
    assert set(drawn.tolist()) <= {0.0, power}
    assert (np.abs(behind(claim, drawn)) <= power + TINY).all()


@given(PARTS, POWERS, SHORTEST, PLACES)
def test_the_same_claim_gives_the_same(
    parts: Floats, power: float, part: float, place: float
) -> None:
    """Whoever asks, and however often."""
    claim = parts * power
    first, again = (relay_energy(claim, power, part * power, place) for _ in range(2))
    assert (first == again).all()


@given(st.integers(1, 40), st.floats(0, 1), st.integers(0, 39))
def test_homes_in_turn_draw_what_all_claim(
    n_homes: int, part: float, shift: int
) -> None:
    """With like claims and even places, at every step within one home of it."""
    claim = np.full(N_STEPS, part * HALF_HOUR_WH)
    places = [((n + shift) % n_homes) / n_homes for n in range(n_homes)]
    drawn = [whole_steps(claim, HALF_HOUR_WH, place) for place in places]
    together = np.sum(drawn, axis=0)
    assert (np.abs(together - n_homes * claim) <= HALF_HOUR_WH + TINY).all()


# Vectors


def test_half_power_is_every_other_step() -> None:
    """And two homes at opposite places never run together."""
    claim = np.full(6, 0.5 * HALF_HOUR_WH)
    one, other = (whole_steps(claim, HALF_HOUR_WH, place) for place in (0.0, 0.5))
    assert (one / HALF_HOUR_WH).tolist() == [0, 1, 0, 1, 0, 1]
    assert (other / HALF_HOUR_WH).tolist() == [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("place", [0.0, 0.25, 0.875])
def test_a_claim_that_a_relay_can_follow_is_followed(place: float) -> None:
    """What lies between the shortest run and full power is drawn as claimed."""
    claim = np.array([300.0, 500.0, 1100.0, 183.5, 700.0])
    drawn = relay_energy(claim, HALF_HOUR_WH, FIVE_MINUTES_WH, place)
    assert drawn == pytest.approx(claim)


def test_small_claims_add_up_to_a_run() -> None:
    """A third of five minutes in each step is five minutes in every third."""
    claim = np.full(9, FIVE_MINUTES_WH / 3)
    drawn = relay_energy(claim, HALF_HOUR_WH, FIVE_MINUTES_WH * 0.999, 0.0)
    on = np.flatnonzero(drawn).tolist()
    assert len(on) == 3
    assert all(later - sooner == 3 for sooner, later in pairwise(on))


def test_a_claim_above_the_power_is_cut() -> None:
    """What a step cannot have at all is not carried."""
    claim = np.array([5_000.0, 0.0, 0.0])
    drawn = whole_steps(claim, HALF_HOUR_WH, 0.5)
    assert drawn.tolist() == [HALF_HOUR_WH, 0.0, 0.0]


def test_nothing_claimed_is_nothing_drawn() -> None:
    """Whatever the place."""
    nothing = np.zeros(N_STEPS)
    assert not relay_energy(nothing, HALF_HOUR_WH, FIVE_MINUTES_WH, 0.99).any()
    assert not whole_steps(nothing, HALF_HOUR_WH, 0.99).any()
