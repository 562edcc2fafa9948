"""Who owes whom for allocated energy, to the cent, so that the lines add up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import override

import numpy as np
import numpy.typing as npt

from .errors import AccError
from .indicators import WH_PER_KWH
from .keys import Cube, Matrix
from .model import PriceModel
from .tariffs import Prices


@dataclass(frozen=True, slots=True)
class Line:
    """What one consumer took from one producer, and owes it."""

    consumer: str
    """Id; whoever owes."""
    producer: str
    """Id; whom it is owed to."""
    energy_wh: float
    cents: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What the consumers of an operation owe its producers for a period."""

    model: PriceModel
    lines: tuple[Line, ...]
    """By consumer and producer, in order of their ids; only pairs that shared energy."""

    @property
    def total_cents(self) -> int:
        """What all owe together."""
        return sum(line.cents for line in self.lines)

    @property
    def owed_cents(self) -> Mapping[str, int]:
        """What each consumer owes."""
        return _sums((line.consumer, line.cents) for line in self.lines)

    @property
    def due_cents(self) -> Mapping[str, int]:
        """What each producer is owed."""
        return _sums((line.producer, line.cents) for line in self.lines)

    @property
    def drawn_wh(self) -> Mapping[str, float]:
        """What each consumer drew from its pack; nothing where energy is not prepaid."""
        if self.model is not PriceModel.PREPAID:
            return {}
        return _sums((line.consumer, line.energy_wh) for line in self.lines)


class BillProblem(StrEnum):
    """Why no bill can be written."""

    SHAPES_DIFFER = "shapes_differ"
    """Not an id for each participant, or not a price for each step."""
    ID_TWICE = "id_twice"
    HOLE = "hole"
    NOT_AN_ENERGY = "not_an_energy"
    """Negative or infinite."""
    NOT_A_PRICE = "not_a_price"
    """Negative, infinite or missing."""
    GIFT_WITH_PRICE = "gift_with_price"


class BillError(AccError):
    """Energies or prices that no bill can be written for."""

    def __init__(
        self,
        problem: BillProblem,
        *,
        producer: str = "",
        consumer: str = "",
        found: object = "",
    ) -> None:
        """Name the participants concerned and what stands there."""
        super().__init__(problem, producer, consumer, found)
        self.problem = problem
        self.producer = producer
        self.consumer = consumer
        self.found = str(found)

    @override
    def __str__(self) -> str:
        """One line, as `hole: A, B, nan`."""
        where = filter(None, (self.producer, self.consumer, self.found))
        return f"{self.problem.value}: {', '.join(where)}"


