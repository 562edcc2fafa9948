"""Commands that get lost, devices that answer late, and people at the switch."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.actuation import (
    ANSWER_TIME,
    LATEST_REPORT,
    MAX_ATTEMPTS,
    OVERRIDE_LENGTH,
    RETRY_WAITS,
    UNAVAILABLE_GRACE,
    Memory,
    Seen,
    Setting,
    Step,
    Trouble,
    act,
    clear_override,
    is_same,
    restored_memory,
    set_override,
    stored_memory,
)

START = datetime(2026, 6, 8, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFF, ON = 0.0, 1.0

type Answer = float | None
"""Seconds until a command is carried out; None: it is lost."""
type Move = tuple[str, Any]


@dataclass
class Home:
    """A device, the hand at its wall button, and what looks at it each minute and change."""

    answers: Iterable[Answer] = (1,)
    shown: Setting = OFF
    lowest: Setting = 0.0
    highest: Setting = 100.0
    wanted: Setting | None = None
    memory: Memory = field(default_factory=Memory)
    now: datetime = START
    is_available: bool = True
    coming: list[tuple[datetime, Setting]] = field(default_factory=list)
    commands: list[tuple[datetime, Setting]] = field(default_factory=list)
    free_to_repeat_from: datetime = START
    touched_at: datetime | None = None
    step: Step = field(default_factory=lambda: Step(Memory()))

    def __post_init__(self) -> None:
        """Answer the commands in turn."""
        self.answers = cycle(self.answers)

    def look(self, *, by_user: bool = False) -> None:
        """Look, send, and hold what holds at each look."""
        setting = self.shown if self.is_available else None
        before = self.memory.override
        seen = Seen(self.now, setting, by_user)
        self.step = step = act(self.memory, self.wanted, seen)
        self.memory = step.memory
        if before and not step.memory.override:
            self.free_to_repeat_from = self.now
        if step.command is None:
            return
        assert self.is_available
        assert step.memory.override is None
        assert step.command == self.wanted
        for sent_at, setting in self.commands[-1:]:
            is_early = self.now - sent_at < ANSWER_TIME
            assert setting != step.command or not is_early or sent_at <= self.free_to_repeat_from  # fmt: skip
        self.commands.append((self.now, step.command))
        if (answer := next(iter(self.answers))) is not None:
            does = min(max(step.command, self.lowest), self.highest) if step.command else OFF  # fmt: skip
            self.coming.append((self.now + answer * SECOND, does))

    def wait(self, length: timedelta) -> None:
        """Let time pass, looking at each change and each minute."""
        until = self.now + length
        while self.now < until:
            due = min((at for at, _ in self.coming), default=until)
            self.now = max(self.now, min(due, until, self.now + MINUTE))
            arrived = [one for one in self.coming if one[0] <= self.now]
            self.coming = [one for one in self.coming if one[0] > self.now]
            for _, self.shown in arrived:
                self.look()
            if not arrived:
                self.look()

    def want(self, wanted: Setting | None) -> None:
        """Another plan."""
        if wanted != self.wanted:
            self.free_to_repeat_from = self.now
        self.wanted = wanted
        self.look()

    def press(self, setting: Setting, *, by_user: bool = False) -> None:
        """The user's hand."""
        self.shown = setting
        self.touched_at = self.now
        self.look(by_user=by_user)

    def away(self, length: timedelta = timedelta(0), after: Answer = None) -> None:
        """Not available for so long, then back, with another setting if one is given."""
        self.is_available = False
        self.look()
        self.wait(length)
        self.is_available = True
        self.shown = self.shown if after is None else after
        self.look()

    def restart(self, after: Setting | None = None) -> None:
        """Home Assistant restarts, and finds the device with another setting, if one is given."""
        self.memory = restored_memory(json.loads(json.dumps(stored_memory(self.memory))))  # fmt: skip
        self.shown = self.shown if after is None else after
        self.look()

    def do(self, moves: Iterable[Move]) -> None:
        """One after the other."""
        for name, value in moves:
            getattr(self, name)(value)

    @property
    def override(self) -> Setting | None:
        """The user's setting that is left alone."""
        return self.memory.override.setting if self.memory.override else None

    @property
    def is_settled(self) -> bool:
        """Whether all is as wanted, and known to be."""
        command = self.memory.command
        return (
            command is not None
            and is_same(self.shown, self.wanted)
            and is_same(command.settled, self.wanted)
            and self.step.trouble is None
        )


