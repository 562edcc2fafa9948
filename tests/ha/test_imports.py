"""Months from elsewhere than the feed: kept as a whole or not at all, and counted by one rule."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.coordinator.imports import Imports
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import Quality
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.reconcile import (
    Source,
    is_same,
)

from .feed import PARIS, Organiser
from .house import NOW, Linky, member_entry, set_up, settle_down, shown, value
from .kept import statistics_of

HALF_HOUR = timedelta(minutes=30)
MONTHS = ("2026-07", "2026-08", "2026-09")


def page(
    month: str, consumed_wh: float = 300.0, allocated_wh: float = 100.0
) -> MonthPage:
    """A month in which every step is the same."""
    start, end = month_bounds(month, PARIS)
    n_steps = (end - start) // HALF_HOUR
    energies = {
        Quantity.CONSUMPTION: np.full(n_steps, consumed_wh),
        Quantity.ALLOCATED: np.full(n_steps, allocated_wh),
    }
    return MonthPage(month, 0, Quality.SETTLED, (Block(start, HALF_HOUR, energies),))


class Stopped(Exception):
    """Home Assistant stops in the middle."""


class Stopping(Stores):
    """Stores that are written to so often, and then never again."""

    left: int

    async def async_save(self, name: str, data: Mapping[str, Any]) -> None:
        """Save, or stop."""
        if self.left == 0:
            raise Stopped
        self.left -= 1
        await super().async_save(name, data)


async def kept_by(hass: HomeAssistant) -> dict[str, MonthPage]:
    """What a restart finds."""
    imports = Imports(Stores(hass, "home"))
    await imports.async_load()
    return imports.combined({})


def alike(one: Mapping[str, MonthPage], other: Mapping[str, MonthPage]) -> bool:
    """Whether the same months tell the same."""
    return one.keys() == other.keys() and all(
        is_same(one[month], other[month]) for month in one
    )


@pytest.mark.parametrize("n_written", range(6))
async def test_stopped_at_any_write(
    hass: HomeAssistant, disk: Path, n_written: int
) -> None:
    """After the restart all of it is there or nothing; imported again, it is as without."""
    before = [page(month) for month in MONTHS[:2]]
    after = [page(month, 400.0, 200.0) for month in MONTHS]
    imports = Imports(Stores(hass, "home"))
    await imports.async_keep(Source.FILE, before)
    old = imports.combined({})
    stores = Stopping(hass, "home")
    stores.left = n_written
    cut = Imports(stores)
    await cut.async_load()
    stores.left = n_written
    try:
        await cut.async_keep(Source.FILE, after)
        is_stopped = False
    except Stopped:
        is_stopped = True
    assert is_stopped is (n_written < 5)
    found = await kept_by(hass)
    new = {one.month: one for one in after}
    assert alike(found, old) if n_written == 0 else alike(found, new)
    again = Imports(Stores(hass, "home"))
    await again.async_load()
    assert await again.async_keep(Source.FILE, after) is (n_written == 0)
    assert alike(await kept_by(hass), new)


async def test_the_same_again_changes_nothing(hass: HomeAssistant, disk: Path) -> None:
    """Not a file is written; half a month more only adds."""
    imports = Imports(Stores(hass, "home"))
    assert await imports.async_keep(Source.FILE, [page("2026-07")])
    first = imports.combined({})["2026-07"]
    with patch.object(Stores, "async_save", side_effect=AssertionError):
        assert not await imports.async_keep(Source.FILE, [page("2026-07")])
    assert imports.combined({})["2026-07"] is first
    assert first.revision == 1
    assert await imports.async_keep(Source.FILE, [page("2026-07", 301.0)])
    assert imports.combined({})["2026-07"].revision == 2


async def test_what_did_not_change_is_the_same_mapping(
    hass: HomeAssistant, disk: Path
) -> None:
    """Who put a ledger right by it need not do so again; an import makes another one."""
    imports = Imports(Stores(hass, "home"))
    published = {"2026-10": page("2026-10")}
    first = imports.combined(published)
    assert imports.combined(published) is first
    await imports.async_keep(Source.FILE, [page("2026-07")])
    assert imports.combined(published) is not first


async def test_two_imports_at_once(hass: HomeAssistant, disk: Path) -> None:
    """What was drawn in one file and what was injected in the other: both are kept."""
    imports = Imports(Stores(hass, "home"))
    drawn = page("2026-07")
    (block,) = drawn.blocks
    injected = replace(
        drawn,
        blocks=(
            replace(
                block,
                energies={
                    Quantity.PRODUCTION: block.energies[Quantity.CONSUMPTION],
                    Quantity.SURPLUS: block.energies[Quantity.ALLOCATED],
                },
            ),
        ),
    )
    await asyncio.gather(
        *(imports.async_keep(Source.FILE, [one]) for one in (drawn, injected))
    )
    for found in (imports.combined({}), await kept_by(hass)):
        assert found["2026-07"].total_wh(Quantity.ALLOCATED)
        assert found["2026-07"].total_wh(Quantity.SURPLUS)


async def test_what_another_version_wrote_is_left(
    hass: HomeAssistant, disk: Path
) -> None:
    """A page that cannot be read costs only itself."""
    imports = Imports(Stores(hass, "home"))
    await imports.async_keep(Source.FILE, [page(month) for month in MONTHS[:2]])
    path = disk / f"autoconsommation_collective.home.imported.{MONTHS[0]}"
    told = json.loads(path.read_text())
    told["data"]["file"]["blocks"] = "none"
    path.write_text(json.dumps(told))
    assert list(await kept_by(hass)) == [MONTHS[1]]


@pytest.mark.freeze_time(NOW)
async def test_an_imported_month_counts(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """In the sensors and the statistics, beside the feed's; also after a restart."""
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    october = value(hass, "settled_allocated_month")
    total = value(hass, "settled_allocated_total")
    settlement = entry.runtime_data.settlement
    september_page = page("2026-09", 300.0, 100.0)
    assert await settlement.async_import(Source.FILE, [september_page])
    await settle_down(hass)
    assert value(hass, "settled_allocated_month") == october
    september = (september_page.total_wh(Quantity.ALLOCATED) or 0) / 1000
    assert value(hass, "settled_allocated_total") == pytest.approx(total + september)
    hours = await statistics_of(hass, "allocated")
    start, _ = month_bounds("2026-09", PARIS)
    assert hours[start] == 200
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert value(hass, "settled_allocated_total") == pytest.approx(total + september)


@pytest.mark.freeze_time(NOW)
async def test_without_a_feed(hass: HomeAssistant, disk: Path) -> None:
    """The organiser publishes nothing; its file is settled all the same."""
    entry = member_entry()
    await set_up(hass, entry)
    assert shown(hass, "settled_allocated_month").state == "unknown"
    await entry.runtime_data.settlement.async_import(Source.FILE, [page("2026-09")])
    await settle_down(hass)
    assert value(hass, "settled_allocated_month") == pytest.approx(1440 * 0.1)
    until = datetime.fromisoformat(shown(hass, "settled_until").state)
    assert until.date().isoformat() == "2026-09-30"
