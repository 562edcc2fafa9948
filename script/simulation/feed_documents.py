"""The organiser's documents of an operation, as the feed's contract wants them.

`docs/PMO_FEED.md` describes the fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from custom_components.autoconsommation_collective.engine.model import (
    KeyType,
    Quality,
    Role,
)

from .curves import Curves, WattHours, expected, measured
from .followers import flexible_needs, forecast_errors, place
from .participants import counts, hides_injection, hides_withdrawal, plants, role
from .settlement import Settlement, settle
from .village import STEP, TIME_ZONE, Village

type Document = dict[str, Any]

OPENED = date(2025, 1, 1)
"""Since when the operation shares; all are members from that day on."""
N_MONTHS = 4
"""Past months kept in the feed: enough for a season, few enough to import while one watches."""
SETTLED_AFTER = timedelta(days=14)
"""After the end of a month; the grid operator takes two to six weeks."""
FORECAST_AHEAD = timedelta(hours=48)
CORRECTION = 0.9
"""Each later revision finds that the first producer injected a tenth less than was read."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What the organiser knows at one moment."""

    village: Village
    now: datetime
    revisions: Mapping[str, int] = field(default_factory=dict)
    """Revision by month, 1 where nothing is said."""
    shift: timedelta = timedelta(0)
    """By how much the forecast days of the village are moved, in whole steps."""

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the published months, in order."""
        firsts = [_first_day(self.now.astimezone(TIME_ZONE).date())]
        while len(firsts) <= N_MONTHS:
            firsts.append(_first_day(firsts[-1] - timedelta(days=1)))
        return tuple(reversed(firsts[1:]))

    @property
    def public_months(self) -> tuple[date, ...]:
        """Those of which anything may be told of all members together."""
        village = self.village
        is_public = hides_injection(village) or hides_withdrawal(village)
        return self.months if is_public else ()

    def revision(self, month: date) -> int:
        """How often that month has been published."""
        return self.revisions.get(f"{month:%Y-%m}", 1)

    def quality(self, month: date) -> Quality:
        """How final that month is."""
        is_settled = self.now >= _end(month) + SETTLED_AFTER
        return Quality.SETTLED if is_settled else Quality.PROVISIONAL

    def published_at(self, month: date) -> datetime:
        """When that month was last published; it does not change by publishing again."""
        if self.revision(month) > 1:
            return self.now
        is_settled = self.quality(month) is Quality.SETTLED
        return _end(month) + (SETTLED_AFTER if is_settled else timedelta(0))

    @property
    def last_change(self) -> datetime:
        """When any month was last published."""
        return max(self.published_at(month) for month in self.months)


def operation(publication: Publication) -> Document:
    """What everybody may know; household plants only as a group."""
    village = publication.village
    since = {"valid_from": OPENED.isoformat()}
    price = {
        "model": village.price_model,
        "price_eur_per_kwh": village.price_eur_per_kwh,
    }
    described = {
        "id": village.agreement,
        "name": village.name,
        "time_zone": TIME_ZONE.key,
        "settlement_step_minutes": STEP // timedelta(minutes=1),
    }
    return {
        **_head("operation", midnight(OPENED)),
        "operation": described,
        "keys": [{"type": KeyType.DEFAULT_DYNAMIC, **since}],
        "prices": [price | since],
        "plants": [plant | since for plant in plants(village)],
    }


def aggregates(publication: Publication) -> Document:
    """Counts of members and plants, and which months there are."""
    return {
        **_head("aggregates", publication.last_change),
        "counts": [counts(publication.village) | {"valid_from": OPENED.isoformat()}],
        "months": _references(publication, publication.public_months),
    }


def aggregates_month(publication: Publication, month: date) -> Document:
    """Energies of all members together; those that would tell of one are left out."""
    village = publication.village
    curves, settlement = settled_month(publication, month)
    energies = {}
    if hides_injection(village):
        energies["shared_injection_wh"] = settlement.production
    if hides_withdrawal(village):
        energies["base_withdrawal_wh"] = curves.base_withdrawal
        energies["total_withdrawal_wh"] = settlement.consumption
    if hides_injection(village) and hides_withdrawal(village):
        energies["allocated_wh"] = settlement.allocated
    totals = {name: values.sum(axis=1) for name, values in energies.items()}
    return _page(publication, "aggregates_month", month, totals)


def forecast(publication: Publication) -> Document:
    """Today and the next 48 hours, for all members together."""
    today = publication.now.astimezone(TIME_ZONE).date()
    days = [today + timedelta(days=n) for n in range(FORECAST_AHEAD.days + 1)]
    start = midnight(today)
    n_steps = -((start - publication.now - FORECAST_AHEAD) // STEP)
    curves = expected(publication.village, start + publication.shift, n_steps)
    totals = {"shared_injection_wh": curves.injection.sum(axis=1)}
    if hides_withdrawal(publication.village):
        totals["base_withdrawal_wh"] = curves.base_withdrawal.sum(axis=1)
    return {
        **_head("forecast", publication.now),
        "blocks": [_block(start, totals)],
        "flexible": flexible_needs(publication.village, days),
        "errors": _errors(publication),
    }


def _errors(publication: Publication) -> list[dict[str, float]]:
    """Those of the last month but one, which is settled; none where few withdraw."""
    if not hides_withdrawal(publication.village):
        return []
    month = publication.months[-2]
    counted, _ = settled_month(publication, month)
    foreseen = expected(publication.village, midnight(month), len(counted.injection))
    return forecast_errors(foreseen, counted)


def member(publication: Publication, number: int) -> Document:
    """The own index of a delivery point."""
    return {
        **_head("member", publication.last_change),
        "role": role(publication.village, number),
        "membership": [{"valid_from": OPENED.isoformat()}],
        "coefficients": [],
        "months": _references(publication, publication.months),
        "place": place(publication.village, number),
    }


def member_month(
    publication: Publication, month: date, number: int, settlement: Settlement
) -> Document:
    """A delivery point's own energies of a month that is settled already."""
    own_role = role(publication.village, number)
    energies = {}
    if own_role is not Role.PRODUCER:
        energies["consumption_wh"] = settlement.consumption[:, number]
        energies["allocated_wh"] = settlement.allocated[:, number]
    if own_role.produces:
        energies["production_wh"] = settlement.production[:, number]
        energies["surplus_wh"] = settlement.surplus[:, number]
    return _page(publication, "member_month", month, energies)


