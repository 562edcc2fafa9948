"""What steering a load gained, against what it would have drawn without.

Each need is looked at once it is over: the same energy, drawn by the default schedule of those very
hours, through the same settlement. Estimated first; put right when the settlement comes. A loss is
a loss. A need of which anything is not known counts as unknown as a whole: half of one, such as
the night without the noon, would pass for a gain.

What a step covers is taken as it was settled, whatever the load draws in it. Under pro rata that is
right where the load is small beside all that is withdrawn; under a static key it is exact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
import math
from typing import Any, Final

import numpy as np

from .blocks import MINUTE, Block, Quantity
from .grid import Grid, energies_on
from .indicators import WH_PER_KWH

SMALL_WH: Final = 0.5
"""Less is rounding of a meter."""
STANDBY_PART: Final = 0.05
"""Of the most that is drawn in a step: what stays below is lamps and a clock, and is not moved."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A load in one settlement step."""

    start: datetime
    """UTC."""
    actual_wh: float
    """Drawn; NaN: not known."""
    default_wh: float
    """What it would have drawn by its default schedule; NaN while the need is not over, and
    where a part of what was drawn for it is not known."""
    supplier_eur: float
    """€/kWh; NaN: not known."""
    allocated_eur: float
    """€/kWh; NaN: not known."""
    coverage: float
    """Part of what was drawn that the operation covers, in [0, 1]; NaN: not known."""
    is_off_peak: bool = True
    """Whether the default schedule lets it draw."""
    is_controlled: bool = False
    """Whether the plan switched it; else it was observed."""
    is_settled: bool = False
    """Whether the coverage is settled; else it is estimated."""
    default_coverage: float | None = None
    """Of what it would have drawn, as it is settled under a static key; None: the same."""
    need: datetime | None = None
    """When the need began that it was drawn for; None: it is not over."""

    @property
    def cost_eur(self) -> float:
        """What it cost; NaN: not known."""
        return self._eur(self.actual_wh, self.coverage)

    @property
    def default_cost_eur(self) -> float:
        """What it would have cost; NaN: not known."""
        return self._eur(self.default_wh, self.coverage_by_default)

    @property
    def coverage_by_default(self) -> float:
        """Part of what it would have drawn that the operation would have covered."""
        return self.coverage if self.default_coverage is None else self.default_coverage

    def _eur(self, wh: float, coverage: float) -> float:
        """A price that nothing is bought at need not be known."""
        covered = coverage * wh
        if wh == 0:
            return 0.0
        allocated = covered * self.allocated_eur if covered else 0.0
        rest = (wh - covered) * self.supplier_eur if wh != covered else 0.0
        return (allocated + rest) / WH_PER_KWH


@dataclass(frozen=True, slots=True)
class Gain:
    """What was gained, over some entries."""

    shifted_wh: float = 0.0
    """Drawn in other steps than by default."""
    covered_wh: float = 0.0
    """Covered by the operation."""
    covered_default_wh: float = 0.0
    """The same by default."""
    cost_eur: float = 0.0
    default_cost_eur: float = 0.0
    compared_wh: float = 0.0
    """Drawn, and drawn by default, together."""
    settled_wh: float = 0.0
    """Of that, in steps whose coverage is settled."""
    unknown_needs: int = 0
    """Needs of which something is not known: nothing of them is in the other numbers."""

    @property
    def saved_eur(self) -> float:
        """Against the default schedule; negative: lost."""
        return self.default_cost_eur - self.cost_eur

    @property
    def settled_part(self) -> float:
        """Of the energy, whose coverage is settled, in [0, 1]."""
        return self.settled_wh / self.compared_wh if self.compared_wh else 0.0


