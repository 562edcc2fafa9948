"""What one device is commanded, whether it obeys, and whose hand was on the switch.

A setting is wanted; the device shows one. Between the two lie commands that get lost, devices
that answer late, and people. Each look at the device, at each change of what it shows and at
least every minute, gives what is to be commanded now, if anything, and what is to be kept.

Nothing tells reliably who switched: Home Assistant drops a context after five seconds, and what
a device reports on its own carries no user. So the user's hand is what differs from a confirmed
command, on a device that was in sight all the time. What comes late is not: a device may still
do what it was told before it was told otherwise.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
import math
from typing import Any, Final, get_args

type Setting = float
"""What an actuator shows: 0 off, 1 on; amperes or another number where it is modulated."""

TOLERANCE: Final = 0.05
"""Settings that differ by no more are one: a number read back is rounded."""
ANSWER_TIME: Final = timedelta(seconds=60)
"""Most devices answer within seconds, those behind a cloud at its next poll."""
RETRY_WAITS: Final = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 30))
"""After each sending; the last for ever: a device may be repaired next month."""
MAX_ATTEMPTS: Final = 3
"""Unanswered sendings after which somebody should have a look: a lost message or two is usual."""
LATEST_REPORT: Final = timedelta(minutes=15)
"""For so long a command that another followed may still be carried out."""
UNAVAILABLE_GRACE: Final = timedelta(minutes=5)
"""Devices and radio coordinators restart in less."""
OVERRIDE_LENGTH: Final = timedelta(hours=4)
"""Long enough for what somebody switched it for, and over by the next day."""


INSTANTS: Final = (datetime,)
"""Kinds of fields that hold a time."""


class Trouble(StrEnum):
    """What keeps a device from doing what is wanted."""

    UNAVAILABLE = "unavailable"
    NOT_OBEYING = "not_obeying"
    """It answers, but does not show what it was told, however often."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at the device."""

    at: datetime
    setting: Setting | None
    """None: unavailable or unknown."""
    by_user: bool = False
    """Whether the state carries a user: a hint, which nothing here needs."""


