"""Read what the collective self-consumption API of Enedis answers on the energies of a point.

Only totals by class are documented, of the calendar DISTRIB; what else an answer may hold is
not established, and no guess leaves this file.
"""

from collections.abc import Sequence
import math

from ..engine.delivery import PeriodTotal, Repair
from .delivery_errors import DeliveryProblem
from .delivery_found import Found
from .delivery_json import Node
from .delivery_words import Column, quantity_of
from .units import read_unit

_POINTS = ("cons_id", "prod_id", "usage_point_id")
"""The first has been seen; the others are what a producer's answer may have."""
_CALENDAR = "DISTRIB"


def may_be_answer(body: bytes) -> bool:
    """Whether what is no sound JSON may have been meant as an answer."""
    return b'"quantities"' in body


def is_answer(nodes: Sequence[Node]) -> bool:
    """Whether objects look like answers."""
    return all("quantities" in node.values for node in nodes)


def read(file: str, nodes: Sequence[Node]) -> Found:
    """The totals of answers. Raises DeliveryError."""
    found = Found(file)
    for node in nodes:
        point = node.needed(*_POINTS)
        first, last = node.day("start", "startDate"), node.day("end", "endDate")
        unit = read_unit(node.needed("unit"))
        if unit is None or (in_wh := unit.in_wh) is None:
            raise node.fault(DeliveryProblem.UNIT_UNKNOWN, "unit", node.text("unit"))
        for kind in node.nodes("quantities"):
            column = quantity_of(kind.needed("type"))
            if column is None:
                raise kind.fault(
                    DeliveryProblem.QUANTITY_UNKNOWN, "type", kind.text("type")
                )
            if kind.text("calendar_type") not in {"", _CALENDAR}:
                found.repairs[Repair.OTHER_CALENDAR_LEFT] += 1
                continue
            if column is Column.LEFT or column.quantity is None:
                found.repairs[Repair.QUANTITY_LEFT] += 1
                continue
            for item in kind.nodes("quantities"):
                value = item.energy("value")
                if not math.isnan(value):
                    found.totals.append(
                        PeriodTotal(
                            point,
                            column.quantity,
                            first,
                            last,
                            round(value * in_wh, 6),
                            item.text("name") or None,
                        )
                    )
    return found
