"""What is kept between restarts: JSON documents of one delivery point, some by month.

By month, because a memory card wears with every byte rewritten: only the month in
progress changes. Written atomically and readable by Home Assistant's user only.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, UnsupportedStorageVersionError
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

VERSION = 1

MONTH = re.compile(r"\d{4}-\d{2}")
"""What a file that Home Assistant found damaged and put aside no longer ends with."""

ASIDE = ".corrupt."
"""In the name of such a file, before the time at which it was put aside."""

type Json = dict[str, Any]


class Stores:
    """The files of one delivery point: `DOMAIN.<key>.<name>`."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        """Open none yet."""
        self._hass = hass
        self._prefix = f"{DOMAIN}.{key}."
        self._stores: dict[str, Store[Json]] = {}
        self._unread: set[str] = set()
        """What was found and could not be read."""
        self._waiting: dict[str, tuple[float, Callable[[], Json]]] = {}
        """What is to be saved later, by name: when by the loop's clock, and the latest.
        Only the event loop looks here."""

    def open[T: (Json, list[str])](self, name: str) -> Store[T]:
        """A store of its own for the document of that name."""
        return Store[T](
            self._hass,
            VERSION,
            f"{self._prefix}{name}",
            private=True,
            atomic_writes=True,
            serialize_in_event_loop=False,
        )

    def _store(self, name: str) -> Store[Json]:
        if name not in self._stores:
            self._stores[name] = self.open(name)
        return self._stores[name]

    async def async_load(self, name: str) -> Json | None:
        """The document of that name, None before its first save.

        Raises ConfigEntryError for one that a newer version wrote: it is left as it is.
        """
        try:
            return await self._store(name).async_load()
        except UnsupportedStorageVersionError as error:
            raise ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="stored_by_newer",
                translation_placeholders={"file": self.file(name)},
            ) from error

    async def async_restored[T](
        self, name: str, restore: Callable[[Json], T]
    ) -> T | None:
        """What a document tells; None before its first save, and of one that cannot be read.

        Home Assistant puts aside what is no JSON. What we cannot make sense of stays in its
        place, for the version that can, until something else is to be saved there.
        """
        try:
            stored = await self.async_load(name)
            return None if stored is None else restore(stored)
        except AttributeError, KeyError, TypeError, ValueError:
            self._unread.add(name)
            return None

    async def async_lost(self) -> frozenset[str]:
        """The documents that cannot be read, or were put aside and not replaced since."""
        names = set(await self._hass.async_add_executor_job(self._names))
        aside = {name.partition(ASIDE)[0] for name in names if ASIDE in name}
        return frozenset(aside - names | self._unread)

    def file(self, name: str) -> str:
        """Where a document lies, as a person looks for it."""
        return f"{STORAGE_DIR}/{self._prefix}{name}"

    async def async_months(self, kind: str) -> list[str]:
        """The months that documents `<kind>.<month>` are there for, the oldest first."""
        names = await self._hass.async_add_executor_job(self._names)
        kinds = (name.partition(".") for name in names)
        return sorted(
            month for name, _, month in kinds if name == kind and MONTH.fullmatch(month)
        )

    async def async_save(self, name: str, data: Mapping[str, Any]) -> None:
        """Save now; what could not be read there is put aside."""
        self._waiting.pop(name, None)
        if name in self._unread:
            await self._hass.async_add_executor_job(put_aside, self._path(name))
            self._unread.remove(name)
        await self._store(name).async_save(dict(data))

    def save_later(self, name: str, data: Callable[[], Json], delay_s: float) -> None:
        """Save within the delay, at the latest when Home Assistant stops.

        A document that waits already is not put off again: Home Assistant would, and what
        changes more often than the delay would never be saved. The data function runs in
        another thread: it may read only what never changes.
        """
        now = self._hass.loop.time()
        due, _ = self._waiting.get(name, (now + delay_s, data))
        self._waiting[name] = due, data

        def write() -> Json:
            self._hass.loop.call_soon_threadsafe(self._written, name, data)
            return data()

        self._store(name).async_delay_save(write, max(0.0, due - now))

    @callback
    def _written(self, name: str, data: Callable[[], Json]) -> None:
        """It waits no longer, unless something newer took its place."""
        if name in self._waiting and self._waiting[name][1] is data:
            del self._waiting[name]

    async def async_save_pending(self) -> None:
        """Save now what was to be saved later, as before a reload; what waits longest first."""
        while self._waiting:
            name = next(iter(self._waiting))
            _, data = self._waiting.pop(name)
            document = await self._hass.async_add_executor_job(data)
            await self._store(name).async_save(document)

    async def async_remove(self, name: str) -> None:
        """Delete one document."""
        self._waiting.pop(name, None)
        await self._store(name).async_remove()
        del self._stores[name]

    @callback
    def remove_soon(self, name: str) -> None:
        """Delete one document in the background."""
        self._hass.async_create_task(self.async_remove(name), f"{DOMAIN} remove")

    async def async_remove_all(self) -> None:
        """Delete every document of the delivery point."""
        for name in await self._hass.async_add_executor_job(self._names):
            await self.async_remove(name)

    def _path(self, name: str) -> Path:
        return Path(self._hass.config.path(STORAGE_DIR)) / f"{self._prefix}{name}"

    def _names(self) -> list[str]:
        """Names of the documents on disk; blocking."""
        folder = Path(self._hass.config.path(STORAGE_DIR))
        return [
            path.name.removeprefix(self._prefix)
            for path in folder.glob(f"{self._prefix}*")
        ]


def put_aside(path: Path) -> None:
    """Call a damaged file otherwise, as Home Assistant does; blocks."""
    with suppress(FileNotFoundError):
        path.rename(f"{path}{ASIDE}{dt_util.utcnow().isoformat()}")
