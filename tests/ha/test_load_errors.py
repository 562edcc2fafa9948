"""What is wrong with what was told of a load, whatever is told."""

from datetime import time
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.adapters.load_errors import (
    LIMITS,
    load_errors,
)
from custom_components.autoconsommation_collective.adapters.load_templates import (
    TEMPLATES,
)
from custom_components.autoconsommation_collective.engine.hours import hours_text
from custom_components.autoconsommation_collective.engine.loads import LoadKind
from custom_components.autoconsommation_collective.engine.tariffs import Period

MINUTES = st.integers(0, 24 * 60 - 1)


@pytest.mark.parametrize("template", TEMPLATES)
def test_usual_answers_are_right(template: str) -> None:
    """What a form is filled with would be refused by nobody."""
    described = TEMPLATES[template]
    needed = {"kwh_per_day": 7.0, "worth_eur_per_kwh": 0.1}
    assert load_errors(described.kind, {**described.usual, **needed}) == {}


@pytest.mark.parametrize("field", LIMITS)
@given(data=st.data())
def test_numbers(field: str, data: st.DataObject) -> None:
    """Refused outside of the limits and nowhere else."""
    lowest, highest = LIMITS[field]
    number = data.draw(
        st.floats(-highest, 2 * highest) | st.sampled_from(LIMITS[field])
    )
    errors = load_errors(LoadKind.DEFERRABLE, {field: number})
    is_wrong = not lowest <= number <= highest
    assert errors == ({field: f"{field}_out_of_range"} if is_wrong else {})


@st.composite
def windows(draw: st.DrawFn) -> tuple[str, int, int]:
    """Two ranges of a day: as text, with the minutes of the longer one and of both."""
    a, b, c, d = sorted(draw(st.sets(MINUTES, min_size=4, max_size=4)))
    # The gaps between them are ranges too, of which one ends past midnight.
    first, second = draw(st.sampled_from([((a, b), (c, d)), ((b, c), (d, a))]))
    text = hours_text(
        [Period("", _clock(at), _clock(to)) for at, to in (first, second)]
    )
    lengths = [(to - at) % (24 * 60) for at, to in (first, second)]
    return text, max(lengths), sum(lengths)


def _clock(minute: int) -> time:
    return time(*divmod(minute, 60))


@given(allowed=windows(), data=st.data())
def test_on_for_longer_than_allowed(
    allowed: tuple[str, int, int], data: st.DataObject
) -> None:
    """It could never run: no range is as long."""
    text, longest, _ = allowed
    minutes = data.draw(st.integers(0, 720) | st.just(min(longest, 720)))
    told = {"allowed_hours": text, "min_on_minutes": float(minutes)}
    found = {"allowed_hours": "hours_below_min_on"} if minutes > longest else {}
    assert load_errors(LoadKind.SURPLUS, told | {"worth_eur_per_kwh": 0.1}) == found


@given(allowed=windows(), data=st.data())
def test_a_run_longer_than_allowed(
    allowed: tuple[str, int, int], data: st.DataObject
) -> None:
    """It runs as a whole, within one range."""
    text, longest, _ = allowed
    length = data.draw(st.integers(1, 24 * 60) | st.just(longest))
    hours, minutes = divmod(length, 60)
    runs_for = {"hours": hours, "minutes": minutes}
    found = {"allowed_hours": "hours_below_run"} if length > longest else {}
    told = {"allowed_hours": text, "runs_for": runs_for}
    assert load_errors(LoadKind.APPLIANCE, told) == found


@given(allowed=windows(), data=st.data())
def test_more_hours_than_allowed(
    allowed: tuple[str, int, int], data: st.DataObject
) -> None:
    """They may be done in all ranges together."""
    text, _, together = allowed
    quarters = data.draw(st.integers(1, 96) | st.just(max(1, together // 15)))
    told = {"allowed_hours": text, "hours_per_day": quarters / 4}
    found = {"allowed_hours": "hours_below_need"} if quarters * 15 > together else {}
    assert load_errors(LoadKind.DEFERRABLE, told) == found


@given(
    phases=st.sampled_from(["1", "3"]),
    lowest=st.integers(6, 80),
    highest=st.none() | st.integers(6, 80),
)
def test_currents(phases: str, lowest: int, highest: int | None) -> None:
    """The highest is not below the lowest, also where it is left to the phases."""
    told: dict[str, Any] = {
        "phases": phases,
        "lowest_a": float(lowest),
        "kwh_per_day": 7.0,
    }
    if highest is not None:
        told["highest_a"] = float(highest)
    usual = {"1": 32, "3": 16}[phases]
    is_crossed = (usual if highest is None else highest) < lowest
    found = {"highest_a": "currents_crossed"} if is_crossed else {}
    assert load_errors(LoadKind.CAR, told) == found


CHARGE = {"charge_sensor": "sensor.a", "capacity_kwh": 50.0, "target_percent": 80.0}


@given(told=st.sets(st.sampled_from([*CHARGE, "kwh_per_day"])))
def test_a_car_whose_need_is_known(told: set[str]) -> None:
    """By its charge with all that belongs to it, or by the day."""
    answers: dict[str, Any] = {"phases": "1", "lowest_a": 6.0}
    answers |= {f: v for f, v in (CHARGE | {"kwh_per_day": 7.0}).items() if f in told}
    errors = load_errors(LoadKind.CAR, answers)
    parts = told & CHARGE.keys()
    if parts and parts != CHARGE.keys():
        assert errors == {"charge_sensor": "charge_incomplete"}
    elif not told:
        assert errors == {"kwh_per_day": "need_missing"}
    else:
        assert errors == {}
