"""Off-peak hours as people and meters write them: read whole, or refused with the reason."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.hours import (
    HoursError,
    HoursProblem,
    hours_text,
    months_between,
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Tariff,
    TariffError,
    TariffProblem,
    price_class_at,
)

PARIS = ZoneInfo("Europe/Paris")
NIGHT, MIDDAY = parse_hours("22:30-06:30; 12:30-14:30")
MONTH = st.integers(1, 12)


def clock(minute: int) -> time:
    """A time of day by its minute."""
    return time(minute // 60, minute % 60)


RANGES = (
    st.sets(st.integers(0, 1439), min_size=2, max_size=8)
    .filter(lambda edges: len(edges) % 2 == 0)
    .map(sorted)
)
"""Edges of ranges that share no minute."""


# Laws


@given(RANGES, st.sampled_from(["{0:%H:%M}-{1:%H:%M}", "{0:%Hh%M} à {1:%Hh%M}"]))
def test_what_is_written_is_read_back(edges: list[int], notation: str) -> None:
    """In one notation or another, the last range past midnight."""
    turned = [*edges[1:], edges[0]]
    pairs = list(zip(turned[::2], turned[1::2], strict=True))
    text = "; ".join(notation.format(clock(a), clock(b)) for a, b in pairs)
    read = parse_hours(text)
    assert [(p.start, p.end) for p in read] == [(clock(a), clock(b)) for a, b in pairs]
    assert parse_hours(hours_text(read)) == read


@given(st.text(alphabet="0123456789hHcCà:;-( )x", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    """With the one error that a form can show."""
    with suppress(HoursError):
        assert parse_hours(text)


@given(MONTH, MONTH)
def test_seasons_share_the_year(first: int, last: int) -> None:
    """What one season leaves, the other has."""
    summer = months_between(first, last)
    assert {first, last} <= summer
    others = frozenset(range(1, 13)) - summer
    if others:
        assert months_between(last % 12 + 1, (first - 2) % 12 + 1) == others


# Vectors


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("22:30-06:30; 12:30-14:30", "22:30-06:30; 12:30-14:30", id="plain"),
        pytest.param("22H30-6H30", "22:30-06:30", id="as the meter shows it"),
        pytest.param(
            "22h30 - 06h30;12h30-14h30", "22:30-06:30; 12:30-14:30", id="spaced"
        ),
        pytest.param(
            "HC (1H30-8H00;12H30-14H30)", "01:30-08:00; 12:30-14:30", id="as on a bill"
        ),
        pytest.param(
            "de 23h à 7h et de 12h à 14h", "23:00-07:00; 12:00-14:00", id="in words"
        ),
        pytest.param("22h–6h", "22:00-06:00", id="long dash, no minutes"),
        pytest.param("16h-24h, 0h-2h", "16:00-00:00; 00:00-02:00", id="24 o'clock"),
    ],
)  # fmt: skip
def test_notations(text: str, read: str) -> None:
    """Each is a way somebody really writes them."""
    assert hours_text(parse_hours(text)) == read


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("  ", HoursProblem.EMPTY, id="nothing"),
        pytest.param("la nuit", HoursProblem.NOT_UNDERSTOOD, id="no times"),
        pytest.param("et", HoursProblem.NOT_UNDERSTOOD, id="only what joins"),
        pytest.param("22h30", HoursProblem.NOT_UNDERSTOOD, id="no end"),
        pytest.param("22h-6h, 7 kW", HoursProblem.NOT_UNDERSTOOD, id="more than times"),
        pytest.param("25h-6h", HoursProblem.NO_TIME, id="25 o'clock"),
        pytest.param("22h75-6h", HoursProblem.NO_TIME, id="75 minutes"),
        pytest.param("22h-22h", HoursProblem.NO_LENGTH, id="no length"),
        pytest.param("0h-24h", HoursProblem.NO_LENGTH, id="the whole day"),
        pytest.param("22h-6h; 5h30-7h", HoursProblem.OVERLAP, id="overlap"),
    ],
)
def test_what_is_refused(text: str, problem: HoursProblem) -> None:
    """Rather than read by half."""
    with pytest.raises(HoursError) as refused:
        parse_hours(text)
    assert refused.value.problem is problem
    assert str(refused.value).startswith(problem)


def class_at(calendar: Calendar, local: str) -> str:
    """Class at a local time in Paris."""
    tariff = Tariff("T", calendar, {}, Validity(date.min))
    at = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    return price_class_at([tariff], at, PARIS)


@pytest.mark.parametrize(
    ("local", "price_class"),
    [
        pytest.param("2026-03-31 13:00", "HP", id="midday in March"),
        pytest.param("2026-03-31 23:00", "HC", id="evening in March"),
        pytest.param("2026-04-01 01:00", "HP", id="night in April"),
        pytest.param("2026-04-01 13:00", "HC", id="midday in April"),
        pytest.param("2026-10-31 13:00", "HC", id="midday in October"),
        pytest.param("2026-11-01 13:00", "HP", id="midday in November"),
    ],
)
def test_two_seasons(local: str, price_class: str) -> None:
    """Hours of the summer months are those alone."""
    calendar = off_peak_calendar([NIGHT], [MIDDAY], months_between(4, 10))
    assert class_at(calendar, local) == price_class


def test_one_season() -> None:
    """Months say nothing where there are no summer hours."""
    calendar = off_peak_calendar([NIGHT, MIDDAY], (), months_between(4, 10))
    noons = [datetime(2026, month, 15, 13).isoformat() for month in range(1, 13)]
    assert {class_at(calendar, noon) for noon in noons} == {"HC"}
    evening = datetime(2026, 7, 15, 22, 29)
    assert class_at(calendar, evening.isoformat()) == "HP"
    assert class_at(calendar, (evening + timedelta(minutes=1)).isoformat()) == "HC"


def test_without_hours() -> None:
    """Nothing is known, rather than all of it peak."""
    with pytest.raises(TariffError) as unknown:
        class_at(off_peak_calendar(()), "2026-03-31 13:00")
    assert unknown.value.problem is TariffProblem.NO_PERIOD
