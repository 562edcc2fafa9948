"""Loads held back near the subscribed power, where the meter tells quickly enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant

from ..adapters.power_meter import PowerMeter
from ..const import CONF_LIVE_POWER, CONF_SUBSCRIBED_KVA
from ..engine.power_guard import (
    GuardedLoad,
    Guarding,
    guard,
    is_fast_enough,
    planning_margin_w,
)

VA_PER_KVA: Final = 1000.0


@dataclass(frozen=True, slots=True)
class GuardView:
    """The guard, as the entities show it."""

    is_told: bool
    """Whether the user told both the sensors and the subscribed power."""
    is_on: bool
    """Whether the user wants it."""
    is_offered: bool
    """Whether the meter tells quickly enough."""
    refresh: timedelta | None
    """How often it usually tells; None: not known yet."""


class LoadGuard:
    """The meter, what is held back, and whether the user wants that."""

    def __init__(self, hass: HomeAssistant, options: Mapping[str, Any]) -> None:
        """Hold nothing back yet."""
        refs = options.get(CONF_LIVE_POWER, ())
        self.is_on = False
        """As the user wants; whatever the meter tells. Changed by `turn`."""
        self._refs = tuple(refs)
        self.n_values = max(1, len(refs))
        """One for the home, or one for each phase."""
        self._meter = PowerMeter(hass, refs)
        self._has_meter = bool(refs)
        kva = options.get(CONF_SUBSCRIBED_KVA)
        self.subscribed_va: float | None = kva * VA_PER_KVA if kva else None
        self._guarding = Guarding()

    def async_follow(self, heard: Callable[[datetime], None]) -> list[CALLBACK_TYPE]:
        """Call at each report of the meter."""
        return self._meter.async_follow(heard)

    @property
    def view(self) -> GuardView:
        """As it is now."""
        is_told = self._has_meter and self.subscribed_va is not None
        refresh = self._meter.refresh
        return GuardView(is_told, self.is_on, is_fast_enough(refresh), refresh)

    @property
    def _is_guarding(self) -> bool:
        view = self.view
        return view.is_told and view.is_on and view.is_offered

    def look(self, now: datetime, loads: Sequence[GuardedLoad]) -> frozenset[str]:
        """Ids of the loads to hold back after a look at the meter."""
        if self.subscribed_va is not None:
            home_va = self._meter.home_va(now) if self._is_guarding else None
            self._guarding = guard(
                self._guarding, now, home_va, self.subscribed_va, loads
            )
        return self._guarding.ids

    def room_w(self) -> float | None:
        """Power that a plan may use, with what the home draws; None: nobody told a limit."""
        if self.subscribed_va is None:
            return None
        refresh = self._meter.refresh if self._has_meter else None
        return self.subscribed_va - planning_margin_w(
            self.subscribed_va, refresh, is_guarded=self._is_guarding
        )

    def turn(self, *, is_on: bool) -> None:
        """Hold loads back, or let all of them go at once."""
        self.is_on = is_on
        if not is_on:
            self._guarding = Guarding()

    def document(self) -> dict[str, Any]:
        """What outlives a restart, as JSON values."""
        refresh = self._meter.refresh
        return {
            "is_on": self.is_on,
            "live_power": list(self._refs),
            "refresh_s": refresh.total_seconds() if refresh else None,
        }

    def restore(self, stored: object) -> None:
        """Go on where the last run stopped."""
        if not isinstance(stored, Mapping):
            return
        self.is_on = bool(stored.get("is_on"))
        seconds = stored.get("refresh_s")
        # Of another meter it tells nothing.
        is_same = stored.get("live_power") == list(self._refs)
        if is_same and isinstance(seconds, int | float):
            self._meter.restore(timedelta(seconds=seconds))
