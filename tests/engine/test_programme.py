"""A machine's programme: learned as it was measured, and planned in the same shape."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.load_state import LoadState
from custom_components.autoconsommation_collective.engine.load_steps import programme_wh
from custom_components.autoconsommation_collective.engine.loads import (
    PROFILE_SLOT,
    LoadKind,
)
from custom_components.autoconsommation_collective.engine.programme import (
    PAUSE_W,
    Programme,
    followed,
    restored_programme,
    stored_programme,
)

from .load_cases import load

START = datetime(2026, 6, 9, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEP = timedelta(minutes=30)
WASH = (2000.0,) * 4 + (0.0, 150.0, 150.0, 600.0)
"""Heats, soaks, turns, spins."""
POWERS = st.lists(st.floats(PAUSE_W, 3000), min_size=1, max_size=30).map(
    lambda powers: [*powers, 900.0]
)


def run(
    powers_w: tuple[float, ...] | list[float],
    before: Programme = Programme(),
    *,
    standby_min: int = 10,
    silent: range = range(0),
    unseen: range = range(0),
) -> Programme:
    """A programme looked at each minute; silent: the sensor tells nothing; unseen: no look."""
    n_minutes = len(powers_w) * (PROFILE_SLOT // MINUTE)
    found = before
    was = LoadState(seen_at=START - MINUTE)
    for minute in range(n_minutes + standby_min + 1):
        if minute in unseen:
            continue
        is_over = minute == n_minutes + standby_min
        state = LoadState(
            seen_at=START + minute * MINUTE, began=None if is_over else START
        )
        # A look tells of the minute before it.
        slot = max(minute - 1, 0) // (PROFILE_SLOT // MINUTE)
        power = powers_w[slot] if slot < len(powers_w) else 2.0
        told = math.nan if minute in silent else power
        found, was = followed(found, was, state, told), state
    return found


@given(POWERS)
def test_what_was_measured_is_learned(powers: list[float]) -> None:
    """Each slot, to a minute at its edges; standby afterwards is no part of it."""
    found = run(powers).last_w
    total = sum(powers)
    assert sum(found) == pytest.approx(total, rel=0.01)
    assert abs(len(found) - len(powers)) <= 1


def test_a_wash() -> None:
    """Heating first: four slots of 2 kW, with a minute of each at the edge of the next."""
    found = run(WASH).last_w
    assert found[:4] == pytest.approx((1600, 2000, 2000, 2000))
    assert found[4] == pytest.approx(400)
    assert len(found) == 9


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param({"silent": range(7, 8)}, id="a silent sensor"),
        pytest.param({"unseen": range(6, 15)}, id="a restart"),
    ],
)
def test_what_was_not_seen_whole_is_not_learned(hole: dict[str, range]) -> None:
    """The one before stays."""
    before = Programme((500.0, 400.0))
    assert run(WASH, before, **hole) == before
    assert run(WASH, before) != before


def test_a_door_that_was_opened_is_no_programme() -> None:
    """Some Wh of lamps."""
    assert run([100.0, 20.0]).last_w == ()


@given(POWERS, st.floats(100, 3000), st.integers(0, 29), st.booleans())
def test_a_programme_is_planned_in_its_shape(
    powers: list[float], energy_wh: float, minutes: int, has_begun: bool
) -> None:
    """All of its energy from its beginning on; of one in progress what is left."""
    machine = replace(
        load(LoadKind.APPLIANCE), profile_w=tuple(powers), energy_wh=energy_wh
    )
    grid = Grid(START, STEP, 48)
    begin = START - minutes * MINUTE if has_begun else START
    found = programme_wh(machine, begin, grid)
    slots = len(powers)
    gone = (START - begin) / (slots * PROFILE_SLOT)
    if gone <= 0:
        assert sum(found) == pytest.approx(energy_wh)
        per_step = STEP // PROFILE_SLOT
        first = sum(powers[:per_step]) / sum(powers) * energy_wh
        assert found[0] == pytest.approx(first)
    else:
        assert sum(found) <= energy_wh + 1e-6
    assert all(wh > 0 for wh in found)
    assert machine.peak_w >= max(powers)


@given(POWERS, st.booleans())
def test_what_is_stored_comes_back(powers: list[float], is_whole: bool) -> None:
    """Through JSON."""
    kept = Programme(tuple(round(p, 2) for p in powers), (1.25, 3.0), is_whole)
    stored = json.loads(json.dumps(stored_programme(kept)))
    assert restored_programme(stored) == kept


@pytest.mark.parametrize(
    "stored",
    [None, 3, {}, {"last_w": 3, "slots_wh": []}, {"last_w": [-1], "slots_wh": []},
     {"last_w": ["x"], "slots_wh": []}, {"last_w": [1e999], "slots_wh": []}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_none(stored: object) -> None:
    """Another version, or garbage."""
    assert restored_programme(stored) == Programme()
