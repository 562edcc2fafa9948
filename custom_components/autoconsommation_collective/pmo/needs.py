"""What a home tells its organiser, where its member lets it: one number a day, sealed."""

from datetime import tzinfo
from typing import Final

from ..engine.told_needs import MOST_NEED_WH, ToldNeed
from . import names
from .energies import read_energy
from .errors import Problem
from .fields import open_document
from .written import encoded, head

DOCUMENT: Final = "need"
MOST_BYTES: Final = 1024
"""Of the sealed document; it has about two hundred."""


def written_need(need: ToldNeed, time_zone: tzinfo) -> bytes:
    """The document, to be sealed."""
    return encoded(
        head(DOCUMENT, need.told_at.astimezone(time_zone))
        | {"day": need.day.isoformat(), "energy_wh": need.energy_wh}
    )


def read_need(body: bytes) -> ToldNeed:
    """What a home tells, already unsealed; DocumentError names what is wrong."""
    document = open_document(body, names.NEED, DOCUMENT)
    told_at = document.instant("published_at")
    day, energy_wh = document.day("day"), read_energy(document, "energy_wh")
    if energy_wh > MOST_NEED_WH:
        raise document.fault(Problem.BAD_VALUE, "energy_wh")
    return ToldNeed(day, energy_wh, told_at)