@dataclass(frozen=True, slots=True)
class Override:
    """The user's own setting, left alone for a while."""

    setting: Setting | None
    """As shown since; None: not known."""
    since: datetime
    until: datetime
    is_explicit: bool = False
    """Whether the user asked for it, rather than being recognised at the switch."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the device was told, and what became of it."""

    setting: Setting
    sent_at: datetime | None = None
    """For the last time; None: never, it showed the setting already."""
    attempts: int = 0
    """Sendings since it was last where it should be."""
    shown_before: Setting | None = None
    settled: Setting | None = None
    """What it showed when the command was confirmed; None: it is pending."""

    @property
    def is_limited(self) -> bool:
        """Whether it settled on another setting: the device cannot do more, or less."""
        return self.settled is not None and not is_same(self.settled, self.setting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is kept between two looks."""

    looked_at: datetime | None = None
    is_watched: bool = False
    """Whether the last look showed it, with no restart since. Not stored."""
    shown: Setting | None = None
    """At the last look that showed anything."""
    shown_since: datetime | None = None
    away_since: datetime | None = None
    """Since when it is unavailable."""
    command: Command | None = None
    in_flight: tuple[Command, ...] = ()
    """Those before it that may still be carried out."""
    is_failing: bool = False
    """Whether too many sendings went unanswered since the last confirmation."""
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a look."""

    memory: Memory
    command: Setting | None = None
    """To be sent now."""
    trouble: Trouble | None = None


def is_same(one: Setting | None, other: Setting | None) -> bool:
    """Whether two settings are one; what is not known is like nothing."""
    if one is None or other is None:
        return False
    return abs(one - other) <= TOLERANCE


def act(
    memory: Memory,
    wanted: Setting | None,
    seen: Seen,
    *,
    answer_time: timedelta = ANSWER_TIME,
    override_for: timedelta = OVERRIDE_LENGTH,
) -> Step:
    """What to command now, after a look at the device; wanted None: nothing, only observe."""
    now, shown = seen.at, seen.setting
    before = _at(memory, now)
    if wanted is None:
        before = _dropped(before)
    kept, sent = _looked(before, seen), None
    if shown is not None:
        kept = _with_hand(kept, before, wanted, seen, override_for)
        if kept.command:
            kept = _with_answer(kept, kept.command, shown, now - answer_time)
        if wanted is not None and kept.override is None:
            kept, sent = _with_command(kept, before, wanted, now, answer_time)
    return Step(kept, sent, None if wanted is None else _trouble(kept, now))


def set_override(
    memory: Memory,
    setting: Setting | None,
    now: datetime,
    length: timedelta = OVERRIDE_LENGTH,
) -> Memory:
    """The device left alone for so long, as the user asked, whatever it shows meanwhile."""
    asked = Override(setting, now, now + length, is_explicit=True)
    return replace(_dropped(memory), override=asked)


def clear_override(memory: Memory) -> Memory:
    """No override any more: what is wanted is commanded at the next look."""
    return replace(memory, override=None)


def _at(memory: Memory, now: datetime) -> Memory:
    """The memory at an instant, without what is over.

    Where the clock was set back no time has passed: all that is kept moves with it.
    """
    if memory.looked_at and now < memory.looked_at:
        memory = _moved(memory, now - memory.looked_at)
    override = memory.override
    return replace(
        memory,
        looked_at=now,
        in_flight=tuple(
            c for c in memory.in_flight if c.sent_at and now - c.sent_at < LATEST_REPORT
        ),
        override=override if override and now < override.until else None,
    )


def _moved(kept: Any, by: timedelta) -> Any:
    """What is kept, with all its times moved."""
    match kept:
        case datetime():
            return kept + by
        case tuple():
            return tuple(_moved(one, by) for one in kept)
        case Command():
            return replace(kept, sent_at=_moved(kept.sent_at, by))
        case Override():
            return replace(kept, since=kept.since + by, until=kept.until + by)
        case Memory():
            return replace(
                kept,
                looked_at=_moved(kept.looked_at, by),
                shown_since=_moved(kept.shown_since, by),
                away_since=_moved(kept.away_since, by),
                command=_moved(kept.command, by),
                in_flight=_moved(kept.in_flight, by),
                override=_moved(kept.override, by),
            )
    return kept


def _dropped(memory: Memory) -> Memory:
    """Without its command, which may still be carried out.

    It is pending, was sent more than once, or was confirmed by what had been shown all along.
    """
    command, in_flight = memory.command, memory.in_flight
    if command and command.sent_at:
        was_so = is_same(command.shown_before, command.setting)
        if command.settled is None or command.attempts > 1 or was_so:
            others = (c for c in in_flight if not is_same(c.setting, command.setting))
            in_flight = (*others, command)
    return replace(memory, command=None, in_flight=in_flight)


def _is_late(memory: Memory, shown: Setting | None) -> bool:
    """Whether a setting may come of a command before the last."""
    return any(is_same(shown, command.setting) for command in memory.in_flight)


def _looked(before: Memory, seen: Seen) -> Memory:
    """With what was seen."""
    now, shown = seen.at, seen.setting
    if shown is None:
        away_since = before.away_since or now
        return replace(before, is_watched=False, away_since=away_since)
    return replace(
        before,
        is_watched=True,
        shown=shown,
        shown_since=before.shown_since if is_same(shown, before.shown) else now,
        away_since=None,
    )


def _with_hand(
    kept: Memory,
    before: Memory,
    wanted: Setting | None,
    seen: Seen,
    override_for: timedelta,
) -> Memory:
    """With the user's hand, where it shows."""
    shown, now = seen.setting, seen.at
    by_user = seen.by_user and not is_same(shown, before.shown)
    is_hand = before.is_watched and (by_user or not _is_late(before, shown))
    hand = Override(shown, now, now + override_for)
    override, command = before.override, before.command
    if override:
        if is_same(shown, override.setting):
            return kept
        if override.is_explicit or not is_hand:
            return replace(kept, override=replace(override, setting=shown))
        # What is wanted by now counts: who switches on what was meant to be on then, and is
        # meant to be off now, takes nothing back.
        return replace(kept, override=None if is_same(shown, wanted) else hand)
    if command is None:
        return kept
    is_pending = command.settled is None
    is_expected = any(
        is_same(shown, one) for one in (command.setting, command.settled, wanted)
    )
    if not before.is_watched and (is_pending or not is_expected):
        # After a restart or an outage it stands where it does by nobody's hand, nor as an
        # answer: what it was told before may still be on its way.
        attempts = command.attempts if is_pending else 0
        unanswered = replace(
            command, settled=None, attempts=attempts, shown_before=shown
        )
        return replace(_dropped(kept), command=unanswered)
    if is_expected:
        return kept
    if is_hand and (by_user or not is_pending):
        return replace(_dropped(kept), override=hand)
    return replace(kept, command=replace(command, settled=None))


def _with_answer(
    kept: Memory, command: Command, shown: Setting, steady_since: datetime
) -> Memory:
    """With the command confirmed, where what is shown does that."""
    is_done = is_same(shown, command.setting)
    if command.settled is None and not is_done:
        # Beyond what it can do a device does what it can; on for off is nothing of the kind.
        both_on = not is_same(shown, 0.0) and not is_same(command.setting, 0.0)
        times = (kept.shown_since, command.sent_at)
        is_steady = all(at is not None and at <= steady_since for at in times)
        has_moved = not is_same(shown, command.shown_before)
        was_asked = has_moved or command.attempts >= MAX_ATTEMPTS
        is_done = both_on and is_steady and was_asked and not _is_late(kept, shown)
    if not is_done:
        return kept
    return replace(kept, command=replace(command, settled=shown), is_failing=False)


def _with_command(
    kept: Memory,
    before: Memory,
    wanted: Setting,
    now: datetime,
    answer_time: timedelta,
) -> tuple[Memory, Setting | None]:
    """With what is to be sent now, if anything."""
    command = kept.command
    if command is None or not is_same(command.setting, wanted):
        kept = _dropped(kept)
        fresh = Command(wanted, shown_before=kept.shown)
        # What shows the wanted setting may be about to leave it, by an earlier command.
        if is_same(kept.shown, wanted) and not kept.in_flight:
            fresh = replace(fresh, settled=kept.shown)
            return replace(kept, command=fresh, is_failing=False), None
        fresh = replace(fresh, sent_at=now, attempts=1)
        return replace(kept, command=fresh), wanted
    if command.settled is not None:
        return kept, None
    wait = answer_time
    # Who comes back has most likely missed what was sent: no need to wait for long.
    if command.attempts and before.away_since is None:
        n = min(command.attempts, len(RETRY_WAITS)) - 1
        wait = max(wait, RETRY_WAITS[n])
    if command.sent_at and now - command.sent_at < wait:
        return kept, None
    again = replace(command, sent_at=now, attempts=command.attempts + 1)
    is_failing = kept.is_failing or again.attempts > MAX_ATTEMPTS
    return replace(kept, command=again, is_failing=is_failing), wanted


def _trouble(kept: Memory, now: datetime) -> Trouble | None:
    """What keeps it from what is wanted."""
    if kept.away_since and now - kept.away_since >= UNAVAILABLE_GRACE:
        return Trouble.UNAVAILABLE
    if kept.is_failing and kept.override is None:
        return Trouble.NOT_OBEYING
    return None


def stored_memory(memory: Memory) -> dict[str, Any]:
    """The memory as JSON values."""
    stored: dict[str, Any] = _plain(asdict(memory))
    del stored["is_watched"]
    return stored


def _plain(value: Any) -> Any:
    """Times as text, tuples as lists."""
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
    return value


def restored_memory(stored: object) -> Memory:
    """The memory that was stored; a fresh one where none was, or nobody can read it.

    What it lacks is as in a fresh one; what another version stored beside is left out.
    """
    try:
        memory: Memory = _read(stored, Memory)
    except TypeError, ValueError:
        return Memory()
    return replace(memory, is_watched=False)


def _read(value: Any, kind: Any) -> Any:
    """A JSON value as what a field of that kind holds. Raises TypeError, ValueError."""
    kinds = get_args(kind)
    if type(None) in kinds:
        return None if value is None else _read(value, kinds[0])
    if kinds and isinstance(value, list):
        return tuple(_read(one, kinds[0]) for one in value)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        told = (field for field in fields(kind) if field.name in value)
        return kind(**{f.name: _read(value[f.name], f.type) for f in told})
    if kind in INSTANTS:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at
    if kind is Setting and isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    if kind in (int, bool) and isinstance(value, kind):
        return value
    raise TypeError(value)
