"""What was announced: the same after a restart, on later steps, and never made up."""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.announced import (
    Announced,
    restored_announced,
    stored_announced,
)
from custom_components.autoconsommation_collective.engine.grid import Grid

from .load_cases import STEP, grid_from

DAY = grid_from("2026-06-09 12:00", hours=4)
WH = st.lists(st.floats(0, 1e5), min_size=8, max_size=8).map(np.array)
LOADS = st.dictionaries(st.text(max_size=5), WH, min_size=1, max_size=3)


@given(LOADS)
def test_it_outlives_a_restart(drawn: dict[str, Any]) -> None:
    """To the mWh."""
    told = json.loads(json.dumps(stored_announced(Announced(DAY, drawn))))
    found = restored_announced(told)
    assert found is not None and found.grid == DAY
    assert found.drawn_wh.keys() == drawn.keys()
    for name, wh in drawn.items():
        assert found.drawn_wh[name] == pytest.approx(wh, abs=1e-3)


@given(LOADS, st.integers(-3, 12), st.integers(1, 12))
def test_on_later_steps(drawn: dict[str, Any], gone: int, n_steps: int) -> None:
    """Each energy at its instant, nothing where nothing was announced."""
    grid = Grid(DAY.start + gone * STEP, STEP, n_steps)
    found = Announced(DAY, drawn).on(grid)
    if not 0 <= gone < DAY.n_steps:
        assert found is None
        return
    assert found is not None
    for name, wh in drawn.items():
        expected = [wh[gone + n] if gone + n < len(wh) else 0 for n in range(n_steps)]
        assert found[name].tolist() == expected


@pytest.mark.parametrize(
    "grid",
    [
        pytest.param(replace(DAY, step=STEP / 2), id="other steps"),
        pytest.param(
            replace(DAY, start=DAY.start + timedelta(minutes=5)), id="between"
        ),
    ],
)
def test_other_steps_say_nothing(grid: Grid) -> None:
    """Of another length, or that begin between."""
    assert Announced(DAY, {"tank": np.ones(8)}).on(grid) is None


GOOD = {"start": "2026-06-09T10:00:00+00:00", "step_s": 1800, "drawn_wh": {"a": [1.0]}}


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        GOOD | {"start": "soon"},
        GOOD | {"start": "2026-06-09T10:00:00"},
        GOOD | {"step_s": "x"},
        GOOD | {"step_s": 0},
        GOOD | {"drawn_wh": {}},
        GOOD | {"drawn_wh": [1]},
        GOOD | {"drawn_wh": {"a": [1.0], "b": [1.0, 2.0]}},
        GOOD | {"drawn_wh": {"a": ["x"]}},
        GOOD | {"drawn_wh": {"a": [-1.0]}},
        GOOD | {"drawn_wh": {"a": [None]}},
        GOOD | {"drawn_wh": {"a": 1.0}},
    ],
)
def test_garbage_is_forgotten(stored: object) -> None:
    """Then the plan is made anew."""
    assert restored_announced(stored) is None


def test_the_smallest_that_is_kept() -> None:
    """One load, one step."""
    assert restored_announced(GOOD) is not None
    assert stored_announced(None) is None
