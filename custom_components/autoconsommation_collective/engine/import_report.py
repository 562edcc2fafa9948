"""What an import changed and what is odd about it, month by month, and against the own meter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

import numpy as np

from .blocks import Block, MonthPage, Quantity
from .estimate_check import EstimateCheck, estimate_check
from .grid import Grid, energies_on
from .meter_match import MeterMatch, meter_match
from .reconcile import PAIRS, Changes, Flawed, Source, changes, flaws
from .spread_pages import SpreadBy


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A month of an import."""

    month: str
    whole_wh: float
    """Consumed, or of a producer injected, as the month counts now."""
    part_wh: float
    """Of it allocated, or not shared."""
    is_producer: bool
    changes: Changes
    """Of the steps as they count: those of a better source do not change."""
    flaws: tuple[Flawed, ...]
    source: Source
    """Where what counts of it now comes from."""
    is_spread: bool
    """Whether only sums over some of its days are official."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import."""

    months: tuple[MonthReport, ...]
    match: MeterMatch | None
    """Against the home's own record; None: too little to compare."""
    source: Source
    """Where the import comes from."""
    estimates: EstimateCheck | None = None
    """How good those were that it takes the place of; None where there were none."""
    by: frozenset[SpreadBy] = frozenset()
    """What of spread steps is less than the home's own estimate."""

    @property
    def changes_anything(self) -> bool:
        """Whether a step is new or corrected."""
        return any(one.changes.new or one.changes.corrected for one in self.months)


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """What a month's key says of the home."""

    coefficient: float | None = None
    """Of a static key."""
    is_pro_rata: bool = False


def import_report(
    delivered: Sequence[MonthPage],
    complement: Iterable[Block],
    before: Mapping[str, MonthPage],
    after: Mapping[str, MonthPage],
    community: Mapping[str, MonthPage],
    own: Iterable[Block],
    key: Callable[[str], KeyInForce],
    time_zone: tzinfo,
    *,
    source: Source,
    counted_from: Mapping[str, Source],
    by: frozenset[SpreadBy] = frozenset(),
) -> ImportReport:
    """What an import of pages did to the months as they count.

    `own` is what the home's meter recorded; `key` tells the key of a month, `counted_from`
    the source of it that counts.
    """
    rest, held, months = tuple(complement), tuple(own), []
    for page in delivered:
        counted = after[page.month]
        in_force = key(page.month)
        found = flaws(
            page,
            community.get(page.month),
            complement=rest,
            coefficient=in_force.coefficient,
            is_pro_rata=in_force.is_pro_rata,
        )
        for n, (whole, part) in enumerate(PAIRS):
            changed = changes(before.get(page.month), counted, (whole, part))
            if page.total_wh(whole) is None or changed is None:
                continue
            months.append(
                MonthReport(
                    month=page.month,
                    whole_wh=counted.total_wh(whole) or 0.0,
                    part_wh=counted.total_wh(part) or 0.0,
                    is_producer=n > 0,
                    changes=changed,
                    flaws=found if n == 0 else (),
                    source=counted_from[page.month],
                    is_spread=counted.is_spread,
                )
            )
    blocks = [block for page in delivered for block in page.blocks]
    # The steps of a sum are made of the meter's: they would agree with it whatever it says.
    drawn = [
        block
        for block in blocks
        if Quantity.CONSUMPTION in block.energies and not block.is_spread
    ]
    news = [block for page in delivered for block in _news(page, before)]
    return ImportReport(
        tuple(months),
        meter_match(drawn, held, time_zone),
        source,
        estimate_check(news, held, time_zone),
        by,
    )


def _news(page: MonthPage, before: Mapping[str, MonthPage]) -> list[Block]:
    """Its blocks, with holes where a step was settled already."""
    held = before[page.month].blocks if page.month in before else ()
    known = [block for block in held if not block.is_spread]
    found = []
    for block in page.blocks:
        if (allocated := block.energies.get(Quantity.ALLOCATED)) is not None:
            grid = Grid(block.start, block.step, block.n_steps)
            is_new = np.isnan(energies_on(grid, known, Quantity.ALLOCATED))
            wh = np.where(is_new, allocated, np.nan)
            found.append(replace(block, energies={Quantity.ALLOCATED: wh}))
    return found
