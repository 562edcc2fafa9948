"""What is owed: sharing the production of each step under the operation's key.

Source: Code de l'énergie D315-4 to D315-6. At each step a consumer is allocated its
coefficient of the production and never more than it consumes; without coefficients
from the organiser, the share is pro rata of consumption. Nothing is rounded here.
"""

from dataclasses import dataclass

import numpy as np

from .blocks import Energies
from .errors import AllocationError, AllocationProblem
from .keys import (
    MAX_ROUNDS,
    ConsumerKey,
    Cube,
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    Matrix,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    TwoSidedKey,
)


@dataclass(frozen=True, slots=True, eq=False)
class AllocationResult:
    """The production of each step, shared. Equal to itself only, as arrays are."""

    allocated: Matrix
    """AUTOCONS, shape (n_steps, n_consumers)."""
    complement: Matrix
    """COMPLEMENT, what the supplier delivers, shape (n_steps, n_consumers)."""
    surplus: Matrix
    """SURPLUS, shape (n_steps, n_producers)."""


COEFFICIENT_TOLERANCE = 1e-9
"""Coefficients are agreed as decimals; their sum in binary may pass 1 by a rounding."""


def allocate(
    production: Matrix, consumption: Matrix, key: RepartitionKey
) -> AllocationResult:
    """Share the production (n_steps, n_producers) among consumers (n_steps, n_consumers).

    Energies in Wh, of the same steps. Where producers are pooled, what is left is split
    pro rata of production, which is our choice: no official rule is established. Raises
    AllocationError on energies that are negative or missing, on shapes that do not fit,
    and on coefficients below 0 or of a sum above 1.
    """
    # Whole numbers, too, are shared in fractions.
    production = np.asarray(production, dtype=np.float64)
    consumption = np.asarray(consumption, dtype=np.float64)
    check_energies("production", production)
    check_energies("consumption", consumption)
    if len(production) != len(consumption):
        raise AllocationError(
            AllocationProblem.STEPS_DIFFER,
            "consumption",
            found=f"{len(consumption)}, not {len(production)}",
        )
    match key:
        case FullDynamicKey():
            allocated, taken = _full_dynamic(production, consumption, key)
            surplus = np.maximum(production - taken, 0.0)
        case TwoSidedKey():
            allocated, taken = _two_sided(production, consumption, key)
            surplus = np.maximum(production - taken, 0.0)
        case _:
            pooled = production.sum(axis=1)
            allocated = _share(pooled, consumption, key)
            left = np.maximum(pooled - allocated.sum(axis=1), 0.0)
            surplus = production * _ratio(left, pooled)[:, None]
    return AllocationResult(
        allocated=allocated, complement=consumption - allocated, surplus=surplus
    )


def allocated_by_pair(
    production: Matrix, consumption: Matrix, key: RepartitionKey
) -> Cube:
    """Allocated energy in Wh of each producer and consumer: who owes whom.

    Shape (n_steps, n_producers, n_consumers); summed over producers it is what each
    consumer is allocated. A full dynamic key defines the pairs, and so does a single
    producer. Where producers are pooled, every consumer takes from each of them in
    proportion to what that producer gives; our choice. Raises as `allocate` does.
    """
    shared = allocate(production, consumption, key)
    if isinstance(key, FullDynamicKey):
        offered = production[:, :, None] * key.coefficients
        return offered * _ratio(shared.allocated, offered.sum(axis=1))[:, None, :]
    total = shared.allocated.sum(axis=1, keepdims=True)
    part = _ratio(shared.allocated, np.broadcast_to(total, shared.allocated.shape))
    return (production - shared.surplus)[:, :, None] * part[:, None, :]


def check_energies(table: str, energies: Matrix) -> None:
    """Refuse what is no table of energies, naming the first participant and step.

    Raises AllocationError on another shape than (n_steps, n_participants) and on energies
    that are missing (NaN), negative or infinite.
    """
    if energies.ndim != 2:
        raise AllocationError(
            AllocationProblem.WRONG_SHAPE, table, found=f"{energies.ndim} dimensions"
        )
    # NaN passes no comparison: two passes without a copy settle the usual case.
    if not energies.size or (energies.min() >= 0 and energies.max() < np.inf):
        return
    step, participant = np.argwhere(~(np.isfinite(energies) & (energies >= 0)))[0]
    found = energies[step, participant]
    raise AllocationError(
        AllocationProblem.HOLE if np.isnan(found) else AllocationProblem.NOT_AN_ENERGY,
        table,
        participant=int(participant),
        step=int(step),
        found=found,
    )


