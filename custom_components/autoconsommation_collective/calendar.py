"""Good windows and planned runs, as events that automations and people can look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AccConfigEntry, RunEvent, WindowEvent
from .entity import AccEntity, LoadsEntity

PARALLEL_UPDATES = 0

GOOD_WINDOWS = CalendarEntityDescription(
    key="good_windows", translation_key="good_windows"
)
PLANNED_RUNS = CalendarEntityDescription(
    key="planned_runs", translation_key="planned_runs"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendars; that of runs only where there are loads."""
    async_add_entities([AccCalendar(entry, GOOD_WINDOWS)])
    if entry.runtime_data.loads.data.loads:
        async_add_entities([RunCalendar(entry, PLANNED_RUNS)])


class AccCalendar(AccEntity, CalendarEntity):
    """Windows of today and the days ahead, with this home's part in each."""

    @property
    def _windows(self) -> Sequence[WindowEvent]:
        return self.coordinator.data.windows

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The window in progress, else the next."""
        now = self.coordinator.data.now
        return next((_event(w) for w in self._windows if w.end > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """The windows that lie in a span, at least in part."""
        return [
            _event(window)
            for window in self._windows
            if window.end > start_date and window.start < end_date
        ]


def _event(window: WindowEvent) -> CalendarEvent:
    return CalendarEvent(
        start=window.start,
        end=window.end,
        summary=window.summary,
        description=window.description,
        uid=window.start.isoformat(),
    )


class RunCalendar(LoadsEntity, CalendarEntity):
    """What the loads of the home are planned to do."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The run in progress, else the next."""
        now = self.coordinator.data.now
        runs = self.coordinator.run_events
        return next((_run_event(run) for run in runs if run.end > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """The runs that lie in a span, at least in part."""
        return [
            _run_event(run)
            for run in self.coordinator.run_events
            if run.end > start_date and run.start < end_date
        ]


def _run_event(run: RunEvent) -> CalendarEvent:
    return CalendarEvent(
        start=run.start,
        end=run.end,
        summary=run.summary,
        description=run.description,
        uid=f"{run.load_id} {run.start.isoformat()}",
    )
