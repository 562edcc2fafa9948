"""What steering a load gained, or would have gained while it was only observed.

Each need is looked at once it is over: the same energy, drawn otherwise (`counterfactual.py`),
through the same settlement. Estimated first; put right when the settlement comes
(`load_settlement.py`). A loss is a loss. A need of which anything is not known counts as unknown as
a whole: half of one, such as the night without the noon, would pass for a gain.

What a step covers is taken as it was settled, whatever the load draws in it. Under pro rata that is
right where the load is small beside all that is withdrawn; under a static key it is exact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
import math
from typing import Any, Final

from .blocks import MINUTE
from .indicators import WH_PER_KWH


@dataclass(frozen=True, slots=True)
class Entry:
    """A load in one settlement step."""

    start: datetime
    """UTC."""
    actual_wh: float
    """Drawn; NaN: not known."""
    other_wh: float
    """What it would have drawn otherwise: by its default schedule where the plan switched it, by
    the plan where it was observed. NaN while the need is not over, and where that is not known."""
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
    other_coverage: float | None = None
    """Of what it would have drawn otherwise, as it is settled under a static key; None: the
    same."""
    need: datetime | None = None
    """When the need began that it was drawn for; None: it is not over."""

    @property
    def cost_eur(self) -> float:
        """What it cost; NaN: not known."""
        return self._eur(self.actual_wh, self.coverage)

    @property
    def other_cost_eur(self) -> float:
        """What it would have cost otherwise; NaN: not known."""
        return self._eur(self.other_wh, self.coverage_otherwise)

    @property
    def coverage_otherwise(self) -> float:
        """Part of what it would have drawn otherwise that would have been covered."""
        return self.coverage if self.other_coverage is None else self.other_coverage

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
    """Covered by the operation, by the plan."""
    covered_default_wh: float = 0.0
    """The same by default."""
    cost_eur: float = 0.0
    """By the plan."""
    default_cost_eur: float = 0.0
    compared_wh: float = 0.0
    """Drawn by the plan, and by default, together."""
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


def gain(entries: Iterable[Entry], *, is_controlled: bool) -> Gain:
    """What a load gained on the needs that are over and that the plan switched.

    Of those that were only observed, what it would have gained.
    """
    needs: defaultdict[datetime, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.is_controlled is is_controlled and entry.need is not None:
            needs[entry.need].append(entry)
    return sum_of(_of_need(parts) for parts in needs.values())


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One of two ways to draw the energy of a need, over its steps."""

    wh: list[float]
    coverage: list[float]
    cost_eur: list[float]

    @property
    def covered_wh(self) -> float:
        pairs = zip(self.wh, self.coverage, strict=True)
        return math.fsum(wh * coverage for wh, coverage in pairs)


def _of_need(entries: Sequence[Entry]) -> Gain:
    """All of it, or that it is not known."""
    actual = _Drawn(
        [e.actual_wh for e in entries],
        [e.coverage for e in entries],
        [e.cost_eur for e in entries],
    )
    other = _Drawn(
        [e.other_wh for e in entries],
        [e.coverage_otherwise for e in entries],
        [e.other_cost_eur for e in entries],
    )
    if any(map(math.isnan, actual.cost_eur + other.cost_eur)):
        return Gain(unknown_needs=1)
    # What was observed was drawn by default, and otherwise by the plan.
    planned, default = (actual, other) if entries[0].is_controlled else (other, actual)
    moved = zip(planned.wh, default.wh, strict=True)
    return Gain(
        shifted_wh=math.fsum(max(0.0, wh - usual) for wh, usual in moved),
        covered_wh=planned.covered_wh,
        covered_default_wh=default.covered_wh,
        cost_eur=math.fsum(planned.cost_eur),
        default_cost_eur=math.fsum(default.cost_eur),
        compared_wh=math.fsum(actual.wh + other.wh),
        settled_wh=math.fsum(e.actual_wh + e.other_wh for e in entries if e.is_settled),
    )


def sum_of(gains: Iterable[Gain]) -> Gain:
    """Several gains together."""
    columns = zip(*map(astuple, (Gain(), *gains)), strict=True)
    totals: list[Any] = [math.fsum(column) for column in columns]
    totals[-1] = int(totals[-1])
    return Gain(*totals)


_NUMBERS: Final = {
    "actual_wh": 1,
    "other_wh": 1,
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
        "other_coverage": rounded("other_coverage", _NUMBERS["coverage"]),
        **{name: [int(row[name]) for row in rows] for name in _FLAGS},
    }


def restored_entries(stored: object) -> tuple[Entry, ...]:
    """The entries that can be read; the others are lost."""
    names = ("start", "need", "other_coverage", *_NUMBERS, *_FLAGS)
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
    need, by_default = row["need"], row["other_coverage"]
    values: list[Any] = [
        first + row["start"] * MINUTE,
        *(math.nan if row[name] is None else float(row[name]) for name in _NUMBERS),
        *(bool(row[name]) for name in _FLAGS),
        None if by_default is None else float(by_default),
        None if need is None else first + need * MINUTE,
    ]
    return Entry(*values)
