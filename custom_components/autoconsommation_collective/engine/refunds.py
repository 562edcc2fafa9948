"""What the supplier gives back: expected by the settlements, received as the member tells it.

The supplier bills everything first and refunds the allocated part within the year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
import math

from .contract import CostsMissing
from .costs import Saving
from .months import OFFICIAL
from .statement import StatedMonth


@dataclass(frozen=True, slots=True)
class Refund:
    """An amount that the supplier paid back or took off a bill."""

    received: date
    eur: float


@dataclass(frozen=True, slots=True)
class RefundBalance:
    """What the supplier should have given back since the first settled month, and what came."""

    since: str
    """The first settled month."""
    n_months: int
    """Settled months that the expected amount is the sum of."""
    n_unpriced: int
    """Settled months left out, for lack of a price."""
    expected_eur: float | None
    """What the supplier would have charged for the allocated energy of these months, less
    what it still charges for it: network fee and taxes. None where no month has a price."""
    received_eur: float

    @property
    def difference_eur(self) -> float | None:
        """What is still to come; below 0: more came than was expected."""
        if self.expected_eur is None:
            return None
        return self.expected_eur - self.received_eur


def refund_balance(
    months: Iterable[StatedMonth], refunds: Iterable[Refund]
) -> RefundBalance | None:
    """Both sums since the first settled month; None before it."""
    settled = [
        month
        for month in months
        if month.basis in OFFICIAL and month.account.saving is not None
    ]
    if not settled:
        return None
    since = min(month.month for month in settled)
    known = [
        month.account.saving
        for month in settled
        if isinstance(month.account.saving, Saving)
    ]
    unpriced = [m for m in settled if isinstance(m.account.saving, CostsMissing)]
    return RefundBalance(
        since=since,
        n_months=len(known),
        n_unpriced=len(unpriced),
        expected_eur=math.fsum(map(given_back_eur, known)) if known else None,
        received_eur=math.fsum(
            refund.eur for refund in refunds if f"{refund.received:%Y-%m}" >= since
        ),
    )


def given_back_eur(saved: Saving) -> float:
    """What the supplier owes: its charge for the allocated energy, less what stays due to the grid.

    What was paid to the operation is another matter: the organiser is paid apart.
    """
    return saved.avoided_eur - saved.network_eur - saved.excise_eur
