"""One load of the home: what is known of it, what it is told, and what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
import math
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..adapters.actuator import Actuator
from ..adapters.load_probe import LoadProbe
from ..adapters.loads import actuator_settings, load_sensors, load_settings
from ..engine.actuation import (
    Memory,
    Seen,
    Setting,
    Trouble,
    act,
    clear_override,
    restored_memory,
    set_override,
    stored_memory,
)
from ..engine.blocks import HOUR
from ..engine.hot_water import (
    HotWater,
    full_heat_due,
    heated,
    learned_need_wh,
    restored_water,
    stored_water,
)
from ..engine.load_needs import Now
from ..engine.load_plan import HomePlan, LoadPlan
from ..engine.load_state import (
    LoadState,
    deadlines,
    observed,
    restored_state,
    stored_state,
)
from ..engine.load_status import Conditions, LoadStatus, load_status
from ..engine.loads import PROFILE_SLOT, LoadKind, LoadSettings, Wiring
from ..engine.power_guard import GuardedLoad
from ..engine.programme import Programme, followed, restored_programme, stored_programme
from ..engine.wanted import OFF, ON, wanted


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan needs to know of a load; read in another thread."""

    settings: LoadSettings
    state: LoadState
    now: Now

    @property
    def is_asked(self) -> bool:
        """Whether the user switched it, or asked it to run at once."""
        return self.state.run_asked or self.now.hand is not None

    @property
    def condition(self) -> tuple[object, ...]:
        """What makes another plan as soon as it changes."""
        now, has_begun = self.now, self.state.began is not None
        return now.hand, now.is_plugged, now.is_too_cold, now.last_full, has_begun


