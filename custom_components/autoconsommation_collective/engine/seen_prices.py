"""Prices that an entity showed, over those the member told: dated, one for each change.

An entity follows the supplier's class with some delay, so that around a change of class it
shows the price of the one before: only what it shows for a while counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
import math
from typing import Any, Final

from .model import Validity, in_force
from .tariffs import Tariff

DEAREST_EUR: Final = 2.0
"""Above it a kWh is told in cents, or it is another thing's price."""
SAME_EUR: Final = 5e-5
"""Prices this near are one price, rounded by one of the two."""
LONG_ENOUGH: Final = timedelta(minutes=30)
"""How long one price must be shown within one class before it counts."""

TOLD, SEEN = "told", "entity"
"""Where a price comes from: the member, or an entity."""


@dataclass(frozen=True, slots=True)
class SeenPrice:
    """What an entity showed for a class, and the first day it did."""

    price_class: str
    eur_per_kwh: float
    since: date


@dataclass(frozen=True, slots=True)
class Watched:
    """What is shown now, and since when without a change."""

    price_class: str
    eur_per_kwh: float
    since: datetime


def watched(
    before: Watched | None, price_class: str | None, eur: float | None, now: datetime
) -> Watched | None:
    """What is shown, with the instant since which it is; None where it is no price."""
    if price_class is None or eur is None:
        return None
    if not (math.isfinite(eur) and 0 < eur <= DEAREST_EUR):
        return None
    if (
        before is not None
        and before.price_class == price_class
        and abs(before.eur_per_kwh - eur) <= SAME_EUR
    ):
        return before
    return Watched(price_class, eur, now)


def news(
    shown: Watched | None, tariffs: Sequence[Tariff], now: datetime, day: date
) -> SeenPrice | None:
    """What the entity shows that the tariffs do not say; None where there is nothing new.

    Neither is the price of another class: the entity is late then.
    """
    if shown is None or now - shown.since < LONG_ENOUGH:
        return None
    match in_force(tariffs, day):
        case (tariff,) if shown.price_class in tariff.eur_per_kwh:
            known = tariff.eur_per_kwh.values()
            if any(abs(eur - shown.eur_per_kwh) <= SAME_EUR for eur in known):
                return None
            return SeenPrice(shown.price_class, shown.eur_per_kwh, day)
        case _:
            return None


def with_seen(
    tariffs: Iterable[Tariff], seen: Sequence[SeenPrice]
) -> tuple[Tariff, ...]:
    """The tariffs, each from the day on which another price was shown with that price.

    What the member tells later begins anew.
    """
    return tuple(part for tariff in tariffs for part in _parts(tariff, seen))


def seen_document(seen: Iterable[SeenPrice]) -> list[dict[str, Any]]:
    """As JSON values."""
    return [
        {
            "class": each.price_class,
            "eur_per_kwh": each.eur_per_kwh,
            "since": each.since.isoformat(),
        }
        for each in seen
    ]


def restored_seen(stored: Iterable[Mapping[str, Any]]) -> tuple[SeenPrice, ...]:
    """What was kept."""
    return tuple(
        SeenPrice(each["class"], each["eur_per_kwh"], date.fromisoformat(each["since"]))
        for each in stored
    )


def _parts(tariff: Tariff, seen: Sequence[SeenPrice]) -> list[Tariff]:
    """One tariff, cut on each day on which another price was shown."""
    within = [
        each
        for each in seen
        if tariff.validity.covers(each.since) and each.price_class in tariff.eur_per_kwh
    ]
    days = sorted({tariff.validity.first_day, *(each.since for each in within)})
    ends = [*(day - timedelta(days=1) for day in days[1:]), tariff.validity.last_day]
    parts: list[Tariff] = []
    prices = dict(tariff.eur_per_kwh)
    for first, last in zip(days, ends, strict=True):
        shown = {e.price_class: e.eur_per_kwh for e in within if e.since == first}
        prices = prices | shown
        parts.append(
            replace(
                tariff,
                eur_per_kwh=prices,
                validity=Validity(first, last),
                source=SEEN if shown else tariff.source,
            )
        )
    return parts