def on_for_long(**values: Any) -> Home:
    """A device that was switched on an hour ago."""
    home = Home(**values)
    home.want(ON)
    home.wait(HOUR)
    assert home.is_settled
    return home


ANSWERS = st.lists(
    st.sampled_from([None, 0.5, 1.0, 30.0, 90.0, 600.0]), min_size=1, max_size=5
)
WAITS = st.sampled_from([1, 20, 60, 61, 300, 900, 3600]).map(lambda n: n * SECOND)
SWITCH = st.sampled_from([OFF, ON])
AMPERES = st.sampled_from([0.0, 6.0, 10.0, 16.0])


def moves(setting: st.SearchStrategy[Setting], *, hands: bool) -> st.SearchStrategy[list[Move]]:  # fmt: skip
    """What may happen, with people or without."""
    kinds: list[st.SearchStrategy[Any]] = [
        st.tuples(st.just("wait"), WAITS),
        st.tuples(st.just("want"), setting | setting | st.none()),
        st.tuples(st.just("away"), WAITS),
        st.tuples(st.just("restart"), setting | st.none()),
    ]
    if hands:
        kinds.append(st.tuples(st.just("press"), setting))
    return st.lists(st.one_of(kinds), max_size=25)


# Laws


@given(ANSWERS, moves(SWITCH, hands=False) | moves(AMPERES, hands=False), st.data())
@settings(max_examples=200)
def test_without_hands_there_is_no_override(
    answers: list[Answer], what: list[Move], data: st.DataObject
) -> None:
    """However late, in whatever order, and whatever an outage or a restart leaves behind."""
    home = Home(answers)
    for name, value in what:
        if name == "away":
            home.away(value, data.draw(SWITCH | st.none()))
        else:
            home.do([(name, value)])
        assert home.memory.override is None


@given(ANSWERS, moves(SWITCH, hands=True), SWITCH)
@settings(max_examples=200)
def test_a_switch_that_obeys_at_last_ends_as_wanted(
    answers: list[Answer], what: list[Move], wanted: Setting
) -> None:
    """Confirmed, with no trouble left, and then nothing more is sent."""
    home = Home(answers)
    home.do(what)
    home.answers = cycle([2.0])
    home.want(wanted)
    home.wait(OVERRIDE_LENGTH + HOUR)
    assert home.is_settled
    n_commands = len(home.commands)
    home.wait(HOUR)
    assert len(home.commands) == n_commands


@given(ANSWERS, moves(AMPERES, hands=True), AMPERES)
@settings(max_examples=200)
def test_a_modulated_device_ends_as_wanted_or_is_told_to_be_limited(
    answers: list[Answer], what: list[Move], wanted: Setting
) -> None:
    """Never in between; and never limited where it is to be off."""
    home = Home(answers)
    home.do(what)
    home.answers = cycle([2.0])
    home.want(wanted)
    home.wait(OVERRIDE_LENGTH + HOUR)
    command = home.memory.command
    assert command is not None
    assert home.is_settled or (command.is_limited and wanted and home.shown)


@given(ANSWERS, moves(SWITCH, hands=True) | moves(AMPERES, hands=True))
@settings(max_examples=200)
def test_an_override_ends(answers: list[Answer], what: list[Move]) -> None:
    """At the latest so long after the last touch."""
    home = Home(answers)
    for one in what:
        home.do([one])
        if home.memory.override:
            assert home.touched_at is not None
            assert home.memory.override.until <= home.touched_at + OVERRIDE_LENGTH
            assert home.now < home.memory.override.until


