"""What a kWh costs when: one class at each instant, in local time, or an error that says why."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.model import Validity
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    Tariff,
    TariffError,
    TariffProblem,
    price_at,
    price_class_at,
    price_of,
    prices_by_step,
)

PARIS = ZoneInfo("Europe/Paris")
ALWAYS = Validity(date(2000, 1, 1))
QUARTER = timedelta(minutes=15)

NIGHT = Calendar((Period("HC", time(22, 30), time(6, 30)), Period("HP")))
MIDDAY_IN_SUMMER = Calendar(
    (
        Period("HC", time(12), time(15), months=frozenset(range(4, 11))),
        Period("HC", time(1), time(6), months=frozenset(range(4, 11))),
        Period("HC", time(22), time(6), months=frozenset({1, 2, 3, 11, 12})),
        Period("HP"),
    )
)
WEEKEND = Calendar((Period("HC", weekdays=frozenset({5, 6})), Period("HP")))
TEMPO = Calendar(
    (
        Period("HPJB", time(6), time(22), day_kind="blue"),
        Period("HCJB", day_kind="blue"),
        Period("HPJR", time(6), time(22), day_kind="red"),
        Period("HCJR", day_kind="red"),
    ),
    day_kinds={date(2026, 1, 14): "red", date(2026, 1, 15): "blue"},
    day_start=time(6),
)


def tariff(calendar: Calendar, validity: Validity = ALWAYS, **eur: float) -> Tariff:
    """A tariff of that calendar with these prices."""
    return Tariff("T", calendar, eur, validity)


def local(text: str) -> datetime:
    """The instant of a local time in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def quarters(start: str, end: str) -> list[datetime]:
    """Starts of the quarter-hours between two local times, UTC."""
    n_steps = (local(end) - local(start)) // QUARTER
    return [local(start) + i * QUARTER for i in range(n_steps)]


# Vectors


@pytest.mark.parametrize(
    ("calendar", "at", "price_class"),
    [
        pytest.param(NIGHT, "2026-02-03 22:29", "HP", id="night: a minute before"),
        pytest.param(NIGHT, "2026-02-03 22:30", "HC", id="night: begins"),
        pytest.param(NIGHT, "2026-02-03 00:00", "HC", id="night: past midnight"),
        pytest.param(NIGHT, "2026-02-03 06:29", "HC", id="night: last minute"),
        pytest.param(NIGHT, "2026-02-03 06:30", "HP", id="night: end excluded"),
        pytest.param(NIGHT, "2026-07-03 22:30", "HC", id="night: summer time"),
        pytest.param(MIDDAY_IN_SUMMER, "2026-03-31 12:00", "HP", id="midday in March"),
        pytest.param(MIDDAY_IN_SUMMER, "2026-04-01 12:00", "HC", id="midday in April"),
        pytest.param(MIDDAY_IN_SUMMER, "2026-04-01 15:00", "HP", id="after midday"),
        pytest.param(MIDDAY_IN_SUMMER, "2026-03-31 23:59", "HC", id="winter evening"),
        pytest.param(MIDDAY_IN_SUMMER, "2026-04-01 00:00", "HP", id="summer midnight"),
        pytest.param(WEEKEND, "2026-02-06 23:59", "HP", id="Friday night"),
        pytest.param(WEEKEND, "2026-02-07 00:00", "HC", id="Saturday"),
        pytest.param(WEEKEND, "2026-02-09 00:00", "HP", id="Monday"),
        pytest.param(TEMPO, "2026-01-14 06:00", "HPJR", id="red day begins at 6"),
        pytest.param(TEMPO, "2026-01-14 22:00", "HCJR", id="red evening"),
        pytest.param(TEMPO, "2026-01-15 05:59", "HCJR", id="red until 6 the next day"),
        pytest.param(TEMPO, "2026-01-15 06:00", "HPJB", id="blue from 6"),
    ],
)
def test_class_at(calendar: Calendar, at: str, price_class: str) -> None:
    """Starts are included, ends excluded, months and colours are those of the day."""
    assert price_class_at([tariff(calendar)], local(at), PARIS) == price_class


