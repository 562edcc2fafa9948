"""The home's meter: its indexes followed, its steps kept, across restarts and renames."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from homeassistant.core import HomeAssistant, callback

from ..engine.index_filter import LARGEST_KVA
from ..engine.metering import StepMeter, StepMeterState
from .meter import resolve
from .meter_reader import MeterReader
from .slot_log import SlotLog
from .store import Json


class Direction(StrEnum):
    """Which way the energy went; also the names under which the steps are kept."""

    IMPORT = "import"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class ClosedStep:
    """A step the meter has completed."""

    direction: Direction
    start: datetime
    wh: float
    """NaN for a hole."""


class HomeMeter:
    """The indexes of one delivery point, by direction."""

    def __init__(
        self,
        hass: HomeAssistant,
        log: SlotLog,
        step: timedelta,
        refs: Mapping[Direction, Sequence[str]],
        daily: Collection[str],
        subscribed_kva: float | None,
    ) -> None:
        """Follow nothing yet; a direction without indexes is not measured.

        Daily names the indexes that restart from zero each day.
        """
        self._hass = hass
        self._log = log
        self._step = step
        self._refs = {direction: chosen for direction, chosen in refs.items() if chosen}
        self._daily = daily
        self._subscribed_kva = subscribed_kva
        self._meters: dict[Direction, StepMeter] = {}
        self._readers: list[MeterReader] = []

    @property
    def measures_import(self) -> bool:
        """Whether there is a live meter at all."""
        return Direction.IMPORT in self._refs

    @property
    def is_incomplete(self) -> bool:
        """Whether an entity that was chosen no longer exists."""
        chosen = (ref for refs in self._refs.values() for ref in refs)
        return any(resolve(self._hass, ref) is None for ref in chosen)

    async def async_load(self) -> None:
        """Go on where the last run stopped."""
        states = await self._log.async_load()
        for direction, refs in self._refs.items():
            meter = StepMeter(
                self._step,
                refs,
                subscribed_kva=self._most_kva(direction),
                resets=self._daily,
                state=cast(StepMeterState | None, states.get(direction)),
            )
            self._meters[direction] = meter
            self._readers.append(MeterReader(self._hass, refs, meter))

    def _most_kva(self, direction: Direction) -> float | None:
        """The most that is drawn, or fed in; panels know nothing of the subscription."""
        if direction is Direction.IMPORT or self._subscribed_kva is None:
            return self._subscribed_kva
        return max(self._subscribed_kva, LARGEST_KVA)

    @callback
    def async_start(self) -> None:
        """Follow the entities."""
        for reader in self._readers:
            reader.async_start()

    async def async_stop(self) -> None:
        """Follow them no longer, and save."""
        for reader in self._readers:
            reader.async_stop()
        await self._log.async_save(self._states())

    def tick(self, now: datetime) -> Iterator[ClosedStep]:
        """The steps completed by now, each once."""
        heard = max((meter.heard for meter in self._meters.values()), default=now)
        for direction, meter in self._meters.items():
            meter.hold(now, heard)
            for start, wh in meter.closed():
                yield ClosedStep(direction, start, wh)

    def save_later(self) -> None:
        """Have the steps and the state of the indexes saved within half an hour."""
        self._log.save_later(self._states())

    def import_power_w(self, now: datetime) -> float | None:
        """Mean power drawn from the grid over the last minutes; None while not known."""
        meter = self._meters.get(Direction.IMPORT)
        return None if meter is None else meter.power_w(now)

    def open_import_wh(self) -> tuple[datetime, float] | None:
        """Start of the step in progress and the energy drawn in it so far."""
        meter = self._meters.get(Direction.IMPORT)
        return None if meter is None else meter.partial()

    def _states(self) -> Json:
        return {direction: meter.state() for direction, meter in self._meters.items()}