@given(ANSWERS, moves(SWITCH, hands=True) | moves(AMPERES, hands=True))
@settings(max_examples=200)
def test_a_memory_survives_being_stored(
    answers: list[Answer], what: list[Move]
) -> None:
    """All of it, but that the device was in sight; so all goes on as before."""
    home = Home(answers)
    for one in what:
        home.do([one])
        stored = json.loads(json.dumps(stored_memory(home.memory)))
        kept = restored_memory(stored)
        assert kept.is_watched is False
        assert replace(kept, is_watched=home.memory.is_watched) == home.memory


@given(ANSWERS, moves(SWITCH, hands=True), st.sampled_from([1, 90, 10**4, 10**7]))
@settings(max_examples=200)
def test_a_clock_set_back_stands_still(
    answers: list[Answer], what: list[Move], seconds: int
) -> None:
    """The look after it gives what one at the instant before gives."""
    home = Home(answers)
    home.do(what)
    home.look()
    shown = home.shown
    stood = act(home.memory, home.wanted, Seen(home.now, shown))
    back = act(home.memory, home.wanted, Seen(home.now - seconds * SECOND, shown))
    assert (back.command, back.trouble) == (stood.command, stood.trouble)
    for minutes in (1, 5, 60, 24 * 60):
        later = [
            act(step.memory, home.wanted, Seen(now + minutes * MINUTE, shown))
            for step, now in ((stood, home.now), (back, home.now - seconds * SECOND))
        ]
        assert later[0].command == later[1].command
        assert (later[0].memory.override is None) is (later[1].memory.override is None)


# A device that answers, late or never


def test_what_is_wanted_and_shown_needs_no_command() -> None:
    """Nor does it need one ever after."""
    home = Home(shown=ON)
    home.want(ON)
    home.wait(24 * HOUR)
    assert home.is_settled
    assert home.commands == []


def test_a_device_that_answers_after_half_a_minute() -> None:
    """One command; its late answer is no user's."""
    home = Home([30])
    home.want(ON)
    home.wait(29 * SECOND)
    assert home.memory.command is not None
    assert home.memory.command.settled is None
    home.wait(HOUR)
    assert home.is_settled
    assert home.commands == [(START, ON)]


def test_a_device_that_answers_after_ten_minutes() -> None:
    """Asked again meanwhile, in trouble at last, and then neither."""
    home = Home([600])
    home.want(ON)
    home.wait(9 * MINUTE)
    assert home.step.trouble is Trouble.NOT_OBEYING
    home.wait(2 * MINUTE)
    assert home.is_settled
    assert [(at - START) / MINUTE for at, _ in home.commands] == [0, 1, 3, 8]


def test_a_device_that_is_known_to_be_slow_is_given_its_time() -> None:
    """No second command before."""
    step = act(Memory(), ON, Seen(START, OFF), answer_time=10 * MINUTE)
    for minutes in range(1, 10):
        seen = Seen(START + minutes * MINUTE, OFF)
        step = act(step.memory, ON, seen, answer_time=10 * MINUTE)
        assert step.command is None
    step = act(step.memory, ON, Seen(START + 10 * MINUTE, OFF), answer_time=10 * MINUTE)
    assert step.command == ON


def test_a_dead_device_is_asked_for_ever_but_seldom() -> None:
    """And somebody is told, until it does it."""
    home = Home([None])
    home.want(ON)
    home.wait(24 * HOUR)
    assert home.step.trouble is Trouble.NOT_OBEYING
    sent = [at for at, _ in home.commands]
    waits = [after - before for before, after in pairwise(sent)]
    assert waits[:5] == list(RETRY_WAITS)
    assert set(waits[5:]) == {RETRY_WAITS[-1]}
    for at in sent:
        assert sum(at <= other < at + HOUR for other in sent) <= 6
    home.answers = cycle([1])
    home.wait(RETRY_WAITS[-1] + MINUTE)
    assert home.is_settled


