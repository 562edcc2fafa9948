"""What reading a delivery costs: 13 months of a member by each reader, a month of 300 members.

Each is read in a process of its own, so that the memory is that of the reading alone. Then what
13 months cost the recorder.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
import io
import json
from multiprocessing import get_context
from pathlib import Path
import time
from typing import Final
import zipfile
from zoneinfo import ZoneInfo

import openpyxl

from custom_components.autoconsommation_collective.pmo.deliveries import read
from custom_components.autoconsommation_collective.pmo.delivery_mapping import (
    ColumnMapping,
    fingerprint,
)
from custom_components.autoconsommation_collective.pmo.units import Unit

from . import peak_mb, print_table
from .imported import MONTHS, bench

ZONE: Final = ZoneInfo("Europe/Paris")
QUARTER: Final = timedelta(minutes=15)
BEGIN: Final = datetime(2025, 9, 30, 22, tzinfo=UTC)
END: Final = datetime(2026, 10, 31, 23, tzinfo=UTC)
MONTH_BEGIN: Final = datetime(2026, 9, 30, 22, tzinfo=UTC)
MEMBERS: Final = 300
PRM: Final = 30001234560000
WALLOON: Final = ["", "Prélèvement", "Injection"]

BAR_S: Final = 5.0
BAR_LARGE_S: Final = 20.0
BAR_MB: Final = 300.0


def starts(begin: datetime = BEGIN) -> Iterator[datetime]:
    """All quarter-hours from then on."""
    while begin < END:
        yield begin
        begin += QUARTER


def wh(n: int) -> int:
    """Some energy, not the same from one step to the next."""
    return n * 37 % 900


def columns() -> bytes:
    """A text table, a column for each quantity, in local time."""
    lines = [
        f"{at.astimezone(ZONE):%d/%m/%Y %H:%M};{wh(n) / 1000};{wh(n) / 2000}"
        for n, at in enumerate(starts())
    ]
    table = "\n".join(["Début;CONS (kWh);AUTOCONS (kWh)", *lines])
    return table.replace(".", ",").encode()


def long(members: int = 1, begin: datetime = BEGIN) -> bytes:
    """A text table, a line for each value."""
    times = [f"{at.astimezone(ZONE):%d/%m/%Y %H:%M}" for at in starts(begin)]
    lines = (
        f"{PRM + member};CONS;W;{at};{wh(n + member)}"
        for member in range(members)
        for n, at in enumerate(times)
    )
    return "\n".join(
        ["Identifiant PRM;Grandeur métier;Unité;Horodate;Valeur", *lines]
    ).encode()


def wide(members: int = MEMBERS) -> bytes:
    """A text table, a column for each member."""
    names = ";".join(f"{PRM + member} CONS (Wh)" for member in range(members))
    lines = (
        f"{at:%Y-%m-%dT%H:%MZ};" + ";".join(str(wh(n + m)) for m in range(members))
        for n, at in enumerate(starts(MONTH_BEGIN))
    )
    return "\n".join([f"Début;{names}", *lines]).encode()


def workbook() -> bytes:
    """The first table as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append(["Début", "CONS (kWh)", "AUTOCONS (kWh)"])
    for n, at in enumerate(starts()):
        local = at.astimezone(ZONE).replace(tzinfo=None)
        sheet.append([local, wh(n) / 1000, wh(n) / 2000])
    return _saved(book)


def walloon() -> bytes:
    """The three sheets of a Walloon grid operator, of two delivery points."""
    book = openpyxl.Workbook(write_only=True)
    for name in ("Brut Rep", "Partagé Rep", "Net Rep"):
        sheet = book.create_sheet(name)
        for row in (WALLOON, ["", f"5414489{PRM}"[:18], f"5414488{PRM}"[:18]]):
            sheet.append(row)
        sheet.append(["", "A+", "A-"])
        sheet.append(["", "kWh", "kWh"])
        for n, at in enumerate(starts()):
            local = at.astimezone(ZONE).replace(tzinfo=None)
            sheet.append([local, wh(n) / 1000, wh(n + 1) / 1000])
    return _saved(book)