def _share(available: Energies, wanted: Matrix, key: ConsumerKey) -> Matrix:
    """What each column gets of the energy available at each step, never more than it wants."""
    match key:
        case ProRataKey():
            return _pro_rata(available, wanted)
        case StaticKey(coefficients):
            shares = _per_consumer("coefficients", coefficients, wanted)
            _check_coefficients(shares, "consumer")
            return np.minimum(available[:, None] * shares, wanted)
        case DynamicKey(coefficients):
            _check_shape(coefficients, wanted.shape)
            _check_coefficients(coefficients, "step", "consumer")
            return np.minimum(available[:, None] * coefficients, wanted)
        case FairKey(weights):
            if weights is None:
                return _fair(available, wanted, np.ones(wanted.shape[1]))
            return _fair(available, wanted, _weights(weights, wanted))
        case PriorityKey():
            return _cascade(available, wanted, key)
        case IterativeKey():
            return _rounds(available, wanted, key)


def _pro_rata(available: Energies, wanted: Matrix) -> Matrix:
    """The same covered part of everybody's consumption, at most all of it."""
    total = wanted.sum(axis=1)
    covered = _ratio(np.minimum(available, total), total)
    return wanted * covered[:, None]


def _fair(available: Energies, wanted: Matrix, weights: Energies) -> Matrix:
    """Everybody up to one level by weight: the level at which the available is used up.

    Consumers are taken in the order in which a rising level covers them. Those before the
    level have all they want, the others share the rest by weight.
    """
    shared = np.zeros_like(wanted)
    takes_part = weights > 0
    if not takes_part.any():
        return shared
    columns, weights = wanted[:, takes_part], weights[takes_part]
    covered_at = columns / weights
    order = np.argsort(covered_at, axis=1)
    wants = np.take_along_axis(columns, order, axis=1)
    weighs = weights[order]
    # Summed up to each, not to the end and back: next to a large one, a small one would vanish.
    before = np.zeros_like(wants)
    np.cumsum(wants[:, :-1], axis=1, out=before[:, 1:])
    weighs_after = np.cumsum(weighs[:, ::-1], axis=1)[:, ::-1]
    used_at = before + np.take_along_axis(covered_at, order, axis=1) * weighs_after
    n_covered = (used_at <= available[:, None]).sum(axis=1, keepdims=True)
    is_covered = np.arange(wants.shape[1]) < n_covered
    first_open = np.minimum(n_covered, wants.shape[1] - 1)
    rest = available[:, None] - np.take_along_axis(before, first_open, axis=1)
    level = np.maximum(rest, 0.0) / np.take_along_axis(weighs_after, first_open, axis=1)
    taken = np.where(is_covered, wants, np.minimum(wants, level * weighs))
    np.put_along_axis(columns, order, taken, axis=1)
    shared[:, takes_part] = columns
    return shared


def _cascade(available: Energies, wanted: Matrix, key: PriorityKey) -> Matrix:
    """Rank by rank, each on what the ranks before it left."""
    ranks = _per_consumer("ranks", key.ranks, wanted)
    weights = (
        _weights(key.within.weights, wanted)
        if isinstance(key.within, FairKey) and key.within.weights is not None
        else None
    )
    shared = np.zeros_like(wanted)
    left = available
    for rank in np.unique(ranks):
        group = ranks == rank
        within = (
            key.within if weights is None else FairKey(tuple(weights[group].tolist()))
        )
        served = _share(left, wanted[:, group], within)
        shared[:, group] = served
        left = np.maximum(left - served.sum(axis=1), 0.0)
    return shared


def _rounds(available: Energies, wanted: Matrix, key: IterativeKey) -> Matrix:
    """Round by round, each on its part of the production and what the one before left."""
    parts = _parts(key)
    shared = np.zeros_like(wanted)
    left = np.zeros_like(available)
    for part, rule in zip(parts, key.rounds, strict=True):
        offered = available * part + left
        served = _share(offered, wanted - shared, rule)
        # The sum of what was left and what was had may pass the whole by a rounding.
        shared = np.minimum(shared + served, wanted)
        left = np.maximum(offered - served.sum(axis=1), 0.0)
    return shared


def _full_dynamic(
    production: Matrix, consumption: Matrix, key: FullDynamicKey
) -> tuple[Matrix, Matrix]:
    """What consumers are allocated, and what is taken from each producer.

    By products of matrices: pairs of a month of a large operation would not fit in memory.
    """
    shares = key.coefficients
    shape = (*production.shape, consumption.shape[1])
    axes = ("step", "producer", "consumer")
    first = 0 if shares.ndim == 3 else 1
    _check_shape(shares, shape[first:])
    _check_coefficients(shares, *axes[first:])
    offered = (production[:, None, :] @ shares)[:, 0, :]
    allocated = np.minimum(offered, consumption)
    accepted = _ratio(allocated, offered)
    taken = production * (shares @ accepted[:, :, None])[:, :, 0]
    return allocated, taken


