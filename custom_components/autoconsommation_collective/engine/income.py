"""What a producer earns: what members take at the operation's price, the rest from its buyer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from .blocks import Energies
from .costs import known_kwh
from .tariffs import Prices
from .terms import ProducerTerms, asked_eur_per_kwh, local_days, on_days, rates_by_day


@dataclass(frozen=True, slots=True, eq=False)
class SellingPrices:
    """What a producer is paid for a kWh at each step, in €/kWh."""

    operation: Prices
    """For an allocated kWh."""
    surplus: Prices


@dataclass(frozen=True, slots=True)
class Income:
    """What a producer earns over a period, in €. Incomes add up."""

    operation_eur: float
    surplus_eur: float
    fees_eur: float

    @property
    def income_eur(self) -> float:
        """What is left after fees."""
        return self.operation_eur + self.surplus_eur - self.fees_eur

    def __add__(self, other: Income) -> Income:
        """Both together: of two periods, or of two producers."""
        return Income(
            self.operation_eur + other.operation_eur,
            self.surplus_eur + other.surplus_eur,
            self.fees_eur + other.fees_eur,
        )


def selling_prices(
    terms: ProducerTerms, steps: Sequence[datetime], time_zone: ZoneInfo
) -> SellingPrices:
    """What the producer is paid for a kWh at each step.

    Raises CostError where a step has no price.
    """
    days = local_days(steps, time_zone)
    asked = on_days("prices", terms.prices, days)
    return SellingPrices(
        operation=np.array(
            list(map(asked_eur_per_kwh, asked, days, strict=True)), dtype=np.float64
        ),
        surplus=rates_by_day("surplus_prices", terms.surplus_prices, days),
    )


def income(
    prices: SellingPrices,
    allocated_wh: Energies,
    surplus_wh: Energies,
    fees_eur: float,
) -> Income:
    """What a producer earned on these energies, in Wh of the steps of the prices.

    Allocated is what members took of its production; fees are those of the same days, from
    `terms.yearly_eur`. Raises CostError on energies that are missing, negative, or not one
    for each price.
    """
    allocated = known_kwh("allocated", allocated_wh, prices.operation)
    surplus = known_kwh("surplus", surplus_wh, prices.surplus)
    return Income(
        operation_eur=float(allocated @ prices.operation),
        surplus_eur=float(surplus @ prices.surplus),
        fees_eur=fees_eur,
    )
