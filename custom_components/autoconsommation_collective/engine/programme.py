"""What a machine's programme draws from its beginning on, as it was last measured.

The last one that was seen whole counts: people mostly run the same, and a mean of a quick and a
long programme would be neither.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
import math
from typing import Any, Final

from .blocks import HOUR
from .load_state import LONGEST_GAP, STANDBY_W, LoadState
from .loads import PROFILE_SLOT

FEWEST_WH: Final = 50.0
"""Less is no programme, but a door that was opened or a pump that emptied."""
PAUSE_W: Final = 1.0
"""While it soaks: a programme is on from its beginning to its end."""
MOST_SLOTS: Final = 144
"""Twelve hours: no machine at home runs for longer."""


@dataclass(frozen=True, slots=True)
class Programme:
    """What is known of a machine's programme; it survives a restart."""

    last_w: tuple[float, ...] = ()
    """Mean power of each slot of the last one seen whole; empty: none was."""
    slots_wh: tuple[float, ...] = ()
    """Of the one in progress."""
    is_whole: bool = True
    """Whether all of the one in progress was seen."""


def followed(
    before: Programme, was: LoadState, state: LoadState, power_w: float
) -> Programme:
    """The programme after a look at its machine, whose state was and now is that."""
    if state.began is None:
        return _concluded(before) if was.began is not None else before
    if was.began is None:
        return Programme(before.last_w)
    assert state.seen_at is not None and was.seen_at is not None
    gap = state.seen_at - was.seen_at
    if not math.isfinite(power_w) or abs(gap) > LONGEST_GAP:
        return Programme(before.last_w, before.slots_wh, is_whole=False)
    n = (state.seen_at - state.began) // PROFILE_SLOT
    n = min(max(n, 0), MOST_SLOTS - 1)
    slots = list(before.slots_wh) + [0.0] * (n + 1 - len(before.slots_wh))
    # Looks of the same instant may come in any order.
    slots[n] += power_w * max(gap / HOUR, 0.0)
    return Programme(before.last_w, tuple(slots), before.is_whole)


def _concluded(before: Programme) -> Programme:
    """Learned, where it was seen whole; what it draws in standby afterwards is no part of it."""
    hours = PROFILE_SLOT / HOUR
    watts = [wh / hours for wh in before.slots_wh]
    while watts and watts[-1] <= STANDBY_W:
        watts.pop()
    if not before.is_whole or sum(watts) * hours < FEWEST_WH:
        return Programme(before.last_w)
    return Programme(tuple(max(watt, PAUSE_W) for watt in watts))


def stored_programme(programme: Programme) -> dict[str, Any]:
    """The programme as JSON values."""
    told = asdict(programme)
    for name in ("last_w", "slots_wh"):
        told[name] = [round(value, 2) for value in told[name]]
    return told


def restored_programme(stored: object) -> Programme:
    """The programme that was stored; none where none was, or nobody can read it."""
    if not isinstance(stored, Mapping):
        return Programme()
    try:
        values = [
            tuple(float(value) for value in stored[name])
            for name in ("last_w", "slots_wh")
        ]
    except KeyError, TypeError, ValueError:
        return Programme()
    if any(not 0 <= value < math.inf for row in values for value in row):
        return Programme()
    return Programme(values[0], values[1], bool(stored.get("is_whole")))
