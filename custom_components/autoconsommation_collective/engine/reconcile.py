"""Which of several settlements of a month counts, what an import changed, and what is wrong in it.

One rule of precedence, of the whole month: settled before provisional; then by where it comes from,
the organiser's feed first, the operator's interface, a file, what was typed by hand; then the later
one. Only steps that the first does not know are taken from the next. Steps come before sums over a
period, wherever these come from: what a curve tells of a day is never replaced by an estimate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, MonthPage, Quantity
from .grid import Grid, energies_on
from .model import Quality

ROUNDING_WH: Final = 1.0
"""By which parts may miss their whole in a step: each is a whole Wh."""


PAIRS: Final = (
    (Quantity.CONSUMPTION, Quantity.ALLOCATED),
    (Quantity.PRODUCTION, Quantity.SURPLUS),
)
"""Whole and part of a consumer, and of a producer."""


class Source(StrEnum):
    """Where a settlement comes from, the most trusted first."""

    FEED = "feed"
    """The organiser's documents, with a revision of each."""
    API = "api"
    """The grid operator's interface, asked by the organiser."""
    FILE = "file"
    HAND = "hand"
    """Typed from a bill or a letter, and spread over its days."""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A month's settlement from one source."""

    source: Source
    page: MonthPage


def combined(held: Iterable[HeldPage]) -> MonthPage | None:
    """The month as it counts; None of none.

    What one page does not know is taken from the next of the same quality, where its steps
    are as long.
    """
    ordered = sorted(held, key=_rank)
    if not ordered:
        return None
    first = ordered[0].page
    pages = [one.page for one in ordered if one.page.quality is first.quality]
    if len(pages) == 1:
        return first
    blocks: list[Block] = []
    for is_spread in (False, True):
        alike = [[b for b in p.blocks if b.is_spread is is_spread] for p in pages]
        for number, of_page in enumerate(alike):
            for block in of_page:
                parts = _outside(block, blocks)
                blocks += (_filled(part, alike[number + 1 :]) for part in parts)
    return replace(first, blocks=tuple(sorted(blocks, key=lambda block: block.start)))


def counting(held: Iterable[HeldPage]) -> Source | None:
    """Where the month's settlement comes from, or most of it; None of none."""
    ordered = sorted(held, key=_rank)
    told = [one for one in ordered if not all(b.is_spread for b in one.page.blocks)]
    first = next(iter(told or ordered), None)
    return None if first is None else first.source


def is_same(one: MonthPage, other: MonthPage) -> bool:
    """Whether two pages of a month tell the same energies of the same steps."""
    if one.quality is not other.quality or len(one.blocks) != len(other.blocks):
        return False
    pairs = zip(one.blocks, other.blocks, strict=True)
    return all(
        (a.start, a.step, a.is_spread) == (b.start, b.step, b.is_spread)
        and a.energies.keys() == b.energies.keys()
        and all(
            np.array_equal(a.energies[q], b.energies[q], equal_nan=True)
            for q in a.energies
        )
        for a, b in pairs
    )


def _rank(held: HeldPage) -> tuple[int, int, int]:
    provisional = held.page.quality is not Quality.SETTLED
    return provisional, list(Source).index(held.source), -held.page.revision


def _filled(block: Block, others: Sequence[Sequence[Block]]) -> Block:
    """A block with its holes filled, of a pair together: parts of two sources do not add up."""
    grid = Grid(block.start, block.step, block.n_steps)
    alike = [[b for b in blocks if b.step == block.step] for blocks in others]
    energies = dict(block.energies)
    for pair in PAIRS:
        nothing = np.full(block.n_steps, np.nan)
        told = [energies.get(quantity, nothing) for quantity in pair]
        for blocks in alike:
            found = [energies_on(grid, blocks, quantity) for quantity in pair]
            takes = np.isnan(told[0] + told[1]) & ~np.isnan(found[0] + found[1])
            told = [np.where(takes, b, a) for a, b in zip(told, found, strict=True)]
        for quantity, wh in zip(pair, told, strict=True):
            if quantity in energies or not np.isnan(wh).all():
                energies[quantity] = wh
    return replace(block, energies=energies)


