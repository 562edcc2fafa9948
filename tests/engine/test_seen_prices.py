"""Prices that an entity showed: what counts of them, and from which day on."""

from datetime import UTC, date, datetime, timedelta
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.model import (
    Validity,
    in_force,
)
from custom_components.autoconsommation_collective.engine.price_age import (
    PriceAge,
    age_of,
    age_since,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ONE_CLASS,
)
from custom_components.autoconsommation_collective.engine.seen_prices import (
    SEEN,
    TOLD,
    SeenPrice,
    Watched,
    news,
    restored_seen,
    seen_document,
    watched,
    with_seen,
)
from custom_components.autoconsommation_collective.engine.tariffs import Tariff

FIRST = date(2026, 2, 1)
NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
TARIFFS = (
    Tariff("", ONE_CLASS, {"HP": 0.2, "HC": 0.15}, Validity(FIRST, date(2026, 7, 31)), TOLD),
    Tariff("", ONE_CLASS, {"HP": 0.21, "HC": 0.16}, Validity(date(2026, 8, 1)), TOLD),
)  # fmt: skip
days = st.dates(FIRST - timedelta(days=60), date(2027, 6, 1))
shown = st.lists(
    st.builds(
        SeenPrice, st.sampled_from(["HP", "HC", "BASE"]), st.floats(0.01, 2), days
    ),
    max_size=6,
    unique_by=lambda each: (each.price_class, each.since),
)


@given(shown, days)
def test_one_tariff_on_each_day(seen: list[SeenPrice], day: date) -> None:
    """With the price shown last since the member told one, else with the member's."""
    found = in_force(with_seen(TARIFFS, seen), day)
    told = in_force(TARIFFS, day)
    assert len(found) == len(told)
    for one, before in zip(found, told, strict=True):
        for price_class, eur in before.eur_per_kwh.items():
            later = [
                each
                for each in seen
                if each.price_class == price_class
                and before.validity.first_day <= each.since <= day
            ]
            newest = max(later, key=lambda each: each.since, default=None)
            assert one.eur_per_kwh[price_class] == (
                newest.eur_per_kwh if newest else eur
            )


@given(shown)
def test_kept_and_known_again(seen: list[SeenPrice]) -> None:
    """As JSON values."""
    assert restored_seen(seen_document(seen)) == tuple(seen)


def test_where_a_price_comes_from() -> None:
    """The part that begins with a shown price says so."""
    parts = with_seen(TARIFFS, [SeenPrice("HC", 0.17, date(2026, 9, 1))])
    assert [part.source for part in parts] == [TOLD, TOLD, SEEN]


@pytest.mark.parametrize(
    ("price_class", "eur", "minutes", "is_news"),
    [
        pytest.param("HP", 0.22, 30, True, id="another price for long enough"),
        pytest.param("HP", 0.22, 29, False, id="not for long enough"),
        pytest.param("HP", 0.21004, 60, False, id="the same, rounded"),
        pytest.param("HP", 0.16, 60, False, id="that of the class before"),
        pytest.param("HPJR", 0.7, 60, False, id="a class without price"),
    ],
)
def test_what_is_new(price_class: str, eur: float, minutes: int, is_news: bool) -> None:
    """Only what is shown for a while, and by no other class."""
    seen = Watched(price_class, eur, NOW - timedelta(minutes=minutes))
    day = NOW.date()
    found = news(seen, TARIFFS, NOW, day)
    assert found == (SeenPrice(price_class, eur, day) if is_news else None)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["HP", "HC", None]),
            st.sampled_from([0.21, 0.22, math.nan, -1.0, 2.1, None]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_watched_since_it_is_shown(
    minutes: list[tuple[str | None, float | None]],
) -> None:
    """One class and one price without a break."""
    state = None
    for n, (price_class, eur) in enumerate(minutes):
        state = watched(state, price_class, eur, NOW + n * timedelta(minutes=1))
    last = minutes[-1]
    if last[0] is None or last[1] not in {0.21, 0.22}:
        assert state is None
        return
    run = next(
        (n for n, each in enumerate(reversed(minutes)) if each != last), len(minutes)
    )
    assert state == Watched(
        last[0], last[1], NOW + (len(minutes) - run) * timedelta(minutes=1)
    )


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_age(since: date, n_days: int) -> None:
    """Recent for a year to the day, and never again."""
    age = age_since(since, since + timedelta(days=n_days))
    assert (age is PriceAge.OLD) is (
        n_days > 366 or (n_days > 365 and not _leaps(since))
    )


def _leaps(since: date) -> bool:
    """Whether the year that follows the day has 366 days."""
    return any(
        (since + timedelta(days=n)).strftime("%m-%d") == "02-29" for n in range(1, 366)
    ) or (since.month, since.day) == (2, 29)


def test_age_by_the_newest() -> None:
    """What has not begun does not count yet; what has no day is of unknown age."""
    assert age_of(TARIFFS, date(2027, 8, 1)) is PriceAge.RECENT
    assert age_of(TARIFFS, date(2027, 8, 2)) is PriceAge.OLD
    assert age_of(TARIFFS[:1], date(2020, 1, 1)) is PriceAge.RECENT
    assert age_since(date.min, NOW.date()) is PriceAge.UNDATED