@pytest.mark.parametrize(
    ("day", "next_day", "peak_hours", "off_peak_hours"),
    [
        pytest.param("2026-03-28", "2026-03-29", 16, 8, id="24 hours"),
        pytest.param("2026-03-29", "2026-03-30", 16, 7, id="23 hours"),
        pytest.param("2026-10-25", "2026-10-26", 16, 9, id="25 hours"),
    ],
)
def test_hours_of_a_day(
    day: str, next_day: str, peak_hours: int, off_peak_hours: int
) -> None:
    """The night has the hour more or less, the day its 16."""
    prices = prices_by_step(
        [tariff(NIGHT, HP=0.2, HC=0.1)], quarters(day, next_day), PARIS
    )
    assert np.sum(prices == 0.2) == 4 * peak_hours
    assert np.sum(prices == 0.1) == 4 * off_peak_hours


def test_prices_change_at_local_midnight() -> None:
    """A new tariff holds from the local midnight of its first day, an hour before UTC's."""
    tariffs = [
        tariff(NIGHT, Validity(date(2026, 2, 1)), HP=0.2065, HC=0.1579),
        tariff(
            NIGHT,
            Validity(date(2025, 8, 1), date(2026, 1, 31)),
            HP=0.2081,
            HC=0.1635,
        ),
    ]
    steps = quarters("2026-01-31 23:30", "2026-02-01 00:30")
    assert prices_by_step(tariffs, steps, PARIS).tolist() == [
        0.1635, 0.1635, 0.1579, 0.1579,
    ]  # fmt: skip
    assert price_of(tariffs, "HP", date(2026, 1, 31)) == 0.2081
    assert price_of(tariffs, "HP", date(2026, 2, 1)) == 0.2065


def test_a_price_may_be_negative_or_nothing() -> None:
    """What is refused is a price that is missing, not one that is low."""
    tariffs = [tariff(NIGHT, HP=-0.01, HC=0.0)]
    assert price_at(tariffs, local("2026-02-01 12:00"), PARIS) == -0.01
    assert price_at(tariffs, local("2026-02-01 00:00"), PARIS) == 0


def test_no_steps_have_no_prices() -> None:
    """Nothing is asked, nothing is missing."""
    assert prices_by_step([], [], PARIS).shape == (0,)


# Errors

FEBRUARY = Validity(date(2026, 2, 1), date(2026, 2, 28))
MARCH = Validity(date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("tariffs", "at", "text"),
    [
        pytest.param([], "2026-02-01", "no_tariff: 2026-02-01", id="none given"),
        pytest.param(
            [tariff(NIGHT, FEBRUARY, HC=0.1), tariff(NIGHT, MARCH, HC=0.1)],
            "2026-04-01",
            "no_tariff: T, T, 2026-04-01",
            id="none in force",
        ),
        pytest.param(
            [tariff(NIGHT, FEBRUARY, HC=0.1), tariff(NIGHT, HC=0.1)],
            "2026-02-28 23:59",
            "two_tariffs: T, T, 2026-02-28",
            id="two in force",
        ),
        pytest.param(
            [tariff(Calendar((Period("HC", time(1), time(2)),)), HC=0.1)],
            "2026-02-01 02:00",
            "no_period: T, 2026-02-01",
            id="no period covers it",
        ),
        pytest.param(
            [tariff(NIGHT, HC=0.1)],
            "2026-02-01 12:00",
            "class_without_price: T, 2026-02-01, HP",
            id="class without price",
        ),
        pytest.param(
            [tariff(NIGHT, HP=float("nan"), HC=0.1)],
            "2026-02-01 12:00",
            "class_without_price: T, 2026-02-01, HP",
            id="price that is no number",
        ),
        pytest.param(
            [tariff(TEMPO, HPJB=0.1)],
            "2026-01-17 05:00",
            "day_kind_unknown: T, 2026-01-16, HCJB",
            id="colour not yet known",
        ),
        pytest.param(
            [tariff(Calendar(TEMPO.periods, {date(2026, 1, 16): "white"}))],
            "2026-01-16 12:00",
            "no_period: T, 2026-01-16",
            id="colour without period",
        ),
    ],
)
def test_no_price(tariffs: Sequence[Tariff], at: str, text: str) -> None:
    """Each reason by name, with the tariff, the day and the class: never a price of zero."""
    with pytest.raises(TariffError) as error:
        price_at(tariffs, local(at), PARIS)
    assert str(error.value) == text


