"""Taking in what a file or an answer told: the home's own months, kept, counted and reported."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..adapters.home_meter import Direction
from ..adapters.slot_log import SlotLog
from ..adapters.store import Stores
from ..const import CONF_DELIVERY_POINT
from ..engine.delivery import Delivery
from ..engine.delivery_pages import NotMine, delivered_months
from ..engine.delivery_unread import ColumnsTold, Refusal, TableUnsure
from ..engine.import_report import ImportReport, KeyInForce, import_report
from ..engine.known import static_coefficient
from ..engine.model import KeyType
from ..engine.months import month_after, month_bounds
from ..engine.reconcile import Source
from ..engine.share import ShareRule
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
from .settlement import SettlementCoordinator

NOT_MINE: Final = "not_mine_"
"""Begins the keys of why a delivery tells nothing of this home."""
MAPPINGS: Final = "mappings"
"""Name of the document of what somebody said of the columns of tables."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports for one delivery point."""

    hass: HomeAssistant
    entry: ConfigEntry
    settlement: SettlementCoordinator
    log: SlotLog
    stores: Stores

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
                    self.settlement.time_zone,
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
            )
        except DeliveryError as error:
            return Refusal(error.problem.value, error.placeholders)

    async def async_remember(self, unsure: TableUnsure, told: ColumnsTold) -> None:
        """What the columns of such a table are, also of next month's."""
        sure = restored_mapping(unsure.sure)
        columns = {name: Column(kind) for name, kind in told.columns.items()}
        mapping = replace(
            sure,
            columns={**sure.columns, **columns},
            unit=sure.unit if told.unit is None else Unit(told.unit),
            is_end=sure.is_end if told.is_end is None else told.is_end,
        )
        known = await self.stores.async_load(MAPPINGS) or {}
        kept = {**known, unsure.fingerprint: stored_mapping(mapping)}
        await self.stores.async_save(MAPPINGS, kept)

    async def async_preview(
        self, delivery: Delivery, source: Source
    ) -> ImportReport | Refusal:
        """What an import would change."""
        return await self._async_taken_in(delivery, source, is_kept=False)

    async def async_import(
        self, delivery: Delivery, source: Source
    ) -> ImportReport | Refusal:
        """Keep the home's months of a delivery, and tell what that changed."""
        return await self._async_taken_in(delivery, source, is_kept=True)

    async def _async_taken_in(
        self, delivery: Delivery, source: Source, *, is_kept: bool
    ) -> ImportReport | Refusal:
        settlement, job = self.settlement, self.hass.async_add_executor_job
        months = await job(
            delivered_months,
            delivery,
            self.entry.data[CONF_DELIVERY_POINT],
            settlement.time_zone,
        )
        if isinstance(months, NotMine):
            return Refusal(f"{NOT_MINE}{months.value}")
        before = dict(settlement.data.pages)
        after = settlement.previewed(source, months.pages)
        if is_kept:
            await settlement.async_import(source, months.pages)
        # By UTC the first hours of a local month lie in the file of the month before.
        first = month_after(months.pages[0].month, -1)
        own = await self.log.async_blocks(Direction.IMPORT, first)
        keys = {page.month: self._key(page.month) for page in months.pages}
        return await job(
            import_report,
            months.pages,
            months.complement,
            before,
            after,
            dict(settlement.data.community),
            own,
            keys.__getitem__,
            settlement.time_zone,
        )

    def _key(self, month: str) -> KeyInForce:
        """The key of a month, where one holds from its first day to its last."""
        time_zone = self.settlement.time_zone
        start, end = month_bounds(month, time_zone)
        rules = [
            self.settlement.rule(at) for at in (start, end - self.settlement.shape.step)
        ]
        if rules[0] != rules[1] or not isinstance(rule := rules[0], ShareRule):
            return KeyInForce()
        return KeyInForce(static_coefficient(rule), rule.key is KeyType.DEFAULT_DYNAMIC)


def _restored(stored: Mapping[str, Any] | None) -> dict[str, ColumnMapping]:
    """The mappings that can be read."""
    found = {}
    for fingerprint, told in (stored or {}).items():
        try:
            found[fingerprint] = restored_mapping(told)
        except KeyError, TypeError, ValueError:
            continue
    return found
