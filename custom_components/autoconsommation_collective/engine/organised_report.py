"""What an organiser is told of a month: what it came to, what is missing, who differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from .blocks import MonthPage, Quantity
from .delivery import Curve
from .indicators import Tally
from .model import Quality
from .months import community_tally
from .organised_month import Split
from .organised_pages import (
    Difference,
    community_page,
    differences,
    member_pages,
    missing,
    strangers,
)
from .roster import Participant, RosterProblem


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month as it stands."""

    month: str
    quality: Quality | None
    """None where nothing is known of all members together."""
    tally: Tally | None
    """Of the steps in which everybody's curve is known."""
    n_steps: int
    n_known: int
    """Steps of which it is known what everybody got."""
    differences: tuple[Difference, ...]
    missing: Mapping[str, int]
    """By participant's id how many steps of its curve are not there."""
    n_strangers: int
    """Delivery points that nobody in the list is."""
    problems: tuple[RosterProblem, ...]
    """Why the split could not be computed, on some of its days."""

    @property
    def is_complete(self) -> bool:
        """Whether everything is there and nothing is odd."""
        return not (
            self.differences or self.missing or self.n_strangers or self.problems
        ) and (self.n_known == self.n_steps > 0)


@dataclass(frozen=True, slots=True)
class OrganisedMonth:
    """All that comes of a month."""

    report: MonthReport
    community: MonthPage | None
    """Not all of it may be public."""
    pages: Mapping[str, MonthPage]
    """By participant's id."""


def organised_month(
    month: str,
    splits: Sequence[Split],
    participants: Iterable[Participant],
    curves: Sequence[Curve],
    time_zone: tzinfo,
    steered_wh: float,
) -> OrganisedMonth:
    """A month's report and pages; `steered_wh` is what a follower steers in a day."""
    community = community_page(month, splits, time_zone, steered_wh)
    known = community.blocks if community else ()
    n_known = sum(
        int((block.energies[Quantity.ALLOCATED] >= 0).sum()) for block in known
    )
    problems = (one.stretch.key for one in splits)
    report = MonthReport(
        month=month,
        quality=community.quality if community else None,
        tally=community_tally(community) if community else None,
        n_steps=sum(one.stretch.grid.n_steps for one in splits),
        n_known=n_known,
        differences=differences(splits),
        missing=missing(splits),
        n_strangers=len(strangers(participants, curves)),
        problems=tuple(
            dict.fromkeys(key for key in problems if isinstance(key, RosterProblem))
        ),
    )
    return OrganisedMonth(report, community, member_pages(month, splits))
