"""Settlements that do not come from the feed: kept by month and source, beside those that do.

An import of several months is kept as a whole or not at all: what is to be written is written down
first, and done after a restart where Home Assistant stopped in the middle.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..adapters.store import Stores
from ..engine.blocks import Block, MonthPage, restored_page, stored_page
from ..engine.model import Quality
from ..engine.reconcile import HeldPage, Source, combined, counting, is_same

KIND: Final = "imported"
PENDING: Final = "importing"
"""Name of the document of what is to be written."""

type Held = dict[Source, MonthPage]


class Imports:
    """The imported months of a delivery point."""

    def __init__(self, stores: Stores) -> None:
        """Know of none yet."""
        self._stores = stores
        self._writing = asyncio.Lock()
        """One import at a time: each goes on from what the one before has left."""
        self._held: dict[str, Held] = {}
        self._combined: dict[str, tuple[tuple[MonthPage, ...], MonthPage]] = {}
        """By month what was combined, and what came of it: the same stays the same page."""
        self._told: tuple[Mapping[str, MonthPage], dict[str, MonthPage]] | None = None
        """What was published, and all that came of it: the same stays the same mapping."""

    async def async_load(self) -> None:
        """Know again what is kept; an import that was cut short is finished."""
        pending = await self._stores.async_load(PENDING) or {}
        await self._async_write(pending)
        for month in await self._stores.async_months(KIND):
            if held := _restored(await self._stores.async_load(name_of(month))):
                self._held[month] = held

    def held(self, source: Source) -> tuple[Block, ...]:
        """The blocks of a source, in order of time."""
        months = (held for _, held in sorted(self._held.items()))
        pages = (held[source] for held in months if source in held)
        return tuple(block for page in pages for block in page.blocks)

    @property
    def withdrawn(self) -> tuple[MonthPage, ...]:
        """The months of which nothing is held any more: what was written of them is taken back."""
        return tuple(
            _counted(_parts(None, held))
            for held in self._held.values()
            if not any(page.blocks for page in held.values())
        )

    def combined(self, published: Mapping[str, MonthPage]) -> dict[str, MonthPage]:
        """Each month as it counts, with what the organiser published."""
        if self._told is not None and self._told[0] is published:
            return self._told[1]
        found = dict(published)
        for month, held in self._held.items():
            parts = _parts(published.get(month), held)
            pages = tuple(part.page for part in parts)
            before = self._combined.get(month)
            if before is None or not _is_all_same(before[0], pages):
                before = self._combined[month] = pages, _counted(parts)
            if before[1].blocks or month in published:
                found[month] = before[1]
        self._told = published, found
        return found

    def previewed(
        self,
        published: Mapping[str, MonthPage],
        source: Source,
        pages: Sequence[MonthPage],
    ) -> dict[str, MonthPage]:
        """Each month as it would count with these pages; nothing is kept."""
        changed = self.with_pages(source, pages)
        return self.combined(published) | {
            month: _counted(_parts(published.get(month), held))
            for month, held in changed.items()
        }

    def counted_from(
        self,
        published: Mapping[str, MonthPage],
        source: Source,
        pages: Sequence[MonthPage],
    ) -> dict[str, Source]:
        """Which source of the months of these pages counts with them."""
        changed = self.with_pages(source, pages)
        found = {}
        for page in pages:
            held = changed.get(page.month, self._held.get(page.month, {}))
            parts = _parts(published.get(page.month), held)
            found[page.month] = counting(parts) or source
        return found

    def with_pages(self, source: Source, pages: Sequence[MonthPage]) -> dict[str, Held]:
        """The months that pages of a source change, as they would be held then.

        What an earlier one of the same source knew and these do not is kept.
        """
        changed: dict[str, Held] = {}
        for page in pages:
            held = self._held.get(page.month, {})
            if (merged := _merged(source, held.get(source), page)) is not None:
                changed[page.month] = {**held, source: merged}
        return changed

    async def async_keep(self, source: Source, pages: Sequence[MonthPage]) -> bool:
        """Keep pages of a source; whether anything is new in them."""
        async with self._writing:
            return await self._async_keep(source, pages)

    async def _async_keep(self, source: Source, pages: Sequence[MonthPage]) -> bool:
        if not (changed := self.with_pages(source, pages)):
            return False
        await self._async_change(changed)
        return True

    async def async_withdraw(self, source: Source, month: str) -> None:
        """Let go of what a source told of a month.

        An empty page of a later revision stays: without it nobody would know what was written.
        """
        async with self._writing:
            held = self._held.get(month, {})
            if source in held and held[source].blocks:
                revision = held[source].revision + 1
                page = MonthPage(month, revision, Quality.PROVISIONAL, ())
                await self._async_change({month: {**held, source: page}})

    async def _async_change(self, changed: dict[str, Held]) -> None:
        documents = {month: _document(held) for month, held in changed.items()}
        await self._stores.async_save(PENDING, documents)
        await self._async_write(documents)
        self._held |= changed
        self._told = None

    async def _async_write(self, documents: Mapping[str, Any]) -> None:
        """Write months that are written down, and cross them off."""
        if not documents:
            return
        for month, document in documents.items():
            await self._stores.async_save(name_of(month), document)
        await self._stores.async_save(PENDING, {})


def _parts(published: MonthPage | None, held: Held) -> list[HeldPage]:
    """All that is known of a month."""
    feed = [] if published is None else [HeldPage(Source.FEED, published)]
    return feed + [HeldPage(source, page) for source, page in held.items()]


def _counted(parts: Sequence[HeldPage]) -> MonthPage:
    """The month as it counts; whatever changes in a part of it makes a later revision."""
    page = combined(parts)
    assert page is not None
    return replace(page, revision=sum(part.page.revision for part in parts))


def name_of(month: str) -> str:
    """Name of the document of a month."""
    return f"{KIND}.{month}"


def _merged(
    source: Source, before: MonthPage | None, page: MonthPage
) -> MonthPage | None:
    """A page with what is only known before; None where nothing changes."""
    if before is None:
        return replace(page, revision=1)
    newer = replace(page, revision=before.revision + 1)
    merged = combined([HeldPage(source, newer), HeldPage(source, before)])
    assert merged is not None
    return None if is_same(merged, before) else merged


def _is_all_same(before: Sequence[MonthPage], parts: Sequence[MonthPage]) -> bool:
    """Whether they are the very same pages."""
    alike = (a is b for a, b in zip(before, parts, strict=False))
    return len(before) == len(parts) and all(alike)


def _document(held: Mapping[Source, MonthPage]) -> dict[str, Any]:
    return {source.value: stored_page(page) for source, page in held.items()}


def _restored(stored: Mapping[str, Any] | None) -> Held:
    """The pages that can be read, by source."""
    found: Held = {}
    for source in Source:
        try:
            found[source] = restored_page((stored or {})[source.value])
        except KeyError, TypeError, ValueError:
            continue
    return found
