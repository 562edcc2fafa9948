"""Check a feed as its organiser publishes it: `script/check_feed FOLDER_OR_URL [INVITATION]`.

Each document is held to the schema, to the reader that members run, and to the rules of
`feed_rules`; with a member's invitation that member's sealed documents are checked too.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
import sys
from typing import Protocol
from zoneinfo import ZoneInfo

from aiohttp import ClientSession

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Counts,
    MonthReference,
    Operation,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.client import FeedClient, Fetched
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.errors import (
    DocumentError,
    FeedError,
    FeedUnavailable,
    InvitationError,
)
from custom_components.autoconsommation_collective.pmo.invitation import (
    Invitation,
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.pages import (
    Forecast,
    read_aggregates_month,
    read_forecast,
    read_member_month,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    new_token,
    unseal,
)

from .feed_rules import (
    differing_page,
    doubtful_needs,
    missing_coefficient,
    missing_key,
    past_forecast,
    telling_base,
    telling_errors,
    telling_positions,
    telling_usual,
    told_by_few,
    too_few_behind,
)
from .feed_schema import against_schema, load_schema

_INVITATION = "invitation"
"""Stands in the findings like a document."""

type Findings = dict[str, list[str]]
"""What is wrong with each document looked at; nothing, where the list is empty."""
type ReadPage = Callable[[bytes, str, ZoneInfo], MonthPage]


class Feed(Protocol):
    """Where documents come from: a web server or a folder."""

    async def fetch(self, name: str, /, *, digest: str | None = None) -> Fetched:
        """Fetch a document by its file name; a member's own comes unsealed."""


class Folder:
    """A feed before it is uploaded."""

    def __init__(self, root: Path, token: str) -> None:
        """Read the public documents, and those of the member with that token."""
        self._root = root
        self._token = token

    async def fetch(self, name: str, *, digest: str | None = None) -> Fetched:
        """Read a file as the client would fetch it."""
        sealed = names.is_sealed(name)
        folder = (
            self._root / "members" / member_path(self._token) if sealed else self._root
        )
        try:
            body = (folder / names.lies_as(name, digest)).read_bytes()
        except OSError as error:
            raise FeedUnavailable(name, error.strerror or "cannot be read") from None
        return Fetched(unseal(self._token, name, body) if sealed else body, None)


