"""Whole watt-hours: an allocation rounded once, at the edge, so that no Wh appears or is lost.

Meters count whole Wh. To how many decimals a grid operator settles and how it rounds is not
established officially: largest remainder is our choice, because it keeps every sum and moves
nobody by a Wh.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .errors import AllocationError, AllocationProblem
from .keys import Matrix
from .repartition import AllocationResult, check_energies

type WholeMatrix = npt.NDArray[np.int64]
"""Whole Wh, shape (n_steps, n_participants)."""

QUANTUM = 2.0**-20
"""Remainders closer than a millionth of a Wh are equal: floats differ by far less, energies
by more. A power of two, as no decimal coefficient and no equal share of less than two million
members lies half-way between two quanta, where noise would decide."""


@dataclass(frozen=True, slots=True, eq=False)
class WholeAllocation:
    """The production of each step, shared in whole Wh. Equal to itself only, as arrays are."""

    allocated: WholeMatrix
    """AUTOCONS, shape (n_steps, n_consumers)."""
    complement: WholeMatrix
    """COMPLEMENT, shape (n_steps, n_consumers)."""
    surplus: WholeMatrix
    """SURPLUS, shape (n_steps, n_producers)."""


def round_allocation(
    production: Matrix,
    consumption: Matrix,
    shared: AllocationResult,
    producer_ids: Sequence[str],
    consumer_ids: Sequence[str],
) -> WholeAllocation:
    """What `allocate` shared of these energies, in whole Wh that add up.

    At each step the allocated total is the nearest whole number of Wh, half a Wh going to the
    consumers; the surplus is the rest of the production. Everybody keeps the whole Wh of
    its exact share; those with the largest remainders get the Wh that are missing, and of
    equal remainders those whose id comes first. So the order of columns does not matter,
    but of members who always tie the same one gains: at most a Wh a step.

    Exactly: allocated + complement = consumption, Σ allocated + Σ surplus = Σ production,
    0 <= allocated <= consumption, 0 <= surplus <= production. Nobody who had nothing gets a
    Wh. Steps stand alone: a long time may be given in blocks. Raises AllocationError on
    energies that are missing, negative or not whole, on a table that does not have the shape
    of its energies, and unless there is one id for each participant.
    """
    for table, energies, part, values, ids in (
        ("production", production, "surplus", shared.surplus, producer_ids),
        ("consumption", consumption, "allocated", shared.allocated, consumer_ids),
    ):
        check_energies(table, energies)
        _check_whole(table, energies)
        _check_ids(table, ids, energies.shape[1])
        if values.shape != energies.shape:
            raise AllocationError(
                AllocationProblem.WRONG_SHAPE,
                part,
                found=f"shape {values.shape}, not {energies.shape}",
            )
    # What is half a Wh but for noise is half a Wh.
    total = np.floor(shared.allocated.sum(axis=1) + (0.5 + QUANTUM / 2))
    allocated = _fit(shared.allocated, total, consumer_ids)
    return WholeAllocation(
        allocated=allocated,
        complement=consumption.astype(np.int64) - allocated,
        surplus=_fit(shared.surplus, production.sum(axis=1) - total, producer_ids),
    )


def whole_parts(parts: Energies, total_wh: int) -> Energies:
    """Parts in whole Wh that make the total, each the whole Wh below it or above.

    The parts add up to the total but for noise. Of equal remainders the first get the Wh.
    """
    ids = [f"{n:08}" for n in range(len(parts))]
    (whole,) = _fit(parts[None, :], np.array([float(total_wh)]), ids)
    found: Energies = whole.astype(np.float64)
    return found


def _fit(energies: Matrix, totals: Energies, ids: Sequence[str]) -> WholeMatrix:
    """Round down, then give what is missing, one Wh each, to the largest remainders."""
    floors = np.floor(energies)
    whole = floors.astype(np.int64)
    missing = totals.astype(np.int64) - whole.sum(axis=1)
    steps = np.flatnonzero(missing)
    # One number ranks remainder and id, no two alike: a threshold parts those who get.
    # What misses a whole Wh by noise ranks first, and is always given it.
    ranks = np.rint((energies - floors)[steps] / QUANTUM).astype(np.int64)
    ranks *= len(ids)
    ranks += _precedence(ids)
    lowest = (len(ids) - missing[steps])[:, None]
    thresholds = np.take_along_axis(np.sort(ranks, axis=1), lowest, axis=1)
    whole[steps] += ranks >= thresholds
    return whole


def _precedence(ids: Sequence[str]) -> WholeMatrix:
    """For each column how many ids come after its own."""
    order = sorted(range(len(ids)), key=ids.__getitem__, reverse=True)
    after = np.empty(len(ids), dtype=np.int64)
    after[order] = np.arange(len(ids))
    return after


def _check_whole(table: str, energies: Matrix) -> None:
    """Refuse fractions of a Wh, naming the first."""
    fractions = energies != np.rint(energies)
    if fractions.any():
        step, participant = np.argwhere(fractions)[0]
        raise AllocationError(
            AllocationProblem.NOT_WHOLE,
            table,
            participant=int(participant),
            step=int(step),
            found=energies[step, participant],
        )


def _check_ids(table: str, ids: Sequence[str], n_participants: int) -> None:
    """Refuse ids that are not one for each column, or not different."""
    if len(ids) != n_participants:
        raise AllocationError(
            AllocationProblem.PARTICIPANT_MISSING,
            table,
            found=f"{len(ids)} ids for {n_participants} participants",
        )
    seen: set[str] = set()
    for column, participant_id in enumerate(ids):
        if participant_id in seen:
            raise AllocationError(
                AllocationProblem.PARTICIPANT_MISSING,
                table,
                participant=column,
                found=f"id {participant_id} twice",
            )
        seen.add(participant_id)
