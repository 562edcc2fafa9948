"""The forecast diary: what was forecast each evening, kept by month as it was made."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from ..const import SLOT_MONTHS
from ..engine.blocks import Block, Energies, Quantity
from ..engine.diary import DiaryPage, page_of, restored_diary, stored_diary
from ..engine.grid import Grid
from ..engine.outlook import Outlook
from ..engine.slots import midnight_of, slot_month
from .store import Json, Stores

NOTED_FROM_HOUR = 21
"""Local: organisers publish the forecast of the next day before, and loads of the night are
planned from then on."""
SAVE_DELAY_S = 300
"""Once a day there is something to write: soon, so that a power cut takes no evening."""

KIND = "diary"
DAY = timedelta(days=1)


class Diary:
    """The pages of the last months, in order of time."""

    def __init__(self, stores: Stores) -> None:
        """Hold nothing yet."""
        self._stores = stores
        self._months: dict[str, tuple[DiaryPage, ...]] = {}

    async def async_load(self) -> None:
        """Know again what was forecast; what is damaged is as if never written."""
        for month in await self._stores.async_months(KIND):
            stored = await self._stores.async_load(f"{KIND}.{month}")
            self._months[month] = tuple(_readable(stored))

    @property
    def pages(self) -> tuple[DiaryPage, ...]:
        """All pages, the oldest first."""
        return tuple(
            page for month in sorted(self._months) for page in self._months[month]
        )

    @property
    def production_blocks(self) -> tuple[Block, ...]:
        """The production that was forecast, day by day."""
        return tuple(_block(page, page.production_wh) for page in self.pages)

    @property
    def level_blocks(self) -> tuple[Block, ...]:
        """The same before it was put right by settlements."""
        return tuple(_block(page, page.level_wh) for page in self.pages)

    def note(self, outlook: Outlook, now: datetime, time_zone: tzinfo) -> None:
        """Keep the forecast of tomorrow, once each evening; a page is never changed.

        One that tells no production is none: a forecast may still come.
        """
        if now.astimezone(time_zone).hour < NOTED_FROM_HOUR:
            return
        today = now.astimezone(time_zone).date()
        start, end = (midnight_of(today + n * DAY, time_zone) for n in (1, 2))
        step = outlook.grid.step
        page = page_of(
            now,
            Grid(start, step, (end - start) // step),
            outlook.grid,
            outlook.production_wh,
            outlook.level_wh,
            outlook.allocated.mean,
            outlook.coverage.probability,
            outlook.bias,
        )
        month = slot_month(start)
        noted = self._months.get(month, ())
        if page is None or np.isnan(page.production_wh).all():
            return
        if noted and noted[-1].grid.start >= start:
            return
        pages = (*noted, page)
        self._months[month] = pages
        self._stores.save_later(
            f"{KIND}.{month}", lambda: _document(pages), SAVE_DELAY_S
        )
        for outdated in sorted(self._months)[:-SLOT_MONTHS]:
            del self._months[outdated]
            self._stores.remove_soon(f"{KIND}.{outdated}")


def _block(page: DiaryPage, production_wh: Energies) -> Block:
    """A day's production, as that of the operation."""
    return Block(
        page.grid.start, page.grid.step, {Quantity.SHARED_INJECTION: production_wh}
    )


def _readable(stored: Any) -> Iterator[DiaryPage]:
    """The pages of a month that can be read, in their order."""
    days = stored.get("days") if isinstance(stored, dict) else None
    for day in days if isinstance(days, list) else ():
        with suppress(KeyError, TypeError, ValueError):
            yield restored_diary(day)


def _document(pages: tuple[DiaryPage, ...]) -> Json:
    """What is saved of a month."""
    return {"days": [stored_diary(page) for page in pages]}
