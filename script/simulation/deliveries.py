"""A month of one home as each kind of organiser, grid operator or supplier hands it over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import io
import json
from typing import Any, Final
import zipfile

import openpyxl

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.indicators import WH_PER_KWH

from .village import TIME_ZONE

OTHER_POINT: Final = "99000000009999"
"""Somebody else's, in the files that have those of all members."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A file, or what somebody reads on a bill."""

    name: str
    body: bytes = b""
    bill: Mapping[str, Any] | None = None
    """What is typed, where there is no file."""
    in_kwh: bool = False
    """Whether it tells whole kWh only."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was settled, in whole Wh of each step."""

    point: str
    block: Block

    @property
    def steps(self) -> Iterator[tuple[datetime, int, int]]:
        """Local beginning, consumption and allocated energy of each step."""
        energies = zip(
            self.block.energies[Quantity.CONSUMPTION].tolist(),
            self.block.energies[Quantity.ALLOCATED].tolist(),
            strict=True,
        )
        for n, (consumption, allocated) in enumerate(energies):
            at = self.block.start + n * self.block.step
            yield at.astimezone(TIME_ZONE), int(consumption), int(allocated)

    @property
    def totals(self) -> tuple[int, int]:
        """Consumption and allocated energy in Wh."""
        rows = list(self.steps)
        return sum(row[1] for row in rows), sum(row[2] for row in rows)

    @property
    def days(self) -> tuple[str, str, str]:
        """First day, last day, and the first one after it."""
        first, after = (
            at.astimezone(TIME_ZONE).date() for at in (self.block.start, self.block.end)
        )
        last = after - timedelta(days=1)
        return first.isoformat(), last.isoformat(), after.isoformat()


def month_of(page: MonthPage, point: str) -> Month:
    """The settled month of a home, which has one block."""
    (block,) = page.blocks
    return Month(point, block)


def text(month: Month) -> HandedOver:
    """A table saved by a French spreadsheet: local time, decimal commas, a mark at its beginning."""
    lines = ["Début;CONS (kWh);AUTOCONS (kWh)"]
    lines += [
        f"{at:%d/%m/%Y %H:%M};{_comma(consumption)};{_comma(allocated)}"
        for at, consumption, allocated in month.steps
    ]
    return HandedOver("courbe.csv", "\r\n".join(lines).encode("utf-8-sig"))


def workbook(month: Month) -> HandedOver:
    """The same as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Courbe")
    sheet.append(["Début", "CONS (Wh)", "AUTOCONS (Wh)"])
    for at, consumption, allocated in month.steps:
        sheet.append([at.replace(tzinfo=None), consumption, allocated])
    return HandedOver("courbe.xlsx", _saved(book))


def walloon(month: Month) -> HandedOver:
    """The three sheets of a Walloon grid operator, of two delivery points."""
    book = openpyxl.Workbook(write_only=True)
    sheets = {
        "Brut Rep": [consumption for _, consumption, _ in month.steps],
        "Partagé Rep": [allocated for _, _, allocated in month.steps],
        "Net Rep": [
            consumption - allocated for _, consumption, allocated in month.steps
        ],
    }
    for name, energies in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(["", "Prélèvement", "Prélèvement"])
        sheet.append(["", month.point, OTHER_POINT])
        sheet.append(["", "A+", "A+"])
        sheet.append(["", "kWh", "kWh"])
        for (at, _, _), wh in zip(month.steps, energies, strict=True):
            sheet.append([at.replace(tzinfo=None), wh / WH_PER_KWH, 0.1])
    return HandedOver("repartition.xlsx", _saved(book))


def archive(month: Month) -> HandedOver:
    """As the grid operator's e-mail brings it: archives in each other, a curve of each kind."""
    points = [
        {"d": at.isoformat(), "v": str(consumption), "p": _iso(month.block.step)}
        for at, consumption, _ in month.steps
    ]
    kind = {"grandeurMetier": "CONS", "grandeurPhysique": "EA", "unite": "Wh"}
    measure = {"idPrm": month.point, "grandeur": [kind | {"points": points}]}
    lines = ["Identifiant PRM;Grandeur métier;Unité;Horodate de début;Valeur"]
    lines += [
        f"{month.point};AUTOCONS;Wh;{at.isoformat()};{allocated}"
        for at, _, allocated in month.steps
    ]
    inner = _zipped(
        {
            "R63_CONS.json": json.dumps({"mesures": [measure]}).encode(),
            "autocons.txt": "\n".join(lines).encode("cp1252"),
            "perimetre.csv": b"Nom;Commune\nDurand;Levroux\n",
        }
    )
    return HandedOver("donnees.zip", _zipped({"export.zip": inner}))


def flow_xml(month: Month) -> HandedOver:
    """A flow R15: sums between two readings, by class."""
    first, _, after = month.days
    consumption, allocated = month.totals

    def reading(day: str, *classes: tuple[int, int]) -> str:
        energies = "".join(
            "<Classe_Temporelle_Distributeur>"
            "<Id_Classe_Temporelle>BASE</Id_Classe_Temporelle>"
            f"<Classe_Mesure>{kind}</Classe_Mesure><Sens_Mesure>0</Sens_Mesure>"
            f"<Unite_Mesure>kWh</Unite_Mesure><Valeur>{kwh}</Valeur>"
            "</Classe_Temporelle_Distributeur>"
            for kind, kwh in classes
        )
        return (
            f"<Donnees_Releve><Date_Releve>{day}</Date_Releve>{energies}"
            "</Donnees_Releve>"
        )

    whole, part = round(consumption / WH_PER_KWH), round(allocated / WH_PER_KWH)
    readings = reading(first) + reading(after, (2, whole), (3, part), (4, whole - part))
    body = f"<R15><PRM><Id_PRM>{month.point}</Id_PRM>{readings}</PRM></R15>"
    return HandedOver("R15.xml", body.encode(), in_kwh=True)


def answer(month: Month) -> HandedOver:
    """What the grid operator's interface answers an organiser: sums over the month."""
    first, _, after = month.days
    consumption, allocated = month.totals
    sums = {
        "cons": consumption,
        "autocons": allocated,
        "complement": consumption - allocated,
    }
    told = {
        "cons_id": month.point,
        "start": first,
        "end": after,
        "unit": "Wh",
        "quantities": [
            {
                "type": kind,
                "calendar_type": "DISTRIB",
                "quantities": [{"name": "P", "value": wh}],
            }
            for kind, wh in sums.items()
        ],
    }
    return HandedOver("reponse.json", json.dumps(told).encode())


def bill(month: Month) -> HandedOver:
    """What a supplier's bill says."""
    first, last, _ = month.days
    consumption, allocated = month.totals
    return HandedOver(
        "a bill",
        bill={
            "first_day": first,
            "last_day": last,
            "allocated_kwh": allocated / WH_PER_KWH,
            "consumption_kwh": consumption / WH_PER_KWH,
        },
    )


KINDS: Final[tuple[Callable[[Month], HandedOver], ...]] = (
    text,
    workbook,
    walloon,
    archive,
    flow_xml,
    answer,
    bill,
)
"""One for each month, the oldest first."""


def _comma(wh: int) -> str:
    return f"{wh / WH_PER_KWH:.3f}".replace(".", ",")


def _iso(step: timedelta) -> str:
    return f"PT{step // timedelta(minutes=1)}M"


def _saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in files.items():
            packed.writestr(name, body)
    return file.getvalue()