def _outside(block: Block, covered: Sequence[Block]) -> list[Block]:
    """The parts of a block that lie before, between and after others."""
    edges = sorted((one.start, one.end) for one in covered)
    gaps = zip(
        [block.start, *(end for _, end in edges)],
        [*(start for start, _ in edges), block.end],
        strict=True,
    )
    return [part for start, end in gaps if (part := block.cut(start, end))]


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import changed, in steps."""

    new: int = 0
    corrected: int = 0
    identical: int = 0
    missing: int = 0
    """Not known, in a page that knows others."""


def changes(
    before: MonthPage | None, after: MonthPage, pair: Sequence[Quantity]
) -> Changes | None:
    """What became of the steps of a whole and its part; None where the page has none of them."""
    blocks = [block for block in after.blocks if block.energies.keys() >= {*pair}]
    if not blocks:
        return None
    counts = np.zeros(4, dtype=int)
    for block in blocks:
        grid = Grid(block.start, block.step, block.n_steps)
        held = before.blocks if before else ()
        now = np.array([block.energies[q] for q in pair])
        then = np.array([energies_on(grid, held, q) for q in pair])
        was_known = ~np.isnan(then).any(axis=0)
        is_known = ~np.isnan(now).any(axis=0)
        both = was_known & is_known
        corrected = both & (np.abs(now - then) > ROUNDING_WH / 2).any(axis=0)
        counts += [
            int((is_known & ~was_known).sum()),
            int(corrected.sum()),
            int((both & ~corrected).sum()),
            int((~is_known).sum()),
        ]
    new, changed, same, missing = counts.tolist()
    return Changes(new, changed, same, missing)


class Flaw(StrEnum):
    """What does not add up in a settlement that is kept all the same."""

    PARTS = "parts"
    """Allocated and complement do not make the consumption."""
    BEYOND_KEY = "beyond_key"
    """More is allocated than the static key gives of what was injected."""
    BELOW_KEY = "below_key"
    """Less is, though more was consumed."""
    NOT_PRO_RATA = "not_pro_rata"
    """Another part of the consumption is allocated than of all members together."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """Steps in which something does not add up."""

    flaw: Flaw
    n_steps: int
    first: datetime
    """UTC; it tells where to look."""


def flaws(
    page: MonthPage,
    community: MonthPage | None,
    *,
    complement: Iterable[Block] = (),
    coefficient: float | None = None,
    is_pro_rata: bool = False,
) -> tuple[Flawed, ...]:
    """What does not add up, alone and against what is published of all members.

    `complement` is what the supplier delivered, COMPLEMENT, where the source tells it. Under a
    static key `coefficient` is the home's part (Code de l'énergie
    D315-6). Tolerance: a Wh for each number that was rounded.
    """
    found: dict[Flaw, list[datetime]] = {}
    for block in page.blocks:
        # Of a sum that was spread, no step is official.
        if block.is_spread or not block.energies.keys() >= set(PAIRS[0]):
            continue
        grid = Grid(block.start, block.step, block.n_steps)
        told = {q: block.energies[q] for q in PAIRS[0]}
        for flaw, wrong in _wrong(
            grid,
            told,
            energies_on(grid, complement, Quantity.COMPLEMENT),
            community,
            coefficient,
            is_pro_rata=is_pro_rata,
        ).items():
            steps = np.flatnonzero(wrong).tolist()
            starts = [grid.start + n * grid.step for n in steps]
            found.setdefault(flaw, []).extend(starts)
    return tuple(
        Flawed(flaw, len(starts), min(starts))
        for flaw, starts in found.items()
        if starts
    )


def _wrong(
    grid: Grid,
    told: Mapping[Quantity, Energies],
    complement: Energies,
    community: MonthPage | None,
    coefficient: float | None,
    *,
    is_pro_rata: bool,
) -> dict[Flaw, npt.NDArray[np.bool_]]:
    """Of each step whether it is wrong; a comparison with what is not known is not."""
    consumed, allocated = told[Quantity.CONSUMPTION], told[Quantity.ALLOCATED]
    found = {
        Flaw.PARTS: np.abs(consumed - allocated - complement) > 2 * ROUNDING_WH,
    }
    blocks = community.blocks if community else ()
    if coefficient is not None:
        injected = energies_on(grid, blocks, Quantity.SHARED_INJECTION)
        due = np.minimum(consumed, coefficient * injected)
        found[Flaw.BEYOND_KEY] = allocated > due + ROUNDING_WH
        found[Flaw.BELOW_KEY] = allocated < due - ROUNDING_WH
    if is_pro_rata:
        all_allocated = energies_on(grid, blocks, Quantity.ALLOCATED)
        withdrawn = energies_on(grid, blocks, Quantity.TOTAL_WITHDRAWAL)
        with np.errstate(divide="ignore", invalid="ignore"):
            due = consumed * all_allocated / withdrawn
        found[Flaw.NOT_PRO_RATA] = np.abs(allocated - due) > 2 * ROUNDING_WH
    return found
