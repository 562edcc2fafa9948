"""The fields of a JSON object, read with the types the contract gives them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
import json
import math
import re
from typing import Concatenate

from .errors import DocumentError, Problem

FORMAT = "acc-feed"
VERSION = 1

MAX_BYTES = 10 * 1024 * 1024
"""A year of 15-minute energies is 1 MB; what is ten times as large is no feed document."""

_MAX_TEXT = 200
"""Names and communes are shown; nothing longer fits a screen."""

_DAY_SHAPE = r"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_HOUR_SHAPE = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = re.compile(_DAY_SHAPE)
_INSTANT = re.compile(
    rf"{_DAY_SHAPE}T{_HOUR_SHAPE}:[0-5][0-9](\.[0-9]+)?(Z|[+-]{_HOUR_SHAPE})"
)
"""The century keeps every sum of dates within what a calendar can hold."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object and where it stands; every read raises DocumentError, nothing else."""

    document: str
    """File name, for errors."""
    values: dict[str, object]
    path: str = ""
    """Place inside the document, such as `plants[1].`"""

    def fault(
        self, problem: Problem, field: str, step: str | None = None
    ) -> DocumentError:
        """Build the error that blames a field of this object."""
        return DocumentError(self.document, problem, f"{self.path}{field}", step)

    def require[T](self, field: str, kind: type[T]) -> T:
        """Value of exactly that type: a boolean is no number, 1.0 is no whole number."""
        if field not in self.values:
            raise self.fault(Problem.MISSING_FIELD, field)
        value = self.values[field]
        if type(value) is not kind:
            raise self.fault(Problem.WRONG_TYPE, field)
        return value

    def optional[**P, T](
        self,
        read: Callable[Concatenate[str, P], T],
        field: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """What `read` gives, or None where the field is absent or null."""
        if self.values.get(field) is None:
            return None
        return read(field, *args, **kwargs)

    def text(self, field: str) -> str:
        """Text that can be shown: one line, not empty."""
        value = self.require(field, str)
        if not (0 < len(value) <= _MAX_TEXT and value.isprintable()):
            raise self.fault(Problem.BAD_VALUE, field)
        return value

    def matching(self, field: str, shape: re.Pattern[str]) -> str:
        """Text of a given shape."""
        value = self.require(field, str)
        if not shape.fullmatch(value):
            raise self.fault(Problem.BAD_VALUE, field)
        return value

    def choice[E: StrEnum](self, field: str, kind: type[E]) -> E:
        """One of the words of an enumeration."""
        try:
            return kind(self.require(field, str))
        except ValueError:
            raise self.fault(Problem.BAD_VALUE, field) from None

    def whole(self, field: str, least: int, most: int) -> int:
        """Whole number within bounds, both included."""
        value = self.require(field, int)
        if not least <= value <= most:
            raise self.fault(Problem.BAD_VALUE, field)
        return value

    def flag(self, field: str) -> bool:
        """Yes or no."""
        return self.require(field, bool)

    def number(self, field: str, least: float, most: float) -> float:
        """Finite number within bounds, both included."""
        if type(self.values.get(field)) is int:
            return self.whole(field, math.ceil(least), math.floor(most))
        value = self.require(field, float)
        if not math.isfinite(value):
            raise self.fault(Problem.NOT_A_NUMBER, field)
        if not least <= value <= most:
            raise self.fault(Problem.BAD_VALUE, field)
        return value

    def day(self, field: str) -> date:
        """Local day, YYYY-MM-DD."""
        return self._time(field, _DAY, date.fromisoformat)

    def instant(self, field: str) -> datetime:
        """Instant in UTC; the document must give an offset."""
        return self._time(field, _INSTANT, datetime.fromisoformat).astimezone(UTC)

    def object(self, field: str) -> Fields:
        """The object in this field."""
        values = self.require(field, dict)
        return Fields(self.document, values, f"{self.path}{field}.")

    def objects(self, field: str) -> tuple[Fields, ...]:
        """The objects of an array."""
        items = self.require(field, list)
        for index, item in enumerate(items):
            if type(item) is not dict:
                raise self.fault(Problem.WRONG_TYPE, f"{field}[{index}]")
        return tuple(
            Fields(self.document, item, f"{self.path}{field}[{index}].")
            for index, item in enumerate(items)
        )

    def _time[T: date](
        self, field: str, shape: re.Pattern[str], parse: Callable[[str], T]
    ) -> T:
        """Time of one fixed spelling: Python reads many more than the contract allows."""
        value = self.require(field, str)
        try:
            if shape.fullmatch(value):
                return parse(value)
        except ValueError:
            pass
        raise self.fault(Problem.BAD_TIMESTAMP, field)


def open_document(body: bytes, name: str, kind: str) -> Fields:
    """Fields of a feed document of that kind; `name` is its file name.

    Fields the contract does not know are left alone, so that an organiser may add some.
    """
    if len(body) > MAX_BYTES:
        raise DocumentError(name, Problem.TOO_LARGE)
    try:
        # Left to itself `json` also reads UTF-16, UTF-32 and lone surrogates.
        values = json.loads(body.decode("utf-8-sig"))
    except ValueError, RecursionError:
        # Also numbers of thousands of digits, and nesting without end.
        raise DocumentError(name, Problem.NOT_JSON) from None
    if type(values) is not dict:
        raise DocumentError(name, Problem.WRONG_FORMAT)
    fields = Fields(name, values)
    if values.get("format") != FORMAT:
        raise fields.fault(Problem.WRONG_FORMAT, "format")
    if fields.require("version", int) != VERSION:
        raise fields.fault(Problem.WRONG_VERSION, "version")
    if values.get("document") != kind:
        raise fields.fault(Problem.WRONG_FORMAT, "document")
    return fields
