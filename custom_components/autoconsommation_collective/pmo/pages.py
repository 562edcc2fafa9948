"""Read the documents that carry energies: month pages and the forecast."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from ..engine.blocks import Block, MonthPage, Quantity
from ..engine.model import FlexibleNeed, ForecastError, Quality
from . import names
from .aggregates import read_errors
from .documents import MAX_COUNT, MONTH, read_revision
from .energies import Groups, field_of, read_block, read_energy, spell
from .errors import Problem
from .fields import Fields, open_document

_AGGREGATES: Groups = (
    (Quantity.SHARED_INJECTION,),
    (Quantity.BASE_WITHDRAWAL,),
    (Quantity.TOTAL_WITHDRAWAL,),
    (Quantity.ALLOCATED,),
)
_FORECAST: Groups = ((Quantity.SHARED_INJECTION,), (Quantity.BASE_WITHDRAWAL,))
_MEMBER: Groups = (
    (Quantity.CONSUMPTION, Quantity.ALLOCATED),
    (Quantity.PRODUCTION, Quantity.SURPLUS),
)

type _Found = list[tuple[Fields, Block]]
"""Blocks, each with the object it was read from, which errors name."""

KEPT_BEHIND = timedelta(days=1)
"""How much of an earlier forecast is kept: the day in progress."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the organiser expects of the coming days."""

    published_at: datetime
    """UTC."""
    blocks: tuple[Block, ...]
    """In order of time, without overlap."""
    flexible: tuple[FlexibleNeed, ...] = ()
    """In order of days, each once; days that are not told may lie between them."""
    errors: tuple[ForecastError, ...] = ()
    """By ascending level, from 0; empty where the organiser does not tell."""
    attribution: str | None = None
    """Whose weather data it rests on, as they are to be named; None: nobody's."""

    def following(self, earlier: Forecast) -> Forecast:
        """This forecast, and before its beginning what the earlier one said.

        A meter closes its steps up to an hour late, and an organiser may publish only the
        time to come. What it does not tell at all is not taken back.
        """
        flexible = self._needs_following(earlier)
        if not self.blocks:
            return replace(earlier, flexible=flexible)
        begin = self.blocks[0].start
        since = begin - KEPT_BEHIND
        parts = (block.cut(since, begin) for block in earlier.blocks)
        kept = tuple(part for part in parts if part is not None)
        return replace(self, blocks=kept + self.blocks, flexible=flexible)

    def _needs_following(self, earlier: Forecast) -> tuple[FlexibleNeed, ...]:
        """The needs told now, and before the first of them those told earlier."""
        if not self.flexible:
            return earlier.flexible
        begin = self.flexible[0].day
        since = begin - KEPT_BEHIND
        kept = tuple(need for need in earlier.flexible if since <= need.day < begin)
        return kept + self.flexible


def read_aggregates_month(body: bytes, month: str, time_zone: ZoneInfo) -> MonthPage:
    """Aggregates of the month asked for; DocumentError names what is wrong."""
    document = open_document(body, names.aggregates_month(month), "aggregates_month")
    return _month_page(document, month, time_zone, _AGGREGATES)


def read_member_month(body: bytes, month: str, time_zone: ZoneInfo) -> MonthPage:
    """A member's month, already unsealed; DocumentError names what is wrong."""
    document = open_document(body, names.member_month(month), "member_month")
    return _month_page(document, month, time_zone, _MEMBER)


def read_forecast(body: bytes) -> Forecast:
    """Forecast of the coming days, perhaps empty; DocumentError names what is wrong."""
    document = open_document(body, names.FORECAST, "forecast")
    published_at = document.instant("published_at")
    found = _blocks(document, UTC, _FORECAST)
    for fields, block in found:
        if block.start.timestamp() % block.step.total_seconds():
            raise fields.fault(Problem.BAD_TIMESTAMP, "start", spell(block.start, UTC))
    return Forecast(
        published_at,
        blocks=tuple(block for _, block in found),
        flexible=_flexible(document),
        errors=read_errors(document),
        attribution=document.optional(document.text, "attribution"),
    )


def _flexible(document: Fields) -> tuple[FlexibleNeed, ...]:
    """Needs in order of days, each told once."""
    needs: dict[date, FlexibleNeed] = {}
    for fields in document.optional(document.objects, "flexible") or ():
        day = fields.day("day")
        if day in needs:
            raise fields.fault(Problem.PERIODS_OVERLAP, "day")
        energy_wh = read_energy(fields, "energy_wh")
        needs[day] = FlexibleNeed(day, energy_wh, fields.whole("homes", 0, MAX_COUNT))
    return tuple(needs[day] for day in sorted(needs))


def _month_page(
    document: Fields, month: str, time_zone: ZoneInfo, groups: Groups
) -> MonthPage:
    document.instant("published_at")
    if document.matching("month", MONTH) != month:
        raise document.fault(Problem.BAD_VALUE, "month")
    revision, quality = read_revision(document), document.choice("quality", Quality)
    found = _blocks(document, time_zone, groups)
    if not found:
        raise document.fault(Problem.BAD_VALUE, "blocks")
    _check_days(found, time_zone)
    _check_month(found, month, time_zone)
    return MonthPage(month, revision, quality, tuple(block for _, block in found))


def _blocks(document: Fields, time_zone: tzinfo, groups: Groups) -> _Found:
    """Blocks in order of time; errors tell their times in the given zone."""
    found = [
        (fields, read_block(fields, time_zone, groups))
        for fields in document.objects("blocks")
    ]
    for (_, earlier), (fields, later) in pairwise(found):
        if later.start < earlier.end:
            overlap = later.end > earlier.start
            problem = Problem.DUPLICATE_STEPS if overlap else Problem.STEPS_OUT_OF_ORDER
            raise fields.fault(problem, "start", spell(later.start, time_zone))
    return found


def _check_days(found: _Found, time_zone: ZoneInfo) -> None:
    """Hold each block to whole local days, of 23, 24 or 25 hours.

    A step that changes inside a day breaks the end of one block and the start of the next:
    it is looked for first, because it says more than an incomplete day.
    """
    for (_, earlier), (fields, later) in pairwise(found):
        changes = earlier.end == later.start and earlier.step != later.step
        if changes and not _is_midnight(later.start, time_zone):
            step = spell(later.start, time_zone)
            raise fields.fault(Problem.STEP_CHANGES_INSIDE_DAY, "step_minutes", step)
    for fields, block in found:
        ends = {"start": block.start, field_of(next(iter(block.energies))): block.end}
        for field, instant in ends.items():
            if not _is_midnight(instant, time_zone):
                raise fields.fault(
                    Problem.INCOMPLETE_DAY, field, spell(instant, time_zone)
                )


def _check_month(found: _Found, month: str, time_zone: ZoneInfo) -> None:
    """Hold all days to the month of the page."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    begin, end = _midnight(first, time_zone), _midnight(after, time_zone)
    for fields, block in found:
        if block.start < begin or block.end > end:
            outside = block.start if block.start < begin else max(block.start, end)
            raise fields.fault(
                Problem.OUTSIDE_MONTH, "start", spell(outside, time_zone)
            )


def _is_midnight(instant: datetime, time_zone: ZoneInfo) -> bool:
    return instant == _midnight(instant.astimezone(time_zone).date(), time_zone)


def _midnight(day: date, time_zone: ZoneInfo) -> datetime:
    """Begin of a local day, UTC; also where the clock jumps over midnight or repeats it."""
    return datetime.combine(day, time.min, time_zone).astimezone(UTC)
