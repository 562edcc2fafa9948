"""Read who takes part in a study, and the scenarios that change it."""

from collections.abc import Sequence
import re

from ..engine.model import PlantKind, Role
from ..engine.study import Consumer, Producer, Scenario, StudyProblem
from .tables import Record, open_table, records

type People = tuple[tuple[Consumer, ...], tuple[Producer, ...]]
"""Who takes part, in the order of their curves."""


def read_people(
    file: str, body: bytes, consumers: Sequence[str], producers: Sequence[str]
) -> People:
    """Those that have a curve, with what a file says of some of them.

    Raises StudyError, also on lines about somebody who has no curve.
    """
    buying = {name: Consumer(name) for name in consumers}
    selling = {name: Producer(name) for name in producers}
    named: set[tuple[Role, str]] = set()
    for record in records(open_table(file, body), _COLUMNS, _FRENCH, {"id"}):
        side, name = _who(record, consumers, producers)
        if (side, name) in named:
            raise record.fault(StudyProblem.PARTICIPANT_TWICE, "id")
        named.add((side, name))
        for column in _OF_THE_OTHER_SIDE[side]:
            if record.text(column):
                raise record.fault(StudyProblem.BAD_VALUE, column)
        if side is Role.CONSUMER:
            buying[name] = _consumer(record)
        else:
            selling[name] = _producer(record, consumers)
    return tuple(buying.values()), tuple(selling.values())


def read_scenarios(
    file: str, body: bytes, consumers: Sequence[str], producers: Sequence[str]
) -> tuple[Scenario, ...]:
    """The scenarios of a file, in its order. Raises StudyError."""
    factors: dict[str, dict[Role, dict[str, float]]] = {}
    for record in records(
        open_table(file, body), _SCENARIO_COLUMNS, _FRENCH, {"scenario", "id", "factor"}
    ):
        scenario = record.needed("scenario", record.text("scenario") or None)
        side, name = _who(record, consumers, producers)
        changed = factors.setdefault(scenario, {Role.CONSUMER: {}, Role.PRODUCER: {}})[
            side
        ]
        if name in changed:
            raise record.fault(StudyProblem.PARTICIPANT_TWICE, "scenario")
        changed[name] = record.needed("factor", record.amount("factor"))
    return tuple(
        Scenario(name, changed[Role.CONSUMER], changed[Role.PRODUCER])
        for name, changed in factors.items()
    )


_OF_CONSUMERS = ("coefficient", "rank", "investment")
_OF_PRODUCERS = ("kwc", "kind", "behind")
_OF_THE_OTHER_SIDE = {Role.CONSUMER: _OF_PRODUCERS, Role.PRODUCER: _OF_CONSUMERS}
_COLUMNS = {"id", "side", *_OF_CONSUMERS, *_OF_PRODUCERS, "plan", "candidate"}
_SCENARIO_COLUMNS = {"scenario", "id", "side", "factor"}
_FRENCH = {
    "nom": "id",
    "cote": "side",
    "priorite": "rank",
    "investissement": "investment",
    "type": "kind",
    "derriere": "behind",
    "offre": "plan",
    "candidat": "candidate",
    "facteur": "factor",
}
_SIDES = {
    "consumer": Role.CONSUMER,
    "consommateur": Role.CONSUMER,
    "producer": Role.PRODUCER,
    "producteur": Role.PRODUCER,
}
KINDS = {kind.value: kind for kind in PlantKind} | {
    "solaire": PlantKind.SOLAR,
    "eolien": PlantKind.WIND,
    "hydraulique": PlantKind.HYDRO,
    "biomasse": PlantKind.BIOMASS,
    "autre": PlantKind.OTHER,
}
YES_OR_NO = {"yes": True, "oui": True, "no": False, "non": False}
_RANK = re.compile(r"[0-9]{1,6}")


def _who(
    record: Record, consumers: Sequence[str], producers: Sequence[str]
) -> tuple[Role, str]:
    """Whom a line is about, and on which side; it may leave out the only side there is."""
    name = record.needed("id", record.text("id") or None)
    sides = {
        side
        for side, names in ((Role.CONSUMER, consumers), (Role.PRODUCER, producers))
        if name in names
    }
    side = record.choice("side", _SIDES)
    if not sides or (side is not None and side not in sides):
        raise record.fault(StudyProblem.PARTICIPANT_UNKNOWN, "side")
    only = next(iter(sides)) if len(sides) == 1 else None
    return record.needed("side", side or only), name


def _consumer(record: Record) -> Consumer:
    return Consumer(
        id=record.text("id"),
        coefficient=record.part("coefficient"),
        rank=record.parsed("rank", _rank, StudyProblem.BAD_NUMBER),
        investment=record.amount("investment"),
        plan=record.text("plan") or None,
        candidate=record.choice("candidate", YES_OR_NO) or False,
    )


def _producer(record: Record, consumers: Sequence[str]) -> Producer:
    behind = record.text("behind") or None
    if behind is not None and behind not in consumers:
        raise record.fault(
            StudyProblem.PARTICIPANT_UNKNOWN, "behind", participant=behind
        )
    return Producer(
        id=record.text("id"),
        kind=record.choice("kind", KINDS) or PlantKind.SOLAR,
        peak_power_kw=record.amount("kwc"),
        behind=behind,
        plan=record.text("plan") or None,
        candidate=record.choice("candidate", YES_OR_NO) or False,
    )


def _rank(text: str) -> int | None:
    return int(text) if _RANK.fullmatch(text) else None
