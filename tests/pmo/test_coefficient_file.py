"""The coefficients as a text file: what it says is what was computed."""

import csv

import numpy as np

from custom_components.autoconsommation_collective.engine.model import Role
from custom_components.autoconsommation_collective.engine.roster import AgreedKey
from custom_components.autoconsommation_collective.engine.step_coefficients import (
    step_coefficients,
)
from custom_components.autoconsommation_collective.pmo.coefficient_file import (
    coefficient_file_name,
    written_coefficients,
)
from tests.engine.organised_cases import (
    N_STEPS,
    PARIS,
    SINCE,
    participant,
    random_curves,
    splits_of,
)

ACC = "ACC00000123"
PEOPLE = (
    participant("30009876543210"),
    participant("30001234567890"),
    participant("30005555555555", Role.PRODUCER),
)
SPLITS = splits_of(PEOPLE, list(random_curves(PEOPLE)), (AgreedKey("fair", SINCE),))
LINES = list(written_coefficients(ACC, SPLITS, PARIS))
ROWS = list(csv.DictReader(LINES, delimiter=";"))


def test_a_line_for_each_consumer_and_step() -> None:
    """Consumers in order of their points; the producer has none."""
    assert len(ROWS) == 2 * N_STEPS
    assert [row["prm"] for row in ROWS[::N_STEPS]] == sorted(
        one.point for one in PEOPLE[:2]
    )
    assert {row["convention"] for row in ROWS} == {ACC}


def test_it_says_what_was_computed() -> None:
    """With a decimal comma."""
    told = [float(row["coefficient"].replace(",", ".")) for row in ROWS]
    computed = step_coefficients(SPLITS[0])
    second, first = computed[:, 0].tolist(), computed[:, 1].tolist()
    assert told == first + second
    assert all("." not in row["coefficient"] for row in ROWS)


def test_steps_follow_each_other_over_the_change_of_the_clock() -> None:
    """Local time with its offset, so that the hour that comes twice is told apart."""
    steps = [(row["debut"], row["fin"]) for row in ROWS[:N_STEPS]]
    assert len(set(steps)) == N_STEPS
    assert [end for _, end in steps[:-1]] == [start for start, _ in steps[1:]]
    assert ("2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00") in steps
    assert ("2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00") in steps


def test_a_step_that_is_not_known_is_left_out() -> None:
    """Rather than told as nothing."""
    splits = splits_of(PEOPLE, list(random_curves(PEOPLE)))
    splits[0].allocated[4] = np.nan
    lines = list(written_coefficients(ACC, splits, PARIS))
    assert len(lines) == 1 + 2 * (N_STEPS - 1)


def test_its_name_says_whose_month_it_is() -> None:
    """And which version of the layout."""
    assert coefficient_file_name(ACC, "2026-10") == (
        "coefficients_ACC00000123_2026-10_v1.txt"
    )
