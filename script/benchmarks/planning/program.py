"""A mixed-integer program put together row by row, for HiGHS as SciPy brings it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped] # ships no types
from scipy.sparse import csr_array  # type: ignore[import-untyped] # ships no types

type Numbers = npt.NDArray[np.float64]
type Columns = npt.NDArray[np.int64]
type Term = tuple[Columns, float | Numbers]
"""Unknowns, one for each of some rows, and their factors."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver found within its time."""

    x: Numbers | None
    """None: no solution."""
    cost: float
    bound: float
    """Proven: no solution costs less."""
    is_finished: bool


@dataclass(slots=True)
class Program:
    """Unknowns with their costs and bounds, and rows between them."""

    _cost: list[Numbers] = field(default_factory=list)
    _low: list[Numbers] = field(default_factory=list)
    _high: list[Numbers] = field(default_factory=list)
    _whole: list[Numbers] = field(default_factory=list)
    _n: int = 0
    _entries: list[tuple[Columns, Columns, Numbers]] = field(default_factory=list)
    _row_low: list[Numbers] = field(default_factory=list)
    _row_high: list[Numbers] = field(default_factory=list)
    _n_rows: int = 0

    @property
    def highest(self) -> Numbers:
        """Upper bound of each unknown."""
        return np.concatenate(self._high)

    def unknowns(
        self,
        n: int,
        *,
        cost: float | Numbers = 0.0,
        low: float | Numbers = 0.0,
        high: float | Numbers = np.inf,
        whole: bool = False,
    ) -> Columns:
        """So many new ones; their columns."""
        for values, value in (
            (self._cost, cost),
            (self._low, low),
            (self._high, high),
            (self._whole, float(whole)),
        ):
            values.append(np.broadcast_to(np.asarray(value, dtype=float), n))
        self._n += n
        return np.arange(self._n - n, self._n)

    def rows(
        self,
        *terms: Term,
        low: float | Numbers = -np.inf,
        high: float | Numbers = np.inf,
    ) -> None:
        """One row for each place in the terms: low <= their sum <= high."""
        n = len(terms[0][0])
        numbers = np.arange(self._n_rows, self._n_rows + n)
        for columns, factor in terms:
            factors = np.broadcast_to(np.asarray(factor, dtype=float), n)
            self._entries.append((numbers, columns, factors))
        self._close(n, low, high)

    def row(self, *terms: Term, low: float = -np.inf, high: float = np.inf) -> None:
        """One row over all columns of the terms."""
        for columns, factor in terms:
            factors = np.broadcast_to(np.asarray(factor, dtype=float), len(columns))
            number = np.full(len(columns), self._n_rows)
            self._entries.append((number, columns, factors))
        self._close(1, low, high)

    def _close(self, n: int, low: float | Numbers, high: float | Numbers) -> None:
        for values, value in ((self._row_low, low), (self._row_high, high)):
            values.append(np.broadcast_to(np.asarray(value, dtype=float), n))
        self._n_rows += n

    def solved(self, *, seconds: float, gap: float, presolve: bool) -> Solved:
        """The best within the time, or proven to be within the gap."""
        rows, columns, factors = (
            np.concatenate([entry[part] for entry in self._entries])
            for part in range(3)
        )
        matrix = csr_array((factors, (rows, columns)), shape=(self._n_rows, self._n))
        found: Any = milp(
            np.concatenate(self._cost),
            integrality=np.concatenate(self._whole),
            bounds=Bounds(np.concatenate(self._low), np.concatenate(self._high)),
            constraints=LinearConstraint(
                matrix, np.concatenate(self._row_low), np.concatenate(self._row_high)
            ),
            options={
                "time_limit": seconds,
                "mip_rel_gap": gap,
                "presolve": presolve,
            },
        )
        bound = found.mip_dual_bound
        return Solved(
            x=found.x,
            cost=np.inf if found.x is None else float(found.fun),
            bound=-np.inf if bound is None else float(bound),
            is_finished=found.status == 0,
        )
