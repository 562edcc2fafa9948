"""Documents of the grid operator as JSON: fields read with the types they should have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date
import json
import math
import re
from typing import Final, NoReturn

from .cells import number, unmixed
from .delivery_errors import DeliveryError, DeliveryProblem
from .energies import MAX_ENERGY_WH
from .times import read_moment

MAX_BYTES: Final = 16_000_000
"""Some two hundred thousand values; read as a whole, it takes ten times as much memory."""
MAX_ITEMS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object and where it stands; every read raises DeliveryError, nothing else."""

    file: str
    values: Mapping[str, object]
    path: str = ""

    def fault(
        self, problem: DeliveryProblem, field: str, found: object = ""
    ) -> DeliveryError:
        """Build the error that blames a field of this object."""
        return DeliveryError(
            problem, file=self.file, field=f"{self.path}{field}", found=str(found)[:99]
        )

    def text(self, *fields: str) -> str:
        """The text in the first of these fields that is there; empty where none is."""
        for field in fields:
            value = self.values.get(field)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return str(value).strip()
            if value is not None:
                raise self.fault(DeliveryProblem.FIELD_WRONG, field)
        return ""

    def needed(self, *fields: str) -> str:
        """The text in the first of these fields that is there."""
        if not (text := self.text(*fields)):
            raise self.fault(DeliveryProblem.FIELD_MISSING, fields[0])
        return text

    def nodes(self, field: str) -> Iterator[Node]:
        """The objects of an array; none where there is no such array."""
        value = self.values.get(field)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.fault(DeliveryProblem.FIELD_WRONG, field)
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.fault(DeliveryProblem.FIELD_WRONG, f"{field}[{index}]")
            yield Node(self.file, item, f"{self.path}{field}[{index}].")

    def energy(self, field: str) -> float:
        """A number that an energy or a power can have, also as text; NaN of null or nothing."""
        found = self.values.get(field)
        if found is None or found == "":
            return math.nan
        value = number(found.strip()) if isinstance(found, str) else found
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(DeliveryProblem.BAD_NUMBER, field, found)
        if value < 0:
            raise self.fault(DeliveryProblem.NEGATIVE_ENERGY, field, found)
        if not value <= MAX_ENERGY_WH:
            raise self.fault(DeliveryProblem.BAD_NUMBER, field, found)
        return float(value)

    def day(self, *fields: str) -> date:
        """A local day, or as a datetime an instant in UTC."""
        text = self.needed(*fields)
        moment = read_moment(_COMPACT.sub(r"\1-\2-\3T\4:\5:\6", text))
        if moment is None:
            raise self.fault(DeliveryProblem.BAD_TIME, fields[0], text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.date()


def open_json(file: str, body: bytes) -> tuple[list[Node], bool]:
    """The objects of a document, one or a list of them; whether its accents were put right.

    Raises DeliveryError.
    """
    if len(body) > MAX_BYTES:
        raise DeliveryError(DeliveryProblem.TOO_LARGE, file=file)
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_ITEMS:
        raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=file)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    meant = unmixed(text).removeprefix("\ufeff").removeprefix("ï»¿")
    try:
        values = json.loads(meant, parse_constant=_refuse)
    except ValueError, RecursionError:
        # Also numbers of thousands of digits, and nesting without end.
        raise DeliveryError(DeliveryProblem.NOT_JSON, file=file) from None
    objects = values if isinstance(values, list) else [values]
    if not objects or not all(isinstance(item, dict) for item in objects):
        raise DeliveryError(DeliveryProblem.FORMAT_UNKNOWN, file=file)
    return [Node(file, item) for item in objects], meant != text


_COMPACT = re.compile(
    r"\A([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})"
)


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(constant)
