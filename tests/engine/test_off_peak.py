"""Off-peak hours learned from the meter, and noticed when they change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.contract import PriceClass
from custom_components.autoconsommation_collective.engine.hours import (
    hours_text,
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.engine.off_peak import (
    KEPT_DAYS,
    N_SLOTS,
    OffPeakLog,
    disagrees,
    hours_changed,
    index_classes,
    learned_hours,
    log_document,
    log_of,
    observed,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Tariff,
    price_class_at,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = date(2026, 11, 16)
NIGHT = off_peak_calendar(parse_hours("22:35-06:35"))
MIDDAY = off_peak_calendar(parse_hours("23:00-04:00; 12:00-15:00"))
"""As the reform brings them."""

type Telling = Callable[[datetime], str | None]
"""What the meter tells at a local time."""


def by(calendar: Calendar) -> Telling:
    """A meter that follows a calendar."""
    tariff = Tariff("", calendar, {}, Validity(date.min))
    return lambda at: price_class_at([tariff], at, PARIS)


def watched(
    telling: Telling,
    n_days: int,
    first: date = MONDAY,
    log: OffPeakLog | None = None,
    minutes: int = 5,
) -> OffPeakLog:
    """What is noted of whole local days."""
    log = log or OffPeakLog()
    at = datetime.combine(first, datetime.min.time(), PARIS).astimezone(UTC)
    last = first + timedelta(days=n_days)
    end = datetime.combine(last, datetime.min.time(), PARIS).astimezone(UTC)
    while at < end:
        if told := telling(at.astimezone(PARIS)):
            log = observed(log, at, told, PARIS)
        at += timedelta(minutes=minutes)
    return log


def learned(log: OffPeakLog) -> str | None:
    """The hours that are learned, as text."""
    calendar = learned_hours(log)
    return None if calendar is None else hours_text(calendar.periods[:-1])


# Laws

EDGES = (
    st.sets(st.integers(0, N_SLOTS - 1), min_size=2, max_size=6)
    .filter(lambda edges: len(edges) % 2 == 0)
    .map(sorted)
)


@given(EDGES, st.booleans())
def test_hours_of_a_meter_are_learned(edges: list[int], past_midnight: bool) -> None:
    """Any hours, once they have come back three days; then the meter agrees with them."""
    turned = [*edges[1:], edges[0]] if past_midnight else edges
    slots = [
        f"{n // 12:02}:{n % 12 * 5:02}-{m // 12:02}:{m % 12 * 5:02}"
        for n, m in zip(turned[::2], turned[1::2], strict=True)
    ]
    hours = off_peak_calendar(parse_hours("; ".join(slots)))
    day = watched(by(hours), 1).days[MONDAY]
    log = OffPeakLog({MONDAY + timedelta(days=n): day for n in range(3)})
    assert learned_hours(OffPeakLog(dict(list(log.days.items())[:2]))) is None
    calendar = learned_hours(log)
    assert calendar is not None
    assert {*parse_hours(learned(log) or "")} == {*parse_hours("; ".join(slots))}
    assert disagrees(log, calendar, PARIS) == 0


@given(
    st.dictionaries(st.dates(), st.text("CP.12A", min_size=N_SLOTS, max_size=N_SLOTS))
)
def test_a_log_survives_a_restart(days: dict[date, str]) -> None:
    """As JSON on the disk."""
    log = OffPeakLog(dict(sorted(days.items())))
    assert log_of(json.loads(json.dumps(log_document(log)))) == log


# Learning


def test_what_is_not_known_yet() -> None:
    """Nothing seen, one class alone, days cut short."""
    assert learned_hours(OffPeakLog()) is None
    assert learned_hours(watched(lambda at: "HP", 5)) is None
    assert watched(lambda at: "BASE", 5) == OffPeakLog()
    mornings = watched(lambda at: by(NIGHT)(at) if at.hour < 12 else None, 5)
    assert (learned_hours(mornings), disagrees(mornings, MIDDAY, PARIS)) == (None, 0)


@pytest.mark.parametrize(
    ("telling", "hours"),
    [
        pytest.param(by(NIGHT), "22:35-06:35", id="night"),
        pytest.param(by(MIDDAY), "12:00-15:00; 23:00-04:00", id="midday"),
        pytest.param(
            lambda at: f"{by(NIGHT)(at)}JB", "22:35-06:35", id="Tempo: by any colour"
        ),
        pytest.param(
            lambda at: None if at.hour in {3, 14} else by(NIGHT)(at),
            "22:35-06:35",
            id="hours never seen go with those before",
        ),
        pytest.param(
            lambda at: None if at.hour == 0 else by(NIGHT)(at),
            "22:35-06:35",
            id="also the first of the day",
        ),
        pytest.param(
            lambda at: "1" if by(NIGHT)(at) == "HC" else "2", "22:35-06:35", id="indexes"
        ),
    ],
)  # fmt: skip
def test_learned(telling: Telling, hours: str) -> None:
    """From classes, or from index numbers of which one is in force in the night."""
    assert learned(watched(telling, 3)) == hours


def test_a_weekend_of_its_own() -> None:
    """Does not undo what the week taught."""
    log = watched(lambda at: "HC" if at.weekday() >= 5 else by(NIGHT)(at), 7)
    assert learned(log) == "22:35-06:35"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(date(2026, 3, 27), id="23 hours"),
        pytest.param(date(2026, 10, 23), id="25 hours"),
    ],
)
def test_change_of_clocks(change: date) -> None:
    """The day counts like any other."""
    log = watched(by(NIGHT), 3, change)
    assert learned(log) == "22:35-06:35"
    assert disagrees(log, MIDDAY, PARIS) == 3
    assert disagrees(log, NIGHT, PARIS) == 0


def test_what_a_slot_begins_with_counts() -> None:
    """A later word in the same five minutes changes nothing."""
    at = datetime(2026, 11, 16, 21, 32, tzinfo=UTC)
    once = observed(OffPeakLog(), at, "HP", PARIS)
    assert observed(once, at + timedelta(minutes=2), "HC", PARIS) == once
    assert observed(once, at + timedelta(minutes=3), "HC", PARIS) != once


def test_old_days_are_forgotten() -> None:
    """Two weeks are kept, also after a long absence."""
    log = watched(by(NIGHT), KEPT_DAYS + 3, minutes=120)
    assert len(log.days) == KEPT_DAYS
    assert min(log.days) == MONDAY + timedelta(days=3)
    later = datetime(2027, 5, 1, tzinfo=UTC)
    assert list(observed(log, later, "HC", PARIS).days) == [date(2027, 5, 1)]


# Indexes


@pytest.mark.parametrize(
    ("telling", "classes"),
    [
        pytest.param(
            lambda at: "1" if by(NIGHT)(at) == "HC" else "2",
            {"1": PriceClass.HC, "2": PriceClass.HP},
            id="the usual way",
        ),
        pytest.param(
            lambda at: "10" if by(NIGHT)(at) == "HC" else "1",
            {"10": PriceClass.HC, "1": PriceClass.HP},
            id="any numbers",
        ),
        pytest.param(by(NIGHT), {}, id="classes need no meaning"),
        pytest.param(lambda at: "1", {}, id="one index"),
        pytest.param(lambda at: str(1 + at.hour // 8), {}, id="three indexes"),
        pytest.param(lambda at: str(1 + at.hour % 2), {}, id="two in the night"),
        pytest.param(lambda at: None, {}, id="nothing"),
    ],
)
def test_meaning_of_indexes(telling: Telling, classes: dict[str, PriceClass]) -> None:
    """Off-peak is what stands between two and four in the night."""
    assert index_classes(watched(telling, 2)) == classes


def test_indexes_before_classes_are_not_read() -> None:
    """Where another entity was chosen, what the old one told is passed over."""
    log = watched(lambda at: "1" if by(NIGHT)(at) == "HC" else "2", 3)
    log = watched(by(MIDDAY), 2, MONDAY + timedelta(days=3), log)
    assert disagrees(log, NIGHT, PARIS) == 2
    assert learned_hours(log) is None


# Changed hours


@pytest.mark.parametrize(
    ("n_days", "changed"),
    [
        pytest.param(0, False, id="as typed"),
        pytest.param(1, False, id="a day"),
        pytest.param(2, True, id="two days"),
        pytest.param(3, True, id="three days"),
    ],
)
def test_hours_that_change(n_days: int, changed: bool) -> None:
    """Two days in a row say so; the new ones are learned on the third."""
    log = watched(by(NIGHT), 4)
    log = watched(by(MIDDAY), n_days, MONDAY + timedelta(days=4), log)
    assert disagrees(log, NIGHT, PARIS) == n_days
    assert hours_changed(log, NIGHT, PARIS) is changed
    assert (learned(log) == "12:00-15:00; 23:00-04:00") is (n_days == 3)


def test_days_not_seen_are_passed_over() -> None:
    """Two days with an absence between are two in a row."""
    log = watched(by(NIGHT), 1)
    log = watched(by(MIDDAY), 1, MONDAY + timedelta(days=1), log)
    log = watched(
        lambda at: by(NIGHT)(at) if at.hour == 0 else None,
        1,
        MONDAY + timedelta(days=2),
        log,
    )
    log = watched(by(MIDDAY), 1, MONDAY + timedelta(days=3), log)
    assert disagrees(log, NIGHT, PARIS) == 2


@pytest.mark.parametrize(
    ("hours", "agrees"),
    [
        pytest.param("22:35-06:35", True, id="to the minute"),
        pytest.param("22:15-06:15", True, id="told 20 minutes late"),
        pytest.param("22:10-06:10", False, id="25 minutes: other hours"),
        pytest.param("", True, id="a calendar without hours says nothing"),
    ],
)
def test_tolerance(hours: str, agrees: bool) -> None:
    """A meter that is read every ten minutes is not taken for one that has changed."""
    calendar = off_peak_calendar(parse_hours(hours) if hours else ())
    assert (disagrees(watched(by(NIGHT), 2), calendar, PARIS) == 0) is agrees


# The document


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(None, id="none yet"),
        pytest.param({}, id="empty"),
        pytest.param({"days": ["C"]}, id="no days"),
        pytest.param({"days": {"2026-11-16": "C"}}, id="too short"),
        pytest.param({"days": {"2026-11-16": None}}, id="no text"),
        pytest.param({"days": {"2026-11-16": "x" * N_SLOTS}}, id="no code"),
        pytest.param({"days": {"2026-13-16": "C" * N_SLOTS}}, id="no date"),
    ],
)
def test_documents_that_do_not_fit(document: dict | None) -> None:
    """Learning begins anew; nothing fails."""
    assert log_of(document) == OffPeakLog()
