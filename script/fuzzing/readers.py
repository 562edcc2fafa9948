"""The readers, and what must hold of each whatever the bytes: a sound result, or a typed error."""

from collections.abc import Callable, Mapping
from dataclasses import replace
import io
from typing import Final
import zipfile
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.pmo import deliveries
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryError,
)
from custom_components.autoconsommation_collective.pmo.delivery_mapping import (
    ColumnMapping,
    MappingNeeded,
)
from custom_components.autoconsommation_collective.pmo.delivery_words import Column
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.errors import (
    DocumentError,
    InvitationError,
)
from custom_components.autoconsommation_collective.pmo.invitation import (
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.needs import read_need
from custom_components.autoconsommation_collective.pmo.pages import (
    read_aggregates_month,
    read_forecast,
    read_member_month,
)
from custom_components.autoconsommation_collective.pmo.units import Unit
from custom_components.autoconsommation_collective.sky import open_meteo_answer
from custom_components.autoconsommation_collective.sky.errors import WeatherError

PARIS: Final = ZoneInfo("Europe/Paris")
MOST_WH: Final = 1e15
"""No energy that was read is larger."""
MORE: Final = b"\n=====\n"
"""Between the parts of a file that holds several: a container made right lets faults get
past its checksums."""
BOOK: Final = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml")
TOLD: Final = (Column.TIME, Column.CONSUMPTION, Column.ALLOCATED, Column.POINT)
"""What somebody might say of the first columns."""


def read_or_refused(
    body: bytes, mappings: Mapping[str, ColumnMapping] | None = None
) -> Delivery | DeliveryError:
    """What comes of a file: a sound delivery or one of our errors."""
    try:
        delivery = deliveries.read(
            "x.csv", body, PARIS, password="x", mappings=mappings or {}
        )
    except DeliveryError as error:
        return error
    for curve in delivery.curves:
        for earlier, later in zip(curve.blocks, curve.blocks[1:], strict=False):
            assert earlier.end <= later.start
        for block in curve.blocks:
            assert block.start.timestamp() % block.step.total_seconds() == 0
            for energies in block.energies.values():
                assert len(energies) == block.n_steps
                known = energies[~np.isnan(energies)]
                assert ((known >= 0) & (known <= MOST_WH)).all()
    for total in delivery.totals:
        assert 0 <= total.energy_wh <= MOST_WH
    return delivery


def _file(body: bytes) -> None:
    """Read it, and where its columns have to be told, tell them somehow and read again."""
    found = read_or_refused(body)
    if not isinstance(found, MappingNeeded):
        return
    told = dict(zip(found.names, TOLD, strict=False))
    mapping = replace(found.guess, columns={**told, **found.guess.columns})
    if mapping.unit is None:
        mapping = replace(mapping, unit=Unit.WH)
    read_or_refused(body, {found.fingerprint: replace(mapping, is_end=False)})


def _workbook(body: bytes) -> None:
    parts = body.split(MORE)
    names = (*BOOK, *(f"xl/worksheets/sheet{n}.xml" for n in range(1, 10)))
    _file(_packed(dict(zip(names, parts, strict=False))))


def _archive(body: bytes) -> None:
    files = body.split(MORE)[:9]
    _file(_packed({f"{n}.csv": part for n, part in enumerate(files)}))


def _packed(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _feed(body: bytes) -> None:
    """As each document that it may be."""
    for read in (
        read_operation,
        read_aggregates,
        read_forecast,
        read_member,
        read_need,
        lambda body: read_aggregates_month(body, "2026-10", PARIS),
        lambda body: read_member_month(body, "2026-10", PARIS),
    ):
        try:
            read(body)
        except DocumentError:
            continue


def _invitation(body: bytes) -> None:
    try:
        parse_invitation(body.decode(errors="replace"))
    except InvitationError:
        return


def _weather(body: bytes) -> None:
    for read in (open_meteo_answer.read_forecast, open_meteo_answer.read_observed):
        try:
            read(body)
        except WeatherError:
            continue


READERS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "table": _file,
    "xml": _file,
    "json": _file,
    "bytes": _file,
    "workbook": _workbook,
    "archive": _archive,
    "feed": _feed,
    "invitation": _invitation,
    "weather": _weather,
}
