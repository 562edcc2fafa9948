"""A month of everybody's energies as an organiser keeps it: a table that deliveries add to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

import numpy as np

from .blocks import Block, Quantity
from .delivery import Curve
from .grid import Grid, energies_on
from .keys import Matrix
from .months import month_bounds

KEPT: Final = (
    Quantity.CONSUMPTION,
    Quantity.ALLOCATED,
    Quantity.COMPLEMENT,
    Quantity.PRODUCTION,
    Quantity.SURPLUS,
)


@dataclass(frozen=True, slots=True, eq=False)
class MonthEnergies:
    """Energies of a local month by delivery point; NaN is a hole."""

    month: str
    grid: Grid
    points: tuple[str, ...] = field(repr=False)
    """Personal. In order."""
    energies: Mapping[Quantity, Matrix]
    """Shape (n_steps, n_points); a quantity of which nothing is known is not in it."""

    def curves(self) -> tuple[Curve, ...]:
        """The same by point."""
        return tuple(
            Curve(point, (Block(self.grid.start, self.grid.step, found),))
            for column, point in enumerate(self.points)
            if (
                found := {
                    quantity: table[:, column]
                    for quantity, table in self.energies.items()
                    if not np.isnan(table[:, column]).all()
                }
            )
        )


def months_of(curves: Iterable[Curve], time_zone: tzinfo) -> tuple[str, ...]:
    """The local months that curves tell anything of, in order."""

    def local(at: datetime) -> str:
        return f"{at.astimezone(time_zone):%Y-%m}"

    found: set[str] = set()
    for curve in curves:
        for block in curve.blocks:
            at = block.start
            while at < block.end:
                month = local(at)
                found.add(month)
                _, at = month_bounds(month, time_zone)
    return tuple(sorted(found))


def month_energies(
    month: str, curves: Iterable[Curve], step: timedelta, time_zone: tzinfo
) -> MonthEnergies:
    """What curves tell of a month, in steps of that length; curves without a point are left out."""
    start, end = month_bounds(month, time_zone)
    grid = Grid(start, step, (end - start) // step)
    blocks: dict[str, list[Block]] = {}
    for curve in curves:
        if curve.point is not None:
            blocks.setdefault(curve.point, []).extend(curve.blocks)
    points = tuple(sorted(blocks))
    tables = {}
    for quantity in KEPT:
        if any(
            quantity in block.energies for told in blocks.values() for block in told
        ):
            table = np.empty((grid.n_steps, len(points)))
            for column, point in enumerate(points):
                table[:, column] = energies_on(grid, blocks[point], quantity)
            tables[quantity] = table
    return MonthEnergies(month, grid, points, _known(tables))


def merged(before: MonthEnergies | None, after: MonthEnergies) -> MonthEnergies:
    """What was known with what was delivered since: the later counts where it knows anything.

    What was kept in steps of another length is laid on those of the delivery.
    """
    if before is None:
        return after
    before = _laid_on(before, after.grid)
    points = tuple(sorted({*before.points, *after.points}))
    places = {point: column for column, point in enumerate(points)}
    tables = {}
    for quantity in KEPT:
        told = [one for one in (before, after) if quantity in one.energies]
        if not told:
            continue
        table = np.full((after.grid.n_steps, len(points)), np.nan)
        for one in told:
            # By column: of a large operation no table is held twice.
            for point, energies in zip(
                one.points, one.energies[quantity].T, strict=True
            ):
                known = ~np.isnan(energies)
                table[known, places[point]] = energies[known]
        tables[quantity] = table
    return MonthEnergies(after.month, after.grid, points, tables)


def _laid_on(kept: MonthEnergies, grid: Grid) -> MonthEnergies:
    """The same month in steps of another length: longer ones add up, shorter ones share evenly."""
    if kept.grid == grid:
        return kept
    tables = {}
    for quantity, energies in kept.energies.items():
        table = np.empty((grid.n_steps, len(kept.points)))
        for column, wh in enumerate(energies.T):
            block = Block(kept.grid.start, kept.grid.step, {quantity: wh})
            table[:, column] = energies_on(grid, [block], quantity)
        tables[quantity] = table
    return MonthEnergies(kept.month, grid, kept.points, _known(tables))


def is_same(one: MonthEnergies | None, other: MonthEnergies) -> bool:
    """Whether both tell the same."""
    return (
        one is not None
        and (one.month, one.grid, one.points) == (other.month, other.grid, other.points)
        and one.energies.keys() == other.energies.keys()
        and all(
            np.array_equal(table, other.energies[quantity], equal_nan=True)
            for quantity, table in one.energies.items()
        )
    )


def _known(tables: Mapping[Quantity, Matrix]) -> dict[Quantity, Matrix]:
    return {q: table for q, table in tables.items() if not np.isnan(table).all()}
