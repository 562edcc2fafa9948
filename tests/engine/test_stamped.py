"""Stamped energies: none is lost, nights are dark, what is missing by day is a hole."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid, energies_on
from custom_components.autoconsommation_collective.engine.stamped import (
    Label,
    stamped_production,
)

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 6, 19, 22, tzinfo=UTC)
"""Of 20 June in Paris."""
NAN = math.nan


def block(
    stamped: Mapping[datetime, float],
    label: Label = Label.START,
    zone: ZoneInfo = PARIS,
) -> Block:
    """The block of energies that make one."""
    found = stamped_production(stamped, label, zone)
    assert found is not None
    return found


def hours(found: Block, first: datetime, n: int) -> list[float]:
    """Its Wh by hour."""
    return energies_on(Grid(first, HOUR, n), [found], Quantity.PRODUCTION).tolist()


def local(text: str) -> datetime:
    """An instant by the clock of Paris, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


# Laws

MINUTES = st.sampled_from([10, 15, 20, 30, 60])
WHOLE_QUARTERS = st.sampled_from([15, 30, 60])
WH = st.floats(0, 10_000)


@given(MINUTES, st.lists(WH, min_size=2, max_size=60))
def test_no_energy_is_lost(minutes: int, wh: list[float]) -> None:
    """Of steps that follow each other and fill quarters of an hour."""
    wh += [0.0] * (-len(wh) % 6)
    start = MIDNIGHT + 6 * HOUR
    stamped = {start + n * minutes * MINUTE: value for n, value in enumerate(wh)}
    found = block(stamped).energies[Quantity.PRODUCTION]
    assert np.nansum(found) == pytest.approx(sum(wh))


@given(WHOLE_QUARTERS, st.lists(WH, min_size=2, max_size=60))
def test_labels_differ_by_a_step(minutes: int, wh: list[float]) -> None:
    """The same energies stamped at the other end are the same block."""
    step = minutes * MINUTE
    starts = [MIDNIGHT + 6 * HOUR + n * step for n in range(len(wh))]
    by_start = block(dict(zip(starts, wh, strict=True)))
    ends = [start + step for start in starts]
    by_end = block(dict(zip(ends, wh, strict=True)), Label.END)
    assert by_start.start == by_end.start
    assert by_start.energies[Quantity.PRODUCTION] == pytest.approx(
        by_end.energies[Quantity.PRODUCTION], nan_ok=True
    )


@given(st.permutations(range(12)))
def test_order_does_not_matter(order: list[int]) -> None:
    """Of the stamps."""
    stamped = {MIDNIGHT + n * HOUR: float(n) for n in range(12)}
    mixed = {MIDNIGHT + n * HOUR: float(n) for n in order}
    assert block(mixed).energies[Quantity.PRODUCTION] == pytest.approx(
        block(stamped).energies[Quantity.PRODUCTION]
    )


# Vectors


def test_irregular_ends_at_sunrise_and_sunset() -> None:
    """Two days that are stamped at the end of each hour, and when the sun rises and sets."""
    wh = [0.0, 1.0, 100.0, 200.0, *[300.0] * 11, 90.0, 11.0]
    clock = ["05:58", *(f"{hour:02}:00" for hour in range(6, 21)), "20:11"]
    stamped = {
        local(f"2026-06-{day} {at}"): value
        for day in (20, 21)
        for at, value in zip(clock, wh, strict=True)
    }
    found = block(stamped, Label.END)
    day = hours(found, MIDNIGHT, 24)
    assert day == pytest.approx([0] * 5 + wh[1:] + [0] * 3)
    assert hours(found, MIDNIGHT + 24 * HOUR, 24) == pytest.approx(day)
    assert found.end == MIDNIGHT + 48 * HOUR


def test_trimmed_zeros_are_nights() -> None:
    """Half hours that are stamped at their start, without those in the dark."""
    wh = [10.0, 200.0, *[500.0] * 16, 200.0, 20.0]
    stamped = {
        MIDNIGHT + day * 24 * HOUR + (16 + n) * 30 * MINUTE: value
        for day in (0, 1)
        for n, value in enumerate(wh)
    }
    found = block(stamped)
    assert found.start == MIDNIGHT
    assert hours(found, MIDNIGHT, 48) == pytest.approx(
        2 * ([0] * 8 + [210] + [1000] * 8 + [220] + [0] * 6)
    )


