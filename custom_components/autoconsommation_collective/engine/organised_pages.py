"""What comes of a month: who differs from the operator's figures, and the pages of each and all.

The computed split is held against the grid operator's own figures. Where the operator tells
what was allocated, that counts; elsewhere the computed one does, and the page is provisional.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, MonthPage, Quantity
from .delivery import Curve
from .grid import Grid, local_steps
from .keys import Matrix
from .model import Quality
from .organised_month import Split
from .roster import Participant
from .usual import base_withdrawal

TOLERANCE_WH: Final = 1.0
"""By which a step of the operator's may differ from the computed one: how it rounds is not
established."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A participant whose figure of the operator's is another than the computed one."""

    participant: str
    """Id."""
    computed_wh: float
    told_wh: float
    """Of the steps that are known of both."""
    n_steps: int
    """That differ by more than rounding."""
    first: datetime
    """UTC; the first of them."""


def differences(splits: Iterable[Split]) -> tuple[Difference, ...]:
    """Whose figures of the operator's are others than the computed ones, the furthest first."""
    found: dict[str, Difference] = {}
    for one in splits:
        stretch = one.stretch
        for people, told, computed in (
            (stretch.consumers, stretch.allocated, one.allocated),
            (stretch.producers, stretch.surplus, one.surplus),
        ):
            for column, participant in enumerate(people):
                pair = computed[:, column], told[:, column]
                if new := _difference(participant.id, stretch.grid, *pair):
                    before = found.get(participant.id)
                    found[participant.id] = _added(before, new) if before else new
    return tuple(sorted(found.values(), key=lambda d: -abs(d.computed_wh - d.told_wh)))


def missing(splits: Iterable[Split]) -> dict[str, int]:
    """By participant's id how many steps of its curve are missing; those of whom any is."""
    found: dict[str, int] = {}
    for one in splits:
        stretch = one.stretch
        holes: dict[str, npt.NDArray[np.bool_]] = {}
        for people, energies in (
            (stretch.consumers, stretch.consumption),
            (stretch.producers, stretch.production),
        ):
            # Of who consumes and produces, a step without either curve is one step.
            for participant, wh in zip(people, energies.T, strict=True):
                hole = np.isnan(wh)
                holes[participant.id] = holes.get(participant.id, False) | hole
        for participant_id, hole in holes.items():
            if n := int(hole.sum()):
                found[participant_id] = found.get(participant_id, 0) + n
    return found


def strangers(
    participants: Iterable[Participant], curves: Iterable[Curve]
) -> frozenset[str]:
    """Points that a delivery has and nobody in the list is. Personal."""
    known = {one.point for one in participants}
    return frozenset(
        curve.point for curve in curves if curve.point and curve.point not in known
    )


def member_pages(month: str, splits: Sequence[Split]) -> dict[str, MonthPage]:
    """Each participant's month by its id; a pair is known together or not at all."""
    blocks: dict[str, list[Block]] = {}
    computed: set[str] = set()
    for one in splits:
        for participant, energies, is_told in _columns(one):
            whole, part = energies.values()
            if np.isnan(whole + part).all():
                continue
            held = blocks.setdefault(participant, [])
            new = Block(one.stretch.grid.start, one.stretch.grid.step, energies)
            if held and held[-1].start == new.start:  # a prosumer's other side
                held[-1] = replace(new, energies={**held[-1].energies, **energies})
            else:
                held.append(new)
            if not is_told:
                computed.add(participant)
    return {
        participant: MonthPage(
            month,
            1,
            Quality.PROVISIONAL if participant in computed else Quality.SETTLED,
            tuple(found),
        )
        for participant, found in blocks.items()
    }


def community_page(
    month: str, splits: Sequence[Split], time_zone: tzinfo, steered_wh: float
) -> MonthPage | None:
    """Sums over all members by step; None where none is known. Not all of it may be public.

    The sum of what counts for each: what is published of all is what is published of each.
    `steered_wh` is what a home that follows the signal steers in a day.
    """
    blocks = []
    is_told = True
    for one in splits:
        allocated, _ = one.counted
        energies = {
            Quantity.SHARED_INJECTION: _sum(one.stretch.production),
            Quantity.TOTAL_WITHDRAWAL: _sum(one.stretch.consumption),
            Quantity.ALLOCATED: _sum(allocated),
            Quantity.BASE_WITHDRAWAL: np.floor(
                base_withdrawal(
                    one.stretch.consumption,
                    _sum(one.stretch.production),
                    [each.follows for each in one.stretch.consumers],
                    steered_wh,
                    local_steps(one.stretch.grid, time_zone),
                )
            ),
        }
        if np.isnan(energies[Quantity.ALLOCATED]).all():
            continue
        is_told = is_told and not np.isnan(_sum(one.stretch.allocated)).all()
        blocks.append(Block(one.stretch.grid.start, one.stretch.grid.step, energies))
    if not blocks:
        return None
    quality = Quality.SETTLED if is_told else Quality.PROVISIONAL
    return MonthPage(month, 1, quality, tuple(blocks))


def _sum(energies: Matrix) -> Energies:
    """Of all columns; NaN where one is not known, and where there are none, nothing."""
    total: Energies = energies.sum(axis=1)
    return total


def _columns(
    one: Split,
) -> Iterator[tuple[str, dict[Quantity, Energies], bool]]:
    """Each participant's pair of energies, known together, and whether the operator told all."""
    stretch = one.stretch
    allocated, surplus = one.counted
    for people, quantities, whole, part, told in (
        (
            stretch.consumers,
            (Quantity.CONSUMPTION, Quantity.ALLOCATED),
            stretch.consumption,
            allocated,
            stretch.allocated,
        ),
        (
            stretch.producers,
            (Quantity.PRODUCTION, Quantity.SURPLUS),
            stretch.production,
            surplus,
            stretch.surplus,
        ),
    ):
        for column, participant in enumerate(people):
            hole = np.isnan(whole[:, column] + part[:, column])
            pair = (
                np.where(hole, np.nan, whole[:, column]),
                np.where(hole, np.nan, part[:, column]),
            )
            is_told = not (np.isnan(told[:, column]) & ~hole).any()
            yield participant.id, dict(zip(quantities, pair, strict=True)), is_told


def _difference(
    participant: str, grid: Grid, computed: Energies, told: Energies
) -> Difference | None:
    both = ~np.isnan(computed + told)
    differs = both & (np.abs(computed - told) > TOLERANCE_WH)
    if not differs.any():
        return None
    return Difference(
        participant,
        float(computed[both].sum()),
        float(told[both].sum()),
        int(differs.sum()),
        grid.start + int(np.flatnonzero(differs)[0]) * grid.step,
    )


def _added(one: Difference, other: Difference) -> Difference:
    return Difference(
        one.participant,
        one.computed_wh + other.computed_wh,
        one.told_wh + other.told_wh,
        one.n_steps + other.n_steps,
        min(one.first, other.first),
    )
