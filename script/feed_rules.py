"""What an organiser may publish, and what members need: rules no reader of a feed can enforce.

Each rule gives its findings as text; the contract itself is `pmo/`, and `docs/PMO_FEED.md`
tells why ("What may be public"). Time is an argument.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.model import (
    Counts,
    KeyType,
    Member,
    MonthReference,
    Operation,
    Plant,
    Role,
    Usual,
    in_force,
)
from custom_components.autoconsommation_collective.engine.publishable import (
    DAY,
    DECIMALS_OF_A_POSITION,
    LEAST_BEHIND_A_NEED,
    days_of,
    hides_followers,
    may_be_public,
)
from custom_components.autoconsommation_collective.engine.slots import midnight_of
from custom_components.autoconsommation_collective.engine.told_needs import (
    LEAST_TELLING,
)
from custom_components.autoconsommation_collective.pmo.pages import Forecast


def telling_positions(operation: Operation) -> Iterator[str]:
    """Plants whose position could be a roof, or tells of one household."""
    for index, plant in enumerate(operation.plants):
        for degrees in _position(plant):
            if round(degrees, DECIMALS_OF_A_POSITION) != degrees:
                yield f"plants[{index}]: position not rounded to 0.01°"
        if _position(plant) and plant.households == 1:
            yield f"plants[{index}]: position of a single household"


def _position(plant: Plant) -> list[float]:
    """Degrees that are published."""
    position = (plant.latitude_deg, plant.longitude_deg)
    return [degrees for degrees in position if degrees is not None]


def missing_key(operation: Operation, today: date) -> Iterator[str]:
    """A day without a key: nobody can estimate anything."""
    if not in_force(operation.keys, today):
        yield f"keys: none in force on {today}"


def missing_coefficient(
    operation: Operation, member: Member, today: date
) -> Iterator[str]:
    """A consuming member without a part of the production, under a key that asks for one."""
    is_static = [key.type for key in in_force(operation.keys, today)] == [
        KeyType.STATIC
    ]
    is_sharing = member.role is not Role.PRODUCER and any(
        period.covers(today) for period in member.membership
    )
    if is_static and is_sharing and not in_force(member.coefficients, today):
        yield f"coefficients: none in force on {today}, under a static key"


def past_forecast(forecast: Forecast, now: datetime) -> Iterator[str]:
    """A forecast that was not published again in time; none at all is no fault."""
    if forecast.blocks and forecast.blocks[-1].end <= now:
        yield "the forecast ends in the past"


def doubtful_needs(forecast: Forecast, counts: tuple[Counts, ...]) -> Iterator[str]:
    """Needs that tell about a home, or that others than followers stand behind."""
    for need in forecast.flexible:
        if need.homes < LEAST_BEHIND_A_NEED:
            yield f"flexible: too few homes stand behind it on {need.day}"
        for count in in_force(counts, need.day):
            followers = count.members if count.followers is None else count.followers
            if need.homes > followers:
                yield (
                    f"flexible: {need.homes} homes on {need.day}, "
                    f"but at most {followers} follow the signal"
                )


def told_by_few(operation: Operation, forecast: Forecast) -> Iterator[str]:
    """Needs of fewer homes than hide one that told its own, where homes tell theirs."""
    for need in forecast.flexible if operation.takes_needs else ():
        if need.homes < LEAST_TELLING and need.energy_wh != need.homes * USUAL_NEED_WH:
            yield (
                f"flexible: {need.homes} homes on {need.day} are too few for what they "
                f"told: {USUAL_NEED_WH:.0f} Wh for each"
            )


def telling_errors(
    forecast: Forecast, counts: tuple[Counts, ...], today: date
) -> Iterator[str]:
    """Errors of a forecast of which too few withdraw: they tell how much that varies."""
    if forecast.errors and not may_be_public(
        Quantity.BASE_WITHDRAWAL, in_force(counts, today)
    ):
        yield f"errors: too few stand behind them on {today}"


def telling_usual(
    usual: Usual | None, counts: tuple[Counts, ...], today: date
) -> Iterator[str]:
    """Usual days of too few who withdraw: they tell how these live."""
    if (
        usual
        and usual.days
        and not may_be_public(Quantity.BASE_WITHDRAWAL, in_force(counts, today))
    ):
        yield f"usual: too few stand behind it on {today}"


def differing_page(reference: MonthReference, page: MonthPage) -> Iterator[str]:
    """A page that is not the one its index announces."""
    if page.revision != reference.revision:
        yield f"revision {page.revision}, but {reference.revision} in the index"
    if page.quality is not reference.quality:
        yield f"quality {page.quality}, but {reference.quality} in the index"


def too_few_behind(
    blocks: Iterable[Block],
    counts: tuple[Counts, ...],
    time_zone: ZoneInfo,
    measured: frozenset[Quantity],
) -> Iterator[str]:
    """Quantities with a day on which too few stand behind them, each with its first such day."""
    found: dict[Quantity, date] = {}
    for block in blocks:
        for day in days_of(block, time_zone):
            for quantity in measured & block.energies.keys():
                if not may_be_public(quantity, in_force(counts, day)):
                    found.setdefault(quantity, day)
    for quantity, day in sorted(found.items()):
        yield f"{quantity}_wh: too few stand behind it on {day}"


def telling_base(
    blocks: Iterable[Block], counts: tuple[Counts, ...], time_zone: ZoneInfo
) -> Iterator[str]:
    """The first day on which base and total withdrawal tell when too few followers steer.

    What lies below the total is to lie at one level: any other shape is one of their own.
    """
    for block in blocks:
        if (
            not {Quantity.TOTAL_WITHDRAWAL, Quantity.BASE_WITHDRAWAL}
            <= block.energies.keys()
        ):
            continue
        for day in days_of(block, time_zone):
            if all(map(hides_followers, in_force(counts, day))):
                continue
            start, end = (midnight_of(d, time_zone) for d in (day, day + DAY))
            if part := block.cut(start, end):
                base = part.energies[Quantity.BASE_WITHDRAWAL]
                below = base[base < part.energies[Quantity.TOTAL_WITHDRAWAL]]
                if len(np.unique(below)) > 1:
                    yield f"base_withdrawal_wh: too few steer what it leaves out on {day}"
                    return
