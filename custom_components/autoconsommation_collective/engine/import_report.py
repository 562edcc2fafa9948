"""What an import changed and what is odd about it, month by month, and against the own meter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from .blocks import Block, MonthPage, Quantity
from .meter_match import MeterMatch, meter_match
from .reconcile import PAIRS, Changes, Flawed, changes, flaws


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


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import."""

    months: tuple[MonthReport, ...]
    match: MeterMatch | None
    """Against the home's own record; None: too little to compare."""

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
) -> ImportReport:
    """What an import of pages did to the months as they count.

    `own` is what the home's meter recorded; `key` tells the key of a month.
    """
    rest, months = tuple(complement), []
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
                )
            )
    blocks = [block for page in delivered for block in page.blocks]
    drawn = [block for block in blocks if Quantity.CONSUMPTION in block.energies]
    return ImportReport(tuple(months), meter_match(drawn, own, time_zone))
