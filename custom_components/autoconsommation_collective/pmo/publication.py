"""The files of a feed, from what an organiser knows: only those that differ from what lies there.

What says the same again keeps its bytes, so that a host is sent nothing new, and a home asks for
nothing twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
import hashlib
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import MonthPage
from ..engine.model import Aggregates, Member, MonthReference, Operation
from . import names
from .pages import Forecast
from .sealing import MemberKeys
from .stamps import EPOCH, EVERYBODY, Stamp, Stamps, published_paths, taken_back
from .written import (
    written_aggregates,
    written_aggregates_month,
    written_forecast,
    written_member,
    written_member_month,
    written_operation,
)

type Write = Callable[[datetime], bytes]
"""Writes a document as published at that time."""

DIGEST_LENGTH: Final = 16
"""Hexadecimal digits in a file's name."""


@dataclass(frozen=True, slots=True)
class PublishedMember:
    """Who has own documents: with its index but for the months, and its keys."""

    member: Member
    keys: MemberKeys


@dataclass(frozen=True, slots=True)
class Books:
    """What is to be published now."""

    operation: Operation
    aggregates: Aggregates
    """But for the months."""
    forecast: Forecast | None
    """None: nothing is expected of the coming days."""
    members: Mapping[str, PublishedMember]
    """By participant's id; of all others nothing lies there any more."""
    community: Mapping[str, MonthPage] = field(default_factory=dict)
    """Months that are published anew, as far as they may be public."""
    pages: Mapping[str, Mapping[str, MonthPage]] = field(default_factory=dict)
    """By participant's id, months that are published anew. The others stand."""
    anew: frozenset[str] = frozenset()
    """Months that are told whole: where one has no page here, what was published is taken
    back."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What it takes to bring the folder up to date."""

    written: Mapping[str, bytes]
    """By path, months before the indexes that name them."""
    paths: frozenset[str]
    """All that belongs in the folder now; anything else is of the past."""
    replaced: frozenset[str]
    """What belonged there until now: somebody may just have read the old index."""
    stamps: Stamps


def publication(books: Books, before: Stamps, now: datetime) -> Publication:
    """The files to write, and what then lies in the folder."""
    run = _Run(ZoneInfo(books.operation.time_zone), before, now, books.anew)
    run.add_months(EVERYBODY, books.community, None)
    for participant, one in books.members.items():
        run.add_months(participant, books.pages.get(participant, {}), one.keys)
    run.add(names.OPERATION, lambda at: written_operation(books.operation, at))
    run.add(
        names.AGGREGATES,
        lambda at: written_aggregates(
            replace(books.aggregates, months=run.references(EVERYBODY)), at
        ),
    )
    run.add(
        names.FORECAST,
        lambda at: written_forecast(
            replace(books.forecast or Forecast(at, ()), published_at=at), run.time_zone
        ),
        # It is as old as what it rests on, also where its file was lost.
        books.forecast.published_at if books.forecast else now,
    )
    for participant, one in books.members.items():
        run.add_member(participant, one)
    return run.publication()


class _Run:
    """One publication in the making."""

    def __init__(
        self, time_zone: ZoneInfo, before: Stamps, now: datetime, anew: frozenset[str]
    ) -> None:
        """Begin with nothing to write, and nothing that lies there."""
        self.time_zone = time_zone
        self._before = before
        self._now = now
        self._anew = anew
        self._months = {
            whose: taken_back(months) for whose, months in before.months.items()
        }
        self._documents: dict[str, Stamp] = {}
        self._written: dict[str, bytes] = {}

    def publication(self) -> Publication:
        """What came of it."""
        stamps = Stamps(self._documents, self._months)
        paths = published_paths(stamps)
        replaced = published_paths(self._before) - paths
        return Publication(self._written, paths, replaced, stamps)

    def references(self, whose: str) -> tuple[MonthReference, ...]:
        """The lines of an index."""
        return tuple(
            MonthReference(month, stamp.revision, stamp.quality, stamp.file)
            for month, stamp in sorted(self._months[whose].items())
            if stamp.file
        )

    def add_months(
        self, whose: str, pages: Mapping[str, MonthPage], keys: MemberKeys | None
    ) -> None:
        """Write the months that say something new; those that are not told anew stand."""
        held = dict(self._before.months.get(whose, {}))
        lay_in = self._before.documents.get(whose)
        if keys and lay_in and lay_in.file != keys.path:
            held = taken_back(held)
        gone = self._anew & (held.keys() - pages.keys())
        held |= taken_back({month: held[month] for month in gone})
        for month, page in pages.items():
            held[month] = self._add_month(page, held.get(month), keys)
        self._months[whose] = held

    def _add_month(
        self, page: MonthPage, held: Stamp | None, keys: MemberKeys | None
    ) -> Stamp:
        write = written_member_month if keys else written_aggregates_month
        name = (
            names.member_month(page.month)
            if keys
            else names.aggregates_month(page.month)
        )
        said = _digest(write(replace(page, revision=1), EPOCH, self.time_zone))
        if held is not None and held.said == said:
            revision, published_at = held.revision, held.published_at
        else:
            revision, published_at = (held.revision if held else 0) + 1, self._now
        body = write(replace(page, revision=revision), published_at, self.time_zone)
        if keys:
            body = keys.seal(name, body)
        file = _digest(body)[:DIGEST_LENGTH]
        if held is None or held.file != file:
            self._written[names.lies_at(name, file, keys.path if keys else None)] = body
        return Stamp(said, published_at, file, revision, page.quality)

    def add(self, name: str, write: Write, said_at: datetime | None = None) -> None:
        """Write a document that everybody may read, if it says something new.

        Said now, unless it was said at another time.
        """
        body, stamp = self._stamped(name, write, said_at or self._now)
        if stamp != self._before.documents.get(name):
            self._written[name] = body
        self._documents[name] = stamp

    def add_member(self, participant: str, one: PublishedMember) -> None:
        """Write a member's index, if it says something new or lies elsewhere than before."""
        member = replace(one.member, months=self.references(participant))
        body, stamp = self._stamped(
            participant, lambda at: written_member(member, at), self._now
        )
        stamp = replace(stamp, file=one.keys.path)
        if stamp != self._before.documents.get(participant):
            path = names.lies_at(names.MEMBER, None, one.keys.path)
            self._written[path] = one.keys.seal(names.MEMBER, body)
        self._documents[participant] = stamp

    def _stamped(
        self, which: str, write: Write, said_at: datetime
    ) -> tuple[bytes, Stamp]:
        """A document with the time at which it first said this."""
        said = _digest(write(EPOCH))
        held = self._before.documents.get(which)
        if held is not None and held.said == said:
            return write(held.published_at), held
        return write(said_at), Stamp(said, said_at)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