def _two_sided(
    production: Matrix, consumption: Matrix, key: TwoSidedKey
) -> tuple[Matrix, Matrix]:
    """What consumers are allocated, and what is taken from each producer."""
    supply, demand = production.sum(axis=1), consumption.sum(axis=1)
    scarce = (supply < demand)[:, None]
    allocated = np.where(
        scarce, _share(supply, consumption, key.consumers), consumption
    )
    chosen = _share(demand, production, key.producers)
    chosen += _pro_rata(
        np.maximum(demand - chosen.sum(axis=1), 0.0), production - chosen
    )
    in_scarcity = production * _ratio(allocated.sum(axis=1), supply)[:, None]
    return allocated, np.where(scarce, in_scarcity, chosen)


def _parts(key: IterativeKey) -> tuple[float, ...]:
    """The part of the production that each round begins with."""
    n_rounds = len(key.rounds)
    parts = (1.0, *(0.0,) * (n_rounds - 1)) if key.parts is None else key.parts
    if not 1 <= n_rounds <= MAX_ROUNDS or len(parts) != n_rounds:
        raise AllocationError(
            AllocationProblem.ROUNDS_NOT_KNOWN,
            "rounds",
            found=f"{n_rounds} rounds, {len(parts)} parts",
        )
    if not all(0 <= part <= 1 for part in parts) or not (
        abs(sum(parts) - 1) <= COEFFICIENT_TOLERANCE
    ):
        raise AllocationError(
            AllocationProblem.ROUNDS_NOT_KNOWN, "parts", found=list(parts)
        )
    return parts


def _per_consumer(table: str, values: tuple[float, ...], wanted: Matrix) -> Energies:
    """One number for each column."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (wanted.shape[1],):
        raise AllocationError(
            AllocationProblem.PARTICIPANT_MISSING,
            table,
            found=f"{numbers.size} for {wanted.shape[1]} participants",
        )
    return numbers


def _weights(weights: tuple[float, ...], wanted: Matrix) -> Energies:
    """One weight for each column, none negative."""
    numbers = _per_consumer("weights", weights, wanted)
    outside = np.flatnonzero(~((numbers >= 0) & (numbers < np.inf)))
    if outside.size:
        raise AllocationError(
            AllocationProblem.COEFFICIENT_OUT_OF_RANGE,
            "weights",
            participant=int(outside[0]),
            found=numbers[outside[0]],
        )
    return numbers


def _check_shape(coefficients: Matrix | Cube, shape: tuple[int, ...]) -> None:
    """Refuse coefficients that are not one for each step and participant."""
    if coefficients.shape != shape:
        raise AllocationError(
            AllocationProblem.PARTICIPANT_MISSING,
            "coefficients",
            found=f"shape {coefficients.shape}, not {shape}",
        )


def _check_coefficients(shares: Matrix | Cube, *axes: str) -> None:
    """Refuse coefficients outside [0, 1] or of a sum above 1, naming the first culprit.

    Axes name the dimensions of `shares`: step, producer, consumer; the last one is summed.
    """
    sums = shares.sum(axis=-1)
    most = 1 + COEFFICIENT_TOLERANCE
    # NaN passes no comparison; where none is negative, none exceeds the sum.
    if not shares.size or (shares.min() >= 0 and sums.max() <= most):
        return
    for numbers, problem, right in (
        (
            shares,
            AllocationProblem.COEFFICIENT_OUT_OF_RANGE,
            (shares >= 0) & (shares <= most),
        ),
        (sums, AllocationProblem.COEFFICIENTS_ABOVE_ONE, sums <= most),
    ):
        wrong = np.argwhere(~right)
        # Of one row, the sum is a scalar: where it is wrong, its place has no coordinates.
        if len(wrong):
            at = tuple(wrong[0].tolist())
            where = dict(zip(axes, at, strict=False))
            raise AllocationError(
                problem,
                "coefficients",
                participant=where.get("consumer", where.get("producer")),
                step=where.get("step"),
                found=numbers[at],
            )


def _ratio(part: Matrix | Energies, whole: Matrix | Energies) -> Matrix:
    """Part by whole, element by element; zero where there is no whole."""
    ratio = np.zeros_like(part)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
