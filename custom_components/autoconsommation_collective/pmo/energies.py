"""Read one block of energies: arrays of whole Wh, checked alone and against each other."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
import math

import numpy as np
import numpy.typing as npt

from ..engine.blocks import Block, Energies, Quantity
from .documents import read_step
from .errors import DocumentError, Problem
from .fields import Fields

type Groups = tuple[tuple[Quantity, ...], ...]
"""Quantities a kind of document carries: at least one group, and each group whole."""

MAX_ENERGY_WH = 10**12
"""1 TWh in a step, no operation's; up to here float64 counts every Wh."""

_PAIRS = (
    (Quantity.ALLOCATED, Quantity.CONSUMPTION),
    (Quantity.SURPLUS, Quantity.PRODUCTION),
)
"""Known at the same steps: the one was computed from the other."""

_PARTS = (
    (Quantity.ALLOCATED, Quantity.CONSUMPTION, Problem.ALLOCATED_EXCEEDS_CONSUMPTION),
    (Quantity.SURPLUS, Quantity.PRODUCTION, Problem.SURPLUS_EXCEEDS_PRODUCTION),
    (
        Quantity.ALLOCATED,
        Quantity.SHARED_INJECTION,
        Problem.ALLOCATED_EXCEEDS_INJECTION,
    ),
    (
        Quantity.ALLOCATED,
        Quantity.TOTAL_WITHDRAWAL,
        Problem.ALLOCATED_EXCEEDS_WITHDRAWAL,
    ),
    (Quantity.BASE_WITHDRAWAL, Quantity.TOTAL_WITHDRAWAL, Problem.BASE_EXCEEDS_TOTAL),
)
"""Part, its whole, and what it is called where the part is the larger one."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands, in its document and in time: all an error has to name."""

    fields: Fields
    start: datetime
    step: timedelta
    time_zone: tzinfo

    def fault(self, problem: Problem, quantity: Quantity, index: int) -> DocumentError:
        """Build the error that blames one step of one quantity."""
        step = spell(self.start + index * self.step, self.time_zone)
        return self.fields.fault(problem, field_of(quantity), step)


def read_block(fields: Fields, time_zone: tzinfo, groups: Groups) -> Block:
    """Energies of consecutive steps; errors tell their times in the given zone."""
    place = _Place(
        fields, fields.instant("start"), read_step(fields, "step_minutes"), time_zone
    )
    energies = {
        quantity: _read(place, quantity) for quantity in _present(fields, groups)
    }
    _check_lengths(place, energies)
    _check_holes(place, energies)
    _check_parts(place, energies)
    return Block(place.start, place.step, energies)


def read_energy(fields: Fields, field: str) -> int:
    """One energy in whole Wh, never a hole."""
    value = fields.require(field, int)
    if not 0 <= value <= MAX_ENERGY_WH:
        raise fields.fault(why_no_energy(value), field)
    return value


def field_of(quantity: Quantity) -> str:
    """Name of the array in a document, with its unit."""
    return f"{quantity}_wh"


def spell(instant: datetime, time_zone: tzinfo) -> str:
    """Instant as documents and errors spell it."""
    return instant.astimezone(time_zone).isoformat()


def _present(fields: Fields, groups: Groups) -> list[Quantity]:
    """Quantities to read: every group of which a part is there; without any, the first."""
    present = [
        group for group in groups if any(field_of(q) in fields.values for q in group)
    ]
    return [quantity for group in present or groups[:1] for quantity in group]


def _read(place: _Place, quantity: Quantity) -> Energies:
    """Array of one quantity, whole Wh or null for a hole."""
    field = field_of(quantity)
    values = place.fields.require(field, list)
    if not values:
        raise place.fields.fault(Problem.BAD_VALUE, field)
    for index, value in enumerate(values):
        if value is not None and not is_energy(value):
            raise place.fault(why_no_energy(value), quantity, index)
    # NumPy makes NaN of None.
    return np.array(values, dtype=np.float64)


def is_energy(value: object) -> bool:
    """Whether a value is a whole number of Wh that a step can have."""
    return type(value) is int and 0 <= value <= MAX_ENERGY_WH


def why_no_energy(value: object) -> Problem:
    """What is wrong with a value that is no energy."""
    if isinstance(value, float) and not math.isfinite(value):
        return Problem.NOT_A_NUMBER
    if type(value) is not int:
        return Problem.WRONG_TYPE
    return Problem.NEGATIVE_ENERGY if value < 0 else Problem.BAD_VALUE


def _check_lengths(place: _Place, energies: dict[Quantity, Energies]) -> None:
    """Hold all arrays of a block to the length of the first."""
    length = len(next(iter(energies.values())))
    for quantity, array in energies.items():
        if len(array) != length:
            raise place.fields.fault(
                Problem.ARRAYS_DIFFER_IN_LENGTH, field_of(quantity)
            )


def _check_holes(place: _Place, energies: dict[Quantity, Energies]) -> None:
    """Hold the two of a pair to the same holes."""
    for part, whole in _PAIRS:
        if part in energies and whole in energies:
            differ = np.isnan(energies[part]) != np.isnan(energies[whole])
            _refuse_first(place, differ, part, Problem.HOLES_DIFFER)


def _check_parts(place: _Place, energies: dict[Quantity, Energies]) -> None:
    """Hold each part to its whole, at the steps where both are known."""
    for part, whole, excess in _PARTS:
        if part in energies and whole in energies:
            _refuse_first(place, energies[part] > energies[whole], part, excess)


def _refuse_first(
    place: _Place, wrong: npt.NDArray[np.bool_], quantity: Quantity, problem: Problem
) -> None:
    """Blame the first step that is wrong, if any is."""
    if wrong.any():
        raise place.fault(problem, quantity, int(wrong.argmax()))
