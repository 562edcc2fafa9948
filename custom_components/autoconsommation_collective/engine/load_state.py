"""What is kept of a load between two looks at it: since when it runs, and what it was asked to do.

All of it survives a restart: minimum times, starts of the day and a programme that has begun hold
whoever restarts meanwhile.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
import math
from typing import Any, Final

from .blocks import HOUR
from .loads import LoadSettings
from .slots import midnight_of

LONGEST_GAP: Final = timedelta(minutes=5)
"""Between two looks; what was drawn during a longer one is not known."""
LONGER_AT_MOST: Final = 2
"""Times its told length, that a programme may take: what draws on is something else."""
STANDBY_W: Final = 10.0
"""What is plugged in may draw as much without running: a display, a charger that waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadState:
    """A load as it is now, and what it has done."""

    seen_at: datetime | None = None
    is_on: bool = False
    since: datetime | None = None
    """Of being on, or off; None where it is not known."""
    starts: int = 0
    """Of the local day below."""
    day: date | None = None
    drawn_wh: float = 0.0
    """Since the time below."""
    drawn_since: datetime | None = None
    """When the need in progress began: the last time by which it had to be met."""
    today_wh: float = 0.0
    """Drawn in the local day above."""
    finish_by: datetime | None = None
    """Armed: the programme is to be finished by then; None: it is not armed."""
    began: datetime | None = None
    """When the programme in progress began."""
    run_asked: bool = False
    """Whether the need in progress is to be met at once, or the programme to begin."""
    skipped_until: datetime | None = None
    """Nothing is needed up to then: the user skipped it, or is absent."""
    is_absent: bool = False
    """Whether the home is empty up to then: hot water is wanted again on the return."""

    def on_for(self, now: datetime) -> timedelta:
        """How long it has been on; nothing where it is off."""
        return now - self.since if self.is_on and self.since else timedelta(0)

    def off_for(self, now: datetime) -> timedelta:
        """How long it has been off; for ever where nobody knows since when."""
        if self.is_on:
            return timedelta(0)
        return now - self.since if self.since else timedelta.max


def deadlines(
    settings: LoadSettings, day: date, n_days: int, time_zone: tzinfo
) -> tuple[datetime, ...]:
    """The instants by which a need must be met, in order; a load without any: each midnight."""
    days = [day + timedelta(days=n) for n in range(n_days)]
    if not settings.ready_by:
        return tuple(midnight_of(one, time_zone) for one in days)
    # In order of what comes first: in spring, times that the clock skips change places.
    return tuple(
        sorted(
            datetime.combine(one, at, time_zone).astimezone(UTC)
            for one in days
            for at in settings.ready_by
        )
    )


def last_deadline(settings: LoadSettings, now: datetime, time_zone: tzinfo) -> datetime:
    """When the need in progress began."""
    yesterday = now.astimezone(time_zone).date() - timedelta(days=1)
    return max(at for at in deadlines(settings, yesterday, 2, time_zone) if at <= now)


def observed(
    state: LoadState,
    settings: LoadSettings,
    now: datetime,
    *,
    power_w: float,
    time_zone: tzinfo,
    is_measured: bool = False,
) -> LoadState:
    """The state after a look at the load, which draws that much now; NaN: not known.

    `is_measured` where a sensor tells it, and not only that the load is on.
    """
    is_known = math.isfinite(power_w)
    is_on = bool(power_w > STANDBY_W) if is_known else state.is_on
    gap = now - state.seen_at if state.seen_at else timedelta(0)
    is_counted = is_known and is_on and timedelta(0) < gap <= LONGEST_GAP

    def drawn_wh(begin: datetime) -> float:
        return power_w * (min(gap, now - begin) / HOUR) if is_counted else 0.0

    today = now.astimezone(time_zone).date()
    is_new_day = state.day not in (None, today)
    need_began = last_deadline(settings, now, time_zone)
    since = state.drawn_since or need_began
    is_new_need = since < need_began
    has_turned = is_on != state.is_on
    is_over = state.skipped_until is not None and state.skipped_until <= now
    looked = replace(
        state,
        seen_at=now,
        is_on=is_on,
        since=now if has_turned else state.since,
        day=today,
        starts=(0 if is_new_day else state.starts) + int(has_turned and is_on),
        today_wh=(0.0 if is_new_day else state.today_wh)
        + drawn_wh(midnight_of(today, time_zone)),
        drawn_wh=(0.0 if is_new_need else state.drawn_wh) + drawn_wh(need_began),
        drawn_since=max(since, need_began),
        run_asked=state.run_asked and (settings.is_machine or not is_new_need),
        skipped_until=None if is_over else state.skipped_until,
        is_absent=state.is_absent and not is_over,
    )
    if not settings.is_machine:
        return looked
    return _with_programme(looked, settings, now, is_measured=is_measured)


def _with_programme(
    state: LoadState, settings: LoadSettings, now: datetime, *, is_measured: bool
) -> LoadState:
    """An armed machine begins once it draws; when its time is over, it is no longer armed.

    One that is measured and draws still has a longer programme than told: it is not cut.
    """
    if state.began is None:
        begins = state.finish_by is not None and state.is_on
        return replace(state, began=now, run_asked=False) if begins else state
    longest = settings.programme_for * (
        LONGER_AT_MOST if is_measured and state.is_on else 1
    )
    if now - state.began < longest:
        return state
    return replace(state, began=None, finish_by=None)


def stored_state(state: LoadState) -> dict[str, Any]:
    """The state as JSON values."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(state).items()
    }


def restored_state(stored: object) -> LoadState:
    """The state that was stored; a fresh one where none was, or nobody can read it.

    What another version stored beside is left out.
    """
    if not isinstance(stored, Mapping):
        return LoadState()
    try:
        return LoadState(
            **{
                field.name: _read(stored[field.name], field.type)
                for field in fields(LoadState)
                if stored.get(field.name) is not None
            }
        )
    except TypeError, ValueError:
        return LoadState()


_INSTANT: Final = datetime | None
_DAY: Final = date | None


def _read(value: Any, kind: Any) -> Any:
    """A stored value as what its field holds. Raises TypeError, ValueError."""
    if kind == _INSTANT:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at
    if kind == _DAY:
        return date.fromisoformat(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if not isinstance(value, kind):
        raise TypeError(value)
    if kind is float and not math.isfinite(value):
        raise ValueError(value)
    return value