def test_trouble_stays_while_plans_change() -> None:
    """It is the device that is in trouble, not the command."""
    home = Home([None])
    home.want(16.0)
    home.wait(10 * MINUTE)
    assert home.step.trouble is Trouble.NOT_OBEYING
    home.want(10.0)
    assert home.step.trouble is Trouble.NOT_OBEYING
    home.wait(2 * MINUTE)
    assert home.step.trouble is Trouble.NOT_OBEYING
    home.want(OFF)
    home.wait(MINUTE)
    assert home.step.trouble is None


def test_a_changed_plan_is_commanded_at_once() -> None:
    """Also while the command before it is pending; what comes of that is put right."""
    home = Home([90, 5])
    home.want(ON)
    home.wait(10 * SECOND)
    home.want(OFF)
    assert home.commands == [(START, ON), (START + 10 * SECOND, OFF)]
    home.wait(10 * SECOND)
    assert home.memory.command is not None
    assert home.memory.command.settled == OFF
    home.wait(5 * MINUTE)
    assert home.memory.override is None
    assert home.is_settled


def test_a_command_sent_twice_may_be_carried_out_twice() -> None:
    """The second time after the next one: nobody's hand, and put right."""
    home = Home([90, 90, 5, 5])
    home.want(ON)
    home.wait(100 * SECOND)
    home.want(OFF)
    home.wait(10 * SECOND)
    assert (home.shown, len(home.commands)) == (OFF, 3)
    home.wait(40 * SECOND)
    assert home.shown == ON
    home.wait(2 * MINUTE)
    assert home.memory.override is None
    assert home.is_settled


def test_what_was_shown_all_along_does_not_tell_that_a_command_was_carried_out() -> (
    None
):
    """It still may be, after the next one."""
    home = Home([600])
    home.want(ON)
    home.wait(10 * SECOND)
    home.want(OFF)
    home.wait(20 * SECOND)
    home.want(ON)
    home.wait(610 * SECOND - 30 * SECOND)
    assert home.shown == OFF
    assert home.memory.override is None
    home.wait(MINUTE)
    assert home.is_settled


def test_nothing_wanted_is_nothing_commanded() -> None:
    """Observed: whoever switches is nobody's business."""
    home = on_for_long()
    n_commands = len(home.commands)
    home.want(None)
    assert home.memory.command is None
    home.press(OFF)
    home.wait(HOUR)
    assert home.memory.override is None
    home.is_available = False
    home.wait(24 * HOUR)
    assert home.step.trouble is None
    assert len(home.commands) == n_commands


# The user's hand


def test_the_wall_button() -> None:
    """Left alone for some hours, then as wanted again."""
    home = on_for_long()
    home.press(OFF)
    assert home.override == OFF
    pressed_at, n_commands = home.now, len(home.commands)
    home.wait(OVERRIDE_LENGTH - MINUTE)
    assert (home.override, len(home.commands)) == (OFF, n_commands)
    home.wait(2 * MINUTE)
    assert home.commands[-1] == (pressed_at + OVERRIDE_LENGTH, ON)
    assert home.is_settled


def test_a_hand_that_takes_it_back() -> None:
    """Ends at once, without a command."""
    home = on_for_long()
    n_commands = len(home.commands)
    home.press(OFF)
    home.wait(HOUR)
    home.press(ON)
    assert home.memory.override is None
    assert home.is_settled
    home.wait(HOUR)
    assert len(home.commands) == n_commands


