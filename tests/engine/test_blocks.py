"""Energies by step: sums by hour, and the way to the store and back."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import numpy.testing as npt
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    MINUTE,
    Block,
    MonthPage,
    Quantity,
    restored_block,
    restored_page,
    steps,
    stored_block,
    stored_page,
    sum_by_hour,
)
from custom_components.autoconsommation_collective.engine.model import Quality

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
CONSUMPTION, ALLOCATED = Quantity.CONSUMPTION, Quantity.ALLOCATED


def drawn(drawing: str, start: datetime = NOON, minutes: int = 15) -> Block:
    """A consumption of one digit per step, a point for a hole; spaces mean nothing."""
    wh = [np.nan if c == "." else float(c) for c in drawing.replace(" ", "")]
    return Block(start, minutes * MINUTE, {CONSUMPTION: np.array(wh)})


HOLES_OR_TENTHS = st.just(np.nan) | st.integers(0, 100_000).map(lambda n: n / 10)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """Any block: each step length in use, starting at any of its steps, with holes."""
    step = draw(st.sampled_from([10, 15, 30, 60])) * MINUTE
    n_steps = draw(st.integers(1, 40))
    one = st.lists(HOLES_OR_TENTHS, min_size=n_steps, max_size=n_steps)
    quantities = draw(st.lists(st.sampled_from(Quantity), min_size=1, unique=True))
    return Block(
        start=NOON + draw(st.integers(0, 5000)) * step,
        step=step,
        energies={quantity: np.array(draw(one)) for quantity in quantities},
    )


# Sums by hour


def by_hand(block: Block, quantity: Quantity) -> dict[datetime, float]:
    """The same sums, step by step: only hours of which every step is known."""
    known: dict[datetime, list[float]] = {}
    for start, wh in zip(steps(block), block.energies[quantity].tolist(), strict=True):
        known.setdefault(start.replace(minute=0), []).append(wh)
    return {
        hour: sum(values)
        for hour, values in known.items()
        if len(values) == HOUR / block.step and not np.isnan(values).any()
    }


@given(blocks())
def test_sums_are_those_made_by_hand(block: Block) -> None:
    """Whatever the step, wherever the block starts, whatever is missing."""
    for quantity in block.energies:
        summed = {hour: wh for hour, (wh,) in sum_by_hour([block], quantity).items()}
        assert summed == pytest.approx(by_hand(block, quantity))


@given(blocks())
def test_an_hour_counts_only_if_all_its_quantities_do(block: Block) -> None:
    """A pair with a hole on one side would not add up."""
    quantities = tuple(block.energies)
    one_by_one = [by_hand(block, quantity) for quantity in quantities]
    whole = set.intersection(*(set(hours) for hours in one_by_one))
    summed = sum_by_hour([block], *quantities)
    assert set(summed) == whole
    for hour, row in summed.items():
        assert row == pytest.approx(tuple(hours[hour] for hours in one_by_one))


@pytest.mark.parametrize(
    ("start", "minutes", "drawing", "hours"),
    [
        pytest.param("12:00", 15, "1111 2222", {12: 4, 13: 8}, id="quarters"),
        pytest.param("12:00", 10, "111111 222222", {12: 6, 13: 12}, id="ten minutes"),
        pytest.param("12:00", 30, "11 22", {12: 2, 13: 4}, id="half hours"),
        pytest.param("12:00", 60, "1 2", {12: 1, 13: 2}, id="hours"),
        pytest.param("12:15", 15, "999 2222", {13: 8}, id="starts a step late"),
        pytest.param("12:45", 15, "9 2222", {13: 8}, id="starts on the last step"),
        pytest.param("12:50", 10, "9 222222", {13: 12}, id="ten minutes, last step"),
        pytest.param("12:30", 30, "9 22 3", {13: 4}, id="half hours, both ends cut"),
        pytest.param("12:00", 15, "1111 222", {12: 4}, id="ends a step early"),
        pytest.param("12:00", 15, "1.11 2222", {13: 8}, id="hole"),
        pytest.param("12:00", 15, "0000 0000", {12: 0, 13: 0}, id="nothing is not a hole"),
        pytest.param("12:15", 15, "111", {}, id="no whole hour"),
        pytest.param("12:00", 15, "....", {}, id="nothing but holes"),
    ],
)  # fmt: skip
def test_drawn_hours(
    start: str, minutes: int, drawing: str, hours: dict[int, float]
) -> None:
    """One digit per step; the hours that count."""
    first = datetime.fromisoformat(f"2026-06-01T{start}+00:00")
    summed = sum_by_hour([drawn(drawing, first, minutes)], CONSUMPTION)
    assert {hour.hour: wh for hour, (wh,) in summed.items()} == hours


def test_quantities_come_in_the_order_asked() -> None:
    """And not in the order of the block."""
    block = Block(
        NOON, HOUR, {CONSUMPTION: np.array([5.0]), ALLOCATED: np.array([2.0])}
    )
    assert sum_by_hour([block], ALLOCATED, CONSUMPTION) == {NOON: (2.0, 5.0)}


def test_blocks_of_different_steps_follow_each_other() -> None:
    """A step may change from one day to the next."""
    after = NOON + 2 * HOUR
    changed = [drawn("1111 2222", NOON), drawn("33 44", after, minutes=30)]
    assert [wh for (wh,) in sum_by_hour(changed, CONSUMPTION).values()] == [4, 8, 6, 8]


def test_a_block_without_the_quantity_is_passed_over() -> None:
    """As before a member became producer."""
    assert sum_by_hour([drawn("1111")], CONSUMPTION, Quantity.PRODUCTION) == {}


def local_day(day: str, step: timedelta) -> Block:
    """One Wh per step from local midnight to local midnight in Paris."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=PARIS)
    start = midnight.astimezone(UTC)
    following = (midnight + timedelta(days=1)).astimezone(UTC)
    return Block(start, step, {CONSUMPTION: np.ones((following - start) // step)})


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
@pytest.mark.parametrize(
    ("day", "n_hours", "first", "last"),
    [
        pytest.param("2026-03-28", 24, 0, 23, id="ordinary day"),
        pytest.param("2026-03-29", 23, 0, 23, id="spring: 2 o'clock is missing"),
        pytest.param("2026-10-25", 25, 0, 23, id="autumn: 2 o'clock comes twice"),
    ],
)
def test_day_of_clock_change(
    day: str, n_hours: int, first: int, last: int, minutes: int
) -> None:
    """23, 24 or 25 hours, each of them whole, none twice."""
    summed = sum_by_hour([local_day(day, minutes * MINUTE)], CONSUMPTION)
    assert list(summed.values()) == [(60 / minutes,)] * n_hours
    local = [hour.astimezone(PARIS) for hour in summed]
    assert (local[0].hour, local[-1].hour) == (first, last)
    assert all(f"{hour:%Y-%m-%d}" == day for hour in local)


def test_which_hours_change() -> None:
    """Local hours of the two days, by name."""

    def names(day: str) -> list[int]:
        summed = sum_by_hour([local_day(day, 15 * MINUTE)], CONSUMPTION)
        return [hour.astimezone(PARIS).hour for hour in summed]

    assert names("2026-03-29")[:4] == [0, 1, 3, 4]
    assert names("2026-10-25")[:5] == [0, 1, 2, 2, 3]


# Time of a block


@given(blocks())
def test_steps_fill_the_block(block: Block) -> None:
    """From start to end, evenly, end excluded."""
    starts = list(steps(block))
    assert starts[0] == block.start
    assert starts[-1] + block.step == block.end
    assert len(starts) == block.n_steps == len(next(iter(block.energies.values())))


def test_a_block_equals_itself_and_no_other() -> None:
    """Comparing arrays has no single answer: snapshots that hold blocks compare them."""
    block, other = drawn("1111"), drawn("1111")
    assert block == block  # noqa: PLR0124
    assert block != other
    assert len({block, other}) == 2


# Store

STORED = stored_page(MonthPage("2026-06", 3, Quality.SETTLED, (drawn("12.4"),)))
STORED_BLOCK = STORED["blocks"][0]


def through_json(stored: dict[str, Any]) -> Any:
    """What a store writes and reads again, strictly: NaN is no JSON."""
    return json.loads(json.dumps(stored, allow_nan=False))


@given(blocks())
def test_block_comes_back(block: Block) -> None:
    """With its holes, its instant and its step."""
    restored = restored_block(through_json(stored_block(block)))
    assert (restored.start, restored.step) == (block.start, block.step)
    assert restored.start.tzinfo is UTC
    assert restored.energies.keys() == block.energies.keys()
    for quantity, energies in block.energies.items():
        npt.assert_array_equal(restored.energies[quantity], energies)


@given(st.lists(blocks(), max_size=3), st.sampled_from(Quality), st.integers(0, 99))
def test_page_comes_back(parts: list[Block], quality: Quality, revision: int) -> None:
    """What was stored twice is stored the same."""
    page = MonthPage("2026-06", revision, quality, tuple(parts))
    stored = through_json(stored_page(page))
    restored = restored_page(stored)
    assert (restored.month, restored.revision) == ("2026-06", revision)
    assert restored.quality is quality
    assert len(restored.blocks) == len(parts)
    assert stored_page(restored) == stored


def test_an_instant_with_another_offset_comes_back_in_utc() -> None:
    """The same instant, in the zone every block is in."""
    stored = STORED_BLOCK | {"start": "2026-06-01T14:00:00+02:00"}
    restored = restored_block(stored)
    assert (restored.start, restored.start.tzinfo) == (NOON, UTC)


def test_what_is_stored() -> None:
    """Readable by a person: units in the names, holes as null, tenths of a Wh."""
    block = Block(NOON, 15 * MINUTE, {ALLOCATED: np.array([1.26, np.nan, 0.04])})
    assert stored_block(block) == {
        "start": "2026-06-01T12:00:00+00:00",
        "step_minutes": 15,
        "allocated_wh": [1.3, None, 0],
    }


SPOILT_BLOCKS = {
    "start is no instant": {"start": "yesterday"},
    "start without offset": {"start": "2026-06-01T12:00:00"},
    "start is a number": {"start": 1},
    "step is a text": {"step_minutes": "15"},
    "step is missing": {"step_minutes": None},
    "energies are texts": {"consumption_wh": ["a lot"]},
    "energies are ragged": {"consumption_wh": [1, [2]]},
}


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({}, id="empty"),
        pytest.param([], id="a list"),
        pytest.param(STORED | {"quality": "guessed"}, id="quality"),
        pytest.param(STORED | {"blocks": None}, id="no blocks"),
        pytest.param(STORED | {"blocks": [{}]}, id="empty block"),
        *(
            pytest.param(STORED | {"blocks": [STORED_BLOCK | spoilt]}, id=why)
            for why, spoilt in SPOILT_BLOCKS.items()
        ),
    ],
)
def test_damaged_page_is_refused(spoilt: object) -> None:
    """One of three errors, which the reader of the store catches."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        restored_page(spoilt)  # type: ignore[arg-type]


# Month page


def test_totals_of_a_page() -> None:
    """Over its blocks, holes left out; a quantity it lacks has no total."""
    page = MonthPage(
        "2026-06", 1, Quality.SETTLED, (drawn("12.4"), drawn("1.", minutes=60))
    )
    assert page.total_wh(CONSUMPTION) == 8
    assert page.total_wh(ALLOCATED) is None
    assert page.has_holes


def test_page_without_holes() -> None:
    """Zero is an energy like any other."""
    page = MonthPage("2026-06", 1, Quality.SETTLED, (drawn("1204"), drawn("00")))
    assert not page.has_holes
    assert page.total_wh(CONSUMPTION) == 7


def test_a_hole_in_any_block_or_quantity_is_a_hole() -> None:
    """The last step of the last quantity of the last block."""
    last = Block(
        NOON, HOUR, {CONSUMPTION: np.array([1.0, 1]), ALLOCATED: np.array([1, np.nan])}
    )
    page = MonthPage("2026-06", 1, Quality.SETTLED, (drawn("11"), last))
    assert page.has_holes


def test_total_of_nothing_but_holes_is_unknown() -> None:
    """Zero would be a statement about the month."""
    page = MonthPage("2026-06", 1, Quality.SETTLED, (drawn("...."),))
    assert page.total_wh(CONSUMPTION) is None
