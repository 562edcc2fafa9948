"""Settlements in a folder: looked for at the start and each ten minutes, taken in once."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..adapters.delivered_file import async_delivery_texts, why_not
from ..adapters.issues import FOLDER, set_issue
from ..adapters.store import Stores
from ..adapters.watched_folder import FoundFile, Look, Mark, folder_of, look, read_still
from ..const import CONF_ARCHIVE_PASSWORD, CONF_WATCH_FOLDER, LOGGER
from ..engine.delivery_unread import Refusal, TableUnsure
from ..engine.reconcile import Source
from ..pmo.cells import shown
from .importing import Importing

EVERY: Final = timedelta(minutes=10)
"""A month's settlement waits for weeks; a file that was put there is seen while one waits."""
STORE: Final = "folder"
"""Name of the document of what was taken in: contents, and the files that lie there with them."""
MOST_KEPT: Final = 500
"""Contents that are remembered: forty years of months. Taken in again, one changes nothing."""
MOST_NAMED: Final = 3
"""Files that an issue names."""


class FolderWatch:
    """The watched folder of an entry. Nothing in it is ever moved, changed or deleted."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        importing: Importing,
        stores: Stores,
    ) -> None:
        """Look at nothing yet."""
        self._hass = hass
        self._entry = entry
        self._importing = importing
        self._stores = stores
        self._looking = asyncio.Lock()
        self._marks: dict[str, Mark] = {}
        self._done: dict[str, Mark] = {}
        """Files that need no further reading: taken in, or refused."""
        self._taken: dict[str, None] = {}
        """Contents, in the order in which they were taken in."""
        self._problems: dict[str, Refusal] = {}
        """By the names of the files that lie there and were not taken in."""

    @callback
    def async_start(self) -> None:
        """Look now and each ten minutes until the entry is unloaded, where that is wished."""
        if not self._entry.options.get(CONF_WATCH_FOLDER):
            return
        stop = async_track_time_interval(self._hass, self._async_due, EVERY)
        self._entry.async_on_unload(stop)
        self._in_background(self._async_begin())

    @callback
    def _async_due(self, _now: datetime) -> None:
        self._in_background(self._async_look_again())

    def _in_background(self, looking: Coroutine[Any, Any, None]) -> None:
        """Look so that it ends with the entry."""
        self._entry.async_create_background_task(
            self._hass, looking, "settlements in a folder"
        )

    async def _async_begin(self) -> None:
        stored = await self._stores.async_load(STORE) or {}
        self._taken = dict.fromkeys(map(str, stored.get("taken", ())))
        self._done = _restored(stored.get("done", {}))
        try:
            await self._hass.async_add_executor_job(
                partial(self.folder.mkdir, parents=True, exist_ok=True)
            )
        except OSError as error:
            self._set_unreachable(error)
            return
        await self._async_look_again()

    @property
    def folder(self) -> Path:
        """Where files are to be put."""
        return folder_of(self._hass, self._entry)

    async def _async_look_again(self) -> None:
        """Take in what is new and stood still."""
        async with self._looking:
            try:
                found: Look = await self._hass.async_add_executor_job(
                    look, self.folder, self._marks, self._done
                )
            except OSError as error:
                self._set_unreachable(error)
                return
            self._marks = dict(found.marks)
            self._done = {n: m for n, m in self._done.items() if n in found.marks}
            kept = self._problems
            self._problems = {n: p for n, p in kept.items() if n in found.marks}
            for name in found.still:
                await self._async_read(name, found.marks[name])
            await self._async_tell()

    async def _async_read(self, name: str, mark: Mark) -> None:
        """Take in one file; its content is let go before the next one is read."""
        file = await self._hass.async_add_executor_job(
            read_still, self.folder / name, mark
        )
        if file is not None:
            await self._async_take_in(file)

    async def _async_take_in(self, file: FoundFile) -> None:
        self._problems.pop(file.name, None)
        self._done[file.name] = file.mark
        is_known = file.digest in self._taken
        problem = None if is_known else await self._async_refusal(file)
        if problem is None:
            self._taken[file.digest] = None
            await self._async_keep()
            return
        self._problems[file.name] = problem
        LOGGER.info(
            "Not taken in from the folder: %s, %s", shown(file.name), problem.key
        )

    async def _async_keep(self) -> None:
        """A restart reads none of these again; what was refused it does, and tells why."""
        refused = self._problems
        done = {name: [*m] for name, m in self._done.items() if name not in refused}
        newest = list(self._taken)[-MOST_KEPT:]
        await self._stores.async_save(STORE, {"taken": newest, "done": done})

    async def _async_refusal(self, file: FoundFile) -> Refusal | None:
        """Take the file in, or say why not."""
        named = {"file": shown(file.name)}
        if file.problem is not None:
            return Refusal(file.problem, named)
        password = self._entry.options.get(CONF_ARCHIVE_PASSWORD)
        delivery = await self._importing.reading.async_read(
            file.name, file.body, password
        )
        if isinstance(delivery, TableUnsure):
            # Once somebody has told the columns, it is read.
            self._done.pop(file.name)
            return Refusal("needs_mapping", named)
        if isinstance(delivery, Refusal):
            return delivery
        report = await self._importing.async_import(delivery, Source.FILE)
        if isinstance(report, Refusal):
            return report
        LOGGER.info(
            "Taken in from the folder: %s, %s (%s)",
            shown(file.name),
            ", ".join(sorted({month.month for month in report.months})),
            "new" if report.changes_anything else "nothing new",
        )
        return None

    async def _async_tell(self) -> None:
        """Say which files were not taken in, and why; nothing where none is."""
        texts = await async_delivery_texts(self._hass, self._hass.config.language)
        lines = [
            f"- {shown(name)}: {why_not(texts, problem)}"
            for name, problem in sorted(self._problems.items())
        ]
        more = ["…"] if len(lines) > MOST_NAMED else []
        self._set_issue(
            "folder_files" if lines else None,
            {"files": "\n".join(lines[:MOST_NAMED] + more)},
        )

    def _set_unreachable(self, error: OSError) -> None:
        """The folder is gone, closed to us, or there is no room for it."""
        folder = self.folder
        LOGGER.info("The watched folder cannot be read: %s", type(error).__name__)
        self._set_issue(
            "folder_unreachable",
            {"folder": str(folder), "problem": error.strerror or type(error).__name__},
        )

    def _set_issue(self, key: str | None, placeholders: dict[str, str]) -> None:
        set_issue(self._hass, self._entry.entry_id, FOLDER, key, placeholders)


def _restored(stored: Mapping[str, Sequence[int]]) -> dict[str, Mark]:
    """The marks of files, by name."""
    return {name: (mark[0], mark[1], mark[2]) for name, mark in stored.items()}