def test_who_switches_on_what_is_meant_to_be_off_by_now_is_not_fought() -> None:
    """The plan has moved on meanwhile: that is the user's hand, too."""
    home = on_for_long()
    home.press(OFF)
    home.want(OFF)
    home.wait(HOUR)
    assert home.override == OFF
    home.press(ON)
    assert home.override == ON
    home.wait(HOUR)
    assert home.shown == ON


def test_a_hand_that_does_what_is_wanted_is_none() -> None:
    """While a command is pending, or in the minute the plan changes."""
    home = Home([None])
    home.want(ON)
    home.wait(20 * SECOND)
    home.press(ON)
    assert home.memory.override is None
    assert home.is_settled
    home.shown = OFF
    home.want(OFF)
    assert home.memory.override is None
    assert home.is_settled


def test_while_a_command_is_pending_only_a_known_user_is_recognised() -> None:
    """By Home Assistant's own page; a state that stands there since before is no sign."""
    home = Home([None], shown=6.0)
    home.want(16.0)
    home.wait(10 * SECOND)
    home.look(by_user=True)
    assert home.memory.override is None
    home.press(10.0, by_user=True)
    assert home.override == 10.0


def test_a_known_user_is_no_late_answer() -> None:
    """Though the setting is one that was commanded a moment ago."""
    home = Home([1, None, 1])
    home.want(6.0)
    home.wait(10 * SECOND)
    home.want(10.0)
    home.wait(10 * SECOND)
    home.want(16.0)
    home.wait(10 * SECOND)
    home.press(10.0, by_user=True)
    assert home.override == 10.0


def test_another_touch_begins_another_override() -> None:
    """The last hand counts, and for its whole time."""
    home = Home()
    home.want(16.0)
    home.wait(HOUR)
    home.press(6.0)
    home.wait(HOUR)
    home.press(10.0)
    assert home.memory.override is not None
    assert home.memory.override.until == home.now + OVERRIDE_LENGTH


def test_an_override_that_was_asked_for() -> None:
    """Lasts as long as asked, whatever the device shows; or until it is taken back."""
    home = on_for_long()
    home.memory = set_override(home.memory, ON, home.now, 2 * HOUR)
    n_commands = len(home.commands)
    home.press(OFF)
    home.wait(HOUR)
    home.press(ON)
    home.press(OFF)
    home.wait(HOUR - MINUTE)
    assert (home.override, len(home.commands)) == (OFF, n_commands)
    home.wait(2 * MINUTE)
    assert home.is_settled
    home.memory = set_override(home.memory, ON, home.now)
    home.press(OFF)
    home.memory = clear_override(home.memory)
    home.wait(2 * MINUTE)
    assert home.is_settled


def test_what_is_left_alone_is_in_no_trouble() -> None:
    """Nothing is asked of it."""
    home = Home([None])
    home.want(ON)
    home.wait(10 * MINUTE)
    assert home.step.trouble is Trouble.NOT_OBEYING
    home.memory = set_override(home.memory, OFF, home.now)
    home.look()
    assert home.step.trouble is None


def test_a_late_answer_does_not_end_the_users_override() -> None:
    """The device still does what it was told before the user spoke."""
    home = Home([600], shown=6.0)
    home.want(16.0)
    home.wait(10 * SECOND)
    home.press(10.0, by_user=True)
    home.wait(11 * MINUTE)
    assert home.override == 16.0
    assert home.commands == [(START, 16.0)]


# Outages and restarts


@pytest.mark.parametrize("after", [OFF, ON], ids=["back off", "back as it was"])
def test_unavailable_for_a_day(after: Setting) -> None:
    """Told after a while, not commanded, and put right in the minute it is back."""
    home = on_for_long()
    n_commands = len(home.commands)
    home.is_available = False
    home.look()
    home.wait(UNAVAILABLE_GRACE - MINUTE)
    assert home.step.trouble is None
    home.wait(24 * HOUR)
    assert home.step.trouble is Trouble.UNAVAILABLE
    home.is_available, home.shown = True, after
    home.look()
    assert home.step.trouble is None
    assert home.commands[n_commands:] == ([(home.now, ON)] if after == OFF else [])
    home.wait(MINUTE)
    assert home.is_settled


