"""Read the workbook of a Walloon grid operator: what was drawn and injected, shared, and left.

Its header has four rows: what the columns hold, the EANs, and two more of which only the unit
is looked for. Established is what stands in docs/DELIVERIES.md, no more.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import Quantity
from ..engine.delivery import Repair
from .cells import plain, tidy, unmixed
from .delivery_errors import DeliveryError, DeliveryProblem
from .delivery_found import Found
from .delivery_layout import Layout, Mappings, Valued
from .delivery_mapping import ColumnMapping, MappingNeeded, Question, fingerprint
from .delivery_tables import read_laid_out
from .delivery_words import Column, Heading, point_in
from .units import Unit
from .workbooks import Sheet

N_HEADER: Final = 4
"""Rows before the data."""
_WITHDRAWAL, _INJECTION = "prelevement", "injection"
_SHEETS: Mapping[str, Mapping[str, Quantity | None]] = {
    "brut_rep": {
        _WITHDRAWAL: Quantity.CONSUMPTION,
        _INJECTION: Quantity.PRODUCTION,
    },
    # What a producer shared is what it injected less what is left, and has no word here.
    "partage_rep": {_WITHDRAWAL: Quantity.ALLOCATED, _INJECTION: None},
    "net_rep": {_WITHDRAWAL: Quantity.COMPLEMENT, _INJECTION: Quantity.SURPLUS},
}


def is_walloon(sheet: Sheet) -> bool:
    """Whether a sheet has one of the names by which the workbook is known."""
    return plain(unmixed(tidy(sheet.name))) in _SHEETS


def read(sheet: Sheet, mappings: Mappings, time_zone: ZoneInfo) -> Found:
    """What stands in one of the three sheets.

    Raises DeliveryError; MappingNeeded where nothing tells the unit.
    """
    formulas: list[str] = []
    lines = sheet.lines(formulas)
    rows = list(islice(lines, N_HEADER))
    if len(rows) < N_HEADER:
        raise DeliveryError(DeliveryProblem.NOTHING_IN_IT, file=sheet.file)
    top, eans = rows[0][1], rows[1][1]
    told = mappings.get(fingerprint(top))
    units = {unit for _, cells in rows for cell in cells if (unit := _unit(cell))}
    unit = (told and told.unit) or (units.pop() if len(units) == 1 else None)
    values = _values(sheet, top, eans, unit)

    def ask(question: Question) -> MappingNeeded:
        return MappingNeeded(
            sheet.file,
            fingerprint=fingerprint(top),
            header=top,
            rows=[cells for _, cells in rows[1:]],
            guess=ColumnMapping({Heading(top[0]).name: Column.TIME}, unit=unit),
            questions=[question],
        )

    if unit is None:
        raise ask(Question.UNIT)
    layout = Layout(
        # The last word of the first row may stand above several columns.
        header=(*top, *[""] * (len(eans) - len(top))),
        values=tuple(values),
        times=(0,),
        time_zone=time_zone,
        is_end=told.is_end if told else None,
        stamp_needed=ask(Question.STAMP),
    )
    found = read_laid_out(sheet.file, lines, layout)
    if formulas:
        found.repairs[Repair.FORMULAS] += 1
    return found


def _unit(cell: str) -> Unit | None:
    return Heading(cell).unit


def _values(
    sheet: Sheet, top: list[str], eans: list[str], unit: Unit | None
) -> list[Valued]:
    """The columns of energies; a word above several columns stands over the first of them."""
    quantities = _SHEETS[plain(unmixed(tidy(sheet.name)))]
    values = []
    side = ""
    for index in range(1, len(eans)):
        word = plain(unmixed(top[index])) if index < len(top) else ""
        side = next(
            (kind for kind in quantities if kind in word), side if not word else ""
        )
        point = point_in(eans[index].replace(" ", "")) or tidy(eans[index])
        if side and point and (quantity := quantities[side]):
            values.append(Valued(index, point, quantity, unit))
    if len({(v.point, v.quantity) for v in values}) < len(values):
        raise DeliveryError(
            DeliveryProblem.FIELD_WRONG, file=sheet.file, field=f"{sheet.name} EAN"
        )
    return values
