"""One truth about a few members, and every way in which a file may tell it."""

from collections.abc import Callable, Mapping, Sequence
import csv
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import io
import random
import zipfile
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.pmo import deliveries
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryError,
    DeliveryProblem,
)

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
PRM = "30001234567890"
OTHER_PRM = "30009876543210"

type Truth = dict[tuple[str | None, Quantity], dict[datetime, float]]
"""Known Wh by the start of each step in UTC, by point and quantity."""

CODES = {
    Quantity.CONSUMPTION: ("CONS", "Consommation", "Prélèvement brut", "consumption"),
    Quantity.ALLOCATED: ("AUTOCONS", "Énergie allouée", "allocated"),
    Quantity.PRODUCTION: ("PROD", "Production", "Injection", "production"),
    Quantity.SURPLUS: ("SURPLUS", "Surplus", "surplus"),
    Quantity.COMPLEMENT: ("COMPLEMENT", "Complément", "complement"),
}
"""How files call each quantity."""


def local(text: str) -> datetime:
    """The instant of a local time in Paris, the first one where there are two."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def steps_between(start: datetime, end: datetime, minutes: int) -> list[datetime]:
    """Starts of the steps of a stretch of time."""
    step = timedelta(minutes=minutes)
    return [start + n * step for n in range((end - start) // step)]


def told(delivery: Delivery) -> Truth:
    """What the curves of a delivery say."""
    truth: Truth = {}
    for curve in delivery.curves:
        for block in curve.blocks:
            for quantity, energies in block.energies.items():
                of_one = truth.setdefault((curve.point, quantity), {})
                for n, wh in enumerate(energies.tolist()):
                    start = block.start + n * block.step
                    assert start not in of_one
                    if not np.isnan(wh):
                        of_one[start] = wh
    return truth


def lengths(delivery: Delivery) -> set[int]:
    """The minutes of the steps there are."""
    return {
        int(block.step.total_seconds()) // 60
        for curve in delivery.curves
        for block in curve.blocks
    }


def read(body: str | bytes, name: str = "x.csv", **how: object) -> Delivery:
    """The delivery of a file."""
    raw = body.encode() if isinstance(body, str) else body
    return deliveries.read(name, raw, PARIS, **how)  # type: ignore[arg-type]


def refused(body: str | bytes, name: str = "x.csv", **how: object) -> DeliveryError:
    """The error with which a file is refused."""
    with pytest.raises(DeliveryError) as caught:
        read(body, name, **how)
    return caught.value


def problem(body: str | bytes, name: str = "x.csv", **how: object) -> DeliveryProblem:
    """Why a file is refused."""
    return refused(body, name, **how).problem


# A table in any variant


@dataclass(frozen=True)
class Row:
    """One step, or what a file tells of it."""

    start: datetime
    minutes: int
    wh: Mapping[tuple[str | None, Quantity], float]
    """NaN is a hole."""


@dataclass(frozen=True)
class Variant:
    """How a table is written."""

    shape: str = "columns"
    """`columns`: one for each quantity; `long`: a line for each value; `wide`: a column for
    each point; `enedis`: lines before the header, then time and value."""
    separator: str = ";"
    comma: bool = True
    encoding: str = "utf-8"
    mixed_up: bool = False
    line_end: str = "\r\n"
    quoting: int = csv.QUOTE_MINIMAL
    unit: str = "Wh"
    unit_in: str = "header"
    """`header`, or for long tables `column`."""
    stamp: str = "start"
    """`start`, `end`, `open` (begins at midnight), `open end`, `both`."""
    time: str = "local"
    """`utc`, `offset`, `local`, `french`, `belgian`, `serial`, `two columns`."""
    order: str = "forward"
    """`forward`, `backward`, `by text`, `shuffled`."""
    twice: str = "no"
    """`no`, `beside`, `behind`: every line again."""
    step_told: bool = False
    reactive: bool = False
    """Lines of reactive energy among the others."""

    @property
    def is_end(self) -> bool:
        """Whether times are the ends of steps."""
        return self.stamp in {"end", "open end"}

    def number(self, wh: float, minutes: int) -> str:
        """An energy in the unit of the file, exactly."""
        if np.isnan(wh):
            return ""
        value = int(wh) * (60 // minutes if self.unit[-1] == "W" else 1)
        text = (
            f"{value // 1000}.{value % 1000:03}" if self.unit[0] == "k" else str(value)
        )
        return text.replace(".", ",") if self.comma else text

    def moment(self, at: datetime) -> list[str]:
        """The cells that tell a time."""
        clock = at.astimezone(PARIS)
        match self.time:
            case "utc":
                return [f"{at:%Y-%m-%dT%H:%M:%SZ}"]
            case "offset":
                return [clock.isoformat()]
            case "local":
                return [f"{clock:%Y-%m-%d %H:%M}"]
            case "french":
                return [f"{clock:%d/%m/%Y %H:%M:%S}"]
            case "belgian":
                return [f"{clock:%d-%m-%Y %H:%M}"]
            case "serial":
                since = clock.replace(tzinfo=None) - datetime(1899, 12, 30)
                return [repr(since / timedelta(days=1)).replace(".", ",")]
            case _:
                return [f"{clock:%d/%m/%Y}", f"{clock:%H:%M}"]

    def times(self, row: Row) -> list[str]:
        """The cells that tell when a row is."""
        end = row.start + timedelta(minutes=row.minutes)
        if self.stamp == "both":
            return [*self.moment(row.start), *self.moment(end)]
        return self.moment(end if self.is_end else row.start)

    @property
    def time_names(self) -> list[str]:
        """The names of these columns."""
        if self.stamp == "both":
            return ["Date de début", "Date de fin"]
        if self.time == "two columns":
            return ["Date", "Heure"]
        return [
            {"start": "Début", "end": "Fin de période"}.get(self.stamp, "Horodate")
            if self.stamp != "end"
            else "Horodate de fin"
        ]

    def table(self, rows: Sequence[Row]) -> list[list[str]]:
        """All cells, with the header."""
        keys = list(rows[0].wh)
        lines = [line for row in rows for line in self._lines(row, keys)]
        match self.order:
            case "backward":
                lines.reverse()
            case "by text":
                lines.sort(key=lambda line: line[0])
            case "shuffled":
                random.Random(len(lines)).shuffle(lines)
        if self.twice == "behind":
            lines = lines + lines
        elif self.twice == "beside":
            lines = [line for line in lines for _ in range(2)]
        return [*self._header(keys), *lines]

    def _header(self, keys: Sequence[tuple[str | None, Quantity]]) -> list[list[str]]:
        unit = f" ({self.unit})" if self.unit_in == "header" else ""
        step = ["Pas"] if self.step_told else []
        match self.shape:
            case "columns":
                names = [CODES[quantity][0] + unit for _, quantity in keys]
                return [[*self.time_names, *names, *step]]
            case "wide":
                names = [f"{point} {CODES[q][1]}{unit}" for point, q in keys]
                return [[*self.time_names, *names, *step]]
            case "enedis":
                point, quantity = keys[0]
                return [
                    ["Identifiant PRM", "Type de donnees", "Grandeur physique",
                     "Grandeur metier", "Unite"],
                    [str(point), "Courbe de charge", "Energie active",
                     CODES[quantity][1], self.unit],
                    [*self.time_names, "Valeur"],
                ]  # fmt: skip
            case _:
                names = [
                    f"Valeur{unit}",
                    *(["Unité"] if self.unit_in == "column" else []),
                ]
                physical = ["Grandeur physique"] if self.reactive else []
                return [
                    [
                        *self.time_names,
                        "N° PRM",
                        "Grandeur métier",
                        *names,
                        *physical,
                        *step,
                    ]
                ]

    def _lines(
        self, row: Row, keys: Sequence[tuple[str | None, Quantity]]
    ) -> list[list[str]]:
        times = self.times(row)
        step = [f"PT{row.minutes}M"] if self.step_told else []
        numbers = [self.number(row.wh[key], row.minutes) for key in keys]
        if self.shape == "enedis":
            return [[*times, numbers[0]]]
        if self.shape != "long":
            return [[*times, *numbers, *step]]
        lines = []
        for (point, quantity), number in zip(keys, numbers, strict=True):
            unit = [self.unit] if self.unit_in == "column" else []
            told_ = [*times, str(point), CODES[quantity][0], number, *unit]
            lines.append([*told_, *(["EA"] if self.reactive else []), *step])
            if self.reactive:
                lines.append([*told_[: -1 - len(unit)], "7", *unit, "ER", *step])
        return lines

    def file(self, rows: Sequence[Row]) -> bytes:
        """The bytes of the file."""
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=self.separator,
            lineterminator=self.line_end,
            quoting=self.quoting,  # type: ignore[arg-type]
        )
        writer.writerows(self.table(rows))
        if self.mixed_up:
            return text.getvalue().encode("utf-8").decode("latin-1").encode("utf-8")
        return text.getvalue().encode(self.encoding)

    def workbook(self, rows: Sequence[Row]) -> bytes:
        """The same cells in a workbook: numbers as numbers."""
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Feuil1")
        n_header = len(self._header(list(rows[0].wh)))
        for n, line in enumerate(self.table(rows)):
            sheet.append([_cell(cell) if n >= n_header else cell for cell in line])
        return saved(book)


def _cell(text: str) -> str | float | None:
    plain = text.replace(",", ".")
    try:
        return float(plain) if len(plain) < 14 or "." in plain else text
    except ValueError:
        return text or None


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(files: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return file.getvalue()


def expected(rows: Sequence[Row], variant: Variant) -> Truth:
    """What is to be read of these rows."""
    truth: Truth = {}
    for row in rows:
        for (point, quantity), wh in row.wh.items():
            if not np.isnan(wh):
                named = None if variant.shape == "columns" else point
                truth.setdefault((named, quantity), {})[row.start] = wh
    return truth


def rows_of(
    starts: Sequence[datetime],
    minutes: int,
    keys: Sequence[tuple[str | None, Quantity]],
    wh: Callable[[int, int], float] = lambda n, key: (n * 37 + key * 11) % 900 + 1,
) -> list[Row]:
    """Rows of consecutive steps; neighbours never have the same energy."""
    return [
        Row(start, minutes, {key: float(wh(n, k)) for k, key in enumerate(keys)})
        for n, start in enumerate(starts)
    ]


def without(rows: Sequence[Row], holes: set[int]) -> list[Row]:
    """The rows with holes in some of them."""
    return [
        replace(row, wh=dict.fromkeys(row.wh, float("nan"))) if n in holes else row
        for n, row in enumerate(rows)
    ]
