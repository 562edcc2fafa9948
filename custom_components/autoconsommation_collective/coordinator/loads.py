"""The fourth clock: the loads of the home, planned at each step, looked at and told each minute."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_utc_time_change,
)
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util
import numpy as np

from ..adapters.actuator import Actuator
from ..adapters.issues import clear_load_issue, set_load_issue
from ..adapters.load_words import Told, async_load_texts, load_sentence
from ..adapters.loads import actuator_settings, load_settings
from ..adapters.meter import resolve
from ..adapters.reason import Texts
from ..adapters.store import Stores
from ..const import LOGGER, SUBENTRY_LOAD
from ..engine.actuation import Trouble
from ..engine.announced import Announced, restored_announced, stored_announced
from ..engine.blocks import HOUR, Energies, Quantity
from ..engine.claim import OwnNeed
from ..engine.contract import CostsMissing
from ..engine.grid import Grid, energies_on, local_steps
from ..engine.known import static_coefficient
from ..engine.ledger import sum_of
from ..engine.load_needs import DAY, need_today_wh, task_of
from ..engine.load_plan import HomePlan, Run, expected_draw_wh, home_plan, past_runs
from ..engine.load_status import next_run
from ..engine.metering import EPOCH
from ..engine.outlook import Outlook
from ..engine.settlement import settled_blocks
from ..engine.slots import local_midnight, midnight_of
from ..engine.wanted import OFF, ON, left_alone
from ..pmo.polling import phase_of
from .load_guard import LoadGuard
from .load_ledger import LoadLedger, StepFacts, step_facts
from .load_view import LoadsView, LoadView
from .outlook import OutlookCoordinator
from .plan_telling import RunEvent, run_events
from .settlement import SettlementCoordinator
from .steered import Inputs, SteeredLoad

LOADS_STORE: Final = "loads"
ANNOUNCED: Final = "announced"
"""Name of what was announced in the store, beside the loads by their ids."""
GUARD: Final = "guard"
"""The same of the guard."""
STEP: Final = "step"
"""The same of when the settlement step in progress began."""
SAVE_DELAY_S: Final = 900
"""What a load has drawn changes each minute, and a memory card wears; a quarter of an hour of
it lost at a power cut is nothing."""
STALE: Final = timedelta(hours=2)
"""A plan older than that follows no sun any more: loads go back to their default."""
PLAN_AHEAD: Final = timedelta(hours=48)
"""Tomorrow's need must lie in it whole; of the day after, the weather is a guess."""


