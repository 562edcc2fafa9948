"""Mean power of the last few minutes, from what an index counted."""

from collections import deque
from datetime import datetime, timedelta
from typing import NamedTuple

from .blocks import HOUR

SPAN = timedelta(minutes=5)
"""Long enough that one count of 10 Wh is 120 W, short enough to be called now."""

MIN_SPAN = timedelta(seconds=60)
MAX_SPAN = timedelta(minutes=20)
"""One regular report of the slowest sensors (15 min) and a third: their power is then a mean
over the report. Silent for longer, they have nothing to say: the index stands still."""


class Point(NamedTuple):
    """What the indexes counted in all, in Wh, up to some time."""

    at: datetime
    counted: int


class RecentPower:
    """The points of the last few minutes."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._points: deque[Point] = deque()

    def add(self, point: Point) -> None:
        """Take one more, and leave those that are too old."""
        self._points.append(point)
        while len(self._points) > 2 and point.at - self._points[1].at >= SPAN:
            self._points.popleft()

    def clear(self) -> None:
        """Leave all that came before a gap."""
        self._points.clear()

    def mean_w(self, at: datetime) -> float | None:
        """Mean power, in W; None while it cannot be told."""
        if not self._points:
            return None
        first, last = self._points[0], self._points[-1]
        if at - last.at > MAX_SPAN:
            return 0.0
        span = last.at - first.at
        if not MIN_SPAN <= span <= MAX_SPAN:
            return None
        return (last.counted - first.counted) / (span / HOUR)
