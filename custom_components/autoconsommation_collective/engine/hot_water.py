"""What hot water a home needs, and when its tank was last heated through.

Learned from the power that the tank really draws. Its own thermostat ends each heating: a relay
that is on without any power being drawn, soon after some was, means that the tank is hot. From one
such end to the next, what is drawn is what the home took and what the tank lost. Where no power is
measured, nothing of this is known, and nothing is said of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
import math
from statistics import median
from typing import Any, Final

import numpy as np

from .blocks import HOUR
from .grid import FIRST_WEEKEND_DAY

USUAL_WH_PER_L: Final = 28.0
"""A day's heat by litre of a tank: 5.6 kWh of 200 l, for a household of two to four with
standing losses; half of what the tank takes from cold."""
NO_POWER_PART: Final = 0.05
"""Of the nominal power, below which a heating element is off: what is left are pumps and lamps."""
CUT_OFF_AFTER: Final = timedelta(minutes=10)
"""Without power while the relay is on: the thermostat has cut off, and it is no hiccup of the
sensor."""
CUT_OFF_WITHIN: Final = timedelta(hours=2)
"""Since it last drew: a relay that is on for minutes of each step shows the end in pieces. Later,
no power is no sign of hot water: a breaker may be out."""
LONGEST_GAP: Final = timedelta(minutes=5)
"""Between two looks; what was drawn during a longer one is not known."""
MOST_UNKNOWN: Final = timedelta(minutes=15)
"""Between two ends of heating: more may hide a tenth of a day's need."""
DAY: Final = timedelta(days=1)
SHORTEST_DAYS: Final = 0.75
"""Between two ends of heating: from noon to the night is not what a day needs."""
LATE_DAYS: Final = 1.25
"""Up to which it counts as one day: heating ends some hours sooner or later."""
MOST_DAYS: Final = 3.25
"""A tank that was not hot for longer may have run out: what nobody could take is not seen."""
KEPT_DAYS: Final = 60
LEARNED_DAYS: Final = 28
FEWEST_DAYS: Final = 7
"""From which a need is learned: a week has every kind of day."""
NEED_QUANTILE: Final = 0.9
"""Of the days. What one day in ten needs more, the tank holds, and the next makes up for. In a
simulated mixed tank a fifth to half fewer draws are lukewarm than at 0.8, for at most 2 % more
energy."""


@dataclass(frozen=True, slots=True)
class DayHeat:
    """A local day on which a tank was heated through, and what that took."""

    day: date
    wh: float
    """Drawn since it was last heated through on an earlier day."""
    n_days: float = 1.0
    """How long before that was."""
    is_usual: bool = True
    """Whether it may be learned from: measured all along, with somebody at home and nobody's
    hand on the switch."""


@dataclass(frozen=True, slots=True)
class HotWater:
    """What is known of a tank; it survives a restart."""

    seen_at: datetime | None = None
    power_w: float | None = None
    """As it was last seen, as was the relay; None: not measured."""
    is_on: bool = False
    drew_at: datetime | None = None
    """When it last drew, until that is known to have heated it through."""
    idle: timedelta = timedelta(0)
    """How long it has drawn nothing while the relay was on."""
    last_full: datetime | None = None
    """When the thermostat last cut off."""
    drawn_since_full_wh: float = 0.0
    unknown: timedelta = timedelta(0)
    """Since then, in which nothing was measured."""
    is_usual: bool = True
    """Whether somebody was at home since then, and nobody's hand on the switch."""
    days: tuple[DayHeat, ...] = ()
    """The last ones, in order."""

    @property
    def is_full(self) -> bool:
        """Whether it is hot: its thermostat has cut off, and the relay is on still."""
        was_heated = self.last_full is not None and self.drew_at is None
        return was_heated and self.is_on and self.idle >= CUT_OFF_AFTER


def heated(
    water: HotWater,
    now: datetime,
    *,
    is_on: bool,
    power_w: float,
    nominal_w: float,
    is_usual: bool,
    time_zone: tzinfo,
) -> HotWater:
    """What is known after a look: the relay, and the power drawn; NaN: not measured now.

    What a look finds holds until the next. The relay is on where the tank is really under
    voltage: in series with a contactor, where both are closed. `is_usual` where somebody is
    at home and nobody's hand is on the switch.
    """
    gap = now - water.seen_at if water.seen_at else timedelta(0)
    found = replace(
        water,
        seen_at=now,
        is_on=is_on,
        power_w=None if math.isnan(power_w) else power_w,
        is_usual=water.is_usual and is_usual,
    )
    if water.power_w is None or not timedelta(0) <= gap <= LONGEST_GAP:
        # A clock that was put back tells of no time at all.
        return replace(found, unknown=water.unknown + abs(gap))
    wh = water.power_w * (gap / HOUR)
    found = replace(found, drawn_since_full_wh=water.drawn_since_full_wh + wh)
    if water.power_w >= NO_POWER_PART * nominal_w:
        return replace(found, drew_at=now, idle=timedelta(0))
    if not water.is_on:
        return found
    found = replace(found, idle=water.idle + gap)
    if found.drew_at is None or found.idle < CUT_OFF_AFTER:
        return found
    if now - found.drew_at > CUT_OFF_WITHIN:
        return found
    return _full(found, found.drew_at, time_zone)


