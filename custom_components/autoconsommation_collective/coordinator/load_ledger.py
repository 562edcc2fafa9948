"""What steering each load gained: noted step by step, concluded need by need, settled later.

Of a load that is only observed, the plan made when its need began is kept: what it would have
drawn by it is compared once the need is over.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant
import numpy as np

from ..adapters.store import Stores
from ..engine.base_use import drawn_by_step
from ..engine.blocks import Block, Energies, Quantity
from ..engine.contract import CostsMissing
from ..engine.counterfactual import Planned, concluded, concluded_alike, concluded_cycle
from ..engine.grid import Grid
from ..engine.ledger import Entry, Gain, gain, restored_entries, stored_entries
from ..engine.load_settlement import settled
from ..engine.loads import LoadKind, LoadSettings
from ..engine.outlook import Outlook
from ..engine.own_share import OwnShare, covered_wh

LEDGER_STORE: Final = "ledger"
SAVE_DELAY_S: Final = 3600
"""An entry is made once in a settlement step."""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What is known of a settlement step while it lasts."""

    start: datetime
    supplier_eur: float = math.nan
    allocated_eur: float = math.nan
    coverage: float = math.nan
    is_off_peak: bool = True
    """Whether a load that follows the contactor draws by default."""


def step_facts(
    outlook: Outlook | None, start: datetime, *, own_part: bool
) -> StepFacts:
    """What the outlook knows of a step; with `own_part` the share is the home's alone."""
    if outlook is None or (n := outlook.grid.number(start)) is None:
        return StepFacts(start)
    coverage = float(outlook.coverage.mean[n])
    if own_part:
        share = OwnShare(
            outlook.share.amounts_wh[:, n : n + 1], outlook.share.chances[:, n : n + 1]
        )
        drawn = np.array([max(1.0, float(outlook.claim_wh[n]))])
        coverage = float(covered_wh(share, drawn)[0] / drawn[0])
    costs = outlook.costs
    if isinstance(costs, CostsMissing):
        return StepFacts(start, coverage=coverage)
    return StepFacts(
        start,
        float(costs.supplier[n]),
        float(costs.allocated[n]),
        coverage,
        costs.off_peak is None or bool(costs.off_peak[n]),
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """What the plan would have had an observed load draw for a need."""

    need: datetime
    """What tells the need from the next: when it began, or when a machine must have ended."""
    drawn: Planned

    @property
    def begins(self) -> datetime | None:
        """The first step; None where it would have drawn nothing."""
        return min(self.drawn, default=None)

    def stored(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "need": self.need.isoformat(),
            "drawn": {at.isoformat(): round(wh, 1) for at, wh in self.drawn.items()},
        }


def restored_expected(stored: object) -> Expected | None:
    """What was stored; None where nobody can read it."""
    try:
        told: Any = stored
        drawn = {
            datetime.fromisoformat(at): float(wh) for at, wh in told["drawn"].items()
        }
        return Expected(datetime.fromisoformat(told["need"]), drawn)
    except AttributeError, KeyError, TypeError, ValueError:
        return None


def restored_time(stored: object) -> datetime | None:
    """An instant that was stored; None where nobody can read it."""
    try:
        found = datetime.fromisoformat(stored) if isinstance(stored, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _with_hole(
    entries: tuple[Entry, ...], step: timedelta, until: datetime
) -> tuple[Entry, ...]:
    """The entries of a need, with a hole where a step was not noted: while nobody looked.

    Without it, half of a need would pass for all of it.
    """
    if not entries:
        return entries
    noted, first = {entry.start for entry in entries}, entries[0]
    starts = (first.start + n * step for n in range((until - first.start) // step))
    missing = next((start for start in starts if start not in noted), None)
    if missing is None:
        return entries
    return (*entries, replace(first, start=missing, actual_wh=math.nan))


class LoadLedger:
    """The entries of all loads, those of needs in progress apart."""

    def __init__(self, stores: Stores) -> None:
        """Know of none yet."""
        self._stores = stores
        self._open: dict[str, tuple[Entry, ...]] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._expected: dict[str, Expected] = {}
        self._ending: dict[str, datetime] = {}
        """Machines that have run, and until when their steps are noted."""
        self._settling = asyncio.Lock()
        self._gains: dict[tuple[str, bool], Gain] = {}
        """Summed up since the entries last changed; of what was switched, and observed."""

    async def async_load(self) -> None:
        """Know again what was noted."""
        stored = await self._stores.async_load(LEDGER_STORE) or {}
        for load_id, kept in stored.items():
            if isinstance(kept, Mapping):
                self._open[load_id] = restored_entries(kept.get("open"))
                self._entries[load_id] = restored_entries(kept.get("entries"))
                if expected := restored_expected(kept.get("expected")):
                    self._expected[load_id] = expected
                if ending := restored_time(kept.get("ending")):
                    self._ending[load_id] = ending

    def note(
        self, load_id: str, facts: StepFacts, drawn_wh: float, *, is_controlled: bool
    ) -> None:
        """A step is over in which the load drew that much."""
        entry = Entry(
            start=facts.start,
            actual_wh=drawn_wh,
            other_wh=math.nan,
            supplier_eur=facts.supplier_eur,
            allocated_eur=facts.allocated_eur,
            coverage=facts.coverage,
            is_off_peak=facts.is_off_peak,
            is_controlled=is_controlled,
        )
        self._open[load_id] = (*self._open.get(load_id, ()), entry)
        self._save()

    def expect(
        self, settings: LoadSettings, need: datetime, grid: Grid, drawn_wh: Energies
    ) -> None:
        """What the plan would do with a load that is only observed; the first of a need counts."""
        before = self._expected.get(settings.id)
        if before is not None and before.need == need:
            return
        if self._ending.pop(settings.id, None) is not None:
            # Loaded again before it would have run: the plan's programme is not known whole.
            self._conclude(settings, grid.step, grid.start)
        drawn = {
            grid.start + n * grid.step: float(drawn_wh[n])
            for n in np.flatnonzero(drawn_wh > 0).tolist()
        }
        self._expected[settings.id] = Expected(need, drawn)
        self._save()

    def conclude(
        self, settings: LoadSettings, step: timedelta, start: datetime
    ) -> None:
        """A need of the load is over, in the step that began at `start`.

        Of a machine, once that step is noted, and once it would be over by the plan as well.
        """
        if not settings.is_machine:
            self._conclude(settings, step, start)
            return
        until, expected = start + step, self._expected.get(settings.id)
        if expected and expected.begins and self._is_observed(settings):
            # Its programme as it really ran, from then on.
            until = max(until, expected.begins + 2 * settings.programme_for)
        self._ending[settings.id] = until

    def conclude_ended(
        self, settings: Mapping[str, LoadSettings], step: timedelta, start: datetime
    ) -> None:
        """Machines whose steps are noted by now; of one that is gone, nothing."""
        for load_id, until in list(self._ending.items()):
            if until <= start:
                del self._ending[load_id]
                if load_id in settings:
                    self._conclude(settings[load_id], step, start)

    def _is_observed(self, settings: LoadSettings) -> bool:
        return not any(e.is_controlled for e in self._open.get(settings.id, ()))

    def _conclude(
        self, settings: LoadSettings, step: timedelta, start: datetime
    ) -> None:
        is_observed = self._is_observed(settings)
        entries = _with_hole(self._open.pop(settings.id, ()), step, start)
        expected = self._expected.pop(settings.id, None)
        is_partly = not is_observed and not all(e.is_controlled for e in entries)
        can_compare = is_observed <= (expected is not None) and not is_partly
        moves = settings.shifts and settings.kind is not LoadKind.SURPLUS
        if not moves or not can_compare:
            found = concluded_alike(entries)
        elif settings.is_machine:
            found = concluded_cycle(entries, expected.begins if expected else None)
        else:
            highest_wh = settings.levels_w[-1] * (step / timedelta(hours=1))
            planned = expected.drawn if expected and is_observed else None
            found = concluded(entries, highest_wh, planned)
        self._entries[settings.id] = (*self._entries.get(settings.id, ()), *found)
        self._forget_gains(settings.id)
        self._save()

    def forget_idle(self, load_id: str) -> None:
        """A machine that is not armed needs nothing: its steps tell nothing."""
        if load_id not in self._ending:
            self._open.pop(load_id, None)
            self._expected.pop(load_id, None)

    async def async_settle(
        self,
        hass: HomeAssistant,
        blocks: Sequence[Block],
        step: timedelta,
        coefficient: Callable[[datetime], float | None],
    ) -> None:
        """Put the entries right by what was settled, under the key of their time."""
        async with self._settling:
            await self._async_settle(hass, blocks, step, coefficient)

    async def _async_settle(
        self,
        hass: HomeAssistant,
        blocks: Sequence[Block],
        step: timedelta,
        coefficient: Callable[[datetime], float | None],
    ) -> None:
        before = dict(self._entries)
        own_part = {
            entry.start: coefficient(entry.start) is not None
            for entries in before.values()
            for entry in entries
        }
        after = await hass.async_add_executor_job(
            _all_settled, before, blocks, step, own_part, _parts(blocks, coefficient)
        )
        for load_id, entries in after.items():
            # What was concluded meanwhile stays behind them.
            news = self._entries[load_id][len(before[load_id]) :]
            self._entries[load_id] = entries + news
        self._gains.clear()
        self._save()

    def gain(self, load_id: str, *, is_controlled: bool) -> Gain:
        """What a load gained so far while it was switched by the plan, or would have otherwise."""
        key = load_id, is_controlled
        if key not in self._gains:
            entries = self._entries.get(load_id, ())
            self._gains[key] = gain(entries, is_controlled=is_controlled)
        return self._gains[key]

    def _forget_gains(self, load_id: str) -> None:
        for is_controlled in (True, False):
            self._gains.pop((load_id, is_controlled), None)

    def drawn(self, step: timedelta) -> list[tuple[Block, ...]]:
        """What each load drew, also those that are gone."""
        return [
            drawn_by_step(
                self._entries.get(load_id, ()) + self._open.get(load_id, ()), step
            )
            for load_id in self._entries.keys() | self._open.keys()
        ]

    def drawn_by(
        self, load_id: str, since: datetime, step: timedelta
    ) -> tuple[Block, ...]:
        """What one load drew from then on."""
        noted = self._entries.get(load_id, ()) + self._open.get(load_id, ())
        return drawn_by_step((e for e in noted if e.start >= since), step)

    def document(self) -> dict[str, Any]:
        """All that is noted, as JSON values."""
        return _document(self._open, self._entries, self._expected, self._ending)

    def _save(self) -> None:
        # Written in another thread, of what is so now.
        pending, entries = dict(self._open), dict(self._entries)
        expected, ending = dict(self._expected), dict(self._ending)
        self._stores.save_later(
            LEDGER_STORE,
            lambda: _document(pending, entries, expected, ending),
            SAVE_DELAY_S,
        )


def _document(
    pending: Mapping[str, Sequence[Entry]],
    entries: Mapping[str, Sequence[Entry]],
    expected: Mapping[str, Expected],
    ending: Mapping[str, datetime],
) -> dict[str, Any]:
    return {
        load_id: {
            "open": stored_entries(pending.get(load_id, ())),
            "entries": stored_entries(entries.get(load_id, ())),
            "expected": expected[load_id].stored() if load_id in expected else None,
            "ending": ending[load_id].isoformat() if load_id in ending else None,
        }
        for load_id in pending.keys() | entries.keys() | expected.keys()
    }


def _parts(
    blocks: Iterable[Block], coefficient: Callable[[datetime], float | None]
) -> list[Block]:
    """The home's own part of what was injected, by step, where a static key gives it one."""
    found = []
    for block in blocks:
        injected_wh = block.energies.get(Quantity.SHARED_INJECTION)
        part, last = coefficient(block.start), coefficient(block.end - block.step)
        if injected_wh is not None and part is not None and part == last:
            energies = {Quantity.SHARED_INJECTION: part * injected_wh}
            found.append(replace(block, energies=energies))
    return found


def _all_settled(
    loads: Mapping[str, Sequence[Entry]],
    blocks: Sequence[Block],
    step: timedelta,
    own_part: Mapping[datetime, bool],
    part: Sequence[Block],
) -> dict[str, tuple[Entry, ...]]:
    """The entries of all loads with the coverage of the settlement, in their order."""
    found: dict[str, tuple[Entry, ...]] = {}
    for load_id, entries in loads.items():
        right: dict[Entry, Entry] = {}
        for is_own in (False, True):
            mine = [entry for entry in entries if own_part[entry.start] is is_own]
            others = [
                entry
                for other, theirs in loads.items()
                if other != load_id
                for entry in theirs
            ]
            put_right = settled(
                mine, blocks, step, own_part=is_own, others=others, part=part
            )
            right |= dict(zip(mine, put_right, strict=True))
        found[load_id] = tuple(right[entry] for entry in entries)
    return found
