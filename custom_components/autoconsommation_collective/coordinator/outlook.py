"""The third clock: what is ahead, at each settlement step and whenever something is new."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util
import numpy as np

from ..adapters.diary import Diary
from ..adapters.history import async_recorded_consumption
from ..adapters.home_meter import Direction
from ..adapters.slot_log import SlotLog
from ..adapters.supplier import Supplier
from ..const import CONF_IMPORT, CONF_OWN_FIRST, LOGGER
from ..engine.ahead import days_ahead, on_whole_days
from ..engine.base_use import base_use
from ..engine.blocks import Block, Energies, Quantity
from ..engine.claim import USUAL_LIMIT_W, USUAL_NEED_WH, OwnNeed
from ..engine.coverage import MIN_CASES
from ..engine.grid import Grid, energies_on
from ..engine.known import Known, static_coefficient
from ..engine.learning import Learned, Past, learn
from ..engine.metering import EPOCH
from ..engine.outlook import Outlook, look_ahead
from ..engine.settlement import settled_blocks
from ..engine.share import CommunityStep
from ..engine.usual import usual_on
from ..pmo.feed import Published
from ..pmo.polling import phase_of
from ..sky.open_meteo import ATTRIBUTION
from .production import ProductionForecast, recent_forecast
from .settlement import SettlementCoordinator

AHEAD_DAYS = 3
"""Local days looked at: today, tomorrow, and the day after as far as it is forecast."""


@dataclass(frozen=True, slots=True, eq=False)
class _Inputs:
    """What the sums are made from, gathered at one instant; read in another thread."""

    published: Published
    past: Past
    known: Known
    """Without what is learned."""


class OutlookCoordinator(DataUpdateCoordinator[Outlook | None]):
    """What is expected of the coming steps; None until it was first worked out."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        key: str,
        settlement: SettlementCoordinator,
        production: ProductionForecast,
        supplier: Supplier,
        diary: Diary,
        log: SlotLog,
    ) -> None:
        """Look at nothing yet."""
        super().__init__(
            hass, LOGGER, config_entry=entry, name=f"{settlement.name} outlook"
        )
        self.data = None
        self.learned: Learned | None = None
        self.own_need: OwnNeed | None = None
        """Of the loads that are told; None: a usual need."""
        self.expected_draw: Callable[[Grid], Energies] | None = None
        """What the loads are expected to draw, as they were planned last."""
        self.drawn: Callable[[timedelta], list[tuple[Block, ...]]] = lambda _: []
        """What each load drew."""
        self._yesterday: Outlook | None = None
        """The last one that began a day earlier: a meter closes its steps up to an hour late."""
        self._settlement = settlement
        self._production = production
        self._supplier = supplier
        self._diary = diary
        self._log = log
        self._phase = phase_of(key)
        self._history: tuple[Block, ...] | None = None
        self._learned_from: tuple[date, Published, date | None] | None = None
        self._looking = asyncio.Lock()

    @callback
    def async_refresh_soon(self) -> None:
        """Have everything worked out again in the background."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), self.name
        )

    @override
    async def _async_update_data(self) -> Outlook:
        async with self._looking:
            now = dt_util.utcnow()
            if self._history is None and self.hass.state is CoreState.running:
                self._history = await async_recorded_consumption(
                    self.hass, self.config_entry.data.get(CONF_IMPORT, ())
                )
                self._learned_from = None
            inputs = self._gather(now)
            await self._async_learn(inputs, now)
            outlook = await self.hass.async_add_executor_job(
                _look, inputs.known, self.learned
            )
            self._diary.note(outlook, now, self._settlement.time_zone)
            if self.data is not None and self.data.grid.start < outlook.grid.start:
                self._yesterday = self.data
            return outlook

    async def _async_learn(self, inputs: _Inputs, now: datetime) -> None:
        """Learn anew where the day is new, or a settlement, the operation, or past weather."""
        seen = self._production.seen
        learned_from = (
            self._settlement.today,
            replace(inputs.published, forecast=None, member=None),
            seen[0].start.date() if seen else None,
        )
        if learned_from == self._learned_from:
            return
        self.learned = await self.hass.async_add_executor_job(
            lambda: learn(
                inputs.past,
                now=now,
                step=inputs.known.grid.step,
                time_zone=inputs.known.time_zone,
                operation=inputs.published.operation,
                aggregates=inputs.published.aggregates,
            )
        )
        self._learned_from = learned_from

    def _gather(self, now: datetime) -> _Inputs:
        """All that is known now. Only the event loop comes here."""
        published, time_zone = self._settlement.data, self._settlement.time_zone
        step = self._settlement.shape.step
        grid = days_ahead(now, step, time_zone, AHEAD_DAYS)
        forecast = published.forecast
        recent = recent_forecast(published, now)
        blocks = recent.blocks if recent else ()
        counts = self._settlement.counts(self._settlement.today)
        members = counts.members if counts else None
        operation, member = published.operation, published.member
        current = EPOCH + (now - EPOCH) // step * step
        n_past = (current - grid.start) // step
        costs = self._supplier.costs(
            operation.prices if operation else (),
            replace(grid, start=current, n_steps=grid.n_steps - n_past),
            time_zone,
        )
        fed = energies_on(grid, blocks, Quantity.SHARED_INJECTION)
        drawn = energies_on(grid, blocks, Quantity.BASE_WITHDRAWAL)
        usual = published.aggregates and published.aggregates.usual
        if usual:
            usually = usual_on(grid, usual.days, time_zone)
            drawn = np.where(np.isnan(drawn), usually, drawn)
        told = self._production
        production, level = (
            np.where(
                np.isnan(fed),
                energies_on(grid, modelled, Quantity.SHARED_INJECTION),
                fed,
            )
            for modelled in (told.seen, told.modelled)
        )
        known = Known(
            grid=grid,
            time_zone=time_zone,
            rule=self._settlement.rule(now),
            production_wh=production,
            level_wh=level,
            withdrawal_wh=drawn,
            homes_alike=None if self._settlement.has_feed else members,
            # The whole operation's: what part is this home's is learned.
            own_surplus_wh=production if self.fills_own_first else None,
            errors=(forecast and forecast.errors) or (usual.errors if usual else ()),
            flexible_wh={
                need.day: need.energy_wh
                for need in (forecast.flexible if forecast else ())
            },
            members=members,
            followers=counts.followers if counts else None,
            costs=on_whole_days(costs, n_past),
            need=self.own_need
            or OwnNeed(USUAL_NEED_WH, USUAL_LIMIT_W * (step / timedelta(hours=1))),
            planned_wh=self.expected_draw(grid) if self.expected_draw else None,
            place=self._phase
            if member is None or member.place is None
            else member.place,
            lacks_plants=self._production.lacks_plants,
            # Who publishes once a month tells what is usual, which does not age in days.
            is_stale=recent is not forecast and self._settlement.has_feed and not usual,
        )
        is_fed = not np.isnan(fed).all()
        return _Inputs(published, self._past(published, is_fed), known)

    def _past(self, published: Published, is_fed: bool) -> Past:
        """What is kept of the past.

        Settled injection is on the scale of the organiser's own forecast, where there is one.
        """
        settled = settled_blocks(published.community.values())
        return Past(
            settled=settled_blocks(published.pages.values()),
            own=base_use(
                self._log.blocks(Direction.IMPORT),
                self.drawn(self._settlement.shape.step),
            ),
            history=self._history or (),
            production=(
                self._diary.production_blocks,
                settled,
                self._production.seen,
            ),
            levels=(
                self._diary.level_blocks,
                settled if is_fed else self._production.modelled,
            ),
            diary=self._diary.pages,
        )

    @property
    def is_waiting(self) -> bool:
        """Whether the production ahead may be about to be told, just after a start."""
        return self._production.is_waiting

    @property
    def attribution(self) -> str | None:
        """Of the weather service that was asked, here or by the organiser."""
        if self._production.is_used:
            return ATTRIBUTION
        forecast = recent_forecast(self._settlement.data, dt_util.utcnow())
        return forecast.attribution if forecast else None

    def coverage_at(self, start: datetime) -> float | None:
        """Part of a withdrawal that past cases let expect, in [0, 1]; None without enough."""
        found = self._step(start)
        if found is None or self.learned is None or self.learned.table is None:
            return None
        outlook, n = found
        if outlook.coverage.n_cases[n] < MIN_CASES:
            return None
        return float(outlook.coverage.mean[n])

    def community_at(self, start: datetime) -> CommunityStep | None:
        """What the weather lets expect of all members in a step; None where it does not."""
        found = self._step(start)
        if found is None:
            return None
        outlook, n = found
        if np.isnan(outlook.production_wh[n]):
            return None
        withdrawal = outlook.withdrawal_wh[n]
        counts = self._settlement.counts(self._settlement.today)
        return CommunityStep(
            shared_injection_wh=float(outlook.production_wh[n]),
            withdrawal_wh=None if np.isnan(withdrawal) else float(withdrawal),
            members=counts.members if counts else None,
        )

    def _step(self, start: datetime) -> tuple[Outlook, int] | None:
        """The outlook that holds a step, and the step's number in it."""
        for outlook in (self.data, self._yesterday):
            if outlook and (n := outlook.grid.number(start)) is not None:
                return outlook, n
        return None

    @property
    def fills_own_first(self) -> bool:
        """Whether a producer fills its own loads before the neighbours'."""
        return bool(self.config_entry.options.get(CONF_OWN_FIRST, False))


def _look(known: Known, learned: Learned | None) -> Outlook:
    """Everything ahead, with what was learned."""
    if learned is None:
        # What part of the operation's surplus is this home's own is still to be learned.
        return look_ahead(replace(known, own_surplus_wh=None))
    profile = learned.profile
    own_surplus = known.own_surplus_wh
    has_own_part = static_coefficient(known.rule) is not None
    if own_surplus is not None:
        own_surplus = own_surplus * (learned.own_part or 0.0)
    return look_ahead(
        replace(
            known,
            table=learned.table,
            errors=known.errors or (learned.errors if has_own_part else ()),
            own=profile.expected(known.grid, known.time_zone) if profile else None,
            own_surplus_wh=own_surplus,
            bias=learned.bias,
        )
    )
