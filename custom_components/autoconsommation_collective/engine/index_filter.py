"""Which readings of a meter's index count: drops, jumps, resets, another meter."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import TypedDict

from .blocks import HOUR

PERSISTENCE = timedelta(hours=2)
"""A level refused for this long is another meter's index; glitches last seconds."""

SENTINELS = frozenset({32768, 65535})
"""What 16-bit attributes say for "not available"; -32768 is refused as negative."""

LARGEST_KVA = 36.0
"""The largest subscription of a low-voltage Linky, where the real one is unknown."""

OVERDRAW = 1.3
"""How far above its subscription a home may be seen before the breaker opens."""

SLACK_WH = 20
"""Two counts of the coarsest index (10 Wh), so that two close readings may differ."""


class Rejection(StrEnum):
    """Why a reading does not count."""

    NOT_FINITE = "not_finite"
    NEGATIVE = "negative"
    SENTINEL = "sentinel"
    DROP = "drop"
    JUMP = "jump"
    LATE = "late"
    UNKNOWN_INDEX = "unknown_index"


class LevelState(TypedDict):
    """A refused level, as stored."""

    since: str
    at: str
    wh: int


class IndexState(TypedDict):
    """One index, as stored."""

    at: str | None
    wh: int
    counted: int
    refused: LevelState | None


@dataclass(slots=True)
class _Level:
    """Readings that agree with each other but not with what was accepted."""

    since: datetime
    at: datetime
    wh: int

    def state(self) -> LevelState:
        """As stored."""
        return {
            "since": self.since.isoformat(),
            "at": self.at.isoformat(),
            "wh": self.wh,
        }


class IndexFilter:
    """One index: which of its readings count, and how much it moved since the first."""

    def __init__(
        self, subscribed_kva: float | None = None, *, resets: bool = False
    ) -> None:
        """Start without a reading; resets tells a counter that restarts from zero."""
        self.counted = 0
        """Wh, of which only the differences matter; never falls."""
        self._limit_w = OVERDRAW * 1000 * (subscribed_kva or LARGEST_KVA)
        self._resets = resets
        self._at: datetime | None = None
        self._wh = 0
        self._refused: _Level | None = None

    def read(self, at: datetime, wh: float) -> Rejection | None:
        """Count a reading, or say why not.

        A refused level that persists is taken for another meter's index: counting goes
        on from there, and nothing is counted for the change.
        """
        if not isfinite(wh):
            return Rejection.NOT_FINITE
        if wh < 0:
            return Rejection.NEGATIVE
        index = round(wh)
        if (reason := self._objection(at, index)) is Rejection.LATE:
            return reason
        if reason is None:
            self._accept(at, index, index - self._wh if index >= self._wh else index)
        elif self._persists(at, index):
            self._accept(at, index, 0)
        else:
            return reason
        return None

    def review(self, at: datetime) -> bool:
        """Whether the refused level, which the sensor still shows, counts by now."""
        return self._refused is not None and self.read(at, self._refused.wh) is None

    def _objection(self, at: datetime, index: int) -> Rejection | None:
        if self._at is None:
            return Rejection.SENTINEL if index in SENTINELS else None
        if at < self._at:
            return Rejection.LATE
        if index == self._wh:
            return None
        if index in SENTINELS:
            return Rejection.SENTINEL
        possible = self._possible(at - self._at)
        if index < self._wh:
            return None if self._resets and index <= possible else Rejection.DROP
        return Rejection.JUMP if index - self._wh > possible else None

    def _persists(self, at: datetime, index: int) -> bool:
        """Note a refused level; whether it has been there long enough."""
        level = self._refused
        if level is None or not 0 <= index - level.wh <= self._possible(at - level.at):
            level = _Level(at, at, index)
        self._refused = _Level(level.since, at, index)
        return at - level.since > PERSISTENCE

    def _possible(self, elapsed: timedelta) -> float:
        """What the home can have drawn in that time, in Wh."""
        return self._limit_w * (elapsed / HOUR) + SLACK_WH

    def _accept(self, at: datetime, index: int, moved: int) -> None:
        self.counted += moved
        self._at, self._wh, self._refused = at, index, None

    def state(self) -> IndexState:
        """What restore() needs."""
        return {
            "at": self._at.isoformat() if self._at else None,
            "wh": self._wh,
            "counted": self.counted,
            "refused": self._refused.state() if self._refused else None,
        }

    def restore(self, state: IndexState) -> None:
        """Continue from a stored state."""
        self._at = datetime.fromisoformat(state["at"]) if state["at"] else None
        self._wh = state["wh"]
        self.counted = state["counted"]
        if level := state["refused"]:
            since, at = (datetime.fromisoformat(level[key]) for key in ("since", "at"))
            self._refused = _Level(since, at, level["wh"])
