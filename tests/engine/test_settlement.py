"""What the organiser settled: which page counts, monthly sums, the last settled day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    MonthReference,
    Quality,
)
from custom_components.autoconsommation_collective.engine.settlement import (
    MonthTotals,
    month_totals,
    settled_blocks,
    summarise,
    supersedes,
)

PARIS = ZoneInfo("Europe/Paris")
SETTLED, PROVISIONAL = Quality.SETTLED, Quality.PROVISIONAL
HOLE = float("nan")


def page(
    month: str,
    consumed: float = 0,
    allocated: float = 0,
    quality: Quality = SETTLED,
    revision: int = 1,
) -> MonthPage:
    """A whole month of hours: all its energy in the first, nothing in the others."""
    first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=PARIS)
    following = (first + timedelta(days=32)).replace(day=1)
    start = first.astimezone(UTC)
    energies = {}
    for quantity, wh in (
        (Quantity.CONSUMPTION, consumed),
        (Quantity.ALLOCATED, allocated),
    ):
        energies[quantity] = np.zeros((following.astimezone(UTC) - start) // HOUR)
        energies[quantity][0] = wh
    return MonthPage(month, revision, quality, (Block(start, HOUR, energies),))


def hours(**energies: list[float]) -> MonthPage:
    """A page of a few hours, by quantity."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    arrays = {Quantity(name): np.array(wh) for name, wh in energies.items()}
    return MonthPage("2026-06", 1, SETTLED, (Block(start, HOUR, arrays),))


# Which page counts


@pytest.mark.parametrize(
    ("published", "held", "replaces"),
    [
        pytest.param((1, SETTLED), None, True, id="nothing held"),
        pytest.param((2, SETTLED), (1, SETTLED), True, id="correction"),
        pytest.param((2, SETTLED), (1, PROVISIONAL), True, id="settlement"),
        pytest.param((2, PROVISIONAL), (1, SETTLED), True, id="settlement withdrawn"),
        pytest.param((1, SETTLED), (1, SETTLED), False, id="unchanged"),
        pytest.param((1, SETTLED), (1, PROVISIONAL), False, id="same revision, other quality"),
        pytest.param((1, SETTLED), (2, PROVISIONAL), False, id="older, as from a backup"),
        pytest.param((10, SETTLED), (9, SETTLED), True, id="ten follows nine"),
    ],
)  # fmt: skip
def test_the_higher_revision_counts(
    published: tuple[int, Quality], held: tuple[int, Quality] | None, replaces: bool
) -> None:
    """Whatever the quality says."""
    reference = MonthReference("2026-06", *published)
    page_held = held and page("2026-06", revision=held[0], quality=held[1])
    assert supersedes(reference, page_held) is replaces


# Monthly sums


def test_totals_of_a_consumer() -> None:
    """Consumption is allocated plus complement; a consumer has no production."""
    totals = month_totals(hours(consumption=[500, 300], allocated=[200, 0]))
    assert totals == MonthTotals("2026-06", 800, 200, None, None)
    assert totals.complement_wh == 600


def test_totals_of_a_prosumer() -> None:
    """Production and surplus beside it."""
    totals = month_totals(
        hours(consumption=[500], allocated=[200], production=[900], surplus=[100])
    )
    assert totals == MonthTotals("2026-06", 500, 200, 900, 100)


def test_a_step_missing_everywhere_counts_nowhere() -> None:
    """The sums are those of the steps that are known."""
    totals = month_totals(hours(consumption=[500, HOLE], allocated=[200, HOLE]))
    assert (totals.consumption_wh, totals.allocated_wh) == (500, 200)


def test_only_settled_pages_give_blocks() -> None:
    """In order of time, whatever the order they come in."""
    june = hours(consumption=[500], allocated=[200])
    provisional = replace(june, month="2026-07", quality=Quality.PROVISIONAL)
    may = replace(june, month="2026-05", blocks=(june.blocks[0], june.blocks[0]))
    assert settled_blocks([provisional, june, may]) == may.blocks + june.blocks


# All settled months


def test_before_the_first_settlement() -> None:
    """Nothing is known, which is not zero."""
    settled = summarise([], PARIS)
    assert (settled.last, settled.until, settled.allocated_wh) == (None, None, None)


