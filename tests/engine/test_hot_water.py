"""Hot water: what a tank needs is learned from what it really draws, and from nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
import json
import math
from statistics import fmean
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.hot_water import (
    CUT_OFF_AFTER,
    FEWEST_DAYS,
    KEPT_DAYS,
    LONGEST_GAP,
    DayHeat,
    HotWater,
    full_heat_due,
    heated,
    learned_need_wh,
    restored_water,
    stored_water,
    usual_need_wh,
)

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # a Monday begins in Paris
MINUTE = timedelta(minutes=1)
LOOK = 2 * MINUTE
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOMINAL_W = 2200.0
NAN = float("nan")


def looked(
    water: HotWater,
    now: datetime,
    power_w: float = 0.0,
    *,
    is_on: bool = True,
    is_usual: bool = True,
) -> HotWater:
    """A look at a tank of 2200 W."""
    return heated(
        water,
        now,
        is_on=is_on,
        power_w=power_w,
        nominal_w=NOMINAL_W,
        is_usual=is_usual,
        time_zone=PARIS,
    )


def over(
    water: HotWater,
    start: datetime,
    length: timedelta,
    power_w: float = 0.0,
    **how: bool,
) -> HotWater:
    """Looks each minute over a time, both ends included."""
    for n in range(length // MINUTE + 1):
        water = looked(water, start + n * MINUTE, power_w, **how)
    return water


# A simulated tank


@cache
def draws(
    seed: int, n_days: int, weekend: float = 1.0
) -> tuple[tuple[float, ...], ...]:
    """Heat in Wh taken at 7, 8, 12, 19 and 21 o'clock of each day."""
    rng = np.random.default_rng(seed)
    days = 3000 * rng.lognormal(-0.03, 0.25, n_days)
    days *= np.where(np.arange(n_days) % 7 >= 5, weekend, 1.0)
    return tuple(
        map(tuple, (rng.dirichlet(np.full(5, 4.0), n_days).T * days).T.tolist())
    )


class Outcome(NamedTuple):
    """What a simulated time has shown."""

    water: HotWater
    taken_wh: list[float]
    """Drawn off and lost, by day."""