def _full(water: HotWater, at: datetime, time_zone: tzinfo) -> HotWater:
    """Heated through at that time: a day more to learn from, and counting begins anew."""
    day = at.astimezone(time_zone).date()
    heat = DayHeat(
        day,
        water.drawn_since_full_wh,
        is_usual=water.is_usual and water.unknown <= MOST_UNKNOWN,
    )
    if water.last_full is None:
        heat = replace(heat, is_usual=False)  # nobody knows how cold it was
    else:
        heat = replace(heat, n_days=(at - water.last_full) / DAY)
    kept = water.days
    if kept and kept[-1].day >= day:
        last = kept[-1]
        heat = DayHeat(
            last.day,
            last.wh + heat.wh,
            last.n_days + heat.n_days,
            is_usual=last.is_usual and heat.is_usual,
        )
        kept = kept[:-1]
    return replace(
        water,
        drew_at=None,
        last_full=at,
        drawn_since_full_wh=0.0,
        unknown=timedelta(0),
        is_usual=True,
        days=(*kept, heat)[-KEPT_DAYS:],
    )


def learned_need_wh(days: Sequence[DayHeat], day: date | None = None) -> float | None:
    """What a day needs, learned from those that may be learned from; None: too few.

    Of a given day, from working days or weekends alone, where there are enough of them.
    """
    usual = [
        one for one in days if one.is_usual and SHORTEST_DAYS <= one.n_days <= MOST_DAYS
    ][-LEARNED_DAYS:]
    if not usual:
        return None
    middle = median(one.wh / _n_days(one) for one in usual)
    needs = [wh for one in usual for wh in _by_day(one, middle)]
    if len(needs) < FEWEST_DAYS:
        return None
    alike = [
        one.wh
        for one in usual
        if day and _n_days(one) == 1 and _is_weekend(one.day) == _is_weekend(day)
    ]
    found = alike if len(alike) >= FEWEST_DAYS else needs
    return float(np.quantile(found, NEED_QUANTILE))


def _n_days(heat: DayHeat) -> float:
    return heat.n_days if heat.n_days > LATE_DAYS else 1.0


def _by_day(heat: DayHeat, middle: float) -> Iterator[float]:
    """What each day needed of those that were heated for together.

    A day that is not heated through needed more than it was given: all but what is usual on
    the others. Were such days left out, a need would never be learned that is above what is
    planned, and plans would shrink from month to month.
    """
    n_days = _n_days(heat)
    most = max(heat.wh / n_days, heat.wh - (n_days - 1) * middle)
    yield most
    for _ in range(round(n_days - 1)):
        yield (heat.wh - most) / (n_days - 1)


def _is_weekend(day: date) -> bool:
    return day.weekday() >= FIRST_WEEKEND_DAY


def usual_need_wh(volume_l: float) -> float:
    """What a day needs of a tank of that volume, where nothing is learned."""
    return USUAL_WH_PER_L * volume_l


def full_heat_due(
    last_full: datetime | None, since: datetime, every: timedelta
) -> datetime:
    """By when it must be heated through again; `since` is when anybody began to watch.

    Where nothing tells when it was hot, it is overdue from the first time on, for ever: a tank
    that nobody verifies is heated for its hours each time.
    """
    return (last_full or since) + every


def stored_water(water: HotWater) -> dict[str, Any]:
    """What is known, as JSON values; energies to the Wh."""
    return {
        "seen_at": _stored_time(water.seen_at),
        "power_w": water.power_w,
        "is_on": water.is_on,
        "drew_at": _stored_time(water.drew_at),
        "idle_s": water.idle.total_seconds(),
        "last_full": _stored_time(water.last_full),
        "drawn_since_full_wh": round(water.drawn_since_full_wh),
        "unknown_s": water.unknown.total_seconds(),
        "is_usual": water.is_usual,
        "days": [
            [one.day.isoformat(), round(one.wh), round(one.n_days, 2), one.is_usual]
            for one in water.days
        ],
    }


def restored_water(stored: Mapping[str, Any] | None) -> HotWater:
    """What was stored; nothing where nothing was, or by another version.

    Days that can be read are kept whatever became of the rest.
    """
    told = stored if isinstance(stored, dict) else {}
    rows = told.get("days")
    days = tuple(_restored_days(rows if isinstance(rows, list) else []))
    try:
        power_w = told["power_w"]
        return HotWater(
            seen_at=_restored_time(told["seen_at"]),
            power_w=None if power_w is None else float(power_w),
            is_on=bool(told["is_on"]),
            drew_at=_restored_time(told["drew_at"]),
            idle=timedelta(seconds=told["idle_s"]),
            last_full=_restored_time(told["last_full"]),
            drawn_since_full_wh=float(told["drawn_since_full_wh"]),
            unknown=timedelta(seconds=told["unknown_s"]),
            is_usual=bool(told["is_usual"]),
            days=days,
        )
    except KeyError, TypeError, ValueError, OverflowError:
        return HotWater(days=days)


def _restored_days(rows: Sequence[Any]) -> Iterator[DayHeat]:
    """The days that can be read, the oldest first."""
    found: dict[date, DayHeat] = {}
    for row in rows:
        try:
            day, wh, n_days, is_usual = row
            heat = DayHeat(
                date.fromisoformat(day), float(wh), float(n_days), bool(is_usual)
            )
        except TypeError, ValueError, OverflowError:
            continue
        if 0 <= heat.wh < math.inf and 0 < heat.n_days < math.inf:
            found[heat.day] = heat
    yield from (found[day] for day in sorted(found))


def _stored_time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _restored_time(stored: str | None) -> datetime | None:
    """Raises ValueError on an instant without its zone."""
    if stored is None:
        return None
    at = datetime.fromisoformat(stored)
    if at.tzinfo is None:
        raise ValueError("an instant without its zone")
    return at
