"""When a home asks the organiser's server."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.pmo.polling import (
    FIRST_RETRY,
    LONGEST_RETRY,
    LONGEST_RETRY_AFTER,
    backoff,
    next_poll,
    phase_of,
    retry_after,
)

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
INTERVALS = st.timedeltas(timedelta(minutes=1), timedelta(days=1))
PHASES = st.floats(0, 1, exclude_max=True)
NOW = "Fri, 20 Nov 2026 06:00:00 GMT"


@given(now=MOMENTS, interval=INTERVALS, phase=PHASES)
def test_next_poll_is_later_and_within_one_interval(
    now: datetime, interval: timedelta, phase: float
) -> None:
    """Never now again, never skipping a turn."""
    assert timedelta() < next_poll(now, interval, phase) - now <= interval


@given(now=MOMENTS, interval=INTERVALS, phase=PHASES)
def test_polls_stand_one_interval_apart(
    now: datetime, interval: timedelta, phase: float
) -> None:
    """The grid is the home's own and does not drift."""
    first = next_poll(now, interval, phase)
    assert next_poll(first, interval, phase) - first == interval


def test_homes_spread_over_the_whole_interval() -> None:
    """Six hundred homes, an hour: every minute is used, none crowded."""
    now, hour = datetime(2026, 11, 20, 6, tzinfo=UTC), timedelta(hours=1)
    phases = [phase_of(f"home {number}") for number in range(600)]
    minutes = [
        int((next_poll(now, hour, phase) - now).seconds / 60) for phase in phases
    ]
    assert len(set(minutes)) == 60
    assert max(minutes.count(minute) for minute in range(60)) < 30


def test_phase_of_a_home_never_changes() -> None:
    """First four bytes of the SHA-256 of its identity."""
    assert phase_of("home") == pytest.approx(0x4EA14058 / 2**32)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 5), (2, 10), (3, 20), (6, 160), (7, 320), (8, 360), (10_000, 360)],
)
def test_backoff_doubles_up_to_six_hours(failures: int, minutes: int) -> None:
    """However long the feed has been away."""
    assert backoff(failures) == timedelta(minutes=minutes)


@given(st.integers(1, 100), st.timedeltas(), PHASES)
def test_backoff_holds_its_bounds(
    failures: int, asked: timedelta, phase: float
) -> None:
    """What the server asks is honoured, within a day."""
    wait = backoff(failures, asked, phase)
    assert max(backoff(failures), min(asked, LONGEST_RETRY_AFTER)) <= wait
    assert wait <= max(LONGEST_RETRY, LONGEST_RETRY_AFTER + FIRST_RETRY)


def test_homes_told_the_same_do_not_return_together() -> None:
    """Or the server would fall over again."""
    hour = timedelta(hours=1)
    assert backoff(1, hour, 0.0) == hour
    assert backoff(1, hour, 0.5) == hour + FIRST_RETRY / 2


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({}, None, id="not asked"),
        pytest.param({"Retry-After": "120"}, timedelta(minutes=2), id="seconds"),
        pytest.param(
            {"Retry-After": "Fri, 20 Nov 2026 07:30:00 GMT", "Date": NOW},
            timedelta(hours=1, minutes=30),
            id="date",
        ),
        pytest.param(
            {"Retry-After": "Fri, 20 Nov 2026 05:00:00 GMT", "Date": NOW},
            timedelta(),
            id="date gone by",
        ),
        pytest.param(
            {"Retry-After": "Fri, 20 Nov 2026 07:30:00 GMT"}, None, id="undated answer"
        ),
        pytest.param({"Retry-After": "-5"}, None, id="negative"),
        pytest.param({"Retry-After": "9" * 5000}, None, id="beyond all numbers"),
        pytest.param({"Retry-After": "soon"}, None, id="word"),
    ],
)
def test_retry_after(headers: dict[str, str], wait: timedelta | None) -> None:
    """Seconds, or a date against the answer's own clock."""
    assert retry_after(headers) == wait


@given(st.text(), st.text())
def test_any_header_is_understood_or_ignored(value: str, date: str) -> None:
    """A header is text from a stranger."""
    wait = retry_after({"Retry-After": value, "Date": date})
    assert wait is None or wait >= timedelta()
