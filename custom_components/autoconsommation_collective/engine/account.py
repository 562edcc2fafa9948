"""What a home's energies cost and brought in over some steps, with the prices they rest on.

Accounts add up: two halves of a month are the month, twelve months are the year. What is not
known is told by its reason, and is never counted as nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Block, Energies, Quantity
from .contract import Contract, CostsMissing, asked_by_day, paid_prices, told_by_day
from .costs import Saving, StepPrices, known_kwh, saving
from .formula_choice import FormulaChoice, formula_choice
from .grid import Grid
from .income import SellingPrices, income
from .model import Price, PriceModel, in_force
from .reference_prices import NetworkFormula
from .tariffs import Prices, Tariff, TariffError, price_class_at
from .terms import Rate, local_days

type Told[T] = T | CostsMissing | None
"""A sum, why it cannot be told, or None where there is nothing to be told of."""

PUBLISHED, DESCRIBED = "feed", "described"
"""Who tells the operation's price: the organiser, or the member."""


class PriceKind(StrEnum):
    """What a price is paid for."""

    SUPPLIER = "supplier"
    OPERATION = "operation"
    NETWORK = "network"
    """Network fee and taxes of an allocated kWh."""
    SURPLUS = "surplus"


@dataclass(frozen=True, slots=True)
class PriceUsed:
    """A price that a figure rests on."""

    kind: PriceKind
    price_class: str
    """Of the supplier's; empty for the others."""
    eur_per_kwh: float
    since: date
    """date.min: nobody told since when."""
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices of all times that a home pays and is paid."""

    contract: Contract | None
    operation: tuple[Price, ...]
    operation_source: str = PUBLISHED
    surplus: tuple[Rate, ...] = ()
    """What the buyer of the surplus pays."""
    formula: NetworkFormula | None = None


@dataclass(frozen=True, slots=True)
class ClassPart:
    """What one price class of the supplier had of it."""

    price_class: str
    """Empty where it is not known which."""
    complement_wh: float
    complement_eur: float | None
    """What the supplier charged; None where the price is not known."""
    allocated_wh: float
    avoided_eur: float | None
    """What the supplier would have charged for the allocated energy."""

    def __add__(self, other: ClassPart) -> ClassPart:
        """Both together, of one class."""
        return ClassPart(
            self.price_class,
            self.complement_wh + other.complement_wh,
            _both(self.complement_eur, other.complement_eur),
            self.allocated_wh + other.allocated_wh,
            _both(self.avoided_eur, other.avoided_eur),
        )


@dataclass(frozen=True, slots=True)
class Account:
    """Energies in Wh over the steps that are known, and their money in €."""

    consumption_wh: float | None = None
    allocated_wh: float | None = None
    production_wh: float | None = None
    surplus_wh: float | None = None
    complement_wh: float | None = None
    """What the supplier delivered, of the steps of which it is known what was allocated."""
    classes: tuple[ClassPart, ...] = ()
    """In the order of their names."""
    complement_eur: Told[float] = None
    """Charged by the supplier for the complement, without its subscription."""
    operation_eur: Told[float] = None
    """Paid to the operation for the allocated energy."""
    saving: Told[Saving] = None
    shared_eur: Told[float] = None
    """Earned from the operation."""
    surplus_eur: Told[float] = None
    """Earned from the buyer of the surplus."""
    formulas: FormulaChoice | None = None
    prices: frozenset[PriceUsed] = frozenset()

    @property
    def shared_wh(self) -> float | None:
        """What members took of what was injected."""
        if self.production_wh is None or self.surplus_wh is None:
            return None
        return self.production_wh - self.surplus_wh

    def __add__(self, other: Account) -> Account:
        """Both together: of two periods of one home."""
        parts = {part.price_class: part for part in self.classes}
        for part in other.classes:
            held = parts.get(part.price_class)
            parts[part.price_class] = part if held is None else held + part
        return Account(
            _known(self.consumption_wh, other.consumption_wh),
            _known(self.allocated_wh, other.allocated_wh),
            _known(self.production_wh, other.production_wh),
            _known(self.surplus_wh, other.surplus_wh),
            _known(self.complement_wh, other.complement_wh),
            tuple(parts[name] for name in sorted(parts)),
            _told(self.complement_eur, other.complement_eur),
            _told(self.operation_eur, other.operation_eur),
            _told(self.saving, other.saving),
            _told(self.shared_eur, other.shared_eur),
            _told(self.surplus_eur, other.surplus_eur),
            self.formulas + other.formulas
            if self.formulas and other.formulas
            else self.formulas or other.formulas,
            self.prices | other.prices,
        )


def account_of(
    blocks: Iterable[Block], allocated: Quantity, terms: Terms, time_zone: ZoneInfo
) -> Account:
    """The account of some steps; `allocated` names the settled quantity, or the estimated."""
    given = tuple(blocks)
    every = Account()
    for block in given:
        every += _drawn(block, allocated, terms, time_zone)
        every += _injected(block, terms, time_zone)
    if terms.contract is None or terms.formula is None:
        return every
    choice = formula_choice(given, allocated, terms.contract, terms.formula, time_zone)
    return replace(every, formulas=choice)


def block_saving(allocated_wh: Energies, prices: StepPrices) -> Saving | CostsMissing:
    """What allocated energies saved, holes left out; a price counts only where one is taken."""
    taken = allocated_wh > 0
    of_taken = StepPrices(
        *(each[taken] for each in (prices.supplier, prices.complement)),
        *(each[taken] for each in (prices.operation, prices.network, prices.excise)),
    )
    if np.isnan(of_taken.supplier).any() or np.isnan(of_taken.network).any():
        return CostsMissing.NO_PRICE
    if np.isnan(of_taken.operation).any():
        return CostsMissing.NO_ACC_PRICE
    wh = allocated_wh[taken]
    # What the complement costs is the same with the operation as without.
    return saving(of_taken, wh, np.zeros_like(wh), 0.0)


def _drawn(
    block: Block, quantity: Quantity, terms: Terms, time_zone: ZoneInfo
) -> Account:
    """What the home drew."""
    consumption = block.energies.get(Quantity.CONSUMPTION)
    if consumption is None:
        return Account()
    allocated = block.energies.get(quantity)
    if allocated is None or np.isnan(allocated).all():
        return Account(consumption_wh=_sum(consumption))
    complement = np.maximum(consumption - allocated, 0.0)
    energies = Account(
        consumption_wh=_sum(consumption),
        allocated_wh=_sum(allocated),
        complement_wh=_sum(complement),
    )
    if terms.contract is None:
        missing = CostsMissing.NO_CONTRACT
        return replace(
            energies, complement_eur=missing, operation_eur=missing, saving=missing
        )
    grid = Grid(block.start, block.step, block.n_steps)
    prices = paid_prices(terms.contract, terms.operation, grid, time_zone)
    classes = _classes(terms.contract.supplier, grid, time_zone)
    return replace(
        energies,
        classes=_parts(classes, complement, allocated, prices.supplier),
        complement_eur=_eur(complement, prices.supplier, CostsMissing.NO_PRICE),
        operation_eur=_eur(allocated, prices.operation, CostsMissing.NO_ACC_PRICE),
        saving=block_saving(allocated, prices),
        prices=_used(
            terms,
            local_days(grid.starts, time_zone),
            classes,
            drawn=np.nan_to_num(complement) + np.nan_to_num(allocated) > 0,
            taken=allocated > 0,
        ),
    )


def _injected(block: Block, terms: Terms, time_zone: ZoneInfo) -> Account:
    """What the home injected for the operation."""
    production = block.energies.get(Quantity.PRODUCTION)
    if production is None:
        return Account()
    surplus = block.energies.get(Quantity.SURPLUS)
    if surplus is None or np.isnan(surplus).all():
        return Account(production_wh=_sum(production))
    grid = Grid(block.start, block.step, block.n_steps)
    days = local_days(grid.starts, time_zone)
    asked = asked_by_day(terms.operation, days)
    bought = told_by_day(terms.surplus, days)
    shared = np.maximum(production - surplus, 0.0)
    nothing = np.zeros(grid.n_steps)

    def earned(wh: Energies, prices: Prices, missing: CostsMissing) -> Told[float]:
        known = wh > 0
        if np.isnan(prices[known]).any():
            return missing
        of_known = SellingPrices(prices[known], nothing[known])
        return income(of_known, wh[known], nothing[known], 0.0).income_eur

    return Account(
        production_wh=_sum(production),
        surplus_wh=_sum(surplus),
        shared_eur=earned(shared, asked, CostsMissing.NO_ACC_PRICE),
        surplus_eur=earned(surplus, bought, CostsMissing.NO_SURPLUS_PRICE),
        prices=frozenset(
            _used_on(terms, days, shared > 0, PriceKind.OPERATION)
            | _used_on(terms, days, surplus > 0, PriceKind.SURPLUS)
        ),
    )


def _parts(
    classes: Sequence[str], complement: Energies, allocated: Energies, supplier: Prices
) -> tuple[ClassPart, ...]:
    """The energies of each class of which any is known, in the order of their names."""
    names = np.array(classes)
    known = ~np.isnan(allocated)
    parts = []
    for name in np.unique(names[known]).tolist():
        rows = known & (names == name)
        parts.append(
            ClassPart(
                name,
                float(np.nansum(complement[rows])),
                _number(_eur(complement[rows], supplier[rows], CostsMissing.NO_PRICE)),
                float(np.nansum(allocated[rows])),
                _number(_eur(allocated[rows], supplier[rows], CostsMissing.NO_PRICE)),
            )
        )
    return tuple(parts)


def _classes(tariffs: Sequence[Tariff], grid: Grid, time_zone: ZoneInfo) -> list[str]:
    """The supplier's class of each step; empty where it is not known."""

    def class_at(row: int) -> str:
        try:
            return price_class_at(tariffs, grid.start + row * grid.step, time_zone)
        except TariffError:
            return ""

    return [class_at(row) for row in range(grid.n_steps)]