def concluded(entries: Sequence[Entry], highest_wh: float) -> tuple[Entry, ...]:
    """A need that is over: the same energy in its default hours, from their beginning on.

    What these hours do not hold is drawn in the others, the first ones first. What is drawn
    in standby stays where it is. Steps in which nothing is drawn either way are left out.
    """
    ordered = _in_order(entries)
    standby_wh = max(SMALL_WH, STANDBY_PART * highest_wh)
    moved = [e.actual_wh if e.actual_wh > standby_wh else 0.0 for e in ordered]
    by_default = [e.actual_wh - wh for e, wh in zip(ordered, moved, strict=True)]
    left = math.fsum(moved)
    for is_off_peak in (True, False):
        for n, entry in enumerate(ordered):
            if entry.is_off_peak is is_off_peak and left > 0:
                taken = min(highest_wh, left)
                by_default[n] += taken
                left -= taken
    if by_default:
        by_default[-1] += left  # it drew more than it should be able to
    return _kept(ordered, by_default)


def concluded_cycle(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """A programme that is over: by default it would have begun with the first entry."""
    ordered = _in_order(entries)
    actual = [entry.actual_wh for entry in ordered]
    standby_wh = max(SMALL_WH, STANDBY_PART * max(actual, default=0.0))
    first = next((n for n, wh in enumerate(actual) if wh > standby_wh), 0)
    return _kept(ordered, actual[first:] + actual[:first])


def concluded_alike(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """A load without a default, as one that only adds heat: nothing counts as shifted."""
    ordered = _in_order(entries)
    return _kept(ordered, [entry.actual_wh for entry in ordered])


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.start)


def _kept(entries: Sequence[Entry], by_default: Sequence[float]) -> tuple[Entry, ...]:
    """The entries of one need, in order; it was controlled where all of it was."""
    has_hole = any(math.isnan(entry.actual_wh) for entry in entries)
    is_controlled = all(entry.is_controlled for entry in entries)
    found = (
        replace(
            entry,
            default_wh=math.nan if has_hole else wh,
            is_controlled=is_controlled,
            need=entries[0].start,
        )
        for entry, wh in zip(entries, by_default, strict=True)
    )
    return tuple(
        entry
        for entry in found
        if math.isnan(entry.actual_wh)
        or entry.actual_wh > SMALL_WH
        or entry.default_wh > SMALL_WH
    )


def settled(
    entries: Sequence[Entry],
    blocks: Iterable[Block],
    step: timedelta,
    *,
    own_part: bool,
    others: Iterable[Entry] = (),
    part: Iterable[Block] = (),
) -> tuple[Entry, ...]:
    """The entries of a load with the coverage of the settlement, where it tells one.

    Under a static key `own_part` is true; then the entries of the home's other loads are to
    be told, too, and its part of the SHARED_INJECTION by step, where that is known.
    """
    if not entries:
        return ()
    first = min(entry.start for entry in entries)
    last = max(entry.start for entry in entries)
    grid, known = Grid(first, step, (last - first) // step + 1), list(blocks)
    consumption = energies_on(grid, known, Quantity.CONSUMPTION)
    allocated = energies_on(grid, known, Quantity.ALLOCATED)
    own = energies_on(grid, part, Quantity.SHARED_INJECTION)
    beside: defaultdict[datetime, list[Entry]] = defaultdict(list)
    for other in others:
        beside[other.start].append(other)
    found = []
    for entry in entries:
        n = (entry.start - first) // step
        told = float(consumption[n]), float(allocated[n])
        coverage, by_default = pro_rata(*told), None
        if own_part:
            drawn_wh = math.fsum(e.actual_wh for e in (entry, *beside[entry.start]))
            room_wh = left_by_base(*told, drawn_wh, float(own[n]))
            coverage, by_default = _shared(room_wh, entry, beside[entry.start])
        if not math.isnan(coverage):
            entry = replace(
                entry, coverage=coverage, default_coverage=by_default, is_settled=True
            )
        found.append(entry)
    return tuple(found)


def pro_rata(consumption_wh: float, allocated_wh: float) -> float:
    """Coverage of each kWh of a step where all are covered alike; NaN: it does not tell.

    Code de l'énergie D315-6: without coefficients from the organiser, production is shared
    in proportion to consumption, and no kWh of a home is before another.
    """
    if not consumption_wh > 0 or math.isnan(allocated_wh):
        return math.nan
    return min(1.0, allocated_wh / consumption_wh)


def left_by_base(
    consumption_wh: float,
    allocated_wh: float,
    drawn_wh: float,
    part_wh: float = math.nan,
) -> float:
    """What a home's own part of a step leaves for its loads; NaN: it does not tell.

    Code de l'énergie D315-6: a fixed coefficient of the production, at most the consumption.
    `drawn_wh` is of all loads: the base use, which runs without any plan, comes first. Where
    the part was used up, it is what was allocated; elsewhere it is `part_wh` and, where that
    is not known, without end: what might have been covered counts as covered, so that no gain
    rests on what nobody knows.
    """
    if not consumption_wh > 0 or math.isnan(allocated_wh + drawn_wh):
        return math.nan
    if allocated_wh < consumption_wh - SMALL_WH:
        part_wh = allocated_wh
    elif math.isnan(part_wh):
        return math.inf
    base_wh = max(0.0, consumption_wh - drawn_wh)
    return max(0.0, max(part_wh, allocated_wh) - base_wh)


def _shared(
    room_wh: float, entry: Entry, others: Iterable[Entry]
) -> tuple[float, float]:
    """Coverage of a load that shares the room with others of the step, and by default.

    What stays where it is by default comes before what was moved, so that a load that is not
    moved neither gains nor loses by those that are; within each, all are covered alike.
    """
    if math.isnan(room_wh):
        return math.nan, math.nan
    stays, came, left = zip(
        _moves(entry, is_moved=True),
        *(_moves(e, is_moved=e.is_controlled is entry.is_controlled) for e in others),
        strict=True,
    )
    staying = _part(room_wh, math.fsum(stays))
    rest_wh = max(0.0, room_wh - staying * math.fsum(stays))
    coverages = []
    for moved in (came, left):
        wh = stays[0] + moved[0]
        covered = stays[0] * staying + moved[0] * _part(rest_wh, math.fsum(moved))
        coverages.append(covered / wh if wh > 0 else staying)
    return coverages[0], coverages[1]


def _moves(entry: Entry, *, is_moved: bool) -> tuple[float, float, float]:
    """What stays, what was moved to the step, what was moved away from it."""
    actual = entry.actual_wh
    is_moved = is_moved and not math.isnan(entry.default_wh)
    default = entry.default_wh if is_moved else actual
    stays = min(actual, default)
    return stays, actual - stays, default - stays


def _part(room_wh: float, drawn_wh: float) -> float:
    """What part of an energy there is room for."""
    return min(1.0, room_wh / drawn_wh) if drawn_wh > 0 else 1.0


def gain(entries: Iterable[Entry], *, is_controlled: bool) -> Gain:
    """What a load gained on the needs that are over, of those switched by the plan or not."""
    needs: defaultdict[datetime, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.is_controlled is is_controlled and entry.need is not None:
            needs[entry.need].append(entry)
    return sum_of(_of_need(parts) for parts in needs.values())


def _of_need(entries: Sequence[Entry]) -> Gain:
    """All of it, or that it is not known."""
    costs = [(entry.cost_eur, entry.default_cost_eur) for entry in entries]
    if any(math.isnan(cost + default) for cost, default in costs):
        return Gain(unknown_needs=1)
    compared = [entry.actual_wh + entry.default_wh for entry in entries]
    is_settled = [entry.is_settled for entry in entries]
    return Gain(
        shifted_wh=math.fsum(max(0.0, e.actual_wh - e.default_wh) for e in entries),
        covered_wh=math.fsum(e.actual_wh * e.coverage for e in entries),
        covered_default_wh=math.fsum(
            e.default_wh * e.coverage_by_default for e in entries
        ),
        cost_eur=math.fsum(cost for cost, _ in costs),
        default_cost_eur=math.fsum(default for _, default in costs),
        compared_wh=math.fsum(compared),
        settled_wh=math.fsum(
            wh for wh, known in zip(compared, is_settled, strict=True) if known
        ),
    )


def sum_of(gains: Iterable[Gain]) -> Gain:
    """Several gains together."""
    columns = zip(*map(astuple, (Gain(), *gains)), strict=True)
    totals: list[Any] = [math.fsum(column) for column in columns]
    totals[-1] = int(totals[-1])
    return Gain(*totals)


def drawn_by_step(entries: Iterable[Entry], step: timedelta) -> tuple[Block, ...]:
    """What a load drew, as blocks of consecutive steps."""
    runs = groupby(
        enumerate(_in_order(entries)), key=lambda pair: pair[1].start - pair[0] * step
    )
    blocks = []
    for _, run in runs:
        together = [entry for _, entry in run]
        wh = np.array([entry.actual_wh for entry in together])
        blocks.append(Block(together[0].start, step, {Quantity.CONSUMPTION: wh}))
    return tuple(blocks)


def base_use(
    own: Iterable[Block], drawn: Iterable[Sequence[Block]]
) -> tuple[Block, ...]:
    """A home's consumption without what its loads drew, each load's blocks by themselves.

    Loads move with the share: a habit learned with them would claim the share for itself.
    """
    loads = list(drawn)
    found = []
    for block in own:
        if Quantity.CONSUMPTION not in block.energies:
            found.append(block)
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        left = block.energies[Quantity.CONSUMPTION]
        for blocks in loads:
            taken = energies_on(grid, blocks, Quantity.CONSUMPTION)
            left = np.maximum(left - np.nan_to_num(taken), 0.0)
        energies = {**block.energies, Quantity.CONSUMPTION: left}
        found.append(replace(block, energies=energies))
    return tuple(found)


_NUMBERS: Final = {
    "actual_wh": 1,
    "default_wh": 1,
    "supplier_eur": 5,
    "allocated_eur": 5,
    "coverage": 4,
}
"""How many digits of them are stored."""
_FLAGS: Final = ("is_off_peak", "is_controlled", "is_settled")


def stored_entries(entries: Sequence[Entry]) -> dict[str, Any]:
    """The entries of a load as JSON values: a list of each number, times in minutes.

    What is not known is null.
    """
    if not entries:
        return {}
    first = min(entry.start for entry in entries)

    rows = [asdict(entry) for entry in entries]

    def minutes(name: str) -> list[int | None]:
        return [row[name] and (row[name] - first) // MINUTE for row in rows]

    def rounded(name: str, digits: int) -> list[float | None]:
        values = (row[name] for row in rows)
        return [
            None if value is None or math.isnan(value) else round(value, digits)
            for value in values
        ]

    return {
        "first": first.isoformat(),
        "start": minutes("start"),
        "need": minutes("need"),
        **{name: rounded(name, digits) for name, digits in _NUMBERS.items()},
        "default_coverage": rounded("default_coverage", _NUMBERS["coverage"]),
        **{name: [int(row[name]) for row in rows] for name in _FLAGS},
    }


def restored_entries(stored: object) -> tuple[Entry, ...]:
    """The entries that can be read; the others are lost."""
    names = ("start", "need", "default_coverage", *_NUMBERS, *_FLAGS)
    try:
        told: Any = stored
        first = datetime.fromisoformat(told["first"])
        rows = list(zip(*(told[name] for name in names), strict=False))
    except KeyError, TypeError, ValueError:
        return ()
    found = []
    for row in rows if first.tzinfo is not None else ():
        try:
            found.append(_restored(first, dict(zip(names, row, strict=True))))
        except TypeError, ValueError, OverflowError:
            continue
    return tuple(found)


def _restored(first: datetime, row: dict[str, Any]) -> Entry:
    """One of them. Raises TypeError, ValueError, OverflowError on anything else."""
    need, by_default = row["need"], row["default_coverage"]
    values: list[Any] = [
        first + row["start"] * MINUTE,
        *(math.nan if row[name] is None else float(row[name]) for name in _NUMBERS),
        *(bool(row[name]) for name in _FLAGS),
        None if by_default is None else float(by_default),
        None if need is None else first + need * MINUTE,
    ]
    return Entry(*values)
