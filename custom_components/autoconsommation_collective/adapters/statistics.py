"""Hourly amounts into Home Assistant's long-term statistics, right after every correction.

The recorder has no transaction over a write and the shift of the later sums. So the hours
whose shift may be missing are first noted in a journal, which a later start verifies.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.const import UnitOfEnergy
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from ..const import DOMAIN
from ..engine.blocks import HOUR
from ..engine.errors import AccError
from ..engine.hour_costs import PARTS_PER_EUR
from ..engine.sums import Edit, Row, Shift, Wanted, Window, Write, by_month, plan

type Journal = Store[list[str]]
"""First and last hour (ISO 8601) of the rows whose shift may be missing; no file, no doubt."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a statistic is shown in, and the small unit that its amounts are whole numbers of."""

    name: str
    unit_class: str | None
    """Of the recorder's converters; money has none."""
    parts: int
    """How many of the small unit make one."""


KWH: Final = Unit(UnitOfEnergy.KILO_WATT_HOUR, EnergyConverter.UNIT_CLASS, 1000)
EUR: Final = Unit("EUR", None, PARTS_PER_EUR)
"""What the Energy dashboard takes as the cost of a statistic: any unit, and sums."""

REACHES: Final = (HOUR, timedelta(days=40), timedelta(days=36_525))
"""How far to look for a neighbouring row: the next hour nearly always, else over a missing
month, else any row at all. Reading step by step spares reading a whole series."""

LOOK_AGAIN_S: Final = 10
"""How often a recorder that does not answer is looked after."""

ATTEMPTS: Final = 3
"""Plans for one month: the change, a second one where the recorder re-queued a task behind
another after a database error, and one that finds nothing left to do."""


class StatisticsError(AccError):
    """The recorder cannot be written now, or did not store what it was given."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What it took to make a statistic right."""

    written: int = 0
    """Rows inserted or replaced."""
    shifted: int = 0
    """How often all later sums were shifted."""
    unchanged: int = 0
    """Given hours that stood as they were."""

    def __add__(self, other: Changes) -> Changes:
        """Both together."""
        return Changes(
            self.written + other.written,
            self.shifted + other.shifted,
            self.unchanged + other.unchanged,
        )


