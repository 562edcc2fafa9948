"""What an organiser may publish: rules about people, which no reader of a feed can enforce.

Each rule gives its findings as text; the contract itself is `pmo/`, and `docs/PMO_FEED.md`
tells why ("What may be public").
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Counts,
    MonthReference,
    Operation,
    in_force,
)

LEAST_BEHIND_A_SUM = 10
"""Homes or plants a published sum must hide each of them among."""

_DECIMALS_OF_A_POSITION = 2
"""About a kilometre: enough for the weather, too coarse for a roof."""

_INJECTION = frozenset({Quantity.SHARED_INJECTION, Quantity.ALLOCATED})
_WITHDRAWAL = frozenset(
    {Quantity.BASE_WITHDRAWAL, Quantity.TOTAL_WITHDRAWAL, Quantity.ALLOCATED}
)
"""Allocated is the smaller of both sides at each step, so it tells about both."""


def exact_positions(operation: Operation) -> Iterator[str]:
    """Plants whose position could be a roof."""
    for index, plant in enumerate(operation.plants):
        for degrees in (plant.latitude_deg, plant.longitude_deg):
            if (
                degrees is not None
                and round(degrees, _DECIMALS_OF_A_POSITION) != degrees
            ):
                yield f"plants[{index}]: position not rounded to 0.01°"


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
        for day in _days(block, time_zone):
            for quantity in measured & block.energies.keys():
                if not _may_be_public(quantity, in_force(counts, day)):
                    found.setdefault(quantity, day)
    for quantity, day in sorted(found.items()):
        yield f"{quantity}_wh: too few stand behind it on {day}"


def _may_be_public(quantity: Quantity, counts: tuple[Counts, ...]) -> bool:
    """Whether nobody can be told from the sum; without counts nobody knows."""
    if not counts:
        return False
    return (quantity not in _INJECTION or _hides_injection(counts[0])) and (
        quantity not in _WITHDRAWAL or counts[0].members >= LEAST_BEHIND_A_SUM
    )


def _hides_injection(counts: Counts) -> bool:
    """Whether no household's injection shows: there is none, or enough plants with it."""
    plants = counts.household_producers + counts.non_household_plants
    return counts.household_producers == 0 or plants >= LEAST_BEHIND_A_SUM


def _days(block: Block, time_zone: ZoneInfo) -> Iterator[date]:
    """Local days a block touches."""
    day = block.start.astimezone(time_zone).date()
    last = (block.end - block.step).astimezone(time_zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
