"""What is learned from the past: from the right days, the surest source first."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.coverage import CoverageTable
from custom_components.autoconsommation_collective.engine.diary import (
    DiaryPage,
    bias_factor,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.learning import (
    MANY_DAYS,
    MEMORY,
    SOME_DAYS,
    Confidence,
    Learned,
    Past,
    first_known,
    last_changes,
    learn,
)
from custom_components.autoconsommation_collective.engine.model import (
    Aggregates,
    Counts,
    Key,
    KeyType,
    Operation,
    Plant,
    PlantKind,
    Validity,
)
from custom_components.autoconsommation_collective.engine.outlook import Degraded
from custom_components.autoconsommation_collective.engine.profile import (
    ConsumptionProfile,
)

type Floats = npt.NDArray[np.float64]

PARIS = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=30)
NOW = datetime(2026, 6, 9, 10, 17, tzinfo=UTC)
TODAY = date(2026, 6, 9)
DAY = timedelta(days=1)
FIRST = TODAY - 40 * DAY
"""Forty days are settled, up to yesterday."""
LONG_AGO = date(2020, 1, 1)
NAN = float("nan")
EMPTY = Past(settled=(), own=(), history=(), production=((), (), ()))
S = Quantity.SHARED_INJECTION


def midnight(day: date) -> datetime:
    """Start of a local day, UTC."""
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


def days(
    first: date, n_days: int, step: timedelta = STEP, **each_wh: float | Floats
) -> Block:
    """Whole local days, each step with these energies."""
    start = midnight(first)
    n_steps = (midnight(first + n_days * DAY) - start) // step
    ones = np.ones(n_steps)
    return Block(
        start, step, {Quantity(name): wh * ones for name, wh in each_wh.items()}
    )


def settled(
    first: date = FIRST,
    n_days: int = 40,
    covered: float | Floats = 0.5,
    drawn_wh: float = 200.0,
) -> Block:
    """Settled days of which this part is covered."""
    return days(first, n_days, consumption=drawn_wh, allocated=covered * drawn_wh)


def injected(
    first: date = FIRST, n_days: int = 40, wh: float | Floats = 5000.0
) -> Block:
    """Days with this shared injection in each step, nights too."""
    return days(first, n_days, shared_injection=wh)


def key(first: date = LONG_AGO, **more: Any) -> Key:
    """The default key from a day on."""
    return Key(KeyType.DEFAULT_DYNAMIC, Validity(first, **more))


def plant(first: date = LONG_AGO, **more: Any) -> Plant:
    """A roof that counts from a day on."""
    return Plant(PlantKind.SOLAR, 36.0, "Indre", Validity(first, **more))


def counts(first: date = LONG_AGO, members: int = 20, **more: Any) -> Counts:
    """So many members from a day on."""
    return Counts(members, 5, 0, Validity(first, **more))


def operation(*keys: Key, plants: tuple[Plant, ...] = ()) -> Operation:
    """An operation with these keys and plants."""
    return Operation(None, "Soleil", PARIS.key, STEP, keys, (), plants)


def learned(
    past: Past,
    *,
    now: datetime = NOW,
    step: timedelta = STEP,
    of: Operation | None = None,
    told: tuple[Counts, ...] | None = None,
) -> Learned:
    """All that is learned."""
    return learn(
        past,
        now=now,
        step=step,
        time_zone=PARIS,
        operation=of,
        aggregates=None if told is None else Aggregates(told, ()),
    )


def table_of(found: Learned) -> CoverageTable:
    """The cases, of which there are some."""
    assert found.table is not None
    return found.table


def profile_of(found: Learned) -> ConsumptionProfile:
    """The habits, of which there are some."""
    assert found.profile is not None
    return found.profile


WHOLE = Past(
    settled=(settled(),),
    own=(),
    history=(),
    production=((), (injected(),), ()),
)
"""Forty settled days, half of each covered."""


# Laws


@given(
    st.lists(
        st.lists(st.none() | st.floats(0, 9000), min_size=12, max_size=12),
        max_size=4,
    )
)
def test_each_step_is_told_by_the_first_that_knows_it(
    sources: list[list[float | None]],
) -> None:
    """A hole where nobody does."""
    grid = Grid(midnight(FIRST), STEP, 12)
    found = first_known(
        grid,
        [
            [Block(grid.start, STEP, {S: np.array(wh, dtype=np.float64)})]
            for wh in sources
        ],
        S,
    )
    told = [
        next((wh for wh in at if wh is not None), NAN)
        for at in zip(*sources, strict=True)
    ] or [NAN] * 12
    assert found.tolist() == pytest.approx(told, nan_ok=True)


@given(st.integers(-5, 40))
@settings(max_examples=15)
def test_another_key_begins_anew(n: int) -> None:
    """From its first local day on, not a step before; also where it has no case yet."""
    changed = operation(key(last_day=FIRST + (n - 1) * DAY), key(FIRST + n * DAY))
    part = np.repeat(
        [0.2, 0.8], [48 * min(max(n, 0), 40), 48 * (40 - min(max(n, 0), 40))]
    )
    found = learned(replace(WHOLE, settled=(settled(covered=part),)), of=changed)
    left = 40 - min(max(n, 0), 40)
    assert found.n_days == left
    if not left:
        assert found.table is None
        return
    assert table_of(found).n_days == left
    assert set(table_of(found).ratio) == {0.8}
    assert len(table_of(found).ratio) == 48 * left


@given(st.integers(-5, 45), st.sampled_from(["plant", "counts", "plant gone"]))
@settings(max_examples=15)
def test_another_plant_or_member_count_keeps_the_cases(n: int, what: str) -> None:
    """They are compared by member; but less is known of the operation as it is now."""
    day = FIRST + n * DAY
    new: dict[str, Any] = {
        "plant": {"of": operation(key(), plants=(plant(), plant(day)))},
        "plant gone": {"of": operation(key(), plants=(plant(last_day=day - DAY),))},
        "counts": {
            "of": operation(key()),
            "told": (counts(last_day=day - DAY), counts(day, 21)),
        },
    }
    found = learned(WHOLE, **new[what])
    assert table_of(found).n_days == 40
    # What changes after today has not changed yet.
    assert found.n_days == (40 if day > TODAY else 40 - min(max(n, 0), 40))


# Since when


@pytest.mark.parametrize(
    ("of", "told", "expected"),
    [
        pytest.param(None, None, (None, None), id="nothing known"),
        pytest.param(operation(), None, (None, None), id="no key told"),
        pytest.param(operation(key()), None, (LONG_AGO, LONG_AGO), id="never changed"),
        pytest.param(
            operation(key(last_day=FIRST - DAY), key(FIRST)), None, (FIRST, FIRST), id="key"
        ),
        pytest.param(
            operation(key(), key(TODAY + DAY)), None, (LONG_AGO, LONG_AGO), id="key to come"
        ),
        pytest.param(
            operation(key(), key(FIRST, pending=True)), None, (LONG_AGO, LONG_AGO), id="key pending"
        ),
        pytest.param(
            operation(key(), plants=(plant(FIRST),)), None, (LONG_AGO, FIRST), id="plant"
        ),
        pytest.param(
            operation(key(), plants=(plant(FIRST, pending=True),)), None, (LONG_AGO, LONG_AGO), id="plant pending"
        ),
        pytest.param(
            operation(key(), plants=(plant(FIRST, last_day=TODAY),)), None, (LONG_AGO, FIRST), id="plant on its last day"
        ),
        pytest.param(
            operation(key(), plants=(plant(FIRST, last_day=TODAY - DAY),)), None, (LONG_AGO, TODAY), id="plant gone since today"
        ),
        pytest.param(
            operation(key()), (counts(FIRST),), (LONG_AGO, FIRST), id="members"
        ),
        pytest.param(
            operation(key()), (counts(FIRST, pending=True),), (LONG_AGO, LONG_AGO), id="members pending"
        ),
        pytest.param(
            operation(key(FIRST), plants=(plant(),)), (counts(),), (FIRST, FIRST), id="key after all else"
        ),
    ],
)  # fmt: skip
def test_since_when_all_is_as_it_is(
    of: Operation | None, told: tuple[Counts, ...] | None, expected: Any
) -> None:
    """The key, and everything."""
    aggregates = None if told is None else Aggregates(told, ())
    assert last_changes(of, aggregates, TODAY) == expected


# Sources


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        pytest.param({"own", "settled", "history"}, 100, id="own steps first"),
        pytest.param({"settled", "history"}, 200, id="then settled"),
        pytest.param({"history"}, 300, id="then recorded"),
    ],
)
def test_habits_come_from_the_surest_source(sources: set[str], expected: float) -> None:
    """Each told all the days."""
    whole = {
        "own": (days(FIRST, 40, consumption=100.0, estimated_allocated=NAN),),
        "settled": (settled(),),
        "history": (days(FIRST, 40, timedelta(hours=1), consumption=600.0),),
    }
    past = replace(EMPTY, **{name: whole[name] for name in sources})
    assert profile_of(learned(past)).mean_wh == pytest.approx(expected)


def test_habits_are_pieced_together() -> None:
    """Mornings were measured, afternoons settled, nights recorded by hour."""
    hour = np.arange(48 * 40) % 48 / 2
    past = replace(
        EMPTY,
        own=(
            days(
                FIRST, 40, consumption=np.where((hour >= 6) & (hour < 12), 100.0, NAN)
            ),
        ),
        settled=(days(FIRST, 40, consumption=np.where(hour >= 6, 200.0, NAN)),),
        history=(days(FIRST, 40, timedelta(hours=1), consumption=600.0),),
    )
    mean = profile_of(learned(past)).mean_wh
    assert mean[0].tolist() == pytest.approx([300] * 12 + [100] * 12 + [200] * 24)


def test_steered_loads_are_no_habit() -> None:
    """A water heater that ran by the signal is taken out."""
    own = days(FIRST, 40, consumption=900.0, steered=800.0)
    assert profile_of(learned(replace(EMPTY, own=(own,)))).mean_wh == pytest.approx(100)


@pytest.mark.parametrize(
    ("known", "expected_w"),
    [
        pytest.param((1000.0, 2000.0, 3000.0), 100, id="as forecast first"),
        pytest.param((NAN, 2000.0, 3000.0), 200, id="then as settled"),
        pytest.param((NAN, NAN, 3000.0), 300, id="then as the weather was"),
    ],
)
def test_cases_are_compared_by_what_was_known_before(
    known: tuple[float, ...], expected_w: float
) -> None:
    """As mean power by member."""
    past = replace(WHOLE, production=[[injected(wh=wh)] for wh in known])
    found = table_of(learned(past, told=(counts(members=20),)))
    assert set(found.situations.level_w) == {expected_w}


@pytest.mark.parametrize(
    ("told", "expected_w"),
    [
        pytest.param(None, {10_000}, id="nobody tells"),
        pytest.param((counts(TODAY),), {10_000}, id="only of today"),
        pytest.param((counts(members=20),), {500}, id="always twenty"),
        pytest.param(
            (
                counts(members=10, last_day=FIRST + 9 * DAY),
                counts(FIRST + 10 * DAY, 40),
            ),
            {1000, 250},
            id="more of them later",
        ),
    ],
)
def test_production_is_shared_by_the_members_of_its_day(
    told: tuple[Counts, ...] | None, expected_w: set[float]
) -> None:
    """5 kWh in half an hour are 10 kW."""
    found = table_of(learned(WHOLE, told=told)).situations.level_w
    assert set(found) == expected_w
    if len(expected_w) == 2:
        assert found[: 48 * 10] == pytest.approx(1000)
        assert found[48 * 10 :] == pytest.approx(250)


# The own part of a producer


@pytest.mark.parametrize(
    ("own_wh", "expected"),
    [
        pytest.param(500.0, 0.1, id="a tenth"),
        pytest.param(9000.0, 1.0, id="more than all is all"),
        pytest.param(0.0, 0.0, id="none yet"),
        pytest.param(NAN, None, id="not known"),
    ],
)
def test_own_part_of_the_injection(own_wh: float, expected: float | None) -> None:
    """Of what all inject."""
    own = days(FIRST, 40, consumption=200.0, allocated=100.0, production=own_wh)
    found = learned(replace(WHOLE, settled=(own,)))
    assert found.own_part == (None if expected is None else pytest.approx(expected))


def test_own_part_counts_steps_that_both_know() -> None:
    """Twenty of forty days; a month without the quantity counts for nothing."""
    own = days(FIRST, 40, production=500.0)
    past = replace(
        WHOLE,
        settled=(settled(FIRST - 30 * DAY, 30), own),
        production=((), [injected(n_days=20, wh=1000.0)], ()),
    )
    assert learned(past).own_part == pytest.approx(0.5)
    assert learned(replace(past, production=((), (), ()))).own_part is None
    dark = replace(past, production=((), [injected(wh=0.0)], ()))
    assert learned(dark).own_part is None


# Days


@pytest.mark.parametrize(
    ("month", "n_days", "n_steps"),
    [
        pytest.param(date(2026, 3, 1), 31, 48 * 31 - 2, id="spring"),
        pytest.param(date(2025, 10, 1), 31, 48 * 31 + 2, id="autumn"),
    ],
)
@pytest.mark.parametrize("step", [STEP, timedelta(hours=1), timedelta(minutes=15)])
def test_months_in_which_the_clock_changes(
    month: date, n_days: int, n_steps: int, step: timedelta
) -> None:
    """All their days and steps, whatever the step."""
    past = replace(
        WHOLE,
        settled=(days(month, n_days, step, consumption=100.0, allocated=50.0),),
        production=((), [days(month, n_days, step, shared_injection=5000.0)], ()),
    )
    found = learned(past, step=step)
    assert found.n_days == n_days
    assert table_of(found).n_days == n_days
    assert len(table_of(found).ratio) == n_steps * (STEP / step)
    assert profile_of(found).mean_wh == pytest.approx(100)


def test_holes_are_no_settled_days() -> None:
    """Nor is a page that tells a consumption only."""
    part = np.repeat([0.5, NAN], [48 * 30, 48 * 10])
    found = learned(
        replace(
            WHOLE,
            settled=(
                days(FIRST - 20 * DAY, 20, consumption=100.0),
                settled(covered=part),
            ),
        )
    )
    assert found.n_days == 30
    assert table_of(found).n_days == 30


def test_what_is_too_long_ago_or_of_today_is_not_learned_from() -> None:
    """A year and a month of whole local days, up to last midnight."""
    old = TODAY - MEMORY - 5 * DAY
    past = replace(
        EMPTY,
        settled=(settled(old, 10), settled(TODAY - DAY, 2)),
        production=((), [injected(old, 10), injected(TODAY - DAY, 2)], ()),
    )
    assert table_of(learned(past)).n_days == 6
    late = datetime(2026, 6, 9, 22, 1, tzinfo=UTC)
    assert table_of(learned(past, now=late)).n_days == 6


# How sure


@pytest.mark.parametrize(
    ("n_days", "missing", "expected"),
    [
        pytest.param(0, (), "low", id="nothing settled"),
        pytest.param(SOME_DAYS - 1, (), "low", id="less than a month"),
        pytest.param(SOME_DAYS, (), "medium", id="a month"),
        pytest.param(MANY_DAYS - 1, (), "medium", id="less than a season"),
        pytest.param(MANY_DAYS, (), "high", id="a season"),
        pytest.param(MANY_DAYS, (Degraded.NO_HABITS,), "medium", id="without habits"),
        pytest.param(SOME_DAYS - 1, (Degraded.NO_HABITS,), "low", id="less than a month and no habits"),
        pytest.param(MANY_DAYS, (Degraded.NO_FORECAST,), "low", id="without forecast"),
        pytest.param(MANY_DAYS, (Degraded.NO_SETTLED,), "low", id="too few cases alike"),
        pytest.param(MANY_DAYS, (Degraded.STALE, Degraded.NO_HABITS), "low", id="old"),
        pytest.param(MANY_DAYS, (Degraded.NO_PRICES, Degraded.NO_WITHDRAWAL, Degraded.NO_FLEXIBLE), "high", id="prices and others are another matter"),
    ],
)  # fmt: skip
def test_confidence(n_days: int, missing: tuple[Degraded, ...], expected: str) -> None:
    """From what is settled, and from what is missing now."""
    found = replace(learned(EMPTY), n_days=n_days)
    assert found.confidence(frozenset(missing)) is Confidence(expected)


def test_nothing_known() -> None:
    """Nothing learned, and nothing promised."""
    found = learned(EMPTY)
    assert (found.profile, found.table, found.own_part) == (None, None, None)
    assert (found.n_days, found.bias, found.score.n_days) == (0, 1.0, 0)


def test_settled_without_any_production_known() -> None:
    """Habits and days, but no cases."""
    found = learned(replace(WHOLE, production=((), (), ())))
    assert found.table is None
    assert found.n_days == 40
    assert profile_of(found).n_days == 40


@given(st.floats(0.1, 5))
@settings(max_examples=10)
def test_what_is_put_right_later_moves_no_case(factor: float) -> None:
    """Steps are compared by the production before any calibration, where it is told."""
    moved = ((), (injected(wh=5000.0 * factor),), ())
    found = learned(replace(WHOLE, levels=WHOLE.production, production=moved))
    before = table_of(learned(WHOLE)).situations.level_w
    assert table_of(found).situations.level_w == pytest.approx(before)


def test_the_diary_is_scored() -> None:
    """Twice as much was promised as came: the next estimates promise less."""
    ones = np.ones(48)
    pages = tuple(
        DiaryPage(
            made_at=midnight(FIRST + n * DAY) - timedelta(hours=2),
            grid=Grid(midnight(FIRST + n * DAY), STEP, 48),
            production_wh=5000 * ones,
            level_wh=5000 * ones,
            allocated_wh=200 * ones,
            probability=0.1 * ones,
        )
        for n in range(40)
    )
    found = learned(replace(WHOLE, diary=pages))
    assert found.score.n_days == 40
    assert found.score.bias == pytest.approx(1.0)
    assert found.score.brier == pytest.approx(0.01)
    assert found.bias == bias_factor(found.score) < 1


def test_errors_by_the_weather_seen_where_nothing_is_settled() -> None:
    """A week of forecasts that promised a tenth too much, every lit half hour."""
    start, step = datetime(2026, 5, 31, 22, tzinfo=UTC), timedelta(minutes=30)
    came = np.tile(np.where(np.arange(48) % 48 < 24, 0.0, 900.0), 7)
    forecast, seen = (
        [Block(start, step, {Quantity.SHARED_INJECTION: factor * came})]
        for factor in (1.1, 1.0)
    )
    learned = learn(
        Past(settled=(), own=(), history=(), production=(forecast, (), seen)),
        now=start + timedelta(days=7),
        step=step,
        time_zone=ZoneInfo("Europe/Paris"),
        operation=None,
        aggregates=None,
    )
    assert learned.errors
    assert all(error.mean_w == pytest.approx(-180.0) for error in learned.errors)
