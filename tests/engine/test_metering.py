"""Readings to energies by step: nothing is made, nothing is lost, holes stay holes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
import json
from math import inf, isnan, nan
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.index_filter import Rejection
from custom_components.autoconsommation_collective.engine.metering import (
    StepMeter,
    StepMeterState,
)

type Reading = tuple[datetime, int]

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
"""A boundary of every step."""
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
STEPS = [timedelta(minutes=minutes) for minutes in (10, 15, 30, 60)]
GLITCHES = [0.0, -32768.0, 32768.0, 65535.0, nan, inf, 50_000.0, 999_000_000.0]


def at(minutes: float) -> datetime:
    """So many minutes after ten o'clock."""
    return START + timedelta(minutes=minutes)


def feed(meter: StepMeter, *readings: Reading, ref: str = "east") -> StepMeter:
    """Give a meter readings of one index, which it must accept."""
    for moment, wh in readings:
        assert meter.read(ref, moment, wh) is None
    return meter


def meter_of(*readings: Reading, step: timedelta = QUARTER) -> StepMeter:
    """A meter of one index after some readings."""
    return feed(StepMeter(step, ["east"]), *readings)


def energies(meter: StepMeter) -> list[float | None]:
    """Energies of the completed steps in order; None for a hole."""
    return [None if isnan(wh) else wh for _, wh in meter.closed()]


def total(meter: StepMeter) -> float:
    """Completed steps and what is known of the open one, Wh."""
    partial = meter.partial()
    assert partial is not None
    return sum(wh for _, wh in meter.closed()) + partial[1]


def moved(readings: Sequence[Reading]) -> int:
    """What the index moved, Wh."""
    return readings[-1][1] - readings[0][1]


def stored(meter: StepMeter) -> StepMeterState:
    """The state of a meter as the disk gives it back."""
    return cast(StepMeterState, json.loads(json.dumps(meter.state())))


