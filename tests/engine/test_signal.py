"""Good time to consume: one line for each answer."""

import pytest

from custom_components.autoconsommation_collective.engine.share import Missing
from custom_components.autoconsommation_collective.engine.signal import (
    Reason,
    Signal,
    good_time,
)


@pytest.mark.parametrize(
    ("left_w", "production_w", "good", "reason"),
    [
        pytest.param(4000, 9000, True, Reason.COVERED, id="much left"),
        pytest.param(1000, 9000, True, Reason.COVERED, id="exactly the extra kilowatt"),
        pytest.param(999.9, 9000, False, Reason.NOT_ENOUGH, id="nearly the extra kilowatt"),
        pytest.param(0, 9000, False, Reason.NOT_ENOUGH, id="sun, all of it used"),
        pytest.param(0, 0, False, Reason.NO_PRODUCTION, id="dark"),
        pytest.param(0, None, False, Reason.NOT_ENOUGH, id="production unknown is not none"),
    ],
)  # fmt: skip
def test_answer(
    left_w: float, production_w: float | None, good: bool, reason: Reason
) -> None:
    """The answer carries the power it rests on."""
    assert good_time(left_w, production_w) == Signal(good, reason, left_w)


@pytest.mark.parametrize("missing", Missing)
def test_unknown_is_neither_good_nor_bad(missing: Missing) -> None:
    """And it says why."""
    assert good_time(missing, 9000) == Signal(good=None, reason=missing, left_w=None)
