"""A month as its organiser sees it: everybody's curves, and who got what under the key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from .blocks import Block, Energies, Quantity
from .delivery import Curve
from .errors import AllocationError
from .grid import Grid, energies_on
from .keys import Matrix, RepartitionKey
from .months import month_bounds
from .repartition import allocate
from .roster import (
    AgreedKey,
    KeyPart,
    Participant,
    RosterError,
    RosterProblem,
    agreed_key,
    key_of,
    members_on,
)
from .rounding import round_allocation
from .slots import midnight_of
from .study import StudyError

DAY: Final = timedelta(days=1)
AT_ONCE: Final = 500
"""Steps that are shared together: each stands alone, and all of a large month take much memory."""

type Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Consecutive days on which the same take part under the same key; whole Wh, NaN a hole."""

    grid: Grid
    consumers: tuple[Participant, ...]
    producers: tuple[Participant, ...]
    key: RepartitionKey | RosterProblem
    """Or why nothing can be computed."""
    consumption: Matrix
    """CONS, shape (n_steps, n_consumers)."""
    production: Matrix
    """PROD, shape (n_steps, n_producers)."""
    allocated: Matrix
    """AUTOCONS as the operator told it, NaN where it did not; shape of the consumption."""
    surplus: Matrix
    """SURPLUS, in the same way; shape of the production."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """What was computed for a stretch: whole Wh, NaN where a curve has a hole."""

    stretch: Stretch
    allocated: Matrix
    surplus: Matrix

    @property
    def counted(self) -> tuple[Matrix, Matrix]:
        """Allocated and surplus as they count: the operator's, else the computed ones."""
        told = self.stretch.allocated, self.stretch.surplus
        return (
            np.where(np.isnan(told[0]), self.allocated, told[0]),
            np.where(np.isnan(told[1]), self.surplus, told[1]),
        )


def stretches(
    month: str,
    participants: Sequence[Participant],
    keys: Sequence[AgreedKey],
    curves: Iterable[Curve],
    step: timedelta,
    time_zone: tzinfo,
) -> tuple[Stretch, ...]:
    """The month's stretches, of days on which anybody takes part."""
    blocks: dict[str | None, list[Block]] = {}
    for curve in curves:
        blocks.setdefault(curve.point, []).extend(curve.blocks)
    days = days_of_month(month, time_zone)
    return tuple(
        _stretch(list(run), alike, blocks, step, time_zone)
        for alike, run in groupby(days, lambda day: _alike(day, participants, keys))
        if alike[0]
    )


def days_of_month(month: str, time_zone: tzinfo) -> list[date]:
    """Its local days, in order."""
    start, end = month_bounds(month, time_zone)
    first, after = (at.astimezone(time_zone).date() for at in (start, end))
    return [first + n * DAY for n in range((after - first).days)]


def split(stretch: Stretch) -> Split:
    """Who gets what of each step whose curves are all known, in whole Wh.

    Nothing is known where the key is one that cannot be computed, or shares out too much.
    """
    allocated = np.full_like(stretch.consumption, np.nan)
    surplus = np.full_like(stretch.production, np.nan)
    known = _known(stretch.consumption) & _known(stretch.production)
    if isinstance(stretch.key, RosterProblem) or not known.any():
        return Split(stretch, allocated, surplus)
    steps = np.flatnonzero(known)
    for first in range(0, len(steps), AT_ONCE):
        some = steps[first : first + AT_ONCE]
        production, consumption = stretch.production[some], stretch.consumption[some]
        try:
            shared = allocate(production, consumption, stretch.key)
        except AllocationError:
            impossible = replace(stretch, key=RosterProblem.PARTS_NOT_POSSIBLE)
            nothing = np.full_like(allocated, np.nan), np.full_like(surplus, np.nan)
            return Split(impossible, *nothing)
        whole = round_allocation(
            production,
            consumption,
            shared,
            [one.id for one in stretch.producers],
            [one.id for one in stretch.consumers],
        )
        allocated[some], surplus[some] = whole.allocated, whole.surplus
    return Split(stretch, allocated, surplus)


type _Alike = tuple[
    tuple[Participant, ...], AgreedKey | RosterProblem, tuple[KeyPart | None, ...]
]


def _alike(
    day: date, participants: Sequence[Participant], keys: Sequence[AgreedKey]
) -> _Alike:
    """All that the sharing of a day goes by."""
    members = tuple(members_on(participants, day))
    parts = tuple(one.key_part(day) for one in members)
    try:
        return members, agreed_key(keys, day), parts
    except RosterError as error:
        return members, error.problem, parts


def _stretch(
    days: Sequence[date],
    alike: _Alike,
    blocks: Mapping[str | None, Sequence[Block]],
    step: timedelta,
    time_zone: tzinfo,
) -> Stretch:
    members, agreed, _ = alike
    consumers = tuple(one for one in members if one.consumes)
    producers = tuple(one for one in members if one.role.produces)
    start, end = (midnight_of(day, time_zone) for day in (days[0], days[-1] + DAY))
    grid = Grid(start, step, (end - start) // step)
    key: RepartitionKey | RosterProblem
    if isinstance(agreed, RosterProblem):
        key = agreed
    else:
        try:
            key = key_of(agreed, consumers, days[0])
        except RosterError as error:
            key = error.problem
        except StudyError:
            key = RosterProblem.PART_MISSING
    consumption, allocated, rest, production, surplus = (
        _table(grid, people, blocks, quantity)
        for people, quantity in (
            (consumers, Quantity.CONSUMPTION),
            (consumers, Quantity.ALLOCATED),
            (consumers, Quantity.COMPLEMENT),
            (producers, Quantity.PRODUCTION),
            (producers, Quantity.SURPLUS),
        )
    )
    # CONS = AUTOCONS + COMPLEMENT completes what one of the three lacks.
    np.copyto(consumption, allocated + rest, where=np.isnan(consumption))
    np.copyto(allocated, consumption - rest, where=np.isnan(allocated))
    return Stretch(
        grid,
        consumers,
        producers,
        key,
        consumption,
        production,
        np.clip(allocated, 0.0, consumption, out=allocated),
        np.clip(surplus, 0.0, production, out=surplus),
    )


def _table(
    grid: Grid,
    people: Sequence[Participant],
    blocks: Mapping[str | None, Sequence[Block]],
    quantity: Quantity,
) -> Matrix:
    """Energies of all of them in whole Wh, a column for each."""
    table = np.empty((grid.n_steps, len(people)))
    for column, one in enumerate(people):
        told = energies_on(grid, blocks.get(one.point, ()), quantity)
        table[:, column] = np.rint(told)
    return table


def _known(energies: Matrix) -> Flags:
    """Whether all of a step is known."""
    total: Energies = energies.sum(axis=1)
    return ~np.isnan(total)