class HourlyStatistic:
    """One external statistic of hourly amounts: energies, or what they cost.

    Its methods raise StatisticsError before Home Assistant has started, when the recorder
    answers nothing yet: call them from a background task started by async_at_started.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        key: str,
        suffix: str,
        name: str,
        journal: Journal,
        unit: Unit = KWH,
    ) -> None:
        """The key tells homes apart without naming them; the name is shown, in words."""
        self._hass = hass
        self._journal = journal
        self._unit = unit
        self._lock = asyncio.Lock()
        self.statistic_id = f"{DOMAIN}:{key}_{suffix}"
        self._metadata = StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=name,
            source=DOMAIN,
            statistic_id=self.statistic_id,
            unit_class=unit.unit_class,
            unit_of_measurement=unit.name,
        )

    async def async_write(self, hours: Mapping[datetime, float | None]) -> Changes:
        """Make these hours stand, month by month: start of the hour in UTC to its amount.

        In the small unit of the statistic; None where it is not known any more. Raises
        StatisticsError if the recorder does not store them, ValueError for an amount that is
        not a number.
        """
        async with self._lock:
            await self._async_heal()
            changes = Changes()
            for month in await self._hass.async_add_executor_job(by_month, hours):
                changes += await self._async_settle(min(month), max(month), month)
            if changes.shifted:
                await self._journal.async_remove()
        return changes

    async def async_heal(self) -> None:
        """Put right what a stop between a write and its shift has left; once at start.

        Raises StatisticsError if the recorder does not store it.
        """
        async with self._lock:
            await self._async_heal()

    async def async_last_hour(self) -> datetime | None:
        """The latest hour that stands in the database; None without any."""
        found = await self._async_read(
            get_last_statistics, self._hass, 1, self.statistic_id, False, set()
        )
        rows = found.get(self.statistic_id)
        return dt_util.utc_from_timestamp(rows[0]["start"]) if rows else None

    async def _async_heal(self) -> None:
        if (doubtful := await self._journal.async_load()) is None:
            return
        first, last = map(datetime.fromisoformat, doubtful)
        await self._async_settle(first, last, {})
        await self._journal.async_remove()

    async def _async_settle(
        self, first: datetime, last: datetime, wanted: Wanted
    ) -> Changes:
        """Plan and queue until a look at the database finds nothing left to do."""
        written: set[datetime] = set()
        shifted = 0
        for _ in range(ATTEMPTS):
            await self._async_barrier()
            edits = await self._async_read(self._plan, first, last, wanted)
            if not edits:
                return Changes(len(written), shifted, len(wanted.keys() - written))
            if shifts := [edit.first_hour for edit in edits if isinstance(edit, Shift)]:
                await self._journal.async_save(
                    [shifts[0].isoformat(), shifts[-1].isoformat()]
                )
                shifted += len(shifts)
            for edit in edits:
                written |= self._queue(edit)
        raise StatisticsError(
            f"{self.statistic_id} is not as written from {first.isoformat()}"
            f" to {last.isoformat()}"
        )

    async def _async_barrier(self) -> None:
        """Wait until everything queued so far is in the database.

        Two turns, as a task that met a database error goes behind the first. The recorder's own
        async_block_till_done does not wait for a task that has left the queue.
        """
        recorder = get_instance(self._hass)
        for _ in range(2):
            if self._hass.state is not CoreState.running:
                raise StatisticsError(
                    "The recorder works only while Home Assistant runs"
                )
            turn: asyncio.Future[None] = self._hass.loop.create_future()
            recorder.queue_task(SynchronizeTask(turn))
            while not turn.done():
                # A backup may hold the recorder for long; one that has stopped never answers.
                if not recorder.is_alive():
                    raise StatisticsError("The recorder has stopped")
                await asyncio.wait({turn}, timeout=LOOK_AGAIN_S)

    async def _async_read[*Ts, T](self, read: Callable[[*Ts], T], *args: *Ts) -> T:
        """What the database answers; raises StatisticsError where it cannot."""
        try:
            return await get_instance(self._hass).async_add_executor_job(read, *args)
        except SQLAlchemyError as err:
            raise StatisticsError(f"The database cannot be read: {err}") from err
        except RuntimeError as err:  # its threads are gone with the recorder
            raise StatisticsError("The recorder has stopped") from err

    def _queue(self, edit: Edit) -> set[datetime]:
        """Hand one edit to the recorder; gives the hours it writes."""
        match edit:
            case Write(rows):
                data = [
                    StatisticData(
                        start=row.hour,
                        state=row.amount / self._unit.parts,
                        sum=row.total / self._unit.parts,
                    )
                    for row in rows
                ]
                async_add_external_statistics(self._hass, self._metadata, data)
                return {row.hour for row in rows}
            case Shift(first_hour, delta):
                get_instance(self._hass).async_adjust_statistics(
                    self.statistic_id,
                    first_hour,
                    delta / self._unit.parts,
                    self._unit.name,
                )
                return set()

    def _plan(self, first: datetime, last: datetime, wanted: Wanted) -> list[Edit]:
        """Read what stands around these hours and plan from it; in the database executor."""
        after = last + HOUR
        before = self._nearest((first - reach, first) for reach in REACHES)
        following = self._nearest((after, after + reach) for reach in REACHES)
        window = Window(
            total_before=before[-1].total if before else 0,
            rows=(*self._rows(first, after), *following[:1]),
        )
        return plan(window, wanted)

    def _nearest(self, spans: Iterable[tuple[datetime, datetime]]) -> list[Row]:
        """Rows of the first span that has any."""
        return next(filter(None, starmap(self._rows, spans)), [])

    def _rows(self, start: datetime, end: datetime) -> list[Row]:
        """Stored rows in order of time, end excluded."""
        found = statistics_during_period(
            self._hass,
            start,
            end,
            {self.statistic_id},
            "hour",
            {self._unit.unit_class: self._unit.name} if self._unit.unit_class else None,
            {"state", "sum"},
        )
        return [
            Row(
                dt_util.utc_from_timestamp(row["start"]),
                round((row["state"] or 0) * self._unit.parts),
                round((row["sum"] or 0) * self._unit.parts),
            )
            for row in found.get(self.statistic_id, [])
        ]