@st.composite
def walks(draw: st.DrawFn, longest_gap_s: int = 3600) -> list[Reading]:
    """Readings of an index of a home of at most 9 kW, from a step boundary on."""
    readings = [(START, draw(st.integers(100_000, 99_000_000)))]
    gaps = st.tuples(st.integers(1, longest_gap_s), st.integers(0, 9000))
    for gap_s, watts in draw(st.lists(gaps, min_size=1, max_size=30)):
        moment, wh = readings[-1]
        readings.append((moment + timedelta(seconds=gap_s), wh + watts * gap_s // 3600))
    return readings


steps_of_the_rules = st.sampled_from(STEPS)


@given(readings=walks(longest_gap_s=5 * 3600), step=steps_of_the_rules)
def test_steps_add_up_to_what_the_index_moved(
    readings: list[Reading], step: timedelta
) -> None:
    """As long as the sensor stays available, however long it is silent."""
    assert total(meter_of(*readings, step=step)) == moved(readings)


@given(readings=walks(longest_gap_s=5 * 3600), step=steps_of_the_rules)
def test_steps_lie_on_the_utc_grid_and_are_never_negative(
    readings: list[Reading], step: timedelta
) -> None:
    """One energy per step, in order, none left out."""
    steps = meter_of(*readings, step=step).closed()
    assert len(steps) == (readings[-1][0] - START) // step
    assert [start for start, _ in steps] == [
        START + n * step for n in range(len(steps))
    ]
    assert all(wh >= 0 for _, wh in steps)


@given(readings=walks(), data=st.data())
def test_fewer_readings_give_the_same_total(
    readings: list[Reading], data: st.DataObject
) -> None:
    """How often the sensor reports does not matter."""
    kept = [reading for reading in readings[1:-1] if data.draw(st.booleans())]
    thinned = meter_of(readings[0], *kept, readings[-1])
    assert total(thinned) == moved(readings)


@given(readings=walks(), step=steps_of_the_rules, data=st.data())
def test_glitches_change_nothing(
    readings: list[Reading], step: timedelta, data: st.DataObject
) -> None:
    """Zeros, sentinels, other indexes and jumps between two readings leave no trace."""
    disturbed = StepMeter(step, ["east"])
    for moment, wh in readings:
        feed(disturbed, (moment, wh))
        glitch = data.draw(st.sampled_from(GLITCHES))
        assert disturbed.read("east", moment + timedelta(milliseconds=1), glitch)
    feed(disturbed, (readings[-1][0] + timedelta(seconds=1), readings[-1][1]))
    clean = meter_of(
        *readings, (readings[-1][0] + timedelta(seconds=1), readings[-1][1]), step=step
    )
    assert disturbed.partial() == clean.partial()
    assert disturbed.closed() == clean.closed()


@given(readings=walks(), step=steps_of_the_rules, data=st.data())
def test_a_restart_changes_nothing(
    readings: list[Reading], step: timedelta, data: st.DataObject
) -> None:
    """Whenever it comes, with readings at most an hour apart."""
    cut = data.draw(st.integers(0, len(readings)))
    before = meter_of(*readings[:cut], step=step)
    after = feed(StepMeter(step, ["east"], state=stored(before)), *readings[cut:])
    unbroken = meter_of(*readings, step=step)
    if cut < len(readings):
        assert after.partial() == unbroken.partial()
    assert after.closed() == unbroken.closed()


@given(readings=walks(longest_gap_s=5 * 3600), step=steps_of_the_rules)
def test_asking_in_between_changes_nothing(
    readings: list[Reading], step: timedelta
) -> None:
    """Telling the time makes steps known earlier, not different."""
    asked = meter_of(readings[0], step=step)
    for (earlier, _), reading in pairwise(readings):
        for minutes in range(int((reading[0] - earlier).total_seconds() // 60)):
            asked.hold(earlier + timedelta(minutes=minutes))
        feed(asked, reading)
    silent = meter_of(*readings, step=step)
    assert asked.partial() == silent.partial()
    assert asked.closed() == silent.closed()


@given(day=walks(), night=walks(), first=st.sampled_from(["day", "night"]))
def test_indexes_add_up_in_whatever_order_they_come(
    day: list[Reading], night: list[Reading], first: str
) -> None:
    """Two indexes with readings of their own give the sum of what they moved."""
    meter = StepMeter(QUARTER, ["day", "night"])
    tagged = [(*reading, "day") for reading in day] + [(*r, "night") for r in night]
    for moment, wh, ref in sorted(tagged, key=lambda one: (one[0], one[2] != first)):
        assert meter.read(ref, moment, wh) is None
    meter.hold(max(day[-1][0], night[-1][0]) + timedelta(minutes=1))
    assert total(meter) == moved(day) + moved(night)


@given(readings=walks(), step=steps_of_the_rules)
def test_an_idle_index_changes_nothing(
    readings: list[Reading], step: timedelta
) -> None:
    """Off-peak hours that do not count leave the steps of the peak hours alone."""
    meter = feed(StepMeter(step, ["east", "idle"]), (START, 1000), ref="idle")
    feed(meter, *readings)
    meter.hold(readings[-1][0] + timedelta(seconds=5))
    alone = meter_of(*readings, step=step)
    assert meter.partial() == alone.partial()
    assert meter.closed() == alone.closed()


@given(before=walks(), after=walks(), level=st.sampled_from([0, 1_000, 200_000_000]))
def test_another_meter_brings_no_energy_with_it(
    before: list[Reading], after: list[Reading], level: int
) -> None:
    """Whatever the new index stands at, the change itself counts nothing."""
    meter = meter_of(*before)
    swap = before[-1][0] + timedelta(minutes=1)
    # For two hours and a minute the new level is refused; then it counts from there.
    for minute in range(122):
        reason = meter.read("east", swap + timedelta(minutes=minute), level)
        assert (reason is None) is (minute == 121)
    resumed = swap + timedelta(minutes=121)
    rest = [
        (resumed + (moment - START), level + wh - after[0][1]) for moment, wh in after
    ]
    feed(meter, *rest)
    steps = [(start, wh) for start, wh in meter.closed() if not isnan(wh)]
    old = sum(wh for start, wh in steps if start < swap)
    new = sum(wh for start, wh in steps if start >= resumed)
    assert old <= moved(before)
    assert new <= moved(rest)
    assert all(
        start + QUARTER <= before[-1][0] or start >= resumed for start, _ in steps
    )


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        pytest.param([(0, 0), (15, 300), (30, 300)], [300, 0], id="on the boundaries"),
        pytest.param(
            [(0, 0), (10, 100), (20, 300)], [200], id="boundary in the middle"
        ),
        pytest.param([(0, 0), (60, 1000)], [250] * 4, id="an hour: a straight line"),
        pytest.param(
            [(0, 0), (45, 100)], [33, 34, 33], id="whole Wh, and still a hundred in all"
        ),
        pytest.param(
            [(0, 0), (180, 800)],
            [0] * 8 + [200] * 4,
            id="three hours silent: moved in the last one",
        ),
        pytest.param(
            [(5, 0), (15, 100), (30, 160)], [None, 60], id="begins inside a step"
        ),
    ],
)
def test_readings_to_steps(
    readings: list[tuple[int, int]], expected: list[float | None]
) -> None:
    """Minutes after ten and Wh above the first, to Wh by quarter of an hour."""
    meter = meter_of(*((at(minutes), 700_000 + wh) for minutes, wh in readings))
    assert energies(meter) == expected


@pytest.mark.parametrize(
    ("last", "gone", "back", "expected"),
    [
        pytest.param(10, 12, 40, [200, 200], id="gone half an hour: a straight line"),
        pytest.param(12, 12, 72, [200] * 4, id="gone an hour: still"),
        pytest.param(12, 12, 73, [None] * 4, id="gone longer: holes, the first too"),
        pytest.param(16, 17, 100, [200, *[None] * 5], id="what was before is kept"),
        pytest.param(
            0,
            130,
            192,
            [0] * 4 + [None] * 8,
            id="silent, then gone: known until an hour",
        ),
        pytest.param(
            0, 130, 132, [0] * 4 + [0, *[0] * 3], id="silent, then gone briefly"
        ),
    ],
)
def test_interruptions(
    last: int, gone: int, back: int, expected: list[float | None]
) -> None:
    """Last reading, loss and return in minutes; 800 W where there was a reading."""
    wh_per_minute = 0 if last == 0 else 800 / 60
    meter = meter_of(
        (at(0), 700_000), (at(last), 700_000 + round(last * wh_per_minute))
    )
    meter.interrupt(at(gone))
    feed(meter, (at(back), 700_000 + round(back * wh_per_minute)))
    assert energies(meter) == expected


def test_time_passing_makes_silence_known_an_hour_late() -> None:
    """An available sensor that says nothing has not moved, but may yet have."""
    meter = meter_of((at(0), 500))
    meter.hold(at(74))
    assert energies(meter) == []
    meter.hold(at(75))
    assert energies(meter) == [0]
    meter.interrupt(at(80))
    meter.hold(at(200))
    assert energies(meter) == []


SILENT_FOR_A_DAY = [*[0] * 44, *[None] * 52]
"""Quarters: known to stand still until an hour before the limit of twelve hours."""


@pytest.mark.parametrize(
    ("back", "moved_wh", "expected"),
    [
        pytest.param(12, 800, [*[0] * 44, *[200] * 4], id="up to the limit"),
        pytest.param(12.5, 800, [*[0] * 46, *[200] * 4], id="half an hour beyond"),
        pytest.param(13.25, 800, [*[0] * 44, *[None] * 9], id="longer: holes"),
        pytest.param(24, 5000, SILENT_FOR_A_DAY, id="a day"),
    ],
)
@pytest.mark.parametrize("asked", [True, False], ids=["asked", "not asked"])
def test_a_sensor_that_says_nothing_for_half_a_day_is_gone(
    back: float, moved_wh: int, expected: list[float | None], *, asked: bool
) -> None:
    """Nobody knows when it moved; what was told as standing still stays told."""
    meter = meter_of((at(0), 700_000))
    for minutes in range(1, round(back * 60) if asked else 1):
        meter.hold(at(minutes))
    feed(meter, (at(back * 60), 700_000 + moved_wh))
    assert energies(meter) == expected


def test_an_index_that_rests_is_not_gone_while_another_is_read() -> None:
    """A tariff that is not in force for days, of a sensor that reports only on change."""
    meter = StepMeter(QUARTER, ["day", "night"])
    feed(meter, (at(0), 1000), ref="night")
    for hours in range(30):
        feed(meter, (at(60 * hours), 2000 + 400 * hours), ref="day")
    meter.hold(at(29 * 60 + 1))
    assert energies(meter) == [100] * 4 * 29


def test_a_direction_that_rests_is_not_gone_while_the_other_is_heard() -> None:
    """Nothing is fed in during a winter night."""
    meter = meter_of((at(0), 1000))
    for hours in range(16):
        meter.hold(at(60 * hours), at(60 * hours - 5))
    feed(meter, (at(16 * 60), 1004))
    assert energies(meter) == [*[0] * 60, *[1] * 4]


def test_a_direction_that_is_gone_stays_gone_when_the_other_is_heard_again() -> None:
    """Its index may have moved while neither was heard."""
    meter = meter_of((at(0), 1000))
    for hours in range(20):
        meter.hold(at(60 * hours), at(60 * hours) if hours > 14 else at(0))
    assert len(energies(meter)) == 44
    assert meter.power_w(at(20 * 60)) is None
    feed(meter, (at(20 * 60), 1004))
    assert energies(meter) == [None] * 36


def test_a_reload_does_not_wake_a_sensor_that_is_gone() -> None:
    """It still shows what it said half a day before."""
    before = meter_of((at(0), 1000), (at(1), 1010))
    for minutes in range(2, 800):
        before.hold(at(minutes))
    assert len(energies(before)) == 44
    after = feed(StepMeter(QUARTER, ["east"], state=stored(before)), (at(1), 1010))
    after.hold(at(801))
    assert after.power_w(at(801)) is None
    feed(after, (at(900), 9000))
    assert energies(after) == [None] * 16


def test_a_refused_reading_says_why() -> None:
    """One reason for each rule."""
    meter = meter_of((at(0), 100_000))
    refused = {
        wh: meter.read("east", at(1), wh)
        for wh in (nan, -1.0, 65535.0, 99_999.0, 100_801.0)
    }
    assert list(refused.values()) == [
        Rejection.NOT_FINITE,
        Rejection.NEGATIVE,
        Rejection.SENTINEL,
        Rejection.DROP,
        Rejection.JUMP,
    ]
    assert meter.read("east", at(-1), 100_000) is Rejection.LATE
    assert meter.read("west", at(1), 100_000) is Rejection.UNKNOWN_INDEX
    assert meter.read("east", at(1), 100_800) is None  # 1.3 x 36 kW x 1 min + 20 Wh


def test_the_subscription_tells_a_jump() -> None:
    """1.3 x 6 kW for a minute, and 20 Wh."""
    meter = StepMeter(QUARTER, ["east"], subscribed_kva=6)
    feed(meter, (at(0), 0))
    assert meter.read("east", at(1), 151) is Rejection.JUMP
    assert meter.read("east", at(1), 150) is None


def test_a_school_draws_more_than_a_home() -> None:
    """1.3 x 250 kW for a minute, and 20 Wh."""
    meter = StepMeter(QUARTER, ["east"], subscribed_kva=250)
    feed(meter, (at(0), 0), (at(1), 5436))
    assert meter.read("east", at(2), 5436 + 5437) is Rejection.JUMP


def test_a_real_jump_is_accepted_in_time() -> None:
    """10 kWh need 13 minutes at 46.8 kW; a sensor that says it once is believed then."""
    meter = meter_of((at(0), 0))
    assert meter.read("east", at(5), 10_000) is Rejection.JUMP
    meter.hold(at(12))
    assert meter.partial() == (at(0), 0)
    meter.hold(at(13))
    assert meter.partial() == (at(0), 10_000)


def test_a_drop_that_comes_and_goes_is_no_other_meter() -> None:
    """Only a level that stays for two hours is."""
    meter = meter_of((at(0), 100_000))
    for minute in range(1, 300, 2):
        assert meter.read("east", at(minute), 40_000) is Rejection.DROP
        assert meter.read("east", at(minute + 1), 100_000) is None
    assert total(meter) == 0


def test_a_counter_of_the_day_restarts_from_zero() -> None:
    """Where it is known to, a drop to little is what was counted since."""
    meter = StepMeter(HOUR, ["day"], resets=["day"])
    feed(meter, (at(0), 4000), (at(50), 4800), (at(60), 100), (at(100), 300), ref="day")
    assert energies(meter) == [900]
    assert meter.partial() == (at(60), 200)
    assert meter.read("day", at(101), 150) is None  # and again, however odd


def test_a_large_drop_is_no_reset() -> None:
    """A counter that restarted cannot show more than was drawn since."""
    meter = StepMeter(HOUR, ["day"], resets=["day"])
    feed(meter, (at(0), 900_000), ref="day")
    assert meter.read("day", at(1), 800_000) is Rejection.DROP


def test_indexes_of_one_frame_make_one_point() -> None:
    """Sparse readings of two indexes that arrive together share the line between."""
    meter = StepMeter(QUARTER, ["night", "day"])
    for minutes, night, day in ((0, 0, 0), (30, 0, 600)):
        meter.read("night", at(minutes), 1000 + night)
        meter.read("day", at(minutes) + timedelta(seconds=1), 2000 + day)
    assert energies(meter) == [300, 300]


def test_the_sum_is_unknown_while_one_index_is_missing() -> None:
    """The other going on does not make half a meter."""
    meter = StepMeter(QUARTER, ["night", "day"])
    for ref in ("night", "day"):
        feed(meter, (at(0), 1000), ref=ref)
    meter.interrupt(at(1), "night")
    for minutes in range(1, 90):
        feed(meter, (at(minutes), 1000 + 10 * minutes), ref="day")
    assert energies(meter) == []
    feed(meter, (at(90), 1000), ref="night")
    meter.hold(at(91))
    assert energies(meter) == [None] * 6


def test_another_meter_with_other_entities_keeps_what_was_completed() -> None:
    """Counting restarts: the step of the change is a hole, nothing comes across."""
    old = meter_of((at(0), 1000), (at(20), 1400))
    new = StepMeter(QUARTER, ["other"], state=stored(old))
    assert new.partial() is None
    feed(new, (at(40), 9000), (at(45), 9100), (at(60), 9400), ref="other")
    assert new.closed() == [
        (at(0), 300),
        (at(30), pytest.approx(nan, nan_ok=True)),
        (at(45), 300),
    ]


@pytest.mark.parametrize(
    ("minutes", "step", "expected"),
    [
        pytest.param(30, 30, [300, 300, 600], id="at a common boundary"),
        pytest.param(45, 30, [300, 300, 300, None], id="inside a longer step"),
        pytest.param(35, 10, [300, 300, 200, 200], id="where a shorter one begins too"),
        pytest.param(41, 10, [300, 300, None, 200], id="inside a shorter step"),
    ],
)
def test_the_step_of_the_operation_changes(
    minutes: int, step: int, expected: list[float | None]
) -> None:
    """The step that is open at the change is a hole; all others are exact (1200 W)."""
    old = meter_of((at(0), 0), (at(minutes), 20 * minutes))
    new = StepMeter(timedelta(minutes=step), ["east"], state=stored(old))
    feed(new, (at(minutes + 0.5), 20 * minutes + 10), (at(60), 1200))
    assert energies(new)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("readings", "now", "expected"),
    [
        pytest.param([(0, 0)], 1, None, id="one reading"),
        pytest.param([(0, 0), (0.5, 20)], 1, None, id="half a minute"),
        pytest.param([(0, 0), (1, 20)], 1, 1200, id="a minute"),
        pytest.param([(0, 0), (5, 0), (10, 100)], 10, 1200, id="the last five minutes"),
        pytest.param([(0, 0), (15, 100)], 15, 400, id="a report each quarter"),
        pytest.param([(0, 0), (15, 100)], 34, 400, id="the next report is late"),
        pytest.param([(0, 0), (21, 100)], 21, None, id="too long for now"),
        pytest.param([(0, 0), (1, 20)], 22, 0, id="silent: it stands still"),
        pytest.param([(0, 0), (1, 20)], 721, 0, id="silent for twelve hours"),
        pytest.param([(0, 0), (1, 20)], 722, None, id="silent for longer: gone"),
    ],
)
def test_power_is_the_mean_of_the_last_minutes(
    readings: list[tuple[float, int]], now: int, expected: float | None
) -> None:
    """From the index alone: apparent power is no power."""
    meter = meter_of(*((at(minutes), 5000 + wh) for minutes, wh in readings))
    meter.hold(at(now))
    assert meter.power_w(at(now)) == expected


def test_power_is_unknown_while_the_meter_is() -> None:
    """Also when it was known a moment ago."""
    meter = meter_of((at(0), 0), (at(1), 20))
    meter.interrupt(at(2))
    assert meter.power_w(at(2)) is None


@pytest.mark.parametrize(
    ("day", "steps"),
    [
        pytest.param(date(2026, 3, 29), 92, id="23 hours"),
        pytest.param(date(2026, 6, 1), 96, id="24 hours"),
        pytest.param(date(2026, 10, 25), 100, id="25 hours"),
    ],
)
def test_a_local_day_has_its_quarters(day: date, steps: int) -> None:
    """Local times come in, the change of the clock included; steps are UTC."""
    paris = ZoneInfo("Europe/Paris")
    midnight = datetime.combine(day, time(), paris)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), paris)
    meter = StepMeter(QUARTER, ["east"])
    moment, wh = midnight.astimezone(UTC), 1000
    while moment <= next_midnight:
        feed(meter, (moment.astimezone(paris), wh))
        moment, wh = moment + timedelta(minutes=5), wh + 50
    assert energies(meter) == [150] * steps


