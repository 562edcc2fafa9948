"""Own use comes first and is not shared; storage takes or gives, never both at once."""

from typing import NamedTuple

from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.keys import (
    FullDynamicKey,
    Matrix,
    PriorityKey,
    ProRataKey,
    TwoSidedKey,
)
from custom_components.autoconsommation_collective.engine.participation import (
    behind_the_meter,
)
from custom_components.autoconsommation_collective.engine.repartition import (
    allocate,
    allocated_by_pair,
)

from .repartition_cases import ENERGIES, KEYS, Case, Size, assert_near, keys, rounding


class Home(NamedTuple):
    """As `behind_the_meter` takes it."""

    load: Matrix
    produced: Matrix


@st.composite
def homes(draw: st.DrawFn) -> Home:
    """Any load with any number of plants."""
    steps, plants = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    return Home(
        draw(arrays(np.float64, (steps, 1), elements=ENERGIES)),
        draw(arrays(np.float64, (steps, plants), elements=ENERGIES)),
    )


@given(homes())
def test_each_plant_s_production_is_used_or_injected(home: Home) -> None:
    """Own use + injection = produced."""
    meter = behind_the_meter(*home)
    assert (meter.own_use >= 0).all()
    assert (meter.injection >= 0).all()
    npt.assert_allclose(
        meter.own_use + meter.injection, home.produced, rtol=1e-12, atol=1e-300
    )


@given(homes())
def test_load_is_own_use_or_withdrawn(home: Home) -> None:
    """Own use + withdrawal = load."""
    meter = behind_the_meter(*home)
    own = meter.own_use.sum(axis=1, keepdims=True)
    assert (meter.withdrawal >= 0).all()
    npt.assert_allclose(own + meter.withdrawal, home.load, rtol=1e-12, atol=1e-300)


@given(homes())
def test_home_never_injects_and_withdraws_in_one_step(home: Home) -> None:
    """As much of its own is used as can be."""
    meter = behind_the_meter(*home)
    injects = meter.injection.sum(axis=1) > 0
    assert not (injects & (meter.withdrawal[:, 0] > 0)).any()


@given(homes())
def test_plants_behind_one_meter_serve_it_alike(home: Home) -> None:
    """Each gives the same part of what it produces."""
    meter = behind_the_meter(*home)
    total = home.produced.sum(axis=1, keepdims=True)
    own = meter.own_use.sum(axis=1, keepdims=True)
    # Parts of energies as far apart as 1e-300 and 1e12 are compared to the sum of all.
    gap = np.abs(meter.own_use * total - own * home.produced)
    assert (gap <= 1e-9 * total * own).all()


@pytest.mark.parametrize(
    ("load", "produced", "own_use", "injection", "withdrawal"),
    [
        pytest.param(300, [400], [300], [100], 0, id="sun to spare"),
        pytest.param(300, [100], [100], [0], 200, id="sun that is not enough"),
        pytest.param(300, [300, 300], [150, 150], [150, 150], 0, id="two alike"),
        pytest.param(300, [300, 100], [225, 75], [75, 25], 0, id="pro rata"),
        pytest.param(300, [0, 0], [0, 0], [0, 0], 300, id="night"),
        pytest.param(0, [200, 0], [0, 0], [200, 0], 0, id="nobody home"),
        pytest.param(300, [], [], [], 300, id="no plant"),
    ],
)
def test_own_use_by_hand(
    load: float,
    produced: list[float],
    own_use: list[float],
    injection: list[float],
    withdrawal: float,
) -> None:
    """A step of a home."""
    meter = behind_the_meter(np.array([[load]], float), np.array([produced], float))
    npt.assert_allclose(meter.own_use, [own_use], rtol=1e-12)
    npt.assert_allclose(meter.injection, [injection], rtol=1e-12)
    npt.assert_allclose(meter.withdrawal, [[withdrawal]], rtol=1e-12)


def test_energies_given_are_left_as_they_are() -> None:
    """A scenario settles the same curves again."""
    load, produced = np.array([[3.0], [5.0]]), np.array([[4.0, 2.0], [1.0, 0.0]])
    behind_the_meter(load, produced)
    npt.assert_array_equal(load, [[3.0], [5.0]])
    npt.assert_array_equal(produced, [[4.0, 2.0], [1.0, 0.0]])