def _eur(wh: Energies, prices: Prices, missing: CostsMissing) -> Told[float]:
    """The energies at their prices, holes left out."""
    known = wh > 0
    if np.isnan(prices[known]).any():
        return missing
    return float(known_kwh("energy", wh[known], prices[known]) @ prices[known])


def _used(
    terms: Terms,
    days: Sequence[date],
    classes: Sequence[str],
    *,
    drawn: np.ndarray,
    taken: np.ndarray,
) -> frozenset[PriceUsed]:
    """The prices of what was drawn and, of it, of what was taken from the operation."""
    assert terms.contract is not None
    supplier = terms.contract.supplier
    asked = {(days[row], classes[row]) for row in np.flatnonzero(drawn)}
    found = {used for day, name in asked if (used := _of_class(supplier, name, day))}
    return frozenset(
        found
        | _used_on(terms, days, taken, PriceKind.OPERATION)
        | _used_on(terms, days, taken, PriceKind.NETWORK)
    )


def _of_class(tariffs: Sequence[Tariff], name: str, day: date) -> PriceUsed | None:
    """The supplier's price of a class on a day, since the first day that it held."""
    match in_force(tariffs, day):
        case (tariff,) if name in tariff.eur_per_kwh:
            eur = tariff.eur_per_kwh[name]
        case _:
            return None
    since = tariff
    for before in sorted(tariffs, key=lambda t: t.validity.first_day, reverse=True):
        if before.validity.first_day < since.validity.first_day:
            if before.eur_per_kwh.get(name) != eur:
                break
            since = before
    first_day = since.validity.first_day
    return PriceUsed(PriceKind.SUPPLIER, name, eur, first_day, since.source)