def test_what_missed_its_command_is_commanded_as_soon_as_it_is_back() -> None:
    """However long the wait for the next sending would have been."""
    home = Home([None])
    home.want(ON)
    home.wait(10 * MINUTE)
    home.answers = cycle([1])
    home.away(2 * MINUTE)
    assert home.commands[-1] == (home.now, ON)
    home.wait(MINUTE)
    assert home.is_settled


def test_each_power_cut_begins_anew() -> None:
    """A device that obeys after every one of them is in no trouble."""
    home = on_for_long()
    for _ in range(2 * MAX_ATTEMPTS):
        home.away(10 * MINUTE, OFF)
        assert home.commands[-1] == (home.now, ON)
        assert home.step.trouble is None
        home.wait(10 * MINUTE)
        assert home.is_settled


def test_a_device_that_comes_and_goes_is_in_trouble_all_the_same() -> None:
    """Where it never does what it is told."""
    home = Home([None])
    home.want(ON)
    for _ in range(MAX_ATTEMPTS + 1):
        home.wait(2 * MINUTE)
        home.away(10 * SECOND)
    assert home.step.trouble is Trouble.NOT_OBEYING


def test_an_outage_does_not_undo_what_is_on_its_way() -> None:
    """A command that was sent twice, an outage, another plan, and then the second arrives."""
    home = Home([90, 600, 1, 1])
    home.want(ON)
    home.wait(100 * SECOND)
    home.away(MINUTE, OFF)
    home.wait(10 * SECOND)
    home.want(OFF)
    home.wait(10 * SECOND)
    assert home.is_settled
    home.wait(10 * MINUTE)
    assert home.memory.override is None
    home.wait(10 * MINUTE)
    assert home.is_settled


def test_an_outage_does_not_answer_for_the_device() -> None:
    """It comes back as commanded, and does what it was told only then, after another plan."""
    home = Home([300, 1])
    home.want(ON)
    home.wait(10 * SECOND)
    home.restart(ON)
    home.want(OFF)
    home.wait(10 * SECOND)
    assert home.is_settled
    home.wait(5 * MINUTE)
    assert home.memory.override is None
    home.wait(5 * MINUTE)
    assert home.is_settled


def test_a_restart_in_mid_run() -> None:
    """What differs is commanded again; what does not is left."""
    home = on_for_long()
    n_commands = len(home.commands)
    home.restart()
    home.wait(MINUTE)
    assert len(home.commands) == n_commands
    home.restart(OFF)
    assert home.memory.override is None
    assert home.commands[-1] == (home.now, ON)
    home.wait(MINUTE)
    assert home.is_settled
    home.press(OFF)
    assert home.override == OFF


def test_an_override_goes_on_over_a_restart() -> None:
    """For the rest of its time."""
    home = on_for_long()
    home.press(OFF)
    home.wait(HOUR)
    home.restart()
    assert home.override == OFF
    home.wait(OVERRIDE_LENGTH - HOUR + MINUTE)
    assert home.is_settled


def test_a_command_pending_at_a_restart_waits_its_time() -> None:
    """Not sent twice because somebody looked again."""
    home = Home([None])
    home.want(ON)
    home.wait(30 * SECOND)
    home.restart()
    assert len(home.commands) == 1
    home.wait(30 * SECOND)
    assert len(home.commands) == 2


# Modulated devices


def test_a_number_read_back_is_rounded() -> None:
    """That is no difference."""
    home = Home()
    home.want(7.0)
    home.wait(MINUTE)
    home.shown = 7.04
    home.wait(HOUR)
    assert len(home.commands) == 1
    assert home.memory.override is None


