"""Read the flows R63 (curves), R64 (indexes) and R65 (energies of days) as JSON.

Not established: whether times of a curve are beginnings or ends, so that the days have to tell
it or somebody; and why a point's indexes come by several calendars, of which the grid
operator's own, `DI…`, is taken.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
import math
from typing import Final
from zoneinfo import ZoneInfo

from ..engine.blocks import Quantity
from ..engine.delivery import PeriodTotal, Repair
from .cells import plain
from .delivery_errors import DeliveryProblem
from .delivery_found import Found, Series
from .delivery_json import Node
from .delivery_layout import Mappings
from .delivery_mapping import ColumnMapping, MappingNeeded, Question, fingerprint
from .delivery_words import Column, is_reactive, minutes_of, quantity_of
from .times import label, read_moment
from .units import Unit, read_unit

_HEADER: Final = ("d", "v")
"""What a mapping of times is remembered by: all files of these flows have the same fields."""
_GRID_OPERATORS = "DI"
_DAY = "p1d"
_LONGEST_STEP = timedelta(hours=1)
"""Values that are further apart are no curve."""


def may_be_flow(body: bytes) -> bool:
    """Whether what is no sound JSON may have been meant as one of the flows."""
    return b'"mesures"' in body


def is_flow(nodes: Sequence[Node]) -> bool:
    """Whether objects look like one of the flows."""
    return all("mesures" in node.values for node in nodes)


def read(
    file: str, nodes: Sequence[Node], mappings: Mappings, time_zone: ZoneInfo
) -> Found:
    """Curves, and totals of days or between indexes. Raises DeliveryError."""
    told = mappings.get(fingerprint(_HEADER))
    found = Found(
        file,
        is_end=told.is_end if told else None,
        stamp_needed=MappingNeeded(
            file,
            fingerprint=fingerprint(_HEADER),
            header=_HEADER,
            rows=(),
            guess=ColumnMapping(
                dict(zip(_HEADER, (Column.TIME, Column.VALUE), strict=True))
            ),
            questions=[Question.STAMP],
        ),
    )
    flow = _Flow(found, time_zone)
    for node in nodes:
        for measure in node.nodes("mesures"):
            flow.add(measure)
    flow.add_indexes()
    return found


type _IndexKey = tuple[str, Quantity, str | None]


class _Flow:
    """What was read of the points so far."""

    def __init__(self, found: Found, time_zone: ZoneInfo) -> None:
        self.found = found
        self.time_zone = time_zone
        self.series: dict[tuple[str, Quantity, Unit], Series] = {}
        self.indexes = defaultdict[_IndexKey, dict[datetime, float]](dict)

    def add(self, measure: Node) -> None:
        """Add what is told of one point."""
        point = measure.needed("idPrm")
        for parent in (measure, *measure.nodes("contexte")):
            for kind in parent.nodes("grandeur"):
                physical = kind.text("grandeurPhysique")
                column = quantity_of(kind.needed("grandeurMetier"))
                if is_reactive(physical) or is_reactive(kind.text("unite")):
                    self.found.repairs[Repair.REACTIVE_LEFT] += 1
                elif physical.upper() not in {"EA", "PA", ""}:
                    raise kind.fault(
                        DeliveryProblem.QUANTITY_UNKNOWN, "grandeurPhysique", physical
                    )
                elif column is None or (quantity := column.quantity) is None:
                    raise kind.fault(
                        DeliveryProblem.QUANTITY_UNKNOWN,
                        "grandeurMetier",
                        kind.text("grandeurMetier"),
                    )
                else:
                    step = measure.text("pas") or parent.text("pas")
                    self.add_kind(kind, point, quantity, step)

    def add_kind(self, kind: Node, point: str, quantity: Quantity, step: str) -> None:
        unit = read_unit(kind.needed("unite"))
        if unit is None:
            raise kind.fault(DeliveryProblem.UNIT_UNKNOWN, "unite", kind.text("unite"))
        for node in kind.nodes("points"):
            self.add_point(node, point, quantity, unit, node.text("p") or step)
        values = list(kind.nodes("valeur"))
        if _is_curve(values):
            for node in values:
                self.add_point(node, point, quantity, unit, node.text("p") or step)
        else:
            self.add_index(values, (point, quantity, None), unit)
        for calendar in self.calendars(kind):
            for price_class in calendar.nodes("classeTemporelle"):
                key = (point, quantity, price_class.needed("idClasseTemporelle"))
                self.add_index(list(price_class.nodes("valeur")), key, unit)

    def calendars(self, kind: Node) -> Iterator[Node]:
        """The grid operator's calendar, or else the first: each tells all of the energy."""
        calendars = list(kind.nodes("calendrier"))
        own = [
            c for c in calendars if c.text("idCalendrier").startswith(_GRID_OPERATORS)
        ]
        kept = (own or calendars)[:1]
        if left := len(calendars) - len(kept):
            self.found.repairs[Repair.OTHER_CALENDAR_LEFT] += left
        yield from kept

    def add_point(
        self, node: Node, point: str, quantity: Quantity, unit: Unit, step: str
    ) -> None:
        """Add a value of a curve, or of a day."""
        value = node.energy("v")
        moment = _moment(node)
        if plain(step) == _DAY:
            if not math.isnan(value):
                self.add_total(node, point, quantity, moment.date(), value, unit)
            return
        minutes = minutes_of(step) if step else 0
        at = label(moment, self.time_zone)
        if minutes is None or at is None:
            problem = (
                DeliveryProblem.BAD_TIME if at is None else DeliveryProblem.STEP_UNKNOWN
            )
            raise node.fault(problem, "d" if at is None else "p", node.text("d"))
        key = (point, quantity, unit)
        if key not in self.series:
            self.series[key] = Series(*key)
            self.found.series.append(self.series[key])
        self.series[key].add(at, value, minutes * 60)

    def add_total(
        self,
        node: Node,
        point: str,
        quantity: Quantity,
        day: date,
        value: float,
        unit: Unit,
    ) -> None:
        wh = round(value * self.in_wh(node, unit), 6)
        self.found.totals.append(PeriodTotal(point, quantity, day, day, wh))

    def add_index(self, values: Sequence[Node], key: _IndexKey, unit: Unit) -> None:
        """Keep the states of a meter; told again, the later one counts."""
        for node in values:
            value = node.energy("v") * self.in_wh(node, unit)
            if not math.isnan(value):
                moment = _moment(node)
                if moment.tzinfo is None:
                    moment = moment.replace(tzinfo=self.time_zone)
                self.indexes[key][moment] = value

    def add_indexes(self) -> None:
        """Add the energies between states of meters that follow each other."""
        for (point, quantity, price_class), states in self.indexes.items():
            for (first, before), (last, after) in pairwise(sorted(states.items())):
                if after < before:
                    self.found.repairs[Repair.INDEX_FELL] += 1
                    continue
                wh = round(after - before, 6)
                self.found.totals.append(
                    PeriodTotal(
                        point,
                        quantity,
                        first.astimezone(UTC),
                        last.astimezone(UTC),
                        wh,
                        price_class,
                    )
                )

    def in_wh(self, node: Node, unit: Unit) -> int:
        if (in_wh := unit.in_wh) is None:
            raise node.fault(DeliveryProblem.UNIT_UNKNOWN, "v", unit)
        return in_wh


def _moment(node: Node) -> datetime:
    moment = read_moment(text := node.needed("d"))
    if moment is None:
        raise node.fault(DeliveryProblem.BAD_TIME, "d", text)
    return moment


def _is_curve(values: Sequence[Node]) -> bool:
    """Whether values follow each other within an hour, as no indexes do that are published."""
    if len(values) < 2:
        return False
    first, second = (_moment(node).replace(tzinfo=None) for node in values[:2])
    return abs(second - first) <= _LONGEST_STEP
