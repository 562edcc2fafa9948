"""Operations of any size with any energies and any key, for the laws of the repartition."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.keys import (
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


class Case(NamedTuple):
    """An operation and its key, as `allocate` takes them."""

    production: Matrix
    consumption: Matrix
    key: RepartitionKey

    @property
    def supply(self) -> Energies:
        """Production of each step."""
        return self.production.sum(axis=1)

    @property
    def demand(self) -> Energies:
        """Consumption of each step."""
        return self.consumption.sum(axis=1)


class Size(NamedTuple):
    """How many of each."""

    steps: int
    producers: int
    consumers: int

    def mirrored(self) -> Size:
        """Producers in the place of consumers."""
        return Size(self.steps, self.consumers, self.producers)


ENERGIES = st.one_of(
    st.just(0.0),
    st.floats(min_value=0, max_value=1e7),
    st.integers(0, 3000).map(float),
    st.floats(min_value=0, max_value=1e-6),
    st.floats(min_value=1e9, max_value=1e12),
)
"""Nothing, anything up to 10 MWh, what a home draws, next to nothing, a town's year."""

ALIKE = st.integers(0, 20).map(float)
"""Energies of one magnitude, so that some participants are covered and others not."""

VOTES = st.integers(0, 9).map(float)
WEIGHTS = VOTES | st.floats(1e-12, 1e12)
"""Nothing, votes, millions of euros or millionths of a share."""


PARTICIPANTS = st.integers(0, 4)


@st.composite
def coefficients(draw: st.DrawFn, n_consumers: int) -> tuple[float, ...]:
    """Parts of at most 1 in all, often of 1."""
    weights = draw(
        st.lists(st.integers(0, 100), min_size=n_consumers, max_size=n_consumers)
    )
    whole = max(sum(weights), 1) + draw(st.just(0) | st.integers(0, 100))
    return tuple(weight / whole for weight in weights)


@st.composite
def coefficient_rows(draw: st.DrawFn, n_rows: int, n_consumers: int) -> Matrix:
    """Coefficients of several steps or producers."""
    rows = [draw(coefficients(n_consumers)) for _ in range(n_rows)]
    return np.array(rows).reshape(n_rows, n_consumers)


def static_keys(size: Size) -> st.SearchStrategy[StaticKey]:
    """Any coefficients."""
    return st.builds(StaticKey, coefficients(size.consumers))


def dynamic_keys(size: Size) -> st.SearchStrategy[DynamicKey]:
    """Any coefficients for each step."""
    return st.builds(DynamicKey, coefficient_rows(size.steps, size.consumers))


def full_dynamic_keys(size: Size) -> st.SearchStrategy[FullDynamicKey]:
    """Any coefficients for each producer, of each step or of all."""
    steps, producers, consumers = size
    of_each_step = coefficient_rows(steps * producers, consumers).map(
        lambda rows: rows.reshape(size)
    )
    return st.builds(FullDynamicKey, of_each_step | coefficient_rows(*size[1:]))


@st.composite
def fair_keys(draw: st.DrawFn, size: Size) -> FairKey:
    """Equal shares or by any weights, some of them zero."""
    n_consumers = size.consumers
    weights = st.lists(
        draw(st.sampled_from([VOTES, WEIGHTS])),
        min_size=n_consumers,
        max_size=n_consumers,
    )
    return FairKey(draw(st.none() | weights.map(tuple)))


@st.composite
def priority_keys(draw: st.DrawFn, size: Size) -> PriorityKey:
    """Any ranks, often equal ones, with either rule among equals."""
    ranks = st.lists(
        st.integers(-1, 2), min_size=size.consumers, max_size=size.consumers
    )
    return PriorityKey(
        tuple(draw(ranks)), draw(st.just(ProRataKey()) | fair_keys(size))
    )


@st.composite
def iterative_keys(draw: st.DrawFn, size: Size) -> IterativeKey:
    """One to three rounds of any rules, with any parts or all in the first."""
    rounds = draw(
        st.lists(st.just(ProRataKey()) | static_keys(size), min_size=1, max_size=3)
    )
    parts = draw(
        st.none()
        | coefficients(len(rounds)).map(lambda drawn: (*drawn[1:], 1 - sum(drawn[1:])))
    )
    return IterativeKey(tuple(rounds), parts)


def two_sided_keys(size: Size) -> st.SearchStrategy[TwoSidedKey]:
    """Any rule on either side."""
    return st.builds(
        TwoSidedKey, keys(size, *POOLED_KEYS), keys(size.mirrored(), *POOLED_KEYS)
    )


