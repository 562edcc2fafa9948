"""The home's own energies by step, kept by month together with the state of its meters."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ..const import SLOT_MONTHS
from ..engine.blocks import Block, Quantity, restored_block, stored_block
from ..engine.slots import appended, slot_month
from .store import Json, Stores

SAVE_DELAY_S = 1800
"""A memory card wears with every write. What a power cut loses is at most the last half hour:
the meter's index bridges that, and half an hour of darkness more."""

IN_MEMORY = 2
"""The month in progress and the one before: a local day can lie in both."""

KIND = "slots"

type Directions = Mapping[str, tuple[Block, ...]]


class SlotLog:
    """Blocks of own steps, by month and direction (of the energy: import or export)."""

    def __init__(self, stores: Stores) -> None:
        """Hold nothing yet."""
        self._stores = stores
        self._months: dict[str, Directions] = {}
        self._unsaved: set[str] = set()
        self._on_disk: set[str] = set()
        self._meters: Json = {}

    async def async_load(self) -> Json:
        """Load what is needed to go on; gives the stored state of the meters."""
        self._on_disk = set(await self._stores.async_months(KIND))
        for month in self._outdated():
            await self._stores.async_remove(f"{KIND}.{month}")
        for month in sorted(self._on_disk)[-IN_MEMORY:]:
            stored = await self._stores.async_load(f"{KIND}.{month}")
            if stored is None:  # damaged, and put aside by Home Assistant
                continue
            self._months[month] = {
                direction: tuple(map(restored_block, blocks))
                for direction, blocks in stored["directions"].items()
            }
            self._meters = stored["meters"]
        return self._meters

    def blocks(self, direction: str) -> tuple[Block, ...]:
        """Steps in memory, in order of time."""
        months = sorted(self._months)
        return tuple(b for m in months for b in self._months[m].get(direction, ()))

    async def async_blocks(self, direction: str, since: str) -> tuple[Block, ...]:
        """Steps from that month on, in order of time; older ones are read from the disk."""
        held = self._months
        found: list[Block] = []
        for month in sorted(self._on_disk | held.keys()):
            if month < since:
                continue
            if month in held:
                found.extend(held[month].get(direction, ()))
            elif stored := await self._stores.async_load(f"{KIND}.{month}"):
                blocks = stored["directions"].get(direction, ())
                found.extend(map(restored_block, blocks))
        return tuple(found)

    def append(
        self,
        direction: str,
        start: datetime,
        step: timedelta,
        energies: Mapping[Quantity, float],
    ) -> None:
        """Add a closed step."""
        month = slot_month(start)
        directions = self._months.get(month, {})
        blocks = appended(directions.get(direction, ()), start, step, energies)
        self._months[month] = {**directions, direction: blocks}
        self._unsaved.add(month)

    def save_later(self, meters: Json) -> None:
        """Have the steps and the meters' state saved within half an hour.

        Together, so that after a power cut neither is ahead of the other. What a new
        month makes outdated is deleted.
        """
        self._meters = meters
        months = sorted(self._months)
        # The state of the meters lies with the latest month, changed or not.
        for month in sorted(self._unsaved.union(months[-1:])):
            self._stores.save_later(
                f"{KIND}.{month}", self._document(month), SAVE_DELAY_S
            )
            self._on_disk.add(month)
        self._unsaved.clear()
        for month in self._outdated():
            self._stores.remove_soon(f"{KIND}.{month}")
        for month in months[:-IN_MEMORY]:
            del self._months[month]

    async def async_save(self, meters: Json) -> None:
        """Save now, as before a reload."""
        self.save_later(meters)
        await self._stores.async_save_pending()

    def _outdated(self) -> set[str]:
        """Months before those to keep, up to the latest; named once."""
        if not self._on_disk:
            return set()
        oldest = _oldest_kept(max(self._on_disk))
        outdated = {month for month in self._on_disk if month < oldest}
        self._on_disk -= outdated
        return outdated

    def _document(self, month: str) -> Callable[[], Json]:
        """What to save; built in another thread, from values that never change."""
        directions, meters = self._months[month], self._meters
        return lambda: {
            "directions": {
                direction: [stored_block(block) for block in blocks]
                for direction, blocks in directions.items()
            },
            "meters": meters,
        }


def _oldest_kept(latest: str) -> str:
    """The first of the SLOT_MONTHS months that end with the latest."""
    year, month = map(int, latest.split("-"))
    year, month = divmod(12 * year + month - SLOT_MONTHS, 12)
    return f"{year}-{month + 1:02}"
