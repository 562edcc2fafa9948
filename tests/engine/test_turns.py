"""Taking turns: spread as far as needed, no claim lost, nobody waits for nothing."""

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.turns import taken_in_turn

LIMIT_WH = 1100.0
PLACES = st.floats(0, 0.999)
N_STEPS = 16


def turns(
    place: float,
    *,
    homes: int = 10,
    surplus_wh: float = 4000.0,
    claim_wh: float = 400.0,
    n_steps: int = N_STEPS,
) -> tuple[np.ndarray, np.ndarray]:
    """A home among followers who each need what it needs, under an even surplus."""
    claim = np.full(n_steps, claim_wh)
    return taken_in_turn(
        np.ones(n_steps, dtype=bool),
        claim,
        np.full(n_steps, surplus_wh),
        LIMIT_WH,
        homes * claim.sum(),
        place,
    )


@given(PLACES)
def test_no_claim_is_lost_before_the_end(place: float) -> None:
    """Whoever begins later takes more at a time."""
    in_turn, claim = turns(place)
    assert claim[in_turn].sum() == pytest.approx(N_STEPS * 400, rel=0.2)
    assert (claim <= LIMIT_WH).all()


@given(PLACES, PLACES)
def test_places_keep_their_order(one: float, other: float) -> None:
    """A later place never begins earlier."""
    first, second = sorted((one, other))
    assert turns(first)[0].sum() >= turns(second)[0].sum()


@given(st.integers(2, 40))
def test_all_homes_together_stay_near_the_surplus(homes: int) -> None:
    """Each runs at its limit from its turn on, until its part is taken."""
    surplus = 800.0 * homes
    load = np.zeros(N_STEPS)
    for n in range(homes):
        in_turn, claim = turns(n / homes, homes=homes, surplus_wh=surplus)
        start = int(np.argmax(in_turn))
        n_run = round(claim[in_turn].sum() / LIMIT_WH)
        load[start : start + n_run] += LIMIT_WH
    herd = homes * LIMIT_WH
    assert load.max() <= min(herd, surplus + 2 * LIMIT_WH)


def test_plenty_needs_no_turns() -> None:
    """Where there is enough for all at once, everybody begins at once."""
    in_turn, claim = turns(0.99, surplus_wh=100_000.0)
    assert in_turn.all()
    assert (claim == 400).all()


def test_unknown_surplus_is_spread_over_all_of_it() -> None:
    """As nobody knows how much there is."""
    in_turn, _ = turns(0.5, surplus_wh=float("nan"))
    assert 3 <= np.argmax(in_turn) <= 6


def test_outside_the_surplus_nothing_changes() -> None:
    """Each run of steps has turns of its own."""
    shared = np.array([False, True, True, True, True, False, True, True, True, True])
    claim = np.where(shared, 200.0, 0.0)
    in_turn, later = taken_in_turn(
        shared, claim, np.full(10, 500.0), LIMIT_WH, 10 * 1600.0, 0.7
    )
    assert in_turn.tolist() == [
        True,
        False,
        False,
        True,
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    assert later[3:5].tolist() == [400.0, 400.0]
    assert later[[0, 5]].tolist() == [0.0, 0.0]
