"""What an organiser publishes, from its list and its months: nothing that tells of anybody."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import MonthPage, Quantity
from ..engine.model import Aggregates, Counts, Member, Usual, in_force
from ..engine.months import MONTHS_IN_YEAR
from ..engine.publishable import (
    counts_between,
    may_be_public,
    public_page,
    public_plants,
)
from ..engine.roster import Participant, Roster
from ..engine.roster_parts import coefficients
from ..engine.turns import next_place
from ..engine.usual import usual_days, usual_errors
from .pages import Forecast
from .publication import Books, PublishedMember
from .sealing import MemberKeys

AHEAD: Final = timedelta(days=400)
"""How far counts are told beforehand: those who have a date to come or to leave."""


def feed_books(
    roster: Roster,
    keys: Mapping[str, MemberKeys],
    community: Mapping[str, MonthPage],
    anew: frozenset[str],
    pages: Mapping[str, Mapping[str, MonthPage]],
    today: date,
    forecast: Forecast | None = None,
    *,
    takes_needs: bool = False,
) -> Books:
    """What is to be published on a local day.

    `community` has the sums of all kept months, whether they may be public or not; those of
    the months `anew` are published again, and `pages` of participants by id and month. A
    member has documents of its own while it agrees and has been given keys.
    """
    time_zone = ZoneInfo(roster.time_zone)
    counts = known_counts(roster, community, today)
    public = {
        month: page
        for month in anew
        if month in community
        and (page := public_page(community[month], counts, time_zone))
    }
    parts = coefficients(roster)
    operation = roster.operation(public_plants(roster.participants))
    return Books(
        replace(operation, takes_needs=takes_needs),
        Aggregates(counts, (), usual_of(community, counts, today, time_zone)),
        forecast,
        {
            one.id: PublishedMember(
                Member(
                    one.role, one.membership, parts.get(one.id, ()), (), place=one.turn
                ),
                keys[one.id],
            )
            for one in roster.participants
            if one.id in keys and one.agrees(today)
        },
        public,
        pages,
        anew,
    )


def new_turns(participants: tuple[Participant, ...]) -> tuple[Participant, ...]:
    """The same, each that follows the signal with a place of its own; nobody's changes."""
    taken = [one.turn for one in participants if one.follows and one.turn is not None]
    found = []
    for one in participants:
        if one.follows and one.turn is None:
            taken.append(next_place(taken))
            found.append(replace(one, turn=taken[-1]))
        else:
            found.append(one if one.follows else replace(one, turn=None))
    return tuple(found)


def known_counts(
    roster: Roster, community: Mapping[str, MonthPage], today: date
) -> tuple[Counts, ...]:
    """How many take part, from the first kept month on: so what may be public of it is known."""
    first = date.fromisoformat(f"{min(community)}-01") if community else today
    return counts_between(roster.participants, min(first, today), today + AHEAD)


def usual_of(
    community: Mapping[str, MonthPage],
    counts: tuple[Counts, ...],
    today: date,
    time_zone: ZoneInfo,
) -> Usual | None:
    """What is usual in each month of the last year; None where it would tell of somebody."""
    if not may_be_public(Quantity.BASE_WITHDRAWAL, in_force(counts, today)):
        return None
    # A month may be of a time when too few took part.
    blocks = [
        block
        for page in public_pages(community, counts, time_zone)
        for block in page.blocks
    ]
    days = usual_days(blocks, time_zone)
    return Usual(days, usual_errors(days, blocks, time_zone)) if days else None


def public_pages(
    community: Mapping[str, MonthPage],
    counts: tuple[Counts, ...],
    time_zone: ZoneInfo,
) -> Iterator[MonthPage]:
    """The months of the last year, the oldest first, as far as they may be public."""
    for month in sorted(community)[-MONTHS_IN_YEAR:]:
        if page := public_page(community[month], counts, time_zone):
            yield page
