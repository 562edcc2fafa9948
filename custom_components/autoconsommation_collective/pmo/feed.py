"""The organiser's documents as last read: asked for again, replaced one by one.

Each document is taken for itself: one that breaks the contract leaves the others, and its
own earlier version, as they are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from ..engine.blocks import MonthPage
from ..engine.model import Aggregates, Member, MonthReference, Operation
from ..engine.settlement import supersedes
from ..engine.told_needs import ToldNeed
from . import names
from .aggregates import read_aggregates
from .client import FeedClient
from .documents import read_member, read_operation
from .errors import AccessRefused, DocumentError, Problem
from .needs import written_need
from .pages import Forecast, read_aggregates_month, read_forecast, read_member_month


class Kept(TypedDict):
    """A document as kept between restarts: the text that was read, and its version."""

    etag: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Published:
    """What the organiser has told so far; anything may be missing."""

    operation: Operation | None = None
    aggregates: Aggregates | None = None
    forecast: Forecast | None = None
    member: Member | None = None
    pages: Mapping[str, MonthPage] = field(default_factory=dict)
    """The member's months."""
    community: Mapping[str, MonthPage] = field(default_factory=dict)
    """The months of all members together."""

    @property
    def time_zone(self) -> ZoneInfo | None:
        """Of the operation: what a day and a month mean to its settlements."""
        return ZoneInfo(self.operation.time_zone) if self.operation else None


READERS: Mapping[str, tuple[str, Callable[[bytes], Any]]] = {
    names.OPERATION: ("operation", read_operation),
    names.MEMBER: ("member", read_member),
    names.AGGREGATES: ("aggregates", read_aggregates),
    names.FORECAST: ("forecast", read_forecast),
}
"""The documents without a month: which part of Published each one is, and who reads it."""


def restored(kept: Mapping[str, Kept]) -> Published:
    """What kept documents say; one that can no longer be read is as if never read."""
    published = Published()
    for name, (part, read) in READERS.items():
        if name in kept:
            try:
                document = read(kept[name]["text"].encode())
            except DocumentError:
                continue
            published = replace(published, **{part: document})
    return published


class Feed:
    """Reads the documents of one member that are new since the last time."""

    def __init__(
        self, client: FeedClient, published: Published, kept: Mapping[str, Kept]
    ) -> None:
        """Continue from what was read before."""
        self._client = client
        self.published = published
        self.kept = dict(kept)
        self.faults: list[DocumentError] = []
        """Of the documents that the last poll left aside."""

    async def poll(self) -> None:
        """Read what is new.

        What everybody may read is read also where the member's own index is refused. The
        forecast comes before the months: it is of no use later. Raises FeedUnavailable, and
        AccessRefused at the end; what was read before that is kept.
        """
        self.faults = []
        refused: AccessRefused | None = None
        await self._collect(self._poll_document(names.OPERATION))
        try:
            await self._collect(self._poll_document(names.MEMBER))
        except AccessRefused as err:
            refused = err
        await self._collect(self._poll_document(names.FORECAST))
        if refused is None:
            for month in _newer(self.published.member, self.published.pages):
                await self._collect(self._poll_member_month(month))
        await self._collect(self._poll_document(names.AGGREGATES))
        for month in _newer(self.published.aggregates, self.published.community):
            await self._collect(self._poll_community_month(month))
        if refused is not None:
            raise refused

    async def tell(self, need: ToldNeed) -> None:
        """Tell the organiser what this home needs. Raises FeedUnavailable unless it is taken."""
        time_zone = self.published.time_zone or UTC
        await self._client.hand_in(names.NEED, written_need(need, time_zone))

    async def _collect(self, reading: Awaitable[None]) -> None:
        try:
            await reading
        except DocumentError as fault:
            self.faults.append(fault)

    async def _poll_document(self, name: str) -> None:
        part, read = READERS[name]
        is_read = name in self.kept and getattr(self.published, part) is not None
        known = self.kept[name]["etag"] if is_read else None
        fetched = await self._client.fetch(name, known)
        if fetched.body is None:
            return
        document = await _in_thread(read, fetched.body)
        if part == "forecast" and self.published.forecast is not None:
            document = document.following(self.published.forecast)
        self.published = replace(self.published, **{part: document})
        self.kept[name] = Kept(etag=fetched.etag, text=fetched.body.decode("utf-8-sig"))

    async def _poll_member_month(self, reference: MonthReference) -> None:
        name = names.member_month(reference.month)
        page = await self._fetch_page(name, reference, read_member_month)
        if page is not None:
            pages = {**self.published.pages, page.month: page}
            self.published = replace(self.published, pages=pages)

    async def _poll_community_month(self, reference: MonthReference) -> None:
        name = names.aggregates_month(reference.month)
        page = await self._fetch_page(name, reference, read_aggregates_month)
        if page is not None:
            community = {**self.published.community, page.month: page}
            self.published = replace(self.published, community=community)

    async def _fetch_page(
        self,
        name: str,
        reference: MonthReference,
        read: Callable[[bytes, str, ZoneInfo], MonthPage],
    ) -> MonthPage | None:
        """A month page; None while the operation, and so its time zone, is not known.

        A page older than the index says, as from a cache on the way, is refused: it would
        undo a correction.
        """
        if (time_zone := self.published.time_zone) is None:
            return None
        body = (await self._client.fetch(name, digest=reference.digest)).body
        if body is None:
            return None
        page = await _in_thread(read, body, reference.month, time_zone)
        if page.revision < reference.revision:
            raise DocumentError(name, Problem.OUTDATED, "revision")
        return page


def _newer(
    index: Member | Aggregates | None,
    held: Mapping[str, MonthPage],
) -> list[MonthReference]:
    """Published months that replace what is held, the latest first: it is looked at most."""
    references: tuple[MonthReference, ...] = index.months if index else ()
    newer = [ref for ref in references if supersedes(ref, held.get(ref.month))]
    return sorted(newer, key=lambda ref: ref.month, reverse=True)


async def _in_thread[**P, T](
    read: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Read outside the event loop: a year of pages takes longer than a loop may wait."""
    return await asyncio.get_running_loop().run_in_executor(
        None, lambda: read(*args, **kwargs)
    )
