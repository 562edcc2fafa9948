"""A small operation as its organiser keeps it, and a month of its curves."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.engine.model import Role, Validity
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.organised_month import (
    Split,
    split,
    stretches,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    KeyPart,
    Participant,
)

PARIS = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=30)
MONTH = "2026-10"
"""It has the day of 25 hours."""
SINCE = Validity(date(2025, 1, 1))
START, END = month_bounds(MONTH, PARIS)
N_STEPS = (END - START) // STEP
PRORATA = (AgreedKey("prorata", SINCE),)
IN_NEED = (KeyPart(SINCE, is_solidarity=True),)
"""Of who is served first."""


def participant(
    name: str, role: Role = Role.CONSUMER, *, since: Validity = SINCE, **facts: object
) -> Participant:
    """One of the operation; its point is its name in digits."""
    point = f"{crc32(name.encode()):014}" if name.isalpha() else name
    return Participant(name, name, point, role, (since,), **facts)  # type: ignore[arg-type]


def curve(one: Participant, energies: Mapping[Quantity, Energies]) -> Curve:
    """Its curve of the month."""
    return Curve(one.point, (Block(START, STEP, dict(energies)),))


def random_curves(people: Sequence[Participant], seed: int = 0) -> Iterator[Curve]:
    """Whole Wh for everybody, as the operator tells them before the split."""
    random = np.random.default_rng(seed)
    for one in people:
        energies: dict[Quantity, Energies] = {}
        if one.consumes:
            energies[Quantity.CONSUMPTION] = random.integers(0, 900, N_STEPS) * 1.0
        if one.role.produces:
            energies[Quantity.PRODUCTION] = random.integers(0, 2500, N_STEPS) * 1.0
        yield curve(one, energies)


def splits_of(
    people: Sequence[Participant],
    curves: Sequence[Curve],
    keys: Sequence[AgreedKey] = PRORATA,
) -> list[Split]:
    """The month, shared."""
    found = stretches(MONTH, people, keys, curves, STEP, PARIS)
    return [split(stretch) for stretch in found]


def at(day: int, hour: int = 0) -> datetime:
    """A local time of the month, as an instant."""
    return datetime(2026, 10, day, hour, tzinfo=PARIS).astimezone(UTC)