class Check:
    """One walk over a feed, which collects what is wrong."""

    def __init__(self, feed: Feed, now: datetime) -> None:
        """Start with nothing looked at."""
        self._feed = feed
        self._now = now
        self._schema = load_schema()
        self.findings: Findings = {}

    async def public(self) -> Operation | None:
        """Look at what everybody may read; gives the operation, where readable."""
        operation = await self._read(names.OPERATION, read_operation)
        aggregates = await self._read(names.AGGREGATES, read_aggregates)
        forecast = await self._read(names.FORECAST, read_forecast)
        if operation is None:
            return None
        time_zone = ZoneInfo(operation.time_zone)
        self._add(names.OPERATION, telling_positions(operation))
        self._add(names.OPERATION, missing_key(operation, self._today(operation)))
        counts: tuple[Counts, ...] = aggregates.counts if aggregates else ()
        if forecast:
            self._forecast(forecast, counts, operation)
        if aggregates:
            today = self._today(operation)
            self._add(names.AGGREGATES, telling_usual(aggregates.usual, counts, today))
        for reference in aggregates.months if aggregates else ():
            name = names.aggregates_month(reference.month)
            page = await self._page(name, reference, read_aggregates_month, time_zone)
            if page:
                blocks, measured = page.blocks, frozenset(Quantity)
                self._add(name, too_few_behind(blocks, counts, time_zone, measured))
                self._add(name, telling_base(blocks, counts, time_zone))
        return operation

    async def own(self, operation: Operation) -> None:
        """Look at the documents of the invited member."""
        member = await self._read(names.MEMBER, read_member)
        if member is None:
            return
        today = self._today(operation)
        self._add(names.MEMBER, missing_coefficient(operation, member, today))
        time_zone = ZoneInfo(operation.time_zone)
        for reference in member.months:
            name = names.member_month(reference.month)
            await self._page(name, reference, read_member_month, time_zone)

    def _forecast(
        self, forecast: Forecast, counts: tuple[Counts, ...], operation: Operation
    ) -> None:
        """Look at what is told of the coming days."""
        # An injection that is forecast from the weather tells about nobody.
        measured = frozenset({Quantity.BASE_WITHDRAWAL})
        time_zone = ZoneInfo(operation.time_zone)
        for found in (
            too_few_behind(forecast.blocks, counts, time_zone, measured),
            past_forecast(forecast, self._now),
            doubtful_needs(forecast, counts),
            told_by_few(operation, forecast),
            telling_errors(forecast, counts, self._today(operation)),
        ):
            self._add(names.FORECAST, found)

    def _today(self, operation: Operation) -> date:
        return self._now.astimezone(ZoneInfo(operation.time_zone)).date()

    async def _page(
        self, name: str, reference: MonthReference, read: ReadPage, time_zone: ZoneInfo
    ) -> MonthPage | None:
        month = reference.month
        page = await self._read(
            name, lambda body: read(body, month, time_zone), reference.digest
        )
        if page:
            self._add(name, differing_page(reference, page))
        return page

    async def _read[T](
        self, name: str, read: Callable[[bytes], T], digest: str | None = None
    ) -> T | None:
        """Document as members read it; None, and a finding, where they cannot."""
        self._add(name, ())
        try:
            body = (await self._feed.fetch(name, digest=digest)).body or b""
            self._add(name, against_schema(self._schema, body))
            return read(body)
        except DocumentError as error:
            at = " ".join(filter(None, (error.field, error.step)))
            self._add(name, (f"{error.problem} {at}".rstrip(),))
        except FeedError as error:
            self._add(name, (str(error).removeprefix(f"{name}: "),))
        return None

    def _add(self, name: str, findings: Iterable[str]) -> None:
        self.findings.setdefault(name, []).extend(findings)


def table(findings: Findings) -> str:
    """One line for a sound document, one for each finding otherwise."""
    width = max(map(len, findings))
    return "\n".join(
        f"{'' if index else name:{width}}  {text}"
        for name, texts in findings.items()
        for index, text in enumerate(texts or ["ok"])
    )


async def check(place: str, text: str | None, now: datetime) -> Findings:
    """Walk over the feed at that address or in that folder; InvitationError if it is none."""
    invitation = parse_invitation(text) if text is not None else None
    token = invitation.token if invitation else new_token()
    async with ClientSession() as session:
        if Path(place).is_dir():
            walk = Check(Folder(Path(place), token), now)
        else:
            address = parse_invitation(f"{place}#acc={token}")
            walk = Check(FeedClient(session, address), now)
            if invitation:
                walk.findings[_INVITATION] = _elsewhere(invitation, address)
        operation = await walk.public()
        if invitation and operation:
            await walk.own(operation)
    return walk.findings


def _elsewhere(invitation: Invitation, address: Invitation) -> list[str]:
    """An invitation that leads to another feed than the one looked at."""
    is_same = invitation.base_url == address.base_url
    return [] if is_same else [f"leads to {invitation.base_url}"]


def main(arguments: Sequence[str], now: datetime) -> int:
    """Print the table; 0 where all is sound, 1 where something is not, 2 where nothing is read."""
    parser = argparse.ArgumentParser(prog="script/check_feed", description=__doc__)
    parser.add_argument("place", help="folder with the files, or address of the feed")
    parser.add_argument(
        "invitation",
        nargs="?",
        help="of a member, to check its documents; - for standard input",
    )
    options = parser.parse_args(arguments)
    text = sys.stdin.read() if options.invitation == "-" else options.invitation
    try:
        findings = asyncio.run(check(options.place, text, now))
    except InvitationError as error:
        parser.error(f"no folder, and no feed address or invitation: {error}")
    print(table(findings))
    return int(any(findings.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
