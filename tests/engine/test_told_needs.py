"""What homes tell of their loads: summed up where enough do, of nobody otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.told_needs import (
    LEAST_TELLING,
    MOST_NEED_WH,
    ToldNeed,
    ToldNeeds,
    needed_on,
    restored_needs,
    stored_needs,
)

TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
EVENING = datetime(2026, 11, 20, 18, 41, tzinfo=UTC)
NEED = ToldNeed(TOMORROW, 7000, EVENING)

names = st.integers(0, 39).map("id{}".format)
wh = st.integers(0, MOST_NEED_WH)
follow = st.sets(names, max_size=30)


def energy_wh(followers: set[str], told: dict[str, int]) -> int:
    """What all of them need; nothing where that would tell of somebody."""
    found = needed_on(TOMORROW, followers, told)
    return found.energy_wh if found else 0


# The sum


@given(
    followers=st.sets(names, min_size=20),
    told=st.dictionaries(names, wh, min_size=7, max_size=LEAST_TELLING - 1),
)
def test_below_ten_nobody_tells_anything(
    followers: set[str], told: dict[str, int]
) -> None:
    """What few told, and whether they did, cannot be seen."""
    assert needed_on(TOMORROW, followers, told) == needed_on(TOMORROW, followers, {})


@pytest.mark.parametrize("n", range(LEAST_TELLING + 3))
@given(told_wh=wh, other_wh=wh)
def test_one_more_that_tells_changes_nothing_below_ten(
    n: int, told_wh: int, other_wh: int
) -> None:
    """Nor what it tells; from the tenth on both count."""
    followers = {f"id{k}" for k in range(20)}
    told = {f"id{k}": told_wh for k in range(n)}
    before = energy_wh(followers, told)
    after = energy_wh(followers, told | {f"id{n}": other_wh})
    if n + 1 < LEAST_TELLING:
        assert after == before == 20 * USUAL_NEED_WH
    else:
        assert after == n * told_wh + other_wh + (19 - n) * USUAL_NEED_WH


@given(followers=follow, told=st.dictionaries(names, wh, min_size=8))
def test_the_sum_is_that_of_followers(
    followers: set[str], told: dict[str, int]
) -> None:
    """Whoever else tells, and in which order; never below nothing, nor above the most of each."""
    found = needed_on(TOMORROW, followers, told)
    if len(followers) < 3:
        assert found is None
        return
    assert found is not None
    assert found.homes == len(followers)
    assert 0 <= found.energy_wh <= len(followers) * MOST_NEED_WH
    own = {who: of for who, of in told.items() if who in followers}
    assert found == needed_on(TOMORROW, sorted(followers), own)


# What is kept


def test_the_later_of_a_day_counts() -> None:
    """What is sent once more changes nothing, an earlier one is not taken."""
    needs = ToldNeeds().with_need("a", NEED, TODAY)
    assert needs is not None
    assert needs.with_need("a", NEED, TODAY) == needs
    later = replace(NEED, energy_wh=8000, told_at=EVENING + timedelta(minutes=10))
    after = needs.with_need("a", later, TODAY)
    assert after is not None
    assert after.told_wh(TOMORROW) == {"a": 8000}
    assert after.with_need("a", NEED, TODAY) is None
    assert needs.with_need("a", replace(NEED, energy_wh=1), TODAY) is None
    both = after.with_need("b", NEED, TODAY)
    assert both is not None
    assert both.told_wh(TOMORROW) == {"a": 8000, "b": 7000}


@pytest.mark.parametrize("days", [-300, -1, 0, 2, 300])
def test_only_of_tomorrow(days: int) -> None:
    """A replay of an older day changes nothing, and nobody fills the days to come."""
    other = replace(NEED, day=TODAY + timedelta(days=days))
    assert ToldNeeds().with_need("a", other, TODAY) is None


def test_gone_once_its_day_is_over() -> None:
    """Two days after it was told."""
    needs = ToldNeeds().with_need("a", NEED, TODAY)
    assert needs is not None
    for n_days, n_kept in ((0, 1), (1, 1), (2, 0)):
        assert len(needs.kept(TODAY + timedelta(days=n_days))) == n_kept
    day_after = TOMORROW + timedelta(days=1)
    new = replace(NEED, day=day_after, told_at=EVENING + timedelta(days=1))
    both = needs.with_need("b", new, TOMORROW)
    assert both is not None
    assert len(both) == 2
    third = replace(new, day=day_after + timedelta(days=1))
    left = both.with_need("b", third, day_after)
    assert left is not None
    assert left.told_wh(TOMORROW) == {}
    assert len(left) == 2


@given(
    st.dictionaries(
        st.dates(date(2020, 1, 1), date(2050, 1, 1)),
        st.dictionaries(names, wh, min_size=1),
    )
)
def test_kept_as_it_was_told(told: dict[date, dict[str, int]]) -> None:
    """By way of the store."""
    needs = ToldNeeds(
        {
            day: {who: ToldNeed(day, of, EVENING) for who, of in of_day.items()}
            for day, of_day in told.items()
        }
    )
    assert restored_needs(stored_needs(needs)) == needs
