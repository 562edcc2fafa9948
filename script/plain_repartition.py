"""The repartition rules in plain Python, one step at a time: the reference of the engine.

Written from the rules and not from the engine, with no array in its sums, so that the two can
be held against each other. Nothing here is quick: each rule is followed as it is told, share by
share and round by round. Energies may be `Fraction`: then the sums are exact.

Input is taken as valid: no negative energy, one coefficient, weight or rank per participant.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from custom_components.autoconsommation_collective.engine.keys import (
    ConsumerKey,
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    TwoSidedKey,
)

type Number = float | Fraction


def allocate_step(
    production: Sequence[Number],
    consumption: Sequence[Number],
    key: RepartitionKey,
    step: int = 0,
) -> tuple[list[Number], list[Number]]:
    """Energy allocated to each consumer and surplus of each producer, in one step.

    `step` is the row of a key whose coefficients change with it. All in one unit of energy.
    """
    match key:
        case FullDynamicKey():
            return _each_producer_offers(production, consumption, key, step)
        case TwoSidedKey() if sum(production) >= sum(consumption):
            return _everybody_is_covered(production, consumption, key.producers, step)
        case TwoSidedKey():
            return _from_the_pool(production, consumption, key.consumers, step)
        case _:
            return _from_the_pool(production, consumption, key, step)


def _from_the_pool(
    production: Sequence[Number],
    consumption: Sequence[Number],
    key: ConsumerKey,
    step: int,
) -> tuple[list[Number], list[Number]]:
    """All production in one pot; its surplus belongs to the producers pro rata."""
    pool = sum(production)
    allocated = _share(pool, consumption, key, step)
    left = pool - sum(allocated)
    return allocated, [left * (own / pool) if pool else own for own in production]


def _everybody_is_covered(
    production: Sequence[Number],
    consumption: Sequence[Number],
    key: ConsumerKey,
    step: int,
) -> tuple[list[Number], list[Number]]:
    """In plenty the key says whose production is taken; the rest is taken pro rata."""
    demand = sum(consumption)
    by_key = _share(demand, production, key, step)
    kept = _minus(production, by_key)
    in_addition = _pro_rata(_not_negative(demand - sum(by_key)), kept)
    return list(consumption), _minus(kept, in_addition)


def _each_producer_offers(
    production: Sequence[Number],
    consumption: Sequence[Number],
    key: FullDynamicKey,
    step: int,
) -> tuple[list[Number], list[Number]]:
    """Each pair has its coefficient; who is offered too much takes pro rata of the offers."""
    cube = key.coefficients
    table = (cube if cube.ndim == 2 else cube[step]).tolist()
    parts = [_as_exact_as(own, row) for own, row in zip(production, table, strict=True)]
    surplus = list(production)
    allocated: list[Number] = []
    for consumer, wanted in enumerate(consumption):
        offers = [
            part[consumer] * own for own, part in zip(production, parts, strict=True)
        ]
        taken = _pro_rata(wanted, offers)
        surplus = _minus(surplus, taken)
        allocated.append(sum(taken))
    return allocated, surplus


def _share(
    available: Number, wanted: Sequence[Number], key: ConsumerKey, step: int
) -> list[Number]:
    """What each participant has of the energy that is available."""
    match key:
        case ProRataKey():
            return _pro_rata(available, wanted)
        case StaticKey():
            return _by_coefficients(available, wanted, key.coefficients)
        case DynamicKey():
            return _by_coefficients(available, wanted, key.coefficients[step].tolist())
        case FairKey():
            return _equal_shares_again_and_again(available, wanted, key.weights)
        case PriorityKey():
            return _one_rank_after_the_other(available, wanted, key)
        case IterativeKey():
            return _rounds(available, wanted, key)


def _pro_rata(available: Number, wanted: Sequence[Number]) -> list[Number]:
    """The same proportion of what each one wants, at most all of it."""
    demand = sum(wanted)
    if available >= demand:
        return list(wanted)
    return [min(own, available * (own / demand)) for own in wanted]


def _by_coefficients(
    available: Number, wanted: Sequence[Number], coefficients: Iterable[float]
) -> list[Number]:
    """Each one's fixed part, at most what it wants; nobody has what another leaves."""
    parts = _as_exact_as(available, coefficients)
    return [min(own, part * available) for own, part in zip(wanted, parts, strict=True)]


def _equal_shares_again_and_again(
    available: Number, wanted: Sequence[Number], weights: Iterable[float] | None
) -> list[Number]:
    """Equal shares (by weight) of what is left, until nobody can take or nothing is left."""
    shares = _as_exact_as(available, weights or [1] * len(wanted))
    given: list[Number] = [0 * own for own in wanted]
    hungry = [i for i, own in enumerate(wanted) if own > 0 and shares[i] > 0]
    left = available
    while hungry and left > 0:
        total = sum(shares[i] for i in hungry)
        offers = {i: left * (shares[i] / total) for i in hungry}
        covered = [i for i in hungry if wanted[i] - given[i] <= offers[i]]
        for i in hungry:
            taken = min(offers[i], wanted[i] - given[i])
            given[i] = wanted[i] if i in covered else given[i] + taken
            left -= taken
        if not covered:  # everybody took a full share: nothing is left but rounding
            break
        hungry = [i for i in hungry if i not in covered]
    return given


def _one_rank_after_the_other(
    available: Number, wanted: Sequence[Number], key: PriorityKey
) -> list[Number]:
    """The lowest rank is served, then the next one has what is left."""
    given: list[Number] = [0 * own for own in wanted]
    left = available
    for rank in sorted(set(key.ranks)):
        members = [i for i, own in enumerate(key.ranks) if own == rank]
        within = key.within
        if isinstance(within, FairKey) and within.weights is not None:
            within = FairKey(tuple(within.weights[i] for i in members))
        served = _share(left, [wanted[i] for i in members], within, 0)
        for i, energy in zip(members, served, strict=True):
            given[i] = energy
        left = _not_negative(left - sum(served))
    return given


def _rounds(
    available: Number, wanted: Sequence[Number], key: IterativeKey
) -> list[Number]:
    """Each round shares its part and what the one before left, among what is still wanted."""
    parts = _as_exact_as(available, key.parts or [1] + [0] * (len(key.rounds) - 1))
    given: list[Number] = [0 * own for own in wanted]
    still_wanted = list(wanted)
    left: Number = 0
    for part, rule in zip(parts, key.rounds, strict=True):
        on_offer = part * available + left
        taken = _share(on_offer, still_wanted, rule, 0)
        given = [before + now for before, now in zip(given, taken, strict=True)]
        still_wanted = _minus(still_wanted, taken)
        left = _not_negative(on_offer - sum(taken))
    return given


def _minus(energies: Sequence[Number], taken: Sequence[Number]) -> list[Number]:
    """What is left of each energy."""
    return [energy - less for energy, less in zip(energies, taken, strict=True)]


def _not_negative(left: Number) -> Number:
    """What is left of energy shared out: in floats the shares may pass it by a rounding."""
    return max(left, 0 * left)


def _as_exact_as(energy: Number, numbers: Iterable[float]) -> list[Number]:
    """Numbers of a key in the kind of an energy: a Fraction times a float is a float."""
    if isinstance(energy, Fraction):
        return [Fraction(number) for number in numbers]
    return list(numbers)
