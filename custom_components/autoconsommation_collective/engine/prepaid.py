"""Kilowatt-hours bought in advance: packs, what is left of them, what the next kWh costs.

A prepaid kWh is never free: drawing it brings the purchase of the next pack nearer, so it
costs what one of that pack costs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
import math

from .model import Price, PriceModel, Validity
from .terms import AtSupplierPrice, CostError, CostProblem

PACK_PART = 0.30
"""Of the yearly consumption without electric heating: rule of thumb for a pack (ENERCIPA)."""


class WhenUsedUp(StrEnum):
    """What the organiser says of a kWh beyond the pack or the contract's maximum."""

    NEXT_PACK = "next_pack"
    """It counts on the next pack."""
    SUPPLIER = "supplier"
    """It is worth no more than the supplier's."""
    UNKNOWN = "unknown"
    """Nothing; taken as the supplier's, so that nothing is promised."""


@dataclass(frozen=True, slots=True)
class Pack:
    """An amount of energy that is sold as a whole."""

    kwh: float
    eur: float
    """All taxes included, without network fees."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A pack that was bought."""

    pack: Pack
    bought_on: date


@dataclass(frozen=True, slots=True)
class PrepaidTerms:
    """What a contract for packs says."""

    next_pack: Pack
    """What it will cost to go on."""
    maximum_kwh: float | None = None
    """What may be drawn in all during the contract; None: no limit."""
    when_used_up: WhenUsedUp = WhenUsedUp.UNKNOWN


@dataclass(frozen=True, slots=True)
class PrepaidAccount:
    """What was bought and drawn since the contract began."""

    bought_kwh: float
    paid_eur: float
    consumed_kwh: float
    """Allocated, as settled."""

    @property
    def balance_kwh(self) -> float:
        """What is left; below 0 where more was drawn than bought."""
        return self.bought_kwh - self.consumed_kwh


def prepaid_account(
    purchases: Iterable[Purchase], consumed_kwh: float, day: date
) -> PrepaidAccount:
    """The account on a local day: packs bought up to and on it, less what was drawn."""
    packs = [bought.pack for bought in purchases if bought.bought_on <= day]
    return PrepaidAccount(
        bought_kwh=math.fsum(pack.kwh for pack in packs),
        paid_eur=math.fsum(pack.eur for pack in packs),
        consumed_kwh=consumed_kwh,
    )


def days_left(account: PrepaidAccount, kwh_per_day: float) -> float | None:
    """How long the balance lasts at a recent daily use; None where nothing is used."""
    if kwh_per_day <= 0:
        return None
    return max(0.0, account.balance_kwh) / kwh_per_day


def part_of_maximum(account: PrepaidAccount, terms: PrepaidTerms) -> float | None:
    """What was drawn by the contract's maximum, above 1 beyond it; None without a maximum."""
    if not terms.maximum_kwh:
        return None
    return account.consumed_kwh / terms.maximum_kwh


def price_of_next_kwh(
    account: PrepaidAccount, terms: PrepaidTerms, validity: Validity
) -> Price | AtSupplierPrice:
    """What one more allocated kWh costs, as one of the prices of `ConsumerTerms`.

    What one of the next pack costs, while there is a balance and the contract's maximum is
    not reached; then by the organiser's rule. Never 0: raises CostError on a next pack that
    is free, or empty.
    """
    used_up = account.balance_kwh <= 0 or (
        terms.maximum_kwh is not None and account.consumed_kwh >= terms.maximum_kwh
    )
    if used_up and terms.when_used_up is not WhenUsedUp.NEXT_PACK:
        return AtSupplierPrice(validity)
    pack = terms.next_pack
    if not (0 < pack.kwh < math.inf and 0 < pack.eur < math.inf):
        raise CostError(
            CostProblem.NOT_A_PACK, "next_pack", found=f"{pack.kwh} kWh, {pack.eur} €"
        )
    return Price(PriceModel.PREPAID, pack.eur / pack.kwh, validity)


def usual_pack_kwh(yearly_kwh: float) -> float:
    """A pack of usual size for a yearly consumption without electric heating, in kWh."""
    return PACK_PART * yearly_kwh
