"""The repartition keys: what an operation can agree on, as data.

French keys: Code de l'énergie D315-4 to D315-6. Walloon keys and their rounds: CWaPE's
standard keys. Luxembourg's two sides: Creos. A table of all of them, with their sources,
stands in `docs/KEYS.md`; what each one gives is computed in `repartition.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Matrix = npt.NDArray[np.float64]
"""Shape (n_steps, n_participants); energies in Wh unless it says coefficients."""
type Cube = npt.NDArray[np.float64]
"""Shape (n_steps, n_producers, n_consumers)."""

MAX_ROUNDS = 3
"""Rounds of an iterated key in Wallonia (CWaPE, ORES)."""


@dataclass(frozen=True, slots=True)
class ProRataKey:
    """Pro rata of consumption: everybody is covered in the same proportion.

    France: *dynamique par défaut*, what applies when the organiser gives nothing (D315-6).
    Wallonia: *dynamique prorata*. Luxembourg: *prorata*, its standard.
    """


@dataclass(frozen=True, slots=True)
class StaticKey:
    """Fixed coefficients of the pooled production; an unused part is surplus.

    France: *statique*. Wallonia: *fixe égalitaire* with `equal_coefficients`, *fixe
    spécifique* otherwise. Brussels: fixed, one round.
    """

    coefficients: tuple[float, ...]
    """One per consumer, in [0, 1], their sum at most 1."""


@dataclass(frozen=True, slots=True, eq=False)
class DynamicKey:
    """Coefficients of the pooled production, given for each step: *dynamique simple*.

    Whatever formula an organiser uses reaches the grid operator in this form.
    """

    coefficients: Matrix
    """Shape (n_steps, n_consumers), in [0, 1], the sum of a step at most 1."""


@dataclass(frozen=True, slots=True, eq=False)
class FullDynamicKey:
    """Coefficients of each producer's production for each consumer: *full dynamique*.

    Where a consumer is offered more than it consumes, what each producer gives it shrinks
    in the same proportion; our choice, no official rule is established.
    """

    coefficients: Cube
    """Shape (n_steps, n_producers, n_consumers), in [0, 1], a producer's sum at most 1; or
    (n_producers, n_consumers), the same at each step: a static key of several producers."""


@dataclass(frozen=True, slots=True)
class FairKey:
    """Equal shares, what one cannot use going to the others: max-min fair.

    With weights, shares in proportion to them, as to what each member invested.
    """

    weights: tuple[float, ...] | None = None
    """One per consumer, at least 0, of any sum; who weighs 0 gets nothing. None: all equal."""


@dataclass(frozen=True, slots=True)
class PriorityKey:
    """A cascade: rank 1 is served first, the next rank shares what is left.

    Machecoul: public buildings first. Luxembourg: *priorité*.
    """

    ranks: tuple[int, ...]
    """One per consumer; the lowest is served first, equal ranks share under `within`."""
    within: ProRataKey | FairKey = ProRataKey()


@dataclass(frozen=True, slots=True)
class IterativeKey:
    """Rounds: each shares what the one before left, among what consumption is left.

    Wallonia: up to three rounds, each *fixe égalitaire*, *fixe spécifique* or *prorata*.
    Brussels: *hybride* is static, then prorata. A fixed round applies its coefficients as
    they are agreed: the part of a consumer already covered goes to the next round.
    """

    rounds: tuple[StaticKey | ProRataKey, ...]
    """One to three."""
    parts: tuple[float, ...] | None = None
    """Of the production, what each round has beside the rest of the one before; they add up
    to 1. None: all of it in the first round."""


type ConsumerKey = (
    ProRataKey | StaticKey | DynamicKey | FairKey | PriorityKey | IterativeKey
)
"""A key that shares the pooled production."""


@dataclass(frozen=True, slots=True)
class TwoSidedKey:
    """One rule for scarcity, another for plenty: Luxembourg (Creos).

    Where the production of a step is below the consumption, `consumers` shares it; else
    everybody is covered and `producers` tells whose production is taken first. What that
    rule leaves uncovered is taken pro rata of what is left; our choice.
    """

    consumers: ConsumerKey
    producers: ConsumerKey
    """The same kinds of key, with the producers in the place of the consumers."""


type RepartitionKey = ConsumerKey | FullDynamicKey | TwoSidedKey


def equal_coefficients(n_consumers: int) -> tuple[float, ...]:
    """Coefficients of a *fixe égalitaire* key: the same for everybody, adding up to 1."""
    return tuple(1 / n_consumers for _ in range(n_consumers))


def coefficients_in_proportion(amounts: Sequence[float]) -> tuple[float, ...]:
    """Coefficients in proportion to what each consumer holds, as an investment; their sum is 1.

    Amounts of any unit, at least 0; all zero where they add up to nothing.
    """
    total = sum(amounts)
    return tuple(amount / total if total else 0.0 for amount in amounts)
