"""Read the flow R15: indexes and energies of delivery points at their readings, as XML.

What is not established stands in this file alone: `_QUANTITIES`, of classes that were only
inferred, and `Autoconsommation_Collective`, which is not looked at, as both of its values have
been seen on points that take part.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
import re
from typing import IO

from ..engine.blocks import Quantity
from ..engine.delivery import PeriodTotal, Repair
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import MAX_VALUES, Found
from .times import read_day, read_moment
from .units import Unit, read_unit
from .xml_pieces import pieces

_INDEX = "1"
_OF_PERIOD = "2"
_WITHDRAWN = "0"
_QUANTITIES: Mapping[str, Quantity | None] = {
    # By Classe_Mesure. Class 1 are indexes; of class 2 the side tells which quantity it is.
    "3": Quantity.ALLOCATED,  # "EA autoproduite", of a consumer; inferred
    "4": Quantity.COMPLEMENT,  # "EA alloproduite", of a consumer; inferred
    "5": None,  # "EA autoconsommée", what a producer gave: production less surplus; inferred
    "6": Quantity.SURPLUS,  # "EA surplus", of a producer; inferred
}
_FIELDS = {
    "Id_Classe_Temporelle",
    "Classe_Mesure",
    "Sens_Mesure",
    "Unite_Mesure",
    "Valeur",
}
_MOST_OF_POINT = 20_000
"""Readings and classes of one point: fifty years of days."""
_WHOLE = re.compile(r"[0-9]{1,12}")


def may_be_flow(body: bytes) -> bool:
    """Whether what is no sound XML may have been meant as a flow."""
    return b"R15" in body or b"Donnees_Releve" in body


def read(file: str, open_file: Callable[[], IO[bytes]]) -> Found:
    """The energies of a flow R15. Raises DeliveryError."""
    flow = _Flow(Found(file))
    with open_file() as stream:
        for _ in pieces(file, stream, flow):
            pass
    if not flow.has_readings:
        raise DeliveryError(DeliveryProblem.FORMAT_UNKNOWN, file=file)
    return flow.found


class _Flow:
    """The point and the reading in progress, and when the point was read before."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.has_readings = False
        self.point = ""
        self.readings: list[tuple[date, list[dict[str, str]]]] = []
        self.day_told = ""
        self.classes: list[dict[str, str]] = []
        self.inside: str | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "PRM":
                self.point, self.readings = "", []
            case "Donnees_Releve":
                self.day_told, self.classes, self.inside = "", [], None
            case "Classe_Temporelle_Distributeur" | "Classe_Temporelle":
                self.inside = name
                self.classes.append({})
                if len(self.classes) + len(self.readings) > _MOST_OF_POINT:
                    raise self.fault(DeliveryProblem.TOO_MANY_VALUES, "PRM")

    def end(self, name: str, text: str) -> None:
        match name:
            case "Id_PRM":
                self.point = text.strip()
            case "Classe_Temporelle":
                # The supplier's calendar tells the same energies by other classes.
                del self.classes[-1:]
                self.inside = None
                self.found.repairs[Repair.OTHER_CALENDAR_LEFT] += 1
            case "Classe_Temporelle_Distributeur":
                self.inside = None
            case "Donnees_Releve":
                self.has_readings = True
                self.readings.append((self.day(), self.classes))
            case "PRM":
                self.add_totals()
            case "Date_Releve":
                self.day_told = text.strip()
            case _ if self.inside and name in _FIELDS:
                self.classes[-1][name] = text.strip()

    def day(self) -> date:
        """When the reading was made: a day, or an instant in UTC."""
        text = self.field({"Date_Releve": self.day_told}, "Date_Releve")
        # A day may have an offset too; an instant may be as short.
        is_day = len(text) <= _DAY_WITH_OFFSET and text[10:11] not in {"T", " "}
        day = read_day(text[:10]) if is_day else None
        moment = None if day else read_moment(text)
        if day is None and moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.date()
        if day is None:
            raise self.fault(DeliveryProblem.BAD_TIME, "Date_Releve", text)
        return day

    def add_totals(self) -> None:
        """Add the energies of a point, each of the period since the reading before."""
        if not self.point and self.readings:
            raise self.fault(DeliveryProblem.FIELD_MISSING, "Id_PRM")
        previous: date | None = None
        for day, classes in sorted(
            self.readings, key=lambda reading: _order(reading[0])
        ):
            for fields in classes:
                self.add_total(fields, previous, day)
            previous = day

    def add_total(
        self, fields: Mapping[str, str], first: date | None, last: date
    ) -> None:
        kind = self.field(fields, "Classe_Mesure")
        if kind == _INDEX:
            return
        if kind == _OF_PERIOD:
            side = self.field(fields, "Sens_Mesure")
            quantity: Quantity | None = (
                Quantity.CONSUMPTION if side == _WITHDRAWN else Quantity.PRODUCTION
            )
        elif kind in _QUANTITIES:
            quantity = _QUANTITIES[kind]
        else:
            quantity = None
        if quantity is None:
            self.found.repairs[Repair.QUANTITY_LEFT] += 1
            return
        if read_unit(unit := self.field(fields, "Unite_Mesure")) is not Unit.KWH:
            raise self.fault(DeliveryProblem.UNIT_UNKNOWN, "Unite_Mesure", unit)
        value = self.field(fields, "Valeur")
        if not _WHOLE.fullmatch(value):
            negative = value.startswith("-") and _WHOLE.fullmatch(value[1:])
            raise self.fault(
                DeliveryProblem.NEGATIVE_ENERGY
                if negative
                else DeliveryProblem.BAD_NUMBER,
                "Valeur",
                value,
            )
        if len(self.found.totals) >= MAX_VALUES // 10:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.found.file)
        self.found.totals.append(
            PeriodTotal(
                self.point,
                quantity,
                first,
                last,
                int(value) * 1000.0,
                fields.get("Id_Classe_Temporelle") or None,
            )
        )

    def field(self, fields: Mapping[str, str], name: str) -> str:
        """A field that has to be there."""
        if not (text := fields.get(name, "")):
            raise self.fault(DeliveryProblem.FIELD_MISSING, name)
        return text

    def fault(
        self, problem: DeliveryProblem, field: str, found: str = ""
    ) -> DeliveryError:
        return DeliveryError(problem, file=self.found.file, field=field, found=found)


_DAY_WITH_OFFSET = len("2026-01-31+01:00")


def _order(day: date) -> str:
    """Days and instants in one order."""
    return datetime.isoformat(day) if isinstance(day, datetime) else day.isoformat()
