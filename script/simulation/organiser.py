"""The organiser of a simulated operation: its list, everybody's curves, and what it foresees.

All that follows from them is worked out by the integration itself, as for any organiser.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.model import (
    ForecastError,
    PlantKind,
    Price,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.organised_month import (
    Split,
    Stretch,
    split,
    stretches,
)
from custom_components.autoconsommation_collective.engine.organised_report import (
    OrganisedMonth,
    organised_month,
)
from custom_components.autoconsommation_collective.engine.publishable import (
    counts_between,
    hides_withdrawal,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    Panels,
    Participant,
    Place,
    Roster,
)
from custom_components.autoconsommation_collective.engine.study import Sharing
from custom_components.autoconsommation_collective.pmo.organised_feed import new_turns
from custom_components.autoconsommation_collective.pmo.pages import Forecast

from .curves import Curves, WattHours, expected, measured
from .followers import flexible_needs, forecast_errors
from .sun import Orientation
from .village import STEP, TIME_ZONE, Village

SINCE = Validity(date(2025, 1, 1))
"""The operation shares; all are members from that day on."""
N_MONTHS = 4
"""Past months kept in the feed: enough for a season, few enough to import while one watches."""
SETTLED_AFTER = timedelta(days=14)
"""After the end of a month; the grid operator takes two to six weeks."""
DAYS_FORESEEN = 3
"""Today and two more: the next 48 hours, whenever on the day they are asked for."""
CORRECTION = 0.9
"""A correction finds that the first producer injected a tenth less than was read."""
FIRST_POINT = 99_000_000_000_100
"""No delivery points of France have such numbers."""
RURAL = 7
"""Density class of both communes' surroundings; no rule of the feed asks for it."""


@dataclass(frozen=True, slots=True)
class Organiser:
    """What the organiser knows at one moment."""

    village: Village
    now: datetime
    corrected: frozenset[str] = frozenset()
    """Months that were read anew."""
    shift: timedelta = timedelta(0)
    """By how much the forecast days of the village are moved, in whole steps."""

    @property
    def today(self) -> date:
        """Local day."""
        return self.now.astimezone(TIME_ZONE).date()

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the published months, in order."""
        firsts = [_first_day(self.today)]
        while len(firsts) <= N_MONTHS:
            firsts.append(_first_day(firsts[-1] - timedelta(days=1)))
        return tuple(reversed(firsts[1:]))

    def is_settled(self, month: date) -> bool:
        """Whether the grid operator told what was allocated."""
        return self.now >= _end(month) + SETTLED_AFTER


def roster(village: Village) -> Roster:
    """The operation as its organiser keeps it."""
    homes = [_home(village, number) for number in range(len(village.homes))]
    roofs = [_roof(village, number) for number in range(len(village.roofs))]
    return Roster(
        village.name,
        village.agreement,
        TIME_ZONE.key,
        STEP,
        (AgreedKey(Sharing.PRORATA, SINCE),),
        (Price(village.price_model, village.price_eur_per_kwh, SINCE),),
        participants=new_turns((*homes, *roofs)),
    )


def id_of(number: int) -> str:
    """Of a delivery point, in the list."""
    return f"{number:02}"


def _home(village: Village, number: int) -> Participant:
    home = village.homes[number]
    role = Role.PROSUMER if home.produces else Role.CONSUMER
    return replace(
        _participant(number, f"Home {number}", role),
        panels=_panels(home.peak_power_kw, home.panels) if home.produces else None,
        place=_place(village, village.latitude_deg, village.longitude_deg),
        follows=home.water_heater is not None,
    )


def _roof(village: Village, number: int) -> Participant:
    """A plant that stands apart: it produces only, and is no household's."""
    roof = village.roofs[number]
    return replace(
        _participant(len(village.homes) + number, f"Roof {number}", Role.PRODUCER),
        panels=_panels(roof.peak_power_kw, roof.panels),
        place=_place(village, roof.latitude_deg, roof.longitude_deg),
        is_household=False,
    )


def _participant(number: int, name: str, role: Role) -> Participant:
    point = str(FIRST_POINT + number)
    return Participant(id_of(number), name, point, role, (SINCE,), consent=(SINCE,))


def _panels(peak_power_kw: float, slope: Orientation) -> Panels:
    return Panels(PlantKind.SOLAR, peak_power_kw, slope.tilt_deg, slope.azimuth_deg)


def _place(village: Village, latitude_deg: float, longitude_deg: float) -> Place:
    return Place(latitude_deg, longitude_deg, village.commune, RURAL)


