"""Bringing the published folder up to date, month by month: ten thousand pages fit in no memory."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from homeassistant.core import HomeAssistant

from ..adapters.feed_folder import FolderError, clear, lost_from, publish_into
from ..engine.blocks import MonthPage
from ..pmo.organised_feed import feed_books
from ..pmo.publication import publication
from ..pmo.stamps import published_paths, without
from .books import Books
from .books_store import Publishing


async def async_publish(
    hass: HomeAssistant,
    books: Books,
    folder: Path,
    now: datetime,
    today: date,
    *,
    with_months: bool = True,
    takes_needs: bool = False,
) -> int:
    """Publish what is new; how many files that took. Raises FolderError.

    Without the months, those that wait for their organiser go on waiting: only who has new
    keys finds its own, and what the folder has lost is there again. What was published is
    kept once the folder has it: after a loss of power it is published again.
    """
    async with books.changing:
        lost = await _async_lost(hass, books, folder)
        due = lost | (books.publishing.due if with_months else frozenset())
        moved = books.publishing.moved | _back(books, today)
        if moved != books.publishing.moved:
            await books.async_set_publishing(replace(books.publishing, moved=moved))
        step = partial(
            _async_step, hass, books, folder, now, today, takes_needs=takes_needs
        )
        n_written = 0
        # Who has new keys has all its months again; the others those that changed.
        for month in sorted({*due, *(await books.async_months() if moved else ())}):
            pages = await _async_pages(books, month, due, moved)
            if pages is None:
                continue
            n_written += await step(due & {month}, pages)
        n_written += await step(frozenset(), {}, is_last=True)
        await _async_empty(hass, books, now)
    return n_written


async def _async_lost(
    hass: HomeAssistant, books: Books, folder: Path
) -> frozenset[str]:
    """Months that were published and lie there no more, such as after a backup without them.

    They are published again without anybody asking for it.
    """
    stamps = books.publishing.stamps
    lost = await hass.async_add_executor_job(lost_from, folder, published_paths(stamps))
    if not lost:
        return frozenset()
    left = without(stamps, lost)
    months = {
        month
        for whose, held in stamps.months.items()
        for month, stamp in held.items()
        if stamp != left.months[whose][month]
    }
    due = books.publishing.due | months
    await books.async_set_publishing(replace(books.publishing, stamps=left, due=due))
    return frozenset(months)


async def _async_empty(hass: HomeAssistant, books: Books, now: datetime) -> None:
    """Empty the folders that were published into before; those that refuse, another day."""
    left = set(books.publishing.left)
    for folder in books.publishing.left:
        with suppress(FolderError):
            await hass.async_add_executor_job(clear, Path(folder), now)
            left.remove(folder)
    if left != books.publishing.left:
        await books.async_set_publishing(
            replace(books.publishing, left=frozenset(left))
        )


def _back(books: Books, today: date) -> frozenset[str]:
    """Whose documents are to lie there and do not, such as after a consent that came back."""
    lying = books.publishing.stamps.documents.keys()
    return frozenset(
        one.id
        for one in books.roster.participants
        if one.id in books.keys and one.agrees(today) and one.id not in lying
    )


async def _async_pages(
    books: Books, month: str, due: frozenset[str], moved: frozenset[str]
) -> dict[str, MonthPage] | None:
    """Pages of a month that are published again; None of a month that cannot be read."""
    worked_out = await books.async_month(month)
    if worked_out is None:
        return None
    return {
        participant: page
        for participant, page in worked_out.pages.items()
        if month in due or participant in moved
    }


async def _async_step(
    hass: HomeAssistant,
    books: Books,
    folder: Path,
    now: datetime,
    today: date,
    anew: frozenset[str],
    pages: dict[str, MonthPage],
    *,
    takes_needs: bool,
    is_last: bool = False,
) -> int:
    """Publish these months, and what follows from the list alone."""
    before = books.publishing
    roster, keys, community = books.roster, books.keys, books.community
    forecast = books.forecast if books.settings.refreshes_forecast else None

    def publish() -> tuple[int, Publishing]:
        told = feed_books(
            roster,
            keys,
            community,
            anew,
            {participant: {page.month: page} for participant, page in pages.items()},
            today,
            forecast,
            takes_needs=takes_needs,
        )
        found = publication(told, before.stamps, now)
        publish_into(folder, found.written, found.paths, found.replaced, now)
        return len(found.written), replace(before, stamps=found.stamps, at=now)

    n_written, after = await hass.async_add_executor_job(publish)
    moved = frozenset[str]() if is_last else before.moved
    await books.async_set_publishing(replace(after, due=before.due - anew, moved=moved))
    return n_written
