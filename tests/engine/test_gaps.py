"""Days that are missing inside a settled month."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.gaps import gaps
from custom_components.autoconsommation_collective.engine.model import Quality

PARIS = ZoneInfo("Europe/Paris")
HALF_HOUR = timedelta(minutes=30)
NAN = float("nan")
START = datetime(2026, 3, 26, 23, tzinfo=UTC)
"""The local midnight before a day of 23 hours comes, on the 29th."""


def block(start: datetime, allocated: Energies, *, as_producer: bool = False) -> Block:
    """Steps of which the allocated part may be missing."""
    whole, part = Quantity.CONSUMPTION, Quantity.ALLOCATED
    if as_producer:
        whole, part = Quantity.PRODUCTION, Quantity.SURPLUS
    return Block(
        start, HALF_HOUR, {whole: np.full(len(allocated), 300.0), part: allocated}
    )


def found_in(*blocks: Block, quality: Quality = Quality.SETTLED) -> list[int]:
    """The days of March that are missing."""
    page = MonthPage("2026-03", 1, quality, blocks)
    return [day.day for day in gaps([page], PARIS).get("2026-03", ())]


@given(st.lists(st.booleans(), min_size=2, max_size=200))
def test_it_is_what_lies_between_known_steps(is_known: list[bool]) -> None:
    """Step by step, the slow way."""
    energies = np.where(is_known, 100.0, NAN)
    known = np.flatnonzero(is_known).tolist()
    expected = (
        {
            (START + n * HALF_HOUR).astimezone(PARIS).day
            for n in range(known[0], known[-1])
            if not is_known[n]
        }
        if known
        else set()
    )
    assert set(found_in(block(START, energies))) == expected


def test_a_hole_before_the_short_day_steps_over_none() -> None:
    """From half an hour before midnight on, into the day after it."""
    energies = np.full(46 + 48 * 3, 100.0)
    energies[95:146] = NAN
    assert found_in(block(START, energies)) == [28, 29, 30]


def test_between_two_deliveries() -> None:
    """Of the 27th and of the 30th; a third fills it."""
    first = block(START, np.full(48, 100.0))
    last = block(START + timedelta(hours=71), np.full(48, 100.0))
    assert found_in(first, last) == [28, 29]
    between = block(first.end, np.full(94, 100.0))
    assert found_in(first, between, last) == []


@pytest.mark.parametrize("quality", Quality)
def test_only_what_is_settled(quality: Quality) -> None:
    """Provisional months may still be on their way."""
    energies = np.array([1.0, NAN, 1.0])
    found = found_in(block(START, energies), quality=quality)
    assert found == ([27] if quality is Quality.SETTLED else [])


def test_one_who_began_to_produce_lacks_nothing_before() -> None:
    """Nor does one who left lack what comes after."""
    assert (
        found_in(
            block(START, np.full(96, 100.0)),
            block(START + timedelta(days=1), np.full(48, 5.0), as_producer=True),
        )
        == []
    )