# Storage


@given(arrays(np.float64, (2, 4, 1), elements=ENERGIES))
def test_storage_takes_or_gives_what_it_did_on_balance(exchange: np.ndarray) -> None:
    """Charged - released is preserved, never both."""
    charged, released = exchange
    unit = behind_the_meter(charged, released)
    assert not ((unit.withdrawal > 0) & (unit.injection > 0)).any()
    npt.assert_allclose(
        unit.withdrawal - unit.injection,
        charged - released,
        rtol=1e-12,
        atol=1e-12 * float(exchange.max()),
    )


class Stored(NamedTuple):
    """An operation of which the last consumer and the last producer are one storage unit."""

    plants: Matrix
    case: Case


@st.composite
def operations_with_storage(draw: st.DrawFn) -> Stored:
    """Any key, any energies; the unit may have charged and released within a step."""
    steps, plants, members = (
        draw(st.integers(1, 3)),
        draw(st.integers(0, 2)),
        draw(st.integers(0, 3)),
    )
    produced = draw(arrays(np.float64, (steps, plants), elements=ENERGIES))
    consumed = draw(arrays(np.float64, (steps, members), elements=ENERGIES))
    unit = behind_the_meter(
        *draw(arrays(np.float64, (2, steps, 1), elements=ENERGIES)),
    )
    size = Size(steps, plants + 1, members + 1)
    case = Case(
        np.hstack([produced, unit.injection]),
        np.hstack([consumed, unit.withdrawal]),
        draw(keys(size, *KEYS)),
    )
    return Stored(produced, case)


@settings(max_examples=150)
@given(operations_with_storage())
def test_storage_stays_within_its_bounds_under_any_key(stored: Stored) -> None:
    """D315-5, at each step.

    Stored + allocated ≤ production where the unit charges, with the unit itself a producer
    where it releases; allocated ≤ released + production. And nothing is lost.
    """
    plants, case = stored
    shared = allocate(*case)
    in_store, allocated = shared.allocated[:, -1], shared.allocated[:, :-1].sum(axis=1)
    production, released = plants.sum(axis=1), case.production[:, -1]
    room = rounding(case)
    charges = released == 0
    assert (in_store + allocated <= production + room)[charges].all()
    assert (in_store == 0)[~charges].all()
    assert (allocated <= released + production + room).all()
    handed_out = in_store + allocated + shared.surplus.sum(axis=1)
    assert_near(handed_out, production + released, room)


@settings(max_examples=60)
@given(operations_with_storage())
def test_storage_unit_never_serves_itself(stored: Stored) -> None:
    """What it charges comes from plants, as it releases nothing in the same step."""
    pairs = allocated_by_pair(*stored.case)
    assert not pairs[:, -1, -1].any()


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ProRataKey(), id="prorata"),
        pytest.param(PriorityKey((1, 2)), id="members before storage"),
        pytest.param(FullDynamicKey(np.array([[0.5, 0.5], [1.0, 0.0]])), id="pairs"),
        pytest.param(
            TwoSidedKey(ProRataKey(), PriorityKey((1, 2))), id="plants before storage"
        ),
    ],
)
def test_day_of_a_storage_unit(key: object) -> None:
    """Noon fills it, evening empties it; between, a swing of 100 Wh counts as 40."""
    unit = behind_the_meter(
        np.array([[500.0], [100.0], [0.0]]), np.array([[0.0], [60.0], [300.0]])
    )
    npt.assert_array_equal(unit.withdrawal, [[500.0], [40.0], [0.0]])
    production = np.hstack([np.array([[1200.0], [400.0], [0.0]]), unit.injection])
    consumption = np.hstack([np.array([[200.0], [300.0], [800.0]]), unit.withdrawal])
    shared = allocate(production, consumption, key)
    stored, member = shared.allocated[:, 1], shared.allocated[:, 0]
    npt.assert_allclose(stored, [500.0, 40.0, 0.0])
    npt.assert_allclose(
        member, [200.0, 200.0 if isinstance(key, FullDynamicKey) else 300.0, 300.0]
    )
