"""From readings of a meter's indexes to energies by settlement step.

An index counts Wh since the meter was made. What it stood at on a step boundary lies on
the straight line between the readings around it, in whole Wh, so that the steps of any
span add up exactly to what the index moved. Three rules tell how far a line may reach:

- readings at most MAX_BRIDGE apart: a straight line;
- further apart, yet the sensor stayed available: many report only on change, so the
  index has not moved until MAX_BRIDGE before the later reading;
- further apart because the sensor was gone, or its readings refused, for longer than
  MAX_BRIDGE: every step the gap touches is a hole, never zero. A sensor of which nothing
  is heard for longer than MAX_SILENCE is gone from then on.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from math import nan
from typing import TypedDict

from .index_filter import IndexFilter, IndexState, Rejection
from .power import Point, RecentPower

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MAX_BRIDGE = timedelta(hours=1)
"""Four times the slowest regular report (15 min), and the longest settlement step."""

MAX_SILENCE = timedelta(hours=12)
"""A sensor that reports only on change is silent while the index stands still: at most for as
long as the sun carries a home, on its longest day. One whose integration hangs is silent too,
and must not be taken for standing still for ever."""

SAME_FRAME = timedelta(seconds=5)
"""Indexes of one frame reach us one by one; half of the usual polling (10 s)."""


class StepMeterState(TypedDict):
    """A StepMeter between two runs, as stored: JSON only."""

    indexes: dict[str, IndexState]
    known: tuple[str, int] | None
    opened: tuple[str, int | None]
    gap: str | None
    closed: list[tuple[str, int | None]]


class StepMeter:
    """The indexes of one meter, added up, and their energy by settlement step.

    Steps are aligned to UTC. Times may come in any zone but in order. A StepMeter given
    the state of an older one continues it: across a restart; with another step (the
    open step is then a hole, unless the change falls on a boundary); or with other
    indexes (the meter was replaced: counting restarts, what is closed stays).
    """

    def __init__(
        self,
        step: timedelta,
        refs: Iterable[str],
        *,
        subscribed_kva: float | None = None,
        resets: Collection[str] = (),
        state: StepMeterState | None = None,
    ) -> None:
        """Add up the indexes of refs; those of resets restart at zero now and then."""
        self._step = step
        self._indexes = {
            ref: IndexFilter(subscribed_kva, resets=ref in resets) for ref in refs
        }
        self._missing = set(self._indexes)
        """Indexes without a valid value now: while there are any, so is the sum."""
        self._refused: set[str] = set()
        """Those of the missing whose sensor is there, but shows a refused value."""
        self._frame: set[str] = set()
        """Indexes read at _frame_at, whose sum is not yet a point of the line."""
        self._frame_at = EPOCH
        self._known: Point | None = None
        """The end of the line."""
        self._opened: tuple[datetime, int | None] = (EPOCH, None)
        """Start of the open step and the count there; None when it will be a hole."""
        self._gap: datetime | None = None
        """When an index went missing after the last point of the line."""
        self._seen: datetime | None = None
        """When something was last told; a restart is a gap that begins there."""
        self._closed: list[tuple[datetime, int | None]] = []
        self._recent = RecentPower()
        self.heard = EPOCH
        """When an index, or the other direction of the meter, was last read."""
        if state is not None:
            self._restore(state)

    def read(self, ref: str, at: datetime, wh: float) -> Rejection | None:
        """Take a reading of one index, in Wh; the reason when it does not count."""
        if (index := self._indexes.get(ref)) is None:
            return Rejection.UNKNOWN_INDEX
        at = at.astimezone(UTC)
        if ref in self._frame or at - self._frame_at >= SAME_FRAME:
            self._flush()  # before the sum moves on
        self._miss_silent(at)
        rejection = index.read(at, wh)
        if rejection is None:
            self._count(ref, at)
        elif rejection is not Rejection.LATE:
            self.interrupt(at, ref)
            self._refused.add(ref)
        return rejection

    def interrupt(self, at: datetime, ref: str | None = None) -> None:
        """Tell that an index, or all of them, cannot be read from that time on."""
        at = at.astimezone(UTC)
        refs = self._indexes.keys() if ref is None else {ref}
        self._flush()
        self._seen = at
        self._refused -= refs
        self._missing |= refs
        if self._gap is None:
            self._gap = at

    def hold(self, now: datetime, heard: datetime = EPOCH) -> None:
        """Tell that time passed: silent indexes have not moved until MAX_BRIDGE ago.

        Heard tells when the other direction of the same meter was last read.
        """
        now = now.astimezone(UTC)
        if now - self._frame_at >= SAME_FRAME:
            self._flush()
        for ref in tuple(self._refused):
            if self._indexes[ref].review(now):
                self._count(ref, now)
        self._seen = now
        self.heard = max(self.heard, heard)
        self._miss_silent(now)
        if self._gap is None and not self._frame:
            self._stay(now - MAX_BRIDGE)

    def _miss_silent(self, now: datetime) -> None:
        """Note when all indexes went missing, if nothing was heard for too long."""
        if self._gap is None and now - self.heard > MAX_SILENCE:
            self._gap = self.heard + MAX_SILENCE

    def closed(self) -> list[tuple[datetime, float]]:
        """The steps completed since the last call: start and Wh, NaN for a hole."""
        done, self._closed = self._closed, []
        return [(start, nan if wh is None else float(wh)) for start, wh in done]

    def partial(self) -> tuple[datetime, float] | None:
        """Start of the open step and the Wh known in it; NaN if it will be a hole."""
        if self._known is None:
            return None
        start, counted = self._opened
        return start, nan if counted is None else float(self._known.counted - counted)

    def power_w(self, at: datetime) -> float | None:
        """Mean power over the last few minutes, in W; None while it cannot be told."""
        return None if self._gap is not None else self._recent.mean_w(at)

    def _count(self, ref: str, at: datetime) -> None:
        """Note that an index counted a reading; a full frame becomes a point."""
        if not self._frame:
            self._frame_at = at
        self._seen = at
        self.heard = max(self.heard, at)
        self._frame.add(ref)
        self._missing.discard(ref)
        self._refused.discard(ref)
        if len(self._frame) == len(self._indexes):
            self._flush()

    def _flush(self) -> None:
        """Make the frame a point of the line, unless some index is missing."""
        if self._frame and not self._missing:
            total = sum(index.counted for index in self._indexes.values())
            at = self._frame_at
            self._reach(Point(max(at, self._known.at) if self._known else at, total))
            self._gap = None
        self._frame.clear()

    def _reach(self, point: Point) -> None:
        """Bring the line to a reading, by the rules of this module."""
        if self._gap is not None and point.at - self._gap > MAX_BRIDGE:
            self._stay(self._gap - MAX_BRIDGE)
            self._skip(point)
        elif self._known is None:
            self._skip(point)
        else:
            self._stay(point.at - MAX_BRIDGE)
            self._draw(self._known, point)
        self._recent.add(point)

    def _stay(self, until: datetime) -> None:
        """Draw a level line, when that time lies ahead."""
        if self._known is not None and until > self._known.at:
            self._draw(self._known, Point(until, self._known.counted))

    def _draw(self, known: Point, point: Point) -> None:
        """Draw a straight line, closing the steps on its way."""
        start, opened = self._opened
        while (boundary := start + self._step) <= point.at:
            way = (boundary - known.at) / (point.at - known.at)
            reached = known.counted + round((point.counted - known.counted) * way)
            self._closed.append((start, None if opened is None else reached - opened))
            start, opened = boundary, reached
        self._opened, self._known = (start, opened), point

    def _skip(self, point: Point) -> None:
        """Begin a new line; the steps that it leaves behind are holes."""
        boundary = self._start_of(point.at)
        start = boundary if self._known is None else self._opened[0]
        while start < boundary:
            self._closed.append((start, None))
            start += self._step
        self._opened = (boundary, point.counted if point.at == boundary else None)
        self._known = point
        self._recent.clear()

    def _start_of(self, at: datetime) -> datetime:
        return at - (at - EPOCH) % self._step

    def state(self) -> StepMeterState:
        """What another StepMeter needs to go on; JSON only."""
        self._flush()
        start, counted = self._opened
        return {
            "indexes": {ref: index.state() for ref, index in self._indexes.items()},
            "known": self._known and (self._known.at.isoformat(), self._known.counted),
            "opened": (start.isoformat(), counted),
            "gap": gap.isoformat() if (gap := self._gap or self._seen) else None,
            "closed": [(closed.isoformat(), wh) for closed, wh in self._closed],
        }

    def _restore(self, state: StepMeterState) -> None:
        self._closed = [(datetime.fromisoformat(at), wh) for at, wh in state["closed"]]
        if state["indexes"].keys() != self._indexes.keys():
            return
        for ref, index in state["indexes"].items():
            self._indexes[ref].restore(index)
        if state["gap"]:
            self._gap = datetime.fromisoformat(state["gap"])
        if state["known"]:
            at, counted = datetime.fromisoformat(state["known"][0]), state["known"][1]
            self._known = Point(at, counted)
            start, opened = state["opened"]
            if (boundary := self._start_of(at)) != datetime.fromisoformat(start):
                opened = counted if boundary == at else None
            self._opened = (boundary, opened)
