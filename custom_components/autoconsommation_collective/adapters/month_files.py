"""Months of everybody's energies as files: arrays, compressed, readable by their owner only.

Thousands of homes in JSON would be a hundred times as large. Everything here blocks.
"""

from datetime import datetime, timedelta
import io
import os
from pathlib import Path
import re
import struct
import tokenize
from typing import Final
import zipfile
import zlib

import numpy as np

from ..engine.grid import Grid
from ..engine.organised_energies import KEPT, MonthEnergies
from .store import put_aside

SUFFIX: Final = ".npz"
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_DAMAGE: Final = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error),
    *(ValueError, KeyError, TypeError, RuntimeError, MemoryError),
    *(SyntaxError, tokenize.TokenError),
)
"""What reading a damaged archive raises, of each of the layers that read it."""


class MonthFiles:
    """The files `<prefix><month>.npz` of one operation."""

    def __init__(self, folder: Path, prefix: str) -> None:
        """Open none yet."""
        self._folder = folder
        self._prefix = prefix

    def months(self) -> list[str]:
        """The months that are kept, the oldest first."""
        names = (
            path.name.removeprefix(self._prefix).removesuffix(SUFFIX)
            for path in self._folder.glob(f"{self._prefix}*{SUFFIX}")
        )
        return sorted(name for name in names if _MONTH.fullmatch(name))

    def load(self, month: str) -> MonthEnergies | None:
        """A month; None where none is kept, or where its file is damaged."""
        try:
            with (
                self._path(month).open("rb") as stream,
                np.load(stream, allow_pickle=False) as kept,
            ):
                start, step_s = kept["grid"].tolist()
                tables = {q: kept[q.value] for q in KEPT if q.value in kept}
                points = tuple(kept["points"].tolist())
                n_steps = len(next(iter(tables.values()), ()))
                step = timedelta(seconds=float(step_s))
                grid = Grid(datetime.fromisoformat(start), step, n_steps)
        except _DAMAGE:
            return None
        if any(table.shape != (n_steps, len(points)) for table in tables.values()):
            return None
        return MonthEnergies(month, grid, points, tables) if n_steps else None

    def save(self, month: MonthEnergies, *, was_read: bool) -> None:
        """Keep a month, in one step: the old file or the new, never a part. Raises OSError.

        A file that could not be read is put aside before: somebody may read more of it than we
        do.
        """
        grid = month.grid
        body = io.BytesIO()
        np.savez_compressed(
            body,
            allow_pickle=False,
            grid=np.array([grid.start.isoformat(), str(grid.step.total_seconds())]),
            points=np.array(month.points, dtype=np.str_),
            **{quantity.value: table for quantity, table in month.energies.items()},
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._path(month.month).with_suffix(".draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(body.getbuffer())
            stream.flush()
            os.fsync(stream.fileno())
        if not was_read:
            put_aside(self._path(month.month))
        draft.replace(self._path(month.month))

    def _path(self, month: str) -> Path:
        return self._folder / f"{self._prefix}{month}{SUFFIX}"
