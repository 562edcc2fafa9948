"""A thousand participants, and the file with a month of all of them as the grid operator sends it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
import io
from typing import Final
import zipfile
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.delivery import (
    Curve,
    Delivery,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.model import Role, Validity
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.organised_month import (
    Split,
    Stretch,
    split,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    Participant,
    Roster,
)
from custom_components.autoconsommation_collective.engine.study import Sharing

MONTH: Final = "2026-10"
"""It has the day of 25 hours."""
ZONE: Final = ZoneInfo("Europe/Paris")
QUARTER: Final = timedelta(minutes=15)
SINCE: Final = Validity(date(2025, 1, 1))
HOMES_BY_PLANT: Final = 8
FIRST_POINT: Final = 30_001_234_560_000
FOLLOWING: Final = 3
"""Every third home follows the signal."""
SEED: Final = 1000

START, END = month_bounds(MONTH, ZONE)
GRID: Final = Grid(START, QUARTER, (END - START) // QUARTER)
HEADER: Final = "Identifiant PRM;Grandeur métier;Unité;Début;Valeur\r\n"


def roster(n: int) -> Roster:
    """An operation of so many participants."""
    people = tuple(_participant(number, n) for number in range(n))
    keys = (AgreedKey(Sharing.PRORATA, SINCE),)
    return Roster(
        "Mille toits", "ACC00001000", ZONE.key, QUARTER, keys, participants=people
    )


def _participant(number: int, n: int) -> Participant:
    produces = number >= n - n // HOMES_BY_PLANT
    return Participant(
        f"id{number:04}",
        f"Home {number}",
        str(FIRST_POINT + number),
        Role.PRODUCER if produces else Role.CONSUMER,
        (SINCE,),
        consent=(SINCE,),
        follows=not produces and number % FOLLOWING == 0,
    )


def settled(told: Roster) -> Split:
    """The month as the grid operator settles it."""
    dice = np.random.default_rng(SEED)
    people = told.participants
    consumers = tuple(one for one in people if one.consumes)
    producers = tuple(one for one in people if one.role.produces)
    local = [at.astimezone(ZONE).hour for at in GRID.starts]
    light = np.maximum(0.0, np.cos((np.array(local) - 13) / 12 * np.pi))[:, None]
    consumption = np.empty((GRID.n_steps, len(consumers)))
    consumption[:] = dice.integers(20, 400, consumption.shape)
    production = np.empty((GRID.n_steps, len(producers)))
    production[:] = np.rint(light * dice.integers(0, 2000, production.shape))
    return split(
        Stretch(
            GRID,
            consumers,
            producers,
            ProRataKey(),
            consumption,
            production,
            np.full_like(consumption, np.nan),
            np.full_like(production, np.nan),
        )
    )


def archive(one: Split) -> bytes:
    """The month as a table of text, a line for each value, packed twice as a mail brings it."""
    inner = io.BytesIO()
    with (
        zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("courbes.csv", "w", force_zip64=True) as table,
    ):
        table.write(HEADER.encode())
        for lines in _lines(one):
            table.write(lines.encode())
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("envoi/export.zip", inner.getvalue())
    return outer.getvalue()


def _lines(one: Split) -> Iterator[str]:
    """The lines of each point and quantity."""
    times = [f"{at.astimezone(ZONE):%d/%m/%Y %H:%M}" for at in GRID.starts]
    stretch = one.stretch
    for people, quantity, table in (
        (stretch.consumers, "CONS", stretch.consumption),
        (stretch.consumers, "AUTOCONS", one.allocated),
        (stretch.producers, "PROD", stretch.production),
        (stretch.producers, "SURPLUS", one.surplus),
    ):
        for column, participant in enumerate(people):
            begin = f"{participant.point};{quantity};Wh;"
            values = table[:, column].astype(int).tolist()
            yield "".join(
                f"{begin}{at};{wh}\r\n" for at, wh in zip(times, values, strict=True)
            )


def correction(one: Split) -> Delivery:
    """A consumer's curves anew: at noon of one day it had drawn, and was given, a Wh less."""
    stretch = one.stretch
    consumption, allocated = (
        stretch.consumption[:, 0].copy(),
        one.allocated[:, 0].copy(),
    )
    noon = datetime(2026, 10, 15, 12, tzinfo=ZONE).astimezone(UTC)
    step = (noon - START) // QUARTER
    consumption[step] -= 1
    allocated[step] -= 1
    energies = {Quantity.CONSUMPTION: consumption, Quantity.ALLOCATED: allocated}
    point = stretch.consumers[0].point
    return Delivery((Curve(point, (Block(START, QUARTER, energies),)),))