POOLED_KEYS: dict[type, Callable[[Size], st.SearchStrategy[ConsumerKey]]] = {
    ProRataKey: lambda _: st.just(ProRataKey()),
    StaticKey: static_keys,
    DynamicKey: dynamic_keys,
    FairKey: fair_keys,
    PriorityKey: priority_keys,
    IterativeKey: iterative_keys,
}
KEYS: dict[type, Callable[[Size], st.SearchStrategy[RepartitionKey]]] = {
    **POOLED_KEYS,
    FullDynamicKey: full_dynamic_keys,
    TwoSidedKey: two_sided_keys,
}


def keys(size: Size, *kinds: type) -> st.SearchStrategy[RepartitionKey]:
    """Keys of these kinds for an operation of that size."""
    return st.sampled_from(kinds).flatmap(lambda kind: KEYS[kind](size))


@st.composite
def cases(draw: st.DrawFn, *kinds: type) -> Case:
    """An operation of any size and any energies, with a key of these kinds or of any."""
    size = Size(draw(st.integers(0, 2)), draw(PARTICIPANTS), draw(PARTICIPANTS))
    energies = draw(st.sampled_from([ALIKE, ENERGIES]))
    return Case(
        draw(arrays(np.float64, (size.steps, size.producers), elements=energies)),
        draw(arrays(np.float64, (size.steps, size.consumers), elements=energies)),
        draw(keys(size, *(kinds or KEYS))),
    )


def permuted(
    key: RepartitionKey, producers: list[int], consumers: list[int]
) -> RepartitionKey:
    """The same key with its participants listed in another order."""

    def listed[T](numbers: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(numbers[i] for i in consumers)

    match key:
        case StaticKey(parts):
            return StaticKey(listed(parts))
        case DynamicKey(parts):
            return DynamicKey(parts[:, consumers])
        case FullDynamicKey(parts):
            return FullDynamicKey(parts[..., producers, :][..., consumers])
        case FairKey(weights) if weights is not None:
            return FairKey(listed(weights))
        case PriorityKey(ranks, within):
            return PriorityKey(listed(ranks), permuted(within, producers, consumers))
        case IterativeKey(rounds):
            return replace(
                key,
                rounds=tuple(permuted(rule, producers, consumers) for rule in rounds),
            )
        case TwoSidedKey():
            return TwoSidedKey(
                permuted(key.consumers, producers, consumers),
                permuted(key.producers, consumers, producers),
            )
        case _:
            return key


def of_step(key: RepartitionKey, step: int) -> RepartitionKey:
    """What the key says of one step."""
    match key:
        case DynamicKey(parts):
            return DynamicKey(parts[[step]])
        case FullDynamicKey(parts) if parts.ndim == 3:
            return FullDynamicKey(parts[[step]])
        case TwoSidedKey():
            return TwoSidedKey(
                of_step(key.consumers, step), of_step(key.producers, step)
            )
        case _:
            return key


def exhausts(key: RepartitionKey) -> bool:
    """Whether the key leaves no production where consumption remains."""
    match key:
        case ProRataKey():
            return True
        case FairKey(weights):
            return weights is None or all(weight > 0 for weight in weights)
        case PriorityKey(within=within):
            return exhausts(within)
        case IterativeKey(rounds):
            return exhausts(rounds[-1])
        case TwoSidedKey(consumers):
            return exhausts(consumers)
        case _:
            return False


def side_is_clear(case: Case) -> bool:
    """No step where a rounding decides between scarcity and plenty.

    There a key of two sides may leap, as where 0.1 + 0.2 is held against 0.3.
    """
    gap, both = np.abs(case.supply - case.demand), case.supply + case.demand
    return not isinstance(case.key, TwoSidedKey) or bool(
        ((gap > 1e-9 * both) | (both == 0)).all()
    )


def rounding(case: Case) -> Energies:
    """What may be lost in each step; the least is far below any energy."""
    return 1e-9 * case.supply + 1e-300


def assert_near(
    found: Matrix | Cube | Energies, expected: Matrix | Cube | Energies, room: Energies
) -> None:
    """The same but for rounding, step by step."""
    assert found.shape == expected.shape
    room = room.reshape(-1, *(1,) * (found.ndim - 1))
    assert (np.abs(found - expected) <= room).all(), f"{found} is not {expected}"
