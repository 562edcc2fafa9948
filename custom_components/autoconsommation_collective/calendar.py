"""The good windows ahead, as events that automations and people can look at."""

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

from .coordinator import AccConfigEntry, WindowEvent
from .entity import AccEntity

PARALLEL_UPDATES = 0

GOOD_WINDOWS = CalendarEntityDescription(
    key="good_windows", translation_key="good_windows"
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AccConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar."""
    async_add_entities([AccCalendar(entry, GOOD_WINDOWS)])


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