@pytest.mark.parametrize(
    ("told", "back", "expected"),
    [
        pytest.param(130, 135, [0] * 9, id="five minutes"),
        pytest.param(130, 191, [0] * 4 + [None] * 8, id="more than an hour"),
    ],
)
def test_a_restart_is_a_gap_since_something_was_last_told(
    told: int, back: int, expected: list[float | None]
) -> None:
    """A sensor that was silent before the stop is still known to have stood still."""
    before = meter_of((at(0), 700_000))
    before.hold(at(told))
    after = StepMeter(QUARTER, ["east"], state=stored(before))
    feed(after, (at(back), 700_000))
    assert energies(after) == expected


def test_a_refused_value_is_not_believed_once_the_sensor_is_gone() -> None:
    """Only what it still shows may come true."""
    meter = meter_of((at(0), 0))
    meter.read("east", at(5), 10_000)
    meter.interrupt(at(6))
    meter.hold(at(60))
    assert meter.partial() == (at(0), 0)


def test_an_index_that_comes_late_moves_nothing_back() -> None:
    """What another index made known before stays, the total is right."""
    meter = StepMeter(QUARTER, ["night", "day"])
    for ref in ("night", "day"):
        feed(meter, (at(0), 1000), ref=ref)
    feed(meter, (at(30), 1600), ref="night")
    meter.hold(at(31))
    feed(meter, (at(10), 1200), ref="day")
    feed(meter, (at(60), 2200), ref="night")
    meter.hold(at(61))
    assert energies(meter) == [300, 300, 500, 300]


def test_power_is_known_again_a_minute_after_a_gap() -> None:
    """The gap itself does not count."""
    meter = meter_of((at(0), 0), (at(1), 20))
    meter.interrupt(at(2))
    feed(meter, (at(100), 5000), (at(101), 5010))
    assert meter.power_w(at(101)) == 600
