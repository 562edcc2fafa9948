"""What steering each load gained: noted step by step, concluded need by need, settled later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from typing import Any, Final

from homeassistant.core import HomeAssistant
import numpy as np

from ..adapters.store import Stores
from ..engine.blocks import Block
from ..engine.contract import CostsMissing
from ..engine.ledger import (
    Entry,
    Gain,
    concluded,
    concluded_alike,
    concluded_cycle,
    drawn_by_step,
    gain,
    restored_entries,
    settled,
    stored_entries,
)
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


class LoadLedger:
    """The entries of all loads, those of needs in progress apart."""

    def __init__(self, stores: Stores) -> None:
        """Know of none yet."""
        self._stores = stores
        self._open: dict[str, tuple[Entry, ...]] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._gains: dict[str, Gain] = {}
        """Summed up since the entries last changed."""

    async def async_load(self) -> None:
        """Know again what was noted."""
        stored = await self._stores.async_load(LEDGER_STORE) or {}
        for load_id, kept in stored.items():
            if isinstance(kept, Mapping):
                self._open[load_id] = restored_entries(kept.get("open"))
                self._entries[load_id] = restored_entries(kept.get("entries"))

    def note(
        self, load_id: str, facts: StepFacts, drawn_wh: float, *, is_controlled: bool
    ) -> None:
        """A step is over in which the load drew that much."""
        entry = Entry(
            start=facts.start,
            actual_wh=drawn_wh,
            default_wh=math.nan,
            supplier_eur=facts.supplier_eur,
            allocated_eur=facts.allocated_eur,
            coverage=facts.coverage,
            is_off_peak=facts.is_off_peak,
            is_controlled=is_controlled,
        )
        self._open[load_id] = (*self._open.get(load_id, ()), entry)
        self._save()

    def conclude(self, settings: LoadSettings, step: timedelta) -> None:
        """A need of the load is over."""
        entries = self._open.pop(settings.id, ())
        if settings.is_machine:
            found = concluded_cycle(entries)
        elif not settings.shifts or settings.kind is LoadKind.SURPLUS:
            found = concluded_alike(entries)
        else:
            highest_wh = settings.levels_w[-1] * (step / timedelta(hours=1))
            found = concluded(entries, highest_wh)
        self._entries[settings.id] = (*self._entries.get(settings.id, ()), *found)
        self._gains.pop(settings.id, None)
        self._save()

    def forget_idle(self, load_id: str) -> None:
        """A machine that is not armed needs nothing: its steps tell nothing."""
        self._open.pop(load_id, None)

    async def async_settle(
        self,
        hass: HomeAssistant,
        blocks: Sequence[Block],
        step: timedelta,
        has_own_part: Callable[[datetime], bool],
    ) -> None:
        """Put the entries right by what was settled, under the key of their time."""
        before = dict(self._entries)
        own_part = {
            entry.start: has_own_part(entry.start)
            for entries in before.values()
            for entry in entries
        }
        after = await hass.async_add_executor_job(
            _all_settled, before, blocks, step, own_part
        )
        for load_id, entries in after.items():
            # What was concluded meanwhile stays behind them.
            news = self._entries[load_id][len(before[load_id]) :]
            self._entries[load_id] = entries + news
        self._gains.clear()
        self._save()

    def gain(self, load_id: str) -> Gain:
        """What a load gained so far while it was switched by the plan."""
        if load_id not in self._gains:
            entries = self._entries.get(load_id, ())
            self._gains[load_id] = gain(entries, is_controlled=True)
        return self._gains[load_id]

    def drawn(self, step: timedelta) -> list[tuple[Block, ...]]:
        """What each load drew, also those that are gone."""
        return [
            drawn_by_step(
                self._entries.get(load_id, ()) + self._open.get(load_id, ()), step
            )
            for load_id in self._entries.keys() | self._open.keys()
        ]

    def _save(self) -> None:
        kept = {
            load_id: (self._open.get(load_id, ()), self._entries.get(load_id, ()))
            for load_id in self._open.keys() | self._entries.keys()
        }

        def document() -> dict[str, Any]:
            return {
                load_id: {
                    "open": stored_entries(pending),
                    "entries": stored_entries(entries),
                }
                for load_id, (pending, entries) in kept.items()
            }

        self._stores.save_later(LEDGER_STORE, document, SAVE_DELAY_S)


def _all_settled(
    loads: Mapping[str, Sequence[Entry]],
    blocks: Sequence[Block],
    step: timedelta,
    own_part: Mapping[datetime, bool],
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
            put_right = settled(mine, blocks, step, own_part=is_own, others=others)
            right |= dict(zip(mine, put_right, strict=True))
        found[load_id] = tuple(right[entry] for entry in entries)
    return found
