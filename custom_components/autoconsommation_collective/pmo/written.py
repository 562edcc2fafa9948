"""Write the documents of a feed: the other side of what `documents`, `aggregates` and `pages` read.

Bytes follow from values alone, so publishing the same again changes nothing on the host.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
import json
import math
from typing import Any, Final

from ..engine.blocks import MINUTE, Block, MonthPage
from ..engine.model import (
    Aggregates,
    Coefficient,
    Counts,
    ForecastError,
    Key,
    Member,
    MonthReference,
    Operation,
    Plant,
    Price,
    Usual,
    UsualDay,
    Validity,
)
from .energies import field_of, spell
from .pages import Forecast

type Document = dict[str, Any]

FORMAT: Final = "acc-feed"
VERSION: Final = 1
POWER_DECIMALS: Final = 1
"""Of mean powers and deviations: finer than any meter."""


def written_operation(operation: Operation, published_at: datetime) -> bytes:
    """What everybody may know of the operation."""
    return encoded(
        head("operation", published_at)
        | {
            "operation": _told(
                id=operation.id,
                name=operation.name,
                time_zone=operation.time_zone,
                settlement_step_minutes=int(operation.step / MINUTE),
                takes_needs=operation.takes_needs or None,
            ),
            "keys": [_key(key) for key in operation.keys],
            "prices": [_price(price) for price in operation.prices],
            "plants": [_plant(plant) for plant in operation.plants],
        }
    )


def written_aggregates(aggregates: Aggregates, published_at: datetime) -> bytes:
    """Counts, months and what is usual."""
    return encoded(
        head("aggregates", published_at)
        | {
            "counts": [_counts(counts) for counts in aggregates.counts],
            "months": [_reference(month) for month in aggregates.months],
        }
        | _told(usual=_usual(aggregates.usual) if aggregates.usual else None)
    )


def written_forecast(forecast: Forecast, time_zone: tzinfo) -> bytes:
    """What is expected of the coming days; without blocks, nothing."""
    return encoded(
        head("forecast", forecast.published_at)
        | {
            "blocks": [_block(block, time_zone) for block in forecast.blocks],
            "flexible": [
                {
                    "day": need.day.isoformat(),
                    "energy_wh": need.energy_wh,
                    "homes": need.homes,
                }
                for need in forecast.flexible
            ],
            "errors": _errors(forecast.errors),
        }
        | _told(attribution=forecast.attribution)
    )


def written_member(member: Member, published_at: datetime) -> bytes:
    """A member's own index, to be sealed."""
    return encoded(
        head("member", published_at)
        | {
            "role": member.role.value,
            "membership": [_validity(period) for period in member.membership],
            "coefficients": [_coefficient(part) for part in member.coefficients],
            "months": [_reference(month) for month in member.months],
        }
        | _told(place=member.place)
    )


def written_aggregates_month(
    page: MonthPage, published_at: datetime, time_zone: tzinfo
) -> bytes:
    """Sums over all members of a month."""
    return encoded(_page("aggregates_month", page, published_at, time_zone))


def written_member_month(
    page: MonthPage, published_at: datetime, time_zone: tzinfo
) -> bytes:
    """A member's month, to be sealed."""
    return encoded(_page("member_month", page, published_at, time_zone))


def encoded(document: Document) -> bytes:
    """The bytes of a document."""
    return json.dumps(
        document, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def head(document: str, published_at: datetime) -> Document:
    """The fields every document begins with."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "document": document,
        "published_at": published_at.isoformat(timespec="seconds"),
    }


def _told(**fields: object) -> Document:
    """The fields of which anything is known."""
    return {name: value for name, value in fields.items() if value is not None}


def _validity(validity: Validity) -> Document:
    return _told(
        valid_from=validity.first_day.isoformat(),
        valid_to=validity.last_day and validity.last_day.isoformat(),
        status="pending" if validity.pending else None,
    )


def _key(key: Key) -> Document:
    return {"type": key.type.value} | _validity(key.validity)


def _price(price: Price) -> Document:
    asked = {"model": price.model.value, "price_eur_per_kwh": price.eur_per_kwh}
    return asked | _validity(price.validity)


def _plant(plant: Plant) -> Document:
    return _told(
        kind=plant.kind.value,
        peak_power_kw=plant.peak_power_kw,
        commune=plant.commune,
        latitude_deg=plant.latitude_deg,
        longitude_deg=plant.longitude_deg,
        tilt_deg=plant.tilt_deg,
        azimuth_deg=plant.azimuth_deg,
        households=plant.households,
    ) | _validity(plant.validity)


def _counts(counts: Counts) -> Document:
    return _told(
        members=counts.members,
        household_producers=counts.household_producers,
        non_household_plants=counts.non_household_plants,
        followers=counts.followers,
    ) | _validity(counts.validity)


def _coefficient(part: Coefficient) -> Document:
    return {"value": part.value} | _validity(part.validity)


def _reference(month: MonthReference) -> Document:
    return _told(
        month=month.month,
        revision=month.revision,
        quality=month.quality.value,
        digest=month.digest,
    )


def _usual(usual: Usual) -> Document:
    return {
        "days": [_usual_day(day) for day in usual.days],
        "errors": _errors(usual.errors),
    }


def _usual_day(day: UsualDay) -> Document:
    return {
        "month": day.month,
        "is_weekend": day.is_weekend,
        "step_minutes": int(day.step / MINUTE),
        "base_withdrawal_wh": list(day.base_withdrawal_wh),
    }


def _errors(errors: Iterable[ForecastError]) -> list[Document]:
    return [
        {
            "above_w": error.above_w,
            "mean_w": round(error.mean_w, POWER_DECIMALS),
            "deviation_w": round(error.deviation_w, POWER_DECIMALS),
        }
        for error in errors
    ]


def _page(
    document: str, page: MonthPage, published_at: datetime, time_zone: tzinfo
) -> Document:
    return {
        **head(document, published_at),
        "month": page.month,
        "revision": page.revision,
        "quality": page.quality.value,
        "blocks": [_block(block, time_zone) for block in page.blocks],
    }


def _block(block: Block, time_zone: tzinfo) -> Mapping[str, Any]:
    return {
        "start": spell(block.start, time_zone),
        "step_minutes": int(block.step / MINUTE),
        **{
            field_of(quantity): list(map(_whole_wh, block.energies[quantity].tolist()))
            for quantity in sorted(block.energies)
        },
    }


def _whole_wh(wh: float) -> int | None:
    """By way of the tenth that is kept: read again, a month says what it said before."""
    return None if math.isnan(wh) else round(round(wh, 1))
