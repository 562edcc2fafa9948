"""The home switched by the engine: outlook, plan, actuation, as the shell calls them."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
import math
from typing import Final, override

import numpy as np

from custom_components.autoconsommation_collective.engine.actuation import (
    Memory,
    Override,
    Seen,
    Setting,
    act,
    restored_memory,
    stored_memory,
)
from custom_components.autoconsommation_collective.engine.contract import CostsMissing
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.hot_water import (
    HotWater,
    full_heat_due,
    heated,
    learned_need_wh,
)
from custom_components.autoconsommation_collective.engine.load_needs import Now, task_of
from custom_components.autoconsommation_collective.engine.load_plan import (
    HomePlan,
    home_plan,
)
from custom_components.autoconsommation_collective.engine.load_state import (
    LoadState,
    observed,
    restored_state,
    stored_state,
)
from custom_components.autoconsommation_collective.engine.loads import (
    Charging,
    LoadKind,
    LoadSettings,
    Switching,
    Tank,
    WhenDown,
    Wiring,
)
from custom_components.autoconsommation_collective.engine.outlook import Outlook
from custom_components.autoconsommation_collective.engine.power_guard import (
    planning_margin_w,
)
from custom_components.autoconsommation_collective.engine.wanted import OFF, ON, wanted
from script.simulation.curves import STEP_HOURS

from .drive import (
    CAR,
    CAR_W_BY_A,
    CAR_WH,
    GONE_AT,
    HIGHEST_A,
    SUBSCRIBED_VA,
    TANK,
    Controller,
    Faults,
    Look,
)
from .home import Home
from .rivals import POWER_W

MOST_STARTS: Final = 6
"""Of the tank's relay in a day, as the user told."""
PLAN_AHEAD: Final = timedelta(hours=48)
"""As the shell plans."""
QUARTER: Final = timedelta(minutes=15)
SETTINGS: Final = {
    TANK: LoadSettings(
        id=TANK,
        name=TANK,
        kind=LoadKind.WATER_HEATER,
        power_w=POWER_W,
        has_actuator=True,
        switching=Switching(QUARTER, QUARTER, MOST_STARTS),
        ready_by=(time(18),),
        tank=Tank(200, Wiring.REPLACES, WhenDown.ON, has_power_sensor=True),
    ),
    CAR: LoadSettings(
        id=CAR,
        name=CAR,
        kind=LoadKind.CAR,
        power_w=HIGHEST_A * CAR_W_BY_A,
        has_actuator=True,
        switching=Switching(QUARTER, QUARTER),
        ready_by=(GONE_AT,),
        energy_wh=CAR_WH,
        charging=Charging(highest_a=HIGHEST_A),
    ),
}


@dataclass
class ByEngine(Controller):
    """The engine with all it keeps; at a restart it goes on from what was stored."""

    home: Home
    faults: Faults
    states: dict[str, LoadState] = field(
        default_factory=lambda: {name: LoadState() for name in SETTINGS}
    )
    memories: dict[str, Memory] = field(
        default_factory=lambda: {name: Memory() for name in SETTINGS}
    )
    water: HotWater = field(default_factory=HotWater)
    since: datetime | None = None
    outlook: Outlook | None = None
    outlook_day: int = -1
    plan: HomePlan | None = None
    planned_at: int = -1

    @override
    def commands(self, look: Look) -> dict[str, Setting]:
        """What the engine commands at a look."""
        self.since = self.since or look.at
        zone = self.home.year.time_zone
        for name, settings in SETTINGS.items():
            is_gone = look.shown[name] is None
            power_w = math.nan if is_gone else look.power_w[name]
            self.states[name] = observed(
                self.states[name], settings, look.at, power_w=power_w, time_zone=zone
            )
        self.water = heated(
            self.water,
            look.at,
            is_on=look.shown[TANK] == ON,
            power_w=math.nan if look.shown[TANK] is None else look.power_w[TANK],
            nominal_w=POWER_W,
            is_usual=self.memories[TANK].override is None,
            time_zone=zone,
        )
        if look.n != self.planned_at:
            if look.n in self.faults.restarts:
                self._restart()
            self._plan(look)
        hands = self._hands()
        commands = self._act_all(look)
        if self._hands() != hands:
            # As the shell does: somebody's hand makes another plan at once.
            self._plan(look)
            commands |= self._act_all(look)
        return commands

    def _hands(self) -> list[Override | None]:
        """What the user's hand keeps, of each load."""
        return [memory.override for memory in self.memories.values()]

    def _act_all(self, look: Look) -> dict[str, Setting]:
        """What each load is commanded now."""
        return {
            name: command
            for name in SETTINGS
            if (command := self._act(name, look)) is not None
        }

    def _restart(self) -> None:
        """Home Assistant starts again: what is not stored is forgotten."""
        self.states = {
            name: restored_state(stored_state(state))
            for name, state in self.states.items()
        }
        self.memories = {
            name: restored_memory(stored_memory(memory))
            for name, memory in self.memories.items()
        }
        self.plan = None

    def _act(self, name: str, look: Look) -> Setting | None:
        step = act(
            self.memories[name],
            wanted(SETTINGS[name], self.states[name], self.plan, look.at, 0.5),
            Seen(look.at, look.shown[name]),
        )
        self.memories[name] = step.memory
        return step.command

    def _plan(self, look: Look) -> None:
        day = int(self.home.year.days.day_of_step[look.n])
        if self.outlook is None or day != self.outlook_day:
            is_blind = day in self.faults.blind_days
            self.outlook = self.home.outlook(day, is_blind=is_blind)
            self.outlook_day = day
        whole, zone = self.outlook.grid, self.home.year.time_zone
        current = whole.number(look.at)
        assert current is not None
        n_steps = min(whole.n_steps - current, PLAN_AHEAD // whole.step)
        grid = Grid(whole.start + current * whole.step, whole.step, n_steps)
        steps = slice(current, current + n_steps)
        costs = self.outlook.costs
        assert not isinstance(costs, CostsMissing) and costs.off_peak is not None
        tasks = [
            task_of(
                settings,
                self.states[name],
                self._now(name, look),
                grid,
                zone,
                costs.off_peak[steps],
                float(costs.supplier[steps].min()),
            )
            for name, settings in SETTINGS.items()
        ]
        base = self.outlook.own
        assert base is not None
        free = SUBSCRIBED_VA - planning_margin_w(SUBSCRIBED_VA, None, is_guarded=False)
        room = np.maximum(free - np.nan_to_num(base.high) / STEP_HOURS, 0.0)
        before = self.plan.announced if self.plan else None
        self.plan = home_plan(
            tasks, (), self.outlook, local_steps(grid, zone), room, look.at, before
        )
        self.planned_at = look.n

    def _now(self, name: str, look: Look) -> Now:
        override = self.memories[name].override
        forced = (
            None
            if override is None or override.setting is None
            else (override.setting > OFF)
        )
        tank, since = SETTINGS[name].tank, self.since
        assert since is not None
        return Now(
            at=look.at,
            need_wh=learned_need_wh(self.water.days) if tank else None,
            full_heat_due=full_heat_due(
                self.water.last_full, since, tank.full_heat_every
            )
            if tank
            else None,
            last_full=self.water.last_full if tank else None,
            drawn_since_full_wh=self.water.drawn_since_full_wh if tank else 0.0,
            is_plugged=look.is_plugged,
            forced_on=forced,
            forced_until=override.until if override else None,
        )