def bill(
    pairs: Cube | Matrix,
    model: PriceModel,
    eur_per_kwh: float | Prices,
    producers: Sequence[str],
    consumers: Sequence[str],
) -> Bill:
    """The bill of a period, of energies in Wh by producer and consumer.

    Pairs have the shape (n_steps, n_producers, n_consumers), as `allocated_by_pair` gives
    them, or (n_producers, n_consumers) summed; a price by step needs the first. Ids are in
    the order of the columns.

    A gift costs nothing. Prepaid energy is drawn from a pack, which was paid to the
    organiser: no money passes between members, whatever the price. Money is rounded once:
    all together to the nearest cent, half a cent up; consumers by largest remainder, equal
    ones in order of id; each one's lines so that cents go to the producers furthest behind
    what they are due. What a consumer owes, and each of its lines, is the exact amount
    rounded up or down; what a producer is due follows as closely as these allow. The order
    of columns does not matter.

    Raises BillError on ids that are not one for each participant or not different, on
    energies that are missing or negative, on a price that is, and on a gift with a price.
    """
    _check_ids(pairs, producers, consumers)
    _check_energies(pairs, producers, consumers)
    prices = np.asarray(eur_per_kwh, dtype=np.float64)
    _check_prices(prices, pairs, model)
    energies = pairs.sum(axis=0) if pairs.ndim == 3 else pairs
    owed = np.zeros(energies.shape, dtype=np.int64)
    if model is PriceModel.SALE:
        owed = _exact(pairs, prices)
    by_producer = sorted(range(len(producers)), key=producers.__getitem__)
    by_consumer = sorted(range(len(consumers)), key=consumers.__getitem__)
    sums = [int(owed[:, c].sum()) for c in by_consumer]
    total_cents = (sum(sums) + _EXACT_PER_CENT // 2) // _EXACT_PER_CENT
    lines: list[Line] = []
    behind = [0] * len(by_producer)
    for c, owes in zip(by_consumer, _cents(sums, total_cents), strict=True):
        exact = owed[by_producer, c].tolist()
        cents = _cents(exact, owes, behind)
        lines += [
            Line(consumers[c], producers[p], float(energies[p, c]), paid)
            for p, paid in zip(by_producer, cents, strict=True)
            if energies[p, c] > 0
        ]
        behind = [
            before + amount - paid * _EXACT_PER_CENT
            for before, amount, paid in zip(behind, exact, cents, strict=True)
        ]
    return Bill(model, tuple(lines))


_EXACT_PER_EUR = 10**9
"""A Wh at a price of six decimals, which is more than any has, is a whole number of these."""
_EXACT_PER_CENT = _EXACT_PER_EUR // 100


def _exact(pairs: Cube | Matrix, prices: Prices) -> npt.NDArray[np.int64]:
    """What each pair is worth, in billionths of a euro, shape (n_producers, n_consumers)."""
    if pairs.ndim == 2:
        eur = pairs * prices
    else:
        eur = np.einsum("spc,s->pc", pairs, np.broadcast_to(prices, len(pairs)))
    return np.rint(eur * (_EXACT_PER_EUR // WH_PER_KWH)).astype(np.int64)


def _cents(
    exact: Sequence[int], total_cents: int, behind: Sequence[int] | None = None
) -> list[int]:
    """Whole cents of each amount, adding up to the total: the largest remainders go up.

    The total is the exact sum, rounded up or down. What somebody is behind from earlier
    roundings counts with its remainder; an amount that is whole stays as it is.
    """
    owed_before = behind or [0] * len(exact)
    cents = [amount // _EXACT_PER_CENT for amount in exact]
    by_remainder = sorted(
        (i for i, amount in enumerate(exact) if amount % _EXACT_PER_CENT),
        key=lambda i: exact[i] % _EXACT_PER_CENT + owed_before[i],
        reverse=True,
    )
    for i in by_remainder[: total_cents - sum(cents)]:
        cents[i] += 1
    return cents


def _sums[N: (int, float)](amounts: Iterable[tuple[str, N]]) -> dict[str, N]:
    """The sum of each id's amounts."""
    sums: dict[str, N] = {}
    for name, amount in amounts:
        sums[name] = sums[name] + amount if name in sums else amount
    return sums


def _check_ids(
    pairs: Cube | Matrix, producers: Sequence[str], consumers: Sequence[str]
) -> None:
    """Refuse ids that are not one for each participant, or not different."""
    if pairs.ndim not in (2, 3) or pairs.shape[-2:] != (len(producers), len(consumers)):
        raise BillError(
            BillProblem.SHAPES_DIFFER,
            found=f"shape {pairs.shape} for {len(producers)} and {len(consumers)} ids",
        )
    for ids in (producers, consumers):
        for name, times in Counter(ids).items():
            if times > 1:
                raise BillError(BillProblem.ID_TWICE, found=name)


def _check_energies(
    pairs: Cube | Matrix, producers: Sequence[str], consumers: Sequence[str]
) -> None:
    """Refuse what is no energy, naming the first pair."""
    wrong = np.argwhere(~(np.isfinite(pairs) & (pairs >= 0)))
    if wrong.size:
        at = tuple(wrong[0].tolist())
        raise BillError(
            BillProblem.HOLE if np.isnan(pairs[at]) else BillProblem.NOT_AN_ENERGY,
            producer=producers[at[-2]],
            consumer=consumers[at[-1]],
            found=pairs[at],
        )


def _check_prices(prices: Prices, pairs: Cube | Matrix, model: PriceModel) -> None:
    """Refuse prices that are none, or not one for all or one for each step."""
    if prices.shape not in ((), pairs.shape[:-2]):
        raise BillError(
            BillProblem.SHAPES_DIFFER,
            found=f"prices of shape {prices.shape} for pairs of shape {pairs.shape}",
        )
    wrong = prices[~(np.isfinite(prices) & (prices >= 0))]
    if wrong.size:
        raise BillError(BillProblem.NOT_A_PRICE, found=wrong[0])
    if model is PriceModel.GIFT and prices.any():
        raise BillError(BillProblem.GIFT_WITH_PRICE, found=prices.max())