def flow_json() -> bytes:
    """A flow R63 of one point."""
    points = [
        {"d": at.astimezone(ZONE).isoformat(), "v": str(wh(n)), "p": "PT15M", "iv": 0}
        for n, at in enumerate(starts())
    ]
    kind = {"grandeurMetier": "CONS", "grandeurPhysique": "PA", "unite": "W"}
    measure = {"idPrm": str(PRM), "grandeur": [kind | {"points": points}]}
    return json.dumps({"mesures": [measure]}).encode()


def flow_xml() -> bytes:
    """A flow R15 of 12 readings of 300 points, by four classes."""
    measure = "".join(
        "<Classe_Temporelle_Distributeur>"
        f"<Id_Classe_Temporelle>{name}</Id_Classe_Temporelle>"
        f"<Classe_Mesure>{kind}</Classe_Mesure><Unite_Mesure>kWh</Unite_Mesure>"
        "<Sens_Mesure>0</Sens_Mesure><Valeur>123</Valeur>"
        "</Classe_Temporelle_Distributeur>"
        for kind in (1, 2, 3, 4)
        for name in ("HPH", "HCH", "HPB", "HCB")
    )
    readings = "".join(
        f"<Donnees_Releve><Date_Releve>2026-{month:02}-01</Date_Releve>{measure}"
        "</Donnees_Releve>"
        for month in range(1, 13)
    )
    points = "".join(
        f"<PRM><Id_PRM>{PRM + member}</Id_PRM>{readings}</PRM>"
        for member in range(MEMBERS)
    )
    return f"<R15>{points}</R15>".encode()


def archive() -> bytes:
    """The table of all members, as a mail brings it: an archive in an archive."""
    return _zipped("envoi/export.zip", _zipped("courbes.csv", large()))


def large() -> bytes:
    """A month of all members, a line for each value: some 900 000."""
    return long(MEMBERS, MONTH_BEGIN)


def _zipped(name: str, body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, body)
    return file.getvalue()


def _saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


MAPPINGS: Final = {
    fingerprint(WALLOON): ColumnMapping({}, unit=Unit.KWH, is_end=False),
    fingerprint(("d", "v")): ColumnMapping({}, is_end=False),
}
CASES: Final[dict[str, tuple[Callable[[], bytes], float]]] = {
    "text, columns": (columns, BAR_S),
    "text, lines": (long, BAR_S),
    "workbook": (workbook, BAR_S),
    "Walloon workbook": (walloon, BAR_S),
    "R63": (flow_json, BAR_S),
    "R15, 300 members": (flow_xml, BAR_S),
    "text, columns, 300 members": (wide, BAR_LARGE_S),
    "text, lines, 300 members": (large, BAR_LARGE_S),
    "the same, packed twice": (archive, BAR_LARGE_S),
}


def measured(body: bytes) -> tuple[float, float, int]:
    """Seconds, further MB of memory, and values of reading a file."""
    # Linux forgets the highest memory so far, which was that of the file's making.
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_mb()
    begin = time.perf_counter()
    delivery = read("file", body, ZONE, mappings=MAPPINGS)
    seconds = time.perf_counter() - begin
    n_values = len(delivery.totals) + sum(
        block.n_steps * len(block.energies)
        for curve in delivery.curves
        for block in curve.blocks
    )
    return seconds, peak_mb() - before, n_values


def main() -> None:
    """Read a file of each kind, and print the cost beside its bars, which stop nothing."""
    rows = [("file", "MB", "values", "s", "bar", "memory MB", "bar")]
    for name, (written, bar_s) in CASES.items():
        body = written()
        # Spawned: a copy of this process would begin with its memory.
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            seconds, memory_mb, n_values = process.submit(measured, body).result()
        rows.append(
            (
                name,
                f"{len(body) / 1e6:.1f}",
                f"{n_values}",
                f"{seconds:.2f}",
                f"{bar_s:.0f}",
                f"{memory_mb:.0f}",
                f"{BAR_MB:.0f}",
            )
        )
    print("13 months of one member by quarter-hours, and a month of 300 members")
    print_table(rows)
    print()
    asyncio.run(bench(MONTHS))


if __name__ == "__main__":
    main()
