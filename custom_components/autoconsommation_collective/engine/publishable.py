"""What may be told of all members together, so that nobody can be told from it.

A sum over few homes tells what one of them does. `docs/PMO_FEED.md`, "What may be public".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from itertools import groupby
from typing import Final

import numpy as np

from .blocks import Block, Energies, MonthPage, Quantity
from .claim import USUAL_NEED_WH
from .grid import Grid, local_steps
from .model import Counts, Plant, Validity, in_force
from .roster import Panels, Participant, Place, members_on
from .slots import midnight_of
from .usual import base_withdrawal

LEAST_BEHIND_A_SUM: Final = 10
"""Homes or plants a published sum must hide each of them among."""
LEAST_BEHIND_A_NEED: Final = 3
"""Of two homes each would know the need of the other."""
DECIMALS_OF_A_POSITION: Final = 2
"""About a kilometre: enough for the weather, too coarse for a roof."""

DAY: Final = timedelta(days=1)
INJECTION: Final = frozenset({Quantity.SHARED_INJECTION, Quantity.ALLOCATED})
WITHDRAWAL: Final = frozenset(
    {Quantity.BASE_WITHDRAWAL, Quantity.TOTAL_WITHDRAWAL, Quantity.ALLOCATED}
)
"""Allocated is the smaller of both sides at each step, so it tells about both."""


def may_be_public(quantity: Quantity, counts: Sequence[Counts]) -> bool:
    """Whether nobody can be told from the sum of a day; without counts nobody knows."""
    if not counts:
        return False
    return (quantity not in INJECTION or hides_injection(counts[0])) and (
        quantity not in WITHDRAWAL or hides_withdrawal(counts[0])
    )


def hides_injection(counts: Counts) -> bool:
    """Whether no household's injection shows: there is none, or enough plants with it."""
    plants = counts.household_producers + counts.non_household_plants
    return counts.household_producers == 0 or plants >= LEAST_BEHIND_A_SUM


def hides_withdrawal(counts: Counts) -> bool:
    """Whether enough withdraw that a sum tells of nobody."""
    return counts.members >= LEAST_BEHIND_A_SUM


def hides_followers(counts: Counts) -> bool:
    """Whether what followers steer may be told apart from what all draw."""
    return not counts.followers or counts.followers >= LEAST_BEHIND_A_SUM


def days_of(block: Block, time_zone: tzinfo) -> Iterator[date]:
    """Local days a block touches."""
    day = block.start.astimezone(time_zone).date()
    last = (block.end - block.step).astimezone(time_zone).date()
    while day <= last:
        yield day
        day += DAY


def public_page(
    page: MonthPage, counts: Sequence[Counts], time_zone: tzinfo
) -> MonthPage | None:
    """The sums of a month that may be public, day by day; None where none may.

    Of few followers the base is made of the sums alone: what all draw less what their homes
    draw would tell when these are at home.
    """
    blocks: list[Block] = []
    for block in page.blocks:

        def public_on(
            day: date, block: Block = block
        ) -> tuple[frozenset[Quantity], int]:
            known = in_force(counts, day)
            quantities = (q for q in block.energies if may_be_public(q, known))
            few = (c.followers or 0 for c in known if not hides_followers(c))
            return frozenset(quantities), max(few, default=0)

        for (quantities, n_few), run in groupby(days_of(block, time_zone), public_on):
            days = list(run)
            start, end = (midnight_of(d, time_zone) for d in (days[0], days[-1] + DAY))
            part = block.cut(start, end)
            if part is not None and quantities:
                energies = {q: wh for q, wh in part.energies.items() if q in quantities}
                if n_few and Quantity.BASE_WITHDRAWAL in energies:
                    base = base_of_few(part, n_few, time_zone)
                    energies[Quantity.BASE_WITHDRAWAL] = base
                blocks.append(replace(part, energies=energies))
    return replace(page, blocks=tuple(blocks)) if blocks else None


def base_of_few(block: Block, n_followers: int, time_zone: tzinfo) -> Energies:
    """BASE_WITHDRAWAL of all, made of TOTAL_WITHDRAWAL and SHARED_INJECTION and nothing else.

    As if all were one home that steers the usual need of so many.
    """
    return np.floor(
        base_withdrawal(
            block.energies[Quantity.TOTAL_WITHDRAWAL][:, None],
            block.energies[Quantity.SHARED_INJECTION],
            [True],
            n_followers * USUAL_NEED_WH,
            local_steps(Grid(block.start, block.step, block.n_steps), time_zone),
        )
    )


def counts_between(
    participants: Sequence[Participant], first: date, last: date
) -> tuple[Counts, ...]:
    """How many take part on each day, by stretches of days; last day included, open at the end."""
    found: list[Counts] = []
    for n in range((last - first).days + 1):
        counts = _counts(participants, first + n * DAY)
        if found and replace(counts, validity=found[-1].validity) == found[-1]:
            continue
        if found:
            ended = replace(found[-1].validity, last_day=first + (n - 1) * DAY)
            found[-1] = replace(found[-1], validity=ended)
        found.append(counts)
    return tuple(found)


def _counts(participants: Iterable[Participant], day: date) -> Counts:
    """How many take part from that day on."""
    taking_part = members_on(participants, day)
    producers = [one for one in taking_part if one.role.produces]
    return Counts(
        members=sum(one.consumes for one in taking_part),
        household_producers=sum(one.is_household for one in producers),
        non_household_plants=sum(not one.is_household for one in producers),
        validity=Validity(day),
        followers=sum(one.follows for one in taking_part),
    )


def public_plants(participants: Iterable[Participant]) -> tuple[Plant, ...]:
    """The plants as everybody may know them: households as one group by commune and stretch.

    A group of one shows no position; positions are rounded to about a kilometre. A plant of
    which nobody told where it stands or how large it is, is left out.
    """
    told = [
        (one, one.panels, one.place, span)
        for one in participants
        if one.role.produces and one.panels and one.place
        for span in one.membership
    ]
    alone = [
        _alone(panels, place, span)
        for one, panels, place, span in told
        if not one.is_household
    ]
    groups: dict[tuple[str, Validity], list[tuple[Panels, Place]]] = {}
    for one, panels, place, span in told:
        if one.is_household:
            groups.setdefault((place.commune, span), []).append((panels, place))
    together = [_together(*key, group) for key, group in groups.items()]
    return tuple(
        alone + sorted(together, key=lambda plant: (plant.commune, str(plant.validity)))
    )


def _alone(panels: Panels, place: Place, span: Validity) -> Plant:
    return Plant(
        panels.kind,
        panels.peak_power_kw,
        place.commune,
        span,
        round(place.latitude_deg, DECIMALS_OF_A_POSITION),
        round(place.longitude_deg, DECIMALS_OF_A_POSITION),
        panels.tilt_deg,
        panels.azimuth_deg,
    )


def _together(
    commune: str, span: Validity, group: Sequence[tuple[Panels, Place]]
) -> Plant:
    """The sum of their power, in the middle of them; the slope of many roofs is none."""

    def middle(degrees: Iterable[float]) -> float | None:
        mean = sum(degrees) / len(group)
        return round(mean, DECIMALS_OF_A_POSITION) if len(group) > 1 else None

    return Plant(
        group[0][0].kind,
        round(sum(panels.peak_power_kw for panels, _ in group), 1),
        commune,
        span,
        middle(place.latitude_deg for _, place in group),
        middle(place.longitude_deg for _, place in group),
        households=len(group),
    )