def settled_month(publication: Publication, month: date) -> tuple[Curves, Settlement]:
    """What the meters counted in a month, as read at its revision, and its sharing."""
    start = midnight(month)
    curves = measured(publication.village, start, (_end(month) - start) // STEP)
    injection = curves.injection.astype(np.float64)
    injection[:, publication.village.producers[0]] *= CORRECTION ** (
        publication.revision(month) - 1
    )
    curves = replace(curves, injection=np.rint(injection).astype(np.int64))
    return curves, settle(curves)


def _head(document: str, published_at: datetime) -> Document:
    """The fields every document begins with."""
    return {
        "format": "acc-feed",
        "version": 1,
        "document": document,
        "published_at": _spell(published_at),
    }


def _references(publication: Publication, months: Iterable[date]) -> list[Document]:
    return [_reference(publication, month) for month in months]


def _reference(publication: Publication, month: date) -> Document:
    return {
        "month": f"{month:%Y-%m}",
        "revision": publication.revision(month),
        "quality": publication.quality(month),
    }


def _page(
    publication: Publication,
    document: str,
    month: date,
    energies: Mapping[str, WattHours],
) -> Document:
    """A month, in one block: the step never changes here."""
    return {
        **_head(document, publication.published_at(month)),
        **_reference(publication, month),
        "blocks": [_block(midnight(month), energies)],
    }


def _block(start: datetime, energies: Mapping[str, WattHours]) -> Document:
    return {
        "start": _spell(start),
        "step_minutes": STEP // timedelta(minutes=1),
        **{name: values.tolist() for name, values in energies.items()},
    }


def _spell(moment: datetime) -> str:
    """Local time with its offset, to the second."""
    return moment.astimezone(TIME_ZONE).isoformat(timespec="seconds")


def midnight(day: date) -> datetime:
    """Start of a local day, UTC."""
    return datetime.combine(day, time(), TIME_ZONE).astimezone(UTC)


def _end(month: date) -> datetime:
    """End of a local month, UTC."""
    return midnight(_first_day(month + timedelta(days=31)))


def _first_day(day: date) -> date:
    """First day of that day's month."""
    return day.replace(day=1)