def test_month_of_a_pure_producer() -> None:
    """It consumes nothing in the operation, which is not 0 kWh."""
    totals = month_totals(hours(production=[900], surplus=[100]))
    assert (totals.allocated_wh, totals.complement_wh) == (None, None)
    assert totals.self_production_rate is None


def test_provisional_and_empty_pages_do_not_count() -> None:
    """They may still change, or say nothing."""
    pages = [
        page("2026-05", 1000, 400),
        page("2026-06", 2000, 900, PROVISIONAL),
        MonthPage("2026-07", 1, SETTLED, ()),
    ]
    settled = summarise(pages, PARIS)
    assert settled.last is not None
    assert settled.last.month == "2026-05"
    assert settled.allocated_wh == 400
    assert settled.last.complement_wh == 600
    assert settled.until == date(2026, 5, 31)


MONTHS = st.lists(
    st.builds(
        page,
        st.sampled_from([f"{2025 + i // 12}-{1 + i % 12:02}" for i in range(24)]),
        consumed=st.integers(500, 1000),
        allocated=st.integers(0, 500),
        quality=st.sampled_from(Quality),
    ),
    max_size=5,
    unique_by=lambda month_page: month_page.month,
)


@given(MONTHS)
def test_running_totals_are_the_sums_of_the_settled_months(
    pages: list[MonthPage],
) -> None:
    """In any order; the latest one is the last by calendar."""
    settled = summarise(pages, PARIS)
    counted = [month_totals(p) for p in pages if p.quality is SETTLED]
    assert (settled.allocated_wh or 0) == sum(t.allocated_wh or 0 for t in counted)
    assert (settled.allocated_wh is None) == (not counted)
    latest = max(counted, key=lambda totals: totals.month, default=None)
    assert settled.last == latest
    assert latest is None or f"{settled.until:%Y-%m}" == latest.month


@pytest.mark.parametrize(
    ("month", "last_day"),
    [
        pytest.param("2026-01", date(2026, 1, 31), id="winter: ends at 23 h UTC"),
        pytest.param("2026-07", date(2026, 7, 31), id="summer: ends at 22 h UTC"),
        pytest.param("2026-03", date(2026, 3, 31), id="spring clock change"),
        pytest.param("2026-10", date(2026, 10, 31), id="autumn clock change"),
        pytest.param("2028-02", date(2028, 2, 29), id="leap year"),
    ],
)
def test_last_settled_day(month: str, last_day: date) -> None:
    """The local day of the last step, and not the day after."""
    assert summarise([page(month)], PARIS).until == last_day


@pytest.mark.parametrize(
    ("zone", "last_day"),
    [
        pytest.param("Europe/Paris", date(2026, 6, 10), id="metropolitan France"),
        pytest.param("Europe/Paris", date(2026, 3, 29), id="a day of 23 hours"),
        pytest.param("Europe/Paris", date(2026, 10, 25), id="a day of 25 hours"),
        pytest.param("America/Guadeloupe", date(2026, 6, 10), id="west of Greenwich"),
        pytest.param("Indian/Reunion", date(2026, 6, 10), id="far east of Greenwich"),
    ],
)
def test_last_settled_day_of_one_who_left(zone: str, last_day: date) -> None:
    """Part of a month has a last day too, wherever the member lives."""
    midnights = (
        datetime(last_day.year, last_day.month, day, tzinfo=ZoneInfo(zone))
        for day in (1, last_day.day + 1)
    )
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    hourly = Block(start, HOUR, {Quantity.CONSUMPTION: np.zeros((end - start) // HOUR)})
    partial = MonthPage(f"{last_day:%Y-%m}", 1, SETTLED, (hourly,))
    assert summarise([partial], ZoneInfo(zone)).until == last_day


def test_last_settled_day_of_several_blocks() -> None:
    """The step changed during the month."""
    start = datetime(2026, 6, 1, tzinfo=PARIS).astimezone(UTC)
    hourly = Block(start, HOUR, {Quantity.CONSUMPTION: np.zeros(48)})
    finer = Block(hourly.end, HOUR / 2, {Quantity.CONSUMPTION: np.zeros(48)})
    changed = MonthPage("2026-06", 1, SETTLED, (hourly, finer))
    assert summarise([changed], PARIS).until == date(2026, 6, 3)