def _used_on(
    terms: Terms, days: Sequence[date], rows: np.ndarray, kind: PriceKind
) -> set[PriceUsed]:
    """The prices of a kind without classes that were in force on the days of these rows."""
    used_on = {days[row] for row in np.flatnonzero(rows)}
    found: set[PriceUsed] = set()
    for day in used_on:
        match kind:
            case PriceKind.OPERATION:
                found |= {
                    PriceUsed(
                        kind,
                        "",
                        _asked(price),
                        price.validity.first_day,
                        terms.operation_source,
                    )
                    for price in in_force(terms.operation, day)
                }
            case _:
                network = terms.contract.network if terms.contract else ()
                rates = network if kind is PriceKind.NETWORK else terms.surplus
                found |= {
                    PriceUsed(
                        kind, "", rate.value, rate.validity.first_day, rate.source
                    )
                    for rate in in_force(rates, day)
                }
    return found


def _asked(price: Price) -> float:
    return 0.0 if price.model is PriceModel.GIFT else price.eur_per_kwh


def _sum(energies: Energies) -> float | None:
    """Sum over what is known; None where nothing is."""
    return None if np.isnan(energies).all() else float(np.nansum(energies))


def _known(one: float | None, other: float | None) -> float | None:
    """The sum over what is known."""
    if one is None or other is None:
        return other if one is None else one
    return one + other


def _both(one: float | None, other: float | None) -> float | None:
    """The sum, where both are known."""
    return None if one is None or other is None else one + other


def _told[T: (float, Saving)](one: Told[T], other: Told[T]) -> Told[T]:
    """The sum; why not, where one of them cannot be told."""
    if isinstance(one, CostsMissing) or other is None:
        return one
    if isinstance(other, CostsMissing) or one is None:
        return other
    return one + other


def _number(told: Told[float]) -> float | None:
    return None if isinstance(told, CostsMissing) else told