def delivered(organiser: Organiser, month: date) -> tuple[Curve, ...]:
    """Everybody's curves of a month as read last; once it is settled, with who got what."""
    village, start = organiser.village, midnight(month)
    counted = measured(village, start, (_end(month) - start) // STEP)
    if f"{month:%Y-%m}" in organiser.corrected:
        counted = _corrected(counted, village.producers[0])
    one = shared(village, start, counted)
    if not organiser.is_settled(month):
        one = replace(one, allocated=one.stretch.allocated, surplus=one.stretch.surplus)
    return tuple(_curves(one))


def shared(village: Village, start: datetime, counted: Curves) -> Split:
    """What the grid operator works out of what its meters counted."""
    people = roster(village).participants
    producers = list(village.producers)
    consumption = counted.withdrawal.astype(np.float64)
    production = counted.injection[:, producers].astype(np.float64)
    return split(
        Stretch(
            Grid(start, STEP, len(consumption)),
            people[: len(village.homes)],
            tuple(people[number] for number in producers),
            ProRataKey(),
            consumption,
            production,
            np.full_like(consumption, np.nan),
            np.full_like(production, np.nan),
        )
    )


def _curves(one: Split) -> Iterator[Curve]:
    """What a delivery has of each point; nothing of what is not known."""
    stretch = one.stretch
    told: dict[str, dict[Quantity, Energies]] = {}
    for people, tables in (
        (
            stretch.consumers,
            {
                Quantity.CONSUMPTION: stretch.consumption,
                Quantity.ALLOCATED: one.allocated,
            },
        ),
        (
            stretch.producers,
            {
                Quantity.PRODUCTION: stretch.production,
                Quantity.SURPLUS: one.surplus,
            },
        ),
    ):
        for column, participant in enumerate(people):
            told.setdefault(participant.point, {}).update(
                (quantity, table[:, column])
                for quantity, table in tables.items()
                if not np.isnan(table).any()
            )
    for point, energies in told.items():
        yield Curve(point, (Block(stretch.grid.start, STEP, energies),))


def _corrected(counted: Curves, producer: int) -> Curves:
    injection = counted.injection.astype(np.float64)
    injection[:, producer] *= CORRECTION
    return replace(counted, injection=np.rint(injection).astype(np.int64))


def settled_month(organiser: Organiser, month: date) -> OrganisedMonth:
    """All that comes of a month."""
    told = roster(organiser.village)
    curves = delivered(organiser, month)
    name = f"{month:%Y-%m}"
    found = stretches(name, told.participants, told.keys, curves, STEP, TIME_ZONE)
    return organised_month(
        name,
        [split(stretch) for stretch in found],
        told.participants,
        curves,
        TIME_ZONE,
        USUAL_NEED_WH,
    )


def foreseen(organiser: Organiser) -> Forecast:
    """The days ahead for all members together: what an organiser may tell that is always online."""
    village, today = organiser.village, organiser.today
    days = [today + timedelta(days=n) for n in range(DAYS_FORESEEN)]
    start, end = midnight(today), midnight(today + timedelta(days=DAYS_FORESEEN))
    curves = expected(village, start + organiser.shift, (end - start) // STEP)
    energies = {Quantity.SHARED_INJECTION: _total(curves.injection)}
    (counts,) = counts_between(roster(village).participants, today, today)
    errors: tuple[ForecastError, ...] = ()
    if hides_withdrawal(counts):
        energies[Quantity.BASE_WITHDRAWAL] = _total(curves.base_withdrawal)
        errors = _errors(organiser)
    return Forecast(
        organiser.now,
        (Block(start, STEP, energies),),
        flexible_needs(village, days),
        errors,
    )


def _errors(organiser: Organiser) -> tuple[ForecastError, ...]:
    """How far such a forecast was off in the last month but one, which is settled."""
    month = organiser.months[-2]
    start = midnight(month)
    n_steps = (_end(month) - start) // STEP
    ones = (of(organiser.village, start, n_steps) for of in (expected, measured))
    return forecast_errors(*ones)


def _total(energies: WattHours) -> Energies:
    total: Energies = energies.sum(axis=1, dtype=np.float64)
    return total


def midnight(day: date) -> datetime:
    """Start of a local day, UTC."""
    return datetime.combine(day, time(), TIME_ZONE).astimezone(UTC)


def _end(month: date) -> datetime:
    """End of a local month, UTC."""
    return midnight(_first_day(month + timedelta(days=31)))


def _first_day(day: date) -> date:
    """First day of that day's month."""
    return day.replace(day=1)
