"""The grid of the steps ahead: energies keep their sum whatever the steps."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid, energies_on

START = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
C = Quantity.CONSUMPTION
STEPS = st.sampled_from([10, 15, 30, 60])


def block(values: list[float], minutes: int, offset_minutes: int = 0) -> Block:
    """A block of consumption that starts some minutes after START."""
    return Block(
        START + offset_minutes * MINUTE, minutes * MINUTE, {C: np.array(values, float)}
    )


def on(minutes: int, n_steps: int, *blocks: Block, offset: int = 0) -> list[float]:
    """The blocks on a grid that starts some minutes after START."""
    grid = Grid(START + offset * MINUTE, minutes * MINUTE, n_steps)
    return energies_on(grid, blocks, C).tolist()


@given(st.lists(st.integers(0, 5000), min_size=24, max_size=24), STEPS, STEPS)
def test_energy_is_kept(values: list[int], given_step: int, asked_step: int) -> None:
    """However the steps differ, a span known as a whole keeps its energy."""
    span = 24 * given_step
    n_steps = span // asked_step
    if span % asked_step:
        return
    found = on(asked_step, n_steps, block([float(v) for v in values], given_step))
    assert math.isclose(sum(found), sum(values), abs_tol=1e-6)


@given(st.integers(1, 40), STEPS)
def test_two_blocks_are_as_one(cut: int, asked_step: int) -> None:
    """Where a block is cut changes nothing."""
    values = [float(n * 37 % 101) for n in range(42)]
    whole = on(asked_step, 14 * 30 // asked_step, block(values, 10))
    parts = block(values[:cut], 10), block(values[cut:], 10, 10 * cut)
    assert on(asked_step, 14 * 30 // asked_step, *parts) == pytest.approx(whole)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(on(30, 2, block([100, 200], 30)), [100, 200], id="the same steps"),
        pytest.param(
            on(15, 4, block([100, 200], 30)), [50, 50, 100, 100], id="shorter"
        ),
        pytest.param(on(60, 1, block([100, 200], 30)), [300], id="longer"),
        pytest.param(
            on(30, 3, block([100, 200], 30)), [100, 200, math.nan], id="not known later"
        ),
        pytest.param(
            on(30, 2, block([200], 30, 30)), [math.nan, 200], id="not known before"
        ),
        pytest.param(
            on(60, 1, block([100, math.nan], 30)), [math.nan], id="half a hole is one"
        ),
        pytest.param(on(30, 1), [math.nan], id="nothing known"),
        pytest.param(
            on(30, 1, block([100, 200], 60), offset=60), [100], id="part of a block"
        ),
    ],
)
def test_vectors(found: list[float], expected: list[float]) -> None:
    """Worked by hand."""
    assert found == pytest.approx(expected, nan_ok=True)


def test_another_quantity_is_not_known() -> None:
    """A block says nothing of what it lacks."""
    grid = Grid(START, 30 * MINUTE, 1)
    assert np.isnan(energies_on(grid, [block([1], 30)], Quantity.PRODUCTION)).all()


@pytest.mark.parametrize(
    ("minutes", "number"), [(-1, None), (0, 0), (29, 0), (30, 1), (59, 1), (60, None)]
)
def test_number_of_an_instant(minutes: int, number: int | None) -> None:
    """Starts belong to their step, the end to none."""
    assert Grid(START, 30 * MINUTE, 2).number(START + minutes * MINUTE) == number


def test_starts_and_end() -> None:
    """The grid's instants."""
    grid = Grid(START, 30 * MINUTE, 2)
    assert grid.starts == (START, START + 30 * MINUTE)
    assert grid.end == START + 60 * MINUTE