def test_a_device_that_can_do_no_more_is_not_fought() -> None:
    """It settles on what it can do; then a hand is recognised by that."""
    home = Home(highest=10.0)
    home.want(16.0)
    home.wait(HOUR)
    assert home.shown == 10.0
    assert len(home.commands) <= 2
    assert home.memory.command is not None
    assert home.memory.command.is_limited
    assert home.step.trouble is None
    home.press(6.0)
    assert home.override == 6.0


def test_where_it_stands_at_its_limit_already_it_is_asked_a_few_times() -> None:
    """Then believed; nobody is alarmed."""
    home = Home(highest=10.0, shown=10.0)
    home.want(16.0)
    for _ in range(60):
        home.wait(MINUTE)
        assert home.step.trouble is None
    assert len(home.commands) == MAX_ATTEMPTS
    home.want(6.0)
    home.wait(MINUTE)
    assert home.is_settled


def test_the_answer_to_the_last_asking_is_awaited() -> None:
    """Only then it is a limit."""
    home = Home([None, None, 30], shown=10.0)
    home.want(16.0)
    home.wait(3 * MINUTE)
    assert len(home.commands) == MAX_ATTEMPTS
    home.wait(10 * SECOND)
    assert home.memory.command is not None
    assert home.memory.command.settled is None
    home.wait(MINUTE)
    assert home.is_settled


def test_a_device_that_gets_there_in_steps() -> None:
    """On its way it is neither limited nor in anybody's hand."""
    home = Home([None])
    home.want(16.0)
    home.coming = [(START + n * 20 * SECOND, n * 4.0 + 4.0) for n in (1, 2, 3)]
    home.wait(HOUR)
    assert len(home.commands) <= 2
    assert home.memory.override is None
    assert home.is_settled


def test_what_a_device_starts_with_is_no_limit() -> None:
    """After an outage, before it was asked again."""
    home = Home([None, None, 1])
    home.want(16.0)
    home.wait(30 * SECOND)
    home.away(10 * SECOND, 6.0)
    home.wait(10 * MINUTE)
    assert home.is_settled


@pytest.mark.parametrize(
    ("shown", "wanted"), [(10.0, OFF), (OFF, 10.0)], ids=["not off", "not on"]
)
def test_on_for_off_is_no_limit(shown: Setting, wanted: Setting) -> None:
    """A device that does not switch does not obey."""
    home = Home([None], shown=shown)
    home.want(wanted)
    home.wait(HOUR)
    assert home.step.trouble is Trouble.NOT_OBEYING


def test_what_an_earlier_command_leaves_is_no_limit() -> None:
    """It came late, and the one that counts was lost."""
    home = Home([300, None, None, None, 1])
    home.want(6.0)
    home.wait(10 * SECOND)
    home.want(16.0)
    home.wait(LATEST_REPORT - MINUTE)
    assert home.is_settled


# What cannot be read


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"shown": "on"}, id="a word for a number"),
        pytest.param({"shown": float("nan")}, id="no number"),
        pytest.param({"looked_at": "yesterday"}, id="no time"),
        pytest.param({"looked_at": "2026-06-08T10:00:00"}, id="a time without a zone"),
        pytest.param({"command": {"attempts": 1}}, id="a command without a setting"),
        pytest.param({"command": {"setting": 1.0, "attempts": 1.5}}, id="half a sending"),
        pytest.param({"override": True}, id="an override that tells nothing"),
        pytest.param({"in_flight": 3}, id="commands that are none"),
    ],
)  # fmt: skip
def test_what_nobody_can_read_is_forgotten(stored: object) -> None:
    """A fresh start is safe: nothing that differs is taken for a hand."""
    assert restored_memory(stored) == Memory()


def test_what_another_version_stored_is_read_as_far_as_it_goes() -> None:
    """What it lacks is fresh, what it has beside is left out."""
    stored = {"shown": 1, "colour": "red"}
    assert restored_memory(stored) == Memory(shown=ON)
