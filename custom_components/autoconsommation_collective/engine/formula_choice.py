"""Would the network formula for members of an operation have been cheaper?

Only as far as the fees are known: the days compared are told with the costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Block, Energies, Quantity, steps
from .contract import Contract, plain_hours
from .costs import NetworkCosts, network_formulas
from .model import Validity, in_force
from .reference_prices import (
    VAT,
    FourClassFormula,
    NetworkFormula,
    seasonal,
    turpe,
    turpe_acc,
)
from .tariffs import Calendar, Tariff, TariffError, price_class_at
from .terms import AccFormula, rates_by_day


@dataclass(frozen=True, slots=True)
class FormulaChoice:
    """What both formulas cost over the same days, in € with VAT."""

    first_day: date
    last_day: date
    costs: NetworkCosts

    def __add__(self, other: FormulaChoice) -> FormulaChoice:
        """Both together: of two periods."""
        return FormulaChoice(
            min(self.first_day, other.first_day),
            max(self.last_day, other.last_day),
            NetworkCosts(
                self.costs.normal_eur + other.costs.normal_eur,
                self.costs.acc_eur + other.costs.acc_eur,
            ),
        )


def has_variant(formula: NetworkFormula) -> TypeGuard[FourClassFormula]:
    """Whether members of an operation may choose a variant of it."""
    return formula in (NetworkFormula.CU4, NetworkFormula.MU4)


def formula_choice(
    blocks: Sequence[Block],
    allocated: Quantity,
    contract: Contract,
    formula: NetworkFormula,
    time_zone: ZoneInfo,
) -> FormulaChoice | None:
    """Both costs of what was drawn; None where the formula has no variant, or no fee is known."""
    if not has_variant(formula):
        return None
    normal = _of_contract(contract, lambda hours: turpe(formula, hours))
    acc = AccFormula(
        _of_contract(contract, lambda hours: turpe_acc(formula, hours).allocated),
        _of_contract(contract, lambda hours: turpe_acc(formula, hours).complement),
        turpe_acc(formula, Calendar(())).extra,
    )
    at: list[datetime] = []
    taken: list[Energies] = []
    bought: list[Energies] = []
    for block in blocks:
        if not block.energies.keys() >= {Quantity.CONSUMPTION, allocated}:
            continue
        starts = list(steps(block))
        own, drawn = block.energies[allocated], block.energies[Quantity.CONSUMPTION]
        known = np.isfinite(drawn - own) & np.array(
            [_has_fee(normal, start, time_zone) for start in starts]
        )
        at += [start for start, is_known in zip(starts, known, strict=True) if is_known]
        taken.append(own[known])
        bought.append(np.maximum(drawn - own, 0.0)[known])
    if not at:
        return None
    days = sorted({start.astimezone(time_zone).date() for start in at})
    costs = network_formulas(
        normal, acc, at, np.concatenate(taken), np.concatenate(bought), time_zone
    )
    with_vat = 1 + float(rates_by_day("vat", VAT, days[-1:])[0])
    return FormulaChoice(
        days[0],
        days[-1],
        NetworkCosts(with_vat * costs.normal_eur, with_vat * costs.acc_eur),
    )


def _of_contract(
    contract: Contract, fees: Callable[[Calendar], tuple[Tariff, ...]]
) -> tuple[Tariff, ...]:
    """The fees by the hours that each of the contract's tariffs has, on its own days."""
    return tuple(
        replace(fee, validity=common)
        for tariff in contract.supplier
        for fee in fees(seasonal(plain_hours(tariff.calendar)))
        if (common := _common(fee.validity, tariff.validity))
    )


def _common(one: Validity, other: Validity) -> Validity | None:
    """The days of both; None without any."""
    first = max(one.first_day, other.first_day)
    lasts = [last for last in (one.last_day, other.last_day) if last]
    last = min(lasts, default=None)
    return Validity(first, last) if last is None or first <= last else None


def _has_fee(fees: Sequence[Tariff], at: datetime, time_zone: ZoneInfo) -> bool:
    found = in_force(fees, at.astimezone(time_zone).date())
    try:
        return (
            bool(found) and price_class_at(fees, at, time_zone) in found[0].eur_per_kwh
        )
    except TariffError:
        return False