class LoadsCoordinator(DataUpdateCoordinator[LoadsView]):
    """Plans the loads, and switches those that the user lets it switch."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        key: str,
        settlement: SettlementCoordinator,
        outlook: OutlookCoordinator,
        stores: Stores,
    ) -> None:
        """Plan nothing yet."""
        super().__init__(
            hass, LOGGER, config_entry=entry, name=f"{settlement.name} loads"
        )
        self._settlement = settlement
        self._outlook = outlook
        self._stores = stores
        self._texts: Texts = {}
        self._plan: HomePlan | None = None
        self._planned_at = dt_util.utcnow()
        """When the plan was made; before the first, when we began to wait for it."""
        self._announced: Announced | None = None
        """What the next plan holds on to; it outlives a restart."""
        self._planned_for: list[object] = []
        """What was so of each load then."""
        self._planning = asyncio.Lock()
        self._guard = LoadGuard(hass, entry.options)
        self._ledger = LoadLedger(stores)
        self._facts: StepFacts | None = None
        """Of the settlement step in progress."""
        self._settled: object = None
        """The pages that the ledger was put right by."""
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._loads = {
            subentry.subentry_id: SteeredLoad(
                hass,
                subentry,
                phase_of(f"{key}{subentry.subentry_id}"),
                settlement.time_zone,
            )
            for subentry in entry.get_subentries_of_type(SUBENTRY_LOAD)
        }

    async def async_load(self) -> None:
        """Go on where the last run stopped."""
        stored = await self._stores.async_load(LOADS_STORE) or {}
        step_began = self._step_start(dt_util.utcnow()).isoformat()
        for load_id, load in self._loads.items():
            load.restore(
                stored.get(load_id), is_same_step=stored.get(STEP) == step_began
            )
        self._announced = restored_announced(stored.get(ANNOUNCED))
        self._guard.restore(stored.get(GUARD))
        await self._ledger.async_load()
        self._outlook.drawn = self._ledger.drawn
        self._texts = await async_load_texts(self.hass)
        self._outlook.own_need = self._own_need()
        self.data = self._view(dt_util.utcnow())

    @callback
    def async_start(self) -> None:
        """Look at the loads, plan and switch until async_stop."""
        if not self._loads:
            return
        followed = {
            entity_id
            for load in self._loads.values()
            for ref in load.refs
            if (entity_id := resolve(self.hass, ref))
        }
        self._unsubscribe = [
            async_track_utc_time_change(self.hass, self._async_tick, second=0),
            async_track_state_change_event(
                self.hass, list(followed), self._async_changed
            ),
            self._outlook.async_add_listener(self.async_plan_soon),
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_ending),
            *self._guard.async_follow(self._async_measured),
        ]
        self.async_plan_soon()

    async def async_stop(self) -> None:
        """Stop switching; each load stays as it was told, and its device falls back by itself."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if self._loads:
            await self._stores.async_save(LOADS_STORE, self._document())

    async def async_hand_back_gone(self) -> None:
        """Leave the loads to their default that the user has removed."""
        for load_id in self._loads.keys() - self.config_entry.subentries.keys():
            load = self._loads[load_id]
            was_on, load.is_controlled = load.is_controlled, False
            if was_on and load.actuator is not None:
                await load.actuator.async_hand_back(left_alone(load.settings))
            clear_load_issue(self.hass, load_id)

    @callback
    def _async_ending(self, _event: Event) -> None:
        """Home Assistant stops without unloading."""
        self._save()

    @override
    async def _async_update_data(self) -> LoadsView:
        """What a person asks for who has an entity updated."""
        return self._view(dt_util.utcnow())

    @callback
    def _async_tick(self, now: datetime) -> None:
        """A minute has passed."""
        self._look(now)
        self._account(now)
        self._hold_back(now)
        self._act(now)
        self._plan_anew(now)
        self._save()

    @callback
    def _async_changed(self, _event: Event[Any]) -> None:
        """A device of a load shows something else: somebody's hand, or what it was told."""
        now = dt_util.utcnow()
        self._look(now)
        self._act(now)
        self._plan_anew(now)

    @callback
    def _async_measured(self, now: datetime) -> None:
        """The meter tells what the home draws: what is too much is held back at once."""
        if self._hold_back(now):
            self._act(now)

    def _hold_back(self, now: datetime) -> bool:
        """Hold back what is too much; whether that changed anything."""
        loads = self._loads.values()
        before = {load.id for load in loads if load.is_shed}
        held = self._guard.look(
            now, [load.guarded(self._plan, now, self._guard.n_values) for load in loads]
        )
        for load in loads:
            load.is_shed = load.id in held
        return held != before

    def _plan_anew(self, now: datetime) -> None:
        """Have a plan made where something is no longer as it was planned for."""
        if self._plan is not None and self._conditions(now) != self._planned_for:
            self.async_plan_soon()

    def _conditions(self, now: datetime) -> list[object]:
        """What makes another plan of all loads as soon as it changes."""
        return [load.inputs(now).condition for load in self._loads.values()]

    def _look(self, now: datetime) -> None:
        # Until a step has begun, nothing tells where the contactor stands.
        is_closed = self._facts is None or self._facts.is_off_peak
        for load in self._loads.values():
            load.look(now, is_closed=is_closed)

    def _account(self, now: datetime) -> None:
        """Note the steps that are over, conclude needs, and put right what was settled."""
        step, start = self._settlement.shape.step, self._step_start(now)
        facts = self._facts
        own_part = self._coefficient(now) is not None
        if facts is None or facts.start != start:
            self._facts = step_facts(self._outlook.data, start, own_part=own_part)
            # Before the first step that is seen to end, none is over.
            if facts is not None:
                for load in self._loads.values():
                    self._ledger.note(
                        load.id,
                        facts,
                        load.step_over(),
                        is_controlled=load.is_controlled,
                    )
        for load in self._loads.values():
            if load.has_concluded():
                self._ledger.conclude(load.settings, step, start)
            elif load.is_idle_machine:
                self._ledger.forget_idle(load.id)
        settings = {load.id: load.settings for load in self._loads.values()}
        self._ledger.conclude_ended(settings, step, start)
        pages = self._settlement.data.pages
        if pages is not self._settled:
            self._settled = pages
            self.config_entry.async_create_background_task(
                self.hass,
                self._ledger.async_settle(
                    self.hass,
                    settled_blocks(pages.values()),
                    step,
                    self._coefficient_by_day(),
                ),
                f"{self.name} settlement",
            )

    def _step_start(self, now: datetime) -> datetime:
        """When the settlement step in progress began."""
        step = self._settlement.shape.step
        return EPOCH + (now - EPOCH) // step * step

    def _coefficient_by_day(self) -> Callable[[datetime], float | None]:
        """The same, worked out once for each local day: keys change at midnight."""
        known: dict[date, float | None] = {}
        time_zone = self._settlement.time_zone

        def coefficient(at: datetime) -> float | None:
            day = at.astimezone(time_zone).date()
            if day not in known:
                known[day] = self._coefficient(at)
            return known[day]

        return coefficient

    def _coefficient(self, at: datetime) -> float | None:
        """The part of the production that a static key gives the home; None: no such key."""
        return static_coefficient(self._settlement.rule(at))

    @callback
    def async_plan_soon(self) -> None:
        """Have a plan made in the background."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_plan(), self.name
        )

    async def async_plan(self) -> None:
        """Make a plan from what is known now, and act on it."""
        outlook = self._outlook.data
        if outlook is None or not self._loads:
            return
        async with self._planning:
            now = dt_util.utcnow()
            current = outlook.grid.number(now)
            if current is None:
                return
            inputs = {load.id: load.inputs(now) for load in self._loads.values()}
            self._planned_for = [given.condition for given in inputs.values()]
            observed = {
                load.id for load in self._loads.values() if not load.is_controlled
            }
            self._plan = await self.hass.async_add_executor_job(
                self._planned,
                outlook,
                current,
                inputs,
                observed,
                self._room_w(outlook),
                now,
                self._announced,
            )
            self._announced = self._plan.announced
            for load in self._loads.values():
                need = load.need_in_progress
                if not load.is_controlled and need is not None:
                    drawn_wh = self._plan.loads[load.id].drawn_wh
                    self._ledger.expect(load.settings, need, self._plan.grid, drawn_wh)
            self._planned_at = now
            self._outlook.own_need = self._own_need()
            # What nobody measures stays in the base consumption as it is learned.
            follows = {
                load.id: load.is_controlled
                for load in self._loads.values()
                if load.is_measured
            }
            self._outlook.expected_draw = partial(
                expected_draw_wh, self._plan, follows=follows
            )
            self._act(dt_util.utcnow())

    def _planned(
        self,
        outlook: Outlook,
        current: int,
        inputs: Mapping[str, Inputs],
        observed: set[str],
        room_w: Energies,
        now: datetime,
        before: Announced | None,
    ) -> HomePlan:
        """The plan; runs in another thread and reads nothing that changes."""
        time_zone = self._settlement.time_zone
        whole = outlook.grid
        n_steps = min(whole.n_steps - current, PLAN_AHEAD // whole.step)
        grid = Grid(whole.start + current * whole.step, whole.step, n_steps)
        steps = slice(current, current + n_steps)
        costs, off_peak, cheapest = outlook.costs, None, None
        if not isinstance(costs, CostsMissing):
            supplier = costs.supplier[steps]
            off_peak = None if costs.off_peak is None else costs.off_peak[steps]
            known = supplier[np.isfinite(supplier)]
            cheapest = float(known.min()) if len(known) else None
        tasks = [
            task_of(
                given.settings,
                given.state,
                given.now,
                grid,
                time_zone,
                off_peak,
                cheapest,
            )
            for given in inputs.values()
        ]
        return home_plan(
            tasks,
            observed,
            outlook,
            local_steps(grid, time_zone),
            room_w,
            now,
            before,
            {load_id for load_id, given in inputs.items() if given.is_asked},
        )

    def _room_w(self, outlook: Outlook) -> Energies:
        """Power that loads may draw in each step beside the home."""
        room = self._guard.room_w()
        if room is None:
            return np.full(outlook.grid.n_steps, np.inf)
        if outlook.own is None:
            return np.full(outlook.grid.n_steps, room)
        base_w = np.nan_to_num(outlook.own.high) / (outlook.grid.step / HOUR)
        left: Energies = np.maximum(room - base_w, 0.0)
        return left

    @callback
    def _act(self, now: datetime) -> None:
        """Tell each load what the plan wants of it, and show all of them."""
        plan = self._plan if now - self._planned_at <= STALE else None
        # Just after a start the plan is about to come: each device stays as it is.
        is_starting = self._plan is None and now - self._planned_at <= STALE
        for load in self._loads.values():
            command = None if is_starting else load.act(plan, now)
            if command is not None and load.actuator is not None:
                self.config_entry.async_create_background_task(
                    self.hass,
                    load.actuator.async_apply(command),
                    f"{self.name} {load.id}",
                )
            set_load_issue(
                self.hass,
                load.id,
                load.told.name,
                # Until Home Assistant has started, entities may still come.
                is_missing=load.is_missing and self.hass.state is CoreState.running,
                obeys=load.trouble is not Trouble.NOT_OBEYING,
            )
        self.async_set_updated_data(self._view(now))

    @property
    def run_events(self) -> tuple[RunEvent, ...]:
        """What all loads are planned to do, in words."""
        return run_events(self.data, self._texts, self.hass.config.language)

    def ran(self, load_id: str, grid: Grid) -> tuple[Run, ...]:
        """When a load ran in the steps of a grid, as far as they are over."""
        drawn = self._ledger.drawn_by(load_id, grid.start, grid.step)
        power_w = self._loads[load_id].settings.power_w
        wh = energies_on(grid, drawn, Quantity.CONSUMPTION)
        return past_runs(wh, power_w, grid)

    def _own_need(self) -> OwnNeed | None:
        """What all loads need in a day, and how much they draw at most in a step."""
        if not self._loads:
            return None
        now = dt_util.utcnow()
        hours = self._settlement.shape.step / HOUR
        needs = [load.inputs(now) for load in self._loads.values()]
        return OwnNeed(
            sum(need_today_wh(given.settings, given.now) for given in needs),
            sum(given.settings.power_w for given in needs) * hours,
        )

    def need_tomorrow_wh(self, now: datetime) -> float | None:
        """What the loads that follow will need on the next day; None where none follows.

        Nothing of those that are skipped until it is over, as in an empty home.
        """
        day_after = now.astimezone(self._settlement.time_zone).date() + 2 * DAY
        over = midnight_of(day_after, self._settlement.time_zone)
        following = [
            load.inputs(now) for load in self._loads.values() if load.is_controlled
        ]
        if not following:
            return None
        return sum(
            need_today_wh(given.settings, given.now)
            for given in following
            if given.state.skipped_until is None or given.state.skipped_until < over
        )

    def _view(self, now: datetime) -> LoadsView:
        midnight = local_midnight(now, self._settlement.time_zone)
        return LoadsView(
            loads={
                load.id: self._load_view(load, now, midnight)
                for load in self._loads.values()
            },
            gain=sum_of(
                self._ledger.gain(load_id, is_controlled=True)
                for load_id in self._loads
            ),
            guard=self._guard.view,
            now=now,
            plan=self._plan,
        )

    def _load_view(
        self, load: SteeredLoad, now: datetime, midnight: datetime
    ) -> LoadView:
        plan = self._plan.loads.get(load.id) if self._plan else None
        settings, run = load.settings, next_run(plan, now)
        status = load.status(plan)
        given = load.inputs(now)
        return LoadView(
            settings=settings,
            status=status,
            reason=load_sentence(
                self._texts,
                Told(status, plan, run, load.waits_until),
                now,
                self._settlement.time_zone,
                self.hass.config.language,
            ),
            plan=plan,
            run=run,
            is_controlled=load.is_controlled,
            waits_until=load.waits_until,
            today_wh=load.state.today_wh,
            midnight=midnight,
            need_wh=need_today_wh(given.settings, given.now) or None,
            ready_by=settings.ready_by[0] if settings.ready_by else None,
            last_full=load.water.last_full,
            gain=self._ledger.gain(load.id, is_controlled=True),
            missed=self._ledger.gain(load.id, is_controlled=False),
        )

    @callback
    def _save(self) -> None:
        document = self._document()
        self._stores.save_later(LOADS_STORE, lambda: document, SAVE_DELAY_S)

    def _document(self) -> dict[str, Any]:
        loads = {load.id: load.document() for load in self._loads.values()}
        return loads | {
            ANNOUNCED: stored_announced(self._announced),
            GUARD: self._guard.document(),
            STEP: self._facts.start.isoformat() if self._facts else None,
        }

    async def async_set_control(self, load_id: str, *, is_on: bool) -> None:
        """Let the plan switch a load; or hand it back, and only observe."""
        load = self._loads[load_id]
        was_on, load.is_controlled = load.is_controlled, is_on
        if was_on and not is_on and load.actuator is not None:
            await load.actuator.async_hand_back(left_alone(load.settings))
        await self._async_asked()

    async def async_set_guard(self, *, is_on: bool) -> None:
        """Hold loads back near the subscribed power, or no longer."""
        self._guard.turn(is_on=is_on)
        self._hold_back(dt_util.utcnow())
        await self._async_asked()

    async def async_ask(
        self, load_id: str, wish: Callable[[SteeredLoad, datetime], None]
    ) -> None:
        """Have a load do what somebody asks of it; plan and act at once."""
        wish(self._loads[load_id], dt_util.utcnow())
        await self._async_asked()

    async def async_override(
        self, load_id: str, *, is_on: bool, length: timedelta
    ) -> None:
        """Keep a load on or off for so long, whatever is planned."""
        load, now = self._loads[load_id], dt_util.utcnow()
        setting = OFF
        if is_on:
            setting = left_alone(load.settings) or ON
        if load.actuator is not None:
            await load.actuator.async_apply(setting)
        load.override(setting, now, length)
        await self._async_asked()

    async def _async_asked(self) -> None:
        """Somebody asked for something: keep it, plan and act at once."""
        await self._stores.async_save(LOADS_STORE, self._document())
        await self.async_plan()
        self._act(dt_util.utcnow())


async def async_hand_back_all(
    hass: HomeAssistant, entry: ConfigEntry, stores: Stores
) -> None:
    """Leave the loads of a removed entry to their default."""
    stored = await stores.async_load(LOADS_STORE) or {}
    for subentry in entry.get_subentries_of_type(SUBENTRY_LOAD):
        kept, switch = stored.get(subentry.subentry_id), actuator_settings(subentry)
        if kept and kept.get("is_controlled") and switch is not None:
            alone = left_alone(load_settings(subentry))
            await Actuator(hass, switch).async_hand_back(alone)
        clear_load_issue(hass, subentry.subentry_id)
