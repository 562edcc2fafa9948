"""Triggers of automations, all on entities of ours.

This interface of Home Assistant still moves, so that as little as possible stands here: the
calendar and the event entity serve automations as well.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast, override

from homeassistant.const import (
    ATTR_ENTITY_ID,
    CONF_OPTIONS,
    CONF_TARGET,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.target import (
    TargetStateChangedData,
    async_track_target_selector_state_change_event,
)
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR,
    EntityTargetStateTriggerBase,
    EntityTriggerBase,
    NotTriggeredReasonReporter,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .entity import of_kind, power_w

CONF_MINUTES = "minutes"
CONF_POWER = "power"

MAX_MINUTES = 24 * 60
"""Further ahead the windows move too much to be announced."""

SURPLUS_SCHEMA = ENTITY_STATE_TRIGGER_SCHEMA_WITH_BEHAVIOR.extend(
    {vol.Required(CONF_OPTIONS): {vol.Required(CONF_POWER): vol.Coerce(float)}}
)
STARTS_IN_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_MINUTES): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MAX_MINUTES)
            )
        },
    }
)


class _GoodTime(EntityTargetStateTriggerBase):
    """Fires when it becomes, or ceases to be, a good time."""

    _domain_specs = {"binary_sensor": DomainSpec()}

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return of_kind(self._hass, entities, "good_time")


class GoodWindowStarted(_GoodTime):
    """Fires when a good window begins."""

    _to_states = {STATE_ON}


class GoodWindowEnded(_GoodTime):
    """Fires when a good window ends."""

    _to_states = {STATE_OFF}


class SurplusAbove(EntityTriggerBase):
    """Fires when the estimated surplus of the community rises above a power."""

    _domain_specs = {"sensor": DomainSpec()}
    _schema = SURPLUS_SCHEMA

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        return of_kind(self._hass, entities, "estimated_community_surplus")

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        return self._is_above(state)

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        return not self._is_above(from_state)

    def _is_above(self, state: State) -> bool:
        shown = power_w(state)
        return shown is not None and shown > self._options[CONF_POWER]


class GoodWindowStartsIn(Trigger):
    """Fires some minutes before the next good window, once for each.

    At once where a window becomes known later than that; not for one that was close already
    when the automation was loaded or Home Assistant started, which may have been announced.
    """

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        return cast(ConfigType, STARTS_IN_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the time before, and the entities that tell when windows begin."""
        super().__init__(hass, config)
        assert config.options is not None
        assert config.target is not None
        self._target = config.target
        self._before = timedelta(minutes=config.options[CONF_MINUTES])

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        plans = _Announcements(self._hass, self._before, run_action)
        unsubscribe = await async_track_target_selector_state_change_event(
            self._hass,
            self._target,
            plans.state_changed,
            lambda entities: of_kind(self._hass, entities, "window_start"),
            plans.entities_changed,
        )

        @callback
        def detach() -> None:
            unsubscribe()
            plans.cancel_all()

        return detach


class _Announcements:
    """When which entity's next window is to be announced."""

    def __init__(
        self, hass: HomeAssistant, before: timedelta, run_action: TriggerActionRunner
    ) -> None:
        self._hass = hass
        self._before = before
        self._run_action = run_action
        self._planned: dict[str, CALLBACK_TYPE] = {}
        self._announced: dict[str, datetime] = {}

    @callback
    def state_changed(self, data: TargetStateChangedData) -> None:
        """Plan anew, as a window has moved or another is the next."""
        change = data.state_change_event.data
        before = _shown_time(change["old_state"])
        self._plan(change["entity_id"], change["new_state"], late=before is not None)

    @callback
    def entities_changed(
        self, added: set[str], removed: set[str], states: Mapping[str, State | None]
    ) -> None:
        """Plan for the entities that are new in the target, and for no others."""
        for entity_id in removed:
            self._cancel(entity_id)
        for entity_id in added:
            self._plan(entity_id, states[entity_id], late=False)

    @callback
    def cancel_all(self) -> None:
        """Announce nothing any more."""
        for entity_id in tuple(self._planned):
            self._cancel(entity_id)

    @callback
    def _cancel(self, entity_id: str) -> None:
        if entity_id in self._planned:
            self._planned.pop(entity_id)()

    @callback
    def _plan(self, entity_id: str, state: State | None, *, late: bool) -> None:
        """Announce a window when it is time; where it is past, at once or not at all."""
        self._cancel(entity_id)
        start, now = _shown_time(state), dt_util.utcnow()
        # A window that moved after it was announced is not another one.
        promised = self._announced.get(entity_id, now)
        if start is None or start <= now or promised > max(now, start - self._before):
            return
        if start - self._before > now:
            self._planned[entity_id] = async_track_point_in_utc_time(
                self._hass,
                partial(self._announce, entity_id, start),
                start - self._before,
            )
        elif late:
            self._announce(entity_id, start, now)
        else:
            self._announced[entity_id] = start

    @callback
    def _announce(self, entity_id: str, start: datetime, _now: datetime) -> None:
        self._planned.pop(entity_id, None)
        self._announced[entity_id] = start
        self._run_action(
            {ATTR_ENTITY_ID: entity_id, "start": start},
            f"good window of {entity_id} at {dt_util.as_local(start).isoformat()}",
        )


def _shown_time(state: State | None) -> datetime | None:
    """The time that an entity shows, None for none."""
    return None if state is None else dt_util.parse_datetime(state.state)


TRIGGERS: dict[str, type[Trigger]] = {
    "good_window_started": GoodWindowStarted,
    "good_window_ended": GoodWindowEnded,
    "good_window_starts_in": GoodWindowStartsIn,
    "surplus_above": SurplusAbove,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """The triggers, by their names."""
    return TRIGGERS
