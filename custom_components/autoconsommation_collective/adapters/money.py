"""What a member told of money beside the contract: refunds, packs, the surplus's price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..const import (
    CONF_BOUGHT_ON,
    CONF_EUR,
    CONF_KWH,
    CONF_MAXIMUM_KWH,
    CONF_NEXT_EUR,
    CONF_NEXT_KWH,
    CONF_PACKS,
    CONF_PREPAID,
    CONF_RECEIVED,
    CONF_REFUNDS,
    CONF_SINCE,
    CONF_SURPLUS,
    CONF_SURPLUS_PRICE,
    CONF_WARN_BELOW,
)
from ..engine.model import consecutive
from ..engine.prepaid import Pack, Purchase
from ..engine.refunds import Refund
from ..engine.seen_prices import TOLD
from ..engine.terms import Rate


@dataclass(frozen=True, slots=True)
class Prepaid:
    """Packs of kWh as the member told them."""

    purchases: tuple[Purchase, ...]
    """The oldest first, at least one."""
    next_pack: Pack | None
    """What it will cost to go on."""
    maximum_kwh: float | None
    """What may be drawn in all during the contract; None: no limit."""
    warn_below_kwh: float | None


def refunds_of(options: Mapping[str, Any]) -> tuple[Refund, ...]:
    """What the supplier gave back, the oldest first."""
    refunds = (
        Refund(date.fromisoformat(told[CONF_RECEIVED]), told[CONF_EUR])
        for told in options.get(CONF_REFUNDS, ())
    )
    return tuple(sorted(refunds, key=lambda refund: refund.received))


def prepaid_of(options: Mapping[str, Any]) -> Prepaid | None:
    """The packs that were bought; None before the first."""
    told = options.get(CONF_PREPAID, {})
    purchases = (
        Purchase(
            Pack(pack[CONF_KWH], pack[CONF_EUR]),
            date.fromisoformat(pack[CONF_BOUGHT_ON]),
        )
        for pack in told.get(CONF_PACKS, ())
    )
    bought = tuple(sorted(purchases, key=lambda purchase: purchase.bought_on))
    if not bought:
        return None
    has_next = CONF_NEXT_KWH in told and CONF_NEXT_EUR in told
    return Prepaid(
        bought,
        Pack(told[CONF_NEXT_KWH], told[CONF_NEXT_EUR]) if has_next else None,
        told.get(CONF_MAXIMUM_KWH),
        told.get(CONF_WARN_BELOW),
    )


def surplus_of(options: Mapping[str, Any]) -> tuple[Rate, ...]:
    """What the buyer of the surplus pays, each price until the next begins."""
    told: Sequence[Mapping[str, Any]] = sorted(
        options.get(CONF_SURPLUS, ()), key=lambda each: str(each[CONF_SINCE])
    )
    validities = consecutive([date.fromisoformat(each[CONF_SINCE]) for each in told])
    return tuple(
        Rate(each[CONF_SURPLUS_PRICE], validity, TOLD)
        for each, validity in zip(told, validities, strict=True)
    )
