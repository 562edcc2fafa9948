"""A watched folder: real files on a real disk, read with care and taken in once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
import logging
import os
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.autoconsommation_collective.adapters import watched_folder
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import folder_watch
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery_unread import (
    ColumnsTold,
)

from .feed import PARIS
from .flows import at_option
from .house import NOW, PRM, member_entry, set_up, settle_down
from .test_import_file import OTHER, september, unsure

pytestmark = pytest.mark.freeze_time(NOW)

type Look = Callable[[], Awaitable[None]]


@pytest.fixture
async def entry(
    hass: HomeAssistant, socket_enabled: None, disk: Path
) -> MockConfigEntry:
    """A member who switched the folder on."""
    await hass.config.async_set_time_zone(PARIS.key)
    entry = member_entry(options={"watch_folder": True, "archive_password": "s3cret"})
    await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


@pytest.fixture
def folder(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """The folder, which is there."""
    found = watched_folder.folder_of(hass, entry)
    assert found.is_dir() and PRM not in str(found)
    return found


@pytest.fixture
def look(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Look:
    """Lets ten minutes pass."""

    async def pass_time() -> None:
        freezer.tick(timedelta(minutes=10, seconds=1))
        async_fire_time_changed(hass)
        await settle_down(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return pass_time


def told(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str] | None:
    """What the repair issue names."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"folder_{entry.entry_id}")
    return None if issue is None else issue.translation_placeholders or {}


def months(entry: MockConfigEntry) -> list[str]:
    """What is settled."""
    return list(entry.runtime_data.settlement.data.pages)


async def test_a_file_is_taken_in_once_it_stands_still(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not while it grows; then once, under whatever name; it stays where it is."""
    body = september()
    path = folder / f"{PRM}_cdc.csv"
    for part in (1, 2):
        path.write_bytes(body[: len(body) * part // 3])
        await look()
    assert months(entry) == [] and told(hass, entry) is None
    path.write_bytes(body)
    await look()
    assert months(entry) == []
    caplog.clear()
    await look()
    assert months(entry) == ["2026-09"] and told(hass, entry) is None
    said = [r.getMessage() for r in caplog.records if "Taken in" in r.getMessage()]
    assert len(said) == 1 and "2026-09" in said[0] and PRM not in said[0]
    path.rename(folder / "again.csv")
    caplog.clear()
    await look()
    await look()
    assert "Taken in" not in caplog.text
    assert (folder / "again.csv").read_bytes() == body


async def test_it_is_not_taken_in_again_after_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    look: Look,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was taken in is remembered by its content."""
    (folder / "a.csv").write_bytes(september())
    await look()
    await look()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    caplog.clear()
    await look()
    await look()
    assert "Taken in" not in caplog.text and months(entry) == ["2026-09"]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, entry: MockConfigEntry) -> list[Any]:
    """Which files are read, and how many months are settled by then."""
    found: list[Any] = []

    def read(path: Path, mark: watched_folder.Mark) -> watched_folder.FoundFile | None:
        found.append((path.name, len(months(entry))))
        return watched_folder.read_still(path, mark)

    monkeypatch.setattr(folder_watch, "read_still", read)
    return found


async def test_one_at_a_time_and_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    look: Look,
    reads: list[Any],
) -> None:
    """The first is taken in before the second is read; a restart reads what was refused alone."""
    (folder / "1.csv").write_bytes(september())
    (folder / "2.csv").write_bytes(september().replace(b";500", b";600"))
    (folder / "3.csv").write_bytes(september())
    (folder / "4.csv").write_bytes(september(prm=OTHER))
    await look()
    assert reads == []
    await look()
    await look()
    assert reads == [("1.csv", 0), ("2.csv", 1), ("3.csv", 1), ("4.csv", 1)]
    reads.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert told(hass, entry) is None
    await look()
    await look()
    assert reads == [("4.csv", 1)] and told(hass, entry) is not None
    (folder / "1.csv").write_bytes(september().replace(b";500", b";400"))
    await look()
    await look()
    assert reads == [("4.csv", 1), ("1.csv", 1)]


async def test_the_later_name_wins(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, look: Look
) -> None:
    """Of two files of a month that come at once."""
    (folder / "2.csv").write_bytes(september().replace(b";500", b";600"))
    (folder / "1.csv").write_bytes(september())
    await look()
    await look()
    page = entry.runtime_data.settlement.data.pages["2026-09"]
    assert page.total_wh(Quantity.ALLOCATED) == 1440 * 600


