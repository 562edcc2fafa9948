"""What an organiser expects of the coming days, from what everybody may know already.

The weather over the plants as they are published, put right by the months that are; the usual
days; and what all followers need, told by enough of them or usual. So the forecast of an
evening tells of nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.calibration import put_right
from ..engine.grid import Grid, energies_on
from ..engine.metering import EPOCH
from ..engine.model import FlexibleNeed, in_force
from ..engine.publishable import DAY, may_be_public, public_plants
from ..engine.roster import Roster, members_on
from ..engine.settlement import settled_blocks
from ..engine.slots import midnight_of
from ..engine.solar import Site, not_modelled, sites
from ..engine.told_needs import ToldNeeds, needed_on
from ..engine.usual import usual_on
from .organised_feed import known_counts, public_pages, usual_of
from .pages import Forecast

WHOLE_DAYS: Final = 2
"""Tomorrow and the day after, beside what is left of the evening: until the next forecast a
home always knows 24 hours, without which it asks for the weather itself."""


def forecast_grid(now: datetime, step: timedelta, time_zone: ZoneInfo) -> Grid:
    """The steps that are foreseen at an instant, the one in progress first."""
    start = EPOCH + (now - EPOCH) // step * step
    after = now.astimezone(time_zone).date() + (WHOLE_DAYS + 1) * DAY
    return Grid(start, step, (midnight_of(after, time_zone) - start) // step)


def whole_sites(roster: Roster, day: date) -> tuple[Site, ...]:
    """Where the weather tells what all plants together give on a day.

    None where it does not tell it of each: a sum without one would pass for the whole.
    """
    producers = [
        one for one in members_on(roster.participants, day) if one.role.produces
    ]
    plants = public_plants(producers)
    is_told = all(one.panels and one.place for one in producers)
    if not is_told or not_modelled(plants, day):
        return ()
    return sites(plants, day)


def organised_forecast(
    roster: Roster,
    community: Mapping[str, MonthPage],
    modelled: Sequence[Block],
    needs: ToldNeeds,
    now: datetime,
    attribution: str,
) -> Forecast:
    """What is expected from now on; of what is not known, or may not be public, nothing.

    `modelled` is the PRODUCTION of all plants by the weather of a service that is to be named,
    empty where it is not known.
    """
    time_zone = ZoneInfo(roster.time_zone)
    today = now.astimezone(time_zone).date()
    counts = known_counts(roster, community, today)
    grid = forecast_grid(now, roster.step, time_zone)
    days = [today + n * DAY for n in range(WHOLE_DAYS + 1)]
    quantity = Quantity.SHARED_INJECTION
    public = public_pages(community, counts, time_zone)
    _, right, _ = put_right(modelled, settled_blocks(public), quantity)
    energies = {quantity: energies_on(grid, right, quantity)}
    usual = usual_of(community, counts, today, time_zone)
    is_public = all(
        may_be_public(Quantity.BASE_WITHDRAWAL, in_force(counts, day)) for day in days
    )
    if usual and is_public:
        drawn = usual_on(grid, usual.days, time_zone)
        energies[Quantity.BASE_WITHDRAWAL] = drawn
    known = {q: wh for q, wh in energies.items() if not np.isnan(wh).all()}
    return Forecast(
        now.replace(microsecond=0),
        (Block(grid.start, grid.step, known),) if known else (),
        tuple(_needs(roster, needs, days[1:])),
        attribution=attribution if modelled else None,
    )


def _needs(
    roster: Roster, needs: ToldNeeds, days: Sequence[date]
) -> Iterator[FlexibleNeed]:
    """What all followers need on each of the days."""
    for day in days:
        members = members_on(roster.participants, day)
        followers = [one.id for one in members if one.follows]
        if need := needed_on(day, followers, needs.told_wh(day)):
            yield need
