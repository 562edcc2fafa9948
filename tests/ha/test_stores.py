"""What is kept on the disk: by month, privately, rarely written, and never in the way."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from pathlib import Path
import stat
from threading import Event
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.autoconsommation_collective.adapters.slot_log import SlotLog
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import Quantity

from .house import KEY, NOW, wait

pytestmark = pytest.mark.freeze_time(NOW)

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def stores(hass: HomeAssistant, disk: Path) -> Stores:
    """Stores of one delivery point on an empty disk."""
    return Stores(hass, KEY)


def files(disk: Path) -> dict[str, dict[str, object]]:
    """Documents of the delivery point on the disk."""
    prefix = f"{DOMAIN}.{KEY}."
    return {
        path.name.removeprefix(prefix): json.loads(path.read_text())["data"]
        for path in disk.glob(f"{prefix}*")
    }


def log_steps(log: SlotLog, start: datetime, wh: list[float]) -> None:
    """Append consecutive half-hours."""
    for n, each in enumerate(wh):
        at = start + n * HALF_HOUR
        log.append("import", at, HALF_HOUR, {Quantity.CONSUMPTION: each})


async def test_documents_are_private(stores: Stores, disk: Path) -> None:
    """Only Home Assistant's own user reads them."""
    await stores.async_save("feed", {"a": 1})
    (path,) = disk.glob(f"{DOMAIN}.*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_months_are_told_from_other_documents(stores: Stores) -> None:
    """In order, whatever else lies in the folder."""
    for name in ("settled.2026-10", "settled.2025-12", "slots.2026-11", "feed"):
        await stores.async_save(name, {})
    assert await stores.async_months("settled") == ["2025-12", "2026-10"]
    assert await stores.async_months("slots") == ["2026-11"]


async def test_delivery_points_do_not_see_each_other(
    hass: HomeAssistant, stores: Stores, disk: Path
) -> None:
    """Not even when all of one is removed."""
    await stores.async_save("feed", {"mine": True})
    other = Stores(hass, "fedcba9876543210")
    await other.async_save("settled.2026-10", {})
    assert await other.async_load("feed") is None
    await other.async_remove_all()
    assert files(disk) == {"feed": {"mine": True}}


async def test_later_is_not_put_off_for_ever(
    hass: HomeAssistant, stores: Stores, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Asked to save every half hour, it saves each hour, what was told last."""
    saved = []
    for n in range(4):
        stores.save_later("slots.2026-11", partial(dict, n=n), 3600)
        await wait(hass, freezer, HALF_HOUR)
        saved.append(files(disk).get("slots.2026-11"))
    assert saved == [None, {"n": 1}, {"n": 1}, {"n": 3}]


class Interrupted(str):
    """A name at whose second look-up the thread that writes overtakes the event loop."""

    __slots__ = ("go", "looked_up", "written")

    def __init__(self, _name: str) -> None:
        """Hold the thread."""
        self.looked_up = 0
        self.go, self.written = Event(), Event()

    def __hash__(self) -> int:
        """Let the thread go, and wait until it has written."""
        self.looked_up += 1
        if self.looked_up == 2:
            self.go.set()
            assert self.written.wait(5)
        return super().__hash__()


async def test_what_comes_just_as_it_is_written_is_saved_too(
    hass: HomeAssistant, stores: Stores, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Whenever the thread that writes the one before looks."""
    name, in_thread = Interrupted("slots.2026-11"), hass.async_add_executor_job

    def held(job: Callable[..., Any], *args: Any) -> Any:
        def write() -> None:
            assert name.go.wait(5)
            job(*args)
            name.written.set()

        return in_thread(write)

    stores.save_later(str(name), partial(dict, n=1), 3600)
    with patch.object(hass, "async_add_executor_job", held):
        freezer.tick(timedelta(hours=1))
        async_fire_time_changed(hass)
        await asyncio.sleep(0)
        stores.save_later(name, partial(dict, n=2), 3600)
        await hass.async_block_till_done()
    await wait(hass, freezer, timedelta(hours=1))
    assert files(disk) == {"slots.2026-11": {"n": 2}}


async def test_what_comes_while_what_waits_is_saved_is_saved_too(
    hass: HomeAssistant, stores: Stores, disk: Path
) -> None:
    """A reload may find the house still measuring."""

    async def tell(n: int) -> None:
        stores.save_later("slots.2026-11", partial(dict, n=n), 3600)

    def slow() -> dict[str, int]:
        asyncio.run_coroutine_threadsafe(tell(2), hass.loop).result(5)
        return {"n": 1}

    stores.save_later("slots.2026-11", slow, 3600)
    await stores.async_save_pending()
    assert files(disk) == {"slots.2026-11": {"n": 2}}


async def test_what_waits_is_saved_at_once_when_asked(
    hass: HomeAssistant, stores: Stores, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """And is not written a second time; what comes then waits again."""
    stores.save_later("slots.2026-10", lambda: {"n": 1}, 3600)
    stores.save_later("slots.2026-11", lambda: {"n": 2}, 3600)
    await stores.async_save_pending()
    assert files(disk) == {"slots.2026-10": {"n": 1}, "slots.2026-11": {"n": 2}}
    for path in disk.glob(f"{DOMAIN}.*"):
        path.unlink()
    await wait(hass, freezer, timedelta(hours=2))
    assert files(disk) == {}
    stores.save_later("slots.2026-11", lambda: {"n": 3}, 3600)
    await wait(hass, freezer, timedelta(hours=1))
    assert files(disk) == {"slots.2026-11": {"n": 3}}


async def test_removed_documents_stay_removed(
    hass: HomeAssistant, stores: Stores, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Also one that was to be saved later."""
    await stores.async_save("slots.2026-11", {})
    stores.save_later("slots.2026-11", lambda: {"n": 1}, 3600)
    await stores.async_remove_all()
    await wait(hass, freezer, timedelta(hours=2))
    assert files(disk) == {}


async def test_damaged_document_is_put_aside_once(stores: Stores, disk: Path) -> None:
    """Home Assistant renames it; the renamed file is no month."""
    await stores.async_save("slots.2026-10", {"directions": {}, "meters": {}})
    (path,) = disk.glob(f"{DOMAIN}.*")
    path.write_text('{"cut')
    assert await SlotLog(stores).async_load() == {}
    assert len(list(disk.glob("*.corrupt.*"))) == 1
    assert await stores.async_months("slots") == []
    assert await SlotLog(stores).async_load() == {}
    assert len(list(disk.glob("*.corrupt.*"))) == 1


async def test_slots_go_on_after_a_restart(hass: HomeAssistant, stores: Stores) -> None:
    """Steps by direction, and the state of the meters beside them."""
    log = SlotLog(stores)
    assert await log.async_load() == {}
    log_steps(log, NOW, [100.0, 50.0])
    log.append("export", NOW, HALF_HOUR, {Quantity.PRODUCTION: 7.0})
    await log.async_save({"import": {"any": 1}})

    again = SlotLog(Stores(hass, KEY))
    assert await again.async_load() == {"import": {"any": 1}}
    (block,) = again.blocks("import")
    assert (block.start, block.step) == (NOW, HALF_HOUR)
    assert block.energies[Quantity.CONSUMPTION].tolist() == [100.0, 50.0]
    (produced,) = again.blocks("export")
    assert produced.energies[Quantity.PRODUCTION].tolist() == [7.0]
    assert again.blocks("nothing") == ()


async def test_a_month_that_is_over_is_written_no_more(
    hass: HomeAssistant, stores: Stores, disk: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A memory card wears with every write; what the month still lacked is written once."""
    log = SlotLog(stores)
    log_steps(log, datetime(2026, 11, 30, 23, 30, tzinfo=UTC), [100.0, 50.0])
    log.save_later({})
    await wait(hass, freezer, timedelta(hours=1))
    assert files(disk).keys() == {"slots.2026-11", "slots.2026-12"}
    (disk / f"{DOMAIN}.{KEY}.slots.2026-11").unlink()
    log_steps(log, datetime(2026, 12, 1, 0, 30, tzinfo=UTC), [60.0])
    log.save_later({})
    await wait(hass, freezer, timedelta(hours=1))
    assert files(disk).keys() == {"slots.2026-12"}


async def test_steps_of_two_months_are_saved_when_stopping(
    hass: HomeAssistant, stores: Stores
) -> None:
    """A reload just after the month has changed loses neither end."""
    log = SlotLog(stores)
    log_steps(log, datetime(2026, 11, 30, 23, 30, tzinfo=UTC), [100.0, 50.0])
    log.save_later({})
    await log.async_save({})
    again = SlotLog(Stores(hass, KEY))
    await again.async_load()
    assert [block.start.month for block in again.blocks("import")] == [11, 12]


async def test_only_two_months_stay_in_memory(stores: Stores) -> None:
    """The older ones are on the disk."""
    log = SlotLog(stores)
    for month in (9, 10, 11):
        log_steps(log, datetime(2026, month, 1, tzinfo=UTC), [1.0])
        log.save_later({})
    assert [block.start.month for block in log.blocks("import")] == [10, 11]
    await log.async_save({})
    assert await stores.async_months("slots") == ["2026-09", "2026-10", "2026-11"]


MANY = [f"{2025 + (8 + n) // 12}-{(8 + n) % 12 + 1:02}" for n in range(15)]


@pytest.mark.parametrize(
    ("months", "kept"),
    [
        pytest.param(MANY, MANY[2:], id="every month"),
        pytest.param(
            ["2023-07", "2025-10", "2025-11", "2026-11"],
            ["2025-11", "2026-11"],
            id="months without a meter",
        ),
        pytest.param(["2023-07"], ["2023-07"], id="the meter's last"),
    ],
)
async def test_a_year_is_kept(
    stores: Stores, months: list[str], kept: list[str]
) -> None:
    """And the month in progress; older ones are deleted when loading."""
    for month in months:
        await stores.async_save(
            f"slots.{month}", {"directions": {}, "meters": {"last": month}}
        )
    assert await SlotLog(stores).async_load() == {"last": months[-1]}
    assert await stores.async_months("slots") == kept


async def test_a_year_is_kept_while_running(
    hass: HomeAssistant, stores: Stores
) -> None:
    """A new month deletes the one that is no longer of the year, without a restart."""
    for month in ("2025-10", "2025-11", "2025-12", "2026-10"):
        await stores.async_save(f"slots.{month}", {"directions": {}, "meters": {}})
    log = SlotLog(stores)
    await log.async_load()
    log_steps(log, datetime(2026, 11, 30, 23, 30, tzinfo=UTC), [1.0])
    log.save_later({})
    await hass.async_block_till_done()
    assert (await stores.async_months("slots"))[0] == "2025-11"
    log_steps(log, datetime(2026, 12, 1, tzinfo=UTC), [1.0])
    await log.async_save({})
    await hass.async_block_till_done()
    assert await stores.async_months("slots") == [
        *("2025-12", "2026-10", "2026-11", "2026-12")
    ]
