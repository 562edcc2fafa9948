"""What an allocated kWh costs a home, what it saves, and what moving a kWh to it earns.

An allocated kWh is not bought from the supplier, but the grid still carries it: beside the
operation's price, its network fee and its excise are due, with VAT. This all-in cost, not the
operation's price alone, compares with the supplier's price.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .blocks import Energies
from .indicators import WH_PER_KWH
from .tariffs import Prices, Tariff, prices_by_step
from .terms import (
    AccFormula,
    AtSupplierPrice,
    ConsumerTerms,
    CostError,
    CostProblem,
    asked_eur_per_kwh,
    daily_eur,
    local_days,
    on_days,
    rates_by_day,
    yearly_eur,
)


@dataclass(frozen=True, slots=True, eq=False)
class StepPrices:
    """What a kWh costs a home at each step, in €/kWh with all taxes."""

    supplier: Prices
    """From the supplier, without the operation."""
    complement: Prices
    """From the supplier, in the operation: differs by the optional network formula alone."""
    operation: Prices
    """Paid to the operation for an allocated kWh."""
    network: Prices
    """Network fee of an allocated kWh."""
    excise: Prices
    """Excise on an allocated kWh."""

    @property
    def allocated(self) -> Prices:
        """All that an allocated kWh costs."""
        return self.operation + self.network + self.excise


@dataclass(frozen=True, slots=True)
class Saving:
    """What an operation saves a home over a period, and why, in €. Savings add up."""

    avoided_eur: float
    """What the supplier would have charged for the allocated energy."""
    operation_eur: float
    """Paid to the operation for it."""
    network_eur: float
    """Network fee of the allocated energy."""
    excise_eur: float
    complement_extra_eur: float
    """What the complement costs more than without the operation; below 0: less."""
    fees_eur: float

    @property
    def saving_eur(self) -> float:
        """What is left; below 0 where the operation costs more than it saves."""
        return self.avoided_eur - (
            self.operation_eur
            + self.network_eur
            + self.excise_eur
            + self.complement_extra_eur
            + self.fees_eur
        )

    def __add__(self, other: Saving) -> Saving:
        """Both together: of two periods, or of two homes."""
        return Saving(
            self.avoided_eur + other.avoided_eur,
            self.operation_eur + other.operation_eur,
            self.network_eur + other.network_eur,
            self.excise_eur + other.excise_eur,
            self.complement_extra_eur + other.complement_extra_eur,
            self.fees_eur + other.fees_eur,
        )


@dataclass(frozen=True, slots=True)
class NetworkCosts:
    """Network fees of the same energy under both formulas, in € without VAT.

    Without the fixed part that both have.
    """

    normal_eur: float
    acc_eur: float

    @property
    def acc_is_cheaper(self) -> bool:
        """Whether the optional formula is worth choosing."""
        return self.acc_eur < self.normal_eur


def step_prices(
    terms: ConsumerTerms, steps: Sequence[datetime], time_zone: ZoneInfo
) -> StepPrices:
    """What a kWh costs the home at each step, which are instants in any order.

    All-in cost of an allocated kWh: the operation's price + (1 + VAT) (variable network fee
    + excise). Raises CostError or TariffError where a step lacks any of it.
    """
    days = local_days(steps, time_zone)

    def priced(tariffs: Sequence[Tariff]) -> Prices:
        return prices_by_step(tariffs, steps, time_zone)

    with_vat = 1 + rates_by_day("vat", terms.vat, days)
    supplier, normal = priced(terms.supplier), priced(terms.network)
    if formula := terms.acc_formula:
        network = with_vat * priced(formula.allocated)
        complement = supplier + with_vat * (priced(formula.complement) - normal)
    else:
        network = with_vat * normal
        complement = supplier
    excise = with_vat * rates_by_day("excise", terms.excise, days)
    at_supplier = complement - network - excise
    operation = np.array(
        [
            at_supplier[i]
            if isinstance(price, AtSupplierPrice)
            else asked_eur_per_kwh(price, days[i])
            for i, price in enumerate(on_days("prices", terms.prices, days))
        ],
        dtype=np.float64,
    )
    return StepPrices(supplier, complement, operation, network, excise)


def saving(
    prices: StepPrices,
    allocated_wh: Energies,
    complement_wh: Energies,
    fees_eur: float,
) -> Saving:
    """What the operation saved on these energies, against a home that buys all of them.

    Energies in Wh of the steps of the prices; fees of the same days, from `fixed_eur`.
    Raises CostError on energies that are missing, negative, or not one for each price.
    """
    allocated = known_kwh("allocated", allocated_wh, prices.supplier)
    complement = known_kwh("complement", complement_wh, prices.supplier)
    return Saving(
        avoided_eur=float(allocated @ prices.supplier),
        operation_eur=float(allocated @ prices.operation),
        network_eur=float(allocated @ prices.network),
        excise_eur=float(allocated @ prices.excise),
        complement_extra_eur=float(complement @ (prices.complement - prices.supplier)),
        fees_eur=fees_eur,
    )


def fixed_eur(terms: ConsumerTerms, days: Iterable[date]) -> float:
    """What these local days cost a home in the operation, whatever it is allocated.

    Fees of the operation, and what the optional network formula costs more by the year, all
    taxes included. Raises CostError where that, or the VAT on it, is not known.
    """
    counted = tuple(days)
    eur = yearly_eur(terms.fees, counted)
    if terms.acc_formula:
        with_vat = 1 + rates_by_day("vat", terms.vat, counted)
        eur += float(_extra_eur(terms.acc_formula, counted) @ with_vat)
    return eur


def marginal_eur_per_kwh(
    complement: float, allocated: float, probability: float
) -> float:
    """Expected cost of one more kWh, which is allocated with this probability.

    Prices in €/kWh, all taxes included: from the supplier, and all-in from the operation.
    Raises CostError on a probability outside [0, 1].
    """
    if not 0 <= probability <= 1:
        raise CostError(CostProblem.NOT_A_PROBABILITY, "probability", found=probability)
    return probability * allocated + (1 - probability) * complement


def shift_gain_eur_per_kwh(
    default: float, complement: float, allocated: float, probability: float
) -> float:
    """What a kWh moved to a step earns there; below 0, it loses.

    `default` is the expected cost where it would have run anyway: with midday off-peak hours
    that may be noon itself. The others as in `marginal_eur_per_kwh`, which raises the same.
    """
    return default - marginal_eur_per_kwh(complement, allocated, probability)


def break_even_probability(
    default: float, complement: float, allocated: float
) -> float | None:
    """Probability of being allocated at which a move to a step neither gains nor loses.

    Prices as in `shift_gain_eur_per_kwh`. Not clipped: at most 0, the move never loses; above
    1, it always does. None where the allocated kWh is not cheaper than the supplier's of the
    same step: being allocated is then no reason to move, and only prices decide.
    """
    if allocated >= complement:
        return None
    return (complement - default) / (complement - allocated)


def network_formulas(
    normal: Sequence[Tariff],
    formula: AccFormula,
    steps: Sequence[datetime],
    allocated_wh: Energies,
    complement_wh: Energies,
    time_zone: ZoneInfo,
) -> NetworkCosts:
    """What the network costs under both formulas; give a whole year, as seasons differ.

    Raises TariffError where a step has no price, and CostError as `saving` does.
    """
    fees, fees_allocated, fees_complement = (
        prices_by_step(tariffs, steps, time_zone)
        for tariffs in (normal, formula.allocated, formula.complement)
    )
    allocated = known_kwh("allocated", allocated_wh, fees)
    complement = known_kwh("complement", complement_wh, fees)
    variable_eur = float(allocated @ fees_allocated + complement @ fees_complement)
    days = sorted(set(local_days(steps, time_zone)))
    return NetworkCosts(
        normal_eur=float((allocated + complement) @ fees),
        acc_eur=variable_eur + float(_extra_eur(formula, days).sum()),
    )


def known_kwh(what: str, energies_wh: Energies, prices: Prices) -> Energies:
    """The energies in kWh, one for each price.

    Raises CostError on energies that are missing, negative or infinite, or do not fit.
    """
    if energies_wh.shape != prices.shape:
        raise CostError(
            CostProblem.STEPS_DIFFER,
            what,
            found=f"shape {energies_wh.shape}, not {prices.shape}",
        )
    wrong = np.flatnonzero(~(np.isfinite(energies_wh) & (energies_wh >= 0)))
    if wrong.size:
        found = energies_wh[wrong[0]]
        raise CostError(
            CostProblem.HOLE if np.isnan(found) else CostProblem.NOT_AN_ENERGY,
            what,
            step=int(wrong[0]),
            found=found,
        )
    return energies_wh / WH_PER_KWH


def _extra_eur(formula: AccFormula, days: Sequence[date]) -> npt.NDArray[np.float64]:
    """What the fixed part of the formula costs more on each day, in € without VAT."""
    if not formula.extra:
        return np.zeros(len(days))
    extra = on_days("extra", formula.extra, days)
    return np.array(list(map(daily_eur, extra, days, strict=True)), dtype=np.float64)