class SteeredLoad:
    """A load, looked at each minute and told what the plan wants of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        subentry: ConfigSubentry,
        place: float,
        time_zone: tzinfo,
    ) -> None:
        """Know nothing of it yet."""
        self._time_zone = time_zone
        self.id = subentry.subentry_id
        self.told = load_settings(subentry)
        self.ready_by: time | None = None
        """What the user set since, as is the next; None: as told."""
        self.need_wh: float | None = None
        self.is_controlled = False
        """Whether the plan switches it; else it is only observed."""
        self.since: datetime | None = None
        """Since when it is watched over."""
        self.state = LoadState()
        self.memory = Memory()
        self.water = HotWater()
        self.programme = Programme()
        self.trouble: Trouble | None = None
        self.is_shed = False
        """Whether it is held back near the subscribed power."""
        switch = actuator_settings(subentry)
        self.actuator = Actuator(hass, switch) if switch else None
        self.probe = LoadProbe(hass, load_sensors(subentry))
        self._place = place
        self._step_wh = math.nan
        """Drawn since the step in progress began; NaN: its beginning was not seen."""
        self._has_concluded = False
        """Whether a need was over since somebody asked."""

    @property
    def settings(self) -> LoadSettings:
        """As told, with what the user set since."""
        found = self.told
        if profile_w := self.programme.last_w:
            learned_wh = sum(profile_w) * (PROFILE_SLOT / HOUR)
            found = replace(found, profile_w=profile_w, energy_wh=learned_wh)
        if self.ready_by is not None:
            found = replace(found, ready_by=(self.ready_by,))
        if self.need_wh is None:
            return found
        if found.kind is LoadKind.DEFERRABLE:
            return replace(found, runs_for=self.need_wh / found.power_w * HOUR)
        return replace(found, energy_wh=self.need_wh)

    @property
    def refs(self) -> tuple[str, ...]:
        """References of all entities to follow."""
        return self.probe.refs + (self.actuator.refs if self.actuator else ())

    def look(self, now: datetime, *, is_closed: bool) -> None:
        """Note what it does now; `is_closed` tells whether the off-peak contactor is."""
        power_w = self._power_w(now)
        self.since = self.since or now
        before = self.state
        self.state = after = observed(
            before,
            self.settings,
            now,
            power_w=power_w,
            time_zone=self._time_zone,
            is_measured=self.probe.measures_power,
        )
        if math.isnan(power_w):
            self._step_wh = math.nan
        self._step_wh += after.today_wh
        if after.day == before.day:
            self._step_wh -= before.today_wh
        if self.told.is_machine:
            is_over = before.began is not None and after.began is None
            if self.probe.measures_power:
                self.programme = followed(self.programme, before, after, power_w)
        else:
            is_over = after.drawn_since != before.drawn_since
        self._has_concluded |= is_over and before.seen_at is not None
        if self.told.tank is not None:
            shown = self.actuator.shown() if self.actuator else None
            # In series with the contactor, the relay alone gives no voltage.
            has_voltage = is_closed or self.told.tank.wiring is not Wiring.SERIES
            self.water = heated(
                self.water,
                now,
                is_on=shown == ON and has_voltage,
                power_w=power_w if self.probe.measures_power else math.nan,
                nominal_w=self.told.power_w,
                is_usual=not self.state.is_absent and self.memory.override is None,
                time_zone=self._time_zone,
            )

    def step_over(self) -> float:
        """Energy of the step that is over; the next one begins."""
        drawn_wh, self._step_wh = self._step_wh, 0.0
        return drawn_wh

    def has_concluded(self) -> bool:
        """Whether a need was over since this was asked last."""
        found, self._has_concluded = self._has_concluded, False
        return found

    @property
    def is_idle_machine(self) -> bool:
        """Whether it is a machine that nobody has loaded."""
        idle = self.state.finish_by is None and self.state.began is None
        return self.told.is_machine and idle

    @property
    def need_in_progress(self) -> datetime | None:
        """What tells its need in progress from the next; None: it has none."""
        return self.state.finish_by if self.told.is_machine else self.state.drawn_since

    @property
    def is_missing(self) -> bool:
        """Whether an entity that switches it is gone."""
        return self.actuator is not None and self.actuator.is_missing

    @property
    def is_measured(self) -> bool:
        """Whether anything tells what it draws."""
        return self.probe.measures_power or self.actuator is not None

    def _power_w(self, now: datetime) -> float:
        """What it draws: measured, else what it draws while it is on."""
        if self.probe.measures_power or self.actuator is None:
            return self.probe.power_w(now)
        shown = self.actuator.shown()
        if shown is None:
            return math.nan
        if self.told.charging is not None and shown > ON:
            return self.told.charging.power_w(shown)
        return self.told.power_w if shown > OFF else 0.0

    def inputs(self, now: datetime) -> Inputs:
        """What a plan needs to know of it."""
        override, tank = self.memory.override, self.told.tank
        water_c = self.probe.water_c()
        due = None
        if tank is not None and self.probe.measures_power:
            since = self.since or now
            due = full_heat_due(self.water.last_full, since, tank.full_heat_every)
        return Inputs(
            self.settings,
            self.state,
            Now(
                at=now,
                need_wh=self._learned_wh(),
                full_heat_due=due,
                last_full=self.water.last_full,
                drawn_since_full_wh=self.water.drawn_since_full_wh,
                is_plugged=self.probe.is_plugged(),
                charge=self.probe.charge(),
                is_too_cold=tank is not None
                and tank.lowest_c is not None
                and water_c is not None
                and water_c < tank.lowest_c,
                forced_on=None
                if override is None or override.setting is None
                else override.setting > OFF,
                forced_until=override.until if override else None,
            ),
        )

    def _learned_wh(self) -> float | None:
        """What a day is learned to need, where the user told nothing."""
        if self.told.tank is None or self.settings.energy_wh is not None:
            return None
        return learned_need_wh(self.water.days)

    def act(self, plan: HomePlan | None, now: datetime) -> Setting | None:
        """What it is to be commanded now; None: nothing."""
        if self.actuator is None:
            return None
        step = act(
            self.memory,
            self._wanted(plan, now),
            Seen(
                at=now,
                setting=self.actuator.shown(),
                by_user=self.actuator.is_by_user,
            ),
        )
        self.memory, self.trouble = step.memory, step.trouble
        return step.command

    def _wanted(self, plan: HomePlan | None, now: datetime) -> Setting | None:
        """What the plan wants of it, and the meter allows; None: it is only observed."""
        planned = self._planned(plan, now)
        return OFF if self.is_shed and planned is not None else planned

    def _planned(self, plan: HomePlan | None, now: datetime) -> Setting | None:
        """What the plan wants of it; None: nothing, it is only observed."""
        if not self.is_controlled or self.told.no_control is not None:
            return None
        return wanted(self.settings, self.state, plan, now, self._place)

    def guarded(
        self, plan: HomePlan | None, now: datetime, n_values: int
    ) -> GuardedLoad:
        """What the guard needs to know, where the home is measured by so many values.

        What the user switched stays as it is: who holds the switch also sees the meter.
        """
        planned = self._planned(plan, now)
        power_w = self._power_w(now)
        if not self.state.is_on or math.isnan(power_w):
            power_w = self._power_of(planned)
        phases = self.told.charging.phases if self.told.charging else 1
        # Nobody told on which phase a load is: on any.
        on_each = power_w / phases if n_values > 1 else power_w
        return GuardedLoad(
            id=self.id,
            draws_va=(on_each,) * n_values,
            is_running=self.state.is_on,
            is_wanted=planned is not None and planned > OFF,
            priority=self.told.priority,
            is_cycle=self.told.is_machine,
            is_never_shed=planned is None or self.memory.override is not None,
        )

    def _power_of(self, setting: Setting | None) -> float:
        """What it draws at a setting; where it is off, what it draws once it is on."""
        charging = self.told.charging
        if charging is not None and charging.is_modulated and setting:
            return charging.power_w(setting)
        return self.told.power_w

    def status(self, plan: LoadPlan | None) -> LoadStatus:
        """What it is doing, in one word."""
        return load_status(
            self.settings,
            self.state,
            plan,
            Conditions(
                is_available=self.trouble is not Trouble.UNAVAILABLE,
                obeys=self.trouble is not Trouble.NOT_OBEYING,
                is_by_hand=self.memory.override is not None,
                is_shed=self.is_shed,
                is_plugged=self.probe.is_plugged(),
            ),
        )

    @property
    def waits_until(self) -> datetime | None:
        """How long the user's hand, a skip or an absence lasts."""
        override = self.memory.override
        return override.until if override else self.state.skipped_until

    def run_now(self, now: datetime) -> None:
        """Meet the need in progress at once; a machine begins."""
        armed = now if self.is_idle_machine else self.state.finish_by
        self.state = replace(
            self.state, run_asked=True, skipped_until=None, finish_by=armed
        )

    def skip(self, now: datetime) -> None:
        """Leave out the need in progress; a machine is no longer armed."""
        self.state = replace(
            self.state,
            skipped_until=None if self.told.is_machine else self._next_deadline(now),
            run_asked=False,
            finish_by=None,
        )

    def arm(self, now: datetime, finish_by: datetime | None = None) -> None:
        """The machine is loaded, and to be finished by then; else by its usual time."""
        until = finish_by or self._next_deadline(now)
        self.state = replace(self.state, finish_by=until, skipped_until=None)

    def need(self, energy_wh: float) -> None:
        """Need so much in a day, or for a programme, from now on."""
        self.need_wh = energy_wh

    def be_ready_by(self, at: time) -> None:
        """Be ready by that local time from now on."""
        self.ready_by = at

    def be_absent(self, until: datetime) -> None:
        """Nothing is needed up to then, when hot water is wanted again."""
        self.state = replace(self.state, skipped_until=until, is_absent=True)

    def override(self, setting: Setting, now: datetime, length: timedelta) -> None:
        """Leave it at a setting for so long, as the user asked."""
        self.memory = set_override(self.memory, setting, now, length)

    def follow_again(self, now: datetime) -> None:
        """Let the plan decide again: no hand, no skip, no absence any more."""
        self.memory = clear_override(self.memory)
        self.state = replace(
            self.state, skipped_until=None, is_absent=False, run_asked=False
        )

    def _next_deadline(self, now: datetime) -> datetime:
        today = now.astimezone(self._time_zone).date()
        times = deadlines(self.settings, today, 3, self._time_zone)
        return next(at for at in times if at > now)

    def document(self) -> dict[str, Any]:
        """What outlives a restart, as JSON values."""
        return {
            "is_controlled": self.is_controlled,
            "since": self.since.isoformat() if self.since else None,
            "ready_by": self.ready_by.isoformat() if self.ready_by else None,
            "need_wh": self.need_wh,
            "step_wh": None if math.isnan(self._step_wh) else self._step_wh,
            "state": stored_state(self.state),
            "memory": stored_memory(self.memory),
            "water": stored_water(self.water) if self.told.tank else None,
            "programme": stored_programme(self.programme)
            if self.told.is_machine
            else None,
        }

    def restore(self, stored: Mapping[str, Any] | None, *, is_same_step: bool) -> None:
        """Go on where the last run stopped; what another version wrote is forgotten.

        `is_same_step`: whether the settlement step in progress then still is.
        """
        if stored is None:
            return
        step_wh = stored.get("step_wh")
        if is_same_step and isinstance(step_wh, int | float):
            self._step_wh = float(step_wh)
        self.is_controlled = bool(stored.get("is_controlled"))
        since, ready_by = stored.get("since"), stored.get("ready_by")
        self.since = datetime.fromisoformat(since) if since else None
        self.ready_by = time.fromisoformat(ready_by) if ready_by else None
        self.need_wh = stored.get("need_wh")
        self.state = restored_state(stored.get("state"))
        self.memory = restored_memory(stored.get("memory"))
        self.water = restored_water(stored.get("water"))
        self.programme = restored_programme(stored.get("programme"))
