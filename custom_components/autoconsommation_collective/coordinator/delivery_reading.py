"""Reading a file of energies as it was handed in, and what somebody said of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant

from ..adapters.store import Stores
from ..engine.delivery import Delivery
from ..engine.delivery_unread import ColumnsTold, Refusal, TableUnsure
from ..pmo.deliveries import read
from ..pmo.delivery_errors import DeliveryError
from ..pmo.delivery_mapping import (
    ColumnMapping,
    MappingNeeded,
    restored_mapping,
    stored_mapping,
)
from ..pmo.delivery_words import Column
from ..pmo.units import Unit

MAPPINGS: Final = "mappings"
"""Name of the document of what somebody said of the columns of tables."""


@dataclass(frozen=True, slots=True)
class DeliveryReading:
    """Reads for one delivery point, or for one operation; files' times are local ones."""

    hass: HomeAssistant
    stores: Stores
    time_zone: ZoneInfo

    async def async_read(
        self, name: str, body: bytes, password: str | None = None
    ) -> Delivery | Refusal | TableUnsure:
        """What a file holds, or why that cannot be told."""
        mappings = _restored(await self.stores.async_load(MAPPINGS))
        try:
            return await self.hass.async_add_executor_job(
                partial(
                    read,
                    name,
                    body,
                    self.time_zone,
                    password=password,
                    mappings=mappings,
                )
            )
        except MappingNeeded as needed:
            return TableUnsure(
                needed.fingerprint,
                needed.header,
                needed.names,
                needed.rows,
                frozenset(map(str, needed.questions)),
                stored_mapping(needed.guess),
                needed.asks_zone,
            )
        except DeliveryError as error:
            return Refusal(error.problem.value, error.placeholders)

    async def async_remember(self, unsure: TableUnsure, told: ColumnsTold) -> None:
        """What the columns of such a table are, also of next month's."""
        sure = restored_mapping(unsure.sure)
        columns = {name: Column(kind) for name, kind in told.columns.items()}
        # Of two columns that seemed the same, the one that was chosen is.
        others = {n: c for n, c in sure.columns.items() if c not in columns.values()}
        mapping = replace(
            sure,
            columns=others | columns,
            unit=sure.unit if told.unit is None else Unit(told.unit),
            is_end=sure.is_end if told.is_end is None else told.is_end,
            time_zone=told.time_zone,
        )
        known = await self.stores.async_load(MAPPINGS) or {}
        kept = {**known, unsure.fingerprint: stored_mapping(mapping)}
        await self.stores.async_save(MAPPINGS, kept)


def _restored(stored: Mapping[str, Any] | None) -> dict[str, ColumnMapping]:
    """The mappings that can be read."""
    found = {}
    for fingerprint, told in (stored or {}).items():
        try:
            found[fingerprint] = restored_mapping(told)
        except KeyError, TypeError, ValueError:
            continue
    return found