def simulated(
    taken: Sequence[Sequence[float]],
    relay: Callable[[int, float, HotWater], bool],
    *,
    seen: Callable[[int, float], bool] = lambda _day, _hour: True,
    is_usual: Callable[[int], bool] = lambda _day: True,
) -> Outcome:
    """A mixed tank of 200 l that loses 1.5 kWh a day; its thermostat cuts at 60, closes at 55.

    `relay` tells of a day, an hour and what is known whether it is on; `seen`, whether the
    power is measured.
    """
    capacity, loss_w = 200 * 1.162, 1500 / 24
    temperature, closed, water = 57.0, False, HotWater()
    outcome = []
    for day, heats in enumerate(taken):
        by_hour = dict(zip((7, 8, 12, 19, 21), heats, strict=True))
        lost = 0.0
        for n in range(DAY // LOOK):
            hour = n * (LOOK / HOUR)
            wh = loss_w * (LOOK / HOUR) * (temperature - 20) / 37
            wh += by_hour.get(int(hour), 0.0) * (LOOK / HOUR)
            closed = temperature <= 55 or (closed and temperature < 60)
            is_on = relay(day, hour, water)
            power_w = NOMINAL_W if is_on and closed else 0.0
            water = looked(
                water,
                START + day * DAY + n * LOOK,
                power_w if seen(day, hour) else NAN,
                is_on=is_on,
                is_usual=is_usual(day),
            )
            temperature += (power_w * (LOOK / HOUR) - wh) / capacity
            lost += wh
        outcome.append(lost)
    return Outcome(water, outcome)


def at_night(_day: int, hour: float, _water: HotWater) -> bool:
    """As a contactor does, over midnight."""
    return hour >= 23 or hour < 7


def at_noon(_day: int, hour: float, _water: HotWater) -> bool:
    """As a plan does."""
    return 11 <= hour < 17


# Laws of what is learned


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("relay", [at_night, at_noon])
def test_a_simulated_month_is_learned(
    seed: int, relay: Callable[[int, float, HotWater], bool]
) -> None:
    """The need lies between the mean and the most of what was drawn off and lost by day."""
    water, taken = simulated(draws(seed, 30), relay)
    need = learned_need_wh(water.days)
    assert need is not None
    assert fmean(taken) < need < max(taken)
    # Energy is not lost: what was heated is what was taken, but for the first and last day.
    counted = sum(day.wh for day in water.days[1:])
    assert counted == pytest.approx(sum(taken[1:-1]), rel=0.06)
    assert [day.is_usual for day in water.days[1:]] == [True] * (len(water.days) - 1)
    assert len(water.days) >= 29


def test_plans_of_what_is_learned_do_not_shrink_it() -> None:
    """Months in which each day is given what was learned, and no more.

    Were days that end lukewarm left out, three days in ten would be enough for it in the end.
    """
    last_day, need_wh, given_wh = -1, 0.0, 0.0

    def relay(day: int, hour: float, water: HotWater) -> bool:
        nonlocal last_day, need_wh, given_wh
        if day != last_day:
            is_late = water.last_full is None or (
                START + day * DAY - water.last_full > 2 * DAY
            )
            learned = None if is_late else learned_need_wh(water.days)
            last_day, given_wh = day, 0.0
            need_wh = math.inf if learned is None else learned
        is_on = 11 <= hour < 17 and given_wh < need_wh
        given_wh += is_on * NOMINAL_W * (LOOK / HOUR)
        return is_on

    water, taken = simulated(draws(5, 180), relay)
    need = learned_need_wh(water.days)
    assert need is not None
    assert fmean(wh <= need for wh in taken[-60:]) > 0.75
    assert need < max(taken)


def test_a_day_that_is_not_measured_is_not_a_day_of_no_need() -> None:
    """Nor one of which a part was not seen."""
    whole, _ = simulated(draws(1, 30), at_night)
    gone, _ = simulated(
        draws(1, 30),
        at_night,
        seen=lambda day, hour: not (day % 3 == 0 and 2 <= hour < 23.5),
    )
    need, rest = learned_need_wh(whole.days), learned_need_wh(gone.days)
    assert need is not None
    assert rest == pytest.approx(need, rel=0.1)
    assert sum(day.is_usual for day in gone.days) < 0.8 * len(whole.days)
    assert min(day.wh for day in gone.days if day.is_usual) > 2500


def test_a_restart_in_between_does_not_lower_the_need() -> None:
    """What was drawn while nobody looked is not known."""
    water = over(HotWater(), START, HOUR, NOMINAL_W)
    water = over(water, START + HOUR, 20 * MINUTE)
    heats = START + DAY
    water = over(water, heats, HOUR, NOMINAL_W)
    # Home Assistant is down for three hours of heating, and back when it is hot.
    water = over(water, heats + 4 * HOUR, 10 * MINUTE, NOMINAL_W)
    water = over(water, heats + 4.5 * HOUR, 20 * MINUTE)
    assert [day.is_usual for day in water.days] == [False, False]


def test_holidays_do_not_lower_the_need() -> None:
    """Nobody at home for a week, whether the contactor heats or not."""
    taken = [list(day) for day in draws(2, 30)]
    away = range(14, 21)
    for day in away:
        taken[day] = [0.0] * 5
    full, _ = simulated(draws(2, 30), at_noon)
    heats, _ = simulated(taken, at_noon, is_usual=lambda day: day not in away)
    cold, _ = simulated(
        taken,
        lambda day, hour, water: day not in away and at_noon(day, hour, water),
        is_usual=lambda day: day not in away,
    )
    need = learned_need_wh(full.days)
    for found in (heats, cold):
        assert learned_need_wh(found.days) == pytest.approx(need, rel=0.08)
        assert min(day.wh for day in found.days if day.is_usual) > 2500


def test_weekends_of_their_own() -> None:
    """Where enough of them are known, else all days alike."""
    monday, saturday = date(2026, 3, 2), date(2026, 3, 7)
    days = [DayHeat(monday + n * DAY, 8000 if n % 7 >= 5 else 5000) for n in range(28)]
    assert learned_need_wh(days, saturday) == 8000
    assert learned_need_wh(days, monday) == 5000
    assert learned_need_wh(days) == 8000
    few = days[:21]
    assert learned_need_wh(few, saturday) == learned_need_wh(few)


DAYS = st.lists(
    st.builds(
        DayHeat,
        day=st.just(date(2026, 3, 2)),
        wh=st.floats(0, 12000),
        n_days=st.sampled_from([0.5, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0]),
        is_usual=st.booleans(),
    ),
    max_size=KEPT_DAYS,
).map(lambda found: [replace(d, day=d.day + n * DAY) for n, d in enumerate(found)])


@given(DAYS)
def test_a_need_is_learned_from_enough_usual_days(days: list[DayHeat]) -> None:
    """It is at least their mean by day, and no more than was heated at once."""
    usual = [d for d in days if d.is_usual and 0.75 <= d.n_days < 4][-28:]
    need = learned_need_wh(days)
    if sum(max(1, d.n_days) for d in usual) < FEWEST_DAYS - 1:
        assert need is None
    if len(usual) >= FEWEST_DAYS:
        assert need is not None
        assert min(d.wh / d.n_days for d in usual) <= need + 1e-6
        assert need <= max(d.wh for d in usual) + 1e-6


def test_half_a_day_is_not_what_a_day_needs() -> None:
    """Heated at noon and again at night, then nobody looked; nor is a day and a half one day."""
    whole = [DayHeat(date(2026, 3, 2) + n * DAY, 6000) for n in range(10)]
    half = [DayHeat(date(2026, 4, 2) + n * DAY, 2000, 0.5) for n in range(10)]
    more = [DayHeat(date(2026, 5, 2) + n * DAY, 9000, 1.5) for n in range(10)]
    assert learned_need_wh(half) is None
    assert learned_need_wh([*whole, *half, *more]) == pytest.approx(6000)


@given(st.floats(3000, 8000), st.floats(500, 4000))
def test_what_a_day_lacked_is_counted_to_it(usual_wh: float, more_wh: float) -> None:
    """Two days heated for together: one as usual, the other all that is left."""
    days = [DayHeat(date(2026, 3, 2) + n * DAY, usual_wh) for n in range(7)]
    both = DayHeat(date(2026, 3, 10), 2 * usual_wh + more_wh, 2)
    need = learned_need_wh([*days, both, both, both])
    assert need == pytest.approx(usual_wh + more_wh)


# The thermostat


@pytest.mark.parametrize("idle_w", [0.0, 5.0, 0.04 * NOMINAL_W])
def test_the_thermostat_is_recognised_within_a_quarter_of_an_hour(
    idle_w: float,
) -> None:
    """As of when the power fell, and not before ten minutes."""
    water = over(HotWater(), START, 2 * HOUR, NOMINAL_W)
    cut = START + 2 * HOUR
    water = over(water, cut + MINUTE, CUT_OFF_AFTER - MINUTE, idle_w)
    assert water.last_full is None
    water = over(water, cut + CUT_OFF_AFTER + MINUTE, 4 * MINUTE, idle_w)
    assert water.last_full == cut + MINUTE
    assert water.is_full
    assert water.drawn_since_full_wh < 20
    assert not looked(water, cut + HOUR, NOMINAL_W, is_on=False).is_full


@pytest.mark.parametrize(
    ("power_w", "is_on"),
    [(0.0, False), (NAN, True), (200.0, True)],
    ids=["relay_off", "sensor_gone", "still_heating"],
)
def test_no_thermostat_where_none_was_seen(power_w: float, is_on: bool) -> None:
    """A relay that is off, a sensor that is gone, a heater that draws a little."""
    water = over(HotWater(), START, 2 * HOUR, NOMINAL_W)
    water = over(water, START + 2 * HOUR, 3 * HOUR, power_w, is_on=is_on)
    assert water.last_full is None
    assert not water.is_full
    assert water.days == ()


def test_a_tank_that_never_drew_is_not_hot() -> None:
    """A breaker may be out; nor is one that drew long ago."""
    water = over(HotWater(), START, 6 * HOUR)
    assert water.last_full is None
    water = over(HotWater(), START, HOUR, NOMINAL_W)
    water = over(water, START + HOUR + MINUTE, 5 * HOUR, is_on=False)
    water = over(water, START + 6 * HOUR + 2 * MINUTE, 2 * HOUR)
    assert water.last_full is None


def test_a_relay_that_is_on_in_parts_shows_the_thermostat_too() -> None:
    """Five minutes of each half-hour: the end is seen in pieces."""
    water, full = HotWater(), None
    for n in range(6 * 60):
        is_on, heats = n % 30 < 5, n < 120
        power_w = NOMINAL_W * (is_on and heats)
        water = looked(water, START + n * MINUTE, power_w, is_on=is_on)
        full = full or (water.last_full and n)
    assert full is not None
    assert 120 < full < 220
    assert water.last_full == START + 95 * MINUTE


def test_idle_minutes_before_it_draws_do_not_count() -> None:
    """A warm tank heats now and then: its thermostat is the one after."""
    water = over(HotWater(), START, 9 * MINUTE)
    water = over(water, START + 10 * MINUTE, HOUR, NOMINAL_W)
    water = over(water, START + 71 * MINUTE, 8 * MINUTE)
    assert water.last_full is None
    assert over(water, START + 80 * MINUTE, 4 * MINUTE).last_full is not None


def test_one_hour_by_hand_makes_a_day_unusual() -> None:
    """However long before it is heated through."""
    water = over(over(HotWater(), START, HOUR, NOMINAL_W), START + HOUR, HOUR)
    water = over(water, START + 2 * HOUR, HOUR, is_usual=False)
    water = over(water, START + 3 * HOUR, 20 * HOUR)
    for day, is_usual in ((1, False), (2, True)):
        begin = START + day * DAY - HOUR
        water = over(water, begin, HOUR, NOMINAL_W)
        water = over(water, begin + HOUR, 23 * HOUR)
        assert water.days[-1].is_usual is is_usual


def test_a_short_silence_of_the_sensor_is_no_end_of_counting() -> None:
    """A few minutes do not make a day unusual; half an hour does."""
    for silence, is_usual in ((8, True), (30, False)):
        water = over(HotWater(), START, HOUR, NOMINAL_W)
        water = over(water, START + HOUR, 20 * MINUTE)
        gone = START + 2 * HOUR
        water = over(water, START + HOUR + 21 * MINUTE, 39 * MINUTE)
        water = over(water, gone, silence * MINUTE, NAN)
        water = over(water, gone + silence * MINUTE, DAY - HOUR - silence * MINUTE)
        water = over(water, START + DAY + HOUR, HOUR, NOMINAL_W)
        water = over(water, START + DAY + 2 * HOUR, 20 * MINUTE)
        assert [day.is_usual for day in water.days] == [False, is_usual]


def test_two_ends_of_one_day_are_one_day() -> None:
    """By the local day; the first of all is of a tank nobody knew."""
    water = HotWater()
    for hours in (1, 25, 34, 49):
        begin = START + hours * HOUR
        water = over(water, begin - 20 * MINUTE, 19 * MINUTE, 0, is_on=False)
        water = over(water, begin, HOUR, NOMINAL_W)
        water = over(water, begin + HOUR, 20 * MINUTE)
    assert [day.day for day in water.days] == [date(2026, 3, n) for n in (2, 3, 4)]
    assert [day.wh for day in water.days] == pytest.approx([2200, 4400, 2200], rel=0.05)


def test_days_without_an_end_go_with_the_next() -> None:
    """Two days later, both days' heat."""
    water = over(over(HotWater(), START, HOUR, NOMINAL_W), START + HOUR, HOUR)
    n_minutes = (2 * DAY - 2 * HOUR) // MINUTE
    for n in range(1, n_minutes):
        water = looked(water, START + 2 * HOUR + n * MINUTE, is_on=False)
    water = over(water, START + 2 * DAY, 3 * HOUR, NOMINAL_W)
    water = over(water, START + 2 * DAY + 3 * HOUR, 20 * MINUTE)
    last = water.days[-1]
    assert (last.day, last.is_usual) == (date(2026, 3, 4), True)
    assert last.n_days == pytest.approx(2, abs=0.1)
    assert last.wh == pytest.approx(6600, rel=0.02)


def test_a_clock_that_is_put_back_tells_nothing() -> None:
    """No energy comes of it, and no hot water; it goes on from there."""
    water = over(HotWater(), START, HOUR, NOMINAL_W)
    back = looked(water, START - HOUR, NOMINAL_W)
    assert back.drawn_since_full_wh == water.drawn_since_full_wh
    assert back.unknown == 2 * HOUR
    on = looked(back, START - HOUR + LONGEST_GAP, NOMINAL_W)
    assert on.drawn_since_full_wh > back.drawn_since_full_wh


# When the next is due


@given(st.none() | st.integers(0, 500), st.integers(1, 100))
def test_the_next_full_heat_is_due(hours: int | None, every: int) -> None:
    """So long after the last, else after anybody began to watch."""
    last = None if hours is None else START + hours * HOUR
    due = full_heat_due(last, START, every * HOUR)
    assert due == START + ((hours or 0) + every) * HOUR


def test_usual_needs_are_those_of_households() -> None:
    """4 to 8 kWh from 150 to 285 l."""
    assert 4000 <= usual_need_wh(150) <= usual_need_wh(285) <= 8000


# Storage


@given(st.integers(0, 400), st.integers(0, 30))
def test_it_goes_on_after_a_restart(minutes: int, idle: int) -> None:
    """As if there had been none, through JSON, at whatever minute."""
    begin = over(HotWater(), START, minutes * MINUTE, NOMINAL_W)
    begin = over(begin, START + minutes * MINUTE, idle * MINUTE)
    later = START + (minutes + idle) * MINUTE
    back = restored_water(json.loads(json.dumps(stored_water(begin), allow_nan=False)))
    without, through = (over(w, later, 6 * MINUTE) for w in (begin, back))
    assert through.last_full == without.last_full
    assert through.drawn_since_full_wh == pytest.approx(
        without.drawn_since_full_wh, abs=1
    )
    assert stored_water(back) == stored_water(begin)


def test_only_the_last_days_are_kept() -> None:
    """What is stored does not grow."""
    water = HotWater()
    for day in range(KEPT_DAYS + 9):
        begin = START + day * DAY
        water = over(water, begin, 10 * MINUTE, NOMINAL_W)
        water = over(water, begin + 10 * MINUTE, 15 * MINUTE)
    assert len(water.days) == KEPT_DAYS
    assert water.days[-1].day == date(2026, 3, 2) + (KEPT_DAYS + 8) * DAY


def stored(**changes: Any) -> dict[str, Any]:
    """A tank of two days, with something else in it."""
    days = (DayHeat(date(2026, 3, 1), 5000), DayHeat(date(2026, 3, 2), 6000))
    return {**stored_water(HotWater(START, 0.0, last_full=START, days=days)), **changes}


@pytest.mark.parametrize(
    "changes",
    [{"last_full": "2026-03-01T22:00:00"}, {"last_full": 3}, {"idle_s": "x"},
     {"idle_s": 1e30}, {"power_w": []}, {"seen_at": "yesterday"}],
    ids=str,
)  # fmt: skip
def test_days_outlive_what_cannot_be_read(changes: dict[str, Any]) -> None:
    """They took a month to learn."""
    found = restored_water(stored(**changes))
    assert found == HotWater(days=restored_water(stored()).days)
    assert len(found.days) == 2


@pytest.mark.parametrize(
    "row",
    [None, [], ["x", 1, 1, True], ["2026-03-03", "x", 1, True], ["2026-03-03", -1, 1, True],
     ["2026-03-03", 1, 0, True], ["2026-03-03", math.inf, 1, True]],
    ids=str,
)  # fmt: skip
def test_a_day_that_cannot_be_read_costs_itself(row: object) -> None:
    """The others stay."""
    days = stored()["days"]
    assert len(restored_water(stored(days=[days[0], row, days[1]])).days) == 2


@pytest.mark.parametrize("found", [None, {}, {"days": 3}, {"days": None}], ids=str)
def test_what_is_no_tank_is_a_fresh_one(found: dict[str, Any] | None) -> None:
    """Garbage, or another version."""
    assert restored_water(found) == HotWater()
