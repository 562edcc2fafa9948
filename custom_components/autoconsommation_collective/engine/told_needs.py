"""What all that follow the signal need on a day: as their homes tell it, where enough do.

A home that its member lets do so tells each evening how much its loads that can wait will need
on the next day. What is told by few would show in the sum: then a usual need stands for each.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from .claim import USUAL_NEED_WH
from .model import FlexibleNeed
from .publishable import LEAST_BEHIND_A_NEED, LEAST_BEHIND_A_SUM

MOST_NEED_WH: Final = 100_000
"""Of one home in a day: the battery of a large car, and hot water for all; more is a slip."""
LEAST_TELLING: Final = LEAST_BEHIND_A_SUM
"""Homes that told, for their numbers to count: what the others are taken for is known, so that
of fewer one would stand out."""


def needed_on(
    day: date, followers: Collection[str], told_wh: Mapping[str, int]
) -> FlexibleNeed | None:
    """What all followers need on a day; None where it would tell of somebody.

    `told_wh` is what homes told of that day, by who they are; of others than the followers it
    counts for nothing.
    """
    if len(followers) < LEAST_BEHIND_A_NEED:
        return None
    counted = [told_wh[one] for one in followers if one in told_wh]
    if len(counted) < LEAST_TELLING:
        counted = []
    untold_wh = (len(followers) - len(counted)) * USUAL_NEED_WH
    return FlexibleNeed(day, round(sum(counted) + untold_wh), len(followers))


@dataclass(frozen=True, slots=True)
class ToldNeed:
    """What a home told of its loads that can wait: all that it tells."""

    day: date
    """Local day on which they need it."""
    energy_wh: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class ToldNeeds:
    """What homes told of the days that are not over; immutable."""

    by_day: Mapping[date, Mapping[str, ToldNeed]] = field(default_factory=dict)
    """By day, and by whose home it is."""

    def __len__(self) -> int:
        """How many are kept."""
        return sum(map(len, self.by_day.values()))

    def told_wh(self, day: date) -> dict[str, int]:
        """What was told of a day, by whose home it is."""
        return {who: need.energy_wh for who, need in self.by_day.get(day, {}).items()}

    def with_need(self, who: str, need: ToldNeed, today: date) -> ToldNeeds | None:
        """With what a home tells; None where that is not of tomorrow, or not its latest.

        So what is sent once more changes nothing, whoever sends it.
        """
        if need.day != today + timedelta(days=1):
            return None
        kept = self.kept(today)
        of_day = kept.by_day.get(need.day, {})
        before = of_day.get(who)
        if before is not None and before != need and before.told_at >= need.told_at:
            return None
        return ToldNeeds({**kept.by_day, need.day: {**of_day, who: need}})

    def kept(self, today: date) -> ToldNeeds:
        """Without days that are over."""
        return ToldNeeds({day: of for day, of in self.by_day.items() if day >= today})


def stored_needs(needs: ToldNeeds) -> dict[str, Any]:
    """What was told as JSON values."""
    return {
        day.isoformat(): {
            who: {"energy_wh": need.energy_wh, "told_at": need.told_at.isoformat()}
            for who, need in of_day.items()
        }
        for day, of_day in needs.by_day.items()
    }


def restored_needs(stored: Mapping[str, Any]) -> ToldNeeds:
    """What was stored. Raises KeyError, ValueError, TypeError on anything else."""
    return ToldNeeds(
        {
            (on := date.fromisoformat(day)): {
                who: ToldNeed(
                    on,
                    int(told["energy_wh"]),
                    datetime.fromisoformat(told["told_at"]),
                )
                for who, told in of_day.items()
            }
            for day, of_day in stored.items()
        }
    )