async def test_only_regular_files(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, look: Look, disk: Path
) -> None:
    """No link, no folder, no pipe, nothing hidden or on its way."""
    secret = disk.parent / "elsewhere.csv"
    secret.write_bytes(september())
    (folder / "link.csv").symlink_to(secret)
    (folder / "within").mkdir()
    (folder / "within" / "a.csv").write_bytes(september())
    os.mkfifo(folder / "pipe.csv")
    for name in (".hidden.csv", "a.csv.part", "b.crdownload", "~$c.xlsx", "d.csv~"):
        (folder / name).write_bytes(september())
    await look()
    await look()
    assert months(entry) == [] and told(hass, entry) is None


@pytest.mark.parametrize("as_link", [True, False])
def test_what_takes_its_place_is_not_read(tmp_path: Path, as_link: bool) -> None:
    """Between the look and the reading."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    before = watched_folder.look(tmp_path, {}, {}).marks
    assert watched_folder.look(tmp_path, before, {}).still == ("a.csv",)
    file = watched_folder.read_still(path, before["a.csv"])
    assert file is not None and file.body == b"x"
    if as_link:
        path.rename(tmp_path / "other")
        path.symlink_to(tmp_path / "other")
    else:
        path.write_bytes(b"longer")
    found = watched_folder.read_still(path, file.mark)
    assert (found and (found.problem, found.body)) == (
        ("not_readable", b"") if as_link else None
    )


async def test_what_is_not_taken_in_is_told_until_it_goes(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, look: Look
) -> None:
    """By its name and the reason."""
    path = folder / f"{OTHER}.csv"
    path.write_bytes(september(prm=OTHER))
    await look()
    await look()
    issue = told(hass, entry)
    assert issue is not None and "other delivery points" in issue["files"]
    assert OTHER not in str(issue)
    path.unlink()
    await look()
    assert told(hass, entry) is None


async def test_columns_told_in_the_form_are_used(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, look: Look
) -> None:
    """The file that waited is read at the next look."""
    (folder / "a.csv").write_bytes(unsure())
    await look()
    await look()
    issue = told(hass, entry)
    assert issue is not None and "a.csv" in issue["files"]
    importing = entry.runtime_data.importing
    needed = await importing.reading.async_read("a.csv", unsure())
    columns = {
        "quand": "time",
        "qui": "point",
        "bleu": "consumption",
        "vert": "allocated",
    }
    await importing.reading.async_remember(
        needed, ColumnsTold(columns, "Wh", is_end=False)
    )
    await look()
    assert told(hass, entry) is None and months(entry) == ["2026-09"]


async def test_too_large_is_not_read(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    folder: Path,
    look: Look,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And told."""
    monkeypatch.setattr(watched_folder, "MAX_READ", 100)
    (folder / "a.csv").write_bytes(september())
    await look()
    await look()
    issue = told(hass, entry)
    assert issue is not None and "too large" in issue["files"]


async def test_a_folder_that_is_removed_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, folder: Path, look: Look
) -> None:
    """Until it is there again."""
    folder.rmdir()
    await look()
    issue = told(hass, entry)
    assert issue is not None and issue["folder"] == str(folder)
    folder.mkdir()
    await look()
    assert told(hass, entry) is None


async def test_a_folder_that_cannot_be_made_is_told(
    hass: HomeAssistant, socket_enabled: None, disk: Path
) -> None:
    """As where a file lies in its place, or the disk is full; the entry is set up."""
    (disk.parent / DOMAIN).write_text("in the way")
    entry = member_entry(options={"watch_folder": True})
    await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    issue = told(hass, entry)
    assert issue is not None and DOMAIN in issue["folder"]


async def test_switched_on_and_off(
    hass: HomeAssistant,
    socket_enabled: None,
    disk: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The password is kept until then, and never shown."""
    entry = member_entry()
    await set_up(hass, entry)
    path = watched_folder.folder_of(hass, entry)
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "import_folder")
    assert str(path) in str(result["description_placeholders"])
    assert not path.exists()
    on = {"watch_folder": True, "archive_password": "s3cret"}
    result = await configure(result["flow_id"], on)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert path.is_dir()
    result = await at_option(hass, entry, "import_folder")
    assert "s3cret" not in str(result["data_schema"])
    await configure(result["flow_id"], {"watch_folder": True})
    await settle_down(hass)
    assert entry.options == on
    told_all = await async_get_config_entry_diagnostics(hass, entry)
    assert "s3cret" not in str(told_all)
    result = await at_option(hass, entry, "import_folder")
    await configure(result["flow_id"], {"watch_folder": False})
    await settle_down(hass)
    assert entry.options == {"watch_folder": False}
    assert path.is_dir()
    ours = [r.getMessage() for r in caplog.records if r.levelno >= logging.INFO]
    assert "s3cret" not in "".join(ours)