def test_no_price_of_a_class() -> None:
    """A class that the meter tells and no tariff knows."""
    with pytest.raises(TariffError) as error:
        price_of([tariff(NIGHT, HP=0.2)], "HPJR", date(2026, 2, 1))
    assert error.value.problem is TariffProblem.CLASS_WITHOUT_PRICE
    assert error.value.tariffs == "T"
    assert error.value.day == date(2026, 2, 1)
    assert error.value.price_class == "HPJR"


def test_one_step_without_price_is_enough() -> None:
    """A series of prices has no holes."""
    with pytest.raises(TariffError, match="no_tariff: T, 2026-03-01"):
        prices_by_step(
            [tariff(NIGHT, FEBRUARY, HP=0.2, HC=0.1)],
            quarters("2026-02-28 23:00", "2026-03-01 01:00"),
            PARIS,
        )


# Laws

TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(
    datetime(2025, 1, 1), datetime(2026, 12, 30), timezones=st.just(UTC)
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any periods, each of a class of its own; the last covers what the others leave."""
    some = st.none() | st.frozensets(st.integers(0, 12))
    periods = [
        Period(f"class {i}", draw(TIMES), draw(TIMES), draw(some), draw(some))
        for i in range(draw(st.integers(0, 4)))
    ]
    return Calendar((*periods, Period("rest")), day_start=draw(TIMES))


PRICES = st.floats(0.0, 1.0)


@given(calendars(), st.lists(INSTANTS, max_size=20), st.data())
def test_each_step_has_the_price_of_its_class(
    calendar: Calendar, steps: list[datetime], data: st.DataObject
) -> None:
    """One class at each instant, priced alike alone, in a series, and by the meter's word."""
    eur = {period.price_class: data.draw(PRICES) for period in calendar.periods}
    tariffs = [Tariff("T", calendar, eur, ALWAYS)]
    classes = [price_class_at(tariffs, step, PARIS) for step in steps]
    days = [step.astimezone(PARIS).date() for step in steps]
    prices = prices_by_step(tariffs, steps, PARIS).tolist()
    assert prices == [eur[price_class] for price_class in classes]
    assert prices == [price_at(tariffs, step, PARIS) for step in steps]
    assert prices == [
        price_of(tariffs, price_class, day)
        for price_class, day in zip(classes, days, strict=True)
    ]


@given(calendars(), INSTANTS)
def test_the_first_period_that_covers_wins(calendar: Calendar, step: datetime) -> None:
    """Periods before the one that gives the class do not apply, those after do not matter."""
    found = price_class_at([tariff(calendar)], step, PARIS)
    names = [period.price_class for period in calendar.periods]
    first = names.index(found)
    cut = Calendar(calendar.periods[: first + 1], day_start=calendar.day_start)
    assert price_class_at([tariff(cut)], step, PARIS) == found
    without = Calendar(calendar.periods[first:], day_start=calendar.day_start)
    assert price_class_at([tariff(without)], step, PARIS) == found


@given(TIMES, TIMES, INSTANTS)
def test_a_period_and_the_one_that_follows_share_the_day(
    start: time, end: time, step: datetime
) -> None:
    """Start to end and end to start: never both, never neither, but that equal is whole."""
    classes = {
        price_class_at(
            [tariff(Calendar((Period("in", *hours), Period("out"))))], step, PARIS
        )
        for hours in ((start, end), (end, start))
    }
    assert classes == ({"in"} if start == end else {"in", "out"})


@given(calendars(), st.lists(INSTANTS, max_size=10), st.sampled_from([0.0, 0.5, 4.0]))
def test_prices_scale(calendar: Calendar, steps: list[datetime], scale: float) -> None:
    """Twice the tariff is twice each price."""
    eur = {period.price_class: i / 8 for i, period in enumerate(calendar.periods)}
    scaled = {name: scale * price for name, price in eur.items()}
    one, other = (
        prices_by_step([Tariff("T", calendar, prices, ALWAYS)], steps, PARIS)
        for prices in (eur, scaled)
    )
    assert (scale * one).tolist() == other.tolist()