@pytest.mark.parametrize("label", Label)
def test_hour_missing_by_day_is_a_hole(label: Label) -> None:
    """Nobody said that it was dark."""
    late = HOUR if label is Label.END else timedelta(0)
    stamped = {MIDNIGHT + n * HOUR + late: 100.0 for n in (8, 9, 10, 12, 13)}
    assert hours(block(stamped, label), MIDNIGHT + 8 * HOUR, 6) == pytest.approx(
        [100, 100, 100, NAN, 100, 100], nan_ok=True
    )


def test_day_that_is_missing_is_a_hole() -> None:
    """A gap too long for a night."""
    stamped = {
        MIDNIGHT + (24 * day + 10 + n) * HOUR: wh
        for day in (0, 2)
        for n, wh in enumerate((5.0, 100.0, 5.0))
    }
    found = hours(block(stamped), MIDNIGHT, 72)
    assert found[13:24] == pytest.approx([NAN] * 11, nan_ok=True)
    assert not np.isnan(found[:13] + found[-14:]).any()


def test_series_cut_by_day_is_not_known_beyond() -> None:
    """As one of the next 4 hours, made at 11."""
    found = block({MIDNIGHT + n * HOUR: 1000.0 for n in (11, 12, 13, 14)})
    assert (found.start, found.end) == (MIDNIGHT + 11 * HOUR, MIDNIGHT + 15 * HOUR)


@pytest.mark.parametrize(
    ("day", "n_hours"),
    [
        pytest.param("2026-03-29", 23, id="of 23 hours"),
        pytest.param("2026-10-25", 25, id="of 25 hours"),
        pytest.param("2026-10-26", 24, id="of 24 hours"),
    ],
)
def test_day_ends_at_local_midnight(day: str, n_hours: int) -> None:
    """Stamped by the local clock, with its offset."""
    midnight = local(f"{day} 00:00")
    stamped = {
        local(f"{day} {hour:02}:00"): wh
        for hour, wh in ((8, 1.0), (9, 100.0), (10, 100.0), (11, 1.0))
    }
    found = block(stamped)
    assert (found.start, found.end) == (midnight, midnight + n_hours * HOUR)
    assert not np.isnan(found.energies[Quantity.PRODUCTION]).any()


def test_both_hours_of_the_clock_change_are_kept() -> None:
    """The hour from 2 to 3 comes twice; it is dark, but it is there."""
    first = datetime(2026, 10, 24, 22, tzinfo=UTC)
    stamped = {first + n * HOUR: float(n) for n in range(25)}
    assert hours(block(stamped), first, 25) == pytest.approx(list(range(25)))


def test_night_is_that_of_the_home() -> None:
    """In Réunion it is day when it is night in Paris."""
    stamped = {
        datetime(2026, 6, 20, 2, tzinfo=UTC) + (24 * day + n) * HOUR: wh
        for day in (0, 1)
        for n, wh in enumerate((5.0, *[100.0] * 9, 5.0))
    }
    found = block(stamped, zone=REUNION)
    assert found.start == datetime(2026, 6, 19, 20, tzinfo=UTC)
    assert not np.isnan(found.energies[Quantity.PRODUCTION]).any()


def test_one_stamp_is_one_hour() -> None:
    """The longest that a step can be."""
    found = block({MIDNIGHT + 12 * HOUR: 400.0})
    assert (found.start, found.n_steps) == (MIDNIGHT + 12 * HOUR, 4)
    assert found.energies[Quantity.PRODUCTION].tolist() == pytest.approx([100] * 4)


@pytest.mark.parametrize(
    "stamped",
    [
        pytest.param({}, id="nothing"),
        pytest.param({MIDNIGHT + n * 24 * HOUR: 9000.0 for n in range(3)}, id="days"),
    ],
)
def test_no_steps_can_be_told(stamped: dict[datetime, float]) -> None:
    """None, rather than a guess."""
    assert stamped_production(stamped, Label.START, PARIS) is None
