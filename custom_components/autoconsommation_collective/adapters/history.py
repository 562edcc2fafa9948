"""What Home Assistant recorded of the meter before this integration was there: hours."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    StatisticsRow,
    statistics_during_period,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import numpy as np

from ..const import LOGGER
from ..engine.blocks import HOUR, Block, Quantity
from ..engine.index_filter import LARGEST_KVA, OVERDRAW
from ..engine.slots import MAX_FILL
from .meter import resolve

REACH = timedelta(days=70)
"""Ten weeks: more than the days that a spread is read from."""

LARGEST_WH = OVERDRAW * LARGEST_KVA * 1000
"""Of an hour; the recorder counts a whole index as drawn at once where it read a zero before."""


async def async_recorded_consumption(
    hass: HomeAssistant, refs: Sequence[str]
) -> tuple[Block, ...]:
    """Consumption by hour of the last weeks, from the long-term statistics of the indexes.

    An hour counts only where every index has it. None at all where the recorder cannot read
    them. Only once Home Assistant runs: before, the recorder does not answer.
    """
    ids = {entity_id for ref in refs if (entity_id := resolve(hass, ref))}
    if not ids or len(ids) < len(refs):
        return ()
    start = dt_util.utcnow() - REACH
    try:
        found = await get_instance(hass).async_add_executor_job(
            lambda: statistics_during_period(
                hass,
                start,
                None,
                ids,
                "hour",
                {"energy": UnitOfEnergy.WATT_HOUR},
                {"change"},
            )
        )
    except Exception as err:  # noqa: BLE001
        # Whatever its database raises: habits are then learned from other sources.
        LOGGER.debug("No recorded consumption: %s", type(err).__name__)
        return ()
    sums: dict[float, float] = {}
    seen: dict[float, int] = {}
    for rows in found.values():
        for at, wh in _hours(rows):
            sums[at] = sums.get(at, 0.0) + wh
            seen[at] = seen.get(at, 0) + 1
    return _blocks({at: wh for at, wh in sums.items() if seen[at] == len(ids)})


def _hours(rows: Sequence[StatisticsRow]) -> Iterator[tuple[float, float]]:
    """UTC timestamp and Wh of the hours that one index counted and a home can have drawn.

    What was drawn in a gap stands in the first hour after it, which is left out.
    """
    expected: float | None = None
    for row in rows:
        change = row.get("change")
        follows = row["start"] == expected
        expected = row["start"] + HOUR.total_seconds()
        if follows and change is not None and 0 <= change <= LARGEST_WH:
            yield row["start"], change


def _blocks(hours: dict[float, float]) -> tuple[Block, ...]:
    """Hours by their UTC timestamp as blocks, a new one after a long gap."""
    blocks: list[Block] = []
    run: list[float] = []
    times = sorted(hours)
    for n, at in enumerate(times):
        if run and (at - times[n - 1]) > MAX_FILL.total_seconds():
            blocks.append(_block(hours, run))
            run = []
        run.append(at)
    if run:
        blocks.append(_block(hours, run))
    return tuple(blocks)


def _block(hours: dict[float, float], run: list[float]) -> Block:
    """One block from the first to the last hour of a run; what lacks is a hole."""
    second = HOUR.total_seconds()
    n_hours = round((run[-1] - run[0]) / second) + 1
    energies = np.full(n_hours, np.nan)
    for at in run:
        energies[round((at - run[0]) / second)] = hours[at]
    start = datetime.fromtimestamp(run[0], UTC)
    return Block(start, HOUR, {Quantity.CONSUMPTION: energies})
