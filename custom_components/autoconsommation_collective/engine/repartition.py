"""What is owed: sharing the production of each step under the operation's key.

Source: Code de l'énergie D315-4 to D315-6. At each step a consumer is allocated its
coefficient of the production and never more than it consumes; without coefficients
from the organiser, the share is pro rata of consumption.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .errors import AllocationError

type Matrix = npt.NDArray[np.float64]
"""Energies in Wh, shape (n_steps, n_participants)."""


@dataclass(frozen=True, slots=True)
class StaticKey:
    """Fixed coefficients: what a consumer does not use is surplus, not redistributed."""

    coefficients: tuple[float, ...]
    """One per consumer, in [0, 1], their sum at most 1."""


@dataclass(frozen=True, slots=True)
class ProRataKey:
    """Dynamique par défaut: pro rata of consumption, computed by the grid operator."""


type RepartitionKey = StaticKey | ProRataKey


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

    Producers are pooled; the pooled surplus is split pro rata of production, which is our
    choice: no official rule is established. Raises AllocationError on energies that are
    negative or missing, and on coefficients that do not fit.
    """
    _check_energies("production", production)
    _check_energies("consumption", consumption)
    if len(production) != len(consumption):
        raise AllocationError(
            f"production has {len(production)} steps, consumption {len(consumption)}"
        )
    pooled = production.sum(axis=1)
    match key:
        case StaticKey(coefficients):
            allocated = _static(pooled, consumption, coefficients)
        case ProRataKey():
            allocated = _pro_rata(pooled, consumption)
    surplus_part = 1 - _ratio(np.minimum(allocated.sum(axis=1), pooled), pooled)
    return AllocationResult(
        allocated=allocated,
        complement=consumption - allocated,
        surplus=production * surplus_part[:, None],
    )


def _static(
    pooled: Energies, consumption: Matrix, coefficients: tuple[float, ...]
) -> Matrix:
    """Each consumer's coefficient of the production, within its consumption."""
    shares = np.asarray(coefficients, dtype=np.float64)
    if shares.shape != (consumption.shape[1],):
        raise AllocationError(
            f"{shares.size} coefficients for {consumption.shape[1]} consumers"
        )
    outside = np.flatnonzero(~((shares >= 0) & (shares <= 1)))
    if outside.size:
        raise AllocationError(
            f"coefficient of consumer {outside[0]} is {shares[outside[0]]}, not in [0, 1]"
        )
    if shares.sum() > 1 + COEFFICIENT_TOLERANCE:
        raise AllocationError(f"coefficients add up to {shares.sum()}, more than 1")
    return np.minimum(pooled[:, None] * shares, consumption)


def _pro_rata(pooled: Energies, consumption: Matrix) -> Matrix:
    """The same covered part of everybody's consumption, at most all of it."""
    total = consumption.sum(axis=1)
    covered = _ratio(np.minimum(pooled, total), total)
    return consumption * covered[:, None]


def _ratio(part: Energies, whole: Energies) -> Energies:
    """Part by whole, step by step; zero where there is no whole."""
    ratio = np.zeros_like(part)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def _check_energies(name: str, energies: Matrix) -> None:
    """Refuse what is not a finite energy, naming the first step and participant."""
    if energies.ndim != 2:
        raise AllocationError(f"{name} has {energies.ndim} dimensions, not 2")
    wrong = np.argwhere(~(np.isfinite(energies) & (energies >= 0)))
    if wrong.size:
        step, participant = wrong[0]
        raise AllocationError(
            f"{name} of participant {participant} at step {step} is {energies[step, participant]}"
        )
